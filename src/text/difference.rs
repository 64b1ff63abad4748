//! The edits that make one text of another, as small as is sensible: what an editor keeps its cursor and folds by.

use std::{
    ops::Range,
    time::{Duration, Instant},
};

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};
use text_size::{TextRange, TextSize};

use super::{Edit, EditSet, offset};

/// Blocks of more words than this are replaced whole: nobody's cursor is in all of them.
const MAX_WORDS: usize = 4000;

/// After so long the rest of the lines is compared coarsely. Edits get larger then, not wrong.
const PATIENCE: Duration = Duration::from_millis(300);

/// The edits that make `new` of `old`: line by line, and word by word in lines that changed.
pub fn difference(old: &str, new: &str) -> EditSet {
    let mut edits = EditSet::default();
    let (old_lines, new_lines): (Vec<_>, Vec<_>) =
        (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    // An empty line is like any other: what surrounds it belongs together.
    let is_empty = |line: &str| line.trim().is_empty();
    changed(&old_lines, &new_lines, is_empty, |lines, insert| {
        let (from, old) = (lines.start, &old[lines]);
        let (old_words, new_words) = (words(old), words(insert));
        if old_words.len().max(new_words.len()) > MAX_WORDS {
            push(&mut edits, from, old, insert);
        } else {
            changed(
                &old_words,
                &new_words,
                |_| false,
                |part, insert| {
                    push(&mut edits, from + part.start, &old[part], insert);
                },
            );
        }
    });
    edits
}

/// Calls `each` with every part of the old pieces' text that changes, and what is there in the new one. Two parts
/// between which no piece but those that `joins` says are one.
fn changed(old: &[&str], new: &[&str], joins: impl Fn(&str) -> bool, mut each: impl FnMut(Range<usize>, &str)) {
    let (old_at, new_at) = (starts(old), starts(new));
    let new_text = new.concat();
    let deadline = Instant::now() + PATIENCE;
    let mut parts: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    for op in capture_diff_slices_deadline(Algorithm::Myers, old, new, Some(deadline)) {
        if matches!(op, DiffOp::Equal { .. }) {
            continue;
        }
        let (from, to) = (op.old_range(), op.new_range());
        match parts.last_mut().filter(|it| old[it.0.end..from.start].iter().all(|it| joins(it))) {
            Some(last) => (last.0.end, last.1.end) = (from.end, to.end),
            None => parts.push((from, to)),
        }
    }
    for (from, to) in parts {
        // There is a start for each piece, and one for the end.
        each(old_at[from.start]..old_at[from.end], &new_text[new_at[to.start]..new_at[to.end]]);
    }
}

/// Where each piece begins in the text that all make, and where that ends.
fn starts(pieces: &[&str]) -> Vec<usize> {
    let ends = pieces.iter().scan(0, |end, it| {
        *end += it.len();
        Some(*end)
    });
    std::iter::once(0).chain(ends).collect()
}

/// Words, blanks, line ends, and every other character for itself.
fn words(text: &str) -> Vec<&str> {
    let kind = |c: char| match c {
        c if c.is_alphanumeric() || c == '_' => 0,
        ' ' | '\t' => 1,
        '\r' | '\n' => 2,
        _ => 3,
    };
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = match kind(first) {
            3 => first.len_utf8(),
            // A line end is a word, so that no edit parts `\r\n`.
            2 => {
                if rest.starts_with("\r\n") {
                    2
                } else {
                    1
                }
            }
            same => rest.find(|c| kind(c) != same).unwrap_or(rest.len()),
        };
        let (word, after) = rest.split_at(end);
        out.push(word);
        rest = after;
    }
    out
}

fn push(edits: &mut EditSet, at: usize, old: &str, new: &str) {
    let start = offset(at);
    // They come in the order of the text.
    let _ = edits.push(Edit::replace(TextRange::at(start, TextSize::of(old)), new));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The edits as texts: what goes, and what comes.
    fn edits<'t>(old: &'t str, new: &str) -> Vec<(&'t str, String)> {
        let edits = difference(old, new);
        edits
            .iter()
            .map(|it| (&old[usize::from(it.range.start())..usize::from(it.range.end())], it.insert.clone()))
            .collect()
    }

    #[test]
    fn only_words_that_changed_are_touched() {
        assert_eq!(
            edits("from a\nRUN  b c\n", "FROM a\nRUN b c\n"),
            [("from", "FROM".to_owned()), ("  ", " ".to_owned())]
        );
        assert_eq!(edits("a\nb\nc", "a\nc"), [("b\n", String::new())]);
        assert_eq!(edits("a", "a"), []);
        assert_eq!(edits("a\r\n", "a\n"), [("\r\n", "\n".to_owned())]);
    }

    #[test]
    fn an_empty_line_that_goes_leaves_the_words_around_it() {
        let (old, new) = ("FROM a\n\n\nRUN b && \\\n  c\n\nRUN d\n", "FROM a\n\nRUN b \\\n  && c\n\nRUN d\n");
        let words: String = edits(old, new).iter().map(|it| it.0).collect();
        assert!(!words.contains(['R', 'b', 'c']), "{words:?}");
    }

    #[test]
    fn large_blocks_are_replaced_whole() {
        let (old, new) = ("a ".repeat(5000), "b ".repeat(5000));
        assert_eq!(difference(&old, &new).len(), 1);
    }

    proptest! {
        #[test]
        fn applied_they_make_the_other(old in "[ab \r\nä.]{0,40}", new in "[ab \r\nä.]{0,40}") {
            prop_assert_eq!(difference(&old, &new).apply(&old), new);
        }
    }
}
