//! Offsets as lines and columns, and back.

use text_size::{TextRange, TextSize};

/// A line and a column in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineCol {
    /// The line, counted from 0.
    pub line: u32,
    /// The bytes before it on its line.
    pub col: u32,
}

/// Where the lines of a text begin. A line ends with its `\n`; a `\r` before that belongs to the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineIndex {
    /// The starts of all lines, in order. The first is 0, so there is always one.
    starts: Vec<TextSize>,
    /// The length of the text.
    len: TextSize,
}

impl LineIndex {
    /// Finds the lines of a text.
    pub fn new(text: &str) -> Self {
        let mut starts = vec![TextSize::from(0)];
        starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|it| offset(it + 1)));
        LineIndex { starts, len: offset(text.len()) }
    }

    /// How many lines there are. What follows the last `\n` is a line, even an empty one.
    #[cfg(test)]
    pub(crate) fn line_count(&self) -> usize {
        self.starts.len()
    }

    /// The line and column of an offset; of the end where the offset lies past it.
    pub fn line_col(&self, offset: TextSize) -> LineCol {
        let offset = offset.min(self.len);
        let line = self.starts.partition_point(|&start| start <= offset) - 1;
        // `starts` begins with 0, so that at least one start is not past the offset.
        let start = self.starts[line];
        LineCol { line: line as u32, col: (offset - start).into() }
    }

    /// The line and column of an offset as people count them: from 1, in characters.
    pub fn display(&self, offset: TextSize, text: &str) -> (usize, usize) {
        let LineCol { line, col } = self.line_col(offset);
        let end = usize::from(offset.min(self.len));
        let start = end - col as usize;
        let chars = match text.get(start..end) {
            Some(before) => before.chars().count(),
            // The offset splits a character, or belongs to another text.
            None => col as usize,
        };
        (line as usize + 1, chars + 1)
    }

    /// The offset of a line and column, unless it lies outside the text.
    pub fn offset(&self, place: LineCol) -> Option<TextSize> {
        let range = self.line_range(place.line as usize)?;
        let offset = range.start().checked_add(place.col.into())?;
        (offset <= range.end()).then_some(offset)
    }

    /// The range of a line, its line end included.
    pub fn line_range(&self, line: usize) -> Option<TextRange> {
        let start = *self.starts.get(line)?;
        let end = self.starts.get(line + 1).copied().unwrap_or(self.len);
        Some(TextRange::new(start, end))
    }
}

/// A place in a text, or a length, in bytes, as an offset. Texts that are longer than offsets reach are refused before
/// they come here.
pub fn offset(at: usize) -> TextSize {
    TextSize::new(u32::try_from(at).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn counts_bytes_from_zero_and_chars_from_one() {
        let text = "FROM a\n# ä€x\r\n\nRUN b";
        let index = LineIndex::new(text);
        assert_eq!(index.line_count(), 4);
        let at = TextSize::new(text.find('x').unwrap() as u32);
        assert_eq!(index.line_col(at), LineCol { line: 1, col: 7 });
        assert_eq!(index.display(at, text), (2, 5));
        assert_eq!(index.display(TextSize::of(text), text), (4, 6));
        assert_eq!(index.display(TextSize::new(999), text), (4, 6));
        assert_eq!(&text[index.line_range(1).unwrap()], "# ä€x\r\n");
        assert_eq!(&text[index.line_range(2).unwrap()], "\n");
        assert_eq!(index.line_range(4), None);
    }

    #[test]
    fn the_empty_text_has_a_line() {
        let index = LineIndex::new("");
        assert_eq!(index.line_count(), 1);
        assert_eq!(index.display(TextSize::new(0), ""), (1, 1));
    }

    #[test]
    fn places_outside_are_none() {
        let index = LineIndex::new("ab\nc");
        assert_eq!(index.offset(LineCol { line: 1, col: 1 }), Some(TextSize::new(4)));
        assert_eq!(index.offset(LineCol { line: 1, col: 2 }), None);
        assert_eq!(index.offset(LineCol { line: 2, col: 0 }), None);
        assert_eq!(index.offset(LineCol { line: 0, col: u32::MAX }), None);
    }

    proptest! {
        #[test]
        fn offset_inverts_line_col(text in "[a\r\nä]{0,30}") {
            let index = LineIndex::new(&text);
            for at in 0..=text.len() as u32 {
                let at = TextSize::new(at);
                prop_assert_eq!(index.offset(index.line_col(at)), Some(at));
            }
        }
    }
}
