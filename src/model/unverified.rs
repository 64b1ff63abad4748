//! Installs whose packages nobody need have signed.

use super::{Invocation, ShellWord};
use crate::syntax::ast::joined_text;

impl Invocation {
    /// The flags by which its package manager takes packages whatever their signature, with the place of each.
    pub fn unverified(&self) -> impl Iterator<Item = (usize, &str)> {
        let is_one = |flag: &&str| self.manager.unsigned.iter().any(|it| it == flag);
        let at = (1..self.words.len()).filter(|it| !self.is_value(*it));
        at.filter_map(move |at| Some((at, self.literal(at).filter(is_one)?)))
    }

    /// Whether nothing can show who signed an operand: it is a file or a URL, a variable or a pattern that may be one,
    /// or a keyring, before which no key is there.
    pub fn has_no_signature(&self, at: usize) -> bool {
        let Some((word, it)) = self.words.get(at) else { return false };
        let text = joined_text(word.syntax());
        let file = text.contains("://") || text.starts_with(['/', '.', '~']);
        let ends = [".deb", ".rpm", ".apk"].iter().any(|it| text.trim_end_matches(['"', '\'']).ends_with(it));
        // A version behind the name of a package may be a variable.
        let open = !matches!(it, ShellWord::Literal(_))
            && (text.trim_start_matches('"').starts_with('$') || text.contains('/'));
        file || ends || open || it.literal().is_some_and(|it| it.ends_with("keyring"))
    }
}
