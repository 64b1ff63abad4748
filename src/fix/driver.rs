//! Runs rules to a fixpoint, then layout, then verify.

use text_size::TextRange;

use super::{Effect, Finding, Rule, Safety, passed_over};
use crate::{
    format, model,
    syntax::{self, Parse, SyntaxError},
    text::EditSet,
    verify,
};

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
    let parse = syntax::parse(text);
    let mut outcome = Outcome {
        text: text.to_owned(),
        findings: Vec::new(),
        applied: Vec::new(),
        formatted: false,
        errors: parse.errors().to_vec(),
        faults: Vec::new(),
        passed_over: passed_over::reason(&parse, text),
        steps_rebuilt: 0,
    };
    if outcome.passed_over.is_some() {
        return outcome;
    }
    if let Some(options) = &job.format {
        let laid_out = layout(&parse, text, options, &mut outcome.faults);
        outcome.formatted = laid_out != text;
        outcome.text = laid_out;
    }
    if outcome.text != text {
        let after = syntax::parse(&outcome.text);
        outcome.steps_rebuilt = model::steps_rebuilt(&parse, &after);
        outcome.errors = after.errors().to_vec();
    }
    outcome
}

/// Lays a document out. A piece of the layout that would change what the document means is left out, and reported.
fn layout(parse: &Parse, text: &str, options: &format::Options, faults: &mut Vec<Fault>) -> String {
    let pieces = format::format(parse, text, options);
    let mut all = EditSet::default();
    // Pieces are disjoint: each instruction has its own, and the last stands between them.
    let whole = pieces.iter().all(|it| all.union(&it.edits));
    if whole {
        let laid_out = all.apply(text);
        if verify::layout_difference(parse, &syntax::parse(&laid_out)).is_none() {
            return laid_out;
        }
    }
    let mut good = EditSet::default();
    for piece in &pieces {
        let difference = match verify::layout_difference(parse, &syntax::parse(&piece.edits.apply(text))) {
            Some(difference) => difference,
            None if good.union(&piece.edits) => continue,
            None => "two edits overlap".to_owned(),
        };
        faults.push(Fault { rule: None, range: piece.range, message: difference });
    }
    let laid_out = good.apply(text);
    match verify::layout_difference(parse, &syntax::parse(&laid_out)) {
        None => laid_out,
        Some(message) => {
            faults.push(Fault { rule: None, range: parse.file().syntax().text_range(), message });
            text.to_owned()
        }
    }
}
