//! Removing an instruction with what belongs to it.

use text_size::TextRange;

use crate::{
    fix::{Context, suppress},
    model::Stage,
    syntax::{
        SyntaxElement,
        SyntaxKind::*,
        ast::{Command, Instruction, elements_above, has_comment, tokens, trimmed_range},
    },
    text::Edit,
};

/// What takes an instruction out of the file, and no comment with it. Comments right above it stay, with a blank line
/// below them where they would else come to speak of an instruction of another kind. `None` where a comment stands
/// within the instruction, or one right above it speaks to a tool.
pub fn removal(ctx: &Context<'_>, instruction: &Instruction) -> Option<Edit> {
    let within = tokens(instruction.syntax()).any(|it| it.kind() == COMMENT_LINE);
    let taken = taken_out(ctx, instruction, false)?;
    (!within).then_some(taken)
}

/// What takes an instruction out of the file with the comments within it, and with those right above it. These stay as
/// in [`removal`] where an instruction follows at once, for they may be the title of both.
pub fn removal_with_comments(ctx: &Context<'_>, instruction: &Instruction) -> Option<Edit> {
    let alone = instruction.syntax().next_sibling_or_token().is_none_or(|it| !it.kind().is_instruction());
    taken_out(ctx, instruction, alone)
}

/// The comment lines right above an instruction.
pub(super) fn comments_above(instruction: &Instruction) -> Option<TextRange> {
    let above = elements_above(instruction.syntax());
    above.take_while(|it| it.kind() == COMMENT_LINE).map(|it| it.text_range()).reduce(|one, it| one.cover(it))
}

/// What takes an instruction away, the comments right above it or not, and one of two blank lines that would else meet.
pub(super) fn taken_out(ctx: &Context<'_>, instruction: &Instruction, with_comments: bool) -> Option<Edit> {
    let node = instruction.syntax();
    let comments = comments_above(instruction);
    if comments.is_some_and(|it| ctx.slice(it).lines().any(suppress::is_pragma)) {
        return None;
    }
    let mut range = node.text_range();
    let mut above = node.prev_sibling_or_token();
    let below = node.next_sibling_or_token();
    let is_blank = |it: &SyntaxElement| it.kind() == EMPTY_LINE;
    if let Some(comments) = comments {
        if !with_comments {
            // What is of the same kind may have the comments for a title as well.
            let meets = below.is_some_and(|it| !is_blank(&it) && it.kind() != instruction.kind());
            return Some(Edit::replace(range, if meets { ctx.eol } else { "" }));
        }
        range = range.cover(comments);
        let previous = |it: &SyntaxElement| it.prev_sibling_or_token();
        above = std::iter::successors(above, previous).find(|it| it.kind() != COMMENT_LINE);
    }
    if let Some(below) = below.filter(|it| is_blank(it) && above.as_ref().is_none_or(is_blank)) {
        range = range.cover(below.text_range());
    }
    Some(Edit::delete(range))
}

/// What takes away a command of a RUN that is a chain of `&&` alone: the command and the `&&` on one side of it, or the
/// whole RUN where nothing else is in it. `None` elsewhere, where a comment stands in what would go, and where the rest
/// may not be read as a script.
pub fn command_removal(ctx: &Context<'_>, stage: &Stage, at: usize, command: &Command) -> Option<Edit> {
    let chain = super::plain_run(ctx, stage, at)?;
    let script = chain.script();
    let item = script.list()?.items().next().filter(|_| chain.is_and_only())?;
    let pipelines: Vec<TextRange> = item.pipelines().map(|it| trimmed_range(it.syntax())).collect();
    let own = trimmed_range(command.syntax());
    let nth = pipelines.iter().position(|it| *it == own)?;
    let range = match (nth.checked_sub(1).and_then(|it| pipelines.get(it)), pipelines.get(nth + 1)) {
        (Some(before), _) => TextRange::new(before.end(), own.end()),
        (None, Some(behind)) => TextRange::new(own.start(), behind.start()),
        (None, None) => return removal(ctx, stage.instructions.get(at)?),
    };
    let comment = has_comment(script.syntax(), range);
    // What is left may be read as an array, a flag or a heredoc.
    let script = trimmed_range(script.syntax());
    let rest = TextRange::new(if nth == 0 { range.end() } else { script.start() }, script.end());
    let odd = ctx.slice(rest).starts_with(['[', '-', '<']);
    (!odd && !comment).then(|| Edit::delete(range))
}
