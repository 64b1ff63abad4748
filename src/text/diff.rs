//! What changed between two texts, as git would show it.

use std::{borrow::Cow, fmt::Write, ops::Range};

use similar::{Algorithm, ChangeTag, DiffOp, TextDiff};
use text_size::TextRange;

use super::{Edit, offset};

/// How many unchanged lines are shown around a change.
const CONTEXT: usize = 3;

/// The ANSI escape sequences before each kind of line and behind it, as git writes them; empty without colours.
struct Style {
    header: &'static str,
    hunk: &'static str,
    removed: &'static str,
    added: &'static str,
    reset: &'static str,
}

const PLAIN: Style = Style { header: "", hunk: "", removed: "", added: "", reset: "" };

const COLORED: Style =
    Style { header: "\x1b[1m", hunk: "\x1b[36m", removed: "\x1b[31m", added: "\x1b[32m", reset: "\x1b[m" };

/// The unified diff of two texts, which `git apply` and `patch` read; empty where they are equal.
///
/// Characters that carry bytes are left as they are: whoever writes the diff encodes it.
pub fn unified(old: &str, new: &str, old_name: &str, new_name: &str, color: bool) -> String {
    let mut out = String::new();
    if old == new {
        return out;
    }
    let style = if color { &COLORED } else { &PLAIN };
    let Style { header, reset, .. } = style;
    let (old_name, new_name) = (quote(old_name), quote(new_name));
    // Writing to a string can't fail, here and below.
    let _ = writeln!(out, "{header}--- {old_name}{reset}");
    let _ = writeln!(out, "{header}+++ {new_name}{reset}");

    let (old, new) = (lines(old), lines(new));
    let diff = diff(&old, &new);
    for hunk in diff.grouped_ops(CONTEXT) {
        let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else {
            continue;
        };
        let old = span(first.old_range().start..last.old_range().end);
        let new = span(first.new_range().start..last.new_range().end);
        let _ = writeln!(out, "{}@@ -{old} +{new} @@{reset}", style.hunk);
        for op in &hunk {
            write_op(&mut out, &diff, op, style);
        }
    }
    out
}

/// How many lines go and how many come.
pub fn stat(old: &str, new: &str) -> (usize, usize) {
    if old == new {
        return (0, 0);
    }
    let (old, new) = (lines(old), lines(new));
    diff(&old, &new)
        .ops()
        .iter()
        .filter(|op| !matches!(op, DiffOp::Equal { .. }))
        .fold((0, 0), |(removed, added), op| (removed + op.old_range().len(), added + op.new_range().len()))
}

/// A line that goes or comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change<'t> {
    /// `-` or `+`.
    pub sign: char,
    /// Which line it is of its text, counted from 0.
    pub line: usize,
    /// The line, its end included.
    pub text: &'t str,
}

/// The lines that go and those that come, in order.
pub fn changes<'t>(old: &'t str, new: &'t str) -> Vec<Change<'t>> {
    let (old, new) = (lines(old), lines(new));
    let mut out = Vec::new();
    for op in diff(&old, &new).ops() {
        if matches!(op, DiffOp::Equal { .. }) {
            continue;
        }
        let side = |sign: char, all: &[&'t str], range: Range<usize>| -> Vec<Change<'t>> {
            let some = all.iter().enumerate().skip(range.start).take(range.len());
            some.map(|(line, text)| Change { sign, line, text }).collect()
        };
        out.extend(side('-', &old, op.old_range()));
        out.extend(side('+', &new, op.new_range()));
    }
    out
}

/// The edits that make `new` of `old`. Each replaces whole lines, and between two of them stands a line that stays.
pub fn line_edits(old: &str, new: &str) -> Vec<Edit> {
    let (old_lines, new_lines) = (lines(old), lines(new));
    let diff = diff(&old_lines, &new_lines);
    let mut edits: Vec<Edit> = Vec::new();
    // The offset of each text up to which operations were seen, for they come in order and leave out nothing.
    let (mut at, mut new_at) = (0, 0);
    for op in diff.ops() {
        let len = |lines: &[&str], range: Range<usize>| {
            lines.get(range).unwrap_or_default().iter().map(|it| it.len()).sum::<usize>()
        };
        let (end, new_end) = (at + len(&old_lines, op.old_range()), new_at + len(&new_lines, op.new_range()));
        if !matches!(op, DiffOp::Equal { .. }) {
            let insert = &new[new_at..new_end];
            match edits.last_mut().filter(|it| usize::from(it.range.end()) == at) {
                Some(last) => {
                    last.range = TextRange::new(last.range.start(), offset(end));
                    last.insert.push_str(insert);
                }
                None => edits.push(Edit::replace(TextRange::new(offset(at), offset(end)), insert)),
            }
        }
        (at, new_at) = (end, new_end);
    }
    edits
}

/// What of some lines stays and what does not, by the method of Hunt and Szymanski: it looks at the lines that both
/// sides have, of which a Dockerfile has few that are equal to each other. Where they are many it is Myers' method that
/// is taken.
fn diff<'t>(old: &[&'t str], new: &[&'t str]) -> TextDiff<'t, 't, str> {
    TextDiff::configure().algorithm(Algorithm::Hunt).diff_slices(old, new)
}

fn write_op(out: &mut String, diff: &TextDiff<'_, '_, str>, op: &DiffOp, style: &Style) {
    for change in diff.iter_changes(op) {
        let (sign, paint) = match change.tag() {
            ChangeTag::Equal => (' ', ""),
            ChangeTag::Delete => ('-', style.removed),
            ChangeTag::Insert => ('+', style.added),
        };
        let reset = if paint.is_empty() { "" } else { style.reset };
        let line = change.value();
        let (line, ended) = match line.strip_suffix('\n') {
            Some(line) => (line, true),
            None => (line, false),
        };
        out.push_str(paint);
        out.push(sign);
        for piece in [line, reset, "\n"] {
            out.push_str(piece);
        }
        if !ended {
            out.push_str("\\ No newline at end of file\n");
        }
    }
}

/// The lines of a text with their ends. Only `\n` ends a line: git knows no other end either.
fn lines(text: &str) -> Vec<&str> {
    // Lines of code are that long, or longer.
    let mut lines = Vec::with_capacity(text.len() / 32 + 1);
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\n', rest.as_bytes()) {
        // A line feed is a character by itself.
        let (line, behind) = rest.split_at(at + 1);
        lines.push(line);
        rest = behind;
    }
    lines.extend((!rest.is_empty()).then_some(rest));
    lines
}

/// A range of lines as a hunk's header writes it: the first line and the count, which is left out when it is 1.
fn span(lines: Range<usize>) -> String {
    match lines.len() {
        // An empty range names the line before it.
        0 => format!("{},0", lines.start),
        1 => format!("{}", lines.start + 1),
        len => format!("{},{len}", lines.start + 1),
    }
}

/// A file name as git writes it: quoted where it could be taken for something else.
fn quote(name: &str) -> Cow<'_, str> {
    if !name.contains(|c: char| c.is_control() || matches!(c, '"' | '\\')) {
        // The tab says where a name with blanks ends.
        return if name.contains(' ') { Cow::Owned(format!("{name}\t")) } else { Cow::Borrowed(name) };
    }
    let mut out = String::from("\"");
    for c in name.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let mut utf8 = [0; 4];
                for byte in c.encode_utf8(&mut utf8).bytes() {
                    let _ = write!(out, "\\{byte:03o}");
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::{super::EditSet, *};

    fn plain(old: &str, new: &str) -> String {
        unified(old, new, "a/f", "b/f", false)
    }

    #[test]
    fn equal_texts_have_no_diff() {
        assert_eq!(plain("a\n", "a\n"), "");
        assert_eq!(stat("a\n", "a\n"), (0, 0));
    }

    #[test]
    fn changes_are_the_lines_that_differ() {
        let found = changes("a\nb\nc\n", "a\nB\nc\nd");
        let found: Vec<_> = found.iter().map(|it| (it.sign, it.line, it.text)).collect();
        assert_eq!(found, [('-', 1, "b\n"), ('+', 1, "B\n"), ('+', 3, "d")]);
        assert_eq!(changes("a", "a"), []);
    }

    #[test]
    fn edits_of_lines_make_the_new_text() {
        let found = line_edits("a\nb\nc\nd\n", "A\nB\nc\nd\ne");
        let found: Vec<_> = found.iter().map(|it| (it.range, it.insert.as_str())).collect();
        let range = |start: u32, end: u32| TextRange::new(start.into(), end.into());
        assert_eq!(found, [(range(0, 4), "A\nB\n"), (range(8, 8), "e")]);
        for (old, new) in [("", "a"), ("a", ""), ("a\nb\nc", "c\nb\na\n"), ("a\n\n\nb\n", "b\n\na"), ("a", "a")] {
            let mut edits = EditSet::default();
            for edit in line_edits(old, new) {
                assert_eq!(edits.push(edit), Ok(()));
            }
            assert_eq!(edits.apply(old), new);
        }
    }

    #[test]
    fn three_lines_of_context() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let new = "1\n2\n3\n4\nfive\n6\n7\n8\n9\n";
        assert_eq!(plain(old, new), "--- a/f\n+++ b/f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
        assert_eq!(stat(old, new), (1, 1));
    }

    #[test]
    fn far_changes_are_two_hunks() {
        let old = "a\n1\n2\n3\n4\n5\n6\n7\nb\n";
        let new = "A\n1\n2\n3\n4\n5\n6\n7\nB\n";
        assert_eq!(plain(old, new).matches("@@ -").count(), 2);
    }

    #[test]
    fn missing_final_newline_is_said() {
        assert_eq!(plain("a", "a\n"), "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n");
    }

    #[test]
    fn empty_sides() {
        assert_eq!(plain("", "a\nb\n"), "--- a/f\n+++ b/f\n@@ -0,0 +1,2 @@\n+a\n+b\n");
        assert_eq!(plain("a\n", ""), "--- a/f\n+++ b/f\n@@ -1 +0,0 @@\n-a\n");
        assert_eq!(stat("", "a\nb\n"), (0, 2));
    }

    #[test]
    fn a_lone_carriage_return_ends_no_line() {
        assert_eq!(stat("a\rb\r\n", "a\rc\r\n"), (1, 1));
        assert_eq!(plain("a\rb\r\n", "a\n").lines().count(), 5);
    }

    #[test]
    fn colors() {
        assert_eq!(
            unified("a\n", "b\n", "x", "y", true),
            "\x1b[1m--- x\x1b[m\n\x1b[1m+++ y\x1b[m\n\x1b[36m@@ -1 +1 @@\x1b[m\n\x1b[31m-a\x1b[m\n\x1b[32m+b\x1b[m\n"
        );
    }

    #[test]
    fn names_are_quoted_as_git_does() {
        assert_eq!(quote("a/Dockerfile"), "a/Dockerfile");
        assert_eq!(quote("a/my file"), "a/my file\t");
        assert_eq!(quote("a\nb\"\u{1}"), "\"a\\nb\\\"\\001\"");
    }
}
