//! The tables `[rules.NAME]`: what rules are told.

use std::collections::BTreeMap;

use toml::Spanned;

use super::{
    error::{ConfigError, Source},
    selector::{Purpose, places},
    suggest,
};
use crate::fix::{Rule, RuleOption, RuleSettings, Safety, Value, Values};

/// The tables as they are written, with their places.
pub(super) type Tables = BTreeMap<Spanned<String>, BTreeMap<Spanned<String>, Spanned<toml::Value>>>;

/// The option that every rule has.
const SAFETY: &str = "safety";

/// Understands the tables of a source.
pub(super) fn read(rules: &[&'static Rule], source: &Source<'_>, tables: &Tables) -> Result<RuleSettings, ConfigError> {
    let mut settings = RuleSettings::default();
    let mut seen: Vec<(&Rule, &str)> = Vec::new();
    for (name, table) in tables {
        let rule = one(rules, source, name)?;
        if let Some((_, other)) = seen.iter().find(|it| it.0 == rule) {
            let message = format!("`{}` and `{other}` are the same rule", name.get_ref());
            let help = format!("keep one table, `[rules.{}]`", rule.name);
            return Err(source.error(Some(name.span()), message).with_help(Some(help)));
        }
        seen.push((rule, name.get_ref()));
        for (key, value) in table {
            if key.get_ref() == SAFETY {
                let word = word(source, value, &Safety::ALL.map(Safety::as_str))?;
                let safety = Safety::ALL.into_iter().find(|it| it.as_str() == word);
                settings.set_safety(rule, safety.unwrap_or(rule.safety));
                continue;
            }
            let Some(option) = rule.option(key.get_ref()) else {
                let message = format!("the rule `{}` has no option `{}`", rule.name, key.get_ref());
                let names = rule.options.iter().map(|it| it.name).chain([SAFETY]);
                let help = suggest::help(key.get_ref(), names);
                return Err(source.error(Some(key.span()), message).with_help(Some(help)));
            };
            settings.set(rule, option.name, read_value(source, option, value)?);
        }
    }
    Ok(settings)
}

/// The one rule that a table is about.
fn one(rules: &[&'static Rule], source: &Source<'_>, name: &Spanned<String>) -> Result<&'static Rule, ConfigError> {
    let word = name.get_ref();
    let wrong = |message: String, help: String| source.error(Some(name.span()), message).with_help(Some(help));
    let found = places(rules, word, Purpose::Ignore).map_err(|help| wrong(format!("unknown rule `{word}`"), help))?;
    // The places were found in the same `rules`.
    let found: Vec<&'static Rule> = found.into_iter().map(|it| rules[it]).collect();
    match found[..] {
        [rule] if rule.answers_to(word) => Ok(rule),
        _ => {
            let help = match found.len() {
                1..=MAX_NAMED => {
                    let names: Vec<_> = found.iter().map(|it| format!("`{}`", it.name)).collect();
                    format!("name a rule: {}", names.join(", "))
                }
                _ => "name a rule; `dockfix rule` lists them".to_owned(),
            };
            Err(wrong(format!("`{word}` is not the name of one rule"), help))
        }
    }
}

/// So many rules are named to someone who should have named one.
const MAX_NAMED: usize = 8;

fn read_value(source: &Source<'_>, option: &RuleOption, value: &Spanned<toml::Value>) -> Result<Value, ConfigError> {
    match &option.values {
        Values::Words(words) => word(source, value, words).map(Value::Word),
        Values::Number { range, .. } => {
            let number = value.get_ref().as_integer().and_then(|it| u32::try_from(it).ok());
            match number.filter(|it| range.contains(it)) {
                Some(number) => Ok(Value::Number(number)),
                None => {
                    let (from, to) = (range.start(), range.end());
                    let message = format!("`{}` is a whole number from {from} to {to}", option.name);
                    Err(source.error(Some(value.span()), message))
                }
            }
        }
    }
}

/// A value that is one of some words.
fn word(
    source: &Source<'_>,
    value: &Spanned<toml::Value>,
    words: &[&'static str],
) -> Result<&'static str, ConfigError> {
    let wrong = |message: String| source.error(Some(value.span()), message);
    let all: Vec<_> = words.iter().map(|it| format!("`{it}`")).collect();
    let Some(written) = value.get_ref().as_str() else {
        let kind = value.get_ref().type_str();
        return Err(wrong(format!("expected one of {}, not {kind}", all.join(", "))));
    };
    words.iter().copied().find(|it| *it == written).ok_or_else(|| {
        let help = suggest::help(written, words.iter().copied());
        wrong(format!("unknown value `{written}`, expected one of {}", all.join(", "))).with_help(Some(help))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::path::PathBuf;

    use super::*;
    use crate::config::{
        error::Origin,
        file,
        selector::tests::{MERGE, RULES},
    };

    fn read(text: &str) -> Result<RuleSettings, String> {
        let source = Source { origin: Origin::File(PathBuf::from("dockfix.toml"), None), text };
        let file = file::parse(&source).map_err(|it| it.to_string())?;
        super::read(RULES, &source, &file.rules).map_err(|it| it.to_string())
    }

    #[test]
    fn rules_are_told_things() {
        let settings = read("[rules.DL3059]\nmerge = \"all\"\nlines = 3\n").unwrap();
        assert_eq!((settings.word(&MERGE, "merge"), settings.number(&MERGE, "lines")), ("all", 3));
        let settings = read("rules.merge.safety = \"suggest\"").unwrap();
        assert_ne!(settings, RuleSettings::default());
        assert_eq!((settings.word(&MERGE, "merge"), settings.number(&MERGE, "lines")), ("package-manager", 1));
        assert_eq!(read("[rules]\n"), Ok(RuleSettings::default()));
    }

    #[test]
    fn what_rules_can_not_be_told() {
        for (text, expected) in [
            ("[rules.suddo]", "1:8: unknown rule `suddo`\nhelp: did you mean `sudo`?"),
            (
                "[rules.packages]",
                "1:8: `packages` is not the name of one rule\nhelp: name a rule: `apt-lists-kept`, `apk-cache-kept`",
            ),
            (
                "[rules.DL3009]",
                "1:8: `DL3009` is not the name of one rule\nhelp: name a rule: `apt-lists-kept`, `apk-cache-kept`",
            ),
            ("[rules.\"sud*\"]", "1:8: `sud*` is not the name of one rule\nhelp: name a rule: `sudo`"),
            ("[rules.shell]", "1:8: `shell` is not the name of one rule\nhelp: name a rule; `dockfix rule` lists them"),
            (
                "[rules.merge]\n[rules.dl3059]",
                "1:8: `merge` and `dl3059` are the same rule\nhelp: keep one table, `[rules.merge]`",
            ),
            ("[rules.merge]\nmrege = 1", "2:1: the rule `merge` has no option `mrege`\nhelp: did you mean `merge`?"),
            ("[rules.sudo]\nmerge = 1", "2:1: the rule `sudo` has no option `merge`\nhelp: there are `safety`"),
            (
                "[rules.merge]\nmerge = \"al\"",
                "2:9: unknown value `al`, expected one of `package-manager`, `all`\nhelp: did you mean `all`?",
            ),
            ("[rules.merge]\nmerge = 1", "2:9: expected one of `package-manager`, `all`, not integer"),
            ("[rules.merge]\nlines = 0", "2:9: `lines` is a whole number from 1 to 9"),
            ("[rules.merge]\nlines = 5_000_000_000", "2:9: `lines` is a whole number from 1 to 9"),
            ("[rules.merge]\nlines = \"3\"", "2:9: `lines` is a whole number from 1 to 9"),
            (
                "[rules.merge]\nsafety = \"unsave\"",
                "2:10: unknown value `unsave`, expected one of `safe`, `unsafe`, `suggest`\n\
                 help: did you mean `unsafe`?",
            ),
            ("[rules]\nmerge = 1", "2:9: invalid type: integer `1`, expected a map"),
        ] {
            assert_eq!(read(text).unwrap_err(), format!("dockfix.toml:{expected}"), "{text}");
        }
    }
}
