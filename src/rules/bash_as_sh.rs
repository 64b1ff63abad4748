use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, Safety, plain_run, rule},
    model::{
        Shell, Simple, Stage,
        build::{Field, Part},
    },
    syntax::SyntaxKind::SHELL,
    text::Edit,
};

rule! {
    /// ## What it does
    /// Reports that bash is put in the place of `/bin/sh`, and says with SHELL that RUN is to use it.
    ///
    /// ## Why
    /// Programs and the scripts of packages rely on `/bin/sh` being what the distribution made it, and an upgrade puts
    /// it back. SHELL says the same to the builder alone.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM ubuntu
    /// RUN rm /bin/sh && ln -s /bin/bash /bin/sh
    /// RUN source /etc/profile && make
    /// ```
    /// ```dockerfile
    /// FROM ubuntu
    /// SHELL ["/bin/bash", "-c"]
    /// RUN source /etc/profile && make
    /// ```
    ///
    /// ## Safety and effect
    /// Unsafe: the image changes on purpose. Its `/bin/sh` stays what it was, also for scripts that begin with
    /// `#!/bin/sh` and use what only bash has; shell forms of CMD and ENTRYPOINT use bash. Only a RUN that does nothing
    /// else is replaced; others are reported.
    pub static RULE = {
        name: "bash-as-sh",
        summary: "bash in the place of `/bin/sh`",
        since: "0.1.0",
        group: Group::Layers,
        safety: Safety::Unsafe,
        effect: Effect::Image,
        changes: &[
            Change::Gone(&["rm", "mv", "ln"]),
            Change::Step(Part::Command),
            Change::Config(Field::Shell),
            Change::Config(Field::Cmd),
            Change::Config(Field::Entrypoint),
        ],
        default: true,
        ids: &["DL4005"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for (_, stage) in ctx.stages() {
        for at in 1..stage.instructions.len() {
            findings.extend(finding(ctx, stage, at));
        }
    }
}

fn finding(ctx: &Context<'_>, stage: &Stage, at: usize) -> Option<Finding> {
    let chain = plain_run(ctx, stage, at)?;
    let text = &ctx.model.run(stage.instructions.get(at)?)?.text;
    if !text.contains("bash") || !chain.commands().iter().any(links) {
        return None;
    }
    let run = stage.instructions.get(at)?;
    let only = chain.plain().is_some_and(|it| it.iter().all(|it| links(it) || clears(it)));
    let free = matches!(stage.shell_at(at), Shell::Unset) && run.flags().next().is_none();
    let keyword = ctx.keyword_like(run, SHELL);
    let edits = Edit::replace(run.range(), format!("{keyword} [\"/bin/bash\", \"-c\"]")).into();
    let fix = Fix { title: "Use SHELL".to_owned(), safety: Safety::Unsafe, effect: Effect::Image, edits };
    Some(Finding {
        rule: &RULE,
        range: run.range(),
        message: "this changes `/bin/sh` for all programs of the image; SHELL changes it for the build".to_owned(),
        fix: (only && free).then_some(fix),
    })
}

/// Whether a command makes `/bin/sh` a link to bash.
fn links(command: &Simple) -> bool {
    let words: Vec<&str> = command.literals().collect();
    let Some((program, words)) = words.split_first() else { return false };
    let symbolic = words.iter().any(|it| *it == "--symbolic" || (it.starts_with('-') && it.contains('s')));
    let paths: Vec<&str> = words.iter().copied().filter(|it| !it.starts_with('-')).collect();
    *program == "ln"
        && symbolic
        && matches!(paths.as_slice(), ["bash" | "/bin/bash" | "/usr/bin/bash", "/bin/sh" | "/usr/bin/sh"])
}

/// Whether a command only takes `/bin/sh` out of the way.
fn clears(command: &Simple) -> bool {
    let paths: Vec<&str> = command.literals().filter(|it| !it.starts_with('-')).collect();
    match paths.as_slice() {
        ["rm", path] => *path == "/bin/sh",
        ["mv", from, to] => *from == "/bin/sh" && to.starts_with("/bin/sh"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check_same, check_unsafe, findings};

    #[test]
    fn links_become_shell() {
        for run in [
            "ln -sf /bin/bash /bin/sh",
            "ln -snf /bin/bash /bin/sh",
            "rm /bin/sh && ln -s /bin/bash /bin/sh",
            "mv /bin/sh /bin/sh.old && ln -s /bin/bash /bin/sh",
            "rm -f /bin/sh && ln --symbolic bash /bin/sh",
        ] {
            let before = format!("FROM a\n# b\nRUN {run}\n\nRUN c\nCMD d\n");
            check_unsafe(&RULE, &before, "FROM a\n# b\nSHELL [\"/bin/bash\", \"-c\"]\n\nRUN c\nCMD d\n");
        }
    }

    #[test]
    fn others_stay() {
        for (run, found) in [
            ("RUN ln -sf /bin/bash /bin/sh && a", 1),
            ("RUN apt-get update; ln -sf /bin/bash /bin/sh", 1),
            ("SHELL [\"/bin/bash\", \"-c\"]\nRUN ln -sf /bin/bash /bin/sh", 1),
            ("RUN ln -sf /bin/dash /bin/sh", 0),
            ("RUN ln -sf /bin/bash /usr/local/bin/sh", 0),
            ("RUN ln -sf $A /bin/sh", 0),
            ("RUN rm /bin/sh", 0),
            ("ONBUILD RUN ln -sf /bin/bash /bin/sh", 0),
        ] {
            let text = format!("FROM a\n{run}\nRUN b\n");
            check_same(&RULE, &text);
            assert_eq!(findings(&RULE, &text).len(), found, "{run}");
        }
    }
}
