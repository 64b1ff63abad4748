//! The language server on documents of a size that nobody writes: they are answered, and keep no other waiting.

use std::time::{Duration, Instant};

use lsp_server::Message;
use serde_json::{Value, json};

use crate::{
    corpus,
    inputs::{KINDS, kind},
    lsp_client::{Server, apply, plain, uri},
    program::Folder,
};

/// So long an answer about a document of 10 MB may take.
const PATIENCE: Duration = Duration::from_secs(60);

fn ask_format(server: &mut Server, uri: &str) -> i32 {
    let options = json!({ "tabSize": 4, "insertSpaces": true });
    server.ask("textDocument/formatting", json!({ "textDocument": { "uri": uri }, "options": options }))
}

#[test]
fn a_large_document_keeps_no_other_waiting() {
    let folder = Folder::new(&[]);
    let (large, small) = (uri(&folder.join("Dockerfile")), uri(&folder.join("other/Dockerfile")));
    let mut server = Server::greet(folder.path(), &plain(), Value::Null);
    let text = kind("comments").unwrap().of_size(1_200_000);
    server.open(&large, &text);
    let first = ask_format(&mut server, &large);
    server.open(&small, "from  a\n");
    let second = ask_format(&mut server, &small);
    // Each of them is awaited as it comes: the one that was asked for last comes first.
    let answer =
        server.wait(|it| matches!(it, Message::Response(it) if [first, second].map(Into::into).contains(&it.id)));
    assert!(matches!(&answer, Message::Response(it) if it.id == second.into()), "{answer:?}");
    // Of two empty lines behind each comment one goes.
    let edits = server.answer(first).unwrap();
    assert_eq!(edits.as_array().unwrap().len(), text.matches("\n\n\n").count());
    server.replace(&large, 2, "from  b\n");
    assert_eq!(apply("from  b\n", &server.format(&large)), "FROM b\n");
    assert_eq!(server.leave(), 0);
}

#[test]
fn documents_of_ten_megabytes_are_answered_within_a_minute() {
    // A debug build takes ten times as long, and says nothing of it.
    if !corpus::all() {
        return;
    }
    let folder = Folder::new(&[]);
    for kind in KINDS {
        let uri = uri(&folder.join(kind.name).join("Dockerfile"));
        let mut server = Server::greet(folder.path(), &plain(), Value::Null);
        let text = kind.of_size(10_000_000);
        let start = Instant::now();
        server.open(&uri, &text);
        server.format(&uri);
        let formatted = start.elapsed();
        server.told("textDocument/publishDiagnostics");
        let diagnosed = start.elapsed();
        eprintln!("{}: laid out after {formatted:.1?}, diagnosed after {diagnosed:.1?}", kind.name);
        assert!(formatted.max(diagnosed) < PATIENCE, "{}: {formatted:?}, {diagnosed:?}", kind.name);
        assert_eq!(server.leave(), 0);
    }
}
