//! What the server knows between two messages.

use std::{
    collections::{BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use gen_lsp_types::{ConfigurationItem, ConfigurationParams, ConfigurationRequest, DiagnosticRefreshRequest, Uri};
use lsp_server::RequestId;
use serde_json::Value;

use super::{
    client::{Client, Level},
    diagnostics,
    document::{Changed, Document, LONE_RETURN},
    fix_workspace::{self, FixWorkspace},
    options::{Options, SECTION},
    register::Registered,
    rooms::Rooms,
    snapshot::{Known, Snapshot},
    uri,
    watched::Watched,
    worker::{Cancel, Requests},
    workspace::{Subject, Workspace, is_language},
};
use crate::{files, syntax::Reparser};

/// So long what was read of files of settings is taken for what they say.
const FRESH: Duration = Duration::from_secs(1);

/// An open document.
struct Open {
    language: String,
    document: Arc<Document>,
    /// Which text this is of all that were opened or came of a change. Versions come again with the next opening.
    edition: u64,
    subject: Subject,
    known: Arc<Known>,
    reparser: Arc<Mutex<Reparser>>,
}

/// The state of a server that is in use.
pub(super) struct Session {
    pub(super) client: Arc<Client>,
    pub(super) rooms: Rooms,
    pub(super) requests: Arc<Requests>,
    workspace: Workspace,
    watched: Watched,
    registered: Registered,
    open: HashMap<String, Open>,
    /// The editor's settings as `initialize` gave them, and as they were told since.
    initial: Value,
    told: Value,
    /// The question about settings that is not answered yet, and the folders that it is about.
    asked: Option<(RequestId, Vec<String>)>,
    /// How many texts documents have had.
    editions: u64,
    /// How often settings were read anew, and when last.
    generation: u32,
    reloaded: Instant,
    /// Running commands, each by the place where it shows its progress.
    pub(super) running: Arc<Requests>,
    pub(super) commands: u32,
    /// Held by the command that is writing a file.
    writing: Arc<Mutex<()>>,
}

impl Session {
    /// A session on folders, with what the client gave as settings.
    pub(super) fn new(client: Client, folders: &[String], initial: Value) -> Session {
        let mut session = Session {
            client: Arc::new(client),
            rooms: Rooms::start(),
            requests: Arc::default(),
            workspace: Workspace::new(&[], &|_| Options::default()),
            watched: Watched::new(),
            registered: Registered::default(),
            open: HashMap::new(),
            initial,
            told: Value::Null,
            asked: None,
            editions: 0,
            generation: 0,
            reloaded: Instant::now(),
            running: Arc::default(),
            commands: 0,
            writing: Arc::default(),
        };
        session.set_folders(folders, &[]);
        session
    }

    /// The uris of the folders.
    fn folders(&self) -> Vec<String> {
        self.workspace.folders.iter().map(|it| it.uri.clone()).collect()
    }

    /// Takes folders, and the settings that the client has for each of them and for the rest, in this order.
    fn set_folders(&mut self, folders: &[String], answers: &[Value]) {
        let client = Arc::clone(&self.client);
        let options = |uri: Option<&str>| {
            let nth = uri.map_or(Some(folders.len()), |uri| folders.iter().position(|it| it == uri));
            let scoped = nth.and_then(|it| answers.get(it)).unwrap_or(&Value::Null);
            let (options, wrong) = Options::read(&[&self.initial, &self.told, scoped]);
            wrong.iter().for_each(|why| client.show_error(&format!("dockfix: {why}")));
            options
        };
        self.workspace = Workspace::new(folders, &options);
        client.set_level(options(None).log_level);
        self.watch();
        // A file may have changed before it was watched.
        self.workspace.reload();
        let configs = self.configs();
        self.registered.renew(&self.client, configs);
        self.look_again();
    }

    /// Asks to be told of what changes settings.
    pub(super) fn register(&mut self) {
        let configs = self.configs();
        self.registered.begin(&self.client, configs);
    }

    /// The names of the files of settings that the editor names.
    fn configs(&self) -> Vec<String> {
        let files = self.workspace.all().filter_map(|it| it.options.config_file(&it.path));
        let names: BTreeSet<String> = files.filter_map(|it| Some(it.file_name()?.to_str()?.to_owned())).collect();
        names.into_iter().collect()
    }

    /// Folders came or went.
    pub(super) fn change_folders(&mut self, added: Vec<String>, removed: &[String]) {
        let mut folders = self.folders();
        folders.retain(|it| !removed.contains(it));
        folders.extend(added);
        self.set_folders(&folders, &[]);
        self.ask_settings();
    }

    /// Asks for the editor's settings, where it answers such questions.
    pub(super) fn ask_settings(&mut self) {
        if !self.client.features.configuration {
            return;
        }
        let folders = self.folders();
        let scopes = folders.iter().map(|it| Some(Uri(it.clone()))).chain([None]);
        let item = |scope_uri| ConfigurationItem { scope_uri, section: Some(SECTION.to_owned()) };
        let id = self.client.ask::<ConfigurationRequest>(ConfigurationParams { items: scopes.map(item).collect() });
        self.asked = Some((id, folders));
    }

    /// Takes the answer to a question.
    pub(super) fn answered(&mut self, response: lsp_server::Response) {
        match (self.asked.take(), response.response_result) {
            (Some((id, folders)), Ok(Value::Array(answers))) if id == response.id => {
                self.client.look_again();
                self.set_folders(&folders, &answers);
            }
            (asked, result) => {
                self.asked = asked.filter(|it| it.0 != response.id);
                if let Err(error) = result {
                    self.client.log(Level::Warn, format!("the client refused: {}", error.message));
                }
            }
        }
    }

    /// The client tells settings: all of them, or that some changed.
    pub(super) fn told(&mut self, settings: Value) {
        if !self.client.features.configuration {
            self.told = settings;
            self.client.look_again();
            self.set_folders(&self.folders(), &[]);
        }
        self.ask_settings();
    }

    /// Reads files of settings anew, unless that was done just now: an editor that begins opens many documents at once.
    pub(super) fn reload_stale(&mut self) {
        if self.reloaded.elapsed() >= FRESH {
            self.reload_changed();
        }
    }

    /// Reads files of settings anew. What open documents hang on is known, and where none of it changed nothing is told
    /// again.
    pub(super) fn reload_changed(&mut self) {
        if self.watched.has_changed() {
            self.reload();
        } else {
            self.reloaded = Instant::now();
            self.workspace.reload();
        }
    }

    /// Looks whether files of settings changed without a word.
    pub(super) fn look(&mut self) {
        if self.watched.is_stale() {
            self.reload();
        }
    }

    /// Notes the files of settings as they are.
    fn watch(&mut self) {
        self.watched = Watched::new();
        let open = self.open.keys().filter_map(|it| uri::path(it));
        open.filter_map(|it| it.parent().map(Path::to_owned)).for_each(|it| self.watched.add_for(&it));
        for folder in self.workspace.all() {
            self.watched.add_for(&folder.path);
            folder.options.config_file(&folder.path).into_iter().for_each(|it| self.watched.add(it));
        }
    }

    /// Files of settings changed.
    pub(super) fn reload(&mut self) {
        self.reloaded = Instant::now();
        self.client.look_again();
        self.watch();
        self.workspace.reload();
        self.look_again();
    }

    /// Finds out anew what is to be done with each document.
    fn look_again(&mut self) {
        self.generation += 1;
        let uris: Vec<String> = self.open.keys().cloned().collect();
        for uri in &uris {
            if let Some(open) = self.open.get_mut(uri) {
                open.subject = self.workspace.subject(uri, &open.language, &self.client);
                open.known = Arc::default();
            }
            self.diagnose(uri);
        }
        if self.client.features.pull && self.client.features.refresh && !uris.is_empty() {
            self.client.ask::<DiagnosticRefreshRequest>(());
        }
    }

    /// A document was opened.
    pub(super) fn open(&mut self, uri: String, language: String, version: i32, text: String) {
        if let Some(folder) = uri::path(&uri).as_deref().and_then(Path::parent) {
            self.watched.add_for(folder);
        }
        let subject = self.workspace.subject(&uri, &language, &self.client);
        self.rooms.note(&uri, text.len());
        let document = Arc::new(Document::new(version, text));
        self.editions += 1;
        let open = Open {
            language,
            document,
            edition: self.editions,
            subject,
            known: Arc::default(),
            reparser: Arc::default(),
        };
        self.open.insert(uri.clone(), open);
        self.diagnose(&uri);
    }

    /// A document changed.
    pub(super) fn change(&mut self, changed: Changed) {
        let uri = changed.text_document.uri.clone();
        let Some(open) = self.open.get_mut(&uri) else {
            self.client.log(Level::Warn, format!("{uri}: changed, but not open"));
            return;
        };
        self.editions += 1;
        open.edition = self.editions;
        open.known = Arc::default();
        Arc::make_mut(&mut open.document).change(changed, self.client.encoding);
        self.rooms.note(&uri, open.document.text.len());
        self.diagnose(&uri);
    }

    /// A change was not understood: of one document, or of who knows which.
    pub(super) fn lose(&mut self, uri: Option<&str>) {
        for (_, open) in self.open.iter_mut().filter(|it| uri.is_none_or(|uri| uri == it.0)) {
            Arc::make_mut(&mut open.document).lose();
        }
    }

    /// A document was closed.
    pub(super) fn close(&mut self, uri: &str) {
        let snapshot = self.snapshot(uri);
        self.open.remove(uri);
        if let Some(snapshot) = snapshot.filter(|_| !self.client.features.pull) {
            self.rooms.diagnostics(uri).replace(uri, move || diagnostics::clear(&snapshot));
        }
    }

    /// Has the diagnostics of a document sent, unless nobody knows its text, or the client asks for them itself, and
    /// then what it will ask for next worked out.
    fn diagnose(&self, uri: &str) {
        let Some(snapshot) = self.snapshot(uri).filter(|it| it.document.is_sure()) else { return };
        if snapshot.document.has_lone_return() && matches!(snapshot.subject, Subject::Known(_)) {
            self.client.show_error(&format!("dockfix: {uri}: nothing is done: {LONE_RETURN}"));
        }
        if !self.client.features.pull {
            let snapshot = snapshot.clone();
            self.rooms.diagnostics(uri).replace(uri, move || diagnostics::publish(&snapshot));
        }
        self.rooms.requests(uri).when_idle(uri, move || snapshot.work_ahead());
    }

    /// An open document as it is now.
    pub(super) fn snapshot(&self, uri: &str) -> Option<Snapshot> {
        let open = self.open.get(uri)?;
        let path = uri::path(uri);
        let options = &self.workspace.folder(path.as_deref()).options;
        let is_meant = is_language(&open.language) || path.as_deref().is_some_and(files::is_surely_dockerfile);
        Some(Snapshot {
            uri: uri.to_owned(),
            document: Arc::clone(&open.document),
            subject: open.subject.clone(),
            client: Arc::clone(&self.client),
            diagnostics: options.diagnostics,
            is_meant,
            docs_url: options.docs_url.clone(),
            id: format!("{}.{}", open.edition, self.generation),
            known: Arc::clone(&open.known),
            reparser: Arc::clone(&open.reparser),
        })
    }

    /// Takes all requests back, and lets the file that is being written be finished. No other is while the result
    /// lives.
    pub(super) fn stop(&self) -> MutexGuard<'_, ()> {
        self.requests.cancel_all();
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the command that fixes the workspace needs, but for a place to show its progress.
    pub(super) fn fix_workspace(&self) -> Result<FixWorkspace, String> {
        let mut folders = Vec::new();
        for folder in self.workspace.folders.iter().filter(|it| it.options.enable) {
            folders.push((folder.path.clone(), folder.resolver.clone()?));
        }
        let path = |uri: &String| -> Option<(PathBuf, Snapshot)> {
            Some((fix_workspace::place(&uri::path(uri)?), self.snapshot(uri)?))
        };
        let open = self.open.keys().filter_map(path).collect();
        Ok(FixWorkspace {
            client: Arc::clone(&self.client),
            folders,
            all_folders: self.workspace.folders.iter().map(|it| it.path.clone()).collect(),
            open,
            writing: Arc::clone(&self.writing),
            token: None,
            cancel: Cancel::default(),
        })
    }
}
