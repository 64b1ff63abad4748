//! `dockfix verify`: is this still the same build?

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use clap::Args;

use super::{
    input::{self, name},
    output::Format,
};
use crate::{
    fix::{self, Effect, Job, PassedOver},
    report::Report,
    syntax, text,
};

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The file as it was; `-` is standard input.
    old: PathBuf,
    /// The file as it is; `-` is standard input.
    new: PathBuf,
    /// The most that may differ for the exit code to be 0.
    #[arg(long, value_enum, value_name = "EFFECT", default_value_t = Effect::None)]
    max_effect: Effect,
    /// How the differences are shown.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    output_format: Format,
}

/// Holds two files against each other. The exit code is 0 where they are the same build, or differ by no more than is
/// allowed; 1 where they differ, or where it can't be told.
pub(super) fn verify(args: &Verify, quiet: bool) -> anyhow::Result<u8> {
    if args.old == args.new {
        anyhow::bail!("{}: both are the same file\nhelp: give the file before and the file after", name(&args.old));
    }
    let (old, new) = (read(&args.old)?, read(&args.new)?);
    let same_file = |one: &Path, other: &Path| {
        std::fs::canonicalize(one).is_ok_and(|one| std::fs::canonicalize(other).is_ok_and(|other| one == other))
    };
    if same_file(&args.old, &args.new) {
        anyhow::bail!("{} and {}: both are the same file", name(&args.old), name(&args.new));
    }
    let (old_name, new_name) = (name(&args.old), name(&args.new));
    let report =
        Report::new((&old_name, &old, &readable(&old_name, &old)?), (&new_name, &new, &readable(&new_name, &new)?));
    let out = &mut anstream::stdout().lock();
    match args.output_format {
        Format::Json => out.write_all(report.json()?.as_bytes())?,
        Format::Text if quiet => {}
        Format::Text => write!(out, "{report}")?,
    }
    out.flush()?;
    // What can't be told is never let pass.
    Ok(u8::from(report.verdict.effect().is_none_or(|it| it > args.max_effect)))
}

fn read(path: &Path) -> anyhow::Result<String> {
    let bytes = input::read(path)?;
    if let Some(encoding) = text::foreign_encoding(&bytes) {
        anyhow::bail!("{}: it is {encoding}, which BuildKit refuses; save it as UTF-8", name(path));
    }
    Ok(text::decode(&bytes).into_owned())
}

/// The tree of a file of which BuildKit could make something.
fn readable(name: &str, text: &str) -> anyhow::Result<syntax::Parse> {
    let parse = syntax::parse(text);
    let job = Job { max_effect: Effect::None, ..Job::default() };
    match fix::run_parsed(text, &parse, &job).passed_over {
        Some(PassedOver::Template(language)) => anyhow::bail!("{name}: it is a template ({language}), no Dockerfile"),
        Some(PassedOver::ForeignSyntax(image)) => {
            anyhow::bail!("{name}: `# syntax` names the frontend `{image}`, whose grammar is not known")
        }
        _ => {}
    }
    if let Some(error) = parse.errors().iter().find(|it| it.kind.is_fatal()) {
        let (line, column) = text::LineIndex::new(text).display(error.range.start(), text);
        anyhow::bail!("{name}:{line}:{column}: {}", error.kind);
    }
    Ok(parse)
}
