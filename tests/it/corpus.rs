//! The real files that lie beside a checkout, if they do.

use std::path::PathBuf;

/// The folder with `files/` and `buildkit.jsonl.gz`: `$DOCKFIX_CORPUS`, or `../shared/corpus`. Says a word where it is
/// missing, and gives `None`.
pub fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("DOCKFIX_CORPUS").map(PathBuf::from);
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let folder = named.unwrap_or(beside);
    if folder.join("files").is_dir() {
        return Some(folder);
    }
    eprintln!("no corpus at {}: its laws are not checked here", folder.display());
    None
}

/// Whether all files are to be taken, not only a sample.
pub fn all() -> bool {
    std::env::var_os("DOCKFIX_CORPUS_ALL").is_some()
}

/// The files, sorted by path: all of them where `DOCKFIX_CORPUS_ALL` is set, else every tenth.
pub fn files() -> Vec<(String, String)> {
    let Some(folder) = folder() else {
        return Vec::new();
    };
    let root = folder.join("files");
    let mut paths = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(entry.path()),
                false => paths.push(entry.path()),
            }
        }
    }
    paths.sort();
    // An empty corpus must not pass for a good one.
    assert!(paths.len() >= 1_000, "only {} files in the corpus", paths.len());
    let step = if all() { 1 } else { 10 };
    let name = |path: &PathBuf| path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
    let taken = paths.iter().step_by(step);
    taken.map(|path| (name(path), dockfix::text::decode(&std::fs::read(path).unwrap()).into_owned())).collect()
}
