//! Layout only, as edits on the gaps between significant tokens.
//!
//! Nothing is printed: what stands between two tokens is decided, and what the tokens say is not touched, but for the
//! case of keywords. A gap inside a word, heredoc bodies, directives, ONBUILD's text, shells that are not POSIX,
//! unknown instructions and instructions with errors are left byte for byte.

mod compound;
mod file;
mod gap;
mod instruction;
mod line_ends;
mod options;
mod page;
mod pragma;
mod shell;

use std::ops::ControlFlow;

use text_size::{TextRange, TextSize};

use file::File;
pub use options::{EndOfLine, Indent, Operators, Options};
use page::Page;
use pragma::Regions;

use crate::{
    syntax::{ErrorKind, Parse, SyntaxKind::UNKNOWN},
    text::{Edit, EditSet, LineEnding},
};

/// The layout of a part of a file, which stands or falls alone.
#[derive(Debug, Clone)]
pub struct Piece {
    /// The part: an instruction, or the whole file for what stands between the instructions.
    pub range: TextRange,
    /// Whether it is an instruction.
    pub is_instruction: bool,
    /// Its edits.
    pub edits: EditSet,
}

/// The edits that lay out a file: one piece for each instruction that changes, and one for what stands between them.
/// A file that BuildKit's parser refuses gets none.
pub fn format(parse: &Parse, text: &str, options: &Options) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let _: ControlFlow<()> = each_piece(parse, text, options, |piece| {
        pieces.push(piece);
        ControlFlow::Continue(())
    });
    pieces
}

/// Gives the pieces of a layout one by one, as they are worked out, until `take` has enough.
pub fn each_piece<B>(
    parse: &Parse,
    text: &str,
    options: &Options,
    mut take: impl FnMut(Piece) -> ControlFlow<B>,
) -> ControlFlow<B> {
    if parse.is_refused() {
        return ControlFlow::Continue(());
    }
    let eol = match options.end_of_line {
        EndOfLine::Auto => LineEnding::of(text).as_str(),
        EndOfLine::Lf => "\n",
        EndOfLine::CrLf => "\r\n",
    };
    let root = parse.placed();
    let regions = Regions::of(root);
    let gaps = file::stage_gaps(root, options);
    let end = TextRange::up_to((text.len() as u32).into()).end();
    // Both come in the order of the text. An instruction that only lacks a FROM above it can be read all the same.
    let mut errors = parse.errors().iter().filter(|it| !matches!(it.kind, ErrorKind::NoStage(_))).peekable();
    let mut page = Page::new(text, options, parse.escape(), eol);
    for it in root.children().filter(|it| it.kind().is_instruction()) {
        let range = it.text_range();
        let mut bad = false;
        while let Some(error) = errors.next_if(|it| it.range.start() < range.end() || range.end() == end) {
            bad |= range.start() <= error.range.start();
        }
        if regions.hold(range) {
            continue;
        }
        let mut edits = match bad || it.kind() == UNKNOWN {
            true => EditSet::default(),
            false => instruction::instruction(it, &mut page),
        };
        if gaps.binary_search(&range.start()).is_ok() {
            edits = led_by(eol, range.start(), &edits);
        }
        if options.end_of_line != EndOfLine::Auto {
            line_ends::of_instruction(it, eol, &mut edits);
        }
        if !edits.is_empty() {
            take(Piece { range, is_instruction: true, edits })?;
        }
    }
    let edits = File { root, text, regions: &regions, gaps: &gaps, options, eol }.edits();
    if !edits.is_empty() {
        take(Piece { range: TextRange::up_to(end), is_instruction: false, edits })?;
    }
    ControlFlow::Continue(())
}

/// Edits with a blank line before all that they do, at the place where the first of them may begin.
fn led_by(eol: &str, start: TextSize, edits: &EditSet) -> EditSet {
    let mut out = EditSet::default();
    let begins = edits.iter().next().is_some_and(|it| it.range.start() == start);
    let first = if begins { None } else { Some(Edit::insert(start, eol)) };
    for (i, edit) in first.into_iter().chain(edits.iter().cloned()).enumerate() {
        let insert = if i == 0 && begins { format!("{eol}{}", edit.insert) } else { edit.insert };
        // They come in order, as they did.
        let _ = out.push(Edit { range: edit.range, insert });
    }
    out
}
