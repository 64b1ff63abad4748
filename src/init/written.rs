//! The file of settings, as text.

use std::fmt::{self, Write};

use super::{Change, Choices, Survey, Topic};
use crate::format::{Indent, Operators};

/// Rules that a `.hadolint.yaml` keeps from running in its folder and below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// The folder, from the one of the settings, with `/`; empty for that one itself.
    pub folder: String,
    /// The names of the rules.
    pub rules: Vec<&'static str>,
    /// Those among the rules ignored in the folders above that do run here: the closest file alone counts.
    pub again: Vec<&'static str>,
}

/// A `dockfix.toml` that says what differs from the defaults, and why.
#[derive(Debug)]
pub struct Written<'a> {
    /// What the files do.
    pub survey: &'a Survey,
    /// What was chosen.
    pub choices: &'a Choices,
    /// How many files were laid out to choose.
    pub tried: usize,
    /// The preset to begin with, where it is not the one that holds anyway, and why.
    pub preset: Option<(&'a str, &'a str)>,
    /// What the settings that are there say of files, and what is said as well where these are replaced.
    pub exclude: &'a [String],
    /// See `exclude`.
    pub include: &'a [String],
    /// See `exclude`.
    pub force_exclude: bool,
    /// What files of hadolint say: that of the folder itself first, if there is one.
    pub ignored: &'a [Ignored],
}

impl fmt::Display for Written<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files = |count: usize| if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
        writeln!(
            f,
            "# Settings of dockfix, chosen for {}. Nothing is said of what fits as it",
            files(self.survey.files())
        )?;
        f.write_str("# is; `dockfix debug settings FILE` prints all that holds for a file.\n")?;
        let Choices { changes, before, after, .. } = self.choices;
        match changes.is_empty() {
            true => writeln!(
                f,
                "#\n# In {} the default layout changes {before} lines; no setting makes it fewer.",
                files(self.tried)
            )?,
            false => writeln!(
                f,
                "#\n# In {} the default layout changes {before} lines, and this one {after}.",
                files(self.tried)
            )?,
        }
        if let Some((name, why)) = self.preset {
            write!(f, "\n# {why}\npreset = \"{name}\"\n")?;
        }
        let (here, below) = match self.ignored {
            [first, rest @ ..] if first.folder.is_empty() => (Some(first), rest),
            all => (None, all),
        };
        if let Some(here) = here {
            write!(f, "\n# From `.hadolint.yaml`, which is not heard any more where this file is.\n")?;
            f.write_str(&list("ignore", &here.rules))?;
        }
        if !(self.exclude.is_empty() && self.include.is_empty()) || self.force_exclude {
            f.write_str("\n# From the settings that were here before.\n")?;
        }
        for (name, globs) in [("exclude", self.exclude), ("include", self.include)] {
            let globs: Vec<&str> = globs.iter().map(String::as_str).collect();
            if !globs.is_empty() {
                f.write_str(&list(name, &globs))?;
            }
        }
        if self.force_exclude {
            f.write_str("force-exclude = true\n")?;
        }
        if !changes.is_empty() {
            f.write_str("\n[format]\n")?;
        }
        for change in changes {
            writeln!(f, "# {}", self.why(change.topic()))?;
            match change {
                Change::Indent(Indent::Tab) => f.write_str("indent = \"tab\"\n")?,
                Change::Indent(Indent::Spaces(blanks)) => writeln!(f, "indent = {blanks}")?,
                Change::Operators(Operators::Leading) => f.write_str("operators = \"leading\"\n")?,
                Change::Operators(Operators::Trailing) => f.write_str("operators = \"trailing\"\n")?,
                Change::Operators(Operators::Preserve) => f.write_str("operators = \"preserve\"\n")?,
                Change::LineWidth(width) => writeln!(f, "line-width = {width}")?,
                Change::StageGap(gap) => writeln!(f, "stage-gap = {gap}")?,
            }
        }
        for folder in below {
            let glob = toml::Value::from(format!("{}/**", escaped(&folder.folder)));
            write!(f, "\n[[overrides]]\n# From the `.hadolint.yaml` there.\nfiles = [{glob}]\n")?;
            if !folder.again.is_empty() {
                f.write_str(&list("extend-select", &folder.again))?;
            }
            f.write_str(&list("ignore", &folder.rules))?;
        }
        Ok(())
    }
}

impl Written<'_> {
    fn why(&self, topic: Topic) -> String {
        let votes = self.survey.words(topic);
        match self.choices.tried.contains(&topic) {
            true => format!("{votes}. Of all settings this changes the fewest lines."),
            false => format!("{votes}."),
        }
    }
}

/// A list on one line, or on a line for each word where that gets long.
fn list(name: &str, words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|it| toml::Value::from(*it).to_string()).collect();
    let mut out = format!("{name} = [{}]\n", words.join(", "));
    if out.len() > 100 {
        out = format!("{name} = [\n");
        words.iter().for_each(|it| _ = writeln!(out, "    {it},"));
        out.push_str("]\n");
    }
    out
}

/// A path as a glob that matches it alone.
fn escaped(path: &str) -> String {
    let mut out = String::new();
    for c in path.chars() {
        match c {
            '*' | '?' | '[' | ']' | '{' | '}' => _ = write!(out, "[{c}]"),
            '\\' => out.push_str(r"\\"),
            c => out.push(c),
        }
    }
    out
}
