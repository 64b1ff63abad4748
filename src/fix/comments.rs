//! Putting a comment above an instruction.

use super::{Context, suppress};
use crate::{syntax::ast::Instruction, text::Edit};

/// Puts a comment on a line of its own above an instruction; `None` where it would begin to count there, as a word to a
/// tool.
pub fn comment_above(ctx: &Context<'_>, instruction: &Instruction, comment: &str) -> Option<Edit> {
    let counts = suppress::is_pragma(comment)
        || ["check", "hadolint", "dockfix", "syntax", "escape"].iter().any(|it| comment.contains(it));
    let start = instruction.syntax().text_range().start();
    let line = format!("{}{}", comment.trim_end(), ctx.eol);
    (!counts).then(|| Edit::insert(start, line))
}
