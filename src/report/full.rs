//! A finding with its source, and with the diff that its fix makes.

use std::fmt::Write;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use anstyle::AnsiColor;

use super::{Style, shown, visible};
use crate::{
    fix::{Finding, Fix, Outcome, Safety},
    text::{self, LineIndex},
};

/// So many lines of the source are shown at most.
const MAX_SOURCE: u32 = 4;

/// So many lines of a fix are shown at most.
const MAX_DIFF: usize = 40;

/// The longest line that is shown, in characters.
const MAX_WIDTH: usize = 160;

/// A finding as text.
pub fn finding(name: &str, outcome: &Outcome, lines: &LineIndex, finding: &Finding, style: Style) -> String {
    let mut out = source(name, &outcome.text, lines, finding, style);
    out.push('\n');
    if let Some(fix) = &finding.fix {
        help(&mut out, &outcome.text, lines, fix, style);
    }
    out.push('\n');
    out
}

fn source(name: &str, text: &str, lines: &LineIndex, finding: &Finding, style: Style) -> String {
    // Only the lines of the finding are handed over, with what could drive a terminal taken out.
    let place = lines.line_col(finding.range.start());
    let last = lines.line_col(finding.range.end()).line;
    let range = |line: u32| lines.line_range(line as usize).unwrap_or(finding.range);
    let from = usize::from(range(place.line).start());
    let to = usize::from(range(last.min(place.line + MAX_SOURCE - 1)).end()).max(from);
    let (start, stop) = (usize::from(finding.range.start()), usize::from(finding.range.end()).min(to));
    let shown_all = |text: &str| text.chars().map(visible).collect::<String>();
    let before = shown_all(&text[from..start]);
    let marked = shown_all(&text[start..stop.max(start)]);
    let source = format!("{before}{marked}{}", shown_all(&text[stop.max(start)..to]));
    let span = before.len()..before.len() + marked.trim_end().len();
    let message = shown(&finding.message);
    let snippet = Snippet::source(source.trim_end_matches('\n'))
        .path(name)
        .line_start(place.line as usize + 1)
        .annotation(AnnotationKind::Primary.span(span));
    let group = Level::WARNING.primary_title(&message).id(finding.rule.name).element(snippet);
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group]).clone()
}

/// What the fix does, who applies it, what it does to the build, and the lines that it changes.
fn help(out: &mut String, text: &str, lines: &LineIndex, fix: &Fix, style: Style) {
    let safety = match fix.safety {
        Safety::Safe => "safe",
        Safety::Unsafe => "unsafe: applied with `--unsafe`",
        Safety::Suggest => "a suggestion: not applied",
    };
    // Writing to a string can't fail, here and below.
    let _ = writeln!(out, "{}: {} ({safety}; effect on the build: {})", style.help(), shown(&fix.title), fix.effect);
    let mut edits = fix.edits.iter();
    let (Some(first), Some(last)) = (edits.next(), fix.edits.iter().next_back()) else { return };
    let start_line = lines.line_col(first.range.start()).line as usize;
    let end_line = lines.line_col(last.range.end()).line as usize;
    let (Some(start), Some(end)) = (lines.line_range(start_line), lines.line_range(end_line)) else { return };
    let (from, to) = (usize::from(start.start()), usize::from(end.end()));
    let mut new = String::new();
    let mut at = from;
    for edit in &fix.edits {
        new.push_str(&text[at..usize::from(edit.range.start())]);
        new.push_str(&edit.insert);
        at = usize::from(edit.range.end());
    }
    new.push_str(&text[at..to]);
    let changes = text::changes(&text[from..to], &new);
    let width = (start_line + 1 + changes.last().map_or(0, |it| it.line)).to_string().len();
    let mut before: Option<(usize, char)> = None;
    for change in changes.iter().take(MAX_DIFF) {
        // Between two changes far apart stands a mark.
        if before.is_some_and(|(line, sign)| sign == change.sign && line + 1 != change.line) {
            let _ = writeln!(out, "...");
        }
        before = Some((change.line, change.sign));
        let number = start_line + 1 + change.line;
        let line = clipped(change.text);
        let color = if change.sign == '+' { AnsiColor::Green } else { AnsiColor::Red };
        let line = style.paint(color.on_default(), &format!("{} {line}", change.sign));
        let _ = writeln!(out, "{number:>width$} {}", line.trim_end());
    }
    if changes.len() > MAX_DIFF {
        let _ = writeln!(out, "... and {} more lines", changes.len() - MAX_DIFF);
    }
}

/// A line without its end, and not longer than anyone reads.
fn clipped(line: &str) -> String {
    let mut chars = line.trim_end_matches(['\n', '\r']).chars().map(visible);
    let mut out: String = chars.by_ref().take(MAX_WIDTH).collect();
    if chars.next().is_some() {
        out.push('…');
    }
    out
}
