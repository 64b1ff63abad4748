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
        let ahead = self.rest().trim_start_matches([' ', '\t']);
        // `<(` is a word.
        scan::redirect_len(ahead) > 0 && !ahead.starts_with("<(") && !ahead.starts_with(">(")
    }

    fn simple(&mut self) -> Res {
        let start = self.pos;
        self.node(SIMPLE_COMMAND, |this| {
            let mut has_word = false;
            loop {
                if this.redirect_ahead() {
                    this.blanks();
                    this.redirect()?;
                    continue;
                }
                let ahead = this.rest().trim_start_matches([' ', '\t']);
                let here = this.pos == start;
                let Some(c) = ahead.chars().next() else { break };
                let glued = ahead.len() == this.rest().len();
                let substitution = ahead.starts_with("<(") || ahead.starts_with(">(");
                if (scan::ends_word(c) && !substitution) || (c == '#' && (here || !glued || this.after_blank())) {
                    break;
                }
                this.blanks();
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
        let rest = self.rest();
        self.take(WHITESPACE, rest.len() - rest.trim_start_matches([' ', '\t']).len());
    }

    fn assignment(&mut self) -> Res {
        self.node(ASSIGNMENT, |this| {
            this.take(ASSIGN_NAME, scan::assign_len(this.rest()));
            match this.peek() {
                Some('(') => this.array(),
                Some(c) if !scan::ends_word(c) => this.word(),
                _ => Ok(()),
            }
        })
    }

    pub(super) fn redirect(&mut self) -> Res {
        self.node(REDIRECT, |this| {
            this.take(REDIRECT_OP, scan::redirect_len(this.rest()));
            this.blanks();
            match this.peek() {
                Some(c) if !scan::ends_word(c) || this.at("<(") || this.at(">(") => this.word(),
                _ => this.err("a redirection without its target"),
            }
        })
    }
}
