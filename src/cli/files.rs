//! Which files are worked on.

use std::{
    io,
    path::{Path, PathBuf},
};

use ignore::WalkBuilder;

use crate::config::Resolver;

/// A path that cannot be worked on, and why.
pub(super) type Bad = (PathBuf, String);

/// The files that the paths of the command line stand for, sorted; what is named is always taken.
pub(super) fn find(paths: &[PathBuf], resolver: &Resolver) -> (Vec<PathBuf>, Vec<Bad>) {
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
    files.dedup();
    (files, bad)
}

/// An error of the system in words, without its number.
pub(super) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

fn walk(root: &Path, resolver: &Resolver, files: &mut Vec<PathBuf>, bad: &mut Vec<Bad>) {
    for entry in WalkBuilder::new(root).require_git(false).build() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                bad.push((root.to_owned(), error.to_string()));
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
            // A dangling link or a pipe in a folder is nobody's Dockerfile, but a link to a file is one.
            Ok(false) if path.is_file() => files.push(path.strip_prefix("./").unwrap_or(path).to_owned()),
            Ok(false) => {}
            Err(error) => bad.push((path.to_owned(), error.to_string())),
        }
    }
}

/// Ends of names that say that a file is made into a Dockerfile, or is a copy of one.
const OTHERS: &[&str] = &[
    ".dockerignore",
    ".j2",
    ".jinja",
    ".jinja2",
    ".tpl",
    ".tmpl",
    ".template",
    ".erb",
    ".m4",
    ".in",
    ".swp",
    ".orig",
    ".rej",
    ".bak",
    "~",
    ".md",
];

/// Whether a name is one that Dockerfiles have.
fn is_dockerfile(path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|it| it.to_str()) else { return false };
    if OTHERS.iter().any(|it| name.ends_with(it)) {
        return false;
    }
    let stem = |stem: &str| {
        name.strip_prefix(stem).is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || rest.starts_with('-'))
    };
    let ends = [".Dockerfile", ".dockerfile", ".Containerfile", ".containerfile"];
    stem("Dockerfile") || stem("dockerfile") || stem("Containerfile") || ends.iter().any(|it| name.ends_with(it))
}
