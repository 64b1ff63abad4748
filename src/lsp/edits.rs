//! Edits as the client takes them.

use std::collections::HashMap;

use gen_lsp_types::{
    DocumentChange, Edit, OptionalVersionedTextDocumentIdentifier, TextDocumentEdit, TextDocumentIdentifier, TextEdit,
    WorkspaceEdit,
};
use text_size::{TextRange, TextSize};

use super::snapshot::Snapshot;
use crate::text::{self, EditSet};

/// Edits on a snapshot's document. What an edit leaves as it is at its ends is no part of it.
pub(super) fn text_edits(snapshot: &Snapshot, edits: &EditSet) -> Vec<TextEdit> {
    let document = &snapshot.document;
    let smaller = edits.iter().filter_map(|it| smallest(&document.text, it.range, &it.insert));
    // Edits come in the order of the text.
    let mut places = snapshot.client.encoding.in_order(&document.text, &document.lines);
    smaller.map(|(at, new_text)| TextEdit { range: places.range(at), new_text: new_text.to_owned() }).collect()
}

/// The part of an edit that changes something. It never begins or ends inside a `\r\n`: a client can't say that place.
fn smallest<'t>(text: &str, range: TextRange, insert: &'t str) -> Option<(TextRange, &'t str)> {
    let old = text.get(usize::from(range.start())..usize::from(range.end()))?;
    if old == insert {
        return None;
    }
    let equal = |pairs: &mut dyn Iterator<Item = (char, char)>| -> usize {
        pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
    };
    let mut start = equal(&mut old.chars().zip(insert.chars()));
    if old[..start].ends_with('\r') {
        start -= 1;
    }
    let (old, insert) = (&old[start..], &insert[start..]);
    let mut end = equal(&mut old.chars().rev().zip(insert.chars().rev()));
    if old[old.len() - end..].starts_with('\n') && (old[..old.len() - end].ends_with('\r')) {
        end -= 1;
    }
    let from = range.start() + text::offset(start);
    let range = TextRange::at(from, TextSize::of(&old[..old.len() - end]));
    Some((range, &insert[..insert.len() - end]))
}

/// The same as an edit of the workspace.
pub(super) fn workspace_edit(snapshot: &Snapshot, edits: &EditSet) -> WorkspaceEdit {
    let edits = text_edits(snapshot, edits);
    let uri = gen_lsp_types::Uri(snapshot.uri.clone());
    if !snapshot.client.features.versioned_edits {
        return WorkspaceEdit { changes: Some(HashMap::from([(uri, edits)])), ..WorkspaceEdit::default() };
    }
    let text_document = OptionalVersionedTextDocumentIdentifier {
        version: Some(snapshot.document.version),
        text_document_identifier: TextDocumentIdentifier { uri },
    };
    let edits = edits.into_iter().map(Edit::TextEdit).collect();
    let change = DocumentChange::TextDocumentEdit(TextDocumentEdit { text_document, edits });
    WorkspaceEdit { document_changes: Some(vec![change]), ..WorkspaceEdit::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small<'t>(old: &str, new: &'t str) -> Option<(std::ops::Range<usize>, &'t str)> {
        smallest(old, TextRange::up_to(TextSize::of(old)), new).map(|(range, text)| (range.into(), text))
    }

    #[test]
    fn equal_ends_are_left_out() {
        assert_eq!(small("from a", "FROM a"), Some((0..4, "FROM")));
        assert_eq!(small("a  b", "a b"), Some((2..3, "")));
        assert_eq!(small("äx", "äöx"), Some((2..2, "ö")));
        assert_eq!(small("a", "a"), None);
    }

    #[test]
    fn line_ends_stay_whole() {
        assert_eq!(small("a\r\n", "a\n"), Some((1..3, "\n")));
        assert_eq!(small("a\n", "a\r\n"), Some((1..1, "\r")));
        assert_eq!(small("\r\n\r\n", "\r\n"), Some((2..4, "")));
    }
}
