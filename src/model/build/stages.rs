//! The stages of a file, and what they begin with.

use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

use text_size::TextRange;

use super::{
    Build, Key, Part, Problem, Stage, Step,
    again::{Before, Trace},
    reference::is_reference,
    state::{Globals, State},
};
use crate::{
    model::{
        Reading,
        expand::{Variables, expand},
        value::{Symbol, Value},
    },
    syntax::{
        self, Parse,
        SyntaxKind::{ARG, FROM, ONBUILD, UNKNOWN},
        ast::Instruction,
    },
};

/// Reads a file, and takes from the build of another version what is the same.
pub(super) fn build(parse: &Parse, instructions: &[Instruction], before: Option<&Build>) -> Build {
    let mut builder = Builder {
        stages: Vec::new(),
        states: Vec::new(),
        parents: Some(HashSet::new()),
        fresh: State::new(false),
        problems: Vec::new(),
        needs: Vec::new(),
        globals: Globals::default(),
        names: HashMap::new(),
        last: HashMap::new(),
        state: State::default(),
        escape: parse.escape(),
        cmd_stage: None,
        budget: MAX_COPIED,
        looked_up: false,
        place: Default::default(),
        before: Before::new(before, parse),
        trace: Trace::new(before, parse),
    };
    let froms = || instructions.iter().filter(|it| it.kind() == FROM);
    let count = froms().count();
    builder.stages.reserve_exact(count);
    builder.states.reserve_exact(count);
    for (at, from) in froms().enumerate() {
        let mut words = from.words().map(|it| it.text());
        builder.note_parent(words.next().unwrap_or_default());
        if let Some(name) = words.next() {
            builder.last.insert(name.to_lowercase(), at);
        }
    }
    for error in parse.errors().iter().filter(|it| !it.kind.is_shell()) {
        builder.problem(error.range, error.kind.to_string());
    }
    for instruction in instructions {
        builder.instruction(instruction, parse);
    }
    builder.finish_stage();
    if builder.stages.is_empty() && builder.problems.is_empty() {
        builder.problem(parse.file().syntax().text_range(), "there is no FROM".to_owned());
    }
    Build { stages: builder.stages, problems: builder.problems, needs: builder.needs, trace: builder.trace }
}

/// A build argument that is declared so often on top of itself is no longer followed.
pub(super) const MAX_DECLARED: usize = 32;

/// About so many bytes may copies of environments, states and variables take in one file.
const MAX_COPIED: usize = 8 << 20;

/// Reads instructions one by one.
pub(super) struct Builder<'b> {
    pub(super) stages: Vec<Stage>,
    /// How the stages before the current one ended, as far as another may begin with them.
    states: Vec<Option<Box<State>>>,
    /// What the FROMs of the file begin with; `None` where one of them may begin with anything.
    parents: Option<HashSet<String>>,
    /// The state with which a stage on an image begins.
    fresh: State,
    pub(super) problems: Vec<Problem>,
    pub(super) needs: Vec<Problem>,
    globals: Globals,
    /// The stages before the current one by their names, of which a later one takes the place of an earlier one.
    names: HashMap<String, usize>,
    /// The last stage of the whole file with each name: COPY and mounts look for names there.
    last: HashMap<String, usize>,
    pub(super) state: State,
    pub(super) escape: char,
    /// The number of stages at the last CMD, which says whether it stands in the current stage.
    pub(super) cmd_stage: Option<usize>,
    /// How many bytes may still be copied.
    pub(super) budget: usize,
    /// Whether a stage was looked up by its name, which may stand further down.
    pub(super) looked_up: bool,
    /// The directory and the user of the last step that has them.
    place: [Rc<Vec<Value>>; 2],
    pub(super) before: Before<'b>,
    pub(super) trace: Trace,
}

impl Builder<'_> {
    pub(super) fn problem(&mut self, range: TextRange, message: String) {
        self.problems.push(Problem { range, message });
    }

    /// Notes what a FROM begins with.
    fn note_parent(&mut self, image: String) {
        // Variables, quotes and escapes make something else of it.
        let is_plain = image.chars().all(|it| it.is_alphanumeric() || "._-/:@".contains(it));
        self.parents = self.parents.take().filter(|_| is_plain);
        _ = self.parents.as_mut().map(|it| it.insert(image));
    }

    fn instruction(&mut self, instruction: &Instruction, parse: &Parse) {
        let range = instruction.syntax().text_range();
        let bad = |it: &syntax::SyntaxError| !it.kind.is_shell();
        if instruction.kind() == FROM {
            self.finish_stage();
            self.from(instruction, &Reading::of(instruction, parse.escape()));
            self.note_change(instruction);
        } else if self.stages.is_empty() && instruction.kind() == ARG {
            self.global(instruction);
            self.note_change(instruction);
        } else if self.stages.is_empty() {
            // The parser has said so already.
        } else if instruction.kind() == UNKNOWN || parse.errors_in(range).iter().any(bad) {
            self.opaque(instruction);
        } else {
            self.escape = parse.escape();
            self.do_once(instruction);
        }
    }

    /// An instruction that BuildKit refuses is a step of which only the text is known.
    pub(super) fn opaque(&mut self, instruction: &Instruction) {
        let mut key = Key::new(UNKNOWN);
        key.add(Part::Text, vec![Value::plain(instruction.text().trim())]);
        self.step(instruction, instruction.range(), key, Vec::new());
    }

    pub(super) fn step(&mut self, instruction: &Instruction, range: TextRange, mut key: Key, sources: Vec<usize>) {
        key.parts.sort_by_key(|it| it.0);
        if let Some(stage) = self.stages.last_mut() {
            stage.steps.push(Step { instruction: instruction.clone(), range, key: Rc::new(key), sources, seen: None });
        }
    }

    /// ARG before the first FROM.
    fn global(&mut self, instruction: &Instruction) {
        for pair in instruction.pairs() {
            let value = pair.has_eq().then(|| self.global_word(&pair.value(), instruction.range()));
            self.globals.declare(&pair.key(), value);
        }
    }

    /// ARG in a stage: takes its own value, or what it has before the first FROM.
    pub(super) fn arg(&mut self, instruction: &Instruction, range: TextRange) {
        for pair in instruction.pairs() {
            let name = pair.key();
            let value = match pair.has_eq() {
                true => Some(self.word(&pair.value(), range)),
                false => self.globals.valued(&name).cloned(),
            };
            match value {
                // The symbol of the global argument says already that the build may give another value.
                Some(value) if !pair.has_eq() => _ = self.state.environment.assign(&name, value),
                Some(value) => {
                    let value = Value::symbol(Symbol::Argument(name.clone(), Some(value)));
                    self.state.environment.assign(&name, value);
                }
                // The build may give it a value, which then counts; if not, what it was before does.
                None => {
                    let before = self.state.get(&name);
                    if before.as_ref().is_some_and(|it| it.depth() > MAX_DECLARED) {
                        return self.problem(range, format!("`{name}` is declared again and again"));
                    }
                    let value = Value::symbol(Symbol::Argument(name.clone(), before));
                    self.state.environment.append(&name, value);
                }
            }
        }
    }

    fn from(&mut self, instruction: &Instruction, reading: &Reading) {
        let range = instruction.range();
        let words: Vec<String> = instruction.words().map(|it| it.text()).collect();
        let image = words.first().cloned().unwrap_or_default();
        let expanded = self.global_word(&image, range);
        let mut key = Key::new(FROM);
        for flag in &reading.flags {
            let value = flag.strip_prefix("--platform=").unwrap_or_default();
            let value = self.global_word(value, range);
            // What the builder sets to the platform that it builds for says nothing.
            let target = Value::symbol(Symbol::Argument("TARGETPLATFORM".to_owned(), None));
            if value != target {
                key.add(Part::Platform, vec![value]);
            }
        }
        let mut sources = Vec::new();
        let parent = expanded.known().and_then(|it| self.names.get(it)).copied();
        match (parent, expanded.known()) {
            (Some(parent), _) => {
                sources.push(parent);
                // The index is of a stage before this one, which left its state, for its name is among `parents`.
                let size = self.states.get(parent).and_then(Option::as_deref).map_or(0, State::size);
                let affordable = self.spend(size, range);
                let state = self.states.get(parent).and_then(Option::as_deref).filter(|_| affordable);
                self.state = state.unwrap_or(&self.fresh).clone();
            }
            (None, Some("scratch")) => self.state = State::new(true),
            (None, Some(text)) => {
                if !is_reference(text) {
                    let why = if image.contains('$') { ", because a variable in it is not set" } else { "" };
                    self.problem(range, format!("`FROM {image}` names no image{why}"));
                }
                self.state = self.fresh.clone();
            }
            (None, None) => {
                // Without a default only an argument of the build makes it a name.
                if !expanded.by_default().is_some_and(|it| is_reference(&it)) {
                    let message = format!("`FROM {image}` may need an argument of the build");
                    self.needs.push(Problem { range, message });
                }
                // Any earlier stage may turn out to be the one that is meant.
                sources.extend(self.names.values());
                sources.sort_unstable();
                self.state = self.fresh.clone();
            }
        }
        if parent.is_none() {
            key.add(Part::Image, vec![expanded]);
        }
        let name = words.get(1).map(|it| it.to_lowercase());
        let config = super::Config::default();
        self.stages.push(Stage { name, image, steps: Vec::new(), config });
        self.step(instruction, range, key, sources);
        for trigger in std::mem::take(&mut self.state.triggers) {
            self.trigger(&trigger, range);
        }
    }

    fn global_word(&mut self, word: &str, range: TextRange) -> Value {
        let expanded = expand(word, self.escape, &self.globals);
        self.afford(expanded, word, range)
    }

    /// Runs what ONBUILD stored in the stage that this one begins with.
    fn trigger(&mut self, text: &str, range: TextRange) {
        let parse = syntax::parse(&format!("FROM scratch\n{text}\n"));
        let Some(instruction) = parse.file().instructions().nth(1) else { return };
        if parse.errors().iter().any(|it| !it.kind.is_shell()) || matches!(instruction.kind(), ONBUILD | FROM) {
            self.problem(range, format!("the trigger `{text}` is refused"));
            return self.opaque(&instruction);
        }
        let escape = std::mem::replace(&mut self.escape, '\\');
        let reading = Reading::of(&instruction, '\\');
        self.dispatch(&instruction, &reading, range);
        self.escape = escape;
    }

    fn finish_stage(&mut self) {
        let at = self.states.len();
        let Some(stage) = self.stages.get_mut(at) else { return };
        let state = std::mem::take(&mut self.state);
        stage.config = state.config();
        stage.steps.shrink_to_fit();
        let mut is_parent = false;
        if let Some(name) = &stage.name {
            is_parent = self.parents.as_ref().is_none_or(|it| it.contains(name));
            self.names.insert(name.clone(), at);
        }
        self.states.push(is_parent.then(|| Box::new(state)));
    }

    /// The stage that `--from` of a COPY names, if it names one and not an image.
    pub(super) fn source_stage(&mut self, name: &str, by_index: bool, range: TextRange) -> Option<usize> {
        self.looked_up = true;
        let current = self.states.len();
        let index = || name.parse().ok().filter(|_| by_index);
        let lower = name.to_lowercase();
        let at = self.last.get(&lower).copied().or_else(index)?;
        if at >= current {
            let message = format!("the stage `{lower}` does not stand before the stage that takes from it");
            self.problem(range, message);
            return None;
        }
        Some(at)
    }

    /// Expands a word in the state of the stage. A word that BuildKit refuses stays as it is.
    pub(super) fn word(&mut self, word: &str, range: TextRange) -> Value {
        let expanded = expand(word, self.escape, &self.state);
        self.afford(expanded, word, range)
    }

    /// A value that variables were put into, or the text as it was, with a problem.
    pub(super) fn afford(&mut self, value: Result<Value, String>, text: &str, range: TextRange) -> Value {
        match value {
            Ok(value) if value.known() == Some(text) || self.spend(value.size(), range) => value,
            Ok(_) => Value::plain(text),
            Err(message) => {
                self.problem(range, message);
                Value::plain(text)
            }
        }
    }

    /// Whether so many bytes more may be copied.
    pub(super) fn spend(&mut self, bytes: usize, range: TextRange) -> bool {
        let left = self.budget.checked_sub(bytes);
        if left.is_none() && self.budget > 0 {
            self.problem(range, "the variables of the file are too many to follow".to_owned());
        }
        self.budget = left.unwrap_or(0);
        left.is_some()
    }

    /// Words that nothing is expanded in.
    pub(super) fn plain<S: AsRef<str>>(words: &[S]) -> Vec<Value> {
        words.iter().map(|it| Value::plain(it.as_ref())).collect()
    }

    /// Adds the directory and the user of a step, which share what they are with the steps before it.
    pub(super) fn add_place(&mut self, key: &mut Key) {
        let State { dir, user, .. } = &self.state;
        for (last, value) in self.place.iter_mut().zip([dir, user]) {
            if last.first() != Some(value) {
                *last = Rc::new(vec![value.clone()]);
            }
        }
        let [dir, user] = &self.place;
        key.add(Part::Directory, Rc::clone(dir));
        key.add(Part::User, Rc::clone(user));
    }

    /// The environment of a RUN.
    pub(super) fn environment(&mut self, range: TextRange) -> Rc<Vec<Value>> {
        let cost = self.state.environment.cost();
        if cost > 0 && !self.spend(cost, range) {
            return Rc::default();
        }
        self.state.environment.words()
    }
}
