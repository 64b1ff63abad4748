//! The build that a file describes: for each stage its steps with what their cache keys are made of, and the config of
//! the image.
//!
//! Two texts that BuildKit would make the same vertex of give the same [`Key`]; where that is not certain they give
//! different ones, so that equal keys prove an equal build and different ones need not disprove it. What no file tells
//! is a symbol in a [`Value`].

mod again;
mod copy;
mod environment;
mod instructions;
pub(super) mod paths;
mod reference;
mod run;
mod stages;
mod state;

use std::{fmt, rc::Rc};

pub use paths::change_dir;
use text_size::TextRange;

use self::again::{Seen, Trace};
use super::value::Value;
use crate::syntax::{
    Parse,
    SyntaxKind::{self, FROM},
    ast::Instruction,
};

/// What a file builds.
#[derive(Debug)]
pub struct Build {
    /// The stages, in order.
    pub stages: Vec<Stage>,
    /// What keeps the build from being known, or from succeeding.
    pub problems: Vec<Problem>,
    /// What the build needs from outside to succeed.
    pub needs: Vec<Problem>,
    /// What the build of the next version may take from it.
    trace: Trace,
}

/// A stage.
#[derive(Debug)]
pub struct Stage {
    /// Its name in lower case, if it has one.
    pub name: Option<String>,
    /// The image or stage that it begins with, as written.
    pub image: String,
    /// What it begins with, and then the steps that make layers.
    pub steps: Vec<Step>,
    /// The config of its image.
    pub config: Config,
}

/// A vertex of the build.
#[derive(Debug)]
pub struct Step {
    /// The instruction. One that ONBUILD stored is in a tree of its own.
    pub instruction: Instruction,
    /// Where it stands in the file; for a trigger, where the FROM stands that sets it off.
    pub range: TextRange,
    /// What its cache key is made of, beside the step before it and `sources`.
    pub key: Rc<Key>,
    /// The stages that it takes from.
    pub sources: Vec<usize>,
    /// Under which circumstances it is the same again.
    seen: Option<Seen>,
}

impl Step {
    /// Whether it makes something, rather than being what a stage begins with.
    pub fn is_work(&self) -> bool {
        self.key.kind != FROM
    }
}

/// What a step does, with all that has a part in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// The kind of instruction.
    pub kind: SyntaxKind,
    /// Its parts in the order of [`Part`]; one that is as it is by default is left out.
    pub parts: Vec<(Part, Rc<Vec<Value>>)>,
}

impl Key {
    fn new(kind: SyntaxKind) -> Key {
        Key { kind, parts: Vec::new() }
    }

    fn add(&mut self, part: Part, value: impl Into<Rc<Vec<Value>>>) {
        let value = value.into();
        if !value.is_empty() {
            self.parts.push((part, value));
        }
    }

    /// A part, or nothing where it is as by default.
    pub fn get(&self, part: Part) -> &[Value] {
        self.parts.iter().find(|it| it.0 == part).map_or(&[], |it| it.1.as_slice())
    }
}

/// What a step's key is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "`as_str` says what each is")]
pub enum Part {
    Image,
    Platform,
    Command,
    Script,
    Mounts,
    Network,
    Security,
    Devices,
    Environment,
    Directory,
    User,
    From,
    Sources,
    Heredocs,
    Destination,
    Options,
    Text,
}

/// The config of an image, but for its history: a setting for each field.
#[derive(Debug, Clone, Default)]
pub struct Config([Setting; Field::ALL.len()]);

impl Config {
    /// What a field is.
    pub fn get(&self, field: Field) -> &Setting {
        // There are as many settings as fields.
        &self.0[field as usize]
    }

    fn get_mut(&mut self, field: Field) -> &mut Setting {
        &mut self.0[field as usize]
    }

    /// The fields in their order, with what they are.
    pub fn iter(&self) -> impl Iterator<Item = (Field, &Setting)> {
        Field::ALL.into_iter().zip(&self.0)
    }
}

/// A field of an image's config.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "`as_str` says what each is")]
pub enum Field {
    Env,
    Entrypoint,
    Cmd,
    Healthcheck,
    Shell,
    User,
    WorkingDir,
    ExposedPorts,
    Volumes,
    Labels,
    StopSignal,
    OnBuild,
    Author,
}

impl Field {
    /// All of them, in their order.
    pub const ALL: [Field; 13] = [
        Field::Env,
        Field::Entrypoint,
        Field::Cmd,
        Field::Healthcheck,
        Field::Shell,
        Field::User,
        Field::WorkingDir,
        Field::ExposedPorts,
        Field::Volumes,
        Field::Labels,
        Field::StopSignal,
        Field::OnBuild,
        Field::Author,
    ];
}

/// What a field of an image's config is.
#[derive(Debug, Clone, Default)]
pub struct Setting {
    /// Its value; lists that add to the base image's hold what is added.
    pub value: Vec<Value>,
    /// The instruction that gave it its value last.
    pub by: Option<Instruction>,
}

/// Why a build is not known, or fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub range: TextRange,
    /// Why, in a sentence without a full stop.
    pub message: String,
}

/// The message; the place is told beside it.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Build {
    /// Reads a file.
    pub fn new(parse: &Parse) -> Build {
        Build::of(parse, &parse.file().instructions().collect::<Vec<_>>(), None)
    }

    /// Reads a file with those instructions, and shares what it has in common with another build: that of a version
    /// with which it has nodes in common.
    pub(super) fn of(parse: &Parse, instructions: &[Instruction], before: Option<&Build>) -> Build {
        stages::build(parse, instructions, before)
    }

    /// How many steps it has.
    pub(crate) fn steps(&self) -> usize {
        self.stages.iter().map(|it| it.steps.len()).sum()
    }
}

macro_rules! words {
    ($ty:ident { $($variant:ident => $text:literal),+ $(,)? }) => {
        impl $ty {
            /// The word for it, as reports write it.
            pub fn as_str(self) -> &'static str {
                match self { $($ty::$variant => $text),+ }
            }
        }
        impl fmt::Display for $ty {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! { Part {
    Image => "image",
    Platform => "platform",
    Command => "command",
    Script => "script",
    Mounts => "mounts",
    Network => "network",
    Security => "security",
    Devices => "devices",
    Environment => "environment",
    Directory => "directory",
    User => "user",
    From => "from",
    Sources => "sources",
    Heredocs => "heredocs",
    Destination => "destination",
    Options => "options",
    Text => "text",
} }

words! { Field {
    Env => "Env",
    Entrypoint => "Entrypoint",
    Cmd => "Cmd",
    Healthcheck => "Healthcheck",
    Shell => "Shell",
    User => "User",
    WorkingDir => "WorkingDir",
    ExposedPorts => "ExposedPorts",
    Volumes => "Volumes",
    Labels => "Labels",
    StopSignal => "StopSignal",
    OnBuild => "OnBuild",
    Author => "Author",
} }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_at_its_place() {
        assert!(Field::ALL.into_iter().enumerate().all(|(at, field)| at == field as usize));
    }
}
