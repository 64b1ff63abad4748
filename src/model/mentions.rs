//! Whether something is spoken of behind the place where it is made.

use std::cell::OnceCell;

use super::{
    Archive, Model,
    fetches::bare,
    patterns::{may_be, patterns},
    sums::checks_unnamed,
};
use crate::syntax::{
    SyntaxKind::{ADD, CMD, COMMENT_LINE, COPY, ENTRYPOINT, HEALTHCHECK, ONBUILD, RUN, SHELL_COMMENT},
    ast::full_text,
    visit_tokens,
};

/// The texts of all instructions one behind another, each on lines of its own.
#[derive(Debug)]
pub(super) struct Texts {
    all: String,
    /// Where each of them begins in `all`.
    starts: Vec<usize>,
    /// The same without what a path may be written with or without.
    bare: String,
    bare_starts: Vec<usize>,
    /// The numbers of those that may need a file of the image.
    needing: Vec<usize>,
    /// The patterns in their texts, each with the number of its instruction, once somebody asked.
    patterns: OnceCell<Vec<(usize, String)>>,
    /// The numbers of those that check files which they may not name, once somebody asked.
    checks: OnceCell<Vec<usize>>,
    /// The number of each stage's first instruction.
    first: Vec<usize>,
    /// Those that say what a container or a build upon the image does.
    started: Vec<usize>,
}

impl Texts {
    fn of(model: &Model) -> Texts {
        let mut texts = Texts {
            all: String::new(),
            starts: Vec::new(),
            bare: String::new(),
            bare_starts: Vec::new(),
            needing: Vec::new(),
            patterns: OnceCell::new(),
            checks: OnceCell::new(),
            first: Vec::new(),
            started: Vec::new(),
        };
        for stage in &model.stages {
            texts.first.push(texts.starts.len());
            for instruction in &stage.instructions {
                let (number, text) = (texts.starts.len(), full_text(instruction.syntax()));
                let starts = matches!(instruction.kind(), CMD | ENTRYPOINT | HEALTHCHECK | ONBUILD);
                if starts {
                    texts.started.push(number);
                }
                // What is copied without `--from` comes from outside.
                let copies = matches!(instruction.kind(), COPY | ADD) && text.contains("--from");
                if starts || copies || instruction.kind() == RUN {
                    texts.needing.push(number);
                }
                texts.starts.push(texts.all.len());
                texts.bare_starts.push(texts.bare.len());
                texts.all.push_str(&text);
                texts.bare.push_str(&bare(&text));
                texts.all.push('\n');
                texts.bare.push('\n');
            }
        }
        texts
    }

    /// The number of the instruction behind one.
    fn behind(&self, stage: usize, at: usize) -> usize {
        self.first.get(stage).map_or(0, |it| it + at + 1)
    }

    /// The text of the instruction with a number.
    fn text(&self, number: usize) -> &str {
        let from = |number: usize| self.starts.get(number).copied().unwrap_or(self.all.len());
        // Both are starts of texts, or the end.
        &self.all[from(number)..from(number + 1)]
    }

    fn patterns(&self) -> &[(usize, String)] {
        let of = |nth: &usize| patterns(self.text(*nth)).map(|it| (*nth, it.to_owned())).collect::<Vec<_>>();
        self.patterns.get_or_init(|| self.needing.iter().flat_map(of).collect())
    }

    fn checks(&self) -> &[usize] {
        let checks = || self.needing.iter().copied().filter(|it| checks_unnamed(self.text(*it))).collect();
        self.checks.get_or_init(checks)
    }

    /// The texts of those that may see what stands before the instruction with a number.
    fn seen<'t>(&'t self, text: &'t str, starts: &'t [usize], number: usize) -> impl Iterator<Item = &'t str> {
        let from = |number: usize| starts.get(number).copied().unwrap_or(text.len());
        let started = self.started.iter().take_while(move |it| **it < number);
        // Both are starts of texts, or the end.
        std::iter::once(&text[from(number)..]).chain(started.map(move |it| &text[from(*it)..from(it + 1)]))
    }
}

impl Model {
    /// Whether something stands in the text of an instruction, comments in it left out.
    pub(super) fn says(&self, text: &str) -> bool {
        self.stages.iter().flat_map(|it| &it.instructions).any(|it| {
            let mut said = String::new();
            visit_tokens(it.syntax(), |kind, _, text| {
                said.push_str(if matches!(kind, COMMENT_LINE | SHELL_COMMENT) { "" } else { text });
                true
            });
            said.contains(text)
        })
    }

    fn texts(&self) -> &Texts {
        self.texts.get_or_init(|| Texts::of(self))
    }

    /// Whether a word stands in the text of an instruction that may see what one leaves behind: those behind it, in its
    /// stage and in all later ones, and whatever says what a container or a build upon the image does. Comments in an
    /// instruction are part of its text.
    pub fn is_spoken_of_behind(&self, stage: usize, at: usize, word: &str) -> bool {
        let texts = self.texts();
        texts.seen(&texts.all, &texts.starts, texts.behind(stage, at)).any(|it| has_word(it, word))
    }

    /// Whether one of the same instructions speaks of an archive by its bare name, or by a pattern that its path
    /// matches, or checks files that it may not name.
    pub fn speaks_of_archive_behind(&self, stage: usize, at: usize, archive: &Archive) -> bool {
        let (texts, finder) = (self.texts(), memchr::memmem::Finder::new(&archive.name));
        let number = texts.behind(stage, at);
        let is_seen = |it: usize| it >= number || texts.started.binary_search(&it).is_ok();
        let path = bare(&archive.word);
        texts.checks().iter().rev().any(|it| is_seen(*it))
            || texts.patterns().iter().any(|(it, pattern)| is_seen(*it) && may_be(pattern, &path))
            || texts.seen(&texts.bare, &texts.bare_starts, number).any(|it| finder.find(it.as_bytes()).is_some())
    }
}

/// Whether a word stands in a text, with or without a folder before it, whatever quotes or operators stand around it.
pub fn has_word(text: &str, word: &str) -> bool {
    let words = text.split(|it: char| it.is_whitespace() || "\"'`;|&()[]{},=$".contains(it));
    words.into_iter().any(|it| it.rsplit('/').next() == Some(word))
}

/// What stands behind each place where a text names a folder by the end of its path: the folder itself or what lies in
/// it, and nothing whose name goes on, as `.npmrc` does for `.npm`.
pub fn behind_folder<'a>(text: &'a str, folder: &str) -> impl Iterator<Item = &'a str> {
    let behind = text.match_indices(folder).filter_map(|(at, it)| text.get(at + it.len()..));
    behind.filter(|it| ends_name(it))
}

/// Whether a name is at its end where this stands behind it.
pub fn ends_name(behind: &str) -> bool {
    !behind.starts_with(|it: char| it.is_alphanumeric() || "-_.$".contains(it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    #[test]
    fn what_comes_later_or_is_started_is_seen() {
        let model = Model::new(&parse("FROM a\nCMD [\"/bin/x\"]\nRUN y\nRUN z\nFROM b\nCOPY --from=0 c d\n"));
        let spoken = |word: &str| model.is_spoken_of_behind(1, 2, word);
        assert!(spoken("x") && spoken("z") && spoken("c") && !spoken("y"));
    }

    #[test]
    fn folders_are_told_from_names_that_begin_so() {
        let named = |text: &str| behind_folder(text, ".cache/pip").count();
        for text in ["rm -r ~/.cache/pip", "ls '/root/.cache/pip';", "du /a/.cache/pip/http", "rm -rf ~/.cache/pip*"] {
            assert_eq!(named(text), 1, "{text}");
        }
        for text in ["rm -r ~/.cache/pipenv", "ls .cache/pip-tools .cache/pip.d .cache/pip$A", "ls .cache"] {
            assert_eq!(named(text), 0, "{text}");
        }
    }

    #[test]
    fn words_are_told_from_parts_of_words() {
        for text in ["go build", "cd x&&go build", "[\"/usr/bin/go\", \"run\"]", "A=1 sh -c 'go'", "$(go env)"] {
            assert!(has_word(text, "go"), "{text}");
        }
        assert!(!has_word("golang cargo go.mod mango gosu", "go"));
    }
}
