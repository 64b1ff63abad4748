//! Programs that a shell starts, and what becomes of them without one, by the table `config/programs.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::Model;
use crate::syntax::{
    SyntaxKind::{ADD, COPY, ENTRYPOINT, ENV, RUN},
    ast::Instruction,
};

/// What the table says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Programs {
    not_programs: Vec<String>,
    builtins: Vec<String>,
    scripts: Vec<String>,
    other_scripts: Vec<String>,
    folders: Vec<String>,
    entrypoints: Vec<String>,
}

const TABLE: &str = include_str!("../../config/programs.toml");

/// The table.
pub fn programs() -> &'static Programs {
    // A test reads the table, so that it is never the empty one.
    static PROGRAMS: LazyLock<Programs> = LazyLock::new(|| toml::from_str(TABLE).unwrap_or_default());
    &PROGRAMS
}

impl Programs {
    /// Whether a word begins no program but something of the shell's own.
    pub fn is_no_program(&self, word: &str) -> bool {
        self.not_programs.iter().any(|it| it == word)
    }

    /// Whether a shell has a program built in that most images have beside it.
    pub fn is_builtin(&self, word: &str) -> bool {
        self.builtins.iter().any(|it| it == word)
    }
}

/// Whether a program that an instruction starts may be a script without `#!`, which a shell runs and nothing else does:
/// its name says so, it lies in the project, or the file itself puts it where it is.
pub fn may_be_script(model: &Model, instruction: &Instruction, program: &str) -> bool {
    let table = programs();
    let (folder, name) = program.split_at(program.rfind('/').map_or(0, |it| it + 1));
    let ends = |endings: &[String]| endings.iter().any(|it| name.ends_with(it.as_str()));
    if ends(&table.scripts) || ends(&table.other_scripts) {
        return ends(&table.scripts);
    }
    let places: Vec<String> = match folder {
        "" => table.folders.iter().map(|it| format!("{it}{name}")).collect(),
        _ if table.folders.iter().any(|it| it == folder) => vec![program.to_owned()],
        _ => return true,
    };
    let others = model.stages.iter().flat_map(|it| &it.instructions).filter(|it| *it != instruction);
    let writes = |it: &Instruction| {
        let text = it.arguments();
        text.split_whitespace().any(|word| places.iter().any(|place| word.ends_with(place.as_str())))
    };
    others.filter(|it| matches!(it.kind(), COPY | ADD | RUN)).any(writes)
}

/// Whether the base image of a stage has an ENTRYPOINT that is known to do other things for its own program than for a
/// shell.
pub fn is_told_apart(model: &Model, stage: usize) -> bool {
    let Some(base) = model.ancestry(stage).last() else { return false };
    let name = base.image.split(['@', ':']).next().and_then(|it| it.rsplit('/').next()).unwrap_or_default();
    programs().entrypoints.iter().any(|it| it == name) && model.in_effect(stage, ENTRYPOINT).is_none()
}

/// Whether PATH has an entry in a stage that is no absolute one, in which only a shell looks for programs.
pub fn has_relative_path(model: &Model, stage: usize) -> bool {
    let instructions = model.ancestry(stage).flat_map(|it| &it.instructions).filter(|it| it.kind() == ENV);
    instructions.flat_map(|it| it.pairs()).filter(|it| it.key() == "PATH").any(|it| {
        let value = it.value();
        value.trim_matches(['"', '\'']).split(':').any(|it| !it.starts_with(['/', '$']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read() {
        let table: Programs = toml::from_str(TABLE).unwrap();
        assert!(table.is_no_program("cd") && table.is_builtin("test") && !table.is_no_program("nginx"));
    }
}
