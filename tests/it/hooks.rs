//! What hooks and editors ask: standard input under a name, few words, names that settings exclude.

use crate::program::Folder;

#[test]
fn a_name_for_standard_input_asks_for_standard_input() {
    let folder = Folder::new(&[("Dockerfile", "from a\n"), ("two/dockfix.toml", "format.indent = 2\n")]);
    let text = "from a\nRUN a \\\n && b\n";
    for args in [&["--stdin-filename=two/Dockerfile"][..], &["--stdin-filename=two/Dockerfile", "-"]] {
        let said = folder.pipe(&[&["format"], args].concat(), text);
        assert_eq!((said.code, said.out.as_str()), (0, "FROM a\nRUN a \\\n  && b\n"), "{}", said.err);
    }
    let said = folder.pipe(&["fix", "-q", "--select=as-casing", "--stdin-filename", "x"], "FROM a as b\n");
    assert_eq!((said.code, said.out.as_str()), (0, "FROM a AS b\n"));
    for command in ["check", "ci"] {
        let said = folder.pipe(&[command, "--stdin-filename=x", "--output-format=concise"], "FROM a\nENV a b\n");
        assert!(said.code == 1 && said.out.starts_with("x:2:1: legacy-key-value: "), "{command}: {said:?}");
    }
    let said = folder.pipe(&["format", "--stdin-filename=x", "Dockerfile"], text);
    let why = "error: --stdin-filename names standard input, and cannot be given together with paths other than `-`\n";
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (2, "", why));
    assert_eq!(folder.pipe(&["fix", "--stdin-filename=x", "--staged"], text).code, 2);
    // No file was touched meanwhile.
    assert_eq!(folder.read("Dockerfile"), "from a\n");
}

#[test]
fn a_quiet_fix_tells_the_findings_for_which_it_fails() {
    let folder = Folder::new(&[("Dockerfile", "from a\nMAINTAINER x\nENV a it's  \\\n  b\n")]);
    const RULES: &str = "--select=maintainer,legacy-key-value";
    let fix =
        |args: &[&str]| folder.run(&[&["fix", "-q", RULES, "--option=rules.maintainer.safety=unsafe"], args].concat());
    let told = |args: &[&str]| {
        let said = fix(args);
        let rules = said.err.lines().map(|it| it.split(": ").nth(1).unwrap_or(it).to_owned()).collect::<Vec<_>>();
        (said.code, rules.join(" "))
    };
    assert_eq!(told(&["--diff"]), (1, "maintainer legacy-key-value".to_owned()));
    assert_eq!(told(&[]), (1, "maintainer legacy-key-value".to_owned()));
    // What does not make it fail is not told.
    assert_eq!(told(&["--fail-on=unsafe"]), (1, "maintainer".to_owned()));
    assert_eq!(told(&["--fail-on=safe"]), (0, String::new()));
    assert_eq!(told(&["--exit-zero"]), (0, String::new()));
    let said = folder.pipe(&["fix", "-q", "-", "--select=sudo"], "FROM a\nRUN sudo x\n");
    assert!(said.code == 1 && said.err.starts_with("<stdin>:2:5: sudo: "), "{said:?}");
    folder.write("Dockerfile", "from  a\n");
    let said = fix(&[]);
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, "", ""));
}

#[test]
fn a_quiet_check_lists_the_files_that_would_change() {
    let folder = Folder::new(&[("a/Dockerfile", "from a\n"), ("b/Dockerfile", "FROM a\n")]);
    for args in [["format", "--check", "-q"], ["fix", "--check", "-q"]] {
        let said = folder.run(&args);
        assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (1, "a/Dockerfile: would change\n", ""));
    }
}

#[test]
fn excluded_files_are_left_alone_also_where_they_are_named() {
    let folder = Folder::new(&[
        ("dockfix.toml", "exclude = [\"old\"]\n"),
        ("old/Dockerfile", "from a\n"),
        ("own/dockfix.toml", "exclude = [\"*.gen\"]\nforce-exclude = true\n"),
        ("own/Dockerfile.gen", "from a\n"),
        ("own/Dockerfile", "from a\n"),
    ]);
    let all = ["old/Dockerfile", "own/Dockerfile.gen", "own/Dockerfile"];
    let taken = |args: &[&str]| folder.run(&[&["format", "--check", "-q"], args, &all].concat()).out;
    assert_eq!(taken(&[]), "old/Dockerfile: would change\nown/Dockerfile: would change\n");
    assert_eq!(taken(&["--force-exclude"]), "own/Dockerfile: would change\n");
    assert_eq!(taken(&["--option=force-exclude=true"]), "own/Dockerfile: would change\n");
    let said = folder.run(&["fix", "--force-exclude", "old/Dockerfile"]);
    assert_eq!((said.code, said.err.as_str()), (0, "0 files changed, 0 unchanged\n"));
    assert_eq!(folder.read("old/Dockerfile"), "from a\n");
    // What is not there is told of all the same.
    assert_eq!(folder.run(&["format", "--force-exclude", "old/Dockerfile.none"]).code, 2);

    let said = folder.pipe(&["format", "-", "--force-exclude", "--stdin-filename=old/Dockerfile"], "from  a\n");
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, "from  a\n", ""));
    let said = folder.pipe(&["fix", "--stdin-filename=own/Dockerfile.gen"], "from  a\n");
    assert_eq!((said.code, said.out.as_str()), (0, "from  a\n"));
    for args in [["check", "-"], ["format", "--check"], ["ci", "--diff"]] {
        let said = folder.pipe(&[&args[..], &["--force-exclude", "--stdin-filename=old/x"]].concat(), "RNU\n");
        assert_eq!((said.code, said.out.as_str()), (0, ""), "{args:?}: {}", said.err);
    }
    let said = folder.pipe(&["format", "-", "--stdin-filename=old/Dockerfile"], "from  a\n");
    assert_eq!(said.out, "FROM a\n");
    let said = folder.run(&["debug", "settings", "--force-exclude", "old/Dockerfile"]);
    assert!(said.out.contains("\nforce-exclude = true\n"), "{}", said.out);
}
