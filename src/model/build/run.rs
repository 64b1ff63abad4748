//! RUN: its command and its mounts.

use text_size::TextRange;

use super::{Key, Part, paths, stages::Builder};
use crate::{
    model::{
        Reading,
        value::{Symbol, Value, ValueBuilder},
    },
    syntax::{SyntaxKind::RUN, ast::Instruction, heredoc_word},
};

/// A mount: its keys in lower case and in order, with their values.
struct Mount {
    options: Vec<(String, Value)>,
    from: Option<String>,
}

impl Builder<'_> {
    pub(super) fn run(&mut self, instruction: &Instruction, reading: &Reading, range: TextRange) {
        let mut key = Key::new(RUN);
        if reading.json && reading.args.is_empty() {
            self.problem(range, "RUN has no command".to_owned());
        }
        if reading.heredocs.is_empty() {
            key.add(Part::Command, self.command(reading));
        } else {
            self.heredoc_command(reading, &mut key);
        }
        let (mut mounts, mut devices) = (Vec::new(), Vec::new());
        for flag in &reading.flags {
            match flag.split_once('=').unwrap_or((flag, "")) {
                ("--mount", value) => mounts.push(self.mount(value, range)),
                ("--network", value) if value != "default" => key.add(Part::Network, vec![value.into()]),
                ("--security", value) if value != "sandbox" => key.add(Part::Security, vec![value.into()]),
                ("--device", value) => devices.push(Value::plain(value)),
                _ => {}
            }
        }
        key.add(Part::Devices, devices);
        let mut sources = Vec::new();
        let mounts = self.mounts(mounts, &mut sources, range);
        key.add(Part::Mounts, mounts);
        let environment = self.environment(range);
        key.add(Part::Environment, environment);
        self.add_place(&mut key);
        self.step(instruction, range, key, sources);
    }

    /// A lone heredoc is a script of its own, in which the shell sees no heredoc; others are the shell's work.
    fn heredoc_command(&self, reading: &Reading, key: &mut Key) {
        let text = reading.args.first().map_or("", String::as_str);
        let mut command = self.state.shell.clone();
        match (heredoc_word(text), reading.heredocs.as_slice()) {
            (Some(mark), [doc, ..]) => {
                let body = if mark.chomp { chomp(&doc.body) } else { doc.body.clone() };
                if doc.body.starts_with("#!") {
                    command.push(Value::plain(format!("/dev/pipes/{}", doc.name)));
                    key.add(Part::Script, vec![Value::plain(body)]);
                } else {
                    command.push(Value::plain(body));
                }
            }
            (_, docs) => {
                let mut text = text.to_owned();
                for doc in docs {
                    text.push_str(&format!("\n{}{}", doc.body, doc.name));
                }
                command.push(Value::plain(text));
            }
        }
        key.add(Part::Command, command);
    }

    /// Reads the value of `--mount`, whose quotes are gone already.
    fn mount(&mut self, text: &str, range: TextRange) -> Mount {
        let mut mount = Mount { options: Vec::new(), from: None };
        if text.contains('"') {
            // A field of CSV that is quoted within: not taken apart.
            let value = self.word(text, range);
            mount.options.push((String::new(), value));
            return mount;
        }
        for field in text.split(',') {
            let (name, value) = field.split_once('=').unwrap_or((field, "true"));
            let name = match name.to_lowercase().as_str() {
                "dst" | "destination" => "target".to_owned(),
                "src" => "source".to_owned(),
                "ro" => "readonly".to_owned(),
                "rw" => "readwrite".to_owned(),
                name => name.to_owned(),
            };
            if name == "from" {
                if value.contains('$') {
                    self.problem(range, "`from` of a mount takes no variable".to_owned());
                }
                mount.from = Some(value.to_owned());
                continue;
            }
            let mut value = self.word(value, range);
            if let ("type" | "sharing", Some(text)) = (name.as_str(), value.known()) {
                value = Value::plain(text.to_lowercase());
            }
            mount.options.push((name, value));
        }
        mount.normalise();
        mount
    }

    /// The mounts in an order that does not depend on how they are written, with the stages that they take from.
    fn mounts(&mut self, mut mounts: Vec<Mount>, sources: &mut Vec<usize>, range: TextRange) -> Vec<Value> {
        let targets: Vec<Value> = mounts.iter().map(Mount::target).collect();
        let distinct = (1..targets.len()).all(|at| !targets[..at].contains(&targets[at]));
        if distinct && targets.iter().all(Value::is_known) {
            mounts.sort_by_key(Mount::target);
        }
        let mut values = Vec::new();
        for mount in mounts {
            let mut value = ValueBuilder::default();
            for (at, (name, option)) in mount.options.iter().enumerate() {
                value.push_str(if at > 0 { "," } else { "" });
                value.push_str(name);
                value.push_str(if name.is_empty() { "" } else { "=" });
                value.push(option);
            }
            if let Some(from) = mount.from {
                value.push_str(",from=");
                value.push(&self.take_from(&from, false, sources, range));
            }
            values.push(value.finish());
        }
        values
    }

    /// Where a COPY or a mount takes from: a stage, which is added to the sources, or an image.
    pub(super) fn take_from(
        &mut self,
        name: &str,
        by_index: bool,
        sources: &mut Vec<usize>,
        range: TextRange,
    ) -> Value {
        match self.source_stage(name, by_index, range) {
            Some(stage) => {
                sources.push(stage);
                Value::symbol(Symbol::Source(sources.len() - 1))
            }
            None => Value::plain(name),
        }
    }
}

impl Mount {
    fn get(&self, name: &str) -> Option<&Value> {
        self.options.iter().find(|it| it.0 == name).map(|it| &it.1)
    }

    fn target(&self) -> Value {
        self.get("target").cloned().unwrap_or_default()
    }

    /// Leaves out what is so by default.
    fn normalise(&mut self) {
        let is = |value: Option<&Value>, text: &str| value.is_some_and(|it| it.known() == Some(text));
        let kind = self.get("type").cloned();
        let bind = kind.is_none() || is(kind.as_ref(), "bind");
        let cache = is(kind.as_ref(), "cache");
        let target = self.get("target").cloned();
        self.options.retain(|(name, value)| match name.as_str() {
            "type" => !is(Some(value), "bind"),
            "readonly" => !(bind && is(Some(value), "true")),
            "sharing" => !is(Some(value), "shared"),
            "id" => !(cache && Some(value) == target.as_ref()),
            _ => true,
        });
        for (_, value) in self.options.iter_mut().filter(|it| bind && it.0 == "source") {
            *value = paths::source(value.clone());
        }
        self.options.sort_by(|one, other| one.0.cmp(&other.0));
    }
}

/// The text without the tabs at the start of its lines.
pub(super) fn chomp(text: &str) -> String {
    text.split_inclusive('\n').map(|line| line.trim_start_matches('\t')).collect()
}
