//! The words of EXPOSE.

use std::ops::RangeInclusive;

/// A word of EXPOSE, taken apart: `host:from-to/protocol`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ports<'a> {
    /// An address and a port of the host, which say nothing in an image.
    pub host: Option<&'a str>,
    /// The ports as they are written.
    pub text: &'a str,
    /// The ports.
    pub range: RangeInclusive<u16>,
    /// The protocol as it is written, if it is.
    pub protocol: Option<&'a str>,
}

impl<'a> Ports<'a> {
    /// Reads a word without variables. `None` where it names no port.
    pub fn of(word: &'a str) -> Option<Ports<'a>> {
        let (ports, protocol) = word.split_once('/').map_or((word, None), |(ports, it)| (ports, Some(it)));
        let (host, text) = ports.rsplit_once(':').map_or((None, ports), |(host, it)| (Some(host), it));
        let (from, to) = text.split_once('-').unwrap_or((text, text));
        let (from, to) = (from.parse::<u16>().ok()?, to.parse::<u16>().ok()?);
        (from <= to).then_some(Ports { host, text, range: from..=to, protocol })
    }

    /// The protocol in lower case, also where none is written.
    pub fn known_protocol(&self) -> String {
        self.protocol.unwrap_or("tcp").to_lowercase()
    }

    /// Whether BuildKit takes the word: it looks at the protocol and, though it drops it, at what is said of the host.
    /// Addresses of version 6 are not looked into.
    pub fn is_sound(&self) -> bool {
        let protocol = matches!(self.known_protocol().as_str(), "tcp" | "udp" | "sctp");
        let Some(host) = self.host else { return protocol };
        let (address, port) = host.rsplit_once(':').map_or((None, host), |(address, port)| (Some(address), port));
        let (from, to) = port.split_once('-').unwrap_or((port, port));
        let count = match (port, from.parse::<u16>(), to.parse::<u16>()) {
            ("", ..) => address.is_some().then_some(self.range.len()),
            (_, Ok(from), Ok(to)) if from <= to => Some((from..=to).len()),
            _ => None,
        };
        // One port in the container may be mapped to any of a range.
        let fits = count.is_some_and(|it| it == self.range.len() || self.range.len() == 1);
        protocol && fits && address.is_none_or(|it| it.parse::<std::net::Ipv4Addr>().is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_words_apart() {
        let it = Ports::of("127.0.0.1:80:8080-8081/UDP").unwrap();
        assert_eq!((it.host, it.text, it.protocol), (Some("127.0.0.1:80"), "8080-8081", Some("UDP")));
        assert_eq!((it.range.clone(), it.known_protocol().as_str()), (8080..=8081, "udp"));
        assert_eq!(Ports::of("80").map(|it| it.known_protocol()).as_deref(), Some("tcp"));
        for word in ["", "a", "80:", "2-1", "70000", "80 ", "$A"] {
            assert_eq!(Ports::of(word), None, "{word}");
        }
    }

    #[test]
    fn knows_what_buildkit_takes() {
        let sound = |word: &str| Ports::of(word).is_some_and(|it| it.is_sound());
        for word in ["80", "80/TCP", "80:80", "1-2:80", "1-2:3-4", "127.0.0.1:80:80", "127.0.0.1::80", "80/sctp"] {
            assert!(sound(word), "{word}");
        }
        for word in ["80/http", "80/", ":80", "x:80", "1-3:3-4", "1.2.3:80:80", "a:80:80", "[::1]:80:80", "::80"] {
            assert!(!sound(word), "{word}");
        }
    }
}
