//! Is this still the same build? Holds two documents against each other.

mod allowed;
mod compare;
mod edited;
mod effect;
mod layout;
mod meaning;
mod numbers;
mod words;

pub use compare::{Comparison, FieldDifference, PartDifference, StageComparison, StepDifference, Verdict, Weight};
pub use effect::{Change, Effect};
pub use layout::{Relaid, layout_difference, reads_alike, relaid};
pub use meaning::{Meaning, comments, directives, meanings};

use std::{borrow::Borrow, collections::HashMap, hash::Hash};

use crate::{model::Document, text::EditSet};

/// What is wrong with a rule's edits, or `None`: they may bring no new error, touch nothing but the instructions in
/// which they stand, lose no comment but those that they delete, and do no more to the build than their effect and the
/// changes that the rule declares.
pub fn rule_difference(
    old: &Document,
    new: &Document,
    edits: &EditSet,
    effect: Effect,
    changes: &[Change],
) -> Option<String> {
    edited::tree_difference(old.parse(), new.parse(), edits)
        .or_else(|| allowed::excess(old.build(), new.build_after(old), effect, changes))
}

/// How many build steps of `after` have cache keys that `before` does not have, be it for themselves or for the steps
/// and stages on which they stand; and what the difference does to the build, where the files tell.
pub fn rebuilt(before: &Document, after: &Document) -> (usize, Option<Effect>) {
    if reads_alike(before.parse(), after.parse()) {
        return (0, Some(Effect::None));
    }
    let (old, new) = (before.build(), after.build_after(before));
    let comparison = Comparison::new(old, new);
    let problems: Vec<_> = old.problems.iter().chain(&new.problems).collect();
    (comparison.steps_rebuilt(), comparison.verdict(&problems).effect())
}

/// Texts, each as often as it stands.
struct Multiset<T>(HashMap<T, usize>);

impl<T: Borrow<str> + Eq + Hash> Multiset<T> {
    fn of(texts: impl IntoIterator<Item = T>) -> Self {
        let mut counts = HashMap::new();
        for text in texts {
            *counts.entry(text).or_default() += 1;
        }
        Multiset(counts)
    }

    fn is_empty(&self) -> bool {
        self.0.values().all(|it| *it == 0)
    }

    /// Takes one of a text out; says whether there was one.
    fn take(&mut self, text: &str) -> bool {
        match self.0.get_mut(text) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        }
    }
}
