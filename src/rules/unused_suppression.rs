use text_size::TextRange;

use crate::{
    fix::{Context, Effect, Finding, Findings, Fix, Group, Rule, Safety, Suppression, rule, why_misread},
    model::Document,
    syntax::{
        self,
        SyntaxKind::{COMMENT_LINE, SHELL_COMMENT},
    },
    text::{Edit, EditSet, closest},
};

rule! {
    /// ## What it does
    /// Takes names out of `# dockfix: ignore[…]` and `# dockfix: ignore-file[…]` that keep nothing quiet, and the
    /// comment with its last name. It writes the brackets where they are missing, as in `ignore=maintainer`, and
    /// reports names that no rule has, and comments to dockfix that nobody understands: for their words, or because
    /// they stand within an instruction and not above it.
    ///
    /// ## Why
    /// Such a comment tells of a fault that is mended, and would hide the next one. One that is misspelt does nothing,
    /// and its author believes that it does.
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
    /// `shell-form-command` is not selected, nobody can say whether a comment still holds it back. Comments that name
    /// no rule, and those that speak to other tools, stay.
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
    if !ctx.text.contains("dockfix") {
        return;
    }
    misread(ctx, findings);
    if ctx.suppressions().is_empty() {
        return;
    }
    let found = ctx.found_by_others(&RULE);
    for comment in ctx.suppressions() {
        if comment.loose.is_some() || comment.names.is_empty() {
            report_form(ctx, comment, findings);
            continue;
        }
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
            } else if judged && !quiet(name) && rules.iter().all(|it| !is_held_off(ctx, comment, it)) {
                unused.push(name);
            }
        }
        findings.extend(unknown.into_iter().map(|it| report_unknown(comment, it)));
        findings.extend((!unused.is_empty()).then(|| report_unused(ctx, comment, &unused)));
    }
}

/// Whether a comment keeps a rule from finding something without naming it: some rules leave alone what stands beside a
/// comment to a tool.
fn is_held_off(ctx: &Context<'_>, comment: &Suppression, rule: &Rule) -> bool {
    let removal = EditSet::from(Edit::delete(comment.range));
    let text = removal.apply(ctx.text);
    let document = Document::new(syntax::parse(&text));
    let without = Context::new(&text, &document, ctx.settings, ctx.rules);
    let found = |ctx: &Context<'_>, map: &dyn Fn(TextRange) -> TextRange| -> Vec<_> {
        let mut findings = Findings::default();
        (rule.run)(ctx, &mut findings);
        let edits = |it: &Finding| -> Vec<(TextRange, String)> {
            let edits = it.fix.iter().flat_map(|it| it.edits.iter());
            edits.map(|it| (map(it.range), it.insert.clone())).collect()
        };
        findings.into_sorted().iter().map(|it| (map(it.range), edits(it))).collect()
    };
    found(ctx, &|it| removal.map_range(it)) != found(&without, &|it| it)
}

/// A comment whose names stand in no brackets, or that names none.
fn report_form(ctx: &Context<'_>, comment: &Suppression, findings: &mut Findings) {
    let word = if comment.around.is_none() { "ignore-file" } else { "ignore" };
    let is_known = |name: &str| super::ALL.iter().any(|it| it.answers_to(name));
    let names: Vec<&str> = comment.names.iter().map(String::as_str).collect();
    let (known, unknown): (Vec<&str>, Vec<&str>) = names.iter().partition(|it| is_known(it));
    let message = match known.is_empty() {
        true => format!("no rule is named here; names stand in brackets, as in `{word}[maintainer]`"),
        false => {
            findings.extend(unknown.iter().map(|it| report_unknown(comment, it)));
            format!("names of rules stand in brackets, as in `{word}[{}]`", known.join(", "))
        }
    };
    let is_certain = unknown.is_empty() && !known.is_empty();
    let edit = if is_certain { comment.in_brackets(ctx.text) } else { None };
    let fix = edit.map(|edit| {
        let title = format!("Write `{word}[{}]`", names.join(", "));
        Fix { title, safety: Safety::Safe, effect: Effect::None, edits: edit.into() }
    });
    findings.push(Finding { rule: &RULE, range: comment.range, message, fix });
}

/// Comments to this program that nobody understands.
fn misread(ctx: &Context<'_>, findings: &mut Findings) {
    let root = ctx.parse.file().syntax().clone();
    syntax::visit_tokens(&root, |kind, range, text| {
        if matches!(kind, COMMENT_LINE | SHELL_COMMENT) && text.contains("dockfix") {
            let inside = || root.covering_element(range).ancestors().any(|it| it.kind().is_instruction());
            let message = why_misread(text, kind == SHELL_COMMENT, inside);
            findings.extend(message.map(|message| Finding { rule: &RULE, range, message, fix: None }));
        }
        true
    });
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
    let near = closest(name, super::ALL.iter().map(|it| it.name));
    let help = near.map(|it| format!("; did you mean `{it}`?")).unwrap_or_default();
    let message = format!("no rule is called `{name}`{help}");
    Finding { rule: &RULE, range: comment.range, message, fix: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fix::{Job, run, testing::check_all},
        rules::{legacy_key_value, maintainer, mode_after_copy, owner_after_copy, split_update, ungrouped_env},
    };

    static RULES: &[&Rule] = &[&legacy_key_value::RULE, &maintainer::RULE, &RULE];

    fn same(text: &str) {
        check_all(RULES, text, text);
    }

    fn messages(text: &str) -> Vec<String> {
        run(text, &Job { rules: RULES.to_vec(), ..Job::default() }).findings.into_iter().map(|it| it.message).collect()
    }

    #[test]
    fn what_holds_a_rule_off_is_in_use() {
        static RULES: &[&Rule] =
            &[&mode_after_copy::RULE, &owner_after_copy::RULE, &split_update::RULE, &ungrouped_env::RULE, &RULE];
        for text in [
            "COPY a.sh /a.sh\n# dockfix: ignore[mode-after-copy] old builders\nRUN chmod 755 /a.sh\n",
            "COPY a.sh /a.sh\n# dockfix: ignore[owner-after-copy]\nRUN chown a:b /a.sh\n",
            "RUN apt-get update\n# dockfix: ignore[split-update]\nRUN apt-get install -y a\n",
            "ENV A=b\n# dockfix: ignore[ungrouped-env]\nENV B=c\n",
            "ENV A=b\nENV B=c\n# dockfix: ignore[ungrouped-env]\nENV C=d\n",
        ] {
            let text = format!("# syntax=docker/dockerfile:1\nFROM a\n{text}");
            let job = Job { rules: RULES.to_vec(), ..Job::default() };
            let found = run(&text, &job).findings;
            assert!(found.iter().all(|it| it.rule != &RULE), "{text}");
        }
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
        assert_eq!(messages(&text("mantainer")), ["no rule is called `mantainer`; did you mean `maintainer`?"]);
        assert_eq!(messages(&text("legacy-key")), ["no rule is called `legacy-key`; did you mean `legacy-key-value`?"]);
        assert_eq!(messages(&text("banana")), ["no rule is called `banana`"]);
        assert_eq!(messages(&text("maintainer")), ["nothing in the instruction below is found by `maintainer`"]);
    }

    #[test]
    fn brackets_are_written_where_the_names_are_certain() {
        for (before, after) in [
            ("ignore=legacy-key-value", "ignore[legacy-key-value]"),
            ("ignore = legacy-key-value,DL4000 why", "ignore[legacy-key-value, DL4000] why"),
            ("ignore: legacy-key-value", "ignore[legacy-key-value]"),
            ("ignore(legacy-key-value) why", "ignore[legacy-key-value] why"),
            ("ignore legacy-key-value: why", "ignore[legacy-key-value]: why"),
            ("ignore LegacyKeyValueFormat, for it is old", "ignore[LegacyKeyValueFormat], for it is old"),
        ] {
            // The layout of the list follows, where one of its names keeps nothing quiet.
            let after = after.replace(", DL4000", "");
            check_all(
                RULES,
                &format!("FROM a\n# dockfix: {before}\nENV A b\n"),
                &format!("FROM a\n# dockfix: {after}\nENV A b\n"),
            );
        }
        check_all(
            RULES,
            "FROM a\n# dockfix: ignore-file=legacy-key-value\nENV A b\nMAINTAINER c\n",
            "FROM a\n# dockfix: ignore-file[legacy-key-value]\nENV A b\nLABEL org.opencontainers.image.authors=\"c\"\n",
        );
        for comment in
            ["ignore=", "ignore[]", "ignore-file[ ]", "ignore: this is old", "ignore=banana", "ignore-file(banana)"]
        {
            let text = format!("FROM a\n# dockfix: {comment}\nENV A=b\n");
            let said = messages(&text);
            assert!(matches!(said.as_slice(), [it] if it.starts_with("no rule is named here")), "{comment}: {said:?}");
            same(&text);
        }
    }

    #[test]
    fn what_nobody_understands_is_reported() {
        for (comment, what) in [
            ("dockfix: disable=sudo", "`dockfix: disable` has no effect; did you mean `ignore`?"),
            ("dockfix: ignore-line[sudo]", "`dockfix: ignore-line` has no effect; did you mean `ignore`?"),
            ("dockfix: ignore-next-line[sudo]", "`dockfix: ignore-next-line` has no effect; did you mean `ignore`?"),
            ("dockfix: Ignore[sudo]", "`dockfix: Ignore` has no effect; did you mean `ignore`?"),
            ("dockfix: ingore[sudo]", "`dockfix: ingore` has no effect; did you mean `ignore`?"),
            ("dockfix: disable-file", "`dockfix: disable-file` has no effect; did you mean `ignore-file`?"),
            ("dockfix: format: off", "`dockfix: format: off` has no effect; did you mean `format off`?"),
            ("dockfix: format of", "`dockfix: format of` has no effect; did you mean `format off`?"),
            ("dockfix: fmt on", "`dockfix: fmt` has no effect; did you mean `format on`?"),
            ("dockfix ignore[sudo]", "`dockfix` without a colon has no effect; did you mean `dockfix: ignore`?"),
            (
                "dockfix: is great",
                "`dockfix: is` has no effect; there are `ignore`, `ignore-file`, `format off` and `format on`",
            ),
        ] {
            assert_eq!(messages(&format!("FROM a\n# {comment}\nENV A=b\n")), [what], "{comment}");
        }
        for comment in [
            "dockfix: format off",
            "dockfix:format on again",
            "dockfix is great",
            "dockfix ignores it",
            "hadolint ignore=",
        ] {
            assert_eq!(messages(&format!("FROM a\n# {comment}\nENV A=b\n")), [""; 0], "{comment}");
        }
    }

    #[test]
    fn what_stands_within_an_instruction_is_reported() {
        let within = "`ignore` has no effect within an instruction; the comment stands above it";
        for (text, what) in [
            ("RUN sudo b # dockfix: ignore[sudo]", within),
            ("RUN a \\\n  # dockfix: ignore[sudo]\n  && sudo b", within),
            ("RUN a # dockfix: format off", "`format` has no effect behind a command; it stands in a line of its own"),
        ] {
            assert_eq!(messages(&format!("FROM a\n{text}\n")), [what], "{text}");
        }
        for text in ["RUN a \\\n  # dockfix: format off\n  && sudo b", "RUN <<E\n# dockfix: ignore[sudo]\nE"] {
            assert_eq!(messages(&format!("FROM a\n{text}\n")), [""; 0], "{text}");
        }
    }
}
