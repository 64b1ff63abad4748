//! What a plan says: types, as they stand in `plan.json`.
//!
//! Wherever a path or a text is to be told, bytes that are no UTF-8 are carried as everywhere in dockfix: a byte
//! `0x80..=0xFF` is the character `U+10FF00 + byte`, and [`crate::text::encode`] gives the bytes back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::group::{By, Shard};
use crate::fix::{Effect, Safety};

/// The version of the form that plans have. A plan of another version is refused.
pub const VERSION: u32 = 1;

/// What stands before the files: what was asked, and of what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The version of the plan's form.
    pub version: u32,
    /// The version of dockfix that made it.
    pub dockfix: String,
    /// A digest of what holds at the root: settings, rules and layout, whatever file or argument said it.
    pub settings: String,
    /// The commit that was checked out, where git knows one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// What was asked for.
    pub asked: Asked,
}

/// What was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The files and folders, relative to the root; `.` is the root.
    pub paths: Vec<String>,
    /// What was said of settings, as arguments of the command line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<String>,
    /// How files are grouped.
    pub group_by: By,
    /// How many folders of a path name its group, where files are grouped by folder.
    pub depth: usize,
    /// The most files that a group may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_files_per_group: Option<usize>,
    /// Whether the layout is a step of its own.
    pub separate_layout: bool,
    /// The part of the files that was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
}

/// A file: what it is, and the steps in which it is changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Its path, relative to the root, with `/` between the parts.
    pub path: String,
    /// The SHA-256 of its bytes, in hexadecimal digits; empty where it could not be read.
    pub sha256: String,
    /// Who owns it, by CODEOWNERS.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<String>,
    /// What is to become of it.
    pub state: State,
    /// Why nothing is to become of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Why>,
    /// How many findings there are now, by rule.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub before: BTreeMap<String, usize>,
    /// The findings that are left after the last step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Left>,
    /// What BuildKit would refuse, after the last step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Problem>,
    /// What dockfix itself did wrong, and took back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Problem>,
    /// How many build steps are rebuilt once all is done. The steps of a file that rebuild the same one each count it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub steps_rebuilt: usize,
    /// What is done, in order: each step begins where the one before ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
}

/// What is to become of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It changes.
    Changes,
    /// There is nothing to change.
    #[default]
    Clean,
    /// It is left alone; [`Row::why`] says why.
    PassedOver,
    /// dockfix itself failed on it, and nothing is changed.
    Fault,
}

/// Why a file is passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// The kind of reason.
    pub class: Class,
    /// The reason, in a clause.
    pub message: String,
}

/// The kinds of reasons for which files are passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// A template of another language.
    Template,
    /// Its `# syntax` names a frontend whose grammar is not known.
    ForeignSyntax,
    /// Most of it is no Dockerfile.
    NotADockerfile,
    /// BuildKit refuses it.
    Refused,
    /// A comment keeps dockfix away from all of it.
    Suppressed,
    /// It can't be read.
    Unreadable,
    /// The settings that speak for it are wrong.
    Settings,
    /// It lies outside the root, where no plan reaches.
    Outside,
}

/// A finding that is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// The rule.
    pub rule: String,
    /// The line, counted from 1, after the last step.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// How safe its fix is, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Safety>,
}

/// Something that is wrong at a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The line, counted from 1.
    pub line: usize,
    /// What it is.
    pub message: String,
}

/// A step of a file: what one group does to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The name of the group.
    pub group: String,
    /// How many fixes of each rule are in it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rules: BTreeMap<String, usize>,
    /// Whether the layout has a part in it. A step with layout and no rule changes the form alone.
    pub layout: bool,
    /// What it does to the build.
    pub effect: Effect,
    /// What `dockfix verify` says of the texts before and after it.
    pub verdict: Verdict,
    /// How many build steps get another cache key by it.
    pub steps_rebuilt: usize,
    /// How many lines go.
    pub removed: usize,
    /// How many lines come.
    pub added: usize,
    /// The edits, in order and disjoint.
    pub edits: Vec<Edit>,
    /// The SHA-256 of the bytes after it.
    pub sha256: String,
}

/// What a comparison of two builds says, in the words of `dockfix verify` and without reasons: what a plan keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The same build: nothing is rebuilt.
    Same,
    /// Steps are rebuilt, with the same result.
    Rebuild,
    /// Another image.
    Image,
    /// The file does not tell: it would not build, or depends on what stands elsewhere.
    CannotTell,
}

/// A change of some bytes of the file as it is before the step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// Where the bytes begin that go.
    pub start: usize,
    /// Where they end.
    pub end: usize,
    /// What comes.
    pub insert: String,
}

/// A group of changes that are reviewed and landed together. Groups are listed in the order in which they are applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its name, of letters, digits, `-`, `_` and `.`; no two are the same in any case.
    pub name: String,
    /// What its files have in common: a rule, an effect, a folder, or owners; `layout` is what the layout alone does.
    pub key: String,
    /// Which part of what has that in common, counted from 1.
    pub part: usize,
    /// Whether none of its steps does more than lay out.
    pub layout_only: bool,
    /// How many files it changes.
    pub files: usize,
    /// Who owns them, all together.
    pub owners: Vec<String>,
    /// How many fixes of each rule are in it.
    pub rules: BTreeMap<String, usize>,
    /// In how many files the layout has a part.
    pub laid_out: usize,
    /// How many files it changes with which effect.
    pub effects: BTreeMap<Effect, usize>,
    /// How many build steps are rebuilt.
    pub steps_rebuilt: usize,
    /// How many lines go.
    pub removed: usize,
    /// How many lines come.
    pub added: usize,
}

/// Counts over all files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Files that were looked at.
    pub files: usize,
    /// How many are to become what.
    pub states: BTreeMap<State, usize>,
    /// How many are passed over, and why.
    pub passed_over: BTreeMap<Class, usize>,
    /// Files with faults of dockfix, also those of which a part changes.
    pub faulty: usize,
    /// What each rule finds and mends.
    pub rules: BTreeMap<String, RuleTotals>,
    /// Files that the layout changes.
    pub laid_out: usize,
    /// Files that change, by the most that is done to the build.
    pub effects: BTreeMap<Effect, usize>,
    /// Files that change, by their owners; `unowned` stands for nobody.
    pub owners: BTreeMap<String, OwnerTotals>,
    /// Build steps that are rebuilt.
    pub steps_rebuilt: usize,
    /// Lines that go.
    pub removed: usize,
    /// Lines that come.
    pub added: usize,
}

/// What a rule finds and mends.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleTotals {
    /// Findings now.
    pub before: usize,
    /// Findings after the last step.
    pub left: usize,
    /// Fixes that are applied.
    pub fixes: usize,
    /// Files in which they are.
    pub files: usize,
}

/// What is in store for an owner.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnerTotals {
    /// Files.
    pub files: usize,
    /// Those that change.
    pub changes: usize,
    /// Build steps that are rebuilt.
    pub steps_rebuilt: usize,
    /// Findings that are left.
    pub left: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl Row {
    /// The key under which the file's owners are counted.
    pub fn owner(&self) -> String {
        if self.owners.is_empty() { "unowned".to_owned() } else { self.owners.join(" ") }
    }
}

impl From<Option<Effect>> for Verdict {
    fn from(effect: Option<Effect>) -> Verdict {
        match effect {
            Some(Effect::None) => Verdict::Same,
            Some(Effect::Rebuild) => Verdict::Rebuild,
            Some(Effect::Image) => Verdict::Image,
            None => Verdict::CannotTell,
        }
    }
}

impl Class {
    /// Whether somebody has to mend it before dockfix can look at the file at all.
    pub fn is_bad(self) -> bool {
        matches!(self, Class::Unreadable | Class::Settings | Class::Outside)
    }

    /// The reason, as a table heads its count.
    pub fn as_str(self) -> &'static str {
        match self {
            Class::Template => "template",
            Class::ForeignSyntax => "foreign syntax",
            Class::NotADockerfile => "not a Dockerfile",
            Class::Refused => "refused by BuildKit",
            Class::Suppressed => "suppressed",
            Class::Unreadable => "unreadable",
            Class::Settings => "wrong settings",
            Class::Outside => "outside the root",
        }
    }
}

impl Asked {
    /// Whether a file with a path relative to the root is among what was asked for.
    pub(super) fn has(&self, path: &str) -> bool {
        let below = |folder: &String| {
            folder == "." || path.strip_prefix(folder.as_str()).is_some_and(|it| it.is_empty() || it.starts_with('/'))
        };
        self.paths.iter().any(below) && self.shard.is_none_or(|shard| shard.has(path))
    }
}
