//! Doing a job to many files.

use std::{
    io::{self, Read, Write},
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
};

use rayon::prelude::*;

use super::{
    args::{Cli, Target},
    files,
    summary::Summary,
    write,
};
use crate::{
    config::{Resolver, Settings},
    fix::{self, Effect, Job, Outcome, Safety},
    report::{self, Style},
    text,
};

/// What a subcommand does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Format,
    Fix { format: bool },
    Check,
}

impl Mode {
    fn job(self, settings: &Settings) -> Job {
        let safety = if settings.unsafe_fixes { Safety::Unsafe } else { Safety::Safe };
        let format = matches!(self, Mode::Format | Mode::Fix { format: true });
        Job {
            rules: if self == Mode::Format { Vec::new() } else { settings.rules.clone() },
            fix: matches!(self, Mode::Fix { .. }).then_some(safety),
            max_effect: if self == Mode::Format { Effect::Image } else { settings.max_effect },
            format: format.then_some(settings.format),
        }
    }
}

/// A file's bytes and what became of them, or why nothing did.
struct Done {
    path: PathBuf,
    bytes: Vec<u8>,
    before: String,
    result: Result<Outcome, String>,
}

/// Does the job and gives back the exit code: 0 nothing left, 1 findings left or files would change, 2 something bad.
pub(super) fn run(cli: &Cli, target: &Target, mode: Mode, unsafe_fixes: bool) -> anyhow::Result<u8> {
    let resolver = Resolver::new(crate::rules::ALL, target.overrides(unsafe_fixes))?;
    let mut summary = Summary::default();
    let out = &mut anstream::stdout().lock();
    if target.paths.iter().any(|it| it.as_os_str() == "-") {
        anyhow::ensure!(target.paths.len() == 1, "`-` cannot be given together with other paths");
        let done = stdin(target, mode, &resolver);
        one(cli, target, mode, &done, true, &mut summary, out)?;
        return Ok(summary.exit_code());
    }
    let here = [PathBuf::from(".")];
    let paths = if target.paths.is_empty() { &here[..] } else { &target.paths };
    let (paths, bad) = files::find(paths, &resolver);
    for (path, why) in bad {
        summary.bad += 1;
        complain(&path, &why);
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(target.jobs).build()?;
    // Files are worked on a few hundred at a time, so that what is kept does not grow with the folder.
    for paths in paths.chunks(256) {
        let done: Vec<Done> = pool.install(|| paths.par_iter().map(|path| from_file(path, mode, &resolver)).collect());
        for done in &done {
            one(cli, target, mode, done, false, &mut summary, out)?;
        }
    }
    out.flush()?;
    if !cli.quiet {
        summary.print(mode != Mode::Check && (target.check || target.diff))?;
    }
    Ok(summary.exit_code())
}

fn complain(path: &Path, why: &str) {
    // A closed stderr is no reason to stop.
    let _ = writeln!(anstream::stderr(), "{}: error: {why}", path.display());
}

fn stdin(target: &Target, mode: Mode, resolver: &Resolver) -> Done {
    let path = target.stdin_filename.clone().unwrap_or_else(|| PathBuf::from("Dockerfile"));
    let mut bytes = Vec::new();
    // A closed standard input is an empty file.
    let read = io::stdin().lock().read_to_end(&mut bytes);
    let mut done = process(&path, bytes, mode, resolver);
    if let Err(error) = read.as_ref()
        && error.raw_os_error() != Some(9)
    {
        done.result = Err(files::reason(error));
    }
    if target.stdin_filename.is_none() {
        done.path = PathBuf::from("<stdin>");
    }
    done
}

fn from_file(path: &Path, mode: Mode, resolver: &Resolver) -> Done {
    match write::read(path) {
        Ok(bytes) => process(path, bytes, mode, resolver),
        Err(why) => Done { path: path.to_owned(), bytes: Vec::new(), before: String::new(), result: Err(why) },
    }
}

fn process(path: &Path, bytes: Vec<u8>, mode: Mode, resolver: &Resolver) -> Done {
    let before = text::decode(&bytes);
    let result = resolver.settings_for(path).map_err(|it| it.to_string()).and_then(|settings| {
        let job = mode.job(&settings);
        // The library does not panic; if it does, that is a fault of it, and no reason to leave out other files.
        panic::catch_unwind(AssertUnwindSafe(|| fix::run(&before, &job)))
            .map_err(|_| format!("fault of dockfix: it panicked. {}", report::PLEASE_REPORT))
    });
    Done { path: path.to_owned(), bytes, before, result }
}

/// Reports what became of one file, and writes it.
fn one(
    cli: &Cli,
    target: &Target,
    mode: Mode,
    done: &Done,
    stdin: bool,
    summary: &mut Summary,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let name = done.path.display().to_string();
    let writes = !(target.diff || target.check || mode == Mode::Check);
    let outcome = match &done.result {
        Ok(outcome) => outcome,
        Err(why) => {
            summary.bad += 1;
            complain(&done.path, why);
            if stdin && writes {
                out.write_all(&done.bytes)?;
            }
            return Ok(());
        }
    };
    let changed = outcome.text != done.before;
    summary.add(outcome, changed, mode);
    let style = Style { concise: target.output_format == super::args::OutputFormat::Concise, verbose: cli.verbose };
    let err = &mut anstream::stderr().lock();
    report::problems(err, &name, outcome, style, cli.quiet)?;
    let findings: &mut dyn Write = if mode == Mode::Check { &mut *out } else { err };
    report::findings(findings, &name, outcome, style)?;
    if stdin && writes {
        out.write_all(if changed { text::encode(&outcome.text) } else { done.bytes.clone() }.as_slice())?;
    }
    if !changed {
        return Ok(());
    }
    if target.diff {
        let diff = text::unified(&done.before, &outcome.text, &name, &name, true);
        // Escape sequences that colour are taken out by the stream where they are not wanted.
        out.write_all(&text::encode(&diff))?;
    } else if target.check && !cli.quiet {
        writeln!(out, "{name}: would change")?;
    } else if writes
        && !stdin
        && let Err(why) = write::write(&done.path, &done.bytes, &text::encode(&outcome.text))
    {
        summary.bad += 1;
        summary.changed -= 1;
        complain(&done.path, &why);
    }
    summary.pending |= !writes;
    Ok(())
}
