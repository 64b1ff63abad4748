//! The line ends that the layout has not made anew already.

use text_size::{TextRange, TextSize};

use crate::{
    syntax::{Part, Placed, SyntaxKind::*, Token},
    text::{Edit, EditSet},
};

/// Gives all lines of an instruction the same end. The bytes of heredocs are content and stay.
pub(super) fn of_instruction(instruction: Placed<'_>, eol: &str, edits: &mut EditSet) {
    for part in instruction.parts() {
        match part {
            Part::Node(node) => of_instruction(node, eol, edits),
            Part::Token(token) => of_token(token, eol, edits),
        }
    }
}

/// Gives what stands between instructions the same end.
pub(super) fn of_part(part: Part<'_>, eol: &str, edits: &mut EditSet) {
    match part {
        Part::Node(node) if node.kind() == DIRECTIVE => of_instruction(node, eol, edits),
        Part::Node(_) => {}
        Part::Token(token) => of_token(token, eol, edits),
    }
}

fn of_token(token: Token<'_>, eol: &str, edits: &mut EditSet) {
    if !matches!(token.kind(), NEWLINE | CONTINUATION | COMMENT_LINE | EMPTY_LINE) || !token.text().ends_with('\n') {
        return;
    }
    // BuildKit drops every carriage return before the line feed.
    let kept = token.text().trim_end_matches(['\r', '\n']).len();
    if token.text()[kept..] != *eol {
        // The offset is in the token, which is shorter than 4 GiB.
        let start = token.text_range().start() + TextSize::new(kept as u32);
        // Where the layout has replaced the line break, it has written the new one.
        let _ = edits.push(Edit::replace(TextRange::new(start, token.text_range().end()), eol));
    }
}
