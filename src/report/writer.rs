//! Puts the words about files together.

use std::io::{self, Write};

use super::{File, Reporter, Run};

/// The words about one file, and what is counted of it.
#[derive(Debug)]
pub struct Piece {
    words: String,
    seen: Run,
}

impl Piece {
    /// Puts a file into words. May be done for many files at once.
    pub fn new(reporter: &dyn Reporter, file: &File<'_>) -> Piece {
        Piece { words: reporter.file(file), seen: Run::of(file) }
    }
}

/// Writes a report: what is said of each file, in the order in which the files come, and what stands around it.
pub struct Writer<'a> {
    reporter: &'a dyn Reporter,
    run: Run,
    /// Pieces that wait for the end, and their bytes.
    held: (Vec<String>, usize),
    /// Whether the head was written, and whether anything was behind it.
    begun: bool,
    wrote: bool,
}

impl<'a> Writer<'a> {
    /// A writer of reports in one format.
    pub fn new(reporter: &'a dyn Reporter) -> Self {
        Writer { reporter, run: Run::default(), held: (Vec::new(), 0), begun: false, wrote: false }
    }

    /// Takes a file; writes it, unless the format holds all back until the end.
    pub fn file(&mut self, piece: Piece, out: &mut dyn Write) -> io::Result<()> {
        self.run.add(piece.seen);
        match self.reporter.held_back() {
            None => self.write(&piece.words, out),
            Some(limit) if self.run.left_out > 0 || self.held.1 + piece.words.len() > limit => {
                self.run.left_out += usize::from(!piece.words.is_empty());
                Ok(())
            }
            Some(_) => {
                self.held.1 += piece.words.len();
                self.held.0.push(piece.words);
                Ok(())
            }
        }
    }

    /// Ends the report of a run with that exit code.
    pub fn finish(mut self, exit_code: u8, out: &mut dyn Write) -> io::Result<()> {
        self.run.exit_code = exit_code;
        for words in std::mem::take(&mut self.held.0) {
            self.write(&words, out)?;
        }
        self.begin(out)?;
        out.write_all(self.reporter.tail(&self.run).as_bytes())?;
        out.flush()
    }

    fn write(&mut self, words: &str, out: &mut dyn Write) -> io::Result<()> {
        self.begin(out)?;
        if !words.is_empty() {
            if self.wrote {
                out.write_all(self.reporter.between().as_bytes())?;
            }
            self.wrote = true;
            out.write_all(words.as_bytes())?;
        }
        Ok(())
    }

    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if !std::mem::replace(&mut self.begun, true) {
            out.write_all(self.reporter.head(&self.run).as_bytes())?;
        }
        Ok(())
    }
}
