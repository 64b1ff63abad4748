//! Physical lines and the logical lines that BuildKit joins from them (BuildKit's `parser.go`).

use super::SyntaxKind::{self, *};

/// The longest line that BuildKit's scanner reads, in bytes, without the line break.
pub(crate) const MAX_LINE: usize = 65_535;

/// A physical line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line {
    /// Where it begins.
    pub(crate) start: usize,
    /// Where its text ends: before the line break, and before the carriage returns that BuildKit trims with it.
    pub(crate) text_end: usize,
    /// Where it ends, the line break included.
    pub(crate) end: usize,
}

impl Line {
    /// The line that begins at `start`, or `None` at the end of the text.
    pub(crate) fn at(text: &str, start: usize) -> Option<Line> {
        let rest = text.get(start..).filter(|it| !it.is_empty())?;
        let len = memchr::memchr(b'\n', rest.as_bytes()).map_or(rest.len(), |it| it + 1);
        let line = rest.get(..len)?;
        let trimmed = line.trim_end_matches(['\r', '\n']);
        Some(Line { start, text_end: start + trimmed.len(), end: start + len })
    }

    /// The text without the line break.
    pub(crate) fn text(self, text: &str) -> &str {
        &text[self.start..self.text_end]
    }

    /// Whether BuildKit's scanner refuses the line.
    pub(crate) fn too_long(self, text: &str) -> bool {
        if self.end - self.start <= MAX_LINE {
            return false;
        }
        let content = text[self.start..self.end].trim_end_matches('\n');
        content.len() > MAX_LINE && encoded_len(content) > MAX_LINE
    }
}

/// How many bytes of the file the text stands for: a byte that is not UTF-8 is a character of four here.
fn encoded_len(text: &str) -> usize {
    text.chars().map(|c| if crate::text::is_raw(c) { 1 } else { c.len_utf8() }).sum()
}

/// Where the escape character stands in `line` if the line goes on in the next one: the escape character is its
/// last but blanks, and is not itself preceded by one.
pub(crate) fn continuation(line: &str, escape: char) -> Option<usize> {
    let trimmed = line.trim_end_matches([' ', '\t']);
    let before = trimmed.strip_suffix(escape)?;
    (!before.ends_with(escape)).then_some(before.len())
}

/// Something that BuildKit drops between two parts of a logical line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trivia {
    /// Its place in the joined text: all of it stands before the byte at this offset.
    pub(crate) at: usize,
    /// What it is.
    pub(crate) kind: SyntaxKind,
    /// Where it begins in the file.
    pub(crate) start: usize,
    /// Where it ends in the file.
    pub(crate) end: usize,
}

/// An instruction as BuildKit joins it, and what was dropped in joining. One is read after the other into the same
/// memory.
#[derive(Debug, Default)]
pub(crate) struct LogicalLine<'t> {
    /// The joined text where one part is all of it.
    part: &'t str,
    /// The joined text where it has several.
    parts: String,
    /// The trivia between its parts, in order.
    pub(crate) trivia: Vec<Trivia>,
    /// Where it begins in the file.
    pub(crate) start: usize,
    /// Where it ends in the file, line breaks included.
    pub(crate) end: usize,
    /// A line that BuildKit's scanner refuses, if any.
    pub(crate) too_long: Option<Line>,
}

impl<'t> LogicalLine<'t> {
    /// The joined text, exactly what BuildKit's parser is given. It is not trimmed on the right.
    pub(crate) fn joined(&self) -> &str {
        if self.parts.is_empty() { self.part } else { &self.parts }
    }

    /// Reads the logical line whose first physical line is `first`, in place of the one before.
    pub(crate) fn read(&mut self, text: &'t str, first: Line, escape: char) {
        let content = first.text(text);
        let indent = content.len() - content.trim_start().len();
        self.part = "";
        self.parts.clear();
        self.trivia.clear();
        (self.start, self.end) = (first.start, first.end);
        self.too_long = first.too_long(text).then_some(first);
        if indent > 0 {
            self.drop(WHITESPACE, first.start, first.start + indent);
        }
        let mut open = self.take(text, Line { start: first.start + indent, ..first }, escape);
        while open {
            let Some(line) = Line::at(text, self.end) else {
                break;
            };
            self.end = line.end;
            if line.too_long(text) {
                self.too_long.get_or_insert(line);
            }
            let content = line.text(text).trim_start();
            if content.starts_with('#') {
                self.drop(COMMENT_LINE, line.start, line.end);
            } else if content.is_empty() {
                self.drop(EMPTY_LINE, line.start, line.end);
            } else {
                open = self.take(text, line, escape);
            }
        }
    }

    /// Appends a line's text; says whether the logical line goes on.
    fn take(&mut self, text: &'t str, line: Line, escape: char) -> bool {
        let content = line.text(text);
        let cut = continuation(content, escape);
        let kept = &content[..cut.unwrap_or(content.len())];
        if self.joined().is_empty() {
            self.part = kept;
        } else {
            if self.parts.is_empty() {
                self.parts.push_str(self.part);
            }
            self.parts.push_str(kept);
        }
        let rest = line.start + kept.len();
        if cut.is_some() {
            self.drop(CONTINUATION, rest, line.end);
        } else if rest < line.end {
            self.drop(NEWLINE, rest, line.end);
        }
        cut.is_some()
    }

    fn drop(&mut self, kind: SyntaxKind, start: usize, end: usize) {
        self.trivia.push(Trivia { at: self.joined().len(), kind, start, end });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str) -> String {
        let line = Line::at(text, 0).expect("the text is not empty");
        let mut logical = LogicalLine::default();
        logical.read(text, line, '\\');
        logical.joined().to_owned()
    }

    #[test]
    fn joins_as_buildkit_does() {
        assert_eq!(joined("RUN a \\\n# c\nRUN b\nX"), "RUN a RUN b");
        assert_eq!(joined("RUN ins\\\ntall  \\ \t\r\n  b"), "RUN install    b");
        assert_eq!(joined("RUN a \\\\\nb"), "RUN a \\\\");
        assert_eq!(joined("  \\\n RUN a \\\n\n  \\\nb"), " RUN a   b");
    }
}
