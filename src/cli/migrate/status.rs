//! `dockfix migrate status`: how far the plan has come.

use std::io::Write;

use clap::Args;

use super::{At, table::section};
use crate::{
    cli::{args::Cli, output::Format},
    git,
    migrate::{self, GroupState, Plan, Store},
};

#[derive(Debug, Args)]
pub(super) struct Status {
    #[command(flatten)]
    at: At,
    /// How it is told.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    output_format: Format,
}

/// Tells how far the plan has come. The exit code is 1 where a run was interrupted or is under way.
pub(super) fn status(cli: &Cli, store: &Store, args: &Status) -> anyhow::Result<u8> {
    let plan = Plan::read(&args.at.path(store))?;
    let status = migrate::status(store, &plan)?;
    let mut out = anstream::stdout().lock();
    let code = u8::from(status.interrupted.is_some());
    if args.output_format == Format::Json {
        writeln!(out, "{}", serde_json::to_string(&status)?)?;
        return Ok(code);
    }
    let mut text = String::new();
    if let Some(run) = &status.interrupted {
        let what = if run.undoes { "undo" } else { "apply" };
        text.push_str(&format!(
            "{}: {what}, with {} of {} groups done{}\n",
            if run.at_work { "at work" } else { "interrupted" },
            run.done,
            run.groups,
            if run.at_work { "" } else { "; `dockfix migrate resume` goes on" }
        ));
    }
    if status.groups.iter().any(|it| it.state == GroupState::PartlyUndone) {
        text.push_str("not all was taken back; `dockfix migrate undo` tries the rest again\n");
    }
    let states = [
        GroupState::Planned,
        GroupState::Interrupted,
        GroupState::Applied,
        GroupState::Committed,
        GroupState::Undone,
        GroupState::PartlyUndone,
    ];
    let counts = states.map(|state| (state, status.groups.iter().filter(|it| it.state == state).count()));
    let counts: Vec<String> =
        counts.iter().filter(|it| it.1 > 0).map(|(state, number)| format!("{number} {}", state.as_str())).collect();
    text.push_str(&format!("groups: {}\n", if counts.is_empty() { "none".to_owned() } else { counts.join(", ") }));
    let rows: Vec<Vec<String>> = status
        .groups
        .iter()
        .map(|it| {
            let commit = it.commit.as_deref().map(git::short).unwrap_or_default();
            let numbers = [it.files, it.done, it.passed_over].map(|it| it.to_string());
            let [files, done, passed_over] = numbers;
            vec![it.name.clone(), files, done, passed_over, it.state.as_str().to_owned(), commit.to_owned()]
        })
        .collect();
    section(
        &mut text,
        &["Groups, in order", "files", "done", "passed over", "state", "commit"],
        &rows,
        if cli.verbose { usize::MAX } else { 50 },
    );
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(code)
}
