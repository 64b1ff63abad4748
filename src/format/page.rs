//! An instruction as a row of significant tokens with gaps between them, on which layout decides.

use text_size::{TextRange, TextSize};

use super::{
    EndOfLine, Options,
    gap::{Gap, Line, Place, Want},
    pragma,
};
use crate::syntax::{
    Part, Placed,
    SyntaxKind::{self, *},
    Token,
};

/// The significant tokens of an instruction and the gaps before, between and behind them.
pub(super) struct Page<'a> {
    pub(super) options: &'a Options,
    /// The text of the whole file.
    pub(super) text: &'a str,
    pub(super) escape: char,
    /// The line break of new lines.
    pub(super) eol: &'static str,
    /// Whether all lines get that one.
    pub(super) one_eol: bool,
    /// Whether what comes is in a region that its author keeps from layout.
    frozen: bool,
    pub(super) tokens: Vec<Token<'a>>,
    /// `gaps[i]` stands before `tokens[i]`; the last one behind all tokens.
    pub(super) gaps: Vec<Gap>,
    /// The lines of their own in the gaps, and the indentations behind their line breaks.
    lines: Vec<Line<'a>>,
    indents: Vec<TextRange>,
    /// Whether the gap with this index is inside a word, a quoted string or a shell comment.
    inner: Vec<bool>,
    /// How many gaps before the one with this index hold a line break of their author outside words.
    breaks: Vec<usize>,
    /// How wide everything before the token with this index would be on one line.
    widths: Vec<usize>,
    /// Whether what comes belongs to the word that begins a heredoc.
    in_mark: bool,
    /// Whether a token runs over a line break that layout would have to see as one.
    pub(super) torn: bool,
    /// Whether lines that are too wide are broken.
    pub(super) bounded: bool,
    /// Whether all characters are of one byte.
    is_ascii: bool,
}

/// Where a token stands: the start of its node, and that of the outermost word around it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Home {
    node: (SyntaxKind, TextSize),
    word: Option<TextSize>,
}

impl<'a> Page<'a> {
    /// An empty page.
    pub(super) fn new(text: &'a str, options: &'a Options, escape: char, eol: &'static str) -> Page<'a> {
        Page {
            options,
            text,
            escape,
            eol,
            one_eol: options.end_of_line != EndOfLine::Auto,
            frozen: false,
            tokens: Vec::new(),
            gaps: Vec::new(),
            lines: Vec::new(),
            indents: Vec::new(),
            inner: Vec::new(),
            breaks: Vec::new(),
            widths: Vec::new(),
            in_mark: false,
            torn: false,
            bounded: true,
            is_ascii: text.is_ascii(),
        }
    }

    /// Reads an instruction in place of what was read before.
    pub(super) fn read(&mut self, instruction: Placed<'a>) {
        self.tokens.clear();
        self.gaps.clear();
        self.lines.clear();
        self.indents.clear();
        self.inner.clear();
        self.breaks.clear();
        self.widths.clear();
        (self.frozen, self.in_mark, self.torn, self.bounded) = (false, false, false, true);
        let range = instruction.text_range();
        self.gaps.push(Gap::new(range.start()));
        self.collect(instruction, None, &mut None);
        if self.gaps.len() == self.tokens.len() {
            self.gaps.push(Gap::new(range.end()));
        }
        self.measure();
    }

    /// The lines of their own in a gap.
    pub(super) fn lines_of(&self, gap: &Gap) -> &[Line<'a>] {
        self.lines.get(gap.lines.start as usize..gap.lines.end as usize).unwrap_or_default()
    }

    /// The white space that the lines behind the line breaks of a gap begin with.
    pub(super) fn indents_of(&self, gap: &Gap) -> &[TextRange] {
        self.indents.get(gap.indents.start as usize..gap.indents.end as usize).unwrap_or_default()
    }

    fn collect(&mut self, node: Placed<'a>, word: Option<TextSize>, last: &mut Option<Home>) {
        let start = node.text_range().start();
        let home = Home { node: (node.kind(), start), word };
        let node_spreads = spreads(node);
        for child in node.parts() {
            match child {
                Part::Node(child) if child.kind() == HEREDOC => return,
                Part::Node(child) => {
                    let is_word = matches!(child.kind(), WORD | ASSIGNMENT | KEY_VALUE | FLAG);
                    let word = word.or(is_word.then(|| child.text_range().start()));
                    // What is in a substitution over lines is laid out as commands are.
                    let word = if node_spreads && child.kind() == LIST { None } else { word };
                    self.collect(child, word, last);
                }
                Part::Token(token) if node_spreads && token.kind() == R_PAREN => {
                    self.token(token, Home { word: None, ..home }, last);
                    *last = Some(home);
                }
                Part::Token(token) => self.token(token, home, last),
            }
        }
    }

    fn token(&mut self, token: Token<'a>, home: Home, last: &mut Option<Home>) {
        let at = self.tokens.len();
        if self.gaps.len() == at {
            let mut gap = Gap::new(token.text_range().start());
            gap.frozen = self.frozen;
            self.gaps.push(gap);
        }
        let kind = token.kind();
        if kind.is_trivia() {
            let said = if kind == COMMENT_LINE { pragma::read(token.text()) } else { None };
            if let Some(said) = said {
                self.frozen = said == pragma::Format::Off;
            }
            // The gap before this token was made above.
            let gap = &mut self.gaps[at];
            gap.frozen |= self.frozen;
            gap.push(token, &mut self.indents, &mut self.lines);
            return;
        }
        let before = last.replace(home);
        let mut inner = before.is_some_and(|it| it.word.is_some() && it.word == home.word);
        if let (Some(last), Some(gap)) = (self.tokens.last(), self.gaps.get(at))
            && last.kind() == kind
        {
            self.torn |= gap.broken && !gap.blank && is_fixed(kind);
            if matches!(kind, SHELL_COMMENT | TEXT | VALUE | KEY | JSON_STRING) {
                inner = before == Some(home);
            }
        }
        self.inner.push(inner);
        // To BuildKit a heredoc begins where a word does, and its name is all up to the next blank, operators as well:
        // blanks around and inside it may neither come nor go.
        let mark = kind == REDIRECT_OP && token.text().contains("<<") && !token.text().contains("<<<");
        if mark || self.in_mark {
            let named = self.tokens.last().is_some_and(|it| it.kind() != REDIRECT_OP);
            let gap = self.gap(at);
            gap.frozen |= !gap.blank;
            gap.parts = gap.blank;
            let ends = gap.blank && named;
            self.in_mark = mark || !ends;
        }
        self.tokens.push(token);
    }

    fn measure(&mut self) {
        let (mut breaks, mut width) = (0, 0);
        self.breaks.push(breaks);
        self.widths.push(width);
        for (i, token) in self.tokens.iter().enumerate() {
            let gap = &self.gaps[i];
            let inner = self.inner[i];
            breaks += usize::from(gap.broken && !inner && i > 0);
            width += if i == 0 {
                0
            } else if inner {
                usize::from(gap.range.len())
            } else {
                self.flat_gap(i)
            };
            self.breaks.push(breaks);
            self.widths.push(width);
            width += self.chars(token);
        }
        self.widths.push(width);
    }

    /// How many characters a token has.
    fn chars(&self, token: &Token<'_>) -> usize {
        if self.is_ascii { token.text().len() } else { token.text().chars().count() }
    }

    /// Whether the gap before token `i` is inside a word, a quoted string or a shell comment.
    pub(super) fn in_one_word(&self, i: usize) -> bool {
        self.inner.get(i).copied().unwrap_or_default()
    }

    /// How wide the gap before token `i` is on one line: not less than what layout makes of it.
    fn flat_gap(&self, i: usize) -> usize {
        let operator = |it: Option<&Token<'_>>| {
            it.is_some_and(|it| matches!(it.kind(), AND_IF | OR_IF | PIPE | AMP | CASE_END | RESERVED | R_PAREN))
        };
        let before = self.tokens.get(i.wrapping_sub(1));
        let here = self.tokens.get(i);
        if here.is_some_and(|it| matches!(it.kind(), SEMI | R_PAREN)) {
            return 0;
        }
        let separated = operator(before) || operator(here) || before.is_some_and(|it| it.kind() == SEMI);
        let gap = &self.gaps[i];
        usize::from(separated || gap.blank || gap.broken)
    }

    /// The index of the first token of a node or token, which is also that of the gap before it.
    pub(super) fn first(&self, part: Part<'_>) -> usize {
        self.at(part.start())
    }

    /// The index of the first token of a node.
    pub(super) fn first_of(&self, node: Placed<'_>) -> usize {
        self.at(node.text_range().start())
    }

    /// The index behind the last token of a node.
    pub(super) fn end(&self, node: Placed<'_>) -> usize {
        self.at(node.text_range().end())
    }

    /// The index of the first token that starts at an offset or behind it.
    fn at(&self, offset: TextSize) -> usize {
        self.tokens.partition_point(|it| it.text_range().start() < offset)
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
    pub(super) fn broken(&self, node: Placed<'_>) -> bool {
        self.breaks_in(node) > 0
    }

    /// How many lines the author broke inside a node, words left out.
    pub(super) fn breaks_in(&self, node: Placed<'_>) -> usize {
        let first = self.first_of(node);
        let count = |at: usize| self.breaks.get(at).copied().unwrap_or_default();
        count(self.end(node)).saturating_sub(count(first + 1))
    }

    /// How wide a node would be on one line.
    pub(super) fn width(&self, node: Placed<'_>) -> usize {
        let at = |at: usize| self.widths.get(at).copied().unwrap_or_default();
        let end = self.end(node);
        let last = self.tokens.get(end.wrapping_sub(1)).map_or(0, |it| self.chars(it));
        (at(end) + last).saturating_sub(at(self.first_of(node) + 1))
    }

    /// Whether a node that begins at a column passes the line width, with room kept for ` \` or `; \` where something
    /// follows.
    pub(super) fn too_wide(&self, node: Placed<'_>, column: usize) -> bool {
        let limit = self.options.line_width as usize;
        let room = match self.tokens.get(self.end(node)).map(|it| it.kind()) {
            None => 0,
            Some(SEMI) => 3,
            Some(_) => 2,
        };
        self.bounded && limit > 0 && column + self.width(node) + room > limit
    }

    /// A blank, or the line break that the author put there.
    pub(super) fn blank_or_break(&mut self, at: usize, place: Place) {
        let want = if self.broken_at(at) { Want::Break } else { Want::Blank };
        self.gap(at).want(want, place);
    }

    /// A blank where there is white space, the author's line break, or nothing where there is nothing.
    pub(super) fn keep_close(&mut self, at: usize, place: Place) {
        let gap = self.gap(at);
        let want = if gap.broken {
            Want::Break
        } else if gap.blank {
            Want::Blank
        } else {
            Want::Nothing
        };
        gap.want(want, place);
    }

    /// The column at which token `at` stands, by what was decided before it.
    pub(super) fn column(&self, at: usize) -> usize {
        let mut column = 0;
        for i in (0..at).rev() {
            let width = self.chars(&self.tokens[i]);
            column += width;
            let gap = &self.gaps[i + 1];
            if gap.breaks() {
                return gap.place.width(self.options) + column - width;
            }
            column += usize::from(gap.want == Want::Blank);
        }
        column
    }
}

/// Whether a node is a substitution that its author broke over lines, words in it left out.
pub(super) fn spreads(node: Placed<'_>) -> bool {
    fn breaks(node: Placed<'_>) -> bool {
        node.parts().any(|it| match it {
            Part::Node(node) => !matches!(node.kind(), WORD | ASSIGNMENT) && breaks(node),
            Part::Token(token) => token.kind() == CONTINUATION,
        })
    }
    matches!(node.kind(), COMMAND_SUBST | PROCESS_SUBST) && breaks(node)
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
