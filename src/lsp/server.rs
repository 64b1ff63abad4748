//! Which message is answered by whom, from the first to the last.

use std::{panic, sync::Arc, thread};

use gen_lsp_types::{
    CodeAction, CodeActionParams, DidChangeConfigurationParams, DidChangeWorkspaceFoldersParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams, DocumentDiagnosticParams,
    DocumentFormattingParams, DocumentOnTypeFormattingParams, DocumentRangeFormattingParams, ExecuteCommandParams,
    HoverParams, ProgressToken, WorkDoneProgressCancelParams,
};
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, ResponseError};
use serde::de::DeserializeOwned;
use serde_json::{Value, value::RawValue};

use super::{
    actions,
    client::{Client, Level},
    commands, diagnostics,
    document::Changed,
    fix_workspace, formatting, hover,
    message::Event,
    offer::offer,
    parent,
    session::Session,
    snapshot::{self, Answer, Snapshot, error},
    transport::{Events, Outgoing},
    worker::Worker,
};
use crate::report::{PLEASE_REPORT, panic_message};

/// A server and how far it has come.
pub(super) struct Server {
    out: Outgoing,
    /// What there is between `initialize` and `shutdown`.
    session: Option<Session>,
    /// Whether `shutdown` was asked for.
    shut_down: bool,
}

impl Server {
    pub(super) fn new(out: Outgoing) -> Server {
        Server { out, session: None, shut_down: false }
    }

    /// Takes messages until the client leaves; gives the exit code.
    pub(super) fn run(mut self, events: &Events) -> u8 {
        for event in &events.receiver {
            match event {
                Event::Message(Message::Request(request)) => self.request(request, events),
                Event::Message(Message::Notification(it)) if it.method == "exit" => break,
                Event::Message(Message::Notification(notification)) => self.notification(notification),
                Event::Message(Message::Response(response)) => {
                    if let Some(session) = &mut self.session {
                        session.answered(response);
                    }
                }
                Event::Malformed(it) => {
                    if let Some(session) = self.session.as_mut().filter(|_| it.may_be_change) {
                        session.lose(None);
                    }
                    self.out.refuse(&it);
                }
                Event::Gone => break,
            }
        }
        // The process ends with this: nothing that is half written may stay behind.
        let stopped = self.session.as_ref().map(Session::stop);
        std::mem::forget(stopped);
        u8::from(!self.shut_down)
    }

    fn refuse(&self, id: RequestId, error: ResponseError) {
        self.out.answer(&id, Err(error));
    }

    fn request(&mut self, request: Request, events: &Events) {
        let Request { id, method, params } = request;
        match (&mut self.session, method.as_str()) {
            _ if self.shut_down => self.refuse(id, error(ErrorCode::InvalidRequest, "the server was shut down")),
            (None, "initialize") => match self.initialize(&params, events) {
                Ok(answer) => self.out.answer(&id, Ok(&answer)),
                Err(why) => self.refuse(id, why),
            },
            (Some(_), "initialize") => self.refuse(id, error(ErrorCode::InvalidRequest, "initialized already")),
            (session, "shutdown") => {
                if let Some(session) = session {
                    session.requests.cancel_all();
                }
                self.shut_down = true;
                self.out.answer(&id, Ok(RawValue::NULL));
            }
            (None, _) => self.refuse(id, error(ErrorCode::ServerNotInitialized, "`initialize` must come first")),
            (Some(session), method) => {
                session.look();
                if let Err((id, why)) = dispatch(session, id, method, params) {
                    self.refuse(id, why);
                }
            }
        }
    }

    fn initialize(&mut self, params: &Value, events: &Events) -> Answer {
        let none = Value::Null;
        let client = Client::new(self.out.clone(), params.get("capabilities").unwrap_or(&none));
        let answer = snapshot::answer(offer(&client));
        let uri = |it: &Value| it.get("uri").and_then(Value::as_str).map(str::to_owned);
        let mut folders: Vec<String> = match params.get("workspaceFolders").and_then(Value::as_array) {
            Some(folders) => folders.iter().filter_map(uri).collect(),
            None => Vec::new(),
        };
        // Older clients name one folder.
        if folders.is_empty() {
            let root = params.get("rootUri").and_then(Value::as_str).map(str::to_owned);
            let path = params.get("rootPath").and_then(Value::as_str).map(|it| super::uri::of(it.as_ref()));
            folders.extend(root.or(path));
        }
        if let Some(id) = params.get("processId").and_then(Value::as_i64).and_then(|it| i32::try_from(it).ok()) {
            parent::watch(id, events.sender.clone());
        }
        let initial = params.get("initializationOptions").cloned().unwrap_or_default();
        self.session = Some(Session::new(client, &folders, initial));
        answer
    }

    fn notification(&mut self, notification: Notification) {
        let Some(session) = self.session.as_mut().filter(|_| !self.shut_down) else { return };
        session.look();
        let method = notification.method.clone();
        let uri = notification.params.pointer("/textDocument/uri").and_then(Value::as_str).map(str::to_owned);
        if let Err(why) = notify(session, notification) {
            session.client.log(Level::Warn, format!("{method}: {why}"));
            match method.as_str() {
                "textDocument/didChange" => session.lose(uri.as_deref()),
                "textDocument/didOpen" if uri.is_some() => session.lose(uri.as_deref()),
                _ => {}
            }
        }
    }
}

/// What stands in a notification or request.
fn read<P: DeserializeOwned>(params: Value) -> serde_json::Result<P> {
    serde_json::from_value(params)
}

fn notify(session: &mut Session, notification: Notification) -> serde_json::Result<()> {
    let params = notification.params;
    match notification.method.as_str() {
        "initialized" => {
            session.register();
            session.ask_settings();
            session.client.log(Level::Info, format!("dockfix {} is ready", env!("CARGO_PKG_VERSION")));
        }
        "textDocument/didOpen" => {
            let it = read::<DidOpenTextDocumentParams>(params)?.text_document;
            // A client that watches no files may have changed some by any other way, here and below.
            if !session.client.features.watches {
                session.reload_stale();
            }
            let language = serde_json::to_value(&it.language_id)?.as_str().unwrap_or_default().to_owned();
            session.open(it.uri.0, language, it.version, it.text);
        }
        "textDocument/didChange" => session.change(read::<Changed>(params)?),
        "textDocument/didSave" => {
            read::<DidSaveTextDocumentParams>(params)?;
            if !session.client.features.watches {
                session.reload_changed();
            }
        }
        "textDocument/didClose" => session.close(&read::<DidCloseTextDocumentParams>(params)?.text_document.uri.0),
        "workspace/didChangeConfiguration" => session.told(read::<DidChangeConfigurationParams>(params)?.settings),
        "workspace/didChangeWatchedFiles" => session.reload(),
        "workspace/didChangeWorkspaceFolders" => {
            let event = read::<DidChangeWorkspaceFoldersParams>(params)?.event;
            let uris = |list: Vec<gen_lsp_types::WorkspaceFolder>| list.into_iter().map(|it| it.uri.0).collect();
            let removed: Vec<String> = uris(event.removed);
            session.change_folders(uris(event.added), &removed);
        }
        "$/cancelRequest" => {
            let id = params.get("id").cloned().unwrap_or_default();
            session.requests.cancel(&serde_json::from_value(id)?);
        }
        "window/workDoneProgress/cancel" => {
            let token = read::<WorkDoneProgressCancelParams>(params)?.token;
            session.running.cancel(&token_id(&token));
        }
        // The protocol wants those that are not known to be passed over.
        method => session.client.log(Level::Debug, format!("passed over: {method}")),
    }
    Ok(())
}

type Refused = (RequestId, ResponseError);

/// Has a request answered, in its turn. An error is for a request that gets no turn.
fn dispatch(session: &mut Session, id: RequestId, method: &str, params: Value) -> Result<(), Refused> {
    macro_rules! on_document {
        ($params:ty, $($field:ident).+, $answer:path) => {{
            let params: $params = parse(&id, params)?;
            let uri = params.$($field).+.uri.0.clone();
            on_snapshot(session, id, &uri, move |it| $answer(it, params))
        }};
    }
    match method {
        "textDocument/formatting" => on_document!(DocumentFormattingParams, text_document, formatting::document),
        "textDocument/rangeFormatting" => on_document!(DocumentRangeFormattingParams, text_document, formatting::range),
        "textDocument/onTypeFormatting" => {
            on_document!(DocumentOnTypeFormattingParams, text_document, formatting::on_type)
        }
        "textDocument/diagnostic" => on_document!(DocumentDiagnosticParams, text_document, diagnostics::pull),
        "textDocument/codeAction" => on_document!(CodeActionParams, text_document, actions::list),
        "textDocument/hover" => {
            on_document!(HoverParams, text_document_position_params.text_document, hover::hover)
        }
        "codeAction/resolve" => {
            let action: CodeAction = parse(&id, params)?;
            let uri = action.data.as_ref().and_then(|it| it.get("uri")?.as_str()).unwrap_or_default().to_owned();
            on_snapshot(session, id, &uri, move |it| actions::resolve(it, action))
        }
        "workspace/executeCommand" => {
            let params = parse(&id, params)?;
            execute(session, id, params)
        }
        _ => Err((id, error(ErrorCode::MethodNotFound, format!("unknown method `{method}`")))),
    }
}

fn parse<P: DeserializeOwned>(id: &RequestId, params: Value) -> Result<P, Refused> {
    read(params).map_err(|it| (id.clone(), error(ErrorCode::InvalidParams, it.to_string())))
}

fn execute(session: &mut Session, id: RequestId, params: ExecuteCommandParams) -> Result<(), Refused> {
    let arguments = params.arguments.unwrap_or_default();
    match params.command.as_str() {
        commands::EXPLAIN_RULE => {
            later(session, &session.rooms.worker, id, move || commands::explain_rule(&arguments));
            Ok(())
        }
        commands::FIX_DOCUMENT | commands::FORMAT_DOCUMENT => {
            let uri = commands::text(&arguments).map_err(|it| (id.clone(), it))?;
            let fix = params.command == commands::FIX_DOCUMENT;
            on_snapshot(session, id, uri, move |it| match fix {
                true => commands::fix_document(it),
                false => commands::format_document(it),
            })
        }
        commands::FIX_WORKSPACE => {
            if !session.client.features.watches {
                session.reload_stale();
            }
            let command = session.fix_workspace();
            let mut command = command.map_err(|why| (id.clone(), error(ErrorCode::RequestFailed, why)))?;
            session.commands += 1;
            let given = params.work_done_progress_params.work_done_token;
            command.token = given.or_else(|| fix_workspace::token(&session.client, session.commands));
            command.cancel = session.requests.begin(id.clone());
            let token = command.token.as_ref().map(token_id);
            if let Some(token) = &token {
                session.running.add(token.clone(), command.cancel.clone());
            }
            let (client, requests) = (Arc::clone(&session.client), Arc::clone(&session.requests));
            let running = Arc::clone(&session.running);
            // It takes as long as the workspace is large, and keeps nobody waiting.
            thread::spawn(move || {
                let answer = guarded(|| command.run());
                token.iter().for_each(|it| running.end(it));
                requests.end(&id);
                client.answer(&id, answer);
            });
            Ok(())
        }
        other => Err((id, error(ErrorCode::InvalidParams, format!("unknown command `{other}`")))),
    }
}

/// Answers a request about an open document, as the document is now.
fn on_snapshot(
    session: &Session,
    id: RequestId,
    uri: &str,
    work: impl FnOnce(&Snapshot) -> Answer + Send + 'static,
) -> Result<(), Refused> {
    let Some(snapshot) = session.snapshot(uri) else {
        return Err((id, error(ErrorCode::InvalidParams, format!("{uri} is not open"))));
    };
    if let Some(why) = snapshot.document.hindrance().filter(|_| !snapshot.document.is_sure()) {
        return Err((id, error(ErrorCode::ContentModified, format!("{uri}: {why}"))));
    }
    later(session, session.rooms.requests(uri), id, move || work(&snapshot));
    Ok(())
}

/// Answers a request in its turn, unless it is taken back before.
fn later(session: &Session, worker: &Worker, id: RequestId, work: impl FnOnce() -> Answer + Send + 'static) {
    let (client, requests) = (Arc::clone(&session.client), Arc::clone(&session.requests));
    let cancel = requests.begin(id.clone());
    worker.push(move || {
        let answer = match cancel.is_cancelled() {
            true => Err(error(ErrorCode::RequestCanceled, "the client took the request back")),
            false => guarded(work),
        };
        requests.end(&id);
        client.answer(&id, answer);
    });
}

/// An answer also where the library panics, which is a fault of it and no reason to leave other requests alone.
fn guarded(work: impl FnOnce() -> Answer) -> Answer {
    panic::catch_unwind(panic::AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let text = panic_message(&*payload);
        Err(error(ErrorCode::InternalError, format!("fault of dockfix: {text}. {PLEASE_REPORT}")))
    })
}

/// The place of a command's progress in the same form as the id of a request.
fn token_id(token: &ProgressToken) -> RequestId {
    match token {
        ProgressToken::Int(nth) => RequestId::from(*nth),
        ProgressToken::String(name) => RequestId::from(name.clone()),
    }
}
