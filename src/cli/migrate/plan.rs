//! `dockfix migrate plan`: what would change, in which groups, and what it does to builds.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};

use super::{At, report, say, table};
use crate::{
    cli::{
        args::{Cli, Said},
        output::Format,
        progress::{Listener, Progress},
        run::none_found,
    },
    config::{Overrides, Resolver},
    files::{self, Whole, unwritable},
    migrate::{self, Asked, By, Cache, Group, Owners, Planner, Shard, State, Store, Totals, shown},
    rules, text,
};

#[derive(Debug, Args)]
pub(super) struct Plan {
    /// Files and folders; without any, the current folder.
    paths: Vec<PathBuf>,
    /// By what files are grouped; by default by owner where there is a CODEOWNERS, else by folder.
    #[arg(long, value_enum, value_name = "BY", help_heading = "Groups")]
    group_by: Option<GroupBy>,
    /// How many folders of a path name its group, with `--group-by directory`.
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Groups")]
    depth: usize,
    /// The most files of a group; what is over goes into further groups.
    #[arg(long, value_name = "N", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..), help_heading = "Groups")]
    max_files_per_group: Option<usize>,
    /// Make the layout a group of its own behind each other group, for `.git-blame-ignore-revs`.
    #[arg(long, help_heading = "Groups")]
    separate_layout: bool,
    /// Plan the second of eight parts, as `2/8`; `dockfix migrate merge` joins them.
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    #[command(flatten)]
    at: At,
    /// Work everything out anew, and keep nothing of it for another time.
    #[arg(long, help_heading = "Cache")]
    no_cache: bool,
    /// Where it is kept what was planned before, instead of `.dockfix/cache` at the root.
    #[arg(long, value_name = "FOLDER", conflicts_with = "no_cache", help_heading = "Cache")]
    cache_dir: Option<PathBuf>,
    /// Plan unsafe fixes too: those that may change what the build does.
    #[arg(long, help_heading = "Rules")]
    r#unsafe: bool,
    #[command(flatten)]
    said: Said,
    /// Write a report of the plan as well; the name says the form: `.html`, `.md` or `.json`.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// How the counts are shown.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    output_format: Format,
    /// How many files are worked on at once, 256 at most; 0, which is the default, is one for each core.
    #[arg(short, long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    jobs: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum GroupBy {
    /// One group for each rule, in the order in which rules run, then the layout.
    Rule,
    /// One group for those who own the same files, by CODEOWNERS.
    Owner,
    /// One group for each folder.
    Directory,
    /// What rebuilds nothing, what rebuilds, what changes images.
    Effect,
}

/// Makes a plan. The exit code is 2 where a file could not be read, settings are wrong or dockfix failed on a file;
/// what is passed over for other reasons is no fault of the plan.
pub(super) fn plan(cli: &Cli, store: &Store, args: &Plan) -> anyhow::Result<u8> {
    // A mistake in the name is told before any work is done.
    let form = args.report.as_deref().map(report::form_of).transpose()?;
    let overrides = Overrides { unsafe_fixes: args.r#unsafe, ..args.said.overrides() };
    let settings = words(&overrides);
    let resolver = Resolver::new(rules::ALL, overrides)?;
    let (owners, notes) = Owners::read(&store.root)?;
    notes.iter().for_each(|it| say(cli, &format!("{it}\n")));
    let group_by = match args.group_by {
        Some(GroupBy::Rule) => By::Rule,
        Some(GroupBy::Owner) => By::Owner,
        Some(GroupBy::Directory) => By::Directory,
        Some(GroupBy::Effect) => By::Effect,
        None if owners.is_known() => By::Owner,
        None => By::Directory,
    };
    let current = [PathBuf::from(".")];
    let paths = if args.paths.is_empty() { &current[..] } else { &args.paths };
    let asked = Asked {
        paths: paths.iter().map(|it| name(&store.root, it)).collect(),
        settings,
        group_by,
        depth: args.depth,
        max_files_per_group: args.max_files_per_group,
        separate_layout: args.separate_layout,
        shard: args.shard,
    };
    let target = writable(store, &args.at)?;
    let mut cache = match &args.cache_dir {
        _ if args.no_cache => Cache::default(),
        Some(folder) => Cache::open(folder, &asked),
        None => {
            store.make()?;
            Cache::open(&store.cache(), &asked)
        }
    };
    let planner = Planner { root: &store.root, resolver: &resolver, owners: &owners, asked };
    let out = begin(&target)?;
    let files::Found { files, bad, .. } = files::find(paths, &resolver);
    let pool = files::pool(args.jobs, files.len())?;
    if files.is_empty() && bad.is_empty() {
        say(cli, &none_found(paths));
    }
    // How many files a part has is known only once the path of each was looked at.
    let total = u64::try_from(files.len() + bad.len()).ok().filter(|_| args.shard.is_none());
    let listener = Listener { quiet: cli.quiet, verbose: cli.verbose, lines: true };
    let progress = Progress::new("planning", total, listener);
    let (out, groups, totals) = planner.write(files, bad, &mut cache, &pool, out, |row| {
        progress.step(row.steps.last().map_or("", |it| &it.group));
        if let Some(why) = row.why.as_ref().filter(|it| it.class.is_bad()) {
            progress.aside(|| say(cli, &format!("{}: error: {}\n", shown(&row.path), why.message)));
        }
        for fault in &row.faults {
            progress.aside(|| say(cli, &format!("{}:{}: {}\n", shown(&row.path), fault.line, fault.message)));
        }
    })?;
    drop(progress);
    out.finish().map_err(|it| unwritable(&target, &it))?;
    if cli.verbose && !args.no_cache {
        say(cli, &format!("cache: {}\n", cache.told()));
    }
    if let Some(problem) = cache.finish() {
        say(cli, &format!("warning: {problem}\n"));
    }
    if let Some(form) = form {
        report::write(cli, &target, store, form, args.report.as_deref())?;
    }
    show(cli, args.output_format, &totals, &groups)?;
    let bad = totals.passed_over.iter().any(|(class, _)| class.is_bad());
    let failed = bad || totals.faulty > 0 || totals.states.contains_key(&State::Fault);
    Ok(if failed { 2 } else { 0 })
}

/// Where a plan is written. One that an interrupted run still needs is not replaced.
fn writable(store: &Store, at: &At) -> anyhow::Result<PathBuf> {
    if at.plan.is_none() {
        let unfinished = migrate::is_unfinished(store)?;
        anyhow::ensure!(
            !unfinished,
            "a plan is being applied: `dockfix migrate resume` goes on with it, `undo` takes it back"
        );
        store.make()?;
    }
    store.sweep();
    Ok(at.path(store))
}

/// Begins the file of a plan.
fn begin(target: &Path) -> anyhow::Result<Whole> {
    Whole::new(target).map_err(|it| unwritable(target, &it))
}

fn show(cli: &Cli, format: Format, totals: &Totals, groups: &[Group]) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    match format {
        Format::Json => writeln!(out, "{}", serde_json::json!({ "totals": totals, "groups": groups }))?,
        Format::Text if cli.quiet => {}
        Format::Text => out.write_all(table::table(totals, groups, cli.verbose).as_bytes())?,
    }
    Ok(out.flush()?)
}

#[derive(Debug, Args)]
pub(super) struct Merge {
    /// The parts, all of them.
    #[arg(required = true)]
    parts: Vec<PathBuf>,
    /// Where the plan goes, instead of `.dockfix/plan.json` at the root of the work tree.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// How the counts are shown.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    output_format: Format,
}

/// Joins the parts of a plan.
pub(super) fn merge(cli: &Cli, store: &Store, args: &Merge) -> anyhow::Result<u8> {
    let target = writable(store, &At { plan: args.output.clone() })?;
    let (out, groups, totals) = migrate::merge(&args.parts, begin(&target)?)?;
    out.finish().map_err(|it| unwritable(&target, &it))?;
    show(cli, args.output_format, &totals, &groups)?;
    Ok(0)
}

/// A path that a user gave, relative to the root where it lies below it.
fn name(root: &Path, path: &Path) -> String {
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let below = real.strip_prefix(root).unwrap_or(&real);
    let name = text::decode(below.as_os_str().as_encoded_bytes()).into_owned();
    if name.is_empty() { ".".to_owned() } else { name }
}

/// What was said of settings, as arguments that say it again.
fn words(said: &Overrides) -> Vec<String> {
    let mut out = Vec::new();
    let mut list = |flag: &str, words: &[String]| {
        if !words.is_empty() {
            out.push(format!("{flag}={}", words.join(",")));
        }
    };
    list("--preset", said.preset.as_slice());
    list("--select", said.select.as_deref().unwrap_or_default());
    list("--extend-select", &said.extend_select);
    list("--ignore", &said.ignore);
    for (key, value) in &said.options {
        out.push(format!("--option={key}={value}"));
    }
    out.extend(said.max_effect.map(|it| format!("--max-effect={it}")));
    let flags = [
        ("--keep-cache", said.keep_cache),
        ("--unsafe", said.unsafe_fixes),
        ("--isolated", said.isolated),
        ("--force-exclude", said.force_exclude),
    ];
    out.extend(flags.iter().filter(|it| it.1).map(|it| it.0.to_owned()));
    // Which file it is says nothing about what it says; that is in the digest of the settings.
    out.extend(said.config.as_ref().map(|_| "--config".to_owned()));
    out
}
