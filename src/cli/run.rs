//! Doing a job to many files.

use std::{
    collections::HashSet,
    io::{self, Write},
    path::{Path, PathBuf},
};

use anstream::{AutoStream, ColorChoice};

use super::{
    args::{self, Cli, Target},
    baseline::{self, Baseline, Seen},
    changed::Changed,
    output::{self, Output, say},
    progress::{Listener, Progress},
    sieve::Narrowing,
    summary::Summary,
    work::{Done, Failure, Task, Work},
};
use crate::{
    config::{Resolver, Settings},
    files,
    fix::{Job, Safety},
    report::{About, Format, Name, Piece, Statistics, Style, Writer},
};

/// What a subcommand does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Format,
    Fix {
        format: bool,
    },
    Check,
    /// Reports what rules find, and what the layout would change.
    Ci,
    /// Adds comments that keep quiet what is found.
    Ignore,
}

impl Mode {
    /// The subcommand's name.
    fn command(self) -> &'static str {
        match self {
            Mode::Format => "format",
            Mode::Fix { .. } => "fix",
            Mode::Check | Mode::Ignore => "check",
            Mode::Ci => "ci",
        }
    }

    pub(super) fn job(self, settings: &Settings) -> Job {
        match self {
            Mode::Format => settings.format_job(),
            Mode::Check | Mode::Ignore => settings.check_job(),
            Mode::Ci => Job { format: Some(settings.format), ..settings.check_job() },
            Mode::Fix { format } => {
                settings.fix_job(if settings.unsafe_fixes { Safety::Unsafe } else { Safety::Safe }, format)
            }
        }
    }

    /// Whether it is to report what is found, and writes nothing.
    pub(super) fn only_reports(self) -> bool {
        matches!(self, Mode::Check | Mode::Ci)
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
    /// What is left out of what was found.
    pub(super) narrow: Option<&'a args::Narrow>,
    /// The baseline that is written instead of a report.
    pub(super) write_baseline: Option<&'a Path>,
}

/// So many findings are told after `fix`; `check` tells them all.
const MAX_LEFT: usize = 50;

/// Does the job and gives back the exit code: 0 nothing left, 1 findings left or files would change, 2 something bad.
pub(super) fn run(cli: &Cli, target: &Target, mode: Mode, wish: Wish<'_>) -> anyhow::Result<u8> {
    let is_stdin = target.is_stdin()?;
    let resolver = Resolver::new(crate::rules::ALL, target.overrides(wish.unsafe_fixes))?;
    let style = |choice: ColorChoice| Style {
        color: choice != ColorChoice::Never,
        verbose: cli.verbose,
        rewrites: !mode.only_reports(),
    };
    let words = style(AutoStream::choice(&io::stderr()));
    let to_file = target.report.output_file.is_some();
    let results = style(if to_file { ColorChoice::Never } else { AutoStream::choice(&io::stdout()) });
    let writes = is_to_write(target, mode);
    let here = std::env::current_dir().unwrap_or_default();
    let about = About { command: mode.command(), root: here.clone(), style: results };
    let reporter = report_format(target, mode, is_stdin, wish)?.map(|it| it.reporter(about));
    let reporter = reporter.as_deref();
    let changed = Changed::ask(&target.changed, &target.paths, &here)?;
    baseline::refuse_paths(&target.paths, wish.write_baseline, wish.narrow.and_then(|it| it.baseline.as_deref()))?;
    let baseline = match (wish.write_baseline, wish.narrow.and_then(|it| it.baseline.as_deref())) {
        (Some(file), _) => Some(Baseline::to_write(file)?),
        (None, Some(file)) => Some(Baseline::read(file)?),
        (None, None) => None,
    };
    let lines = changed.as_ref().filter(|_| wish.narrow.is_some_and(|it| it.changed_lines));
    let narrowing = Narrowing { lines, baseline: baseline.as_ref() };
    let reason = wish.reason;
    let resolver = &resolver;
    let task = Task { mode, reason, target, resolver, writes, reporter, narrowing, here: &here, words, results };
    // What is written is never filtered for colours: the bytes of a file are its own.
    let mut teller = Teller {
        cli,
        task,
        changed: changed.as_ref(),
        seen: Vec::new(),
        writes_baseline: wish.write_baseline.is_some(),
        summary: Summary::default(),
        statistics: wish.statistics.then(Statistics::default),
        told: HashSet::new(),
        left: 0,
        report: reporter.map(Writer::new),
        out: Output::new(target.report.output_file.as_deref())?,
    };
    let result = if is_stdin { teller.run_stdin() } else { teller.run() };
    let result = result.and_then(|code| teller.end(code).map(|()| code).map_err(Into::into));
    result.map_err(|error| match (&target.report.output_file, error.downcast_ref::<io::Error>()) {
        (Some(path), Some(why)) => files::unwritable(path, why),
        _ => error,
    })
}

/// Whether files are written, and standard input is handed on, rather than told what would become of them.
fn is_to_write(target: &Target, mode: Mode) -> bool {
    !(target.diff || target.check || mode.only_reports())
}

/// The format of the report, if there is to be one. Without one, findings that `fix` leaves are told on stderr, and
/// what would change is listed or shown as a diff.
fn report_format(target: &Target, mode: Mode, is_stdin: bool, wish: Wish<'_>) -> anyhow::Result<Option<Format>> {
    let (asked, to_file) = (target.report.output_format, target.report.output_file.is_some());
    let for_machines = asked.is_some_and(|it| !it.is_for_people());
    if wish.statistics {
        anyhow::ensure!(!for_machines, "--statistics is a table, and comes in no other format");
        return Ok(None);
    }
    if wish.write_baseline.is_some() {
        return Ok(None);
    }
    if mode.only_reports() {
        return Ok(Some(asked.unwrap_or(Format::Full)));
    }
    let writes = is_to_write(target, mode);
    anyhow::ensure!(
        !(for_machines && writes && is_stdin && !to_file),
        "standard output is for the file: say with --output-file where the report goes"
    );
    let wanted = for_machines || (writes && to_file) || (target.check && !target.diff && asked.is_some());
    Ok(wanted.then_some(asked.unwrap_or(Format::Concise)))
}

/// What is said where no file was found.
pub(super) fn none_found(paths: &[PathBuf]) -> String {
    let paths: Vec<String> = paths.iter().map(|it| format!("`{}`", it.display())).collect();
    format!("warning: no Dockerfile found in {}\n", paths.join(", "))
}

/// Writes files, and tells what became of them.
struct Teller<'a> {
    cli: &'a Cli,
    task: Task<'a>,
    /// What changed, if nothing else is worked on.
    changed: Option<&'a Changed>,
    /// What was found, for the baseline.
    seen: Vec<Seen>,
    /// Whether that is what is written.
    writes_baseline: bool,
    summary: Summary,
    /// What rules found, if that is to be counted.
    statistics: Option<Statistics>,
    /// What was told of settings: one file of them speaks for many files.
    told: HashSet<String>,
    /// How many findings were left after fixing.
    left: usize,
    report: Option<Writer<'a>>,
    out: Output,
}

impl Teller<'_> {
    /// Works on standard input, and gives back the exit code.
    fn run_stdin(&mut self) -> anyhow::Result<u8> {
        let by_name = self.changed.is_some() || self.writes_baseline;
        anyhow::ensure!(!by_name, "`-` cannot be given with --since, --staged or --write-baseline");
        let done = self.task.stdin();
        if self.task.writes {
            // Whoever pipes a file through gets it back whatever happens.
            let new = done.result.as_ref().ok().and_then(|it| it.new.as_ref());
            let mut out = io::stdout();
            out.write_all(new.unwrap_or(&done.old))?;
            out.flush()?;
        }
        self.tell(done, true)?;
        self.count()?;
        self.end_baseline()?;
        Ok(self.summary.exit_code(&self.task.target.report))
    }

    /// Works on all files, and gives back the exit code.
    fn run(&mut self) -> anyhow::Result<u8> {
        let target = self.task.target;
        let here = [PathBuf::from(".")];
        let paths = if target.paths.is_empty() { &here[..] } else { &target.paths };
        let files::Found { files, bad, leftovers } = files::find(paths, self.task.resolver);
        if self.task.writes {
            leftovers.iter().for_each(|it| _ = files::remove_leftover(it));
        }
        if let Some(file) = &target.report.output_file {
            output::refuse_input(file, paths, &files)?;
        }
        for (path, why) in &bad {
            self.unusable(&Name::new(path, self.task.here), why)?;
        }
        // Files that were named and are excluded are no surprise.
        if files.is_empty() && bad.is_empty() && paths.iter().any(|it| it.is_dir()) && !self.cli.quiet {
            say(&none_found(paths));
        }
        let files = self.only_changed(files)?;
        let listener = Listener { quiet: self.cli.quiet, verbose: self.cli.verbose, lines: false };
        let progress = Progress::new("working", u64::try_from(files.len()).ok(), listener);
        let task = self.task.clone();
        let work = |path: &PathBuf| {
            let done = task.file(path);
            progress.step("");
            done
        };
        let mut tell = |done| progress.aside(|| self.tell_all(done));
        match files.as_slice() {
            // Threads take longer to start than most files to be worked on.
            [file] => tell(vec![work(file)])?,
            all => {
                let pool = files::pool(target.jobs, all.len())?;
                files::in_order(&pool, all.iter(), work, tell)?;
            }
        }
        drop(progress);
        self.count()?;
        self.out.flush()?;
        self.end_baseline()?;
        self.finish();
        Ok(self.summary.exit_code(&target.report))
    }

    /// Tells what became of some files.
    fn tell_all(&mut self, done: Vec<Done>) -> anyhow::Result<()> {
        for done in done {
            self.tell(done, false)?;
        }
        Ok(self.out.flush()?)
    }

    /// Those of the files that changed, where nothing else is asked for.
    fn only_changed(&mut self, mut files: Vec<PathBuf>) -> io::Result<Vec<PathBuf>> {
        let Some(changed) = self.changed else { return Ok(files) };
        files.retain(|it| changed.has(it));
        let gone: Vec<&Path> = changed.gone().filter(|it| self.is_asked_for(it)).collect();
        for path in gone {
            let name = Name::new(path.strip_prefix(self.task.here).unwrap_or(path), self.task.here);
            if self.task.writes {
                self.unusable(&name, "it is staged and gone from the work tree; nothing was done to it")?;
            } else if !self.cli.quiet {
                say(&format!("{}: is staged and gone from the work tree, and is not looked at\n", name.shown));
            }
        }
        // To write a file with other changes besides would mix them with what is staged.
        let (unstaged, mut files): (Vec<_>, Vec<_>) = files.into_iter().partition(|it| changed.is_unstaged(it));
        for path in unstaged {
            let name = Name::new(&path, self.task.here);
            if self.task.writes {
                self.unusable(&name, "it has changes that are not staged; the file was left as it was")?;
                continue;
            }
            if !self.cli.quiet {
                say(&format!("{}: has changes that are not staged, which are looked at too\n", name.shown));
            }
            files.push(path);
        }
        files.sort();
        Ok(files)
    }

    /// Whether a file that is gone would have been found, were it there.
    fn is_asked_for(&self, path: &Path) -> bool {
        let (paths, resolver) = (&self.task.target.paths, self.task.resolver);
        let is_below = |it: &PathBuf| it.canonicalize().is_ok_and(|it| path.starts_with(it));
        let is_included = || resolver.settings_for(path).is_ok_and(|it| it.include.is_match(path));
        (if paths.is_empty() { path.starts_with(self.task.here) } else { paths.iter().any(is_below) })
            && (files::is_dockerfile(path) || is_included())
            && resolver.is_excluded(path).is_ok_and(|it| !it)
    }

    /// Tells what is stale in the baseline, or writes it.
    fn end_baseline(&mut self) -> anyhow::Result<()> {
        let Some(baseline) = self.task.narrowing.baseline else { return Ok(()) };
        let words = baseline.end(&self.seen, self.cli.verbose)?;
        if !self.cli.quiet {
            say(&words);
        }
        Ok(())
    }

    /// Ends the report and the output.
    fn end(self, exit_code: u8) -> io::Result<()> {
        let mut out = self.out;
        if let Some(report) = self.report {
            report.finish(exit_code, &mut out)?;
        }
        out.finish()
    }

    /// Says of a file that it can't be worked on, and why.
    fn unusable(&mut self, name: &Name, why: &str) -> io::Result<()> {
        self.summary.unusable += 1;
        say(&format!("{}: {}: {why}\n", name.shown, self.task.words.error()));
        self.add(self.task.unusable(name, why))
    }

    /// Adds to the report what it says of a file.
    fn add(&mut self, piece: Option<Piece>) -> io::Result<()> {
        match (&mut self.report, piece) {
            (Some(report), Some(piece)) => report.file(piece, &mut self.out),
            _ => Ok(()),
        }
    }

    fn tell(&mut self, done: Done, stdin: bool) -> io::Result<()> {
        match done.result {
            Ok(mut work) => {
                self.add(work.piece.take())?;
                self.seen.extend(work.seen.take());
                let mut changed = Some(work.changed);
                self.tell_work(&work);
                if let (Some(new), true, false) = (&work.new, self.task.writes, stdin)
                    && let Err(why) = files::write(&done.path, &done.old, new)
                {
                    changed = None;
                    self.unusable(&done.name, &why)?;
                }
                self.tell_change(&done.name, &done.old, work, changed)
            }
            Err(Failure::Config(error)) => {
                self.summary.unusable += 1;
                let piece = self.task.unusable(&done.name, &error.to_string());
                let error = format!("{}: {error}\n", self.task.words.error());
                if self.told.insert(error.clone()) {
                    say(&error);
                }
                self.add(piece)
            }
            Err(Failure::Excluded) => Ok(()),
            Err(Failure::File(why)) => self.unusable(&done.name, &why),
        }
    }

    /// Tells what is to be known of a file whatever becomes of it.
    fn tell_work(&mut self, work: &Work) {
        let is_heard = !self.cli.quiet && self.task.mode != Mode::Format;
        for notice in work.notices.iter().filter(|_| is_heard) {
            if self.told.insert(notice.clone()) {
                say(&format!("{notice}\n"));
            }
        }
        if let Some(why) = work.passed_over.as_ref().filter(|_| !self.cli.quiet) {
            say(why);
        }
        say(&work.problems);
    }

    /// Tells what became of a file, and what is left of it.
    fn tell_change(&mut self, name: &Name, old: &[u8], mut work: Work, changed: Option<bool>) -> io::Result<()> {
        self.summary.add(&work.outcome, changed);
        let changed = changed == Some(true);
        self.summary.pending |= changed && !self.task.writes;
        if let Some(statistics) = &mut self.statistics {
            statistics.add(&work.outcome, changed);
        } else if self.report.is_none() {
            if self.cli.quiet {
                // What makes a run fail is a result of it.
                let report = &self.task.target.report;
                work.outcome.findings.retain(|it| report.counts(it.fix.as_ref().map(|it| it.safety)));
            }
            let room = if self.cli.verbose { usize::MAX } else { MAX_LEFT.saturating_sub(self.left) };
            self.left += work.outcome.findings.len();
            if room > 0 {
                self.task.left(name, old, &mut work.outcome, room).iter().for_each(|it| say(it));
            }
        }
        if self.report.is_some() {
            return Ok(());
        }
        if self.task.target.diff {
            self.out.write_all(&work.diff)?;
        } else if changed && self.task.target.check {
            writeln!(self.out, "{}: would change", name.shown)?;
        }
        Ok(())
    }

    /// The counts, where they are asked for. In `check` they are the result; otherwise standard output is for diffs and
    /// files.
    fn count(&mut self) -> io::Result<()> {
        let is_check = self.task.mode == Mode::Check;
        match self.statistics.as_ref().map(|it| it.table(!is_check)) {
            Some(table) if is_check => self.out.write_all(table.as_bytes())?,
            Some(table) => say(&table),
            None => {}
        }
        Ok(())
    }

    /// The last words.
    fn finish(&self) {
        if self.left > MAX_LEFT && !self.cli.verbose {
            say(&format!("… and {} more findings; `dockfix check` tells them all\n", self.left - MAX_LEFT));
        }
        if !self.cli.quiet && !self.writes_baseline {
            say(&self.summary.text(self.task.mode, self.task.writes));
        }
    }
}
