//! Plans in files: written and read row by row, so that none is ever whole in memory.
//!
//! A plan is one JSON object, and a text of lines: the first is what was asked, then each file has a line, then each
//! group, then the totals. Whoever reads it as JSON need not know this; dockfix does, and takes no plan that another
//! program has laid out anew.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use serde::Deserialize;

use super::plan::{Group, Head, Row, Totals, VERSION};
use crate::files;

/// Writes a plan.
#[derive(Debug)]
pub struct Writer<W: Write> {
    out: W,
    first: bool,
}

impl<W: Write> Writer<W> {
    /// Begins a plan.
    pub fn new(mut out: W, head: &Head) -> io::Result<Writer<W>> {
        let head = serde_json::to_string(head)?;
        writeln!(out, "{},\n\"files\":[", head.strip_suffix('}').unwrap_or(&head))?;
        Ok(Writer { out, first: true })
    }

    /// Adds a file. They come in the order of their paths.
    pub fn row(&mut self, row: &Row) -> io::Result<()> {
        self.out.write_all(if self.first { b"" } else { b",\n" })?;
        self.first = false;
        serde_json::to_writer(&mut self.out, row)?;
        Ok(())
    }

    /// Ends the plan.
    pub fn finish(mut self, groups: &[Group], totals: &Totals) -> io::Result<W> {
        let end = if self.first { "" } else { "\n" };
        write!(self.out, "{end}],\n\"groups\":[")?;
        for (nth, group) in groups.iter().enumerate() {
            self.out.write_all(if nth == 0 { b"\n" } else { b",\n" })?;
            serde_json::to_writer(&mut self.out, group)?;
        }
        self.out.write_all(b"\n],\n\"totals\":")?;
        serde_json::to_writer(&mut self.out, totals)?;
        self.out.write_all(b"\n}\n")?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Reads a plan from its beginning to its end.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    input: BufReader<File>,
    head: Head,
    /// Where the next line begins, in bytes and counted from 1.
    offset: u64,
    line: usize,
    /// Whether all rows were read.
    at_end: bool,
}

/// What stands behind the files.
#[derive(Debug, Deserialize)]
struct Tail {
    groups: Vec<Group>,
    totals: Totals,
}

impl Reader {
    /// Opens a plan and reads what was asked.
    pub fn open(path: &Path) -> anyhow::Result<Reader> {
        let file = File::open(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                anyhow::anyhow!("{}: no such plan; `dockfix migrate plan` makes one", path.display())
            }
            _ => anyhow::anyhow!("{}: {}", path.display(), files::reason(&error)),
        })?;
        let input = BufReader::with_capacity(1 << 16, file);
        let head = Head {
            version: 0,
            dockfix: String::new(),
            settings: String::new(),
            commit: None,
            asked: super::plan::Asked::default(),
        };
        let mut reader = Reader { path: path.to_owned(), input, head, offset: 0, line: 1, at_end: false };
        let first = reader.line()?;
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let first = first.strip_suffix(',').map(|it| format!("{it}}}")).unwrap_or_default();
        let Ok(Version { version }) = serde_json::from_str(&first) else {
            bail!("{}: it is no plan, or was laid out anew by another program", path.display());
        };
        if version != VERSION {
            bail!("{}: a plan of version {version}, where {VERSION} is known; plan anew", path.display());
        }
        reader.head = serde_json::from_str(&first).with_context(|| format!("{}:1", path.display()))?;
        if reader.line()? != "\"files\":[" {
            bail!("{}:2: the files are missing; plan anew", path.display());
        }
        Ok(reader)
    }

    /// What was asked.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The next file, and where in the plan its line begins; nothing after the last.
    pub fn row(&mut self) -> anyhow::Result<Option<(u64, Row)>> {
        self.next_as()
    }

    /// The next file, as far as a type wants to know it.
    pub(super) fn next_as<T: for<'de> Deserialize<'de>>(&mut self) -> anyhow::Result<Option<(u64, T)>> {
        if self.at_end {
            return Ok(None);
        }
        let offset = self.offset;
        let line = self.line()?;
        if line == "]," {
            self.at_end = true;
            return Ok(None);
        }
        let row = serde_json::from_str(line.strip_suffix(',').unwrap_or(&line));
        let row = row.with_context(|| format!("{}:{}", self.path.display(), self.line - 1))?;
        Ok(Some((offset, row)))
    }

    /// What stands behind the files, which are passed over if they were not read.
    pub fn finish(mut self) -> anyhow::Result<(Vec<Group>, Totals)> {
        while self.next_as::<serde::de::IgnoredAny>()?.is_some() {}
        let from = self.line;
        let mut rest = "{".to_owned();
        io::Read::read_to_string(&mut self.input, &mut rest)
            .map_err(|it| anyhow::anyhow!("{}: {}", self.path.display(), files::reason(&it)))?;
        let tail: Tail =
            serde_json::from_str(&rest).with_context(|| format!("{}: after line {from}", self.path.display()))?;
        Ok((tail.groups, tail.totals))
    }

    /// Goes to a row that was read before.
    pub(super) fn row_at(&mut self, offset: u64) -> anyhow::Result<Row> {
        self.at_end = false;
        self.input.seek(SeekFrom::Start(offset))?;
        self.offset = offset;
        let row = self.row()?;
        row.map(|it| it.1).ok_or_else(|| anyhow::anyhow!("{}: it was changed meanwhile", self.path.display()))
    }

    /// The next line without its end.
    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        let read = self.input.read_line(&mut line);
        let read =
            read.map_err(|it| anyhow::anyhow!("{}:{}: {}", self.path.display(), self.line, files::reason(&it)))?;
        if read == 0 || !line.ends_with('\n') {
            bail!("{}:{}: the plan is cut off; plan anew", self.path.display(), self.line);
        }
        self.offset += read as u64;
        self.line += 1;
        line.truncate(line.trim_end_matches(['\n', '\r']).len());
        Ok(line)
    }
}
