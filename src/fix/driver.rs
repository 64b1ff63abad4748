//! Runs rules and layout in turns until nothing is left to do; `verify` agrees with each change.

use std::rc::Rc;

use text_size::TextRange;

use super::{
    Context, Effect, Finding, Fix, Rule, RuleSettings, Safety,
    layout::{self, layout_effect},
    passed_over,
    version::{self, Version, Versions},
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
    /// Whether what all of it does to the build is worked out, for [`Outcome::steps_rebuilt`] and [`Outcome::effect`].
    pub weigh: bool,
}

impl Default for Job {
    /// Nothing is done, and nothing is forbidden.
    fn default() -> Self {
        let settings = RuleSettings::default();
        Job { rules: Vec::new(), fix: None, max_effect: Effect::Image, format: None, settings, weigh: true }
    }
}

impl Job {
    /// Whether a fix is applied where those of `safety` are.
    fn applies(&self, fix: &Fix, safety: Safety) -> bool {
        fix.safety >= safety && fix.effect <= self.max_effect
    }

    /// Whether the text stays as it is.
    fn only_looks(&self) -> bool {
        self.fix.is_none() && self.format.is_none()
    }

    /// Whether rules find in any text what they find in another job, whatever becomes of it.
    pub(super) fn finds_the_same(&self, other: &Job) -> bool {
        self.rules == other.rules && self.settings.options_are_those_of(&other.settings)
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
    /// How many build steps get another cache key than before, with the steps that stand on them; none where the job
    /// does not weigh.
    pub steps_rebuilt: usize,
    /// What all of it together does to the build, as `verify` sees it; where the files don't tell, or the job does not
    /// weigh, the most that the fixes and the layout claim.
    pub effect: Effect,
}

impl Outcome {
    /// Of a document to which nothing was done yet; its text is put in last.
    fn of(text: &str, parse: &Parse) -> Outcome {
        Outcome {
            text: String::new(),
            findings: Vec::new(),
            applied: Vec::new(),
            formatted: false,
            errors: parse.errors().to_vec(),
            faults: Vec::new(),
            passed_over: passed_over::reason(parse, text),
            steps_rebuilt: 0,
            effect: Effect::None,
        }
    }
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
    /// It holds no instruction.
    NoInstructions,
    /// No instruction of it is without an error.
    Unsound,
    /// `# dockfix: ignore-file` without a list of rules, which keeps layout away as well (a list, also `[all]`, speaks
    /// of rules alone).
    Ignored,
}

/// Does `job` to `text`. Never panics and never does IO.
pub fn run(text: &str, job: &Job) -> Outcome {
    // Where the text stays as it is, no other version follows it.
    if job.only_looks() {
        return run_parsed(text, &syntax::parse(text), job);
    }
    let mut versions = Versions::default();
    let version = versions.get(text);
    run_with(text, version, job, &mut versions)
}

/// Asks whether the layout would change `text`, which takes less than to lay it out: [`Outcome::formatted`] says it,
/// and the outcome's text stays the input.
pub fn would_format(text: &str, options: &format::Options) -> Outcome {
    let mut reparser = Reparser::default();
    let document = Document::new(reparser.parse(text));
    let mut outcome = Outcome::of(text, document.parse());
    if outcome.passed_over.is_none() {
        outcome.formatted = layout::changes(&document, text, options, &mut outcome.faults, &mut reparser);
    }
    text.clone_into(&mut outcome.text);
    outcome
}

/// As [`run`], for a text that was parsed already.
pub fn run_parsed(text: &str, parse: &Parse, job: &Job) -> Outcome {
    if job.only_looks() {
        return look(text, parse, job);
    }
    let version = Rc::new(Version::new(0, text.to_owned(), Document::new(parse.clone())));
    run_with(text, version, job, &mut Versions::default())
}

/// Does a job that leaves the text as it is.
fn look(text: &str, parse: &Parse, job: &Job) -> Outcome {
    let mut outcome = Outcome::of(text, parse);
    if outcome.passed_over.is_none() {
        let document = Document::new(parse.clone());
        let ctx = Context::new(text, &document, &job.settings, &job.rules);
        for rule in &job.rules {
            let mut found = ctx.look(rule);
            job.settings.grade(rule, &mut found);
            outcome.findings.append(&mut found);
        }
        outcome.findings.sort_by_key(|it| (it.range.start(), it.range.end()));
    }
    text.clone_into(&mut outcome.text);
    outcome
}

/// Does a job to a version with a text.
pub(super) fn run_with(text: &str, version: Rc<Version>, job: &Job, versions: &mut Versions) -> Outcome {
    let mut outcome = Outcome::of(text, version.document().parse());
    if outcome.passed_over.is_some() {
        text.clone_into(&mut outcome.text);
        return outcome;
    }
    let safety = job.fix.filter(|_| !version.suppressions().everything());
    let mut rules = job.rules.clone();
    // Who does not weigh has no use for it once another follows, and a large one is rather read twice than held.
    let before = (job.weigh && text.len() <= version::ROOM).then(|| Rc::clone(&version));
    let mut after = version;
    let mut seen: Vec<String> = Vec::new();
    loop {
        if let Some(safety) = safety {
            after = sweep(job, &mut rules, safety, after, &mut outcome, versions);
        }
        if let Some(options) = &job.format
            && let Some(layout) = versions.lay_out(&after, options, &mut outcome.faults)
        {
            outcome.formatted = true;
            after = layout;
        }
        let view = after.view(job);
        outcome.findings = job.rules.iter().flat_map(|rule| view.look(rule)).collect();
        // A fix may make room for another, and a rule may see something in what the layout made, as the case of
        // keywords.
        let again = |it: &Finding| {
            let has_work = |safety| it.fix.as_ref().is_some_and(|it| !it.edits.is_empty() && job.applies(it, safety));
            rules.contains(&it.rule) && safety.is_some_and(has_work)
        };
        // Where fixes and layout only undo each other, as in a region without layout, the last word stands.
        if !outcome.findings.iter().any(again) || seen.last().is_some_and(|it| it == after.text()) {
            break;
        }
        if seen.len() == MAX_ROUNDS || seen.iter().any(|it| it == after.text()) {
            let range = after.document().parse().file().syntax().text_range();
            outcome.faults.push(Fault { rule: None, range, message: "rules and layout do not settle".to_owned() });
            break;
        }
        seen.push(after.text().to_owned());
    }
    after.forget_model();
    if after.text() != text {
        let (steps, effect) = match job.weigh {
            true => after.rebuilt_since(&before.unwrap_or_else(|| versions.get(text))),
            false => (0, None),
        };
        outcome.steps_rebuilt = steps;
        let layout = job.format.as_ref().filter(|_| outcome.formatted).map_or(Effect::None, layout_effect);
        outcome.effect = effect.unwrap_or(outcome.effect.max(layout));
        outcome.errors = after.document().parse().errors().to_vec();
    }
    outcome.findings.sort_by_key(|it| (it.range.start(), it.range.end()));
    outcome.text = Version::into_text(after);
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

/// So many times rules and layout follow each other before it is given up that they settle.
const MAX_ROUNDS: usize = 10;

/// Applies the fixes of all rules, one rule after the other. A rule that misbehaves is taken back and not run again on
/// this document. Takes and gives back the version that it is.
fn sweep(
    job: &Job,
    rules: &mut Vec<&'static Rule>,
    safety: Safety,
    mut version: Rc<Version>,
    outcome: &mut Outcome,
    versions: &mut Versions,
) -> Rc<Version> {
    let mut broken = Vec::new();
    let mut rest = &rules[..];
    // What was read of a text serves all rules up to the one that changes it.
    while let Some(work) = next_work(&mut rest, &version, job, safety) {
        let rule = work.rule;
        version.forget_model();
        let after = versions.get(work.edits.apply(version.text()));
        if let Some(message) = after.difference_to(&version, &work.edits, work.effect, rule) {
            outcome.faults.push(Fault { rule: Some(rule.name), range: work.range, message });
            broken.push(rule.name);
            continue;
        }
        outcome.effect = outcome.effect.max(work.effect);
        version = after;
        match outcome.applied.iter_mut().find(|it| it.0 == rule) {
            Some(known) => known.1 += work.count,
            None => outcome.applied.push((rule, work.count)),
        }
    }
    rules.retain(|it| !broken.contains(&it.name));
    version
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
fn next_work(rules: &mut &[&'static Rule], version: &Version, job: &Job, safety: Safety) -> Option<Work> {
    let view = version.view(job);
    while let Some((rule, rest)) = rules.split_first() {
        *rules = rest;
        let mut work =
            Work { rule, edits: EditSet::default(), effect: Effect::None, count: 0, range: TextRange::default() };
        for finding in view.look(rule) {
            let Some(fix) = finding.fix.filter(|it| job.applies(it, safety)) else {
                continue;
            };
            // A fix that overlaps another waits for the next sweep.
            if !fix.edits.is_empty() && work.edits.union(fix.edits) {
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
