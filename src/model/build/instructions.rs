//! What each instruction does to the state of a stage.

use text_size::TextRange;

use super::{Field, Key, paths, stages::Builder};
use crate::{
    model::{
        Ports, Reading,
        value::{Symbol, Value},
    },
    syntax::{
        SyntaxKind::*,
        ast::{self, Instruction},
    },
};

impl Builder<'_> {
    /// Does an instruction. `range` is where it counts: a trigger counts where it is set off.
    pub(super) fn dispatch(&mut self, instruction: &Instruction, reading: &Reading, range: TextRange) {
        let first = reading.args.first().map_or("", String::as_str);
        match instruction.kind() {
            ARG => self.arg(instruction, range),
            ENV => self.env(instruction, reading, range),
            LABEL => self.label(instruction, reading, range),
            RUN => self.run(instruction, reading, range),
            COPY | ADD => self.copy(instruction, reading, range),
            WORKDIR => self.workdir(instruction, first, range),
            USER => {
                self.state.user = self.word(first, range);
                self.state.touch(Field::User, instruction);
            }
            SHELL => {
                self.state.shell = Builder::plain(&reading.args);
                self.state.touch(Field::Shell, instruction);
            }
            CMD => {
                let command = self.command(reading);
                self.state.set(Field::Cmd, command, instruction);
                self.own_cmd();
            }
            ENTRYPOINT => {
                let command = self.command(reading);
                self.state.set(Field::Entrypoint, command, instruction);
                // A CMD from below was made for another program.
                if !self.has_own_cmd() {
                    self.state.set(Field::Cmd, Vec::new(), instruction);
                }
            }
            HEALTHCHECK => self.state.set(Field::Healthcheck, healthcheck(reading), instruction),
            EXPOSE => self.expose(instruction, reading, range),
            VOLUME => {
                for word in &reading.args {
                    let volume = self.word(word.trim(), range);
                    self.state.volumes.insert(volume);
                }
                self.state.touch(Field::Volumes, instruction);
            }
            STOPSIGNAL => {
                let signal = self.word(first, range);
                self.state.set(Field::StopSignal, vec![signal], instruction);
            }
            MAINTAINER => self.state.set(Field::Author, vec![first.into()], instruction),
            ONBUILD => {
                self.state.triggers.push(trigger(instruction));
                self.state.touch(Field::OnBuild, instruction);
            }
            _ => self.opaque(instruction),
        }
    }

    /// The argument vector of an exec form or, with the shell before it, of a shell form.
    pub(super) fn command(&self, reading: &Reading) -> Vec<Value> {
        if reading.json {
            return Builder::plain(&reading.args);
        }
        let mut command = self.state.shell.clone();
        command.push(reading.args.first().map_or("", String::as_str).into());
        command
    }

    /// All values of one instruction see the variables as they were before it.
    fn env(&mut self, instruction: &Instruction, reading: &Reading, range: TextRange) {
        for (key, value) in self.pairs(reading, range) {
            match key.known() {
                Some(name) => self.state.set_env(name, value),
                None => self.problem(range, format!("the name of the variable `{key}` is not known")),
            }
        }
        self.state.touch(Field::Env, instruction);
    }

    fn label(&mut self, instruction: &Instruction, reading: &Reading, range: TextRange) {
        let pairs = self.pairs(reading, range);
        self.state.labels.extend(pairs);
        self.state.touch(Field::Labels, instruction);
    }

    fn pairs(&mut self, reading: &Reading, range: TextRange) -> Vec<(Value, Value)> {
        let mut pairs = Vec::new();
        for triple in reading.args.chunks_exact(3) {
            if let [key, value, _] = triple {
                pairs.push((self.word(key, range), self.word(value, range)));
            }
        }
        pairs
    }

    fn workdir(&mut self, instruction: &Instruction, path: &str, range: TextRange) {
        let path = self.word(path, range);
        self.state.dir = paths::change_dir(&self.state.dir, &path);
        self.state.touch(Field::WorkingDir, instruction);
        if self.state.dir.known() == Some("/") {
            return;
        }
        let mut key = Key::new(WORKDIR);
        self.add_place(&mut key);
        self.step(instruction, range, key, Vec::new());
    }

    fn expose(&mut self, instruction: &Instruction, reading: &Reading, range: TextRange) {
        for word in &reading.args {
            let expanded = self.word(word, range);
            // BuildKit's lexer loses what stands before an operand, which is not imitated here.
            let quirk = word.contains("${") && word.contains([':', '-', '+', '?', '#', '%', '/']);
            match expanded.known().filter(|_| !quirk) {
                Some(text) => {
                    for word in text.split_whitespace() {
                        // An address or a port of the host before a colon is ignored.
                        let Some(ports) = Ports::of(word) else {
                            self.problem(range, format!("`{word}` is no port"));
                            continue;
                        };
                        if self.spend(64 * ports.range.len(), range) {
                            let protocol = ports.known_protocol();
                            let ports = ports.range.map(|port| Value::plain(format!("{port}/{protocol}")));
                            self.state.ports.extend(ports);
                        }
                    }
                }
                None => {
                    let symbol = Symbol::Operation(" exposed as ", expanded, vec![word.as_str().into()]);
                    self.state.ports.insert(Value::symbol(symbol));
                }
            }
        }
        self.state.touch(Field::ExposedPorts, instruction);
    }

    fn own_cmd(&mut self) {
        self.cmd_stage = Some(self.stages.len());
    }

    fn has_own_cmd(&self) -> bool {
        self.cmd_stage == Some(self.stages.len())
    }
}

/// What the config says of a health check. Its shell is looked up when it runs.
fn healthcheck(reading: &Reading) -> Vec<Value> {
    let kind = reading.args.first().map(|it| it.to_uppercase()).unwrap_or_default();
    if kind == "NONE" {
        return vec!["NONE".into()];
    }
    let mut value: Vec<Value> = vec![if reading.json { "CMD".into() } else { "CMD-SHELL".into() }];
    value.extend(reading.args.iter().skip(1).map(|it| Value::plain(it.as_str())));
    let mut flags = reading.flags.clone();
    flags.sort();
    value.extend(flags.into_iter().map(Value::plain));
    value
}

/// The text that ONBUILD stores: the joined line behind the keyword, trailing blanks and all.
fn trigger(instruction: &Instruction) -> String {
    let mut text = String::new();
    let heredoc = |it: &crate::syntax::SyntaxToken| it.parent().is_some_and(|it| it.kind() == HEREDOC);
    for token in ast::tokens(instruction.syntax()).filter(|it| !it.kind().is_dropped() && !heredoc(it)) {
        text.push_str(token.text());
    }
    let mut stored = text.trim_start().get("ONBUILD".len()..).unwrap_or_default().trim_start().to_owned();
    for doc in Reading::heredocs(instruction) {
        stored.push_str(&format!("\n{}{}", doc.body, doc.name));
    }
    stored
}
