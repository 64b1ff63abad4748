//! A `cd` with which a RUN begins.

use std::rc::Rc;

use text_size::TextRange;

use super::plain_run;
use crate::{
    fix::Context,
    model::{Chain, Stage, argv},
    syntax::{
        SyntaxElement,
        SyntaxKind::*,
        SyntaxNode,
        ast::{Command, Instruction, trimmed_range},
    },
    text::Edit,
};

/// `cd PATH &&` at the beginning of a RUN.
#[derive(Debug)]
pub struct LeadingCd<'a> {
    /// The RUN.
    pub run: &'a Instruction,
    /// Where the `cd` stands.
    pub command: TextRange,
    /// Where it goes; never `-` or an option.
    pub path: String,
    /// Its text, seen from above.
    pub chain: Rc<Chain>,
    /// What follows the `&&`.
    next: TextRange,
}

/// The `cd` with which a RUN begins, if `&&` follows and nothing in the RUN looks at the folder it came from.
pub fn leading_cd<'a>(ctx: &Context<'_>, stage: &'a Stage, at: usize) -> Option<LeadingCd<'a>> {
    let chain = plain_run(ctx, stage, at)?;
    chain.commands().first().filter(|it| it.program() == Some("cd"))?;
    let run = stage.instructions.get(at)?;
    let list = chain.script().list()?.items().next()?;
    let mut pipelines = list.syntax().children();
    let (first, second) = (pipelines.next()?, pipelines.next()?);
    let operator = first.siblings_with_tokens(rowan::Direction::Next).skip(1).find(|it| !is_trivia(it))?;
    let command = only_command(&first).filter(|_| operator.kind() == AND_IF)?;
    let words = argv(&command);
    let [program, path] = words.as_slice() else { return None };
    let path = path.1.literal().filter(|it| !it.starts_with('-') && !it.is_empty())?.to_owned();
    let plain = command.redirects().next().is_none() && command.assignments().next().is_none();
    let text = &ctx.model.run(run)?.text;
    let back =
        text.contains("OLDPWD") || text.split_whitespace().collect::<Vec<_>>().windows(2).any(|it| it == ["cd", "-"]);
    if program.1.literal() != Some("cd") || !plain || back {
        return None;
    }
    let command = trimmed_range(command.syntax());
    Some(LeadingCd { run, command, path, chain, next: trimmed_range(&second) })
}

/// Whether a path means in WORKDIR what it means to `cd`: nothing is to be expanded, and it is no option.
pub fn is_plain_path(path: &str) -> bool {
    let plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '/' | '.' | '_' | '-' | '+');
    !path.is_empty() && !path.starts_with('-') && path.chars().all(plain)
}

fn is_trivia(element: &SyntaxElement) -> bool {
    element.kind().is_trivia()
}

/// The command of a pipeline that has only one, which is a simple one.
fn only_command(pipeline: &SyntaxNode) -> Option<Command> {
    let mut children = pipeline.children_with_tokens().filter(|it| !is_trivia(it));
    let (first, second) = (children.next()?, children.next());
    let node = first.into_node().filter(|it| it.kind() == SIMPLE_COMMAND && second.is_none())?;
    Command::cast(node)
}

impl LeadingCd<'_> {
    /// Takes it away with its `&&`; `None` where a comment would go with it, or where the rest would be read as an
    /// array.
    pub fn edit(&self, ctx: &Context<'_>) -> Option<Edit> {
        let gone = TextRange::new(self.command.start(), self.next.start());
        let rest = ctx.slice(TextRange::new(self.next.start(), self.run.range().end()));
        let comment = ctx.slice(gone).lines().any(|it| it.trim_start().starts_with('#'));
        (!comment && !rest.starts_with(['[', '-', '<'])).then(|| Edit::delete(gone))
    }
}
