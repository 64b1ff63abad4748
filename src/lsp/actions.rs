//! The light bulb: a fix for a finding, all fixes of its rule, a comment that keeps it quiet, and what is done to a
//! whole document on save.

use gen_lsp_types::{CodeAction, CodeActionKind, CodeActionParams, CodeActionTriggerKind, Diagnostic, WorkspaceEdit};
use lsp_server::{ErrorCode, ResponseError};
use serde::{Deserialize, Serialize};
use text_size::TextRange;

use super::{
    diagnostics::of_finding,
    edits::workspace_edit,
    formatting::layout,
    snapshot::{Answer, Snapshot, answer, error},
};
use crate::{
    config::Settings,
    fix::{self, Finding, Fix, Job, Rule, Safety},
    text::{EditSet, difference},
};

/// All safe fixes of a document.
pub(super) fn fix_all_kind() -> CodeActionKind {
    CodeActionKind::Custom("source.fixAll.dockfix".into())
}

/// Its layout.
pub(super) fn format_kind() -> CodeActionKind {
    CodeActionKind::Custom("source.format".into())
}

/// What an action does, as it travels to the client and back when its edit is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "camelCase")]
enum Deed {
    FixAll,
    Format,
    FixRule { rule: String, safety: String },
    Ignore { rule: String, start: u32, end: u32 },
}

/// A deed and the document for which it was offered.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Data {
    /// Of which document.
    pub(super) uri: String,
    version: i32,
    #[serde(flatten)]
    deed: Deed,
}

/// What may be done about a selection.
pub(super) fn list(snapshot: &Snapshot, params: CodeActionParams) -> Answer {
    let Some(settings) = snapshot.settings()? else {
        return answer(None::<Vec<CodeAction>>);
    };
    let document = &snapshot.document;
    let selection = snapshot.client.encoding.text_range(&document.text, &document.lines, params.range);
    let only = params.context.only.unwrap_or_default();
    let wants = |kind: &CodeActionKind| only.is_empty() || only.iter().any(|it| holds(it, kind));
    let mut actions = Vec::new();
    if wants(&CodeActionKind::QuickFix) {
        let findings = &snapshot.check(settings).findings;
        let touched = findings.iter().filter(|it| it.range.intersect(selection).is_some());
        quick_fixes(snapshot, settings, &touched.collect::<Vec<_>>(), findings, &mut actions)?;
    }
    // What a client asks by itself, with every move of the cursor, is about the cursor's place.
    let asked = !only.is_empty() || params.context.trigger_kind != Some(CodeActionTriggerKind::Automatic);
    if asked && wants(&fix_all_kind()) {
        let action = action("Fix all that is safe to fix", fix_all_kind());
        actions.extend(with(snapshot, action, Deed::FixAll)?);
    }
    if asked && wants(&format_kind()) {
        actions.extend(with(snapshot, action("Lay out the document", format_kind()), Deed::Format)?);
    }
    answer(actions)
}

/// Whether a kind is another one or a part of it, as `source.fixAll.dockfix` is of `source.fixAll`.
fn holds(whole: &CodeActionKind, part: &CodeActionKind) -> bool {
    let name = |kind: &CodeActionKind| serde_json::to_value(kind).ok().and_then(|it| it.as_str().map(str::to_owned));
    let (Some(whole), Some(part)) = (name(whole), name(part)) else { return false };
    whole.is_empty() || part.strip_prefix(&whole).is_some_and(|it| it.is_empty() || it.starts_with('.'))
}

fn quick_fixes(
    snapshot: &Snapshot,
    settings: &Settings,
    touched: &[&Finding],
    all: &[Finding],
    actions: &mut Vec<CodeAction>,
) -> Result<(), ResponseError> {
    let of = |finding: &Finding| -> Option<Vec<Diagnostic>> { Some(vec![of_finding(snapshot, finding)]) };
    for finding in touched {
        let Some(fix) = finding.fix.as_ref().filter(|it| it.effect <= settings.max_effect) else { continue };
        if fix::is_sound(&snapshot.document.text, finding) {
            actions.push(CodeAction {
                diagnostics: of(finding),
                edit: Some(workspace_edit(snapshot, &fix.edits)),
                is_preferred: (fix.safety == Safety::Safe).then_some(true),
                ..action(&format!("{}{}", fix.title, caution(fix)), CodeActionKind::QuickFix)
            });
        }
    }
    let mut seen: Vec<&Rule> = Vec::new();
    for finding in touched {
        let rule = finding.rule;
        let fixable = |it: &&Finding| it.rule == rule && it.fix.as_ref().is_some_and(|it| it.safety > Safety::Suggest);
        let fixes: Vec<&Fix> = all.iter().filter(fixable).filter_map(|it| it.fix.as_ref()).collect();
        // Those that can be fixed safely are, where there are any.
        let safety = fixes.iter().map(|it| it.safety).max();
        let count = fixes.iter().filter(|it| Some(it.safety) >= safety).count();
        if let Some(safety) = safety.filter(|_| count > 1 && !seen.contains(&rule)) {
            let caution = if safety == Safety::Safe { "" } else { " (unsafe)" };
            let all = action(&format!("Fix all {count} of `{}`{caution}", rule.name), CodeActionKind::QuickFix);
            let deed = Deed::FixRule { rule: rule.name.to_owned(), safety: safety.to_string() };
            actions.extend(with(snapshot, CodeAction { diagnostics: of(finding), ..all }, deed)?);
        }
        seen.push(rule);
    }
    for finding in touched {
        let rule = finding.rule.name.to_owned();
        let (start, end) = (finding.range.start().into(), finding.range.end().into());
        let ignore = action(&format!("Ignore `{rule}` here"), CodeActionKind::QuickFix);
        let ignore = CodeAction { diagnostics: of(finding), ..ignore };
        actions.extend(with(snapshot, ignore, Deed::Ignore { rule, start, end })?);
    }
    Ok(())
}

/// What a fix's title says beside what it does.
fn caution(fix: &Fix) -> &'static str {
    match fix.safety {
        Safety::Safe => "",
        Safety::Unsafe => " (unsafe)",
        Safety::Suggest => " (suggestion)",
    }
}

fn action(title: &str, kind: CodeActionKind) -> CodeAction {
    CodeAction { title: title.to_owned(), kind: Some(kind), ..CodeAction::default() }
}

/// The action with its edit, or with what is needed to make it later. Nothing where nothing would change.
fn with(snapshot: &Snapshot, action: CodeAction, deed: Deed) -> Result<Option<CodeAction>, ResponseError> {
    if !snapshot.client.features.resolves_edits {
        let edits = edits(snapshot, &deed)?;
        let edit = edits.map(|it| workspace_edit(snapshot, &it));
        return Ok(edit.map(|edit| CodeAction { edit: Some(edit), ..action }));
    }
    let data = Data { uri: snapshot.uri.clone(), version: snapshot.document.version, deed };
    Ok(Some(CodeAction { data: serde_json::to_value(data).ok(), ..action }))
}

/// Makes the edit of an action that was offered.
pub(super) fn resolve(snapshot: &Snapshot, action: CodeAction) -> Answer {
    let data = action.data.clone().unwrap_or_default();
    let data: Data = serde_json::from_value(data).map_err(|it| error(ErrorCode::InvalidParams, it.to_string()))?;
    if data.version != snapshot.document.version {
        return Err(error(ErrorCode::ContentModified, "the document has changed since the action was offered"));
    }
    let edit = edits(snapshot, &data.deed)?.map(|it| workspace_edit(snapshot, &it));
    answer(CodeAction { edit: Some(edit.unwrap_or_else(WorkspaceEdit::default)), ..action })
}

/// What a deed changes; `None` where that is nothing.
fn edits(snapshot: &Snapshot, deed: &Deed) -> Result<Option<EditSet>, ResponseError> {
    let Some(settings) = snapshot.settings()? else {
        return Ok(None);
    };
    let rule = |name: &str| settings.rules.iter().copied().find(|it| it.name == name);
    let edits = match deed {
        Deed::FixAll => Some(fixes(snapshot, &settings.fix_job(Safety::Safe, false))),
        Deed::Format => layout(snapshot, None)?,
        Deed::FixRule { rule: name, safety } => rule(name).map(|rule| {
            let safety = if safety == Safety::Safe.as_str() { Safety::Safe } else { Safety::Unsafe };
            fixes(snapshot, &Job { rules: vec![rule], ..settings.fix_job(safety, false) })
        }),
        Deed::Ignore { rule: name, start, end } => {
            let findings = &snapshot.check(settings).findings;
            let range = (*start <= *end).then(|| TextRange::new((*start).into(), (*end).into()));
            let wanted = findings.iter().find(|it| it.rule.name == name && Some(it.range) == range);
            let text = &snapshot.document.text;
            wanted.map(|it| fix::add_ignores(text, snapshot.parse(), std::slice::from_ref(it), None))
        }
    };
    Ok(edits.filter(|it| !it.is_empty()))
}

/// The edits that a job makes.
pub(super) fn fixes(snapshot: &Snapshot, job: &Job) -> EditSet {
    let outcome = fix::run(&snapshot.document.text, job);
    snapshot.log_faults(&outcome.faults);
    difference(&snapshot.document.text, &outcome.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_hold_their_parts() {
        let kind = |name: &'static str| CodeActionKind::Custom(name.into());
        assert!(holds(&CodeActionKind::Source, &fix_all_kind()));
        assert!(holds(&CodeActionKind::SourceFixAll, &fix_all_kind()));
        assert!(holds(&fix_all_kind(), &fix_all_kind()));
        assert!(!holds(&kind("source.fixAll.other"), &fix_all_kind()));
        assert!(!holds(&kind("sour"), &fix_all_kind()));
    }

    #[test]
    fn deeds_come_back() {
        let deed = Deed::Ignore { rule: "maintainer".to_owned(), start: 1, end: 2 };
        let data = Data { uri: "file:///a".to_owned(), version: 3, deed };
        let sent = serde_json::to_value(&data).unwrap_or_default();
        let back: Option<Data> = serde_json::from_value(sent).ok();
        assert_eq!(back.map(|it| (it.uri, it.version, it.deed)), Some((data.uri, data.version, data.deed)));
    }
}
