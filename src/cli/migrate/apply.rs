//! `dockfix migrate apply`, `resume` and `undo`.

use clap::Args;

use super::{At, count, say, tell_with_progress};
use crate::{
    cli::args::Cli,
    migrate::{self, Done, Options, Plan, Store},
};

#[derive(Debug, Args)]
pub(super) struct Apply {
    /// The groups, in whatever order; they are applied in that of the plan. Without any, all.
    groups: Vec<String>,
    #[command(flatten)]
    at: At,
    /// Make a commit of each group. What else is staged stays staged. Refused where a file of the groups has other
    /// changes.
    #[arg(long)]
    commit: bool,
    /// Let git not run the hooks that may refuse a commit.
    #[arg(long, requires = "commit")]
    no_verify: bool,
    /// List commits that only lay out in `.git-blame-ignore-revs`, and commit that at the end.
    #[arg(long, requires = "commit")]
    blame_ignore_revs: bool,
}

#[derive(Debug, Args)]
pub(super) struct Resume {
    /// Let git not run the hooks that may refuse a commit.
    #[arg(long)]
    no_verify: bool,
}

#[derive(Debug, Args)]
pub(super) struct Undo {
    /// Let git not run the hooks that may refuse a commit.
    #[arg(long)]
    no_verify: bool,
}

/// Applies groups of the plan. The exit code is 1 where files were passed over.
pub(super) fn apply(cli: &Cli, store: &Store, args: &Apply) -> anyhow::Result<u8> {
    let mut plan = Plan::read(&args.at.path(store))?;
    let options = Options { commit: args.commit, hooks: !args.no_verify, blame_ignore_revs: args.blame_ignore_revs };
    let asked = |name: &String| args.groups.is_empty() || args.groups.contains(name);
    let files = plan.groups.iter().filter(|it| asked(&it.name)).map(|it| it.files).sum();
    let mut tell = tell_with_progress(cli, "writing", Some(files));
    let done = migrate::apply(store, &mut plan, &args.groups, options, &mut tell)?;
    // What a bar leaves of its line goes before the last words come.
    drop(tell);
    Ok(end(cli, done))
}

/// Goes on with what was interrupted.
pub(super) fn resume(cli: &Cli, store: &Store, args: &Resume) -> anyhow::Result<u8> {
    let done = migrate::resume(store, !args.no_verify, &mut tell_with_progress(cli, "writing", None))?;
    match done {
        Some(done) => Ok(end(cli, done)),
        None => {
            say(cli, "nothing was interrupted\n");
            Ok(0)
        }
    }
}

/// Takes back what was applied last.
pub(super) fn undo(cli: &Cli, store: &Store, args: &Undo) -> anyhow::Result<u8> {
    let done = migrate::undo(store, !args.no_verify, &mut tell_with_progress(cli, "taking back", None))?;
    match done {
        Some(done) => Ok(end(cli, done)),
        None => {
            say(cli, "nothing is there to take back\n");
            Ok(0)
        }
    }
}

/// Says what was done, and gives back the exit code.
fn end(cli: &Cli, done: Done) -> u8 {
    let verb = if done.takes_back { "taken back" } else { "written" };
    let mut line = format!("{} in {} {verb}", count(done.files, "file"), count(done.groups, "group"));
    if done.already > 0 {
        line.push_str(&format!(", {} already as wanted", done.already));
    }
    if done.passed_over > 0 {
        line.push_str(&format!(", {} passed over", done.passed_over));
    }
    if done.commits > 0 {
        line.push_str(&format!("; {}", count(done.commits, "commit")));
    }
    say(cli, &format!("{line}\n"));
    u8::from(done.passed_over > 0)
}
