//! The words of a list, be it written with blanks or as a JSON array.

use std::collections::HashSet;

use text_size::TextRange;

use super::removal;
use crate::{
    fix::Context,
    syntax::{
        SyntaxKind::{self, COMMENT_LINE},
        ast::{Instruction, tokens},
        json,
    },
    text::{Edit, EditSet},
};

/// A word of a list.
#[derive(Debug, Clone)]
pub struct Item {
    /// Where it stands, quotes included.
    pub range: TextRange,
    /// What it says; `None` where quotes, escapes, variables or a line break have a part in it.
    pub text: Option<String>,
}

/// Words of an instruction that stand in the same stage already.
#[derive(Debug)]
pub struct Repeated {
    /// The instruction.
    pub instruction: Instruction,
    /// The words as they are written.
    pub texts: Vec<String>,
    /// What takes them out, with the instruction where nothing is left of it; `None` where comments stand among them,
    /// or what is left is not to be written so.
    pub edits: Option<EditSet>,
}

/// The words of an instruction that takes a list.
pub fn items(ctx: &Context<'_>, instruction: &Instruction) -> Vec<Item> {
    let plain = |text: String| (!text.contains(['\'', '"', '$', ctx.escape()])).then_some(text);
    let Some(array) = instruction.json() else {
        let word = |range: TextRange, text: String| Item {
            range,
            text: plain(text.clone()).filter(|it| it == ctx.slice(range)),
        };
        return instruction.words().map(|it| word(it.syntax().text_range(), it.text())).collect();
    };
    let item = |(range, literal): (TextRange, String)| {
        let is_whole = ctx.slice(range) == literal;
        Item { range, text: plain(json::decode(&literal)).filter(|_| is_whole) }
    };
    array.items().into_iter().map(item).collect()
}

/// What takes words out of a list, given by their places in order, and the instruction with the last of them; `None`
/// where a comment stands in what would go, where all would and [`removal`] gives none, and where the rest may be an
/// array.
pub fn without(ctx: &Context<'_>, instruction: &Instruction, items: &[Item], gone: &[usize]) -> Option<EditSet> {
    // The places are in order, so that the first that is not its own number is behind a word that stays.
    let first = gone.iter().enumerate().take_while(|(nth, at)| nth == *at).count();
    if first == items.len() {
        return Some(removal(ctx, instruction)?.into());
    }
    // What is left of a list of words may be read as an array.
    if instruction.json().is_none() && items.get(first).is_some_and(|it| ctx.slice(it.range).starts_with('[')) {
        return None;
    }
    let mut edits = EditSet::default();
    let comments: Vec<TextRange> =
        tokens(instruction.syntax()).filter(|it| it.kind() == COMMENT_LINE).map(|it| it.text_range()).collect();
    for at in gone {
        let range = items.get(*at)?.range;
        // A word goes with the gap before it; what stands before the first that stays, with the gap behind.
        let range = match at.checked_sub(1).filter(|_| *at > first) {
            Some(before) => TextRange::new(items.get(before)?.range.end(), range.end()),
            None => TextRange::new(range.start(), items.get(at + 1)?.range.start()),
        };
        let from = comments.partition_point(|it| it.start() < range.start());
        if comments.get(from).is_some_and(|it| range.contains_range(*it)) {
            return None;
        }
        edits.push(Edit::delete(range)).ok()?;
    }
    Some(edits)
}

/// The instructions of a kind with words that say what an earlier word of the stage said. `key` gives what a word says,
/// or `None` where it is not to be compared.
pub fn repeated(ctx: &Context<'_>, kind: SyntaxKind, key: impl Fn(&str) -> Option<String>) -> Vec<Repeated> {
    let mut found = Vec::new();
    for (_, stage) in ctx.stages().filter(|it| it.1.last(kind).is_some()) {
        let mut seen = HashSet::new();
        for instruction in stage.instructions.iter().filter(|it| it.kind() == kind && ctx.sound(it)) {
            let items = items(ctx, instruction);
            // What its author takes for a comment is a list of words, and says something else.
            if items.iter().any(|it| it.text.as_deref().is_some_and(|it| it.starts_with('#'))) {
                continue;
            }
            let mut gone = Vec::new();
            for (at, item) in items.iter().enumerate() {
                let Some(key) = item.text.as_deref().and_then(&key) else { continue };
                if !seen.insert(key) {
                    gone.push(at);
                }
            }
            if !gone.is_empty() {
                let texts = gone.iter().filter_map(|at| items.get(*at)?.text.clone()).collect();
                let edits = without(ctx, instruction, &items, &gone);
                found.push(Repeated { instruction: instruction.clone(), texts, edits });
            }
        }
    }
    found
}
