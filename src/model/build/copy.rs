//! COPY and ADD.

use text_size::TextRange;

use super::{Key, Part, paths, run::chomp, stages::Builder};
use crate::{
    model::{Reading, expand::expand_heredoc, value::Value},
    syntax::{ast::Instruction, heredoc_word},
};

impl Builder<'_> {
    pub(super) fn copy(&mut self, instruction: &Instruction, reading: &Reading, range: TextRange) {
        let mut key = Key::new(instruction.kind());
        let mut sources = Vec::new();
        let (mut options, mut excludes) = (Vec::new(), Vec::new());
        for flag in &reading.flags {
            let (name, value) = flag.split_once('=').unwrap_or((flag, "true"));
            match name {
                "--from" => {
                    if value.contains('$') {
                        self.problem(range, "`--from` takes no variable".to_owned());
                    }
                    let from = self.take_from(value, true, &mut sources, range);
                    key.add(Part::From, vec![from]);
                }
                // What is so by default is left out.
                "--link" | "--parents" if value.eq_ignore_ascii_case("false") => {}
                "--link" | "--parents" => options.push(option(name, value.to_lowercase().into())),
                "--chmod" => {
                    let mode = self.word(value, range);
                    options.push(option(name, octal(mode)));
                }
                "--chown" | "--checksum" => {
                    let value = self.word(value, range);
                    options.push(option(name, value));
                }
                // The last pattern that fits decides.
                "--exclude" => excludes.push(Value::plain(flag.as_str())),
                _ => options.push(Value::plain(flag.as_str())),
            }
        }
        options.sort();
        options.extend(excludes);
        key.add(Part::Options, options);
        let (Some((last, words)), true) = (reading.args.split_last(), reading.args.len() > 1) else {
            return self.opaque(instruction);
        };
        let (mut files, mut docs) = (Vec::new(), Vec::new());
        for word in words {
            match heredoc_word(word).filter(|_| !reading.json) {
                Some(mark) => {
                    // Heredocs are looked up by their names, and the last of a name is found.
                    let doc = reading.heredocs.iter().rev().find(|it| it.name == mark.name);
                    let body = doc.map_or("", |it| it.body.as_str());
                    let body = if mark.chomp { chomp(body) } else { body.to_owned() };
                    let body = if mark.expand { self.heredoc(&body, range) } else { Value::plain(body) };
                    docs.push(Value::joined(&Value::plain(&mark.name), "\n", &body));
                }
                None => files.push(paths::source(self.word(word, range))),
            }
        }
        let last = self.word(last, range);
        key.add(Part::Sources, files);
        key.add(Part::Heredocs, docs);
        key.add(Part::Destination, vec![paths::destination(&self.state.dir, &last)]);
        self.step(instruction, range, key, sources);
    }

    fn heredoc(&mut self, body: &str, range: TextRange) -> Value {
        let expanded = expand_heredoc(body, &self.state);
        self.afford(expanded, body, range)
    }
}

fn option(name: &str, value: Value) -> Value {
    Value::joined(&Value::plain(name), "=", &value)
}

/// A mode without the zeros before it.
fn octal(mode: Value) -> Value {
    match mode.known() {
        Some(text) if !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit()) => {
            let digits = text.trim_start_matches('0');
            Value::plain(if digits.is_empty() { "0" } else { digits })
        }
        _ => mode,
    }
}
