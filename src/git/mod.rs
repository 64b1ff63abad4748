//! The `git` program, asked about a work tree.

mod commit;

use std::{
    ffi::{OsStr, OsString},
    io,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use anyhow::{anyhow, bail};

pub use commit::{Commit, read_if_there};

use crate::files;

/// A work tree of git.
#[derive(Debug)]
pub struct Git {
    /// Its folder, without links.
    pub root: PathBuf,
}

impl Git {
    /// The work tree in which a folder lies.
    pub fn around(folder: &Path) -> anyhow::Result<Git> {
        Git::find(folder)?.ok_or_else(|| anyhow!("this folder is in no git repository"))
    }

    /// The work tree in which a folder lies; nothing where there is no repository. The error says why git can't tell,
    /// or that the folder is in a repository and in no work tree.
    pub fn find(folder: &Path) -> anyhow::Result<Option<Git>> {
        let output = start(folder, &["rev-parse", "--show-toplevel"])?;
        let words = String::from_utf8_lossy(&output.stderr);
        // Where `GIT_DIR` or a file `.git` leads to none, git names the place behind a colon.
        if words.contains("not a git repository (or any") {
            return Ok(None);
        }
        if words.contains("must be run in a work tree") {
            bail!("this folder is in a git repository, and in no work tree of it");
        }
        let root = path(one_line(&answer(output)?));
        let root = std::fs::canonicalize(&root).map_err(|it| anyhow!("{}: {}", root.display(), files::reason(&it)))?;
        Ok(Some(Git { root }))
    }

    /// The nearest folder above one, or that one, in which there is a `.git`, found without git.
    pub fn mark_above(folder: &Path) -> Option<&Path> {
        folder.ancestors().find(|it| it.join(".git").symlink_metadata().is_ok())
    }

    /// What git writes; an error in one line where it refuses.
    pub fn ask<S: AsRef<OsStr>>(&self, args: &[S]) -> anyhow::Result<Vec<u8>> {
        answer(start(&self.root, args)?)
    }

    /// The hash of a commit, if there is one of that name.
    pub fn commit(&self, name: &str) -> anyhow::Result<Option<String>> {
        self.line(&["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{name}^{{commit}}")])
    }

    /// The commit that two commits have in common, if there is one.
    pub fn merge_base(&self, one: &str, other: &str) -> anyhow::Result<Option<String>> {
        self.line(&["merge-base", one, other])
    }

    /// Whether a commit is in the history of what is checked out.
    pub fn is_in_head(&self, commit: &str) -> anyhow::Result<bool> {
        Ok(self.commit(commit)?.is_some() && self.merge_base(commit, "HEAD")?.is_some_and(|it| it == commit))
    }

    /// Whether the history was cut off when the repository was cloned.
    pub fn is_shallow(&self) -> anyhow::Result<bool> {
        Ok(self.line(&["rev-parse", "--is-shallow-repository"])?.is_some_and(|it| it == "true"))
    }

    /// The branch that is checked out, if one is.
    pub fn branch(&self) -> anyhow::Result<Option<String>> {
        self.line(&["symbolic-ref", "--quiet", "--short", "HEAD"])
    }

    /// The line that git answers, if it answers one. It says no by an exit code of 1, and 128 where `--quiet` is not
    /// enough to keep it from words.
    fn line(&self, args: &[&str]) -> anyhow::Result<Option<String>> {
        let output = start(&self.root, args)?;
        let line = String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
        Ok((output.status.success() && !line.is_empty()).then_some(line))
    }
}

/// Whether there is a program `git`.
pub fn is_there() -> bool {
    Command::new("git").arg("--version").stdin(Stdio::null()).output().is_ok()
}

/// Runs git to its end in a folder. It speaks English, takes no lock for its own sake, and no path for a pattern.
fn start<S: AsRef<OsStr>>(folder: &Path, args: &[S]) -> anyhow::Result<Output> {
    let mut command = command(folder);
    command.arg("--literal-pathspecs").args(args).env("GIT_OPTIONAL_LOCKS", "0");
    output(&mut command)
}

/// A call of git in a folder, without arguments as yet: it speaks English and reads nothing.
fn command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder).stdin(Stdio::null()).env("LC_ALL", "C");
    command
}

/// Runs git to its end, whatever comes of it.
fn output(command: &mut Command) -> anyhow::Result<Output> {
    command.output().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => anyhow!("the program `git` is not installed"),
        _ => anyhow!("the program `git` can't be started: {}", files::reason(&error)),
    })
}

/// The beginning of a commit's hash, by which people know it.
pub fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}

/// An answer without its line end. A name may end with blanks.
pub(super) fn one_line(answer: &[u8]) -> &[u8] {
    answer.strip_suffix(b"\n").unwrap_or(answer)
}

fn answer(output: Output) -> anyhow::Result<Vec<u8>> {
    if output.status.success() {
        return Ok(output.stdout);
    }
    let words = String::from_utf8_lossy(&output.stderr);
    let first = words.lines().next().unwrap_or("no reason given");
    bail!("git refuses: {}", first.trim_start_matches("fatal: "))
}

/// A path in the bytes that git writes.
#[cfg(unix)]
pub fn path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    OsStr::from_bytes(bytes).into()
}

/// A path in the bytes that git writes, which are UTF-8 here.
#[cfg(not(unix))]
pub fn path(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// Arguments of several kinds in one list.
pub fn args<'a>(words: &[&'a str], paths: impl IntoIterator<Item = &'a Path>) -> Vec<OsString> {
    words.iter().map(OsString::from).chain(paths.into_iter().map(OsString::from)).collect()
}
