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
        if !text.contains('\r') {
            return LineEnding::Lf;
        }
        let (mut lf, mut crlf) = (0_usize, 0_usize);
        for (at, _) in text.match_indices('\n') {
            // A match begins at a character's place.
            if text[..at].ends_with('\r') {
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
