//! What a row does to its file, as a diff.

use std::path::Path;

use super::count;
use crate::{
    files,
    migrate::{Row, digest, past::Past, steps},
    text,
};

/// The longest diff that is shown, in bytes.
const MAX_DIFF: usize = 128 << 10;

/// The files of a plan: what they are, and what they were.
#[derive(Debug)]
pub(super) struct Source<'a> {
    root: &'a Path,
    past: Past,
    /// How many of those that were asked for are as the plan wants them.
    followed: usize,
}

impl<'a> Source<'a> {
    /// The files below a root.
    pub(super) fn new(root: &'a Path) -> Self {
        Source { root, past: Past::read(root), followed: 0 }
    }

    /// That the plan was followed, if it was, in a sentence.
    pub(super) fn told(&self) -> Option<String> {
        let rest = match self.followed {
            0 => return None,
            1 => "is as it wants it",
            _ => "are as it wants them",
        };
        Some(format!("The plan was followed meanwhile: {} {rest}.", count(self.followed, "file")))
    }

    /// The diff that all steps of a row make together, as hunks without the names of the file; or why there is none.
    pub(super) fn diff(&mut self, row: &Row) -> Result<String, String> {
        let path = self.root.join(text_path(&row.path));
        let now = files::read(&path).map_err(|why| format!("There is no diff, for the file can't be read: {why}."))?;
        let found = digest::hex(&now);
        if found == row.sha256 {
            return hunks(row, &now);
        }
        self.followed += usize::from(row.steps.last().is_some_and(|it| it.sha256 == found));
        if !row.steps.iter().any(|it| it.sha256 == found) {
            return Err("There is no diff, for the file changed since it was planned.".to_owned());
        }
        let before = self.past.back_to(&row.sha256, &row.path, now);
        hunks(row, &before.ok_or("There is no diff, for the plan was followed meanwhile.")?)
    }
}

/// The diff of a file that the plan finds with these bytes.
fn hunks(row: &Row, bytes: &[u8]) -> Result<String, String> {
    let mut after = bytes.to_vec();
    for step in &row.steps {
        after = steps::apply(&after, &step.edits).ok_or("There is no diff, for the plan is broken.")?;
    }
    let diff = text::unified(&text::decode(bytes), &text::decode(&after), "a", "b", false);
    // The first two lines are names.
    let hunks = diff.splitn(3, '\n').nth(2).unwrap_or_default();
    if hunks.len() > MAX_DIFF {
        let more = hunks.len() >> 10;
        return Err(format!("The diff is {more} KiB long, and left out: `dockfix migrate patch` writes it."));
    }
    Ok(visible(hunks))
}

/// A path of a plan, as the system knows it.
#[cfg(unix)]
fn text_path(path: &str) -> std::path::PathBuf {
    use std::os::unix::ffi::OsStringExt;
    std::ffi::OsString::from_vec(text::encode(path)).into()
}

#[cfg(not(unix))]
fn text_path(path: &str) -> std::path::PathBuf {
    path.into()
}

/// A text of which nothing is hidden: bytes that are no UTF-8, and characters that would drive something or turn the
/// order of others round, each have a mark in their place.
pub(super) fn visible(text: &str) -> String {
    let mark = |c: char| match c {
        '\n' | '\t' => c,
        '\u{7F}' => '\u{2421}',
        // There is a picture of each of these, in the same order.
        '\0'..='\u{1F}' => char::from_u32(0x2400 + c as u32).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\u{80}'..='\u{9F}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {
            char::REPLACEMENT_CHARACTER
        }
        c if text::is_raw(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    text.chars().map(mark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_hidden() {
        let raw = text::decode(b"\xE9");
        let hidden = format!("a\t\r\n\0\u{1B}\u{202E}\u{2066}{raw}ä");
        assert_eq!(visible(&hidden), "a\t␍\n␀␛\u{FFFD}\u{FFFD}\u{FFFD}ä");
    }
}
