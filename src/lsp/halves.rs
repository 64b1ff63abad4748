//! Halves of characters: UTF-16 needs two units for some, and a client that counts them may send or delete one alone.
//!
//! A text of Rust can't hold a half. On the way from a message to its document it is two characters, a [`MARK`] and one
//! that says which half; the document then counts in units for as long as one stays alone.

/// Stands before a half. It is no character, and so in no text of anybody's.
const MARK: char = '\u{FFFE}';

/// A half `D800 + n` is `E000 + n` behind the mark.
const SHIFT: u16 = 0x800;

/// The body of a message in JSON with all halves that stand alone so written; `None` where there are none.
pub(super) fn kept(body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len());
    let (mut at, mut found) = (0, false);
    while let Some(&byte) = body.get(at) {
        let rest = &body[at..];
        let (half, len) = match (byte, escape(rest)) {
            (b'\\', Some(unit @ 0xD800..=0xDFFF)) => {
                let next = rest.get(6..).and_then(escape);
                let is_whole = unit < 0xDC00 && next.is_some_and(|it| (0xDC00..=0xDFFF).contains(&it));
                if is_whole { (None, 12) } else { (Some(unit), 6) }
            }
            (b'\\', Some(_)) => (None, 6),
            // Whatever else is escaped is no beginning of an escape itself.
            (b'\\', None) => (None, 2),
            // Some write a half as if UTF-8 had one.
            (0xED, _) => match rest {
                [_, second @ 0xA0..=0xBF, third @ 0x80..=0xBF, ..] => {
                    (Some(0xD000 | u16::from(second & 0x3F) << 6 | u16::from(third & 0x3F)), 3)
                }
                _ => (None, 1),
            },
            _ => (None, 1),
        };
        match half {
            Some(unit) => {
                found = true;
                out.extend(MARK.to_string().bytes());
                out.extend(format!("\\u{:04x}", unit + SHIFT).bytes());
            }
            None => out.extend(rest.iter().take(len)),
        }
        at += len;
    }
    found.then_some(out)
}

/// The unit that an escape of four digits at the beginning stands for.
fn escape(body: &[u8]) -> Option<u16> {
    let digits = body.strip_prefix(b"\\u")?.get(..4)?;
    let digits = digits.iter().all(u8::is_ascii_hexdigit).then(|| str::from_utf8(digits).ok())??;
    u16::from_str_radix(digits, 16).ok()
}

/// Whether a text of a message has halves.
pub(super) fn any(text: &str) -> bool {
    text.contains(MARK)
}

/// The units of a text of a message.
pub(super) fn units(text: &str) -> Vec<u16> {
    let mut out = Vec::with_capacity(text.len());
    let mut units = text.encode_utf16().peekable();
    while let Some(unit) = units.next() {
        let half = units.next_if(|it| unit == MARK as u16 && (0xE000..0xE800).contains(it));
        out.push(half.map_or(unit, |it| it - SHIFT));
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn read(body: &[u8]) -> Option<Vec<u16>> {
        kept(body).map(|it| units(&serde_json::from_slice::<String>(&it).unwrap()))
    }

    #[test]
    fn halves_come_through() {
        assert_eq!(read(br#""a\ud83db""#).unwrap(), [0x61, 0xD83D, 0x62]);
        assert_eq!(read(br#""\udc33\ud83d""#).unwrap(), [0xDC33, 0xD83D]);
        assert_eq!(read(br#""\uD83D\uD83D\uDC33""#).unwrap(), [0xD83D, 0xD83D, 0xDC33]);
        assert_eq!(read(b"\"\xED\xA0\xBD\xED\xB0\xB3\"").unwrap(), [0xD83D, 0xDC33]);
    }

    #[test]
    fn what_has_none_is_left_alone() {
        assert_eq!(kept(br#""\\ud83d \ud83d\udc33 \u00e4 \"""#), None);
        assert_eq!(kept("\"🐳 \u{D7FF}\"".as_bytes()), None);
        assert_eq!(kept(b"\"\\"), None);
        assert_eq!(kept(b"\"\\u\xFF"), None);
        assert_eq!(units("a🐳\u{FFFE}"), [0x61, 0xD83D, 0xDC33, 0xFFFE]);
    }
}
