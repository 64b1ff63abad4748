//! Words of the shell's own, by the table `config/shell.toml`.

use std::{collections::HashMap, sync::LazyLock};

use rustc_hash::FxHashMap;
use serde::Deserialize;

/// What a word of the shell's own does to a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OwnWord {
    /// It belongs to the grammar.
    Grammar,
    /// It goes to another folder.
    Moves,
    /// It is about the variables that it names.
    Names,
    /// It changes the shell in which it runs, or ends it.
    Changes,
    /// The same, and what it does depends on whether `&&` or `set -e` stops the script, or on how many lines it has.
    ChangesLines,
    /// It leaves no trace that a script would see.
    Tells,
    /// Most images have a program that does nearly the same.
    HasProgram,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Table {
    bash_variables: Vec<String>,
    words: HashMap<OwnWord, Vec<String>>,
}

const TABLE: &str = include_str!("../../config/shell.toml");

// A test reads the table, so that it is never the empty one.
static SHELL: LazyLock<Table> = LazyLock::new(|| toml::from_str(TABLE).unwrap_or_default());

impl OwnWord {
    /// What a command's first word is, if it is of the shell's own.
    pub fn of(word: &str) -> Option<OwnWord> {
        static BY_WORD: LazyLock<FxHashMap<&str, OwnWord>> = LazyLock::new(|| {
            SHELL.words.iter().flat_map(|(kind, it)| it.iter().map(|it| (it.as_str(), *kind))).collect()
        });
        BY_WORD.get(word).copied()
    }

    /// Whether no program of the same name does the like.
    pub fn is_no_program(self) -> bool {
        self != OwnWord::HasProgram
    }
}

/// Whether a text speaks of a variable that bash sets.
pub(super) fn has_bash_variable(text: &str) -> bool {
    SHELL.bash_variables.iter().any(|it| text.contains(it.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_and_has_each_word_once() {
        let table: Table = toml::from_str(TABLE).unwrap();
        let mut words: Vec<&String> = table.words.values().flatten().collect();
        let all = words.len();
        words.sort();
        words.dedup();
        assert!(all > 70 && words.len() == all && table.words.len() == 7 && !table.bash_variables.is_empty());
    }

    #[test]
    fn words_are_known() {
        for (word, expected) in [
            ("fi", Some(OwnWord::Grammar)),
            ("cd", Some(OwnWord::Moves)),
            ("trap", Some(OwnWord::ChangesLines)),
            ("test", Some(OwnWord::HasProgram)),
            ("nginx", None),
        ] {
            assert_eq!(OwnWord::of(word), expected, "{word}");
        }
    }
}
