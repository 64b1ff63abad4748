//! `--since`, `--staged`, `--changed-lines` and `ci`, in a git repository that is thrown away.

use std::process::Command;

use crate::program::{self, Folder, Said, said};

/// Found by `legacy-key-value`, once.
const BAD: &str = "FROM debian:12\nENV a b\n";
const GOOD: &str = "FROM debian:12\nENV a=b\n";
const CHECK: &[&str] = &["check", "--select=legacy-key-value", "--output-format=concise", "-q"];

/// A repository; `None`, with a word, where git is missing.
fn repository(files: &[(&str, &str)]) -> Option<Folder> {
    if Command::new("git").arg("--version").output().is_err() {
        eprintln!("git is missing: passed over");
        return None;
    }
    let folder = Folder::new(files);
    git(&folder, &["init", "-q", "-b", "main"]);
    commit(&folder, "first");
    Some(folder)
}

/// git, with no settings but these.
fn git(folder: &Folder, args: &[&str]) -> Said {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "core.autocrlf=false"]);
    command.args(args).current_dir(folder.path());
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env_remove("GIT_DIR");
    let said = said(command);
    assert_eq!(said.code, 0, "git {args:?}: {}", said.err);
    said
}

fn commit(folder: &Folder, message: &str) {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "--allow-empty", "-m", message]);
}

/// What `check` finds, a place each.
fn found(folder: &Folder, args: &[&str]) -> Vec<String> {
    let said = folder.run(&[CHECK, args].concat());
    assert_eq!((said.code, said.err.as_str()), (i32::from(!said.out.is_empty()), ""), "{args:?}: {}", said.out);
    said.out.lines().map(|it| it.splitn(3, ':').take(2).collect::<Vec<_>>().join(":")).collect()
}

#[test]
fn since_sees_only_what_the_branch_did() {
    let files =
        [("old/Dockerfile", BAD), ("same/Dockerfile", BAD), ("gone/Dockerfile", "FROM x\nENV y z\n"), ("x.toml", "")];
    let Some(folder) = repository(&files) else { return };
    git(&folder, &["checkout", "-q", "-b", "feature"]);
    folder.write("new/Dockerfile", BAD);
    folder.write("new/other", BAD);
    commit(&folder, "a bad Dockerfile");
    folder.write("new/a b ä.Dockerfile", BAD);
    git(&folder, &["rm", "-q", "-r", "gone"]);
    commit(&folder, "another");
    // What happens on main is none of the branch's doing.
    git(&folder, &["checkout", "-q", "main"]);
    folder.write("same/Dockerfile", format!("{BAD}ENV c d\n"));
    commit(&folder, "on main");
    git(&folder, &["checkout", "-q", "feature"]);
    assert_eq!(found(&folder, &[]).len(), 4);
    let new = ["new/Dockerfile:2", "new/a b ä.Dockerfile:2"];
    assert_eq!(found(&folder, &["--since=main"]), new);
    // Whatever the settings of git are.
    for (key, value) in [("diff.noprefix", "true"), ("color.ui", "always"), ("diff.relative", "true")] {
        git(&folder, &["config", key, value]);
    }
    assert_eq!(found(&folder, &["--since=main", "--changed-lines", "new"]), new);
    assert_eq!(found(&folder, &["--since=main", "old", "same"]), [""; 0]);
    // What isn't committed counts, and what git doesn't know yet, unless it is ignored; so do excluded files.
    folder.write("old/Dockerfile", format!("{BAD}ENV c d\n"));
    folder.write("unknown/Dockerfile", BAD);
    folder.write("ignored/Dockerfile", BAD);
    folder.write("vendor/Dockerfile", BAD);
    folder.write(".gitignore", "ignored\n");
    folder.write("dockfix.toml", "exclude = [\"vendor\"]\n");
    let expected = [new[0], new[1], "old/Dockerfile:2", "old/Dockerfile:3", "unknown/Dockerfile:2"];
    assert_eq!(found(&folder, &["--since=main"]), expected);
    assert_eq!(found(&folder, &["--since=main", "--changed-lines"]), [&new[..], &expected[3..]].concat());
    // In a subfolder, names are counted from there.
    let mut command = folder.command(&[CHECK, &["--since=main"]].concat());
    command.current_dir(folder.join("new"));
    let there = said(command);
    assert_eq!((there.out.lines().count(), there.out.starts_with("Dockerfile:2:")), (2, true), "{there:?}");
    // Fixes and layout are held to the same files.
    assert_eq!(folder.run(&["fix", "--since=main", "--select=legacy-key-value", "-q"]).code, 0);
    assert_eq!((folder.read("new/Dockerfile"), folder.read("same/Dockerfile")), (GOOD.to_owned(), BAD.to_owned()));
    folder.write("same/Dockerfile", "from a\n");
    folder.write("new/Dockerfile", "from a\n");
    git(&folder, &["add", "new"]);
    assert_eq!(folder.run(&["format", "--staged", "-q"]).code, 0);
    let now = (folder.read("new/Dockerfile"), folder.read("same/Dockerfile"));
    assert_eq!(now, ("FROM a\n".to_owned(), "from a\n".to_owned()));
}

#[test]
fn lines_of_a_file_that_was_moved_are_those_that_changed() {
    let text = "FROM debian:12\nENV a b\nRUN one\nRUN two\nRUN three\nRUN four\nRUN five\n";
    let Some(folder) = repository(&[("old/Dockerfile", text)]) else { return };
    git(&folder, &["checkout", "-q", "-b", "feature"]);
    std::fs::create_dir(folder.join("new")).unwrap();
    git(&folder, &["mv", "old/Dockerfile", "new/Dockerfile"]);
    commit(&folder, "move");
    assert_eq!(found(&folder, &["--since=main"]), ["new/Dockerfile:2"]);
    assert_eq!(found(&folder, &["--since=main", "--changed-lines"]), [""; 0]);
    folder.write("new/Dockerfile", format!("{text}ENV c d\n"));
    git(&folder, &["add", "-A"]);
    for args in [&["--since=main", "--changed-lines"][..], &["--staged", "--changed-lines"]] {
        assert_eq!(found(&folder, args), ["new/Dockerfile:8"], "{args:?}");
    }
}

#[test]
fn a_line_taken_out_of_an_instruction_changes_it() {
    let text = "FROM debian:12\nENV a \\\n  x \\\n  b\nENV c d\n";
    let Some(folder) = repository(&[("Dockerfile", text)]) else { return };
    folder.write("Dockerfile", text.replace("  x \\\n", ""));
    assert_eq!(found(&folder, &["--since=HEAD", "--changed-lines"]), ["Dockerfile:2"]);
    // A line between two instructions is in neither.
    folder.write("Dockerfile", text.replace("ENV c", "# c\nENV c"));
    commit(&folder, "comment");
    folder.write("Dockerfile", text);
    assert_eq!(found(&folder, &["--since=HEAD", "--changed-lines"]), [""; 0]);
    // What BuildKit refuses is told wherever it is.
    folder.write("Dockerfile", format!("{text}RNU x\n"));
    commit(&folder, "error");
    folder.write("Dockerfile", format!("{text}RNU x\nENV e f\n"));
    let said = folder.run(&[CHECK, &["--since=HEAD", "--changed-lines"]].concat());
    assert!(said.code == 2 && said.out.contains(":7:") && !said.out.contains(":5:"), "{said:?}");
    assert!(said.err.contains("Dockerfile:6:1: error: "), "{}", said.err);
}

#[test]
fn what_is_left_keeps_its_fingerprint() {
    let Some(folder) = repository(&[("Dockerfile", BAD)]) else { return };
    folder.write("Dockerfile", format!("{BAD}ENV a b\n"));
    let prints = |args: &[&str]| -> Vec<String> {
        let args = [&["check", "--select=legacy-key-value", "--output-format=json-lines", "-q"], args].concat();
        let value = |it: &str| serde_json::from_str::<serde_json::Value>(it).unwrap();
        folder.run(&args).out.lines().map(|it| value(it)["fingerprint"].to_string()).collect()
    };
    let all = prints(&[]);
    assert_eq!((all.len(), prints(&["--since=HEAD", "--changed-lines"])), (2, all[1..].to_vec()));
}

#[test]
fn a_file_that_is_staged_in_part_is_not_written() {
    let Some(folder) = repository(&[("a/Dockerfile", GOOD), ("b/Dockerfile", GOOD), ("c/Dockerfile", BAD)]) else {
        return;
    };
    folder.write("a/Dockerfile", BAD);
    folder.write("b/Dockerfile", BAD);
    git(&folder, &["add", "a", "b"]);
    let more = format!("# more\n{BAD}");
    folder.write("b/Dockerfile", &more);
    folder.write("d/Dockerfile", BAD);
    let said = folder.run(&["fix", "--staged", "-q", "--select=legacy-key-value"]);
    let expected = "b/Dockerfile: error: it has changes that are not staged; the file was left as it was\n";
    assert_eq!((said.code, said.err.as_str()), (2, expected));
    assert_eq!((folder.read("a/Dockerfile"), folder.read("b/Dockerfile")), (GOOD.to_owned(), more));
    folder.write("a/Dockerfile", BAD);
    let said = folder.run(&["check", "--staged", "--changed-lines", "--output-format=concise"]);
    let word = "b/Dockerfile: has changes that are not staged, which are looked at too\n";
    assert!(said.code == 1 && said.err.starts_with(word), "{said:?}");
    assert!(said.out.contains("a/Dockerfile:2:") && said.out.contains("b/Dockerfile:3:"), "{said:?}");
    // What is gone from the work tree is committed all the same.
    std::fs::remove_file(folder.join("a/Dockerfile")).unwrap();
    std::fs::remove_file(folder.join("c/Dockerfile")).unwrap();
    folder.write("notes.txt", "");
    git(&folder, &["add", "notes.txt"]);
    std::fs::remove_file(folder.join("notes.txt")).unwrap();
    let gone = "a/Dockerfile: is staged and gone from the work tree, and is not looked at\n";
    let said = folder.run(&["check", "--staged", "--output-format=concise"]);
    assert!(said.code == 1 && said.err.starts_with(&format!("{gone}{word}")), "{said:?}");
    assert_eq!(said.err.matches("gone from").count(), 1, "{said:?}");
    let said = folder.run(&["check", "--staged", "a", "--output-format=concise"]);
    assert!(said.err.contains(gone), "{said:?}");
    assert!(!folder.run(&["check", "--staged", "b"]).err.contains("gone"));
    assert!(!folder.run(&["check", "--staged", "-q"]).err.contains("gone"));
    assert!(!folder.run(&["check", "--staged", "--exclude=a"]).err.contains("gone"));
    let said = folder.run(&["fix", "--staged", "a"]);
    let expected = "a/Dockerfile: error: it is staged and gone from the work tree; nothing was done to it\n";
    assert!(said.code == 2 && said.err.contains(expected), "{said:?}");
    // Before the first commit all that is staged is new.
    let folder = Folder::new(&[("Dockerfile", BAD)]);
    git(&folder, &["init", "-q"]);
    assert_eq!(found(&folder, &["--staged"]), [""; 0]);
    git(&folder, &["add", "-A"]);
    assert_eq!(found(&folder, &["--staged", "--changed-lines"]), ["Dockerfile:2"]);
}

#[test]
fn a_shallow_clone_is_told_what_to_fetch() {
    let Some(folder) = repository(&[("Dockerfile", BAD)]) else { return };
    commit(&folder, "second");
    git(&folder, &["checkout", "-q", "-b", "feature"]);
    folder.write("new/Dockerfile", BAD);
    commit(&folder, "third");
    git(&folder, &["checkout", "-q", "main"]);
    commit(&folder, "fourth");
    let url = format!("file://{}", folder.path().display());
    for (names, fetched) in [
        (
            &["main"][..],
            "no commit of that name in this shallow clone; `git fetch --deepen=100 origin main:main feature` brings it",
        ),
        (
            &["origin/main"],
            "no commit of that name in this shallow clone; `git fetch --deepen=100 origin main:refs/remotes/origin/main feature` brings it",
        ),
        (
            &["origin/main~1"],
            "no commit of that name in this shallow clone; `git fetch --deepen=100 origin main:refs/remotes/origin/main feature` brings it",
        ),
        (
            &["HEAD~1"],
            "no commit of that name in this shallow clone; `git fetch --deepen=100 origin feature` brings it",
        ),
        (
            &["main", "first"],
            "where HEAD left it is not in this shallow clone; `git fetch --deepen=100 origin main feature` brings it",
        ),
    ] {
        let clone = Folder::new(&[]);
        git(&clone, &["clone", "-q", "--depth=1", "--branch=feature", &url, "."]);
        if names.len() > 1 {
            git(&clone, &["fetch", "-q", "--depth=1", "origin", "main:main"]);
        }
        let since = format!("--since={}", names[0]);
        let said = clone.run(&["check", &since]);
        let expected = format!("error: --since {}: {fetched}\n", names[0]);
        assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (2, "", expected.as_str()));
        // What it says is what helps, also on no branch.
        git(&clone, &["checkout", "-q", "--detach"]);
        let said = clone.run(&["check", &since]);
        let hash = git(&clone, &["rev-parse", "HEAD"]).out;
        assert_eq!(said.err, expected.replace(" feature`", &format!(" {}`", hash.trim_end())));
        let help: Vec<&str> = said.err.split('`').nth(1).unwrap().split(' ').skip(1).collect();
        git(&clone, &help);
        assert_eq!(found(&clone, &[&since]), ["new/Dockerfile:2"], "{help:?}");
    }
}

#[test]
fn what_git_can_t_answer_is_one_line() {
    let Some(folder) = repository(&[("Dockerfile", BAD)]) else { return };
    git(&folder, &["checkout", "-q", "--orphan", "other"]);
    commit(&folder, "other");
    let outside = Folder::new(&[("Dockerfile", BAD)]);
    for (folder, args, why) in [
        (&folder, &["check", "--since=none"][..], "--since none: no commit of that name; `git fetch` may bring it"),
        (&folder, &["fix", "--since=--help"], "--since --help: no commit of that name; `git fetch` may bring it"),
        (&folder, &["format", "--since=main"], "--since main: it has no commit in common with HEAD"),
        (&outside, &["ci", "--since=main"], "--since main: this folder is in no git repository"),
        (&outside, &["fix", "--staged"], "--staged: this folder is in no git repository"),
        (&folder, &["fix", "-", "--staged"], "`-` cannot be given with --since, --staged or --write-baseline"),
    ] {
        let said = folder.run(args);
        assert_eq!((said.code, said.out, said.err), (2, String::new(), format!("error: {why}\n")), "{args:?}");
        assert_eq!(folder.read("Dockerfile"), BAD);
    }
    let mut command = folder.command(&["check", "--since=main"]);
    command.env("PATH", folder.join("none"));
    let said = program::said(command);
    assert_eq!((said.code, said.err.as_str()), (2, "error: --since main: the program `git` is not installed\n"));
    for args in [&["check", "--changed-lines"][..], &["check", "--since=main", "--staged"]] {
        assert_eq!(folder.run(args).code, 2, "{args:?}");
    }
}

#[test]
fn what_is_in_no_repository_or_in_another_is_refused() {
    let Some(folder) = repository(&[("Dockerfile", GOOD), ("sub/x", "")]) else { return };
    git(&folder, &["init", "-q", "sub"]);
    let other = Folder::new(&[("Dockerfile", BAD)]);
    let other = other.path().to_string_lossy().into_owned();
    for path in [other.as_str(), "sub"] {
        for asked in ["--since=HEAD", "--staged"] {
            let said = folder.run(&["check", asked, path]);
            assert_eq!((said.code, said.out.as_str()), (2, ""), "{asked} {path}");
            let words = format!("{path}: it is not in the repository of this folder\n");
            assert!(said.err.ends_with(&words), "{}", said.err);
        }
    }
    assert_eq!(folder.run(&["check", "--since=HEAD", "Dockerfile", "."]).code, 0);
}

#[test]
fn ci_is_check_and_format_in_one() {
    let both = "from debian:12\nENV a b\n";
    let folder = Folder::new(&[
        ("a/Dockerfile", both),
        ("b/Dockerfile", "from debian:12\n"),
        ("c/Dockerfile", BAD),
        ("d/Dockerfile", GOOD),
    ]);
    let run =
        |more: &[&str]| folder.run(&[&["ci", "--select=legacy-key-value", "--output-format=concise"], more].concat());
    let said = run(&[]);
    let places: Vec<String> = said.out.lines().map(|it| it.split(": ").take(2).collect::<Vec<_>>().join(" ")).collect();
    let expected = [
        "a/Dockerfile:1:1 unformatted",
        "a/Dockerfile:2:1 legacy-key-value",
        "b/Dockerfile:1:1 unformatted",
        "c/Dockerfile:2:1 legacy-key-value",
    ];
    assert_eq!((said.code, places), (1, expected.map(str::to_owned).to_vec()), "{}", said.err);
    let summary = "2 files would be laid out, 2 unchanged; 2 findings in 2 files (2 fixable with `dockfix fix`)\n";
    assert_eq!(said.err, summary);
    assert_eq!((folder.read("a/Dockerfile").as_str(), run(&["d"]).code, run(&["b"]).code), (both, 0, 1));
    assert_eq!((run(&["--exit-zero"]).code, run(&["none"]).code), (0, 2));
    folder.write("e/Dockerfile", "FROM a\nRNU\n");
    assert_eq!(run(&["e", "--exit-zero"]).code, 2);
    // It reports what `check` and `format --check` do.
    let lines = |args: &[&str]| -> Vec<String> {
        let said = folder.run(&[args, &["--output-format=json-lines", "-q", "a", "b", "c", "d"]].concat());
        let mut lines: Vec<String> = said.out.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let mut apart = lines(&["check"]);
    apart.extend(lines(&["format", "--check"]));
    apart.sort();
    assert_eq!(lines(&["ci"]), apart);
    // Of a file that changed, the lines that did.
    let Some(folder) = repository(&[("Dockerfile", "from debian:12\nENV a b\n")]) else { return };
    folder.write("Dockerfile", "from debian:12\nENV a b\nRUN x\nenv c d\n");
    let said = folder.run(&["ci", "--since=HEAD", "--changed-lines", "--output-format=concise", "-q"]);
    assert_eq!(
        (said.code, said.out.contains("Dockerfile:1:"), said.out.contains("Dockerfile:4:1: unformatted")),
        (1, false, true)
    );
}
