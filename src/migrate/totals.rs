//! Counts over all files of a plan.

use super::plan::{Row, State, Totals};

impl Totals {
    /// Counts a file.
    pub fn add(&mut self, row: &Row) {
        self.files += 1;
        *self.states.entry(row.state).or_default() += 1;
        if let Some(why) = &row.why {
            *self.passed_over.entry(why.class).or_default() += 1;
        }
        self.faulty += usize::from(!row.faults.is_empty());
        for (rule, count) in &row.before {
            self.rules.entry(rule.clone()).or_default().before += count;
        }
        for finding in &row.findings {
            self.rules.entry(finding.rule.clone()).or_default().left += 1;
        }
        let changes = row.state == State::Changes;
        let owner = self.owners.entry(row.owner()).or_default();
        owner.files += 1;
        owner.changes += usize::from(changes);
        owner.steps_rebuilt += row.steps_rebuilt;
        owner.left += row.findings.len();
        self.steps_rebuilt += row.steps_rebuilt;
        if let Some(effect) = row.steps.iter().map(|it| it.effect).max() {
            *self.effects.entry(effect).or_default() += 1;
        }
        self.laid_out += usize::from(row.steps.iter().any(|it| it.layout));
        for step in &row.steps {
            for (rule, count) in &step.rules {
                self.rules.entry(rule.clone()).or_default().fixes += count;
            }
            self.removed += step.removed;
            self.added += step.added;
        }
        let mut rules: Vec<&String> = row.steps.iter().flat_map(|it| it.rules.keys()).collect();
        rules.sort();
        rules.dedup();
        for rule in rules {
            self.rules.entry(rule.clone()).or_default().files += 1;
        }
    }
}
