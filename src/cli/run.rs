//! Doing a job to many files.

use std::{
    collections::HashSet,
    io::{self, Write},
    path::PathBuf,
};

use anstream::{AutoStream, ColorChoice};
use rayon::prelude::*;

use super::{
    args::{Cli, Target},
    summary::Summary,
    work::{Done, Failure, Task, Work},
};
use crate::{
    config::{Resolver, Settings},
    files,
    fix::{Job, Safety},
    report::{Statistics, Style},
};

/// What a subcommand does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Format,
    Fix {
        format: bool,
    },
    Check,
    /// Adds comments that keep quiet what is found.
    Ignore,
}

impl Mode {
    pub(super) fn job(self, settings: &Settings) -> Job {
        match self {
            Mode::Format => settings.format_job(),
            Mode::Check | Mode::Ignore => settings.check_job(),
            Mode::Fix { format } => {
                settings.fix_job(if settings.unsafe_fixes { Safety::Unsafe } else { Safety::Safe }, format)
            }
        }
    }
}

/// What is asked for beside the target.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wish<'a> {
    /// Unsafe fixes are applied too.
    pub(super) unsafe_fixes: bool,
    /// Findings are counted by rule, and not told.
    pub(super) statistics: bool,
    /// What comments that are added say behind the names of rules.
    pub(super) reason: Option<&'a str>,
}

/// So many findings are told after `fix`; `check` tells them all.
const MAX_LEFT: usize = 50;

/// Does the job and gives back the exit code: 0 nothing left, 1 findings left or files would change, 2 something bad.
pub(super) fn run(cli: &Cli, target: &Target, mode: Mode, wish: Wish<'_>) -> anyhow::Result<u8> {
    let resolver = Resolver::new(crate::rules::ALL, target.overrides(wish.unsafe_fixes))?;
    let style = |choice: ColorChoice| Style {
        color: choice != ColorChoice::Never,
        verbose: cli.verbose,
        rewrites: mode != Mode::Check,
    };
    let words = style(AutoStream::choice(&io::stderr()));
    let results = style(AutoStream::choice(&io::stdout()));
    let task = Task { mode, reason: wish.reason, target, resolver: &resolver, words, results };
    let writes = !(target.diff || target.check || mode == Mode::Check);
    // What is written is never filtered for colours: the bytes of a file are its own.
    let mut teller = Teller {
        cli,
        task,
        writes,
        summary: Summary::default(),
        statistics: wish.statistics.then(Statistics::default),
        told: HashSet::new(),
        left: 0,
        out: io::stdout(),
    };
    if target.paths.iter().any(|it| it.as_os_str() == "-") {
        anyhow::ensure!(target.paths.len() == 1, "`-` cannot be given together with other paths");
        let done = teller.task.stdin();
        if writes {
            // Whoever pipes a file through gets it back whatever happens.
            let new = done.result.as_ref().ok().and_then(|it| it.new.as_ref());
            teller.out.write_all(new.unwrap_or(&done.old))?;
        }
        teller.tell(&done, true)?;
        teller.count()?;
        return Ok(teller.summary.exit_code());
    }
    let here = [PathBuf::from(".")];
    let paths = if target.paths.is_empty() { &here[..] } else { &target.paths };
    let (files, bad) = files::find(paths, &resolver);
    for (path, why) in &bad {
        teller.summary.unusable += 1;
        teller.complain(&format!("{}: {}: {why}\n", path.display(), words.error()));
    }
    if files.is_empty() && bad.is_empty() && !cli.quiet {
        let paths: Vec<String> = paths.iter().map(|it| format!("`{}`", it.display())).collect();
        teller.complain(&format!("warning: no Dockerfile found in {}\n", paths.join(", ")));
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(target.jobs).build()?;
    // Files are worked on a few hundred at a time, so that what is kept does not grow with the folder.
    for files in files.chunks(256) {
        let task = &teller.task;
        let done: Vec<Done> = pool.install(|| files.par_iter().map(|path| task.file(path)).collect());
        for done in &done {
            teller.tell(done, false)?;
        }
    }
    teller.count()?;
    teller.out.flush()?;
    teller.finish();
    Ok(teller.summary.exit_code())
}

/// Writes files, and tells what became of them.
struct Teller<'a> {
    cli: &'a Cli,
    task: Task<'a>,
    writes: bool,
    summary: Summary,
    /// What rules found, if that is to be counted.
    statistics: Option<Statistics>,
    /// What was told of settings: one file of them speaks for many files.
    told: HashSet<String>,
    /// How many findings were left after fixing.
    left: usize,
    out: io::Stdout,
}

impl Teller<'_> {
    /// Says something on stderr. That nobody listens is no reason to stop.
    fn complain(&self, words: &str) {
        let _ = io::stderr().lock().write_all(words.as_bytes());
    }

    fn tell(&mut self, done: &Done, stdin: bool) -> io::Result<()> {
        let name = done.path.display();
        match &done.result {
            Ok(work) => self.tell_work(done, work, stdin),
            Err(Failure::Config(error)) => {
                self.summary.unusable += 1;
                let error = format!("{}: {error}\n", self.task.words.error());
                if self.told.insert(error.clone()) {
                    self.complain(&error);
                }
                Ok(())
            }
            Err(Failure::File(why)) => {
                self.summary.unusable += 1;
                self.complain(&format!("{name}: {}: {why}\n", self.task.words.error()));
                Ok(())
            }
        }
    }

    fn tell_work(&mut self, done: &Done, work: &Work, stdin: bool) -> io::Result<()> {
        if let Some(notice) = work.notice.as_ref().filter(|_| !self.cli.quiet && self.task.mode != Mode::Format)
            && self.told.insert(notice.clone())
        {
            self.complain(&format!("{notice}\n"));
        }
        if let Some(why) = work.passed_over.as_ref().filter(|_| !self.cli.quiet) {
            self.complain(why);
        }
        self.complain(&work.problems);
        let mut changed = work.new.is_some();
        if let (Some(new), true, false) = (&work.new, self.writes, stdin)
            && let Err(why) = files::write(&done.path, &done.old, new)
        {
            changed = false;
            self.summary.unusable += 1;
            self.complain(&format!("{}: {}: {why}\n", done.path.display(), self.task.words.error()));
        }
        self.summary.add(&work.outcome, changed);
        self.summary.pending |= changed && !self.writes;
        if let Some(statistics) = &mut self.statistics {
            statistics.add(&work.outcome, changed);
        } else if self.task.mode == Mode::Check {
            for finding in &work.findings {
                self.out.write_all(finding.as_bytes())?;
            }
        } else if !self.cli.quiet {
            for finding in &work.findings {
                self.left += 1;
                if self.left <= MAX_LEFT || self.cli.verbose {
                    self.complain(finding);
                }
            }
        }
        if self.task.target.diff {
            self.out.write_all(&work.diff)?;
        } else if changed && self.task.target.check && !self.cli.quiet {
            writeln!(self.out, "{}: would change", done.path.display())?;
        }
        Ok(())
    }

    /// The counts, where they are asked for. In `check` they are the result; otherwise standard output is for diffs and
    /// files.
    fn count(&mut self) -> io::Result<()> {
        let is_check = self.task.mode == Mode::Check;
        match self.statistics.as_ref().map(|it| it.table(!is_check)) {
            Some(table) if is_check => self.out.write_all(table.as_bytes())?,
            Some(table) => self.complain(&table),
            None => {}
        }
        Ok(())
    }

    /// The last words.
    fn finish(&self) {
        if self.left > MAX_LEFT && !self.cli.verbose {
            self.complain(&format!("… and {} more findings; `dockfix check` tells them all\n", self.left - MAX_LEFT));
        }
        if !self.cli.quiet {
            self.complain(&self.summary.text(self.task.mode, self.writes));
        }
    }
}
