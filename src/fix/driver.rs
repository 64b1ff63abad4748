//! Runs rules to a fixpoint, then layout, then verify.

use std::{collections::HashSet, rc::Rc};

use text_size::TextRange;

use super::{
    Context, Effect, Finding, Findings, Fix, Rule, RuleSettings, Safety,
    layout::{lay_out, layout_effect},
    passed_over,
    suppress::Suppressions,
};
use crate::{
    format,
    model::Document,
    syntax::{self, Parse, Reparser, SyntaxError},
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
    /// What the rules are told.
    pub settings: RuleSettings,
}

impl Default for Job {
    /// Nothing is done, and nothing is forbidden.
    fn default() -> Self {
        let settings = RuleSettings::default();
        Job { rules: Vec::new(), fix: None, max_effect: Effect::Image, format: None, settings }
    }
}

impl Job {
    /// Whether a fix is applied where those of `safety` are.
    fn applies(&self, fix: &Fix, safety: Safety) -> bool {
        fix.safety >= safety && fix.effect <= self.max_effect
    }
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
    /// What all of it together does to the build, as `verify` sees it; where the files don't tell, the most that the fixes
    /// and the layout claim.
    pub effect: Effect,
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
    /// Most of its instructions are unknown: whatever it is, it is no Dockerfile.
    Foreign,
    /// BuildKit's parser refuses the whole file; `errors` says why.
    Unparsable,
    /// `# dockfix: ignore-file` without a list of rules, which keeps layout away as well (a list, also `[all]`, speaks
    /// of rules alone); or the file holds no instruction without an error.
    Ignored,
}

/// Does `job` to `text`. Never panics and never does IO.
pub fn run(text: &str, job: &Job) -> Outcome {
    let mut reparser = Reparser::default();
    // Where the text stays as it is, no other version follows it.
    let changes = job.fix.is_some() || job.format.is_some();
    let parse = if changes { reparser.parse(text) } else { syntax::parse(text) };
    run_with(text, &parse, job, &mut reparser)
}

/// As [`run`], for a text that was parsed already.
pub fn run_parsed(text: &str, parse: &Parse, job: &Job) -> Outcome {
    run_with(text, parse, job, &mut Reparser::default())
}

fn run_with(text: &str, parse: &Parse, job: &Job, reparser: &mut Reparser) -> Outcome {
    let mut outcome = Outcome {
        text: text.to_owned(),
        findings: Vec::new(),
        applied: Vec::new(),
        formatted: false,
        errors: parse.errors().to_vec(),
        faults: Vec::new(),
        passed_over: passed_over::reason(parse, text),
        steps_rebuilt: 0,
        effect: Effect::None,
    };
    if outcome.passed_over.is_some() {
        return outcome;
    }
    let safety = job.fix.filter(|_| !Suppressions::new(parse).everything());
    let mut rules = job.rules.clone();
    let before = Rc::new(Document::new(parse.clone()));
    let mut after = Rc::clone(&before);
    let mut last = None;
    for round in 1..=MAX_ROUNDS {
        if let Some(safety) = safety {
            after = sweep(job, &mut rules, safety, after, &mut outcome, reparser);
        }
        if let Some(options) = &job.format
            && let Some(layout) = lay_out(&after, &outcome.text, options, None, &mut outcome.faults, reparser)
        {
            outcome.formatted = true;
            outcome.text = layout.text;
            after = Rc::new(layout.document);
        }
        let ctx = Context::new(&outcome.text, &after, &job.settings, &job.rules);
        outcome.findings = job.rules.iter().flat_map(|rule| look(rule, &ctx)).collect();
        // A rule may see something in what the layout made, as the case of keywords.
        let again = |it: &Finding| {
            let applies = |safety| it.fix.as_ref().is_some_and(|it| job.applies(it, safety));
            rules.contains(&it.rule) && safety.is_some_and(applies)
        };
        // Where the two only undo each other, as in a region without layout, the layout has the last word.
        let settled = !outcome.formatted || !outcome.findings.iter().any(again) || last.as_ref() == Some(&outcome.text);
        if settled {
            break;
        }
        last = Some(outcome.text.clone());
        if round == MAX_ROUNDS {
            let range = after.parse().file().syntax().text_range();
            let message = "rules and layout do not settle".to_owned();
            outcome.faults.push(Fault { rule: None, range, message });
        }
    }
    if outcome.text != text {
        let (steps, effect) = verify::rebuilt(&before, &after);
        outcome.steps_rebuilt = steps;
        let layout = job.format.as_ref().filter(|_| outcome.formatted).map_or(Effect::None, layout_effect);
        outcome.effect = effect.unwrap_or(outcome.effect.max(layout));
        outcome.errors = after.parse().errors().to_vec();
    }
    outcome.findings.sort_by_key(|it| (it.range.start(), it.range.end()));
    outcome
}

/// Whether a finding's fix, applied alone to the text in which it was found, changes nothing but what its rule answers
/// for. What [`run`] applies is held to the same.
pub fn is_sound(text: &str, finding: &Finding) -> bool {
    let Some(fix) = finding.fix.as_ref().filter(|it| !it.edits.is_empty()) else {
        return false;
    };
    let document = |text: &str| Document::new(syntax::parse(text));
    let (before, after) = (document(text), document(&fix.edits.apply(text)));
    verify::rule_difference(&before, &after, &fix.edits, fix.effect, finding.rule.changes).is_none()
}

/// So many times rules and layout follow each other.
const MAX_ROUNDS: usize = 3;

/// What a rule finds that no comment keeps quiet.
fn look(rule: &'static Rule, ctx: &Context<'_>) -> Vec<Finding> {
    let mut findings = Findings::default();
    (rule.run)(ctx, &mut findings);
    let mut list = findings.into_sorted();
    list.retain(|it| !ctx.suppressions.hold(rule, it.range));
    for fix in list.iter_mut().filter_map(|it| it.fix.as_mut()) {
        fix.safety = ctx.settings.safety(rule, fix.safety);
    }
    list
}

/// So many times all rules are run before it is given up that they settle.
const MAX_SWEEPS: usize = 10;

/// Applies the fixes of all rules, one rule at a time, until none of them changes anything. A rule that misbehaves is
/// taken back and not run again on this document. Takes and gives back what was read of the text.
fn sweep(
    job: &Job,
    rules: &mut Vec<&'static Rule>,
    safety: Safety,
    mut document: Rc<Document>,
    outcome: &mut Outcome,
    reparser: &mut Reparser,
) -> Rc<Document> {
    let mut seen = HashSet::from([outcome.text.clone()]);
    for _ in 0..MAX_SWEEPS {
        let before = outcome.text.clone();
        let mut broken = Vec::new();
        let mut rest = &rules[..];
        // What was read of a text serves all rules up to the one that changes it.
        while let Some(work) = next_work(&mut rest, &outcome.text, &document, job, safety) {
            let rule = work.rule;
            let text = work.edits.apply(&outcome.text);
            let after = Document::new(reparser.parse(&text));
            if let Some(message) = verify::rule_difference(&document, &after, &work.edits, work.effect, rule.changes) {
                outcome.faults.push(Fault { rule: Some(rule.name), range: work.range, message });
                broken.push(rule.name);
                continue;
            }
            outcome.text = text;
            outcome.effect = outcome.effect.max(work.effect);
            document = Rc::new(after);
            match outcome.applied.iter_mut().find(|it| it.0 == rule) {
                Some(known) => known.1 += work.count,
                None => outcome.applied.push((rule, work.count)),
            }
        }
        rules.retain(|it| !broken.contains(&it.name));
        if outcome.text == before {
            return document;
        }
        if !seen.insert(outcome.text.clone()) {
            break;
        }
    }
    let range = document.parse().file().syntax().text_range();
    outcome.faults.push(Fault { rule: None, range, message: "the rules do not settle".to_owned() });
    document
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

/// The work of the first of `rules` that has any. Takes the rules that looked.
fn next_work(rules: &mut &[&'static Rule], text: &str, document: &Document, job: &Job, safety: Safety) -> Option<Work> {
    if rules.is_empty() {
        return None;
    }
    let ctx = Context::new(text, document, &job.settings, &job.rules);
    while let Some((rule, rest)) = rules.split_first() {
        *rules = rest;
        let mut work =
            Work { rule, edits: EditSet::default(), effect: Effect::None, count: 0, range: TextRange::default() };
        for finding in look(rule, &ctx) {
            let Some(fix) = finding.fix.filter(|it| job.applies(it, safety)) else {
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
            return Some(work);
        }
    }
    None
}
