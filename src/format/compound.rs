//! The layout of compound commands and functions.

use super::{
    gap::{Place, Want},
    page::Page,
    shell::Spot,
};
use crate::syntax::{Part, Placed, SyntaxKind::*};

/// How the words stand that a `for` goes over.
#[derive(Debug, Clone, Copy, Default)]
struct LoopWords {
    /// Whether they stand on more than one line.
    spread: bool,
    /// Whether what ends them, `;` or `do`, begins a line.
    apart: bool,
}

impl Page<'_> {
    pub(super) fn function(&mut self, node: Placed<'_>, spot: Spot) {
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
    pub(super) fn compound(&mut self, node: Placed<'_>, spot: Spot) {
        let broken = self.broken(node) || self.too_wide(node, spot.column);
        let (outer, inner) = (Place::level(spot.own), Place::level(spot.own + 1));
        let want = if broken { Want::Break } else { Want::Blank };
        // Whether the next list is the condition of `if` or `while`, which stays on the line of its word.
        let mut condition = false;
        // Words over lines that `do` ends stand deeper than what is done with each.
        let words = if node.kind() == FOR_CLAUSE { self.words_of(node) } else { LoopWords::default() };
        let deeper = usize::from(words.spread && !words.apart);
        let mut first = true;
        for child in node.parts().filter(|it| !it.kind().is_trivia()) {
            let at = self.first(child);
            let begins = std::mem::take(&mut first);
            match child {
                Part::Node(list) if list.kind() == LIST && condition => self.condition(list, spot, broken),
                Part::Node(list) if list.kind() == LIST => {
                    // `((` and `( (` are different to some shells: the blank stays as it was.
                    let paren = self.tokens.get(at).is_some_and(|it| it.text().starts_with('('));
                    let keeps_blank = broken || (paren && self.gap(at).blank);
                    let want = if node.kind() == SUBSHELL && !keeps_blank { Want::Nothing } else { want };
                    self.gap(at).want(want, inner);
                    let level = spot.own + 1;
                    let column = if broken { self.column_of(level) } else { 0 };
                    let deeper = level + 1;
                    let spot = Spot { column, own: level, operators: level, pipes: deeper, words: deeper, flat: false };
                    self.list(list, spot);
                }
                Part::Node(child) => {
                    self.blank_or_break(at, Place::level(spot.own + 1 + deeper));
                    self.substitutions(child, spot.own + deeper);
                }
                Part::Token(token) => {
                    let closes = match token.text() {
                        "do" if words.spread && self.broken_at(at) => Some(Want::Break),
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

    /// The condition of an `if` or a `while` at a spot, on the line of that word. One that goes on over lines stands
    /// deeper than what it guards.
    fn condition(&mut self, list: Placed<'_>, spot: Spot, broken: bool) {
        let at = self.first_of(list);
        let level = spot.own + 1;
        self.gap(at).want(Want::Blank, Place::level(level));
        let column = if broken { self.column(at) } else { 0 };
        let deeper = level + 1;
        self.list(list, Spot { column, own: level, operators: deeper, pipes: deeper, words: deeper, flat: false });
        // A `;` on a line of its own stands with the `then` or the `do` behind it.
        let end = list.parts().filter(|it| !it.kind().is_trivia()).last().filter(|it| it.kind() == SEMI);
        if let Some(end) = end.map(|it| self.first(it)).filter(|it| self.gap(*it).want == Want::Break) {
            self.gap(end).want(Want::Break, Place::level(spot.own));
        }
    }

    /// How the words of a loop are laid out.
    fn words_of(&self, node: Placed<'_>) -> LoopWords {
        let mut words = LoopWords::default();
        for part in node.parts().filter(|it| !it.kind().is_trivia()) {
            match part {
                Part::Node(list) if list.kind() == LIST => break,
                Part::Node(word) => words.spread |= (self.first(part)..self.end(word)).any(|it| self.broken_at(it)),
                Part::Token(token) if matches!(token.text(), ";" | "do") => {
                    words.apart |= self.broken_at(self.first(part));
                }
                Part::Token(_) => {}
            }
        }
        words
    }

    pub(super) fn case(&mut self, node: Placed<'_>, spot: Spot) {
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
