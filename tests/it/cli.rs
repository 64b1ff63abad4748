//! The program from outside: subcommands, options, settings, exit codes.

use std::fs;

use crate::program::{Folder, other};

const MESSY: &str = "from alpine as base\nENV greeting hello\nCMD one\nCMD two\nrun a &&  b\n";
const LAID_OUT: &str = "FROM alpine AS base\nENV greeting hello\nCMD one\nCMD two\nRUN a && b\n";
const FIXED: &str = "FROM alpine AS base\nENV greeting=hello\nCMD two\nRUN a && b\n";

/// Options that keep a test from depending on rules that it is not about.
const RULES: &str = "--select=inconsistent-casing,as-casing,legacy-key-value,maintainer,shadowed-command";

#[test]
fn format_lays_out_and_applies_no_rule() {
    for name in ["format", "fmt"] {
        let folder = Folder::new(&[("Dockerfile", MESSY)]);
        let said = folder.run(&[name]);
        assert_eq!((said.code, said.out.as_str()), (0, ""));
        assert_eq!(said.err, "1 file laid out, 0 unchanged; 1 build step will be rebuilt\n");
        assert_eq!(folder.read("Dockerfile"), LAID_OUT);
        assert_eq!(folder.run(&[name]).err, "0 files laid out, 1 unchanged\n");
        assert_eq!(folder.names(), ["Dockerfile"]);
    }
}

#[test]
fn fix_applies_rules_and_lays_out() {
    let folder = Folder::new(&[("Dockerfile", MESSY)]);
    let said = folder.run(&["fix", RULES]);
    assert_eq!((said.code, said.out.as_str()), (0, ""));
    assert_eq!(folder.read("Dockerfile"), FIXED);
    let words = said.err.split("; ").collect::<Vec<_>>();
    assert_eq!((words[0], words[2]), ("1 file changed, 0 unchanged", "1 build step will be rebuilt\n"));
    assert!(words[1].ends_with(", legacy-key-value ×1, shadowed-command ×1"), "{}", words[1]);
}

#[test]
fn fix_without_layout_touches_what_rules_ask_for() {
    let folder = Folder::new(&[("Dockerfile", "FROM a\nRUN  x &&   y\nENV a b\n")]);
    let said = folder.run(&["fix", "--no-format", RULES]);
    assert_eq!(folder.read("Dockerfile"), "FROM a\nRUN  x &&   y\nENV a=b\n");
    assert_eq!((said.code, said.err.as_str()), (0, "1 file changed, 0 unchanged; legacy-key-value ×1\n"));
}

#[test]
fn check_reports_with_the_diff_of_each_fix_and_writes_nothing() {
    let folder = Folder::new(&[("Dockerfile", MESSY)]);
    let said = folder.run(&["check", "--select", "legacy-key-value"]);
    let expected = "\
warning[legacy-key-value]: `ENV key value` is the legacy form
 --> Dockerfile:2:1
  |
2 | ENV greeting hello
  | ^^^^^^^^^^^^^^^^^^
help: Write `key=value` (safe; effect on the build: none)
2 - ENV greeting hello
2 + ENV greeting=hello

";
    assert_eq!((said.code, said.out.as_str()), (1, expected));
    assert_eq!(said.err, "1 finding in 1 of 1 file (1 fixable with `dockfix fix`)\n");
    let said = folder.run(&["check", "--select=LEGACYKEYVALUEFORMAT,shadowed-command", "--output-format=concise"]);
    let expected = "Dockerfile:2:1: legacy-key-value: `ENV key value` is the legacy form (fixable)\n\
                    Dockerfile:3:1: shadowed-command: this CMD has no effect: a later one in the stage replaces it (fixable)\n";
    assert_eq!(said.out, expected);
    assert_eq!(folder.read("Dockerfile"), MESSY);
    let folder = Folder::new(&[("Dockerfile", "FROM a\n")]);
    let said = folder.run(&["check", RULES]);
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, "", "no findings in 1 file\n"));
}

#[test]
fn rules_are_selected_and_ignored() {
    let folder = Folder::new(&[("Dockerfile", "FROM alpine as base\nCMD one\nCMD two\n")]);
    let found = |args: &[&str]| {
        let said = folder.run(&[&["check", "--output-format=concise"], args].concat());
        let names = said.out.lines().filter_map(|it| it.split(": ").nth(1).map(str::to_owned));
        names.collect::<Vec<_>>()
    };
    assert_eq!(found(&["--select=as-casing"]), ["as-casing"]);
    assert_eq!(found(&["--select=as-casing", "--extend-select=shadowed-command"]), ["as-casing", "shadowed-command"]);
    assert_eq!(found(&["--select=as-casing,shadowed-command", "--ignore", "DL4003"]), ["as-casing"]);
    assert_eq!(found(&["--select=all", "--ignore=all"]), [""; 0]);
    assert_eq!(found(&["--option", "select=[\"as-casing\"]"]), ["as-casing"]);
}

#[test]
fn effects_are_capped() {
    let folder = Folder::new(&[("Dockerfile", "FROM a\nMAINTAINER x\n")]);
    let said = folder.run(&["fix", RULES, "--max-effect=none"]);
    assert_eq!((said.code, folder.read("Dockerfile").as_str()), (1, "FROM a\nMAINTAINER x\n"));
    assert!(said.err.starts_with("Dockerfile:2:1: maintainer: "), "{}", said.err);
    assert!(said.err.ends_with("\n0 files changed, 1 unchanged; 1 finding left\n"), "{}", said.err);
    assert_eq!(folder.run(&["fix", RULES]).code, 0);
    assert!(folder.read("Dockerfile").contains("LABEL"));
}

#[test]
fn an_effect_of_none_holds_the_layout_as_well() {
    let text = "from a\nRUN  apt-get update &&   x\n";
    for command in ["fix", "format"] {
        let folder = Folder::new(&[("Dockerfile", text)]);
        let said = folder.run(&[command, "--max-effect=none", "--diff"]);
        assert!(said.out.contains("+FROM a\n") && !said.err.contains("rebuilt"), "{}{}", said.out, said.err);
        assert!(folder.run(&[command, "--max-effect=none"]).code < 2);
        let after = folder.read("Dockerfile");
        assert_eq!(after, "FROM a\nRUN apt-get update &&   x\n", "{command}");
    }
}

#[test]
fn shell_text_that_cannot_be_read_is_a_note() {
    let folder = Folder::new(&[("Dockerfile", "FROM a\nRUN echo \"x\n")]);
    let said = folder.run(&["check", "-v"]);
    assert_eq!(said.code, 0);
    assert!(said.err.contains(": note: ") && !said.err.contains("error: "), "{}", said.err);
}

#[test]
fn what_has_no_fix_has_a_page() {
    let folder = Folder::new(&[("Dockerfile", "FROM a\nRUN apt-get update && apt-get install -y curl || true\n")]);
    let said = folder.run(&["check", "--select=apt-lists-kept"]);
    assert!(
        said.out.contains("help: there is no fix for it here; `dockfix rule apt-lists-kept` says why\n"),
        "{}",
        said.out
    );
}

#[test]
fn the_source_of_a_finding_ends_where_it_does() {
    let run = |words: &str, count: usize| format!("RUN apt-get update && apt-get install -y{}\n", words.repeat(count));
    let shown = |count: usize| {
        let folder = Folder::new(&[("Dockerfile", &format!("FROM a\n{}CMD b\n", run(" \\\n  c", count)))]);
        folder.run(&["check", "--select=apt-lists-kept"]).out
    };
    assert!(shown(6).contains("7 | |   c \\\n8 | |   c\n  | |___^\n"), "{}", shown(6));
    let long = shown(50);
    assert!(long.contains("\n...  |\n") && long.contains("52 | |   c\n   | |___^\n"), "{long}");
    // Of thousands of lines nobody wants to see the end.
    assert!(!shown(2000).contains("2002 | "));
}

#[test]
fn what_fix_leaves_is_told_in_few_lines() {
    let text = format!("FROM a\n{}", "ENV a it's  \\\n  b\n".repeat(70));
    let folder = Folder::new(&[("Dockerfile", &text)]);
    let said = folder.run(&["fix", "--select=legacy-key-value"]);
    assert_eq!(said.code, 1);
    let lines: Vec<&str> = said.err.lines().collect();
    assert_eq!(lines.len(), 52, "{}", said.err);
    assert_eq!(lines[0], "Dockerfile:2:1: legacy-key-value: `ENV key value` is the legacy form");
    assert_eq!(lines[50], "… and 20 more findings; `dockfix check` tells them all");
    assert!(lines[51].ends_with("; 70 findings left"), "{}", lines[51]);
    let said = folder.run(&["fix", "--select=legacy-key-value", "--verbose"]);
    assert_eq!(said.err.matches("legacy-key-value: ").count(), 70);
}

#[test]
fn a_file_that_is_not_written_is_spoken_of_as_it_is() {
    let text = "FROM a:1\n\n\n\nNOTHING  x\nRUN sudo x\n";
    let folder = Folder::new(&[("Dockerfile", text)]);
    for (args, lines) in
        [(vec!["fix", "--diff"], "5:1 6:5"), (vec!["fix", "--check"], "5:1 6:5"), (vec!["fix"], "3:1 4:5")]
    {
        let said = folder.run(&[&args[..], &["--select=sudo"]].concat());
        let places = said.err.lines().filter_map(|it| it.strip_prefix("Dockerfile:"));
        let places: Vec<_> = places.filter_map(|it| it.split_once(": ")).map(|it| it.0).collect();
        assert_eq!(places.join(" "), lines, "{}", said.err);
    }
    folder.write("Dockerfile", text);
    for args in [["format", "--diff"], ["format", "--check"]] {
        let said = folder.run(&args);
        assert!(said.err.starts_with("Dockerfile:5:1: error: unknown instruction"), "{}", said.err);
    }
}

#[test]
fn diff_and_check_write_nothing() {
    let folder = Folder::new(&[("a/Dockerfile", MESSY), ("b/Dockerfile", LAID_OUT)]);
    let before = fs::metadata(folder.join("a/Dockerfile")).unwrap().modified().unwrap();
    let said = folder.run(&["format", "--check"]);
    assert_eq!((said.code, said.out.as_str()), (1, "a/Dockerfile: would change\n"));
    assert_eq!(said.err, "1 file would be laid out, 1 unchanged\n");
    for args in [["format", "--check", "-v"], ["format", "--diff", "."]] {
        let said = folder.run(&args);
        assert!(
            said.err.ends_with("1 file would be laid out, 1 unchanged; 1 build step would be rebuilt\n"),
            "{}",
            said.err
        );
    }
    let said = folder.run(&["format", "--diff", "a"]);
    let expected = "--- a/a/Dockerfile\n+++ b/a/Dockerfile\n@@ -1,5 +1,5 @@\n-from alpine as base\n+FROM alpine AS base\n \
                    ENV greeting hello\n CMD one\n CMD two\n-run a &&  b\n+RUN a && b\n";
    assert_eq!((said.code, said.out.as_str()), (1, expected));
    assert_eq!(folder.read("a/Dockerfile"), MESSY);
    assert_eq!(fs::metadata(folder.join("a/Dockerfile")).unwrap().modified().unwrap(), before);
    assert_eq!(folder.run(&["format", "--check", "b"]).code, 0);
    assert_eq!(folder.run(&["format", "--diff", "b"]).out, "");
}

/// Files of every kind that the diff must describe so that other programs make the same change.
const PATCHED: &[(&str, &str)] = &[
    ("Dockerfile", MESSY),
    ("crlf/Dockerfile", "from a\r\nrun x &&  y\r\n"),
    ("mixed/Dockerfile", "from a\r\nrun x &&  y\ncopy a  b\r\n"),
    ("end/Dockerfile", "FROM a\nRUN  b"),
    ("with blank/Dockerfile", "from a\n"),
    ("q\"uote/Dockerfile", "from a\n"),
    ("escapes/Dockerfile", "from a\nrun echo '\u{1b}[31m'  \u{9b}x\n"),
    ("\u{e4}/Dockerfile", "from a\n# \u{e4}\n"),
];

#[test]
fn other_programs_take_the_diff() {
    let programs: [(&str, &[&str]); 2] =
        [("git", &["apply", "--whitespace=nowarn", "-"]), ("patch", &["-p1", "--binary", "-s"])];
    for (program, args) in programs {
        let (folder, ours) = (Folder::new(PATCHED), Folder::new(PATCHED));
        for folder in [&folder, &ours] {
            folder.write("latin/Dockerfile", b"from a\n# caf\xe9\nrun  x\n");
        }
        let said = folder.run(&["format", "--diff"]);
        assert_eq!(said.code, 1, "{}", said.err);
        let Some(theirs) = other(&folder, program, args, &said.bytes) else {
            eprintln!("no {program} here: it is not asked");
            continue;
        };
        assert_eq!(theirs.code, 0, "{program}: {theirs:?}");
        assert_eq!(ours.run(&["format"]).code, 0);
        for (name, _) in PATCHED.iter().chain(&[("latin/Dockerfile", "")]) {
            let (theirs, ours) = (fs::read(folder.join(name)).unwrap(), fs::read(ours.join(name)).unwrap());
            assert_eq!(theirs, ours, "{program}: {name}");
        }
    }
}

#[test]
fn standard_input() {
    let folder = Folder::new(&[
        ("dockfix.toml", "[[overrides]]\nfiles = [\"two/**\"]\nformat.indent = 2\n"),
        ("tabs/.editorconfig", "[Dockerfile]\nindent_style = tab\n"),
    ]);
    let broken = "FROM a\nRUN a \\\n      && b\n";
    let said = folder.pipe(&["format", "-"], broken);
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, "FROM a\nRUN a \\\n    && b\n", ""));
    let said = folder.pipe(&["format", "-", "--stdin-filename=two/Dockerfile"], broken);
    assert_eq!(said.out, "FROM a\nRUN a \\\n  && b\n");
    let said = folder.pipe(&["format", "-", "--stdin-filename", "tabs/Dockerfile"], broken);
    assert_eq!(said.out, "FROM a\nRUN a \\\n\t&& b\n");
    let said = folder.pipe(&["format", "-", "--stdin-filename=two/Dockerfile", "--isolated"], broken);
    assert_eq!(said.out, "FROM a\nRUN a \\\n    && b\n");
    // Bytes of all kinds come back as they were, with an error too.
    for bytes in
        [&b"FROM a\nRUN echo '\x1b[31m\x9b' \xe9\xff\n"[..], b"\x1b[31m\0\xff", b"FROM a\nRUN <<E\n\x1b[1m", b""]
    {
        assert_eq!(folder.pipe(&["fix", "-", "--select=as-casing"], bytes).bytes, bytes);
    }
    let said = folder.pipe(&["format", "-", "--diff", "--stdin-filename", "x/Dockerfile"], "from a\n");
    assert_eq!(
        (said.code, said.out.as_str()),
        (1, "--- a/x/Dockerfile\n+++ b/x/Dockerfile\n@@ -1 +1 @@\n-from a\n+FROM a\n")
    );
    let said = folder.pipe(&["format", "-", "--check"], "from a\n");
    assert_eq!((said.code, said.out.as_str()), (1, "<stdin>: would change\n"));
    let said =
        folder.pipe(&["check", "-", "--select=legacy-key-value", "--output-format=concise"], "FROM a\nENV a b\n");
    assert_eq!((said.code, said.out.lines().count()), (1, 1));
    let said = folder.pipe(&["format", "-", "Dockerfile"], "");
    assert_eq!((said.code, said.err.as_str()), (2, "error: `-` cannot be given together with other paths\n"));
}

#[test]
fn what_is_unknown_is_an_error_with_help() {
    let folder = Folder::new(&[
        ("Dockerfile", "from a\n"),
        ("a/Dockerfile", "from a\n"),
        ("bad/dockfix.toml", "[format]\nindnt = 2\n"),
        ("bad/Dockerfile", "from a\n"),
        ("bad/Dockerfile.two", "from a\n"),
    ]);
    for (args, words) in [
        (&["format", "--slect", "x"][..], "a similar argument exists: '--select'"),
        (&["formt"], "a similar subcommand exists: 'format'"),
        (
            &["fix", "--select", "shadowed-comand"],
            "error: --select: unknown rule `shadowed-comand`\nhelp: did you mean `shadowed-command`?\n",
        ),
        (&["fix", "--ignore", "DL40033"], "help: did you mean `DL4003`"),
        (&["rule", "maintaner"], "error: unknown rule `maintaner`\nhelp: did you mean `maintainer`?\n"),
        (&["format", "--option", "format.indnt=2"], "help: did you mean `indent`?\n"),
        (&["format", "--option", "indent"], "expected KEY=VALUE"),
        (&["format", "--config", "none.toml"], "error: none.toml: there is no such file\n"),
        (&["format", "--config=a"], "error: a: it is a folder, and no file of settings\n"),
        (&["init", "a/Dockerfile"], "error: a/Dockerfile: it is a file; `init` takes the folder of the files\n"),
        (&["init", "none"], "error: none: no such folder\n"),
        (
            &["format", "**/none"],
            "**/none: error: no such file or folder; globs are left to the shell, without quotes\n",
        ),
        (&["format", "--config=a", "--isolated"], "cannot be used with '--isolated'"),
        (&["fix", "--max-effect=some"], "possible values: none, rebuild, image"),
    ] {
        let said = folder.run(args);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{args:?}");
        assert!(said.err.contains(words), "{args:?}: {}", said.err);
    }
    assert_eq!(folder.read("Dockerfile"), "from a\n");
    // A bad file of settings is told once, and stops only the files for which it speaks.
    let said = folder.run(&["format"]);
    let expected = "error: bad/dockfix.toml:2:1: unknown option `indnt`\nhelp: did you mean `indent`?\n\
                    2 files laid out, 0 unchanged, 2 not usable\n";
    assert_eq!((said.code, said.err.as_str()), (2, expected));
    assert_eq!(folder.read("bad/Dockerfile"), "from a\n");
}

#[test]
fn settings_of_files() {
    let text = "FROM a\nRUN a \\\n      && b\nENV a b\n";
    let folder = Folder::new(&[
        (
            "dockfix.toml",
            "ignore = [\"legacy-key-value\"]\nformat.indent = 2\nexclude = [\"left\"]\ninclude = [\"*.img\"]\n",
        ),
        ("other.toml", "format.indent = 3\nselect = [\"legacy-key-value\"]\n"),
        ("Dockerfile", text),
        ("own/.dockfix.toml", "format.indent = 8\nselect = []\n"),
        ("own/Dockerfile", text),
        ("left/Dockerfile", text),
        ("a.img", text),
    ]);
    let said = folder.run(&["fix", "--ignore=all"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(folder.read("Dockerfile"), "FROM a\nRUN a \\\n  && b\nENV a b\n");
    assert_eq!(folder.read("a.img"), "FROM a\nRUN a \\\n  && b\nENV a b\n");
    assert_eq!(folder.read("own/Dockerfile"), "FROM a\nRUN a \\\n        && b\nENV a b\n");
    assert_eq!(folder.read("left/Dockerfile"), text);
    folder.run(&["fix", "--config=other.toml", "own"]);
    assert_eq!(folder.read("own/Dockerfile"), "FROM a\nRUN a \\\n   && b\nENV a=b\n");
    // What is named is taken.
    folder.run(&["format", "--isolated", "left/Dockerfile"]);
    assert_eq!(folder.read("left/Dockerfile"), "FROM a\nRUN a \\\n    && b\nENV a b\n");
}

#[test]
fn rules_are_explained() {
    let folder = Folder::new(&[]);
    let said = folder.run(&["rule", "dl4003"]);
    assert!(
        said.out.starts_with("# shadowed-command\n\n") && said.out.contains("Safety: safe. Effect on the build: none."),
        "{}",
        said.out
    );
    assert_eq!(folder.run(&["rule", "shadowed-command"]).out, said.out);
    assert_eq!(
        folder.run(&["rule", "--all"]).out.matches(". Effect on the build: ").count(),
        dockfix::rules::ALL.len()
    );
}

#[test]
fn the_tree_is_shown() {
    let folder = Folder::new(&[("Dockerfile", "FROM a\n")]);
    let said = folder.run(&["debug", "tree", "Dockerfile"]);
    assert!(said.code == 0 && said.out.starts_with("FILE"), "{}", said.out);
    assert_eq!(folder.pipe(&["debug", "tree", "-"], "FROM a\n").out, said.out);
    let said = folder.run(&["debug", "tree", "none"]);
    assert_eq!((said.code, said.err.as_str()), (2, "error: none: no such file or folder\n"));
}

#[test]
fn help_and_version() {
    let folder = Folder::new(&[]);
    for args in
        [&["--help"][..], &["fix", "--help"], &["format", "-h"], &["check", "-h"], &["rule", "-h"], &["--version"]]
    {
        let said = folder.run(args);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{args:?}");
        assert!(!said.out.is_empty());
    }
    assert!(folder.run(&["--help"]).out.contains("Exit codes:\n  0    nothing is left to do\n"));
    assert_eq!(folder.run(&[]).code, 2);
}
