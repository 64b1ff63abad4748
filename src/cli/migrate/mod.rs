//! `dockfix migrate`: a monorepo, changed in parts that people can review.

mod apply;
mod patch;
mod plan;
mod report;
mod status;
mod table;

use std::{collections::HashSet, env, path::PathBuf};

use clap::Subcommand;

use super::{
    args::Cli,
    output,
    progress::{Listener, Progress},
};
use crate::{
    git,
    migrate::{Event, Store, shown},
    report::count,
};

/// The arguments of `migrate`.
#[derive(Debug, clap::Args)]
pub(super) struct Migrate {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Work out what would change, in which groups, and what it does to builds. Writes nothing but the plan.
    Plan(Box<plan::Plan>),
    /// Write a patch for each group, which `git apply` and `git am` take.
    Patch(patch::Patch),
    /// Write the files, group by group. What changed since the plan was made is passed over.
    Apply(apply::Apply),
    /// Tell how far the plan has come. The exit code is 1 where something was interrupted.
    Status(status::Status),
    /// Go on with what was interrupted.
    Resume(apply::Resume),
    /// Take back what was applied last, where files are untouched since; commits are taken back by commits.
    Undo(apply::Undo),
    /// Join the parts that `plan --shard` made.
    Merge(plan::Merge),
    /// Write what a plan says as a page of HTML, as Markdown or as JSON.
    Report(report::Report),
}

/// Where the plan is.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct At {
    /// The file of the plan, instead of `.dockfix/plan.json` at the root of the work tree.
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
}

impl At {
    /// The file of the plan.
    fn path(&self, store: &Store) -> PathBuf {
        self.plan.clone().unwrap_or_else(|| store.plan())
    }
}

/// Does one of the subcommands, and gives back the exit code.
pub(super) fn migrate(cli: &Cli, args: &Migrate) -> anyhow::Result<u8> {
    let store = Store::around(&env::current_dir()?)?;
    match &args.command {
        Command::Plan(args) => plan::plan(cli, &store, args),
        Command::Patch(args) => patch::patch(cli, &store, args),
        Command::Apply(args) => apply::apply(cli, &store, args),
        Command::Status(args) => status::status(cli, &store, args),
        Command::Resume(args) => apply::resume(cli, &store, args),
        Command::Undo(args) => apply::undo(cli, &store, args),
        Command::Merge(args) => plan::merge(cli, &store, args),
        Command::Report(args) => report::report(cli, &store, args),
    }
}

/// Says something on stderr, unless nothing is to be said.
fn say(cli: &Cli, words: &str) {
    if !cli.quiet {
        output::say(words);
    }
}

/// Tells what happens while groups are worked on.
fn tell(cli: &Cli, event: &Event<'_>) {
    match event {
        Event::PassedOver { path, why } => say(cli, &format!("{}: passed over: {why}\n", shown(path))),
        Event::Group { name, files, nth, of } if cli.verbose => {
            say(cli, &format!("group {nth} of {of}, {name}: {}\n", count(*files, "file")));
        }
        Event::Committed { group, commit } if cli.verbose => {
            say(cli, &format!("{group}: commit {}\n", git::short(commit)));
        }
        Event::Swept { files } if *files > 0 => {
            say(cli, &format!("{} of an interrupted run taken away\n", count(*files, "temporary file")));
        }
        _ => {}
    }
}

/// Tells what happens, and how far it has come: of so many files, if that is known.
fn tell_with_progress(cli: &Cli, what: &'static str, total: Option<usize>) -> impl FnMut(Event<'_>) {
    let listener = Listener { quiet: cli.quiet, verbose: cli.verbose, lines: true };
    let progress = Progress::new(what, total.and_then(|it| u64::try_from(it).ok()), listener);
    let mut group = String::new();
    // What is wrong with a file in one group is wrong in the others; the first reason is the one that helps.
    let mut told = HashSet::new();
    move |event| {
        match &event {
            Event::Group { name, .. } => (*name).clone_into(&mut group),
            Event::Written { .. } | Event::PassedOver { .. } => progress.step(&group),
            _ => {}
        }
        let is_told = matches!(&event, Event::PassedOver { path, .. } if !told.insert((*path).to_owned()));
        if !is_told {
            progress.aside(|| tell(cli, &event));
        }
    }
}
