//! Does what a plan says, group by group, and goes on where it was interrupted.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};

use super::{
    Event, blame,
    index::Plan,
    journal::{Begin, Journal, Record, Run},
    message,
    store::Store,
    undo,
    write::{self, relative},
};
use crate::{
    files,
    git::{Commit, Git},
};

/// How a plan is applied.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Each group becomes a commit.
    pub commit: bool,
    /// Hooks of git that can refuse a commit are run.
    pub hooks: bool,
    /// Commits that only lay out are written into `.git-blame-ignore-revs`, which becomes a commit at the end.
    pub blame_ignore_revs: bool,
}

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    /// Groups that were worked on.
    pub groups: usize,
    /// Files that were written, each counted once, however many groups change it.
    pub files: usize,
    /// Files of which all was already as it was to be.
    pub already: usize,
    /// Files that were passed over, in one group at least.
    pub passed_over: usize,
    /// Commits that were made.
    pub commits: usize,
    /// Whether an earlier run was taken back.
    pub takes_back: bool,
}

/// Applies groups of a plan; all where none is named.
pub fn apply(
    store: &Store,
    plan: &mut Plan,
    names: &[String],
    options: Options,
    tell: &mut dyn FnMut(Event<'_>),
) -> anyhow::Result<Done> {
    let mut journal = Journal::open(store)?;
    refuse_unfinished(&journal.runs)?;
    let groups: Vec<String> = plan.select(names)?.into_iter().map(|it| it.name.clone()).collect();
    if options.commit {
        let git = repository(store)?;
        let mut paths = Vec::new();
        for place in groups.iter().flat_map(|it| plan.places(it)).collect::<std::collections::BTreeSet<_>>() {
            paths.extend(relative(&plan.row(place)?.path).filter(|it| store.root.join(it).exists()));
        }
        if options.blame_ignore_revs
            && let Ok(list) = store.root.join(blame::FILE).symlink_metadata()
        {
            if !list.is_file() {
                bail!("{}: it is no regular file; nothing was done", blame::FILE);
            }
            paths.push(PathBuf::from(blame::FILE));
        }
        refuse_dirty(&git, &paths)?;
    }
    let begin = Begin {
        run: journal.runs.len() + 1,
        undoes: None,
        plan: absolute(&plan.path)?,
        digest: plan.digest.clone(),
        groups,
        commit: options.commit,
        hooks: options.hooks,
        blame_ignore_revs: options.blame_ignore_revs,
    };
    journal.add(&Record::Begin(begin))?;
    Worker::new(store, journal, tell)?.apply(plan, false)
}

/// Goes on with the run that was interrupted; nothing where none was. Hooks are run where that run is to run them, and
/// `hooks` says so as well.
pub fn resume(store: &Store, hooks: bool, tell: &mut dyn FnMut(Event<'_>)) -> anyhow::Result<Option<Done>> {
    let journal = Journal::open(store)?;
    let Some(run) = journal.runs.last().filter(|it| !it.ended).cloned() else { return Ok(None) };
    let mut paths = Vec::new();
    for group in run.begin.groups.iter().filter(|it| run.done(it).is_none()) {
        paths.extend(journal.written(&run, group)?.into_iter().map(|it| it.path));
    }
    let swept = write::sweep(&store.root, paths.iter().map(String::as_str));
    tell(Event::Swept { files: swept });
    let mut worker = Worker::new(store, journal, tell)?;
    worker.begin.hooks &= hooks;
    if let Some(of) = run.begin.undoes {
        return worker.undo(of, true).map(Some);
    }
    let mut plan = Plan::read(&run.begin.plan)?;
    if plan.digest != run.begin.digest {
        bail!(
            "{}: it is not the plan that was being applied; `dockfix migrate undo` takes back what was done of that",
            run.begin.plan.display()
        );
    }
    worker.apply(&mut plan, true).map(Some)
}

fn refuse_unfinished(runs: &[Run]) -> anyhow::Result<()> {
    if runs.last().is_some_and(|it| !it.ended) {
        bail!("an earlier run was interrupted: `dockfix migrate resume` goes on with it, `undo` takes it back");
    }
    Ok(())
}

/// Whether a run was interrupted that needs its plan.
pub fn is_unfinished(store: &Store) -> anyhow::Result<bool> {
    Ok(Journal::look(store)?.last().is_some_and(|it| !it.ended))
}

/// The repository, ready for commits.
pub(super) fn repository(store: &Store) -> anyhow::Result<Git> {
    let git = Git::around(&store.root)?;
    if let Some(what) = git.is_busy()? {
        bail!("{what} is in progress: end it first");
    }
    Ok(git)
}

/// So many files are named in an error.
const NAMED: usize = 20;

pub(super) fn refuse_dirty(git: &Git, paths: &[PathBuf]) -> anyhow::Result<()> {
    let dirty = git.dirty(paths)?;
    if dirty.is_empty() {
        return Ok(());
    }
    let mut names: Vec<String> = dirty.iter().take(NAMED).map(|it| format!("  {}", it.display())).collect();
    if dirty.len() > NAMED {
        names.push(format!("  … and {} more", dirty.len() - NAMED));
    }
    bail!("files differ from the last commit, or git does not know them; nothing was done\n{}", names.join("\n"))
}

fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    std::path::absolute(path).map_err(|it| anyhow::anyhow!("{}: {}", path.display(), files::reason(&it)))
}

/// Does the groups of the journal's last run.
pub(super) struct Worker<'a> {
    store: &'a Store,
    journal: Journal,
    git: Option<Git>,
    begin: Begin,
    done: Done,
    written: HashSet<PathBuf>,
    already: HashSet<PathBuf>,
    passed_over: HashSet<String>,
    tell: &'a mut dyn FnMut(Event<'_>),
}

impl<'a> Worker<'a> {
    pub(super) fn new(
        store: &'a Store,
        journal: Journal,
        tell: &'a mut dyn FnMut(Event<'_>),
    ) -> anyhow::Result<Worker<'a>> {
        let begin = journal.runs.last().map(|it| it.begin.clone()).context("the journal is empty")?;
        let git = if begin.commit { Some(repository(store)?) } else { None };
        let (written, already, passed_over) = Default::default();
        Ok(Worker { store, journal, git, begin, done: Done::default(), written, already, passed_over, tell })
    }

    /// Whether a group was done before the interruption.
    fn is_done(&self, group: &str) -> bool {
        self.journal.runs.last().is_some_and(|it| it.done(group).is_some())
    }

    fn apply(mut self, plan: &mut Plan, resumes: bool) -> anyhow::Result<Done> {
        let total = self.begin.groups.len();
        for (nth, name) in self.begin.groups.clone().into_iter().enumerate() {
            if self.is_done(&name) {
                continue;
            }
            let Some(group) = plan.groups.iter().find(|it| it.name == name).cloned() else { continue };
            (self.tell)(Event::Group { name: &name, files: group.files, nth: nth + 1, of: total });
            let places = plan.places(&name);
            let changes = places.into_iter().filter_map(|it| plan.change(it, &name).transpose());
            let outcome = write::write(&self.store.root, &mut self.journal, &name, changes, self.tell)?;
            let by = plan.head.asked.group_by;
            self.group(&name, outcome, resumes, |files, left| message::of(&group, by, files, left))?;
        }
        if self.begin.blame_ignore_revs {
            self.ignore_in_blame(plan)?;
        }
        self.end()
    }

    pub(super) fn undo(mut self, of: usize, resumes: bool) -> anyhow::Result<Done> {
        self.done.takes_back = true;
        let run = self.journal.runs.iter().find(|it| it.begin.run == of).cloned();
        let run = run.context("the journal does not tell of the run that is to be taken back")?;
        let total = self.begin.groups.len();
        for (nth, name) in self.begin.groups.clone().into_iter().enumerate() {
            if self.is_done(&name) {
                continue;
            }
            let written = self.journal.left(&run, &name)?;
            if written.is_empty() {
                continue;
            }
            (self.tell)(Event::Group { name: &name, files: written.len(), nth: nth + 1, of: total });
            let changes = written.into_iter().map(|it| Ok(undo::back(it)));
            let mut outcome = write::write(&self.store.root, &mut self.journal, &name, changes, self.tell)?;
            let commit = run.done(&name).and_then(|it| it.commit.clone());
            if !resumes
                && let (Some(git), Some(commit)) = (&self.git, &commit)
                && !git.is_in_head(commit)?
            {
                undo::leave(&mut outcome, commit, self.tell);
            }
            let subject = commit.as_deref().and_then(|it| self.git.as_ref()?.subject(it).ok().flatten());
            self.group(&name, outcome, resumes || commit.is_none(), |files, left| {
                message::revert(&name, commit.as_deref(), subject.as_deref(), files, left)
            })?;
        }
        self.end()
    }

    /// Ends a group whose files are written: commits them where that is asked for, and writes down that it is done.
    fn group(
        &mut self,
        name: &str,
        outcome: write::Outcome,
        asks: bool,
        message: impl Fn(usize, usize) -> String,
    ) -> anyhow::Result<()> {
        let write::Outcome { written, already, passed_over } = outcome;
        let (files, left) = (written.len() + already.len(), passed_over.len());
        self.done.groups += 1;
        self.written.extend(written.iter().cloned());
        self.already.extend(already.iter().cloned());
        self.passed_over.extend(passed_over.iter().cloned());
        let mut commit = None;
        if let Some(git) = &self.git {
            let mut paths = written;
            if asks {
                // It may have been committed before the interruption, by a git that outlived it.
                git.wait()?;
                paths.extend(already);
                let all = paths.clone();
                paths = git.dirty(&paths)?;
                if !all.is_empty() && paths.is_empty() {
                    commit = made_before(git, &all, &message(files, left))?;
                }
            }
            if !paths.is_empty() {
                paths.sort();
                let words = message(files, left);
                let way = match self.begin.undoes {
                    Some(_) => "`dockfix migrate resume` goes on, with `--no-verify` past hooks",
                    None => "`dockfix migrate resume` tries again, `undo` takes them back",
                };
                let made = commit_all(self.store, git, &paths, &words, self.begin.hooks)
                    .with_context(|| format!("group {name}: its files are written and not committed; {way}"))?;
                if let Some(made) = &made {
                    (self.tell)(Event::Committed { group: name, commit: made });
                    self.done.commits += 1;
                }
                commit = made;
            }
        }
        let takes_back = self.begin.undoes.is_some();
        self.journal.add(&Record::Group {
            group: name.to_owned(),
            files,
            passed_over: left,
            commit,
            left: if takes_back { passed_over } else { Vec::new() },
        })
    }

    /// Writes the commits of this run that only lay out into `.git-blame-ignore-revs`, and commits that.
    fn ignore_in_blame(&mut self, plan: &Plan) -> anyhow::Result<()> {
        let (Some(git), Some(run)) = (&self.git, self.journal.runs.last()) else { return Ok(()) };
        let by = plan.head.asked.group_by;
        let lays_out = plan.groups.iter().filter(|it| it.layout_only);
        let revisions: Vec<(String, String)> =
            lays_out.filter_map(|it| Some((run.done(&it.name)?.commit.clone()?, message::subject(it, by)))).collect();
        if revisions.is_empty() {
            return Ok(());
        }
        blame::add(&self.store.root, &revisions)?;
        let file = PathBuf::from(blame::FILE);
        if !git.dirty(std::slice::from_ref(&file))?.is_empty() {
            git.wait()?;
            git.add(&file)?;
            if let Some(made) = commit_all(self.store, git, &[file], blame::MESSAGE, self.begin.hooks)? {
                (self.tell)(Event::Committed { group: blame::FILE, commit: &made });
                self.done.commits += 1;
            }
        }
        Ok(())
    }

    fn end(mut self) -> anyhow::Result<Done> {
        // They are left behind where the program ended while git was reading them.
        let _ = std::fs::remove_file(self.store.message());
        let _ = std::fs::remove_file(self.store.names());
        self.journal.add(&Record::End)?;
        self.done.files = self.written.len();
        self.done.already = self.already.difference(&self.written).count();
        self.done.passed_over = self.passed_over.len();
        Ok(self.done)
    }
}

/// The commit with a message that has changed some files already, if the last one that did is that.
fn made_before(git: &Git, paths: &[PathBuf], message: &str) -> anyhow::Result<Option<String>> {
    let Some(commit) = git.last_commit_of(paths)? else { return Ok(None) };
    // A hook may have put something before it.
    let first = message.lines().next().unwrap_or_default();
    Ok(git.subject(&commit)?.is_some_and(|it| it.contains(first)).then_some(commit))
}

/// Commits files with a message. There is no commit where git finds nothing to commit: it may be told to take line ends
/// for the same.
fn commit_all(
    store: &Store,
    git: &Git,
    paths: &[PathBuf],
    message: &str,
    hooks: bool,
) -> anyhow::Result<Option<String>> {
    let file = store.message();
    std::fs::write(&file, message).map_err(|it| files::unwritable(&file, &it))?;
    let commit = Commit { paths, list: &store.names(), message: &file, hooks };
    let first = git.commit_only(&commit);
    let made = match first {
        Ok(made) => Ok(Some(made)),
        // Another git had the index, perhaps one that an interrupted run has left behind.
        Err(_) if git.wait()? && git.dirty(paths)?.is_empty() => made_before(git, paths, message),
        Err(error) if format!("{error:#}").contains("index.lock") => git.commit_only(&commit).map(Some),
        Err(error) => Err(error),
    };
    let _ = std::fs::remove_file(&file);
    let _ = std::fs::remove_file(store.names());
    made
}
