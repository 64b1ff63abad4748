//! Workflow commands of GitHub Actions:
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>.

use std::fmt::Write;

use super::{Entry, File, Level, Reporter};
use crate::text::is_raw;

/// Annotations, the files' ones in groups of the log.
pub(super) struct Github;

impl Reporter for Github {
    fn file(&self, file: &File<'_>) -> String {
        let mut out = String::new();
        if file.entries.is_empty() && file.diff.is_empty() {
            return out;
        }
        // Writing to a string can't fail, here and below.
        let _ = writeln!(out, "::group::{}", data(&file.name.shown));
        for entry in &file.entries {
            let _ = writeln!(out, "{}", command(file, entry));
        }
        for line in file.diff.split_terminator('\n') {
            // The runner takes a line for a command that begins with `::`, also behind blanks, or holds `##[`.
            let line: String =
                line.chars().map(|it| if is_raw(it) { char::REPLACEMENT_CHARACTER } else { it }).collect();
            let _ = writeln!(out, "| {}", line.replace("##[", "## [").replace('\r', ""));
        }
        out.push_str("::endgroup::\n");
        out
    }
}

fn command(file: &File<'_>, entry: &Entry<'_>) -> String {
    let name = match entry.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let mut place = String::new();
    if let Some((start, end)) = file.places(entry) {
        let (first, last) = file.line_span(entry);
        let _ = write!(place, ",line={first},endLine={last}");
        // Columns are for what stands in one line.
        if first == last && end.line == last {
            let _ = write!(place, ",col={},endColumn={}", start.column, end.column);
        }
    }
    let title = property(&format!("dockfix: {}", entry.kind.id()));
    let help = entry.help.map(|it| format!("\n{it}")).unwrap_or_default();
    let message = data(&format!("{}{help}", entry.message));
    format!("::{name} file={}{place},title={title}::{message}", property(&file.name.slashed))
}

/// The text behind a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a command's property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_command_is_escaped() {
        assert_eq!(data("100%: a,\r\nb"), "100%25: a,%0D%0Ab");
        assert_eq!(property("100%: a,\r\nb"), "100%25%3A a%2C%0D%0Ab");
    }
}
