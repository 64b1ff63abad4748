//! How things are said to people.

use anstyle::{AnsiColor, Style as Paint};

use crate::text::is_raw;

/// How things are said.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// With colours.
    pub color: bool,
    /// Also shell text that could not be read, and all errors.
    pub verbose: bool,
    /// Whether the file is rewritten, so that it is to be said which part was left alone.
    pub rewrites: bool,
}

impl Style {
    /// A text in a colour, if there are colours.
    pub(super) fn paint(self, paint: Paint, text: &str) -> String {
        if self.color { format!("{paint}{text}{paint:#}") } else { text.to_owned() }
    }

    /// The word that begins an error.
    pub fn error(self) -> String {
        self.paint(AnsiColor::Red.on_default().bold(), "error")
    }

    pub(super) fn note(self) -> String {
        self.paint(AnsiColor::Green.on_default().bold(), "note")
    }

    pub(super) fn help(self) -> String {
        self.paint(AnsiColor::Cyan.on_default().bold(), "help")
    }
}

/// A number with its noun, in the plural where it is not one.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {}", plural(number, noun))
}

/// A noun, in the plural where there is not one of it.
pub fn plural(number: usize, noun: &str) -> String {
    let ending = match number {
        1 => "",
        _ if noun.ends_with("ch") => "es",
        _ => "s",
    };
    format!("{noun}{ending}")
}

/// The longest text that a message quotes, in characters.
const MAX_SHOWN: usize = 400;

/// Text without what could drive a terminal, and not longer than anyone reads.
pub(super) fn shown(text: &str) -> String {
    let mut chars = text.chars().map(visible);
    let mut out: String = chars.by_ref().take(MAX_SHOWN).collect();
    if chars.next().is_some() {
        out.push('…');
    }
    out
}

/// A diff without what could drive a terminal.
pub(super) fn shown_diff(diff: &str) -> String {
    diff.replace("\r\n", "\n").chars().map(visible).collect()
}

/// A character, or a question mark in the place of one that could drive a terminal or that stands for a bare byte.
pub(super) fn visible(c: char) -> char {
    if (c.is_control() && c != '\n' && c != '\t') || is_raw(c) { '?' } else { c }
}
