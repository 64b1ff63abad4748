use crate::{
    fix::{Context, Effect, Finding, Findings, Fix, Group, Rule, Safety, Suppression, rule},
    syntax,
    text::EditSet,
};

rule! {
    /// ## What it does
    /// Takes names out of `# dockfix: ignore[…]` and `# dockfix: ignore-file[…]` that keep nothing quiet, and the comment
    /// with its last name. It reports names that no rule has.
    ///
    /// ## Why
    /// Such a comment tells of a fault that is mended, and would hide the next one.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine
    /// # dockfix: ignore[maintainer]
    /// LABEL org.opencontainers.image.authors="somebody"
    /// ```
    /// ```dockerfile
    /// FROM alpine
    /// LABEL org.opencontainers.image.authors="somebody"
    /// ```
    ///
    /// ## Safety and effect
    /// Safe, and nothing is rebuilt: comments are no part of a build. Only rules that run are judged: where
    /// `shell-form-command` is not selected, nobody can say whether a comment still holds it back. Comments that name no
    /// rule, and those that speak to other tools, stay.
    pub static RULE = {
        name: "unused-suppression",
        summary: "A `# dockfix: ignore[…]` that keeps nothing quiet",
        since: "0.1.0",
        group: Group::Instructions,
        safety: Safety::Safe,
        effect: Effect::None,
        default: true,
        ids: &[],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    if ctx.suppressions().is_empty() {
        return;
    }
    let found = ctx.found_by_others(&RULE);
    for comment in ctx.suppressions() {
        let quiet = |name: &str| {
            found.iter().any(|(rule, range)| {
                rule.answers_to(name) && comment.around.is_none_or(|around| around.contains_range(*range))
            })
        };
        let (mut unused, mut unknown) = (Vec::new(), Vec::new());
        for name in comment.names.iter().map(String::as_str) {
            let rules: Vec<&Rule> = super::ALL.iter().copied().filter(|it| it.answers_to(name)).collect();
            // One that does not run, or this one, may be the one that is meant.
            let judged = rules.iter().all(|it| *it != &RULE && ctx.rules.contains(it));
            if rules.is_empty() {
                unknown.push(name);
            } else if judged && !quiet(name) {
                unused.push(name);
            }
        }
        findings.extend(unknown.into_iter().map(|it| report_unknown(comment, it)));
        findings.extend((!unused.is_empty()).then(|| report_unused(ctx, comment, &unused)));
    }
}

fn report_unused(ctx: &Context<'_>, comment: &Suppression, unused: &[&str]) -> Finding {
    let names: Vec<String> = unused.iter().map(|it| format!("`{it}`")).collect();
    let place = if comment.around.is_none() { "in this file" } else { "in the instruction below" };
    Finding {
        rule: &RULE,
        range: comment.range,
        message: format!("nothing {place} is found by {}", names.join(" or ")),
        fix: without(ctx, comment, unused),
    }
}

fn without(ctx: &Context<'_>, comment: &Suppression, unused: &[&str]) -> Option<Fix> {
    let edits = EditSet::from(comment.without(ctx.text, unused)?);
    // At the top of a file the comment may keep the next one from being a directive.
    let first = ctx.parse.file().instructions().next()?;
    if comment.range.start() < first.syntax().text_range().start() {
        let directives = |parse: &syntax::Parse| parse.file().directives().count();
        let after = syntax::parse(&edits.apply(ctx.text));
        if directives(ctx.parse) != directives(&after) {
            return None;
        }
    }
    let title = "Take it out of the comment".to_owned();
    Some(Fix { title, safety: Safety::Safe, effect: Effect::None, edits })
}

fn report_unknown(comment: &Suppression, name: &str) -> Finding {
    let help = nearest(name).map(|it| format!("; did you mean `{}`?", it.name)).unwrap_or_default();
    let message = format!("no rule is called `{name}`{help}");
    Finding { rule: &RULE, range: comment.range, message, fix: None }
}

/// The rule that has most words of its name in common with a name, if any has more than half of them.
fn nearest(name: &str) -> Option<&'static Rule> {
    let words: Vec<String> = name.split(['-', '_']).map(str::to_lowercase).collect();
    let common = |rule: &Rule| rule.name.split('-').filter(|it| words.iter().any(|word| word == it)).count();
    let best = super::ALL.iter().copied().max_by_key(|it| common(it))?;
    (2 * common(best) > words.len()).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fix::{Job, run, testing::check_all},
        rules::{legacy_key_value, maintainer},
    };

    static RULES: &[&Rule] = &[&legacy_key_value::RULE, &maintainer::RULE, &RULE];

    fn same(text: &str) {
        check_all(RULES, text, text);
    }

    fn messages(text: &str) -> Vec<String> {
        run(text, &Job { rules: RULES.to_vec(), ..Job::default() }).findings.into_iter().map(|it| it.message).collect()
    }

    #[test]
    fn what_keeps_nothing_quiet_goes() {
        for (before, after) in [
            ("# dockfix: ignore[legacy-key-value]\nENV A=b\n", "ENV A=b\n"),
            (
                "# dockfix: ignore[legacy-key-value,maintainer] why\nENV A b\n",
                "# dockfix: ignore[legacy-key-value] why\nENV A b\n",
            ),
            ("# a\n# dockfix: ignore[MaintainerDeprecated]\nENV A=b\n", "# a\nENV A=b\n"),
            ("# dockfix: ignore-file[maintainer]\nENV A=b\n", "ENV A=b\n"),
            ("ENV A=b\n# dockfix: ignore[maintainer]\n", "ENV A=b\n"),
            ("# dockfix: ignore[maintainer, nobody]\nENV A=b\n", "# dockfix: ignore[nobody]\nENV A=b\n"),
        ] {
            check_all(RULES, &format!("FROM a\n{before}"), &format!("FROM a\n{after}"));
        }
        check_all(RULES, "FROM a\r\n# dockfix: ignore[maintainer]\r\nENV A=b\r\n", "FROM a\r\nENV A=b\r\n");
    }

    #[test]
    fn what_keeps_something_quiet_or_is_not_judged_stays() {
        for comment in [
            "# dockfix: ignore[legacy-key-value] why",
            "# dockfix: ignore-file[legacy-key-value]",
            "# dockfix: ignore[LegacyKeyValueFormat]",
            "# dockfix: ignore[legacy-key-value]\n# x\n",
            // Rules that do not run.
            "# dockfix: ignore[legacy-key-value, as-casing]",
            "# dockfix: ignore[legacy-key-value, unused-suppression]",
            // What names none, and what speaks to others.
            "# dockfix: ignore",
            "# hadolint ignore=DL4000,DL3000\n# dockfix: ignore[legacy-key-value]",
            "# check=skip=MaintainerDeprecated\n# dockfix: ignore[legacy-key-value]",
        ] {
            same(&format!("FROM a\n{comment}\nENV A b\n"));
        }
        // The next comment would be a directive.
        same("# dockfix: ignore[maintainer]\n# escape=`\nFROM a\nCOPY a \\\n b\n");
        same("FROM a\nRUN <<EOF\n# dockfix: ignore[maintainer]\nEOF\n");
    }

    #[test]
    fn names_that_no_rule_has_are_reported() {
        let text = |name: &str| format!("FROM a\n# dockfix: ignore[{name}]\nENV A=b\n");
        assert_eq!(messages(&text("legacy-key")), ["no rule is called `legacy-key`; did you mean `legacy-key-value`?"]);
        assert_eq!(messages(&text("banana")), ["no rule is called `banana`"]);
        assert_eq!(messages(&text("maintainer")), ["nothing in the instruction below is found by `maintainer`"]);
    }
}
