//! The client: what it can, and what it is told.

use std::{
    collections::HashSet,
    io::{self, Write},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI32, AtomicU8, Ordering},
    },
};

use gen_lsp_types::{
    LogMessageNotification, LogMessageParams, MessageType, Notification, PositionEncodingKind, Request,
    ShowMessageNotification, ShowMessageParams,
};
use lsp_server::RequestId;
use serde::Deserialize;
use serde_json::Value;

use super::{position::Encoding, transport::Outgoing};

/// How much the client wants to read in its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    Error,
    Warn,
    Info,
    Debug,
}

/// What a client can, of what this server makes use of.
#[derive(Debug, Clone, Default)]
pub(super) struct Features {
    /// It asks for diagnostics by itself.
    pub(super) pull: bool,
    /// It can be told to ask for diagnostics again.
    pub(super) refresh: bool,
    /// It answers questions about settings.
    pub(super) configuration: bool,
    /// It tells of its settings' changes if it is asked to.
    pub(super) tells_settings: bool,
    /// It watches files if it is told which.
    pub(super) watches: bool,
    /// It understands edits that say for which version of a document they are.
    pub(super) versioned_edits: bool,
    /// It asks for the edit of a code action only when somebody takes it.
    pub(super) resolves_edits: bool,
    /// It knows code actions, and not commands alone.
    pub(super) code_actions: bool,
    /// It shows progress that the server begins.
    pub(super) progress: bool,
    /// It takes edits that it did not ask for.
    pub(super) applies_edits: bool,
    /// It renders Markdown in what it shows at the pointer.
    pub(super) markdown: bool,
}

impl Features {
    /// Reads the client's capabilities. What is of another kind than the protocol says counts as missing.
    pub(super) fn of(capabilities: &Value) -> Features {
        let at = |path: &str| capabilities.pointer(path);
        let is = |path: &str| at(path).and_then(Value::as_bool).unwrap_or_default();
        let names = |path: &str, name: &str| {
            at(path).and_then(Value::as_array).is_some_and(|it| it.iter().any(|it| it.as_str() == Some(name)))
        };
        Features {
            pull: at("/textDocument/diagnostic").is_some_and(Value::is_object),
            refresh: is("/workspace/diagnostics/refreshSupport") || is("/workspace/diagnostic/refreshSupport"),
            configuration: is("/workspace/configuration"),
            tells_settings: is("/workspace/didChangeConfiguration/dynamicRegistration"),
            watches: is("/workspace/didChangeWatchedFiles/dynamicRegistration"),
            versioned_edits: is("/workspace/workspaceEdit/documentChanges"),
            resolves_edits: names("/textDocument/codeAction/resolveSupport/properties", "edit")
                && is("/textDocument/codeAction/dataSupport"),
            code_actions: at("/textDocument/codeAction/codeActionLiteralSupport").is_some_and(Value::is_object),
            progress: is("/window/workDoneProgress"),
            applies_edits: is("/workspace/applyEdit"),
            markdown: names("/textDocument/hover/contentFormat", "markdown"),
        }
    }
}

/// The client as all threads see it.
#[derive(Debug)]
pub(super) struct Client {
    out: Outgoing,
    asked: AtomicI32,
    level: AtomicU8,
    /// What was shown already, for one mistake in a file of settings is found with every document; and what was shown
    /// before all was looked at again.
    shown: Mutex<[HashSet<String>; 2]>,
    pub(super) features: Features,
    pub(super) encoding: Encoding,
}

impl Client {
    /// A client with these capabilities.
    pub(super) fn new(out: Outgoing, capabilities: &Value) -> Client {
        let encodings = capabilities.pointer("/general/positionEncodings").cloned().unwrap_or_default();
        let encodings: Vec<PositionEncodingKind> = serde_json::from_value(encodings).unwrap_or_default();
        Client {
            out,
            asked: AtomicI32::default(),
            level: AtomicU8::new(Level::Info as u8),
            shown: Mutex::default(),
            features: Features::of(capabilities),
            encoding: Encoding::of(&encodings),
        }
    }

    /// Answers a request.
    pub(super) fn answer(&self, id: &RequestId, answer: super::snapshot::Answer) {
        self.out.answer(id, answer.as_deref().map_err(Clone::clone));
    }

    /// Tells something.
    pub(super) fn notify<N: Notification>(&self, params: N::Params) {
        self.out.notify(N::METHOD.as_str(), params);
    }

    /// Asks something, and gives back the id that the answer will have.
    pub(super) fn ask<R: Request>(&self, params: R::Params) -> RequestId {
        let id = RequestId::from(self.asked.fetch_add(1, Ordering::Relaxed));
        // A question without parameters has none, rather than nothing for them.
        let params = serde_json::to_value(params).ok().filter(|it| !it.is_null());
        self.out.ask(&id, R::METHOD.as_str(), params);
        id
    }

    /// Sets how much is logged.
    pub(super) fn set_level(&self, level: Level) {
        self.level.store(level as u8, Ordering::Relaxed);
    }

    /// Writes to the client's log and to standard error.
    pub(super) fn log(&self, level: Level, message: impl Into<String>) {
        if level as u8 > self.level.load(Ordering::Relaxed) {
            return;
        }
        let message = message.into();
        // Nobody may be listening there.
        let _ = writeln!(io::stderr().lock(), "{message}");
        let kind = match level {
            Level::Error => MessageType::Error,
            Level::Warn => MessageType::Warning,
            Level::Info => MessageType::Info,
            Level::Debug => MessageType::Log,
        };
        self.notify::<LogMessageNotification>(LogMessageParams { kind, message });
    }

    /// Shows an error to the person, unless it was there all the time since it was shown.
    pub(super) fn show_error(&self, message: &str) {
        let is_new = {
            let [now, before] = &mut *self.shown.lock().unwrap_or_else(PoisonError::into_inner);
            now.insert(message.to_owned()) && !before.remove(message)
        };
        if is_new {
            let kind = MessageType::Error;
            self.notify::<ShowMessageNotification>(ShowMessageParams { kind, message: message.to_owned() });
        }
    }

    /// All is looked at again: an error that is not found once more has gone, and is shown when it comes back.
    pub(super) fn look_again(&self) {
        let [now, before] = &mut *self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        *before = std::mem::take(now);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_malformed_is_missing() {
        let features = Features::of(&json!({
            "workspace": { "configuration": true, "applyEdit": "yes" },
            "textDocument": { "diagnostic": {}, "codeAction": [] },
        }));
        assert!(features.configuration && features.pull);
        assert!(!features.applies_edits && !features.code_actions);
        assert!(!Features::of(&Value::Null).pull);
    }
}
