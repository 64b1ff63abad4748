//! Finds files that speak for a folder and those below, and reads each once.

use std::{
    collections::HashMap,
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use super::error::ConfigError;

/// The names of dockfix's own file.
pub(super) const NAMES: [&str; 2] = ["dockfix.toml", ".dockfix.toml"];

/// The files of dockfix's own settings in a folder: at most two, of which only one may be there.
pub fn own_files(folder: &Path) -> Vec<PathBuf> {
    NAMES.iter().map(|name| folder.join(name)).filter(|it| it.symlink_metadata().is_ok()).collect()
}

pub(super) type Found<T> = Result<Option<T>, ConfigError>;

/// So many folders are kept in mind: memory is not to grow with a tree of files, and files of one folder come together.
const MAX_KNOWN: usize = 1 << 13;

/// What was found for folders, kept for the next file of the same folder.
pub(super) struct Folders<T> {
    known: Mutex<HashMap<PathBuf, Found<T>>>,
}

impl<T> Default for Folders<T> {
    fn default() -> Self {
        Folders { known: Mutex::default() }
    }
}

impl<T> fmt::Debug for Folders<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Folders").finish_non_exhaustive()
    }
}

/// Looks into a folder; the second argument gives what was found for the folder above.
type Look<'a, T> = &'a dyn Fn(&Path, &mut dyn FnMut() -> Found<T>) -> Found<T>;

impl<T: Clone> Folders<T> {
    /// What speaks for the file at an absolute path. `look` is called once for a folder, unless there are very many.
    pub(super) fn find(&self, path: &Path, look: Look<'_, T>) -> Found<T> {
        let Some(folder) = path.parent() else {
            return Ok(None);
        };
        // What a thread that panicked left behind is whole, because an entry is added in one step.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_KNOWN {
            known.clear();
        }
        find(&mut known, folder, look)
    }
}

fn find<T: Clone>(known: &mut HashMap<PathBuf, Found<T>>, folder: &Path, look: Look<'_, T>) -> Found<T> {
    if let Some(found) = known.get(folder) {
        return found.clone();
    }
    let found = look(folder, &mut || match folder.parent() {
        Some(above) => find(known, above, look),
        None => Ok(None),
    });
    known.insert(folder.to_owned(), found.clone());
    found
}

/// The text of dockfix's own file in a folder, and its path.
pub(super) fn own_file(folder: &Path) -> Found<(PathBuf, String)> {
    let mut found = None;
    for name in NAMES {
        let path = folder.join(name);
        let Some(text) = read(&path)? else {
            continue;
        };
        if found.is_some() {
            let [plain, hidden] = NAMES;
            let message = format!("`{plain}` and `{hidden}` are in the same folder");
            let help = "keep one of them".to_owned();
            return Err(ConfigError::file(&path, message).with_help(Some(help)));
        }
        found = Some((path, text));
    }
    Ok(found)
}

/// The text of a file that was looked for, if it is there. A pipe is none: nobody may ever write to it.
pub(super) fn read(path: &Path) -> Found<String> {
    let meta = fs::metadata(path);
    found(
        path,
        meta.and_then(|it| match it.is_file() || it.is_dir() {
            true => fs::read_to_string(path),
            false => Err(io::Error::other("not a regular file")),
        }),
    )
}

/// The text of a file that somebody named, which may be a pipe of a shell's.
pub(super) fn read_named(path: &Path) -> Found<String> {
    found(path, fs::read_to_string(path))
}

fn found(path: &Path, text: io::Result<String>) -> Found<String> {
    match text {
        Ok(text) => Ok(Some(text)),
        Err(error) => match error.kind() {
            // The folder may be missing, or even be a file: the name of standard input need not exist.
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(None),
            io::ErrorKind::InvalidData => Err(ConfigError::file(path, "the file is not UTF-8")),
            io::ErrorKind::IsADirectory => Err(ConfigError::file(path, "it is a folder, and no file of settings")),
            _ => Err(ConfigError::file(path, format!("can't be read: {error}"))),
        },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::cell::RefCell;

    use super::*;

    #[test]
    fn each_folder_is_looked_into_once() {
        let folders = Folders::<&str>::default();
        let seen = RefCell::new(Vec::new());
        let look: Look<'_, &str> = &|folder, above| {
            seen.borrow_mut().push(folder.to_owned());
            if folder == Path::new("/a") {
                return Ok(Some("here"));
            }
            above()
        };
        assert_eq!(folders.find(Path::new("/a/b/c/x"), look), Ok(Some("here")));
        assert_eq!(folders.find(Path::new("/a/b/y"), look), Ok(Some("here")));
        assert_eq!(folders.find(Path::new("/z/y"), look), Ok(None));
        let seen = seen.into_inner();
        assert_eq!(seen, ["/a/b/c", "/a/b", "/a", "/z", "/"].map(PathBuf::from));
    }

    #[test]
    fn no_more_folders_are_kept_than_there_is_room_for() {
        let folders = Folders::<&str>::default();
        let look: Look<'_, &str> = &|folder, above| if folder == Path::new("/a") { Ok(Some("here")) } else { above() };
        for nth in 0..MAX_KNOWN + 10 {
            assert_eq!(folders.find(&Path::new("/a").join(nth.to_string()).join("x"), look), Ok(Some("here")));
        }
        assert!(folders.known.lock().unwrap().len() < 20);
    }

    #[test]
    fn both_names_in_a_folder_are_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(own_file(folder.path()), Ok(None));
        fs::write(folder.path().join(".dockfix.toml"), "a").unwrap();
        let (path, text) = own_file(folder.path()).unwrap().unwrap();
        assert_eq!((path.ends_with(".dockfix.toml"), text.as_str()), (true, "a"));
        fs::write(folder.path().join("dockfix.toml"), "b").unwrap();
        let error = own_file(folder.path()).unwrap_err().to_string();
        assert!(error.ends_with("are in the same folder\nhelp: keep one of them"), "{error}");
    }

    #[test]
    fn unreadable_files_are_errors() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dockfix.toml");
        fs::write(&path, b"\xFF").unwrap();
        assert_eq!(read(&path).unwrap_err().message(), "the file is not UTF-8");
        assert_eq!(read(&path.join("x")), Ok(None));
        assert!(read(folder.path()).is_err());
    }
}
