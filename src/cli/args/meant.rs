//! Arguments that mean nothing to a subcommand, and what was probably meant.

use std::env;

use clap::{
    Arg,
    builder::StyledStr,
    error::{ContextKind, ContextValue, ErrorKind},
};

/// Options that all that work on files have, and that say nothing to `format`: it applies no rule and finds nothing.
pub(super) const NOT_IN_FORMAT: &[&str] = &["select", "extend_select", "ignore", "fail_on"];

/// Options that say nothing to `ci`, which writes nothing and tells in any case what would change.
pub(super) const NOT_IN_CI: &[&str] = &["check", "exit_non_zero_on_fix"];

/// The argument, left out of the help where its name is among those.
pub(super) fn hidden(arg: Arg, names: &[&str]) -> Arg {
    let is_known = names.contains(&arg.get_id().as_str());
    if is_known { arg.hide(true) } else { arg }
}

/// The argument of `check`, which writes only where it is to add comments.
pub(super) fn only_with_add_ignore(arg: Arg) -> Arg {
    match arg.get_id().as_str() {
        "diff" | "check" | "exit_non_zero_on_fix" => {
            let help = arg.get_help().map(|it| format!("With --add-ignore: {it}"));
            arg.requires("add_ignore").help(help.unwrap_or_default())
        }
        _ => arg,
    }
}

/// What people write who know other programs: in which subcommands, which option, and what they mean by it.
const OPTIONS: &[(&[&str], &[&str], &str)] = &[
    (&["check", "ci"], &["--fix", "--write", "-w"], "`dockfix fix` applies fixes"),
    (&["format", "fmt", "fix"], &["--write", "-w", "-i"], "files are written, unless --diff or --check is given"),
    (&["check", "ci"], &["--unsafe"], "`dockfix fix --unsafe` applies unsafe fixes; they are reported in any case"),
    (&["format", "fmt"], &["--fix"], "`dockfix fix` applies rules, and lays files out"),
    (&["format", "fmt"], &["--unsafe"], "`format` applies no rule; `dockfix fix --unsafe` does"),
];

/// The same of subcommands.
const SUBCOMMANDS: &[(&str, &str)] = &[("lint", "check"), ("explain", "rule")];

/// The error, with what was probably meant where that is known.
pub(super) fn advise(mut error: clap::Error) -> clap::Error {
    let wrong = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(it)) => it.clone(),
        _ => String::new(),
    };
    match error.kind() {
        ErrorKind::UnknownArgument => {
            let option = wrong(ContextKind::InvalidArg);
            // Options of the whole program may stand before it.
            let subcommand = env::args().skip(1).find(|it| OPTIONS.iter().any(|known| known.0.contains(&&**it)));
            let subcommand = subcommand.unwrap_or_default();
            let known = OPTIONS.iter().find(|it| it.0.contains(&&*subcommand) && it.1.contains(&&*option));
            if let Some((_, _, tip)) = known {
                let tip = ContextValue::StyledStrs(vec![StyledStr::from(*tip)]);
                error.insert(ContextKind::Suggested, tip);
            }
        }
        ErrorKind::InvalidSubcommand => {
            let subcommand = wrong(ContextKind::InvalidSubcommand);
            if let Some((_, meant)) = SUBCOMMANDS.iter().find(|it| it.0 == subcommand) {
                error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(vec![(*meant).to_owned()]));
            }
        }
        _ => {}
    }
    error
}
