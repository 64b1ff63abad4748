//! The command that fixes all files of the workspace, with progress.
//!
//! Open documents are changed by the client, which asks nothing more than what it shows; the others are written, each
//! at once, as `dockfix fix` writes them.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use gen_lsp_types::{
    ApplyWorkspaceEditParams, ApplyWorkspaceEditRequest, ProgressNotification, ProgressParams, ProgressToken,
    WorkDoneProgressBegin, WorkDoneProgressCreateParams, WorkDoneProgressCreateRequest, WorkDoneProgressEnd,
    WorkDoneProgressReport,
};
use serde::Serialize;
use serde_json::Value;

use super::{
    actions::fixes,
    client::{Client, Level},
    edits::workspace_edit,
    snapshot::{Answer, Snapshot, answer},
    worker::Cancel,
};
use crate::{
    config::Resolver,
    files,
    fix::{self, Safety},
    text,
};

/// All that the command needs of the session.
pub(super) struct FixWorkspace {
    pub(super) client: Arc<Client>,
    /// The folders, with what finds their settings.
    pub(super) folders: Vec<(PathBuf, Arc<Resolver>)>,
    /// The open documents by their paths.
    pub(super) open: HashMap<PathBuf, Snapshot>,
    /// Where progress is shown, if it is.
    pub(super) token: Option<ProgressToken>,
    pub(super) cancel: Cancel,
}

/// What became of the files.
#[derive(Debug, Default, Serialize)]
pub(super) struct Summary {
    /// How many were looked at.
    files: usize,
    /// How many were changed.
    changed: usize,
    /// How many could not be read, written or understood; the log says why.
    failed: usize,
}

impl FixWorkspace {
    /// Does it. What is done when the client takes the request back stays done.
    pub(super) fn run(&self) -> Answer {
        self.report(WorkDoneProgressBegin {
            title: "Fixing Dockerfiles".to_owned(),
            cancellable: Some(true),
            percentage: Some(0),
            message: None,
        });
        let mut files = Vec::new();
        for (folder, resolver) in &self.folders {
            let (found, bad) = files::find(std::slice::from_ref(folder), resolver);
            files.extend(found.into_iter().map(|it| (it, resolver)));
            bad.iter().for_each(|(path, why)| self.complain(path, why));
        }
        // A folder may stand in another one.
        files.sort_by(|a, b| a.0.cmp(&b.0));
        files.dedup_by(|a, b| a.0 == b.0);
        let mut summary = Summary::default();
        for (nth, (path, resolver)) in files.iter().enumerate() {
            if self.cancel.is_cancelled() {
                break;
            }
            summary.files += 1;
            match self.fix(path, resolver) {
                Ok(changed) => summary.changed += usize::from(changed),
                Err(why) => {
                    summary.failed += 1;
                    self.complain(path, &why);
                }
            }
            self.report(WorkDoneProgressReport {
                percentage: Some((100 * (nth + 1) / files.len()) as u32),
                message: Some(format!("{} of {}", nth + 1, files.len())),
                cancellable: Some(true),
            });
        }
        let message = format!("{} of {} files changed", summary.changed, summary.files);
        self.report(WorkDoneProgressEnd { message: Some(message) });
        answer(summary)
    }

    /// Fixes a file; says whether it changed.
    fn fix(&self, path: &Path, resolver: &Resolver) -> Result<bool, String> {
        let settings = resolver.settings_for(path).map_err(|it| it.to_string())?;
        let job = settings.fix_job(Safety::Safe, true);
        if let Some(snapshot) = self.open.get(path) {
            let edits = fixes(snapshot, &job);
            if !edits.is_empty() {
                let (label, edit) = (Some("Fix the workspace".to_owned()), workspace_edit(snapshot, &edits));
                self.client.ask::<ApplyWorkspaceEditRequest>(ApplyWorkspaceEditParams { label, edit, metadata: None });
            }
            return Ok(!edits.is_empty());
        }
        let old = files::read(path)?;
        let before = text::decode(&old);
        let outcome = fix::run(&before, &job);
        for fault in &outcome.faults {
            self.complain(path, &format!("fault of dockfix: {}", fault.message));
        }
        if outcome.text == before {
            return Ok(false);
        }
        files::write(path, &old, &text::encode(&outcome.text))?;
        Ok(true)
    }

    fn complain(&self, path: &Path, why: &str) {
        self.client.log(Level::Warn, format!("{}: {why}", path.display()));
    }

    /// Shows how far it has come.
    fn report(&self, value: impl Progress) {
        if let (Some(token), Ok(value)) = (&self.token, value.into_value()) {
            self.client.notify::<ProgressNotification>(ProgressParams { token: token.clone(), value });
        }
    }
}

/// Asks the client for a place to show progress in; `None` where it has none.
pub(super) fn token(client: &Client, nth: u32) -> Option<ProgressToken> {
    client.features.progress.then(|| {
        let token = ProgressToken::String(format!("dockfix/fixWorkspace/{nth}"));
        client.ask::<WorkDoneProgressCreateRequest>(WorkDoneProgressCreateParams { token: token.clone() });
        token
    })
}

/// A step of progress as it is sent.
trait Progress: Serialize + Sized {
    const KIND: &'static str;

    fn into_value(self) -> serde_json::Result<Value> {
        let mut value = serde_json::to_value(self)?;
        if let Some(fields) = value.as_object_mut() {
            fields.insert("kind".to_owned(), Self::KIND.into());
        }
        Ok(value)
    }
}

impl Progress for WorkDoneProgressBegin {
    const KIND: &'static str = "begin";
}

impl Progress for WorkDoneProgressReport {
    const KIND: &'static str = "report";
}

impl Progress for WorkDoneProgressEnd {
    const KIND: &'static str = "end";
}
