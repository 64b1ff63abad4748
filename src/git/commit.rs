//! Commits of some files, which leave everything else in the index and the work tree as it is.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::{anyhow, bail};

use super::{Git, args, command, one_line, output, path};
use crate::files;

/// So many paths stand on one command line.
const PATHS: usize = 200;

/// So long another git is waited for that is at work in the same repository.
const PATIENCE: Duration = Duration::from_secs(10);

/// What to commit.
#[derive(Debug)]
pub struct Commit<'a> {
    /// The files, relative to the root of the work tree.
    pub paths: &'a [PathBuf],
    /// A file to write their names to, for git to read: from a program that is killed git would take half of them for
    /// all.
    pub list: &'a Path,
    /// A file that holds the message.
    pub message: &'a Path,
    /// Whether hooks that can refuse are run.
    pub hooks: bool,
}

impl Git {
    /// Those of some files, relative to the root, that differ from the last commit, be it in the index or in the work
    /// tree, or that git does not know.
    pub fn dirty(&self, paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
        let mut dirty = Vec::new();
        for paths in paths.chunks(PATHS) {
            let names = || paths.iter().map(PathBuf::as_path);
            let known = self.ask(&args(&["ls-files", "-z", "--"], names()))?;
            let known: HashSet<PathBuf> = parts(&known).map(path).collect();
            dirty.extend(paths.iter().filter(|it| !known.contains(*it)).cloned());
            let words = ["status", "--porcelain", "-z", "--no-renames", "--untracked-files=no", "--"];
            let status = self.ask(&args(&words, names()))?;
            // Two letters and a blank stand before each name.
            let found = parts(&status).filter_map(|it| it.split_at_checked(3));
            let found = found.map(|(letters, name)| (letters, path(name))).filter(|it| known.contains(&it.1));
            let (touched, other): (Vec<_>, Vec<_>) = found.partition(|it| it.0 == b" M ");
            dirty.extend(other.into_iter().map(|it| it.1));
            let touched: Vec<PathBuf> = touched.into_iter().map(|it| it.1).collect();
            dirty.extend(self.changed(&touched)?);
        }
        dirty.sort();
        dirty.dedup();
        Ok(dirty)
    }

    /// Those of some files whose bytes differ from the index by what git would commit: `status` also names files of
    /// which nothing but line ends is another, and these are others again once they are checked out.
    fn changed(&self, paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let words = ["diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--"];
        let answer = self.ask(&args(&words, paths.iter().map(PathBuf::as_path)))?;
        Ok(parts(&answer).map(path).collect())
    }

    /// Why no commit of some files can be made now, if it can't. A bisection stands in nobody's way.
    pub fn is_busy(&self) -> anyhow::Result<Option<&'static str>> {
        for (name, what) in
            [("MERGE_HEAD", "a merge"), ("CHERRY_PICK_HEAD", "a cherry-pick"), ("REVERT_HEAD", "a revert")]
        {
            if self.commit(name)?.is_some() {
                return Ok(Some(what));
            }
        }
        for (name, what) in [
            ("rebase-merge", "a rebase"),
            ("rebase-apply", "a rebase or `git am`"),
            ("sequencer", "a cherry-pick or revert of several commits"),
        ] {
            if self.own(name)?.exists() {
                return Ok(Some(what));
            }
        }
        // `merge --squash` and `stash pop` leave nothing else behind.
        let unmerged = self.ask(&["ls-files", "--unmerged", "-z"])?;
        Ok((!unmerged.is_empty()).then_some("a merge with conflicts"))
    }

    /// Where git keeps a file or folder of its own.
    fn own(&self, name: &str) -> anyhow::Result<PathBuf> {
        let answer = self.ask(&["rev-parse", "--git-path", name])?;
        Ok(self.root.join(path(one_line(&answer))))
    }

    /// Makes a new file known to git, so that it can be committed, also where it is ignored.
    pub fn add(&self, path: &Path) -> anyhow::Result<()> {
        self.ask(&args(&["add", "--force", "--"], [path])).map(drop)
    }

    /// The last commit that changed one of some files, of which no more are asked about than a command line holds.
    pub fn last_commit_of(&self, paths: &[PathBuf]) -> anyhow::Result<Option<String>> {
        let paths = paths.iter().take(PATHS).map(PathBuf::as_path);
        let answer = self.ask(&args(&["log", "-1", "--format=%H", "--"], paths))?;
        let hash = String::from_utf8_lossy(&answer).trim().to_owned();
        Ok((!hash.is_empty()).then_some(hash))
    }

    /// The first line of a commit's message.
    pub fn subject(&self, commit: &str) -> anyhow::Result<Option<String>> {
        let answer = self.ask(&["log", "-1", "--format=%s", "--end-of-options", commit, "--"])?;
        let subject = String::from_utf8_lossy(&answer).trim().to_owned();
        Ok((!subject.is_empty()).then_some(subject))
    }

    /// Waits for another git that has the index. Says whether it is free.
    pub fn wait(&self) -> anyhow::Result<bool> {
        let lock = self.own("index.lock")?;
        let begun = Instant::now();
        while lock.exists() && begun.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(20));
        }
        Ok(!lock.exists())
    }

    /// Commits what some files are in the work tree, and gives back the commit. What is staged of other files stays
    /// staged, and is not in the commit.
    pub fn commit_only(&self, commit: &Commit<'_>) -> anyhow::Result<String> {
        let mut command = command(&self.root);
        // A repack in the background would go on when this program has ended.
        command.args(["-c", "gc.auto=0", "-c", "maintenance.auto=false", "commit", "--quiet", "--only"]);
        let mut list = Vec::new();
        for path in commit.paths {
            list.extend_from_slice(b":(top,literal)");
            list.extend_from_slice(path.as_os_str().as_encoded_bytes());
            list.push(0);
        }
        fs::write(commit.list, list).map_err(|it| files::unwritable(commit.list, &it))?;
        command.arg("--pathspec-file-nul").arg("--pathspec-from-file").arg(commit.list);
        command.arg("--file").arg(commit.message);
        if !commit.hooks {
            command.arg("--no-verify");
        }
        let output = output(command.env_remove("GIT_LITERAL_PATHSPECS"))?;
        if !output.status.success() {
            let words = [&output.stderr[..], &output.stdout[..]].concat();
            let words = String::from_utf8_lossy(&words).trim().to_owned();
            bail!("git made no commit: {}", if words.is_empty() { "a hook refused it" } else { &words });
        }
        self.commit("HEAD")?.ok_or_else(|| anyhow!("git made no commit"))
    }
}

/// The names in an answer that ends each with a NUL.
fn parts(answer: &[u8]) -> impl Iterator<Item = &[u8]> {
    answer.split(|it| *it == 0).filter(|it| !it.is_empty())
}

/// The bytes of a file of git's own that may be missing.
pub fn read_if_there(path: &Path) -> anyhow::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(anyhow!("{}: {}", path.display(), files::reason(&error))),
    }
}
