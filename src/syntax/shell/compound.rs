//! Compound commands.

use super::{Res, Shell, SyntaxKind::*, scan};

impl Shell<'_, '_> {
    /// Takes a compound command if one begins here; says whether one did.
    pub(super) fn compound(&mut self) -> Res<bool> {
        if let Some(len) = scan::arithmetic_len(self.rest(), 0) {
            self.node(ARITH_CLAUSE, |this| {
                this.take(ARITH_COMMAND, len);
                Ok(())
            })?;
            return Ok(true);
        }
        if self.peek() == Some(b'(') {
            self.node(SUBSHELL, Self::subshell)?;
            return Ok(true);
        }
        match scan::reserved(self.rest()) {
            Some("{") => self.node(BRACE_GROUP, |this| {
                this.reserved("{")?;
                this.body("}")
            })?,
            Some("if") => self.node(IF_CLAUSE, Self::if_clause)?,
            Some("while" | "until") => self.node(WHILE_CLAUSE, |this| {
                let len = 5;
                this.take(RESERVED, len);
                this.body("do")?;
                this.body("done")
            })?,
            Some("for" | "select") => self.node(FOR_CLAUSE, Self::for_clause)?,
            Some("case") => self.node(CASE_CLAUSE, Self::case_clause)?,
            Some("[[") => self.node(COND_COMMAND, Self::cond)?,
            Some("function") => self.node(FUNCTION_DEF, Self::function)?,
            Some("!") | None if self.is_function() => self.node(FUNCTION_DEF, Self::function)?,
            Some("in") | None => return Ok(false),
            Some(_) => {
                return self.err("a word of the shell's grammar where a command should begin");
            }
        }
        Ok(true)
    }

    fn reserved(&mut self, word: &'static str) -> Res {
        if scan::reserved(self.rest()) != Some(word) {
            return self.err(match word {
                "fi" => "`if` without its `fi`",
                "then" => "`if` without its `then`",
                "do" => "a loop without its `do`",
                "done" => "a loop without its `done`",
                "esac" => "`case` without its `esac`",
                "in" => "`in` is missing",
                _ => "`{` without its `}`",
            });
        }
        self.take(RESERVED, word.len());
        Ok(())
    }

    /// Commands, and then the word that ends them.
    fn body(&mut self, end: &'static str) -> Res {
        self.space();
        self.list()?;
        self.space();
        self.reserved(end)
    }

    fn subshell(&mut self) -> Res {
        self.take(L_PAREN, 1);
        self.space();
        self.list()?;
        self.space();
        if !self.at(")") {
            return self.err("`(` without its `)`");
        }
        self.take(R_PAREN, 1);
        Ok(())
    }

    fn if_clause(&mut self) -> Res {
        self.reserved("if")?;
        self.body("then")?;
        loop {
            self.space();
            self.list()?;
            self.space();
            match scan::reserved(self.rest()) {
                Some("elif") => {
                    self.take(RESERVED, 4);
                    self.body("then")?;
                }
                Some("else") => {
                    self.take(RESERVED, 4);
                    return self.body("fi");
                }
                _ => return self.reserved("fi"),
            }
        }
    }

    fn for_clause(&mut self) -> Res {
        let len = scan::reserved(self.rest()).map_or(0, str::len);
        self.take(RESERVED, len);
        self.space();
        if self.at("((") {
            match scan::balanced_len(self.rest(), 0) {
                Some(len) => self.take(ARITH_COMMAND, len),
                None => return self.err("`((` without its `))`"),
            }
        } else {
            match scan::name_len(self.rest()) {
                0 => return self.err("`for` without the name of a variable"),
                len => self.take(NAME, len),
            }
            if scan::reserved(self.ahead()) == Some("in") {
                self.space();
                self.take(RESERVED, 2);
                self.for_words()?;
            }
        }
        self.space();
        if self.at(";") {
            self.take(SEMI, 1);
            self.space();
        }
        self.reserved("do")?;
        self.body("done")
    }

    fn for_words(&mut self) -> Res {
        while let Some(&byte) = self.ahead().as_bytes().first() {
            let glued = self.ahead().len() == self.rest().len();
            if self.newline_ahead() || glued || scan::ends_word(byte) {
                break;
            }
            self.space();
            self.word()?;
        }
        Ok(())
    }

    fn case_clause(&mut self) -> Res {
        self.reserved("case")?;
        self.space();
        self.word()?;
        self.space();
        self.reserved("in")?;
        loop {
            self.space();
            if scan::reserved(self.rest()) == Some("esac") {
                return self.reserved("esac");
            }
            self.node(CASE_ITEM, Self::case_item)?;
        }
    }

    fn case_item(&mut self) -> Res {
        if self.at("(") {
            self.take(L_PAREN, 1);
            self.space();
        }
        loop {
            self.word()?;
            let ahead = self.ahead();
            if ahead.starts_with('|') {
                self.space();
                self.take(PIPE, 1);
                self.space();
            } else if ahead.starts_with(')') {
                self.space();
                self.take(R_PAREN, 1);
                break;
            } else {
                return self.err("a pattern of `case` without its `)`");
            }
        }
        if !self.list_ends() {
            self.space();
            self.list()?;
        }
        let ahead = self.ahead();
        let len = [";;&", ";;", ";&"].into_iter().find(|it| ahead.starts_with(it)).map_or(0, str::len);
        if len > 0 {
            self.space();
            self.take(CASE_END, len);
        } else if scan::reserved(ahead) != Some("esac") {
            return self.err("an item of `case` without its `;;`");
        }
        Ok(())
    }

    /// `[[ … ]]`, whose operators are words of their own grammar.
    fn cond(&mut self) -> Res {
        self.reserved("[[")?;
        let mut regex = false;
        loop {
            self.space();
            let rest = self.rest();
            if rest.is_empty() {
                return self.err("`[[` without its `]]`");
            }
            if rest.starts_with("]]") && rest[2..].bytes().next().is_none_or(scan::ends_word) {
                self.take(RESERVED, 2);
                return Ok(());
            }
            if regex {
                // A regular expression ends at the next blank.
                let len = rest.find([' ', '\t', '\n']).unwrap_or(rest.len());
                if rest[..len].contains(['\'', '"', '$', '`', '\\']) {
                    self.node(WORD, |this| this.regex())?;
                } else {
                    self.node(WORD, |this| {
                        this.take(LITERAL, len);
                        Ok(())
                    })?;
                }
                regex = false;
                continue;
            }
            let two = ["&&", "||"].into_iter().any(|it| rest.starts_with(it));
            match rest.chars().next() {
                _ if two => self.take(RESERVED, 2),
                Some('(' | ')' | '<' | '>') => self.take(RESERVED, 1),
                _ => {
                    regex = rest.starts_with("=~") && rest[2..].starts_with([' ', '\t']);
                    self.word()?;
                }
            }
        }
    }

    /// A regular expression with quotes or expansions in it.
    fn regex(&mut self) -> Res {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\n' => break,
                _ if scan::ends_word(byte) => self.take(LITERAL, 1),
                _ => self.pieces()?,
            }
        }
        Ok(())
    }

    /// Whether `name ()` stands here.
    fn is_function(&self) -> bool {
        let rest = self.rest();
        let len = scan::len_before(rest, |it| scan::ends_piece(it) || it == b'=');
        if len == 0 {
            return false;
        }
        let behind = &rest[len..];
        let behind = behind[scan::blanks_len(behind)..].strip_prefix('(');
        behind.is_some_and(|it| it[scan::blanks_len(it)..].starts_with(')'))
    }

    fn function(&mut self) -> Res {
        if scan::reserved(self.rest()) == Some("function") {
            self.take(RESERVED, 8);
            self.space();
        }
        self.take(NAME, scan::len_before(self.rest(), scan::ends_word));
        if self.ahead().starts_with('(') {
            self.space();
            self.take(L_PAREN, 1);
            self.space();
            if !self.at(")") {
                return self.err("`(` without its `)`");
            }
            self.take(R_PAREN, 1);
        }
        self.space();
        self.nest(|this| if this.compound()? { Ok(()) } else { this.err("a function without a body") })
    }
}
