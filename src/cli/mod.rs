//! The program: arguments, files, reports, exit codes.

mod args;
mod baseline;
mod changed;
mod clean;
mod init;
mod input;
mod install;
mod jsonl;
mod migrate;
mod output;
mod progress;
mod rule;
mod run;
mod sieve;
mod summary;
mod verify;
mod work;

use std::{
    io::{self, Write},
    panic::{self, AssertUnwindSafe},
    process::ExitCode,
};

use self::{
    args::{Cli, Color, Command, Debug, Deferred, Often},
    run::{Mode, Wish},
};
use crate::{config::Resolver, files, report, rules, syntax, text};

/// The exit code where nobody reads standard output any more, and so not all was told: what a shell says of a program
/// that a SIGPIPE (13) ended, 128 more than the number of the signal.
const BROKEN_PIPE: u8 = 141;

/// Runs the program on the arguments of the process. The exit code is 0 where nothing is left to do, 1 where findings
/// are left or files would change, 2 where a file, an option or a setting was bad, and `BROKEN_PIPE`.
pub fn run() -> ExitCode {
    work::catch_panics();
    let cli = match Cli::of_process() {
        Ok(cli) => cli,
        Err(error) => {
            if error.print().is_err_and(|it| it.kind() == io::ErrorKind::BrokenPipe) {
                return ExitCode::from(BROKEN_PIPE);
            }
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    match cli.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    let result = panic::catch_unwind(AssertUnwindSafe(|| dispatch(&cli)));
    let message = match result {
        Ok(Ok(code)) => return ExitCode::from(code),
        Ok(Err(error)) if is_broken_pipe(&error) => return ExitCode::from(BROKEN_PIPE),
        Ok(Err(error)) => match error.downcast_ref::<io::Error>() {
            Some(error) => format!("cannot write to standard output: {}", files::reason(error)),
            None => format!("{error:#}"),
        },
        Err(_) => format!("fault of dockfix: {}. {}", work::last_panic(), report::PLEASE_REPORT),
    };
    let _ = writeln!(anstream::stderr(), "error: {message}");
    ExitCode::from(2)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|it| it.kind() == io::ErrorKind::BrokenPipe)
}

fn dispatch(cli: &Cli) -> anyhow::Result<u8> {
    match &cli.command {
        Command::Often(often) => dispatch_often(cli, often),
        Command::Init(Deferred(args)) => init::init(args, cli.quiet),
        Command::Verify(Deferred(args)) => verify::verify(args, cli.quiet),
        Command::Migrate(Deferred(args)) => migrate::migrate(cli, args),
        Command::Rule { name, all, preset } => rule::rule(name.as_deref(), *all, preset.as_deref()),
        Command::Clean(args) => clean::clean(cli, args),
        Command::Completions { shell } => install::completions(*shell),
        Command::Man { subcommand } => install::man(subcommand.as_deref()),
        #[cfg(feature = "lsp")]
        Command::Lsp { stdio: _ } => Ok(crate::lsp::serve()),
        Command::Debug(Debug::Tree { file }) => {
            let bytes = input::read(file)?;
            let mut out = io::stdout().lock();
            out.write_all(syntax::dump(&text::decode(&bytes)).as_bytes())?;
            Ok(0)
        }
        Command::Debug(Debug::Settings { file, said }) => {
            let settings = Resolver::new(rules::ALL, said.overrides())?.settings_for(file)?;
            write!(io::stdout().lock(), "{settings}")?;
            Ok(0)
        }
    }
}

fn dispatch_often(cli: &Cli, often: &Often) -> anyhow::Result<u8> {
    match often {
        Often::Format(Deferred(args)) => {
            args.refuse_others()?;
            run::run(cli, &args.target, Mode::Format, Wish::default())
        }
        Often::Fix(Deferred(args)) if args.jsonl => jsonl::run(cli, &args.target, !args.no_format, args.r#unsafe),
        Often::Fix(Deferred(args)) => {
            let wish = Wish { unsafe_fixes: args.r#unsafe, statistics: args.statistics, ..Wish::default() };
            run::run(cli, &args.target, Mode::Fix { format: !args.no_format }, wish)
        }
        Often::Check(Deferred(args)) => {
            let mode = if args.add_ignore { Mode::Ignore } else { Mode::Check };
            let wish = Wish {
                unsafe_fixes: false,
                statistics: args.statistics,
                reason: args.reason.as_deref(),
                narrow: Some(&args.narrow),
                write_baseline: args.write_baseline.as_deref(),
            };
            run::run(cli, &args.target, mode, wish)
        }
        Often::Ci(Deferred(args)) => {
            args.refuse_others()?;
            run::run(cli, &args.target, Mode::Ci, Wish { narrow: Some(&args.narrow), ..Wish::default() })
        }
    }
}
