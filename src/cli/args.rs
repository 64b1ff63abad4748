//! What may stand on the command line.

mod meant;
mod said;

use std::{env, path::PathBuf, sync::LazyLock};

use clap::{
    ArgMatches, Args, FromArgMatches, Parser, Subcommand, ValueEnum,
    builder::{PossibleValue, Resettable},
};

pub(super) use self::said::Said;
use super::input;
use crate::{config::Overrides, fix::Safety, report};

/// Takes Dockerfiles apart, fixes what is wrong with them, lays them out, and hands back the file or a diff.
#[derive(Debug, Parser)]
#[command(name = "dockfix", version = VERSION.as_str(), arg_required_else_help = true, after_help = EXIT_CODES)]
#[command(args_override_self = true)]
pub(super) struct Cli<C: Subcommand = Command> {
    #[command(subcommand)]
    pub(super) command: C,
    /// Say nothing but results and errors.
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,
    /// Say more: all findings that are left, all errors, shell text that could not be read.
    #[arg(short, long, global = true)]
    pub(super) verbose: bool,
    /// When to colour; by default on terminals, unless NO_COLOR is set.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub(super) color: Color,
}

impl Cli {
    /// Understands the arguments of the process. What is called on every save of a file is tried without the other
    /// subcommands, of which clap makes much; where anything is wrong or asked for, all of them have a say.
    pub(super) fn of_process() -> Result<Cli, clap::Error> {
        let often = env::args_os().nth(1).is_some_and(|it| it.to_str().is_some_and(Often::has_subcommand));
        match often.then(Cli::<Often>::try_parse) {
            Some(Ok(Cli { command, quiet, verbose, color })) => {
                Ok(Cli { command: Command::Often(command), quiet, verbose, color })
            }
            _ => Cli::try_parse().map_err(meant::advise),
        }
    }
}

/// The version, with the commit where the one who built the program has said it (`DOCKFIX_COMMIT`): git is not asked,
/// so that a build is the same with and without a repository.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let version = env!("CARGO_PKG_VERSION");
    let commit = option_env!("DOCKFIX_COMMIT").filter(|it| !it.is_empty());
    commit.map_or(version.to_owned(), |commit| format!("{version} ({commit})"))
});

const EXIT_CODES: &str = "\
Exit codes:
  0    nothing is left to do
  1    findings are left, or files would change under --check and --diff
  2    a file, an option or a setting was bad
  141  nobody reads standard output any more, and not all was told";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    #[command(flatten)]
    Often(Often),
    /// Write a `dockfix.toml` that fits what the Dockerfiles of a folder do.
    Init(Deferred<super::init::Init>),
    /// Say whether two files are the same build, and what differs step by step.
    Verify(Deferred<super::verify::Verify>),
    /// Change a monorepo in parts that people can review.
    Migrate(Deferred<super::migrate::Migrate>),
    /// Explain a rule, or list them all.
    Rule {
        /// The rule's name, its id in another tool, or any word that selects rules.
        name: Option<String>,
        /// Explain them all.
        #[arg(long, conflicts_with = "name")]
        all: bool,
        /// Mark in the list the rules that run with this preset, instead of those of `recommended`.
        #[arg(long, value_name = "NAME", conflicts_with_all = ["name", "all"])]
        preset: Option<String>,
    },
    /// Remove what is kept so that a second `migrate plan` looks only at what changed.
    Clean(super::clean::Clean),
    /// Serve an editor on standard input and output, by the Language Server Protocol.
    #[cfg(feature = "lsp")]
    Lsp {
        /// What clients pass that know several ways; standard input and output is the only one.
        #[arg(long, hide = true)]
        stdio: bool,
    },
    /// Print the script with which a shell completes the arguments of dockfix.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page, for `man -l -`.
    Man {
        /// The subcommand whose page it is to be, instead of the program's: `fix`, or `migrate-plan` for one of
        /// another.
        subcommand: Option<String>,
    },
    /// Look inside.
    #[command(subcommand)]
    Debug(Debug),
}

/// What is done to files again and again.
#[derive(Debug, Subcommand)]
pub(super) enum Often {
    /// Lay files out.
    #[command(alias = "fmt")]
    Format(Deferred<Format>),
    /// Apply rules, then lay files out. Tells what is left.
    Fix(Deferred<Fix>),
    /// Report what rules find. Writes nothing, unless it is to add comments.
    Check(Deferred<Check>),
    /// Report what rules find and what is not laid out: `check` and `format --check` in one. Writes nothing.
    Ci(Deferred<Ci>),
}

#[derive(Debug, Subcommand)]
pub(super) enum Debug {
    /// Print the tree of a file.
    Tree {
        /// The file, or `-` for standard input.
        file: PathBuf,
    },
    /// Print the settings that hold for a file, as a `dockfix.toml`.
    Settings {
        /// The file, which need not exist.
        file: PathBuf,
        #[command(flatten)]
        said: Said,
    },
}

/// Arguments of a subcommand that clap is told of only where that subcommand is called: the program starts on every
/// save of a file, and has many arguments.
#[derive(Debug)]
pub(super) struct Deferred<T>(pub(super) T);

impl<T: Args> Args for Deferred<T> {
    fn augment_args(command: clap::Command) -> clap::Command {
        command.defer(|it| {
            // What is said of the subcommand is said of it, not of its arguments.
            let (about, long_about) = (it.get_about().cloned(), it.get_long_about().cloned());
            T::augment_args(it).about(Resettable::from(about)).long_about(Resettable::from(long_about))
        })
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl<T: FromArgMatches> FromArgMatches for Deferred<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        T::from_arg_matches(matches).map(Deferred)
    }

    // Without this they would be copied first.
    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Self, clap::Error> {
        T::from_arg_matches_mut(matches).map(Deferred)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

/// The arguments of `format`.
#[derive(Debug, Args)]
#[command(mut_args(|it| meant::hidden(it, meant::NOT_IN_FORMAT)))]
pub(super) struct Format {
    #[command(flatten)]
    pub(super) target: Target,
}

/// The arguments of `fix`.
#[derive(Debug, Args)]
pub(super) struct Fix {
    #[command(flatten)]
    pub(super) target: Target,
    /// Apply rules only: nothing changes but what a rule asks for.
    #[arg(long)]
    pub(super) no_format: bool,
    /// Apply unsafe fixes too: those that may change what the build does.
    #[arg(long, help_heading = "Rules")]
    pub(super) r#unsafe: bool,
    /// Count by rule what was applied and what is left, instead of telling what is left.
    #[arg(long)]
    pub(super) statistics: bool,
    /// Answer rows of standard input on standard output: JSON, an object a line with `path` and `text`. No file is read
    /// or looked for but that of `--config`.
    #[arg(
        long,
        conflicts_with_all = [
            "paths", "diff", "check", "stdin_filename", "changed", "statistics", "output_format", "output_file",
            "exit_zero", "exit_non_zero_on_fix", "fail_on",
        ]
    )]
    pub(super) jsonl: bool,
}

/// The arguments of `check`.
#[derive(Debug, Args)]
#[command(mut_args(meant::only_with_add_ignore))]
pub(super) struct Check {
    #[command(flatten)]
    pub(super) target: Target,
    /// Write `# dockfix: ignore[…]` above all that is found, instead of reporting it.
    #[arg(long, conflicts_with_all = ["changed_lines", "baseline"], help_heading = "Rules")]
    pub(super) add_ignore: bool,
    /// What new comments say behind the names of the rules.
    #[arg(long, value_name = "TEXT", requires = "add_ignore", help_heading = "Rules")]
    pub(super) reason: Option<String>,
    /// Count the findings by rule, instead of telling each.
    #[arg(long, conflicts_with = "add_ignore")]
    pub(super) statistics: bool,
    #[command(flatten)]
    pub(super) narrow: Narrow,
    /// Write what is found into the baseline, instead of reporting it. Entries for files and rules that this run has
    /// nothing to do with are kept.
    #[arg(
        long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = BASELINE,
        conflicts_with_all = ["changed", "baseline", "add_ignore", "statistics", "output_format", "output_file"],
        help_heading = "What is new"
    )]
    pub(super) write_baseline: Option<PathBuf>,
}

/// The arguments of `ci`.
#[derive(Debug, Args)]
#[command(mut_args(|it| meant::hidden(it, meant::NOT_IN_CI)))]
pub(super) struct Ci {
    #[command(flatten)]
    pub(super) target: Target,
    #[command(flatten)]
    pub(super) narrow: Narrow,
}

/// The files that a subcommand works on, and how.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Target {
    /// Files and folders; `-` is standard input. Without any, the current folder.
    pub(super) paths: Vec<PathBuf>,
    /// Print what would change as a unified diff, for `git apply`. Writes nothing.
    #[arg(long)]
    pub(super) diff: bool,
    /// List the files that would change. Writes nothing.
    #[arg(long)]
    pub(super) check: bool,
    /// The name under which standard input is treated; settings are looked up for it. Stands for `-` where no path is
    /// given.
    #[arg(long, value_name = "NAME")]
    pub(super) stdin_filename: Option<PathBuf>,
    #[command(flatten)]
    pub(super) changed: Changed,
    #[command(flatten)]
    said: Said,
    #[command(flatten)]
    pub(super) report: Report,
    /// How many files are worked on at once, 256 at most; 0, which is the default, is one for each core.
    #[arg(short, long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub(super) jobs: usize,
}

/// Which files changed, by the word of git.
#[derive(Debug, Clone, Default, Args)]
#[group(id = "changed", multiple = false)]
pub(super) struct Changed {
    /// Only files that changed since this branch left REF, committed or not; also those that git doesn't know yet.
    #[arg(long, value_name = "REF", help_heading = "What is new")]
    pub(super) since: Option<String>,
    /// Only files with staged changes. One with other changes besides is not written.
    #[arg(long, help_heading = "What is new")]
    pub(super) staged: bool,
}

/// What is left out of what was found.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Narrow {
    /// With `--since` or `--staged`: only what stands in lines that changed. Errors are told wherever they are.
    #[arg(long, requires = "changed", help_heading = "What is new")]
    pub(super) changed_lines: bool,
    /// Only what rules find beyond the baseline, which `check --write-baseline` made.
    #[arg(
        long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = BASELINE,
        help_heading = "What is new"
    )]
    pub(super) baseline: Option<PathBuf>,
}

/// The name that a baseline has where none is given.
pub(super) const BASELINE: &str = ".dockfix-baseline.json";

/// How it is told what was found, and what the exit code makes of it.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Report {
    /// How findings are told; by default `full` for `check`, `concise` for what `fix` leaves. With `--diff` and
    /// `--check`, what would change is told in this format as well.
    #[arg(long, value_enum, value_name = "FORMAT", help_heading = "Report")]
    pub(super) output_format: Option<report::Format>,
    /// Where the results are written instead of standard output.
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    pub(super) output_file: Option<PathBuf>,
    /// Exit with 0 also where findings are left or files would change. What is bad still gives 2.
    #[arg(long, conflicts_with_all = ["exit_non_zero_on_fix", "fail_on"], help_heading = "Report")]
    pub(super) exit_zero: bool,
    /// Exit with 1 also where files were changed and nothing is left.
    #[arg(long, help_heading = "Report")]
    pub(super) exit_non_zero_on_fix: bool,
    /// Exit with 1 only for findings whose fix is at least so safe; those without a fix don't count then.
    #[arg(long, value_enum, value_name = "SAFETY", help_heading = "Report")]
    pub(super) fail_on: Option<Safety>,
}

impl Report {
    /// Whether the exit code hangs on a finding whose fix is so safe, or that has none.
    pub(super) fn counts(&self, safety: Option<Safety>) -> bool {
        let least = self.fail_on;
        !self.exit_zero && least.is_none_or(|least| safety.is_some_and(|it| it >= least))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

// The words are those of `--fail-on`, for the least safe fix that a finding must have to count.
impl ValueEnum for Safety {
    fn value_variants<'a>() -> &'a [Self] {
        &Safety::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Safety::Safe => "`fix` would apply it",
            Safety::Unsafe => "`fix --unsafe` would apply it",
            Safety::Suggest => "It has a fix or a suggestion",
        };
        Some(PossibleValue::new(self.as_str()).help(help))
    }
}

impl Format {
    /// An error where something is said of rules and findings, of which there are none.
    pub(super) fn refuse_others(&self) -> anyhow::Result<()> {
        let option = self.target.said.rule_option().or(self.target.report.fail_on.map(|_| "--fail-on"));
        option.map_or(Ok(()), |it| {
            anyhow::bail!("{it} says nothing to `format`, which applies no rule; `dockfix fix` does")
        })
    }
}

impl Ci {
    /// An error where something is said of changes, of which there are none.
    pub(super) fn refuse_others(&self) -> anyhow::Result<()> {
        let report = &self.target.report;
        for (is_said, option) in
            [(self.target.check, "--check"), (report.exit_non_zero_on_fix, "--exit-non-zero-on-fix")]
        {
            anyhow::ensure!(!is_said, "{option} says nothing to `ci`, which writes no file in any case");
        }
        Ok(())
    }
}

impl Target {
    /// Whether standard input is what is worked on. An error where that and files are asked for.
    pub(super) fn is_stdin(&self) -> anyhow::Result<bool> {
        let is_stdin = self.paths.iter().any(|it| input::is_stdin(it));
        anyhow::ensure!(!is_stdin || self.paths.len() == 1, "`-` cannot be given together with other paths");
        anyhow::ensure!(
            is_stdin || self.paths.is_empty() || self.stdin_filename.is_none(),
            "--stdin-filename names standard input, and cannot be given together with paths other than `-`"
        );
        Ok(is_stdin || self.stdin_filename.is_some())
    }

    /// What the arguments say of settings.
    pub(super) fn overrides(&self, unsafe_fixes: bool) -> Overrides {
        Overrides { unsafe_fixes, ..self.said.overrides() }
    }
}
