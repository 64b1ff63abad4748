//! Arguments that mean nothing, and what was meant by others.

use crate::program::Folder;

#[test]
fn options_that_say_nothing_to_a_subcommand_are_refused() {
    let folder = Folder::new(&[("Dockerfile", "from a\n")]);
    let no_rule = "says nothing to `format`, which applies no rule; `dockfix fix` does\n";
    let no_change = "says nothing to `ci`, which writes no file in any case\n";
    for (args, words) in [
        (&["format", "--select=DL3025"][..], no_rule),
        (&["format", "--extend-select=all"], no_rule),
        (&["fmt", "--ignore=DL3025"], no_rule),
        (&["format", "--check", "--fail-on=safe"], no_rule),
        (&["ci", "--check"], no_change),
        (&["ci", "--exit-non-zero-on-fix"], no_change),
        (&["check", "--diff"], "--add-ignore"),
        (&["check", "--check"], "--add-ignore"),
        (&["check", "--exit-non-zero-on-fix"], "--add-ignore"),
    ] {
        let said = folder.run(args);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{args:?}");
        assert!(said.err.starts_with("error: ") && said.err.contains(words), "{args:?}: {}", said.err);
    }
    assert_eq!(folder.read("Dockerfile"), "from a\n");
    for (command, options) in [("format", &["--select", "--fail-on"][..]), ("ci", &["  --check"])] {
        let help = folder.run(&[command, "--help"]).out;
        assert!(options.iter().all(|it| !help.contains(it)), "{help}");
    }
    let help = folder.run(&["check", "--help"]).out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("--diff With --add-ignore: Print what would change"), "{help}");
    assert_eq!(folder.run(&["check", "--add-ignore", "--diff"]).code, 0);
    assert_eq!(folder.run(&["format", "--check", "--preset=strict", "--keep-cache"]).code, 1);
}

#[test]
fn what_other_programs_call_it_is_known() {
    let folder = Folder::new(&[("Dockerfile", "from a\n")]);
    for (args, tip) in [
        (&["check", "--fix"][..], "tip: `dockfix fix` applies fixes\n"),
        (&["-q", "check", "--fix"], "tip: `dockfix fix` applies fixes\n"),
        (&["format", "--unsafe"], "tip: `format` applies no rule; `dockfix fix --unsafe` does\n"),
        (&["check", "--unsafe"], "tip: `dockfix fix --unsafe` applies unsafe fixes; they are reported in any case\n"),
        (&["ci", "--fix", "."], "tip: `dockfix fix` applies fixes\n"),
        (&["format", "--write"], "tip: files are written, unless --diff or --check is given\n"),
        (&["fmt", "-w"], "tip: files are written, unless --diff or --check is given\n"),
        (&["format", "--fix"], "tip: `dockfix fix` applies rules, and lays files out\n"),
        (&["lint"], "tip: a similar subcommand exists: 'check'\n"),
        (&["explain", "x"], "tip: a similar subcommand exists: 'rule'\n"),
        // What nobody means is told as ever.
        (&["check", "--frobnicate"], "tip: to pass '--frobnicate' as a value"),
    ] {
        let said = folder.run(args);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{args:?}");
        assert!(said.err.contains(tip), "{args:?}: {}", said.err);
        assert_eq!(said.err.matches("tip: ").count(), 1, "{}", said.err);
    }
}

#[test]
fn of_two_options_the_last_counts_and_lists_grow() {
    let folder = Folder::new(&[("Dockerfile", "FROM a\nMAINTAINER b\nENV c d\n")]);
    let args = ["check", "-q", "-q", "--output-format=json", "--output-format=concise", "--select=maintainer"];
    let said = folder.run(&[&args[..], &["--select=legacy-key-value"]].concat());
    assert_eq!((said.code, said.out.lines().count(), said.err.as_str()), (1, 2, ""), "{}", said.out);
    assert!(said.out.starts_with("Dockerfile:2:1: "), "{}", said.out);
}
