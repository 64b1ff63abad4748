use crate::{
    fix::{Context, Effect, Finding, Findings, Fix, Group, MORE_WORDS, Safety, append, plain_run, rule},
    model::{Chain, Cleanup, Invocation, Leak, Role, Run, Stage, is_metadata},
    syntax::{SyntaxKind::*, ast::trimmed_range},
};

rule! {
    /// ## What it does
    /// Removes packages that `apk add --virtual` installed for the build and that nothing removes.
    ///
    /// ## Why
    /// A virtual package is a name by which its packages go together. Where nobody removes it in the same RUN, the
    /// compilers and headers behind it stay in the image.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine
    /// RUN apk add --no-cache --virtual .build-deps gcc && make
    /// CMD ["program"]
    /// ```
    /// ```dockerfile
    /// FROM alpine
    /// RUN apk add --no-cache --virtual .build-deps gcc && make && apk del .build-deps
    /// CMD ["program"]
    /// ```
    ///
    /// ## Safety and effect
    /// Unsafe: the image loses the packages, and a library among them may be needed by what was built. The command is
    /// put at the end of the RUN only where no other RUN follows, in this stage and in those that begin with it. Where
    /// one follows, or removes the package in a layer of its own, it is reported without a fix. Nothing is reported for
    /// a name that does not say that it is for the build (`.run-deps`), and in stages that are in no image.
    ///
    /// ## See also
    /// `split-cleanup`
    pub static RULE = {
        name: "virtual-packages-kept",
        summary: "Packages for the build that stay in the image",
        since: "0.1.0",
        group: Group::Packages,
        safety: Safety::Unsafe,
        effect: Effect::Image,
        changes: MORE_WORDS,
        default: true,
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    if !ctx.model.calls_manager("apk") {
        return;
    }
    let shipped = ctx.model.shipped();
    let runs_below = ctx.model.any_descendant(|it| !ctx.model.runs_of(it).is_empty());
    for (nth, stage) in ctx.stages().filter(|it| shipped.get(it.0) == Some(&true)) {
        for run in ctx.model.runs_of(nth).iter().filter(|it| ctx.sound(&it.instruction)) {
            for call in run.calls_of("apk").filter(|it| it.role == Role::Install) {
                let Some(name) = virtual_name(call).filter(|_| !call.operands.is_empty()) else { continue };
                findings.extend(kept(ctx, stage, run, call, name, runs_below.get(nth) == Some(&true)));
            }
        }
    }
}

/// The name that `--virtual` gives.
fn virtual_name(call: &Invocation) -> Option<&str> {
    let at = (0..call.words.len()).find(|it| matches!(call.literal(*it), Some("--virtual" | "-t")));
    let glued = || (0..call.words.len()).find_map(|it| call.literal(it)?.strip_prefix("--virtual="));
    at.and_then(|it| call.literal(it + 1)).or_else(glued)
}

/// Whether a name says that its packages are needed for a while only.
fn is_for_build(name: &str) -> bool {
    let has = |words: &[&str]| words.iter().any(|it| name.contains(it));
    has(&["build", "dev", "fetch", "tmp", "temp", "compil", "make"]) && !has(&["run", "persist", "rt-", "prod", "keep"])
}

fn kept(
    ctx: &Context<'_>,
    stage: &Stage,
    run: &Run,
    call: &Invocation,
    name: &str,
    runs_below: bool,
) -> Option<Finding> {
    let later = stage.instructions.get(run.at + 1..).unwrap_or_default();
    let removes = |it: &Run| {
        it.calls_of("apk")
            .any(|it| it.role == Role::Remove && it.operands.iter().any(|at| it.literal(*at) == Some(name)))
    };
    // The name, or one that is not known, may be removed in a way that is not seen.
    let mentions = run.text.matches(name).count() > 1;
    let unknown = |it: &Run| it.calls_of("apk").any(|it| it.role == Role::Remove && it.packages().is_none());
    let runs = ctx.model.runs_of(run.stage);
    if mentions || runs.iter().filter(|it| it.at >= run.at).any(unknown) {
        return None;
    }
    let own = |message: String, fix| {
        let range = trimmed_range(call.words.get(call.subcommand)?.0.syntax());
        Some(Finding { rule: &RULE, range, message, fix })
    };
    let stays = || format!("nothing removes `{name}`, and its packages stay in the image");
    let mut rest = runs.iter().filter(|it| it.at > run.at);
    if let Some(remover) = rest.find(|it| removes(it)) {
        let other = is_cleanup_right_behind(ctx, stage, run, remover);
        return (!other)
            .then(|| own(format!("`{name}` is removed in a later layer: the image gets no smaller"), None))
            .flatten();
    }
    if !is_for_build(name) {
        return None;
    }
    if runs_below || later.iter().any(|it| matches!(it.kind(), RUN | ONBUILD)) {
        let named = later.iter().any(|it| it.text().contains(name)) || ctx.text.matches(name).count() > 1;
        return (!named).then(|| own(stays(), None)).flatten();
    }
    let fix = removal(ctx, stage, run, call, name);
    own(stays(), fix)
}

/// Whether a RUN that removes stands right behind the one that installs and does nothing else: another rule's matter.
fn is_cleanup_right_behind(ctx: &Context<'_>, stage: &Stage, run: &Run, remover: &Run) -> bool {
    let between = stage.instructions.get(run.at + 1..remover.at).unwrap_or_default();
    let chain = || plain_run(ctx, stage, remover.at);
    let cleans = |it: &Chain| it.plain().is_some_and(|it| it.iter().all(|it| Cleanup::of(it).is_some()));
    between.iter().all(is_metadata) && chain().is_some_and(|it| cleans(&it))
}

fn removal(ctx: &Context<'_>, stage: &Stage, run: &Run, call: &Invocation, name: &str) -> Option<Fix> {
    let chain = plain_run(ctx, stage, run.at)?;
    let with = chain.join(stage.shell_at(run.at))?;
    let odd = chain.leaks().iter().any(|it| matches!(it, Leak::Other(_)));
    if odd || call.sudo || call.has_other_root() || !chain.surely_runs(&call.words.first()?.0, with) {
        return None;
    }
    let command = format!("apk del {name}");
    let edits = append(ctx, &run.instruction, with, &command).into();
    Some(Fix { title: format!("Append `{command}`"), safety: Safety::Unsafe, effect: Effect::Image, edits })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check_same, check_unsafe, findings};

    #[test]
    fn packages_go_at_the_end() {
        for (flag, end) in
            [("--virtual .build-deps", ""), ("-t .build-deps", " && cd x"), ("--virtual=.build-deps", "")]
        {
            let run = format!("FROM a\nRUN apk add {flag} gcc && make{end}");
            check_unsafe(
                &RULE,
                &format!("{run}\nCMD [\"b\"]\n"),
                &format!("{run} && apk del .build-deps\nCMD [\"b\"]\n"),
            );
        }
    }

    #[test]
    fn what_may_need_them_is_reported() {
        for text in [
            "FROM a\nRUN apk add -t .build gcc\nRUN make\n",
            "FROM a\nRUN apk add -t .deps gcc\nCOPY b c\nRUN make && apk del .deps\n",
            "FROM a AS b\nRUN apk add -t .build gcc\nFROM b\nRUN make\n",
            "FROM a\nRUN if b; then apk add -t .build gcc; fi\n",
        ] {
            check_same(&RULE, text);
            assert_eq!(findings(&RULE, text).len(), 1, "{text}");
        }
    }

    #[test]
    fn what_is_removed_or_kept_on_purpose_stays() {
        for text in [
            "FROM a\nRUN apk add -t .deps gcc && make && apk del .deps\n",
            "FROM a\nRUN apk add -t .deps gcc && make && apk del --no-network $D\n",
            "FROM a\nRUN apk add -t .deps gcc\nRUN apk del .deps\n",
            "FROM a\nRUN apk add -t .run-deps gcc\n",
            "FROM a\nRUN apk add -t .deps gcc\n",
            "FROM a\nRUN apk add -t build-base\n",
            "FROM a\nRUN apk add -t $D gcc\n",
            "FROM a AS b\nRUN apk add -t .build gcc\nFROM c\nCOPY --from=b /x /x\n",
            "FROM a\nRUN apk add gcc\n",
            "FROM a\nRUN apk add -t .build gcc\nRUN for i in .build; do apk del $i; done\n",
            "FROM a AS b\nRUN apk add -t .build gcc\nFROM b\nRUN apk del .build\n",
        ] {
            check_same(&RULE, text);
            assert_eq!(findings(&RULE, text).len(), 0, "{text}");
        }
    }
}
