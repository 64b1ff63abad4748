//! Takes back what was applied.

use std::collections::{BTreeSet, HashSet};

use anyhow::bail;

use super::{
    Event,
    apply::{Done, Worker, refuse_dirty, repository},
    index::Change,
    journal::{Begin, Journal, Record, Run, Written},
    store::Store,
    write::{self, Next, Outcome, relative},
};
use crate::{
    git::{self, Git},
    text,
};

/// Takes back the last run that was not taken back yet, where files are untouched since; nothing where there is none.
/// Files that are passed over are tried again the next time. What was committed is taken back by commits.
pub fn undo(store: &Store, hooks: bool, tell: &mut dyn FnMut(Event<'_>)) -> anyhow::Result<Option<Done>> {
    let mut journal = Journal::open(store)?;
    if let Some(run) = journal.runs.last().filter(|it| !it.ended && it.begin.undoes.is_some()) {
        bail!(
            "run {} is being taken back; `dockfix migrate resume` goes on with it",
            run.begin.undoes.unwrap_or_default()
        );
    }
    let open: Vec<&Run> = open(&journal.runs).collect();
    let mut run = None;
    for one in &open {
        // What could not be taken back before does not keep earlier runs from it.
        if !was_tried(one, &journal.runs) || can_go_on(store, &journal, one)? {
            run = Some((*one).clone());
            break;
        }
    }
    let Some(run) = run else {
        return match open.is_empty() {
            true => Ok(None),
            false => still_left(store, &journal, &open, tell).map(Some),
        };
    };
    let mut written: Vec<Written> = Vec::new();
    for group in &run.begin.groups {
        written.extend(journal.left(&run, group)?);
    }
    write::sweep(&store.root, written.iter().map(|it| it.path.as_str()));
    if run.begin.commit {
        let git = repository(store)?;
        // Where the run was interrupted before a commit, the files of that one differ because of the run.
        let (mut paths, mut differ) = (Vec::new(), HashSet::new());
        for group in &run.begin.groups {
            let files = journal.left(&run, group)?;
            let files = files.iter().filter_map(|it| relative(&it.path));
            match run.done(group) {
                Some(done) if done.commit.is_some() => paths.extend(files),
                _ => differ.extend(files),
            }
        }
        // A file that is gone is passed over, and keeps no other from being taken back.
        paths.retain(|it| !differ.contains(it) && store.root.join(it).symlink_metadata().is_ok());
        refuse_dirty(&git, &paths)?;
    }
    let begin = Begin {
        run: journal.runs.len() + 1,
        undoes: Some(run.begin.run),
        groups: run.begin.groups.iter().rev().cloned().collect(),
        hooks,
        blame_ignore_revs: false,
        ..run.begin.clone()
    };
    let of = run.begin.run;
    journal.add(&Record::Begin(begin))?;
    Worker::new(store, journal, tell)?.undo(of, false).map(Some)
}

/// The runs of which something is left to take back, the last one first. One that came to its end and did nothing
/// leaves nothing.
fn open(runs: &[Run]) -> impl Iterator<Item = &Run> {
    let is_open = |run: &Run| {
        let is_left = |it: &String| run.undone(it, runs).is_some_and(|it| !it.left.is_empty());
        match was_tried(run, runs) {
            true => run.begin.groups.iter().any(is_left),
            false => !run.ended || run.did_something(),
        }
    };
    runs.iter().rev().filter(move |it| it.begin.undoes.is_none() && is_open(it))
}

/// Whether a run was taken back, be it in part.
fn was_tried(run: &Run, runs: &[Run]) -> bool {
    runs.iter().any(|it| it.begin.undoes == Some(run.begin.run))
}

/// What takes a file back.
pub(super) fn back(written: Written) -> Change {
    let Written { path, before, after, undo } = written;
    Change { path, before: after, after: before, edits: undo, earlier: Vec::new(), later: Vec::new() }
}

/// Whether anything that is left of a run can be taken back now.
fn can_go_on(store: &Store, journal: &Journal, run: &Run) -> anyhow::Result<bool> {
    let git = if run.begin.commit { Some(Git::around(&store.root)?) } else { None };
    for group in &run.begin.groups {
        let is_here = match (&git, run.done(group).and_then(|it| it.commit.as_ref())) {
            (Some(git), Some(commit)) => git.is_in_head(commit)?,
            _ => true,
        };
        for written in journal.left(run, group)? {
            match write::next(&store.root, &back(written), true) {
                Next::Write(_) => return Ok(true),
                Next::Already(_) if is_here => return Ok(true),
                _ => {}
            }
        }
    }
    Ok(false)
}

/// Tells of each file that is left of some runs why it is.
fn still_left(
    store: &Store,
    journal: &Journal,
    runs: &[&Run],
    tell: &mut dyn FnMut(Event<'_>),
) -> anyhow::Result<Done> {
    let mut left = BTreeSet::new();
    for run in runs {
        for group in run.begin.groups.iter().rev() {
            for written in journal.left(run, group)? {
                let why = match write::next(&store.root, &back(written.clone()), true) {
                    Next::PassOver(why) => why,
                    _ => elsewhere(run.done(group).and_then(|it| it.commit.as_deref()).unwrap_or_default()),
                };
                tell(Event::PassedOver { path: &written.path, why: &why });
                left.insert(written.path);
            }
        }
    }
    Ok(Done { passed_over: left.len(), takes_back: true, ..Done::default() })
}

/// Leaves files for later that are what they were because their commit is on another branch.
pub(super) fn leave(outcome: &mut Outcome, commit: &str, tell: &mut dyn FnMut(Event<'_>)) {
    for path in std::mem::take(&mut outcome.already) {
        let path = text::decode(path.as_os_str().as_encoded_bytes()).into_owned();
        tell(Event::PassedOver { path: &path, why: &elsewhere(commit) });
        outcome.passed_over.push(path);
    }
}

fn elsewhere(commit: &str) -> String {
    format!("commit {} is not in this branch", git::short(commit))
}
