//! `dockfix rule`: what rules do.

use std::{io::Write, path::Path};

use crate::{
    config::{Overrides, PRESETS, Resolver, resolve},
    fix::{Group, Rule},
    rules::ALL,
    text::closest,
};

/// Explains the rules that a word stands for, or all of them, or lists them.
pub(super) fn rule(word: Option<&str>, all: bool, preset: Option<&str>) -> anyhow::Result<u8> {
    let out = &mut anstream::stdout().lock();
    let word = if all { Some("all") } else { word };
    let Some(word) = word else {
        list(out, preset.unwrap_or("recommended"))?;
        return Ok(0);
    };
    let rules = resolve(ALL, word);
    if rules.is_empty() {
        let ids = ALL.iter().flat_map(|it| it.ids.iter().copied());
        let hint = closest(word, ALL.iter().map(|it| it.name).chain(ids));
        let hint = hint.map_or("`dockfix rule` lists the rules".to_owned(), |it| format!("did you mean `{it}`?"));
        anyhow::bail!("unknown rule `{word}`\nhelp: {hint}");
    }
    for rule in rules {
        writeln!(out, "{}", rule.page())?;
    }
    Ok(0)
}

/// A line a rule, by groups, with a mark at those that run.
fn list(out: &mut impl Write, preset: &str) -> anyhow::Result<()> {
    let overrides = Overrides { preset: Some(preset.to_owned()), isolated: true, ..Overrides::default() };
    let running = Resolver::new(ALL, overrides)?.settings_for(Path::new("Dockerfile"))?;
    let width = ALL.iter().map(|it| it.name.len()).max().unwrap_or_default();
    for group in Group::ALL {
        let mut rules: Vec<&Rule> = ALL.iter().copied().filter(|it| it.group == group).collect();
        rules.sort_by_key(|it| it.name);
        if rules.is_empty() {
            continue;
        }
        writeln!(out, "{group}")?;
        for rule in rules {
            let mark = if running.rules.contains(&rule) { '*' } else { ' ' };
            let (name, safety, effect, summary) = (rule.name, rule.safety.as_str(), rule.effect.as_str(), rule.summary);
            writeln!(out, "{mark} {name:width$}  {safety:7}  {effect:7}  {summary}")?;
        }
        writeln!(out)?;
    }
    let names: Vec<&str> = PRESETS.iter().map(|it| it.name).collect();
    writeln!(out, "* runs with the preset `{preset}`; there are {}", names.join(", "))?;
    writeln!(out, "`dockfix rule NAME` explains a rule")?;
    Ok(())
}
