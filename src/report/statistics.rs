//! Counts by rule.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::fix::{Outcome, Safety};

/// What each rule found and mended, over many files.
#[derive(Debug, Default)]
pub struct Statistics {
    rules: BTreeMap<&'static str, Counts>,
}

/// What one rule found and mended.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Fixes that were applied, or would be.
    pub applied: usize,
    /// Findings that are there, or left after that.
    pub findings: usize,
    /// Those of them with a safe fix.
    pub safe: usize,
    /// Those with an unsafe fix.
    pub r#unsafe: usize,
    /// Those with a suggestion.
    pub suggest: usize,
    /// Files in which something was found or applied.
    pub files: usize,
}

impl Statistics {
    /// Adds what became of a file. What was applied counts where the file is another one by it.
    pub fn add(&mut self, outcome: &Outcome, changed: bool) {
        let mut here: BTreeMap<&'static str, Counts> = BTreeMap::new();
        for (rule, count) in outcome.applied.iter().filter(|_| changed) {
            here.entry(rule.name).or_default().applied += count;
        }
        for finding in &outcome.findings {
            let counts = here.entry(finding.rule.name).or_default();
            counts.findings += 1;
            match finding.fix.as_ref().map(|it| it.safety) {
                Some(Safety::Safe) => counts.safe += 1,
                Some(Safety::Unsafe) => counts.r#unsafe += 1,
                Some(Safety::Suggest) => counts.suggest += 1,
                None => {}
            }
        }
        for (name, counts) in here {
            self.rules.entry(name).or_default().add(Counts { files: 1, ..counts });
        }
    }

    /// The counts by rule, the most frequent first.
    pub fn sorted(&self) -> Vec<(&'static str, Counts)> {
        let mut all: Vec<_> = self.rules.iter().map(|(name, counts)| (*name, *counts)).collect();
        all.sort_by_key(|(name, it)| (std::cmp::Reverse(it.applied + it.findings), *name));
        all
    }

    /// A table with a line for each rule and one for all; empty where there is nothing to count. What was applied has a
    /// column where fixes are.
    pub fn table(&self, fixes: bool) -> String {
        let rules = self.sorted();
        if rules.is_empty() {
            return String::new();
        }
        let mut all = Counts::default();
        rules.iter().for_each(|it| all.add(it.1));
        let cells = |it: &Counts| {
            let applied = fixes.then_some(it.applied);
            let found = [it.findings, it.safe, it.r#unsafe, it.suggest];
            applied.into_iter().chain(found).map(|it| it.to_string()).collect::<Vec<_>>()
        };
        let found = if fixes { "left" } else { "found" };
        let heads = fixes.then_some("applied").into_iter().chain([found, "safe", "unsafe", "suggest", "files", "rule"]);
        let mut lines = vec![heads.map(str::to_owned).collect::<Vec<_>>()];
        for (name, counts) in &rules {
            lines.push([cells(counts), vec![counts.files.to_string(), (*name).to_owned()]].concat());
        }
        // Files with findings of several rules would count several times.
        lines.push([cells(&all), vec![String::new(), "all".to_owned()]].concat());
        let width = |column: usize| lines.iter().filter_map(|it| it.get(column)).map(String::len).max();
        let mut out = String::new();
        for line in &lines {
            let Some((name, numbers)) = line.split_last() else { continue };
            for (column, number) in numbers.iter().enumerate() {
                let width = width(column).unwrap_or_default();
                out.push_str(&format!("{number:>width$}  "));
            }
            out.push_str(&format!("{name}\n"));
        }
        out
    }
}

impl Counts {
    fn add(&mut self, other: Counts) {
        self.applied += other.applied;
        self.findings += other.findings;
        self.safe += other.safe;
        self.r#unsafe += other.r#unsafe;
        self.suggest += other.suggest;
        self.files += other.files;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::{
        fix::{self, Job},
        rules::ALL,
    };

    fn count(fix: Option<Safety>) -> Statistics {
        let names = ["legacy-key-value", "maintainer", "recommended-packages"];
        let rules = ALL.iter().copied().filter(|it| names.contains(&it.name)).collect();
        let job = Job { rules, fix, ..Job::default() };
        let mut statistics = Statistics::default();
        for text in [
            "FROM debian\nENV a b\nENV c d\nRUN apt-get update && apt-get install -y a\n",
            "FROM a\nMAINTAINER x\nENV e f\n",
            "FROM a\n",
        ] {
            let outcome = fix::run(text, &job);
            statistics.add(&outcome, outcome.text != text);
        }
        statistics
    }

    #[test]
    fn the_most_frequent_comes_first() {
        let expected = "\
found  safe  unsafe  suggest  files  rule
    3     3       0        0      2  legacy-key-value
    1     1       0        0      1  maintainer
    1     0       1        0      1  recommended-packages
    5     4       1        0         all
";
        assert_eq!(count(None).table(false), expected);
        assert_eq!(Statistics::default().table(false), "");
    }

    #[test]
    fn what_was_applied_counts_beside_what_is_left() {
        let expected = "\
applied  left  safe  unsafe  suggest  files  rule
      3     0     0       0        0      2  legacy-key-value
      1     0     0       0        0      1  maintainer
      0     1     0       1        0      1  recommended-packages
      4     1     0       1        0         all
";
        assert_eq!(count(Some(Safety::Safe)).table(true), expected);
    }

    #[test]
    fn machines_get_the_same_counts() {
        let counts = count(None).sorted()[0].1;
        let expected = r#"{"applied":0,"findings":3,"safe":3,"unsafe":0,"suggest":0,"files":2}"#;
        assert_eq!(serde_json::to_string(&counts).unwrap(), expected);
    }
}
