//! Whether something is spoken of behind the place where it is made.

use super::Model;
use crate::syntax::SyntaxKind::{CMD, ENTRYPOINT, HEALTHCHECK, ONBUILD};

impl Model {
    /// Whether the text of an instruction that may see what one leaves behind is as `spoken` says: those behind it, in
    /// its stage and in all later ones, and whatever says what a container or a build upon the image does. Comments in
    /// an instruction are part of its text.
    pub fn is_spoken_of_behind(&self, stage: usize, at: usize, spoken: impl Fn(&str) -> bool) -> bool {
        let later = |nth: usize, i: usize| nth > stage || (nth == stage && i > at);
        self.stages.iter().enumerate().any(|(nth, it)| {
            it.instructions.iter().enumerate().any(|(i, it)| {
                let starts = matches!(it.kind(), CMD | ENTRYPOINT | HEALTHCHECK | ONBUILD);
                (starts || later(nth, i)) && spoken(&it.syntax().to_string())
            })
        })
    }
}

/// Whether a word stands in a text, with or without a folder before it, whatever quotes or operators stand around it.
pub fn has_word(text: &str, word: &str) -> bool {
    let words = text.split(|it: char| it.is_whitespace() || "\"'`;|&()[]{},=$".contains(it));
    words.into_iter().any(|it| it.rsplit('/').next() == Some(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    #[test]
    fn what_comes_later_or_is_started_is_seen() {
        let model = Model::new(&parse("FROM a\nCMD [\"/bin/x\"]\nRUN y\nRUN z\nFROM b\nCOPY --from=0 c d\n"));
        let spoken = |word: &str| model.is_spoken_of_behind(1, 2, |it| has_word(it, word));
        assert!(spoken("x") && spoken("z") && spoken("c") && !spoken("y"));
    }

    #[test]
    fn words_are_told_from_parts_of_words() {
        for text in ["go build", "cd x&&go build", "[\"/usr/bin/go\", \"run\"]", "A=1 sh -c 'go'", "$(go env)"] {
            assert!(has_word(text, "go"), "{text}");
        }
        assert!(!has_word("golang cargo go.mod mango gosu", "go"));
    }
}
