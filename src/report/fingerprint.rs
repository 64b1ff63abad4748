//! What makes a finding the same finding in another version of the file.

use std::{collections::HashMap, iter};

use text_size::TextRange;

use crate::syntax::{
    self,
    SyntaxKind::{COMMENT_LINE, KEY_VALUE, KEYWORD, SCRIPT, SHELL_COMMENT, SIMPLE_COMMAND},
    SyntaxNode, SyntaxToken,
};

/// Gives fingerprints to what was found in a text. A fingerprint is made of what was found, of the words in which it
/// stands, of those of the command, the pair or the instruction around it, and of how many of the same were found
/// above. Neither lines nor white space, continuations, comments and the case of keywords have a part in it, so that it
/// holds when the file changes elsewhere or is laid out anew.
#[derive(Debug)]
pub struct Fingerprints {
    root: SyntaxNode,
    /// What stands around findings and was hashed already: a command may have as many findings as it has words.
    around: HashMap<TextRange, u128>,
    seen: HashMap<u128, usize>,
}

impl Fingerprints {
    /// For a text.
    pub fn new(text: &str) -> Self {
        let root = syntax::parse(text).file().syntax().clone();
        Fingerprints { root, around: HashMap::new(), seen: HashMap::new() }
    }

    /// The fingerprint of the next finding in the order of the text: 32 hexadecimal digits, a colon and a number.
    pub fn next(&mut self, id: &str, range: Option<TextRange>) -> String {
        let mut hash = Hash::default();
        hash.add(id);
        if let Some(range) = range.and_then(|it| it.intersect(self.root.text_range())) {
            let around = self.around(range).map(|it| self.hash_around(it)).unwrap_or_default();
            hash.bytes(&around.to_be_bytes());
            self.add_words(&mut hash, range);
        }
        let nth = self.seen.entry(hash.0).or_default();
        *nth += 1;
        format!("{:032x}:{nth}", hash.0)
    }

    /// The smallest command, pair or instruction that holds a range. Several commands of one shell text stand for
    /// themselves, so that they are the same while others of it change.
    fn around(&self, range: TextRange) -> Option<TextRange> {
        let element = self.root.covering_element(range);
        let mut in_script = false;
        let around = element.ancestors().find(|it| {
            in_script |= it.kind() == SCRIPT;
            matches!(it.kind(), SIMPLE_COMMAND | KEY_VALUE) || it.kind().is_instruction()
        })?;
        let stands_for_itself = in_script && around.kind().is_instruction();
        (!stands_for_itself).then(|| around.text_range())
    }

    fn hash_around(&mut self, range: TextRange) -> u128 {
        if let Some(known) = self.around.get(&range) {
            return *known;
        }
        let mut hash = Hash::default();
        self.add_words(&mut hash, range);
        self.around.insert(range, hash.0);
        hash.0
    }

    /// Adds what is read in a range, without white space; comments only where there is nothing else.
    fn add_words(&self, hash: &mut Hash, range: TextRange) {
        let first = self.root.token_at_offset(range.start()).right_biased();
        let tokens = || {
            let all = iter::successors(first.clone(), SyntaxToken::next_token);
            all.take_while(|it| it.text_range().start() < range.end())
        };
        let is_comment = |it: &SyntaxToken| matches!(it.kind(), COMMENT_LINE | SHELL_COMMENT);
        let only_comments = tokens().all(|it| it.kind().is_trivia() || is_comment(&it));
        for token in tokens() {
            let is_read =
                if only_comments { is_comment(&token) } else { !is_comment(&token) && !token.kind().is_trivia() };
            let Some(part) = token.text_range().intersect(range).filter(|_| is_read) else { continue };
            let part = part - token.text_range().start();
            let text = token.text().get(part.start().into()..part.end().into()).unwrap_or_default();
            for word in text.split_whitespace() {
                match token.kind() {
                    KEYWORD => hash.bytes(word.to_ascii_uppercase().as_bytes()),
                    _ => hash.bytes(word.as_bytes()),
                }
            }
        }
        hash.add("");
    }
}

/// A name for several texts together: FNV-1a in 128 bits. Nobody has to be kept from making two that are the same.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hash(pub(super) u128);

impl Default for Hash {
    fn default() -> Self {
        // The offset basis, <https://datatracker.ietf.org/doc/html/rfc9923>.
        Hash(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }
}

impl Hash {
    /// Adds a text, and its end.
    pub(super) fn add(&mut self, text: &str) {
        self.bytes(text.as_bytes());
        // No text has this byte.
        self.bytes(&[0xff]);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u128::from(*byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::HashSet;

    use super::*;

    /// The fingerprints of marks, each of which stands behind the one before.
    fn fingerprints(text: &str, marks: &[&str]) -> Vec<String> {
        let mut of = Fingerprints::new(text);
        let mut from = 0;
        let mut all = Vec::new();
        for mark in marks {
            let at = from + text[from..].find(mark).unwrap();
            from = at + mark.len();
            all.push(of.next("rule", Some(TextRange::new((at as u32).into(), (from as u32).into()))));
        }
        all
    }

    #[test]
    fn the_hash_is_fnv() {
        let hash = |text: &str| {
            let mut hash = Hash::default();
            hash.bytes(text.as_bytes());
            hash.0
        };
        assert_eq!(hash(""), 0x6c62272e07bb014262b821756295c58d);
        assert_eq!(hash("a"), 0xd228cb696f1a8caf78912b704e4a8964);
    }

    #[test]
    fn layout_and_what_stands_elsewhere_make_no_difference() {
        let of = |text: &str, mark: &str| fingerprints(text, &[mark]).remove(0);
        let same = |texts: &[(&str, &str)]| {
            let all: Vec<String> = texts.iter().map(|it| of(it.0, it.1)).collect();
            assert!(all.windows(2).all(|it| it[0] == it[1]), "{texts:?}: {all:?}");
        };
        same(&[
            ("FROM a\nRUN x &&   y\n", "RUN x &&   y"),
            ("FROM a\n# new\n\nrun x \\\n    && y\n", "run x \\\n    && y"),
            ("FROM a\r\nRUN x && \\\r\n    # why\r\n\ty\r\n", "RUN x && \\\r\n    # why\r\n\ty"),
            ("# escape=`\nFROM a\nRUN x `\n && y\n", "RUN x `\n && y"),
        ]);
        // Of a shell text, a command or several stand for themselves.
        same(&[
            ("FROM a\nRUN i curl && \\\n  x\n", "curl"),
            ("FROM a\nRUN y; i \\\n    curl \\\n  && z\nRUN i wget\n", "curl"),
        ]);
        same(&[("FROM a\nRUN x && a | b\n", "a | b"), ("FROM a\nRUN y && \\\n  a \\\n  | b && z\n", "a \\\n  | b")]);
        same(&[("FROM a\nENV A=1 B=2\n", "B"), ("FROM a\nENV A=2 \\\n  B=2\n", "B")]);
        same(&[
            ("FROM a\n# dockfix:  x\nRUN b\n", "# dockfix:  x\n"),
            ("FROM a\n\n  # dockfix: x\n", "# dockfix: x\n"),
        ]);
    }

    #[test]
    fn other_words_are_another_finding() {
        let all = ["RUN x && y", "RUN x && z", "RUN i curl", "RUN i curl wget", "ENV A=1", "ENV A=2", "FROM b as c"]
            .map(|it| format!("FROM a\n{it}\n"));
        let whole = all.each_ref().map(|it| fingerprints(it, &[it[7..].trim_end()]).remove(0));
        let marks = ["x", "z", "curl", "curl", "A", "A", "as"];
        let inner: Vec<String> = all.iter().zip(marks).map(|(it, mark)| fingerprints(it, &[mark]).remove(0)).collect();
        let different: HashSet<&String> = whole.iter().chain(&inner).collect();
        assert_eq!(different.len(), whole.len() + inner.len());
        let id = |id: &str| Fingerprints::new("RUN x").next(id, Some(TextRange::up_to(5.into())));
        assert_ne!(id("a"), id("b"));
        assert_ne!(id("a"), Fingerprints::new("RUN x").next("a", None));
    }

    #[test]
    fn the_same_text_twice_is_two_findings() {
        let all = fingerprints("ENV a b\nENV c d\nENV a b\n", &["ENV a b", "ENV c d", "ENV a b"]);
        assert_eq!(all[0].split(':').next(), all[2].split(':').next());
        assert!(all[0].ends_with(":1") && all[1].ends_with(":1") && all[2].ends_with(":2"), "{all:?}");
    }
}
