//! The command that fixes all files of the workspace, with progress.
//!
//! Open documents are changed by the client, which asks nothing more than what it shows; the others are written, each
//! at once, as `dockfix fix` writes them.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
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
    /// All folders, also those that are left alone.
    pub(super) all_folders: Vec<PathBuf>,
    /// The open documents by the places of their files, whatever links led there.
    pub(super) open: HashMap<PathBuf, Snapshot>,
    /// Held while a file is written: who holds it, and took the request back, knows that nothing is written any more.
    pub(super) writing: Arc<Mutex<()>>,
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
            let files::Found { files: found, bad, .. } = files::find(std::slice::from_ref(folder), resolver);
            files.extend(found.into_iter().filter(|it| self.speaks_for(folder, it)).map(|it| (it, resolver)));
            bad.iter().for_each(|(path, why)| self.complain(path, why));
        }
        // A folder may be named twice. What is open comes first, before somebody types on.
        files.sort_by_cached_key(|it| (self.open_at(&it.0).is_none(), it.0.clone()));
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

    /// Whether a folder is the innermost one around a file.
    fn speaks_for(&self, folder: &Path, file: &Path) -> bool {
        !self.all_folders.iter().any(|it| it != folder && it.starts_with(folder) && file.starts_with(it))
    }

    /// The open document of a file.
    fn open_at(&self, path: &Path) -> Option<&Snapshot> {
        self.open.get(&place(path))
    }

    /// Fixes a file; says whether it changed.
    fn fix(&self, path: &Path, resolver: &Resolver) -> Result<bool, String> {
        let settings = resolver.settings_for(path).map_err(|it| it.to_string())?;
        let job = settings.fix_job(Safety::Safe, true);
        if let Some(snapshot) = self.open_at(path) {
            if let Some(why) = snapshot.document.hindrance() {
                return Err(format!("it is open: {why}"));
            }
            let edits = fixes(snapshot, &job);
            if !edits.is_empty() {
                if !self.client.features.applies_edits {
                    return Err("it is open, and the client takes no edits that it did not ask for".to_owned());
                }
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
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if self.cancel.is_cancelled() {
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

/// Where a file is once all links are followed; as it is named, where there is none.
pub(super) fn place(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
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
