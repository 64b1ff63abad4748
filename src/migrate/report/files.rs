//! The files of a plan, as blocks of JSON in a page: their rows, and in blocks of their own what is shown of a file
//! when it is unfolded. `config/report/page.js` reads them.

use std::{io::Write, path::Path};

use serde::Serialize;
use serde_json::json;

use super::{
    LeftOut, Limits, Overview,
    change::{self, Source},
    count,
};
use crate::{
    fix::Effect,
    migrate::{Left, Problem, Row, State, Step},
    report::PLEASE_REPORT,
};

/// So long may a block of details get: as much is read when a file is unfolded.
const DETAILS: usize = 64 << 10;

/// So many rows are in a block.
const ROWS: usize = 500;

/// So many findings, errors or faults of one file are told.
const MAX_TOLD: usize = 50;

/// What is shown of a file when it is unfolded.
#[derive(Serialize)]
struct Details {
    /// The diff.
    #[serde(rename = "d", skip_serializing_if = "Option::is_none")]
    diff: Option<String>,
    /// Why there is none.
    #[serde(rename = "n", skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// What is done.
    #[serde(rename = "s", skip_serializing_if = "Vec::is_empty")]
    steps: Vec<String>,
    /// What is left.
    #[serde(rename = "f", skip_serializing_if = "Vec::is_empty")]
    findings: Vec<String>,
    /// What BuildKit refuses.
    #[serde(rename = "e", skip_serializing_if = "Vec::is_empty")]
    errors: Vec<String>,
    /// What dockfix did wrong.
    #[serde(rename = "x", skip_serializing_if = "Vec::is_empty")]
    faults: Vec<String>,
}

/// Writes blocks as they get full.
pub(super) struct Blocks<'a, W: Write> {
    source: Source<'a>,
    limits: Limits,
    out: &'a mut W,
    owners: Vec<&'a str>,
    rules: Vec<&'a str>,
    rows: Vec<String>,
    details: Vec<String>,
    /// How long the details of the block are.
    length: usize,
    /// The number of the next block of details.
    block: usize,
    /// How much was written of details and of rows.
    written: (usize, usize),
    left_out: LeftOut,
}

impl<'a, W: Write> Blocks<'a, W> {
    pub(super) fn new(overview: &'a Overview, root: &'a Path, limits: Limits, out: &'a mut W) -> Self {
        let owners = overview.totals.owners.keys().map(String::as_str).collect();
        let rules = overview.totals.rules.keys().map(String::as_str).collect();
        Blocks {
            source: Source::new(root),
            limits,
            out,
            owners,
            rules,
            rows: Vec::new(),
            details: Vec::new(),
            length: 0,
            block: 0,
            written: (0, 0),
            left_out: LeftOut::default(),
        }
    }

    /// Writes what rows refer to by number.
    pub(super) fn names(&mut self) -> anyhow::Result<()> {
        let owners: Vec<String> = self.owners.iter().map(|it| change::visible(it)).collect();
        let states = ["changes", "clean", "passed over", "fault"];
        let names = json!({ "owners": owners, "rules": self.rules, "states": states }).to_string();
        writeln!(self.out, "<script type=\"application/json\" id=\"data\">{}</script>", in_script(&names))?;
        Ok(())
    }

    /// Adds a file.
    pub(super) fn add(&mut self, row: &Row) -> anyhow::Result<()> {
        if self.written.1 > self.limits.rows {
            self.left_out.files += 1;
            return Ok(());
        }
        let details = self.details_of(row);
        let place = match details {
            Some(details) if self.written.0 + details.len() <= self.limits.details => {
                self.length += details.len();
                self.written.0 += details.len();
                self.details.push(details);
                Some((self.block, self.details.len() - 1))
            }
            Some(_) => {
                self.left_out.details += 1;
                None
            }
            None => None,
        };
        let row = in_script(&self.row(row, place)?);
        self.written.1 += row.len();
        self.rows.push(row);
        if self.length > DETAILS {
            self.end_details()?;
        }
        if self.rows.len() >= ROWS {
            self.end_rows()?;
        }
        Ok(())
    }

    /// Writes what is left, and tells what there was no room for, and whether the plan was followed.
    pub(super) fn finish(mut self) -> anyhow::Result<(LeftOut, Option<String>)> {
        self.end_details()?;
        self.end_rows()?;
        Ok((self.left_out, self.source.told()))
    }

    fn end_details(&mut self) -> anyhow::Result<()> {
        if !self.details.is_empty() {
            let details = self.details.join(",");
            writeln!(self.out, "<script type=\"application/json\" id=\"b{}\">[{details}]</script>", self.block)?;
            (self.block, self.length) = (self.block + 1, 0);
            self.details.clear();
        }
        Ok(())
    }

    fn end_rows(&mut self) -> anyhow::Result<()> {
        if !self.rows.is_empty() {
            let rows = self.rows.join(",\n");
            writeln!(self.out, "<script type=\"application/json\" class=\"rows\">[{rows}]</script>")?;
            self.rows.clear();
        }
        Ok(())
    }

    /// The row of a file, as `page.js` takes it apart.
    fn row(&self, row: &Row, place: Option<(usize, usize)>) -> anyhow::Result<String> {
        let owner = row.owner();
        let known = |names: &[&str], name: &str| names.binary_search(&name).ok();
        let broken = || anyhow::anyhow!("the counts of the plan don't fit its files; plan anew");
        let mut rules: Vec<usize> = Vec::new();
        let named = row.steps.iter().flat_map(|it| it.rules.keys()).chain(row.before.keys());
        for rule in named.chain(row.findings.iter().map(|it| &it.rule)) {
            rules.push(known(&self.rules, rule).ok_or_else(broken)?);
        }
        rules.sort_unstable();
        rules.dedup();
        let effect = row.steps.iter().map(|it| it.effect).max().unwrap_or(Effect::None);
        let (block, nth) = place.map_or((-1, 0), |(block, nth)| (i64::try_from(block).unwrap_or(-1), nth));
        let fields = json!([
            change::visible(&row.path),
            known(&self.owners, &owner).ok_or_else(broken)?,
            row.state as u8,
            effect as u8,
            row.steps_rebuilt,
            row.steps.iter().map(|it| it.removed).sum::<usize>(),
            row.steps.iter().map(|it| it.added).sum::<usize>(),
            row.before.values().sum::<usize>(),
            row.findings.len(),
            rules,
            block,
            nth,
        ]);
        let mut fields = fields.to_string();
        if let Some(why) = &row.why {
            fields.pop();
            let why = format!("{}: {}", why.class.as_str(), change::visible(&why.message));
            fields.push_str(&format!(",{}]", json!(why)));
        }
        Ok(fields)
    }

    /// What is shown of a file, as JSON, if there is anything to show.
    fn details_of(&mut self, row: &Row) -> Option<String> {
        let (diff, note) = match row.state {
            State::Changes if self.written.0 > self.limits.details => (None, None),
            State::Changes => match self.source.diff(row) {
                Ok(diff) => (Some(diff), None),
                Err(note) => (None, Some(note)),
            },
            _ => (None, None),
        };
        let problems = |them: &[Problem]| told(them.iter().map(|it| format!("line {}: {}", it.line, it.message)));
        let mut faults = problems(&row.faults);
        if !faults.is_empty() {
            faults.push(PLEASE_REPORT.to_owned());
        }
        let details = Details {
            diff,
            note,
            steps: row.steps.iter().map(step).collect(),
            findings: told(row.findings.iter().map(finding)),
            errors: problems(&row.errors),
            faults,
        };
        let text = serde_json::to_string(&details).ok()?;
        (text != "{}").then(|| in_script(&text))
    }
}

/// What is done in a step, in a line.
fn step(step: &Step) -> String {
    let mut done: Vec<String> = step.rules.iter().map(|(rule, number)| format!("{rule} ×{number}")).collect();
    if step.layout {
        done.push("layout".to_owned());
    }
    let rebuilt = match step.steps_rebuilt {
        0 => "nothing rebuilt".to_owned(),
        number => format!("{} rebuilt", count(number, "step")),
    };
    format!("{} (group {}; effect {}, {rebuilt})", done.join(", "), step.group, step.effect)
}

fn finding(it: &Left) -> String {
    let fix = it.fix.map_or(String::new(), |it| format!(" ({it} fix)"));
    format!("line {}, {}: {}{fix}", it.line, it.rule, it.message)
}

/// As many as anyone reads.
fn told(all: impl ExactSizeIterator<Item = String>) -> Vec<String> {
    let more = all.len().saturating_sub(MAX_TOLD);
    let mut out: Vec<String> = all.take(MAX_TOLD).map(|it| change::visible(&it)).collect();
    if more > 0 {
        out.push(format!("… and {more} more"));
    }
    out
}

/// JSON that can stand in a `script` element, which nothing but its end tag ends: no `<` is left.
fn in_script(json: &str) -> String {
    json.replace('<', "\\u003c")
}
