//! Where WORKDIRs lead, as far as the file alone says it.

use super::{Model, Stage, Value, build::change_dir, expand::expand_unknown};
use crate::syntax::{
    SyntaxKind::{FROM, ONBUILD, WORKDIR},
    ast::Instruction,
};

/// A WORKDIR, and what is known of the directory before it.
#[derive(Debug)]
pub struct Workdir<'a> {
    /// The instruction.
    pub instruction: &'a Instruction,
    /// What it says, quotes and escapes taken out, with a symbol for each variable; `None` where BuildKit refuses it.
    pub path: Option<Value>,
    /// The directory that it starts from.
    pub before: Directory,
}

/// The directory in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Directory {
    /// An absolute WORKDIR says it, here or in a stage that this one begins with, and no variable has a part in it.
    Known(String),
    /// No WORKDIR has changed that of the base image.
    Base,
    /// A variable or a trigger has a part in it.
    Unknown,
}

/// No path may be longer.
const MAX_PATH: usize = 4096;

impl Directory {
    /// The directory in force behind a WORKDIR.
    fn then(&self, path: Option<&Value>) -> Directory {
        let Some(path) = path.filter(|it| it.is_known()) else { return Directory::Unknown };
        let dir = match self {
            Directory::Known(dir) => dir.as_str(),
            _ if path.start().starts_with('/') => "/",
            _ => return Directory::Unknown,
        };
        let dir = change_dir(&dir.into(), path);
        dir.known().filter(|it| it.len() < MAX_PATH).map_or(Directory::Unknown, |it| Directory::Known(it.to_owned()))
    }
}

impl Model {
    /// All WORKDIRs of the file, in order.
    pub fn workdirs(&self, escape: char) -> Vec<Workdir<'_>> {
        let mut found = Vec::new();
        let mut ends: Vec<Directory> = Vec::new();
        for stage in &self.stages {
            let mut dir = self.beginning(stage, &ends);
            for instruction in stage.instructions.iter().filter(|it| it.kind() == WORKDIR) {
                let path = expand_unknown(&instruction.arguments(), escape).ok();
                let next = dir.then(path.as_ref());
                found.push(Workdir { instruction, path, before: std::mem::replace(&mut dir, next) });
            }
            ends.push(dir);
        }
        found
    }

    /// The directory with which a stage begins, given those with which earlier ones end. An empty image begins with
    /// `/`.
    fn beginning(&self, stage: &Stage, ends: &[Directory]) -> Directory {
        match stage.parent().and_then(|it| Some((self.stages.get(it)?, ends.get(it)?))) {
            // What ONBUILD stored runs in a stage that begins here.
            Some((parent, _)) if parent.instructions.iter().any(is_trigger) => Directory::Unknown,
            // Arguments of the build may choose another stage.
            Some(_) if stage.image.contains('$') => Directory::Unknown,
            Some((_, end)) => end.clone(),
            None if stage.image == "scratch" => Directory::Known("/".to_owned()),
            None => Directory::Base,
        }
    }
}

fn is_trigger(instruction: &Instruction) -> bool {
    instruction.kind() == ONBUILD && instruction.nested().is_none_or(|it| matches!(it.kind(), WORKDIR | FROM))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    /// The directory before the last WORKDIR.
    fn directory(text: &str) -> Directory {
        Model::new(&parse(text)).workdirs('\\').pop().unwrap().before
    }

    #[test]
    fn follows_stages() {
        let known = |text: &str| directory(&format!("{text}WORKDIR x\n"));
        assert_eq!(known("FROM a\nWORKDIR /a/\nWORKDIR b\nWORKDIR ../c\n"), Directory::Known("/a/c".to_owned()));
        let text = "FROM a AS x\nWORKDIR \"/a\"\nFROM x AS y\nFROM y\nWORKDIR b\n";
        assert_eq!(known(text), Directory::Known("/a/b".to_owned()));
        assert_eq!(known("FROM scratch\nWORKDIR a\n"), Directory::Known("/a".to_owned()));
        assert_eq!(known("FROM a\nWORKDIR b\nWORKDIR /a\n"), Directory::Known("/a".to_owned()));
    }

    #[test]
    fn knows_what_it_does_not_know() {
        for (text, what) in [
            ("FROM a\n", Directory::Base),
            ("FROM a AS x\nWORKDIR /a\nFROM b\n", Directory::Base),
            ("FROM a\nWORKDIR b\n", Directory::Unknown),
            ("FROM a\nWORKDIR /a\nWORKDIR $B\n", Directory::Unknown),
            ("FROM a\nWORKDIR /a/$B\n", Directory::Unknown),
            ("FROM a AS x\nWORKDIR /a\nONBUILD WORKDIR b\nFROM x\n", Directory::Unknown),
        ] {
            assert_eq!(directory(&format!("{text}WORKDIR x\n")), what, "{text}");
        }
    }
}
