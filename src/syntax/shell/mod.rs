//! POSIX shell with the common forms of bash and busybox, read from the joined text of an instruction.
//!
//! A text that this grammar cannot read with certainty becomes one ERROR node: half a shell tree would be worse than
//! none for whoever edits by it.

mod command;
mod compound;
mod scan;
mod word;

use super::{
    SyntaxKind::{self, *},
    cursor::Cursor,
    events::Events,
};

/// What cannot be read, and where: an offset in the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ShellError {
    pub(crate) at: usize,
    pub(crate) message: &'static str,
}

type Res<T = ()> = Result<T, ShellError>;

/// Commands and substitutions may nest so deep.
const MAX_DEPTH: usize = 100;

/// Takes `script`, with which the rest of `cursor` begins, as a SCRIPT node, or as an ERROR node.
pub(crate) fn script(cursor: &mut Cursor<'_>, script: &str) -> Res {
    let mark = cursor.events.mark();
    let mut shell = Shell { src: script, pos: 0, depth: 0, events: cursor.events };
    let result = shell.script();
    if result.is_err() {
        cursor.events.truncate(mark);
        cursor.events.start(ERROR);
        cursor.events.token(TEXT, script.len());
        cursor.events.finish();
    }
    cursor.skip(script.len());
    result
}

/// The reader. Every method takes what it reads and leaves `pos` behind it.
struct Shell<'a, 'e> {
    src: &'a str,
    pos: usize,
    depth: usize,
    events: &'e mut Events,
}

impl<'a> Shell<'a, '_> {
    fn rest(&self) -> &'a str {
        &self.src[self.pos..]
    }

    /// The next byte, which is all of the next character or its beginning.
    fn peek(&self) -> Option<u8> {
        self.src.as_bytes().get(self.pos).copied()
    }

    fn at(&self, prefix: &str) -> bool {
        self.rest().starts_with(prefix)
    }

    fn err<T>(&self, message: &'static str) -> Res<T> {
        Err(ShellError { at: self.pos, message })
    }

    fn take(&mut self, kind: SyntaxKind, len: usize) {
        self.events.token(kind, len);
        self.pos += len;
    }

    fn node(&mut self, kind: SyntaxKind, body: impl FnOnce(&mut Self) -> Res) -> Res {
        self.events.start(kind);
        body(self)?;
        self.events.finish();
        Ok(())
    }

    /// Runs `body` one level deeper.
    fn nest(&mut self, body: impl FnOnce(&mut Self) -> Res) -> Res {
        if self.depth >= MAX_DEPTH {
            return self.err("nested too deep");
        }
        self.depth += 1;
        let result = body(self);
        self.depth -= 1;
        result
    }

    /// The text behind blanks, line breaks and comments, without taking them.
    fn ahead(&self) -> &'a str {
        let mut rest = self.rest();
        loop {
            let trimmed = &rest[scan::space_len(rest)..];
            if !trimmed.starts_with('#') || (trimmed.len() == rest.len() && self.pos > 0 && !self.after_blank()) {
                return trimmed;
            }
            rest = &trimmed[trimmed.find('\n').unwrap_or(trimmed.len())..];
        }
    }

    /// Whether what was taken last ends a word, so that `#` begins a comment here.
    fn after_blank(&self) -> bool {
        let before = &self.src.as_bytes()[..self.pos];
        matches!(before, [.., b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'(' | b')'])
    }

    /// Takes blanks, line breaks and a comment.
    fn space(&mut self) {
        loop {
            self.take(WHITESPACE, scan::space_len(self.rest()));
            if !(self.peek() == Some(b'#') && (self.pos == 0 || self.after_blank())) {
                return;
            }
            let rest = self.rest();
            let len = rest.find('\n').unwrap_or(rest.len());
            self.take(SHELL_COMMENT, rest[..len].trim_end_matches([' ', '\t']).len());
        }
    }

    fn script(&mut self) -> Res {
        self.node(SCRIPT, |this| {
            this.space();
            if !this.rest().is_empty() {
                this.list()?;
            }
            this.space();
            if this.rest().is_empty() { Ok(()) } else { this.err("a word that no command takes") }
        })
    }

    /// Commands up to a word or an operator that ends them, which the caller expects.
    fn list(&mut self) -> Res {
        self.node(LIST, |this| {
            loop {
                this.and_or()?;
                let ahead = this.ahead();
                let newline = this.newline_ahead();
                let separator = match ahead.as_bytes() {
                    [b';', b';' | b'&', ..] | [b'&', b'&', ..] => None,
                    [b';', ..] => Some(SEMI),
                    [b'&', ..] => Some(AMP),
                    _ => None,
                };
                if let Some(kind) = separator.filter(|_| !newline) {
                    this.space();
                    this.take(kind, 1);
                } else if !newline {
                    return Ok(());
                }
                if this.list_ends() {
                    return Ok(());
                }
                this.space();
            }
        })
    }

    /// Whether a line break stands before the next token: it separates commands as `;` does.
    fn newline_ahead(&self) -> bool {
        let rest = self.rest();
        let behind = &rest[..rest.len() - self.ahead().len()];
        behind.bytes().any(|it| it == b'\n')
    }

    /// Whether what is ahead cannot begin a command of this list.
    fn list_ends(&self) -> bool {
        let ahead = self.ahead();
        if matches!(ahead.as_bytes(), [] | [b')', ..] | [b';', b';' | b'&', ..]) {
            return true;
        }
        scan::reserved(ahead)
            .is_some_and(|it| matches!(it, "then" | "else" | "elif" | "fi" | "do" | "done" | "esac" | "}"))
    }

    fn and_or(&mut self) -> Res {
        self.node(AND_OR, |this| {
            this.pipeline()?;
            loop {
                let ahead = this.ahead();
                let kind = match ahead.as_bytes() {
                    [b'&', b'&', ..] => AND_IF,
                    [b'|', b'|', ..] => OR_IF,
                    _ => return Ok(()),
                };
                if this.newline_ahead() {
                    return Ok(());
                }
                this.space();
                this.take(kind, 2);
                this.space();
                this.pipeline()?;
            }
        })
    }

    fn pipeline(&mut self) -> Res {
        self.node(PIPELINE, |this| {
            while this.peek() == Some(b'!') && scan::reserved(this.rest()) == Some("!") {
                this.take(RESERVED, 1);
                this.space();
            }
            this.command()?;
            loop {
                let ahead = this.ahead();
                if !ahead.starts_with('|') || ahead[1..].starts_with('|') || this.newline_ahead() {
                    return Ok(());
                }
                this.space();
                let len = if this.at("|&") { 2 } else { 1 };
                this.take(PIPE, len);
                this.space();
                this.command()?;
            }
        })
    }
}
