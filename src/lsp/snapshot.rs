//! A document as it is at one moment, with all that an answer about it needs.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use lsp_server::{ErrorCode, ResponseError};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::{
    client::{Client, Level},
    document::Document,
    workspace::Subject,
};
use crate::{
    config::Settings,
    fix::{self, Fault, Outcome, PassedOver},
    report::PLEASE_REPORT,
    syntax::{Parse, Reparser},
    text::EditSet,
};

/// What a request gets, in words already.
pub(super) type Answer = Result<Box<RawValue>, ResponseError>;

/// An answer from what is found.
pub(super) fn answer(result: impl Serialize) -> Answer {
    to_raw_value(&result).map_err(|it| error(ErrorCode::InternalError, it.to_string()))
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
    /// Whether its language or its name says that it is to be a Dockerfile, whatever it holds.
    pub(super) is_meant: bool,
    /// Where rules are explained.
    pub(super) docs_url: Option<String>,
    /// What tells this text under these settings from any other that the document had.
    pub(super) id: String,
    /// What was worked out for it.
    pub(super) known: Arc<Known>,
    /// What was read of the document's other versions.
    pub(super) reparser: Arc<Mutex<Reparser>>,
}

/// What was worked out for one version of a document under one set of settings, once somebody asked.
#[derive(Debug, Default)]
pub(super) struct Known {
    parsed: OnceLock<Parse>,
    checked: OnceLock<Outcome>,
    laid_out: OnceLock<LaidOut>,
}

type LaidOut = Result<(EditSet, Vec<Fault>), PassedOver>;

/// Longer texts are laid out when they are to be, not before.
const MAX_AHEAD: usize = 256 << 10;

impl Snapshot {
    /// The settings; `None` where the document is none of this server's, or places in it are uncertain. The error says
    /// what is wrong with them.
    pub(super) fn settings(&self) -> Result<Option<&Settings>, ResponseError> {
        match &self.subject {
            Subject::Foreign => Ok(None),
            Subject::Bad(why) => Err(error(ErrorCode::RequestFailed, why.as_str())),
            Subject::Known(_) if self.document.has_lone_return() => Ok(None),
            Subject::Known(settings) => Ok(Some(settings)),
        }
    }

    /// The tree of its text.
    pub(super) fn parse(&self) -> &Parse {
        self.known.parsed.get_or_init(|| self.reparser().parse(&self.document.text))
    }

    fn reparser(&self) -> MutexGuard<'_, Reparser> {
        // What a thread that panicked left behind is whole: what is remembered of a text never changes.
        self.reparser.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What rules find in it.
    pub(super) fn check(&self, settings: &Settings) -> &Outcome {
        let run = || fix::run_parsed(&self.document.text, self.parse(), &settings.check_job());
        self.known.checked.get_or_init(run)
    }

    /// The edits that lay it out.
    pub(super) fn lay_out(&self, settings: &Settings) -> &LaidOut {
        let (text, parse) = (&self.document.text, self.parse());
        let lay_out = || fix::layout_parsed(text, parse, &settings.format, None, &mut self.reparser());
        self.known.laid_out.get_or_init(lay_out)
    }

    /// Lays it out ahead of being asked: whoever types will save.
    pub(super) fn work_ahead(&self) {
        if let Ok(Some(settings)) = self.settings()
            && self.document.text.len() <= MAX_AHEAD
        {
            self.lay_out(settings);
        }
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
