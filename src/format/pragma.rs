//! `# dockfix: format off` and `on`: regions that their author keeps from layout.
//!
//! Between instructions a region runs from the line that says `off` to the line that says `on`, or to the end of the
//! file; both lines, what they enclose and the line ends in it stay byte for byte. Among the lines of an instruction
//! it ends with the instruction at the latest, and a line break that touches it stays where it is.

use text_size::{TextRange, TextSize};

use crate::syntax::{Parse, SyntaxKind::COMMENT_LINE};

/// What a comment says of layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    On,
    Off,
}

/// Reads a comment line.
pub(super) fn read(comment: &str) -> Option<Format> {
    let text = comment.trim().strip_prefix('#')?.trim_start().strip_prefix("dockfix:")?;
    let mut words = text.split_ascii_whitespace();
    match (words.next()?, words.next()?) {
        ("format", "on") => Some(Format::On),
        ("format", "off") => Some(Format::Off),
        _ => None,
    }
}

/// The regions between instructions, in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Regions(Vec<TextRange>);

impl Regions {
    pub(super) fn of(parse: &Parse) -> Regions {
        let root = parse.file().syntax().clone();
        let (mut regions, mut open): (Vec<TextRange>, Option<TextSize>) = (Vec::new(), None);
        for token in root.children_with_tokens().filter_map(|it| it.into_token()) {
            if token.kind() != COMMENT_LINE {
                continue;
            }
            let range = token.text_range();
            match (read(token.text()), open) {
                (Some(Format::Off), None) => open = Some(range.start()),
                (Some(Format::On), Some(start)) => {
                    regions.push(TextRange::new(start, range.end()));
                    open = None;
                }
                _ => {}
            }
        }
        regions.extend(open.map(|start| TextRange::new(start, root.text_range().end())));
        Regions(regions)
    }

    /// Whether a line of the file is in a region.
    pub(super) fn hold(&self, line: TextRange) -> bool {
        let at = self.0.partition_point(|it| it.end() <= line.start());
        self.0.get(at).is_some_and(|it| it.contains_range(line))
    }

    /// Whether a region reaches the end of the text.
    pub(super) fn reach(&self, end: TextSize) -> bool {
        self.0.last().is_some_and(|it| it.end() == end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_is_for() {
        assert_eq!(read("  #dockfix:format   off\r\n"), Some(Format::Off));
        assert_eq!(read("# dockfix: format on again"), Some(Format::On));
        assert_eq!(read("# dockfix: format offside"), None);
        assert_eq!(read("# dockfix: ignore"), None);
    }
}
