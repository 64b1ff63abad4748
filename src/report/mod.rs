//! Reports: what was found, for people and for machines, one file a format.
//!
//! The program makes a [`File`] of each file that it worked on: its name, its text, and [`Entry`]s for what is to be
//! told of it. A [`Reporter`] knows a format and puts a file into words; a [`Writer`] writes these in order, with what
//! stands before, between and behind them.

mod checkstyle;
mod concise;
mod entry;
mod fingerprint;
mod full;
mod github;
mod gitlab;
mod json;
mod junit;
mod markdown;
mod name;
mod problems;
mod rdjson;
mod run;
mod sarif;
mod statistics;
mod style;
mod verify;
mod writer;
mod xml;

use std::path::PathBuf;

pub use concise::entry as concise;
pub use entry::{Entry, File, Kind, Level, Place, Told};
pub use fingerprint::Fingerprints;
pub use full::entry as full;
pub use json::findings as json_findings;
pub use name::Name;
pub use problems::{PLEASE_REPORT, errors, panic_message, passed_over, passed_over_because, problems};
pub use run::{Run, Trouble};
pub use statistics::{Counts, Statistics};
pub use style::{Style, count, plural};
pub use verify::{Report, stage_name};
pub use writer::{Piece, Writer};

/// Puts files into words, in one format.
pub trait Reporter: Sync {
    /// What stands before all files. `run` is empty here, unless the format is held back.
    fn head(&self, _run: &Run) -> String {
        String::new()
    }

    /// What is said of a file; nothing where there is nothing to say. Called for many files at once.
    fn file(&self, file: &File<'_>) -> String;

    /// What stands between the words about two files.
    fn between(&self) -> &'static str {
        ""
    }

    /// What stands behind all files.
    fn tail(&self, _run: &Run) -> String {
        String::new()
    }

    /// Whether all is held back until the run is over, and how many bytes of it are written then. A format that is not
    /// held back is written while files are worked on.
    fn held_back(&self) -> Option<usize> {
        None
    }
}

/// The formats of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// With the source, and the diff of the fix.
    Full,
    /// A line each.
    Concise,
    /// One JSON document.
    Json,
    /// JSON, an object a line.
    JsonLines,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands of GitHub Actions, which annotate a pull request.
    Github,
    /// A code quality report of GitLab.
    Gitlab,
    /// JUnit XML, a test suite for each file.
    Junit,
    /// Checkstyle XML.
    Checkstyle,
    /// Reviewdog's diagnostic format, with suggestions.
    Rdjson,
    /// A table for a comment on a pull request.
    Markdown,
}

/// What a report says of the run as such.
#[derive(Debug, Clone)]
pub struct About {
    /// The subcommand.
    pub command: &'static str,
    /// The folder from which names are counted.
    pub root: PathBuf,
    /// How people are told.
    pub style: Style,
}

impl Format {
    /// Whether it is for people in front of a terminal. They are told of errors apart from the report.
    pub fn is_for_people(self) -> bool {
        matches!(self, Format::Full | Format::Concise)
    }

    /// What writes it.
    pub fn reporter(self, about: About) -> Box<dyn Reporter> {
        match self {
            Format::Full => Box::new(full::Full(about.style)),
            Format::Concise => Box::new(concise::Concise),
            Format::Json => Box::new(json::Json(about.command)),
            Format::JsonLines => Box::new(json::JsonLines),
            Format::Sarif => Box::new(sarif::Sarif(about)),
            Format::Github => Box::new(github::Github),
            Format::Gitlab => Box::new(gitlab::Gitlab),
            Format::Junit => Box::new(junit::Junit),
            Format::Checkstyle => Box::new(checkstyle::Checkstyle),
            Format::Rdjson => Box::new(rdjson::Rdjson),
            Format::Markdown => Box::new(markdown::Markdown),
        }
    }
}
