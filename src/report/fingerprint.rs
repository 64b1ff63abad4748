//! What makes a finding the same finding in another version of the file.

use std::collections::HashMap;

use text_size::TextRange;

use crate::text::LineIndex;

/// Gives fingerprints to what was found in a text. A fingerprint is made of what was found, of the text of the lines
/// in which it stands, and of how many of the same were found above. Neither line numbers nor white space nor
/// continuations have a part in it, so that it holds when the file changes elsewhere or is laid out anew.
#[derive(Debug)]
pub struct Fingerprints<'a> {
    text: &'a str,
    lines: &'a LineIndex,
    seen: HashMap<u128, usize>,
}

impl<'a> Fingerprints<'a> {
    /// For a text with its lines.
    pub fn new(text: &'a str, lines: &'a LineIndex) -> Self {
        Fingerprints { text, lines, seen: HashMap::new() }
    }

    /// The fingerprint of the next finding in the order of the text: 32 hexadecimal digits, a colon and a number.
    pub fn next(&mut self, id: &str, range: Option<TextRange>) -> String {
        let mut hash = Hash::default();
        hash.add(id);
        for word in range.map(|it| self.around(it)).unwrap_or_default().split_whitespace().filter(|it| *it != "\\") {
            hash.add(word);
        }
        let nth = self.seen.entry(hash.0).or_default();
        *nth += 1;
        format!("{:032x}:{nth}", hash.0)
    }

    /// The lines in which a range stands.
    fn around(&self, range: TextRange) -> &'a str {
        let line = |at| self.lines.line_range(self.lines.line_col(at).line as usize).unwrap_or(range);
        let start = line(range.start()).start();
        // A range that ends where a line begins has nothing of that line.
        let at_start = !range.is_empty() && self.lines.line_col(range.end()).col == 0;
        let end = if at_start { range.end() } else { line(range.end()).end() };
        self.text.get(start.into()..end.into()).unwrap_or_default()
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

    use super::*;

    fn fingerprints(text: &str, marks: &[&str]) -> Vec<String> {
        let lines = LineIndex::new(text);
        let mut of = Fingerprints::new(text, &lines);
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
    fn layout_and_lines_above_make_no_difference() {
        let one = fingerprints("FROM a\nRUN x &&   y\n", &["RUN x &&   y"]);
        let other = fingerprints("FROM a\n# new\n\nRUN x \\\n    && y\n", &["RUN x \\\n    && y"]);
        assert_eq!(one, other);
        assert_ne!(one, fingerprints("FROM a\nRUN x && z\n", &["RUN x && z"]));
        let lines = LineIndex::new("RUN x");
        let range = Some(TextRange::up_to(5.into()));
        let id = |id: &str| Fingerprints::new("RUN x", &lines).next(id, range);
        assert_ne!(id("a"), id("b"));
    }

    #[test]
    fn the_same_text_twice_is_two_findings() {
        let all = fingerprints("ENV a b\nENV c d\nENV a b\n", &["ENV a b", "ENV c d", "ENV a b"]);
        assert_eq!(all[0].split(':').next(), all[2].split(':').next());
        assert!(all[0].ends_with(":1") && all[1].ends_with(":1") && all[2].ends_with(":2"), "{all:?}");
    }
}
