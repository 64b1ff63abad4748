//! The findings of rules that have a twin among BuildKit's own checks, line by line.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{BufRead, BufReader};

use dockfix::fix::{self, Job, Rule};
use dockfix::model::{Model, Stage};
use dockfix::rules::ALL;
use dockfix::syntax::{self, SyntaxKind, ast::Instruction};
use serde_json::Value;

use crate::corpus;

/// The checks of BuildKit to hold rules against.
const CHECKS: &[&str] = &[
    "ConsistentInstructionCasing",
    "ExposeInvalidFormat",
    "ExposeProtoCasing",
    "FromAsCasing",
    "JSONArgsRecommended",
    "LegacyKeyValueFormat",
    "MaintainerDeprecated",
    "MultipleInstructionsDisallowed",
    "NoEmptyContinuation",
    "RedundantTargetPlatform",
    "StageNameCasing",
    "WorkdirRelativePath",
];

const CASING: &str = "ConsistentInstructionCasing";

type Lines = BTreeSet<(String, u64)>;

#[test]
fn finds_what_buildkit_warns_of() {
    let Some(folder) = corpus::folder() else {
        return;
    };
    let files: HashMap<String, String> = corpus::files().into_iter().collect();
    let lines = std::fs::File::open(folder.join("buildkit.jsonl.gz")).unwrap();
    let lines = BufReader::new(flate2::read::GzDecoder::new(lines)).lines();
    let mut theirs: BTreeMap<&str, Lines> = BTreeMap::new();
    let mut ours: BTreeMap<&str, Lines> = BTreeMap::new();
    for line in lines {
        let truth: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let path = truth["path"].as_str().unwrap();
        // BuildKit looks no further than the first error.
        let whole = ["parse_error", "instr_error", "lint_error"].iter().all(|it| truth[it].is_null());
        let Some(text) = files.get(path).filter(|_| whole) else { continue };
        for warning in truth["warnings"].as_array().into_iter().flatten() {
            let check = CHECKS.iter().find(|it| warning[0] == **it);
            if let Some(check) = check {
                let line = first_line(text, warning[1].as_u64().unwrap());
                let line = if *check == CASING && is_mostly_lower(text) { 0 } else { line };
                theirs.entry(check).or_default().insert((path.to_owned(), line));
            }
        }
        let found = found(text);
        // Of a CMD that is shadowed, its form is not told as well.
        for (_, line) in found.iter().filter(|it| it.0 == "MultipleInstructionsDisallowed") {
            theirs.entry("JSONArgsRecommended").or_default().remove(&(path.to_owned(), *line));
        }
        // Of one that gives way to its program, its form is not told.
        for line in lines_of(text, |it| it.arguments().contains("exec ")) {
            if !found.contains(&("JSONArgsRecommended", line)) {
                theirs.entry("JSONArgsRecommended").or_default().remove(&(path.to_owned(), line));
            }
        }
        for line in other_workdirs(text) {
            theirs.entry("WorkdirRelativePath").or_default().remove(&(path.to_owned(), line));
        }
        for (check, line) in found {
            ours.entry(check).or_default().insert((path.to_owned(), line));
        }
    }
    let mut bad = Vec::new();
    for check in CHECKS {
        let (theirs, ours) = (theirs.entry(check).or_default(), ours.entry(check).or_default());
        let both = theirs.intersection(ours).count();
        eprintln!("{check}: {} of BuildKit's, {} ours, {both} of both", theirs.len(), ours.len());
        for (side, lines, others) in [("BuildKit's", &*theirs, &*ours), ("ours", &*ours, &*theirs)] {
            for (path, line) in lines.difference(others) {
                eprintln!("  {side} alone: {path}:{line}");
            }
            if both * 100 < lines.len() * 99 {
                bad.push(format!("{check}: {} alone are {side}", lines.len() - both));
            }
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

/// What the twins of the checks find in a text, with the lines on which the instructions begin.
fn found(text: &str) -> Vec<(&'static str, u64)> {
    // BuildKit does not know the comments of others; the same number of bytes keeps the places.
    let text = &text.replace("hadolint ", "########=").replace("# tally ", "########");
    let twin = |rule: &Rule| CHECKS.iter().copied().find(|it| rule.ids.contains(it));
    let rules = ALL.iter().copied().filter(|it| twin(it).is_some()).collect();
    let outcome = fix::run(text, &Job { rules, ..Job::default() });
    let later = later_workdirs(text);
    let mut found = Vec::new();
    for finding in &outcome.findings {
        let start = usize::from(finding.range.start());
        let line = first_line(text, line_of(text, start));
        // A list that is no array is for the rule what it is in CMD, of which alone BuildKit speaks.
        let silent = ["VOLUME", "RUN", "COPY", "ADD"].iter().any(|it| text[start..].starts_with(it));
        let silent = |check: &str| match check {
            "JSONArgsRecommended" => silent,
            "WorkdirRelativePath" => later.contains(&line),
            _ => false,
        };
        let line_of = |check: &str| if check == CASING && is_mostly_lower(text) { 0 } else { line };
        found.extend(twin(finding.rule).filter(|it| !silent(it)).map(|it| (it, line_of(it))));
    }
    found
}

/// The lines of WORKDIRs that BuildKit takes for relative where it knows no more than the file: those with a variable
/// of the base image, and paths of Windows, which it reads as those of Linux.
fn other_workdirs(text: &str) -> Vec<u64> {
    let is_other = |it: &Instruction| it.arguments().contains(['$', ':', '\\', '"', '%']);
    lines_of(text, |it| it.kind() == SyntaxKind::WORKDIR && is_other(it))
}

/// The lines of some instructions.
fn lines_of(text: &str, wanted: impl Fn(&Instruction) -> bool) -> Vec<u64> {
    let parse = syntax::parse(text);
    let wanted = parse.file().instructions().filter(wanted);
    wanted.map(|it| first_line(text, line_of(text, it.syntax().text_range().start().into()))).collect()
}

/// Whether most keywords are in lower case. BuildKit then speaks of the others, and dockfix of these, for its layout
/// writes upper case: there the two agree about the file alone.
fn is_mostly_lower(text: &str) -> bool {
    let parse = syntax::parse(text);
    let keywords: Vec<&str> =
        parse.file().instructions().map(|it| &text[std::ops::Range::<usize>::from(it.keyword_range())]).collect();
    let all = |is: fn(&u8) -> bool| keywords.iter().filter(|it| it.bytes().all(|it| is(&it))).count();
    all(u8::is_ascii_lowercase) > all(u8::is_ascii_uppercase)
}

/// The lines of WORKDIRs above which their stage has another one: it is enough for BuildKit to speak of the first.
fn later_workdirs(text: &str) -> Vec<u64> {
    let parse = syntax::parse(text);
    let model = Model::new(&parse);
    let of_stage = |it: &Stage| {
        let workdirs = it.instructions.iter().filter(|it| it.kind() == SyntaxKind::WORKDIR);
        let ranges: Vec<_> = workdirs.map(|it| it.syntax().text_range()).collect();
        ranges.into_iter().skip(usize::from(it.parent().is_none()))
    };
    model.stages.iter().flat_map(of_stage).map(|it| line_of(text, it.start().into())).collect()
}

fn line_of(text: &str, at: usize) -> u64 {
    text[..at].matches('\n').count() as u64 + 1
}

/// The line on which the instruction of a line begins: BuildKit speaks of an empty line by the instruction's last one.
fn first_line(text: &str, line: u64) -> u64 {
    let parse = syntax::parse(text);
    let starts = parse.file().instructions().map(|it| line_of(text, it.syntax().text_range().start().into()));
    starts.take_while(|it| *it <= line).last().unwrap_or(line)
}
