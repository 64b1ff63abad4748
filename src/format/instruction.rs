//! The layout of one instruction.

use super::{
    Options,
    gap::{Place, Want},
    page::Page,
};
use crate::{
    syntax::{
        SyntaxElement,
        SyntaxKind::*,
        SyntaxNode, SyntaxToken,
        ast::{self, Instruction, KeyValue},
    },
    text::{Edit, EditSet},
};

/// The edits that lay out an instruction without errors.
pub(super) fn instruction(
    instruction: &Instruction,
    text: &str,
    options: &Options,
    escape: char,
    eol: &'static str,
) -> EditSet {
    let node = instruction.syntax();
    let mut page = Page::new(node, text, options, escape, eol);
    let mut edits = EditSet::default();
    // Where a token runs over a line break, no gap is decided on: all are kept.
    if !page.torn {
        if !page.broken_at(0) {
            page.gap(0).want(Want::Nothing, Place::default());
        }
        page.arguments(instruction);
    }
    let end = page.tokens.len();
    for (i, gap) in page.gaps.iter().enumerate() {
        let rendered = match i == end {
            _ if page.torn => None,
            true if instruction.kind() == ONBUILD => None,
            true => gap.render_end(&page),
            false => gap.render(&page),
        };
        if let Some((range, new)) = rendered
            && text[range] != *new
        {
            // Gaps are disjoint and come in order.
            let _ = edits.push(Edit::replace(range, new));
        }
    }
    let keywords = page.tokens.iter().zip(&page.gaps).filter(|(it, gap)| it.kind() == KEYWORD && !gap.frozen);
    for (token, _) in keywords.filter(|(it, _)| !in_trigger(it)) {
        let upper = token.text().to_ascii_uppercase();
        if upper != token.text() {
            let _ = edits.push(Edit::replace(token.text_range(), upper));
        }
    }
    edits
}

/// Whether a token is in the text that ONBUILD stores as it is.
fn in_trigger(token: &SyntaxToken) -> bool {
    token.parent_ancestors().skip(1).any(|it| it.kind() == ONBUILD)
}

/// Whether a quote that is opened before or in a word of a list is open behind it. Lists have no quotes, but the names of
/// heredocs in them have.
fn is_open_behind(element: &SyntaxElement, open: bool) -> bool {
    let text = element.as_node().map(ast::joined_text).unwrap_or_default();
    open != (['\'', '"'].iter().any(|it| text.matches(*it).count() % 2 == 1))
}

impl Page<'_> {
    fn arguments(&mut self, instruction: &Instruction) {
        let kind = instruction.kind();
        if kind == ONBUILD {
            self.blank_or_break(1, Place::level(1));
            return;
        }
        // In what looks like an array, a tab inside quotes may be all that keeps it from being one.
        let list = matches!(kind, COPY | ADD | VOLUME) && instruction.json().is_none();
        if list && instruction.arguments().starts_with('[') {
            return;
        }
        let named = list && instruction.heredocs().next().is_some();
        let mut open = false;
        let mut level = 0;
        let mut keyword = true;
        // The place of the pairs of ENV and LABEL, once the first is set.
        let mut pairs = None;
        for child in instruction.syntax().children_with_tokens() {
            if child.kind().is_trivia() || child.kind() == HEREDOC {
                continue;
            }
            let at = self.first(&child);
            if std::mem::take(&mut keyword) {
                continue;
            }
            let inside = open;
            open = named && is_open_behind(&child, open);
            match child.kind() {
                _ if inside => {}
                KEY_VALUE if matches!(kind, ENV | LABEL) => pairs = Some(self.pair(at, &child, instruction, pairs)),
                _ if self.in_one_word(at) => {}
                // The other lines of a text that is left as it is keep their indentation, so the first does as well.
                FOREIGN_SCRIPT if self.broken_at(at) && child.as_node().is_some_and(|it| self.end(it) > at + 1) => {}
                _ => {
                    self.blank_or_break(at, Place::level(1));
                    if self.gap(at).breaks() {
                        level = 1;
                    }
                }
            }
            match child {
                rowan::NodeOrToken::Node(node) if matches!(node.kind(), SCRIPT | FOREIGN_SCRIPT) => match node.kind() {
                    _ if self.options.keep_cache => self.joined(&node),
                    SCRIPT => self.script(&node, level),
                    _ => {}
                },
                rowan::NodeOrToken::Node(node) if node.kind() == JSON_ARRAY => self.json(&node),
                _ => {}
            }
        }
    }

    /// Pairs that stand on lines of their own are aligned under the first.
    fn pair(
        &mut self,
        at: usize,
        pair: &SyntaxElement,
        instruction: &Instruction,
        before: Option<(Place, bool)>,
    ) -> (Place, bool) {
        let (place, broken) = match before {
            Some((place, broken)) => {
                let want = if broken { Want::Break } else { Want::Blank };
                self.gap(at).want(want, place);
                (place, broken)
            }
            None => {
                let place = match self.broken_at(at) {
                    true => Place::level(1),
                    false => Place::column(instruction.kind().keyword().len() + 1),
                };
                self.blank_or_break(at, Place::level(1));
                let starts: Vec<usize> = instruction.pairs().map(|it| self.first_of(it.syntax())).collect();
                (place, starts.iter().any(|it| self.broken_at(*it)))
            }
        };
        let pair = pair.as_node().cloned().and_then(KeyValue::cast);
        if let Some(pair) = pair.filter(|it| it.eq().is_none()) {
            // The legacy form: the value is one text from the first blank on.
            let value = pair.syntax().children_with_tokens().find(|it| it.kind() == VALUE);
            if let Some(value) = value {
                let at = self.first(&value);
                let lines = pair.syntax().children_with_tokens().filter(|it| it.kind() == VALUE).count();
                // The other lines of the value keep their indentation, so the first does as well.
                if lines == 1 || !self.broken_at(at) {
                    self.blank_or_break(at, Place::level(1));
                }
            }
        }
        (place, broken)
    }

    /// Text of which BuildKit keeps every blank: only where they stand about a line break may change.
    fn joined(&mut self, node: &SyntaxNode) {
        let first = self.first_of(node) + 1;
        for at in first..self.end(node) {
            self.gap(at).want(Want::Joined, Place::default());
        }
    }

    /// An array keeps its lines: aligned under the first element, or, where `[` ends its line, one level deep.
    fn json(&mut self, array: &SyntaxNode) {
        let open = self.first_of(array);
        let hanging = self.broken_at(open + 1);
        let element = if hanging { Place::level(1) } else { Place::column(self.column(open) + 1) };
        let mut string_open = false;
        for child in array.children_with_tokens().filter(|it| !it.kind().is_trivia()) {
            let at = self.first(&child);
            match child.kind() {
                JSON_STRING if string_open => {}
                JSON_STRING => {
                    string_open = true;
                    let first = at == open + 1;
                    let want = match self.broken_at(at) {
                        true => Want::Break,
                        false if first => Want::Nothing,
                        false => Want::Blank,
                    };
                    self.gap(at).want(want, element);
                }
                COMMA => {
                    string_open = false;
                    self.gap(at).want(Want::Nothing, element);
                }
                R_BRACK if hanging => self.gap(at).want(Want::Break, Place::default()),
                R_BRACK => self.gap(at).want(Want::Nothing, element),
                _ => {}
            }
        }
    }
}
