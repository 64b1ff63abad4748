use text_size::TextRange;

use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, Safety, command_removal, rule, with_flag},
    model::{Age, Role, Run, Simple, Stage, age, mounts_over, removes_without_force},
    syntax::{
        SyntaxKind::*,
        ast::{Instruction, trimmed_range},
    },
    text::Edit,
};

rule! {
    /// ## What it does
    /// Adds `--no-cache` to `apk add`, and takes out what the RUN does about an index beside: `apk update`, `--update`,
    /// and the removal of what they wrote.
    ///
    /// ## Why
    /// Without it `apk` keeps the index of its repositories in the image, or needs one that an earlier step left
    /// there. With it `apk` reads an index of its own, and what `apk update` wrote only stays in the image.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine
    /// RUN apk add curl
    /// RUN apk update && apk add git
    /// ```
    /// ```dockerfile
    /// FROM alpine
    /// RUN apk add --no-cache curl
    /// RUN apk add --no-cache git
    /// ```
    ///
    /// ## Safety and effect
    /// Safe. The image changes on purpose: it loses the index, and packages are taken from the present one. Nothing
    /// is reported where the cache is mounted or named, where repositories are files (`--cache-dir`, `--no-network`),
    /// where a RUN that cannot be read calls `apk`, or where something looks into the index (`apk search`, `list`,
    /// `fetch`). `apk update` and the removal go
    /// where all calls of `apk` in a chain of `&&` do without the index.
    pub static RULE = {
        name: "apk-cache-kept",
        summary: "`apk add` that keeps the index",
        since: "0.1.0",
        group: Group::Packages,
        safety: Safety::Safe,
        effect: Effect::Image,
        changes: &[Change::MoreWords, Change::FewerWords],
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
    if ctx.runs().any(|it| looks_into_index(it) || sets_cache_up(it)) {
        return;
    }
    for (stage, run) in ctx.stages().flat_map(|(nth, it)| ctx.model.runs_of(nth).iter().map(move |run| (it, run))) {
        if !ctx.sound(&run.instruction)
            || mounts_over(&run.instruction, ctx.escape(), &["/var/cache/apk", "/etc/apk/cache"])
        {
            continue;
        }
        let installs = run.calls_of("apk").filter(|it| it.role == Role::Install);
        for call in installs.filter(|it| !it.has_flag(&["--no-cache", "--cache-dir", "--no-network", "--root", "-p"])) {
            let message = match run.text.contains("/var/cache/apk") {
                true => "`apk` keeps an index that has to be removed",
                false => "`apk` keeps its index in the image",
            };
            findings.extend(with_flag(&RULE, call, "--no-cache", message, Safety::Safe));
        }
        findings.extend(needless(ctx, stage, run));
    }
}

/// Whether a RUN gives `apk` a cache of its own, in which packages stay for whoever installs them anew.
fn sets_cache_up(run: &Run) -> bool {
    let names = |it: &Simple| {
        it.program() == Some("setup-apkcache") || it.argv().iter().any(|it| it.0.text().contains("/etc/apk/cache"))
    };
    run.commands().iter().any(|it| it.program() != Some("rm") && names(it))
}

/// What a RUN does about an index of which nothing is left, for all that `apk` does in it is done with `--no-cache`: it
/// reads one before, or with the packages, and removes it behind them.
fn needless(ctx: &Context<'_>, stage: &Stage, run: &Run) -> Vec<Finding> {
    let is_update = |it: &Simple| it.argv().iter().map(|it| it.1.literal()).eq([Some("apk"), Some("update")]);
    let call = |it: &Simple| it.invocation().filter(|_| it.program() == Some("apk")).cloned();
    let installs: Vec<_> = run.calls_of("apk").filter(|it| it.role == Role::Install).collect();
    let own_index = |it: &Simple| match call(it) {
        Some(it) if matches!(it.role, Role::Install | Role::Upgrade) => it.has_flag(&["--no-cache"]),
        Some(call) => call.role == Role::Remove || is_update(it),
        None => it.program() != Some("apk"),
    };
    let mentions = run.text.matches("cache/apk").count();
    let removals: Vec<_> = run.commands().iter().filter(|it| removes_index(it)).collect();
    if installs.is_empty() || !run.commands().iter().all(own_index) || mentions != removals.len() {
        return Vec::new();
    }
    let finding = |range, message: &str, effect, edit: Edit| Finding {
        rule: &RULE,
        range,
        message: message.to_owned(),
        fix: Some(Fix { title: "Leave it out".to_owned(), safety: Safety::Safe, effect, edits: edit.into() }),
    };
    let without = |command: &Simple, message| {
        let edit = command_removal(ctx, stage, run.at, command)?;
        Some(finding(trimmed_range(command.syntax()), message, Effect::Image, edit))
    };
    let last = run.commands().iter().rposition(|it| call(it).is_some_and(|it| it.role == Role::Install));
    let before = run.commands().iter().take(last.unwrap_or(0)).filter(|it| is_update(it));
    let mut found: Vec<_> =
        before.filter_map(|it| without(it, "`apk update` keeps an index in the image that nobody reads")).collect();
    // What other RUNs left is no matter of `--no-cache`.
    let alone = ctx.runs().all(|it| it.at == run.at && it.stage == run.stage || !it.text.contains("apk update"));
    let removals = removals.into_iter().filter(|_| alone);
    found.extend(removals.filter_map(|it| without(it, "with `--no-cache` there is no index to remove")));
    for install in installs {
        for pair in install.words.windows(2) {
            let (before, word) = (pair[0].0.syntax().text_range(), &pair[1]);
            if word.1.literal().is_some_and(|it| UPDATES.contains(&it)) {
                let range = word.0.syntax().text_range();
                let gone = TextRange::new(before.end(), range.end());
                let edit = (!ctx.slice(gone).contains('#')).then(|| Edit::delete(gone));
                found.extend(
                    edit.map(|it| {
                        finding(range, "with `--no-cache` the index is read anew anyway", Effect::Rebuild, it)
                    }),
                );
            }
        }
    }
    found
}

/// The flags by which `apk add` reads the index anew.
const UPDATES: &[&str] = &["-U", "--update", "--update-cache"];

/// Whether a command does nothing but to empty the folder of the index, be it empty already.
fn removes_index(command: &Simple) -> bool {
    let words: Vec<String> = command.argv().iter().map(|it| it.0.text()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    matches!(words[..], ["rm", "-rf" | "-fr" | "-f", "/var/cache/apk/*"])
}

/// Whether a RUN looks into an index that it doesn't fetch. `apk add` and `apk upgrade` fetch one that is missing,
/// these do not.
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
        check(&RULE, "FROM a\nRUN apk update && apk add b \\\n    c\n", "FROM a\nRUN apk add --no-cache b \\\n    c\n");
        check(
            &RULE,
            "FROM a\nRUN apk update && apk add b && apk list c && apk fetch --no-cache d\n",
            "FROM a\nRUN apk update && apk add --no-cache b && apk list c && apk fetch --no-cache d\n",
        );
        check(&RULE, "FROM a\nRUN apk --update add b\n", "FROM a\nRUN apk add --no-cache b\n");
    }

    #[test]
    fn an_update_for_nobody_goes() {
        check(
            &RULE,
            "FROM a\nRUN a && \\\n  apk update && \\\n  apk --no-cache add b && apk del c\nRUN apk update \\\n  && apk add b\n",
            "FROM a\nRUN a && \\\n  apk --no-cache add b && apk del c\nRUN apk add --no-cache b\n",
        );
        check(
            &RULE,
            "FROM a\nRUN apk add --update b \\\n  && rm -rf /var/cache/apk/*\nRUN apk update && apk add b && rm -rf /var/cache/apk/*\n",
            "FROM a\nRUN apk add --no-cache b\nRUN apk add --no-cache b\n",
        );
        for text in [
            "FROM a\nRUN apk update && apk upgrade && apk add --no-cache b\n",
            "FROM a\nRUN apk update; apk add --no-cache b\n",
            "FROM a\nRUN apk update && apk info b && apk add --no-cache c\n",
            "FROM a\nRUN apk update && apk add --no-cache b && rm -rf /var/cache/apk\n",
            "FROM a\nRUN apk add --no-cache b && rm -rf /tmp/* /var/cache/apk/*\n",
            "FROM a\nRUN apk update\nRUN apk add --no-cache b && rm -rf /var/cache/apk/*\n",
            "FROM a\nRUN apk add --no-cache b; rm -rf /var/cache/apk/*\n",
            "FROM a\nRUN apk update && apk list b && apk add --no-cache c\n",
            "FROM a\nRUN apk add --no-cache b && apk update\n",
            "FROM a\nRUN apk update -q && apk add --no-cache b\n",
            "FROM a\nRUN apk update || true && apk add --no-cache b\n",
        ] {
            check_same(&RULE, text);
        }
    }

    #[test]
    fn what_has_it_or_needs_none_stays() {
        for text in [
            "FROM a\nRUN apk add --no-cache b\n",
            "FROM a\nRUN apk --no-cache add b\n",
            "FROM a\nRUN --mount=type=cache,target=/var/cache/apk apk add b\n",
            "FROM a\nRUN mkdir /b && ln -s /b /etc/apk/cache\nRUN apk add c\n",
            "FROM a\nRUN apk update && apk add c\nRUN setup-apkcache /b\n",
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
