//! What edits left of a document, without a look at the builds.

use text_size::{TextRange, TextSize};

use super::{
    Multiset, directives,
    meaning::{Likeness, likeness},
};
use crate::{
    syntax::{Child, Green, Parse, SyntaxKind::COMMENT_LINE, SyntaxNode},
    text::EditSet,
};

/// What is wrong with the trees that edits brought about, or `None`: they may bring no new error, touch nothing but the
/// instructions in which they stand, and lose no comment but those that they delete.
pub(super) fn edited(before: &Parse, after: &Parse, edits: &EditSet) -> Option<String> {
    if before.escape() != after.escape() || directives(before) != directives(after) {
        return Some("the directives differ".to_owned());
    }
    if !after.errors().is_empty() {
        let mut known = Multiset::of(before.errors().iter().map(|it| it.kind.to_string()));
        if let Some(error) = after.errors().iter().find(|it| !known.take(&it.kind.to_string())) {
            return Some(format!("a new error: {}", error.kind));
        }
    }
    let (old, new) = (placed(before.green()), placed(after.green()));
    let (old, new) = middle(&old, &new, edits);
    let within = |all: &[Placed<'_>], node: &SyntaxNode| {
        let (first, last) = (all.first(), all.last());
        first.zip(last).is_some_and(|(first, last)| first.0.cover(last.0).contains_range(node.text_range()))
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

/// Something that stands in the file itself, and where.
type Placed<'t> = (TextRange, Child<'t>);

fn placed(file: Green<'_>) -> Vec<Placed<'_>> {
    let mut end = TextSize::from(0);
    let mut all = Vec::new();
    for child in file.children() {
        let range = TextRange::at(end, child.len());
        end = range.end();
        all.push((range, child));
    }
    all
}

/// All but what no edit touches at the beginning and at the end, and which is the same in both.
fn middle<'a, 't>(
    old: &'a [Placed<'t>],
    new: &'a [Placed<'t>],
    edits: &EditSet,
) -> (&'a [Placed<'t>], &'a [Placed<'t>]) {
    let same = |it: &(&Placed<'_>, &Placed<'_>)| !edits.touches(it.0.0) && it.0.1.is_like(it.1.1);
    let head = old.iter().zip(new).take_while(same).count();
    // Neither list is shorter than what they have in common.
    let (old, new) = (&old[head..], &new[head..]);
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(same).count();
    (&old[..old.len() - tail], &new[..new.len() - tail])
}

/// The comments, without the blanks around them, in order.
fn comments<'t>(all: &[Placed<'t>]) -> Vec<(TextRange, &'t str)> {
    let mut comments = Vec::new();
    for (range, child) in all {
        let mut add = |kind, range, text: &'t str| {
            if kind == COMMENT_LINE {
                comments.push((range, text.trim()));
            }
            true
        };
        match *child {
            Child::Token(kind, text) => _ = add(kind, *range, text),
            Child::Node(node) => _ = node.visit(&mut range.start(), &mut add),
        }
    }
    comments
}
