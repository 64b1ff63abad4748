//! Simple commands, redirections, assignments.

use super::{Res, Shell, SyntaxKind::*, scan};

impl Shell<'_, '_> {
    pub(super) fn command(&mut self) -> Res {
        self.nest(|this| {
            if this.compound()? {
                while this.redirect_ahead() {
                    this.space();
                    this.redirect()?;
                }
                return Ok(());
            }
            this.simple()
        })
    }

    /// Whether a redirection follows on the same line.
    fn redirect_ahead(&self) -> bool {
        scan::begins_redirect(&self.rest()[scan::blanks_len(self.rest())..])
    }

    fn simple(&mut self) -> Res {
        let start = self.pos;
        self.node(SIMPLE_COMMAND, |this| {
            let mut has_word = false;
            loop {
                let blanks = scan::blanks_len(this.rest());
                let ahead = &this.rest()[blanks..];
                if scan::begins_redirect(ahead) {
                    this.take(WHITESPACE, blanks);
                    this.redirect()?;
                    continue;
                }
                let here = this.pos == start;
                let Some(&byte) = ahead.as_bytes().first() else { break };
                let comment = byte == b'#' && (here || blanks > 0 || this.after_blank());
                if comment || (scan::ends_word(byte) && !scan::is_substitution(ahead)) {
                    break;
                }
                this.take(WHITESPACE, blanks);
                if !has_word && scan::assign_len(this.rest()) > 0 {
                    this.assignment()?;
                } else {
                    this.word()?;
                    has_word = true;
                }
            }
            if this.pos == start { this.err("a command is missing") } else { Ok(()) }
        })
    }

    fn blanks(&mut self) {
        self.take(WHITESPACE, scan::blanks_len(self.rest()));
    }

    fn assignment(&mut self) -> Res {
        self.node(ASSIGNMENT, |this| {
            this.take(ASSIGN_NAME, scan::assign_len(this.rest()));
            match this.peek() {
                Some(b'(') => this.array(),
                Some(it) if !scan::ends_word(it) => this.word(),
                _ => Ok(()),
            }
        })
    }

    pub(super) fn redirect(&mut self) -> Res {
        self.node(REDIRECT, |this| {
            this.take(REDIRECT_OP, scan::redirect_len(this.rest()));
            this.blanks();
            match this.peek() {
                Some(it) if !scan::ends_word(it) || scan::is_substitution(this.rest()) => this.word(),
                _ => this.err("a redirection without its target"),
            }
        })
    }
}
