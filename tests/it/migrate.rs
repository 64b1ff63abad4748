//! `dockfix migrate`: plans, commits, and what is taken back, in git repositories that are thrown away.

use std::{fs, process::Command};

use crate::{
    program::{Folder, said},
    repository::{git, groups, migrate, plan, repository, tree, try_git},
};

const OLD: &[u8] = b"from  debian:12\nENV a b\nMAINTAINER me\nRUN apt-get update && apt-get install -y   curl\nCMD x\n";
const LAYOUT: &[u8] = b"FROM debian:12\nRUN a   &&   b\n";
const GOOD: &[u8] = b"FROM debian:12\nENV a=b\n";

/// A repository of two owners, with files of every kind.
fn monorepo() -> Option<Folder> {
    repository(&[
        (".github/CODEOWNERS", b"/a/ @org/a\n/b/ @b @c\n"),
        ("a/Dockerfile", OLD),
        ("a/deep/Dockerfile", LAYOUT),
        ("b/Dockerfile", OLD),
        ("b/good/Dockerfile", GOOD),
        ("c/Dockerfile", b"FROM a\r\nENV a b\r\n"),
        ("c/template/Dockerfile", b"FROM {{ image }}\nENV a b\n"),
        ("c/foreign/Dockerfile", b"# syntax=example.com/other\nBUILD x\n"),
        ("c/refused/Dockerfile", b"# escape=x\nFROM a\n"),
        ("c/ignored/Dockerfile", b"# dockfix: ignore-file\nFROM a\nENV a b\n"),
        ("other.txt", b"staged later\n"),
    ])
}

/// The files of a commit's change.
fn changed(folder: &Folder, commit: &str) -> Vec<String> {
    let names = git(folder, &["diff-tree", "--no-commit-id", "--name-only", "-r", commit]);
    names.lines().map(str::to_owned).collect()
}

#[test]
fn a_plan_tells_everything() {
    let Some(folder) = monorepo() else { return };
    let said = migrate(&folder, &["plan"], 0);
    for words in ["9 files: 4 would change, 1 unchanged, 4 passed over", "@org/a", "template", "legacy-key-value"] {
        assert!(said.out.contains(words), "{}", said.out);
    }
    let plan = plan(&folder);
    assert_eq!(groups(&plan), ["b-c", "org-a", "unowned"]);
    let passed_over = &plan["totals"]["passed_over"];
    for class in ["template", "foreign-syntax", "refused", "suppressed"] {
        assert_eq!(passed_over[class], 1, "{class}: {passed_over}");
    }
    let rows = plan["files"].as_array().unwrap();
    let paths: Vec<&str> = rows.iter().map(|it| it["path"].as_str().unwrap()).collect();
    assert!(paths.is_sorted() && paths.len() == 9, "{paths:?}");
    let row = &rows[0];
    assert_eq!((row["path"].as_str(), row["owners"][0].as_str()), (Some("a/Dockerfile"), Some("@org/a")));
    assert_eq!(row["before"]["legacy-key-value"], 1);
    assert_eq!(row["steps"][0]["rules"]["maintainer"], 1);
    // The folder of the plan is none of git's business, and nothing else was written.
    assert_eq!(git(&folder, &["status", "--porcelain"]), "");
    assert_eq!(fs::read(folder.join("a/Dockerfile")).unwrap(), OLD);
}

#[test]
fn a_file_with_an_instruction_that_is_refused_is_passed_over_whole() {
    let folder = Folder::new(&[("Dockerfile", "FROM x\nFRM\nENV   a=b\n")]);
    let said = migrate(&folder, &["plan"], 0);
    assert!(said.out.contains("1 file: 0 would change, 0 unchanged, 1 passed over"), "{}", said.out);
    let why = &plan(&folder)["files"][0]["why"];
    assert_eq!(why["class"], "refused");
    assert!(why["message"].as_str().unwrap().starts_with("unknown instruction `FRM`"), "{why}");
}

#[test]
fn a_folder_without_git_is_planned_and_applied() {
    let folder = Folder::new(&[]);
    folder.write("a/Dockerfile", OLD);
    migrate(&folder, &["plan"], 0);
    assert_eq!(groups(&plan(&folder)), ["a"]);
    migrate(&folder, &["apply"], 0);
    assert_ne!(fs::read(folder.join("a/Dockerfile")).unwrap(), OLD);
    let said = migrate(&folder, &["apply", "--commit"], 2);
    assert!(said.err.contains("no git repository"), "{}", said.err);
}

#[test]
fn every_grouping_ends_at_what_fix_writes() {
    let Some(expected) = monorepo() else { return };
    expected.run(&["fix", "-q"]);
    for by in ["rule", "owner", "directory", "effect"] {
        for separate in [false, true] {
            let Some(folder) = monorepo() else { return };
            let by = format!("--group-by={by}");
            let mut args = vec!["plan", &by];
            args.extend(separate.then_some("--separate-layout"));
            migrate(&folder, &args, 0);
            migrate(&folder, &["apply"], 0);
            assert_eq!(tree(&folder), tree(&expected), "{args:?}");
            assert!(migrate(&folder, &["plan"], 0).out.contains(" 0 would change"));
        }
    }
}

#[test]
fn each_group_is_a_commit_and_all_else_stays() {
    for by in ["owner", "rule", "effect"] {
        let Some(folder) = monorepo() else { return };
        folder.write("other.txt", "staged\n");
        folder.write("c/new.txt", "new and staged\n");
        git(&folder, &["add", "other.txt", "c/new.txt"]);
        folder.write("other.txt", "and changed again\n");
        let before = git(&folder, &["status", "--porcelain"]);
        migrate(&folder, &["plan", "--group-by", by], 0);
        migrate(&folder, &["apply", "--commit"], 0);
        assert_eq!(git(&folder, &["status", "--porcelain"]), before, "{by}");
        assert_eq!(git(&folder, &["diff", "--cached", "--name-only"]), "c/new.txt\nother.txt");
        let plan = plan(&folder);
        let commits = git(&folder, &["rev-list", "--reverse", "HEAD~1..HEAD"]);
        assert!(!commits.is_empty());
        let commits = git(&folder, &["rev-list", "--reverse", "HEAD"]);
        let commits: Vec<&str> = commits.lines().skip(1).collect();
        assert_eq!(commits.len(), groups(&plan).len(), "{by}");
        for (commit, group) in commits.iter().zip(groups(&plan)) {
            let rows = plan["files"].as_array().unwrap().iter();
            let steps = rows.flat_map(|row| {
                let steps = row["steps"].as_array().into_iter().flatten();
                steps.map(move |step| (row["path"].as_str().unwrap(), step))
            });
            let steps: Vec<_> = steps.filter(|it| it.1["group"] == group).collect();
            let paths: Vec<&str> = steps.iter().map(|it| it.0).collect();
            assert_eq!(changed(&folder, commit), paths, "{by} {group}");
            for (path, step) in steps {
                verdict_is(&folder, commit, path, step["verdict"].as_str().unwrap());
            }
        }
        assert!(migrate(&folder, &["status"], 0).out.contains(&format!("{} committed", commits.len())));
        assert!(migrate(&folder, &["plan"], 0).out.contains(" 0 would change"));
    }
}

/// Asks `dockfix verify` of a file before and after a commit.
fn verdict_is(folder: &Folder, commit: &str, path: &str, expected: &str) {
    let out = tempfile::tempdir().unwrap();
    for (name, revision) in [("old", format!("{commit}^:{path}")), ("new", format!("{commit}:{path}"))] {
        let mut show = Command::new("git");
        show.args(["cat-file", "blob", &revision]).current_dir(folder.path());
        fs::write(out.path().join(name), said(show).bytes).unwrap();
    }
    let (old, new) = (out.path().join("old"), out.path().join("new"));
    let said = folder.run(&["verify", "--output-format=json", old.to_str().unwrap(), new.to_str().unwrap()]);
    let report: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(report["verdict"], expected, "{commit} {path}");
}

#[test]
fn commits_are_refused_where_files_have_other_changes() {
    let Some(folder) = monorepo() else { return };
    folder.write("a/Dockerfile", [OLD, b"RUN more\n"].concat());
    migrate(&folder, &["plan"], 0);
    let before = tree(&folder);
    let said = migrate(&folder, &["apply", "--commit"], 2);
    assert!(said.err.contains("differ from the last commit") && said.err.contains("a/Dockerfile"), "{}", said.err);
    assert_eq!(tree(&folder), before);
    // Another group has nothing to do with it.
    migrate(&folder, &["apply", "--commit", "b-c"], 0);
    assert_eq!(changed(&folder, "HEAD"), ["b/Dockerfile"]);
    // A file that git does not know can't be in a commit of changes.
    folder.write("d/Dockerfile", OLD);
    migrate(&folder, &["plan", "d"], 0);
    let said = migrate(&folder, &["apply", "--commit"], 2);
    assert!(said.err.contains("git does not know"), "{}", said.err);
    migrate(&folder, &["apply"], 0);
}

#[test]
fn what_changed_since_the_plan_is_passed_over() {
    let Some(folder) = monorepo() else { return };
    migrate(&folder, &["plan"], 0);
    folder.write("a/Dockerfile", "FROM other\n");
    fs::remove_file(folder.join("b/Dockerfile")).unwrap();
    let said = migrate(&folder, &["apply"], 1);
    assert!(said.err.contains("a/Dockerfile: passed over: it changed since the plan was made"), "{}", said.err);
    assert!(said.err.contains("b/Dockerfile: passed over: no such file"), "{}", said.err);
    assert_eq!(folder.read("a/Dockerfile"), "FROM other\n");
    assert_ne!(fs::read(folder.join("a/deep/Dockerfile")).unwrap(), LAYOUT);
}

#[test]
fn a_later_group_waits_for_the_earlier_one() {
    let Some(folder) = monorepo() else { return };
    migrate(&folder, &["plan", "--group-by=rule"], 0);
    let said = migrate(&folder, &["apply", "layout"], 1);
    assert!(said.err.contains("a/Dockerfile: passed over: an earlier group comes first"), "{}", said.err);
    assert_ne!(fs::read(folder.join("a/deep/Dockerfile")).unwrap(), LAYOUT);
    let said = migrate(&folder, &["apply", "layuot"], 2);
    assert!(said.err.contains("there is no group `layuot`; did you mean `layout`?"), "{}", said.err);
    migrate(&folder, &["apply"], 0);
    // A second time there is nothing to do.
    let said = migrate(&folder, &["apply"], 0);
    assert!(said.err.contains("0 files in"), "{}", said.err);
}

#[test]
fn the_last_run_is_taken_back() {
    for by in ["owner", "rule", "effect"] {
        let Some(folder) = monorepo() else { return };
        let before = tree(&folder);
        migrate(&folder, &["plan", "--group-by", by], 0);
        migrate(&folder, &["apply"], 0);
        assert!(migrate(&folder, &["status"], 0).out.contains(" applied"));
        migrate(&folder, &["undo"], 0);
        assert_eq!(tree(&folder), before, "{by}");
        assert!(migrate(&folder, &["status"], 0).out.contains(" undone"));
        assert!(migrate(&folder, &["undo"], 0).err.contains("nothing is there to take back"));
        // What somebody touched since stays as it is.
        migrate(&folder, &["apply"], 0);
        folder.write("a/Dockerfile", "FROM mine\n");
        let said = migrate(&folder, &["undo"], 1);
        assert!(said.err.contains("a/Dockerfile: passed over: it changed"), "{}", said.err);
        assert_eq!(folder.read("a/Dockerfile"), "FROM mine\n");
        assert_eq!(fs::read(folder.join("b/Dockerfile")).unwrap(), OLD);
    }
}

#[test]
fn commits_are_taken_back_by_commits() {
    let Some(folder) = monorepo() else { return };
    let (before, first) = (tree(&folder), git(&folder, &["rev-parse", "HEAD"]));
    migrate(&folder, &["plan", "--group-by=rule"], 0);
    migrate(&folder, &["apply", "--commit"], 0);
    let last = git(&folder, &["rev-parse", "HEAD"]);
    migrate(&folder, &["undo"], 0);
    assert_eq!(tree(&folder), before);
    assert_eq!(git(&folder, &["status", "--porcelain"]), "");
    assert_eq!(git(&folder, &["rev-parse", "HEAD^{tree}"]), git(&folder, &["rev-parse", &format!("{first}^{{tree}}")]));
    let made = git(&folder, &["rev-list", "--count", &format!("{last}..HEAD")]);
    assert_eq!(made, groups(&plan(&folder)).len().to_string());
    let message = git(&folder, &["log", "-1", "--format=%B", &format!("{last}~0..HEAD")]);
    assert!(message.starts_with("Revert \"Fix ") && message.contains("This reverts commit "), "{message}");
}

#[test]
fn layout_alone_is_kept_out_of_blame() {
    let Some(folder) = monorepo() else { return };
    migrate(&folder, &["plan", "--separate-layout"], 0);
    let plan = plan(&folder);
    assert_eq!(groups(&plan), ["b-c", "b-c-layout", "org-a", "org-a-layout", "unowned"]);
    migrate(&folder, &["apply", "--commit", "--blame-ignore-revs"], 0);
    let list = folder.read(".git-blame-ignore-revs");
    let revisions: Vec<&str> = list.lines().filter(|it| !it.starts_with('#')).collect();
    assert_eq!(revisions.len(), 2, "{list}");
    for revision in revisions {
        let subject = git(&folder, &["log", "-1", "--format=%s", revision]);
        assert!(subject.starts_with("Lay out Dockerfiles of @"), "{subject}");
    }
    assert_eq!(changed(&folder, "HEAD"), [".git-blame-ignore-revs"]);
    assert_eq!(git(&folder, &["status", "--porcelain"]), "");
    git(&folder, &["blame", "--ignore-revs-file", ".git-blame-ignore-revs", "a/Dockerfile"]);
}

#[cfg(unix)]
#[test]
fn a_hook_that_refuses_leaves_a_run_that_goes_on() {
    use std::os::unix::fs::PermissionsExt;
    let Some(folder) = monorepo() else { return };
    let hook = folder.join(".git/hooks/pre-commit");
    folder.write(".git/hooks/pre-commit", "#!/bin/sh\ntest -e allowed || { echo no luck today >&2; exit 1; }\n");
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    migrate(&folder, &["plan"], 0);
    let said = migrate(&folder, &["apply", "--commit"], 2);
    assert!(said.err.contains("no luck today") && said.err.contains("migrate resume"), "{}", said.err);
    assert!(migrate(&folder, &["status"], 1).out.contains("interrupted: apply, with 0 of 3 groups done"));
    assert!(migrate(&folder, &["plan"], 2).err.contains("a plan is being applied"));
    assert!(migrate(&folder, &["apply"], 2).err.contains("an earlier run was interrupted"));
    folder.write("allowed", "");
    migrate(&folder, &["resume"], 0);
    assert_eq!(git(&folder, &["rev-list", "--count", "HEAD"]), "4");
    assert_eq!(git(&folder, &["status", "--porcelain"]), "?? allowed");
    assert!(migrate(&folder, &["resume"], 0).err.contains("nothing was interrupted"));
    // Without hooks nobody refuses; what an interrupted run did can also be taken back.
    fs::remove_file(folder.join("allowed")).unwrap();
    migrate(&folder, &["undo", "--no-verify"], 0);
    migrate(&folder, &["plan"], 0);
    let before = tree(&folder);
    migrate(&folder, &["apply", "--commit"], 2);
    assert_ne!(tree(&folder), before);
    migrate(&folder, &["undo"], 0);
    assert_eq!(tree(&folder), before);
    assert_eq!(git(&folder, &["status", "--porcelain"]), "");
}

#[test]
fn a_merge_in_progress_is_let_be() {
    let Some(folder) = monorepo() else { return };
    git(&folder, &["checkout", "-q", "-b", "other"]);
    folder.write("other.txt", "theirs\n");
    git(&folder, &["commit", "-qam", "theirs"]);
    git(&folder, &["checkout", "-q", "main"]);
    folder.write("other.txt", "ours\n");
    git(&folder, &["commit", "-qam", "ours"]);
    assert_ne!(try_git(&folder, &["merge", "other"]).code, 0);
    migrate(&folder, &["plan"], 0);
    let said = migrate(&folder, &["apply", "--commit"], 2);
    assert!(said.err.contains("a merge is in progress"), "{}", said.err);
    assert_eq!(fs::read(folder.join("a/Dockerfile")).unwrap(), OLD);
}

#[test]
fn parts_make_the_whole_plan() {
    let Some(folder) = monorepo() else { return };
    for extra in [&["--group-by=owner", "--max-files-per-group=1"][..], &["--group-by=rule"]] {
        migrate(&folder, &[&["plan"], extra].concat(), 0);
        let whole = folder.read(".dockfix/plan.json");
        let mut parts = Vec::new();
        for nth in 1..=3 {
            let (shard, plan) = (format!("--shard={nth}/3"), format!("--plan=part{nth}"));
            migrate(&folder, &[&["plan", &shard, &plan], extra].concat(), 0);
            parts.push(format!("part{nth}"));
        }
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        migrate(&folder, &[&["merge", "-o", "merged"], &parts[..]].concat(), 0);
        assert_eq!(folder.read("merged"), whole);
        for (some, words) in [
            (&["part1", "part3"][..], "parts are missing: 2/3"),
            (&["part1", "part1", "part2", "part3"], "both are part 1 of 3"),
            (&["merged", "part1"], "it was made without --shard"),
        ] {
            let said = migrate(&folder, &[&["merge", "-o", "x"], some].concat(), 2);
            assert!(said.err.contains(words), "{}", said.err);
        }
        let part = folder.read("part1").replace("\"shard\":\"1/3\"", "\"shard\":\"2/3\"");
        folder.write("foreign", part);
        let said = migrate(&folder, &["merge", "-o", "x", "part1", "foreign", "part3"], 2);
        assert!(
            said.err.starts_with("error: foreign: ") && said.err.contains(" is no file of part 2/3"),
            "{}",
            said.err
        );
        migrate(&folder, &["plan", "--shard=2/3", "--plan=part2", "--ignore=sudo"], 0);
        let said = migrate(&folder, &[&["merge", "-o", "x"], &parts[..]].concat(), 2);
        assert!(said.err.contains("parts of two plans: the settings differ"), "{}", said.err);
        assert!(!folder.join("x").exists());
    }
}

#[cfg(unix)]
#[test]
fn links_and_names_that_are_no_text_are_what_git_knows() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let Some(folder) = repository(&[("docker/main", OLD)]) else { return };
    let outside = Folder::new(&[]);
    outside.write("Dockerfile", OLD);
    std::os::unix::fs::symlink("docker/main", folder.join("Dockerfile")).unwrap();
    std::os::unix::fs::symlink(outside.join("Dockerfile"), folder.join("Dockerfile.outside")).unwrap();
    let odd = folder.join(OsStr::from_bytes(b"caf\xE9"));
    fs::create_dir(&odd).unwrap();
    fs::write(odd.join("Dockerfile"), OLD).unwrap();
    git(&folder, &["add", "-A"]);
    git(&folder, &["commit", "-qm", "links"]);
    let said = migrate(&folder, &["plan"], 2);
    assert!(said.err.contains("it lies outside the root") && said.out.contains("2 would change"), "{}", said.out);
    migrate(&folder, &["patch"], 0);
    migrate(&folder, &["apply", "--commit"], 0);
    assert_eq!(git(&folder, &["status", "--porcelain"]), "");
    assert!(folder.join("Dockerfile").is_symlink());
    assert_ne!(fs::read(folder.join("docker/main")).unwrap(), OLD);
    assert_ne!(fs::read(odd.join("Dockerfile")).unwrap(), OLD);
    assert_eq!(fs::read(outside.join("Dockerfile")).unwrap(), OLD);
    git(&folder, &["reset", "-q", "--hard", "HEAD~2"]);
    let patches = fs::read_dir(folder.join(".dockfix/patches")).unwrap();
    for patch in patches.map(|it| it.unwrap().path()) {
        git(&folder, &["apply", patch.to_str().unwrap()]);
    }
    assert_ne!(fs::read(odd.join("Dockerfile")).unwrap(), OLD);
}

#[test]
fn groups_have_no_more_files_than_asked() {
    let Some(folder) = monorepo() else { return };
    migrate(&folder, &["plan", "--group-by=directory", "--max-files-per-group=1"], 0);
    assert_eq!(groups(&plan(&folder)), ["a", "a-2", "b", "c"]);
    migrate(&folder, &["plan", "--group-by=directory", "--depth=2"], 0);
    assert_eq!(groups(&plan(&folder)), ["a", "a-deep", "b", "c"]);
}

#[test]
fn plans_that_are_none_are_refused_with_their_place() {
    let Some(folder) = monorepo() else { return };
    assert!(migrate(&folder, &["apply"], 2).err.contains("no such plan; `dockfix migrate plan` makes one"));
    migrate(&folder, &["plan"], 0);
    let whole = folder.read(".dockfix/plan.json");
    let cut = |at: usize| whole.split_inclusive('\n').take(at).collect::<String>();
    for (text, words) in [
        ("{}\n".to_owned(), "it is no plan"),
        (cut(4), ":5: the plan is cut off"),
        (whole.replacen("\"version\":1", "\"version\":9", 1), "a plan of version 9"),
        (whole.replacen("{\"path\":", "{\"pfad\":", 1), ":3: missing field `path`"),
        (whole.replace("\"name\":\"org-a\"", "\"name\":\"../x\""), "`../x` is no name of a group"),
        (whole.replacen("\"a/Dockerfile\"", "\"../Dockerfile\"", 1), "../Dockerfile: passed over: the path leads out"),
    ] {
        folder.write(".dockfix/plan.json", &text);
        let said = folder.run(&["migrate", "apply", "org-a"]);
        assert!(said.code > 0 && said.err.contains(words), "{words}: {}", said.err);
        if said.code == 1 {
            migrate(&folder, &["undo"], 0);
        }
    }
}

#[test]
fn what_did_nothing_is_neither_applied_nor_taken_back() {
    let folder = Folder::new(&[("empty/x", "")]);
    folder.write("a/Dockerfile", OLD);
    folder.write("b/Dockerfile", OLD);
    let said = migrate(&folder, &["plan", "empty"], 0);
    assert!(said.err.contains("warning: no Dockerfile found in `empty`\n"), "{}", said.err);
    migrate(&folder, &["plan"], 0);
    folder.write("b/Dockerfile", "FROM other\n");
    let said = migrate(&folder, &["apply"], 1);
    assert!(said.err.ends_with("1 file in 2 groups written, 1 passed over\n"), "{}", said.err);
    let status = migrate(&folder, &["status"], 0).out;
    assert!(status.contains("groups: 1 planned, 1 applied\n"), "{status}");
    // A second run has nothing to do, and `undo` takes back the first.
    assert!(migrate(&folder, &["apply", "a"], 0).err.contains("0 files in 1 group written, 1 already as wanted"));
    assert!(migrate(&folder, &["undo"], 0).err.contains("1 file in 1 group taken back"));
    assert_eq!(fs::read(folder.join("a/Dockerfile")).unwrap(), OLD);
    assert!(migrate(&folder, &["undo"], 0).err.contains("nothing is there to take back"));
    assert!(migrate(&folder, &["status"], 0).out.contains("groups: 1 planned, 1 undone\n"));
}
