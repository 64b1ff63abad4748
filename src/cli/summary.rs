//! What was done, in one line.

use super::{args, run::Mode};
use crate::{
    fix::{Outcome, Rule, Safety},
    report::{self, count},
};

/// Counts over all files.
#[derive(Debug, Default)]
pub(super) struct Summary {
    /// All that could be read.
    files: usize,
    changed: usize,
    same: usize,
    passed_over: usize,
    /// Files and paths that could not be read or written, or whose settings are wrong.
    pub(super) unusable: usize,
    /// Files in which BuildKit would refuse something.
    refused: usize,
    /// Files on which dockfix was wrong.
    faulty: usize,
    applied: Vec<(&'static Rule, usize)>,
    rebuilt: usize,
    /// In how many files they are.
    rebuilt_in: usize,
    /// Findings that are left.
    found: usize,
    /// In so many files.
    found_in: usize,
    safe: usize,
    held_back: usize,
    suggested: usize,
    /// Whether something would have been written.
    pub(super) pending: bool,
}

impl Summary {
    /// Counts a file. `changed` says whether it was or would be changed, and is `None` where it could not be written.
    pub(super) fn add(&mut self, outcome: &Outcome, changed: Option<bool>) {
        let refused = report::errors(outcome).iter().any(|it| !it.kind.is_shell());
        let foreign = outcome.passed_over.as_ref().and_then(report::passed_over_because).is_some();
        self.files += 1;
        self.refused += usize::from(refused);
        match changed {
            Some(true) => self.changed += 1,
            // It is counted already, as what is the matter with it.
            None => {}
            Some(false) if refused => {}
            Some(false) if foreign => self.passed_over += 1,
            Some(false) => self.same += 1,
        }
        let changed = changed == Some(true);
        self.faulty += usize::from(!outcome.faults.is_empty());
        if changed {
            for (rule, count) in &outcome.applied {
                match self.applied.iter_mut().find(|it| it.0 == *rule) {
                    Some(known) => known.1 += count,
                    None => self.applied.push((rule, *count)),
                }
            }
            self.rebuilt += outcome.steps_rebuilt;
            self.rebuilt_in += usize::from(outcome.steps_rebuilt > 0);
        }
        self.found += outcome.findings.len();
        self.found_in += usize::from(!outcome.findings.is_empty());
        for safety in outcome.findings.iter().filter_map(|it| it.fix.as_ref()).map(|it| it.safety) {
            self.safe += usize::from(safety == Safety::Safe);
            self.held_back += usize::from(safety == Safety::Unsafe);
            self.suggested += usize::from(safety == Safety::Suggest);
        }
    }

    /// The exit code, as the arguments have it.
    pub(super) fn exit_code(&self, report: &args::Report) -> u8 {
        let found = match report.fail_on {
            None => self.found > 0,
            Some(Safety::Safe) => self.safe > 0,
            Some(Safety::Unsafe) => self.safe + self.held_back > 0,
            Some(Safety::Suggest) => self.safe + self.held_back + self.suggested > 0,
        };
        let changed = report.exit_non_zero_on_fix && self.changed > 0;
        if self.unusable + self.refused + self.faulty > 0 {
            2
        } else {
            u8::from((found || self.pending || changed) && !report.exit_zero)
        }
    }

    /// The line.
    pub(super) fn text(&self, mode: Mode, writes: bool) -> String {
        let mut line = match mode {
            Mode::Check if self.found == 0 => format!("no findings in {}", count(self.files, "file")),
            Mode::Check => self.findings(mode, &format!(" in {} of {}", self.found_in, count(self.files, "file"))),
            _ => {
                let would = if writes { "" } else { "would be " };
                let verb = if matches!(mode, Mode::Format | Mode::Ci) { "laid out" } else { "changed" };
                format!("{} {would}{verb}, {} unchanged", count(self.changed, "file"), self.same)
            }
        };
        for (number, what) in [
            (self.passed_over, "passed over"),
            (self.refused, "with errors"),
            (self.faulty, "with faults of dockfix"),
            (self.unusable, "not usable"),
        ] {
            if number > 0 {
                line.push_str(&format!(", {number} {what}"));
            }
        }
        if !self.applied.is_empty() {
            let rules: Vec<String> =
                self.applied.iter().map(|(rule, count)| format!("{} ×{count}", rule.name)).collect();
            line.push_str(&format!("; {}", rules.join(", ")));
        }
        if self.rebuilt > 0 {
            let when = if writes { "will" } else { "would" };
            let place = if self.rebuilt_in > 1 { format!(" in {} files", self.rebuilt_in) } else { String::new() };
            line.push_str(&format!("; {}{place} {when} be rebuilt", count(self.rebuilt, "build step")));
        }
        if mode != Mode::Check && self.found > 0 {
            let place =
                if mode == Mode::Ci { format!(" in {}", count(self.found_in, "file")) } else { " left".to_owned() };
            line.push_str(&format!("; {}", self.findings(mode, &place)));
        }
        line.push('\n');
        line
    }

    /// How many findings there are, and what would mend them.
    fn findings(&self, mode: Mode, place: &str) -> String {
        let mut out = format!("{}{place}", count(self.found, "finding"));
        let mut ways = Vec::new();
        if self.safe > 0 && mode.only_reports() {
            ways.push(format!("{} fixable with `dockfix fix`", self.safe));
        }
        if self.held_back > 0 {
            ways.push(format!("{} with `--unsafe`", self.held_back));
        }
        if !ways.is_empty() {
            out.push_str(&format!(" ({})", ways.join(", ")));
        }
        out
    }
}
