//! The layout of one instruction.

use super::{
    gap::{Place, Want},
    page::Page,
};
use crate::{
    syntax::{Part, Placed, SyntaxKind::*},
    text::{Edit, EditSet},
};

/// The edits that lay out an instruction without errors, which is read into `page`.
pub(super) fn instruction<'a>(node: Placed<'a>, page: &mut Page<'a>) -> EditSet {
    page.read(node);
    let mut edits = EditSet::default();
    // Where a token runs over a line break, no gap is decided on: all are kept.
    if !page.torn {
        if !page.broken_at(0) {
            page.gap(0).want(Want::Nothing, Place::default());
        }
        page.arguments(node);
    }
    let end = page.tokens.len();
    let mut new = String::new();
    for (i, gap) in page.gaps.iter().enumerate() {
        new.clear();
        let replaced = match i == end {
            _ if page.torn => None,
            true if node.kind() == ONBUILD => None,
            true => gap.render_end(page, &mut new),
            false => gap.render(page, &mut new),
        };
        if let Some(range) = replaced
            && page.text[range] != new
        {
            // Gaps are disjoint and come in order.
            let _ = edits.push(Edit::replace(range, new.as_str()));
        }
    }
    // ONBUILD stores the text of its instruction as it is.
    let stored = if node.kind() == ONBUILD { node.children().next() } else { None };
    let end = stored.map_or(node.text_range().end(), |it| it.text_range().start());
    let keywords = page.tokens.iter().zip(&page.gaps).filter(|(it, gap)| it.kind() == KEYWORD && !gap.frozen);
    for (token, _) in keywords.filter(|(it, _)| it.text_range().start() < end) {
        if token.text().contains(|it: char| it.is_ascii_lowercase()) {
            let _ = edits.push(Edit::replace(token.text_range(), token.text().to_ascii_uppercase()));
        }
    }
    edits
}

/// Whether a quote that is opened before or in a word of a list is open behind it. Lists have no quotes, but the names
/// of heredocs in them have.
fn is_open_behind(part: Part<'_>, open: bool) -> bool {
    let Part::Node(node) = part else { return open };
    let text = node.joined_text();
    open != (['\'', '"'].iter().any(|it| text.matches(*it).count() % 2 == 1))
}

impl Page<'_> {
    fn arguments(&mut self, node: Placed<'_>) {
        let kind = node.kind();
        if kind == ONBUILD {
            self.blank_or_break(1, Place::level(1));
            return;
        }
        // In what looks like an array, a tab inside quotes may be all that keeps it from being one.
        let list = matches!(kind, COPY | ADD | VOLUME) && node.children().all(|it| it.kind() != JSON_ARRAY);
        let mut arguments =
            node.parts().filter(|it| !it.kind().is_trivia() && !matches!(it.kind(), KEYWORD | FLAG | HEREDOC));
        if list && arguments.next().is_some_and(|it| self.text[it.text_range()].starts_with('[')) {
            return;
        }
        let named = list && node.children().any(|it| it.kind() == HEREDOC);
        let mut open = false;
        let mut level = 0;
        let mut keyword = true;
        // The place of the pairs of ENV and LABEL, once the first is set.
        let mut pairs = None;
        for child in node.parts() {
            if child.kind().is_trivia() || child.kind() == HEREDOC {
                continue;
            }
            let at = self.first(child);
            if std::mem::take(&mut keyword) {
                continue;
            }
            let inside = open;
            open = named && is_open_behind(child, open);
            match child.kind() {
                _ if inside => {}
                KEY_VALUE if matches!(kind, ENV | LABEL) => pairs = Some(self.pair(at, child, node, pairs)),
                _ if self.in_one_word(at) => {}
                // The other lines of a text that is left as it is keep their indentation, so the first does as well.
                FOREIGN_SCRIPT if self.broken_at(at) && matches!(child, Part::Node(it) if self.end(it) > at + 1) => {}
                _ => {
                    let own = level.max(1);
                    self.blank_or_break(at, Place::level(own));
                    if self.gap(at).breaks() {
                        // The command of a health check stands deeper than its CMD.
                        level = if child.kind() == KEYWORD { own + 1 } else { own };
                    }
                }
            }
            match child {
                Part::Node(node) if matches!(node.kind(), SCRIPT | FOREIGN_SCRIPT) => match node.kind() {
                    _ if self.options.keep_cache => self.joined(node),
                    SCRIPT => self.script(node, level),
                    _ => {}
                },
                Part::Node(node) if node.kind() == JSON_ARRAY => self.json(node),
                _ => {}
            }
        }
    }

    /// Pairs that stand on lines of their own are aligned under the first.
    fn pair(
        &mut self,
        at: usize,
        pair: Part<'_>,
        instruction: Placed<'_>,
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
                let mut pairs = instruction.children().filter(|it| it.kind() == KEY_VALUE);
                (place, pairs.any(|it| self.broken_at(self.first_of(it))))
            }
        };
        if let Part::Node(pair) = pair
            && pair.parts().all(|it| it.kind() != EQ)
        {
            // The legacy form: the value is one text from the first blank on.
            if let Some(value) = pair.parts().find(|it| it.kind() == VALUE) {
                let at = self.first(value);
                let lines = pair.parts().filter(|it| it.kind() == VALUE).count();
                // The other lines of the value keep their indentation, so the first does as well. Where the key ends
                // with the escape character, one blank less may make another word of it.
                let escapes = at
                    .checked_sub(1)
                    .and_then(|it| self.tokens.get(it))
                    .is_some_and(|it| it.text().ends_with(self.escape));
                if (lines == 1 || !self.broken_at(at)) && !escapes {
                    self.blank_or_break(at, Place::level(1));
                }
            }
        }
        (place, broken)
    }

    /// Text of which BuildKit keeps every blank: only where they stand about a line break may change.
    fn joined(&mut self, node: Placed<'_>) {
        let first = self.first_of(node) + 1;
        for at in first..self.end(node) {
            self.gap(at).want(Want::Joined, Place::default());
        }
    }

    /// An array keeps its lines: aligned under the first element, or, where `[` ends its line, one level deep.
    fn json(&mut self, array: Placed<'_>) {
        let open = self.first_of(array);
        let hanging = self.broken_at(open + 1);
        let element = if hanging { Place::level(1) } else { Place::column(self.column(open) + 1) };
        let mut string_open = false;
        for child in array.parts().filter(|it| !it.kind().is_trivia()) {
            let at = self.first(child);
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
