//! What people look at: a plan as a page of HTML, as Markdown for a pull request, and as JSON.
//!
//! A plan is read twice, row by row: what stands behind its files, the counts, is shown before them. Diffs are made of
//! the files themselves, which a plan does not hold; of a file that changed since there is none.

mod change;
mod charts;
mod files;
mod html;
mod json;
mod markdown;
mod overview;

use std::{io::Write, path::Path};

pub use overview::Overview;

use super::Reader;
use crate::report::plural;

/// The forms of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A page that needs nothing else.
    Html,
    /// Text for a pull request, of at most some 60,000 bytes.
    Markdown,
    /// One object, with an entry for each file.
    Json,
}

impl Form {
    /// The form that the name of a file asks for, if it does.
    pub fn of(path: &Path) -> Option<Form> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "html" | "htm" => Some(Form::Html),
            "md" | "markdown" => Some(Form::Markdown),
            "json" => Some(Form::Json),
            _ => None,
        }
    }
}

/// What a report that would get too large leaves out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Files that are listed without their details.
    pub details: usize,
    /// Files that are not listed.
    pub files: usize,
}

/// How large a page may get, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// What the details of all files may take: what is done to them, and their diffs.
    pub details: usize,
    /// What the list of files may take.
    pub rows: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { details: 24 << 20, rows: 8 << 20 }
    }
}

/// Writes the report of a plan whose files lie below `root`. The limits are for HTML; Markdown has its own.
pub fn write(plan: &Path, root: &Path, form: Form, limits: Limits, out: &mut impl Write) -> anyhow::Result<LeftOut> {
    let overview = Overview::read(plan)?;
    let rows = Reader::open(plan)?;
    match form {
        Form::Html => html::write(&overview, rows, root, limits, out),
        Form::Markdown => markdown::write(&overview, rows, root, out),
        Form::Json => json::write(&overview, rows, out).map(|()| LeftOut::default()),
    }
}

/// A number with its noun, in the plural where it is not one.
fn count(number: usize, noun: &str) -> String {
    format!("{} {}", grouped(number), plural(number, noun))
}

/// A number with a comma before each three digits.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_groups() {
        let words = [0, 1, 999, 1000, 1_234_567].map(|it| count(it, "file"));
        assert_eq!(words, ["0 files", "1 file", "999 files", "1,000 files", "1,234,567 files"]);
    }

    #[test]
    fn names_ask_for_a_form() {
        let forms = ["a.html", "b.HTM", "c.md", "d.json", "e", "f.txt"].map(|it| Form::of(Path::new(it)));
        let (html, none) = (Some(Form::Html), None);
        assert_eq!(forms, [html, html, Some(Form::Markdown), Some(Form::Json), none, none]);
    }
}
