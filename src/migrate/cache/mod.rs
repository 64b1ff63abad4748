//! What was planned before, so that another plan looks only at what changed.
//!
//! A cache is a text with a line for each file, sorted by name, for each way of dividing a file's changes into steps.
//! It is read beside the files, which are sorted too, and a new one is merged of it and of what was found out; so
//! neither is ever whole in memory. The new one takes the place of the old at once, at the end: whoever is killed
//! leaves the old one. One run at a time writes; another one beside it only reads.

mod lines;
mod stamp;

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use fs4::FileExt;

use self::lines::{HEAD, Lines};
pub(super) use self::{lines::Line, stamp::Stamp};
use super::{digest, group::By, plan::Asked, planner::said};
use crate::{config::Settings, files};

/// What was planned before.
#[derive(Debug, Default)]
pub struct Cache {
    known: Option<Lines>,
    update: Option<Update>,
    keys: Option<Arc<Keys>>,
    problem: Option<String>,
    /// How many files there were, how many of them were not worked out, and how many of these were not read.
    counts: [usize; 3],
}

/// What becomes of a file's line.
#[derive(Debug)]
pub(super) enum Put {
    /// It stays as it is, for the file has the same stamp and was not read.
    Unread,
    /// It stays as it is, for the file has the same bytes.
    Same,
    /// It has another stamp, for the file has the same bytes.
    Stamped(Line),
    /// There is another one.
    New(Line),
    /// There is none: nothing is known of the file that would hold another time.
    Nothing,
}

impl Cache {
    /// Opens the cache in a folder, which is made if need be, for a run that looks at what is asked. That it can't be
    /// written is no reason to fail: see [`Cache::finish`]. Lines of files that are not asked for stay.
    pub fn open(folder: &Path, asked: &Asked) -> Cache {
        let by = match asked.group_by {
            By::Owner | By::Directory => "whole",
            By::Effect => "effect",
            By::Rule => "rule",
        };
        let path = folder.join(format!("{BEGIN}{by}{}{END}", if asked.separate_layout { "-layout" } else { "" }));
        let (update, problem) = match Update::begin(folder, &path, asked) {
            Ok(update) => (update, None),
            Err(error) => (None, Some(unwritable(folder, &error))),
        };
        let begin = update.as_ref().map_or(SystemTime::UNIX_EPOCH, |it| it.begin);
        let keys = Some(Arc::new(Keys { program: program(), begin, known: Mutex::default() }));
        Cache { known: Lines::open(&path), update, keys, problem, counts: [0; 3] }
    }

    /// What is known of a file. Files are asked for in the order of their names.
    pub(super) fn find(&mut self, name: &str) -> Option<Line> {
        self.known.as_mut()?.find(name)
    }

    /// What is to be known to use a line, or to make one; `None` where there is no cache.
    pub(super) fn keys(&self) -> Option<Arc<Keys>> {
        self.keys.clone()
    }

    /// Says what becomes of a file's line, in the order of the names.
    pub(super) fn put(&mut self, name: &str, put: Put) {
        let [files, known, unread] = &mut self.counts;
        *files += 1;
        *known += usize::from(matches!(put, Put::Unread | Put::Same | Put::Stamped(_)));
        *unread += usize::from(matches!(put, Put::Unread));
        if let Some(Err(error)) = self.update.as_mut().map(|it| it.put(name, put)) {
            self.give_up(&error);
        }
    }

    /// Puts the new cache in the place of the old one. Gives back why that could not be done, if it could not.
    pub fn finish(mut self) -> Option<String> {
        self.known = None;
        if let Some(update) = self.update.take() {
            let path = update.path.clone();
            if let Err(error) = update.finish() {
                return Some(unwritable(&path, &error));
            }
        }
        self.problem
    }

    /// What it was good for, in words.
    pub fn told(&self) -> String {
        let [files, known, unread] = self.counts;
        format!("of {files} files {known} were known already, of which {unread} were not read")
    }

    fn give_up(&mut self, error: &io::Error) {
        if let Some(update) = self.update.take() {
            self.problem = Some(unwritable(&update.path, error));
            update.abandon();
        }
    }

    /// Removes the caches of a folder, and then the folder if nothing else is in it. Gives back how many bytes they
    /// had; `None` where there are none.
    pub fn clean(folder: &Path) -> io::Result<Option<u64>> {
        let mut removed = None;
        let lock = File::options().write(true).open(folder.join(LOCK));
        if lock.as_ref().is_ok_and(|it| FileExt::try_lock(it).is_err()) {
            return Err(io::Error::other("a plan is being made"));
        }
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let is_cache = name.starts_with(BEGIN) && (name.ends_with(END) || name.ends_with(NEW));
            if is_cache || OTHERS.iter().any(|it| it.0 == name) {
                *removed.get_or_insert(0) += entry.metadata()?.len();
                fs::remove_file(entry.path())?;
            }
        }
        match removed.map(|_| fs::remove_dir(folder)) {
            Some(Err(error)) if error.kind() != io::ErrorKind::DirectoryNotEmpty => Err(error),
            _ => Ok(removed),
        }
    }
}

/// How the names of caches begin and end, and those of caches that are being written.
const BEGIN: &str = "plan-";
const END: &str = ".cache";
const NEW: &str = ".cache-new";

/// The file that the run holds locked that writes.
const LOCK: &str = "lock";

/// What else is in the folder: what keeps git away, and what keeps backups away, as bford.info/cachedir has it.
const OTHERS: &[(&str, &str)] = &[
    (".gitignore", "*\n"),
    (
        "CACHEDIR.TAG",
        "Signature: 8a477f597d28d172789f06886806bc55\n# A cache of dockfix: `dockfix clean` removes it.\n",
    ),
    (LOCK, ""),
];

/// What rows hang on, beside the bytes of files.
#[derive(Debug)]
pub(super) struct Keys {
    program: String,
    /// The time before which a file must have been left alone for its stamp to be trusted.
    pub(super) begin: SystemTime,
    /// By the place in memory of settings, which are kept so that it stays theirs.
    known: Mutex<HashMap<usize, (Arc<Settings>, String)>>,
}

impl Keys {
    /// The key of files for which these settings hold.
    pub(super) fn of(&self, settings: &Arc<Settings>) -> String {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || (Arc::clone(settings), digest::hex(format!("{}\n{}", self.program, said(settings)).as_bytes()));
        known.entry(Arc::as_ptr(settings) as usize).or_insert_with(make).1.clone()
    }
}

/// Which program this is: rows of another may be others. Where nobody said which commit it was built of, the file of
/// the program tells two builds of a version apart.
fn program() -> String {
    let version = env!("CARGO_PKG_VERSION");
    if let Some(commit) = option_env!("DOCKFIX_COMMIT").filter(|it| !it.is_empty()) {
        return format!("{version} {commit}");
    }
    let file = std::env::current_exe().ok().and_then(|it| Stamp::of(&it));
    format!("{version} {file:?}")
}

/// A cache on the way from what it was to what it is to be.
#[derive(Debug)]
struct Update {
    path: PathBuf,
    old: Option<Lines>,
    /// The new one, from the first line on that is another. As long as there is none, nothing has to be written.
    new: Option<BufWriter<File>>,
    asked: Asked,
    /// When the run began, by the clock of the file system.
    begin: SystemTime,
    _lock: File,
}

impl Update {
    /// Begins an update, unless another run is at it.
    fn begin(folder: &Path, path: &Path, asked: &Asked) -> io::Result<Option<Update>> {
        fs::create_dir_all(folder)?;
        for (name, text) in OTHERS {
            if !folder.join(name).exists() {
                fs::write(folder.join(name), text)?;
            }
        }
        let lock = File::options().write(true).open(folder.join(LOCK))?;
        if FileExt::try_lock(&lock).is_err() {
            return Ok(None);
        }
        let begin = tempfile::tempfile_in(folder)?.metadata()?.modified()?;
        let old = Lines::open(path);
        Ok(Some(Update { path: path.to_owned(), old, new: None, asked: asked.clone(), begin, _lock: lock }))
    }

    fn put(&mut self, name: &str, put: Put) -> io::Result<()> {
        while self.peek().is_some_and(|it| it < name) {
            self.pass_other()?;
        }
        let is_known = self.peek() == Some(name);
        match put {
            Put::Same | Put::Unread if is_known => self.pass(),
            Put::New(line) | Put::Stamped(line) => {
                self.write(&line.text)?;
                self.skip(is_known)
            }
            Put::Same | Put::Unread | Put::Nothing => self.skip(is_known),
        }
    }

    fn peek(&self) -> Option<&str> {
        self.old.as_ref()?.peek().map(|it| it.name.as_str())
    }

    /// Passes a line of a file that this run did not come across.
    fn pass_other(&mut self) -> io::Result<()> {
        match self.peek().is_some_and(|it| !self.asked.has(it)) {
            true => self.pass(),
            false => self.skip(true),
        }
    }

    /// Lets the next line be as it is.
    fn pass(&mut self) -> io::Result<()> {
        if self.new.is_some() || self.old.as_ref().is_some_and(|it| !it.is_whole) {
            // The copy of what stands before the line is begun before the line is passed.
            self.write("")?;
        }
        match (self.old.as_mut().and_then(Lines::advance), self.new.is_some()) {
            (Some(line), true) => self.write(&line.text),
            _ => Ok(()),
        }
    }

    /// Leaves the next line out.
    fn skip(&mut self, is_known: bool) -> io::Result<()> {
        if is_known {
            self.write("")?;
            self.old.as_mut().and_then(Lines::advance);
        }
        Ok(())
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        let new = match &mut self.new {
            Some(new) => new,
            None => {
                let mut out = BufWriter::with_capacity(1 << 18, File::create(self.path.with_extension(&NEW[1..]))?);
                match &self.old {
                    Some(old) => drop(io::copy(&mut File::open(&self.path)?.take(old.passed), &mut out)?),
                    None => out.write_all(HEAD.as_bytes())?,
                }
                self.new.insert(out)
            }
        };
        new.write_all(text.as_bytes())
    }

    fn finish(mut self) -> io::Result<()> {
        while self.peek().is_some() {
            self.pass_other()?;
        }
        if self.old.as_ref().is_some_and(|it| !it.is_whole) {
            // What is damaged at the end goes.
            self.write("")?;
        }
        let Some(mut new) = self.new.take() else { return Ok(()) };
        new.flush()?;
        drop((new, self.old.take()));
        fs::rename(self.path.with_extension(&NEW[1..]), &self.path)
    }

    /// Leaves the old one in its place.
    fn abandon(self) {
        // Where it can't be removed, the next run writes over it.
        let _ = fs::remove_file(self.path.with_extension(&NEW[1..]));
    }
}

fn unwritable(path: &Path, error: &io::Error) -> String {
    format!("{}: the cache cannot be written: {}", path.display(), files::reason(error))
}

#[cfg(test)]
mod tests;
