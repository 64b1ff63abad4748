//! Files below `tests/cases`, and how what becomes of them is shown.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use dockfix::fix::Outcome;
use dockfix::text;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

/// The Dockerfiles below a folder of `tests/cases`, sorted.
pub fn below(folder: &str) -> Vec<PathBuf> {
    let (mut paths, mut folders) = (Vec::new(), vec![root().join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension() {
                _ if path.is_dir() => folders.push(path),
                Some(it) if it == "Dockerfile" => paths.push(path),
                _ => {}
            }
        }
    }
    paths.sort();
    paths
}

/// A file's text.
pub fn read(path: &Path) -> String {
    text::decode(&std::fs::read(path).unwrap()).into_owned()
}

/// Holds what became of a file against the snapshot that bears its path as name.
pub fn snapshot(path: &Path, before: &str, outcome: &Outcome) {
    let name = path.strip_prefix(root()).unwrap().with_extension("");
    let name = name.to_str().unwrap().replace(['/', '\\'], "__");
    insta::with_settings!({
        snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots"),
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, shown(before, outcome));
    });
}

fn shown(before: &str, outcome: &Outcome) -> String {
    let mut out = format!("Input\n-----\n{}\nOutput\n------\n", visible(before));
    match outcome.text == before {
        true => out.push_str("(unchanged)\n"),
        false => out.push_str(&visible(&outcome.text)),
    }
    if let Some(why) = &outcome.passed_over {
        write!(out, "\nPassed over: {why:?}\n").unwrap();
    }
    if !outcome.errors.is_empty() {
        out.push_str("\nErrors\n------\n");
        for error in &outcome.errors {
            writeln!(out, "{}: {}", line(&outcome.text, error.range), error.kind).unwrap();
        }
    }
    if !outcome.applied.is_empty() || !outcome.findings.is_empty() {
        out.push_str("\nFindings\n--------\n");
        for (rule, count) in &outcome.applied {
            writeln!(out, "{}: fixed {count}", rule.name).unwrap();
        }
        for finding in &outcome.findings {
            let fix = finding.fix.as_ref().map(|it| format!(" ({:?} fix)", it.safety)).unwrap_or_default();
            let at = line(&outcome.text, finding.range);
            writeln!(out, "{at}: {}: {}{fix}", finding.rule.name, finding.message).unwrap();
        }
    }
    out
}

fn line(text: &str, range: text_size::TextRange) -> usize {
    1 + text[..usize::from(range.start())].matches('\n').count()
}

/// A text with what is not seen made visible: carriage returns, blanks at the ends of lines, tabs, marks, raw bytes
/// and a missing line break at the end.
fn visible(text: &str) -> String {
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches('\n');
        let kept = body.trim_end_matches([' ', '\t', '\r']);
        for c in kept.chars() {
            match c {
                '\t' => out.push('→'),
                '\u{feff}' => out.push_str("<BOM>"),
                '\r' => out.push('␍'),
                '\0' => out.push_str("<NUL>"),
                '\u{a0}' => out.push_str("<NBSP>"),
                c if text::is_raw(c) => out.push_str("<raw byte>"),
                c => out.push(c),
            }
        }
        out.push_str(&body[kept.len()..].replace('\r', "␍").replace('\t', "→").replace(' ', "·"));
        out.push('\n');
    }
    if !text.is_empty() && !text.ends_with('\n') {
        out.push_str("(no line break at the end)\n");
    }
    out
}
