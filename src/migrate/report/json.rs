//! A report for machines.

use std::{collections::BTreeMap, io::Write};

use serde::Serialize;

use super::{Overview, change::visible};
use crate::{
    fix::Effect,
    migrate::{Reader, Row, State, Why},
};

/// A file.
#[derive(Serialize)]
struct Entry<'a> {
    path: String,
    owners: &'a [String],
    state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a Why>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effect: Option<Effect>,
    steps_rebuilt: usize,
    removed: usize,
    added: usize,
    findings_before: usize,
    findings_left: usize,
    rules: BTreeMap<&'a str, usize>,
    layout: bool,
    groups: Vec<&'a str>,
}

/// Writes one object: what was asked, the counts, the groups, and an entry a file, each on a line of its own.
pub(super) fn write(overview: &Overview, mut rows: Reader, out: &mut impl Write) -> anyhow::Result<()> {
    let (head, totals) = (serde_json::to_string(&overview.head)?, serde_json::to_string(&overview.totals)?);
    let groups = serde_json::to_string(&overview.groups)?;
    write!(out, "{{\"plan\":{head},\n\"totals\":{totals},\n\"groups\":{groups},\n\"files\":[")?;
    let mut separator = "\n";
    while let Some((_, row)) = rows.row()? {
        out.write_all(separator.as_bytes())?;
        serde_json::to_writer(&mut *out, &entry(&row))?;
        separator = ",\n";
    }
    out.write_all(b"\n]}\n")?;
    Ok(())
}

fn entry(row: &Row) -> Entry<'_> {
    let mut rules = BTreeMap::new();
    for (rule, number) in row.steps.iter().flat_map(|it| &it.rules) {
        *rules.entry(rule.as_str()).or_default() += number;
    }
    Entry {
        path: visible(&row.path),
        owners: &row.owners,
        state: row.state,
        why: row.why.as_ref(),
        effect: row.steps.iter().map(|it| it.effect).max(),
        steps_rebuilt: row.steps_rebuilt,
        removed: row.steps.iter().map(|it| it.removed).sum(),
        added: row.steps.iter().map(|it| it.added).sum(),
        findings_before: row.before.values().sum(),
        findings_left: row.findings.len(),
        rules,
        layout: row.steps.iter().any(|it| it.layout),
        groups: row.steps.iter().map(|it| it.group.as_str()).collect(),
    }
}
