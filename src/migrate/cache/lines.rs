//! The text of a cache: a line a file, in the order of their names.
//!
//! A line is the name, what the row hangs on, the file's stamp, a check sum over these and the row, and the row, with
//! tabs between them. A line that is not whole, or out of order, is none.

use std::{
    cmp::Ordering,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use crate::migrate::{digest, plan::Row};

/// The first line, with the version of the form.
pub(super) const HEAD: &str = "dockfix plan cache 1\n";

/// The longest line, in bytes: where there seems to be a longer one the text is damaged.
const MAX_LINE: u64 = 64 << 20;

/// What is known of a file, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::migrate) struct Line {
    pub(super) name: String,
    /// All of it, with its end.
    pub(super) text: String,
}

/// What a line says.
#[derive(Debug)]
pub(in crate::migrate) struct Entry {
    /// What the row hangs on, beside the file's bytes.
    pub(in crate::migrate) key: String,
    /// The file's stamp.
    pub(in crate::migrate) stamp: String,
    /// The row, without what follows from the file's name.
    pub(in crate::migrate) row: Row,
}

impl Line {
    /// The line of a file; `None` where it would be too long.
    pub(in crate::migrate) fn new(name: &str, key: &str, stamp: &str, row: &Row) -> Option<Line> {
        let (quoted, row) = (serde_json::to_string(name).ok()?, serde_json::to_string(row).ok()?);
        let begin = format!("{quoted}\t{key}\t{stamp}");
        let text = format!("{begin}\t{}\t{row}\n", sum(&begin, &row));
        (text.len() as u64 <= MAX_LINE).then(|| Line { name: name.to_owned(), text })
    }

    /// Finds the name in a text.
    fn of(text: String) -> Option<Line> {
        let quoted = text.split_once('\t')?.0;
        Some(Line { name: serde_json::from_str(quoted).ok()?, text })
    }

    /// What it says, unless it is damaged.
    pub(in crate::migrate) fn read(&self) -> Option<Entry> {
        let text = self.text.strip_suffix('\n')?;
        let mut fields = text.splitn(5, '\t');
        let (name, key, stamp) = (fields.next()?, fields.next()?, fields.next()?);
        let (found, row) = (fields.next()?, fields.next()?);
        let begin = text.get(..name.len() + key.len() + stamp.len() + 2)?;
        if found != sum(begin, row) {
            return None;
        }
        Some(Entry { key: key.to_owned(), stamp: stamp.to_owned(), row: serde_json::from_str(row).ok()? })
    }
}

/// The check sum of a line.
fn sum(begin: &str, row: &str) -> String {
    let mut hasher = digest::Hasher::default();
    hasher.update(begin.as_bytes());
    hasher.update(b"\t");
    hasher.update(row.as_bytes());
    let mut hex = hasher.hex();
    hex.truncate(16);
    hex
}

/// Reads the lines of a cache.
#[derive(Debug)]
pub(super) struct Lines {
    input: BufReader<File>,
    next: Option<Line>,
    /// The name of the line before.
    last: Option<String>,
    /// How many bytes of the file stand before `next`.
    pub(super) passed: u64,
    /// How many there are up to its end.
    read: u64,
    /// Whether what was read since `passed` is the next line alone, and nothing that is damaged.
    pub(super) is_whole: bool,
}

impl Lines {
    /// Begins to read; `None` where there is no such file, or one of another form.
    pub(super) fn open(path: &Path) -> Option<Lines> {
        let mut input = BufReader::with_capacity(1 << 18, File::open(path).ok()?);
        let mut head = vec![0; HEAD.len()];
        input.read_exact(&mut head).ok()?;
        let read = HEAD.len() as u64;
        let whole = Lines { input, next: None, last: None, passed: read, read, is_whole: true };
        (head == HEAD.as_bytes()).then_some(whole).map(|mut it| {
            it.advance();
            it
        })
    }

    /// The next line.
    pub(super) fn peek(&self) -> Option<&Line> {
        self.next.as_ref()
    }

    /// Takes the next line. An error of the system is taken for the end.
    pub(super) fn advance(&mut self) -> Option<Line> {
        let taken = self.next.take();
        if let Some(line) = &taken {
            self.last = Some(line.name.clone());
        }
        (self.passed, self.is_whole) = (self.read, true);
        while let Ok(Some(text)) = self.text() {
            let line = String::from_utf8(text).ok().and_then(Line::of);
            match line.filter(|it| self.last.as_ref().is_none_or(|last| *last < it.name)) {
                Some(line) => {
                    self.next = Some(line);
                    break;
                }
                None => self.is_whole = false,
            }
        }
        taken
    }

    /// The line of a file, past those of files whose names come before.
    pub(super) fn find(&mut self, name: &str) -> Option<Line> {
        loop {
            match self.peek()?.name.as_str().cmp(name) {
                Ordering::Less => drop(self.advance()),
                Ordering::Equal => return self.advance(),
                Ordering::Greater => return None,
            }
        }
    }

    fn text(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut text = Vec::new();
        let read = self.input.by_ref().take(MAX_LINE).read_until(b'\n', &mut text)?;
        self.read += read as u64;
        // The last line has an end too, unless it is damaged.
        self.is_whole &= read == 0 || text.ends_with(b"\n");
        Ok(text.ends_with(b"\n").then_some(text))
    }
}
