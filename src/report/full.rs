//! A finding with its source, and with the diff that its fix makes.

use std::fmt::Write;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use anstyle::AnsiColor;
use text_size::TextRange;

use super::{
    Entry, File, Kind, Reporter, Style,
    style::{shown, shown_diff, visible},
};
use crate::{
    fix::{Fix, Safety},
    text::{self, LineIndex},
};

/// Of a finding of more lines only the first is shown; of others the renderer leaves out the middle.
const MAX_SOURCE: u32 = 1000;

/// So many lines of a fix are shown at most.
const MAX_DIFF: usize = 40;

/// The longest line that is shown, in characters.
const MAX_WIDTH: usize = 160;

/// Findings for people in front of a terminal. Errors and faults are told them elsewhere.
pub(super) struct Full(pub(super) Style);

impl Reporter for Full {
    fn file(&self, file: &File<'_>) -> String {
        let found = file.entries.iter().filter(|it| matches!(it.kind, Kind::Rule(_) | Kind::Layout));
        found.map(|it| entry(file, it, self.0)).chain([shown_diff(file.diff)]).collect()
    }
}

/// A finding as text.
pub fn entry(file: &File<'_>, entry: &Entry<'_>, style: Style) -> String {
    let mut out = source(file, entry, style);
    out.push('\n');
    match (&entry.fix, entry.kind) {
        (Some(fix), _) => help(&mut out, file.text, &file.lines, fix, style),
        (None, Kind::Rule(rule)) => {
            let name = rule.name;
            // Writing to a string can't fail.
            let _ = writeln!(out, "{}: there is no fix for it here; `dockfix rule {name}` says why", style.help());
        }
        (None, _) => {}
    }
    out.push('\n');
    out
}

fn source(file: &File<'_>, entry: &Entry<'_>, style: Style) -> String {
    let (text, lines) = (file.text, &file.lines);
    let found = entry.range.unwrap_or_default();
    // Only the lines of the finding are handed over, with what could drive a terminal taken out.
    let place = lines.line_col(found.start());
    let last = file.line_span(entry).1 as u32 - 1;
    let range = |line: u32| lines.line_range(line as usize).unwrap_or(found);
    let from = usize::from(range(place.line).start());
    let shown = if last - place.line < MAX_SOURCE { last } else { place.line };
    let to = usize::from(range(shown).end()).max(from);
    let (start, stop) = (usize::from(found.start()), usize::from(found.end()).min(to));
    let shown_all = |text: &str| text.replace("\r\n", "\n").chars().map(visible).collect::<String>();
    let before = shown_all(&text[from..start]);
    let marked = shown_all(&text[start..stop.max(start)]);
    let source = format!("{before}{marked}{}", shown_all(&text[stop.max(start)..to]));
    let span = before.len()..before.len() + marked.trim_end().len();
    let snippet = Snippet::source(source.trim_end_matches('\n'))
        .path(&file.name.shown)
        .line_start(place.line as usize + 1)
        .annotation(AnnotationKind::Primary.span(span));
    let group = Level::WARNING.primary_title(&entry.message).id(entry.kind.id()).element(snippet);
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
    let Some((start_line, old, new)) = lines_changed(text, lines, fix) else { return };
    let changes = text::changes(old, &new);
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

/// The lines that a fix touches, as they are and as they would be, and the number of the first, counted from 0.
pub(super) fn lines_changed<'t>(text: &'t str, lines: &LineIndex, fix: &Fix) -> Option<(usize, &'t str, String)> {
    let (first, last) = (fix.edits.iter().next()?, fix.edits.iter().next_back()?);
    let start_line = lines.line_col(first.range.start()).line as usize;
    let start = lines.line_range(start_line)?.start();
    let end = lines.line_range(lines.line_col(last.range.end()).line as usize)?.end();
    let new = changed(text, TextRange::new(start, end), fix);
    Some((start_line, text.get(start.into()..end.into())?, new))
}

/// What a fix makes of a part of the text that holds all its edits.
pub(super) fn changed(text: &str, range: TextRange, fix: &Fix) -> String {
    let mut new = String::new();
    let mut at = usize::from(range.start());
    for edit in &fix.edits {
        new.push_str(&text[at..usize::from(edit.range.start())]);
        new.push_str(&edit.insert);
        at = usize::from(edit.range.end());
    }
    new.push_str(&text[at..usize::from(range.end())]);
    new
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
