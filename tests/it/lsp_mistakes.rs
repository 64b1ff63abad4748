//! The language server where something is wrong: what is not certain is left alone, and the rest goes on.

use serde_json::{Value, json};

use crate::{
    lsp_client::{Server, apply, capable, uri},
    program::{Folder, other},
};

const UNTIDY: &str = "from  debian\nMAINTAINER x\n";

/// The capabilities of a client that takes edits.
fn taking_edits() -> Value {
    json!({ "workspace": { "applyEdit": true } })
}

/// Asks for a document's layout.
fn layout(server: &mut Server, uri: &str) -> Result<Value, (i32, String)> {
    let options = json!({ "tabSize": 4, "insertSpaces": true });
    let id = server.ask("textDocument/formatting", json!({ "textDocument": { "uri": uri }, "options": options }));
    server.answer(id)
}

/// Has a document fixed, and gives the edits that the client is asked to apply.
fn fixed(server: &mut Server, uri: &str) -> Option<Value> {
    server.request("workspace/executeCommand", json!({ "command": "dockfix.fixDocument", "arguments": [uri] }));
    let is_edit = |it: &lsp_server::Message| match it {
        lsp_server::Message::Request(it) => (it.method == "workspace/applyEdit").then(|| it.params["edit"].clone()),
        _ => None,
    };
    server.rest().iter().find_map(is_edit)
}

#[test]
fn one_wrong_setting_of_the_editor_drops_no_other() {
    let folder = Folder::new(&[]);
    let uri = uri(&folder.join("Dockerfile"));
    let start = |options: Value| {
        let mut server = Server::greet(folder.path(), &taking_edits(), options);
        server.open(&uri, UNTIDY);
        server
    };
    let mut server = start(json!({}));
    assert!(fixed(&mut server, &uri).unwrap().to_string().contains("LABEL"));

    let mut server = start(json!({ "maxEffect": "none", "logLevel": "verbose" }));
    let shown = server.told("window/showMessage");
    assert!(shown["message"].as_str().unwrap().contains("`logLevel`: unknown variant `verbose`"), "{shown}");
    let edit = fixed(&mut server, &uri).unwrap().to_string();
    assert!(!edit.contains("LABEL"), "{edit}");

    let mut server = start(json!({ "enable": false, "logLevel": "verbose" }));
    assert_eq!(layout(&mut server, &uri), Ok(Value::Null));
    assert_eq!(fixed(&mut server, &uri), None);

    for wrong in [json!({ "maxEffect": "nothing" }), json!({ "enable": "no" }), json!({ "config": ["a.toml"] })] {
        let mut server = start(wrong);
        assert_eq!(layout(&mut server, &uri).unwrap_err().0, -32803);
        server.told("window/showMessage");
    }
}

const CONTENT_MODIFIED: i32 = -32801;

/// Sends a change whose text is written as it stands, within a body of JSON.
fn write_change(server: &mut Server, uri: &str, version: i32, character: u32, text: &str) {
    let at = json!({ "line": 1, "character": character });
    let range = json!({ "start": at, "end": at });
    let change = format!(r#"{{"range":{range},"text":"{text}"}}"#);
    let document = json!({ "uri": uri, "version": version });
    let params = format!(r#"{{"textDocument":{document},"contentChanges":[{change}]}}"#);
    let body = format!(r#"{{"jsonrpc":"2.0","method":"textDocument/didChange","params":{params}}}"#);
    server.write(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
}

#[test]
fn a_character_may_be_typed_in_two_halves() {
    let folder = Folder::new(&[]);
    let uri = uri(&folder.join("Dockerfile"));
    let mut server = Server::greet(folder.path(), &taking_edits(), Value::Null);
    server.open(&uri, "FROM a\nRUN echo \"\"  && ls  -l\n");
    write_change(&mut server, &uri, 2, 10, r"\ud83d");
    assert_eq!(layout(&mut server, &uri).unwrap_err().0, CONTENT_MODIFIED);
    let hover = json!({ "textDocument": { "uri": uri }, "position": { "line": 0, "character": 0 } });
    let hover = server.ask("textDocument/hover", hover);
    assert_eq!(server.answer(hover).unwrap_err().0, CONTENT_MODIFIED);
    write_change(&mut server, &uri, 3, 11, r"\udc33");
    let edits = layout(&mut server, &uri).unwrap();
    assert_eq!(apply("FROM a\nRUN echo \"🐳\"  && ls  -l\n", &edits), "FROM a\nRUN echo \"🐳\" && ls -l\n", "{edits}");
    let mut versions = Vec::new();
    while versions.last() != Some(&3) {
        versions.push(server.told("textDocument/publishDiagnostics")["version"].as_i64().unwrap());
    }
    assert!(!versions.contains(&2), "{versions:?}");
    assert_eq!(server.leave(), 0);
}

/// Sends a change that can't be understood.
type Spoil<'a> = Box<dyn Fn(&mut Server) + 'a>;

#[test]
fn after_a_change_that_was_not_understood_the_whole_text_must_come() {
    let folder = Folder::new(&[]);
    let uri = uri(&folder.join("Dockerfile"));
    let document = json!({ "uri": uri, "version": 2 });
    let at = json!({ "line": 0, "character": 0 });
    let below = json!({ "line": -1, "character": 0 });
    let change = |changes: Value| json!({ "textDocument": document, "contentChanges": changes });
    let wrong = [
        change(json!([{ "range": { "start": at, "end": below }, "text": "RUN x\n" }])),
        change(json!([{ "range": { "start": at, "end": at }, "text": 1 }])),
        change(json!({})),
        json!({ "textDocument": { "uri": uri } }),
        json!({ "contentChanges": [] }),
        Value::Null,
    ];
    let mut server = Server::greet(folder.path(), &taking_edits(), Value::Null);
    server.open(&uri, UNTIDY);
    let mut spoil: Vec<Spoil<'_>> = vec![
        Box::new(|it| write_change(it, &uri, 2, 0, r"\x")),
        Box::new(|it| it.send(&json!({ "id": 1.5, "method": "textDocument/didChange", "params": {} }))),
    ];
    for params in wrong {
        spoil.push(Box::new(move |it| it.notify("textDocument/didChange", params.clone())));
    }
    for (nth, spoil) in spoil.iter().enumerate() {
        assert!(layout(&mut server, &uri).is_ok(), "{nth}");
        spoil(&mut server);
        assert_eq!(layout(&mut server, &uri).map_err(|it| it.0), Err(CONTENT_MODIFIED), "{nth}");
        let part = json!([{ "range": { "start": at, "end": at }, "text": "#" }]);
        server.notify("textDocument/didChange", change(part));
        assert_eq!(layout(&mut server, &uri).map_err(|it| it.0), Err(CONTENT_MODIFIED), "{nth}");
        server.replace(&uri, 3, UNTIDY);
    }
    assert!(layout(&mut server, &uri).is_ok());
    assert_eq!(server.leave(), 0);
}

#[test]
fn a_change_needs_no_version() {
    let folder = Folder::new(&[]);
    let uri = uri(&folder.join("Dockerfile"));
    let mut server = Server::greet(folder.path(), &taking_edits(), Value::Null);
    server.open(&uri, UNTIDY);
    for document in [json!({ "uri": uri }), json!({ "uri": uri, "version": null })] {
        let at = json!({ "line": 0, "character": 0 });
        let change = json!({ "range": { "start": at, "end": at }, "text": "#  x\n" });
        server.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [change] }));
    }
    let edits = layout(&mut server, &uri).unwrap();
    assert_eq!(apply(&format!("#  x\n#  x\n{UNTIDY}"), &edits), "#  x\n#  x\nFROM debian\nMAINTAINER x\n");
    while server.told("textDocument/publishDiagnostics")["version"] != 3 {}
    assert_eq!(server.leave(), 0);
}

#[test]
fn what_can_t_be_understood_is_answered() {
    let folder = Folder::new(&[]);
    let mut server = Server::start_unread(folder.path());
    for body in [
        json!({ "id": 1.5, "method": "shutdown" }),
        json!({ "id": 2_147_483_648_u32, "method": "shutdown" }),
        json!({ "id": null, "method": "shutdown" }),
        json!({ "id": 7 }),
        json!([]),
        json!({ "id": null, "error": { "code": 1, "message": "x" } }),
    ] {
        server.send(&body);
    }
    server.write(b"Content-Length: 1\r\n\r\n{");
    let answers = server.everything();
    let answered = |id: &str, code: i32| format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":{code},"#);
    for id in ["1.5", "2147483648", "7"] {
        assert_eq!(answers.matches(&answered(id, -32600)).count(), 1, "{id}: {answers}");
    }
    assert_eq!(answers.matches(&answered("null", -32600)).count(), 2, "{answers}");
    assert_eq!(answers.matches(&answered("null", -32700)).count(), 1, "{answers}");
    assert_eq!(answers.matches("Content-Length").count(), 6, "{answers}");
}

#[test]
fn a_carriage_return_that_editors_count_differently_is_no_place_for_edits() {
    let folder = Folder::new(&[]);
    let uri = uri(&folder.join("Dockerfile"));
    let mut server = Server::greet(folder.path(), &taking_edits(), Value::Null);
    server.open(&uri, "FROM a\nRUN echo \"a\rb\"  && ls\nMAINTAINER  x\n");
    assert_eq!(layout(&mut server, &uri), Ok(Value::Null));
    assert_eq!(fixed(&mut server, &uri), None);
    assert_eq!(server.actions(&uri, None), Vec::<Value>::new());
    server.replace(&uri, 2, "FROM a\r\nRUN a  b\r");
    assert_eq!(layout(&mut server, &uri), Ok(Value::Null));
    server.replace(&uri, 3, "FROM a\r\nRUN a  b\r\n");
    assert_eq!(layout(&mut server, &uri).unwrap().as_array().unwrap().len(), 1);
    assert_eq!(server.leave(), 0);

    let mut server = Server::greet(folder.path(), &taking_edits(), Value::Null);
    server.open(&uri, "FROM a\rb\n");
    server.replace(&uri, 2, "FROM a\rc\n");
    assert_eq!(layout(&mut server, &uri), Ok(Value::Null));
    let shown = server.rest().iter().filter(|it| format!("{it:?}").contains("window/showMessage")).count();
    assert_eq!(shown, 1);
}

#[test]
fn files_of_settings_that_no_client_watches_are_read_again() {
    let folder = Folder::new(&[("a/x.toml", "format.indent = 7\n"), ("dockfix.toml", "format.indent = 7\n")]);
    let uri = uri(&folder.join("a/Dockerfile"));
    let text = "FROM a\nRUN a \\\n && b\n";
    let indented = |by: usize| format!("FROM a\nRUN a \\\n{}&& b\n", " ".repeat(by));
    let mut servers: Vec<(Server, &str)> = Vec::new();
    for watches in [true, false] {
        let capabilities = json!({ "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": watches } } });
        for (options, file) in [(json!({ "config": "x.toml" }), "a/x.toml"), (json!({}), "dockfix.toml")] {
            let mut server = Server::greet(&folder.join("a"), &capabilities, options);
            server.open(&uri, text);
            assert_eq!(apply(text, &layout(&mut server, &uri).unwrap()), indented(7), "{file}");
            servers.push((server, file));
        }
    }
    folder.write("a/x.toml", "format.indent = 3\n");
    folder.write("dockfix.toml", "format.indent = 3\n");
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    for (mut server, file) in servers {
        assert_eq!(apply(text, &layout(&mut server, &uri).unwrap()), indented(3), "{file}");
        assert_eq!(server.leave(), 0);
    }
}

#[test]
fn nothing_is_told_again_while_nothing_changes() {
    let folder = Folder::new(&[("dockfix.toml", "indent\n"), ("ok/dockfix.toml", "")]);
    let mut server = Server::greet(folder.path(), &json!({}), Value::Null);
    for name in ["Dockerfile", "ok/Dockerfile", "a/Dockerfile", "b/Dockerfile"] {
        // What was read is fresh for a second.
        std::thread::sleep(std::time::Duration::from_millis(1_100));
        server.open(&uri(&folder.join(name)), "FROM a\nMAINTAINER x\n");
    }
    let saved = json!({ "textDocument": { "uri": uri(&folder.join("Dockerfile")) } });
    server.notify("textDocument/didSave", saved.clone());
    assert!(layout(&mut server, &uri(&folder.join("Dockerfile"))).is_err());
    let count = |server: &mut Server, what: &str| {
        // What was said before the answer to this is here.
        let _ = layout(server, &uri(&folder.join("ok/Dockerfile")));
        server.rest().iter().filter(|it| format!("{it:?}").contains(what)).count()
    };
    assert_eq!(count(&mut server, "window/showMessage"), 1);
    // Another mistake is another message, and the first one is told when it comes back.
    for (text, shown) in [("indent = 1\nindent\n", 1), ("", 0), ("indent\n", 1)] {
        folder.write("dockfix.toml", text);
        server.notify("textDocument/didSave", saved.clone());
        assert_eq!(count(&mut server, "window/showMessage"), shown, "{text}");
    }
    server.notify("textDocument/didSave", saved);
    assert_eq!(count(&mut server, "publishDiagnostics"), 0);
}

#[cfg(unix)]
#[test]
fn pipes_hold_nobody() {
    let folder = Folder::new(&[]);
    if other(&folder, "mkfifo", &["dockfix.toml", "x.toml"], b"").is_none() {
        return;
    }
    let uri = uri(&folder.join("Dockerfile"));
    for options in [json!({}), json!({ "config": "x.toml" })] {
        let mut server = Server::greet(folder.path(), &taking_edits(), options);
        server.open(&uri, UNTIDY);
        assert!(layout(&mut server, &uri).unwrap_err().1.contains("not a regular file"));
        assert_eq!(server.leave(), 0);
    }
}

#[test]
fn a_file_of_settings_that_the_editor_names_is_watched() {
    let folder = Folder::new(&[("x.toml", "")]);
    let mut server = Server::greet(folder.path(), &capable(), json!({ "config": "x.toml" }));
    let globs = |told: &Value| -> Vec<String> {
        let watchers = told["registrations"][0]["registerOptions"]["watchers"].as_array().unwrap();
        watchers.iter().skip(1).map(|it| it["globPattern"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(globs(&server.told("client/registerCapability")), ["**/x.toml"]);
    let (id, _) = server.asked("workspace/configuration");
    server.respond(id, json!([{ "config": "a/y.toml" }, null]));
    assert_eq!(server.told("client/unregisterCapability")["unregisterations"].as_array().unwrap().len(), 1);
    assert_eq!(globs(&server.told("client/registerCapability")), ["**/x.toml", "**/y.toml"]);
    assert_eq!(server.leave(), 0);
}
