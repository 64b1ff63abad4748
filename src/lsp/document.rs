//! A document that the client has open.

use gen_lsp_types::{Position, Range};
use serde::Deserialize;
use serde_json::Value;
use text_size::TextSize;

use super::{halves, position::Encoding};
use crate::text::{LineIndex, offset};

/// What `textDocument/didChange` says. The types made from the protocol take a change whose range can't be read for one
/// of the whole text.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Changed {
    pub(super) text_document: Identifier,
    content_changes: Vec<Change>,
}

/// Which document it is, and which version of it.
#[derive(Debug, Deserialize)]
pub(super) struct Identifier {
    pub(super) uri: String,
    /// Some clients send none.
    #[serde(default)]
    version: Value,
}

/// A change: of a range, or the whole text.
#[derive(Debug, Deserialize)]
struct Change {
    #[serde(default)]
    range: Option<Range>,
    text: String,
}

/// Why a document with a carriage return by itself is left alone.
pub(super) const LONE_RETURN: &str =
    "there is a carriage return in it that no line feed follows, of which editors make different things";

/// A version of a document.
#[derive(Debug, Clone)]
pub(super) struct Document {
    /// The client's number for it.
    pub(super) version: i32,
    /// Its text.
    pub(super) text: String,
    /// Its lines.
    pub(super) lines: LineIndex,
    /// The text in UTF-16 as long as that has half of a character, in whose place [`Document::text`] has another.
    units: Option<Vec<u16>>,
    /// Whether a change was not understood, so that the client's text is another.
    is_lost: bool,
    /// Where the first carriage return is that no line feed follows. The protocol calls it a line end, most editors and
    /// this program don't: no place behind it is certain.
    lone_return: Option<TextSize>,
}

impl Document {
    pub(super) fn new(version: i32, text: String) -> Document {
        let lines = LineIndex::new("");
        let mut document =
            Document { version, text: String::new(), lines, units: None, is_lost: false, lone_return: None };
        document.set(text);
        document
    }

    /// Applies changes one after the other, each to what the one before it left.
    pub(super) fn change(&mut self, changed: Changed, encoding: Encoding) {
        for Change { range, text } in changed.content_changes {
            match range {
                Some(range) => self.replace(range, text, encoding),
                None => self.set(text),
            }
        }
        let version = changed.text_document.version.as_i64().and_then(|it| i32::try_from(it).ok());
        self.version = version.unwrap_or(self.version.saturating_add(1));
    }

    /// A change was not understood.
    pub(super) fn lose(&mut self) {
        self.is_lost = true;
    }

    /// Whether its text is the client's.
    pub(super) fn is_sure(&self) -> bool {
        !self.is_lost && self.units.is_none()
    }

    /// Whether it has a carriage return by itself.
    pub(super) fn has_lone_return(&self) -> bool {
        self.lone_return.is_some()
    }

    /// Why nothing can be done with it, if that is so.
    pub(super) fn hindrance(&self) -> Option<&'static str> {
        if self.is_lost {
            Some("a change was not understood; nothing is done until the whole text comes anew")
        } else if self.units.is_some() {
            Some("there is half of a character in it")
        } else {
            self.lone_return.map(|_| LONE_RETURN)
        }
    }

    /// Takes the whole text.
    fn set(&mut self, text: String) {
        self.is_lost = false;
        match halves::any(&text) {
            true => self.set_units(halves::units(&text)),
            false => self.set_text(text, None),
        }
    }

    fn set_units(&mut self, units: Vec<u16>) {
        match String::from_utf16(&units) {
            Ok(text) => self.set_text(text, None),
            Err(_) => self.set_text(String::from_utf16_lossy(&units), Some(units)),
        }
    }

    fn set_text(&mut self, text: String, units: Option<Vec<u16>>) {
        self.text = text;
        self.units = units;
        self.look();
    }

    /// Finds the lines of a new text.
    fn look(&mut self) {
        self.lines = LineIndex::new(&self.text);
        let bytes = self.text.as_bytes();
        let alone = memchr::memchr_iter(b'\r', bytes).find(|at| bytes.get(at + 1) != Some(&b'\n'));
        self.lone_return = alone.map(offset);
    }

    fn replace(&mut self, range: Range, new: String, encoding: Encoding) {
        let splits = |at| encoding.splits(&self.text, &self.lines, at);
        let end = encoding.text_range(&self.text, &self.lines, range).end();
        if self.lone_return.is_some_and(|it| it < end) {
            return self.lose();
        }
        let has_half = self.units.is_some() || halves::any(&new) || splits(range.start) || splits(range.end);
        match has_half {
            false => {
                let range = encoding.text_range(&self.text, &self.lines, range);
                self.text.replace_range(usize::from(range.start())..usize::from(range.end()), &new);
                self.look();
            }
            true if encoding == Encoding::Utf16 => {
                let mut units = self.units.take().unwrap_or_else(|| self.text.encode_utf16().collect());
                let (start, end) = (unit_offset(&units, range.start), unit_offset(&units, range.end));
                units.splice(start.min(end)..start.max(end), halves::units(&new));
                self.set_units(units);
            }
            // What half of a character counts for is nowhere said.
            true => self.lose(),
        }
    }
}

/// The offset of a place in UTF-16, as [`Encoding::offset`] has it.
fn unit_offset(units: &[u16], at: Position) -> usize {
    let (lf, cr) = (u16::from(b'\n'), u16::from(b'\r'));
    let Some(line) = units.split_inclusive(|it| *it == lf).nth(at.line as usize) else {
        return units.len();
    };
    let before: usize = units.split_inclusive(|it| *it == lf).take(at.line as usize).map(<[u16]>::len).sum();
    let line = line.strip_suffix(&[lf]).map_or(line, |it| it.strip_suffix(&[cr]).unwrap_or(it));
    before + line.len().min(at.character as usize)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    fn partial(from: (u32, u32), to: (u32, u32), text: &str) -> Value {
        let at = |(line, character)| json!({ "line": line, "character": character });
        json!({ "range": { "start": at(from), "end": at(to) }, "text": text })
    }

    fn changed(version: i32, changes: &[Value]) -> Changed {
        let document = json!({ "uri": "file:///a", "version": version });
        serde_json::from_value(json!({ "textDocument": document, "contentChanges": changes })).unwrap()
    }

    #[test]
    fn changes_follow_each_other() {
        let mut document = Document::new(1, "FROM a\nRUN 🐳b\n".to_owned());
        let changes = [partial((1, 4), (1, 6), "x\ny"), partial((2, 1), (2, 1), "z"), partial((9, 9), (9, 9), "!")];
        document.change(changed(2, &changes), Encoding::Utf16);
        assert_eq!((document.version, document.text.as_str()), (2, "FROM a\nRUN x\nyzb\n!"));
        document.change(changed(3, &[json!({ "text": "FROM b" })]), Encoding::Utf16);
        assert_eq!((document.text.as_str(), document.lines.line_count()), ("FROM b", 1));
    }

    #[test]
    fn halves_of_a_character_become_one() {
        let [high, low] = ["\u{FFFE}\u{E03D}", "\u{FFFE}\u{E433}"];
        let mut document = Document::new(1, "FROM a\r\nRUN  x\r\n".to_owned());
        document.change(changed(2, &[partial((1, 4), (1, 99), high)]), Encoding::Utf16);
        assert_eq!((document.text.as_str(), document.is_sure()), ("FROM a\r\nRUN \u{FFFD}\r\n", false));
        document.change(changed(3, &[partial((1, 5), (1, 5), low), partial((0, 5), (0, 6), "b")]), Encoding::Utf16);
        assert_eq!((document.text.as_str(), document.is_sure()), ("FROM b\r\nRUN 🐳\r\n", true));
        // And one is halved: the other half is the client's still.
        document.change(changed(4, &[partial((1, 5), (1, 6), "")]), Encoding::Utf16);
        assert!(!document.is_sure());
        document.change(changed(5, &[partial((1, 4), (1, 5), "y")]), Encoding::Utf16);
        assert_eq!((document.text.as_str(), document.is_sure()), ("FROM b\r\nRUN y\r\n", true));
        document.change(changed(6, &[partial((1, 4), (1, 5), high)]), Encoding::Utf8);
        assert!(!document.is_sure());
        document.change(changed(7, &[json!({ "text": "FROM c" })]), Encoding::Utf8);
        assert!(document.is_sure());
    }

    #[test]
    fn no_place_behind_a_lone_return_is_certain() {
        let mut document = Document::new(1, "FROM a\r\nRUN a\rb\n".to_owned());
        assert!(document.has_lone_return() && document.is_sure());
        document.change(changed(2, &[partial((1, 5), (1, 5), "x"), partial((0, 5), (0, 6), "b")]), Encoding::Utf16);
        assert_eq!((document.text.as_str(), document.is_sure()), ("FROM b\r\nRUN ax\rb\n", true));
        document.change(changed(3, &[partial((2, 0), (2, 1), "y")]), Encoding::Utf16);
        assert!(!document.is_sure());
        document.change(changed(4, &[json!({ "text": "FROM a\r\n" })]), Encoding::Utf16);
        assert!(!document.has_lone_return() && document.hindrance().is_none());
    }
}
