//! GitLab's code quality report: <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>.

use serde::Serialize;

use super::{Entry, File, Kind, Level, Reporter, Run, fingerprint::Hash, json::to_json};
use crate::fix::Effect;

/// An array of issues.
pub(super) struct Gitlab;

impl Reporter for Gitlab {
    fn head(&self, _: &Run) -> String {
        "[\n".to_owned()
    }

    fn file(&self, file: &File<'_>) -> String {
        let all: Vec<String> = file.entries.iter().map(|it| to_json(&issue(file, it))).collect();
        all.join(",\n")
    }

    fn between(&self) -> &'static str {
        ",\n"
    }

    fn tail(&self, _: &Run) -> String {
        "\n]\n".to_owned()
    }
}

#[derive(Serialize)]
struct Issue<'a> {
    description: &'a str,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

fn issue<'a>(file: &'a File<'_>, entry: &'a Entry<'_>) -> Issue<'a> {
    let (begin, end) = file.line_span(entry);
    // GitLab tells findings apart by nothing else, so that the file has to be in it.
    let mut hash = Hash::default();
    hash.add(&file.name.uri);
    hash.add(file.fingerprint(entry));
    Issue {
        description: &entry.message,
        check_name: entry.kind.id(),
        fingerprint: format!("{:032x}", hash.0),
        severity: severity(entry),
        location: Location { path: &file.name.slashed, lines: Lines { begin, end } },
    }
}

/// How much it matters: what changes the image matters more than what only changes the text.
fn severity(entry: &Entry<'_>) -> &'static str {
    match entry.kind {
        Kind::Syntax if entry.level == Level::Note => "info",
        Kind::Syntax | Kind::Unusable => "critical",
        Kind::Fault => "major",
        Kind::Rule(rule) if rule.effect == Effect::Image => "major",
        Kind::Rule(_) => "minor",
        Kind::Layout => "info",
    }
}
