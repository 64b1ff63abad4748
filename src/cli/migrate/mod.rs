//! `dockfix migrate`: a monorepo, changed in parts that people can review.

mod plan;
mod table;

use std::path::PathBuf;

use clap::Subcommand;

use super::args::Cli;

#[derive(Debug, Subcommand)]
pub(super) enum Migrate {
    /// Work out what would change, in which groups, and what it does to builds. Writes nothing but the plan.
    Plan(plan::Plan),
}

/// Where the plan is.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct At {
    /// The file of the plan, instead of `.dockfix/plan.json` at the root of the work tree.
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
}

/// Does one of the subcommands, and gives back the exit code.
pub(super) fn migrate(cli: &Cli, command: &Migrate) -> anyhow::Result<u8> {
    match command {
        Migrate::Plan(args) => plan::plan(cli, args),
    }
}

/// A number with its noun, in the plural where it is not one.
fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
