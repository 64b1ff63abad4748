//! A place in the joined text of an instruction, and the events said so far.

use super::{SyntaxKind, events::Events};

/// White space as Go's `regexp` class `[\t\v\f\r ]`, at which BuildKit splits keywords and lists.
pub(crate) fn is_list_space(c: char) -> bool {
    matches!(c, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ')
}

/// Reads a text from left to right and emits what it takes.
pub(crate) struct Cursor<'a> {
    text: &'a str,
    pos: usize,
    pub(crate) events: &'a mut Events,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str, events: &'a mut Events) -> Self {
        Cursor { text, pos: 0, events }
    }

    /// What is not taken yet.
    pub(crate) fn rest(&self) -> &'a str {
        &self.text[self.pos..]
    }

    /// How many bytes are taken.
    pub(crate) fn pos(&self) -> usize {
        self.pos
    }

    /// Takes the next `len` bytes, which must end at a character's end.
    pub(crate) fn take(&mut self, kind: SyntaxKind, len: usize) {
        self.events.token(kind, len);
        self.pos += len;
    }

    /// Passes over `len` bytes for which the events were said elsewhere.
    pub(crate) fn skip(&mut self, len: usize) {
        self.pos += len;
    }

    /// Takes characters for as long as they match.
    pub(crate) fn take_while(&mut self, kind: SyntaxKind, matches: impl Fn(char) -> bool) {
        let rest = self.rest();
        let len = rest.find(|c| !matches(c)).unwrap_or(rest.len());
        self.take(kind, len);
    }

    /// Takes the white space that BuildKit trims: all that Unicode calls so.
    pub(crate) fn space(&mut self) {
        if !self.rest().starts_with(|it: char| it.is_ascii_graphic()) {
            self.take_while(SyntaxKind::WHITESPACE, char::is_whitespace);
        }
    }

    /// Takes the rest but the white space at its end as one token, and then that.
    pub(crate) fn rest_as(&mut self, kind: SyntaxKind) {
        let len = self.rest().trim_end().len();
        self.take(kind, len);
        self.space();
    }

    /// Takes the rest as a node of one token.
    pub(crate) fn rest_as_node(&mut self, node: SyntaxKind, token: SyntaxKind) {
        self.events.start(node);
        let len = self.rest().trim_end().len();
        self.take(token, len);
        self.events.finish();
        self.space();
    }
}
