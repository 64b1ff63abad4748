//! Runs rules to a fixpoint, then layout, then verify.

use std::collections::HashSet;

use text_size::TextRange;

use super::{Context, Effect, Finding, Findings, Rule, Safety, passed_over};
use crate::{
    format::{self, Piece},
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
    let silent = Context::new(text, &parse).suppressions.everything();
    if let (Some(safety), false) = (job.fix, silent) {
        sweep(job, safety, &mut outcome);
    }
    if let Some(options) = &job.format {
        let laid_out = layout(&syntax::parse(&outcome.text), &outcome.text, options, &mut outcome.faults);
        outcome.formatted = laid_out != outcome.text;
        outcome.text = laid_out;
    }
    let after = syntax::parse(&outcome.text);
    if outcome.text != text {
        outcome.steps_rebuilt = verify::steps_rebuilt(&parse, &after);
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
        let mut rest = &rules[..];
        // What was read of a text serves all rules up to the one that changes it.
        while let Some((work, after)) = next_work(&mut rest, &outcome.text, &parse, job, safety) {
            let rule = work.rule;
            if let Some(message) = verify::rule_difference(&parse, &after, &work.edits, work.effect, rule.changes) {
                outcome.faults.push(Fault { rule: Some(rule.name), range: work.range, message });
                broken.push(rule.name);
                continue;
            }
            outcome.text = work.edits.apply(&outcome.text);
            parse = after;
            match outcome.applied.iter_mut().find(|it| it.0 == rule) {
                Some(known) => known.1 += work.count,
                None => outcome.applied.push((rule, work.count)),
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

/// What one rule wants to change.
struct Work {
    rule: &'static Rule,
    edits: EditSet,
    /// The most that one of the fixes does to the build.
    effect: Effect,
    /// How many fixes they are.
    count: usize,
    /// Where the first of them stands.
    range: TextRange,
}

/// The work of the first of `rules` that has any, and the text after it. Takes the rules that looked.
fn next_work(
    rules: &mut &[&'static Rule],
    text: &str,
    parse: &Parse,
    job: &Job,
    safety: Safety,
) -> Option<(Work, Parse)> {
    if rules.is_empty() {
        return None;
    }
    let ctx = Context::new(text, parse);
    while let Some((rule, rest)) = rules.split_first() {
        *rules = rest;
        let mut work =
            Work { rule, edits: EditSet::default(), effect: Effect::None, count: 0, range: TextRange::default() };
        for finding in look(rule, &ctx) {
            let Some(fix) = finding.fix.filter(|it| it.safety >= safety && it.effect <= job.max_effect) else {
                continue;
            };
            // A fix that overlaps another waits for the next sweep.
            if !fix.edits.is_empty() && work.edits.union(&fix.edits) {
                work.range = if work.count == 0 { finding.range } else { work.range };
                work.effect = work.effect.max(fix.effect);
                work.count += 1;
            }
        }
        if work.count > 0 {
            let after = syntax::parse(&work.edits.apply(text));
            return Some((work, after));
        }
    }
    None
}

/// The most that the layout may do to the build.
const LAYOUT_EFFECT: Effect = Effect::Rebuild;

/// Lays a document out. A piece of the layout that would change what the document means is left out, and reported.
fn layout(parse: &Parse, text: &str, options: &format::Options, faults: &mut Vec<Fault>) -> String {
    let pieces = format::format(parse, text, options);
    let mut all = EditSet::default();
    // Pieces are disjoint: each instruction has its own, and the last stands between them.
    let whole = pieces.iter().all(|it| all.union(&it.edits));
    if whole {
        let laid_out = all.apply(text);
        if verify::layout_difference(parse, &syntax::parse(&laid_out), LAYOUT_EFFECT).is_none() {
            return laid_out;
        }
    }
    let mut good = EditSet::default();
    sift(parse, text, &pieces, &mut good, faults);
    let laid_out = good.apply(text);
    match verify::layout_difference(parse, &syntax::parse(&laid_out), LAYOUT_EFFECT) {
        None => laid_out,
        Some(message) => {
            faults.push(Fault { rule: None, range: parse.file().syntax().text_range(), message });
            text.to_owned()
        }
    }
}

/// So many faults of the layout in one file are looked for; the pieces among which there are more are left out.
const MAX_FAULTS: usize = 20;

/// Adds the pieces that leave the document's meaning as it is to `good`, and reports the others. Halves that are good
/// as a whole are not looked into.
fn sift(parse: &Parse, text: &str, pieces: &[Piece], good: &mut EditSet, faults: &mut Vec<Fault>) {
    let mut edits = EditSet::default();
    let difference = match pieces.iter().all(|it| edits.union(&it.edits)) {
        true => verify::layout_difference(parse, &syntax::parse(&edits.apply(text)), LAYOUT_EFFECT),
        false => Some("two edits overlap".to_owned()),
    };
    let message = match difference {
        None if good.union(&edits) => return,
        None => "two edits overlap".to_owned(),
        Some(message) => message,
    };
    match pieces {
        [] => {}
        [piece] => faults.push(Fault { rule: None, range: piece.range, message }),
        [first, ..] if faults.len() >= MAX_FAULTS => {
            faults.push(Fault { rule: None, range: first.range, message });
        }
        _ => {
            let (left, right) = pieces.split_at(pieces.len() / 2);
            sift(parse, text, left, good, faults);
            sift(parse, text, right, good, faults);
        }
    }
}
