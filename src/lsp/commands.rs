//! What a client may ask for by a command's name.

use gen_lsp_types::{ApplyWorkspaceEditParams, ApplyWorkspaceEditRequest};
use lsp_server::{ErrorCode, ResponseError};
use serde_json::Value;

use super::{
    actions::fixes,
    edits::workspace_edit,
    formatting::layout,
    snapshot::{Answer, Snapshot, answer, error},
};
use crate::{fix::Safety, rules::ALL as RULES, text::EditSet};

/// Fixes and lays out all files of the workspace.
pub(super) const FIX_WORKSPACE: &str = "dockfix.fixWorkspace";
/// Fixes and lays out a document: `[uri]`.
pub(super) const FIX_DOCUMENT: &str = "dockfix.fixDocument";
/// Lays out a document: `[uri]`.
pub(super) const FORMAT_DOCUMENT: &str = "dockfix.formatDocument";
/// Gives back a rule's page as Markdown: `[name]`.
pub(super) const EXPLAIN_RULE: &str = "dockfix.explainRule";

/// All of them.
pub(super) const ALL: &[&str] = &[FIX_WORKSPACE, FIX_DOCUMENT, FORMAT_DOCUMENT, EXPLAIN_RULE];

/// The first argument, if it is a text.
pub(super) fn text(arguments: &[Value]) -> Result<&str, ResponseError> {
    let text = arguments.first().and_then(Value::as_str);
    text.ok_or_else(|| error(ErrorCode::InvalidParams, "expected a text as the first argument"))
}

/// A rule's page.
pub(super) fn explain_rule(arguments: &[Value]) -> Answer {
    let name = text(arguments)?;
    match RULES.iter().find(|it| it.answers_to(name)) {
        Some(rule) => answer(rule.page()),
        None => Err(error(ErrorCode::InvalidParams, format!("unknown rule `{name}`"))),
    }
}

/// Fixes and lays out a document, as `dockfix fix` does.
pub(super) fn fix_document(snapshot: &Snapshot) -> Answer {
    let edits = snapshot.settings()?.map(|it| fixes(snapshot, &it.fix_job(Safety::Safe, true)));
    apply(snapshot, "Fix the document", edits)
}

/// Lays out a document.
pub(super) fn format_document(snapshot: &Snapshot) -> Answer {
    apply(snapshot, "Lay out the document", layout(snapshot, None)?)
}

/// Has the client apply edits, if there are any.
fn apply(snapshot: &Snapshot, label: &str, edits: Option<EditSet>) -> Answer {
    if !snapshot.client.features.applies_edits {
        return Err(error(ErrorCode::RequestFailed, "the client takes no edits that it did not ask for"));
    }
    if let Some(edits) = edits.filter(|it| !it.is_empty()) {
        let edit = workspace_edit(snapshot, &edits);
        let label = Some(label.to_owned());
        snapshot.client.ask::<ApplyWorkspaceEditRequest>(ApplyWorkspaceEditParams { label, edit, metadata: None });
    }
    answer(Value::Null)
}
