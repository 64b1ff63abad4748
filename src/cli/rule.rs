//! `dockfix rule`: what a rule does.

use std::io::Write;

use crate::{config::closest, fix::Rule, rules::ALL};

/// Explains a rule, or all of them, or lists them.
pub(super) fn rule(name: Option<&str>, all: bool) -> anyhow::Result<u8> {
    let out = &mut anstream::stdout().lock();
    if let Some(name) = name {
        let same = |it: &&&Rule| it.name == name || it.ids.iter().any(|id| id.eq_ignore_ascii_case(name));
        let Some(rule) = ALL.iter().find(same) else {
            let hint = closest(name, ALL.iter().map(|it| it.name));
            let hint = hint.map(|it| format!("\nhelp: did you mean `{it}`?")).unwrap_or_default();
            anyhow::bail!("unknown rule `{name}`{hint}");
        };
        explain(out, rule)?;
    } else if all {
        for rule in ALL {
            explain(out, rule)?;
        }
    } else {
        for rule in ALL {
            writeln!(out, "{:32} {:8} {:8} {}", rule.name, rule.safety.as_str(), rule.effect.as_str(), rule.summary)?;
        }
    }
    Ok(0)
}

fn explain(out: &mut impl Write, rule: &Rule) -> std::io::Result<()> {
    writeln!(out, "{}", rule.page())
}
