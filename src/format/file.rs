//! The layout between instructions: blank lines, comments, the end of the file.

use text_size::{TextRange, TextSize};

use super::{EndOfLine, Options, line_ends, pragma::Regions};
use crate::{
    syntax::{
        Part, Placed, Pragma,
        SyntaxKind::{self, *},
        Token,
    },
    text::{self, Edit, EditSet},
};

/// What BuildKit drops at the start of a file.
const MARK: char = '\u{feff}';

/// A file, of which what stands between the instructions is laid out.
pub(super) struct File<'a> {
    pub(super) root: Placed<'a>,
    pub(super) text: &'a str,
    /// What is left as it is.
    pub(super) regions: &'a Regions,
    /// Where a blank line is to come, in the order of the text.
    pub(super) gaps: &'a [TextSize],
    pub(super) options: &'a Options,
    pub(super) eol: &'a str,
}

impl File<'_> {
    /// The edits between the instructions.
    pub(super) fn edits(&self) -> EditSet {
        let mut edits = EditSet::default();
        let children: Vec<Part<'_>> = self.root.parts().collect();
        let first = children.iter().position(|it| it.kind().is_instruction()).unwrap_or(children.len());
        let last = children.iter().rposition(|it| it.kind() != EMPTY_LINE).unwrap_or_default();
        let guarded = self.is_guarded(&children, first);
        for (i, child) in children.iter().enumerate() {
            let before = i.checked_sub(1).and_then(|it| children.get(it));
            let edit = match child {
                _ if self.regions.hold(child.text_range()) => self.above_region(child, before),
                Part::Token(line) if line.kind() == EMPTY_LINE => {
                    let before = before.map(|it| it.kind());
                    let leads = !guarded && matches!(before, None | Some(BOM));
                    let goes = leads || before == Some(EMPTY_LINE) || i > last;
                    if goes { Some(Edit::delete(line.text_range())) } else { emptied(*line) }
                }
                Part::Token(line) if line.kind() == COMMENT_LINE => self.comment(*line, i < first && guarded),
                // The blank line before an instruction is that instruction's, for its own edits begin there too.
                _ => None,
            };
            // They come in order, and each is edited once.
            let _ = edit.map(|it| edits.push(it));
        }
        if self.options.end_of_line != EndOfLine::Auto {
            for child in children.iter().filter(|it| !self.regions.hold(it.text_range())) {
                line_ends::of_part(*child, self.eol, &mut edits);
            }
        }
        let end = text::offset(self.text.len());
        // Behind a carriage return a line feed would make a line end of both, to be written in another way.
        let half = self.text.ends_with('\r') && self.options.end_of_line != EndOfLine::Auto;
        let ended = self.text.is_empty() || half || is_ended(self.root, self.text, self.options);
        if !ended && last + 1 == children.len() && !self.regions.reach(end) {
            // Nothing else stands at the end.
            let _ = edits.push(Edit::insert(end, self.eol));
        }
        edits
    }

    /// Whether what stands before the first instruction keeps something from being read in another way at the top.
    fn is_guarded(&self, children: &[Part<'_>], first: usize) -> bool {
        // A mark of byte order that would come to stand first.
        let leader = children.iter().find(|it| it.kind() != EMPTY_LINE).filter(|it| it.kind() != BOM);
        let marked = leader.is_some_and(|it| self.text[it.text_range()].starts_with(MARK));
        // A comment that looks like a directive counts as one if what keeps it out of the zone goes.
        let mut head = children.iter().take(first).filter_map(|it| it.token());
        marked || head.any(|it| is_directive(it.text()))
    }

    fn begins_with_gap(&self, part: TextRange) -> bool {
        self.gaps.binary_search(&part.start()).is_ok()
    }

    /// The blank line above a region that is left as it is.
    fn above_region(&self, child: &Part<'_>, before: Option<&Part<'_>>) -> Option<Edit> {
        let range = child.text_range();
        let inside = before.is_some_and(|it| self.regions.hold(it.text_range()));
        (!inside && self.begins_with_gap(range)).then(|| Edit::insert(range.start(), self.eol))
    }

    fn comment(&self, line: Token<'_>, guarded: bool) -> Option<Edit> {
        let mut new = comment(line, guarded, self.options, self.eol);
        if self.begins_with_gap(line.text_range()) {
            new.insert_str(0, self.eol);
        }
        (new != line.text()).then(|| Edit::replace(line.text_range(), new))
    }
}

/// Takes blanks and tabs out of an empty line that has nothing else.
fn emptied(line: Token<'_>) -> Option<Edit> {
    let blanks = line.text().trim_end_matches(['\r', '\n']);
    let plain = !blanks.is_empty() && !blanks.contains(|c| c != ' ' && c != '\t');
    plain.then(|| Edit::delete(TextRange::at(line.text_range().start(), text::offset(blanks.len()))))
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
