//! A line for each finding.

use super::{Entry, File, Kind, Reporter, style::shown_diff};
use crate::fix::Safety;

/// Lines as compilers write them. Errors and faults are left to those who tell people of them.
pub(super) struct Concise;

impl Reporter for Concise {
    fn file(&self, file: &File<'_>) -> String {
        let found = file.entries.iter().filter(|it| matches!(it.kind, Kind::Rule(_) | Kind::Layout));
        found.map(|it| entry(file, it)).chain([shown_diff(file.diff)]).collect()
    }
}

/// A finding in one line.
pub fn entry(file: &File<'_>, entry: &Entry<'_>) -> String {
    let (line, column) = file.places(entry).map_or((1, 1), |(start, _)| (start.line, start.column));
    let fix = match entry.fix.as_ref().map(|it| it.safety) {
        Some(Safety::Safe) => " (fixable)",
        Some(Safety::Unsafe) => " (fixable with --unsafe)",
        Some(Safety::Suggest) => " (with a suggestion)",
        None => "",
    };
    format!("{}:{line}:{column}: {}: {}{fix}\n", file.name.shown, entry.kind.id(), entry.message)
}
