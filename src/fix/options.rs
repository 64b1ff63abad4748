//! What rules can be told, and what a job tells them.

use std::{collections::HashMap, ops::RangeInclusive};

use super::{Finding, Rule, Safety};

/// An option of a rule: `[rules.NAME]` of `dockfix.toml` sets it.
#[derive(Debug)]
pub struct RuleOption {
    /// Kebab case.
    pub name: &'static str,
    /// What it decides, in a sentence without a full stop.
    pub about: &'static str,
    /// What it may be.
    pub values: Values,
}

/// What an option may be, and what it is where nobody says.
#[derive(Debug)]
pub enum Values {
    /// One of some words; the first is the default.
    Words(&'static [&'static str]),
    /// A whole number within a range.
    Number {
        /// What it may be.
        range: RangeInclusive<u32>,
        /// What it is where nobody says.
        default: u32,
    },
}

/// What an option is set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// One of its words.
    Word(&'static str),
    /// A number within its range.
    Number(u32),
}

/// What is said to rules beside which of them run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleSettings {
    values: HashMap<(&'static str, &'static str), Value>,
    safeties: HashMap<&'static str, Safety>,
}

impl RuleSettings {
    /// Sets an option of a rule. The value must be one that the option may have.
    pub fn set(&mut self, rule: &'static Rule, option: &'static str, value: Value) {
        self.values.insert((rule.name, option), value);
    }

    /// Says how safe the fixes of a rule are held to be.
    pub fn set_safety(&mut self, rule: &'static Rule, safety: Safety) {
        self.safeties.insert(rule.name, safety);
    }

    /// Adds what `other` says; it goes before what is said here.
    pub fn extend(&mut self, other: &RuleSettings) {
        self.values.extend(&other.values);
        self.safeties.extend(&other.safeties);
    }

    /// Whether rules are told the same options, however safe their fixes are held to be.
    pub(super) fn options_are_those_of(&self, other: &RuleSettings) -> bool {
        self.values == other.values
    }

    /// The word that an option of a rule is set to, or its default; empty where the rule has no such option.
    pub fn word(&self, rule: &Rule, option: &str) -> &'static str {
        match (self.value(rule, option), rule.option(option)) {
            (Some(Value::Word(word)), _) => word,
            (None, Some(RuleOption { values: Values::Words(words), .. })) => words.first().copied().unwrap_or_default(),
            _ => "",
        }
    }

    /// The number that an option of a rule is set to, or its default; 0 where the rule has no such option.
    pub fn number(&self, rule: &Rule, option: &str) -> u32 {
        match (self.value(rule, option), rule.option(option)) {
            (Some(Value::Number(number)), _) => number,
            (None, Some(RuleOption { values: Values::Number { default, .. }, .. })) => *default,
            _ => 0,
        }
    }

    /// What was said of how safe the fixes of a rule are.
    pub fn said_safety(&self, rule: &Rule) -> Option<Safety> {
        self.safeties.get(rule.name).copied()
    }

    /// Holds the fixes of what a rule found to be as safe as is said of them.
    pub(super) fn grade(&self, rule: &Rule, found: &mut [Finding]) {
        for fix in found.iter_mut().filter_map(|it| it.fix.as_mut()) {
            fix.safety = self.safety(rule, fix.safety);
        }
    }

    /// How safe a fix of a rule is held to be. What is said may lower it, and may raise what is unsafe; a suggestion
    /// stays one, because nobody has found that it is sound.
    fn safety(&self, rule: &Rule, own: Safety) -> Safety {
        match self.said_safety(rule) {
            Some(said) if own != Safety::Suggest => said,
            _ => own,
        }
    }

    fn value(&self, rule: &Rule, option: &str) -> Option<Value> {
        self.values.get(&(rule.name, option)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static RULE: Rule = Rule {
        name: "rule",
        options: &[
            RuleOption { name: "word", about: "", values: Values::Words(&["a", "b"]) },
            RuleOption { name: "number", about: "", values: Values::Number { range: 1..=9, default: 3 } },
        ],
        ..Rule::PLAIN
    };

    #[test]
    fn options_have_defaults_and_are_set() {
        let mut settings = RuleSettings::default();
        let both = |it: &RuleSettings| (it.word(&RULE, "word"), it.number(&RULE, "number"));
        assert_eq!(both(&settings), ("a", 3));
        settings.set(&RULE, "word", Value::Word("b"));
        let mut other = RuleSettings::default();
        other.set(&RULE, "number", Value::Number(7));
        settings.extend(&other);
        assert_eq!(both(&settings), ("b", 7));
        assert_eq!((settings.word(&RULE, "number"), settings.number(&RULE, "x")), ("", 0));
    }

    #[test]
    fn safety_is_set_but_for_suggestions() {
        let mut settings = RuleSettings::default();
        assert_eq!(settings.safety(&RULE, Safety::Unsafe), Safety::Unsafe);
        settings.set_safety(&RULE, Safety::Safe);
        assert_eq!(settings.safety(&RULE, Safety::Unsafe), Safety::Safe);
        assert_eq!(settings.safety(&RULE, Safety::Suggest), Safety::Suggest);
        settings.set_safety(&RULE, Safety::Suggest);
        assert_eq!(settings.safety(&RULE, Safety::Safe), Safety::Suggest);
    }
}
