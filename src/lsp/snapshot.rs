//! A document as it is at one moment, with all that an answer about it needs.

use std::sync::{Arc, OnceLock};

use lsp_server::{ErrorCode, ResponseError};
use serde::Serialize;
use serde_json::Value;

use super::{
    client::{Client, Level},
    document::Document,
    workspace::Subject,
};
use crate::{
    config::Settings,
    fix::{self, Fault, Outcome},
    report::PLEASE_REPORT,
};

/// What a request gets.
pub(super) type Answer = Result<Value, ResponseError>;

/// An answer from what is found.
pub(super) fn answer(result: impl Serialize) -> Answer {
    serde_json::to_value(result).map_err(|it| error(ErrorCode::InternalError, it.to_string()))
}

/// An error for the client.
pub(super) fn error(code: ErrorCode, message: impl Into<String>) -> ResponseError {
    ResponseError { code: code as i32, message: message.into(), data: None }
}

/// A document as it is at one moment.
#[derive(Debug, Clone)]
pub(super) struct Snapshot {
    pub(super) uri: String,
    pub(super) document: Arc<Document>,
    pub(super) subject: Subject,
    pub(super) client: Arc<Client>,
    /// Whether findings are reported.
    pub(super) diagnostics: bool,
    /// Where rules are explained.
    pub(super) docs_url: Option<String>,
    /// What tells this text under these settings from any other that the document had.
    pub(super) id: String,
    /// What rules found, once somebody asked.
    pub(super) checked: Arc<OnceLock<Outcome>>,
}

impl Snapshot {
    /// The settings; `None` where the document is none of this server's. The error says what is wrong with them.
    pub(super) fn settings(&self) -> Result<Option<&Settings>, ResponseError> {
        match &self.subject {
            Subject::Foreign => Ok(None),
            Subject::Bad(why) => Err(error(ErrorCode::RequestFailed, why.as_str())),
            Subject::Known(settings) => Ok(Some(settings)),
        }
    }

    /// What rules find in it.
    pub(super) fn check(&self, settings: &Settings) -> &Outcome {
        self.checked.get_or_init(|| fix::run(&self.document.text, &settings.check_job()))
    }

    /// Logs what dockfix did wrong and took back.
    pub(super) fn log_faults(&self, faults: &[Fault]) {
        for fault in faults {
            let by = fault.rule.unwrap_or("layout");
            let message = format!("{}: fault of dockfix in {by}: {}. {PLEASE_REPORT}", self.uri, fault.message);
            self.client.log(Level::Warn, message);
        }
    }
}
