//! Findings, errors and faults for people.

mod verify;

use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::{
    fix::{Finding, Outcome, PassedOver},
    text::{LineIndex, is_raw},
};

pub use verify::Report;

/// What to do about a fault.
pub const PLEASE_REPORT: &str = "Please report it to the dockfix project, with the file and this message.";

/// How much is shown.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// A line a finding.
    pub concise: bool,
    /// Also shell text that could not be read.
    pub verbose: bool,
}

/// Writes syntax errors, faults, and why a file was passed over.
pub fn problems(out: &mut dyn Write, name: &str, outcome: &Outcome, style: Style, quiet: bool) -> io::Result<()> {
    let lines = LineIndex::new(&outcome.text);
    match &outcome.passed_over {
        Some(PassedOver::Template(language)) if !quiet => {
            return writeln!(out, "{name}: passed over: it is a template ({language})");
        }
        Some(PassedOver::ForeignSyntax(image)) if !quiet => {
            return writeln!(out, "{name}: passed over: `# syntax` names another frontend, `{}`", shown(image));
        }
        Some(PassedOver::Template(_) | PassedOver::ForeignSyntax(_)) => return Ok(()),
        _ => {}
    }
    for error in outcome.errors.iter().filter(|it| style.verbose || !it.kind.is_shell()) {
        let (line, column) = lines.display(error.range.start(), &outcome.text);
        writeln!(out, "{name}:{line}:{column}: error: {}", shown(&error.kind.to_string()))?;
    }
    for fault in &outcome.faults {
        let (line, column) = lines.display(fault.range.start().min(end(&outcome.text)), &outcome.text);
        let by = fault.rule.unwrap_or("layout");
        writeln!(out, "{name}:{line}:{column}: fault of dockfix in {by}: {}. {PLEASE_REPORT}", fault.message)?;
    }
    Ok(())
}

fn end(text: &str) -> text_size::TextSize {
    text_size::TextSize::of(text)
}

/// Writes the findings.
pub fn findings(out: &mut dyn Write, name: &str, outcome: &Outcome, style: Style) -> io::Result<()> {
    let lines = LineIndex::new(&outcome.text);
    for finding in &outcome.findings {
        if style.concise {
            let (line, column) = lines.display(finding.range.start(), &outcome.text);
            writeln!(out, "{name}:{line}:{column}: {}: {}", finding.rule.name, shown(&finding.message))?;
        } else {
            full(out, name, &outcome.text, &lines, finding)?;
        }
    }
    Ok(())
}

fn full(out: &mut dyn Write, name: &str, text: &str, lines: &LineIndex, finding: &Finding) -> io::Result<()> {
    // Only the lines of the finding are handed over, with what could drive a terminal taken out.
    let place = lines.line_col(finding.range.start());
    let last = lines.line_col(finding.range.end()).line;
    let range = |line: u32| lines.line_range(line as usize).unwrap_or(finding.range);
    let from = usize::from(range(place.line).start());
    let to = usize::from(range(last.min(place.line + 3)).end()).max(from);
    let (start, stop) = (usize::from(finding.range.start()), usize::from(finding.range.end()).min(to));
    let before = shown(&text[from..start]);
    let marked = shown(&text[start..stop.max(start)]);
    let source = format!("{before}{marked}{}", shown(&text[stop.max(start)..to]));
    let span = before.len()..before.len() + marked.trim_end().len();
    let message = shown(&finding.message);
    let snippet = Snippet::source(source.trim_end_matches('\n'))
        .path(name)
        .line_start(place.line as usize + 1)
        .annotation(AnnotationKind::Primary.span(span));
    let mut group = Level::WARNING.primary_title(&message).id(finding.rule.name).element(snippet);
    let help =
        finding.fix.as_ref().map(|it| format!("{} ({}, effect on the build: {})", it.title, it.safety, it.effect));
    if let Some(help) = &help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    writeln!(out, "{}\n", Renderer::styled().render(&[group]))
}

/// Text without what could drive a terminal, its bytes kept in their places where that is possible.
fn shown(text: &str) -> String {
    text.chars().map(|c| if (c.is_control() && c != '\n' && c != '\t') || is_raw(c) { '?' } else { c }).collect()
}
