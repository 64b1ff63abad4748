//! Reading a node's tokens from the green tree. Nothing is made on the way, while a walk over the nodes of [`SyntaxNode`]
//! makes one of each.

use rowan::{GreenNodeData, Language, NodeOrToken};
use text_size::{TextRange, TextSize};

use super::{SyntaxKind, SyntaxNode, kind::Dockerfile};

/// Shows each token of a node, in order: its kind, where it is, and its text. Ends where `visit` says so.
pub(super) fn visit_tokens(node: &SyntaxNode, mut visit: impl FnMut(SyntaxKind, TextRange, &str) -> bool) {
    let mut at = node.text_range().start();
    walk(&node.green(), &mut at, &mut visit);
}

fn walk(node: &GreenNodeData, at: &mut TextSize, visit: &mut impl FnMut(SyntaxKind, TextRange, &str) -> bool) -> bool {
    node.children().all(|child| match child {
        NodeOrToken::Node(node) => walk(node, at, visit),
        NodeOrToken::Token(token) => {
            let range = TextRange::at(*at, token.text_len());
            *at = range.end();
            visit(Dockerfile::kind_from_raw(token.kind()), range, token.text())
        }
    })
}

/// Whether a node and all that it holds are of such kinds.
pub(super) fn all_kinds(node: &SyntaxNode, is: &impl Fn(SyntaxKind) -> bool) -> bool {
    fn all(node: &GreenNodeData, is: &impl Fn(SyntaxKind) -> bool) -> bool {
        is(Dockerfile::kind_from_raw(node.kind()))
            && node.children().all(|child| match child {
                NodeOrToken::Node(node) => all(node, is),
                NodeOrToken::Token(token) => is(Dockerfile::kind_from_raw(token.kind())),
            })
    }
    all(&node.green(), is)
}
