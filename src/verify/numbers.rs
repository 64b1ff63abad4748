//! The steps of builds as numbers, so that to compare two steps is to compare two numbers.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hash},
    rc::Rc,
};

use rustc_hash::{FxHashMap, FxHashSet};
use text_size::TextSize;

use crate::model::{
    Value,
    build::{Build, Key, Part, Step},
};

/// The numbers of steps and of what they are made of. Environments are long and shared by many steps, and most of their
/// values by many environments; and so each part of a key and each value is looked at once.
#[derive(Default)]
pub(super) struct Numbers<'a> {
    /// Keys that were seen, by their addresses.
    shared_keys: FxHashMap<*const Key, u32>,
    /// Parts that were seen, by their addresses.
    shared: FxHashMap<*const Vec<Value>, u32>,
    /// Values that were seen, by their addresses.
    shared_values: FxHashMap<*const (), u32>,
    /// Values by what they say. Whoever writes a file chooses these, and so their hashes are none that can be foreseen.
    values: HashMap<&'a Value, u32>,
    /// Several numbers in a row; those of nothing at all are 0.
    lists: FxHashMap<Vec<u32>, u32>,
    /// All but the words of the command, which most steps share with others; what stands before the last of these
    /// words, one value or a list; and the last word.
    keys: FxHashMap<[u32; 3], u32>,
    /// What a step stands on: the step before it, its own key, and the ends of the stages that it takes from.
    steps: FxHashMap<[u32; 3], u32>,
    /// A list in the making.
    list: Vec<u32>,
}

/// The numbers of a build's steps, stage by stage.
pub(super) struct Numbered {
    /// Two have the same one if their cache keys are the same.
    pub(super) steps: Vec<Vec<u32>>,
    /// Two have the same one if their own keys are the same.
    pub(super) keys: Vec<Vec<u32>>,
}

impl Numbered {
    /// The number of a stage's last step.
    pub(super) fn end_of(&self, stage: usize) -> Option<u32> {
        self.steps.get(stage)?.last().copied()
    }

    /// Those of a stage's own keys.
    pub(super) fn keys_of(&self, stage: usize) -> &[u32] {
        self.keys.get(stage).map_or(&[], Vec::as_slice)
    }
}

/// The number of something in a table; one that is not in it yet gets the next.
fn number<T: Eq + Hash, S: BuildHasher>(table: &mut HashMap<T, u32, S>, key: T) -> u32 {
    let next = u32::try_from(table.len() + 1).unwrap_or(u32::MAX);
    *table.entry(key).or_insert(next)
}

/// Parts of so many values at most have no number of their own.
const SHORT: usize = 4;

impl<'a> Numbers<'a> {
    /// No numbers yet, and room for those of so many steps. Where they are many, what is needed is seen as they come.
    pub(super) fn for_steps(count: usize) -> Self {
        let mut numbers = Numbers::default();
        let count = count.min(1000);
        numbers.shared_keys.reserve(count);
        numbers.keys.reserve(count);
        numbers.steps.reserve(count);
        // A command or words, a directory and a user, and variables.
        numbers.values.reserve(3 * count);
        numbers.shared_values.reserve(3 * count);
        numbers
    }

    fn of_value(&mut self, value: &'a Value) -> u32 {
        let (values, address) = (&mut self.values, value.address());
        *self.shared_values.entry(address).or_insert_with(|| number(values, value))
    }

    fn of_part(&mut self, part: &'a Rc<Vec<Value>>) -> u32 {
        let address = Rc::as_ptr(part);
        if let Some(known) = self.shared.get(&address) {
            return *known;
        }
        let values: Vec<u32> = part.iter().map(|it| self.of_value(it)).collect();
        let number = self.of_list(&values);
        self.shared.insert(address, number);
        number
    }

    fn of_list(&mut self, list: &[u32]) -> u32 {
        match self.lists.get(list) {
            _ if list.is_empty() => 0,
            Some(known) => *known,
            None => number(&mut self.lists, list.to_owned()),
        }
    }

    fn of_shared_key(&mut self, key: &'a Rc<Key>) -> u32 {
        let address = Rc::as_ptr(key);
        if let Some(known) = self.shared_keys.get(&address) {
            return *known;
        }
        let number = self.of_key(key, None);
        self.shared_keys.insert(address, number);
        number
    }

    /// The number of a key, with the last word of its command replaced by `text`, if there is one.
    fn of_key(&mut self, key: &'a Key, text: Option<&'a Value>) -> u32 {
        let mut list = std::mem::take(&mut self.list);
        list.clear();
        let (mut shell, mut word) = (0, 0);
        // The kind, and then each part: which it is, its length, and its values or, of a long one, its own number.
        list.push(key.kind as u32);
        for (part, values) in &key.parts {
            list.extend([*part as u32, u32::try_from(values.len()).unwrap_or(u32::MAX)]);
            match values.as_slice() {
                [before @ .., last] if *part == Part::Command => {
                    word = self.of_value(text.unwrap_or(last));
                    shell = match before {
                        [one] => self.of_value(one),
                        all => {
                            let all: Vec<u32> = all.iter().map(|it| self.of_value(it)).collect();
                            self.of_list(&all)
                        }
                    };
                }
                short if short.len() <= SHORT => list.extend(short.iter().map(|it| self.of_value(it))),
                _ => list.push(self.of_part(values)),
            }
        }
        let rest = self.of_list(&list);
        self.list = list;
        number(&mut self.keys, [rest, shell, word])
    }

    /// Numbers the steps of a build, which lives as long as the addresses of its parts are known.
    pub(super) fn of_build(&mut self, build: &'a Build) -> Numbered {
        self.of_steps(build, |_| None)
    }

    /// How many steps of a build get cache keys that it does not have, where the commands that stand at some places are
    /// replaced by others.
    pub(super) fn rebuilt(mut self, build: &'a Build, commands: &'a HashMap<TextSize, Value>) -> usize {
        let known: FxHashSet<u32> = self.of_build(build).steps.into_iter().flatten().collect();
        let new = self.of_steps(build, |step| commands.get(&step.range.start()));
        let steps = build.stages.iter().flat_map(|it| &it.steps).zip(new.steps.iter().flatten());
        steps.filter(|(step, number)| step.is_work() && !known.contains(number)).count()
    }

    fn of_steps(&mut self, build: &'a Build, command: impl Fn(&Step) -> Option<&'a Value>) -> Numbered {
        let mut all = Numbered { steps: Vec::new(), keys: Vec::new() };
        for stage in &build.stages {
            let (mut steps, mut keys): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
            for step in &stage.steps {
                let ends: Vec<u32> = step.sources.iter().filter_map(|it| all.steps.get(*it)?.last().copied()).collect();
                let key = match command(step) {
                    None => self.of_shared_key(&step.key),
                    text => self.of_key(&step.key, text),
                };
                keys.push(key);
                steps.push(match (step.is_work(), step.key.parts.is_empty(), ends.as_slice()) {
                    // A stage that begins with another one goes on where that one ended.
                    (false, true, [end]) => *end,
                    _ => {
                        let ends = self.of_list(&ends);
                        number(&mut self.steps, [steps.last().copied().unwrap_or(0), key, ends])
                    }
                });
            }
            all.steps.push(steps);
            all.keys.push(keys);
        }
        all
    }
}
