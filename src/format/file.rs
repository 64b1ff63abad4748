//! The layout between instructions: blank lines, comments, the end of the file.

use text_size::{TextRange, TextSize};

use super::{EndOfLine, Options, line_ends, pragma::Regions};
use crate::{
    syntax::{
        Part, Placed, Pragma,
        SyntaxKind::{self, *},
        Token,
    },
    text::{Edit, EditSet},
};

/// What BuildKit drops at the start of a file.
const MARK: char = '\u{feff}';

/// The edits between the instructions.
pub(super) fn file(
    root: Placed<'_>,
    text: &str,
    regions: &Regions,
    gaps: &[TextSize],
    options: &Options,
    eol: &str,
) -> EditSet {
    let mut edits = EditSet::default();
    let children: Vec<Part<'_>> = root.parts().collect();
    let first = children.iter().position(|it| it.kind().is_instruction()).unwrap_or(children.len());
    let last = children.iter().rposition(|it| it.kind() != EMPTY_LINE).unwrap_or_default();
    // A comment that looks like a directive counts as one if what keeps it out of the zone goes.
    let mut head = children[..first].iter().filter_map(|it| it.token());
    // So does a mark of byte order that would come to stand first.
    let leader = children.iter().find(|it| it.kind() != EMPTY_LINE).filter(|it| it.kind() != BOM);
    let marked = leader.is_some_and(|it| text[it.text_range()].starts_with(MARK));
    let guarded = marked || head.any(|it| is_directive(it.text()));
    let mut push = |edit: Edit| {
        // Elements come in order and each is edited once.
        let _ = edits.push(edit);
    };
    for (i, child) in children.iter().enumerate() {
        let range = child.text_range();
        let gap = gaps.binary_search(&range.start()).is_ok();
        if regions.hold(range) {
            if gap && !i.checked_sub(1).is_some_and(|it| regions.hold(children[it].text_range())) {
                push(Edit::insert(range.start(), eol));
            }
            continue;
        }
        let before = i.checked_sub(1).and_then(|it| children.get(it)).map(|it| it.kind());
        match child {
            Part::Token(token) if token.kind() == EMPTY_LINE => {
                let starts_file = matches!(before, None | Some(BOM));
                if before == Some(EMPTY_LINE) || i > last || (starts_file && !guarded) {
                    push(Edit::delete(range));
                } else {
                    let blank = token.text().trim_end_matches(['\r', '\n']).len();
                    if blank > 0 && !token.text()[..blank].contains(|c| c != ' ' && c != '\t') {
                        push(Edit::delete(TextRange::at(range.start(), size(blank))));
                    }
                }
            }
            Part::Token(token) if token.kind() == COMMENT_LINE => {
                let new = comment(*token, i < first && guarded, options, eol);
                let new = if gap { format!("{eol}{new}") } else { new };
                if new != token.text() {
                    push(Edit::replace(range, new));
                }
            }
            // The blank line before an instruction is that instruction's, for its own edits begin there too.
            _ => {}
        }
    }
    if options.end_of_line != EndOfLine::Auto {
        for child in children.iter().filter(|it| !regions.hold(it.text_range())) {
            line_ends::of_part(*child, eol, &mut edits);
        }
    }
    let end = size(text.len());
    if !text.is_empty() && !is_ended(root, text, options) && last + 1 == children.len() && !regions.reach(end) {
        // Nothing else stands at the end.
        let _ = edits.push(Edit::insert(end, eol));
    }
    edits
}

/// Whether the last line has its end, or is to go on without one.
fn is_ended(root: Placed<'_>, text: &str, options: &Options) -> bool {
    let bare = text.trim_end_matches(|it: char| it.is_whitespace() && it != '\n');
    // Blanks alone are no line. A carriage return would become a part of the line end, which is to be another one.
    let lone = text.ends_with('\r') && options.end_of_line != EndOfLine::Auto && last_kind(root) != Some(CONTINUATION);
    lone || bare.ends_with('\n')
}

/// Which token is the last of a node.
fn last_kind(node: Placed<'_>) -> Option<SyntaxKind> {
    match node.parts().last()? {
        Part::Node(node) => last_kind(node),
        Part::Token(token) => Some(token.kind()),
    }
}

/// A comment line without the blanks around it. One that could be taken for a directive keeps its indentation.
fn comment(token: Token<'_>, guarded: bool, options: &Options, eol: &str) -> String {
    let line = token.text();
    let body = line.trim_end_matches(['\r', '\n']);
    let kept = if guarded || is_directive(body) { body.trim_end() } else { body.trim() };
    // White space that is neither blank nor tab stays.
    let kept = if body.trim_end_matches([' ', '\t']) == body.trim_end() { kept } else { body };
    let end = &line[body.len()..];
    let end = if options.end_of_line != EndOfLine::Auto && end.ends_with('\n') { eol } else { end };
    format!("{kept}{end}")
}

/// Where a blank line is to come: before a FROM that ends a stage, or before the first of the comments right above one,
/// where none stands yet.
pub(super) fn stage_gaps(root: Placed<'_>, options: &Options) -> Vec<TextSize> {
    let mut gaps = Vec::new();
    if !options.stage_gap {
        return gaps;
    }
    let children: Vec<Part<'_>> = root.parts().collect();
    // The first comment of the lines of comments right above, if any stand there.
    let mut comments = None;
    let mut later = false;
    for (i, child) in children.iter().enumerate() {
        match child.kind() {
            COMMENT_LINE => _ = comments.get_or_insert(i),
            FROM => {
                let at = comments.take().unwrap_or(i);
                let above = at.checked_sub(1).map(|it| children[it].kind());
                // Stages of nothing but a FROM are tables of names, which their authors keep together.
                if later && above.is_some_and(|it| it.is_instruction() && it != FROM) {
                    gaps.push(children[at].text_range().start());
                }
                later = true;
            }
            kind => {
                comments = None;
                later |= kind.is_instruction() && kind != ARG;
            }
        }
    }
    gaps
}

/// Whether a comment would be a directive if it stood at the top, or is read by BuildKit's checks.
fn is_directive(comment: &str) -> bool {
    matches!(Pragma::of(comment), Some(Pragma::Directive { .. }))
}

fn size(len: usize) -> TextSize {
    // Texts of 4 GiB and more are not parsed.
    TextSize::new(u32::try_from(len).unwrap_or(u32::MAX))
}
