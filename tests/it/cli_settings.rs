//! Choosing rules from outside: presets, what rules are told, other programs' settings, counts, and how it is all
//! shown.

use dockfix::{config, rules::ALL};

use crate::program::Folder;

const FILE: &str = "FROM alpine as base\nENV a b\nENV c d\nMAINTAINER x\nCMD one\n";

#[test]
fn presets_are_named_in_the_file_or_on_the_command_line() {
    let folder = Folder::new(&[("Dockerfile", FILE), ("dockfix.toml", "preset = \"layout-only\"\n")]);
    let check = |args: &[&str]| folder.run(&[&["check", "--output-format=concise"], args].concat());
    assert_eq!(check(&[]).err, "no findings in 1 file\n");
    let said = check(&["--preset=hadolint"]);
    assert!(said.out.contains(": maintainer: ") && !said.out.contains(": legacy-key-value: "), "{}", said.out);
    assert!(check(&["--preset", "strict"]).out.contains(": legacy-key-value: "));
    let said = check(&["--preset=stirct"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    assert_eq!(said.err, "error: --preset: unknown preset `stirct`\nhelp: did you mean `strict`?\n");
    folder.write("dockfix.toml", "\npreset = \"lax\"\n");
    let said = check(&[]);
    assert!(said.err.starts_with("error: dockfix.toml:2:10: unknown preset `lax`\nhelp: there are "), "{}", said.err);
}

#[test]
fn all_presets_are_told_of() {
    let help = Folder::new(&[]).run(&["check", "--help"]).out.split_whitespace().collect::<Vec<_>>().join(" ");
    for preset in config::PRESETS {
        assert!(help.contains(preset.name), "--help lacks {}", preset.name);
        assert!(config::DEFAULT.contains(&format!("#   \"{}\": ", preset.name)), "{} is no choice", preset.name);
    }
}

#[test]
fn the_safety_of_a_rule_is_set() {
    let folder = Folder::new(&[("Dockerfile", FILE), ("dockfix.toml", "[rules.DL4000]\nsafety = \"unsafe\"\n")]);
    let fix = |args: &[&str]| folder.run(&[&["fix", "--select=maintainer", "--diff", "--no-format"], args].concat());
    assert_eq!(fix(&[]).out, "");
    assert!(fix(&[]).err.contains("(fixable with --unsafe)"));
    assert!(fix(&["--unsafe"]).out.contains("+LABEL"));
    assert_eq!(fix(&["--unsafe", "--option=rules.maintainer.safety=suggest"]).out, "");
    assert!(fix(&["--option=rules.maintainer.safety=safe"]).out.contains("+LABEL"));
    let said = fix(&["--option=rules.maintainer.saftey=safe"]);
    let expected = "error: --option rules.maintainer.saftey=safe: the rule `maintainer` has no option `saftey`\n\
                    help: did you mean `safety`?\n";
    assert_eq!((said.code, said.err.as_str()), (2, expected));
}

#[test]
fn the_examples_in_the_defaults_are_true() {
    let text: Vec<&str> = config::DEFAULT
        .lines()
        .map(|it| it.strip_prefix("# ").filter(|it| it.contains(" = ") || it.starts_with("[[")).unwrap_or(it))
        .collect();
    let folder = Folder::new(&[("Dockerfile", FILE), ("dockfix.toml", &text.join("\n"))]);
    let said = folder.run(&["check", "-q"]);
    assert_eq!((said.code, said.err.as_str()), (1, ""), "{}", text.join("\n"));
    assert!(text.contains(&"apt-lists-kept = { safety = \"unsafe\" }"));
}

#[test]
fn findings_are_counted() {
    let folder = Folder::new(&[("Dockerfile", FILE), ("b/Dockerfile", "FROM a\nENV e f\n")]);
    let said = folder.run(&["check", "--statistics", "--select=legacy-key-value,maintainer"]);
    let table = "\
found  safe  unsafe  suggest  files  rule
    3     3       0        0      2  legacy-key-value
    1     1       0        0      1  maintainer
    4     4       0        0         all
";
    assert_eq!((said.code, said.out.as_str()), (1, table));
    assert_eq!(said.err, "4 findings in 2 of 2 files (4 fixable with `dockfix fix`)\n");
    let said = folder.pipe(&["check", "--statistics", "--select=as-casing", "-"], FILE);
    assert!(
        said.out
            .ends_with("    1     1       0        0      1  as-casing\n    1     1       0        0         all\n")
    );
    assert_eq!(folder.run(&["check", "--statistics", "--select=DL3009"]).out, "");
    let said = folder.run(&["fix", "--statistics", "--select=legacy-key-value,maintainer", "--max-effect=none"]);
    let table = "\
applied  left  safe  unsafe  suggest  files  rule
      3     0     0       0        0      2  legacy-key-value
      0     1     1       0        0      1  maintainer
      3     1     1       0        0         all
";
    assert!(said.out.is_empty() && said.err.starts_with(table), "{}", said.err);
}

#[test]
fn hadolint_is_heard_where_no_dockfix_speaks() {
    let folder = Folder::new(&[
        (".hadolint.yaml", "# legacy\nignored:\n  - DL4000\n  - SC2086\nfailure-threshold: error\n"),
        ("Dockerfile", FILE),
        ("b/Dockerfile", FILE),
    ]);
    let check = |args: &[&str]| folder.run(&[&["check", "--output-format=concise"], args].concat());
    let said = check(&[]);
    assert!(!said.out.contains(": maintainer: "), "{}", said.out);
    let word = ".hadolint.yaml: there is no `dockfix.toml`, so its list `ignored` counts: maintainer\n";
    assert!(said.err.starts_with(word) && said.err.matches("ignored").count() == 1, "{}", said.err);
    assert_eq!(check(&["-q"]).err, "");
    assert!(!folder.run(&["format", "--check"]).err.contains("hadolint"));
    assert!(check(&["--isolated"]).out.contains(": maintainer: "));
    folder.write("dockfix.toml", "");
    assert!(check(&[]).out.contains(": maintainer: "));
    folder.write("b/dockfix.toml", "");
    std::fs::remove_file(folder.join("dockfix.toml")).unwrap();
    folder.write(".hadolint.yaml", "ignored: {DL4000\n");
    // What was to be left alone is not known, and so nothing is done; hadolint fails on it as well.
    for command in ["check", "fix", "format"] {
        let said = folder.run(&[command, "-q"]);
        assert!(said.code == 2 && said.err.starts_with("error: .hadolint.yaml:"), "{said:?}");
        assert_eq!(folder.read("Dockerfile"), FILE);
    }
    let said = folder.run(&["init"]);
    assert!(said.code == 2 && said.err.contains(".hadolint.yaml:"), "{said:?}");
    assert!(folder.join("b/dockfix.toml").exists() && !folder.join("dockfix.toml").exists());
    assert!(check(&["--isolated"]).out.contains(": maintainer: "));
}

#[test]
fn rules_are_listed_by_group_with_those_that_run() {
    let folder = Folder::new(&[]);
    let said = folder.run(&["rule"]);
    for rule in ALL {
        let line = said.out.lines().find(|it| it.get(2..).is_some_and(|it| it.starts_with(&format!("{} ", rule.name))));
        assert_eq!(line.unwrap().starts_with('*'), rule.default, "{}", rule.name);
    }
    assert!(said.out.starts_with("packages\n* apk-cache-kept "), "{}", said.out);
    assert!(said.out.contains("\n* runs with the preset `recommended`; there are recommended, "), "{}", said.out);
    let said = folder.run(&["rule", "--preset=layout-only"]);
    assert_eq!(said.out.lines().filter(|it| it.starts_with('*')).count(), 1);
    assert_eq!(folder.run(&["rule", "--preset=x"]).code, 2);
}

#[test]
fn rules_are_explained_by_any_word_for_them() {
    let folder = Folder::new(&[]);
    assert!(folder.run(&["rule", "dl4000"]).out.starts_with("# maintainer\n"));
    let said = folder.run(&["rule", "commands"]);
    assert!(said.out.contains("# shell-form-command\n") && !said.out.contains("# maintainer\n"));
    assert_eq!(folder.run(&["rule", "--all"]).out.matches("\n## Why\n").count(), ALL.len());
    let said = folder.run(&["rule", "DL4009"]);
    assert_eq!((said.code, said.err.as_str()), (2, "error: unknown rule `DL4009`\nhelp: did you mean `DL4000`?\n"));
}

#[test]
fn the_settings_of_a_file_are_shown() {
    let folder =
        Folder::new(&[("dockfix.toml", "select = [\"DL4000\"]\n"), ("b/.editorconfig", "[*]\nindent_size = 8\n")]);
    let said = folder.run(&[
        "debug",
        "settings",
        "b/Dockerfile",
        "--extend-select=as-casing",
        "--option=format.line-width=80",
    ]);
    let expected = "dockfix.toml.\npreset = \"recommended\"\nselect = [\n    \"as-casing\",\n    \"maintainer\",\n]\n\
                    unsafe-fixes = false\nmax-effect = \"image\"\nkeep-cache = false\nexclude = []\nforce-exclude = false\ninclude = []\n\n\
                    [format]\nindent = 8\nline-width = 80\noperators = \"leading\"\nstage-gap = true\n\
                    end-of-line = \"auto\"\n";
    assert!(said.out.starts_with("# From ") && said.out.ends_with(expected), "{}", said.out);
}

#[test]
fn ids_without_a_rule_are_ignored_with_a_word_and_not_selected() {
    let folder = Folder::new(&[("Dockerfile", "FROM a\n"), ("b/Dockerfile", "FROM a\n")]);
    let warned = "warning: dockfix has no rule for DL3008, sc2086 of hadolint, and so nothing is there to ignore\n";
    folder.write("dockfix.toml", "ignore = [\"DL3008\", \"maintainer\", \"sc2086\"]\n");
    for command in ["check", "fix"] {
        let said = folder.run(&[command]);
        assert!(said.code == 0 && said.err.starts_with(warned), "{said:?}");
        assert_eq!(said.err.matches("warning").count(), 1, "{}", said.err);
        assert_eq!(folder.run(&[command, "-q"]).err, "");
    }
    assert!(!folder.run(&["format", "--check"]).err.contains("warning"));
    let said = folder.run(&["check", "--isolated", "--ignore=DL3008,sc2086"]);
    assert!(said.code == 0 && said.err.starts_with(warned), "{said:?}");
    let help = "help: it is an id as hadolint has them, and dockfix has no rule for it\n";
    let said = folder.run(&["check", "--select=DL3008"]);
    assert_eq!((said.code, said.err), (2, format!("error: --select: unknown rule `DL3008`\n{help}")));
    folder.write("dockfix.toml", "extend-select = [\"DL3018\"]\n");
    let said = folder.run(&["check"]);
    assert!(said.err.starts_with(&format!("error: dockfix.toml:1:18: unknown rule `DL3018`\n{help}")), "{said:?}");
}
