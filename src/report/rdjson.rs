//! Reviewdog's diagnostic format, one document: <https://github.com/reviewdog/reviewdog/tree/master/proto/rdf>.

use serde::Serialize;
use text_size::TextRange;

use super::{Entry, File, Level, Place, Reporter, Run, full::changed, json::to_json};
use crate::fix::Safety;

/// Diagnostics with suggestions.
pub(super) struct Rdjson;

impl Reporter for Rdjson {
    fn head(&self, _: &Run) -> String {
        "{\"source\":{\"name\":\"dockfix\"},\"diagnostics\":[\n".to_owned()
    }

    fn file(&self, file: &File<'_>) -> String {
        let all: Vec<String> = file.entries.iter().map(|it| to_json(&diagnostic(file, it))).collect();
        all.join(",\n")
    }

    fn between(&self) -> &'static str {
        ",\n"
    }

    fn tail(&self, _: &Run) -> String {
        "\n]}\n".to_owned()
    }
}

#[derive(Serialize)]
struct Diagnostic<'a> {
    message: String,
    location: Location<'a>,
    severity: &'static str,
    code: Code,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
}

#[derive(Serialize)]
struct Code {
    value: &'static str,
}

#[derive(Serialize)]
struct Suggestion {
    range: Range,
    text: String,
}

#[derive(Serialize)]
struct Range {
    start: Position,
    end: Position,
}

/// Columns are counted in bytes here.
#[derive(Serialize)]
struct Position {
    line: usize,
    column: usize,
}

fn diagnostic<'a>(file: &'a File<'_>, entry: &'a Entry<'_>) -> Diagnostic<'a> {
    let mut message = entry.message.clone();
    if let Some(help) = entry.help {
        message = format!("{message}: {help}");
    }
    let suggestion = suggestion(file, entry);
    if suggestion.is_some() && entry.fix.as_ref().is_some_and(|it| it.safety < Safety::Safe) {
        message.push_str(" (`dockfix fix` does not do what is suggested: it may change what the build does)");
    }
    Diagnostic {
        message,
        location: Location { path: &file.name.slashed, range: entry.range.map(|it| range(file, it)) },
        severity: match entry.level {
            Level::Error => "ERROR",
            Level::Warning => "WARNING",
            Level::Note => "INFO",
        },
        code: Code { value: entry.kind.id() },
        suggestions: suggestion.into_iter().collect(),
    }
}

/// The fix as one suggestion, for several are offered one by one, and half a fix may be worse than none.
fn suggestion(file: &File<'_>, entry: &Entry<'_>) -> Option<Suggestion> {
    let fix = entry.sayable_fix()?;
    let (first, last) = (fix.edits.iter().next()?, fix.edits.iter().next_back()?);
    let whole = TextRange::new(first.range.start(), last.range.end());
    let text = changed(file.text, whole, fix);
    // What stands between the edits may hold a bare byte, too.
    (!crate::text::has_raw(&text)).then(|| Suggestion { range: range(file, whole), text })
}

fn range(file: &File<'_>, range: TextRange) -> Range {
    let position = |Place { line, byte_column, .. }: Place| Position { line, column: byte_column };
    Range { start: position(file.place(range.start())), end: position(file.place(range.end())) }
}
