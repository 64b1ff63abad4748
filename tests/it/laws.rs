//! The laws, held on every fixture and on the corpus.

use std::collections::BTreeMap;

use dockfix::fix::{self, Job, Rule, Safety};
use dockfix::format::{self, EndOfLine, Indent, Operators};
use dockfix::syntax;

use crate::hold::in_keys;
use crate::{corpus, sets};

fn layout_job() -> Job {
    Job { format: Some(format::Options::default()), ..Job::default() }
}

#[test]
fn the_tree_prints_its_input() {
    for (path, text) in corpus::files() {
        assert_eq!(syntax::parse(&text).file().syntax().text().to_string(), text, "{path}");
    }
}

#[test]
fn shell_texts_are_read() {
    let (mut shells, mut errors) = (0, Vec::new());
    for (path, text) in corpus::files() {
        let parse = syntax::parse(&text);
        let runs = parse.file().instructions().filter(|it| it.kind() == syntax::SyntaxKind::RUN);
        shells += runs.filter(|it| it.json().is_none() && it.foreign_script().is_none()).count();
        for error in parse.errors().iter().filter(|it| it.kind.is_shell()) {
            let at = usize::from(error.range.start());
            let near: String = text[at..].chars().take(50).collect();
            errors.push(format!("{path}: {} at {near:?}", error.kind));
        }
    }
    eprintln!("{shells} shell texts, {} not read", errors.len());
    for error in &errors {
        eprintln!("{error}");
    }
    assert!(errors.len() * 200 <= shells);
}

/// Lays all files out and says what is wrong with what comes.
fn lay_out(options: format::Options) -> Vec<String> {
    let job = Job { format: Some(options), ..layout_job() };
    let (mut bad, mut formatted) = (Vec::new(), 0);
    for (path, text) in corpus::files() {
        let once = fix::run(&text, &job);
        formatted += usize::from(once.formatted);
        if fix::would_format(&text, &options).formatted != (once.text != text) {
            bad.push(format!("{path}: asked whether it changes, the layout says something else"));
        }
        for fault in &once.faults {
            bad.push(format!("{path}: fault: {} at {:?}", fault.message, fault.range));
        }
        if fix::run(&once.text, &job).text != once.text {
            bad.push(format!("{path}: unstable"));
        }
        if options.keep_cache && in_keys(&syntax::parse(&text)) != in_keys(&syntax::parse(&once.text)) {
            bad.push(format!("{path}: something would be rebuilt"));
        }
    }
    eprintln!("{formatted} files laid out with {options:?}");
    for line in bad.iter().take(40) {
        eprintln!("{line}");
    }
    bad
}

#[test]
fn layout_is_stable_and_changes_no_meaning() {
    let bad = lay_out(format::Options::default());
    assert!(bad.is_empty(), "{} files", bad.len());
}

#[test]
fn layout_is_stable_and_changes_no_meaning_with_any_options() {
    let base = format::Options::default();
    let sets = [
        format::Options { operators: Operators::Trailing, indent: Indent::Spaces(2), line_width: 80, ..base },
        format::Options { operators: Operators::Preserve, indent: Indent::Tab, line_width: 0, ..base },
        format::Options { line_width: 1, stage_gap: false, end_of_line: EndOfLine::Lf, ..base },
        format::Options { operators: Operators::Trailing, line_width: 40, end_of_line: EndOfLine::CrLf, ..base },
    ];
    let bad: usize = sets.into_iter().map(|options| lay_out(options).len()).sum();
    assert_eq!(bad, 0);
}

#[test]
fn layout_that_keeps_the_cache_changes_nothing_that_a_build_sees() {
    let bad = lay_out(format::Options { keep_cache: true, ..format::Options::default() });
    assert!(bad.is_empty(), "{} files", bad.len());
}

fn fix_job(safety: Safety, rules: Vec<&'static Rule>) -> Job {
    Job { rules, fix: Some(safety), format: Some(format::Options::default()), ..Job::default() }
}

#[test]
fn fixes_settle_and_bring_no_fault() {
    let (mut bad, mut applied) = (Vec::new(), BTreeMap::new());
    let jobs = sets::together().map(|it| fix_job(Safety::Unsafe, it));
    let files = corpus::files();
    for (job, (path, text)) in jobs.iter().flat_map(|job| files.iter().map(move |it| (job, it))) {
        let once = fix::run(text, job);
        for (rule, count) in &once.applied {
            *applied.entry(rule.name).or_insert(0) += count;
        }
        for fault in &once.faults {
            bad.push(format!("{path}: fault in {:?}: {} at {:?}", fault.rule, fault.message, fault.range));
        }
        if fix::run(&once.text, job).text != once.text {
            bad.push(format!("{path}: a second run changed it again"));
        }
    }
    eprintln!("{applied:#?}");
    for line in bad.iter().take(40) {
        eprintln!("{line}");
    }
    assert!(bad.is_empty(), "{} faults", bad.len());
}

#[test]
fn safe_fixes_first_or_all_at_once_come_to_the_same() {
    let (safe, all) = (fix_job(Safety::Safe, sets::default()), fix_job(Safety::Unsafe, sets::default()));
    // Two fixes that put something in one place leave it in their order, and the layout keeps breaks between words:
    // also that of a line that was too long until an unsafe fix made it shorter. Whether a comment goes with what is
    // removed depends on what stands below the two by then.
    let words = |text: &str| {
        let read: Vec<&str> = text.lines().filter(|it| !it.trim_start().starts_with('#')).collect();
        let joined = read.join("\n").replace("\\\n", "");
        let mut words: Vec<String> = joined.split_whitespace().map(str::to_owned).collect();
        words.sort_unstable();
        words
    };
    let mut bad = Vec::new();
    for (path, text) in corpus::files() {
        let outcome = fix::run(&text, &all);
        // Where SHELL says which shell it is, the shell form of CMD is the author's choice, and this rule sets it.
        if outcome.applied.iter().any(|it| it.0.name == "bash-as-sh") {
            continue;
        }
        let at_once = outcome.text;
        let in_two = fix::run(&fix::run(&text, &safe).text, &all).text;
        if words(&in_two) != words(&at_once) {
            bad.push(path);
        }
    }
    for path in bad.iter().take(40) {
        eprintln!("{path}");
    }
    assert!(bad.is_empty(), "{} files", bad.len());
}
