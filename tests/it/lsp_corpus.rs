//! What an editor does on save, on real files, against what the command line writes.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    corpus,
    lsp_client::{Server, apply, apply_action, capable, plain, uri},
    program::Folder,
};

/// So many files are opened.
const FILES: usize = 200;

/// Real files that an editor can open, spread over the corpus, by the names that they have in a folder of the test.
fn files() -> BTreeMap<String, String> {
    let all = corpus::files();
    let step = (all.len() / FILES).max(1);
    let texts = all.into_iter().map(|it| it.1).filter(|it| !dockfix::text::has_raw(it)).step_by(step);
    texts.take(FILES).enumerate().map(|(nth, text)| (format!("{nth}.Dockerfile"), text)).collect()
}

/// The files after a run of the program.
fn written(files: &BTreeMap<String, String>, args: &[&str]) -> BTreeMap<String, String> {
    let folder = Folder::new(&[]);
    files.iter().for_each(|(name, text)| folder.write(name, text));
    folder.run(args);
    files.keys().map(|it| (it.clone(), folder.read(it))).collect()
}

#[test]
fn what_is_applied_is_what_the_command_line_writes() {
    let files = files();
    if files.is_empty() {
        return;
    }
    let formatted = written(&files, &["format", "."]);
    let fixed = written(&files, &["fix", "--no-format", "."]);
    let both = written(&files, &["fix", "."]);
    let folder = Folder::new(&[]);
    let (mut changed, mut edits_made) = (0, 0);
    for (capabilities, step) in [(capable(), 1), (plain(), 5)] {
        let mut server = Server::greet(folder.path(), &capabilities, Value::Null);
        for (name, text) in files.iter().step_by(step) {
            let uri = uri(&folder.join(name));
            server.open(&uri, text);
            let edits = server.format(&uri);
            assert_eq!(apply(text, &edits), formatted[name], "{name}: layout");
            edits_made += edits.as_array().map_or(0, Vec::len);
            let actions = server.actions(&uri, Some("source.fixAll"));
            let after = match actions.as_slice() {
                [] => text.clone(),
                [action] if action.get("edit").is_some() => apply_action(text, action, &uri),
                [action] => apply_action(text, &server.request("codeAction/resolve", action.clone()), &uri),
                more => panic!("{more:?}"),
            };
            assert_eq!(after, fixed[name], "{name}: fixes");
            if capabilities == capable() {
                let arguments = json!({ "command": "dockfix.fixDocument", "arguments": [uri] });
                server.request("workspace/executeCommand", arguments);
                let after = if *text == both[name] {
                    text.clone()
                } else {
                    let edit = server.told("workspace/applyEdit")["edit"].clone();
                    apply_action(text, &json!({ "edit": edit }), &uri)
                };
                assert_eq!(after, both[name], "{name}: fixes and layout");
                changed += usize::from(after != *text);
            }
            server.close(&uri);
        }
        assert_eq!(server.leave(), 0);
    }
    // A test in which nothing happens would hold whatever the server does.
    assert!(changed > files.len() / 2 && edits_made > changed, "{changed} files, {edits_made} edits");
}

#[test]
fn each_quick_fix_of_real_files_can_be_applied() {
    let folder = Folder::new(&[]);
    let mut server = Server::greet(folder.path(), &capable(), Value::Null);
    let mut applied = 0;
    for (name, text) in files().iter().step_by(4) {
        let uri = uri(&folder.join(name));
        server.open(&uri, text);
        for action in server.actions(&uri, Some("quickfix")) {
            let resolved =
                if action.get("edit").is_some() { action } else { server.request("codeAction/resolve", action) };
            let after = apply_action(text, &resolved, &uri);
            assert_ne!(after, *text, "{name}: {}", resolved["title"]);
            applied += 1;
        }
        server.close(&uri);
    }
    assert!(applied > 0 || corpus::folder().is_none());
    assert_eq!(server.leave(), 0);
}
