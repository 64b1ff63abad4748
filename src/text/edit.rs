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
        Edit { range, insert: insert.into() }
    }

    /// Inserts `insert` at `offset`.
    pub fn insert(offset: TextSize, insert: impl Into<String>) -> Self {
        Edit { range: TextRange::empty(offset), insert: insert.into() }
    }

    /// Deletes `range`.
    pub fn delete(range: TextRange) -> Self {
        Edit { range, insert: String::new() }
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
        match self.place(&edit) {
            Some(at) => {
                if self.edits.is_empty() {
                    // Many sets stay at one, and a vector would make room for four.
                    self.edits.reserve_exact(1);
                }
                self.edits.insert(at, edit);
                Ok(())
            }
            None => Err(edit),
        }
    }

    /// Adds all of `other`, or nothing where any of them overlaps; says whether it did.
    pub fn union(&mut self, other: EditSet) -> bool {
        if !other.iter().all(|edit| self.place(edit).is_some()) {
            return false;
        }
        let last = self.edits.last().map(|it| it.range.start());
        let in_order = other.edits.first().is_none_or(|it| last.is_none_or(|last| last < it.range.start()));
        self.edits.extend(other.edits);
        if !in_order {
            // No two edits of a set start at the same place, so that this order is the only one.
            self.edits.sort_by_key(|it| it.range.start());
        }
        true
    }

    /// Where an edit belongs among those that are there, unless it overlaps one of them.
    fn place(&self, edit: &Edit) -> Option<usize> {
        let start = edit.range.start();
        // Most edits are found in the order of the text.
        let at = match self.edits.last() {
            Some(last) if last.range.start() >= start => self.edits.partition_point(|it| it.range.start() < start),
            _ => self.edits.len(),
        };
        let (before, after) = self.edits.split_at(at);
        let clear_before = before.last().is_none_or(|it| it.range.end() <= start);
        let clear_after =
            after.first().is_none_or(|it| edit.range.end() <= it.range.start() && start != it.range.start());
        (clear_before && clear_after).then_some(at)
    }

    /// Whether an edit changes a byte of a range, or inserts inside it or at its borders.
    pub fn touches(&self, range: TextRange) -> bool {
        let from = self.edits.partition_point(|it| it.range.end() < range.start());
        let near = self.edits[from..].iter().take_while(|it| it.range.start() <= range.end());
        near.into_iter().any(|it| it.range.intersect(range).is_some_and(|both| !both.is_empty() || it.range.is_empty()))
    }

    /// Whether one edit replaces all of a range.
    pub fn replaces(&self, range: TextRange) -> bool {
        let from = self.edits.partition_point(|it| it.range.end() < range.end());
        self.edits.get(from).is_some_and(|it| it.range.contains_range(range))
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// How many edits there are.
    pub fn len(&self) -> usize {
        self.edits.len()
    }

    /// The edits in the order of the text.
    pub fn iter(&self) -> std::slice::Iter<'_, Edit> {
        self.edits.iter()
    }

    /// The text with all edits made. The ranges must be those of `text`.
    pub fn apply(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + self.edits.iter().map(|it| it.insert.len()).sum::<usize>());
        let mut at = 0;
        for edit in &self.edits {
            out.push_str(&text[at..usize::from(edit.range.start())]);
            out.push_str(&edit.insert);
            at = usize::from(edit.range.end());
        }
        out.push_str(&text[at..]);
        out
    }

    /// Where an offset comes to lie. An insertion at the offset goes before it; an offset inside a replaced range
    /// goes to the beginning of what comes.
    pub fn map_offset(&self, offset: TextSize) -> TextSize {
        self.map(offset, false)
    }

    /// As [`EditSet::map_offset`], for many offsets that come in the order of the text.
    pub fn map_offsets(&self) -> impl FnMut(TextSize) -> TextSize {
        let mut edits = self.edits.iter().peekable();
        let (mut gone, mut come) = (TextSize::from(0), TextSize::from(0));
        move |offset| {
            while let Some(edit) = edits.next_if(|it| it.range.end() <= offset) {
                gone += edit.range.len();
                come += TextSize::of(&edit.insert);
            }
            // Inside a replaced range an offset goes to its beginning.
            let start = edits.peek().map_or(offset, |it| it.range.start().min(offset));
            start - gone + come
        }
    }

    /// Where a range comes to lie. What is inserted at its borders stays outside; where an edit reaches over a
    /// border, the range takes all that comes.
    pub fn map_range(&self, range: TextRange) -> TextRange {
        let start = self.map(range.start(), false);
        if range.is_empty() {
            return TextRange::empty(start);
        }
        TextRange::new(start, self.map(range.end(), true))
    }

    /// Where an offset comes to lie, as the end of a range or as its start.
    fn map(&self, offset: TextSize, is_end: bool) -> TextSize {
        let (mut gone, mut come) = (TextSize::from(0), TextSize::from(0));
        for edit in &self.edits {
            let range = edit.range;
            // An insertion at the end of a range is no longer part of it, nor is what begins there.
            if range.start() > offset || (is_end && range.start() == offset) {
                break;
            }
            if range.end() > offset {
                let inserted = if is_end { TextSize::of(&edit.insert) } else { TextSize::from(0) };
                return range.start() - gone + come + inserted;
            }
            gone += range.len();
            come += TextSize::of(&edit.insert);
        }
        offset - gone + come
    }
}

/// The set of one edit, which overlaps nothing.
impl From<Edit> for EditSet {
    fn from(edit: Edit) -> Self {
        EditSet { edits: vec![edit] }
    }
}

impl<'a> IntoIterator for &'a EditSet {
    type Item = &'a Edit;
    type IntoIter = std::slice::Iter<'a, Edit>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn range(start: u32, end: u32) -> TextRange {
        TextRange::new(start.into(), end.into())
    }

    fn set(edits: &[(u32, u32, &str)]) -> EditSet {
        let mut set = EditSet::default();
        for &(start, end, insert) in edits {
            set.push(Edit::replace(range(start, end), insert)).unwrap();
        }
        set
    }

    #[test]
    fn overlaps_are_handed_back() {
        let mut edits = set(&[(2, 4, "x"), (6, 6, "y")]);
        for (start, end) in [(1, 3), (3, 3), (3, 5), (0, 9), (2, 2), (2, 4), (6, 6), (6, 7), (5, 7)] {
            let edit = Edit::replace(range(start, end), "z");
            assert_eq!(edits.push(edit.clone()), Err(edit));
        }
        for (start, end) in [(0, 2), (4, 4), (5, 6)] {
            edits.push(Edit::delete(range(start, end))).unwrap();
        }
        assert_eq!(edits.len(), 5);
        assert!(edits.iter().is_sorted_by_key(|it| it.range.start()));
    }

    #[test]
    fn union_is_all_or_nothing() {
        let mut edits = set(&[(4, 6, "x")]);
        let before = edits.clone();
        assert!(!edits.union(set(&[(0, 1, "a"), (5, 5, "b")])));
        assert_eq!(edits, before);
        assert!(edits.union(set(&[(0, 1, "a"), (8, 9, "b")])));
        assert_eq!(edits.apply("0123456789"), "a123x67b9");
    }

    #[test]
    fn finds_what_touches_a_range() {
        let edits = set(&[(0, 0, "<"), (2, 4, "X"), (4, 4, "y"), (6, 9, "")]);
        let touched: Vec<u32> = (0..12).filter(|&at| edits.touches(range(at, at + 1))).collect();
        assert_eq!(touched, [0, 2, 3, 4, 6, 7, 8]);
        let replaced: Vec<u32> = (0..12).filter(|&at| edits.replaces(range(at, at + 2))).collect();
        assert_eq!(replaced, [2, 6, 7]);
    }

    #[test]
    fn offsets_and_ranges_follow() {
        let edits = set(&[(0, 0, "<"), (2, 4, "X"), (6, 6, ">")]);
        assert_eq!(edits.apply("abcdef"), "<abXef>");
        assert_eq!(edits.map_range(range(0, 2)), range(1, 3));
        assert_eq!(edits.map_range(range(0, 3)), range(1, 4));
        assert_eq!(edits.map_range(range(3, 5)), range(3, 5));
        assert_eq!(edits.map_range(range(4, 6)), range(4, 6));
        assert_eq!(edits.map_range(range(6, 6)), range(7, 7));
        assert_eq!(edits.map_offset(3.into()), 3.into());
        assert_eq!(edits.map_offset(4.into()), 4.into());
    }

    /// What the set should do, by the plainest means: no edit may share a byte or a start with another.
    fn clear(taken: &[(u32, u32)], (start, end): (u32, u32)) -> bool {
        taken.iter().all(|&(from, to)| start != from && (end <= from || to <= start))
    }

    proptest! {
        #[test]
        fn like_the_plain_way(
            text in "[a-zä]{20}",
            tries in prop::collection::vec((0u32..20, 0u32..5, "[A-Z]{0,3}"), 0..12),
        ) {
            let at = |n: u32| {
                let chars = text.char_indices().map(|(at, _)| at as u32);
                chars.chain([text.len() as u32]).nth(n as usize).unwrap_or(text.len() as u32)
            };
            let (mut edits, mut taken) = (EditSet::default(), Vec::new());
            let mut plain = Vec::new();
            for (start, len, insert) in tries {
                let (start, end) = (at(start), at(start + len));
                let pushed = edits.push(Edit::replace(range(start, end), insert.clone())).is_ok();
                prop_assert_eq!(pushed, clear(&taken, (start, end)));
                if pushed {
                    taken.push((start, end));
                    plain.push((start, end, insert));
                }
            }
            // From the back, so that no edit moves another.
            plain.sort();
            let mut expected = text.clone();
            for (start, end, insert) in plain.into_iter().rev() {
                expected.replace_range(start as usize..end as usize, &insert);
            }
            prop_assert_eq!(edits.apply(&text), expected);
            let end = edits.map_offset(TextSize::of(&text));
            prop_assert_eq!(end, TextSize::of(&edits.apply(&text)));
            let mut map = edits.map_offsets();
            for offset in (0..=text.len() as u32).map(TextSize::from) {
                prop_assert_eq!(map(offset), edits.map_offset(offset));
            }
        }
    }
}
