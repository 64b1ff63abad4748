//! What files were before they were written, by the journal.

use std::{
    collections::HashMap,
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

use super::{
    digest,
    journal::{self, Journal, Written},
    steps,
    store::Store,
};

/// What the journal knows of files. What it says of one is read when it is wanted.
#[derive(Debug, Default)]
pub(super) struct Past {
    journal: PathBuf,
    /// By path, the digests that a file had after it was written, and where in the journal that is told.
    written: HashMap<String, Vec<(String, u64)>>,
    /// Lines that were read last: a line tells many files, and files come in the order of their paths.
    lines: HashMap<u64, Vec<Written>>,
}

/// So many lines are kept, some for each group.
const MAX_LINES: usize = 128;

impl Past {
    /// Reads the journal of a root. Where there is none, or none that can be read, nothing is known.
    pub(super) fn read(root: &Path) -> Past {
        let Ok(store) = Store::around(root) else { return Past::default() };
        let mut past = Past { journal: store.journal(), ..Past::default() };
        for run in Journal::look(&store).unwrap_or_default().iter().filter(|it| it.begin.undoes.is_none()) {
            for (_, at) in &run.writing {
                for Written { path, after, .. } in past.told(*at).unwrap_or_default() {
                    past.written.entry(path).or_default().push((after, *at));
                }
            }
        }
        past
    }

    /// What a file was when it had a digest, made of what it is now; nothing if it was never that as far as is known.
    pub(super) fn back_to(&mut self, wanted: &str, path: &str, now: Vec<u8>) -> Option<Vec<u8>> {
        let known = self.written.get(path)?.clone();
        let mut bytes = now;
        // Each time that it was written takes it back by one step at least.
        for _ in 0..known.len() {
            let found = digest::hex(&bytes);
            if found == wanted {
                break;
            }
            let (_, at) = known.iter().rfind(|it| it.0 == found)?;
            if !self.lines.contains_key(at) {
                if self.lines.len() >= MAX_LINES {
                    self.lines.clear();
                }
                self.lines.insert(*at, self.told(*at)?);
            }
            let written = self.lines.get(at)?.iter().find(|it| it.path == path && it.after == found)?;
            bytes = steps::apply(&bytes, &written.undo)?;
        }
        (digest::hex(&bytes) == wanted).then_some(bytes)
    }

    /// The files that a line of the journal tells.
    fn told(&self, at: u64) -> Option<Vec<Written>> {
        journal::told(&mut BufReader::new(File::open(&self.journal).ok()?), at).ok()
    }
}
