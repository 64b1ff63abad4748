//! What a rule reports.

use text_size::TextRange;

use super::{Effect, Rule, Safety};
use crate::text::EditSet;

/// Something found, where, and what would mend it.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// Where, in the text that was looked at.
    pub range: TextRange,
    /// What is wrong, and why it matters, in a sentence without a full stop.
    pub message: String,
    /// What would mend it.
    pub fix: Option<Fix>,
}

/// Edits that mend a finding, and what they do to the build.
#[derive(Debug, Clone)]
pub struct Fix {
    /// What it does, in the imperative.
    pub title: String,
    /// Who may apply it.
    pub safety: Safety,
    /// What it does to the build.
    pub effect: Effect,
    /// The edits, all or none of which are applied.
    pub edits: EditSet,
}

/// Where a rule puts what it finds.
#[derive(Debug, Default)]
pub struct Findings {
    list: Vec<Finding>,
}

impl Findings {
    /// Adds a finding.
    pub fn push(&mut self, finding: Finding) {
        self.list.push(finding);
    }

    /// Adds what was found, if anything was.
    pub fn extend(&mut self, found: impl IntoIterator<Item = Finding>) {
        self.list.extend(found);
    }

    /// All that was found, in the order of the text.
    pub fn into_sorted(mut self) -> Vec<Finding> {
        self.list.sort_by_key(|it| (it.range.start(), it.range.end()));
        self.list
    }
}
