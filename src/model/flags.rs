//! What the flags of a call of a package manager say, by the tables in `config/commands`.

use super::Invocation;

impl Invocation {
    /// Whether one of `names` stands among the flags; a name of one letter also where letters are put together, but not
    /// in what one of them takes, as in `-oName=value`. Names without a dash may be any of the words.
    pub fn has_flag(&self, names: &[impl AsRef<str>]) -> bool {
        let dashed = names.iter().all(|it| it.as_ref().starts_with('-'));
        let words = self.words.iter().filter_map(|it| it.1.literal());
        words.filter(|it| !dashed || it.starts_with('-')).any(|text| {
            names.iter().map(AsRef::as_ref).any(|name| {
                match name.strip_prefix('-').map(|it| (it, it.chars().count())) {
                    Some((letter, 1)) => {
                        let letters = text.strip_prefix('-').filter(|it| !it.starts_with('-'));
                        let mut letters = letters.unwrap_or_default().chars().take_while(|it| *it != '=');
                        letters
                            .find(|it| self.takes_value(*it) || letter.contains(*it))
                            .is_some_and(|it| letter.contains(it))
                    }
                    _ => text == name || text.strip_prefix(name).is_some_and(|it| it.starts_with('=')),
                }
            })
        })
    }

    /// Whether it works on another system than the one it runs in.
    pub fn has_other_root(&self) -> bool {
        self.has_flag(&self.manager.root_flags)
    }

    /// Whether it may ask before it does its work: it is of a package manager that does, and no flag says that it shall
    /// not or that there is nothing to do.
    pub fn may_ask(&self) -> bool {
        !self.manager.assume_yes.is_empty() && !self.assumes_yes() && !self.has_flag(&self.manager.dry_run)
    }

    /// Whether a flag says that it does not ask.
    pub fn assumes_yes(&self) -> bool {
        self.has_flag(&self.manager.assume_yes) || (self.manager.family == "apt" && self.is_very_quiet())
    }

    /// Whether a word is a flag, or letters of flags, that say nothing but to be quiet and not to ask.
    pub fn is_yes(&self, at: usize) -> bool {
        self.literal(at).is_some_and(|word| {
            let letters = word.strip_prefix('-').filter(|it| !it.is_empty() && it.chars().all(|it| "yq".contains(it)));
            letters.is_some_and(|it| it.contains('y')) || self.manager.assume_yes.iter().any(|it| it == word)
        })
    }

    /// Whether it is told twice to be quiet, which to apt is also not to ask: `-qq`, `-q=2`, `-q -q`.
    fn is_very_quiet(&self) -> bool {
        let quiet = |it: &str| match it.strip_prefix('-') {
            Some("q=2") => 2,
            Some(letters) if !letters.starts_with('-') => {
                letters.chars().take_while(|it| !self.takes_value(*it)).filter(|it| *it == 'q').count()
            }
            _ => 0,
        };
        self.words.iter().filter_map(|it| it.1.literal()).map(quiet).sum::<usize>() > 1
    }

    /// Whether the flag of a letter takes a value.
    fn takes_value(&self, letter: char) -> bool {
        let is_it = |flag: &str| flag.strip_prefix('-').is_some_and(|flag| flag.chars().eq([letter]));
        self.manager.value_flags.iter().any(|it| is_it(it))
    }

    /// Whether a word is what the flag before it takes.
    pub fn is_value(&self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|it| self.literal(it));
        before.is_some_and(|it| self.manager.value_flags.iter().any(|flag| flag == it))
    }
}
