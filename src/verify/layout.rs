//! A layout, held against the text before it. Its instructions stand in the same order and mean the same one by one,
//! and so no build has to be worked out but where the white space of shell texts differs, or where BuildKit refuses
//! something.

use text_size::TextSize;

use super::{
    Effect, allowed, comments, directives,
    meaning::{Likeness, comments_of, likeness},
    numbers::Numbers,
    rebuilt,
};
use crate::{
    model::{Document, Reading, Value},
    syntax::{
        Green, Parse,
        SyntaxKind::{COMMENT_LINE, RUN},
        SyntaxNode,
        ast::Instruction,
    },
};

/// What a layout does to a document whose meaning it leaves as it is.
#[derive(Debug)]
pub struct Relaid {
    /// Which instructions have shell text that got other white space.
    spaced: Vec<usize>,
    /// Whether all that may differ in the build is in `spaced`.
    is_plain: bool,
}

/// What differs between two documents that ought to be the same but for their layout, or `None`. `effect` is the most
/// that the layout may do to the build, which is worked out for both.
pub fn layout_difference(old: &Document, new: &Document, effect: Effect) -> Option<String> {
    relaid(old, new, effect).err().or_else(|| allowed::excess(old.build(), new.build(), effect, &[]))
}

/// What a layout did; the error is what differs beside the layout. As [`layout_difference`], but does not work out the
/// builds where that would tell nothing.
pub fn relaid(old: &Document, new: &Document, effect: Effect) -> Result<Relaid, String> {
    let (before, after) = (old.parse(), new.parse());
    if before.escape() != after.escape() || directives(before) != directives(after) {
        return Err("the directives differ".to_owned());
    }
    if !before.errors().iter().map(|it| &it.kind).eq(after.errors().iter().map(|it| &it.kind)) {
        return Err("the syntax errors differ".to_owned());
    }
    let count = |parse: &Parse| parse.green().children().filter(|it| it.kind().is_instruction()).count();
    if count(before) != count(after) {
        return Err(format!("{} instructions before, {} after", count(before), count(after)));
    }
    let (mut spaced, mut same_comments) = (Vec::new(), true);
    for (nth, (one, other)) in before.file().instructions().zip(after.file().instructions()).enumerate() {
        same_comments = same_comments && hold_the_same_comments(one.syntax(), other.syntax());
        match likeness(&one, &other, before.escape()) {
            Likeness::Same => {}
            Likeness::Spacing => spaced.push(nth),
            Likeness::Different => return Err(format!("{} means something else", one.kind().keyword())),
        }
    }
    same_comments = same_comments && comments_between(before).eq(comments_between(after));
    // One that changed its place between instructions is none that was lost.
    if !same_comments && comments(before) != comments(after) {
        return Err("a comment was lost or altered".to_owned());
    }
    // Of what BuildKit refuses only the text is known.
    let is_plain = before.errors().iter().all(|it| it.kind.is_shell());
    if !is_plain || effect == Effect::None && !spaced.is_empty() {
        allowed::excess(old.build(), new.build_after(old), effect, &[]).map_or(Ok(()), Err)?;
    }
    Ok(Relaid { spaced, is_plain })
}

/// The comments that stand in no instruction.
fn comments_between(parse: &Parse) -> impl Iterator<Item = &str> {
    parse.green().children().filter_map(|it| it.text_of(COMMENT_LINE).map(str::trim))
}

/// Whether the same comments stand in two instructions.
fn hold_the_same_comments(one: &SyntaxNode, other: &SyntaxNode) -> bool {
    let (one, other) = (Green::of(one), Green::of(other));
    one.is(other) || comments_of(one) == comments_of(other)
}

/// Whether BuildKit, which accepts both, reads the same instructions out of two documents. Then they are one build,
/// whatever that may be.
pub fn reads_alike(before: &Parse, after: &Parse) -> bool {
    let is_accepted = |parse: &Parse| parse.errors().iter().all(|it| it.kind.is_shell());
    let (mut all, mut all_after) = (before.file().instructions(), after.file().instructions());
    before.escape() == after.escape()
        && directives(before) == directives(after)
        && is_accepted(before)
        && is_accepted(after)
        && all.all(|one| all_after.next().is_some_and(|it| likeness(&one, &it, before.escape()) == Likeness::Same))
        && all_after.next().is_none()
}

impl Relaid {
    /// What [`rebuilt`] says of the two documents.
    pub fn rebuilt(&self, old: &Document, new: &Document) -> (usize, Option<Effect>) {
        if self.is_plain && self.spaced.is_empty() {
            return (0, Some(Effect::None));
        }
        if !self.is_plain || !old.build().problems.is_empty() {
            return rebuilt(old, new);
        }
        let both = |nth: &usize| old.instructions().get(*nth).zip(new.instructions().get(*nth));
        match self.spaced.iter().map(|nth| both(nth).and_then(command)).collect::<Option<_>>() {
            Some(texts) => (Numbers::default().rebuilt(old.build(), &texts), Some(Effect::Rebuild)),
            None => rebuilt(old, new),
        }
    }
}

/// Where a RUN of only a shell text stands, and what its text is afterwards.
fn command((old, new): (&Instruction, &Instruction)) -> Option<(TextSize, Value)> {
    let is_plain = old.kind() == RUN && old.heredocs().next().is_none();
    // The escape character has its say in flags alone.
    let text = Reading::of(new, '\\').args.into_iter().next().filter(|_| is_plain)?;
    Some((old.range().start(), Value::plain(text)))
}
