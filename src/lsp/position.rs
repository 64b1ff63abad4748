//! Places as the client counts them.

use gen_lsp_types::{Position, PositionEncodingKind, Range};
use text_size::{TextRange, TextSize};

use crate::text::{self, LineCol, LineIndex};

/// What a character of a line counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16,
    Utf32,
}

impl Encoding {
    /// The one that costs least of those that a client understands; UTF-16 where it names none, as the protocol says.
    pub(super) fn of(offered: &[PositionEncodingKind]) -> Encoding {
        if offered.contains(&PositionEncodingKind::UTF8) {
            Encoding::Utf8
        } else if offered.contains(&PositionEncodingKind::UTF32) {
            Encoding::Utf32
        } else {
            Encoding::Utf16
        }
    }

    /// Its name.
    pub(super) fn kind(self) -> PositionEncodingKind {
        match self {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
            Encoding::Utf32 => PositionEncodingKind::UTF32,
        }
    }

    fn len(self, c: char) -> u32 {
        match self {
            Encoding::Utf8 => c.len_utf8() as u32,
            Encoding::Utf16 => c.len_utf16() as u32,
            Encoding::Utf32 => 1,
        }
    }

    /// The offset of a place. One past the end of its line is that end, as the protocol says; one past the last line is
    /// the end of the text; one inside a character is the character's start.
    pub(super) fn offset(self, text: &str, lines: &LineIndex, at: Position) -> TextSize {
        let Some(range) = lines.line_range(at.line as usize) else {
            return TextSize::of(text);
        };
        let line = slice(text, range);
        let line = line.strip_suffix('\n').map_or(line, |it| it.strip_suffix('\r').unwrap_or(it));
        let (mut left, mut offset) = (at.character, 0);
        for c in line.chars() {
            let len = self.len(c);
            if left < len {
                break;
            }
            left -= len;
            offset += c.len_utf8();
        }
        range.start() + text::offset(offset)
    }

    /// Whether a place is inside a character.
    pub(super) fn splits(self, text: &str, lines: &LineIndex, at: Position) -> bool {
        let offset = self.offset(text, lines, at);
        let before = self.position(text, lines, offset);
        let next = text.get(usize::from(offset)..).and_then(|it| it.chars().next());
        before.line == at.line && before.character < at.character && next.is_some_and(|it| self.len(it) > 1)
    }

    /// The place of an offset.
    pub(super) fn position(self, text: &str, lines: &LineIndex, offset: TextSize) -> Position {
        let LineCol { line, col } = lines.line_col(offset);
        let end = offset.min(TextSize::of(text));
        let before = slice(text, TextRange::new(end - TextSize::new(col), end));
        let character = if self == Encoding::Utf8 { col } else { before.chars().map(|it| self.len(it)).sum() };
        Position { line, character }
    }

    /// Says the places of offsets that come in the order of the text.
    pub(super) fn in_order<'t>(self, text: &'t str, lines: &'t LineIndex) -> InOrder<'t> {
        InOrder { encoding: self, text, lines, at: TextSize::new(0), place: Position { line: 0, character: 0 } }
    }

    /// The places of a range.
    pub(super) fn range(self, text: &str, lines: &LineIndex, range: TextRange) -> Range {
        Range { start: self.position(text, lines, range.start()), end: self.position(text, lines, range.end()) }
    }

    /// The range between two places, in whichever order they come.
    pub(super) fn text_range(self, text: &str, lines: &LineIndex, range: Range) -> TextRange {
        let (start, end) = (self.offset(text, lines, range.start), self.offset(text, lines, range.end));
        TextRange::new(start.min(end), start.max(end))
    }
}

/// Places one behind another: of a long line only what lies between two of them is looked at.
pub(super) struct InOrder<'t> {
    encoding: Encoding,
    text: &'t str,
    lines: &'t LineIndex,
    /// The last offset, and its place.
    at: TextSize,
    place: Position,
}

impl InOrder<'_> {
    /// The places of a range that does not begin before the end of the last one.
    pub(super) fn range(&mut self, range: TextRange) -> Range {
        Range { start: self.position(range.start()), end: self.position(range.end()) }
    }

    fn position(&mut self, offset: TextSize) -> Position {
        let line = self.lines.line_col(offset).line;
        self.place = match line == self.place.line && self.at <= offset {
            true => {
                let between = slice(self.text, TextRange::new(self.at, offset));
                let more: u32 = between.chars().map(|it| self.encoding.len(it)).sum();
                Position { line, character: self.place.character + more }
            }
            false => self.encoding.position(self.text, self.lines, offset),
        };
        self.at = offset;
        self.place
    }
}

/// The text of a range; nothing where it lies outside or splits a character.
fn slice(text: &str, range: TextRange) -> &str {
    text.get(usize::from(range.start())..usize::from(range.end())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    const ALL: [Encoding; 3] = [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32];

    #[test]
    fn characters_count_for_what_the_encoding_says() {
        let text = "a\nä🐳x\r\n";
        let lines = LineIndex::new(text);
        let at = TextSize::new(text.find('x').unwrap() as u32);
        let columns = ALL.map(|it| it.position(text, &lines, at).character);
        assert_eq!(columns, [6, 3, 2]);
    }

    #[test]
    fn places_outside_are_the_nearest_inside() {
        let text = "ab\r\nä🐳";
        let lines = LineIndex::new(text);
        let offset = |line, character| Encoding::Utf16.offset(text, &lines, Position { line, character });
        assert_eq!(offset(0, 99), TextSize::new(2));
        assert_eq!(offset(1, 2), TextSize::new(6));
        assert_eq!(offset(9, 0), TextSize::of(text));
        let splits = |line, character| Encoding::Utf16.splits(text, &lines, Position { line, character });
        assert!(splits(1, 2));
        assert!(!splits(0, 99) && !splits(1, 1) && !splits(1, 3) && !splits(1, 99) && !splits(9, 9));
    }

    proptest! {
        #[test]
        fn offset_inverts_position(text in "[a\nä🐳]{0,20}") {
            let lines = LineIndex::new(&text);
            let mut in_order = ALL.map(|it| it.in_order(&text, &lines));
            for (at, _) in text.char_indices() {
                let at = TextSize::new(at as u32);
                for (encoding, in_order) in ALL.iter().zip(&mut in_order) {
                    prop_assert_eq!(in_order.position(at), encoding.position(&text, &lines, at));
                    prop_assert_eq!(encoding.offset(&text, &lines, encoding.position(&text, &lines, at)), at);
                }
            }
        }
    }
}
