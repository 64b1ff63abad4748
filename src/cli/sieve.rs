//! What of all that was found in a file is told: what stands in lines that changed, and in no baseline.

use std::path::Path;

use super::{
    baseline::{Baseline, Seen},
    changed::{Changed, Lines},
};
use crate::{
    fix::{Finding, Rule},
    report::{Entry, File, Kind, Name, Told},
};

/// What is told of files.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Narrowing<'a> {
    /// What changed, if lines that did not are left out.
    pub(super) lines: Option<&'a Changed>,
    pub(super) baseline: Option<&'a Baseline>,
}

/// What is told of one file.
pub(super) struct Sieve<'a> {
    lines: Lines,
    /// With the name that the file has there.
    baseline: Option<(&'a Baseline, String)>,
}

impl<'a> Narrowing<'a> {
    /// What is told of a file, or why git can't tell which of its lines changed.
    pub(super) fn of(self, path: &Path) -> Result<Sieve<'a>, String> {
        let lines = self.lines.map_or(Ok(Lines::All), |it| it.lines(path))?;
        Ok(Sieve { lines, baseline: self.baseline.map(|it| (it, it.name(path))) })
    }
}

impl Sieve<'_> {
    /// Whether only a part of what is found is told, because the rest stands in other lines.
    pub(super) fn has_lines(&self) -> bool {
        self.lines != Lines::All
    }

    /// Whether something is told. Errors are always: they spoil what stands in other lines too.
    fn keeps(&self, file: &File<'_>, entry: &Entry<'_>) -> bool {
        let known = |rule: &Rule| {
            self.baseline.as_ref().is_some_and(|(it, name)| it.holds(name, rule.name, file.fingerprint(entry)))
        };
        match entry.kind {
            Kind::Rule(rule) => self.lines.touch(file.line_span(entry)) && !known(rule),
            Kind::Layout => self.lines.touch(file.line_span(entry)),
            Kind::Syntax | Kind::Fault | Kind::Unusable => true,
        }
    }

    /// Which entries of a file are told, in their order.
    fn kept(&self, file: &File<'_>) -> Vec<bool> {
        file.entries.iter().map(|it| self.keeps(file, it)).collect()
    }

    /// Leaves out of a report what is not told. What is left keeps its fingerprints, for these count all that was
    /// found.
    pub(super) fn entries(&self, file: &mut File<'_>) {
        let keep = self.kept(file);
        retain(&mut file.entries, keep);
    }

    /// Leaves the same out of findings in a text, which are in its order; and gives back all that was found, for the
    /// baseline.
    pub(super) fn findings(&self, text: &str, findings: &mut Vec<Finding>, rules: &[&'static Rule]) -> Option<Seen> {
        if self.baseline.is_none() && !self.has_lines() {
            return None;
        }
        let name = Name::new(Path::new(""), Path::new(""));
        let file = File::new(&name, text, &Told { findings, ..Told::default() });
        let seen = self.baseline.as_ref().map(|(_, name)| Seen {
            name: name.clone(),
            rules: rules.iter().map(|it| it.name).collect(),
            found: file.entries.iter().map(|it| (it.kind.id(), file.fingerprint(it).to_owned())).collect(),
        });
        let keep = self.kept(&file);
        retain(findings, keep);
        seen
    }
}

/// Leaves in a list what is kept of it.
fn retain<T>(list: &mut Vec<T>, keep: Vec<bool>) {
    let mut keep = keep.into_iter();
    list.retain(|_| keep.next().unwrap_or(true));
}
