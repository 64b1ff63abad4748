//! The order of the house: who may import whom, how long a file may be, what a rule's file holds.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// What each module may import, as the table in `ARCHITECTURE.md` has it. The driver, three files of `fix`, also calls
/// the layout and the check before writing; `fix/mod.rs` hands on what that check has of effects.
const MAY: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("syntax", &["text"]),
    ("model", &["syntax"]),
    ("format", &["syntax", "text"]),
    ("verify", &["model", "syntax", "text"]),
    ("fix", &["model", "syntax", "text"]),
    ("fix/mod.rs", &["verify"]),
    ("fix/driver.rs", &["format", "model", "verify", "syntax", "text"]),
    ("fix/layout.rs", &["format", "model", "verify", "syntax", "text"]),
    ("fix/version.rs", &["format", "model", "verify", "syntax", "text"]),
    ("rules", &["fix", "model", "syntax", "text"]),
    ("config", &["fix", "format", "text"]),
    ("files", &["config"]),
    ("git", &["files"]),
    ("report", &["fix", "model", "syntax", "text", "verify"]),
    ("init", &["fix", "format", "syntax", "text"]),
    ("migrate", &["config", "files", "fix", "git", "report", "rules", "syntax", "text"]),
    ("lsp", &["config", "files", "fix", "format", "model", "report", "rules", "syntax", "text"]),
    (
        "cli",
        &[
            "config", "files", "fix", "format", "git", "init", "lsp", "migrate", "model", "report", "rules", "syntax",
            "text", "verify",
        ],
    ),
];

/// The files of a folder and of those in it.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// A file's text without comments and without its tests, which may look at whatever they like.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    text.lines().filter(|it| !it.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The modules of this crate that a text names.
fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let name = |text: &str| text.chars().take_while(|it| it.is_alphanumeric() || *it == '_').collect::<String>();
    for (at, path) in code.match_indices("crate::") {
        let rest = &code[at + path.len()..];
        let Some(list) = rest.strip_prefix('{') else {
            found.insert(name(rest));
            continue;
        };
        let (mut depth, mut begins) = (0, true);
        for (at, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => begins = true,
                c if begins && !c.is_whitespace() => {
                    found.insert(name(&list[at..]));
                    begins = false;
                }
                _ => {}
            }
        }
    }
    found
}

#[test]
fn imports_are_found() {
    let code = "use crate::{\n    fix::{self, A},\n    model, text::{B, C},\n};\nuse crate::rules::ALL;\nlet x = crate::config::y();";
    let found: Vec<String> = imports(code).into_iter().collect();
    assert_eq!(found, ["config", "fix", "model", "rules", "text"]);
}

#[test]
fn modules_import_only_what_lies_below_them() {
    let (src, mut bad, mut seen) = (src(), Vec::new(), 0);
    for path in sources(&src).into_iter().filter(|it| !it.ends_with("tests.rs")) {
        let name = path.strip_prefix(&src).unwrap().to_string_lossy().replace('\\', "/");
        let module = name.split('/').next().unwrap();
        // The rules of a file of its own go before those of its module.
        let known = |key: &str| MAY.iter().find(|it| it.0 == key).map(|it| it.1);
        let Some(may) = known(&name).or_else(|| known(module)) else {
            assert!(["lib.rs", "main.rs"].contains(&name.as_str()), "{name} belongs to no module of the house");
            continue;
        };
        let modules = MAY.iter().map(|it| it.0);
        let modules: BTreeSet<&str> = modules.collect();
        let imports = imports(&code(&path));
        seen += imports.len();
        let wrong = imports.iter().filter(|it| modules.contains(it.as_str()) && *it != module);
        bad.extend(wrong.filter(|it| !may.contains(&it.as_str())).map(|it| format!("{name} imports {it}")));
    }
    assert!(seen >= 50, "only {seen} imports were found");
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn the_table_of_rooms_says_the_same() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).unwrap();
    let rooms: Vec<_> = MAY.iter().filter(|it| !it.0.contains('/')).collect();
    for (room, may) in &rooms {
        let row = page.lines().find_map(|it| it.strip_prefix(&format!("| `src/{room}` | "))).unwrap();
        let cell = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        // What single files may use beside stands behind a semicolon.
        let own = cell.split(';').next().unwrap();
        let named: Vec<&str> = own.split('`').skip(1).step_by(2).collect();
        assert!(named == *may || (own == "everything" && may.len() == rooms.len() - 1), "{room}: {cell}");
    }
}

#[test]
fn only_events_and_the_interner_make_trees() {
    let makes = |it: &PathBuf| {
        let code = code(it);
        ["GreenNodeBuilder", "GreenNode::new", "GreenToken::new"].iter().any(|word| code.contains(word))
    };
    let making: Vec<PathBuf> = sources(&src()).into_iter().filter(makes).collect();
    assert_eq!(making, ["syntax/events.rs", "syntax/interner.rs"].map(|it| src().join(it)));
}

#[test]
fn no_file_is_longer_than_patience() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = sources(&src()).into_iter().chain(sources(&root.join("tests/it")));
    let long: Vec<String> = files
        .map(|path| (fs::read_to_string(&path).unwrap().lines().count(), path))
        .filter(|(lines, _)| *lines > 450)
        .map(|(lines, path)| format!("{} has {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

/// rustfmt breaks code at as many columns, and leaves comments alone.
#[test]
fn no_comment_is_wider_than_the_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = ["src", "tests", "benches"].map(|it| sources(&root.join(it))).concat();
    let mut wide = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().enumerate().filter(|it| it.1.trim_start().starts_with("//"));
        let long = lines.filter(|it| it.1.chars().count() > 120);
        wide.extend(long.map(|(at, _)| format!("{}:{}", path.display(), at + 1)));
    }
    assert!(wide.is_empty(), "{wide:#?}");
}

#[test]
fn every_rule_has_its_file_and_its_docs() {
    let mut files: Vec<String> = sources(&src().join("rules"))
        .iter()
        .filter(|it| code(it).contains("pub static RULE"))
        .map(|it| it.file_stem().unwrap().to_string_lossy().replace('_', "-"))
        .collect();
    files.sort();
    let mut names: Vec<&str> = dockfix::rules::ALL.iter().map(|it| it.name).collect();
    names.sort();
    assert_eq!(files, names);
    for rule in dockfix::rules::ALL {
        for part in ["## What it does", "## Why", "## Example", "## Safety and effect"] {
            assert!(rule.docs.contains(part), "{} has no {part}", rule.name);
        }
        assert!(!rule.summary.ends_with('.'), "{}", rule.name);
    }
}
