//! `dockfix clean`: what is kept to save work goes.

use std::{env, path::PathBuf};

use clap::Args;

use super::{args::Cli, output::say};
use crate::{
    files,
    migrate::{Cache, Store},
};

#[derive(Debug, Args)]
pub(super) struct Clean {
    /// The folder of the cache, instead of `.dockfix/cache` at the root of the work tree.
    #[arg(long, value_name = "FOLDER")]
    cache_dir: Option<PathBuf>,
}

/// Removes the cache and what killed plans have left half-written, and nothing else: plans, and what is known of
/// migrations, stay.
pub(super) fn clean(cli: &Cli, args: &Clean) -> anyhow::Result<u8> {
    let folder = match &args.cache_dir {
        Some(folder) => folder.clone(),
        None => {
            let store = Store::around(&env::current_dir()?)?;
            store.sweep();
            store.cache()
        }
    };
    let removed = Cache::clean(&folder)
        .map_err(|it| anyhow::anyhow!("{}: cannot be removed: {}", folder.display(), files::reason(&it)))?;
    if !cli.quiet {
        let words = match removed {
            None => format!("no cache in {}\n", folder.display()),
            Some(bytes) => format!("removed the cache in {} ({} kB)\n", folder.display(), bytes.div_ceil(1000)),
        };
        say(&words);
    }
    Ok(0)
}
