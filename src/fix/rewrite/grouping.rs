//! Making one instruction of pairs of several that stand below each other.

use std::collections::HashSet;

use text_size::TextRange;

use super::joining::{Style, indent_behind};
use crate::{
    fix::{Context, suppress},
    model::{Stage, is_word, literal},
    syntax::{
        SyntaxKind::{self, *},
        ast::{Instruction, KeyValue, elements_above, tokens},
    },
    text::{Edit, EditSet},
};

/// Rows of two or more instructions of a kind that can be one: nothing but comments stands between them, no key is set
/// twice and none has a variable in it. `fits` says whether one more may join those before it, of
/// which it is told the keys in lower case.
pub fn groups<'a>(
    ctx: &'a Context<'_>,
    stage: &'a Stage,
    kind: SyntaxKind,
    fits: impl Fn(&HashSet<String>, &Instruction) -> bool,
) -> Vec<Vec<&'a Instruction>> {
    let mut rows: Vec<Vec<&Instruction>> = Vec::new();
    let (mut keys, mut lower): (HashSet<String>, HashSet<String>) = Default::default();
    for instruction in stage.instructions.iter().filter(|it| it.kind() == kind && ctx.sound(it)) {
        let Some(own) = keys_of(ctx, instruction) else {
            rows.push(Vec::new());
            continue;
        };
        let joins = |row: &Vec<&Instruction>| {
            let last = row.last().is_some_and(|it| is_right_above(it, instruction));
            last && !own.iter().any(|it| keys.contains(it)) && fits(&lower, instruction)
        };
        match rows.last_mut() {
            Some(row) if joins(row) => row.push(instruction),
            _ => {
                rows.push(vec![instruction]);
                keys.clear();
                lower.clear();
            }
        }
        lower.extend(own.iter().map(|it| it.to_lowercase()));
        keys.extend(own);
    }
    rows.retain(|it| it.len() > 1);
    rows
}

/// The keys that an instruction sets; `None` where it can't be one of a group.
fn keys_of(ctx: &Context<'_>, instruction: &Instruction) -> Option<Vec<String>> {
    let pairs = || instruction.pairs();
    let plain = pairs().all(|it| it.has_eq() && is_word(&it.value(), ctx.escape()));
    let keys: Option<Vec<String>> = pairs().map(|it| literal(&it.key(), ctx.escape())).collect();
    keys.filter(|it| plain && !it.is_empty() && instruction.flags().next().is_none())
}

/// Whether nothing but comments, of which none speaks to a tool, stands between two instructions.
fn is_right_above(first: &Instruction, second: &Instruction) -> bool {
    let mut above = elements_above(second.syntax())
        .skip_while(|it| it.kind() == COMMENT_LINE && !suppress::is_pragma(&it.to_string()));
    above.next().is_some_and(|it| it.as_node() == Some(first.syntax()))
}

/// Makes one instruction of a row of them, each pair on a line of its own, and the comments between them on theirs.
pub fn group(ctx: &Context<'_>, row: &[&Instruction]) -> Option<EditSet> {
    let (escape, eol) = (ctx.escape(), ctx.eol);
    let indent = indent(ctx, row);
    let pairs: Vec<KeyValue> = row.iter().flat_map(|it| it.pairs()).collect();
    let mut edits = EditSet::default();
    for (before, after) in pairs.iter().zip(pairs.iter().skip(1)) {
        let gap = TextRange::new(before.syntax().text_range().end(), after.syntax().text_range().start());
        let same = before.syntax().parent() == after.syntax().parent();
        // What is on a line of its own already stays as it is, with its comments.
        if same && ctx.slice(gap).contains('\n') {
            continue;
        }
        let lines = ctx.slice(gap).lines().map(str::trim).filter(|it| !same && it.starts_with('#'));
        let comments: String = lines.map(|it| format!("{indent}{it}{eol}")).collect();
        edits.push(Edit::replace(gap, format!(" {escape}{eol}{comments}{indent}"))).ok()?;
    }
    Some(edits)
}

/// How lines that go on are indented: as in the row itself, in the first such instruction of the file with its pairs on
/// lines of their own, or else in its RUNs.
fn indent(ctx: &Context<'_>, row: &[&Instruction]) -> String {
    let kind = row.first().map(|it| it.kind());
    let others = ctx.instructions().filter(|it| Some(it.kind()) == kind);
    // A value that runs over lines has an indentation of its own.
    let broken = |it: &Instruction| {
        let pairs: Vec<KeyValue> = it.pairs().collect();
        let within = |at: TextRange| {
            let behind = pairs.partition_point(|it| it.syntax().text_range().end() < at.end());
            pairs.get(behind).is_some_and(|it| it.syntax().text_range().contains_range(at))
        };
        let breaks = tokens(it.syntax()).filter(|it| it.kind() == CONTINUATION && !within(it.text_range()));
        breaks.map(|at| indent_behind(ctx, it, at.text_range())).find(|it| !it.is_empty()).filter(|_| pairs.len() > 1)
    };
    row.iter().copied().chain(others).find_map(broken).unwrap_or_else(|| Style::of(ctx, &[]).indent)
}
