//! `# dockfix: format off` and `on`: regions that their author keeps from layout.
//!
//! Between instructions a region runs from the line that says `off` to the line that says `on`, or to the end of the
//! file; both lines, what they enclose and the line ends in it stay byte for byte. Among the lines of an instruction
//! it ends with the instruction at the latest, and a line break that touches it stays where it is.
//!
//! `# dockerfmt-ignore` and `# dprint-ignore` keep the instruction below them from layout.

use text_size::{TextRange, TextSize};

use crate::syntax::{Part, Placed, Pragma, SyntaxKind::COMMENT_LINE};

/// What a comment says of layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    On,
    Off,
}

/// Reads a comment line.
pub(super) fn read(comment: &str) -> Option<Format> {
    Format::of(Pragma::of(comment)?)
}

impl Format {
    fn of(pragma: Pragma<'_>) -> Option<Format> {
        let Pragma::Own { word: "format", rest } = pragma else { return None };
        match rest.split_ascii_whitespace().next() {
            Some("on") => Some(Format::On),
            Some("off") => Some(Format::Off),
            _ => None,
        }
    }
}

/// The regions between instructions, in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Regions(Vec<TextRange>);

impl Regions {
    /// Those of a file.
    pub(super) fn of(root: Placed<'_>) -> Regions {
        let (mut regions, mut open): (Vec<TextRange>, Option<TextSize>) = (Vec::new(), None);
        let mut next = false;
        for child in root.parts() {
            let token = match child {
                Part::Token(token) if token.kind() == COMMENT_LINE => token,
                Part::Node(node) if node.kind().is_instruction() => {
                    // What an open region holds already it holds to its end.
                    if std::mem::take(&mut next) && open.is_none() {
                        regions.push(node.text_range());
                    }
                    continue;
                }
                _ => continue,
            };
            let Some(pragma) = Pragma::of(token.text()) else { continue };
            next |= pragma == Pragma::KeepLayout;
            let range = token.text_range();
            match (Format::of(pragma), open) {
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

    #[test]
    fn the_instruction_below_is_kept() {
        let laid_out = |text: &str| {
            let parse = crate::syntax::parse(text);
            let pieces = crate::format::format(&parse, text, &crate::format::Options::default());
            let mut edits = crate::text::EditSet::default();
            assert!(pieces.into_iter().all(|it| edits.union(it.edits)));
            edits.apply(text)
        };
        assert_eq!(
            laid_out("from a\n# dockerfmt-ignore\n# x\nrun  b \\\n&& c\nrun  d\n"),
            "FROM a\n# dockerfmt-ignore\n# x\nrun  b \\\n&& c\nRUN d\n"
        );
        assert_eq!(
            laid_out("from a\n# dockfix: format off\n# dprint-ignore\nrun  b\n# dockfix: format on\nrun  d\n"),
            "FROM a\n# dockfix: format off\n# dprint-ignore\nrun  b\n# dockfix: format on\nRUN d\n"
        );
    }
}
