//! What `dockfix verify` says of two files, for people and for machines.

use std::{
    fmt::{self, Write},
    ops::Range,
};

use serde::{Serialize, Serializer};

use crate::{
    model::{
        Value,
        build::{Build, Problem, Step},
    },
    syntax::{Parse, SyntaxKind, json},
    text::LineIndex,
    verify::{Comparison, StageComparison, StepDifference, Verdict, Weight, reads_alike},
};

/// Two files against each other. `Display` is for people, serialisation for machines.
#[derive(Debug, Serialize)]
pub struct Report {
    /// What the two are to each other; machines get the word alone.
    #[serde(serialize_with = "word")]
    pub verdict: Verdict,
    /// Why it cannot be told.
    reasons: Vec<String>,
    /// How many steps the new build has.
    steps: usize,
    /// How many of them have cache keys that the old build does not have.
    steps_rebuilt: usize,
    /// What is to be known beside.
    notes: Vec<String>,
    /// The stages in which something differs.
    stages: Vec<StageReport>,
}

/// A verdict without its reasons: `same`, `rebuild`, `image` or `cannot-tell`.
fn word<S: Serializer>(verdict: &Verdict, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(verdict.as_str())
}

#[derive(Debug, Serialize)]
struct StageReport {
    stage: usize,
    name: Option<String>,
    image: String,
    steps: Vec<StepReport>,
    config: Vec<Change>,
}

#[derive(Debug, Serialize)]
struct StepReport {
    instruction: &'static str,
    old_line: Option<usize>,
    new_line: Option<usize>,
    /// `changed`, `added`, `removed`, or `follows` for one that only stands on such a step.
    what: &'static str,
    effect: Option<&'static str>,
    parts: Vec<Change>,
}

#[derive(Debug, Serialize)]
struct Change {
    what: &'static str,
    effect: Option<&'static str>,
    /// Whether the two differ in their order only.
    reordered: bool,
    old: Vec<String>,
    new: Vec<String>,
}

/// A file of the two.
struct Side<'a> {
    name: &'a str,
    text: &'a str,
    lines: LineIndex,
    build: Build,
}

impl<'a> Side<'a> {
    fn new(name: &'a str, text: &'a str, parse: &Parse) -> Self {
        Side { name, text, lines: LineIndex::new(text), build: Build::new(parse) }
    }

    fn line(&self, step: &Step) -> usize {
        self.lines.display(step.range.start(), self.text).0
    }

    fn problem(&self, problem: &Problem) -> String {
        let (line, column) = self.lines.display(problem.range.start(), self.text);
        format!("{}:{line}:{column}: {}", self.name, problem.message)
    }

    fn stage(&self, at: usize) -> String {
        stage_name(self.build.stages.get(at).and_then(|it| it.name.as_deref()), at)
    }
}

/// A stage as people call it: by its name, or by its place, which is counted from 0 here and from 1 there.
pub fn stage_name(name: Option<&str>, at: usize) -> String {
    match name {
        Some(name) => format!("stage `{name}`"),
        None => format!("stage {}", at + 1),
    }
}

impl Report {
    /// Holds two files, each with its name, against each other.
    pub fn new(old: (&str, &str, &Parse), new: (&str, &str, &Parse)) -> Report {
        let read_alike = reads_alike(old.2, new.2);
        let (old, new) = (Side::new(old.0, old.1, old.2), Side::new(new.0, new.1, new.2));
        let comparison = Comparison::new(&old.build, &new.build);
        let problems: Vec<&Problem> = old.build.problems.iter().chain(&new.build.problems).collect();
        let verdict = if read_alike { Verdict::Same } else { comparison.verdict(&problems) };
        let reasons = match &verdict {
            Verdict::CannotTell(reasons) if problems.is_empty() => reasons.clone(),
            Verdict::CannotTell(_) => {
                let old = old.build.problems.iter().map(|it| old.problem(it));
                old.chain(new.build.problems.iter().map(|it| new.problem(it))).collect()
            }
            _ => Vec::new(),
        };
        let stages = comparison.stages.iter().filter_map(|it| stage(it, &old, &new)).collect();
        Report {
            verdict,
            reasons,
            steps: new.build.stages.iter().flat_map(|it| &it.steps).filter(|it| it.is_work()).count(),
            steps_rebuilt: comparison.steps_rebuilt(),
            notes: notes(&comparison, &old, &new),
            stages,
        }
    }

    /// As JSON, with a line break at its end.
    pub fn json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

/// Which stages have no counterpart, or another name: `--target` sees that, a build of the last stage does not.
fn notes(comparison: &Comparison, old: &Side<'_>, new: &Side<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let name = |side: &Side<'_>, at: usize| side.build.stages.get(at).and_then(|it| it.name.clone());
    let stays = |at: usize| {
        let old = name(old, at);
        old.is_some() && new.build.stages.iter().any(|it| it.name == old)
    };
    for at in comparison.gone.iter().filter(|it| !stays(**it)) {
        notes.push(format!("{} is gone", old.stage(*at)));
    }
    for it in &comparison.stages {
        match it.old {
            None => notes.push(format!("{} is new", new.stage(it.new))),
            Some(before) if name(old, before) != name(new, it.new) => {
                notes.push(format!("{} takes the place of {}", new.stage(it.new), old.stage(before)));
            }
            Some(_) => {}
        }
    }
    notes.extend(new.build.needs.iter().map(|it| new.problem(it)));
    notes
}

fn stage(it: &StageComparison, old: &Side<'_>, new: &Side<'_>) -> Option<StageReport> {
    let after = new.build.stages.get(it.new)?;
    let before = it.old.and_then(|it| old.build.stages.get(it));
    let mut steps = Vec::new();
    for difference in &it.steps {
        let one = difference.old.and_then(|at| before?.steps.get(at));
        let other = difference.new.and_then(|at| after.steps.get(at));
        steps.push(step(difference, one, other, old, new));
    }
    let changed: Vec<usize> = it.steps.iter().filter_map(|it| it.new).collect();
    for at in it.rebuilt.iter().filter(|it| before.is_some() && !changed.contains(it)) {
        let step = after.steps.get(*at)?;
        steps.push(StepReport {
            instruction: keyword(step),
            old_line: None,
            new_line: Some(new.line(step)),
            what: "follows",
            effect: Some("rebuild"),
            parts: Vec::new(),
        });
    }
    steps.sort_by_key(|it| it.new_line.or(it.old_line));
    let config: Vec<Change> = it
        .config
        .iter()
        .map(|it| Change::new(it.field.as_str(), Some(it.weight), &it.old.value, &it.new.value))
        .collect();
    let report = StageReport { stage: it.new + 1, name: after.name.clone(), image: after.image.clone(), steps, config };
    (!report.steps.is_empty() || !report.config.is_empty()).then_some(report)
}

fn step(
    difference: &StepDifference,
    one: Option<&Step>,
    other: Option<&Step>,
    old: &Side<'_>,
    new: &Side<'_>,
) -> StepReport {
    let mut parts: Vec<Change> =
        difference.parts.iter().map(|it| Change::new(it.part.as_str(), None, &it.old, &it.new)).collect();
    if let (true, Some(one), Some(other)) = (parts.is_empty(), one, other) {
        // The keys are equal, so it is the stages that they take from.
        let names = |side: &Side<'_>, step: &Step| step.sources.iter().map(|it| side.stage(*it)).collect();
        let (old, new) = (names(old, one), names(new, other));
        parts.push(Change { what: "from", effect: None, reordered: false, old, new });
    }
    StepReport {
        instruction: other.or(one).map_or("", keyword),
        old_line: one.map(|it| old.line(it)),
        new_line: other.map(|it| new.line(it)),
        what: match (one, other) {
            (Some(_), Some(_)) => "changed",
            (None, _) => "added",
            (_, None) => "removed",
        },
        effect: effect(difference.weight),
        parts,
    }
}

fn keyword(step: &Step) -> &'static str {
    match step.key.kind {
        SyntaxKind::UNKNOWN => "unknown instruction",
        kind => kind.keyword(),
    }
}

/// The word for what a difference does to the build; none where that is open.
fn effect(weight: Weight) -> Option<&'static str> {
    match weight {
        Weight::Spacing => Some("rebuild"),
        Weight::Content => Some("image"),
        Weight::Open => None,
    }
}

impl Change {
    fn new(what: &'static str, weight: Option<Weight>, old: &[Value], new: &[Value]) -> Change {
        let sorted = |values: &[Value]| {
            let mut values = values.to_vec();
            values.sort();
            values
        };
        let strings = |values: &[Value]| values.iter().map(Value::to_string).collect();
        Change {
            what,
            effect: weight.and_then(effect),
            reordered: sorted(old) == sorted(new),
            old: strings(old),
            new: strings(new),
        }
    }

    fn print(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = if self.reordered { ", in another order" } else { "" };
        writeln!(f, "    {}{order}", self.what)?;
        let head = self.old.iter().zip(&self.new).take_while(|(one, other)| one == other).count();
        let rest = self.old.len().min(self.new.len()) - head;
        let backward = self.old.iter().rev().zip(self.new.iter().rev()).take(rest);
        let tail = backward.take_while(|(one, other)| one == other).count();
        let (old, new) = (&self.old[head..self.old.len() - tail], &self.new[head..self.new.len() - tail]);
        let start = match (old, new) {
            ([one], [other]) => window(one, other),
            _ => 0..usize::MAX,
        };
        for (sign, lines) in [("-", old), ("+", new)] {
            if lines.is_empty() {
                writeln!(f, "      {sign} (nothing)")?;
            }
            for line in lines {
                writeln!(f, "      {sign} {}", excerpt(line, &start))?;
            }
        }
        Ok(())
    }
}

/// So many characters of a long text are shown.
const SHOWN: usize = 100;

/// The part of two texts that is shown: what surrounds the first place where they differ.
fn window(one: &str, other: &str) -> Range<usize> {
    let same = one.chars().zip(other.chars()).take_while(|(one, other)| one == other).count();
    if one.chars().count().max(other.chars().count()) <= SHOWN {
        return 0..SHOWN;
    }
    let start = same.saturating_sub(SHOWN / 3);
    start..start + SHOWN
}

/// A part of a text, in quotes so that its blanks are seen.
fn excerpt(text: &str, window: &Range<usize>) -> String {
    let shown: String = text.chars().skip(window.start).take(window.end.saturating_sub(window.start)).collect();
    let before = if window.start > 0 { "…" } else { "" };
    let after = if text.chars().count() > window.end { "…" } else { "" };
    format!("{before}{}{after}", json::encode(&shown))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rebuilt = match (self.steps_rebuilt, self.steps) {
            (0, _) => "no step is rebuilt".to_owned(),
            (count, all) => format!("{count} of {} rebuilt", steps(all)),
        };
        match self.verdict {
            Verdict::Same => writeln!(f, "same build: {} found in the cache, and the same config", steps(self.steps))?,
            Verdict::Rebuild => writeln!(f, "same result: {rebuilt}")?,
            Verdict::Image => writeln!(f, "another image: {rebuilt}")?,
            Verdict::CannotTell(_) => writeln!(f, "can't tell whether it is the same build")?,
        }
        for reason in &self.reasons {
            writeln!(f, "  {reason}")?;
        }
        for note in &self.notes {
            writeln!(f, "  note: {note}")?;
        }
        for stage in &self.stages {
            stage.fmt(f)?;
        }
        Ok(())
    }
}

fn steps(count: usize) -> String {
    if count == 1 { "1 step".to_owned() } else { format!("{count} steps") }
}

impl fmt::Display for StageReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_ref().map(|it| format!(" AS {it}")).unwrap_or_default();
        writeln!(f, "stage {}: {}{name}", self.stage, self.image)?;
        for step in &self.steps {
            let mut place = String::new();
            match (step.old_line, step.new_line) {
                (Some(old), Some(new)) if old != new => write!(place, "line {old}, now {new}")?,
                (old, new) => write!(place, "line {}", new.or(old).unwrap_or_default())?,
            }
            let what = match (step.what, step.effect) {
                ("follows", _) => "rebuilt, for it stands on a step that differs",
                ("added", _) => "is new",
                ("removed", _) => "is gone",
                (_, Some("rebuild")) => "rebuilt, white space differs",
                (_, Some(_)) => "differs",
                (_, None) => "may differ",
            };
            writeln!(f, "  {} ({place}): {what}", step.instruction)?;
            for part in &step.parts {
                part.print(f)?;
            }
        }
        if !self.config.is_empty() {
            writeln!(f, "  config of the image")?;
        }
        for field in &self.config {
            field.print(f)?;
        }
        Ok(())
    }
}
