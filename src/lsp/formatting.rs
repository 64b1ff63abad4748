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
use crate::{fix, format, report, syntax, text::EditSet};

/// Lays a document out.
pub(super) fn document(snapshot: &Snapshot, _: DocumentFormattingParams) -> Answer {
    answer(layout(snapshot, None)?.map(|it| text_edits(snapshot, &it)))
}

/// Lays out the instructions that a selection touches.
pub(super) fn range(snapshot: &Snapshot, params: DocumentRangeFormattingParams) -> Answer {
    let document = &snapshot.document;
    let mut within = snapshot.client.encoding.text_range(&document.text, &document.lines, params.range);
    if within.is_empty() {
        // A mere place is the character there, so that a line's beginning has no part in the line before.
        let next = document.text.get(usize::from(within.start())..).and_then(|it| it.chars().next());
        within = TextRange::at(within.start(), next.map(TextSize::of).unwrap_or_default());
    }
    answer(layout(snapshot, Some(within))?.map(|it| text_edits(snapshot, &it)))
}

/// The edits that lay a document out, or what `within` touches; `None` where it is left alone.
pub(super) fn layout(snapshot: &Snapshot, within: Option<TextRange>) -> Result<Option<EditSet>, ResponseError> {
    let Some(settings) = snapshot.settings()? else {
        return Ok(None);
    };
    let some;
    let layout = match within {
        None => snapshot.lay_out(settings),
        Some(_) => {
            some = fix::layout(&snapshot.document.text, &settings.format, within);
            &some
        }
    };
    match layout {
        Ok((edits, faults)) => {
            snapshot.log_faults(faults);
            Ok(Some(edits.clone()))
        }
        Err(why) => {
            if let Some(why) = report::passed_over_because(why) {
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

/// What stands for the words that a line is still to get: a word, or a pair where only those are allowed.
const WORDS_TO_COME: [&str; 2] = ["1", "x=1"];

/// What a line inside an instruction begins with, once that is laid out.
fn indentation(snapshot: &Snapshot, line: u32, options: &format::Options) -> Option<TextEdit> {
    let document = &snapshot.document;
    let range = document.lines.line_range(line as usize)?;
    let old = document.text.get(usize::from(range.start())..usize::from(range.end()))?;
    let indent = leading_blanks(old);
    let new = match old.trim().is_empty() {
        false => laid_out(&document.text, range.start(), indent, options),
        true => WORDS_TO_COME.iter().find_map(|words| {
            let mut text = document.text.clone();
            text.insert_str(usize::from(range.start()) + indent.len(), words);
            laid_out(&text, range.start(), indent, options)
        }),
    }?;
    let range = TextRange::at(range.start(), TextSize::of(indent));
    let range: Range = snapshot.client.encoding.range(&document.text, &document.lines, range);
    (new != indent).then_some(TextEdit { range, new_text: new })
}

/// The blanks with which the line that begins at `start` begins once its instruction is laid out; `None` where it is
/// not a further line of one, or blanks count there.
fn laid_out(text: &str, start: TextSize, indent: &str, options: &format::Options) -> Option<String> {
    let parse = syntax::parse(text);
    let first_word = start + TextSize::of(indent);
    let token = parse.file().syntax().token_at_offset(first_word).right_biased()?;
    let instruction = token.parent_ancestors().find(|it| it.kind().is_instruction())?.text_range();
    if instruction.start() >= start {
        return None;
    }
    let pieces = format::format(&parse, text, options);
    let piece = pieces.iter().find(|it| it.is_instruction && it.range == instruction)?;
    let after = piece.edits.apply(text);
    let before = after.get(..usize::from(piece.edits.map_offset(first_word)))?;
    let line = before.rfind('\n').map_or(0, |it| it + 1);
    (line > usize::from(instruction.start())).then(|| leading_blanks(&after[line..]).to_owned())
}

/// The blanks with which a line begins.
fn leading_blanks(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}
