//! The sets of rules that tests run.

use dockfix::{fix::Rule, rules::ALL};

type Rules = Vec<&'static Rule>;

/// The rules that run without being selected.
pub fn default() -> Rules {
    ALL.iter().copied().filter(|it| it.default).collect()
}

/// As many rules as can run together, in two sets: of those that undo each other the first, and the last.
pub fn together() -> [Rules; 2] {
    [pick(ALL.iter()), pick(ALL.iter().rev())]
}

fn pick(rules: impl Iterator<Item = &'static &'static Rule>) -> Rules {
    let mut taken = Rules::new();
    for rule in rules {
        let fights = |it: &&Rule| it.conflicts.contains(&rule.name) || rule.conflicts.contains(&it.name);
        if !taken.iter().any(fights) {
            taken.push(rule);
        }
    }
    ALL.iter().copied().filter(|it| taken.contains(it)).collect()
}

#[test]
fn every_rule_is_in_a_set() {
    let sets = together();
    assert!(ALL.iter().all(|rule| sets.iter().any(|it| it.contains(rule))));
    for set in sets {
        assert!(set.iter().all(|rule| rule.conflicts.iter().all(|name| set.iter().all(|it| it.name != *name))));
    }
}

#[test]
fn conflicts_are_said_by_both() {
    for rule in ALL {
        for name in rule.conflicts {
            let other = ALL.iter().find(|it| it.name == *name);
            assert!(other.is_some_and(|it| it.conflicts.contains(&rule.name)), "{} and {name}", rule.name);
        }
    }
}
