//! The tree without places and parents. Nothing is made on the way through it, while a walk over [`SyntaxNode`]s makes
//! one of each.

use rowan::{GreenNode, GreenNodeData, Language, NodeOrToken};
use text_size::{TextRange, TextSize};

use super::{Kinds, SyntaxKind, SyntaxNode, kind::Dockerfile};

/// A node.
#[derive(Debug, Clone, Copy)]
pub struct Green<'t>(&'t GreenNodeData);

/// What a node holds.
#[derive(Debug, Clone, Copy)]
pub enum Child<'t> {
    /// Another node.
    Node(Green<'t>),
    /// A token and its text.
    Token(SyntaxKind, &'t str),
}

impl<'t> Child<'t> {
    /// Which node or token it is.
    pub fn kind(self) -> SyntaxKind {
        match self {
            Child::Node(node) => node.kind(),
            Child::Token(kind, _) => kind,
        }
    }

    /// How much of it is trivia: what `of_node` says of a node.
    fn trivia(self, of_node: fn(Green<'t>) -> TextSize) -> TextSize {
        match self {
            Child::Node(node) => of_node(node),
            Child::Token(kind, _) if kind.is_trivia() => self.len(),
            Child::Token(..) => TextSize::from(0),
        }
    }

    /// How long its text is.
    pub fn len(self) -> TextSize {
        match self {
            Child::Node(node) => node.0.text_len(),
            Child::Token(_, text) => TextSize::of(text),
        }
    }

    /// The text, if it is a token of a kind.
    pub fn text_of(self, wanted: SyntaxKind) -> Option<&'t str> {
        match self {
            Child::Token(kind, text) if kind == wanted => Some(text),
            _ => None,
        }
    }
}

impl<'t> Green<'t> {
    /// The same node of the other tree.
    pub fn of(node: &'t SyntaxNode) -> Green<'t> {
        Green(node.green())
    }

    pub(super) fn root(tree: &'t GreenNode) -> Green<'t> {
        Green(tree)
    }

    /// Reads a node of the other tree.
    pub fn read<T>(node: &SyntaxNode, read: impl FnOnce(Green<'_>) -> T) -> T {
        read(Green::of(node))
    }

    /// Whether it is the very same node as another, and not one that is equal.
    pub fn is(self, other: Green<'_>) -> bool {
        std::ptr::eq(self.0, other.0)
    }

    /// Whether it is a node like another, text and all.
    pub(super) fn is_like(self, other: Green<'_>) -> bool {
        self.is(other) || self.0 == other.0
    }

    /// Where it lies, which is the same for no other node that lives.
    pub(crate) fn address(self) -> *const () {
        std::ptr::from_ref(self.0).cast()
    }

    /// Which node it is.
    pub fn kind(self) -> SyntaxKind {
        Dockerfile::kind_from_raw(self.0.kind())
    }

    /// Whether it says exactly that.
    pub(super) fn is_text(self, text: &str) -> bool {
        self.0.text_len() == TextSize::of(text) && self.strip(text.as_bytes()).is_some()
    }

    /// What stands in a text behind what it says, with which the text ought to begin.
    fn strip(self, text: &[u8]) -> Option<&[u8]> {
        let mut rest = text;
        for child in self.0.children() {
            rest = match child {
                NodeOrToken::Node(node) => Green(node).strip(rest)?,
                NodeOrToken::Token(token) => rest.strip_prefix(token.text().as_bytes())?,
            };
        }
        Some(rest)
    }

    /// What it holds, in order.
    pub fn children(self) -> impl DoubleEndedIterator<Item = Child<'t>> {
        self.0.children().map(|it| match it {
            NodeOrToken::Node(node) => Child::Node(Green(node)),
            NodeOrToken::Token(token) => Child::Token(Dockerfile::kind_from_raw(token.kind()), token.text()),
        })
    }

    /// The kinds of it and of all that it holds.
    pub fn kinds(self) -> Kinds {
        let mut kinds = Kinds::default();
        self.add_kinds(&mut kinds);
        kinds
    }

    fn add_kinds(self, kinds: &mut Kinds) {
        kinds.insert(self.kind());
        for child in self.children() {
            match child {
                Child::Node(node) => node.add_kinds(kinds),
                Child::Token(kind, _) => kinds.insert(kind),
            }
        }
    }

    /// Whether anything that it holds, itself left out, is of a kind.
    pub fn holds(self, wanted: SyntaxKind) -> bool {
        self.children().any(|it| it.kind() == wanted || matches!(it, Child::Node(node) if node.holds(wanted)))
    }

    /// The text of it as BuildKit joins it: without continuations, comments and empty lines.
    pub fn joined_text(self) -> String {
        let mut out = String::with_capacity(self.0.text_len().into());
        self.push_joined(&mut out);
        out
    }

    /// Appends the text of it as BuildKit joins it: without continuations, comments and empty lines.
    pub(super) fn push_joined(self, out: &mut String) {
        for child in self.children() {
            match child {
                Child::Node(node) => node.push_joined(out),
                Child::Token(kind, text) if !kind.is_dropped() => out.push_str(text),
                Child::Token(..) => {}
            }
        }
    }

    /// How many nodes of a kind it and all that it holds are.
    pub fn count(self, kind: SyntaxKind) -> usize {
        let within = self.children().map(|it| match it {
            Child::Node(node) => node.count(kind),
            Child::Token(..) => 0,
        });
        usize::from(self.kind() == kind) + within.sum::<usize>()
    }

    /// Shows the text of each token of a kind, in order.
    pub fn each_token(self, wanted: SyntaxKind, show: &mut impl FnMut(&'t str)) {
        for child in self.0.children() {
            match child {
                NodeOrToken::Node(node) => Green(node).each_token(wanted, show),
                NodeOrToken::Token(token) if token.kind() == Dockerfile::kind_to_raw(wanted) => show(token.text()),
                NodeOrToken::Token(_) => {}
            }
        }
    }

    /// The text of the first token of a kind that it holds.
    pub fn first_token(self, wanted: SyntaxKind) -> Option<&'t str> {
        self.children().find_map(|it| match it {
            Child::Node(node) => node.first_token(wanted),
            Child::Token(kind, text) => (kind == wanted).then_some(text),
        })
    }

    /// How long the trivia at its beginning is; all of it where it holds nothing else.
    pub(super) fn leading_trivia(self) -> TextSize {
        let mut len = TextSize::from(0);
        for child in self.children() {
            let own = child.trivia(Green::leading_trivia);
            len += own;
            if own < child.len() {
                break;
            }
        }
        len
    }

    /// How long the trivia at its end is; all of it where it holds nothing else.
    pub(super) fn trailing_trivia(self) -> TextSize {
        let mut len = TextSize::from(0);
        for child in self.children().rev() {
            let own = child.trivia(Green::trailing_trivia);
            len += own;
            if own < child.len() {
                break;
            }
        }
        len
    }

    /// Shows each token, in order: its kind, where it is, and its text. `at` is where the node begins, and becomes
    /// where the walk ended. Ends where `visit` says so; says whether it never did.
    pub fn visit(self, at: &mut TextSize, visit: &mut impl FnMut(SyntaxKind, TextRange, &'t str) -> bool) -> bool {
        self.children().all(|it| match it {
            Child::Node(node) => node.visit(at, visit),
            Child::Token(kind, text) => {
                let range = TextRange::at(*at, TextSize::of(text));
                *at = range.end();
                visit(kind, range, text)
            }
        })
    }
}

/// Shows each token of a node, in order: its kind, where it is, and its text. Ends where `visit` says so.
pub fn visit_tokens(node: &SyntaxNode, mut visit: impl FnMut(SyntaxKind, TextRange, &str) -> bool) {
    let mut at = node.text_range().start();
    Green::read(node, |it| it.visit(&mut at, &mut visit));
}
