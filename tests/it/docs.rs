//! Pages that are made from the code, kept true.

use std::{collections::BTreeMap, fmt::Write, path::PathBuf, sync::OnceLock};

use dockfix::{
    fix::{self, Group, Job, Rule},
    rules::ALL,
};
use serde::Deserialize;

use crate::corpus;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Whether pages are to be written instead of held.
fn blesses() -> bool {
    std::env::var_os("DOCKFIX_BLESS").is_some()
}

/// Holds a page against what it must say. With `DOCKFIX_BLESS` set it is written instead.
fn hold(name: &str, expected: &str) {
    if blesses() {
        std::fs::write(path(name), expected).unwrap();
    }
    let found = std::fs::read_to_string(path(name)).unwrap_or_default();
    assert!(found == expected, "{name} is not what the code says: run `DOCKFIX_BLESS=1 cargo test docs`");
}

/// How often rules find something in real files.
#[derive(Debug, Deserialize)]
struct Frequencies {
    /// How many files were looked at.
    files: usize,
    rules: BTreeMap<String, Frequency>,
}

#[derive(Debug, Default, Deserialize)]
struct Frequency {
    findings: usize,
    /// In how many files they are.
    files: usize,
}

const FREQUENCIES: &str = "docs/frequency.toml";

impl Frequencies {
    /// What all rules find in the whole corpus; `None` where it isn't there, or only a part of it is asked for.
    fn counted() -> Option<&'static Frequencies> {
        static COUNTED: OnceLock<Option<Frequencies>> = OnceLock::new();
        let count = || {
            let texts = if corpus::all() { corpus::files() } else { Vec::new() };
            let job = Job { rules: ALL.to_vec(), ..Job::default() };
            let mut out = Frequencies { files: texts.len(), rules: BTreeMap::new() };
            for rule in ALL {
                out.rules.insert(rule.name.to_owned(), Frequency::default());
            }
            for (_, text) in &texts {
                let mut found: BTreeMap<&str, usize> = BTreeMap::new();
                for finding in fix::run(text, &job).findings {
                    *found.entry(finding.rule.name).or_default() += 1;
                }
                for (name, count) in found {
                    let it = out.rules.get_mut(name).unwrap();
                    it.findings += count;
                    it.files += 1;
                }
            }
            (!texts.is_empty()).then_some(out)
        };
        COUNTED.get_or_init(count).as_ref()
    }

    /// What the file of the counts says; it is counted and written anew first where both is asked for.
    fn known() -> Frequencies {
        static WRITTEN: OnceLock<()> = OnceLock::new();
        WRITTEN.get_or_init(|| match Frequencies::counted() {
            Some(counted) if blesses() => std::fs::write(path(FREQUENCIES), counted.text()).unwrap(),
            _ => {}
        });
        toml::from_str(&std::fs::read_to_string(path(FREQUENCIES)).unwrap()).unwrap()
    }

    fn text(&self) -> String {
        let mut out = format!(
            "# How often each rule finds something in a corpus of real Dockerfiles: findings, and files with any.\n\
             # Written by `DOCKFIX_BLESS=1 DOCKFIX_CORPUS_ALL=1 cargo test --release --test it docs`.\n\n\
             files = {}\n\n[rules]\n",
            self.files
        );
        for (name, Frequency { findings, files }) in &self.rules {
            writeln!(out, "{name} = {{ findings = {findings}, files = {files} }}").unwrap();
        }
        out
    }
}

#[test]
fn the_frequencies_are_those_of_the_corpus() {
    let known = Frequencies::known();
    for name in known.rules.keys() {
        assert!(ALL.iter().any(|it| it.name == name), "{FREQUENCIES} speaks of {name}, which is no rule");
    }
    let Some(counted) = Frequencies::counted() else { return };
    // A rule that was mended finds a little more or less; beyond that the counts are to be taken again.
    let close = |one: usize, other: usize| one.abs_diff(other) <= one.max(other) / 10 + 2;
    let changed = |(name, now): (&String, &Frequency)| {
        let then = known.rules.get(name)?;
        let same = close(then.findings, now.findings) && close(then.files, now.files);
        (!same).then(|| format!("{name}: {then:?} is now {now:?}"))
    };
    let changed: Vec<String> = counted.rules.iter().filter_map(changed).collect();
    assert!(close(known.files, counted.files), "{} files are now {}", known.files, counted.files);
    assert!(changed.is_empty(), "{FREQUENCIES} is out of date: {changed:#?}");
}

/// What a group is about.
fn about(group: Group) -> &'static str {
    match group {
        Group::Packages => "Package managers: what they are told, and what they leave behind.",
        Group::Layers => "Which RUN does what.",
        Group::Instructions => "The form of single instructions.",
        Group::Commands => "CMD, ENTRYPOINT and HEALTHCHECK: what runs in the container.",
        Group::Shell => "The words of shell text.",
    }
}

const HEAD: &str = "\
# Rules

<!-- Made from the doc comments in src/rules by `DOCKFIX_BLESS=1 cargo test docs`. -->

*Safety* is the most that a rule's fixes claim: `fix` applies those that are safe, `fix --unsafe` also the unsafe ones,
and nobody what is a suggestion. *Effect* is the most that they do to the build. A rule that is off runs where it is
selected. *Elsewhere* are the ids of the same finding in other tools, which select and suppress it as well.

Rules about commands look at the shell text of RUN, and not into the body of `RUN <<EOF`, which is text to them: only
the rules about heredocs read it.
";

fn table(group: Group, frequencies: &Frequencies) -> String {
    let mut out = format!(
        "\n## Group {group}\n\n{}\n\n| rule | what it finds | safety | effect | default | elsewhere | \
         findings in {} files |\n| --- | --- | --- | --- | --- | --- | --- |\n",
        about(group),
        frequencies.files
    );
    let mut rules: Vec<&Rule> = ALL.iter().copied().filter(|it| it.group == group).collect();
    rules.sort_by_key(|it| it.name);
    for Rule { name, summary, safety, effect, default, ids, .. } in &rules {
        let default = if *default { "on" } else { "off" };
        let often = frequencies.rules.get(*name).map(|it| match it.findings {
            0 => "none".to_owned(),
            findings => format!("{findings} in {}", it.files),
        });
        let often = often.unwrap_or("–".to_owned());
        let ids = ids.join(", ");
        writeln!(out, "| [`{name}`](#{name}) | {summary} | {safety} | {effect} | {default} | {ids} | {often} |")
            .unwrap();
    }
    if rules.is_empty() { String::new() } else { out }
}

#[test]
fn the_page_of_rules_says_what_the_rules_say() {
    let frequencies = Frequencies::known();
    let mut page = HEAD.to_owned();
    for group in Group::ALL {
        page.push_str(&table(group, &frequencies));
    }
    let mut rules = ALL.to_vec();
    rules.sort_by_key(|it| it.name);
    for rule in &rules {
        // The page has the first level for itself. What begins with the same mark in an example is a comment.
        let mut in_example = false;
        for line in rule.page().lines() {
            in_example ^= line.starts_with("```");
            let heading = !in_example && (line.starts_with("# ") || line.starts_with("## "));
            page.push_str(if heading && line.starts_with("# ") { "\n" } else { "" });
            page.push_str(if heading { "#" } else { "" });
            page.push_str(line);
            page.push('\n');
        }
    }
    hold("docs/rules.md", &page);
}

#[test]
fn the_readme_tells_the_presets() {
    let readme = std::fs::read_to_string(path("README.md")).unwrap();
    for preset in dockfix::config::PRESETS {
        let row = format!("| `{}` | {} |", preset.name, preset.about());
        assert!(readme.contains(&row), "README.md lacks the line {row}");
    }
}
