//! A gap: the trivia between two significant tokens of an instruction, and what it becomes.

use text_size::{TextRange, TextSize};

use super::{Indent, Options};
use crate::syntax::{SyntaxKind::*, SyntaxToken};

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
}

/// The trivia between two significant tokens.
#[derive(Debug, Clone)]
pub(super) struct Gap {
    pub(super) range: TextRange,
    /// Whether a line ends in it.
    pub(super) broken: bool,
    /// Whether there is a blank in what BuildKit joins of it.
    pub(super) blank: bool,
    /// Comments and lone escape characters, in order.
    pub(super) lines: Vec<Line>,
    /// White space that is neither blank nor tab: it is kept.
    odd: bool,
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
            lines: Vec::new(),
            odd: false,
            eol: None,
            want: Want::Keep,
            place: Place::default(),
        }
    }

    /// Takes the next trivia token.
    pub(super) fn push(&mut self, token: &SyntaxToken) {
        self.range = self.range.cover(token.text_range());
        let text = token.text();
        match token.kind() {
            WHITESPACE => {
                self.blank = true;
                self.odd |= text.contains(|c| c != ' ' && c != '\t');
            }
            CONTINUATION => {
                if self.broken {
                    self.lines.push(Line::Lone);
                }
                self.broken = true;
                self.eol.get_or_insert(if text.ends_with("\r\n") { "\r\n" } else { "\n" });
                self.odd |= !text.ends_with('\n');
            }
            COMMENT_LINE => {
                self.lines.push(Line::Comment(text.trim().to_owned()));
                self.odd |= !text.ends_with('\n');
            }
            _ => {}
        }
    }

    pub(super) fn want(&mut self, want: Want, place: Place) {
        self.want = want;
        self.place = place;
    }

    /// Whether a line break comes.
    pub(super) fn breaks(&self) -> bool {
        match self.want {
            Want::Keep => self.broken,
            Want::Break => true,
            Want::Nothing | Want::Blank => !self.lines.is_empty(),
        }
    }

    /// The new text, or `None` where the gap is kept.
    pub(super) fn render(&self, options: &Options, escape: char, eol: &str) -> Option<String> {
        if self.want == Want::Keep || self.odd {
            return None;
        }
        if !self.breaks() {
            return Some(if self.want == Want::Blank { " " } else { "" }.to_owned());
        }
        let eol = self.eol.unwrap_or(eol);
        let indent = self.place.text(options);
        let mut out = format!(" {escape}{eol}");
        for line in &self.lines {
            out.push_str(&indent);
            match line {
                Line::Comment(text) => out.push_str(text),
                Line::Lone => out.push(escape),
            }
            out.push_str(eol);
        }
        out.push_str(&indent);
        Some(out)
    }
}
