//! The counts of a plan, for people.

use std::fmt::Write;

use super::count;
use crate::migrate::{Group, State, Totals, shown};

/// So many rows of a table are shown, unless more words are asked for.
const ROWS: usize = 20;

/// The counts, as tables with a heading each.
pub(super) fn table(totals: &Totals, groups: &[Group], verbose: bool) -> String {
    let mut out = String::new();
    let most = if verbose { usize::MAX } else { ROWS };
    let state = |state: State| totals.states.get(&state).copied().unwrap_or_default();
    let changes = state(State::Changes);
    // Writing to a string can't fail, here and below.
    let _ = writeln!(
        out,
        "{}: {changes} would change, {} unchanged, {} passed over{}",
        count(totals.files, "file"),
        state(State::Clean),
        state(State::PassedOver),
        if totals.faulty > 0 { format!(", {} with faults of dockfix", totals.faulty) } else { String::new() },
    );
    if changes > 0 {
        let _ = writeln!(
            out,
            "{} and {}; {} would be rebuilt",
            count(totals.removed, "line") + " less",
            totals.added.to_string() + " more",
            count(totals.steps_rebuilt, "build step"),
        );
    }
    let mut rules: Vec<_> = totals.rules.iter().filter(|it| it.1.before + it.1.fixes + it.1.left > 0).collect();
    rules.sort_by_key(|(name, it)| (std::cmp::Reverse(it.fixes), std::cmp::Reverse(it.left), (*name).clone()));
    let mut rows: Vec<Vec<String>> = rules
        .iter()
        .map(|(name, it)| {
            vec![
                (*name).clone(),
                it.files.to_string(),
                it.fixes.to_string(),
                it.before.to_string(),
                it.left.to_string(),
            ]
        })
        .collect();
    if totals.laid_out > 0 {
        rows.insert(0, vec!["(layout)".to_owned(), totals.laid_out.to_string()]);
    }
    section(&mut out, &["By rule", "files", "fixes", "findings", "left"], &rows, most);
    let rows: Vec<Vec<String>> =
        totals.effects.iter().map(|(effect, files)| vec![effect.to_string(), files.to_string()]).collect();
    section(&mut out, &["By effect", "files"], &rows, most);
    let mut owners: Vec<_> = totals.owners.iter().collect();
    owners.sort_by_key(|(name, it)| (std::cmp::Reverse(it.changes), (*name).clone()));
    let rows: Vec<Vec<String>> = owners
        .iter()
        .map(|(name, it)| {
            vec![
                shown(name),
                it.files.to_string(),
                it.changes.to_string(),
                it.steps_rebuilt.to_string(),
                it.left.to_string(),
            ]
        })
        .collect();
    section(&mut out, &["By owner", "files", "would change", "steps rebuilt", "findings left"], &rows, most);
    let rows: Vec<Vec<String>> =
        totals.passed_over.iter().map(|(class, files)| vec![class.as_str().to_owned(), files.to_string()]).collect();
    section(&mut out, &["Passed over", "files"], &rows, most);
    let rows: Vec<Vec<String>> = groups
        .iter()
        .map(|it| {
            let effect = it.effects.keys().max().map(ToString::to_string).unwrap_or_default();
            vec![it.name.clone(), it.files.to_string(), effect, it.steps_rebuilt.to_string()]
        })
        .collect();
    section(&mut out, &["Groups, in order", "files", "effect", "steps rebuilt"], &rows, most);
    out
}

/// A table whose first column is for words and the others for numbers.
pub(super) fn section(out: &mut String, head: &[&str], rows: &[Vec<String>], most: usize) {
    if rows.is_empty() {
        return;
    }
    let shown = rows.iter().take(most);
    let width = |column: usize| {
        let cells = shown.clone().filter_map(|it| it.get(column)).map(|it| it.chars().count());
        cells.chain(head.get(column).map(|it| it.chars().count())).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let mut line = |cells: &[String]| {
        let mut text = String::new();
        for (cell, width) in cells.iter().zip(&widths) {
            if text.is_empty() {
                let _ = write!(text, "{cell:width$}");
            } else {
                let _ = write!(text, "  {cell:>width$}");
            }
        }
        let _ = writeln!(out, "{}", text.trim_end());
    };
    line(&[]);
    line(&head.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>());
    shown.clone().for_each(|it| line(it));
    if rows.len() > most {
        let _ = writeln!(out, "… and {} more; `--verbose` tells them all", rows.len() - most);
    }
}
