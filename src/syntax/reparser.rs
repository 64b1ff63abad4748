//! Texts that follow each other, parsed without reading anew what stayed.

use std::hash::Hasher;

use rowan::GreenNode;
use rustc_hash::{FxHashMap, FxHasher};

use super::{Green, Parse, SyntaxKind, dialect::Dialect, parser::parse_with};

/// What the text of an instruction is read by: the escape character and the language of shell forms.
pub(super) type State = (char, Dialect);

/// Parses the versions of a document one after the other. The tree of an instruction depends on its text, the escape
/// character and the language of shell forms alone; where a version has an instruction that one of the two before it
/// had, they share its tree.
#[derive(Debug, Default)]
pub struct Reparser {
    /// By a hash of the text. Of two texts with the same hash only the last is known.
    known: FxHashMap<u32, Known>,
    /// The number of the version.
    version: u32,
}

#[derive(Debug)]
struct Known {
    state: State,
    kind: SyntaxKind,
    node: GreenNode,
    /// The last version that had it.
    version: u32,
}

/// By what the tree of a text is known.
pub(super) fn key(text: &str) -> u32 {
    let mut hasher = FxHasher::default();
    hasher.write(text.as_bytes());
    // The high bits of this hash depend on all that went in.
    (hasher.finish() >> 32) as u32
}

impl Reparser {
    /// Parses a version, as [`parse`](super::parse) does.
    pub fn parse(&mut self, text: &str) -> Parse {
        self.version = self.version.wrapping_add(1);
        let parse = parse_with(text, Some(self));
        // A document and its layout may take turns, and so the version before this one is kept as well.
        self.known.retain(|_, it| self.version.wrapping_sub(it.version) <= 1);
        parse
    }

    /// The tree of an instruction with a text, and its kind. `key` is that of the text.
    pub(super) fn get(&mut self, key: u32, text: &str, state: State) -> Option<(SyntaxKind, GreenNode)> {
        let known = self.known.get_mut(&key)?;
        if known.state != state || !Green::root(&known.node).is_text(text) {
            return None;
        }
        known.version = self.version;
        Some((known.kind, known.node.clone()))
    }

    /// Remembers the tree of an instruction. `key` is that of its text.
    pub(super) fn put(&mut self, key: u32, state: State, kind: SyntaxKind, node: GreenNode) {
        self.known.insert(key, Known { state, kind, node, version: self.version });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;
    use crate::syntax::parse;

    /// Lines that begin or end instructions, or change how others are read.
    const LINES: &[&str] = &[
        "FROM a",
        "FROM windows AS b",
        "FROM b",
        "RUN a && b",
        "RUN a \\",
        "RUN a `",
        "  # c",
        "",
        "  && c",
        "RUN (",
        "RUN <<X",
        "X",
        "SHELL [\"cmd\"]",
        "SHELL [\"sh\"]",
        "ONBUILD SHELL [\"cmd\"]",
        "run cmd x",
        "# escape=`",
        "ENV a b",
        "nothing",
    ];

    proptest! {
        #[test]
        fn a_version_reads_as_on_its_own(versions in prop::collection::vec(prop::collection::vec(0..LINES.len(), 0..12), 1..5)) {
            let mut reparser = Reparser::default();
            for version in versions {
                let text: String = version.iter().map(|it| format!("{}\n", LINES[*it])).collect();
                let (one, other) = (reparser.parse(&text), parse(&text));
                prop_assert_eq!(&one.green, &other.green);
                prop_assert_eq!((one.errors(), one.escape()), (other.errors(), other.escape()));
            }
        }
    }

    #[test]
    fn what_is_gone_is_forgotten() {
        let mut reparser = Reparser::default();
        for nth in 0..100 {
            reparser.parse(&format!("FROM a\nRUN b\nRUN c {nth}\n"));
            assert!(reparser.known.len() <= 3);
        }
        let again = |reparser: &mut Reparser| {
            let parse = reparser.parse("FROM a\nRUN b\n");
            std::ptr::from_ref(parse.file().instructions().nth(1).unwrap().syntax().green()).cast::<()>()
        };
        assert_eq!(again(&mut reparser), again(&mut reparser));
    }
}
