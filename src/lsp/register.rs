//! What the client is asked to tell of: changes of its settings, and of files of settings.

use gen_lsp_types::{
    DidChangeWatchedFilesRegistrationOptions, FileSystemWatcher, GlobPattern, Registration, RegistrationParams,
    RegistrationRequest, Unregistration, UnregistrationParams, UnregistrationRequest,
};
use serde_json::Value;

use super::{client::Client, options::SECTION, watched};

const FILES: &str = "workspace/didChangeWatchedFiles";
const SETTINGS: &str = "workspace/didChangeConfiguration";

/// What the client was asked to watch.
#[derive(Debug, Default)]
pub(super) struct Registered(Option<Vec<String>>);

impl Registered {
    /// Asks for all that the client can tell. `configs` are the names of the files that its own settings name.
    pub(super) fn begin(&mut self, client: &Client, configs: Vec<String>) {
        let files = client.features.watches.then(|| files(&configs));
        let settings = client.features.tells_settings.then(|| {
            let options = serde_json::json!({ "section": SECTION });
            registration(SETTINGS, Some(options))
        });
        let registrations: Vec<Registration> = files.into_iter().chain(settings).collect();
        self.0 = client.features.watches.then_some(configs);
        if !registrations.is_empty() {
            client.ask::<RegistrationRequest>(RegistrationParams { registrations });
        }
    }

    /// The client's settings may name other files than when it was asked.
    pub(super) fn renew(&mut self, client: &Client, configs: Vec<String>) {
        if self.0.as_ref().is_none_or(|old| *old == configs) {
            return;
        }
        let old = Unregistration { id: id(FILES), method: FILES.to_owned() };
        client.ask::<UnregistrationRequest>(UnregistrationParams { unregisterations: vec![old] });
        client.ask::<RegistrationRequest>(RegistrationParams { registrations: vec![files(&configs)] });
        self.0 = Some(configs);
    }
}

/// All are patterns within the folders of the workspace: some clients watch whatever lies below the folder of another
/// one, which may be somebody's home.
fn files(configs: &[String]) -> Registration {
    // A name that is a glob would be another one.
    let names =
        configs.iter().filter(|it| !it.contains(['*', '?', '[', ']', '{', '}', '\\'])).map(|it| format!("**/{it}"));
    let watcher = |glob| FileSystemWatcher { glob_pattern: GlobPattern::Pattern(glob), kind: None };
    let watchers = [watched::glob()].into_iter().chain(names).map(watcher).collect();
    registration(FILES, serde_json::to_value(DidChangeWatchedFilesRegistrationOptions { watchers }).ok())
}

fn registration(method: &str, register_options: Option<Value>) -> Registration {
    Registration { id: id(method), method: method.to_owned(), register_options }
}

fn id(method: &str) -> String {
    format!("dockfix/{method}")
}
