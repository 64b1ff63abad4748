//! Words and their pieces.

use super::{Res, Shell, SyntaxKind::*, scan};

impl Shell<'_, '_> {
    /// Takes a word. The caller has seen that one begins here.
    pub(super) fn word(&mut self) -> Res {
        self.node(WORD, Self::pieces)
    }

    /// The pieces of a word up to a character that ends it.
    pub(super) fn pieces(&mut self) -> Res {
        let start = self.pos;
        while let Some(byte) = self.peek() {
            match byte {
                b'<' | b'>' if scan::is_substitution(self.rest()) => {
                    self.node(PROCESS_SUBST, |this| this.substitution(L_PAREN))?;
                }
                b'(' if self.pos > start && self.src[..self.pos].ends_with('=') => self.array()?,
                b'(' if self.pos > start && self.src[..self.pos].ends_with(['@', '!', '?', '*', '+']) => {
                    let Some(len) = scan::balanced_len(self.rest(), 0) else {
                        return self.err("a pattern without its `)`");
                    };
                    self.take(EXTGLOB, len);
                }
                _ if scan::ends_word(byte) => break,
                _ => self.piece()?,
            }
        }
        if self.pos == start { self.err("a word is missing") } else { Ok(()) }
    }

    /// One piece that is no operator.
    fn piece(&mut self) -> Res {
        let rest = self.rest();
        match self.peek() {
            Some(b'\'') => match scan::quoted_len(rest, 1, '\'', false) {
                Some(len) => self.take(SINGLE_QUOTED, len),
                None => return self.err("a single quote that is not closed"),
            },
            Some(b'"') => self.node(DOUBLE_QUOTED, Self::double_quoted)?,
            Some(b'\\') => self.escape(),
            Some(b'$') if rest.starts_with("$'") => match scan::quoted_len(rest, 2, '\'', true) {
                Some(len) => self.take(ANSI_QUOTED, len),
                None => return self.err("a single quote that is not closed"),
            },
            Some(b'$') => self.dollar(false)?,
            Some(b'`') => self.backticks()?,
            _ => self.literal(scan::ends_piece),
        }
        Ok(())
    }

    fn escape(&mut self) {
        let next = self.rest()[1..].chars().next();
        match next {
            Some(c) => self.take(ESCAPED, 1 + c.len_utf8()),
            None => self.take(LITERAL, 1),
        }
    }

    fn literal(&mut self, ends: impl Fn(u8) -> bool) {
        self.take(LITERAL, scan::len_before(self.rest(), ends));
    }

    fn backticks(&mut self) -> Res {
        match scan::quoted_len(self.rest(), 1, '`', true) {
            Some(len) => {
                self.take(BACKTICKS, len);
                Ok(())
            }
            None => self.err("a backtick that is not closed"),
        }
    }

    fn double_quoted(&mut self) -> Res {
        let open = self.pos;
        self.take(DQUOTE, 1);
        loop {
            match self.peek() {
                None => {
                    self.pos = open;
                    return self.err("a double quote that is not closed");
                }
                Some(b'"') => {
                    self.take(DQUOTE, 1);
                    return Ok(());
                }
                Some(b'\\') => {
                    let quotes = self.rest()[1..].starts_with(['$', '`', '"', '\\']);
                    if quotes {
                        self.escape();
                    } else {
                        self.take(LITERAL, 1);
                    }
                }
                Some(b'$') => self.dollar(true)?,
                Some(b'`') => self.backticks()?,
                Some(_) => self.literal(|it| matches!(it, b'"' | b'\\' | b'$' | b'`')),
            }
        }
    }

    /// What begins with `$`, in double quotes or not.
    fn dollar(&mut self, quoted: bool) -> Res {
        let rest = self.rest();
        if let Some(len) = scan::arithmetic_len(rest, 1) {
            self.take(ARITHMETIC, len);
        } else if rest.starts_with("$(") {
            self.node(COMMAND_SUBST, |this| this.substitution(DOLLAR_PAREN))?;
        } else if rest.starts_with("${") {
            match scan::parameter_len(rest, quoted) {
                Some(len) => self.take(PARAMETER, len),
                None => return self.err("`${` without its `}`"),
            }
        } else {
            let name = &rest[1..];
            let len = match scan::name_len(name) {
                0 if name.starts_with(|c: char| c.is_ascii_digit() || "@*#?-$!".contains(c)) => 1,
                len => len,
            };
            self.take(if len == 0 { LITERAL } else { PARAMETER }, 1 + len);
        }
        Ok(())
    }

    /// `$( … )`, `<( … )` or `>( … )`.
    fn substitution(&mut self, open: super::SyntaxKind) -> Res {
        self.take(open, 2);
        self.nest(|this| {
            this.space();
            if !this.at(")") {
                this.list()?;
                this.space();
            }
            if !this.at(")") {
                return this.err("a substitution without its `)`");
            }
            this.take(R_PAREN, 1);
            Ok(())
        })
    }

    /// `( … )` behind an assignment's `=`.
    pub(super) fn array(&mut self) -> Res {
        self.node(ARRAY, |this| this.nest(Self::elements))
    }

    fn elements(&mut self) -> Res {
        self.take(L_PAREN, 1);
        loop {
            self.space();
            match self.peek() {
                Some(b')') => {
                    self.take(R_PAREN, 1);
                    return Ok(());
                }
                Some(_) => self.word()?,
                None => return self.err("an array without its `)`"),
            }
        }
    }
}
