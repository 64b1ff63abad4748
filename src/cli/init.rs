//! `dockfix init`: settings that fit what is there.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use rayon::prelude::*;

use super::output::{Output, say};
use crate::{
    config::{ConfigError, Overrides, Resolver, Settings, hadolint_ignores, own_files},
    files,
    fix::{self, Rule},
    format::{Indent, Operators},
    init::{Change, Choices, Habit, Ignored, SAMPLE, Subject, Survey, Topic, Trial, Written, habits},
    report,
    rules::ALL,
    syntax, text,
};

#[derive(Debug, Args)]
pub(super) struct Init {
    /// The folder whose Dockerfiles are looked at, and to which the settings are written.
    #[arg(default_value = ".", hide_default_value = true)]
    folder: PathBuf,
    /// The preset to begin with, instead of one that fits: recommended, official-images, strict, layout-only or
    /// hadolint.
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,
    /// Replace the settings that are there, but for what they say of files: `exclude`, `include` and `force-exclude`.
    #[arg(long, conflicts_with = "stdout")]
    force: bool,
    /// Print the settings, and write nothing.
    #[arg(long, visible_alias = "dry-run")]
    stdout: bool,
    /// Tell what each setting was chosen for: how many files do what, and how many lines change.
    #[arg(long)]
    explain: bool,
}

/// Looks at the files of a folder and writes settings that fit them.
pub(super) fn init(args: &Init, quiet: bool) -> anyhow::Result<u8> {
    let folder = args.folder.as_path();
    let known = own_files(folder);
    if let (Some(file), false) = (known.first(), args.force || args.stdout) {
        let file = shown(file);
        anyhow::bail!("{file}: is there already\nhelp: --force replaces it, and --stdout prints what would be written");
    }
    anyhow::ensure!(!folder.is_file(), "{}: it is a file; `init` takes the folder of the files", folder.display());
    anyhow::ensure!(folder.is_dir(), "{}: no such folder", folder.display());
    let overrides = Overrides { preset: args.preset.clone(), ..Overrides::default() };
    let resolver = Resolver::new(ALL, overrides)?;
    // What can't be read can't be kept either, so that it is told and not replaced.
    let old = resolver.settings_for(&folder.join("Dockerfile"))?;
    let (exclude, include, force_exclude) = match known.is_empty() {
        true => Default::default(),
        false => (old.exclude.written().to_vec(), old.include.written().to_vec(), old.force_exclude),
    };
    let look = Look { folder, here: fs::canonicalize(folder)?, resolver: &resolver };
    let files::Found { files: paths, bad, .. } = files::find(&[folder.to_owned()], &resolver);
    for (path, why) in &bad {
        say(&format!("{}: {why}\n", path.display()));
    }
    let seen: Vec<Option<Seen>> = paths.par_iter().map(|it| look.file(it)).collect();
    let seen: Vec<Seen> = seen.into_iter().flatten().collect();
    anyhow::ensure!(!seen.is_empty(), "{}: no Dockerfile to go by was found; nothing was written", folder.display());

    let mut survey = Survey::default();
    seen.iter().for_each(|it| survey.add(&it.habits));
    let ignored = look.ignored(&seen)?;
    let subjects: Vec<Subject> = seen.into_iter().map(|it| it.subject).collect();
    let trial = Trial::new(&subjects, SAMPLE);
    let mut choices = Choices::new(&survey, &trial);
    let preset = match &args.preset {
        Some(name) => Some((name.as_str(), "As asked for.")),
        None => fitting(&survey, &mut choices),
    };
    let written = Written {
        survey: &survey,
        choices: &choices,
        tried: trial.len(),
        preset,
        exclude: &exclude,
        include: &include,
        force_exclude,
        ignored: &ignored,
    };
    let text = written.to_string();
    if args.explain {
        let table = explain(&survey, &choices, trial.len());
        if args.stdout {
            say(&format!("{}\n", table.trim_end()));
        } else {
            io::stdout().lock().write_all(table.as_bytes())?;
        }
    }
    if args.stdout {
        io::stdout().lock().write_all(text.as_bytes())?;
        return Ok(0);
    }
    let target = known.into_iter().next().unwrap_or_else(|| folder.join("dockfix.toml"));
    let mut out = Output::new(Some(&target))?;
    out.write_all(text.as_bytes()).and_then(|()| out.finish()).map_err(|it| files::unwritable(&target, &it))?;
    if !quiet {
        say(&format!("{}: written for {}\n", shown(&target), report::count(survey.files(), "file")));
    }
    Ok(0)
}

/// A path without the dot that stands for the folder in which the program runs.
fn shown(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).display().to_string()
}

/// What is looked at.
struct Look<'a> {
    folder: &'a Path,
    /// The same folder, from the root.
    here: PathBuf,
    resolver: &'a Resolver,
}

/// A file that was looked at.
struct Seen {
    subject: Subject,
    habits: Vec<Habit>,
    /// Its folder, from the one that is looked at.
    folder: PathBuf,
    settings: Arc<Settings>,
}

impl Look<'_> {
    /// What a file does. `None` for one that can't be read, that dockfix leaves alone, or that has settings closer by.
    fn file(&self, path: &Path) -> Option<Seen> {
        let own = self.resolver.settings_for(path).ok()?.source.clone();
        let own = own.and_then(|it| fs::canonicalize(it.parent()?).ok());
        if own.is_some_and(|it| it != self.here && it.starts_with(&self.here)) {
            return None;
        }
        let settings = self.resolver.settings_without_files(path).ok()?;
        let text = text::decode(&files::read(path).ok()?).into_owned();
        fix::layout(&text, &settings.format, None).ok()?;
        let habits = habits(&text, &syntax::parse(&text), settings.format.line_width);
        let folder = path.strip_prefix(self.folder).unwrap_or(path).parent().unwrap_or(Path::new("")).to_owned();
        Some(Seen { subject: Subject { text, options: settings.format }, habits, folder, settings })
    }

    /// What files of hadolint say that are heard now, and no more once there are settings of dockfix's own.
    fn ignored(&self, seen: &[Seen]) -> Result<Vec<Ignored>, ConfigError> {
        let Some(first) = seen.first() else { return Ok(Vec::new()) };
        let runs = |it: &&'static Rule| first.settings.rules.contains(it);
        let mut folders: Vec<&Path> = seen.iter().flat_map(|it| it.folder.ancestors()).collect();
        folders.sort_unstable();
        folders.dedup();
        let mut found: Vec<(&Path, Vec<&'static Rule>)> = Vec::new();
        // Where the folder itself has none, the next one above it that has one is heard.
        let above = self.here.ancestors().find_map(|it| hadolint_ignores(ALL, it).transpose()).transpose()?;
        found.extend(above.map(|it| (Path::new(""), it)));
        for folder in folders.into_iter().filter(|it| !it.as_os_str().is_empty()) {
            found.extend(hadolint_ignores(ALL, &self.folder.join(folder))?.map(|it| (folder, it)));
        }
        let ignored = found.iter().map(|(folder, rules)| {
            let nearest = found.iter().rfind(|it| folder.starts_with(it.0) && it.0 != *folder);
            let again = nearest.map(|it| it.1.iter().filter(|it| runs(it) && !rules.contains(it)));
            Ignored {
                folder: folder.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"),
                rules: rules.iter().filter(|it| runs(it)).map(|it| it.name).collect(),
                again: again.into_iter().flatten().map(|it| it.name).collect(),
            }
        });
        Ok(ignored.filter(|it| !(it.rules.is_empty() && it.again.is_empty())).collect())
    }
}

/// The preset that fits, if one does; what it says of the layout is not said again.
fn fitting(survey: &Survey, choices: &mut Choices) -> Option<(&'static str, &'static str)> {
    let parts = [Change::Indent(Indent::Tab), Change::Operators(Operators::Preserve)];
    let legacy = survey.clear(Topic::Pairs) == Some(Habit::EqualsSign(false));
    if !legacy || !parts.iter().all(|it| choices.changes.contains(it)) {
        return None;
    }
    choices.changes.retain(|it| !parts.contains(it));
    Some((
        "official-images",
        "Tabs, operators on either side and `ENV key value`: the ways of Docker's library images.",
    ))
}

/// The votes, and what came of them.
fn explain(survey: &Survey, choices: &Choices, tried: usize) -> String {
    let mut out = String::from("topic        files  do\n");
    for topic in Topic::ALL {
        for (nth, (habit, count)) in survey.votes(topic).into_iter().enumerate() {
            let name = if nth == 0 { topic.to_string() } else { String::new() };
            out.push_str(&format!("{name:<11}  {count:>5}  {habit}\n"));
        }
        if choices.tried.contains(&topic) {
            out.push_str(&format!(
                "{:<11}         no two thirds agree: the setting that changes the fewest lines\n",
                ""
            ));
        }
    }
    let files = if tried == 1 { "1 file".to_owned() } else { format!("{tried} files") };
    out.push_str(&format!(
        "\nlines changed in {files}: {} by the default layout, {} by this one\n",
        choices.before, choices.after
    ));
    out
}
