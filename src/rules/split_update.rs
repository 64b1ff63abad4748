use std::rc::Rc;

use crate::{
    fix::{
        Change, Context, Effect, Finding, Findings, Fix, Group, Safety, join_below_comments, plain_run, removal, rule,
        same_flags,
    },
    model::{Invocation, Role, Run, Simple, Stage, is_metadata, programs},
    syntax::{SyntaxKind::*, ast::Instruction},
};

rule! {
    /// ## What it does
    /// Joins a RUN that only reads a package index (`apt-get update`) with the RUN behind it that installs.
    ///
    /// ## Why
    /// The RUN that updates stays in the cache for as long as its text is the same. When the list of packages changes
    /// weeks later, it is installed from the old index: with old versions, or not at all.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian
    /// RUN apt-get update
    /// RUN apt-get install -y curl
    /// ```
    /// ```dockerfile
    /// FROM debian
    /// RUN apt-get update \
    ///     && apt-get install -y curl
    /// ```
    ///
    /// ## Safety and effect
    /// Safe. Both steps are rebuilt as one, with the same files in the end; comments between them go above. The RUN
    /// that installs must be a chain of `&&`, because behind a `;` it would go on although the update failed, and only
    /// LABEL, EXPOSE and their like may stand between the two. Where each RUN behind it that installs reads the index
    /// itself, it is removed; that is unsafe, for what else stands there may count on the index. Elsewhere it is
    /// reported without a fix.
    ///
    /// ## See also
    /// `split-cleanup`
    pub static RULE = {
        name: "split-update",
        summary: "Package index read in another RUN than the install",
        since: "0.1.0",
        group: Group::Packages,
        safety: Safety::Safe,
        effect: Effect::Rebuild,
        changes: &[Change::Joined, Change::Gone(PROGRAMS)],
        default: true,
        ids: &["DS-0017", "CKV_DOCKER_5"],
        run: run,
    };
}

/// The programs of which a RUN may be removed.
const PROGRAMS: &[&str] = &["apt-get", "apt", "apk", "dnf", "yum", "microdnf", "zypper"];

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for (nth, stage) in ctx.stages() {
        for at in 1..stage.instructions.len() {
            findings.extend(update(ctx, nth, stage, at));
        }
    }
}

fn update(ctx: &Context<'_>, nth: usize, stage: &Stage, at: usize) -> Option<Finding> {
    let chain = plain_run(ctx, stage, at)?;
    ctx.model.run(stage.instructions.get(at)?)?.calls.first()?;
    let updates: Vec<&Rc<Invocation>> = chain.plain()?.iter().map(Simple::invocation).collect::<Option<_>>()?;
    let family = &updates.first()?.manager.family;
    if !updates.iter().all(|it| it.role == Role::Update && it.manager.family == *family) {
        return None;
    }
    let first = stage.instructions.get(at)?;
    let with = chain.join(stage.shell_at(at))?;
    let fix = next_run(stage, at).and_then(|next| {
        let chain = plain_run(ctx, stage, next)?;
        let second = stage.instructions.get(next)?;
        let mut calls = chain.invocations().filter(|it| it.manager.family == *family);
        // One that updates again needs no other.
        let installs = calls.next().is_some_and(|it| matches!(it.role, Role::Install | Role::Upgrade));
        if !(installs && chain.is_and_only() && same_flags(first, second)) {
            return None;
        }
        let edits = join_below_comments(ctx, first, second, with)?;
        let title = "Join it with the RUN that installs".to_owned();
        Some(Fix { title, safety: Safety::Safe, effect: Effect::Rebuild, edits })
    });
    let (advice, fix) = match fix {
        Some(_) => ("", fix),
        None if is_read_anew(ctx, nth, at, family) => {
            let is_plain = |it: &Rc<Invocation>| {
                !it.sudo && PROGRAMS.contains(&it.program.as_str()) && it.words.iter().all(|it| it.1.path().is_some())
            };
            // A script may count on the index.
            let is_script = |it: &Run| {
                it.calls_of(family).next().is_none() && it.commands().iter().any(|it| programs().may_run_script(it))
            };
            let scripts = ctx.model.runs_of(nth).iter().filter(|it| it.at > at).any(is_script);
            // What it mounts may be filled for others.
            let may_go = !scripts && first.flags().next().is_none() && updates.iter().all(|it| is_plain(it));
            let advice = match scripts {
                true => "; each RUN behind it that installs reads the index itself, so only a script may need this one",
                false => "; each RUN behind it that installs reads the index itself, so this one can go",
            };
            (advice, if may_go { remove(ctx, first) } else { None })
        }
        None => ("; `update` belongs into the RUN that installs, before the install", None),
    };
    let message = format!("an index in a layer of its own grows old in the cache{advice}");
    Some(Finding { rule: &RULE, range: first.range(), message, fix })
}

fn remove(ctx: &Context<'_>, update: &Instruction) -> Option<Fix> {
    let edits = removal(ctx, update)?.into();
    Some(Fix { title: "Remove it".to_owned(), safety: Safety::Unsafe, effect: Effect::Rebuild, edits })
}

/// Whether all that installs behind an instruction, in its stage, reads the index first. Where another stage begins
/// with this one, that is not asked.
fn is_read_anew(ctx: &Context<'_>, nth: usize, at: usize, family: &str) -> bool {
    let behind = ctx.model.runs_of(nth).iter().filter(|it| it.at > at);
    let mut first_calls = behind.filter_map(|it| it.calls.iter().find(|it| it.manager.family == family)).peekable();
    let is_base = ctx.model.stages.iter().any(|it| it.parent() == Some(nth));
    !is_base && first_calls.peek().is_some() && first_calls.all(|it| it.role == Role::Update)
}

/// The RUN behind one, where only metadata stands between the two, and no ARG, which the install may read.
fn next_run(stage: &Stage, at: usize) -> Option<usize> {
    let mut behind = (at + 1..stage.instructions.len()).zip(stage.instructions.get(at + 1..)?);
    let (next, run) = behind.find(|it| !is_metadata(it.1) || it.1.kind() == ARG)?;
    (run.kind() == RUN).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, check_unsafe, findings};

    #[test]
    fn updates_go_to_their_install() {
        for install in [
            "apt-get install -y a",
            "apt-get install -y a && make && cd x",
            "apt-get upgrade -y",
            "a && apt-get install -y b # c",
        ] {
            let after = format!("FROM a\nRUN apt-get update \\\n    && {install}\n");
            check(&RULE, &format!("FROM a\nRUN apt-get update\nRUN {install}\n"), &after);
        }
        check(
            &RULE,
            "FROM a\n# b\nRUN apk update\nLABEL c=d\n\n# e\nRUN apk add f \\\n  # g\n  h\nUSER i\n",
            "FROM a\n# b\n# e\nRUN apk update \\\n  && apk add f \\\n  # g\n  h\nLABEL c=d\n\nUSER i\n",
        );
    }

    #[test]
    fn comments_before_the_first_command_go_above_both() {
        check(
            &RULE,
            "FROM a\nRUN apk update\n# b\nRUN \\\n  # c\n  apk add d\n",
            "FROM a\n# b\n# c\nRUN apk update \\\n  && apk add d\n",
        );
    }

    #[test]
    fn what_speaks_to_a_tool_stays_above_its_run() {
        check(
            &RULE,
            "FROM a\n# hadolint ignore=DL3009\nRUN apt-get update\n# b\nRUN apt-get install -y c\n",
            "FROM a\n# b\n# hadolint ignore=DL3009\nRUN apt-get update \\\n    && apt-get install -y c\n",
        );
    }

    #[test]
    fn what_stands_between_or_behind_is_a_gate() {
        for between in
            ["COPY a /etc/apt/sources.list", "ENV A=b", "ARG A", "ARG A=b", "USER a", "WORKDIR /a", "RUN b", "FROM c"]
        {
            check_same(&RULE, &format!("FROM a\nRUN apt-get update\n{between}\nRUN apt-get install -y a\n"));
        }
        for install in [
            "apt-get install -y a; b",
            "apt-get install -y a || true",
            "--mount=type=cache,target=/x apt-get install -y a",
            "[\"apt-get\", \"install\", \"a\"]",
            "apk add a",
            "make",
        ] {
            let text = format!("FROM a\nRUN apt-get update\nRUN {install}\n");
            check_same(&RULE, &text);
            assert_eq!(findings(&RULE, &text).len(), 1);
        }
    }

    #[test]
    fn what_nobody_reads_goes() {
        let file = |update: &str, between: &str| {
            format!("FROM a\n{update}RUN {between}\nRUN apt-get update && apt-get install -y a\n")
        };
        check_unsafe(&RULE, &file("RUN apt-get update\n", "b"), &file("", "b"));
        for between in ["apt-get install -y b; c", "./b.sh", "bash b.sh"] {
            check_same(&RULE, &file("RUN apt-get update\n", between));
        }
        for update in ["sudo apt-get update", "--mount=type=cache,target=/c apt-get update", "apt-get update -t $X"] {
            check_same(&RULE, &file(&format!("RUN {update}\n"), "b"));
        }
    }

    #[test]
    fn it_is_said_what_is_to_be_done() {
        let said =
            |text: &str| findings(&RULE, &format!("FROM a\nRUN apt-get update\nCOPY b c\n{text}\n")).remove(0).message;
        let install = "RUN apt-get update && apt-get install -y a";
        assert!(said(install).ends_with("so this one can go"));
        assert!(said(&format!("{install}\n{install}")).ends_with("so this one can go"));
        for text in ["RUN apt-get install -y a", &format!("{install}\nRUN apt-get install -y b"), "RUN x"] {
            assert!(said(text).ends_with("`update` belongs into the RUN that installs, before the install"), "{text}");
        }
        let joined = findings(&RULE, "FROM a\nRUN apt-get update\nRUN apt-get install -y b\n").remove(0).message;
        assert_eq!(joined, "an index in a layer of its own grows old in the cache");
    }

    #[test]
    fn a_run_that_does_more_is_not_its_matter() {
        for text in [
            "RUN apt-get update && a",
            "RUN apt-get update; a",
            "RUN $X update",
            "ONBUILD RUN apt-get update",
            "RUN yum update",
        ] {
            assert_eq!(findings(&RULE, &format!("FROM a\n{text}\nRUN apt-get install -y b\n")).len(), 0, "{text}");
        }
    }
}
