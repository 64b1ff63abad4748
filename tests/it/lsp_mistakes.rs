//! The language server where something is wrong: what is not certain is left alone, and the rest goes on.

use serde_json::{Value, json};

use crate::{
    lsp_client::{Server, uri},
    program::Folder,
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
