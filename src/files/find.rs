//! Which files are worked on.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use ignore::WalkBuilder;

use super::{is_dockerfile, reason};
use crate::config::Resolver;

/// A path that cannot be worked on, and why.
pub type Bad = (PathBuf, String);

/// The files that the paths of the command line stand for, sorted; what is named is always taken.
pub fn find(paths: &[PathBuf], resolver: &Resolver) -> (Vec<PathBuf>, Vec<Bad>) {
    let (mut files, mut bad) = (Vec::new(), Vec::new());
    for path in paths {
        match std::fs::metadata(path) {
            Ok(meta) if meta.is_dir() => walk(path, resolver, &mut files, &mut bad),
            Ok(meta) if meta.is_file() => files.push(path.clone()),
            Ok(_) => bad.push((path.clone(), "not a regular file".to_owned())),
            Err(error) => bad.push((path.clone(), reason(&error))),
        }
    }
    files.sort();
    (once_each(files), bad)
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

fn walk(root: &Path, resolver: &Resolver, files: &mut Vec<PathBuf>, bad: &mut Vec<Bad>) {
    // Hidden folders hold Dockerfiles too: `.devcontainer`, `.github`.
    let mut builder = WalkBuilder::new(root);
    builder.require_git(false).hidden(false).filter_entry(|it| !STORES.iter().any(|name| it.file_name() == *name));
    for entry in builder.build() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let why = error.io_error().map_or_else(|| error.to_string(), reason);
                bad.push((place(&error).unwrap_or(root).to_owned(), why));
                continue;
            }
        };
        let path = entry.path();
        let included = || resolver.settings_for(path).is_ok_and(|it| it.include.is_match(path));
        if entry.file_type().is_some_and(|it| it.is_dir()) || !(is_dockerfile(path) || included()) {
            continue;
        }
        match resolver.is_excluded(path) {
            Ok(true) => {}
            // A dangling link or a pipe in a folder is nobody's Dockerfile, but a link to a file is one. Where settings
            // are wrong, whoever works on the file says so.
            Ok(false) | Err(_) if path.is_file() => files.push(path.strip_prefix("./").unwrap_or(path).to_owned()),
            Ok(false) | Err(_) => {}
        }
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
