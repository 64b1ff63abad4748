//! Putting a comment above an instruction.

use crate::{
    fix::{Context, suppress::is_pragma},
    syntax::ast::Instruction,
    text::Edit,
};

/// Puts a comment on a line of its own above an instruction; `None` where it would begin to count there, as a word to a
/// tool.
pub fn comment_above(ctx: &Context<'_>, instruction: &Instruction, comment: &str) -> Option<Edit> {
    let start = instruction.syntax().text_range().start();
    let line = format!("{}{}", comment.trim_end(), ctx.eol);
    (!is_pragma(comment)).then(|| Edit::insert(start, line))
}
