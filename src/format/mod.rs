//! Layout only, as edits on the gaps between significant tokens.
//!
//! Nothing is printed: what stands between two tokens is decided, and what the tokens say is not touched, but for the
//! case of keywords. A gap inside a word, heredoc bodies, directives, ONBUILD's text, shells that are not POSIX,
//! unknown instructions and instructions with errors are left byte for byte.

mod file;
mod gap;
mod instruction;
mod options;
mod page;
mod shell;

use text_size::TextRange;

pub use options::{EndOfLine, Indent, Operators, Options};

use crate::{
    syntax::{ErrorKind, Parse, SyntaxKind::UNKNOWN},
    text::{EditSet, LineEnding},
};

/// The layout of a part of a file, which stands or falls alone.
#[derive(Debug, Clone)]
pub struct Piece {
    /// The part: an instruction, or the whole file for what stands between the instructions.
    pub range: TextRange,
    /// Its edits.
    pub edits: EditSet,
}

/// The edits that lay out a file: one piece for each instruction that changes, and one for what stands between them.
/// A file that BuildKit's parser refuses gets none.
pub fn format(parse: &Parse, text: &str, options: &Options) -> Vec<Piece> {
    if parse.is_refused() {
        return Vec::new();
    }
    let eol = match options.end_of_line {
        EndOfLine::Auto => LineEnding::of(text).as_str(),
        EndOfLine::Lf => "\n",
        EndOfLine::CrLf => "\r\n",
    };
    let mut pieces = Vec::new();
    let end = TextRange::up_to((text.len() as u32).into()).end();
    // Both come in the order of the text. An instruction that only lacks a FROM above it can be read all the same.
    let mut errors = parse.errors().iter().filter(|it| !matches!(it.kind, ErrorKind::NoStage(_))).peekable();
    for it in parse.file().instructions() {
        let range = it.syntax().text_range();
        let mut bad = false;
        while let Some(error) = errors.next_if(|it| it.range.start() < range.end() || range.end() == end) {
            bad |= range.start() <= error.range.start();
        }
        if bad || it.kind() == UNKNOWN {
            continue;
        }
        let edits = instruction::instruction(&it, options, parse.escape(), eol);
        if !edits.is_empty() {
            pieces.push(Piece { range, edits });
        }
    }
    let edits = file::file(parse, text, options, eol);
    if !edits.is_empty() {
        pieces.push(Piece { range: TextRange::up_to((text.len() as u32).into()), edits });
    }
    pieces
}
