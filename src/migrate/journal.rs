//! What was done, written down before it is done.
//!
//! Each line of `.dockfix/journal.jsonl` is a [`Record`], and stands on the disk before what it speaks of begins. So
//! whatever ends the program, the next one finds for every file that may have been touched what it was, what it was to
//! be, and how the one is made of the other again.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use anyhow::{anyhow, bail};
use fs4::FileExt;
use serde::{Deserialize, Serialize};

use super::{plan::Edit, store::Store};
use crate::files;

/// A line of the journal.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
pub(super) enum Record {
    /// A run begins.
    Begin(Begin),
    /// Files of a group are about to be written.
    Writing { group: String, files: Vec<Written> },
    /// All files of a group are written, and committed where that was asked for.
    Group {
        group: String,
        files: usize,
        passed_over: usize,
        commit: Option<String>,
        /// For a run that takes another back, the files that were passed over: they are still to be taken back.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        left: Vec<String>,
    },
    /// The run is at its end.
    End,
}

/// What is to be done in a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Begin {
    /// Which run it is, counted from 1.
    pub(super) run: usize,
    /// For one that takes another back, that one.
    pub(super) undoes: Option<usize>,
    /// The plan's file, and its digest.
    #[serde(with = "any_path")]
    pub(super) plan: PathBuf,
    pub(super) digest: String,
    /// The groups, in order.
    pub(super) groups: Vec<String>,
    /// Whether each group is committed.
    pub(super) commit: bool,
    /// Whether hooks are run.
    pub(super) hooks: bool,
    /// Whether commits that only lay out are left out of blame.
    pub(super) blame_ignore_revs: bool,
}

/// A file that is about to be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Written {
    pub(super) path: String,
    /// The digest of what it is.
    pub(super) before: String,
    /// The digest of what it is to be.
    pub(super) after: String,
    /// What makes it again what it is.
    pub(super) undo: Vec<Edit>,
}

/// A run, as far as it went.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) begin: Begin,
    /// Where in the journal files of which group are told.
    pub(super) writing: Vec<(String, u64)>,
    pub(super) done: Vec<Done>,
    pub(super) ended: bool,
}

/// A group that is done.
#[derive(Debug, Clone)]
pub(super) struct Done {
    pub(super) group: String,
    pub(super) files: usize,
    pub(super) passed_over: usize,
    pub(super) commit: Option<String>,
    pub(super) left: Vec<String>,
}

impl Run {
    /// What became of a group, once it is done.
    pub(super) fn done(&self, group: &str) -> Option<&Done> {
        self.done.iter().find(|it| it.group == group)
    }

    /// What became of a group when this run was taken back the last time.
    pub(super) fn undone<'r>(&self, group: &str, runs: &'r [Run]) -> Option<&'r Done> {
        runs.iter().rev().filter(|it| it.begin.undoes == Some(self.begin.run)).find_map(|it| it.done(group))
    }

    /// Whether anything was written or committed.
    pub(super) fn did_something(&self) -> bool {
        !self.writing.is_empty() || self.done.iter().any(|it| it.commit.is_some())
    }
}

/// The journal, open for more; no other program writes to it meanwhile.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// Held for as long as it is open.
    _lock: File,
    pub(super) runs: Vec<Run>,
}

impl Journal {
    /// Opens the journal. A line that was cut off when the program ended speaks of nothing that was begun, and is taken
    /// away.
    pub(super) fn open(store: &Store) -> anyhow::Result<Journal> {
        store.make()?;
        let path = store.journal();
        let wrong = |path: &Path, it: &io::Error| anyhow!("{}: {}", path.display(), files::reason(it));
        let lock_path = store.lock();
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&lock_path);
        let lock = lock.map_err(|it| wrong(&lock_path, &it))?;
        if FileExt::try_lock(&lock).is_err() {
            bail!("another `dockfix migrate` is at work here");
        }
        let file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path);
        let mut file = file.map_err(|it| wrong(&path, &it))?;
        let (runs, end) = read(&path, &mut file)?;
        file.set_len(end).map_err(|it| wrong(&path, &it))?;
        file.seek(SeekFrom::End(0)).map_err(|it| wrong(&path, &it))?;
        Ok(Journal { path, file, _lock: lock, runs })
    }

    /// Reads what there is, without touching it.
    pub(super) fn look(store: &Store) -> anyhow::Result<Vec<Run>> {
        let path = store.journal();
        match File::open(&path) {
            Ok(mut file) => Ok(read(&path, &mut file)?.0),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(anyhow!("{}: {}", path.display(), files::reason(&error))),
        }
    }

    /// Whether a program is at work that writes to it.
    pub(super) fn is_in_use(store: &Store) -> bool {
        File::open(store.lock()).is_ok_and(|it| FileExt::try_lock_shared(&it).is_err())
    }

    /// Writes a line, and does not come back before it is on the disk.
    pub(super) fn add(&mut self, record: &Record) -> anyhow::Result<()> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        let mut write = || -> io::Result<u64> {
            let at = self.file.seek(SeekFrom::End(0))?;
            self.file.write_all(&line)?;
            self.file.sync_data()?;
            Ok(at)
        };
        let at = write().map_err(|it| files::unwritable(&self.path, &it))?;
        note(&mut self.runs, record.clone(), at);
        Ok(())
    }

    /// The files of a group that a run was about to write, each once.
    pub(super) fn written(&self, run: &Run, group: &str) -> anyhow::Result<Vec<Written>> {
        let mut out: Vec<Written> = Vec::new();
        let mut known = std::collections::HashSet::new();
        let wrong = |it: io::Error| anyhow!("{}: {}", self.path.display(), files::reason(&it));
        let mut input = BufReader::new(File::open(&self.path).map_err(wrong)?);
        for (_, at) in run.writing.iter().filter(|it| it.0 == group) {
            let files = told(&mut input, *at).map_err(wrong)?;
            // What was begun before an interruption is told anew after it.
            out.extend(files.into_iter().filter(|it| known.insert(it.path.clone())));
        }
        Ok(out)
    }

    /// The files of a group that a run was about to write, and that no later one has taken back.
    pub(super) fn left(&self, run: &Run, group: &str) -> anyhow::Result<Vec<Written>> {
        let mut written = self.written(run, group)?;
        if let Some(undone) = run.undone(group, &self.runs) {
            let left: std::collections::HashSet<&String> = undone.left.iter().collect();
            written.retain(|it| left.contains(&it.path));
        }
        Ok(written)
    }
}

/// A path as a text that carries bytes that are no UTF-8, as everywhere in plans.
mod any_path {
    use std::path::{Path, PathBuf};

    use serde::{Deserialize, Deserializer, Serializer};

    use crate::{git, text};

    pub(super) fn serialize<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&text::decode(path.as_os_str().as_encoded_bytes()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
        Ok(git::path(&text::encode(&String::deserialize(deserializer)?)))
    }
}

/// All runs, and where the last whole line ends.
fn read(path: &Path, file: &mut File) -> anyhow::Result<(Vec<Run>, u64)> {
    let wrong = |it: io::Error| anyhow!("{}: {}", path.display(), files::reason(&it));
    let (mut runs, mut at, mut line) = (Vec::new(), 0, Vec::new());
    file.seek(SeekFrom::Start(0)).map_err(wrong)?;
    let mut input = BufReader::new(&mut *file);
    for number in 1.. {
        line.clear();
        let read = input.read_until(b'\n', &mut line).map_err(wrong)? as u64;
        if !line.ends_with(b"\n") {
            break;
        }
        let record = serde_json::from_slice(&line);
        let record = record.map_err(|it| anyhow!("{}:{number}: no line of a journal: {it}", path.display()))?;
        if runs.is_empty() && !matches!(record, Record::Begin(_)) {
            bail!("{}:{number}: no line of a journal: no run has begun", path.display());
        }
        note(&mut runs, record, at);
        at += read;
    }
    Ok((runs, at))
}

/// The files that the line at an offset tells; none where it tells something else.
pub(super) fn told(journal: &mut (impl BufRead + Seek), at: u64) -> io::Result<Vec<Written>> {
    let mut line = String::new();
    journal.seek(SeekFrom::Start(at))?;
    journal.read_line(&mut line)?;
    Ok(match serde_json::from_str(&line)? {
        Record::Writing { files, .. } => files,
        _ => Vec::new(),
    })
}

/// Notes a record that stands at an offset.
fn note(runs: &mut Vec<Run>, record: Record, at: u64) {
    let last = runs.last_mut();
    match (record, last) {
        (Record::Begin(begin), _) => {
            runs.push(Run { begin, writing: Vec::new(), done: Vec::new(), ended: false });
        }
        (Record::Writing { group, .. }, Some(run)) => run.writing.push((group, at)),
        (Record::Group { group, files, passed_over, commit, left }, Some(run)) => {
            run.done.push(Done { group, files, passed_over, commit, left });
        }
        (Record::End, Some(run)) => run.ended = true,
        (_, None) => {}
    }
}
