//! Removing an instruction with what belongs to it.

use text_size::TextRange;

use crate::{
    fix::{Context, suppress},
    model::Stage,
    syntax::{
        SyntaxElement,
        SyntaxKind::*,
        ast::{Command, Instruction, tokens, trimmed_range},
    },
};

/// The lines of an instruction, of the comments that stand right above it and speak of it alone, and of one of two
/// blank lines that would else meet.
pub fn removal(ctx: &Context<'_>, instruction: &Instruction) -> TextRange {
    let node = instruction.syntax();
    let mut range = node.text_range();
    let previous = |it: &SyntaxElement| it.prev_sibling_or_token();
    let mut above = node.prev_sibling_or_token();
    while let Some(it) = above.as_ref().filter(|it| it.kind() == COMMENT_LINE) {
        range = range.cover(it.text_range());
        above = previous(it);
    }
    // A block that begins at the top of the file, that holds a word to a tool, or that may be the title of what follows
    // at once speaks of more than this.
    let followed = node.next_sibling_or_token().is_some_and(|it| it.kind().is_instruction());
    let speaks_of_more = above.is_none()
        || followed
        || range.start() < node.text_range().start() && {
            let text = ctx.slice(TextRange::new(range.start(), node.text_range().start()));
            text.lines().any(suppress::is_pragma)
        };
    if speaks_of_more {
        range = node.text_range();
        above = node.prev_sibling_or_token();
    }
    let blank = |it: Option<&SyntaxElement>| it.is_none_or(|it| it.kind() == EMPTY_LINE);
    let below = node.next_sibling_or_token();
    if let Some(below) = below.filter(|it| it.kind() == EMPTY_LINE && blank(above.as_ref())) {
        range = range.cover(below.text_range());
    }
    range
}

/// What goes with a command of a RUN that is a chain of `&&` alone: the command and the `&&` on one side of it, or the
/// whole RUN where nothing else is in it. `None` elsewhere, and where a comment stands in what would go.
pub fn command_removal(ctx: &Context<'_>, stage: &Stage, at: usize, command: &Command) -> Option<TextRange> {
    let (script, chain) = super::plain_run(ctx, stage, at)?;
    let item = script.list()?.items().next().filter(|_| chain.is_and_only())?;
    let pipelines: Vec<TextRange> = item.pipelines().map(|it| trimmed_range(it.syntax())).collect();
    let own = trimmed_range(command.syntax());
    let nth = pipelines.iter().position(|it| *it == own)?;
    let range = match (nth.checked_sub(1).and_then(|it| pipelines.get(it)), pipelines.get(nth + 1)) {
        (Some(before), _) => TextRange::new(before.end(), own.end()),
        (None, Some(behind)) => TextRange::new(own.start(), behind.start()),
        (None, None) => return Some(removal(ctx, stage.instructions.get(at)?)),
    };
    let comment = |it: TextRange| {
        tokens(script.syntax()).any(|one| one.kind() == COMMENT_LINE && it.contains_range(one.text_range()))
    };
    (!comment(range)).then_some(range)
}
