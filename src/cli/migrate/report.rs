//! `dockfix migrate report`: a plan, for people to look at.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};

use super::{At, count, say};
use crate::{
    cli::{args::Cli, output::Output},
    files,
    migrate::{
        Store,
        report::{self, Form, LeftOut, Limits},
    },
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Report {
    #[command(flatten)]
    at: At,
    /// The file to write, instead of standard output; its name says the form: `.html`, `.md` or `.json`.
    #[arg(short, long, value_name = "FILE")]
    output_file: Option<PathBuf>,
    /// The form, where no name of a file says it.
    #[arg(long, value_enum, value_name = "FORM")]
    output_format: Option<Format>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One page that loads nothing.
    Html,
    /// For a pull request.
    Markdown,
    /// For machines.
    Json,
}

/// Writes the report of a plan.
pub(super) fn report(cli: &Cli, store: &Store, args: &Report) -> anyhow::Result<u8> {
    let plan = args.at.path(store);
    let asked = args.output_format.map(|it| match it {
        Format::Html => Form::Html,
        Format::Markdown => Form::Markdown,
        Format::Json => Form::Json,
    });
    let form = match (asked, &args.output_file) {
        (Some(form), _) => form,
        (None, Some(file)) => form_of(file)?,
        (None, None) => Form::Markdown,
    };
    write(cli, &plan, store, form, args.output_file.as_deref())?;
    Ok(0)
}

/// The form that the name of a file asks for.
pub(super) fn form_of(file: &Path) -> anyhow::Result<Form> {
    Form::of(file).ok_or_else(|| {
        anyhow::anyhow!("{}: which form?\nhelp: a name ends in `.html`, `.md` or `.json`", file.display())
    })
}

/// Writes the report of a plan to a file, which is there whole or not at all, or to standard output.
pub(super) fn write(cli: &Cli, plan: &Path, store: &Store, form: Form, to: Option<&Path>) -> anyhow::Result<()> {
    let mut out = Output::new(to)?;
    let left_out = report::write(plan, &store.root, form, Limits::default(), &mut out);
    let left_out = left_out.and_then(|it| {
        out.flush()?;
        out.finish()?;
        Ok(it)
    });
    let left_out = left_out.map_err(|error| match (to, error.downcast_ref::<std::io::Error>()) {
        (Some(file), Some(why)) => files::unwritable(file, why),
        _ => error,
    })?;
    if let Some(file) = to {
        let LeftOut { details, files } = left_out;
        let mut words = format!("{}: written", file.display());
        if details > 0 {
            words.push_str(&format!("; {} without details, to keep it small", count(details, "file")));
        }
        if files > 0 {
            words.push_str(&format!("; {} not in it", count(files, "file")));
        }
        words.push('\n');
        say(cli, &words);
    }
    Ok(())
}
