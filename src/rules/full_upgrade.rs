use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, RuleOption, Safety, Values, command_removal, rule},
    model::{Invocation, Role},
    syntax::ast::trimmed_range,
};

rule! {
    /// ## What it does
    /// Reports commands that bring the whole system to another release of itself: `apt-get dist-upgrade`, `apt-get
    /// full-upgrade`, `zypper dist-upgrade`, and with an option all that upgrade what the base image has.
    ///
    /// ## Why
    /// The base image is a system whose parts fit each other. An upgrade makes it another one, which depends on the day
    /// of the build, doubles the weight of what it replaces, and may remove packages. A newer base image has the same
    /// in layers that are shared.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian
    /// RUN apt-get update && apt-get dist-upgrade -y && apt-get install -y curl
    /// ```
    ///
    /// ## Safety and effect
    /// Suggestion only: the fix that is shown leaves the command out, and with it what it would have mended. Whoever
    /// upgrades for the sake of security wants a newer base image instead.
    pub static RULE = {
        name: "full-upgrade",
        summary: "Upgrade of the whole system",
        since: "0.1.0",
        group: Group::Packages,
        safety: Safety::Suggest,
        effect: Effect::Image,
        changes: &[Change::RepeatedWords],
        default: true,
        options: &[RuleOption {
            name: "report",
            about: "whether only upgrades to another release are reported, or all that upgrade what the base image has",
            values: Values::Words(&["full", "all"]),
        }],
        ids: &["DL3005", "DL3017", "DL3031", "DL3035", "DL3039", "DS-0024", "DKL-DI-0003"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    let all = ctx.settings.word(&RULE, "report") == "all";
    for (nth, stage) in ctx.stages() {
        for run in ctx.model.runs_of(nth).iter().filter(|it| ctx.sound(&it.instruction)) {
            for command in run.commands() {
                let Some(call) = command.invocation() else { continue };
                let full = matches!(call.literal(call.subcommand), Some("dist-upgrade" | "full-upgrade" | "dup"));
                if call.role != Role::Upgrade || !(full || all && is_of_system(call)) {
                    continue;
                }
                let fix = command_removal(ctx, stage, run.at, command).map(|edit| Fix {
                    title: "Leave it out".to_owned(),
                    safety: Safety::Suggest,
                    effect: Effect::Image,
                    edits: edit.into(),
                });
                findings.push(Finding {
                    rule: &RULE,
                    range: trimmed_range(command.syntax()),
                    message: "the whole system is upgraded, to what the day of the build brings".to_owned(),
                    fix,
                });
            }
        }
    }
}

/// Whether an upgrade names no package, so that it is of all.
fn is_of_system(call: &Invocation) -> bool {
    call.manager.system && call.operands.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::{
        Job, RuleSettings, Value, run,
        testing::{check_same, findings, suggested},
    };

    #[test]
    fn the_command_is_left_out() {
        for (before, after) in [
            ("RUN a && apt-get dist-upgrade -y && b", "RUN a && b"),
            ("RUN apt-get full-upgrade && \\\n  b", "RUN b"),
            ("RUN a \\\n  && zypper -n dup", "RUN a"),
            ("RUN a && \\\n  apt-get -y dist-upgrade && \\\n  b", "RUN a && \\\n  b"),
        ] {
            let text = format!("FROM a\n{before}\n");
            assert_eq!(suggested(&RULE, &text), [format!("FROM a\n{after}\n")]);
            check_same(&RULE, &text);
        }
        assert_eq!(suggested(&RULE, "FROM a\nRUN apt-get dist-upgrade\nRUN b\n"), ["FROM a\nRUN b\n"]);
    }

    #[test]
    fn what_cannot_be_left_out_is_reported() {
        for run in [
            "a; apt-get dist-upgrade",
            "if a; then apt-get dist-upgrade; fi",
            "a && \\\n  # b\n  apt-get dist-upgrade",
            "apt-get dist-upgrade && [ \"a\" ]",
            "[ \"a\" ] && apt-get dist-upgrade",
        ] {
            let text = format!("FROM a\nRUN {run}\n");
            assert_eq!((findings(&RULE, &text).len(), suggested(&RULE, &text).len()), (1, 0), "{text}");
        }
    }

    #[test]
    fn other_upgrades_are_reported_where_asked_for() {
        let count = |run_text: &str| {
            let text = format!("FROM a\nRUN {run_text}\n");
            assert_eq!(findings(&RULE, &text).len(), 0);
            let mut settings = RuleSettings::default();
            settings.set(&RULE, "report", Value::Word("all"));
            run(&text, &Job { rules: vec![&RULE], settings, ..Job::default() }).findings.len()
        };
        for run in ["apt-get upgrade -y", "yum -y update", "apk upgrade --no-cache", "zypper up"] {
            assert_eq!(count(run), 1, "{run}");
        }
        for run in ["yum -y update curl", "gem update", "conda update conda", "apt-get update", "pip install -U pip"] {
            assert_eq!(count(run), 0, "{run}");
        }
    }
}
