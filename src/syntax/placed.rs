//! The tree without parents: where something stands is counted on the way down to it.

use std::borrow::Cow;

use text_size::{TextRange, TextSize};

use super::{Child, Green, SyntaxKind, SyntaxNode};

/// A node and its place in the file.
#[derive(Debug, Clone, Copy)]
pub struct Placed<'t> {
    green: Green<'t>,
    start: TextSize,
}

/// What a node holds, and its place in the file.
#[derive(Debug, Clone, Copy)]
pub enum Part<'t> {
    /// Another node.
    Node(Placed<'t>),
    /// A token.
    Token(Token<'t>),
}

/// A token and its place in the file.
#[derive(Debug, Clone, Copy)]
pub struct Token<'t> {
    kind: SyntaxKind,
    text: &'t str,
    start: TextSize,
}

impl<'t> Placed<'t> {
    /// The same node of the tree with parents.
    pub fn of(node: &'t SyntaxNode) -> Placed<'t> {
        Placed { green: Green::of(node), start: node.text_range().start() }
    }

    pub(super) fn root(green: Green<'t>) -> Placed<'t> {
        Placed { green, start: TextSize::from(0) }
    }

    /// Which node it is.
    pub fn kind(self) -> SyntaxKind {
        self.green.kind()
    }

    /// Where it stands in the file.
    pub fn text_range(self) -> TextRange {
        TextRange::at(self.start, Child::Node(self.green).len())
    }

    /// The nodes and tokens that it holds, in order.
    pub fn parts(self) -> impl Iterator<Item = Part<'t>> {
        self.green.children().scan(self.start, |at, child| {
            let start = *at;
            *at += child.len();
            Some(match child {
                Child::Node(green) => Part::Node(Placed { green, start }),
                Child::Token(kind, text) => Part::Token(Token { kind, text, start }),
            })
        })
    }

    /// The nodes that it holds, in order.
    pub fn children(self) -> impl Iterator<Item = Placed<'t>> {
        self.parts().filter_map(|it| match it {
            Part::Node(node) => Some(node),
            Part::Token(_) => None,
        })
    }

    /// Its text as BuildKit joins it: without continuations, comments and empty lines.
    pub fn joined_text(self) -> Cow<'t, str> {
        let mut children = self.green.children();
        if let (Some(Child::Token(kind, text)), None) = (children.next(), children.next())
            && !kind.is_dropped()
        {
            return Cow::Borrowed(text);
        }
        let mut out = String::new();
        self.green.push_joined(&mut out);
        Cow::Owned(out)
    }
}

impl<'t> Part<'t> {
    /// Which node or token it is.
    pub fn kind(self) -> SyntaxKind {
        match self {
            Part::Node(node) => node.kind(),
            Part::Token(token) => token.kind,
        }
    }

    /// Whether it is the same as another, text and all, wherever the two stand.
    pub fn is_like(self, other: Part<'_>) -> bool {
        match (self, other) {
            (Part::Node(one), Part::Node(other)) => one.green.is_like(other.green),
            (Part::Token(one), Part::Token(other)) => one.kind == other.kind && one.text == other.text,
            _ => false,
        }
    }

    /// Where it starts in the file.
    pub fn start(self) -> TextSize {
        match self {
            Part::Node(node) => node.start,
            Part::Token(token) => token.start,
        }
    }

    /// Where it stands in the file.
    pub fn text_range(self) -> TextRange {
        match self {
            Part::Node(node) => node.text_range(),
            Part::Token(token) => token.text_range(),
        }
    }

    /// The token, if it is one.
    pub fn token(self) -> Option<Token<'t>> {
        match self {
            Part::Node(_) => None,
            Part::Token(token) => Some(token),
        }
    }
}

impl<'t> Token<'t> {
    /// Which token it is.
    pub fn kind(self) -> SyntaxKind {
        self.kind
    }

    /// Its text.
    pub fn text(self) -> &'t str {
        self.text
    }

    /// Where it stands in the file.
    pub fn text_range(self) -> TextRange {
        TextRange::at(self.start, TextSize::of(self.text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    /// The kind and place of all that a node holds.
    fn walk(node: Placed<'_>, out: &mut Vec<(SyntaxKind, TextRange)>) {
        out.push((node.kind(), node.text_range()));
        for part in node.parts() {
            match part {
                Part::Node(node) => walk(node, out),
                Part::Token(token) => out.push((token.kind(), token.text_range())),
            }
        }
    }

    #[test]
    fn places_are_those_of_the_other_tree() {
        let parse = parse("FROM a\nRUN b \\\n  # c\n  && d \"$(e\\\n | f)\"\nENV g=h i=\"j k\"\n");
        for it in parse.file().instructions() {
            let mut placed = Vec::new();
            walk(Placed::of(it.syntax()), &mut placed);
            let other: Vec<_> = it.syntax().descendants_with_tokens().map(|it| (it.kind(), it.text_range())).collect();
            assert_eq!(placed, other);
        }
    }
}
