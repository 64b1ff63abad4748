//! A gap: the trivia between two significant tokens of an instruction, and what it becomes.

use std::ops::Range;

use text_size::{TextRange, TextSize};

use super::{Indent, Options, page::Page, pragma};
use crate::syntax::{SyntaxKind::*, Token};

/// A line of its own inside a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// A comment, without the blanks around it.
    Comment(&'a str),
    /// A lone escape character: the paragraphs of official images.
    Lone,
}

/// Where a line begins: so many levels, and so many columns beyond them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Place {
    level: u32,
    /// Columns beyond the level, with which things are aligned; with tabs they are one tab more.
    columns: u32,
}

/// The columns of a tab.
const TAB: usize = 4;

/// A number of something that is in a text, which is shorter than 4 GiB.
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl Place {
    pub(super) fn level(level: usize) -> Place {
        Place { level: small(level), columns: 0 }
    }

    pub(super) fn column(columns: usize) -> Place {
        Place { level: 0, columns: small(columns) }
    }

    /// Appends the white space itself.
    fn push_to(self, out: &mut String, options: &Options) {
        let (blank, count) = match options.indent {
            Indent::Spaces(_) => (' ', self.width(options)),
            Indent::Tab => ('\t', self.width(options) / TAB),
        };
        out.extend(std::iter::repeat_n(blank, count));
    }

    /// The columns that it takes, a tab for four.
    pub(super) fn width(self, options: &Options) -> usize {
        let (level, columns) = (self.level as usize, self.columns as usize);
        match options.indent {
            Indent::Spaces(width) => usize::from(width) * level + columns,
            Indent::Tab => TAB * (level + usize::from(columns > 0)),
        }
    }
}

/// What a gap is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    /// What it is.
    Keep,
    /// Nothing.
    Nothing,
    /// One blank.
    Blank,
    /// A line break.
    Break,
    /// What BuildKit joins of it stays byte for byte, and so do its line breaks; white space may move over those.
    Joined,
}

/// The trivia between two significant tokens.
#[derive(Debug, Clone)]
pub(super) struct Gap {
    pub(super) range: TextRange,
    /// Whether a line ends in it.
    pub(super) broken: bool,
    /// Whether there is a blank in what BuildKit joins of it.
    pub(super) blank: bool,
    /// Whether it is in a region that its author keeps from layout.
    pub(super) frozen: bool,
    /// Whether white space in it must not go.
    pub(super) parts: bool,
    /// The white space before the first line break.
    before: TextRange,
    /// The white space that each line behind a line break begins with: which of the indentations of the page.
    pub(super) indents: Range<u32>,
    /// Where what stands before the next token on its line begins.
    tail: TextSize,
    /// Comments and lone escape characters, in order: which of the lines of the page.
    pub(super) lines: Range<u32>,
    /// White space that is neither blank nor tab: it is kept.
    odd: bool,
    /// Whether the file ends in it without a line break.
    unended: bool,
    /// Whether a line break that is no continuation ends it.
    ended: bool,
    /// Whether the line break that the first continuation has is of two characters.
    crlf: Option<bool>,
    pub(super) want: Want,
    /// Where the next token stands if a line break comes, wanted or forced by the lines.
    pub(super) place: Place,
}

impl Gap {
    pub(super) fn new(at: TextSize) -> Gap {
        Gap {
            range: TextRange::empty(at),
            broken: false,
            blank: false,
            frozen: false,
            parts: false,
            before: TextRange::empty(at),
            indents: 0..0,
            tail: at,
            lines: 0..0,
            odd: false,
            unended: false,
            ended: false,
            crlf: None,
            want: Want::Keep,
            place: Place::default(),
        }
    }

    /// Takes the next trivia token. What there may be many of goes to the end of a row that all gaps share.
    pub(super) fn push<'a>(&mut self, token: Token<'a>, indents: &mut Vec<TextRange>, lines: &mut Vec<Line<'a>>) {
        let mut line = |it| {
            let at = small(lines.len());
            let start = if self.lines.is_empty() { at } else { self.lines.start };
            self.lines = start..at + 1;
            lines.push(it);
        };
        let range = token.text_range();
        self.range = self.range.cover(range);
        let text = token.text();
        match token.kind() {
            WHITESPACE => {
                self.blank = true;
                let known = if self.broken { indents.last_mut() } else { None };
                let known = known.unwrap_or(&mut self.before);
                *known = if known.is_empty() { range } else { known.cover(range) };
                self.odd |= text.bytes().any(|it| it != b' ' && it != b'\t');
            }
            CONTINUATION => {
                if self.broken {
                    line(Line::Lone);
                } else {
                    self.indents.start = small(indents.len());
                }
                self.broken = true;
                self.tail = range.end();
                indents.push(TextRange::empty(self.tail));
                self.indents.end = small(indents.len());
                self.unended = !text.ends_with('\n');
                if !self.unended {
                    self.crlf.get_or_insert(text.ends_with("\r\n"));
                }
            }
            COMMENT_LINE => {
                line(Line::Comment(text.trim()));
                self.tail = range.end();
                self.unended = !text.ends_with('\n');
            }
            EMPTY_LINE => {
                self.tail = range.end();
                self.unended = false;
            }
            _ => self.ended = true,
        }
    }

    pub(super) fn want(&mut self, want: Want, place: Place) {
        if !self.frozen {
            self.want = if self.parts && want == Want::Nothing { Want::Blank } else { want };
        }
        self.place = place;
    }

    /// Whether a line break comes.
    pub(super) fn breaks(&self) -> bool {
        match self.want {
            Want::Keep | Want::Joined => self.broken,
            Want::Break => true,
            Want::Nothing | Want::Blank => !self.lines.is_empty(),
        }
    }

    /// What is to be replaced, or `None` where the gap is kept. Appends by what to `out`.
    pub(super) fn render(&self, page: &Page<'_>, out: &mut String) -> Option<TextRange> {
        if self.odd {
            return None;
        }
        match self.want {
            Want::Keep if self.thaws(page) && !page.options.keep_cache => {
                // Only the line behind the region is laid out.
                self.place.push_to(out, page.options);
                return Some(TextRange::new(self.tail, self.range.end()));
            }
            Want::Keep => return None,
            Want::Joined if self.broken => self.move_blanks(page, out),
            Want::Joined => return None,
            Want::Nothing | Want::Blank | Want::Break if self.breaks() => {
                out.push(' ');
                self.break_line(page, out, |_, out| self.place.push_to(out, page.options));
            }
            Want::Blank => out.push(' '),
            Want::Nothing | Want::Break => {}
        }
        Some(self.range)
    }

    /// The gap behind the last token of an instruction: its line break stays, and no other is made.
    pub(super) fn render_end(&self, page: &Page<'_>, out: &mut String) -> Option<TextRange> {
        if self.odd || self.frozen {
            return None;
        }
        if self.broken {
            out.push(' ');
            self.break_line(page, out, |_, out| Place::level(1).push_to(out, page.options));
            out.truncate(out.trim_end_matches([' ', '\t']).len());
            if self.unended {
                // The line break at the end of the file is not the instruction's.
                out.truncate(out.trim_end_matches(['\r', '\n']).len());
            }
            // The file may end in blanks on a line of their own.
            let end = if self.ended { self.tail } else { self.range.end() };
            return Some(TextRange::new(self.range.start(), end));
        }
        Some(self.before)
    }

    /// Appends a line break with the lines that stand in it. `indent` appends the indentation of a line, which is that
    /// of a lone escape character or of the last line, by its number.
    fn break_line(&self, page: &Page<'_>, out: &mut String, indent: impl Fn(usize, &mut String)) {
        // The line break that comes at the end of the file is to be like the others.
        let eol = match self.crlf.filter(|_| !page.one_eol && !self.unended) {
            Some(true) => "\r\n",
            Some(false) => "\n",
            None => page.eol,
        };
        out.push(page.escape);
        out.push_str(eol);
        let mut line_no = 0;
        for line in page.lines_of(self) {
            indent(line_no, out);
            match line {
                Line::Comment(text) => out.push_str(text),
                Line::Lone => {
                    out.push(page.escape);
                    line_no += 1;
                }
            }
            out.push_str(eol);
        }
        indent(line_no, out);
    }

    /// Appends the white space that BuildKit joins, about the line breaks that there are, with no more than its first
    /// blank left before the escape character.
    fn move_blanks(&self, page: &Page<'_>, out: &mut String) {
        // It is blanks and tabs only: what holds other white space is kept.
        let (before, moved) = page.text[self.before].split_at(usize::from(self.before.len()).min(1));
        let indents = page.indents_of(self);
        out.push_str(before);
        self.break_line(page, out, |at, out| {
            if at == 0 {
                out.push_str(moved);
            }
            // Each line break has its indentation.
            out.push_str(indents.get(at).map_or("", |it| &page.text[*it]));
        });
    }

    /// Whether a region that was kept from layout ends here, before a line that is to be laid out.
    fn thaws(&self, page: &Page<'_>) -> bool {
        // Where nothing is to stand before the line, the blank may be all that parts two words.
        let parts = self.blank && self.place.width(page.options) == 0;
        self.frozen
            && self.broken
            && !parts
            && matches!(page.lines_of(self).last(), Some(Line::Comment(text)) if pragma::read(text) == Some(pragma::Format::On))
    }
}
