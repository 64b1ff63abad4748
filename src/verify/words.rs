//! What may become of the words of a RUN's command.

use super::Multiset;

/// Whether words become others by nothing but putting in what a table says for a word. What stands on its right side may
/// be several words, with blanks between them.
pub(super) fn are_replaced(before: &[String], after: &[String], table: &[(&str, &str)]) -> bool {
    let mut rest = after;
    for word in before {
        let by = |it: &(&str, &str)| -> Option<usize> {
            let new: Vec<&str> = it.1.split(' ').collect();
            let stands = rest.len() >= new.len() && rest.iter().zip(&new).all(|(one, other)| one == other);
            (it.0 == word && stands).then_some(new.len())
        };
        let same = (rest.first() == Some(word)).then_some(1);
        match table.iter().find_map(by).or(same).and_then(|it| rest.get(it..)) {
            Some(behind) => rest = behind,
            None => return false,
        }
    }
    rest.is_empty()
}

/// Whether words are left out that still stand elsewhere, or `&&`, and the others stay in their order.
pub(super) fn are_left_out(before: &[String], after: &[String]) -> bool {
    let mut kept = before.iter();
    let in_order = after.iter().all(|word| kept.any(|it| it == word));
    in_order && before.iter().all(|it| it == "&&" || after.contains(it))
}

/// Whether the words behind the first one of a command change places, and nothing else.
pub(super) fn are_reordered(before: &[String], after: &[String]) -> bool {
    let (before, after) = (commands(before), commands(after));
    before.len() == after.len()
        && before.iter().zip(&after).all(|(one, other)| {
            let mut left = Multiset::of(one.iter().cloned());
            one.first() == other.first() && other.iter().all(|it| left.take(it)) && left.is_empty()
        })
}

/// The words between operators; each operator begins the piece behind it.
fn commands(words: &[String]) -> Vec<&[String]> {
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

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
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
