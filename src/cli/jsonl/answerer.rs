//! Works on rows.

use std::{
    collections::HashMap,
    fmt::Display,
    panic::{self, AssertUnwindSafe},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::value::RawValue;

use super::{
    row::{Answer, PassedOver, Row, reason},
    stream::Line,
};
use crate::{
    cli::{run::Mode, work::last_panic},
    config::{Resolver, Settings},
    fix,
    report::{self, File, Name, Told},
    text,
};

/// The path of a row that has none.
const NAMELESS: &str = "Dockerfile";

/// So many different settings that rows bring along are kept.
const MAX_KEPT: usize = 64;

/// Answers rows. Threads may share it.
pub(super) struct Answerer {
    resolver: Resolver,
    mode: Mode,
    verbose: bool,
    /// What rows said of settings, as they wrote it, and what that means.
    kept: Mutex<HashMap<String, Result<Arc<Resolver>, String>>>,
}

impl Answerer {
    /// Rows that say nothing of settings are answered by what the resolver says.
    pub(super) fn new(resolver: Resolver, mode: Mode, verbose: bool) -> Self {
        Answerer { resolver, mode, verbose, kept: Mutex::default() }
    }

    /// The answer to a line. Never panics.
    pub(super) fn answer(&self, line: &Line) -> Vec<u8> {
        let row = Row::read(line);
        let error = match (&row.text, &row.error) {
            (Some(text), None) => {
                let done = panic::catch_unwind(AssertUnwindSafe(|| self.work(&row, text)));
                match done {
                    Ok(Ok(answered)) => return answered,
                    Ok(Err(wrong)) => wrong,
                    Err(_) => format!("fault of dockfix: {}. {}", last_panic(), report::PLEASE_REPORT),
                }
            }
            (_, error) => error.clone().unwrap_or_default(),
        };
        row.answered(&Answer { error: Some(error), ..Answer::unchanged(row.text.clone()) }, [(); 0])
    }

    /// The answer to a row with that text, or what is wrong with its settings.
    fn work(&self, row: &Row<'_>, text: &str) -> Result<Vec<u8>, String> {
        let path = Path::new(row.path.as_deref().unwrap_or(NAMELESS));
        let settings = self.settings(path, row.config)?;
        let before = text::decode(text.as_bytes());
        let outcome = fix::run(&before, &self.mode.job(&settings));
        let name = Name::new(path, Path::new(""));
        let told = Told {
            findings: &outcome.findings,
            errors: report::errors(&outcome),
            verbose: self.verbose,
            faults: &outcome.faults,
            ..Told::default()
        };
        let file = File::new(&name, &outcome.text, &told);
        let after = String::from_utf8(text::encode(&outcome.text)).map_err(|_| "the result is not UTF-8".to_owned())?;
        let changed = after != text;
        let answer = Answer {
            changed,
            applied: outcome.applied.clone(),
            effect: outcome.effect,
            steps_rebuilt: outcome.steps_rebuilt,
            passed_over: outcome.passed_over.as_ref().map(|it| {
                let (class, message) = report::passed_over(it);
                PassedOver { class, message }
            }),
            ..Answer::unchanged(Some(after))
        };
        Ok(row.answered(&answer, report::json_findings(&file)))
    }

    /// The settings for a path, by what the row itself says or else by what holds for all.
    fn settings(&self, path: &Path, config: Option<&RawValue>) -> Result<Arc<Settings>, String> {
        let Some(config) = config.map(RawValue::get) else {
            return self.resolver.settings_for(path).map_err(|it| it.to_string());
        };
        let known = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(config).cloned();
        let resolver = known.unwrap_or_else(|| {
            let text = toml_text(config)?;
            let resolver = self.resolver.with_text(NAME, &text).map_err(|it| it.to_string()).map(Arc::new);
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() >= MAX_KEPT {
                kept.clear();
            }
            kept.insert(config.to_owned(), resolver.clone());
            resolver
        })?;
        resolver.settings_for(path).map_err(|it| it.to_string())
    }
}

/// What errors call the settings of a row.
const NAME: &str = "config";

/// The `dockfix.toml` that a row says: as its text, or as an object with the same options.
fn toml_text(json: &str) -> Result<String, String> {
    if json.starts_with('"') {
        return serde_json::from_str(json).map_err(|it| format!("`{NAME}` is no text: {}", reason(&it)));
    }
    let wrong =
        |it: &dyn Display| format!("`{NAME}` is neither the text of a dockfix.toml nor an object of its options: {it}");
    let options: toml::Table = serde_json::from_str(json).map_err(|it| wrong(&reason(&it)))?;
    toml::to_string(&options).map_err(|it| wrong(&it))
}
