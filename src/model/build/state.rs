//! What a stage carries from one instruction to the next.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Config, Field, environment::Environment};
use crate::{
    model::{
        expand::Variables,
        value::{Symbol, Value},
    },
    syntax::ast::Instruction,
};

/// The state of a stage. A stage that begins with another one begins with a copy of its state.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    /// Whether the stage stands on nothing, so that what the file doesn't set is not set.
    scratch: bool,
    /// Variables of ENV and ARG.
    pub(super) environment: Environment,
    pub(super) dir: Value,
    pub(super) user: Value,
    pub(super) shell: Vec<Value>,
    /// Variables of ENV, each as `name=value`, in the order of their first assignment, in which the config has them.
    env: Vec<Value>,
    /// Where each of them stands.
    env_places: HashMap<String, usize>,
    /// Labels in the order in which they are set; a later one takes the place of an earlier one of its name.
    pub(super) labels: Vec<(Value, Value)>,
    pub(super) ports: BTreeSet<Value>,
    pub(super) volumes: BTreeSet<Value>,
    /// The texts of triggers.
    pub(super) triggers: Vec<String>,
    /// The fields that have one value, and for all fields which instruction spoke of them last.
    config: Config,
}

impl State {
    /// The state with which a stage on an image begins, or one on nothing.
    pub(super) fn new(scratch: bool) -> State {
        let base = |name| Value::symbol(Symbol::Base(name));
        let mut config = Config::default();
        let inherited = [
            (Field::Entrypoint, "entrypoint"),
            (Field::Cmd, "cmd"),
            (Field::Healthcheck, "healthcheck"),
            (Field::StopSignal, "stop signal"),
        ];
        for (field, name) in inherited.into_iter().filter(|_| !scratch) {
            config.get_mut(field).value = vec![base(name)];
        }
        State {
            scratch,
            dir: if scratch { "/".into() } else { base("directory") },
            user: if scratch { Value::default() } else { base("user") },
            shell: vec![base("shell")],
            config,
            ..State::default()
        }
    }

    /// ENV: sets a variable in the environment and in the config.
    pub(super) fn set_env(&mut self, name: &str, value: Value) {
        let word = self.environment.assign(name, value);
        let next = self.env.len();
        let place = *self.env_places.entry(name.to_owned()).or_insert(next);
        match self.env.get_mut(place) {
            Some(known) => *known = word,
            None => self.env.push(word),
        }
    }

    /// About how many bytes a copy takes.
    pub(super) fn size(&self) -> usize {
        let labels: usize = self.labels.iter().map(|(name, value)| name.size() + value.size()).sum();
        let triggers: usize = self.triggers.iter().map(String::len).sum();
        2 * self.environment.size() + labels + triggers + 32 * (self.ports.len() + self.volumes.len())
    }

    /// Sets a field of the config that has one value.
    pub(super) fn set(&mut self, field: Field, value: Vec<Value>, by: &Instruction) {
        self.config.get_mut(field).value = value;
        self.touch(field, by);
    }

    /// Remembers which instruction spoke of a field last.
    pub(super) fn touch(&mut self, field: Field, by: &Instruction) {
        self.config.get_mut(field).by = Some(by.clone());
    }

    /// What the state says of the image.
    pub(super) fn config(&self) -> Config {
        let mut config = self.config.clone();
        let mut put = |field, value: Vec<Value>| config.get_mut(field).value = value;
        put(Field::Env, self.env.clone());
        let mut labels: Vec<(&Value, &Value)> = self.labels.iter().map(|it| (&it.0, &it.1)).collect();
        // Where a name is not known it may be any of the others, and the order counts.
        if labels.iter().all(|it| it.0.is_known()) {
            labels = labels.into_iter().collect::<BTreeMap<_, _>>().into_iter().collect();
        }
        put(Field::Labels, labels.into_iter().map(|(name, value)| Value::joined(name, "=", value)).collect());
        put(Field::ExposedPorts, self.ports.iter().cloned().collect());
        put(Field::Volumes, self.volumes.iter().cloned().collect());
        put(Field::OnBuild, self.triggers.iter().map(Value::plain).collect());
        put(Field::Shell, self.shell.clone());
        put(Field::User, vec![self.user.clone()]);
        put(Field::WorkingDir, vec![self.dir.clone()]);
        config
    }
}

impl Variables for State {
    fn get(&self, name: &str) -> Option<Value> {
        if let Some(known) = self.environment.get(name) {
            return Some(known.clone());
        }
        // `$1`, `$@` and their like are never set; the builder itself gives an empty image its PATH.
        let settable = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        (settable && (!self.scratch || name == "PATH")).then(|| Value::symbol(Symbol::BaseVariable(name.to_owned())))
    }
}

/// Variables that FROM sees: ARG before the first FROM, and what the builder sets by itself.
#[derive(Debug, Default)]
pub(super) struct Globals {
    arguments: HashMap<String, Value>,
}

/// Arguments that the builder sets by itself.
const AUTOMATIC: &[&str] = &[
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETARCH",
    "TARGETVARIANT",
    "TARGETSTAGE",
];

impl Globals {
    pub(super) fn declare(&mut self, name: &str, value: Option<Value>) {
        let default = value.or_else(|| self.get(name));
        // An argument that is declared on top of itself is the same argument.
        if default.as_ref().is_some_and(|it| it.depth() > super::stages::MAX_DECLARED) {
            return;
        }
        self.arguments.insert(name.to_owned(), Value::symbol(Symbol::Argument(name.to_owned(), default)));
    }

    fn declared(&self, name: &str) -> Option<&Value> {
        self.arguments.get(name)
    }

    /// What a stage's `ARG name` takes over, if it has a default.
    pub(super) fn valued(&self, name: &str) -> Option<&Value> {
        self.declared(name).filter(|it| it.by_default().is_some())
    }
}

impl Variables for Globals {
    fn get(&self, name: &str) -> Option<Value> {
        let automatic = || AUTOMATIC.contains(&name).then(|| Value::symbol(Symbol::Argument(name.to_owned(), None)));
        self.declared(name).cloned().or_else(automatic)
    }
}
