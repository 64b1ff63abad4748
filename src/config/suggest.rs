//! What someone may have meant.

/// The candidate that a word was most likely meant to be, if any is close.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    // A third of the letters may be wrong, and one in a short word.
    let limit = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let lower = candidate.to_lowercase();
            let distance = strsim::damerau_levenshtein(&word, &lower);
            // The beginning of a long name is meant as the name, though much is missing.
            let begins = word.len() >= 4 && lower.starts_with(&word);
            (distance <= limit || begins).then_some((distance, candidate))
        })
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// The help that goes with a word that isn't known: what was meant, or else what there is.
pub(super) fn help<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match closest(word, candidates.clone()) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => {
            let all: Vec<_> = candidates.into_iter().map(|it| format!("`{it}`")).collect();
            format!("there are {}", all.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_words() {
        let all = ["shell-form-command", "DL3025", "select", "ignore"];
        assert_eq!(closest("shel-form-comand", all), Some("shell-form-command"));
        assert_eq!(closest("shell-form", all), Some("shell-form-command"));
        assert_eq!(closest("dl3026", all), Some("DL3025"));
        assert_eq!(closest("slect", all), Some("select"));
        assert_eq!(closest("banana", all), None);
        assert_eq!(closest("", all), None);
    }

    #[test]
    fn help_lists_what_there_is() {
        assert_eq!(help("leeding", ["leading"]), "did you mean `leading`?");
        assert_eq!(help("x", ["lf", "crlf"]), "there are `lf`, `crlf`");
    }
}
