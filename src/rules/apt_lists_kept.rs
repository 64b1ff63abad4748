use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, Safety, append, plain_run, rule},
    model::{Chain, Invocation, Leak, Role, Stage, argv, invocations, mounts_over, simple_commands},
    syntax::{
        SyntaxKind::*,
        SyntaxNode,
        ast::{Instruction, joined_text},
    },
    text::EditSet,
};

rule! {
    /// ## What it does
    /// Removes the package lists at the end of a RUN that reads them with `apt-get update`.
    ///
    /// ## Why
    /// The lists are some 20 to 50 MB in every image, and of no use: they are old the next day.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian
    /// RUN apt-get update && apt-get install -y curl
    /// CMD ["curl", "--version"]
    /// ```
    /// ```dockerfile
    /// FROM debian
    /// RUN apt-get update && apt-get install -y curl \
    ///     && rm -rf /var/lib/apt/lists/*
    /// CMD ["curl", "--version"]
    /// ```
    ///
    /// ## Safety and effect
    /// The image changes on purpose: it loses the lists. Safe in a stage that says what it starts (CMD or ENTRYPOINT) and
    /// that no later RUN or stage installs in without an update of its own. Unsafe in others, because an image that starts
    /// nothing may be the base of one that counts on the lists. Only the last stage and those that it begins with are
    /// looked at: what other stages keep is in no image. A mount over the lists, as BuildKit's cache mounts are, keeps the
    /// rule quiet.
    pub static RULE = {
        name: "apt-lists-kept",
        summary: "Package lists of apt left in the image",
        since: "0.1.0",
        group: Group::Packages,
        safety: Safety::Safe,
        effect: Effect::Image,
        changes: &[Change::MoreWords],
        default: true,
        ids: &["DL3009", "DKL-DI-0005"],
        run: run,
    };
}

const LISTS: &str = "/var/lib/apt/lists";

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    let stages = &ctx.model.stages;
    let mut shipped = vec![false; stages.len()];
    let mut at = stages.len().checked_sub(1).filter(|it| *it > 0);
    while let Some(stage) = at {
        if let Some(it) = shipped.get_mut(stage) {
            *it = true;
        }
        at = stages.get(stage).and_then(|it| it.parent);
    }
    let relied = ctx.model.any_descendant(|it| it.instructions.iter().any(relies_on_lists));
    for (nth, stage) in ctx.stages().filter(|it| shipped.get(it.0) == Some(&true)) {
        for at in 0..stage.instructions.len() {
            let needed = relied.get(nth) == Some(&true)
                || stage.instructions.get(at + 1..).is_some_and(|it| it.iter().any(relies_on_lists));
            if !needed {
                findings.extend(kept(ctx, nth, stage, at));
            }
        }
    }
}

fn kept(ctx: &Context<'_>, nth: usize, stage: &Stage, at: usize) -> Option<Finding> {
    let run = stage.instructions.get(at).filter(|it| it.kind() == RUN)?;
    let (script, chain) = plain_run(ctx, stage, at)?;
    let is_apt = |it: &Invocation| it.manager.family == "apt";
    let updates = invocations(script.syntax()).any(|it| is_apt(&it) && it.role == Role::Update);
    let installs =
        invocations(script.syntax()).any(|it| is_apt(&it) && matches!(it.role, Role::Install | Role::Upgrade));
    // An update alone is another rule's matter, and whoever names the lists has thought of them.
    if !updates || !installs || joined_text(script.syntax()).contains("/var/lib/apt") {
        return None;
    }
    if mounts_over(run, ctx.escape(), &[LISTS, "/var/cache/apt"]) || removed_later(stage, at) {
        return None;
    }
    let starts = ctx.model.command_in_effect(nth).or_else(|| ctx.model.in_effect(nth, ENTRYPOINT)).is_some();
    let scripts = stage.instructions.get(at + 1..).is_some_and(|it| it.iter().any(starts_script));
    let safety = if starts && !scripts { Safety::Safe } else { Safety::Unsafe };
    Some(Finding {
        rule: &RULE,
        range: run.range(),
        message: "the package lists that `apt-get update` reads stay in the image".to_owned(),
        fix: remove(ctx, stage, at, &chain, run, safety),
    })
}

fn remove(
    ctx: &Context<'_>,
    stage: &Stage,
    at: usize,
    chain: &Chain,
    run: &Instruction,
    safety: Safety,
) -> Option<Fix> {
    if chain.leaks().iter().any(|it| matches!(it, Leak::Other(_))) {
        return None;
    }
    let with = chain.join(stage.shell_at(at)).ok()?;
    let mut edits = EditSet::default();
    edits.push(append(ctx, run, with, &format!("rm -rf {LISTS}/*"))).ok()?;
    Some(Fix { title: "Remove the lists".to_owned(), safety, effect: Effect::Image, edits })
}

/// Whether a later RUN of the stage removes the lists: merging the two is another rule's matter.
fn removed_later(stage: &Stage, at: usize) -> bool {
    let later = stage.instructions.get(at + 1..).unwrap_or_default();
    later.iter().any(|it| it.kind() == RUN && it.text().contains(LISTS))
}

/// Whether an instruction installs with apt before it updates, or may.
fn relies_on_lists(instruction: &Instruction) -> bool {
    match instruction.kind() {
        ONBUILD => instruction.text().contains("apt"),
        RUN => match instruction.script() {
            Some(script) => !updates_first(script.syntax()),
            None => instruction.text().contains("apt"),
        },
        _ => false,
    }
}

fn updates_first(script: &SyntaxNode) -> bool {
    let mut calls = invocations(script).filter(|it| it.manager.family == "apt");
    match calls.find(|it| matches!(it.role, Role::Update | Role::Install | Role::Upgrade)) {
        Some(first) => first.role == Role::Update,
        // A call inside quotes or behind a variable is not seen.
        None => !joined_text(script).contains("apt-get install") && !joined_text(script).contains("apt install"),
    }
}

/// Whether a RUN starts a script, which may do anything.
fn starts_script(instruction: &Instruction) -> bool {
    let Some(script) = instruction.script() else { return instruction.kind() == RUN };
    simple_commands(script.syntax()).any(|command| {
        let words = argv(&command);
        let known = |at: usize| words.get(at).and_then(|it| it.1.literal());
        match known(0) {
            Some("sh" | "bash" | "ash" | "dash" | "." | "source") => known(1).is_none_or(|it| !it.starts_with('-')),
            Some(program) => program.ends_with(".sh"),
            None => !words.is_empty(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, check_unsafe, findings};

    const INSTALL: &str = "RUN apt-get update && apt-get install -y a";
    const REMOVED: &str = "RUN apt-get update && apt-get install -y a \\\n    && rm -rf /var/lib/apt/lists/*";

    #[test]
    fn lists_go_at_the_end() {
        check(&RULE, &format!("FROM a\n{INSTALL}\nCMD [\"b\"]\n"), &format!("FROM a\n{REMOVED}\nCMD [\"b\"]\n"));
        check(
            &RULE,
            "FROM a\nRUN set -e; \\\n\tapt-get update; \\\n\tapt-get install b\nENTRYPOINT [\"c\"]\n",
            "FROM a\nRUN set -e; \\\n\tapt-get update; \\\n\tapt-get install b; \\\n\trm -rf /var/lib/apt/lists/*\nENTRYPOINT [\"c\"]\n",
        );
        let two = |run: &str| format!("FROM a AS b\n{run}\nFROM b\nCMD [\"c\"]\n");
        check_unsafe(&RULE, &two(INSTALL), &two(REMOVED));
    }

    #[test]
    fn what_may_be_a_base_is_unsafe() {
        check_unsafe(&RULE, &format!("FROM a\n{INSTALL}\n"), &format!("FROM a\n{REMOVED}\n"));
        let script = |run: &str| format!("FROM a\n{run}\nRUN ./more.sh\nCMD [\"b\"]\n");
        check_unsafe(&RULE, &script(INSTALL), &script(REMOVED));
    }

    #[test]
    fn lists_that_are_needed_or_gone_stay() {
        for more in [
            "RUN apt-get install -y b",
            "RUN bash -c 'apt-get install -y b'",
            "ONBUILD RUN apt-get install b",
            "RUN rm -rf /var/lib/apt/lists/*",
            "FROM a",
        ] {
            check_same(&RULE, &format!("FROM a\n{INSTALL}\n{more}\nCMD [\"c\"]\n"));
        }
        for run in [
            "RUN apt-get update && apt-get install -y a && rm -rf /var/lib/apt/lists/*",
            "RUN --mount=type=cache,target=/var/lib/apt apt-get update && apt-get install -y a",
            "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked apt-get update && apt-get install -y a",
            "RUN apt-get install -y a",
            "RUN apt-get update && apt-get install -y a &",
            "RUN apt-get update && apt-get install -y a && exec b",
            "RUN apk update && apk add a",
        ] {
            check_same(&RULE, &format!("FROM a\n{run}\nCMD [\"c\"]\n"));
        }
        assert_eq!(findings(&RULE, "FROM a\nRUN apt-get update\nCMD [\"b\"]\n").len(), 0);
    }
}
