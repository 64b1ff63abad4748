//! The cases with which the project began, as they must come out: `tests/cases/fix/article`.

use dockfix::fix::{self, Job, Outcome, Safety};
use dockfix::format;

use crate::cases;

fn fixed(name: &str, safety: Safety) -> (String, Outcome) {
    let path = cases::below("fix/article").into_iter().find(|it| it.to_string_lossy().contains(name)).unwrap();
    let text = cases::read(&path);
    let rules = crate::sets::default();
    let job = Job { rules, fix: Some(safety), format: Some(format::Options::default()), ..Job::default() };
    let outcome = fix::run(&text, &job);
    assert_eq!(outcome.faults, []);
    (text, outcome)
}

/// What a file must become under safe fixes.
#[track_caller]
fn becomes(name: &str, expected: &str) {
    let (_, outcome) = fixed(name, Safety::Safe);
    assert!(outcome.text.ends_with(expected), "{}", outcome.text);
}

/// The rules that speak of a file that must stay as it is, also under unsafe fixes.
#[track_caller]
fn stays(name: &str) -> Vec<&'static str> {
    let (text, outcome) = fixed(name, Safety::Unsafe);
    assert_eq!(outcome.text, text);
    outcome.findings.iter().map(|it| it.rule.name).collect()
}

#[test]
fn install_and_purge_become_one() {
    becomes(
        "a-install",
        "RUN apt-get update \\\n    && apt-get install -y build-essential \\\n    && apt-get purge -y build-essential \\\n    \
         && rm -rf /var/lib/apt/lists/*\n",
    );
    let (_, outcome) = fixed("a-install", Safety::Unsafe);
    assert_eq!(
        outcome.text,
        "FROM debian:12\nRUN apt-get update \\\n    && apt-get install -y --no-install-recommends build-essential \\\n    \
         && apt-get purge -y build-essential \\\n    && rm -rf /var/lib/apt/lists/*\n"
    );
}

#[test]
fn commands_become_arrays() {
    becomes("b-shell", "\nCMD [\"python\", \"main.py\"]\n");
    becomes("c-cmd", "\nENTRYPOINT [\"ping\"]\nCMD [\"localhost\"]\n");
    becomes("d-single", "\nCMD [\"python\", \"main.py\"]\n");
}

#[test]
fn the_last_command_stays() {
    becomes("e-two", "COPY . .\nCMD [\"python\", \"main.py\"]\n");
}

#[test]
fn doubtful_things_are_reported() {
    assert_eq!(stays("f-exec"), ["exec-form-variable"]);
    assert_eq!(stays("g-run"), ["run-starts-program"]);
    let (text, outcome) = fixed("g-run", Safety::Unsafe);
    let suggestion = outcome.findings[0].fix.as_ref().unwrap();
    assert_eq!(suggestion.safety, Safety::Suggest);
    assert!(suggestion.edits.apply(&text).ends_with("COPY . .\nCMD [\"python\", \"main.py\"]\n"));
}

#[test]
fn what_is_well_stays() {
    assert_eq!(stays("h-bash"), [""; 0]);
    assert_eq!(stays("i-written"), [""; 0]);
}
