//! What is said at the pointer: about a finding its rule, about an instruction what it does to the build.

use std::fmt::Write;

use gen_lsp_types::{Contents, Hover, HoverParams, MarkupContent, MarkupKind};
use text_size::{TextRange, TextSize};

use super::{
    effect,
    snapshot::{Answer, Snapshot, answer},
};
use crate::{
    fix::{Finding, Rule},
    rules::ALL,
    syntax::{Parse, SyntaxKind::COMMENT_LINE},
    text,
};

/// What is to be said of a place.
pub(super) fn hover(snapshot: &Snapshot, params: HoverParams) -> Answer {
    let Some(settings) = snapshot.settings()? else {
        return answer(None::<Hover>);
    };
    let document = &snapshot.document;
    let position = params.text_document_position_params.position;
    let offset = snapshot.client.encoding.offset(&document.text, &document.lines, position);
    let outcome = snapshot.check(settings);
    if outcome.passed_over.is_some() {
        return answer(None::<Hover>);
    }
    let findings = outcome.findings.iter().filter(|it| it.range.contains_inclusive(offset));
    // The narrowest finding is what the pointer is at.
    let finding = findings.min_by_key(|it| it.range.len());
    let parse = snapshot.parse();
    let instruction = parse.file().instructions().find(|it| it.keyword_range().contains_inclusive(offset));
    let found = match (finding, instruction) {
        // A finding that marks more than the keyword leaves that to what is said of the instruction.
        (Some(finding), None) => Some((finding.range, of_finding(finding))),
        (Some(finding), Some(it)) if it.keyword_range().contains_range(finding.range) => {
            Some((finding.range, of_finding(finding)))
        }
        (_, Some(it)) => effect::of_instruction(parse, &it).map(|text| (it.keyword_range(), text)),
        (None, None) => named_rule(parse, &document.text, offset).map(|(range, rule)| (range, rule.page())),
    };
    answer(found.map(|(range, value)| {
        let (kind, value) = match snapshot.client.features.markdown {
            true => (MarkupKind::Markdown, value),
            false => (MarkupKind::PlainText, plain(&value)),
        };
        let range = snapshot.client.encoding.range(&document.text, &document.lines, range);
        Hover { contents: Contents::MarkupContent(MarkupContent { kind, value }), range: Some(range) }
    }))
}

/// Markdown as it is written here, without its marks.
fn plain(markdown: &str) -> String {
    let (mut out, mut in_example) = (String::new(), false);
    for line in markdown.lines() {
        let is_fence = line.starts_with("```");
        in_example ^= is_fence;
        if is_fence || line == "---" {
            continue;
        }
        if in_example {
            out.push_str(line);
        } else {
            out.push_str(line.trim_start_matches('#').replace("**", "").replace('`', "").trim_start());
        }
        out.push('\n');
    }
    out
}

fn of_finding(finding: &Finding) -> String {
    let mut out = format!("{}.\n\n", finding.message);
    if let Some(fix) = &finding.fix {
        // Writing to a string can't fail, here and below.
        let _ = writeln!(out, "Fix: {}. Safety: {}. Effect on the build: {}.\n", fix.title, fix.safety, fix.effect);
    }
    out.push_str("---\n\n");
    out.push_str(&finding.rule.page());
    out
}

/// The rule that a comment names at a place, and where.
fn named_rule(parse: &Parse, text: &str, offset: TextSize) -> Option<(TextRange, &'static Rule)> {
    let token = parse.file().syntax().token_at_offset(offset).find(|it| it.kind() == COMMENT_LINE)?;
    token.text().contains("ignore").then_some(())?;
    let (start, at) = (usize::from(token.text_range().start()), usize::from(offset));
    let is_name = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    let from = start + text[start..at].rfind(|c| !is_name(c)).map_or(0, |it| it + 1);
    let to = at + text[at..].find(|c| !is_name(c)).unwrap_or(text.len() - at);
    let word = text.get(from..to)?;
    let rule = ALL.iter().copied().find(|it| it.answers_to(word))?;
    Some((TextRange::new(text::offset(from), text::offset(to)), rule))
}
