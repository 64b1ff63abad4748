use crate::{
    fix::{Context, Effect, Finding, Findings, Fix, Group, MORE_WORDS, Safety, append, plain_run, rule},
    model::{Leak, Run, simple_commands},
    syntax::ast::{Command, joined_text},
};

rule! {
    /// ## What it does
    /// Removes the folder that `export GNUPGHOME="$(mktemp -d)"` makes at the end of its RUN.
    ///
    /// ## Why
    /// The keys that were fetched to check a signature, and sockets of the agent that GnuPG starts, stay in the image.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian
    /// RUN set -eux; \
    ///     export GNUPGHOME="$(mktemp -d)"; \
    ///     gpg --batch --import /a.key; \
    ///     gpg --batch --verify /a.asc /a
    /// ```
    /// ```dockerfile
    /// FROM debian
    /// RUN set -eux; \
    ///     export GNUPGHOME="$(mktemp -d)"; \
    ///     gpg --batch --import /a.key; \
    ///     gpg --batch --verify /a.asc /a; \
    ///     rm -rf "$GNUPGHOME"
    /// ```
    ///
    /// ## Safety and effect
    /// Unsafe: an agent that GnuPG has started may write to the folder while it is removed. The image changes on
    /// purpose: it loses the folder. Nothing is reported where the variable is named with `rm` or set again, and there
    /// is no fix where the folder may not have been made or a shell is left in an unknown state.
    pub static RULE = {
        name: "gpg-home-kept",
        summary: "A temporary folder of GnuPG left in the image",
        since: "0.1.0",
        group: Group::Layers,
        safety: Safety::Unsafe,
        effect: Effect::Image,
        changes: MORE_WORDS,
        default: true,
        ids: &["rmRecursiveAfterMktempD"],
        run: run,
    };
}

const COMMAND: &str = "rm -rf \"$GNUPGHOME\"";

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    let shipped = ctx.model.shipped();
    for run in ctx.runs().filter(|it| shipped.get(it.stage) == Some(&true) && it.text.contains("GNUPGHOME")) {
        findings.extend(kept(ctx, run));
    }
}

fn kept(ctx: &Context<'_>, run: &Run) -> Option<Finding> {
    let commands: Vec<Command> = simple_commands(run.script.syntax()).collect();
    let made = commands.iter().find(|it| makes_home(it))?;
    let sets = run.text.matches("GNUPGHOME=").count();
    let removes = |it: &Command| {
        let text = it.text();
        text.contains("GNUPGHOME") && ["rm ", "-delete", "trap", "unset"].iter().any(|word| text.contains(word))
    };
    // `rm -rf /tmp/*` takes it away as well.
    if sets > 1 || commands.iter().any(removes) || run.text.contains("/tmp/*") {
        return None;
    }
    Some(Finding {
        rule: &RULE,
        range: made.syntax().text_range(),
        message: "the temporary folder of GnuPG stays in the image".to_owned(),
        fix: fix(ctx, run, made),
    })
}

/// Whether a command sets the variable to a folder that it makes.
fn makes_home(command: &Command) -> bool {
    let text = joined_text(command.syntax());
    let text = text.strip_prefix("export ").unwrap_or(&text);
    ["GNUPGHOME=\"$(mktemp -d)\"", "GNUPGHOME=$(mktemp -d)", "GNUPGHOME=`mktemp -d`"].contains(&text)
}

fn fix(ctx: &Context<'_>, run: &Run, made: &Command) -> Option<Fix> {
    let stage = ctx.model.stages.get(run.stage)?;
    let chain = plain_run(ctx, stage, run.at)?;
    let with = chain.join(stage.shell_at(run.at))?;
    let odd = chain.leaks().iter().any(|it| matches!(it, Leak::Other(_)));
    // Only a word can be asked about; an assignment alone has none.
    if odd || !made.words().next().is_some_and(|it| chain.surely_runs(&it, with)) {
        return None;
    }
    let edits = append(ctx, &run.instruction, with, COMMAND).into();
    Some(Fix { title: format!("Append `{COMMAND}`"), safety: Safety::Unsafe, effect: Effect::Image, edits })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check_same, check_unsafe, findings};

    #[test]
    fn the_folder_goes_at_the_end() {
        for set in ["\"$(mktemp -d)\"", "$(mktemp -d)", "`mktemp -d`"] {
            let run = format!("FROM a\nRUN export GNUPGHOME={set} && gpg --verify b && cd c && d");
            check_unsafe(&RULE, &format!("{run}\n"), &format!("{run} && {COMMAND}\n"));
        }
    }

    #[test]
    fn what_is_gone_or_used_or_unsure_stays() {
        for run in [
            "export GNUPGHOME=\"$(mktemp -d)\" && gpg b && rm -rf \"$GNUPGHOME\"",
            "export GNUPGHOME=\"$(mktemp -d)\" && gpg b && rm -rf c ${GNUPGHOME} d",
            "export GNUPGHOME=\"$(mktemp -d)\" && trap 'rm -r $GNUPGHOME' EXIT && gpg b",
            "export GNUPGHOME=\"$(mktemp -d)\" && gpg b && rm -rf /tmp/* /var/tmp/*",
            "export GNUPGHOME=/b && gpg c",
            "gpg b",
            "set -e; for k in b c; do export GNUPGHOME=\"$(mktemp -d)\"; gpg $k; done",
            "if b; then export GNUPGHOME=\"$(mktemp -d)\"; gpg c; fi",
            "(export GNUPGHOME=\"$(mktemp -d)\" && gpg c)",
            "export GNUPGHOME=\"$(mktemp -d)\" && gpg b && exec c",
            "export GNUPGHOME=\"$(mktemp -d)\"; gpg b",
            "export GNUPGHOME=\"$(mktemp -d)\" && gpg b && export GNUPGHOME=/c",
        ] {
            check_same(&RULE, &format!("FROM a\nRUN {run}\n"));
        }
        check_same(&RULE, "FROM a\nRUN export GNUPGHOME=\"$(mktemp -d)\" && gpg b\nFROM c\n");
        check_same(&RULE, "FROM a\nONBUILD RUN export GNUPGHOME=\"$(mktemp -d)\" && gpg b\n");
    }

    #[test]
    fn it_is_reported_without_a_fix() {
        let found = findings(&RULE, "FROM a\nRUN GNUPGHOME=\"$(mktemp -d)\"; export GNUPGHOME; gpg b\n");
        assert!(found.len() == 1 && found[0].fix.is_none());
    }
}
