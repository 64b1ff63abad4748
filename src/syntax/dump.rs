//! A stable text of the tree, for snapshots and `dockfix debug tree`.

use std::fmt::Write;

use rowan::NodeOrToken;

use super::{SyntaxNode, parse};

/// The tree of `text`, a line a node or token, and the errors.
pub fn dump(text: &str) -> String {
    let parse = parse(text);
    let mut out = String::new();
    node(&mut out, parse.file().syntax(), 0);
    for error in parse.errors() {
        // Writing to a string does not fail.
        let _ = writeln!(out, "error {:?}: {}", error.range, error.kind);
    }
    out
}

fn node(out: &mut String, it: &SyntaxNode, depth: usize) {
    let _ = writeln!(out, "{:depth$}{:?}@{:?}", "", it.kind(), it.text_range(), depth = depth * 2);
    for child in it.children_with_tokens() {
        match child {
            NodeOrToken::Node(child) => node(out, &child, depth + 1),
            NodeOrToken::Token(token) => {
                let (kind, range, indent) = (token.kind(), token.text_range(), (depth + 1) * 2);
                let _ = writeln!(out, "{:indent$}{kind:?}@{range:?} {:?}", "", token.text());
            }
        }
    }
}
