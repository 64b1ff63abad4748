//! Files of settings, and when each was written: no client tells of all that change.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime},
};

use crate::config::FILE_NAMES;

/// So long what was seen of files is taken for how they are.
const FRESH: Duration = Duration::from_secs(1);

/// The files of settings that clients can be asked to watch: those within the folders of the workspace.
pub(super) fn glob() -> String {
    format!("**/{{{}}}", FILE_NAMES.join(","))
}

/// What a file was like when it was looked at; `None` where there was none.
type Stamp = Option<(Option<SystemTime>, u64)>;

/// Files of settings that were read, or would have been if they were there.
#[derive(Debug)]
pub(super) struct Watched {
    files: HashMap<PathBuf, Stamp>,
    folders: HashSet<PathBuf>,
    looked: Instant,
}

impl Watched {
    pub(super) fn new() -> Watched {
        Watched { files: HashMap::new(), folders: HashSet::new(), looked: Instant::now() }
    }

    /// Adds a file, as it is now. This comes before the file is read, so that no change between is missed.
    pub(super) fn add(&mut self, file: PathBuf) {
        self.files.entry(file).or_insert_with_key(|it| stamp(it));
    }

    /// Adds those that speak for a file in a folder.
    pub(super) fn add_for(&mut self, folder: &Path) {
        for folder in folder.ancestors() {
            if !self.folders.insert(folder.to_owned()) {
                return;
            }
            FILE_NAMES.iter().for_each(|name| self.add(folder.join(name)));
        }
    }

    /// Whether a file is no longer what it was, if nobody looked just now.
    pub(super) fn is_stale(&mut self) -> bool {
        if self.looked.elapsed() < FRESH {
            return false;
        }
        self.has_changed()
    }

    /// Whether a file is no longer what it was.
    pub(super) fn has_changed(&mut self) -> bool {
        self.looked = Instant::now();
        self.files.iter().any(|(file, old)| stamp(file) != *old)
    }
}

fn stamp(file: &Path) -> Stamp {
    let meta = file.metadata().ok()?;
    Some((meta.modified().ok(), meta.len()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn files_that_change_come_or_go_are_stale() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("dockfix.toml");
        let is_stale = |change: &dyn Fn()| {
            let mut watched = Watched::new();
            watched.add_for(&folder.path().join("a/b"));
            change();
            assert!(!watched.is_stale(), "it was looked at just now");
            watched.looked -= FRESH;
            watched.is_stale()
        };
        assert!(!is_stale(&|| ()));
        assert!(is_stale(&|| std::fs::write(&file, "a").unwrap()));
        assert!(is_stale(&|| std::fs::write(&file, "ab").unwrap()));
        assert!(is_stale(&|| std::fs::remove_file(&file).unwrap()));
    }
}
