//! `dockfix fix --jsonl`: rows in, rows out, in order, for engines that spread them over many machines.

mod answerer;
mod row;
mod stream;

use std::io;

use self::answerer::Answerer;
use super::{
    args::{Cli, Target},
    run::Mode,
};
use crate::{
    config::{Overrides, Resolver},
    files, rules,
};

/// Answers each line of standard input with a line on standard output. The exit code is 0 as soon as every line has its
/// answer, whatever they hold: an engine takes any other for a machine that failed.
///
/// No file is looked for, so that an answer depends on the row and on the arguments alone, wherever it is worked out.
pub(super) fn run(cli: &Cli, target: &Target, format: bool, unsafe_fixes: bool) -> anyhow::Result<u8> {
    let said = target.overrides(unsafe_fixes);
    let resolver = Resolver::new(rules::ALL, Overrides { isolated: said.config.is_none(), ..said })?.without_lookup();
    let answerer = Answerer::new(resolver, Mode::Fix { format }, cli.verbose);
    let pool = files::pool(target.jobs, usize::MAX)?;
    stream::answer(pool, move |line| answerer.answer(&line), &mut io::stdout().lock())?;
    Ok(0)
}
