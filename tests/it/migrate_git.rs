//! Migrations of repositories that are not as plain as most.

use std::fs;

use crate::{
    program::{Folder, said},
    repository::{git, migrate, repository, tree, try_git},
};

const MESSY: &[u8] = b"from alpine\nENV a b\nCMD run\n";

fn three() -> Option<Folder> {
    repository(&[("a/Dockerfile", MESSY), ("b/Dockerfile", MESSY), ("c/Dockerfile", MESSY)])
}

#[test]
fn line_ends_that_git_does_not_tell_apart_need_no_commit() {
    let settings: &[u8] = b"[format]\nend-of-line = \"lf\"\n";
    let files = [
        (".gitattributes", &b"*ockerfile text eol=crlf\n"[..]),
        ("dockfix.toml", settings),
        ("a/Dockerfile", b"from alpine\r\n"),
        ("b/Dockerfile", b"FROM alpine\r\n"),
    ];
    let Some(folder) = repository(&files) else { return };
    let start = tree(&folder);
    migrate(&folder, &["plan", "-q"], 0);
    let said = migrate(&folder, &["apply", "--commit"], 0);
    assert_eq!(said.err, "2 files in 2 groups written; 1 commit\n");
    assert_eq!(folder.read("b/Dockerfile"), "FROM alpine\n");
    let said = migrate(&folder, &["status"], 0);
    assert!(said.out.starts_with("groups: 1 applied, 1 committed\n"), "{}", said.out);
    // As if it had been interrupted before the last group was told to be done.
    let journal = folder.read(".dockfix/journal.jsonl");
    let lines: Vec<&str> = journal.lines().collect();
    folder.write(".dockfix/journal.jsonl", lines[..lines.len() - 2].join("\n") + "\n");
    migrate(&folder, &["resume"], 0);
    assert_eq!(migrate(&folder, &["status"], 0).out, said.out);
    migrate(&folder, &["undo"], 0);
    assert!(tree(&folder) == start);
    assert_eq!(git(&folder, &["rev-list", "--count", "HEAD"]), "3");
}

#[test]
fn a_file_that_is_gone_keeps_no_other_from_being_taken_back() {
    let Some(folder) = three() else { return };
    migrate(&folder, &["plan", "-q"], 0);
    migrate(&folder, &["apply", "--commit"], 0);
    git(&folder, &["rm", "-q", "b/Dockerfile"]);
    git(&folder, &["commit", "-q", "-m", "gone"]);
    folder.write("c/Dockerfile", "FROM other\n");
    git(&folder, &["commit", "-q", "-a", "-m", "other"]);
    let said = migrate(&folder, &["undo"], 1);
    let expected = "\
c/Dockerfile: passed over: it changed since it was written
b/Dockerfile: passed over: no such file or folder
1 file in 3 groups taken back, 2 passed over; 1 commit
";
    assert_eq!(said.err, expected);
    assert_eq!(fs::read(folder.join("a/Dockerfile")).unwrap(), MESSY);
    assert_eq!(git(&folder, &["status", "--porcelain"]), "");
}

#[test]
fn commits_are_made_when_nothing_else_is_under_way() {
    let conflict = |folder: &Folder| {
        git(folder, &["checkout", "-q", "-b", "other"]);
        for text in ["theirs\n", "theirs too\n"] {
            folder.write("notes", text);
            git(folder, &["add", "notes"]);
            git(folder, &["commit", "-q", "-m", "theirs"]);
        }
        git(folder, &["checkout", "-q", "main"]);
        folder.write("notes", "ours\n");
        git(folder, &["add", "notes"]);
        git(folder, &["commit", "-q", "-m", "ours"]);
    };
    for (begin, then, what) in [
        (&["rebase", "other"][..], None, "a rebase"),
        (&["rebase", "--apply", "other"], None, "a rebase or `git am`"),
        (&["merge", "--squash", "other"], None, "a merge with conflicts"),
        (&["cherry-pick", "main..other"], None, "a cherry-pick"),
        (
            &["cherry-pick", "main..other"],
            Some(&["commit", "-qam", "by hand"][..]),
            "a cherry-pick or revert of several commits",
        ),
    ] {
        let Some(folder) = three() else { return };
        conflict(&folder);
        migrate(&folder, &["plan", "-q"], 0);
        assert_ne!(try_git(&folder, begin).code, 0, "{begin:?}");
        if let Some(then) = then {
            git(&folder, then);
        }
        let head = git(&folder, &["rev-parse", "HEAD"]);
        let said = migrate(&folder, &["apply", "--commit"], 2);
        assert_eq!(said.err, format!("error: {what} is in progress: end it first\n"), "{begin:?}");
        assert_eq!(git(&folder, &["rev-parse", "HEAD"]), head);
        assert_eq!(fs::read(folder.join("a/Dockerfile")).unwrap(), MESSY);
        assert!(
            !folder.join(".dockfix/journal.jsonl").exists() || !folder.read(".dockfix/journal.jsonl").contains("begin")
        );
    }
    let Some(folder) = three() else { return };
    migrate(&folder, &["plan", "-q"], 0);
    git(&folder, &["bisect", "start"]);
    migrate(&folder, &["apply", "--commit"], 0);
}

#[test]
fn a_repository_is_not_taken_for_none() {
    let Some(folder) = three() else { return };
    let below = |change: &dyn Fn(&mut std::process::Command)| {
        let mut command = folder.command(&["migrate", "plan"]);
        command.current_dir(folder.join("a"));
        change(&mut command);
        said(command)
    };
    let root = fs::canonicalize(folder.path()).unwrap();
    let root = root.display();
    let nowhere = folder.join("nowhere");
    for (said, why) in [
        (
            below(&|it| _ = it.env("PATH", &nowhere)),
            format!("{root} is a git repository, and the program `git` is not installed"),
        ),
        (
            below(&|it| _ = it.env("GIT_DIR", folder.join(".git"))),
            format!(
                "GIT_DIR is set, so that git takes this folder for the root of the work tree; go to {root}, or unset it"
            ),
        ),
        (below(&|it| _ = it.env("GIT_DIR", ".git")), "git refuses: not a git repository: '.git'".to_owned()),
        (
            below(&|it| _ = it.current_dir(folder.join(".git"))),
            "this folder is in a git repository, and in no work tree of it".to_owned(),
        ),
    ] {
        assert_eq!((said.code, said.err), (2, format!("error: {why}\n")));
    }
    for inner in ["a/.dockfix", ".git/.dockfix"] {
        assert!(!folder.join(inner).exists(), "{inner}");
    }
    // A hook of git runs at the root.
    let mut command = folder.command(&["migrate", "plan"]);
    command.env("GIT_DIR", ".git");
    assert_eq!(said(command).code, 0);
    let bare = Folder::new(&[]);
    git(&bare, &["init", "-q", "--bare"]);
    let said_of_it = migrate(&bare, &["plan"], 2);
    assert_eq!(said_of_it.err, "error: this folder is in a git repository, and in no work tree of it\n");
    assert!(!bare.join(".dockfix").exists());
    // Without git and without a repository, a folder is its own root.
    let none = Folder::new(&[]);
    none.write("Dockerfile", MESSY);
    let mut command = none.command(&["migrate", "plan"]);
    command.env("PATH", &nowhere);
    assert_eq!(said(command).code, 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_root_may_have_any_name() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt, process::Command};
    let Some(folder) = three() else { return };
    for name in [&b"\xFF\xE9"[..], b"blank ", b"line\n", b"-dash", b"q\"x"] {
        let root = folder.join(OsStr::from_bytes(name));
        let shown = root.display().to_string();
        let mut copy = Command::new("git");
        copy.args(["clone", "-q"]).arg(folder.path()).arg(&root);
        assert!(copy.status().unwrap().success(), "{shown}");
        let run = |program: &str, args: &[&str]| {
            let mut command = Command::new(program);
            command.args(args).current_dir(root.join("a"));
            let said = crate::program::said(command);
            assert_eq!(said.code, 0, "{shown}: {args:?}: {}", said.err);
            said
        };
        run("git", &["config", "user.name", "Test"]);
        run("git", &["config", "user.email", "test@example.com"]);
        let dockfix = env!("CARGO_BIN_EXE_dockfix");
        run(dockfix, &["migrate", "plan", "-q", ".."]);
        assert_eq!(run(dockfix, &["migrate", "apply", "--commit"]).err, "3 files in 3 groups written; 3 commits\n");
        run(dockfix, &["migrate", "undo"]);
        assert_eq!(run("git", &["status", "--porcelain"]).out, "", "{shown}");
        assert_eq!(fs::read(root.join("a/Dockerfile")).unwrap(), MESSY, "{shown}");
    }
}

#[test]
fn a_hook_that_refuses_to_take_back_can_be_passed_by() {
    let Some(folder) = three() else { return };
    migrate(&folder, &["plan", "-q"], 0);
    migrate(&folder, &["apply", "--commit"], 0);
    folder.write(".git/hooks/pre-commit", "#!/bin/sh\nexit 1\n");
    #[cfg(unix)]
    fs::set_permissions(folder.join(".git/hooks/pre-commit"), std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .unwrap();
    assert!(migrate(&folder, &["undo"], 2).err.contains("a hook refused it"));
    migrate(&folder, &["resume"], 2);
    assert_eq!(
        migrate(&folder, &["resume", "--no-verify"], 0).err.lines().last(),
        Some("2 files in 3 groups taken back, 1 already as wanted; 3 commits")
    );
    assert_eq!(git(&folder, &["diff", "--stat", "HEAD~6"]), "");
}

#[test]
fn a_run_at_work_is_not_called_interrupted() {
    let Some(folder) = three() else { return };
    migrate(&folder, &["plan", "-q"], 0);
    migrate(&folder, &["apply"], 0);
    let journal = folder.read(".dockfix/journal.jsonl");
    folder.write(".dockfix/journal.jsonl", journal.lines().take(2).map(|it| format!("{it}\n")).collect::<String>());
    let lock = fs::File::create(folder.join(".dockfix/lock")).unwrap();
    fs4::FileExt::lock(&lock).unwrap();
    let said = migrate(&folder, &["status"], 1);
    assert!(said.out.starts_with("at work: apply, with 0 of 3 groups done\n"), "{}", said.out);
    drop(lock);
    assert!(migrate(&folder, &["status"], 1).out.starts_with("interrupted: apply, with 0 of 3 groups done; "));
    migrate(&folder, &["resume"], 0);
}

#[test]
fn what_a_message_says_is_text_for_git() {
    let Some(folder) = repository(&[("CODEOWNERS", b"* @\xFFx\n"), ("Dockerfile", MESSY)]) else { return };
    migrate(&folder, &["plan", "-q"], 0);
    migrate(&folder, &["apply", "--commit"], 0);
    assert_eq!(git(&folder, &["log", "-1", "--format=%s"]), "Fix Dockerfiles of @?x");
    assert_eq!(try_git(&folder, &["fsck", "--strict"]).code, 0);
}

#[test]
fn a_list_for_blame_that_git_ignores_is_committed_all_the_same() {
    let files = [(".gitignore", &b".git-blame*\n"[..]), ("a/Dockerfile", b"FROM  alpine\nENV a b\nRUN c   d\n")];
    let Some(folder) = repository(&files) else { return };
    migrate(&folder, &["plan", "-q", "--separate-layout"], 0);
    let said = migrate(&folder, &["apply", "--commit", "--blame-ignore-revs"], 0);
    assert_eq!(said.err, "1 file in 2 groups written; 3 commits\n");
    assert_eq!(git(&folder, &["show", "--format=", "--name-only", "HEAD"]), ".git-blame-ignore-revs");
}

#[cfg(unix)]
#[test]
fn a_list_for_blame_that_is_a_link_is_refused_beforehand() {
    let Some(folder) = three() else { return };
    folder.write("revisions", "# none\n");
    std::os::unix::fs::symlink("revisions", folder.join(".git-blame-ignore-revs")).unwrap();
    git(&folder, &["add", "-A"]);
    git(&folder, &["commit", "-q", "-m", "link"]);
    migrate(&folder, &["plan", "-q", "--separate-layout"], 0);
    let said = migrate(&folder, &["apply", "--commit", "--blame-ignore-revs"], 2);
    assert_eq!(said.err, "error: .git-blame-ignore-revs: it is no regular file; nothing was done\n");
    assert_eq!(git(&folder, &["rev-list", "--count", "HEAD"]), "2");
}

#[cfg(unix)]
#[test]
fn what_is_staged_meanwhile_is_not_lost_when_a_run_is_taken_back() {
    let Some(folder) = three() else { return };
    migrate(&folder, &["plan", "-q"], 0);
    folder.write(".git/hooks/pre-commit", "#!/bin/sh\n! git diff --cached --name-only | grep -q ^c/\n");
    fs::set_permissions(folder.join(".git/hooks/pre-commit"), std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .unwrap();
    migrate(&folder, &["apply", "--commit"], 2);
    let written = folder.read("a/Dockerfile");
    folder.write("a/Dockerfile", "FROM staged\n");
    git(&folder, &["add", "a/Dockerfile"]);
    folder.write("a/Dockerfile", &written);
    let said = migrate(&folder, &["undo"], 2);
    assert!(said.err.contains("nothing was done\n  a/Dockerfile\n"), "{}", said.err);
    assert_eq!(git(&folder, &["show", ":a/Dockerfile"]), "FROM staged");
    git(&folder, &["reset", "-q"]);
    migrate(&folder, &["undo"], 0);
    assert_eq!(git(&folder, &["diff", "--stat", "HEAD~4"]), "");
}
