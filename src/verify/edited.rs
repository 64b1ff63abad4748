//! What edits left of a document, without a look at the builds.

use text_size::TextRange;

use super::{
    Multiset, directives,
    meaning::{Likeness, likeness},
};
use crate::{
    syntax::{Parse, Part, SyntaxKind::COMMENT_LINE, SyntaxNode},
    text::EditSet,
};

/// What is wrong with the trees that edits brought about, or `None`: they may bring no new error, touch nothing but the
/// instructions in which they stand, and lose no comment but those that they delete.
pub(super) fn tree_difference(before: &Parse, after: &Parse, edits: &EditSet) -> Option<String> {
    if before.escape() != after.escape() || directives(before) != directives(after) {
        return Some("the directives differ".to_owned());
    }
    if !after.errors().is_empty() {
        let mut known = Multiset::of(before.errors().iter().map(|it| it.kind.to_string()));
        if let Some(error) = after.errors().iter().find(|it| !known.take(&it.kind.to_string())) {
            return Some(format!("a new error: {}", error.kind));
        }
    }
    let (old, new): (Vec<_>, Vec<_>) = (before.placed().parts().collect(), after.placed().parts().collect());
    let (old, new) = middle(&old, &new, edits);
    let within = |all: &[Part<'_>], node: &SyntaxNode| {
        let (first, last) = (all.first(), all.last());
        let range = first.zip(last).map(|(first, last)| first.text_range().cover(last.text_range()));
        range.is_some_and(|it| it.contains_range(node.text_range()))
    };
    let mut all_after = after.file().instructions().filter(|it| within(new, it.syntax()));
    for instruction in before.file().instructions().filter(|it| within(old, it.syntax())) {
        let touched = edits.touches(instruction.syntax().text_range());
        if !touched && !all_after.any(|it| likeness(&instruction, &it, before.escape()) != Likeness::Different) {
            return Some(format!("{} was to stay as it is", instruction.kind().keyword()));
        }
    }
    let mut left = Multiset::of(comments(new).into_iter().map(|it| it.1));
    let lost = |(range, comment): (TextRange, &str)| !edits.replaces(range) && !left.take(comment);
    comments(old).into_iter().any(lost).then(|| "a comment was lost or altered".to_owned())
}

/// All but what no edit touches at the beginning and at the end, and which is the same in both.
fn middle<'a, 't>(old: &'a [Part<'t>], new: &'a [Part<'t>], edits: &EditSet) -> (&'a [Part<'t>], &'a [Part<'t>]) {
    let same = |it: &(&Part<'_>, &Part<'_>)| !edits.touches(it.0.text_range()) && it.0.is_like(*it.1);
    let head = old.iter().zip(new).take_while(same).count();
    // Neither list is shorter than what they have in common.
    let (old, new) = (&old[head..], &new[head..]);
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(same).count();
    (&old[..old.len() - tail], &new[..new.len() - tail])
}

/// The comments, without the blanks around them, in order.
fn comments<'t>(parts: &[Part<'t>]) -> Vec<(TextRange, &'t str)> {
    let mut all = Vec::new();
    parts.iter().for_each(|it| add_comments(*it, &mut all));
    all
}

fn add_comments<'t>(part: Part<'t>, all: &mut Vec<(TextRange, &'t str)>) {
    match part {
        Part::Node(node) => node.parts().for_each(|it| add_comments(it, all)),
        Part::Token(it) if it.kind() == COMMENT_LINE => all.push((it.text_range(), it.text().trim())),
        Part::Token(_) => {}
    }
}
