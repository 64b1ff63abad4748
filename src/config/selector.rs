//! Which rules a list of words selects.

use std::collections::BTreeSet;

use super::suggest;
use crate::fix::{Group, Rule};

/// Rules, as places in the list of all rules: whatever selects them, they run in its order.
pub(super) type RuleSet = BTreeSet<usize>;

const GROUPS: [Group; 5] = [Group::Packages, Group::Layers, Group::Instructions, Group::Commands, Group::Shell];

/// The rules that a word selects, in the order of `rules`: the name of a rule, a group, an id of another tool,
/// `default` or `all`, in any case. None where the word selects nothing.
pub fn resolve(rules: &[&'static Rule], word: &str) -> Vec<&'static Rule> {
    rules.iter().copied().filter(|rule| selects(word, rule)).collect()
}

/// The places of the rules that a word selects, or help where it is no selector.
pub(super) fn places(rules: &[&'static Rule], word: &str) -> Result<RuleSet, String> {
    let set: RuleSet = (0..).zip(rules).filter(|(_, rule)| selects(word, rule)).map(|(place, _)| place).collect();
    // A group may be empty, and so may the rules that run by default.
    if !set.is_empty() || words().any(|it| it.eq_ignore_ascii_case(word)) {
        return Ok(set);
    }
    let names = rules.iter().map(|rule| rule.name);
    let ids = rules.iter().flat_map(|rule| rule.ids.iter().copied());
    Err(match suggest::closest(word, names.chain(words()).chain(ids)) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => "`dockfix rule --all` lists the rules".to_owned(),
    })
}

/// The words that select rules beside their names and ids.
fn words() -> impl Iterator<Item = &'static str> {
    ["default", "all"].into_iter().chain(GROUPS.map(Group::as_str))
}

fn selects(word: &str, rule: &Rule) -> bool {
    let is = |it: &str| it.eq_ignore_ascii_case(word);
    is("all")
        || (is("default") && rule.default)
        || is(rule.name)
        || is(rule.group.as_str())
        || rule.ids.iter().copied().any(is)
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

    const fn rule(name: &'static str, group: Group, default: bool, ids: &'static [&'static str]) -> Rule {
        Rule { name, group, default, ids, ..Rule::PLAIN }
    }

    static SHELL: Rule = rule("shell-form-command", Group::Commands, true, &["DL3025", "JSONArgsRecommended"]);
    static SUDO: Rule = rule("sudo", Group::Commands, false, &["DL3004"]);
    static APT: Rule = rule("apt-lists-kept", Group::Packages, true, &["DL3009"]);
    static APK: Rule = rule("apk-cache-kept", Group::Packages, true, &["DL3019", "DL3009"]);

    /// Rules for the tests of the settings.
    pub(in crate::config) static RULES: &[&Rule] = &[&SHELL, &SUDO, &APT, &APK];

    fn names(word: &str) -> Vec<&'static str> {
        resolve(RULES, word).iter().map(|rule| rule.name).collect()
    }

    #[test]
    fn names_groups_and_ids() {
        assert_eq!(names("sudo"), ["sudo"]);
        assert_eq!(names("commands"), ["shell-form-command", "sudo"]);
        assert_eq!(names("jsonargsRECOMMENDED"), ["shell-form-command"]);
        assert_eq!(names("dl3009"), ["apt-lists-kept", "apk-cache-kept"]);
        assert_eq!(names("default"), ["shell-form-command", "apt-lists-kept", "apk-cache-kept"]);
        assert_eq!(names("ALL").len(), 4);
        assert!(names("").is_empty());
    }

    #[test]
    fn unknown_words_come_with_help() {
        assert_eq!(places(RULES, "shell-form").unwrap_err(), "did you mean `shell-form-command`?");
        assert_eq!(places(RULES, "DL3026").unwrap_err(), "did you mean `DL3025`?");
        assert_eq!(places(RULES, "package").unwrap_err(), "did you mean `packages`?");
        assert_eq!(places(RULES, "banana").unwrap_err(), "`dockfix rule --all` lists the rules");
        assert!(places(RULES, "").is_err());
    }

    #[test]
    fn a_group_without_rules_is_known() {
        assert_eq!(places(RULES, "layers"), Ok(RuleSet::new()));
        assert_eq!(places(&[], "default"), Ok(RuleSet::new()));
    }

    #[test]
    fn ignore_comes_last_and_select_starts_anew() {
        let mut rules = RuleSet::from([0, 2]);
        let layer = Selection { select: None, extend: RuleSet::from([1, 3]), ignore: RuleSet::from([2, 3]) };
        layer.apply(&mut rules);
        assert_eq!(rules, RuleSet::from([0, 1]));
        let layer = Selection { select: Some(RuleSet::from([2])), ..Selection::default() };
        layer.apply(&mut rules);
        assert_eq!(rules, RuleSet::from([2]));
    }
}
