//! Git repositories that are thrown away, in which a migration is tried.

use std::process::Command;

use crate::program::{Folder, Said, said};

/// A repository with one commit; `None`, with a word, where git is missing.
pub fn repository(files: &[(&str, &[u8])]) -> Option<Folder> {
    if Command::new("git").arg("--version").output().is_err() {
        eprintln!("git is missing: passed over");
        return None;
    }
    let folder = Folder::new(&[]);
    for (name, bytes) in files {
        folder.write(name, bytes);
    }
    git(&folder, &["init", "-q", "-b", "main"]);
    for (key, value) in [("user.name", "Test"), ("user.email", "test@example.com"), ("core.autocrlf", "false")] {
        git(&folder, &["config", key, value]);
    }
    git(&folder, &["add", "-A"]);
    git(&folder, &["commit", "-q", "--allow-empty", "-m", "first"]);
    Some(folder)
}

/// git with no settings but those of the repository, run to its end.
pub fn try_git(folder: &Folder, args: &[&str]) -> Said {
    let mut command = Command::new("git");
    command.args(args).current_dir(folder.path());
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env_remove("GIT_DIR");
    said(command)
}

/// git, which must not fail; what it writes, without the last line end.
pub fn git(folder: &Folder, args: &[&str]) -> String {
    let said = try_git(folder, args);
    assert_eq!(said.code, 0, "git {args:?}: {}{}", said.out, said.err);
    said.out.trim_end().to_owned()
}

/// `dockfix migrate` with arguments; the exit code must be the one that is expected.
pub fn migrate(folder: &Folder, args: &[&str], code: i32) -> Said {
    let said = folder.run(&[&["migrate"], args].concat());
    assert_eq!(said.code, code, "migrate {args:?}: {}{}", said.out, said.err);
    said
}

/// What a plan says, read as JSON by whoever knows nothing of its lines.
pub fn plan(folder: &Folder) -> serde_json::Value {
    serde_json::from_str(&folder.read(".dockfix/plan.json")).unwrap()
}

/// The names of a plan's groups, in order.
pub fn groups(plan: &serde_json::Value) -> Vec<&str> {
    plan["groups"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect()
}

/// All files of the work tree, but for those of git and of the migration itself.
pub fn tree(folder: &Folder) -> Vec<(String, Vec<u8>)> {
    let mut out = Vec::new();
    let mut folders = vec![folder.path().to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in std::fs::read_dir(inner).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder.path()).unwrap().to_string_lossy().into_owned();
            match path.is_dir() {
                true if [".git", ".dockfix"].contains(&name.as_str()) => {}
                true => folders.push(path),
                false => out.push((name, std::fs::read(path).unwrap())),
            }
        }
    }
    out.sort();
    out
}
