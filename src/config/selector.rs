//! Which rules a list of words selects.

use std::collections::BTreeSet;

use crate::{
    fix::{Group, Rule, Safety},
    text::closest,
};

/// Rules, as places in the list of all rules: whatever selects them, they run in its order.
pub(super) type RuleSet = BTreeSet<usize>;

/// What a word is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To run rules. A word for many rules leaves out those that undo another: these have to be meant.
    Select,
    /// To keep rules from running.
    Ignore,
}

/// The rules that a word stands for, in the order of `rules`: the name of a rule, a group, a safety, an id of another
/// tool, `default` or `all`, in any case, or the beginning of names and ids with a `*` behind it. None where the word
/// stands for nothing.
pub fn resolve(rules: &[&'static Rule], word: &str) -> Vec<&'static Rule> {
    rules.iter().copied().filter(|rule| stands_for(word, rule, Purpose::Ignore)).collect()
}

/// The places of the rules that a word stands for, or help where it is no selector.
pub(super) fn places(rules: &[&'static Rule], word: &str, purpose: Purpose) -> Result<RuleSet, String> {
    let places = (0..).zip(rules).filter(|(_, rule)| stands_for(word, rule, purpose)).map(|(place, _)| place);
    let set: RuleSet = places.collect();
    // A group may be empty, and so may the rules that run by default.
    if !set.is_empty() || words().any(|it| it.eq_ignore_ascii_case(word)) {
        return Ok(set);
    }
    if is_hadolint_id(word) {
        return Err("it is an id as hadolint has them, and dockfix has no rule for it".to_owned());
    }
    let names = rules.iter().map(|rule| rule.name);
    let ids = rules.iter().flat_map(|rule| rule.ids.iter().copied());
    Err(match closest(word, names.chain(words()).chain(ids)) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => "`dockfix rule` lists the rules".to_owned(),
    })
}

/// Whether a word is an id as hadolint has them, or shellcheck by way of it, to which no rule answers. To ignore it is
/// no mistake: hadolint's lists are full of such.
pub(super) fn is_unanswered(rules: &[&'static Rule], word: &str) -> bool {
    is_hadolint_id(word) && !rules.iter().any(|rule| rule.answers_to(word))
}

fn is_hadolint_id(word: &str) -> bool {
    let number = word.get(..2).filter(|it| it.eq_ignore_ascii_case("DL") || it.eq_ignore_ascii_case("SC"));
    number.is_some() && word.len() == 6 && word.bytes().skip(2).all(|it| it.is_ascii_digit())
}

/// The words that stand for rules beside their names and ids.
fn words() -> impl Iterator<Item = &'static str> {
    ["default", "all"].into_iter().chain(Group::ALL.map(Group::as_str)).chain(Safety::ALL.map(Safety::as_str))
}

fn stands_for(word: &str, rule: &Rule, purpose: Purpose) -> bool {
    let is = |it: &str| it.eq_ignore_ascii_case(word);
    let begins = |start: &str| {
        let has = |it: &str| it.get(..start.len()).is_some_and(|it| it.eq_ignore_ascii_case(start));
        !start.is_empty() && (has(rule.name) || rule.ids.iter().copied().any(has))
    };
    let is_meant =
        rule.answers_to(word) || (is("default") && rule.default) || word.strip_suffix('*').is_some_and(begins);
    let is_among = is("all") || is(rule.group.as_str()) || is(rule.safety.as_str());
    // Of two rules that undo each other, many words at once select at most the one that runs by default.
    is_meant || (is_among && (purpose == Purpose::Ignore || rule.default || rule.conflicts.is_empty()))
}

/// Two of the selected rules that undo each other.
pub(super) fn conflict(rules: &[&'static Rule], selected: &RuleSet) -> Option<(&'static Rule, &'static Rule)> {
    // The places were found in the same `rules`.
    let selected = || selected.iter().map(|&it| rules[it]);
    let against = |rule: &'static Rule| selected().find(|it| rule.conflicts.contains(&it.name));
    // Few rules undo another, and this is asked at each start of the program.
    selected().filter(|it| !it.conflicts.is_empty()).find_map(|rule| against(rule).map(|it| (rule, it)))
}

/// What one layer of settings says about rules.
#[derive(Debug, Default)]
pub(super) struct Selection {
    /// The rules to start from, instead of those of the layers below.
    pub(super) select: Option<RuleSet>,
    /// Rules to add.
    pub(super) extend: RuleSet,
    /// Rules to take away, after that.
    pub(super) ignore: RuleSet,
    /// Ids of hadolint's to ignore for which there is no rule.
    pub(super) unanswered: Vec<String>,
}

impl Selection {
    /// Does to the rules of the layers below what this layer says.
    pub(super) fn apply(&self, rules: &mut RuleSet) {
        if let Some(select) = &self.select {
            rules.clone_from(select);
        }
        rules.extend(&self.extend);
        rules.retain(|place| !self.ignore.contains(place));
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    use crate::fix::{RuleOption, Values};

    const fn rule(name: &'static str, group: Group, default: bool, ids: &'static [&'static str]) -> Rule {
        Rule { name, group, default, ids, safety: Safety::Safe, ..Rule::PLAIN }
    }

    static SHELL: Rule = rule("shell-form-command", Group::Commands, true, &["DL3025", "JSONArgsRecommended"]);
    static SUDO: Rule = Rule { safety: Safety::Unsafe, ..rule("sudo", Group::Commands, false, &["DL3004"]) };
    static APT: Rule = rule("apt-lists-kept", Group::Packages, true, &["DL3009"]);
    static APK: Rule = rule("apk-cache-kept", Group::Packages, true, &["DL3019", "DL3009"]);

    /// A rule with options, which undoes what [`SPLIT`] does.
    pub(in crate::config) static MERGE: Rule = Rule {
        conflicts: &["split"],
        options: &[
            RuleOption { name: "merge", about: "", values: Values::Words(&["package-manager", "all"]) },
            RuleOption { name: "lines", about: "", values: Values::Number { range: 1..=9, default: 1 } },
        ],
        ..rule("merge", Group::Layers, false, &["DL3059"])
    };
    static SPLIT: Rule = Rule { conflicts: &["merge"], ..rule("split", Group::Layers, false, &[]) };

    /// Rules for the tests of the settings.
    pub(in crate::config) static RULES: &[&Rule] = &[&SHELL, &SUDO, &APT, &APK, &MERGE, &SPLIT];

    fn names(word: &str) -> Vec<&'static str> {
        resolve(RULES, word).iter().map(|rule| rule.name).collect()
    }

    fn select(word: &str) -> Result<RuleSet, String> {
        places(RULES, word, Purpose::Select)
    }

    #[test]
    fn names_groups_and_ids() {
        assert_eq!(names("sudo"), ["sudo"]);
        assert_eq!(names("commands"), ["shell-form-command", "sudo"]);
        assert_eq!(names("jsonargsRECOMMENDED"), ["shell-form-command"]);
        assert_eq!(names("dl3009"), ["apt-lists-kept", "apk-cache-kept"]);
        assert_eq!(names("default"), ["shell-form-command", "apt-lists-kept", "apk-cache-kept"]);
        assert_eq!(names("unsafe"), ["sudo"]);
        assert_eq!(names("ALL").len(), 6);
        assert!(names("").is_empty());
    }

    #[test]
    fn beginnings() {
        assert_eq!(names("dl302*"), ["shell-form-command"]);
        assert_eq!(names("AP*"), ["apt-lists-kept", "apk-cache-kept"]);
        assert!(names("*").is_empty() && names("apt*kept").is_empty());
        assert_eq!(names("DL*").len(), 5);
    }

    #[test]
    fn rules_that_undo_others_have_to_be_meant() {
        assert_eq!(select("all"), Ok(RuleSet::from([0, 1, 2, 3])));
        assert_eq!(select("layers"), Ok(RuleSet::new()));
        assert_eq!(select("safe"), Ok(RuleSet::from([0, 2, 3])));
        assert_eq!(select("merge"), Ok(RuleSet::from([4])));
        assert_eq!(select("DL3059"), Ok(RuleSet::from([4])));
        assert_eq!(places(RULES, "layers", Purpose::Ignore), Ok(RuleSet::from([4, 5])));
        assert_eq!(conflict(RULES, &RuleSet::from([0, 5])), None);
        assert_eq!(conflict(RULES, &RuleSet::from([0, 4, 5])), Some((&MERGE, &SPLIT)));
    }

    #[test]
    fn unknown_words_come_with_help() {
        assert_eq!(select("shell-form").unwrap_err(), "did you mean `shell-form-command`?");
        assert_eq!(select("DL30255").unwrap_err(), "did you mean `DL3025`?");
        let hadolint = "it is an id as hadolint has them, and dockfix has no rule for it";
        for word in ["DL3026", "dl3008", "SC2086"] {
            assert_eq!(select(word).unwrap_err(), hadolint);
            assert!(is_unanswered(RULES, word));
        }
        for word in ["DL3025", "dl302", "DL30255", "DL302x", "XX3025", "\u{e4}\u{e4}\u{e4}"] {
            assert!(!is_unanswered(RULES, word), "{word}");
        }
        assert_eq!(select("package").unwrap_err(), "did you mean `packages`?");
        assert_eq!(select("banana").unwrap_err(), "`dockfix rule` lists the rules");
        assert!(select("").is_err() && select("*").is_err());
    }

    #[test]
    fn a_group_without_rules_is_known() {
        assert_eq!(select("shell"), Ok(RuleSet::new()));
        assert_eq!(places(&[], "default", Purpose::Select), Ok(RuleSet::new()));
    }

    #[test]
    fn ignore_comes_last_and_select_starts_anew() {
        let mut rules = RuleSet::from([0, 2]);
        let layer = Selection {
            select: None,
            extend: RuleSet::from([1, 3]),
            ignore: RuleSet::from([2, 3]),
            ..Selection::default()
        };
        layer.apply(&mut rules);
        assert_eq!(rules, RuleSet::from([0, 1]));
        let layer = Selection { select: Some(RuleSet::from([2])), ..Selection::default() };
        layer.apply(&mut rules);
        assert_eq!(rules, RuleSet::from([2]));
    }
}
