//! What hands dockfix to others: hooks, the action, the page about pipelines, the image. `tests/packages` runs them.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use regex::Regex;
use saphyr::{LoadableYamlNode, Yaml};

use crate::program::Folder;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

fn yaml(name: &str, text: &'static str) -> Yaml<'static> {
    let documents = Yaml::load_from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(documents.len(), 1, "{name}");
    documents.into_iter().next().unwrap()
}

fn yaml_file(name: &str) -> Yaml<'static> {
    yaml(name, read(name).leak())
}

/// The options that a subcommand's help names, with those of the program.
fn options(subcommand: &str) -> BTreeSet<String> {
    let said = Folder::new(&[]).run(&[subcommand, "--help"]);
    assert_eq!(said.code, 0, "there is no `dockfix {subcommand}`");
    let words = Regex::new(r"(?m)^ +(?:-\w, )?(--[a-z-]+)").unwrap();
    words.captures_iter(&said.out).map(|it| it[1].to_owned()).collect()
}

/// The commands of dockfix in a text must be commands that it has: `dockfix SUBCOMMAND --OPTION …`, up to what ends a
/// command in a shell.
fn commands_exist(name: &str, text: &str) -> usize {
    let command =
        Regex::new(r"(?m)\bdockfix ((?:format|fix|check|verify|rule|lsp|completions|man)\b[^|&;`\n]*)").unwrap();
    let mut count = 0;
    for it in command.captures_iter(text) {
        let mut words = it[1].split_whitespace();
        let subcommand = words.next().unwrap();
        let known = options(subcommand);
        for word in words.filter(|it| it.starts_with("--") && it.len() > 2) {
            let option = word.split('=').next().unwrap();
            assert!(known.contains(option), "{name}: `dockfix {subcommand}` has no {option}");
        }
        count += 1;
    }
    count
}

/// Names that Dockerfiles have, and names that look like those.
fn names() -> Vec<String> {
    let stems =
        ["Dockerfile", "dockerfile", "Containerfile", "containerfile", "DOCKERFILE", "Dockerfiles", "file", "x"];
    let heads = ["", "app.", "app-", "my", ".", "a b."];
    let tails = [
        "",
        ".dev",
        "-dev",
        "_dev",
        ".",
        "-",
        ".dockerignore",
        ".j2",
        ".jinja",
        ".jinja2",
        ".tpl",
        ".tmpl",
        ".template",
        ".erb",
        ".m4",
        ".in",
        ".swp",
        ".orig",
        ".rej",
        ".bak",
        "~",
        ".md",
        ".json",
        ".yaml",
        ".yml",
        ".toml",
        ".lock",
        ".html",
        ".svg",
        ".png",
        ".c",
        ".cc",
        ".cpp",
        ".cs",
        ".css",
        ".el",
        ".go",
        ".h",
        ".java",
        ".js",
        ".kt",
        ".lua",
        ".php",
        ".py",
        ".rb",
        ".rs",
        ".ts",
        ".vim",
        ".dev.j2",
        ".go.dev",
        ".a b",
        "-dev.json",
        ".dockerfile",
        ".1.2",
        "_",
        "_dev.py",
        "-x.js",
        "x.go",
        ".d.ts",
    ];
    let mut names = Vec::new();
    for folder in ["", "app/", "Dockerfile/", "x.j2/"] {
        for (head, stem) in heads.iter().flat_map(|head| stems.iter().map(move |stem| (head, stem))) {
            names.extend(tails.iter().map(|tail| format!("{folder}{head}{stem}{tail}")));
        }
    }
    names
}

/// Holds that others take the names that dockfix takes in a folder.
fn takes_the_same(who: &str, is_taken: impl Fn(&str) -> bool) {
    let mut taken = 0;
    for name in names() {
        let expected = dockfix::files::is_dockerfile(Path::new(&name));
        assert_eq!(is_taken(&name), expected, "{who}: {name}");
        taken += usize::from(expected);
    }
    assert!(taken > 100, "{taken}");
}

#[test]
fn hooks_take_the_files_that_dockfix_takes() {
    let hooks = yaml_file(".pre-commit-hooks.yaml");
    let hooks = hooks.as_vec().unwrap();
    let ids: Vec<&str> = hooks.iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["dockfix-format", "dockfix-fix", "dockfix-check"]);
    for hook in hooks {
        let entry = hook["entry"].as_str().unwrap();
        assert_eq!(commands_exist("the hook", entry), 1, "{entry}");
        // Whoever hands over names has looked at no settings.
        assert!(entry.ends_with(" --force-exclude"), "{entry}");
        let (files, exclude) = (hook["files"].as_str().unwrap(), hook["exclude"].as_str().unwrap());
        let (files, exclude) = (Regex::new(files).unwrap(), Regex::new(exclude).unwrap());
        takes_the_same("the hook", |name| files.is_match(name) && !exclude.is_match(name));
    }
}

#[test]
fn snippets_take_the_files_that_dockfix_takes() {
    let page = read("docs/ci.md");
    let line = page.lines().find_map(|it| it.strip_prefix("  - (?!")).unwrap();
    // What must not match the whole name, then what must: no look-ahead is known to the crate.
    let (exclude, files) = line.split_once("$)").unwrap();
    let whole = |it: &str| Regex::new(&format!("^({it})$")).unwrap();
    let (exclude, files) = (whole(exclude), whole(files));
    let base = |name: &str| name.rsplit('/').next().unwrap().to_owned();
    takes_the_same("MegaLinter", |name| files.is_match(&base(name)) && !exclude.is_match(&base(name)));

    let block = page.split("```toml\n").find(|it| it.starts_with("[formatter.dockfix]")).unwrap();
    let table: toml::Table = block.split("```").next().unwrap().parse().unwrap();
    let globs = |key: &str| {
        let mut set = globset::GlobSetBuilder::new();
        for glob in table["formatter"]["dockfix"][key].as_array().unwrap() {
            set.add(globset::Glob::new(glob.as_str().unwrap()).unwrap());
        }
        set.build().unwrap()
    };
    let (files, exclude) = (globs("includes"), globs("excludes"));
    takes_the_same("treefmt", |name| files.is_match(name) && !exclude.is_match(name));
}

#[test]
fn snippets_for_pipelines_can_be_read() {
    let page = read("docs/ci.md");
    let block = Regex::new(r"(?ms)^```(\w+)\n(.*?)^```$").unwrap();
    let mut seen = BTreeSet::new();
    for it in block.captures_iter(&page) {
        let (language, text) = (&it[1], it[2].to_owned());
        match language {
            "yaml" => drop(yaml("docs/ci.md", text.leak())),
            "toml" => drop(text.parse::<toml::Table>().unwrap()),
            "sh" => {}
            _ => panic!("nobody reads blocks of {language}"),
        }
        seen.insert(language.to_owned());
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["sh", "toml", "yaml"]);
    assert!(commands_exist("docs/ci.md", &page) >= 8);
}

#[test]
fn the_action_is_as_its_page_and_its_scripts_say() {
    let action = yaml_file("action.yml");
    let page = read("docs/ci.md");
    let inputs = action["inputs"].as_mapping().unwrap();
    for name in inputs.keys() {
        let name = name.as_str().unwrap();
        assert!(page.contains(&format!("\n| `{name}` |")), "docs/ci.md lacks the input {name}");
    }
    let text = read("action.yml");
    for it in Regex::new(r"inputs\.(\w+)").unwrap().captures_iter(&text) {
        assert!(action["inputs"].as_mapping_get(&it[1]).is_some(), "there is no input {}", &it[1]);
    }
    let mut scripts = 0;
    for step in action["runs"]["steps"].as_vec().unwrap() {
        let run = step["run"].as_str().unwrap().trim_matches('"');
        let script = read(run.strip_prefix("$GITHUB_ACTION_PATH/").unwrap());
        commands_exist(run, &script);
        // What the action hands over is what the script reads.
        let given = step["env"].as_mapping().unwrap().keys().map(|it| it.as_str().unwrap());
        for name in given.filter(|it| *it != "GH_TOKEN") {
            assert!(script.contains(&format!("${name}")) || script.contains(&format!("${{{name}")), "{run}: {name}");
        }
        scripts += 1;
    }
    assert_eq!(scripts, 2);
}

#[test]
fn the_image_is_written_as_dockfix_would() {
    let folder = Folder::new(&[("Dockerfile", &read("Dockerfile"))]);
    for args in [&["format", "--check"][..], &["fix", "--check"], &["check", "--preset=strict"]] {
        let said = folder.run(args);
        assert_eq!(said.code, 0, "{args:?}: {}{}", said.out, said.err);
        assert!(!said.err.contains("passed over"), "{}", said.err);
    }
}

#[test]
fn completions_and_pages_know_the_subcommands() {
    let folder = Folder::new(&[]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let said = folder.run(&["completions", shell]);
        assert_eq!(said.code, 0, "{shell}");
        for word in ["verify", "output-format", "keep-cache"] {
            assert!(said.out.contains(word), "{shell}: {word}");
        }
    }
    let page = folder.run(&["man"]).out;
    assert!(
        page.contains(".TH dockfix 1") && page.contains("dockfix\\-verify(1)") || page.contains("dockfix-verify(1)")
    );
    assert!(page.contains("findings are left"), "the exit codes are missing");
    let page = folder.run(&["man", "fix"]).out;
    assert!(page.contains("dockfix\\-fix") && page.contains("unsafe"), "{page}");
    let page = folder.run(&["man", "migrate-plan"]).out;
    assert!(page.contains("dockfix\\-migrate\\-plan") && page.contains("group"), "{page}");
    let said = folder.run(&["man", "frobnicate"]);
    assert_eq!((said.code, said.err.as_str()), (2, "error: there is no subcommand `frobnicate`\n"));
}

#[test]
fn the_version_is_that_of_the_manifest() {
    let said = Folder::new(&[]).run(&["--version"]).out;
    let line = Regex::new(r"^dockfix (\S+)( \([0-9a-f]+\))?\n$").unwrap();
    assert_eq!(&line.captures(&said).unwrap()[1], env!("CARGO_PKG_VERSION"));
}
