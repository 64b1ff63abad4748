//! Which files are worked on.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use ignore::{DirEntry, WalkBuilder, WalkState};

use super::{TEMP_PREFIX, is_dockerfile, reason};
use crate::config::Resolver;

/// A path that cannot be worked on, and why.
pub type Bad = (PathBuf, String);

/// What the paths of a command line stand for.
#[derive(Debug, Default)]
pub struct Found {
    /// The files to work on, sorted.
    pub files: Vec<PathBuf>,
    /// The paths that can't be worked on.
    pub bad: Vec<Bad>,
    /// Files that a run may have left that was broken off while it wrote; see [`super::remove_leftover`].
    pub leftovers: Vec<PathBuf>,
}

/// Finds what paths stand for: what is named is taken, unless it is excluded and `force-exclude` is set.
pub fn find(paths: &[PathBuf], resolver: &Resolver) -> Found {
    let mut found = Found::default();
    let Found { files, bad, leftovers } = &mut found;
    // Below one folder each file has one name, where no link is among them: links to folders are not followed.
    let mut has_names = paths.len() > 1;
    for path in paths {
        match std::fs::metadata(path) {
            Ok(meta) if meta.is_dir() => {
                let below = walk(path, resolver);
                files.extend(below.found.files);
                bad.extend(below.found.bad);
                leftovers.extend(below.found.leftovers);
                has_names |= below.has_links;
            }
            // Where settings are wrong, whoever works on the file says so.
            Ok(meta) if meta.is_file() => match resolver.is_force_excluded(path) {
                Ok(true) => {}
                Ok(false) | Err(_) => files.push(path.clone()),
            },
            Ok(_) => bad.push((path.clone(), "not a regular file".to_owned())),
            Err(error) => bad.push((path.clone(), missing(path, &error))),
        }
    }
    found.files.sort();
    if has_names {
        found.files = once_each(found.files);
    }
    found
}

/// Why a path cannot be taken. A shell has globs become names, where they stand without quotes.
fn missing(path: &Path, error: &io::Error) -> String {
    let is_glob = error.kind() == io::ErrorKind::NotFound && path.to_string_lossy().contains(['*', '?', '[']);
    let glob = if is_glob { "; globs are left to the shell, without quotes" } else { "" };
    format!("{}{glob}", reason(error))
}

/// Takes each file once, though it has several names; a name that is no link is preferred.
fn once_each(files: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut places: HashMap<PathBuf, usize> = HashMap::new();
    let mut taken: Vec<PathBuf> = Vec::with_capacity(files.len());
    for path in files {
        let Ok(real) = std::fs::canonicalize(&path) else {
            // It vanished; whoever reads it will say so.
            taken.push(path);
            continue;
        };
        match places.get(&real) {
            Some(at) if taken[*at].is_symlink() && !path.is_symlink() => taken[*at] = path,
            Some(_) => {}
            None => {
                places.insert(real, taken.len());
                taken.push(path);
            }
        }
    }
    taken.sort();
    taken
}

/// What stands below a folder.
#[derive(Default)]
struct Below {
    found: Found,
    /// Whether a link is among the files.
    has_links: bool,
}

/// Walks a folder on several threads, for most of the time goes by waiting for the system.
fn walk(root: &Path, resolver: &Resolver) -> Below {
    // Hidden folders hold Dockerfiles too: `.devcontainer`, `.github`.
    let mut builder = WalkBuilder::new(root);
    builder.require_git(false).hidden(false).filter_entry(|it| !STORES.iter().any(|name| it.file_name() == *name));
    let below = Mutex::new(Below::default());
    builder.build_parallel().run(|| {
        Box::new(|entry| {
            // What a thread that panicked left behind is whole, because each thing is added in one step.
            let lock = || below.lock().unwrap_or_else(PoisonError::into_inner);
            match entry {
                Ok(entry) if is_wanted(&entry, resolver) => {
                    let path = entry.path();
                    let mut below = lock();
                    below.has_links |= entry.path_is_symlink();
                    below.found.files.push(path.strip_prefix("./").unwrap_or(path).to_owned());
                }
                Ok(entry) if entry.file_name().as_encoded_bytes().starts_with(TEMP_PREFIX.as_bytes()) => {
                    lock().found.leftovers.push(entry.into_path());
                }
                Ok(_) => {}
                Err(error) => {
                    let why = error.io_error().map_or_else(|| error.to_string(), reason);
                    lock().found.bad.push((place(&error).unwrap_or(root).to_owned(), why));
                }
            }
            WalkState::Continue
        })
    });
    let mut below = below.into_inner().unwrap_or_else(PoisonError::into_inner);
    below.found.bad.sort();
    below
}

/// Whether an entry of a folder is a file that is worked on.
fn is_wanted(entry: &DirEntry, resolver: &Resolver) -> bool {
    let path = entry.path();
    let included = || resolver.settings_for(path).is_ok_and(|it| it.include.is_match(path));
    if entry.file_type().is_some_and(|it| it.is_dir()) || !(is_dockerfile(path) || included()) {
        return false;
    }
    match resolver.is_excluded(path) {
        Ok(true) => false,
        // A dangling link or a pipe in a folder is nobody's Dockerfile, but a link to a file is one. Where settings are
        // wrong, whoever works on the file says so.
        Ok(false) | Err(_) => entry.file_type().is_some_and(|it| it.is_file()) || path.is_file(),
    }
}

/// Where an error of walking is.
fn place(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => place(err),
        _ => None,
    }
}

/// Where version control keeps its own files.
const STORES: &[&str] = &[".git", ".hg", ".jj", ".svn"];
