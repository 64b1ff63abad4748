//! Runs rules to a fixpoint, then layout, then verify.

use std::collections::HashSet;

use text_size::TextRange;

use super::{Context, Effect, Finding, Findings, Rule, Safety, passed_over};
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
    /// `# dockfix: ignore-file` without a list of rules, which keeps layout away as well (a list, also `[all]`, speaks
    /// of rules alone); or the file holds no instruction at all.
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
    let silent = Context::new(text, &parse).suppressions.everything();
    if let (Some(safety), false) = (job.fix, silent) {
        sweep(job, safety, &mut outcome);
    }
    if let Some(options) = &job.format {
        let laid_out = match outcome.text == text {
            true => layout(&parse, text, options, &mut outcome.faults),
            false => layout(&syntax::parse(&outcome.text), &outcome.text, options, &mut outcome.faults),
        };
        outcome.formatted = laid_out != outcome.text;
        outcome.text = laid_out;
    }
    let after = if outcome.text == text { parse.clone() } else { syntax::parse(&outcome.text) };
    if outcome.text != text {
        outcome.steps_rebuilt = model::steps_rebuilt(&parse, &after);
        outcome.errors = after.errors().to_vec();
    }
    let ctx = Context::new(&outcome.text, &after);
    let findings: Vec<Finding> = job.rules.iter().flat_map(|rule| look(rule, &ctx)).collect();
    outcome.findings = findings;
    outcome.findings.sort_by_key(|it| (it.range.start(), it.range.end()));
    outcome
}

/// What a rule finds that no comment keeps quiet.
fn look(rule: &'static Rule, ctx: &Context<'_>) -> Vec<Finding> {
    let mut findings = Findings::default();
    (rule.run)(ctx, &mut findings);
    let mut list = findings.into_sorted();
    list.retain(|it| !ctx.suppressions.hold(rule, it.range));
    list
}

/// So many times all rules are run before it is given up that they settle.
const MAX_SWEEPS: usize = 10;

/// Applies the fixes of all rules, one rule at a time, until none of them changes anything. A rule that misbehaves is
/// taken back and not run again on this document.
fn sweep(job: &Job, safety: Safety, outcome: &mut Outcome) {
    let mut rules = job.rules.clone();
    let mut seen = HashSet::from([outcome.text.clone()]);
    let mut parse = syntax::parse(&outcome.text);
    for _ in 0..MAX_SWEEPS {
        let before = outcome.text.clone();
        let mut broken = Vec::new();
        for rule in &rules {
            let ctx = Context::new(&outcome.text, &parse);
            let (mut edits, mut count) = (EditSet::default(), 0);
            let findings = look(rule, &ctx);
            let fixes = findings.iter().filter_map(|it| it.fix.as_ref());
            for fix in fixes.filter(|it| it.safety >= safety && it.effect <= job.max_effect) {
                // A fix that overlaps another waits for the next sweep.
                count += usize::from(edits.union(&fix.edits));
            }
            if edits.is_empty() {
                continue;
            }
            let text = edits.apply(&outcome.text);
            let after = syntax::parse(&text);
            if let Some(message) = verify::rule_difference(&parse, &after, &edits, rule.effect) {
                let range = findings.first().map_or(parse.file().syntax().text_range(), |it| it.range);
                outcome.faults.push(Fault { rule: Some(rule.name), range, message });
                broken.push(rule.name);
                continue;
            }
            outcome.text = text;
            parse = after;
            match outcome.applied.iter_mut().find(|it| it.0 == *rule) {
                Some(known) => known.1 += count,
                None => outcome.applied.push((rule, count)),
            }
        }
        rules.retain(|it| !broken.contains(&it.name));
        if outcome.text == before {
            return;
        }
        if !seen.insert(outcome.text.clone()) {
            break;
        }
    }
    let range = parse.file().syntax().text_range();
    outcome.faults.push(Fault { rule: None, range, message: "the rules do not settle".to_owned() });
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
