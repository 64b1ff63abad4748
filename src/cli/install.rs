//! `dockfix completions` and `dockfix man`: what is installed beside the program.

use std::io::Write;

use clap::CommandFactory;
use clap_complete::Shell;

use super::args::Cli;

/// Writes the script with which a shell completes the program's arguments.
pub(super) fn completions(shell: Shell) -> anyhow::Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut <Cli>::command(), "dockfix", &mut script);
    std::io::stdout().lock().write_all(&script)?;
    Ok(0)
}

/// Writes the manual page, in roff, of the program or of one of its subcommands, which is named as its page is: `fix`,
/// or `migrate-plan`.
pub(super) fn man(subcommand: Option<&str>) -> anyhow::Result<u8> {
    let mut command = <Cli>::command();
    // Global options belong to subcommands only once all is built; pages are named `dockfix-fix`.
    command.build();
    let page = match subcommand {
        None => command,
        Some(name) => {
            let found = below(&command, name).cloned();
            found.ok_or_else(|| anyhow::anyhow!("there is no subcommand `{name}`"))?
        }
    };
    let mut roff = Vec::new();
    clap_mangen::Man::new(page).render(&mut roff)?;
    // What stands behind the help is about exit codes alone, for which pages have a section of their own.
    let roff = String::from_utf8(roff)?.replacen(".SH EXTRA\nExit codes:\n", ".SH \"EXIT STATUS\"\n", 1);
    std::io::stdout().lock().write_all(roff.as_bytes())?;
    Ok(0)
}

/// The subcommand of that name, where a subcommand of a subcommand has the names of both with a hyphen between.
fn below<'a>(command: &'a clap::Command, name: &str) -> Option<&'a clap::Command> {
    let of_below = |it: &'a clap::Command| {
        let rest = name.strip_prefix(it.get_name())?;
        if rest.is_empty() { Some(it) } else { below(it, rest.strip_prefix('-')?) }
    };
    command.find_subcommand(name).or_else(|| command.get_subcommands().find_map(of_below))
}
