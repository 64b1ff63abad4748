//! What may become of the words of a RUN's command.

use std::collections::{BTreeSet, HashSet};

use super::Multiset;

/// Whether words stand among others, in their order.
pub(super) fn are_among(some: &[&str], all: &[&str]) -> bool {
    let mut all = all.iter();
    some.iter().all(|word| all.any(|it| it == word))
}

/// Whether words become others by nothing but the flag of a letter, which stands by itself or first among the letters
/// of another flag.
pub(super) fn are_flagged(before: &[&str], after: &[&str], letter: char) -> bool {
    let gets = |word: &str, new: &str| {
        let rest = new.strip_prefix('-').and_then(|it| it.strip_prefix(letter));
        rest.is_some_and(|rest| !rest.is_empty() && word.strip_prefix('-') == Some(rest))
    };
    let is_flag = |it: &str| it.strip_prefix('-').is_some_and(|it| it.chars().eq([letter]));
    let mut before = before.iter().peekable();
    let mut taken = |new: &&&str| before.next_if(|it| *it == *new || gets(it, new)).is_some();
    after.iter().filter(|new| !taken(new)).all(|it| is_flag(it)) && before.next().is_none()
}

/// Whether words become others by nothing but putting in what a table says for a word. What stands on its right side
/// may be several words, with blanks between them, or none.
pub(super) fn are_replaced(before: &[&str], after: &[&str], table: &[(&str, &str)]) -> bool {
    // So many of the words behind may have been made of those before.
    let mut made = BTreeSet::from([0]);
    for word in before {
        let of = |len: usize| after.get(len..).unwrap_or_default();
        let by = |len: usize, new: &str| {
            let new: Vec<&str> = new.split(' ').filter(|it| !it.is_empty()).collect();
            let stands = of(len).len() >= new.len() && of(len).iter().zip(&new).all(|(one, other)| one == other);
            stands.then_some(len + new.len())
        };
        let all = |len: usize| {
            let replaced = table.iter().filter(|it| it.0 == *word).filter_map(move |it| by(len, it.1));
            replaced.chain((of(len).first() == Some(word)).then_some(len + 1))
        };
        made = made.iter().flat_map(|len| all(*len)).collect();
    }
    made.contains(&after.len())
}

/// Whether words differ in nothing but the signs that mark command substitutions, and backslashes.
pub(super) fn are_remarked(before: &[&str], after: &[&str]) -> bool {
    // Blanks between the words of a substitution are in no stream, those within backticks are.
    let sign = |it: char| matches!(it, '`' | '(' | ')' | '\\' | '\0' | ' ' | '\t');
    let bare = |it: &[&str]| it.concat().replace("$(", "").replace(sign, "");
    bare(before) == bare(after)
}

/// Whether words are left out that still stand elsewhere, or `&&`, and the others stay in their order.
pub(super) fn are_left_out(before: &[&str], after: &[&str]) -> bool {
    let mut kept = before.iter();
    let in_order = after.iter().all(|word| kept.any(|it| it == word));
    let known: HashSet<&&str> = after.iter().collect();
    in_order && before.iter().all(|it| *it == "&&" || known.contains(it))
}

/// Whether the words behind the first one of a command change places, and nothing else.
pub(super) fn are_reordered(before: &[&str], after: &[&str]) -> bool {
    let (before, after) = (commands(before), commands(after));
    before.len() == after.len()
        && before.iter().zip(&after).all(|(one, other)| {
            let mut left = Multiset::of(one.iter().copied());
            one.first() == other.first() && other.iter().all(|it| left.take(it)) && left.is_empty()
        })
}

/// The words between operators; each operator begins the piece behind it.
fn commands<'w, 't>(words: &'w [&'t str]) -> Vec<&'w [&'t str]> {
    let mut pieces = Vec::new();
    let mut rest = words;
    while let Some(next) = rest.iter().skip(1).position(|it| is_operator(it)) {
        // The operator was found in `rest`, one behind its first word.
        let (piece, behind) = rest.split_at(next + 1);
        pieces.push(piece);
        rest = behind;
    }
    pieces.push(rest);
    pieces
        .into_iter()
        .flat_map(|it| {
            let (operators, words) = it.split_at(usize::from(it.first().is_some_and(|it| is_operator(it))));
            [operators, words]
        })
        .collect()
}

fn is_operator(word: &str) -> bool {
    matches!(word, "&&" | "||" | "|" | "|&" | ";" | "&" | "(" | ")" | "{" | "}" | "$(")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        text.split(' ').collect()
    }

    #[test]
    fn words_are_replaced_by_a_table() {
        let table = &[("a", "b"), ("c", "c d")];
        let replaced = |before, after| are_replaced(&words(before), &words(after), table);
        assert!(replaced("x a y c", "x b y c d") && replaced("a a", "a b") && replaced("c x", "c x"));
        assert!(!replaced("x", "b") && !replaced("a", "c") && !replaced("c x", "c d") && !replaced("a", "a d"));
    }

    #[test]
    fn words_that_stand_twice_are_left_out() {
        let left_out = |before, after| are_left_out(&words(before), &words(after));
        assert!(left_out("i a b a", "i a b") && left_out("i a && i b", "i a b"));
        assert!(!left_out("i a b", "i a") && !left_out("i a b a", "i b a a") && !left_out("i a ; i b", "i a b"));
    }

    #[test]
    fn words_of_a_command_change_places() {
        let reordered = |before, after| are_reordered(&words(before), &words(after));
        assert!(reordered("i b a && c", "i a b && c") && reordered("( i b a )", "( i a b )"));
        assert!(!reordered("i a && i b", "i b && i a") && !reordered("i a", "a i") && !reordered("i a b", "i a"));
    }
}
