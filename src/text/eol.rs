//! Line ends.

/// How a line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LineEnding {
    /// `\n`
    Lf,
    /// `\r\n`
    CrLf,
}

impl LineEnding {
    /// The kind that most lines of a text have; [`LineEnding::Lf`] where neither leads.
    pub fn of(text: &str) -> LineEnding {
        let bytes = text.as_bytes();
        if memchr::memchr(b'\r', bytes).is_none() {
            return LineEnding::Lf;
        }
        let (mut lf, mut crlf) = (0_usize, 0_usize);
        for at in memchr::memchr_iter(b'\n', bytes) {
            // The slice is in bounds, because `at` is a place in `bytes`.
            if bytes[..at].ends_with(b"\r") {
                crlf += 1;
            } else {
                lf += 1;
            }
        }
        if crlf > lf { LineEnding::CrLf } else { LineEnding::Lf }
    }

    /// The characters of the line end.
    pub fn as_str(self) -> &'static str {
        match self {
            LineEnding::Lf => "\n",
            LineEnding::CrLf => "\r\n",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_lines_decide() {
        assert_eq!(LineEnding::of(""), LineEnding::Lf);
        assert_eq!(LineEnding::of("a"), LineEnding::Lf);
        assert_eq!(LineEnding::of("a\r"), LineEnding::Lf);
        assert_eq!(LineEnding::of("a\r\n"), LineEnding::CrLf);
        assert_eq!(LineEnding::of("a\r\nb\n"), LineEnding::Lf);
        assert_eq!(LineEnding::of("\n\r\n\r\n"), LineEnding::CrLf);
        assert_eq!(LineEnding::CrLf.as_str(), "\r\n");
    }
}
