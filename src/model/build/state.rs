//! What a stage carries from one instruction to the next.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use super::{Config, Field, Setting};
use crate::{
    model::{
        expand::Variables,
        value::{Symbol, Value},
    },
    syntax::ast::Instruction,
};

/// The state of a stage. A stage that begins with another one begins with a copy of its state.
#[derive(Debug, Clone)]
pub(super) struct State {
    /// Whether the stage stands on nothing, so that what the file doesn't set is not set.
    scratch: bool,
    /// Variables of ENV and ARG in the order of their last assignment, in which BuildKit hands them to a RUN.
    variables: Vec<(String, Value)>,
    /// The same as the words of an environment.
    environment: Rc<Vec<Value>>,
    pub(super) dir: Value,
    pub(super) user: Value,
    pub(super) shell: Vec<Value>,
    /// Variables of ENV in the order of their first assignment, in which the config has them.
    env: Vec<(String, Value)>,
    /// Labels in the order in which they are set; a later one takes the place of an earlier one of its name.
    pub(super) labels: Vec<(Value, Value)>,
    pub(super) ports: BTreeSet<Value>,
    pub(super) volumes: BTreeSet<Value>,
    /// The texts of triggers.
    pub(super) triggers: Vec<String>,
    single: BTreeMap<Field, Vec<Value>>,
    by: BTreeMap<Field, Instruction>,
}

impl State {
    /// The state with which a stage on an image begins, or one on nothing.
    pub(super) fn new(scratch: bool) -> State {
        let base = |name| Value::symbol(Symbol::Base(name));
        let mut single = BTreeMap::new();
        let inherited = [
            (Field::Entrypoint, "entrypoint"),
            (Field::Cmd, "cmd"),
            (Field::Healthcheck, "healthcheck"),
            (Field::StopSignal, "stop signal"),
        ];
        for (field, name) in inherited.into_iter().filter(|_| !scratch) {
            single.insert(field, vec![base(name)]);
        }
        State {
            scratch,
            variables: Vec::new(),
            environment: Rc::default(),
            dir: if scratch { "/".into() } else { base("directory") },
            user: if scratch { Value::default() } else { base("user") },
            shell: vec![base("shell")],
            env: Vec::new(),
            labels: Vec::new(),
            ports: BTreeSet::new(),
            volumes: BTreeSet::new(),
            triggers: Vec::new(),
            single,
            by: BTreeMap::new(),
        }
    }

    /// The environment of a RUN.
    pub(super) fn environment(&self) -> Rc<Vec<Value>> {
        Rc::clone(&self.environment)
    }

    /// ENV: sets a variable in the environment and in the config.
    pub(super) fn set_env(&mut self, name: &str, value: Value) {
        match self.env.iter_mut().find(|it| it.0 == name) {
            Some(known) => known.1 = value.clone(),
            None => self.env.push((name.to_owned(), value.clone())),
        }
        self.assign(name, value);
    }

    /// ARG with a value: sets a variable in the environment only.
    pub(super) fn assign(&mut self, name: &str, value: Value) {
        let environment = Rc::make_mut(&mut self.environment);
        let mut at = 0;
        self.variables.retain(|it| {
            let stays = it.0 != name;
            if stays {
                at += 1;
            } else if at < environment.len() {
                environment.remove(at);
            }
            stays
        });
        self.append(name, value);
    }

    /// ARG without a value: the build may give it one, which then counts; if not, what it was before does.
    pub(super) fn declare(&mut self, name: &str) {
        let before = self.get(name);
        self.append(name, Value::symbol(Symbol::Argument(name.to_owned(), before)));
    }

    fn append(&mut self, name: &str, value: Value) {
        let mut word = Value::plain(format!("{name}="));
        word.extend(value.clone());
        self.variables.push((name.to_owned(), value));
        Rc::make_mut(&mut self.environment).push(word);
    }

    /// Sets a field of the config that has one value.
    pub(super) fn set(&mut self, field: Field, value: Vec<Value>, by: &Instruction) {
        self.single.insert(field, value);
        self.touch(field, by);
    }

    /// Remembers which instruction spoke of a field last.
    pub(super) fn touch(&mut self, field: Field, by: &Instruction) {
        self.by.insert(field, by.clone());
    }

    /// What the state says of the image.
    pub(super) fn config(&self) -> Config {
        let pairs = |pairs: &mut dyn Iterator<Item = (Value, &Value)>| {
            let join = |(mut key, value): (Value, &Value)| {
                key.push('=');
                key.extend(value.clone());
                key
            };
            pairs.map(join).collect::<Vec<Value>>()
        };
        let mut config = Config::new();
        let mut put = |field, value: Vec<Value>| {
            config.insert(field, Setting { value, by: self.by.get(&field).cloned() });
        };
        put(Field::Env, pairs(&mut self.env.iter().map(|it| (Value::plain(it.0.as_str()), &it.1))));
        let mut labels: Vec<(Value, &Value)> = self.labels.iter().map(|it| (it.0.clone(), &it.1)).collect();
        // Where a name is not known it may be any of the others, and the order counts.
        if labels.iter().all(|it| it.0.is_known()) {
            labels = labels.into_iter().collect::<BTreeMap<_, _>>().into_iter().collect();
        }
        put(Field::Labels, pairs(&mut labels.into_iter()));
        put(Field::ExposedPorts, self.ports.iter().cloned().collect());
        put(Field::Volumes, self.volumes.iter().cloned().collect());
        put(Field::OnBuild, self.triggers.iter().map(|it| Value::plain(it.as_str())).collect());
        put(Field::Shell, self.shell.clone());
        put(Field::User, vec![self.user.clone()]);
        put(Field::WorkingDir, vec![self.dir.clone()]);
        for field in [Field::Entrypoint, Field::Cmd, Field::Healthcheck, Field::StopSignal, Field::Author] {
            put(field, self.single.get(&field).cloned().unwrap_or_default());
        }
        config
    }
}

impl Variables for State {
    fn get(&self, name: &str) -> Option<Value> {
        if let Some(known) = self.variables.iter().rev().find(|it| it.0 == name) {
            return Some(known.1.clone());
        }
        // `$1`, `$@` and their like are never set; the builder itself gives an empty image its PATH.
        let settable = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        (settable && (!self.scratch || name == "PATH")).then(|| Value::symbol(Symbol::BaseVariable(name.to_owned())))
    }
}

/// Variables that FROM sees: ARG before the first FROM, and what the builder sets by itself.
#[derive(Debug, Default)]
pub(super) struct Globals {
    arguments: Vec<(String, Value)>,
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
        self.arguments.push((name.to_owned(), Value::symbol(Symbol::Argument(name.to_owned(), default))));
    }

    fn declared(&self, name: &str) -> Option<&Value> {
        self.arguments.iter().rev().find(|it| it.0 == name).map(|it| &it.1)
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
