use crate::{
    fix::{Context, Effect, Findings, Group, MORE_WORDS, Safety, rule, with_flag},
    model::{Age, Role, Run, Simple, age, mounts_over, removes_without_force},
    syntax::{SyntaxKind::*, ast::Instruction},
};

rule! {
    /// ## What it does
    /// Adds `--no-cache` to `apk add`.
    ///
    /// ## Why
    /// Without it `apk` keeps the index of its repositories in the image, or needs one that an earlier step left
    /// there.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine
    /// RUN apk add curl
    /// ```
    /// ```dockerfile
    /// FROM alpine
    /// RUN apk add --no-cache curl
    /// ```
    ///
    /// ## Safety and effect
    /// Safe. The image changes on purpose: it loses the index, and packages are taken from the present one. Nothing
    /// is reported where the cache is mounted or named, where repositories are files (`--cache-dir`, `--no-network`),
    /// where a RUN that cannot be read calls `apk`, or where something looks into the index (`apk search`, `list`,
    /// `fetch`).
    pub static RULE = {
        name: "apk-cache-kept",
        summary: "`apk add` that keeps the index",
        since: "0.1.0",
        group: Group::Packages,
        safety: Safety::Safe,
        effect: Effect::Image,
        changes: MORE_WORDS,
        default: true,
        ids: &["DL3019", "DS-0025"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    // The flag came with Alpine 3.3 (December 2015).
    if !ctx.model.calls_manager("apk") || age(&ctx.model) == Age::Old || removes_without_force(&ctx.model, "cache/apk")
    {
        return;
    }
    let runs = || ctx.model.stages.iter().flat_map(|it| &it.instructions).filter(|it| it.kind() == RUN);
    // A call in a text that is not read here may count on the index.
    let is_read = |it: &Instruction| ctx.model.run(it).is_some_and(|it| it.heredoc().is_none());
    if runs().any(|it| !is_read(it) && it.text().contains("apk")) {
        return;
    }
    if ctx.runs().any(looks_into_index) {
        return;
    }
    for run in ctx.runs() {
        if mounts_over(&run.instruction, ctx.escape(), &["/var/cache/apk", "/etc/apk/cache"]) {
            continue;
        }
        let calls = run.calls_of("apk").filter(|it| it.role == Role::Install);
        for call in calls.filter(|it| !it.has_flag(&["--no-cache", "--cache-dir", "--no-network", "--root", "-p"])) {
            let message = match run.text.contains("/var/cache/apk") {
                true => "`apk` keeps an index that has to be removed",
                false => "`apk` keeps its index in the image",
            };
            findings.extend(with_flag(&RULE, call, "--no-cache", message, Safety::Safe));
        }
    }
}

/// Whether a RUN looks into an index that it doesn't fetch. `apk add` and `apk upgrade` fetch one that is missing, these
/// do not.
fn looks_into_index(run: &Run) -> bool {
    let looks = |it: &Simple| {
        let has = |them: &[&str]| it.argv().iter().skip(1).filter_map(|it| it.1.literal()).any(|it| them.contains(&it));
        it.program() == Some("apk")
            && has(&["search", "list", "policy", "fetch", "dot", "version"])
            && !has(&["-U", "--update", "--update-cache", "--no-cache"])
    };
    !run.text.contains("apk update") && run.commands().iter().any(looks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same};

    #[test]
    fn the_flag_is_added() {
        check(
            &RULE,
            "FROM a\nRUN apk update && apk add b \\\n    c\n",
            "FROM a\nRUN apk update && apk add --no-cache b \\\n    c\n",
        );
        check(
            &RULE,
            "FROM a\nRUN apk update && apk add b && apk list c && apk fetch --no-cache d\n",
            "FROM a\nRUN apk update && apk add --no-cache b && apk list c && apk fetch --no-cache d\n",
        );
        check(&RULE, "FROM a\nRUN apk --update add b\n", "FROM a\nRUN apk --update add --no-cache b\n");
    }

    #[test]
    fn what_has_it_or_needs_none_stays() {
        for text in [
            "FROM a\nRUN apk add --no-cache b\n",
            "FROM a\nRUN apk --no-cache add b\n",
            "FROM a\nRUN --mount=type=cache,target=/var/cache/apk apk add b\n",
            "FROM a\nRUN apk add $FLAGS b\n",
            "FROM a\nRUN apk del b\n",
            "FROM gliderlabs/alpine:3.1\nRUN apk add b\n",
            "FROM a\nRUN apk add b && rm /var/cache/apk/*\n",
            "FROM a\nRUN [\"apk\", \"add\", \"b\"]\nRUN apk add c\n",
            "FROM a\nRUN echo apk add b\n",
            "FROM a\nRUN apk add -U b\nRUN <<EOF\napk search c\nEOF\n",
            "FROM a\nRUN apk add b\nRUN <<EOF\nrm /var/cache/apk/*\nEOF\n",
            "FROM a\nONBUILD RUN apk add b\n",
            "FROM a\nRUN apk add --root /b --initdb c\n",
            "FROM a\nRUN apk add -U b\nRUN apk fetch c\n",
            "FROM a\nRUN apk add b && apk search c\n",
            "FROM a\nRUN apk add -U b && V=$(apk list c | head -n 1) && apk add c=$V\n",
        ] {
            check_same(&RULE, text);
        }
    }
}
