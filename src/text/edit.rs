//! Edits and sorted sets of them.

use text_size::{TextRange, TextSize};

/// Replaces `range` by `insert`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What goes; empty for an insertion.
    pub range: TextRange,
    /// What comes.
    pub insert: String,
}

impl Edit {
    /// Replaces `range` by `insert`.
    pub fn replace(range: TextRange, insert: impl Into<String>) -> Self {
        Edit {
            range,
            insert: insert.into(),
        }
    }

    /// Inserts `insert` at `offset`.
    pub fn insert(offset: TextSize, insert: impl Into<String>) -> Self {
        Edit {
            range: TextRange::empty(offset),
            insert: insert.into(),
        }
    }

    /// Deletes `range`.
    pub fn delete(range: TextRange) -> Self {
        Edit {
            range,
            insert: String::new(),
        }
    }
}

/// Edits in the order of the text, disjoint: no two touch the same byte, and no two insert at the same place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EditSet {
    edits: Vec<Edit>,
}

impl EditSet {
    /// Adds an edit, or hands it back where it overlaps one that is there.
    pub fn push(&mut self, edit: Edit) -> Result<(), Edit> {
        let at = self
            .edits
            .partition_point(|it| it.range.start() < edit.range.start());
        let clear_before = at == 0 || {
            let prev = &self.edits[at - 1];
            prev.range.end() <= edit.range.start()
        };
        let clear_after = self.edits.get(at).is_none_or(|next| {
            edit.range.end() <= next.range.start() && edit.range.start() != next.range.start()
        });
        if !(clear_before && clear_after) {
            return Err(edit);
        }
        self.edits.insert(at, edit);
        Ok(())
    }

    /// Adds all of `other`, or nothing where any of them overlaps; says whether it did.
    pub fn union(&mut self, other: &EditSet) -> bool {
        let mut merged = self.clone();
        for edit in &other.edits {
            if merged.push(edit.clone()).is_err() {
                return false;
            }
        }
        *self = merged;
        true
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// The edits in the order of the text.
    pub fn iter(&self) -> std::slice::Iter<'_, Edit> {
        self.edits.iter()
    }

    /// The text with all edits made. The ranges must be those of `text`.
    pub fn apply(&self, text: &str) -> String {
        let mut out = String::with_capacity(
            text.len() + self.edits.iter().map(|it| it.insert.len()).sum::<usize>(),
        );
        let mut at = 0;
        for edit in &self.edits {
            out.push_str(&text[at..usize::from(edit.range.start())]);
            out.push_str(&edit.insert);
            at = usize::from(edit.range.end());
        }
        out.push_str(&text[at..]);
        out
    }
}
