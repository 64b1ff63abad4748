//! `dockfix migrate patch`: a patch for each group.

use std::{io::Write, path::PathBuf};

use clap::Args;

use super::{At, count, say, tell};
use crate::{
    cli::args::Cli,
    migrate::{self, Event, Plan, Store},
};

#[derive(Debug, Args)]
pub(super) struct Patch {
    /// The groups; without any, all. Patches stand on those of earlier groups that change the same files.
    groups: Vec<String>,
    /// The folder of the patches, instead of `.dockfix/patches` at the root of the work tree.
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    #[command(flatten)]
    at: At,
}

/// Writes patches, and prints their names. The exit code is 1 where files were passed over.
pub(super) fn patch(cli: &Cli, store: &Store, args: &Patch) -> anyhow::Result<u8> {
    let mut plan = Plan::read(&args.at.path(store))?;
    let folder = match &args.output {
        Some(folder) => folder.clone(),
        None => {
            store.make()?;
            store.patches()
        }
    };
    let mut passed_over = 0;
    let written = migrate::patches(&store.root, &mut plan, &args.groups, &folder, &mut |event| {
        passed_over += usize::from(matches!(event, Event::PassedOver { .. }));
        tell(cli, &event);
    })?;
    let mut out = anstream::stdout().lock();
    for patch in written.iter().filter(|_| !cli.quiet) {
        writeln!(out, "{}", patch.path.display())?;
    }
    out.flush()?;
    let returns = written.iter().filter(|it| it.has_returns).count();
    if returns > 0 {
        let have = if returns == 1 { "has" } else { "have" };
        let words = format!("{} {have} lines that end with a carriage return", count(returns, "patch"));
        say(cli, &format!("{words}: `git apply` takes them as they are, `git am` with --keep-cr\n"));
    }
    Ok(u8::from(passed_over > 0))
}
