//! What was done, in one line.

use std::io::{self, Write};

use super::run::Mode;
use crate::fix::{Outcome, Rule, Safety};

/// Counts over all files.
#[derive(Debug, Default)]
pub(super) struct Summary {
    pub(super) changed: usize,
    same: usize,
    passed_over: usize,
    /// Files and paths that could not be worked on, or that BuildKit refuses, or on which dockfix was wrong.
    pub(super) bad: usize,
    applied: Vec<(&'static Rule, usize)>,
    rebuilt: usize,
    found: usize,
    held_back: usize,
    /// Findings that leave something to do.
    left: usize,
    /// Whether something would have been written.
    pub(super) pending: bool,
}

impl Summary {
    pub(super) fn add(&mut self, outcome: &Outcome, changed: bool, mode: Mode) {
        let refused = outcome.errors.iter().any(|it| !it.kind.is_shell());
        self.bad += usize::from(refused || !outcome.faults.is_empty());
        match changed {
            true => self.changed += 1,
            false if outcome.passed_over.is_some() => self.passed_over += 1,
            false => self.same += 1,
        }
        for (rule, count) in &outcome.applied {
            match self.applied.iter_mut().find(|it| it.0 == *rule) {
                Some(known) => known.1 += count,
                None => self.applied.push((rule, *count)),
            }
        }
        self.rebuilt += outcome.steps_rebuilt;
        self.found += outcome.findings.len();
        let fixable = |it: &&crate::fix::Finding| it.fix.as_ref().is_some_and(|it| it.safety > Safety::Suggest);
        let fixable: Vec<_> = outcome.findings.iter().filter(fixable).collect();
        self.held_back +=
            fixable.iter().filter(|it| it.fix.as_ref().is_some_and(|it| it.safety == Safety::Unsafe)).count();
        self.left += if mode == Mode::Check { outcome.findings.len() } else { fixable.len() };
    }

    pub(super) fn exit_code(&self) -> u8 {
        match () {
            () if self.bad > 0 => 2,
            () if self.left > 0 || self.pending => 1,
            () => 0,
        }
    }

    /// Says it on stderr.
    pub(super) fn print(&self, would: bool) -> io::Result<()> {
        let verb = if would { "would change" } else { "changed" };
        let mut parts = vec![format!("{} {verb}", files(self.changed)), format!("{} left as they were", self.same)];
        if self.passed_over > 0 {
            parts.push(format!("{} passed over", self.passed_over));
        }
        if self.bad > 0 {
            parts.push(format!("{} with errors", self.bad));
        }
        let mut line = parts.join(", ");
        if !self.applied.is_empty() {
            let rules: Vec<String> =
                self.applied.iter().map(|(rule, count)| format!("{} ×{count}", rule.name)).collect();
            line.push_str(&format!("; {}", rules.join(", ")));
        }
        if self.found > 0 {
            line.push_str(&format!("; {} findings", self.found));
        }
        if self.rebuilt > 0 {
            line.push_str(&format!("; {} build steps will be rebuilt", self.rebuilt));
        }
        if self.held_back > 0 {
            line.push_str(&format!("; {} more can be fixed with --unsafe", self.held_back));
        }
        writeln!(anstream::stderr(), "{line}")
    }
}

fn files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}
