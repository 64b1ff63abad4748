//! Writes the files of a group, each at once, after the journal says so.

use std::{
    fs,
    io::{self, ErrorKind},
    path::{Component, Path, PathBuf},
};

use anyhow::bail;

use super::{
    Event, digest,
    index::Change,
    journal::{Journal, Record, Written},
    steps::{apply, inverse},
};
use crate::{files, text};

/// So many files are told in one line of the journal: it is put on the disk once for all of them.
const BATCH: usize = 64;

/// What became of the files of a group.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Files that were written.
    pub(super) written: Vec<PathBuf>,
    /// Files that were already what they were to be.
    pub(super) already: Vec<PathBuf>,
    /// Those that were passed over, as they are named in the plan.
    pub(super) passed_over: Vec<String>,
}

/// A file that is ready to be written.
pub(super) struct Ready {
    path: PathBuf,
    old: Vec<u8>,
    new: Vec<u8>,
    record: Written,
}

/// What is to become of a file.
pub(super) enum Next {
    Write(Box<Ready>),
    Already(PathBuf),
    PassOver(String),
}

/// A path of a plan as one of this system: it leads nowhere but down.
pub(super) fn relative(path: &str) -> Option<PathBuf> {
    let bytes = text::encode(path);
    let path = crate::git::path(&bytes);
    let down = |it: Component<'_>| matches!(it, Component::Normal(_));
    (path.components().next().is_some() && path.components().all(down)).then_some(path)
}

/// Writes files. A file that is not what it has to be is passed over with a word; the error is one of the system that
/// others will not fare better with.
pub(super) fn write(
    root: &Path,
    journal: &mut Journal,
    group: &str,
    changes: impl Iterator<Item = anyhow::Result<Change>>,
    tell: &mut dyn FnMut(Event<'_>),
) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::default();
    let mut changes = changes.peekable();
    let takes_back = journal.runs.last().is_some_and(|it| it.begin.undoes.is_some());
    while changes.peek().is_some() {
        let mut ready = Vec::new();
        for change in changes.by_ref().take(BATCH) {
            let change = change?;
            match next(root, &change, takes_back) {
                Next::Write(it) => ready.push(*it),
                Next::Already(path) => outcome.already.push(path),
                Next::PassOver(why) => {
                    tell(Event::PassedOver { path: &change.path, why: &why });
                    outcome.passed_over.push(change.path);
                }
            }
        }
        if ready.is_empty() {
            continue;
        }
        let files = ready.iter().map(|it| it.record.clone()).collect();
        journal.add(&Record::Writing { group: group.to_owned(), files })?;
        for Ready { path, old, new, record } in ready {
            match files::replace(&root.join(&path), &old, &new) {
                Ok(()) => {
                    tell(Event::Written { path: &record.path });
                    outcome.written.push(path);
                }
                Err(error) if is_of_one_file(&error) => {
                    tell(Event::PassedOver { path: &record.path, why: &files::reason(&error) });
                    outcome.passed_over.push(record.path);
                }
                Err(error) => bail!("{}: cannot be written: {}", record.path, files::reason(&error)),
            }
        }
    }
    Ok(outcome)
}

/// Whether an error speaks of one file alone, and others may be written.
fn is_of_one_file(error: &io::Error) -> bool {
    use ErrorKind::{IsADirectory, NotADirectory, NotFound, Other, PermissionDenied};
    // What `files` itself objects to has no number of the system.
    let own = error.raw_os_error().is_none() && error.kind() == Other;
    own || matches!(error.kind(), NotFound | PermissionDenied | NotADirectory | IsADirectory)
}

/// Looks at a file, which is to be changed by the plan, or to be taken back to what it was.
pub(super) fn next(root: &Path, change: &Change, takes_back: bool) -> Next {
    let since = if takes_back { "it was written" } else { "the plan was made" };
    let Some(path) = relative(&change.path) else {
        return Next::PassOver("the path leads out of the root".to_owned());
    };
    let full = root.join(&path);
    match fs::canonicalize(&full) {
        Ok(real) if real != full => return Next::PassOver(format!("it is a link since {since}")),
        Ok(_) => {}
        Err(error) => return Next::PassOver(files::reason(&error)),
    }
    let old = match files::read(&full) {
        Ok(old) => old,
        Err(why) => return Next::PassOver(why),
    };
    let found = digest::hex(&old);
    if found == change.after || (found != change.before && change.later.contains(&found)) {
        return Next::Already(path);
    }
    if found != change.before {
        let early = change.earlier.contains(&found);
        let changed = || format!("it changed since {since}");
        return Next::PassOver(if early { "an earlier group comes first".to_owned() } else { changed() });
    }
    if full.metadata().is_ok_and(|it| it.permissions().readonly()) {
        return Next::PassOver("it is read-only".to_owned());
    }
    let new = apply(&old, &change.edits).filter(|it| digest::hex(it) == change.after);
    match (new, inverse(&old, &change.edits)) {
        (Some(new), Some(undo)) => {
            let Change { path: name, before, after, .. } = change.clone();
            Next::Write(Box::new(Ready { path, old, new, record: Written { path: name, before, after, undo } }))
        }
        _ if takes_back => Next::PassOver("what the journal says does not make it what it was".to_owned()),
        _ => Next::PassOver("the plan's edits do not make what the plan says; plan anew".to_owned()),
    }
}

/// Takes away what was left half-written in the folders of files, and says how many there were.
pub(super) fn sweep<'a>(root: &Path, files: impl Iterator<Item = &'a str>) -> usize {
    let folder = |it: &str| relative(it).and_then(|it| it.parent().map(|it| root.join(it)));
    let mut folders: Vec<PathBuf> = files.filter_map(folder).collect();
    folders.push(root.to_owned());
    folders.push(root.join(super::FOLDER));
    folders.sort();
    folders.dedup();
    let entries = folders.iter().filter_map(|it| fs::read_dir(it).ok()).flatten().flatten();
    entries.filter(|it| files::remove_leftover(&it.path())).count()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn paths_lead_down() {
        assert_eq!(relative("a/b"), Some(PathBuf::from("a/b")));
        for bad in ["", "..", "a/../../b", "/a", "./.."] {
            assert_eq!(relative(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_files_of_our_own_are_swept() {
        let folder = tempfile::tempdir().unwrap();
        let names = [".dockfix-tmp-abc123", ".dockfix-tmp-abc1234", ".dockfix-tmp-", ".dockfix-baseline.json"];
        fs::create_dir(folder.path().join("a")).unwrap();
        for name in names {
            fs::write(folder.path().join("a").join(name), "").unwrap();
        }
        assert_eq!(sweep(folder.path(), ["a/Dockerfile", "b/Dockerfile"].into_iter()), 1);
        assert!(!folder.path().join("a").join(names[0]).exists());
        assert_eq!(fs::read_dir(folder.path().join("a")).unwrap().count(), 3);
    }
}
