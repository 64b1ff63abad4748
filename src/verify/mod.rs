//! Is this still the same build? Holds two documents against each other.

mod meaning;

pub use meaning::{Meaning, comments, directives, meanings};

use crate::syntax::Parse;

/// What differs between two documents that ought to be the same but for their layout, or `None`.
pub fn layout_difference(before: &Parse, after: &Parse) -> Option<String> {
    if before.escape() != after.escape() || directives(before) != directives(after) {
        return Some("the directives differ".to_owned());
    }
    let kinds = |parse: &Parse| parse.errors().iter().map(|it| it.kind.clone()).collect::<Vec<_>>();
    if kinds(before) != kinds(after) {
        return Some("the syntax errors differ".to_owned());
    }
    let (old, new) = (meanings(before), meanings(after));
    if old.len() != new.len() {
        return Some(format!("{} instructions before, {} after", old.len(), new.len()));
    }
    if let Some((old, _)) = old.iter().zip(&new).find(|(old, new)| old != new) {
        return Some(format!("{} means something else", old.kind.keyword()));
    }
    if comments(before) != comments(after) {
        return Some("a comment was lost or altered".to_owned());
    }
    None
}
