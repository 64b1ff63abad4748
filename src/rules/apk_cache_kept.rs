use std::collections::HashMap;

use text_size::TextRange;

use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, Safety, command_removal, rule, with_flag},
    model::{Age, Invocation, Role, Run, Simple, Stage, age, is_within, mounts_over, removes_without_force},
    syntax::{
        SyntaxKind::*,
        ast::{Instruction, joined_text, trimmed_range},
    },
    text::Edit,
};

rule! {
    /// ## What it does
    /// Adds `--no-cache` to `apk add`, `upgrade` and `fix`, and takes out what the RUN does about an index beside: `apk
    /// update`, `--update`, and the removal of what they wrote.
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
    /// Safe. The image changes on purpose: it loses the index, and packages are taken from the present one. Only stages
    /// that are in an image are looked at. Nothing is reported where the cache is mounted or named, where repositories
    /// are files (`--cache-dir`, `--no-network`), where a RUN that cannot be read calls `apk`, or where something looks
    /// into the index (`apk search`, `list`, `fetch`). `apk update` and the removal go from a chain of `&&` where all
    /// calls of `apk` in the stages that begin with one another do without the index, and no image is of Alpine 3.7 or
    /// older; the removal stays where an update has to.
    pub static RULE = {
        name: "apk-cache-kept",
        summary: "`apk add` that keeps the index",
        since: "0.1.0",
        group: Group::Packages,
        safety: Safety::Safe,
        effect: Effect::Image,
        changes: &[Change::MoreWords, Change::FewerWords, Change::Words(UPDATES)],
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
    if ctx.runs().any(|it| looks_into_index(it) || sets_cache_up(it)) || ctx.instructions().any(looks_in_container) {
        return;
    }
    let old = fetches_no_index(ctx);
    let families = families(ctx);
    let mut without_index: HashMap<usize, bool> = HashMap::new();
    let shipped = ctx.model.shipped();
    let stages = ctx.stages().filter(|it| shipped.get(it.0) == Some(&true));
    for (nth, stage, run) in stages.flat_map(|(nth, it)| ctx.model.runs_of(nth).iter().map(move |run| (nth, it, run))) {
        if !ctx.sound(&run.instruction)
            || mounts_over(&run.instruction, ctx.escape(), &["/var/cache/apk", "/etc/apk/cache"])
        {
            continue;
        }
        let is_told =
            |it: &Invocation| it.has_other_root() || it.has_flag(&["--no-cache", "--cache-dir", "--no-network"]);
        let installs = || run.calls_of("apk").filter(|it| fetches(it) && !is_told(it));
        let message = match run.text.contains("/var/cache/apk") {
            true => "`apk` keeps an index, which is then removed: `--no-cache` spares both",
            false => "`apk` keeps its index in the image",
        };
        // The flag takes the place of one that it makes useless, in a RUN where all calls have one.
        let replaces = installs().all(|it| update_flag(it).is_some());
        for call in installs() {
            let mut finding = with_flag(&RULE, call, "--no-cache", message, Safety::Safe);
            if let (Some(finding), Some(range)) = (finding.as_mut(), update_flag(call)) {
                // What comes behind may count on the index that the flag fetches.
                finding.fix = finding.fix.take().filter(|_| !old);
                if let Some(fix) = finding.fix.as_mut().filter(|_| replaces) {
                    fix.edits = Edit::replace(range, "--no-cache").into();
                }
            }
            findings.extend(finding);
        }
        findings.extend(needless_flags(ctx, run));
        if run.commands().iter().any(|it| is_update(it) || removes_index(it)) {
            let family = families.get(nth).copied().unwrap_or(nth);
            if !old && *without_index.entry(family).or_insert_with(|| does_without_index(ctx, &families, family)) {
                findings.extend(needless_commands(ctx, stage, run));
            }
        }
    }
}

/// Whether an image is of an Alpine up to 3.7, where `apk` fetches no index by itself, and a script may count on one.
fn fetches_no_index(ctx: &Context<'_>) -> bool {
    let number = |text: &str| text.split(|it: char| !it.is_ascii_digit()).next().and_then(|it| it.parse::<u32>().ok());
    let mut versions = ["alpine:3.", "alpine3."].iter().flat_map(|it| ctx.text.split(it).skip(1));
    versions.any(|it| number(it).is_some_and(|it| it < 8))
}

/// Whether a call reads the index, and fetches one where there is none.
fn fetches(call: &Invocation) -> bool {
    matches!(call.role, Role::Install | Role::Upgrade)
}

/// A number for each stage, the same for those that may have an index of one another: where one begins with another, or
/// copies the index's folder.
fn families(ctx: &Context<'_>) -> Vec<usize> {
    let copies_index = |it: &Instruction| {
        let arguments = it.arguments();
        let words = arguments.split([' ', '\t', ',', '[', ']', '"']).filter(|it| !it.is_empty());
        let mut folders: Vec<&str> = words.map(|it| it.trim_matches('/')).collect();
        // The last word is where it goes.
        folders.pop();
        folders.iter().any(|it| it.is_empty() || is_within("var/cache/apk", it))
    };
    let copies_index = |it: &Instruction| {
        it.kind() == COPY && it.flags().any(|it| it.text().starts_with("--from")) && copies_index(it)
    };
    if ctx.model.stages.iter().flat_map(|it| &it.instructions).any(copies_index) {
        return vec![0; ctx.model.stages.len()];
    }
    let mut families: Vec<usize> = Vec::new();
    for (nth, stage) in ctx.model.stages.iter().enumerate() {
        let mut bases = stage.bases.iter().filter_map(|it| families.get(*it).copied()).collect::<Vec<_>>().into_iter();
        let family = bases.next().unwrap_or(nth);
        for base in bases {
            families.iter_mut().filter(|it| **it == base).for_each(|it| *it = family);
        }
        families.push(family);
    }
    families
}

/// Where a call has a flag by which `apk add` reads the index anew.
fn update_flag(call: &Invocation) -> Option<TextRange> {
    let is_flag = |it: &str| UPDATES.iter().any(|known| known.0 == it);
    let (word, _) = call.words.iter().find(|it| it.1.literal().is_some_and(is_flag))?;
    Some(word.syntax().text_range())
}

/// The flags by which `apk add` reads the index anew, and what makes them useless.
const UPDATES: &[(&str, &str)] = &[("-U", "--no-cache"), ("--update", "--no-cache"), ("--update-cache", "--no-cache")];

/// Whether a RUN gives `apk` a cache of its own, in which packages stay for whoever installs them anew.
fn sets_cache_up(run: &Run) -> bool {
    let names = |it: &Simple| {
        it.program() == Some("setup-apkcache") || it.argv().iter().any(|it| it.0.text().contains("/etc/apk/cache"))
    };
    run.commands().iter().any(|it| it.program() != Some("rm") && names(it))
}

/// A finding on what is needless beside `--no-cache`.
fn needless(range: TextRange, message: &str, effect: Effect, edit: Edit) -> Finding {
    let fix = Fix { title: "Leave it out".to_owned(), safety: Safety::Safe, effect, edits: edit.into() };
    Finding { rule: &RULE, range, message: message.to_owned(), fix: Some(fix) }
}

/// The flags by which installs with `--no-cache` read the index anew, in a RUN where all have it.
fn needless_flags(ctx: &Context<'_>, run: &Run) -> Vec<Finding> {
    let installs = || run.calls_of("apk").filter(|it| fetches(it));
    if !installs().all(|it| it.has_flag(&["--no-cache"])) {
        return Vec::new();
    }
    let found = installs().filter_map(|call| {
        let range = update_flag(call)?;
        let before = call.words.iter().map(|it| it.0.syntax().text_range().end()).rfind(|it| *it < range.start())?;
        let gone = TextRange::new(before, range.end());
        // A comment may stand between.
        let edit = (!ctx.slice(gone).contains('#')).then(|| Edit::delete(gone))?;
        Some(needless(range, "with `--no-cache` the index is read anew anyway", Effect::Rebuild, edit))
    });
    found.collect()
}

/// The commands by which a RUN reads an index that nobody needs and removes it again, for all that `apk` does in the
/// file is done with `--no-cache`.
fn needless_commands(ctx: &Context<'_>, stage: &Stage, run: &Run) -> Vec<Finding> {
    let Some(last) = run.commands().iter().rposition(|it| call_of_apk(it).is_some_and(fetches)) else {
        return Vec::new();
    };
    let without = |command: &Simple, message| {
        let edit = command_removal(ctx, stage, run.at, command)?;
        Some(needless(trimmed_range(command.syntax()), message, Effect::Image, edit))
    };
    // Where an update stays, what it fetches is still to be removed.
    if run.commands().iter().any(is_update) {
        let updates = run.commands().iter().take(last).filter(|it| is_update(it));
        return updates.filter_map(|it| without(it, "`apk update` fetches an index that nobody reads")).collect();
    }
    let removals = run.commands().iter().filter(|it| removes_index(it));
    removals.filter_map(|it| without(it, "with `--no-cache` there is no index to remove")).collect()
}

/// Whether no call of `apk` in a family of stages reads the index that another one left, or leaves one to others but by
/// `apk update` in a RUN of its installs.
fn does_without_index(ctx: &Context<'_>, families: &[usize], family: usize) -> bool {
    let installs = |run: &Run| run.calls_of("apk").any(fetches);
    let own_index = |run: &Run, it: &Simple| match call_of_apk(it) {
        Some(it) if fetches(it) => it.has_flag(&["--no-cache"]),
        Some(call) => call.role == Role::Remove || (is_update(it) && installs(run)),
        // `sh -c`, `xargs` and a path may call it too.
        None => !it.words().any(|it| names_apk(&joined_text(it.syntax()))),
    };
    let removals = ctx.runs().flat_map(|it| it.commands()).filter(|it| removes_index(it)).count();
    ctx.text.matches("cache/apk").count() == removals
        && ctx
            .runs()
            .filter(|it| families.get(it.stage) == Some(&family))
            .all(|run| run.commands().iter().all(|it| own_index(run, it)))
}

/// Whether a word of a command may have `apk` started.
fn names_apk(word: &str) -> bool {
    let mut parts = word.split([' ', ';', '&', '|', '"', '\'', '(', '`']);
    parts.any(|it| it == "apk" || it.ends_with("/apk"))
}

/// A command as a call of `apk` by its name.
fn call_of_apk(command: &Simple) -> Option<&Invocation> {
    command.invocation().map(AsRef::as_ref).filter(|_| command.program() == Some("apk"))
}

/// Whether a command is `apk update` alone.
fn is_update(command: &Simple) -> bool {
    command.argv().iter().map(|it| it.1.literal()).eq([Some("apk"), Some("update")])
        && command.redirects().next().is_none()
}

/// Whether a command does nothing but to empty the folder of the index, be it empty already.
fn removes_index(command: &Simple) -> bool {
    let words: Vec<String> = command.argv().iter().map(|it| it.0.text()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    matches!(words[..], ["rm", "-rf" | "-fr" | "-f", "/var/cache/apk/*"])
}

/// What looks into an index and fetches none.
const LOOKS: &[&str] = &["search", "list", "policy", "fetch", "dot", "version"];

/// Whether an instruction that runs nothing in the build has a container, or another build, look into the index.
fn looks_in_container(instruction: &Instruction) -> bool {
    matches!(instruction.kind(), CMD | ENTRYPOINT | HEALTHCHECK | ONBUILD | ENV) && {
        let text = instruction.arguments();
        let words = || text.split(|it: char| !it.is_ascii_alphanumeric());
        words().any(|it| it == "apk") && words().any(|it| LOOKS.contains(&it))
    }
}

/// Whether a RUN looks into an index that it doesn't fetch. `apk add` and `apk upgrade` fetch one that is missing,
/// these do not.
fn looks_into_index(run: &Run) -> bool {
    let looks = |it: &Simple| {
        let has = |them: &[&str]| it.argv().iter().skip(1).filter_map(|it| it.1.literal()).any(|it| them.contains(&it));
        it.program() == Some("apk") && has(LOOKS) && !has(&["--no-cache"]) && !UPDATES.iter().any(|it| has(&[it.0]))
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
        check(
            &RULE,
            "FROM a\nRUN apk add -U b && apk add c && rm -rf /var/cache/apk/* /x\n",
            "FROM a\nRUN apk add --no-cache b && apk add --no-cache c && rm -rf /var/cache/apk/* /x\n",
        );
        check(&RULE, "FROM a\nRUN apk --update add b\n", "FROM a\nRUN apk --no-cache add b\n");
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
        check(
            &RULE,
            "FROM a\nRUN apk update && apk upgrade && apk add b && rm -rf /var/cache/apk/*\n",
            "FROM a\nRUN apk upgrade --no-cache && apk add --no-cache b\n",
        );
        check(&RULE, "FROM a\nRUN apk --update-cache upgrade\n", "FROM a\nRUN apk --no-cache upgrade\n");
        // What another stage fetches is not in this one.
        check(
            &RULE,
            "FROM a AS d\nRUN apk update && apk add b\nFROM a\nRUN apk update && apk add --no-cache c\nCOPY --from=d /e /\n",
            "FROM a AS d\nRUN apk update && apk add b\nFROM a\nRUN apk add --no-cache c\nCOPY --from=d /e /\n",
        );
        for text in [
            "FROM a AS d\nRUN apk update && apk add b\nFROM a\nRUN apk update && apk add --no-cache c\nCOPY --from=d / /\n",
            "FROM a\nRUN apk update; apk add --no-cache b\n",
            "FROM a\nRUN apk update && apk info b && apk add --no-cache c\n",
            "FROM a\nRUN apk update && apk add --no-cache b && rm -rf /var/cache/apk\n",
            "FROM a AS b\nRUN apk add c\nFROM d\nCOPY --from=b e f\n",
            "FROM a\nRUN apk add --no-cache b && rm -rf /tmp/* /var/cache/apk/*\n",
            "FROM a\nRUN apk update\nRUN apk add --no-cache b && rm -rf /var/cache/apk/*\n",
            "FROM a\nRUN apk add --no-cache b; rm -rf /var/cache/apk/*\n",
            "FROM a\nRUN apk update && apk list b && apk add --no-cache c\n",
            "FROM a\nRUN apk add --no-cache b && apk update\n",
            "FROM alpine:3.7\nRUN apk update && apk add --no-cache b\n",
            "FROM alpine:3.6\nRUN apk --update add b && apk upgrade --no-cache\n",
            "FROM a\nRUN apk update && apk add --no-cache b\nRUN apk add $X c\n",
            "FROM a\nRUN apk update && apk add --no-cache b && sh -c \"apk search c\"\n",
            "FROM a\nRUN (apk update) && apk add --no-cache b && rm -rf /var/cache/apk/*\n",
            "FROM a\nRUN apk update \\\n # d\n && apk add --no-cache b && rm -rf /var/cache/apk/*\n",
            "FROM a\nCOPY x.apk /var/cache/apk/\nRUN apk add --no-cache b && rm -rf /var/cache/apk/*\n",
            "FROM a\nRUN apk update > /log && apk add --no-cache b\n",
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
            "FROM a\nRUN apk update && apk add b\nCMD [\"apk\", \"search\", \"c\"]\n",
            "FROM a\nRUN apk add b && apk search c\n",
            "FROM a\nRUN apk add -U b && V=$(apk list c | head -n 1) && apk add c=$V\n",
        ] {
            check_same(&RULE, text);
        }
    }
}
