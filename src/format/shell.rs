//! The layout of shell text: lists, pipelines, compound commands.

use std::ops::Range;

use text_size::TextSize;

use super::{
    Operators,
    gap::{Place, Want},
    page::{Page, spreads},
};
use crate::syntax::{BlanksThatCount, Part, Placed, SyntaxKind::*};

/// Where something stands.
#[derive(Debug, Clone, Copy)]
struct Spot {
    /// The column at which it begins.
    column: usize,
    /// The level at which a compound command closes and at which the items of a list stand.
    own: usize,
    /// The level of `&&` and `||` that lead its lines.
    operators: usize,
    /// The level of `|` that leads its lines.
    pipes: usize,
    /// The level of the words that its author put on lines of their own.
    words: usize,
    /// Whether it is part of a chain that stays as it is, however wide.
    flat: bool,
}

/// Whether a command has a word that opens it and another that closes it.
fn is_compound(node: Placed<'_>) -> bool {
    matches!(node.kind(), SUBSHELL | BRACE_GROUP | IF_CLAUSE | FOR_CLAUSE | WHILE_CLAUSE | CASE_CLAUSE | FUNCTION_DEF)
}

/// The outermost substitutions over lines in a node.
fn spread_in(node: Placed<'_>) -> Vec<Placed<'_>> {
    let mut found = Vec::new();
    for child in node.children() {
        match spreads(child) {
            true => found.push(child),
            false => found.append(&mut spread_in(child)),
        }
    }
    found
}

impl Page<'_> {
    /// Lays out a script that begins on a line of `level`; 0 is the line of the keyword.
    pub(super) fn script(&mut self, script: Placed<'_>, level: usize) {
        let Some(list) = script.children().find(|it| it.kind() == LIST) else { return };
        let column = self.column(self.first_of(list));
        let own = level.max(1);
        self.list(list, Spot { column, own, operators: own, pipes: own, words: level + 1, flat: false });
    }

    fn column_of(&self, level: usize) -> usize {
        Place::level(level).width(self.options)
    }

    /// Commands separated by `;` and `&`. The first stands where the caller put it, the others, if the list is broken,
    /// at the spot's own level.
    fn list(&mut self, list: Placed<'_>, spot: Spot) {
        let many = list.children().count() > 1;
        let broken = many && (self.broken(list) || self.too_wide(list, spot.column));
        let mut column = spot.column;
        let mut first = true;
        // Whether the last item's words were put on lines of their own.
        let mut spread = false;
        for child in list.parts().filter(|it| !it.kind().is_trivia()) {
            let at = self.first(child);
            match child {
                Part::Node(item) => {
                    if !first {
                        let want = if broken { Want::Break } else { Want::Blank };
                        self.gap(at).want(want, Place::level(spot.own));
                        column = if broken { self.column_of(spot.own) } else { column };
                    }
                    first = false;
                    spread = self.broken(item);
                    let words = if many { spot.own + 1 } else { spot.words };
                    let pipes = if many { spot.own + 1 } else { spot.pipes };
                    self.and_or(item, Spot { column, pipes, words, flat: false, ..spot });
                }
                Part::Token(token) => match token.kind() {
                    // A `;` on a line of its own ends a list of words; one that leads a line goes back to where it
                    // ends.
                    SEMI if self.broken_at(at) && (spread || self.broken_at(at + 1)) => {
                        self.gap(at).want(Want::Break, Place::level(spot.own));
                    }
                    SEMI => self.gap(at).want(Want::Nothing, Place::level(spot.own)),
                    AMP => self.gap(at).want(Want::Blank, Place::level(spot.own)),
                    _ => {}
                },
            }
        }
    }

    fn and_or(&mut self, node: Placed<'_>, spot: Spot) {
        self.chain(node, spot, &mut |page, child, spot| page.pipeline(child, spot));
    }

    fn pipeline(&mut self, node: Placed<'_>, spot: Spot) {
        for token in node.parts().filter(|it| it.kind() == RESERVED) {
            // `!` stands first; what follows it is a command.
            let at = self.first(token) + 1;
            self.gap(at).want(Want::Blank, Place::level(spot.words));
        }
        self.chain(node, spot, &mut |page, child, spot| match child.kind() {
            REDIRECT => {
                let at = page.first_of(child);
                page.keep_close(at, Place::level(spot.words));
                page.words(child, spot.own, spot.words);
            }
            _ => page.command(child, spot),
        });
    }

    /// Operands joined by operators of one level.
    fn chain(&mut self, node: Placed<'_>, spot: Spot, operand: &mut dyn FnMut(&mut Self, Placed<'_>, Spot)) {
        let is_operator = |it: Part<'_>| matches!(it.kind(), AND_IF | OR_IF | PIPE);
        if !node.parts().any(is_operator) {
            for child in node.children() {
                operand(self, child, spot);
            }
            return;
        }
        let broken = self.chain_broken(node, spot);
        let level = if node.kind() == PIPELINE { spot.pipes } else { spot.operators };
        let deeper = level + 1;
        let inner = match broken {
            true => {
                Spot { column: spot.column, own: level, operators: deeper, pipes: deeper, words: deeper, flat: false }
            }
            false => Spot { column: 0, flat: true, ..spot },
        };
        let mut column = inner.column;
        // The first operand stands where the whole stands, and so does what closes it.
        let mut own = spot.own;
        for child in node.parts().filter(|it| !it.kind().is_trivia()) {
            match child {
                Part::Node(child) => {
                    operand(self, child, Spot { column, own, ..inner });
                    own = inner.own;
                }
                Part::Token(token) if is_operator(Part::Token(token)) => {
                    let at = self.first(Part::Token(token));
                    self.operator(at, broken, Place::level(level));
                    if broken {
                        column = self.column_of(level) + 3;
                    }
                }
                Part::Token(_) => {}
            }
        }
    }

    /// Whether operands are to be broken at their operators. The lines of a compound command are its own affair: `}` or
    /// `done` closes the last of them, and `| tee` or `|| {` goes on from there.
    fn chain_broken(&self, node: Placed<'_>, spot: Spot) -> bool {
        match self.breaks_in_compounds(node) {
            0 => self.broken(node) || (!spot.flat && self.too_wide(node, spot.column)),
            inside => self.breaks_in(node) > inside,
        }
    }

    /// How many lines the author broke inside the compound commands and substitutions of the operands.
    fn breaks_in_compounds(&self, node: Placed<'_>) -> usize {
        let of = |it: Placed<'_>| match it.kind() {
            PIPELINE => self.breaks_in_compounds(it),
            _ if is_compound(it) => self.breaks_in(it),
            _ if self.breaks_in(it) > 0 => spread_in(it).into_iter().map(|it| self.breaks_in(it)).sum(),
            _ => 0,
        };
        node.children().map(of).sum()
    }

    /// The gaps on both sides of an operator. Comments go with the operand behind it.
    fn operator(&mut self, at: usize, broken: bool, place: Place) {
        if !broken {
            self.gap(at).want(Want::Blank, place);
            self.gap(at + 1).want(Want::Blank, place);
            return;
        }
        if self.gap(at).frozen || self.gap(at + 1).frozen {
            self.blank_or_break(at, place);
            self.blank_or_break(at + 1, place);
            return;
        }
        let leads = match self.options.operators {
            Operators::Leading => true,
            Operators::Trailing => false,
            Operators::Preserve => self.broken_at(at) || !self.broken_at(at + 1),
        };
        let (to, from) = if leads { (at, at + 1) } else { (at + 1, at) };
        let moved = std::mem::take(&mut self.gap(from).lines);
        let lines = &mut self.gap(to).lines;
        // The lines of two gaps that stand beside each other are so as well.
        *lines = if Range::is_empty(lines) {
            moved
        } else if moved.is_empty() {
            lines.clone()
        } else {
            lines.start.min(moved.start)..lines.end.max(moved.end)
        };
        self.gap(to).want(Want::Break, place);
        self.gap(from).want(Want::Blank, place);
    }

    fn command(&mut self, node: Placed<'_>, spot: Spot) {
        match node.kind() {
            SIMPLE_COMMAND | COND_COMMAND | ARITH_CLAUSE => self.words(node, spot.own, spot.words),
            FUNCTION_DEF => self.function(node, spot),
            CASE_CLAUSE => self.case(node, spot),
            _ => self.compound(node, spot),
        }
    }

    /// Words, redirections and assignments keep their author's lines. The first of them stands on a line of level
    /// `own`, those that begin a line at `level`, and what stands between parentheses of `find` or `test` that end a
    /// line one level deeper.
    fn words(&mut self, node: Placed<'_>, own: usize, level: usize) {
        let mut own = own;
        let (mut first, mut named, mut level) = (true, false, level);
        // Whether each of the open parentheses made what follows deeper.
        let mut open: Vec<bool> = Vec::new();
        let (mut blanks_count, mut blanks) = (false, BlanksThatCount::of(node.kind()));
        for child in node.parts().filter(|it| !it.kind().is_trivia()) {
            let at = self.first(child);
            if blanks_count {
                self.gap(at).frozen = true;
            }
            if let Part::Node(word) = child
                && matches!(word.kind(), WORD | ASSIGNMENT)
            {
                blanks_count = blanks.behind(&word.joined_text(), word.kind() == ASSIGNMENT);
            }
            let leads = std::mem::take(&mut first);
            if self.is_parenthesis(child, at, ')') && open.pop() == Some(true) {
                level -= 1;
            }
            if !leads {
                self.keep_close(at, Place::level(level));
            }
            if child.kind() == WORD && !std::mem::replace(&mut named, true) && !leads && self.broken_at(at) {
                // The command stands on a line below its assignments.
                level += 1;
            }
            if !leads && self.broken_at(at) {
                own = level;
            }
            match child {
                Part::Node(child) if child.kind() == REDIRECT => self.words(child, own, level),
                Part::Node(child) => self.substitutions(child, own),
                Part::Token(_) => {}
            }
            if self.is_parenthesis(child, at, '(') {
                open.push(self.broken_at(at + 1));
                level += usize::from(self.broken_at(at + 1));
            }
        }
    }

    /// Whether a word, whose first token is given, is a parenthesis that the shell hands on.
    fn is_parenthesis(&self, word: Part<'_>, at: usize, which: char) -> bool {
        let Some(text) = self.tokens.get(at).map(|it| it.text()) else { return false };
        let bare = text.strip_prefix('\\').or_else(|| text.strip_prefix('\'')?.strip_suffix('\''));
        let is_whole =
            || matches!(word, Part::Node(it) if it.kind() == WORD && it.text_range().len() == TextSize::of(text));
        bare.is_some_and(|it| it.chars().eq([which])) && is_whole()
    }

    /// Lays out the substitutions over lines that are in a word on a line of a level.
    fn substitutions(&mut self, word: Placed<'_>, level: usize) {
        for node in spread_in(word) {
            for child in node.parts().filter(|it| !it.kind().is_trivia()) {
                let at = self.first(child);
                match child {
                    Part::Node(list) => {
                        let inside = level + 1;
                        self.keep_close(at, Place::level(inside));
                        let (column, deeper) = match self.broken_at(at) {
                            true => (self.column_of(inside), inside + 1),
                            false => (self.column(at), inside),
                        };
                        let spot =
                            Spot { column, own: inside, operators: inside, pipes: deeper, words: deeper, flat: false };
                        self.list(list, spot);
                    }
                    Part::Token(token) if token.kind() == R_PAREN => {
                        self.keep_close(at, Place::level(level));
                    }
                    Part::Token(_) => {}
                }
            }
        }
    }

    fn function(&mut self, node: Placed<'_>, spot: Spot) {
        let mut first = true;
        for child in node.parts().filter(|it| !it.kind().is_trivia()) {
            let at = self.first(child);
            match child {
                Part::Node(body) => {
                    self.gap(at).want(Want::Blank, Place::level(spot.own));
                    self.command(body, spot);
                }
                Part::Token(_) if !first => self.keep_close(at, Place::level(spot.own)),
                Part::Token(_) => first = false,
            }
        }
    }

    /// `if`, `for`, `while`, `{ }` and `( )`: what is inside stands one level deeper, the words of the grammar at the
    /// command's own level.
    fn compound(&mut self, node: Placed<'_>, spot: Spot) {
        let broken = self.broken(node) || self.too_wide(node, spot.column);
        let (outer, inner) = (Place::level(spot.own), Place::level(spot.own + 1));
        let want = if broken { Want::Break } else { Want::Blank };
        // Whether the next list is the condition of `if` or `while`, which stays on the line of its word.
        let mut condition = false;
        let mut first = true;
        for child in node.parts().filter(|it| !it.kind().is_trivia()) {
            let at = self.first(child);
            let begins = std::mem::take(&mut first);
            match child {
                Part::Node(list) if list.kind() == LIST => {
                    let level = spot.own + 1;
                    let paren = self.tokens.get(at).is_some_and(|it| it.text().starts_with('('));
                    let want = if condition {
                        Want::Blank
                    } else if node.kind() == SUBSHELL && !broken && paren && self.gap(at).blank {
                        // `((` and `( (` are different to some shells: the blank stays as it was.
                        Want::Blank
                    } else if node.kind() == SUBSHELL && !broken {
                        Want::Nothing
                    } else {
                        want
                    };
                    self.gap(at).want(want, inner);
                    let column = match broken {
                        true if condition => self.column(at),
                        true => self.column_of(level),
                        false => 0,
                    };
                    // A condition that goes on over lines stands deeper than what it guards.
                    let deeper = level + 1;
                    let operators = if condition { deeper } else { level };
                    let spot = Spot { column, own: level, operators, pipes: deeper, words: deeper, flat: false };
                    self.list(list, spot);
                    // A `;` on a line of its own stands with the `then` or the `do` behind it.
                    let end = list.parts().filter(|it| !it.kind().is_trivia()).last();
                    let end = end.filter(|it| condition && it.kind() == SEMI);
                    if let Some(end) = end.map(|it| self.first(it)).filter(|it| self.gap(*it).want == Want::Break) {
                        self.gap(end).want(Want::Break, outer);
                    }
                }
                Part::Node(child) => {
                    self.blank_or_break(at, inner);
                    self.substitutions(child, spot.own);
                }
                Part::Token(token) => {
                    let closes = match token.text() {
                        "then" | "do" => Some(Want::Blank),
                        ")" if !broken => Some(Want::Nothing),
                        "else" | "elif" | "fi" | "done" | "}" | ")" => Some(want),
                        ";" if self.broken_at(at) => Some(Want::Break),
                        ";" => Some(Want::Nothing),
                        _ => None,
                    };
                    match closes {
                        _ if begins => {}
                        Some(want) => self.gap(at).want(want, outer),
                        None => self.blank_or_break(at, inner),
                    }
                    condition = matches!(token.text(), "if" | "elif" | "while" | "until");
                }
            }
        }
    }

    fn case(&mut self, node: Placed<'_>, spot: Spot) {
        let broken = self.broken(node) || self.too_wide(node, spot.column);
        let want = if broken { Want::Break } else { Want::Blank };
        let mut first = true;
        for child in node.parts().filter(|it| !it.kind().is_trivia()) {
            let at = self.first(child);
            let begins = std::mem::take(&mut first);
            match child {
                Part::Node(item) if item.kind() == CASE_ITEM => {
                    self.gap(at).want(want, Place::level(spot.own + 1));
                    self.case_item(item, spot.own + 1);
                }
                Part::Token(token) if token.text() == "esac" => {
                    self.gap(at).want(want, Place::level(spot.own));
                }
                _ if begins => {}
                _ => self.gap(at).want(Want::Blank, Place::level(spot.own + 1)),
            }
        }
    }

    fn case_item(&mut self, item: Placed<'_>, level: usize) {
        let broken = self.broken(item);
        // Items of a line each are the rows of a table, however wide.
        let bounded = self.bounded;
        self.bounded &= broken;
        let place = Place::level(level + 1);
        let mut first = true;
        for child in item.parts().filter(|it| !it.kind().is_trivia()) {
            let at = self.first(child);
            let begins = std::mem::take(&mut first);
            match child.kind() {
                _ if begins => {}
                LIST => {
                    let want = if broken { Want::Break } else { Want::Blank };
                    self.gap(at).want(want, place);
                    let column = if broken { self.column_of(level + 1) } else { 0 };
                    let (own, deeper) = (level + 1, level + 2);
                    let spot = Spot { column, own, operators: own, pipes: deeper, words: deeper, flat: false };
                    if let Part::Node(list) = child {
                        self.list(list, spot);
                    }
                }
                CASE_END => self.blank_or_break(at, place),
                R_PAREN => self.gap(at).want(Want::Nothing, place),
                _ => self.keep_close(at, place),
            }
        }
        self.bounded = bounded;
    }
}
