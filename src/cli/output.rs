//! Where results go: standard output, or a file that is there whole or not at all.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::ValueEnum;

use crate::files::{Whole, unwritable};

/// The forms of a result that is one text or one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Where results are written.
pub(super) enum Output {
    Stdout(io::BufWriter<io::Stdout>),
    File(Whole),
    /// A pipe or a device, which can't be replaced.
    Device(fs::File),
}

impl Output {
    /// Standard output, or the file of that name. That it can't be written is found here, before any work is done.
    pub(super) fn new(file: Option<&Path>) -> anyhow::Result<Output> {
        match file {
            None => Ok(Output::Stdout(io::BufWriter::new(io::stdout()))),
            Some(path) => Output::file(path).map_err(|it| unwritable(path, &it)),
        }
    }

    fn file(path: &Path) -> io::Result<Output> {
        // A link stays, and what it stands for is written.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let old = fs::metadata(&target).ok();
        if old.as_ref().is_some_and(|it| it.is_dir()) {
            return Err(io::Error::other("it is a folder"));
        }
        if old.as_ref().is_some_and(|it| !it.is_file()) {
            return fs::OpenOptions::new().write(true).open(&target).map(Output::Device);
        }
        if old.as_ref().is_some_and(|it| it.permissions().readonly()) {
            return Err(io::Error::other("it is read-only"));
        }
        let whole = Whole::new(&target)?;
        if let Some(old) = old {
            whole.set_permissions(old.permissions())?;
        }
        Ok(Output::File(whole))
    }

    /// Ends the output: a file is put in its place.
    pub(super) fn finish(self) -> io::Result<()> {
        match self {
            Output::Stdout(mut out) => out.flush(),
            Output::Device(mut out) => out.flush(),
            Output::File(out) => out.finish(),
        }
    }
}

/// Says something on stderr. That nobody listens is no reason to stop.
pub(super) fn say(words: &str) {
    let _ = io::stderr().lock().write_all(words.as_bytes());
}

/// An error where a file of results is one of those that are worked on, of which nothing would be left.
pub(super) fn refuse_input(file: &Path, named: &[PathBuf], found: &[PathBuf]) -> anyhow::Result<()> {
    let is_found =
        fs::canonicalize(file).is_ok_and(|file| found.iter().any(|it| fs::canonicalize(it).is_ok_and(|it| it == file)));
    anyhow::ensure!(
        !is_found && !named.iter().any(|it| it == file),
        "--output-file {}: it is one of the files that are worked on; nothing was done",
        file.display()
    );
    Ok(())
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Output::Stdout(out) => out.write(bytes),
            Output::File(out) => out.write(bytes),
            Output::Device(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Output::Stdout(out) => out.flush(),
            Output::File(out) => out.flush(),
            Output::Device(out) => out.flush(),
        }
    }
}
