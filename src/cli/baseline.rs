//! What is known already: findings that a run does not answer for.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    env, fs,
    io::Write,
    path::{Component, Path, PathBuf},
};

use anyhow::anyhow;
use serde::{Deserialize, Serialize, de::IgnoredAny};

use super::{args, output::Output};
use crate::{
    files,
    report::{Name, count},
    rules,
};

/// The version of the file. It grows when something gets another meaning.
const VERSION: u32 = 1;

/// By the name of the file, by the name of the rule: fingerprints, as reports have them.
type Findings = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    findings: Findings,
}

/// A file of findings that are known.
#[derive(Debug)]
pub(super) struct Baseline {
    /// Its name, as it was given.
    file: PathBuf,
    /// The folder in which it lies. Names are counted from there, so that it holds wherever the program runs.
    folder: PathBuf,
    known: Findings,
    /// Names of files that are no longer there. What was found in them may have moved elsewhere with its file.
    gone: BTreeSet<String>,
    /// Whether it is to be written anew, with all that is found.
    writes: bool,
}

/// What was found in a file.
#[derive(Debug)]
pub(super) struct Seen {
    /// Its name in the baseline.
    pub(super) name: String,
    /// The rules that looked.
    pub(super) rules: Vec<&'static str>,
    /// The rule and the fingerprint of each finding.
    pub(super) found: Vec<(&'static str, String)>,
}

impl Baseline {
    /// Reads a baseline. One that bears no other name than the usual is looked for upward from the current folder.
    pub(super) fn read(file: &Path) -> anyhow::Result<Baseline> {
        let above = if file == Path::new(args::BASELINE) { upward(file) } else { None };
        Baseline::open(above.as_deref().unwrap_or(file), false)
    }

    /// A baseline that is to be written. What it says already is kept where the run has nothing to do with it.
    pub(super) fn to_write(file: &Path) -> anyhow::Result<Baseline> {
        Baseline::open(file, true)
    }

    fn open(file: &Path, writes: bool) -> anyhow::Result<Baseline> {
        let name = file.display();
        let known = match files::read(file) {
            Ok(bytes) => parse(&bytes).map_err(|it| match serde_json::from_slice::<IgnoredAny>(&bytes) {
                Ok(_) => anyhow!("{name}: {it}"),
                // Cut off, or with the marks of a merge that has conflicts.
                Err(_) => {
                    anyhow!(
                        "{name}: {it}; remove it, and `dockfix check --write-baseline{}` writes it anew",
                        option(file)
                    )
                }
            })?,
            Err(_) if writes && !file.exists() => Findings::new(),
            Err(why) if !file.exists() => anyhow::bail!("{name}: {why}; `dockfix check --write-baseline` writes one"),
            Err(why) => anyhow::bail!("{name}: {why}"),
        };
        let folder = file.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = fs::canonicalize(folder).map_err(|it| anyhow!("{name}: {}", files::reason(&it)))?;
        let gone = known.keys().filter(|it| !folder.join(it).exists()).cloned().collect();
        Ok(Baseline { file: file.to_owned(), folder, known, gone, writes })
    }

    /// The name that a file has in the baseline.
    pub(super) fn name(&self, path: &Path) -> String {
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let full = fs::canonicalize(folder).ok().zip(path.file_name()).map(|(folder, name)| folder.join(name));
        Name::new(&relative(full.as_deref().unwrap_or(path), &self.folder), Path::new("")).slashed
    }

    /// Whether a finding is known, or becomes so now.
    pub(super) fn holds(&self, name: &str, rule: &str, fingerprint: &str) -> bool {
        let known =
            |name: &str| self.known.get(name).and_then(|it| it.get(rule)).is_some_and(|it| it.contains(fingerprint));
        self.writes || known(name) || self.gone.iter().any(|it| known(it))
    }

    /// Ends a run in which that was seen: what there is to say then, if anything is. `verbose` names what is stale.
    pub(super) fn end(&self, seen: &[Seen], verbose: bool) -> anyhow::Result<String> {
        let looked: HashMap<&str, &[&str]> = seen.iter().map(|it| (it.name.as_str(), &it.rules[..])).collect();
        let found = seen.iter().flat_map(|seen| seen.found.iter().map(|it| (seen.name.as_str(), it.0, it.1.as_str())));
        let found: BTreeSet<(&str, &str, &str)> = found.collect();
        // A run answers for what it looked at with that rule, and for what nothing can find any more.
        let (judged, mut rest): (Vec<_>, Vec<_>) = entries(&self.known).partition(|(file, rule, _)| {
            let is_rule = || rules::ALL.iter().any(|it| it.name == *rule);
            self.gone.contains(*file) || looked.get(file).is_some_and(|it| it.contains(rule)) || !is_rule()
        });
        if self.writes {
            rest.extend(found);
            return self.write(&rest);
        }
        // What is known where it was found has not moved there.
        let known: HashSet<(&str, &str, &str)> = entries(&self.known).collect();
        let moved: HashSet<(&str, &str)> =
            found.iter().filter(|it| !known.contains(it)).map(|it| (it.1, it.2)).collect();
        let is_there =
            |it: &(&str, &str, &str)| found.contains(it) || (self.gone.contains(it.0) && moved.contains(&(it.1, it.2)));
        let stale: Vec<_> = judged.into_iter().filter(|it| !is_there(it)).collect();
        let mut words = match stale.len() {
            0 => return Ok(String::new()),
            1 => "1 entry".to_owned(),
            many => format!("{many} entries"),
        };
        let verb = if stale.len() == 1 { "is" } else { "are" };
        let (file, named) = (self.file.display(), option(&self.file));
        words.push_str(&format!(
            " of {file} {verb} stale; `dockfix check --write-baseline{named}` writes it anew, with all that is found then\n"
        ));
        for (file, rule, fingerprint) in stale.iter().filter(|_| verbose) {
            words.push_str(&format!("  {file}: {rule}: {fingerprint}\n"));
        }
        Ok(words)
    }

    fn write(&self, all: &[(&str, &str, &str)]) -> anyhow::Result<String> {
        let mut findings = Findings::new();
        for (file, rule, fingerprint) in all {
            let rules = findings.entry((*file).to_owned()).or_default();
            rules.entry((*rule).to_owned()).or_default().insert((*fingerprint).to_owned());
        }
        let (found, of) = (count(all.len(), "finding"), count(findings.len(), "file"));
        let mut text = serde_json::to_string_pretty(&Document { version: VERSION, findings })?;
        text.push('\n');
        let mut out = Output::new(Some(&self.file))?;
        let written = out.write_all(text.as_bytes()).and_then(|()| out.finish());
        written.map_err(|it| files::unwritable(&self.file, &it))?;
        Ok(format!("{found} in {of} written to {}\n", self.file.display()))
    }
}

/// The file of that name in the current folder or the nearest one above it.
fn upward(file: &Path) -> Option<PathBuf> {
    let here = env::current_dir().ok()?;
    let mut name = file.to_owned();
    for folder in here.ancestors() {
        if folder.join(file).exists() {
            return Some(name);
        }
        name = Path::new("..").join(name);
    }
    None
}

/// An error where a path can't be read of which a baseline is to be written, or where it seems to be the name of the
/// baseline, which stands behind `=`.
pub(super) fn refuse_paths(paths: &[PathBuf], write: Option<&Path>, read: Option<&Path>) -> anyhow::Result<()> {
    let Some((option, file)) = write.map(|it| ("--write-baseline", it)).or(read.map(|it| ("--baseline", it))) else {
        return Ok(());
    };
    for path in paths.iter().filter(|it| it.as_os_str() != "-") {
        let name = path.display();
        let help = format!("\nhelp: the name of a baseline stands behind `=`: `{option}={name}`");
        let help = if file == Path::new(args::BASELINE) { help.as_str() } else { "" };
        let is_json = !help.is_empty() && path.extension().is_some_and(|it| it == "json");
        anyhow::ensure!(!is_json, "{name}: it is no Dockerfile by its name{help}");
        match files::read(path) {
            Err(why) if write.is_some() && !path.is_dir() => {
                anyhow::bail!("{name}: {why}; no baseline was written{help}")
            }
            _ => {}
        }
    }
    Ok(())
}

/// How a file is named behind `--write-baseline`.
fn option(file: &Path) -> String {
    if file == Path::new(args::BASELINE) { String::new() } else { format!("={}", file.display()) }
}

fn parse(bytes: &[u8]) -> anyhow::Result<Findings> {
    #[derive(Deserialize)]
    struct Version {
        version: u32,
    }
    let wrong = |it: serde_json::Error| anyhow!("no baseline of dockfix: {it}");
    let Version { version } = serde_json::from_slice(bytes).map_err(wrong)?;
    anyhow::ensure!(version == VERSION, "a baseline of version {version}; this dockfix reads version {VERSION}");
    Ok(serde_json::from_slice::<Document>(bytes).map_err(wrong)?.findings)
}

fn entries(findings: &Findings) -> impl Iterator<Item = (&str, &str, &str)> {
    findings.iter().flat_map(|(file, rules)| {
        let rules = rules.iter().flat_map(|(rule, all)| all.iter().map(move |it| (rule.as_str(), it.as_str())));
        rules.map(move |(rule, fingerprint)| (file.as_str(), rule, fingerprint))
    })
}

/// A path as one counted from a folder, also where it lies beside it. Both are whole and without links.
fn relative(path: &Path, folder: &Path) -> PathBuf {
    let same = path.components().zip(folder.components()).take_while(|(one, other)| one == other).count();
    let up = folder.components().skip(same).map(|_| Component::ParentDir);
    up.chain(path.components().skip(same)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_counted_from_the_folder() {
        for (path, expected) in [
            ("/a/b/Dockerfile", "Dockerfile"),
            ("/a/b/c/d", "c/d"),
            ("/a/Dockerfile", "../Dockerfile"),
            ("/x", "../../x"),
        ] {
            assert_eq!(relative(Path::new(path), Path::new("/a/b")), Path::new(expected));
        }
    }

    #[test]
    fn another_file_is_no_baseline() {
        for (text, why) in [
            ("", "no baseline of dockfix: EOF"),
            ("{\"name\": \"package\"}", "no baseline of dockfix: missing field `version`"),
            ("{\"version\": 2, \"other\": 1}", "a baseline of version 2; this dockfix reads version 1"),
            ("{\"version\": 1}", "no baseline of dockfix: missing field `findings`"),
        ] {
            let said = parse(text.as_bytes()).map_or_else(|it| it.to_string(), |_| String::new());
            assert!(said.starts_with(why), "{text}: {said}");
        }
    }
}
