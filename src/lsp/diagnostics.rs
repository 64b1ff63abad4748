//! What rules find, as diagnostics.

use gen_lsp_types::{
    Code, CodeDescription, Diagnostic, DiagnosticSeverity, DiagnosticTag, DocumentDiagnosticParams,
    DocumentDiagnosticReport, FullDocumentDiagnosticReport, Message, PublishDiagnosticsNotification,
    PublishDiagnosticsParams, RelatedFullDocumentDiagnosticReport, RelatedUnchangedDocumentDiagnosticReport,
    UnchangedDocumentDiagnosticReport, Uri,
};

use super::snapshot::{Answer, Snapshot, answer};
use crate::{
    fix::{Finding, PassedOver, Rule},
    syntax::SyntaxError,
};

/// The name that clients show beside a diagnostic.
const SOURCE: &str = "dockfix";

/// Rules about what BuildKit calls deprecated.
const DEPRECATED: &[&str] = &["legacy-key-value", "maintainer"];

/// Sends the diagnostics of a document.
pub(super) fn publish(snapshot: &Snapshot) {
    snapshot.client.notify::<PublishDiagnosticsNotification>(PublishDiagnosticsParams {
        uri: Uri(snapshot.uri.clone()),
        version: Some(snapshot.document.version),
        diagnostics: all(snapshot),
    });
}

/// Takes back the diagnostics of a document that is closed.
pub(super) fn clear(snapshot: &Snapshot) {
    let (uri, diagnostics) = (Uri(snapshot.uri.clone()), Vec::new());
    snapshot.client.notify::<PublishDiagnosticsNotification>(PublishDiagnosticsParams {
        uri,
        version: None,
        diagnostics,
    });
}

/// Answers a client that asks for diagnostics.
pub(super) fn pull(snapshot: &Snapshot, params: DocumentDiagnosticParams) -> Answer {
    if params.previous_result_id.as_deref() == Some(&snapshot.id) {
        let unchanged = UnchangedDocumentDiagnosticReport { result_id: snapshot.id.clone() };
        return answer(DocumentDiagnosticReport::RelatedUnchangedDocumentDiagnosticReport(
            RelatedUnchangedDocumentDiagnosticReport {
                unchanged_document_diagnostic_report: unchanged,
                ..RelatedUnchangedDocumentDiagnosticReport::default()
            },
        ));
    }
    let full = FullDocumentDiagnosticReport { result_id: Some(snapshot.id.clone()), items: all(snapshot) };
    answer(DocumentDiagnosticReport::RelatedFullDocumentDiagnosticReport(RelatedFullDocumentDiagnosticReport {
        full_document_diagnostic_report: full,
        ..RelatedFullDocumentDiagnosticReport::default()
    }))
}

/// Errors, then findings, each in the order of the text.
fn all(snapshot: &Snapshot) -> Vec<Diagnostic> {
    let Some(settings) = snapshot.settings().ok().flatten().filter(|_| snapshot.diagnostics) else {
        return Vec::new();
    };
    let outcome = snapshot.check(settings);
    let mut all = Vec::new();
    // A template has errors of its own kind, and a file that may be of another language nothing else.
    let is_ours = match outcome.passed_over {
        None | Some(PassedOver::Unparsable | PassedOver::Unsound) => true,
        Some(PassedOver::Foreign) => snapshot.is_meant,
        Some(_) => false,
    };
    if is_ours {
        all.extend(outcome.errors.iter().filter(|it| !it.kind.is_shell()).map(|it| of_error(snapshot, it)));
    }
    all.extend(outcome.findings.iter().map(|it| of_finding(snapshot, it)));
    all
}

/// A finding.
pub(super) fn of_finding(snapshot: &Snapshot, finding: &Finding) -> Diagnostic {
    let tags: Vec<DiagnosticTag> = tags(finding).collect();
    Diagnostic {
        range: snapshot.client.encoding.range(&snapshot.document.text, &snapshot.document.lines, finding.range),
        severity: Some(DiagnosticSeverity::Warning),
        code: Some(Code::String(finding.rule.name.to_owned())),
        code_description: docs(finding.rule, snapshot.docs_url.as_deref()).map(|it| CodeDescription { href: Uri(it) }),
        source: Some(SOURCE.to_owned()),
        message: Message::String(finding.message.clone()),
        tags: (!tags.is_empty()).then_some(tags),
        ..Diagnostic::default()
    }
}

fn of_error(snapshot: &Snapshot, error: &SyntaxError) -> Diagnostic {
    let help = error.kind.help().map(|it| format!("\n{it}")).unwrap_or_default();
    Diagnostic {
        range: snapshot.client.encoding.range(&snapshot.document.text, &snapshot.document.lines, error.range),
        severity: Some(DiagnosticSeverity::Error),
        source: Some(SOURCE.to_owned()),
        message: Message::String(format!("{}{help}", error.kind)),
        ..Diagnostic::default()
    }
}

/// What a client may show faded or struck out.
fn tags(finding: &Finding) -> impl Iterator<Item = DiagnosticTag> {
    let deprecated = DEPRECATED.contains(&finding.rule.name).then_some(DiagnosticTag::Deprecated);
    // A fix that takes away all that the finding marks says that it is of no use.
    let goes =
        |it: &crate::fix::Fix| it.edits.iter().any(|it| it.insert.is_empty() && it.range.contains_range(finding.range));
    let unnecessary = finding.fix.as_ref().is_some_and(goes).then_some(DiagnosticTag::Unnecessary);
    deprecated.into_iter().chain(unnecessary)
}

/// Where a rule is explained: where the settings say, or by the tool whose check it answers to.
pub(super) fn docs(rule: &Rule, template: Option<&str>) -> Option<String> {
    if let Some(template) = template {
        return Some(template.replace("{rule}", rule.name));
    }
    rule.ids.iter().find_map(|id| match *id {
        id if id.starts_with("DL") => Some(format!("https://github.com/hadolint/hadolint/wiki/{id}")),
        id if id.starts_with("SC") => Some(format!("https://www.shellcheck.net/wiki/{id}")),
        id if is_build_check(id) => Some(format!("https://docs.docker.com/reference/build-checks/{}/", kebab(id))),
        _ => None,
    })
}

/// Whether an id is one of BuildKit's checks, which alone are words in camel case.
fn is_build_check(id: &str) -> bool {
    id.starts_with(|it: char| it.is_ascii_uppercase()) && id.contains(|it: char| it.is_ascii_lowercase())
}

/// A name in camel case as its page's address has it: `JSONArgsRecommended` is `json-args-recommended`.
fn kebab(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (at, c) in chars.iter().enumerate() {
        let lower = |it: Option<&char>| it.is_some_and(char::is_ascii_lowercase);
        if at > 0 && c.is_ascii_uppercase() && (lower(chars.get(at - 1)) || lower(chars.get(at + 1))) {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::ALL;

    #[test]
    fn deprecated_rules_exist() {
        for name in DEPRECATED {
            assert!(ALL.iter().any(|it| it.name == *name), "{name}");
        }
    }

    #[test]
    fn names_become_addresses() {
        assert_eq!(kebab("JSONArgsRecommended"), "json-args-recommended");
        assert_eq!(kebab("FromAsCasing"), "from-as-casing");
    }

    #[test]
    fn settings_say_where_rules_are_explained() {
        let rule = ALL.iter().find(|it| it.name == "maintainer").copied();
        let url = |template| rule.and_then(|it| docs(it, template));
        assert_eq!(url(Some("x:{rule}.md")).as_deref(), Some("x:maintainer.md"));
        assert_eq!(url(None).as_deref(), Some("https://docs.docker.com/reference/build-checks/maintainer-deprecated/"));
    }
}
