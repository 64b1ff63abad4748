//! Where a migration keeps what it knows: `.dockfix` at the root.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use anyhow::{anyhow, bail};

use crate::{
    files,
    git::{self, Git},
};

/// The name of the folder.
pub const FOLDER: &str = ".dockfix";

/// The folder of a migration, which git does not see.
#[derive(Debug, Clone)]
pub struct Store {
    /// The folder from which paths are counted, without links.
    pub root: PathBuf,
    folder: PathBuf,
}

impl Store {
    /// The store for a folder: that of the work tree of git in which it lies, or else its own. Where git can't tell of
    /// a repository that is there, that is an error: paths are counted from its root.
    pub fn around(folder: &Path) -> anyhow::Result<Store> {
        let own = fs::canonicalize(folder).map_err(|it| anyhow!("{}: {}", folder.display(), files::reason(&it)))?;
        let above = Git::mark_above(&own);
        let root = match (Git::find(&own), above) {
            (Ok(Some(git)), Some(above)) if git.root == own && above != own && env::var_os("GIT_DIR").is_some() => {
                bail!(
                    "GIT_DIR is set, so that git takes this folder for the root of the work tree; go to {}, or unset it",
                    above.display()
                )
            }
            (Ok(Some(git)), _) => git.root,
            (Ok(None), _) => own,
            (Err(error), _) if git::is_there() => return Err(error),
            (Err(error), Some(above)) => bail!("{} is a git repository, and {error}", above.display()),
            (Err(_), None) => own,
        };
        let folder = root.join(FOLDER);
        Ok(Store { root, folder })
    }

    /// Makes the folder, if there is none yet.
    pub fn make(&self) -> anyhow::Result<()> {
        let wrong = |it: io::Error| anyhow!("{}: cannot be made: {}", self.folder.display(), files::reason(&it));
        fs::create_dir_all(&self.folder).map_err(wrong)?;
        let ignore = self.folder.join(".gitignore");
        if !ignore.exists() {
            fs::write(ignore, "# What dockfix keeps here is of no use to others.\n*\n").map_err(wrong)?;
        }
        Ok(())
    }

    /// Takes away what programs that were killed have left half-written in the folder.
    pub fn sweep(&self) {
        for folder in [&self.folder, &self.patches()] {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            entries.for_each(|it| _ = files::remove_leftover(&it.path()));
        }
    }

    /// Where the plan is, unless another file is named.
    pub fn plan(&self) -> PathBuf {
        self.folder.join("plan.json")
    }

    /// Where patches are written, unless another folder is named.
    pub fn patches(&self) -> PathBuf {
        self.folder.join("patches")
    }

    /// Where it is written down what is done.
    pub fn journal(&self) -> PathBuf {
        self.folder.join("journal.jsonl")
    }

    /// Where the message of a commit is while git reads it.
    pub fn message(&self) -> PathBuf {
        self.folder.join("message")
    }

    /// Where the names of a commit's files are while git reads them.
    pub fn names(&self) -> PathBuf {
        self.folder.join("names")
    }

    /// Where it is kept what was planned before, unless another folder is named.
    pub fn cache(&self) -> PathBuf {
        self.folder.join("cache")
    }

    /// The file that is locked while something is done.
    pub fn lock(&self) -> PathBuf {
        self.folder.join("lock")
    }
}
