//! JSON of our own, as a document or as lines. `docs/report.schema.json` describes it.

use serde::Serialize;

use super::{Entry, File, Kind, Place, Reporter, Run};

/// One document: what was run, all findings, and the counts.
pub(super) struct Json(pub(super) &'static str);

/// The findings alone, an object a line.
pub(super) struct JsonLines;

/// The version of what is written here. It grows when something is taken away or gets another meaning.
const VERSION: u32 = 1;

impl Reporter for Json {
    fn head(&self, _: &Run) -> String {
        let tool = to_json(&Tool { name: "dockfix", version: env!("CARGO_PKG_VERSION") });
        format!("{{\"version\":{VERSION},\"tool\":{tool},\"command\":{},\"findings\":[\n", to_json(&self.0))
    }

    fn file(&self, file: &File<'_>) -> String {
        lines(file).join(",\n")
    }

    fn between(&self) -> &'static str {
        ",\n"
    }

    fn tail(&self, run: &Run) -> String {
        let [safe, r#unsafe, suggest] = run.fixes;
        let summary = Summary {
            files: run.files,
            findings: run.findings,
            unformatted: run.unformatted,
            errors: run.errors,
            troubles: run.troubles.len(),
            safe,
            r#unsafe,
            suggest,
            exit_code: run.exit_code,
        };
        format!("\n],\"summary\":{}}}\n", to_json(&summary))
    }
}

impl Reporter for JsonLines {
    fn file(&self, file: &File<'_>) -> String {
        lines(file).iter().map(|it| format!("{it}\n")).collect()
    }
}

/// A value as JSON. It is made of nothing but structures, strings and numbers, which can't fail.
pub(super) fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Summary {
    files: usize,
    findings: usize,
    unformatted: usize,
    errors: usize,
    troubles: usize,
    safe: usize,
    r#unsafe: usize,
    suggest: usize,
    exit_code: u8,
}

#[derive(Serialize)]
struct Finding<'a> {
    path: &'a str,
    rule: &'static str,
    kind: &'static str,
    level: &'static str,
    message: &'a str,
    help: Option<&'static str>,
    start: Option<At>,
    end: Option<At>,
    fix: Option<Fix<'a>>,
    fingerprint: &'a str,
}

#[derive(Serialize)]
struct At {
    line: usize,
    column: usize,
    offset: usize,
}

#[derive(Serialize)]
struct Fix<'a> {
    title: &'a str,
    safety: &'static str,
    effect: &'static str,
    edits: Vec<Edit<'a>>,
}

#[derive(Serialize)]
struct Edit<'a> {
    start: At,
    end: At,
    insert: &'a str,
}

/// What is told of a file, as `json-lines` tells it: a list that is to become JSON.
pub fn findings<'a>(file: &'a File<'_>) -> impl Serialize + 'a {
    file.entries.iter().map(|it| finding(file, it)).collect::<Vec<_>>()
}

fn lines(file: &File<'_>) -> Vec<String> {
    file.entries.iter().map(|it| to_json(&finding(file, it))).collect()
}

fn finding<'a>(file: &'a File<'_>, entry: &'a Entry<'_>) -> Finding<'a> {
    let kind = match entry.kind {
        Kind::Rule(_) => "rule",
        Kind::Layout => "layout",
        Kind::Syntax => "syntax",
        Kind::Fault => "fault",
        Kind::Unusable => "file",
    };
    let at = |Place { line, column, offset, .. }: Place| At { line, column, offset };
    let places = file.places(entry);
    let fix = entry.sayable_fix().map(|it| Fix {
        title: &it.title,
        safety: it.safety.as_str(),
        effect: it.effect.as_str(),
        edits: it
            .edits
            .iter()
            .map(|it| Edit {
                start: at(file.place(it.range.start())),
                end: at(file.place(it.range.end())),
                insert: &it.insert,
            })
            .collect(),
    });
    Finding {
        path: &file.name.slashed,
        rule: entry.kind.id(),
        kind,
        level: entry.level.as_str(),
        message: &entry.message,
        help: entry.help,
        start: places.map(|it| at(it.0)),
        end: places.map(|it| at(it.1)),
        fix,
        fingerprint: file.fingerprint(entry),
    }
}
