//! Markdown for a comment on a pull request: counts, a table for each file, and what would change, folded.

use std::fmt::Write;

use super::{Entry, File, Level, Reporter, Run, full::lines_changed};
use crate::{
    fix::Safety,
    text::{self, is_raw},
};

/// Tables. What comes after some 60,000 bytes is left out, for a comment of GitHub holds 65,536 characters.
pub(super) struct Markdown;

/// So many bytes are written of the files.
const MAX_BYTES: usize = 60_000;

/// So many rows has the table of a file.
const MAX_ROWS: usize = 100;

/// So many bytes has the diff of a file.
const MAX_DIFF: usize = 16_000;

impl Reporter for Markdown {
    fn held_back(&self) -> Option<usize> {
        Some(MAX_BYTES)
    }

    fn head(&self, run: &Run) -> String {
        let mut parts = Vec::new();
        for (number, one, many) in [
            (run.findings, "finding", "findings"),
            (run.unformatted, "place not laid out", "places not laid out"),
            (run.errors, "error", "errors"),
            (run.troubles.len(), "file not worked on", "files not worked on"),
        ] {
            if number > 0 {
                parts.push(format!("{number} {}", if number == 1 { one } else { many }));
            }
        }
        let files = if run.files == 1 { "file" } else { "files" };
        if parts.is_empty() {
            return format!("### dockfix: nothing to do in {} {files}\n", run.files);
        }
        let mut out = format!("### dockfix: {} in {} of {} {files}\n", parts.join(", "), run.files_told, run.files);
        let [safe, r#unsafe, suggest] = run.fixes;
        let ways: Vec<String> = [
            (safe, "fixable with `dockfix fix`"),
            (r#unsafe, "with `dockfix fix --unsafe`"),
            (suggest, "with a suggestion"),
        ]
        .iter()
        .filter(|it| it.0 > 0)
        .map(|(number, what)| format!("{number} {what}"))
        .collect();
        if !ways.is_empty() {
            let _ = writeln!(out, "\n{}.", ways.join(", "));
        }
        out
    }

    fn file(&self, file: &File<'_>) -> String {
        let mut out = String::new();
        if file.entries.is_empty() && file.diff.is_empty() {
            return out;
        }
        // Writing to a string can't fail, here and below.
        let _ = writeln!(out, "\n#### {}\n", code(&file.name.shown));
        if !file.entries.is_empty() {
            out.push_str("| line | what | why | fix |\n| ---: | --- | --- | --- |\n");
            for entry in file.entries.iter().take(MAX_ROWS) {
                row(&mut out, file, entry);
            }
            if file.entries.len() > MAX_ROWS {
                let _ = writeln!(out, "\n… and {} more", file.entries.len() - MAX_ROWS);
            }
        }
        let (title, diff) = match file.diff {
            "" => ("What the fixes change", fixes(file)),
            diff => ("What would change", diff.to_owned()),
        };
        if !diff.is_empty() {
            let (diff, rest) = cut(&diff);
            let fence = fence(diff);
            let diff: String = diff.chars().map(printable).collect();
            let _ = write!(out, "\n<details><summary>{title}</summary>\n\n{fence}diff\n{diff}{fence}\n\n");
            out.push_str(if rest { "The diff is longer than can be shown here.\n\n" } else { "" });
            out.push_str("</details>\n");
        }
        out
    }

    fn tail(&self, run: &Run) -> String {
        match run.left_out {
            0 => String::new(),
            1 => "\n… and 1 more file\n".to_owned(),
            more => format!("\n… and {more} more files\n"),
        }
    }
}

fn row(out: &mut String, file: &File<'_>, entry: &Entry<'_>) {
    let line = file.places(entry).map_or_else(String::new, |it| it.0.line.to_string());
    let fix = match entry.fix.as_ref().map(|it| it.safety) {
        Some(Safety::Safe) => "safe",
        Some(Safety::Unsafe) => "unsafe",
        Some(Safety::Suggest) => "suggestion",
        None => "",
    };
    let error = if entry.level == Level::Error { "**error** " } else { "" };
    let message = inline(&entry.message);
    let _ = writeln!(out, "| {line} | {error}`{}` | {message} | {fix} |", entry.kind.id());
}

/// What the fixes of the findings change, as hunks of a diff.
fn fixes(file: &File<'_>) -> String {
    let mut out = String::new();
    for entry in file.entries.iter().take(MAX_ROWS) {
        let Some((line, old, new)) = entry.fix.as_deref().and_then(|it| lines_changed(file.text, &file.lines, it))
        else {
            continue;
        };
        let _ = writeln!(out, "@@ line {} @@ {}", line + 1, entry.kind.id());
        for change in text::changes(old, &new) {
            let _ = writeln!(out, "{}{}", change.sign, change.text.trim_end_matches(['\n', '\r']));
        }
    }
    out
}

/// As many lines as are shown, and whether there are more.
fn cut(diff: &str) -> (&str, bool) {
    if diff.len() <= MAX_DIFF {
        return (diff, false);
    }
    let end = diff.as_bytes()[..MAX_DIFF].iter().rposition(|it| *it == b'\n').map_or(0, |it| it + 1);
    (&diff[..end], true)
}

/// Backticks, more than stand in a row in a text, and three at least.
fn fence(text: &str) -> String {
    "`".repeat(longest_run(text).max(2) + 1)
}

fn longest_run(text: &str) -> usize {
    text.split(|it| it != '`').map(str::len).max().unwrap_or_default()
}

/// A text as code in a line.
fn code(text: &str) -> String {
    let marks = "`".repeat(longest_run(text) + 1);
    let blank = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{marks}{blank}{text}{blank}{marks}")
}

/// A message in the cell of a table: what it has between backticks is code, and the rest is nothing but text.
fn inline(message: &str) -> String {
    let message = message.replace('\n', " ");
    let parts: Vec<&str> = message.split('`').collect();
    // The last backtick of an odd number is none of a pair.
    let paired = parts.len() % 2 == 1;
    let mut out = String::with_capacity(message.len());
    for (nth, part) in parts.iter().enumerate() {
        if nth > 0 {
            out.push_str(if paired { "`" } else { "\\`" });
        }
        let is_code = paired && nth % 2 == 1;
        for c in part.chars() {
            match c {
                '|' => out.push_str("\\|"),
                '<' if !is_code => out.push_str("&lt;"),
                '&' if !is_code => out.push_str("&amp;"),
                '\\' | '*' | '_' | '[' | ']' | '#' | '~' if !is_code => out.extend(['\\', c]),
                // A mention would call somebody; a comment in it keeps it from being one.
                '@' if !is_code => out.push_str("@<!-- -->"),
                c => out.push(c),
            }
        }
    }
    out
}

/// A character of a diff, without bare bytes and what could drive a terminal.
fn printable(c: char) -> char {
    if is_raw(c) || (c.is_control() && c != '\n' && c != '\t') { char::REPLACEMENT_CHARACTER } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_text_and_code() {
        assert_eq!(inline("`a | b` is <b>*bad*</b> @here"), "`a \\| b` is &lt;b>\\*bad\\*&lt;/b> @<!-- -->here");
        assert_eq!(inline("`a` and\nan odd ` mark"), "\\`a\\` and an odd \\` mark");
        assert_eq!(inline("one ` only"), "one \\` only");
    }

    #[test]
    fn fences_are_longer_than_what_they_hold() {
        assert_eq!((fence("a"), fence("```` `")), ("```".to_owned(), "`````".to_owned()));
        assert_eq!(
            (code("a"), code("`a`"), code("a`b")),
            ("`a`".to_owned(), "`` `a` ``".to_owned(), "``a`b``".to_owned())
        );
    }

    #[test]
    fn long_diffs_are_cut_at_a_line() {
        let long = "+a line\n".repeat(3_000);
        let (shown, more) = cut(&long);
        assert!(more && shown.len() <= MAX_DIFF && shown.ends_with("line\n"));
        assert_eq!(cut("+a\n"), ("+a\n", false));
    }
}
