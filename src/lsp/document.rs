//! A document that the client has open.

use gen_lsp_types::TextDocumentContentChangeEvent as Change;

use super::position::Encoding;
use crate::text::LineIndex;

/// A version of a document.
#[derive(Debug, Clone)]
pub(super) struct Document {
    /// The client's number for it.
    pub(super) version: i32,
    /// Its text.
    pub(super) text: String,
    /// Its lines.
    pub(super) lines: LineIndex,
}

impl Document {
    pub(super) fn new(version: i32, text: String) -> Document {
        Document { version, lines: LineIndex::new(&text), text }
    }

    /// Applies changes one after the other, each to what the one before it left.
    pub(super) fn change(&mut self, version: i32, changes: Vec<Change>, encoding: Encoding) {
        for change in changes {
            match change {
                Change::TextDocumentContentChangePartial(change) => {
                    let range = encoding.text_range(&self.text, &self.lines, change.range);
                    self.text.replace_range(usize::from(range.start())..usize::from(range.end()), &change.text);
                }
                Change::TextDocumentContentChangeWholeDocument(change) => self.text = change.text,
            }
            self.lines = LineIndex::new(&self.text);
        }
        self.version = version;
    }
}

#[cfg(test)]
mod tests {
    use gen_lsp_types::{
        Position, Range, TextDocumentContentChangePartial as Partial, TextDocumentContentChangeWholeDocument as Whole,
    };

    use super::*;

    fn partial(from: (u32, u32), to: (u32, u32), text: &str) -> Change {
        let at = |(line, character)| Position { line, character };
        let range = Range { start: at(from), end: at(to) };
        Change::TextDocumentContentChangePartial(Partial { range, text: text.to_owned(), ..Partial::default() })
    }

    #[test]
    fn changes_follow_each_other() {
        let mut document = Document::new(1, "FROM a\nRUN 🐳b\n".to_owned());
        let changes = vec![partial((1, 4), (1, 6), "x\ny"), partial((2, 1), (2, 1), "z"), partial((9, 9), (9, 9), "!")];
        document.change(2, changes, Encoding::Utf16);
        assert_eq!((document.version, document.text.as_str()), (2, "FROM a\nRUN x\nyzb\n!"));
        let whole = Whole { text: "FROM b".to_owned() };
        document.change(3, vec![Change::TextDocumentContentChangeWholeDocument(whole)], Encoding::Utf16);
        assert_eq!((document.text.as_str(), document.lines.line_count()), ("FROM b", 1));
    }
}
