//! Fingerprints of what is found in real files, which are the same when the files are laid out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use dockfix::fix::{self, Job};
use dockfix::format;
use dockfix::report::{File, Name, Told};

use crate::{cases, corpus, sets};

/// What the layout mends itself.
const MENDED: [&str; 3] = ["as-casing", "empty-continuation", "inconsistent-casing"];

type Prints = BTreeMap<&'static str, BTreeSet<String>>;

/// By the rule, the fingerprints of all that the rules find in a text.
fn prints(text: &str) -> Prints {
    let outcome = fix::run(text, &Job { rules: sets::default(), ..Job::default() });
    let name = Name::new(Path::new("Dockerfile"), Path::new(""));
    let file = File::new(&name, text, &Told { findings: &outcome.findings, ..Told::default() });
    let mut all = Prints::new();
    for entry in &file.entries {
        assert!(all.entry(entry.kind.id()).or_default().insert(file.fingerprint(entry).to_owned()), "each has its own");
    }
    all
}

#[test]
fn a_layout_changes_no_fingerprint() {
    let cases = ["fix", "format", "hold"].into_iter().flat_map(cases::below);
    let cases = cases.map(|it| (it.display().to_string(), cases::read(&it)));
    let layout = Job { format: Some(format::Options::default()), ..Job::default() };
    let (mut found, mut bad) = (0, Vec::new());
    for (path, text) in cases.chain(corpus::files()) {
        let (before, after) = (prints(&text), prints(&fix::run(&text, &layout).text));
        for rule in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
            let none = BTreeSet::new();
            let (before, after) = (before.get(rule).unwrap_or(&none), after.get(rule).unwrap_or(&none));
            found += before.len();
            let all_are_left = before.len() == after.len() || MENDED.contains(rule);
            if !after.is_subset(before) || !all_are_left {
                let same = after.intersection(before).count();
                bad.push(format!("{path}: {rule}: {} before, {} after, {same} the same", before.len(), after.len()));
            }
        }
    }
    eprintln!("{found} findings");
    for line in bad.iter().take(40) {
        eprintln!("{line}");
    }
    assert!(bad.is_empty(), "{} of {found}", bad.len());
}
