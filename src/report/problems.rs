//! What is wrong with a file, or with dockfix, in lines for people.

use std::{any::Any, fmt::Write};

use super::{Style, style::shown};
use crate::{
    fix::{Outcome, PassedOver},
    syntax::SyntaxError,
    text::LineIndex,
};

/// What to do about a fault.
pub const PLEASE_REPORT: &str = "Please report it to the dockfix project, with the file and this message.";

/// What a panic says, by its payload.
pub fn panic_message(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("it panicked")
}

/// So many errors of one file are told, unless more words are asked for.
const MAX_ERRORS: usize = 20;

/// The reason for which a document is passed over, in a clause, if that is no error of it.
pub fn passed_over_because(reason: &PassedOver) -> Option<String> {
    match reason {
        PassedOver::Template(language) => Some(format!("it is a template ({language})")),
        PassedOver::ForeignSyntax(image) => Some(format!("`# syntax` names another frontend, `{}`", shown(image))),
        PassedOver::Foreign => Some("most of its instructions are none of a Dockerfile".to_owned()),
        PassedOver::Unparsable | PassedOver::NoInstructions | PassedOver::Unsound | PassedOver::Ignored => None,
    }
}

/// The reason for which a document is passed over, whatever it is: in a word for machines, and in a clause.
pub fn passed_over(reason: &PassedOver) -> (&'static str, String) {
    let (class, other) = match reason {
        PassedOver::Template(_) => ("template", ""),
        PassedOver::ForeignSyntax(_) => ("foreign-syntax", ""),
        PassedOver::Foreign => ("not-a-dockerfile", ""),
        PassedOver::NoInstructions => ("refused", "it holds no instruction"),
        PassedOver::Unparsable | PassedOver::Unsound => ("refused", "BuildKit refuses it"),
        PassedOver::Ignored => ("suppressed", "a comment keeps dockfix away from it"),
    };
    (class, passed_over_because(reason).unwrap_or_else(|| other.to_owned()))
}

/// The syntax errors that are told: none of a file that is in another language.
pub fn errors(outcome: &Outcome) -> &[SyntaxError] {
    match outcome.passed_over {
        Some(PassedOver::Template(_) | PassedOver::ForeignSyntax(_)) => &[],
        _ => &outcome.errors,
    }
}

/// Syntax errors and faults, a line each, with what to do about them.
pub fn problems(name: &str, outcome: &Outcome, style: Style) -> String {
    let mut out = String::new();
    let errors: Vec<_> = errors(outcome).iter().filter(|it| style.verbose || !it.kind.is_shell()).collect();
    if errors.is_empty() && outcome.faults.is_empty() {
        return out;
    }
    let lines = LineIndex::new(&outcome.text);
    let told = if style.verbose { errors.len() } else { errors.len().min(MAX_ERRORS) };
    // Writing to a string can't fail, here and below.
    for error in &errors[..told] {
        let (line, column) = lines.display(error.range.start(), &outcome.text);
        let message = shown(&error.kind.to_string());
        let left = if style.rewrites { left_alone(error, outcome) } else { "" };
        // What a shell could not read keeps BuildKit from nothing.
        let word = if error.kind.is_shell() { style.note() } else { style.error() };
        let _ = writeln!(out, "{name}:{line}:{column}: {word}: {message}{left}");
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
