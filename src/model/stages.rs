//! Stages, what they inherit from each other, and the shell in force.

use std::collections::HashMap;

use crate::syntax::{Parse, SyntaxKind::*, ast::Instruction};

/// What BuildKit sees in a file.
#[derive(Debug)]
pub struct Model {
    /// The stages in order; instructions before the first FROM are in one that has no FROM.
    pub stages: Vec<Stage>,
}

/// A stage: a FROM and what follows it.
#[derive(Debug)]
pub struct Stage {
    /// Its name in lower case, if it has one.
    pub name: Option<String>,
    /// The image that it begins with, as written; empty without a FROM.
    pub image: String,
    /// The earlier stage that the image names, if it names one.
    pub parent: Option<usize>,
    /// All its instructions, FROM first.
    pub instructions: Vec<Instruction>,
}

/// The shell that runs shell forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shell {
    /// None is set in the file: `/bin/sh -c`, or what the base image says.
    Unset,
    /// SHELL set this one, here or in a stage that this one begins with.
    Set(Vec<String>),
}

impl Model {
    /// Reads a file.
    pub fn new(parse: &Parse) -> Model {
        let mut stages = vec![Stage { name: None, image: String::new(), parent: None, instructions: Vec::new() }];
        let mut names: HashMap<String, usize> = HashMap::new();
        for instruction in parse.file().instructions() {
            if instruction.kind() == FROM {
                let words: Vec<String> = instruction.words().map(|it| it.text()).collect();
                let image = words.first().cloned().unwrap_or_default();
                let name = words.get(1).map(|it| it.to_lowercase());
                let parent = names.get(&image).copied();
                if let Some(name) = &name {
                    names.insert(name.clone(), stages.len());
                }
                stages.push(Stage { name, image, parent, instructions: Vec::new() });
            }
            // There is always a stage: one is put in before the first FROM.
            if let Some(stage) = stages.last_mut() {
                stage.instructions.push(instruction);
            }
        }
        Model { stages }
    }

    /// The shell in force at an instruction of a stage.
    pub fn shell_at(&self, stage: usize, instruction: usize) -> Shell {
        let Some(it) = self.stages.get(stage) else { return Shell::Unset };
        let set = it.instructions.iter().take(instruction).rev().find(|it| it.kind() == SHELL);
        match (set.and_then(Instruction::json), it.parent) {
            (Some(array), _) => Shell::Set(array.strings()),
            (None, Some(parent)) => self.shell_at(parent, usize::MAX),
            (None, None) => Shell::Unset,
        }
    }

    /// The last instruction of a kind in a stage or in those that it begins with.
    pub fn in_effect(&self, stage: usize, kind: crate::syntax::SyntaxKind) -> Option<&Instruction> {
        let it = self.stages.get(stage)?;
        let own = it.instructions.iter().rev().find(|it| it.kind() == kind);
        own.or_else(|| self.in_effect(it.parent?, kind))
    }
}
