//! An instruction as a row of significant tokens with gaps between them, on which layout decides.

use std::collections::HashMap;

use text_size::TextSize;

use super::{
    EndOfLine, Options,
    gap::{Gap, Place, Want},
    pragma,
};
use crate::syntax::{
    SyntaxElement,
    SyntaxKind::{self, *},
    SyntaxNode, SyntaxToken,
};

/// The significant tokens of an instruction and the gaps before, between and behind them.
pub(super) struct Page<'a> {
    pub(super) options: &'a Options,
    pub(super) escape: char,
    /// The line break of new lines.
    pub(super) eol: &'static str,
    /// Whether all lines get that one.
    pub(super) one_eol: bool,
    /// Whether what comes is in a region that its author keeps from layout.
    frozen: bool,
    pub(super) tokens: Vec<SyntaxToken>,
    /// `gaps[i]` stands before `tokens[i]`; the last one behind all tokens.
    pub(super) gaps: Vec<Gap>,
    /// The index of the token that starts at an offset.
    index: HashMap<TextSize, usize>,
    /// How many gaps before the one with this index hold a line break of their author outside words.
    breaks: Vec<usize>,
    /// How wide everything before the token with this index would be on one line.
    widths: Vec<usize>,
    /// Whether a token runs over a line break that layout would have to see as one.
    pub(super) torn: bool,
}

impl<'a> Page<'a> {
    pub(super) fn new(instruction: &SyntaxNode, options: &'a Options, escape: char, eol: &'static str) -> Page<'a> {
        let mut page = Page {
            options,
            escape,
            eol,
            one_eol: options.end_of_line != EndOfLine::Auto,
            frozen: false,
            tokens: Vec::new(),
            gaps: vec![Gap::new(instruction.text_range().start())],
            index: HashMap::new(),
            breaks: vec![0],
            widths: vec![0],
            torn: false,
        };
        page.collect(instruction);
        if page.gaps.len() == page.tokens.len() {
            page.gaps.push(Gap::new(instruction.text_range().end()));
        }
        page.measure();
        page
    }

    fn collect(&mut self, node: &SyntaxNode) {
        for child in node.children_with_tokens() {
            match child {
                rowan::NodeOrToken::Node(child) if child.kind() == HEREDOC => return,
                rowan::NodeOrToken::Node(child) => self.collect(&child),
                rowan::NodeOrToken::Token(token) => self.token(token),
            }
        }
    }

    fn token(&mut self, token: SyntaxToken) {
        let at = self.tokens.len();
        if self.gaps.len() == at {
            let mut gap = Gap::new(token.text_range().start());
            gap.frozen = self.frozen;
            self.gaps.push(gap);
        }
        if token.kind().is_trivia() {
            let said = if token.kind() == COMMENT_LINE { pragma::read(token.text()) } else { None };
            if let Some(said) = said {
                self.frozen = said == pragma::Format::Off;
            }
            let frozen = self.frozen;
            let gap = self.gap(at);
            gap.frozen |= frozen;
            gap.push(&token);
            return;
        }
        if let (Some(last), Some(gap)) = (self.tokens.last(), self.gaps.get(at)) {
            let one_token = last.kind() == token.kind() && gap.broken && !gap.blank;
            self.torn |= one_token && is_fixed(token.kind());
        }
        self.index.insert(token.text_range().start(), at);
        self.tokens.push(token);
    }

    fn measure(&mut self) {
        let (mut breaks, mut width) = (0, 0);
        for (i, token) in self.tokens.iter().enumerate() {
            let gap = &self.gaps[i];
            let inner = i > 0 && self.in_one_word(i);
            breaks += usize::from(gap.broken && !inner && i > 0);
            width += match () {
                () if i == 0 => 0,
                () if inner => usize::from(gap.range.len()),
                () => self.flat_gap(i),
            };
            self.breaks.push(breaks);
            self.widths.push(width);
            width += token.text().chars().count();
        }
        self.widths.push(width);
    }

    /// Whether the gap before token `i` is inside a word, a quoted string or a shell comment.
    pub(super) fn in_one_word(&self, i: usize) -> bool {
        let (Some(a), Some(b)) = (self.tokens.get(i.wrapping_sub(1)), self.tokens.get(i)) else { return false };
        if a.kind() == b.kind() && matches!(a.kind(), SHELL_COMMENT | TEXT | VALUE | KEY | JSON_STRING) {
            return a.parent() == b.parent();
        }
        outermost_word(a).is_some_and(|it| Some(it) == outermost_word(b))
    }

    /// How wide the gap before token `i` is on one line.
    fn flat_gap(&self, i: usize) -> usize {
        let operator = |it: Option<&SyntaxToken>| it.is_some_and(|it| matches!(it.kind(), AND_IF | OR_IF | PIPE));
        let before = self.tokens.get(i.wrapping_sub(1));
        let here = self.tokens.get(i);
        if here.is_some_and(|it| it.kind() == SEMI) {
            return 0;
        }
        let separated = operator(before) || operator(here) || before.is_some_and(|it| it.kind() == SEMI);
        let gap = &self.gaps[i];
        usize::from(separated || gap.blank || gap.broken)
    }

    /// The index of the first token of a node or token, which is also that of the gap before it.
    pub(super) fn first(&self, element: &SyntaxElement) -> usize {
        let token = match element {
            rowan::NodeOrToken::Node(node) => {
                node.descendants_with_tokens().filter_map(|it| it.into_token()).find(|it| !it.kind().is_trivia())
            }
            rowan::NodeOrToken::Token(token) => Some(token.clone()),
        };
        let at = token.and_then(|it| self.index.get(&it.text_range().start()).copied());
        // Every significant token of the instruction is in the index, and every node of the grammar has one.
        at.unwrap_or(self.tokens.len())
    }

    /// The index behind the last token of a node.
    pub(super) fn end(&self, node: &SyntaxNode) -> usize {
        self.tokens.partition_point(|it| it.text_range().start() < node.text_range().end())
    }

    pub(super) fn gap(&mut self, at: usize) -> &mut Gap {
        // There is a gap before every token and one behind the last.
        let at = at.min(self.gaps.len() - 1);
        &mut self.gaps[at]
    }

    /// Whether the author broke the line before token `at`.
    pub(super) fn broken_at(&self, at: usize) -> bool {
        self.gaps.get(at).is_some_and(|it| it.broken)
    }

    /// Whether the author broke a line anywhere inside a node, words left out.
    pub(super) fn broken(&self, node: &SyntaxNode) -> bool {
        self.breaks_in(node) > 0
    }

    /// How many lines the author broke inside a node, words left out.
    pub(super) fn breaks_in(&self, node: &SyntaxNode) -> usize {
        let first = self.first(&node.clone().into());
        let count = |at: usize| self.breaks.get(at).copied().unwrap_or_default();
        count(self.end(node)).saturating_sub(count(first + 1))
    }

    /// How wide a node would be on one line.
    pub(super) fn width(&self, node: &SyntaxNode) -> usize {
        let at = |at: usize| self.widths.get(at).copied().unwrap_or_default();
        let end = self.end(node);
        let last = self.tokens.get(end.wrapping_sub(1)).map_or(0, |it| it.text().chars().count());
        (at(end) + last).saturating_sub(at(self.first(&node.clone().into()) + 1))
    }

    /// Whether a node that begins at a column passes the line width, with room kept for ` \` or `; \` where something
    /// follows.
    pub(super) fn too_wide(&self, node: &SyntaxNode, column: usize) -> bool {
        let limit = self.options.line_width as usize;
        let room = match self.tokens.get(self.end(node)).map(|it| it.kind()) {
            None => 0,
            Some(SEMI) => 3,
            Some(_) => 2,
        };
        limit > 0 && column + self.width(node) + room > limit
    }

    /// A blank, or the line break that the author put there.
    pub(super) fn blank_or_break(&mut self, at: usize, place: Place) {
        let want = if self.broken_at(at) { Want::Break } else { Want::Blank };
        self.gap(at).want(want, place);
    }

    /// A blank where there is white space, the author's line break, or nothing where there is nothing.
    pub(super) fn keep_close(&mut self, at: usize, place: Place) {
        let gap = self.gap(at);
        let want = match () {
            () if gap.broken => Want::Break,
            () if gap.blank => Want::Blank,
            () => Want::Nothing,
        };
        gap.want(want, place);
    }

    /// The column at which token `at` stands, by what was decided before it.
    pub(super) fn column(&self, at: usize) -> usize {
        let mut column = 0;
        for i in (0..at).rev() {
            column += self.tokens[i].text().chars().count();
            let gap = &self.gaps[i + 1];
            if gap.breaks() {
                return gap.place.width(self.options) + column - self.tokens[i].text().chars().count();
            }
            column += usize::from(gap.want == Want::Blank);
        }
        column
    }
}

/// Tokens of a fixed text, which a line break inside would hide.
fn is_fixed(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        KEYWORD
            | AND_IF
            | OR_IF
            | PIPE
            | SEMI
            | AMP
            | CASE_END
            | RESERVED
            | REDIRECT_OP
            | NAME
            | DOLLAR_PAREN
            | L_PAREN
            | R_PAREN
            | ARITH_COMMAND
    )
}

fn outermost_word(token: &SyntaxToken) -> Option<SyntaxNode> {
    let words = token.parent_ancestors().take_while(|it| !it.kind().is_instruction());
    words.filter(|it| matches!(it.kind(), WORD | ASSIGNMENT | KEY_VALUE | FLAG)).last()
}
