//! Layout: of a document, of a selection, and of the line that was just begun.

use gen_lsp_types::{
    DocumentFormattingParams, DocumentOnTypeFormattingParams, DocumentRangeFormattingParams, Range, TextEdit,
};
use lsp_server::ResponseError;
use text_size::{TextRange, TextSize};

use super::{
    client::Level,
    edits::text_edits,
    snapshot::{Answer, Snapshot, answer},
};
use crate::{
    fix, format, report,
    syntax::{self, SyntaxKind},
    text::EditSet,
};

/// Lays a document out.
pub(super) fn document(snapshot: &Snapshot, _: DocumentFormattingParams) -> Answer {
    answer(layout(snapshot, None)?.map(|it| text_edits(snapshot, &it)))
}

/// Lays out the instructions that a selection touches.
pub(super) fn range(snapshot: &Snapshot, params: DocumentRangeFormattingParams) -> Answer {
    let document = &snapshot.document;
    let within = snapshot.client.encoding.text_range(&document.text, &document.lines, params.range);
    answer(layout(snapshot, Some(within))?.map(|it| text_edits(snapshot, &it)))
}

/// The edits that lay a document out, or what `within` touches; `None` where it is left alone.
pub(super) fn layout(snapshot: &Snapshot, within: Option<TextRange>) -> Result<Option<EditSet>, ResponseError> {
    let Some(settings) = snapshot.settings()? else {
        return Ok(None);
    };
    match fix::layout(&snapshot.document.text, &settings.format, within) {
        Ok((edits, faults)) => {
            snapshot.log_faults(&faults);
            Ok(Some(edits))
        }
        Err(why) => {
            if let Some(why) = report::passed_over_because(&why) {
                snapshot.client.log(Level::Info, format!("{}: passed over: {why}", snapshot.uri));
            }
            Ok(None)
        }
    }
}

/// Indents the line that was just begun, if it goes on with an instruction.
pub(super) fn on_type(snapshot: &Snapshot, params: DocumentOnTypeFormattingParams) -> Answer {
    let Some(settings) = snapshot.settings()?.filter(|_| params.ch == "\n") else {
        return answer(None::<Vec<TextEdit>>);
    };
    let edit = indentation(snapshot, params.position.line, &settings.format);
    answer(edit.map(|it| vec![it]))
}

/// What a line inside an instruction begins with, once that is laid out. A line without words is treated as if one
/// stood there.
fn indentation(snapshot: &Snapshot, line: u32, options: &format::Options) -> Option<TextEdit> {
    let document = &snapshot.document;
    let range = document.lines.line_range(line as usize)?;
    let (start, end) = (usize::from(range.start()), usize::from(range.end()));
    let old = &document.text[start..end];
    let indent = old.len() - old.trim_start_matches([' ', '\t']).len();
    let at = start + indent;
    let mut text = document.text.clone();
    if old.trim().is_empty() {
        text.insert(at, 'x');
    }
    let parse = syntax::parse(&text);
    let offset = TextSize::new(at as u32);
    let token = parse.file().syntax().token_at_offset(offset).right_biased()?;
    let mut around = token.parent_ancestors();
    let instruction = around.find(|it| it.kind().is_instruction())?.text_range();
    if instruction.start() >= range.start()
        || matches!(token.kind(), SyntaxKind::HEREDOC_BODY | SyntaxKind::HEREDOC_END)
    {
        return None;
    }
    let pieces = format::format(&parse, &text, options);
    let piece = pieces.iter().find(|it| it.is_instruction && it.range == instruction)?;
    let after = piece.edits.apply(&text);
    let place = usize::from(piece.edits.map_offset(offset));
    let line_start = after[..place].rfind('\n').map_or(0, |it| it + 1);
    let line_text = &after[line_start..];
    let new = &line_text[..line_text.len() - line_text.trim_start_matches([' ', '\t']).len()];
    if new == &old[..indent] || line_start == 0 {
        return None;
    }
    let range = TextRange::at(range.start(), TextSize::new(indent as u32));
    let range: Range = snapshot.client.encoding.range(&document.text, &document.lines, range);
    Some(TextEdit { range, new_text: new.to_owned() })
}
