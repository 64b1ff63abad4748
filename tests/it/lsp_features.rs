//! What the language server offers: diagnostics, actions, hover, ranges, settings, commands.

use serde_json::{Value, json};

use crate::{
    lsp_client::{Server, apply, apply_action, capable, plain, uri},
    program::Folder,
};

const TEXT: &str = "FROM alpine\nMAINTAINER a\nCMD a b\nCMD c d\n";

fn with(mut capabilities: Value, pointer: &str, value: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    capabilities.pointer_mut(parent).unwrap()[key] = value;
    capabilities
}

fn place(line: u32, character: u32) -> Value {
    json!({ "line": line, "character": character })
}

/// The codes of diagnostics, in their order.
fn codes(diagnostics: &Value) -> Vec<&str> {
    diagnostics.as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap_or("error")).collect()
}

#[test]
fn findings_are_told() {
    let folder = Folder::new(&[]);
    let uri = uri(&folder.join("Dockerfile"));
    let mut server = Server::greet(folder.path(), &plain(), Value::Null);
    server.open(&uri, TEXT);
    let told = server.told("textDocument/publishDiagnostics");
    assert_eq!(told["version"], 1);
    assert!(codes(&told["diagnostics"]).contains(&"maintainer"), "{told}");
    let maintainer = told["diagnostics"].as_array().unwrap().iter().find(|it| it["code"] == "maintainer").unwrap();
    assert_eq!(maintainer["tags"], json!([2]));
    assert_eq!(maintainer["source"], "dockfix");
    assert_eq!(maintainer["range"]["start"], place(1, 0));
    assert!(maintainer["codeDescription"]["href"].as_str().unwrap().ends_with("/maintainer-deprecated/"));
    server.replace(&uri, 2, "FROM a\nFRO b\n");
    let told = server.told("textDocument/publishDiagnostics");
    assert!(codes(&told["diagnostics"]).contains(&"error"), "{told}");
    assert_eq!(told["diagnostics"][0]["severity"], 1);
    server.close(&uri);
    assert_eq!(server.told("textDocument/publishDiagnostics")["diagnostics"], json!([]));
    assert_eq!(server.leave(), 0);
}

#[test]
fn a_client_that_asks_for_diagnostics_is_told_none() {
    let folder = Folder::new(&[("dockfix.toml", "")]);
    let uri = uri(&folder.join("Dockerfile"));
    let mut server = Server::greet(folder.path(), &with(capable(), "/textDocument/diagnostic", json!({})), Value::Null);
    server.open(&uri, TEXT);
    let ask = |server: &mut Server, before: &Value| {
        let params = json!({ "textDocument": { "uri": uri }, "previousResultId": before });
        server.request("textDocument/diagnostic", params)
    };
    let full = ask(&mut server, &Value::Null);
    assert_eq!(full["kind"], "full");
    assert!(codes(&full["items"]).contains(&"maintainer"));
    assert_eq!(ask(&mut server, &full["resultId"])["kind"], "unchanged");
    folder.write("dockfix.toml", "ignore = [\"maintainer\"]\n");
    server.notify("workspace/didChangeWatchedFiles", json!({ "changes": [] }));
    server.told("workspace/diagnostic/refresh");
    let full = ask(&mut server, &full["resultId"]);
    assert!(!codes(&full["items"]).contains(&"maintainer"), "{full}");
    let told = server.rest().into_iter().filter(|it| format!("{it:?}").contains("publishDiagnostics")).count();
    assert_eq!(told, 0);
    assert_eq!(server.leave(), 0);
}

#[test]
fn the_light_bulb_fixes_and_ignores() {
    let folder = Folder::new(&[]);
    let uri = uri(&folder.join("Dockerfile"));
    for capabilities in [plain(), capable()] {
        let mut server = Server::greet(folder.path(), &capabilities, Value::Null);
        let text = "FROM alpine\nCMD a b\n";
        server.open(&uri, text);
        let ignore = server.action(&uri, "Ignore `shell-form-command` here");
        let ignored = apply_action(text, &ignore, &uri);
        assert_eq!(ignored, "FROM alpine\n# dockfix: ignore[shell-form-command]\nCMD a b\n");
        let actions = server.actions(&uri, Some("quickfix"));
        assert_eq!(actions[0]["diagnostics"][0]["code"], "shell-form-command");
        assert_eq!(apply_action(text, &actions[0], &uri), "FROM alpine\nCMD [\"a\", \"b\"]\n");
        let text = "FROM alpine\nENV a b\nENV c d\n";
        server.replace(&uri, 2, text);
        let all = server.action(&uri, "Fix all 2 of `legacy-key-value`");
        assert_eq!(apply_action(text, &all, &uri), "FROM alpine\nENV a=b\nENV c=d\n");
        let all = server.action(&uri, "Fix all that is safe to fix");
        assert_eq!(all["kind"], "source.fixAll.dockfix");
        assert_eq!(apply_action(text, &all, &uri), "FROM alpine\nENV a=b\nENV c=d\n");
        assert_eq!(server.leave(), 0);
    }
}

#[test]
fn actions_of_an_older_version_are_refused() {
    let folder = Folder::new(&[]);
    let uri = uri(&folder.join("Dockerfile"));
    let mut server = Server::greet(folder.path(), &capable(), Value::Null);
    server.open(&uri, TEXT);
    let action = server.actions(&uri, Some("source.fixAll.dockfix")).remove(0);
    server.replace(&uri, 2, "FROM b\n");
    let id = server.ask("codeAction/resolve", action);
    assert_eq!(server.answer(id).unwrap_err().0, -32801);
    assert_eq!(server.leave(), 0);
}

#[test]
fn unsafe_fixes_are_offered_and_never_done_on_save() {
    let folder = Folder::new(&[("dockfix.toml", "unsafe-fixes = true\n")]);
    let uri = uri(&folder.join("Dockerfile"));
    let mut server = Server::greet(folder.path(), &plain(), Value::Null);
    let text = "FROM debian\nRUN apt-get update && apt-get install -y curl\n";
    server.open(&uri, text);
    let titles: Vec<String> = server.actions(&uri, Some("quickfix")).iter().map(|it| it["title"].to_string()).collect();
    assert!(titles.iter().any(|it| it.contains("(unsafe)")), "{titles:?}");
    let saved = server.actions(&uri, Some("source.fixAll"));
    let after = saved.first().map_or(text.to_owned(), |it| apply_action(text, it, &uri));
    assert!(!after.contains("--no-install-recommends"), "{after}");
    assert_eq!(server.leave(), 0);
}

#[test]
fn a_selection_is_laid_out_alone() {
    let folder = Folder::new(&[]);
    let uri = uri(&folder.join("Dockerfile"));
    let mut server = Server::greet(folder.path(), &plain(), Value::Null);
    let text = "from  a\n\n\n\nrun  b\nrun  c  \\\n&& d\n";
    server.open(&uri, text);
    let options = json!({ "tabSize": 4, "insertSpaces": true });
    let range = json!({ "start": place(6, 1), "end": place(6, 2) });
    let params = json!({ "textDocument": { "uri": uri }, "range": range, "options": options });
    let edits = server.request("textDocument/rangeFormatting", params);
    assert_eq!(apply(text, &edits), "from  a\n\n\n\nrun  b\nRUN c \\\n    && d\n");
    // A place at the beginning of a line has no part in the line before.
    let range = json!({ "start": place(5, 0), "end": place(5, 0) });
    let params = json!({ "textDocument": { "uri": uri }, "range": range, "options": options });
    let edits = server.request("textDocument/rangeFormatting", params);
    assert_eq!(apply(text, &edits), "from  a\n\n\n\nrun  b\nRUN c \\\n    && d\n");
    assert_eq!(server.leave(), 0);
}

#[test]
fn a_line_that_goes_on_is_indented() {
    let folder = Folder::new(&[]);
    let uri = uri(&folder.join("Dockerfile"));
    let mut server = Server::greet(folder.path(), &plain(), Value::Null);
    let mut typed = |text: &str, line: u32| {
        server.open(&uri, text);
        let options = json!({ "tabSize": 8, "insertSpaces": true });
        let params =
            json!({ "textDocument": { "uri": uri }, "position": place(line, 0), "ch": "\n", "options": options });
        let edits = server.request("textDocument/onTypeFormatting", params);
        server.close(&uri);
        apply(text, &edits)
    };
    assert_eq!(typed("FROM a\nRUN b && \\\n\n", 2), "FROM a\nRUN b && \\\n    \n");
    assert_eq!(typed("FROM a\nRUN b \\\n && c \\\n\n", 3), "FROM a\nRUN b \\\n && c \\\n        \n");
    assert_eq!(typed("FROM a\nENV b=c \\\n\nRUN d\n", 2), "FROM a\nENV b=c \\\n    \nRUN d\n");
    // Not where an instruction ends, not in a text whose blanks count.
    for text in ["FROM a\nRUN b\n\n", "FROM a\nRUN echo \"b \\\n\n", "FROM a\nRUN <<E\n\nE\n", "# a \\\n\n\nFROM b\n"] {
        assert_eq!(typed(text, 2), text);
    }
}

#[test]
fn the_pointer_is_told_of_rules_and_of_the_build() {
    let folder = Folder::new(&[]);
    let uri = uri(&folder.join("Dockerfile"));
    let mut server = Server::greet(folder.path(), &capable(), Value::Null);
    server.open(&uri, "FROM alpine\n# dockfix: ignore[maintainer]\nMAINTAINER a\nCMD a b\nRUN b\n");
    let mut at = |line, character| {
        let params = json!({ "textDocument": { "uri": uri }, "position": place(line, character) });
        server.request("textDocument/hover", params)["contents"]["value"].as_str().unwrap_or_default().to_owned()
    };
    assert!(at(1, 22).starts_with("# maintainer"));
    assert!(at(3, 5).contains("# shell-form-command"), "{}", at(3, 5));
    assert!(at(4, 1).starts_with("**RUN**\n\nStep 1 of 1 in stage 1"), "{}", at(4, 1));
    assert_eq!(at(4, 5), "");
}

#[test]
fn a_client_without_markdown_is_told_plain_words() {
    let folder = Folder::new(&[]);
    let uri = uri(&folder.join("Dockerfile"));
    let mut server = Server::greet(folder.path(), &plain(), Value::Null);
    server.open(&uri, "FROM alpine\nCMD a b\nRUN b\n");
    let mut at = |line, character| {
        let params = json!({ "textDocument": { "uri": uri }, "position": place(line, character) });
        let contents = server.request("textDocument/hover", params)["contents"].clone();
        assert_eq!(contents["kind"], "plaintext");
        contents["value"].as_str().unwrap().to_owned()
    };
    let (rule, step) = (at(1, 5), at(2, 1));
    assert!(step.starts_with("RUN\n\nStep 1 of 1 in stage 1"), "{step}");
    assert!(rule.contains("\nshell-form-command\n") && rule.contains("\nFROM "), "{rule}");
    assert!(!rule.contains(['`', '*']) && !rule.lines().any(|it| it.starts_with('#') || it == "---"), "{rule}");
}

#[test]
fn what_is_meant_for_a_dockerfile_is_told_its_errors() {
    let folder = Folder::new(&[]);
    let mut server = Server::greet(folder.path(), &plain(), Value::Null);
    for (name, language, text, errors) in [
        ("Dockerfile", "plaintext", "FRM x\n", 1),
        ("Dockerfile.dev", "dockerfile", "FRM x\n", 1),
        ("Dockerfile.dev", "dockerfile", "FROM\n", 1),
        // By its name it may be anything.
        ("Dockerfile.sh", "shellscript", "set -e\n", 0),
        ("Dockerfile.j2", "dockerfile", "{% if x %}\n", 0),
    ] {
        let uri = uri(&folder.join(name));
        let document = json!({ "uri": uri, "languageId": language, "version": 1, "text": text });
        server.notify("textDocument/didOpen", json!({ "textDocument": document }));
        let told = server.told("textDocument/publishDiagnostics");
        assert_eq!(codes(&told["diagnostics"]).len(), errors, "{name}: {told}");
    }
    assert_eq!(server.leave(), 0);
}

#[test]
fn settings_come_from_files_and_from_the_editor() {
    let folder = Folder::new(&[(".editorconfig", "root = true\n[*]\nindent_style = space\nindent_size = 2\n")]);
    let uri = uri(&folder.join("Dockerfile"));
    let text = "FROM a\nRUN a \\\n&& b\n";
    let indented = |by: &str| format!("FROM a\nRUN a \\\n{by}&& b\n");
    let mut server = Server::greet(folder.path(), &capable(), json!({ "options": { "format.indent": 3 } }));
    let watched = server.told("client/registerCapability");
    let methods = watched["registrations"].as_array().unwrap().iter().map(|it| it["method"].as_str().unwrap());
    let wanted = ["workspace/didChangeWatchedFiles", "workspace/didChangeConfiguration"];
    assert_eq!(methods.collect::<Vec<_>>(), wanted);
    server.open(&uri, text);
    assert_eq!(apply(text, &server.format(&uri)), indented("   "), "the editor's settings go first");
    let (id, question) = server.asked("workspace/configuration");
    assert_eq!(question["items"][0]["section"], "dockfix");
    server.respond(id, json!([{ "options": {} }, null]));
    assert_eq!(apply(text, &server.format(&uri)), indented("  "));
    folder.write("dockfix.toml", "format.indent = 8\n");
    server.notify("workspace/didChangeWatchedFiles", json!({ "changes": [] }));
    assert_eq!(apply(text, &server.format(&uri)), indented("        "));
    server.notify("workspace/didChangeConfiguration", json!({ "settings": null }));
    let (id, _) = server.asked("workspace/configuration");
    server.respond(id, json!([{ "enable": false }, null]));
    assert_eq!(apply(text, &server.format(&uri)), text);
    assert_eq!(server.leave(), 0);
}

#[test]
fn settings_that_are_wrong_are_told_and_nothing_is_done() {
    let folder = Folder::new(&[("dockfix.toml", "indent = 2\n")]);
    let uri = uri(&folder.join("Dockerfile"));
    let mut server = Server::greet(folder.path(), &plain(), Value::Null);
    server.open(&uri, TEXT);
    let shown = server.told("window/showMessage");
    assert_eq!(shown["type"], 1);
    assert!(shown["message"].as_str().unwrap().contains("dockfix.toml:1"), "{shown}");
    let options = json!({ "tabSize": 4, "insertSpaces": true });
    let id = server.ask("textDocument/formatting", json!({ "textDocument": { "uri": uri }, "options": options }));
    assert_eq!(server.answer(id).unwrap_err().0, -32803);
    // This client watches no files: the server looks again when something is saved.
    folder.write("dockfix.toml", "format.indent = 2\n");
    server.notify("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
    assert!(server.format(&uri).is_array());
    assert_eq!(server.leave(), 0);
}

#[test]
fn folders_have_settings_of_their_own() {
    let folder = Folder::new(&[("a/dockfix.toml", "format.indent = 2\n"), ("b/dockfix.toml", "format.indent = 8\n")]);
    let (a, b) = (uri(&folder.join("a")), uri(&folder.join("b")));
    let mut server = Server::greet(&folder.join("a"), &plain(), Value::Null);
    let added = json!({ "event": { "added": [{ "uri": b, "name": "b" }], "removed": [] } });
    server.notify("workspace/didChangeWorkspaceFolders", added);
    let text = "FROM a\nRUN a \\\n&& b\n";
    for (uri, by) in [(a, "  "), (b, "        ")] {
        let uri = format!("{uri}/Dockerfile");
        server.open(&uri, text);
        assert_eq!(apply(text, &server.format(&uri)), format!("FROM a\nRUN a \\\n{by}&& b\n"));
    }
    assert_eq!(server.leave(), 0);
}

#[test]
fn the_workspace_is_fixed_with_progress() {
    let folder =
        Folder::new(&[("a/Dockerfile", "from  a\n"), ("b/Dockerfile", "FROM b\n"), ("c/Dockerfile", "from  c\n")]);
    let open = uri(&folder.join("c/Dockerfile"));
    let mut server = Server::greet(folder.path(), &capable(), Value::Null);
    server.open(&open, "from  open\n");
    let id = server.ask("workspace/executeCommand", json!({ "command": "dockfix.fixWorkspace", "arguments": [] }));
    let token = server.told("window/workDoneProgress/create")["token"].clone();
    let summary = server.answer(id).unwrap();
    assert_eq!(summary, json!({ "files": 3, "changed": 2, "failed": 0 }));
    let progress: Vec<Value> = (0..5).map(|_| server.told("$/progress")).collect();
    assert!(progress.iter().all(|it| it["token"] == token));
    let kinds: Vec<&str> = progress.iter().map(|it| it["value"]["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["begin", "report", "report", "report", "end"]);
    assert_eq!(folder.read("a/Dockerfile"), "FROM a\n");
    // What is open is the client's to change.
    assert_eq!(folder.read("c/Dockerfile"), "from  c\n");
    let edit = server.told("workspace/applyEdit")["edit"].clone();
    assert_eq!(apply_action("from  open\n", &json!({ "edit": edit }), &open), "FROM open\n");
    let page = server
        .request("workspace/executeCommand", json!({ "command": "dockfix.explainRule", "arguments": ["DL4000"] }));
    assert!(page.as_str().unwrap().starts_with("# maintainer"));
    assert_eq!(server.leave(), 0);
}

/// What `dockfix.fixWorkspace` says of the folders, the first of them with an untidy document open under `name`.
fn fix_workspace(folder: &Folder, folders: &[&str], name: &str, capabilities: &Value) -> Value {
    let mut server = Server::greet(&folder.join(folders[0]), capabilities, Value::Null);
    let added: Vec<Value> = folders[1..].iter().map(|it| json!({ "uri": uri(&folder.join(it)), "name": it })).collect();
    server.notify("workspace/didChangeWorkspaceFolders", json!({ "event": { "added": added, "removed": [] } }));
    server.open(&uri(&folder.join(name)), "from  open\n");
    let summary =
        server.request("workspace/executeCommand", json!({ "command": "dockfix.fixWorkspace", "workDoneToken": 1 }));
    assert_eq!(server.leave(), 0);
    summary
}

#[test]
fn each_file_of_the_workspace_has_the_settings_of_its_innermost_folder() {
    let text = "FROM a\nRUN a \\\n&& b\n";
    let folder =
        Folder::new(&[("w/in/Dockerfile", text), ("w/Dockerfile", text), ("w/in/dockfix.toml", "format.indent = 2\n")]);
    let summary = fix_workspace(&folder, &["w", "w/in", "w"], "w/none/Dockerfile", &plain());
    assert_eq!(summary, json!({ "files": 2, "changed": 2, "failed": 0 }));
    assert_eq!(folder.read("w/in/Dockerfile"), "FROM a\nRUN a \\\n  && b\n");
    assert_eq!(folder.read("w/Dockerfile"), "FROM a\nRUN a \\\n    && b\n");
}

#[cfg(unix)]
#[test]
fn a_document_that_is_open_by_a_link_is_not_written() {
    let folder = Folder::new(&[("w/Dockerfile", "from  disk\n")]);
    std::os::unix::fs::symlink(folder.join("w"), folder.join("link")).unwrap();
    let summary = fix_workspace(&folder, &["w"], "link/Dockerfile", &capable());
    assert_eq!(summary, json!({ "files": 1, "changed": 1, "failed": 0 }));
    assert_eq!(folder.read("w/Dockerfile"), "from  disk\n");
}

#[test]
fn a_client_that_takes_no_edits_is_sent_none() {
    let folder = Folder::new(&[("w/Dockerfile", "from  disk\n")]);
    let summary = fix_workspace(&folder, &["w"], "w/Dockerfile", &plain());
    assert_eq!(summary, json!({ "files": 1, "changed": 0, "failed": 1 }));
    assert_eq!(folder.read("w/Dockerfile"), "from  disk\n");
}
