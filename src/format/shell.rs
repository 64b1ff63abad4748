//! The layout of shell text: lists, pipelines, the words of commands.

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
pub(super) struct Spot {
    /// The column at which it begins.
    pub(super) column: usize,
    /// The level at which a compound command closes and at which the items of a list stand.
    pub(super) own: usize,
    /// The level of `&&` and `||` that lead its lines.
    pub(super) operators: usize,
    /// The level of `|` that leads its lines.
    pub(super) pipes: usize,
    /// The level of the words that its author put on lines of their own.
    pub(super) words: usize,
    /// Whether it is part of a chain that stays as it is, however wide.
    pub(super) flat: bool,
}

/// Whether a command has a word that opens it and another that closes it.
fn is_compound(node: Placed<'_>) -> bool {
    matches!(node.kind(), SUBSHELL | BRACE_GROUP | IF_CLAUSE | FOR_CLAUSE | WHILE_CLAUSE | CASE_CLAUSE | FUNCTION_DEF)
}

/// Whether a token joins the operands of a list or a pipeline.
fn is_operator(part: Part<'_>) -> bool {
    matches!(part.kind(), AND_IF | OR_IF | PIPE)
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

    pub(super) fn column_of(&self, level: usize) -> usize {
        Place::level(level).width(self.options)
    }

    /// Commands separated by `;` and `&`. The first stands where the caller put it, the others, if the list is broken,
    /// at the spot's own level.
    pub(super) fn list(&mut self, list: Placed<'_>, spot: Spot) {
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
        if !node.parts().any(is_operator) {
            for child in node.children() {
                operand(self, child, spot);
            }
            return;
        }
        let broken = self.chain_broken(node, spot);
        let leads = self.operators_lead(node);
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
                    self.operator(at, broken, leads, Place::level(level));
                    if broken {
                        column = self.column_of(level) + 3;
                    }
                }
                Part::Token(_) => {}
            }
        }
    }

    /// Whether an operator leads its line where its author broke none of the two beside it.
    fn operators_lead(&self, node: Placed<'_>) -> bool {
        let mut operators = node.parts().filter(|it| is_operator(*it)).map(|it| self.first(it));
        match self.options.operators {
            Operators::Leading => true,
            Operators::Trailing => false,
            // It does as the first that is broken, for a list is not of two kinds.
            Operators::Preserve => {
                let first = operators.find(|it| self.broken_at(*it) || self.broken_at(*it + 1));
                first.is_none_or(|it| self.broken_at(it))
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

    /// The gaps on both sides of an operator, which leads its line or ends it; one that is broken may have a side of
    /// its own. Comments go with the operand behind it.
    fn operator(&mut self, at: usize, broken: bool, leads: bool, place: Place) {
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
            Operators::Preserve if self.broken_at(at) || self.broken_at(at + 1) => self.broken_at(at),
            _ => leads,
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

    pub(super) fn command(&mut self, node: Placed<'_>, spot: Spot) {
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
    pub(super) fn substitutions(&mut self, word: Placed<'_>, level: usize) {
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
}
