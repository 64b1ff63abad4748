//! What someone may have meant by a word.

/// The candidate that a word was most likely meant to be, whatever the case, if any is close: the one with the fewest
/// letters that are wrong, missing, too many or swapped, or else the one that shares the most words with it.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let letters = word.chars().count();
    let parts: Vec<&str> = word.split(['-', '_']).filter(|it| !it.is_empty()).collect();
    let mut near: Option<(usize, &str)> = None;
    let mut related: Option<(usize, &str)> = None;
    for candidate in candidates {
        let lower = candidate.to_lowercase();
        let count = lower.chars().count();
        // A third of the letters may be wrong, and one in a short word; of a long name a few more are missed.
        let limit = (letters / 3).max(1 + count / 5);
        // The beginning of a long name is meant as the name, though much is missing.
        let begins = letters >= 4 && lower.starts_with(&word);
        if letters > 0 && (begins || letters.abs_diff(count) <= limit) {
            let distance = strsim::damerau_levenshtein(&word, &lower);
            if (begins || distance <= limit) && near.is_none_or(|it| distance < it.0) {
                near = Some((distance, candidate));
            }
        }
        let shared = lower.split(['-', '_']).filter(|it| parts.contains(it)).count();
        if 2 * shared > parts.len() && related.is_none_or(|it| shared > it.0) {
            related = Some((shared, candidate));
        }
    }
    near.or(related).map(|it| it.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_words() {
        let all = ["shell-form-command", "DL3025", "select", "ignore", "HEALTHCHECK", "WORKDIR"];
        for (word, meant) in [
            ("shel-form-comand", "shell-form-command"),
            ("shell-form", "shell-form-command"),
            ("form-command", "shell-form-command"),
            ("command_form", "shell-form-command"),
            ("dl3026", "DL3025"),
            ("slect", "select"),
            ("HELTHCHEK", "HEALTHCHECK"),
            ("wrkdr", "WORKDIR"),
        ] {
            assert_eq!(closest(word, all), Some(meant), "{word}");
        }
        for word in ["banana", "", "-", "<<<<<<<", "a-b-command", &"select".repeat(1000)] {
            assert_eq!(closest(word, all), None, "{word}");
        }
    }
}
