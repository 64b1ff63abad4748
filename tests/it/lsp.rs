//! The language server from the first message to the last: order, mistakes of the client, and how it ends.

use serde_json::{Value, json};

use crate::{
    lsp_client::{Server, apply, capable, plain, uri},
    program::Folder,
};

const UNTIDY: &str = "from  alpine\nrun  a  &&  b\n";
const TIDY: &str = "FROM alpine\nRUN a && b\n";

#[test]
fn a_document_is_laid_out_on_save() {
    let folder = Folder::new(&[]);
    let uri = uri(&folder.join("Dockerfile"));
    let mut server = Server::greet(folder.path(), &plain(), Value::Null);
    server.open(&uri, UNTIDY);
    assert_eq!(apply(UNTIDY, &server.format(&uri)), TIDY);
    let change = json!({ "range": { "start": { "line": 1, "character": 5 }, "end": { "line": 1, "character": 6 } }, "text": "🐳 x" });
    let document = json!({ "uri": uri, "version": 2 });
    server.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [change] }));
    assert_eq!(apply("from  alpine\nrun  🐳 x  &&  b\n", &server.format(&uri)), "FROM alpine\nRUN 🐳 x && b\n");
    server.close(&uri);
    assert_eq!(server.leave(), 0);
}

#[test]
fn what_is_no_dockerfile_is_left_alone() {
    let folder = Folder::new(&[("dockfix.toml", "exclude = [\"old\"]\n")]);
    let mut server = Server::greet(folder.path(), &capable(), Value::Null);
    for (name, language, text) in [
        ("main.rs", "rust", "fn main() {}\n"),
        ("old/Dockerfile", "dockerfile", UNTIDY),
        ("Dockerfile.j2", "dockerfile", "FROM {{ image }}\nrun  a\n"),
        ("compose.yaml", "dockercompose", "a: b\n"),
        ("image", "dockerfile", "# syntax=example/frontend\nfrom  a\n"),
        ("empty", "dockerfile", ""),
    ] {
        let uri = uri(&folder.join(name));
        let document = json!({ "uri": uri, "languageId": language, "version": 1, "text": text });
        server.notify("textDocument/didOpen", json!({ "textDocument": document }));
        assert_eq!(apply(text, &server.format(&uri)), text, "{name}");
        assert_eq!(
            server.actions(&uri, Some("source")).iter().filter(|it| it.get("edit").is_some()).count(),
            0,
            "{name}"
        );
    }
    assert_eq!(server.leave(), 0);
}

#[test]
fn documents_without_a_path_are_dockerfiles_by_their_language() {
    let folder = Folder::new(&[("dockfix.toml", "format.indent = 2\n")]);
    let mut server = Server::greet(folder.path(), &plain(), Value::Null);
    let text = "FROM a\nRUN a \\\n&& b\n";
    server.open("untitled:Untitled-1", text);
    assert_eq!(apply(text, &server.format("untitled:Untitled-1")), "FROM a\nRUN a \\\n  && b\n");
    assert_eq!(server.leave(), 0);
}

#[test]
fn mistakes_of_the_client_are_answered() {
    let folder = Folder::new(&[]);
    let mut server = Server::start(folder.path());
    let code = |it: Result<Value, (i32, String)>| it.unwrap_err().0;
    let early = server.ask("textDocument/formatting", json!({}));
    assert_eq!(code(server.answer(early)), -32002, "before `initialize`");
    server.request("initialize", json!({ "capabilities": {} }));
    server.notify("initialized", json!({}));
    let again = server.ask("initialize", json!({}));
    assert_eq!(code(server.answer(again)), -32600);
    let unknown = server.ask("textDocument/rename", json!({}));
    assert_eq!(code(server.answer(unknown)), -32601);
    for params in [Value::Null, json!([]), json!({ "textDocument": 1 }), json!("x")] {
        let bad = server.ask("textDocument/formatting", params);
        assert_eq!(code(server.answer(bad)), -32602);
    }
    let closed =
        json!({ "textDocument": { "uri": "file:///nowhere" }, "options": { "tabSize": 1, "insertSpaces": true } });
    let closed = server.ask("textDocument/formatting", closed);
    assert_eq!(code(server.answer(closed)), -32602);
    for method in ["textDocument/didOpen", "textDocument/didChange", "$/unknown", "unknown", "$/cancelRequest"] {
        server.notify(method, json!({ "x": 1 }));
    }
    let command = server.ask("workspace/executeCommand", json!({ "command": "rm" }));
    assert_eq!(code(server.answer(command)), -32602);
    server.request("shutdown", Value::Null);
    let late = server.ask("textDocument/hover", json!({}));
    assert_eq!(code(server.answer(late)), -32600);
    server.notify("exit", Value::Null);
    assert_eq!(server.wait_for_end(), 0);
}

#[test]
fn what_is_no_message_is_passed_over() {
    let folder = Folder::new(&[]);
    let mut server = Server::greet(folder.path(), &plain(), Value::Null);
    server.write(b"garbage\r\n\r\nContent-Length: 5\r\n\r\n{\"a\":Content-Length: 2\r\n\r\n[]");
    server.write(b"Content-Length: 4\r\n\r\n\xFF\xFE\0\0");
    server.send(&json!({ "jsonrpc": "2.0", "id": [1], "method": "x" }));
    server.send(&json!({ "jsonrpc": "2.0", "id": 99, "result": null }));
    let uri = uri(&folder.join("Dockerfile"));
    server.open(&uri, UNTIDY);
    assert_eq!(apply(UNTIDY, &server.format(&uri)), TIDY);
    assert_eq!(server.leave(), 0);
}

#[test]
fn answers_come_in_the_order_of_the_requests() {
    let folder = Folder::new(&[]);
    let uri = uri(&folder.join("Dockerfile"));
    let mut server = Server::greet(folder.path(), &plain(), Value::Null);
    server.open(&uri, UNTIDY);
    let document = json!({ "uri": uri });
    let place = json!({ "line": 0, "character": 1 });
    let mut ids = Vec::new();
    for nth in 0..100 {
        ids.push(match nth % 2 {
            0 => server.ask("textDocument/hover", json!({ "textDocument": document, "position": place })),
            _ => {
                let options = json!({ "tabSize": 4, "insertSpaces": true });
                server.ask("textDocument/formatting", json!({ "textDocument": document, "options": options }))
            }
        });
    }
    let mut answered = Vec::new();
    while answered.len() < ids.len() {
        if let lsp_server::Message::Response(it) = server.wait(|it| matches!(it, lsp_server::Message::Response(_))) {
            answered.push(it.id);
        }
    }
    assert_eq!(answered, ids.into_iter().map(lsp_server::RequestId::from).collect::<Vec<_>>());
    assert_eq!(server.leave(), 0);
}

#[test]
fn a_thousand_changes_end_in_the_last() {
    let folder = Folder::new(&[]);
    let uri = uri(&folder.join("Dockerfile"));
    let mut server = Server::greet(folder.path(), &plain(), Value::Null);
    server.open(&uri, "FROM a\n");
    for version in 2..=1001 {
        let at = json!({ "line": version - 1, "character": 0 });
        let change = json!({ "range": { "start": at, "end": at }, "text": format!("run  echo  {version}\n") });
        let document = json!({ "uri": uri, "version": version });
        server.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [change] }));
    }
    let text: String = (2..=1001).fold("FROM a\n".to_owned(), |text, it| text + &format!("run  echo  {it}\n"));
    let tidy = text.replace("run  echo  ", "RUN echo ");
    assert_eq!(apply(&text, &server.format(&uri)), tidy);
    // Versions may be left out, and never go back.
    let mut versions = Vec::new();
    while versions.last() != Some(&1001) {
        versions.push(server.told("textDocument/publishDiagnostics")["version"].as_i64().unwrap());
    }
    assert!(versions.is_sorted(), "{versions:?}");
    assert_eq!(server.leave(), 0);
}

#[test]
fn a_request_that_is_taken_back_is_answered_so() {
    let folder = Folder::new(&[]);
    let uri = uri(&folder.join("Dockerfile"));
    let mut server = Server::greet(folder.path(), &plain(), Value::Null);
    let long: String = (0..300).fold("FROM a\n".to_owned(), |text, it| text + &format!("run  echo  {it}\n"));
    server.open(&uri, &long);
    let options = json!({ "tabSize": 4, "insertSpaces": true });
    let params = json!({ "textDocument": { "uri": uri }, "options": options });
    let ids: Vec<i32> = (0..20).map(|_| server.ask("textDocument/formatting", params.clone())).collect();
    server.notify("$/cancelRequest", json!({ "id": ids[19] }));
    assert_eq!(server.answer(ids[19]).unwrap_err().0, -32800);
    assert!(server.answer(ids[0]).is_ok());
    assert_eq!(server.leave(), 0);
}

#[test]
fn it_ends_with_its_client() {
    let folder = Folder::new(&[]);
    let uri = uri(&folder.join("Dockerfile"));
    let mut server = Server::greet(folder.path(), &plain(), Value::Null);
    server.open(&uri, UNTIDY);
    server.hang_up();
    assert_eq!(server.wait_for_end(), 1, "nobody said goodbye");

    let mut server = Server::greet(folder.path(), &plain(), Value::Null);
    server.notify("exit", Value::Null);
    assert_eq!(server.wait_for_end(), 1, "`exit` without `shutdown`");

    // In the middle of work.
    let mut server = Server::greet(folder.path(), &plain(), Value::Null);
    let long: String = (0..300).fold("FROM a\n".to_owned(), |text, it| text + &format!("run  echo  {it}\n"));
    server.open(&uri, &long);
    let options = json!({ "tabSize": 4, "insertSpaces": true });
    for _ in 0..50 {
        server.ask("textDocument/formatting", json!({ "textDocument": { "uri": uri }, "options": options }));
    }
    assert_eq!(server.leave(), 0);
}

#[cfg(unix)]
#[test]
fn it_ends_when_the_process_that_started_it_dies() {
    let folder = Folder::new(&[]);
    let mut server = Server::start(folder.path());
    let mut parent = std::process::Command::new("sleep").arg("1").spawn().unwrap();
    server.request("initialize", json!({ "processId": parent.id(), "capabilities": {} }));
    // The test stands in for the one who takes in orphans.
    parent.wait().unwrap();
    assert_eq!(server.wait_for_end(), 1);
}

#[test]
fn a_document_opened_again_is_another_text() {
    let folder = Folder::new(&[]);
    let uri = uri(&folder.join("Dockerfile"));
    let mut capabilities = capable();
    capabilities["textDocument"]["diagnostic"] = json!({});
    let mut server = Server::greet(folder.path(), &capabilities, Value::Null);
    let document = json!({ "uri": uri });
    server.open(&uri, "FROM a\nMAINTAINER x\n");
    let first = server.request("textDocument/diagnostic", json!({ "textDocument": document }));
    server.close(&uri);
    server.open(&uri, "FROM a\n");
    let params = json!({ "textDocument": document, "previousResultId": first["resultId"] });
    assert_eq!(server.request("textDocument/diagnostic", params)["kind"], "full");
    assert_eq!(server.leave(), 0);
}

#[test]
fn a_client_that_hangs_up_without_reading_holds_nobody() {
    let folder = Folder::new(&[]);
    let mut server = Server::start_unread(folder.path());
    server.ask("initialize", json!({ "capabilities": {} }));
    let uri = uri(&folder.join("Dockerfile"));
    // More than a pipe takes.
    server.open(&uri, &format!("FROM a\n{}", "RUN  a  &&  b\n".repeat(2_000)));
    server.ask(
        "textDocument/formatting",
        json!({ "textDocument": { "uri": uri }, "options": { "tabSize": 4, "insertSpaces": true } }),
    );
    std::thread::sleep(std::time::Duration::from_secs(1));
    server.hang_up();
    assert_eq!(server.wait_for_end(), 1);
}
