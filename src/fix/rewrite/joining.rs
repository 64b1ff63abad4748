//! Putting one RUN behind another, in the style that the file has.

use std::rc::Rc;

use text_size::TextRange;

use super::removal::comments_above;
use crate::{
    fix::{Context, suppress},
    model::{Chain, Join, Shared, Stage, Value, forgets_writes, is_plain_shell},
    syntax::{
        SyntaxElement, SyntaxKind,
        SyntaxKind::*,
        SyntaxNode,
        ast::{Instruction, elements_above, tokens, trimmed_range},
        visit_tokens,
    },
    text::{Edit, EditSet},
};

/// The longest shell text that Linux hands to a program: one argument of 128 KiB with its NUL.
const MAX_ARGUMENT: usize = 131_071;

/// As long may a line be that grows, in characters; the layout has the same by default.
const MAX_WIDTH: usize = 120;

/// The shell text of a RUN that can be reasoned about: in shell form for a plain POSIX shell, read without an error,
/// without heredocs, and without what seems to be another instruction.
pub fn plain_run(ctx: &Context<'_>, stage: &Stage, at: usize) -> Option<Rc<Chain>> {
    let run = stage.instructions.get(at).filter(|it| it.kind() == RUN && ctx.sound(it) && !ctx.swallows(it))?;
    let run = ctx.model.run(run).filter(|it| !it.has_heredocs && is_plain_shell(stage.shell_at(at)))?;
    // A backslash at the very end would quote what is put behind it.
    if run.text.trim_end().ends_with('\\') {
        return None;
    }
    run.chain().map(Rc::clone)
}

/// Whether two RUNs have the same flags.
pub fn same_flags(a: &Instruction, b: &Instruction) -> bool {
    a.flags().map(|it| it.text()).eq(b.flags().map(|it| it.text()))
}

/// A RUN that may be put behind others, or have others put behind it.
#[derive(Debug)]
pub struct Joinable<'a> {
    /// Its place in its stage.
    pub at: usize,
    /// The RUN.
    pub run: &'a Instruction,
    /// Its shell text, read.
    pub chain: Rc<Chain>,
    /// The folder in which it runs.
    pub folder: Option<Value>,
    /// Whether something that it writes may be gone with it.
    forgets: bool,
}

impl<'a> Joinable<'a> {
    /// The RUN at a place of a stage, if it can be reasoned about.
    pub fn of(ctx: &Context<'_>, stage: &'a Stage, at: usize) -> Option<Joinable<'a>> {
        let chain = plain_run(ctx, stage, at)?;
        let run = stage.instructions.get(at)?;
        let forgets = forgets_writes(run, ctx.escape());
        Some(Joinable { at, run, chain, folder: ctx.folder_of(run).cloned(), forgets })
    }

    /// Adds what it leaves to the RUNs that are put behind it.
    pub fn share(&self, shared: &mut Shared) {
        shared.add(&self.chain, self.folder.as_ref());
    }

    /// How it is put behind RUNs that stand in a row right before it, the last of which is given, and what they all
    /// leave to it, so that it does the same as on its own.
    pub fn behind(&self, stage: &Stage, last: &Joinable<'_>, shared: &Shared) -> Option<Join> {
        if last.at + 1 != self.at {
            return None;
        }
        let with = last.chain.join(stage.shell_at(last.at))?;
        let same_set = || self.chain.leading_set().is_some() && self.chain.leading_set() == last.chain.leading_set();
        let fits = self.chain.is_and_only() || (with == Join::Semicolon && same_set());
        // A comment to a tool between the two is the author's word.
        let sound = fits && same_flags(last.run, self.run) && !last.forgets && shared.suits(&self.chain);
        (sound && what_goes(last.run, self.run).is_some()).then_some(with)
    }
}

/// Puts the script of `second` behind that of `first`, with the comments that stand right above it, and takes `second`
/// away. `None` where a comment speaks to a tool about `second` alone, or where the text grows too long for Linux.
pub fn join(ctx: &Context<'_>, first: &Instruction, second: &Instruction, with: Join) -> Option<EditSet> {
    join_all(ctx, first, &[(second, with)])
}

/// Like [`join`], but with the comments above both.
pub fn join_below_comments(
    ctx: &Context<'_>,
    first: &Instruction,
    second: &Instruction,
    with: Join,
) -> Option<EditSet> {
    let (comments, mut edits) = put_together(ctx, first, &[(second, with)], false)?;
    let comments: String = comments.iter().map(|it| format!("{it}{}", ctx.eol)).collect();
    if !comments.is_empty() {
        // What speaks to a tool stays right above what it speaks of.
        let above = comments_above(first).filter(|it| ctx.slice(*it).lines().any(suppress::is_pragma));
        let at = above.map_or(first.range().start(), |it| it.start());
        edits.push(Edit::insert(at, comments)).ok()?;
    }
    Some(edits)
}

/// Like [`join`], for any number of RUNs that follow each other: each is put behind those before it.
pub fn join_all(ctx: &Context<'_>, first: &Instruction, rest: &[(&Instruction, Join)]) -> Option<EditSet> {
    put_together(ctx, first, rest, true).map(|it| it.1)
}

/// Puts RUNs behind a first one, with the comments between them inside or not. Gives back those that are not.
fn put_together(
    ctx: &Context<'_>,
    first: &Instruction,
    rest: &[(&Instruction, Join)],
    inside: bool,
) -> Option<(Vec<String>, EditSet)> {
    let all: Vec<&Instruction> = std::iter::once(first).chain(rest.iter().map(|it| it.0)).collect();
    let style = Style::of(ctx, &all);
    let (mut edits, mut insert, mut outside) = (EditSet::default(), String::new(), Vec::new());
    for ((second, with), before) in rest.iter().zip(&all) {
        let script = second.script()?;
        let start = trimmed_range(script.syntax()).start();
        let (mut comments, gone) = what_goes(before, second)?;
        if !inside {
            outside.append(&mut comments);
        }
        let text = ctx.slice(TextRange::new(start, second.range().end()));
        insert.push_str(&behind(ctx, &style, *with, &comments, text));
        edits.push(Edit::delete(gone)).ok()?;
    }
    if ctx.slice(first.range()).len() + insert.len() > MAX_ARGUMENT {
        return None;
    }
    edits.push(at_end(ctx, first, insert)).ok()?;
    Some((outside, edits))
}

/// Puts commands behind the script of a RUN: on its line where it has but one and there is room, as its author would.
pub fn append(ctx: &Context<'_>, run: &Instruction, with: Join, text: &str) -> Edit {
    let on_line = on_line(with, text);
    let line = ctx.slice(run.range());
    if line.contains('\n') || line.chars().count() + on_line.chars().count() > MAX_WIDTH {
        return at_end(ctx, run, behind(ctx, &Style::of(ctx, &[run]), with, &[], text));
    }
    at_end(ctx, run, on_line)
}

/// Puts a command right behind one of a RUN's own, on a line of its own where the RUN has several.
pub fn put_behind(ctx: &Context<'_>, run: &Instruction, command: &SyntaxNode, with: Join, text: &str) -> Edit {
    let several = tokens(run.syntax()).any(|it| it.kind() == CONTINUATION);
    let insert = match several {
        true => behind(ctx, &Style::of(ctx, &[run]), with, &[], text),
        false => on_line(with, text),
    };
    Edit::insert(trimmed_range(command).end(), insert)
}

fn on_line(with: Join, text: &str) -> String {
    match with {
        Join::And => format!(" && {text}"),
        Join::Semicolon => format!("; {text}"),
    }
}

/// Commands as one chain in the style that the file has, each with the comments above it. Behind flags it begins on a
/// line of its own.
pub fn chain_text<'a>(
    ctx: &Context<'_>,
    run: &Instruction,
    commands: impl IntoIterator<Item = (&'a [String], &'a str)>,
) -> String {
    let Style { indent, leading } = Style::of(ctx, &[run]);
    let (escape, eol) = (ctx.escape(), ctx.eol);
    let mut text = String::new();
    for (nth, (comments, command)) in commands.into_iter().enumerate() {
        let comments: String = comments.iter().map(|it| format!("{indent}{it}{eol}")).collect();
        text.push_str(&match (nth, comments.is_empty(), leading) {
            (0, true, _) if run.flags().next().is_none() => String::new(),
            (0, _, _) => format!("{escape}{eol}{comments}{indent}"),
            (_, _, true) => format!(" {escape}{eol}{comments}{indent}&& "),
            (_, _, false) => format!(" && {escape}{eol}{comments}{indent}"),
        });
        // Lines on which a command goes on stand deeper than the command.
        text.push_str(&command.replace('\n', &format!("{eol}{indent}")));
    }
    text
}

/// What puts commands behind others, with comments above them.
fn behind(ctx: &Context<'_>, style: &Style, with: Join, comments: &[String], text: &str) -> String {
    let (escape, eol, indent) = (ctx.escape(), ctx.eol, &style.indent);
    let comments: String = comments.iter().map(|it| format!("{indent}{it}{eol}")).collect();
    match (with, style.leading) {
        (Join::And, true) => format!(" {escape}{eol}{comments}{indent}&& {text}"),
        (Join::And, false) => format!(" && {escape}{eol}{comments}{indent}{text}"),
        (Join::Semicolon, _) => format!("; {escape}{eol}{comments}{indent}{text}"),
    }
}

/// Inserts at the end of a RUN. Blanks that stand there go.
fn at_end(ctx: &Context<'_>, run: &Instruction, insert: String) -> Edit {
    let behind = ctx.slice(TextRange::new(run.range().end(), run.syntax().text_range().end()));
    let blanks = behind.len() - behind.trim_start_matches([' ', '\t']).len();
    // What stands behind the last word is blanks and a line break, so that its length fits.
    let blanks = u32::try_from(blanks).unwrap_or_default();
    Edit::replace(TextRange::at(run.range().end(), blanks.into()), insert)
}

/// The comments above an instruction that go with it, with those that stand in it before its first command, and the
/// range that goes. Where nothing but comments and blank lines stands between it and `first`, that is all of them; else
/// the comments right above it.
fn what_goes(first: &Instruction, second: &Instruction) -> Option<(Vec<String>, TextRange)> {
    let above = || elements_above(second.syntax());
    let loose = |it: &SyntaxElement| matches!(it.kind(), COMMENT_LINE | EMPTY_LINE);
    let adjacent = above().find(|it| !loose(it)).is_some_and(|it| it.as_node() == Some(first.syntax()));
    let going: Vec<SyntaxElement> = match adjacent {
        true => above().take_while(loose).collect(),
        false => above().take_while(|it| it.kind() == COMMENT_LINE).collect(),
    };
    let comments = going.iter().rev().filter(|it| it.kind() == COMMENT_LINE).map(|it| it.to_string());
    let comments: Vec<String> = comments.map(|it| it.trim().to_owned()).collect();
    if comments.iter().any(|it| suppress::is_pragma(it)) {
        return None;
    }
    let script = second.script().map_or(second.range().end(), |it| trimmed_range(it.syntax()).start());
    let before = tokens(second.syntax()).take_while(|it| it.text_range().start() < script);
    let inside = before.filter(|it| it.kind() == COMMENT_LINE).map(|it| it.text().trim().to_owned());
    let comments = comments.into_iter().chain(inside).collect();
    let mut gone = going.iter().fold(second.syntax().text_range(), |range, it| range.cover(it.text_range()));
    // Of two blank lines that would meet, one goes.
    let stays = above().nth(going.len()).is_none_or(|it| it.kind() == EMPTY_LINE);
    let below = second.syntax().next_sibling_or_token().filter(|it| it.kind() == EMPTY_LINE);
    if let Some(below) = below.filter(|_| stays) {
        gone = gone.cover(below.text_range());
    }
    Some((comments, gone))
}

/// How a RUN is written over several lines.
#[derive(Debug, Clone)]
pub(in crate::fix) struct Style {
    /// What stands before a line that goes on.
    pub(super) indent: String,
    /// Whether operators begin lines rather than end them.
    leading: bool,
}

impl Style {
    /// The style of the RUNs in question, where they break lines at operators; else the indentation of the lines on
    /// which they go on, with operators where other RUNs of the file have them; else all of that.
    pub(super) fn of(ctx: &Context<'_>, runs: &[&Instruction]) -> Style {
        let in_file = || {
            let all = ctx.model.stages.iter().flat_map(|it| &it.instructions).filter(|it| it.kind() == RUN);
            ctx.run_style.get_or_init(|| all.into_iter().find_map(|it| Style::at_operators(ctx, it))).clone()
        };
        let own = runs.iter().find_map(|it| Style::at_operators(ctx, it));
        let any = || runs.iter().find_map(|it| Style::at_any_break(ctx, it));
        let style = own.or_else(|| match (any(), in_file()) {
            // Operands often stand deeper than operators do.
            (Some(own), Some(file)) if !file.indent.is_empty() && own.indent.len() >= 2 * file.indent.len() => {
                Some(file)
            }
            (Some(own), Some(file)) => Some(Style { leading: file.leading, ..own }),
            (own, file) => own.or(file),
        });
        style.unwrap_or(Style { indent: "    ".to_owned(), leading: true })
    }

    /// The style of the first break at `&&` or `||`, or else behind `;`.
    fn at_operators(ctx: &Context<'_>, run: &Instruction) -> Option<Style> {
        let mut all: Vec<(SyntaxKind, TextRange)> = Vec::new();
        visit_tokens(run.syntax(), |kind, range, _| {
            all.extend((kind != WHITESPACE).then_some((kind, range)));
            true
        });
        let kind = |at: usize| -> Option<SyntaxKind> { all.get(at).map(|it| it.0) };
        let at = |operators: &[SyntaxKind]| {
            let is_one = |at: usize| kind(at).is_some_and(|it| operators.contains(&it));
            (0..all.len()).filter(|it| kind(*it) == Some(CONTINUATION)).find_map(|i| {
                let (leading, trailing) = (is_one(i + 1), is_one(i.wrapping_sub(1)));
                let (_, range) = all.get(i).filter(|_| leading || trailing)?;
                Some(Style { indent: indent_behind(ctx, run, *range), leading })
            })
        };
        at(&[AND_IF, OR_IF]).or_else(|| at(&[SEMI]))
    }

    /// The style of a line break between words, unless they are aligned far to the right.
    fn at_any_break(ctx: &Context<'_>, run: &Instruction) -> Option<Style> {
        let first = tokens(run.syntax()).find(|it| it.kind() == CONTINUATION)?;
        let indent = indent_behind(ctx, run, first.text_range());
        (1..=8).contains(&indent.len()).then_some(Style { indent, leading: true })
    }
}

/// The blanks with which the line behind a continuation begins.
pub(super) fn indent_behind(ctx: &Context<'_>, run: &Instruction, continuation: TextRange) -> String {
    let line = ctx.slice(TextRange::new(continuation.end(), run.syntax().text_range().end()));
    line.chars().take_while(|it| matches!(it, ' ' | '\t')).collect()
}
