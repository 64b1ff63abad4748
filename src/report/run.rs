//! Counts over a whole run, and what no single file tells.

use super::{Entry, File, Kind, Level, Name};
use crate::fix::Safety;

/// What was seen in a run, or in a part of it.
#[derive(Debug, Default)]
pub struct Run {
    /// Files that were looked at.
    pub files: usize,
    /// Those of them with anything to tell.
    pub files_told: usize,
    /// What rules found.
    pub findings: usize,
    /// Places that are not laid out.
    pub unformatted: usize,
    /// What BuildKit would refuse.
    pub errors: usize,
    /// Findings with a safe fix, with an unsafe one, and with a suggestion.
    pub fixes: [usize; 3],
    /// The kinds of things that were told, each once.
    pub kinds: Vec<Kind>,
    /// What kept dockfix itself from doing its work.
    pub troubles: Vec<Trouble>,
    /// How many files with something to tell had no place in the report.
    pub left_out: usize,
    /// The exit code of the program, known at the end.
    pub exit_code: u8,
}

/// Something that kept dockfix from doing its work.
#[derive(Debug)]
pub struct Trouble {
    /// The file.
    pub name: Name,
    /// The line, if it has one.
    pub line: Option<usize>,
    /// What kind of thing it is.
    pub kind: Kind,
    /// What it is, in a clause.
    pub message: String,
}

impl Run {
    /// What is seen in one file.
    pub fn of(file: &File<'_>) -> Run {
        let mut run = Run { files: 1, files_told: usize::from(!file.entries.is_empty()), ..Run::default() };
        for entry in &file.entries {
            run.count(file, entry);
        }
        run
    }

    fn count(&mut self, file: &File<'_>, entry: &Entry<'_>) {
        self.know(entry.kind);
        match entry.kind {
            Kind::Rule(_) => {
                self.findings += 1;
                match entry.fix.as_ref().map(|it| it.safety) {
                    Some(Safety::Safe) => self.fixes[0] += 1,
                    Some(Safety::Unsafe) => self.fixes[1] += 1,
                    Some(Safety::Suggest) => self.fixes[2] += 1,
                    None => {}
                }
            }
            Kind::Layout => self.unformatted += 1,
            Kind::Syntax => self.errors += usize::from(entry.level == Level::Error),
            Kind::Fault | Kind::Unusable => {
                let line = entry.range.map(|_| file.line_span(entry).0);
                let (name, message) = (file.name.clone(), entry.message.clone());
                self.troubles.push(Trouble { name, line, kind: entry.kind, message });
            }
        }
    }

    fn know(&mut self, kind: Kind) {
        if !self.kinds.contains(&kind) {
            self.kinds.push(kind);
        }
    }

    /// Adds what was seen elsewhere.
    pub fn add(&mut self, other: Run) {
        self.files += other.files;
        self.files_told += other.files_told;
        self.findings += other.findings;
        self.unformatted += other.unformatted;
        self.errors += other.errors;
        for (mine, others) in self.fixes.iter_mut().zip(other.fixes) {
            *mine += others;
        }
        other.kinds.into_iter().for_each(|it| self.know(it));
        self.troubles.extend(other.troubles);
    }
}
