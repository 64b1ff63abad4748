//! What the tests of rules are written with.

use super::{Finding, Job, Outcome, Rule, Safety, run};

fn outcome(rule: &'static Rule, text: &str, fix: Option<Safety>) -> Outcome {
    let outcome = run(text, &Job { rules: vec![rule], fix, ..Job::default() });
    assert!(outcome.passed_over.is_none(), "passed over: {:?}", outcome.passed_over);
    assert_eq!(outcome.faults, [], "{text}");
    outcome
}

/// The safe fixes of a rule make `before` into `after`.
#[track_caller]
pub(crate) fn check(rule: &'static Rule, before: &str, after: &str) {
    assert_eq!(outcome(rule, before, Some(Safety::Safe)).text, after);
}

/// The fixes of a rule, also unsafe ones, make `before` into `after`; the safe ones alone change nothing.
#[track_caller]
pub(crate) fn check_unsafe(rule: &'static Rule, before: &str, after: &str) {
    assert_eq!(outcome(rule, before, Some(Safety::Safe)).text, before);
    assert_eq!(outcome(rule, before, Some(Safety::Unsafe)).text, after);
}

/// No fix of a rule changes `text`.
#[track_caller]
pub(crate) fn check_same(rule: &'static Rule, text: &str) {
    assert_eq!(outcome(rule, text, Some(Safety::Unsafe)).text, text);
}

/// The safe fixes of several rules make `before` into `after`.
#[track_caller]
pub(crate) fn check_all(rules: &[&'static Rule], before: &str, after: &str) {
    let outcome = run(before, &Job { rules: rules.to_vec(), fix: Some(Safety::Safe), ..Job::default() });
    assert_eq!((outcome.faults, outcome.text.as_str()), (Vec::new(), after));
}

/// What a rule finds.
pub(crate) fn findings(rule: &'static Rule, text: &str) -> Vec<Finding> {
    outcome(rule, text, None).findings
}

/// What the suggestions of a rule would make of `text`, each alone.
pub(crate) fn suggested(rule: &'static Rule, text: &str) -> Vec<String> {
    let fixes = findings(rule, text).into_iter().filter_map(|it| it.fix);
    fixes.filter(|it| it.safety == Safety::Suggest).map(|it| it.edits.apply(text)).collect()
}
