//! A gap: the trivia between two significant tokens of an instruction, and what it becomes.

use std::borrow::Cow;

use text_size::{TextRange, TextSize};

use super::{Indent, Options, page::Page, pragma};
use crate::syntax::{SyntaxKind::*, Token};

/// A line of its own inside a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// A comment, without the blanks around it.
    Comment(String),
    /// A lone escape character: the paragraphs of official images.
    Lone,
}

/// Where a line begins: so many levels, and so many columns beyond them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Place {
    pub(super) level: usize,
    /// Columns beyond the level, with which things are aligned; with tabs they are one tab more.
    pub(super) columns: usize,
}

impl Place {
    pub(super) fn level(level: usize) -> Place {
        Place { level, columns: 0 }
    }

    pub(super) fn column(columns: usize) -> Place {
        Place { level: 0, columns }
    }

    /// The white space itself.
    pub(super) fn text(self, options: &Options) -> String {
        match options.indent {
            Indent::Spaces(width) => " ".repeat(usize::from(width) * self.level + self.columns),
            Indent::Tab => "\t".repeat(self.level + usize::from(self.columns > 0)),
        }
    }

    /// The columns that it takes, a tab for four.
    pub(super) fn width(self, options: &Options) -> usize {
        match options.indent {
            Indent::Spaces(width) => usize::from(width) * self.level + self.columns,
            Indent::Tab => 4 * (self.level + usize::from(self.columns > 0)),
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
    /// The white space that each line behind a line break begins with.
    indents: Vec<TextRange>,
    /// Where what stands before the next token on its line begins.
    tail: TextSize,
    /// Comments and lone escape characters, in order.
    pub(super) lines: Vec<Line>,
    /// White space that is neither blank nor tab: it is kept.
    odd: bool,
    /// Whether the file ends in it without a line break.
    unended: bool,
    /// Whether a line break that is no continuation ends it.
    ended: bool,
    /// The line break that the first continuation has.
    eol: Option<&'static str>,
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
            indents: Vec::new(),
            tail: at,
            lines: Vec::new(),
            odd: false,
            unended: false,
            ended: false,
            eol: None,
            want: Want::Keep,
            place: Place::default(),
        }
    }

    /// Takes the next trivia token.
    pub(super) fn push(&mut self, token: Token<'_>) {
        self.range = self.range.cover(token.text_range());
        let text = token.text();
        match token.kind() {
            WHITESPACE => {
                self.blank = true;
                let known = self.indents.last_mut().unwrap_or(&mut self.before);
                *known = if known.is_empty() { token.text_range() } else { known.cover(token.text_range()) };
                self.odd |= text.contains(|c| c != ' ' && c != '\t');
            }
            CONTINUATION => {
                if self.broken {
                    self.lines.push(Line::Lone);
                }
                self.broken = true;
                self.tail = token.text_range().end();
                self.indents.push(TextRange::empty(self.tail));
                self.unended = !text.ends_with('\n');
                if !self.unended {
                    self.eol.get_or_insert(if text.ends_with("\r\n") { "\r\n" } else { "\n" });
                }
            }
            COMMENT_LINE => {
                self.lines.push(Line::Comment(text.trim().to_owned()));
                self.tail = token.text_range().end();
                self.unended = !text.ends_with('\n');
            }
            EMPTY_LINE => {
                self.tail = token.text_range().end();
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

    /// What is to be replaced and by what, or `None` where the gap is kept.
    pub(super) fn render(&self, page: &Page<'_>) -> Option<(TextRange, Cow<'static, str>)> {
        if self.odd {
            return None;
        }
        let indent = || self.place.text(page.options);
        let text = match self.want {
            Want::Keep if self.thaws() && !page.options.keep_cache => {
                // Only the line behind the region is laid out.
                return Some((TextRange::new(self.tail, self.range.end()), indent().into()));
            }
            Want::Keep => return None,
            Want::Joined if self.broken => {
                let (before, indents) = self.moved(page.text);
                self.broken_text(&before, &indents, page).into()
            }
            Want::Joined => return None,
            Want::Nothing | Want::Blank | Want::Break if self.breaks() => {
                self.broken_text(" ", &[indent()], page).into()
            }
            Want::Blank => " ".into(),
            Want::Nothing | Want::Break => "".into(),
        };
        Some((self.range, text))
    }

    /// The gap behind the last token of an instruction: its line break stays, and no other is made.
    pub(super) fn render_end(&self, page: &Page<'_>) -> Option<(TextRange, Cow<'static, str>)> {
        if self.odd || self.frozen {
            return None;
        }
        if self.broken {
            let mut text = self.broken_text(" ", &[Place::level(1).text(page.options)], page);
            text.truncate(text.trim_end_matches([' ', '\t']).len());
            if self.unended {
                // The line break at the end of the file is not the instruction's.
                text.truncate(text.trim_end_matches(['\r', '\n']).len());
            }
            // The file may end in blanks on a line of their own.
            let end = if self.ended { self.tail } else { self.range.end() };
            return Some((TextRange::new(self.range.start(), end), text.into()));
        }
        Some((self.before, "".into()))
    }

    /// A line break with the lines that stand in it. `indents` are those of the lone escape characters and of the last
    /// line; where there are too few, the last one holds for all that follow.
    fn broken_text(&self, before: &str, indents: &[String], page: &Page<'_>) -> String {
        // The line break that comes at the end of the file is to be like the others.
        let eol = if page.one_eol || self.unended { page.eol } else { self.eol.unwrap_or(page.eol) };
        let mut out = String::with_capacity(usize::from(self.range.len()) + 16);
        out.push_str(before);
        out.push(page.escape);
        out.push_str(eol);
        let mut line_no = 0;
        let indent = |at: usize| indents.get(at).or(indents.last()).map_or("", String::as_str);
        for line in &self.lines {
            out.push_str(indent(line_no));
            match line {
                Line::Comment(text) => out.push_str(text),
                Line::Lone => {
                    out.push(page.escape);
                    line_no += 1;
                }
            }
            out.push_str(eol);
        }
        out.push_str(indent(line_no));
        out
    }

    /// The white space that BuildKit joins, with no more than its first blank left before the escape character: what
    /// stands before the first line break, and the indentations.
    fn moved(&self, text: &str) -> (String, Vec<String>) {
        let mut indents: Vec<String> = self.indents.iter().map(|it| text[*it].to_owned()).collect();
        let mut before = text[self.before].to_owned();
        if let Some(next) = indents.first_mut() {
            // It is blanks and tabs only: what holds other white space is kept.
            next.insert_str(0, &before.split_off(before.len().min(1)));
        }
        (before, indents)
    }

    /// Whether a region that was kept from layout ends here.
    fn thaws(&self) -> bool {
        matches!(self.lines.last(), Some(Line::Comment(text)) if pragma::read(text) == Some(pragma::Format::On))
            && self.frozen
            && self.broken
    }
}
