//! Findings, errors and faults for people.

mod full;
mod statistics;
mod verify;

use std::fmt::Write;

use anstyle::{AnsiColor, Style as Paint};

pub use full::finding as full;

use crate::{
    fix::{Finding, Outcome, PassedOver, Safety},
    syntax::SyntaxError,
    text::{LineIndex, is_raw},
};

pub use statistics::{Counts, Statistics};
pub use verify::Report;

/// What to do about a fault.
pub const PLEASE_REPORT: &str = "Please report it to the dockfix project, with the file and this message.";

/// So many errors of one file are told, unless more words are asked for.
const MAX_ERRORS: usize = 20;

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
    fn paint(self, paint: Paint, text: &str) -> String {
        if self.color { format!("{paint}{text}{paint:#}") } else { text.to_owned() }
    }

    /// The word that begins an error.
    pub fn error(self) -> String {
        self.paint(AnsiColor::Red.on_default().bold(), "error")
    }

    fn help(self) -> String {
        self.paint(AnsiColor::Cyan.on_default().bold(), "help")
    }
}

/// Why a document was passed over, if that is no error of it.
pub fn passed_over(name: &str, outcome: &Outcome) -> Option<String> {
    let why = passed_over_because(outcome.passed_over.as_ref()?)?;
    Some(format!("{name}: passed over: {why}\n"))
}

/// The reason for which a document is passed over, if that is no error of it.
pub fn passed_over_because(reason: &PassedOver) -> Option<String> {
    match reason {
        PassedOver::Template(language) => Some(format!("it is a template ({language})")),
        PassedOver::ForeignSyntax(image) => Some(format!("`# syntax` names another frontend, `{}`", shown(image))),
        PassedOver::Foreign => Some("most of its instructions are none of a Dockerfile".to_owned()),
        PassedOver::Unparsable | PassedOver::Ignored => None,
    }
}

/// Syntax errors and faults, a line each, with what to do about them.
pub fn problems(name: &str, outcome: &Outcome, style: Style) -> String {
    let mut out = String::new();
    if matches!(outcome.passed_over, Some(PassedOver::Template(_) | PassedOver::ForeignSyntax(_))) {
        return out;
    }
    let lines = LineIndex::new(&outcome.text);
    let errors: Vec<_> = outcome.errors.iter().filter(|it| style.verbose || !it.kind.is_shell()).collect();
    let told = if style.verbose { errors.len() } else { errors.len().min(MAX_ERRORS) };
    // Writing to a string can't fail, here and below.
    for error in &errors[..told] {
        let (line, column) = lines.display(error.range.start(), &outcome.text);
        let message = shown(&error.kind.to_string());
        let left = if style.rewrites { left_alone(error, outcome) } else { "" };
        let _ = writeln!(out, "{name}:{line}:{column}: {}: {message}{left}", style.error());
        if let Some(help) = error.kind.help() {
            let _ = writeln!(out, "  {}: {help}", style.help());
        }
    }
    if told < errors.len() {
        let _ = writeln!(out, "{name}: {} more errors; `--verbose` tells them all", errors.len() - told);
    }
    for fault in &outcome.faults {
        let end = text_size::TextSize::of(&outcome.text);
        let (line, column) = lines.display(fault.range.start().min(end), &outcome.text);
        let by = fault.rule.unwrap_or("layout");
        let message = shown(&fault.message);
        let _ = writeln!(out, "{name}:{line}:{column}: fault of dockfix in {by}: {message}. {PLEASE_REPORT}");
    }
    out
}

/// What became of the part of the file in which the error is.
fn left_alone(error: &SyntaxError, outcome: &Outcome) -> &'static str {
    use crate::syntax::ErrorKind::{NoInstructions, NoStage};
    match error.kind {
        NoInstructions | NoStage(_) => "",
        _ if outcome.passed_over.is_some() => "; the file was left as it was",
        _ => "; the instruction was left as it was",
    }
}

/// A finding in one line.
pub fn concise(name: &str, outcome: &Outcome, lines: &LineIndex, finding: &Finding) -> String {
    let (line, column) = lines.display(finding.range.start(), &outcome.text);
    let fix = match finding.fix.as_ref().map(|it| it.safety) {
        Some(Safety::Safe) => " (fixable)",
        Some(Safety::Unsafe) => " (fixable with --unsafe)",
        Some(Safety::Suggest) => " (with a suggestion)",
        None => "",
    };
    format!("{name}:{line}:{column}: {}: {}{fix}\n", finding.rule.name, shown(&finding.message))
}

/// The longest text that a message quotes, in characters.
const MAX_SHOWN: usize = 400;

/// Text without what could drive a terminal, and not longer than anyone reads.
fn shown(text: &str) -> String {
    let mut chars = text.chars().map(visible);
    let mut out: String = chars.by_ref().take(MAX_SHOWN).collect();
    if chars.next().is_some() {
        out.push('…');
    }
    out
}

/// A character, or a question mark in the place of one that could drive a terminal or that stands for a bare byte.
fn visible(c: char) -> char {
    if (c.is_control() && c != '\n' && c != '\t') || is_raw(c) { '?' } else { c }
}
