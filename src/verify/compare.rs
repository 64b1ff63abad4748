//! Two builds against each other: which steps keep their cache keys, and what differs in the others.

use std::collections::HashMap;

use rustc_hash::FxHashSet;

use super::{effect::Effect, meaning::ShellWords, numbers::Numbers};
use crate::{
    model::{
        Reading, Value,
        build::{Build, Field, Part, Problem, Setting, Stage, Step},
    },
    syntax::{
        SyntaxKind::{CMD, ENTRYPOINT, HEALTHCHECK, RUN},
        ast::Instruction,
    },
};

/// How two builds differ.
#[derive(Debug, Default)]
pub struct Comparison {
    /// The stages of the new build, each with the one of the old build that it is held against.
    pub stages: Vec<StageComparison>,
    /// Places in the old build of stages that have no counterpart in the new one.
    pub gone: Vec<usize>,
}

/// A stage of the new build against its counterpart.
#[derive(Debug)]
pub struct StageComparison {
    /// Its counterpart's place in the old build, if it has one.
    pub old: Option<usize>,
    /// Its place in the new build.
    pub new: usize,
    /// The steps that differ by themselves.
    pub steps: Vec<StepDifference>,
    /// The places of steps whose cache keys the old build does not have, for themselves or for what they stand on.
    pub rebuilt: Vec<usize>,
    /// The fields of the config that differ.
    pub config: Vec<FieldDifference>,
}

/// How much a difference weighs. Ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// White space between the words of a shell text.
    Spacing,
    /// It depends on something that the files don't tell, as the base image.
    Open,
    /// Something else is built.
    Content,
}

/// A step that is not what it was.
#[derive(Debug)]
pub struct StepDifference {
    /// Its place in the old stage; missing for one that is new.
    pub old: Option<usize>,
    /// Its place in the new stage; missing for one that is gone.
    pub new: Option<usize>,
    /// The parts of the key that differ.
    pub parts: Vec<PartDifference>,
    /// How much it weighs.
    pub weight: Weight,
}

/// A part of a step's key that differs.
#[derive(Debug)]
pub struct PartDifference {
    /// Which part.
    pub part: Part,
    /// What it was; nothing where it was as by default.
    pub old: Vec<Value>,
    /// What it is.
    pub new: Vec<Value>,
}

/// A field of the config that differs.
#[derive(Debug)]
pub struct FieldDifference {
    /// Which field.
    pub field: Field,
    /// What it was.
    pub old: Setting,
    /// What it is.
    pub new: Setting,
    /// How much it weighs.
    pub weight: Weight,
}

/// What two builds are to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every step keeps its cache key, and the configs are equal.
    Same,
    /// The result is the same, but steps get other keys or shell texts of the config other white space.
    Rebuild,
    /// Another image.
    Image,
    /// The files do not tell; the strings say why.
    CannotTell(Vec<String>),
}

impl Verdict {
    /// What the new build is to the old one; `None` where the files do not tell.
    pub fn effect(&self) -> Option<Effect> {
        match self {
            Verdict::Same => Some(Effect::None),
            Verdict::Rebuild => Some(Effect::Rebuild),
            Verdict::Image => Some(Effect::Image),
            Verdict::CannotTell(_) => None,
        }
    }

    /// The word for it, as reports write it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Verdict::Same => "same",
            Verdict::Rebuild => "rebuild",
            Verdict::Image => "image",
            Verdict::CannotTell(_) => "cannot-tell",
        }
    }
}

impl Comparison {
    /// Holds a build against another.
    pub fn new(old: &Build, new: &Build) -> Comparison {
        let mut numbers = Numbers::for_steps(new.steps());
        let (old_ids, new_ids) = (numbers.of_build(old), numbers.of_build(new));
        let known: FxHashSet<u32> = old_ids.steps.iter().flatten().copied().collect();
        let pairs = counterparts(old, new);
        let mut stages = Vec::new();
        for (at, stage) in new.stages.iter().enumerate() {
            let id = |step: usize| new_ids.steps.get(at).and_then(|it| it.get(step));
            let is_new = |step: &usize| id(*step).is_some_and(|it| !known.contains(it));
            let rebuilt = (0..stage.steps.len()).filter(|it| stage.steps.get(*it).is_some_and(Step::is_work));
            let mut out = StageComparison {
                old: pairs[at],
                new: at,
                steps: Vec::new(),
                rebuilt: rebuilt.filter(is_new).collect(),
                config: Vec::new(),
            };
            if let Some((place, before)) = pairs[at].and_then(|it| Some((it, old.stages.get(it)?))) {
                let same_source = |one: usize, other: usize| {
                    pairs.get(other) == Some(&Some(one)) || old_ids.end_of(one) == new_ids.end_of(other)
                };
                // Stages that end in the same key are the same, however their steps are spread over stages.
                if new_ids.end_of(at).is_none() || old_ids.end_of(place) != new_ids.end_of(at) {
                    let (old_keys, new_keys) = (old_ids.keys_of(place), new_ids.keys_of(at));
                    out.steps = steps((before, old_keys), (stage, new_keys), &same_source);
                }
                out.config = config(before, stage);
            }
            stages.push(out);
        }
        let met: FxHashSet<usize> = pairs.iter().flatten().copied().collect();
        let gone = (0..old.stages.len()).filter(|at| !met.contains(at)).collect();
        Comparison { stages, gone }
    }

    /// Whether nothing differs.
    pub fn is_same(&self) -> bool {
        self.weight().is_none() && self.steps_rebuilt() == 0
    }

    /// How many steps of the new build have cache keys that the old one does not have.
    pub fn steps_rebuilt(&self) -> usize {
        self.stages.iter().map(|it| it.rebuilt.len()).sum()
    }

    fn weights(&self) -> impl Iterator<Item = Weight> {
        self.stages
            .iter()
            .flat_map(|it| it.steps.iter().map(|it| it.weight).chain(it.config.iter().map(|it| it.weight)))
    }

    /// The weight of the heaviest difference.
    pub fn weight(&self) -> Option<Weight> {
        self.weights().max()
    }

    /// What the two builds are to each other. Problems of either leave it open.
    pub fn verdict(&self, problems: &[&Problem]) -> Verdict {
        if !problems.is_empty() {
            return Verdict::CannotTell(problems.iter().map(|it| it.message.clone()).collect());
        }
        match self.weight() {
            Some(Weight::Content) => Verdict::Image,
            Some(Weight::Open) => {
                Verdict::CannotTell(vec!["it depends on the base image or on build arguments".to_owned()])
            }
            Some(Weight::Spacing) => Verdict::Rebuild,
            None if self.steps_rebuilt() == 0 => Verdict::Same,
            // A step of a stage that has no counterpart: nothing that could be built before differs.
            None => Verdict::Rebuild,
        }
    }
}

/// The old stages against which the new ones are held: the last against the last, which are what a build makes by
/// default; then those of the same name; then those at the same place whose names are gone or that had none.
fn counterparts(old: &Build, new: &Build) -> Vec<Option<usize>> {
    let name = |build: &'_ Build, at: usize| build.stages.get(at).and_then(|it| it.name.clone());
    let named = |build: &'_ Build| -> HashMap<String, usize> {
        (0..build.stages.len()).filter_map(|at| Some((name(build, at)?, at))).collect()
    };
    let (old_names, new_names) = (named(old), named(new));
    let (old_last, new_last) = (old.stages.len().checked_sub(1), new.stages.len().checked_sub(1));
    let counterpart = |at: usize| {
        if Some(at) == new_last {
            return old_last;
        }
        let own = name(new, at);
        // Of two stages with one name the first is held against the first.
        if own.is_some() && own == name(old, at) {
            return Some(at);
        }
        own.and_then(|it| old_names.get(&it).copied()).or_else(|| {
            let renamed = at < old.stages.len() && name(old, at).is_none_or(|it| !new_names.contains_key(&it));
            (renamed && Some(at) != old_last).then_some(at)
        })
    };
    (0..new.stages.len()).map(counterpart).collect()
}

/// The steps that differ by themselves.
fn steps(
    (old, old_keys): (&Stage, &[u32]),
    (new, new_keys): (&Stage, &[u32]),
    same_source: &dyn Fn(usize, usize) -> bool,
) -> Vec<StepDifference> {
    let old: Vec<(&Step, u32)> = old.steps.iter().zip(old_keys.iter().copied()).collect();
    let new: Vec<(&Step, u32)> = new.steps.iter().zip(new_keys.iter().copied()).collect();
    let same = |(one, key): (&Step, u32), (other, other_key): (&Step, u32)| {
        key == other_key
            && one.sources.len() == other.sources.len()
            && one.sources.iter().zip(&other.sources).all(|(one, other)| same_source(*one, *other))
    };
    let mut differences = Vec::new();
    for (before, after) in align(&old, &new, &same) {
        let steps = (before.and_then(|it| old.get(it)), after.and_then(|it| new.get(it)));
        let (parts, weight) = match steps {
            (Some(one), Some(other)) if same(*one, *other) => continue,
            (Some(one), Some(other)) => parts(one.0, other.0),
            _ => (Vec::new(), Weight::Content),
        };
        differences.push(StepDifference { old: before, new: after, parts, weight });
    }
    differences
}

/// Pairs of places, each step of either side once, in order.
type Alignment = Vec<(Option<usize>, Option<usize>)>;

/// A step with the number of its key.
type Item<'a> = (&'a Step, u32);

/// Pairs the steps of two stages: equal ones first of all, else ones of the same kind.
fn align(old: &[Item<'_>], new: &[Item<'_>], same: &dyn Fn(Item<'_>, Item<'_>) -> bool) -> Alignment {
    let head = old.iter().zip(new).take_while(|(one, other)| same(**one, **other)).count();
    let rest = old.len().min(new.len()) - head;
    let tail =
        old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(one, other)| same(**one, **other)).count();
    let mut pairs: Alignment = (0..head).map(|it| (Some(it), Some(it))).collect();
    let (rows, columns) = (old.len() - head - tail, new.len() - head - tail);
    pairs.extend(if rows * columns > 1_000_000 {
        (0..rows.max(columns))
            .map(|it| ((it < rows).then_some(head + it), (it < columns).then_some(head + it)))
            .collect()
    } else {
        middle(&old[head..head + rows], &new[head..head + columns], head, same)
    });
    pairs.extend((0..tail).map(|it| (Some(old.len() - tail + it), Some(new.len() - tail + it))));
    pairs
}

/// The best alignment of the steps between the equal ones at both ends: equal ones first of all, then those alike.
fn middle(old: &[Item<'_>], new: &[Item<'_>], offset: usize, same: &dyn Fn(Item<'_>, Item<'_>) -> bool) -> Alignment {
    let gain = |one: Item<'_>, other: Item<'_>| {
        if same(one, other) {
            4
        } else if is_alike(one.0, other.0) {
            2
        } else if one.0.key.kind == other.0.key.kind {
            1
        } else {
            0
        }
    };
    let width = new.len() + 1;
    // `best[i * width + j]` is for what begins at `i` and `j`; all indices are at most the lengths.
    let mut best = vec![0; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            let skip = best[(i + 1) * width + j].max(best[i * width + j + 1]);
            let pair = gain(old[i], new[j]);
            best[i * width + j] = if pair > 0 { skip.max(pair + best[(i + 1) * width + j + 1]) } else { skip };
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < old.len() || j < new.len() {
        let pair = if i < old.len() && j < new.len() { gain(old[i], new[j]) } else { 0 };
        if pair > 0 && best[i * width + j] == pair + best[(i + 1) * width + j + 1] {
            pairs.push((Some(offset + i), Some(offset + j)));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && best[(i + 1) * width + j] >= best[i * width + j + 1]) {
            pairs.push((Some(offset + i), None));
            i += 1;
        } else {
            pairs.push((None, Some(offset + j)));
            j += 1;
        }
    }
    pairs
}

/// Whether a RUN has the text of another one, or what that ends in.
fn is_alike(old: &Step, new: &Step) -> bool {
    fn text(step: &Step) -> Option<&str> {
        step.key.get(Part::Command).last()?.known()
    }
    match (text(old), text(new)) {
        (Some(old), Some(new)) => old.ends_with(new),
        _ => false,
    }
}

/// The parts in which two steps differ, and how much that weighs.
fn parts(old: &Step, new: &Step) -> (Vec<PartDifference>, Weight) {
    let mut differences = Vec::new();
    let mut names: Vec<Part> = old.key.parts.iter().chain(&new.key.parts).map(|it| it.0).collect();
    names.sort();
    names.dedup();
    for part in names {
        let (one, other) = (old.key.get(part), new.key.get(part));
        if one != other {
            differences.push(PartDifference { part, old: one.to_vec(), new: other.to_vec() });
        }
    }
    let weight = match differences.as_slice() {
        // The keys are equal, and so it is the stages that they take from.
        [] => Weight::Content,
        _ if old.key.kind != new.key.kind => Weight::Content,
        [only]
            if only.part == Part::Command && same_stream(&old.instruction, &new.instruction, &only.old, &only.new) =>
        {
            Weight::Spacing
        }
        all if all.iter().all(|it| is_open(&it.old, &it.new)) => Weight::Open,
        _ => Weight::Content,
    };
    (differences, weight)
}

/// The fields in which the configs of two stages differ.
fn config(old: &Stage, new: &Stage) -> Vec<FieldDifference> {
    let mut differences = Vec::new();
    for (field, setting) in new.config.iter() {
        let before = old.config.get(field);
        if before.value == setting.value {
            continue;
        }
        let spacing = match (&before.by, &setting.by) {
            (Some(one), Some(other)) => same_stream(one, other, &before.value, &setting.value),
            _ => false,
        };
        let weight = if spacing {
            Weight::Spacing
        } else if is_open(&before.value, &setting.value) {
            Weight::Open
        } else {
            Weight::Content
        };
        differences.push(FieldDifference { field, old: before.clone(), new: setting.clone(), weight });
    }
    differences
}

/// Whether two shell forms differ in nothing but white space between their words.
fn same_stream(old: &Instruction, new: &Instruction, before: &[Value], after: &[Value]) -> bool {
    // The text stands behind the shell, which must be the same, and for a health check behind the word for it.
    let text = if old.kind() == HEALTHCHECK { 1 } else { before.len().saturating_sub(1) };
    let mut changed = before.iter().zip(after).enumerate().filter(|(_, (one, other))| one != other).map(|it| it.0);
    if old.kind() != new.kind()
        || !matches!(old.kind(), RUN | CMD | ENTRYPOINT | HEALTHCHECK)
        || before.len() != after.len()
        || !changed.all(|it| it == text)
    {
        return false;
    }
    match (stream(old), stream(new)) {
        (Some(one), Some(other)) => !one.is_empty() && one == other && Reading::heredocs(old) == Reading::heredocs(new),
        _ => false,
    }
}

/// The words and operators of a shell form.
pub(super) fn stream(instruction: &Instruction) -> Option<ShellWords> {
    instruction.script().map(|it| ShellWords::of(it.syntax()))
}

/// Whether what is unknown could make the two equal.
fn is_open(old: &[Value], new: &[Value]) -> bool {
    let head = old.iter().zip(new).take_while(|(one, other)| one == other).count();
    let rest = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(one, other)| one == other).count();
    let (old, new) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let by_default = |values: &[Value]| values.iter().map(Value::by_default).collect::<Option<Vec<String>>>();
    let differ = match (by_default(old), by_default(new)) {
        // Without arguments of the build all is known.
        (Some(one), Some(other)) => one != other,
        _ => false,
    };
    // What is known at either end stays there, whatever symbols stand for.
    let apart = |one: Option<&Value>, other: Option<&Value>| {
        one.zip(other).is_some_and(|(one, other)| one.is_known() && other.is_known() && one != other)
    };
    let differ = differ || apart(old.first(), new.first()) || apart(old.last(), new.last());
    // A symbol is never nothing at all.
    !old.is_empty() && !new.is_empty() && !differ && old.iter().chain(new).any(|it| !it.is_known())
}
