//! A report for a pull request.

use std::{cmp::Reverse, fmt::Write as _, io::Write, path::Path};

use super::{
    LeftOut, Overview,
    change::{self, Source},
    count, grouped,
};
use crate::migrate::{Reader, Row, State};

/// So many bytes are written: a comment of GitHub holds 65,536 characters.
const MAX_BYTES: usize = 60_000;

/// So many rows has a table.
const MAX_ROWS: usize = 20;

/// So many bytes has the diff of a file.
const MAX_DIFF: usize = 8_000;

/// Writes the counts, and the diffs of as many files as there is room for.
pub(super) fn write(
    overview: &Overview,
    mut rows: Reader,
    root: &Path,
    out: &mut impl Write,
) -> anyhow::Result<LeftOut> {
    let head = counts(overview);
    out.write_all(head.as_bytes())?;
    let (mut source, mut files) = (Source::new(root), String::new());
    let mut left_out = LeftOut::default();
    while let Some((_, row)) = rows.row()? {
        if row.state != State::Changes {
            continue;
        }
        if left_out.files == 0 {
            let text = file(&row, &mut source);
            if head.len() + files.len() + text.len() <= MAX_BYTES {
                files.push_str(&text);
                continue;
            }
        }
        left_out.files += 1;
    }
    if let Some(told) = source.told() {
        write!(out, "\n{told}\n")?;
    }
    out.write_all(files.as_bytes())?;
    if left_out.files > 0 {
        write!(
            out,
            "\n… and {} more; `dockfix migrate report -o report.html` shows all.\n",
            count(left_out.files, "file")
        )?;
    }
    Ok(left_out)
}

fn counts(overview: &Overview) -> String {
    let totals = &overview.totals;
    let (before, left) = overview.findings();
    // Writing to a string can't fail, here and below.
    let mut out = String::new();
    let _ = write!(
        out,
        "### dockfix: {} of {} would change\n\n\
         {} mended and {} left; {} would be rebuilt; {} come and {} go.\n\n{}.\n",
        grouped(overview.state(State::Changes)),
        count(totals.files, "Dockerfile"),
        count(before.saturating_sub(left), "finding"),
        grouped(left),
        count(totals.steps_rebuilt, "build step"),
        count(totals.added, "line"),
        grouped(totals.removed),
        cell(&overview.about()),
    );
    let effects: Vec<_> =
        totals.effects.iter().map(|(effect, files)| vec![effect.to_string(), grouped(*files)]).collect();
    table(&mut out, &["effect", "files"], &effects);
    let mut rules: Vec<_> = totals.rules.iter().filter(|(_, it)| it.before + it.fixes + it.left > 0).collect();
    rules.sort_by_key(|(_, it)| (Reverse(it.before), Reverse(it.fixes)));
    let rules: Vec<_> = rules
        .iter()
        .map(|(name, it)| vec![format!("`{name}`"), grouped(it.before), grouped(it.left), grouped(it.files)])
        .collect();
    table(&mut out, &["rule", "findings before", "after", "files changed"], &rules);
    if totals.owners.len() > 1 {
        let mut owners: Vec<_> = totals.owners.iter().collect();
        owners.sort_by_key(|(_, it)| Reverse(it.changes));
        let owners: Vec<_> = owners
            .iter()
            .map(|(name, it)| vec![cell(name), grouped(it.changes), grouped(it.files), grouped(it.steps_rebuilt)])
            .collect();
        table(&mut out, &["owner", "files that change", "of", "steps rebuilt"], &owners);
    }
    let groups: Vec<_> = overview
        .groups
        .iter()
        .map(|it| {
            let effect = it.effects.keys().max().map(ToString::to_string).unwrap_or_default();
            vec![format!("`{}`", it.name), grouped(it.files), effect, grouped(it.steps_rebuilt)]
        })
        .collect();
    table(&mut out, &["group", "files", "effect", "steps rebuilt"], &groups);
    let passed_over: Vec<_> =
        totals.passed_over.iter().map(|(class, files)| vec![class.as_str().to_owned(), grouped(*files)]).collect();
    table(&mut out, &["passed over", "files"], &passed_over);
    out
}

/// A table: the first column is words, the others are numbers, or short.
fn table(out: &mut String, heads: &[&str], rows: &[Vec<String>]) {
    if rows.is_empty() {
        return;
    }
    let lines: Vec<&str> = (0..heads.len()).map(|nth| if nth == 0 { "---" } else { "---:" }).collect();
    let _ = write!(out, "\n| {} |\n| {} |\n", heads.join(" | "), lines.join(" | "));
    for row in rows.iter().take(MAX_ROWS) {
        let _ = writeln!(out, "| {} |", row.join(" | "));
    }
    if rows.len() > MAX_ROWS {
        let _ = writeln!(out, "\n… and {} more", grouped(rows.len() - MAX_ROWS));
    }
}

/// A file, folded.
fn file(row: &Row, source: &mut Source<'_>) -> String {
    let path = change::visible(&row.path).replace('&', "&amp;").replace('<', "&lt;").replace('\n', "?");
    let rebuilt = match row.steps_rebuilt {
        0 => "nothing rebuilt".to_owned(),
        number => format!("{} rebuilt", count(number, "step")),
    };
    let text = match source.diff(row) {
        Ok(diff) if diff.len() <= MAX_DIFF => {
            let longest = diff.split(|it| it != '`').map(str::len).max().unwrap_or_default();
            let fence = "`".repeat(longest.max(2) + 1);
            let end = if diff.ends_with('\n') { "" } else { "\n" };
            format!("{fence}diff\n{diff}{end}{fence}")
        }
        Ok(_) => "The diff is longer than can be shown here.".to_owned(),
        Err(why) => cell(&why),
    };
    format!("\n<details><summary><code>{path}</code>, {rebuilt}</summary>\n\n{text}\n\n</details>\n")
}

/// A text that is nothing but text, also in the cell of a table, and calls nobody.
fn cell(text: &str) -> String {
    let mut out = String::new();
    for c in change::visible(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '\n' => out.push(' '),
            '|' | '\\' | '*' | '_' | '[' | ']' | '#' | '~' | '`' => out.extend(['\\', c]),
            '@' => out.push_str("@<!-- -->"),
            c => out.push(c),
        }
    }
    out
}
