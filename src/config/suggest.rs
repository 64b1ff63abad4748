//! The help with a word that is not known.

use crate::text::closest;

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
    fn help_lists_what_there_is() {
        assert_eq!(help("leeding", ["leading"]), "did you mean `leading`?");
        assert_eq!(help("x", ["lf", "crlf"]), "there are `lf`, `crlf`");
    }
}
