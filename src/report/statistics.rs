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
        let found = if fixes { "left" } else { "found" };
        let mut columns: Vec<(&str, fn(&Counts) -> usize)> = Vec::new();
        if fixes {
            columns.push(("applied", |it| it.applied));
        }
        columns.push((found, |it| it.findings));
        columns.push(("safe", |it| it.safe));
        columns.push(("unsafe", |it| it.r#unsafe));
        columns.push(("suggest", |it| it.suggest));
        let widths: Vec<usize> =
            columns.iter().map(|(head, count)| head.len().max(count(&all).to_string().len())).collect();
        let files = rules.iter().map(|it| it.1.files.to_string().len()).max().unwrap_or_default().max("files".len());
        let mut out = String::new();
        for ((head, _), width) in columns.iter().zip(&widths) {
            out.push_str(&format!("{head:>width$}  "));
        }
        out.push_str(&format!("{:>files$}  rule\n", "files"));
        for (name, counts) in rules.iter().chain([&("all", all)]) {
            for ((_, count), width) in columns.iter().zip(&widths) {
                out.push_str(&format!("{:>width$}  ", count(counts)));
            }
            // Files with findings of several rules would count several times.
            let number = if *name == "all" { String::new() } else { counts.files.to_string() };
            out.push_str(&format!("{number:>files$}  {name}\n"));
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
