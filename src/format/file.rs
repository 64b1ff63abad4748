//! The layout between instructions: blank lines, comments, the end of the file.

use super::Options;
use crate::{
    syntax::{Parse, SyntaxElement, SyntaxKind::*},
    text::{Edit, EditSet},
};

/// The edits between the instructions.
pub(super) fn file(parse: &Parse, text: &str, options: &Options, eol: &str) -> EditSet {
    let mut edits = EditSet::default();
    let children: Vec<SyntaxElement> = parse.file().syntax().children_with_tokens().collect();
    let first = children.iter().position(|it| it.kind().is_instruction()).unwrap_or(children.len());
    let last = children.iter().rposition(|it| it.kind() != EMPTY_LINE).unwrap_or_default();
    // A comment that looks like a directive counts as one if what keeps it out of the zone goes.
    let head = children[..first].iter().filter_map(|it| it.as_token());
    let guarded = head.clone().any(|it| looks_like_directive(it.text()));
    let mut push = |edit: Edit| {
        // Elements come in order and each is edited once.
        let _ = edits.push(edit);
    };
    for (i, child) in children.iter().enumerate() {
        let in_head = i < first;
        let before = i.checked_sub(1).and_then(|it| children.get(it)).map(|it| it.kind());
        match child {
            rowan::NodeOrToken::Token(token) if token.kind() == EMPTY_LINE => {
                let starts_file = matches!(before, None | Some(BOM));
                if before == Some(EMPTY_LINE) || i > last || (starts_file && !guarded) {
                    push(Edit::delete(token.text_range()));
                } else {
                    let blank = token.text().trim_end_matches(['\r', '\n']).len();
                    if blank > 0 && !token.text()[..blank].contains(|c| c != ' ' && c != '\t') {
                        push(Edit::delete(text_size::TextRange::at(token.text_range().start(), size(blank))));
                    }
                }
            }
            rowan::NodeOrToken::Token(token) if token.kind() == COMMENT_LINE => {
                let line = token.text();
                let body = line.trim_end_matches(['\r', '\n']);
                let kept =
                    if (in_head && guarded) || looks_like_directive(body) { body.trim_end() } else { body.trim() };
                let kept = if body.trim_end_matches([' ', '\t']) == body.trim_end() { kept } else { body };
                let gap = if stage_gap(&children, i, options) { eol } else { "" };
                let new = format!("{gap}{kept}{}", &line[body.len()..]);
                if new != line {
                    push(Edit::replace(token.text_range(), new));
                }
            }
            rowan::NodeOrToken::Node(node) if node.kind() == FROM && stage_gap(&children, i, options) => {
                push(Edit::insert(node.text_range().start(), eol));
            }
            _ => {}
        }
    }
    let ends_in_continuation = parse.file().syntax().last_token().is_some_and(|it| it.kind() == CONTINUATION);
    if !text.is_empty() && !text.ends_with('\n') && !ends_in_continuation && last + 1 == children.len() {
        push(Edit::insert(size(text.len()), eol));
    }
    edits
}

/// Whether a blank line is to come before element `i`, a later FROM or the first of the comments above one.
fn stage_gap(children: &[SyntaxElement], i: usize, options: &Options) -> bool {
    let above = children[..i].last().map(|it| it.kind());
    let from = children[i..].iter().find(|it| it.kind() != COMMENT_LINE).map(|it| it.kind());
    let later = children[..i].iter().any(|it| it.kind() == FROM);
    options.stage_gap && later && from == Some(FROM) && above.is_some_and(|it| it.is_instruction())
}

/// Whether a comment would be a directive if it stood at the top, or is read by BuildKit's checks.
fn looks_like_directive(line: &str) -> bool {
    let rest = line.trim_start().trim_start_matches('#').trim_start().to_ascii_lowercase();
    ["syntax", "escape", "check"]
        .iter()
        .any(|it| rest.strip_prefix(it).is_some_and(|it| it.trim_start().starts_with('=')))
}

fn size(len: usize) -> text_size::TextSize {
    // Texts of 4 GiB and more are not parsed.
    text_size::TextSize::new(u32::try_from(len).unwrap_or(u32::MAX))
}
