//! A client of the language server that starts the program and speaks the protocol with it.

use std::{
    collections::VecDeque,
    io::{BufReader, Read, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use lsp_server::Message;
use serde_json::{Value, json};

/// Longer than any answer takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running server.
pub struct Server {
    child: Child,
    input: Option<ChildStdin>,
    /// What nobody reads.
    output: Option<ChildStdout>,
    messages: Receiver<Message>,
    /// What came while something else was waited for.
    kept: VecDeque<Message>,
    asked: i32,
}

/// The capabilities of a client that can all that the server makes use of, but pulls no diagnostics.
pub fn capable() -> Value {
    json!({
        "general": { "positionEncodings": ["utf-16"] },
        "workspace": {
            "applyEdit": true, "configuration": true,
            "workspaceEdit": { "documentChanges": true },
            "didChangeConfiguration": { "dynamicRegistration": true },
            "didChangeWatchedFiles": { "dynamicRegistration": true },
            "diagnostics": { "refreshSupport": true },
        },
        "textDocument": {
            "codeAction": {
                "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [] } },
                "dataSupport": true, "resolveSupport": { "properties": ["edit"] },
            },
            "hover": { "contentFormat": ["markdown"] },
        },
        "window": { "workDoneProgress": true },
    })
}

/// The capabilities of a client that can nothing but code actions.
pub fn plain() -> Value {
    json!({ "textDocument": { "codeAction": { "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [] } } } } })
}

/// The uri of a path.
pub fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

impl Server {
    /// Starts a server that is told nothing yet.
    pub fn start(folder: &Path) -> Server {
        let mut server = Server::start_unread(folder);
        let output = server.output.take().unwrap();
        let (sender, messages) = mpsc::channel();
        thread::spawn(move || {
            let mut output = BufReader::new(output);
            loop {
                match Message::read(&mut output) {
                    Ok(Some(message)) => {
                        if sender.send(message).is_err() {
                            return;
                        }
                    }
                    // An answer to what had no id has none either.
                    Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {}
                    Ok(None) | Err(_) => return,
                }
            }
        });
        server.messages = messages;
        server
    }

    /// Starts a server whose output stays in the pipe.
    pub fn start_unread(folder: &Path) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dockfix"));
        command.arg("lsp").current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (_, messages) = mpsc::channel();
        Server { child, input, output, messages, kept: VecDeque::new(), asked: 0 }
    }

    /// Starts a server for a folder, and greets it.
    pub fn greet(folder: &Path, capabilities: &Value, options: Value) -> Server {
        let mut server = Server::start(folder);
        let folders = json!([{ "uri": uri(folder), "name": "it" }]);
        let pid = std::process::id();
        server.request(
            "initialize",
            json!({
                "processId": pid, "rootUri": null, "capabilities": capabilities,
                "workspaceFolders": folders, "initializationOptions": options,
            }),
        );
        server.notify("initialized", json!({}));
        server
    }

    /// Writes bytes as they are.
    pub fn write(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).unwrap();
        input.flush().unwrap();
    }

    /// Writes a body behind its header.
    pub fn send(&mut self, body: &Value) {
        let body = body.to_string();
        self.write(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }

    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request, and gives its id.
    pub fn ask(&mut self, method: &str, params: Value) -> i32 {
        self.asked += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.asked, "method": method, "params": params }));
        self.asked
    }

    /// The answer to a request: its result, or its error.
    pub fn answer(&mut self, id: i32) -> Result<Value, (i32, String)> {
        let message = self.wait(|it| matches!(it, Message::Response(it) if it.id == id.into()));
        match message {
            Message::Response(it) => it.response_result.map_err(|it| (it.code, it.message)),
            other => panic!("{other:?}"),
        }
    }

    /// Sends a request and waits for its result.
    #[track_caller]
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        self.answer(id).unwrap_or_else(|it| panic!("{method}: {it:?}"))
    }

    /// Waits for a message of the server's own: the parameters of a notification, or of a request, which is answered.
    pub fn told(&mut self, method: &str) -> Value {
        let message = self.wait(|it| match it {
            Message::Notification(it) => it.method == method,
            Message::Request(it) => it.method == method,
            Message::Response(_) => false,
        });
        match message {
            Message::Notification(it) => it.params,
            Message::Request(it) => {
                self.respond(serde_json::to_value(&it.id).unwrap(), Value::Null);
                it.params
            }
            other => panic!("{other:?}"),
        }
    }

    /// Waits for a request of the server's, and leaves it unanswered: its id and parameters.
    pub fn asked(&mut self, method: &str) -> (Value, Value) {
        match self.wait(|it| matches!(it, Message::Request(it) if it.method == method)) {
            Message::Request(it) => (serde_json::to_value(&it.id).unwrap(), it.params),
            other => panic!("{other:?}"),
        }
    }

    pub fn respond(&mut self, id: Value, result: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": result }));
    }

    /// The first message that is wanted; the others are kept for later.
    pub fn wait(&mut self, wanted: impl Fn(&Message) -> bool) -> Message {
        if let Some(at) = self.kept.iter().position(&wanted) {
            return self.kept.remove(at).unwrap();
        }
        loop {
            let message = self.messages.recv_timeout(PATIENCE).expect("the server says nothing");
            if wanted(&message) {
                return message;
            }
            self.kept.push_back(message);
        }
    }

    /// What came by now and was not asked for.
    pub fn rest(&mut self) -> Vec<Message> {
        self.kept.extend(self.messages.try_iter());
        self.kept.drain(..).collect()
    }

    pub fn open(&mut self, uri: &str, text: &str) {
        let document = json!({ "uri": uri, "languageId": "dockerfile", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Replaces the whole text of a document.
    pub fn replace(&mut self, uri: &str, version: i32, text: &str) {
        let document = json!({ "uri": uri, "version": version });
        self.notify(
            "textDocument/didChange",
            json!({ "textDocument": document, "contentChanges": [{ "text": text }] }),
        );
    }

    pub fn close(&mut self, uri: &str) {
        self.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    }

    pub fn format(&mut self, uri: &str) -> Value {
        let options = json!({ "tabSize": 4, "insertSpaces": true });
        self.request("textDocument/formatting", json!({ "textDocument": { "uri": uri }, "options": options }))
    }

    /// The actions on a whole document.
    pub fn actions(&mut self, uri: &str, only: Option<&str>) -> Vec<Value> {
        let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 1_000_000, "character": 0 } });
        let context = json!({ "diagnostics": [], "only": only.map(|it| vec![it]) });
        let params = json!({ "textDocument": { "uri": uri }, "range": range, "context": context });
        self.request("textDocument/codeAction", params).as_array().cloned().unwrap_or_default()
    }

    /// The action with a title, its edit made.
    #[track_caller]
    pub fn action(&mut self, uri: &str, title: &str) -> Value {
        let actions = self.actions(uri, None);
        let found = actions.iter().find(|it| it["title"] == title);
        let action = found.unwrap_or_else(|| panic!("no `{title}` among {actions:#?}")).clone();
        if action.get("edit").is_some() { action } else { self.request("codeAction/resolve", action) }
    }

    /// Says goodbye; gives the exit code.
    pub fn leave(mut self) -> i32 {
        self.request("shutdown", Value::Null);
        self.notify("exit", Value::Null);
        self.wait_for_end()
    }

    /// All that a server whose output stays in the pipe says until it ends, its input closed.
    pub fn everything(mut self) -> String {
        self.hang_up();
        let mut all = String::new();
        self.output.take().unwrap().read_to_string(&mut all).unwrap();
        all
    }

    /// Closes the server's input.
    pub fn hang_up(&mut self) {
        self.input = None;
    }

    /// The exit code, once the server has ended by itself.
    pub fn wait_for_end(&mut self) -> i32 {
        for _ in 0..12_000 {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap();
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("the server does not end");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What becomes of a text by the edits of a client that counts UTF-16. They are applied from behind, as the protocol
/// says: none sees the others' work.
pub fn apply(text: &str, edits: &Value) -> String {
    let mut edits: Vec<(usize, usize, &str)> = edits
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
        .map(|it| {
            let at = |place: &Value| offset(text, place);
            (at(&it["range"]["start"]), at(&it["range"]["end"]), it["newText"].as_str().unwrap())
        })
        .collect();
    edits.sort();
    let mut out = text.to_owned();
    let mut before = usize::MAX;
    for (start, end, new) in edits.into_iter().rev() {
        assert!(start <= end && end <= before, "edits overlap");
        out.replace_range(start..end, new);
        before = start;
    }
    out
}

/// What becomes of a document by the edit of an action.
pub fn apply_action(text: &str, action: &Value, uri: &str) -> String {
    let edit = &action["edit"];
    match edit.get("changes") {
        Some(changes) => apply(text, &changes[uri]),
        None => match edit["documentChanges"].as_array().map(Vec::as_slice).unwrap_or_default() {
            [] => text.to_owned(),
            [change] => {
                assert_eq!(change["textDocument"]["uri"], uri);
                apply(text, &change["edits"])
            }
            more => panic!("{more:?}"),
        },
    }
}

fn offset(text: &str, place: &Value) -> usize {
    let number = |it: &Value| usize::try_from(it.as_u64().unwrap()).unwrap();
    let (line, mut left) = (number(&place["line"]), number(&place["character"]));
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let mut at = start;
    for c in text[start..].chars().take_while(|it| *it != '\n') {
        if left == 0 {
            break;
        }
        left -= c.len_utf16();
        at += c.len_utf8();
    }
    assert_eq!(left, 0, "a place past the end of its line");
    at
}
