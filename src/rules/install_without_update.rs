use crate::{
    fix::{Context, Effect, Finding, Findings, Fix, Group, MORE_WORDS, Safety, plain_run, rule},
    model::{
        APT_LISTS, Invocation, Join, PackageLists, Role, Run, Simple, Stage, commands_before, is_metadata,
        is_told_more, mounts_over, package_lists, programs,
    },
    syntax::ast::{Command, joined_text, trimmed_range},
    text::{Edit, EditSet},
};

rule! {
    /// ## What it does
    /// Puts `apt-get update` before an install in a RUN that has none.
    ///
    /// ## Why
    /// The install reads an index from an earlier layer. That layer stays in the cache for as long as its own text is
    /// the same, and so a package that is added weeks later is looked for in an old index: what it names is no longer
    /// on the mirror, and the build fails, or an old version is installed. It also keeps the lists from being removed
    /// where they are read.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian
    /// RUN apt-get update && apt-get install -y curl
    /// COPY list /list
    /// RUN apt-get install -y git
    /// ```
    /// ```dockerfile
    /// FROM debian
    /// RUN apt-get update && apt-get install -y curl
    /// COPY list /list
    /// RUN apt-get update && apt-get install -y git
    /// ```
    ///
    /// ## Safety and effect
    /// The image changes where the index has: a build without a cache installs the same as before. Safe where an
    /// earlier RUN of the stage surely read the index, whether one has removed it since or not, told no more than the
    /// install is (as a proxy, or `-o Acquire::…`), and nothing since has to do with where packages come from
    /// (`/etc/apt`, `apt-key`, `dpkg -i`, scripts), and in images of Docker's library that have no index at all, so
    /// that the install fails as it is. Unsafe elsewhere: without an index an upgrade does nothing, the base image may
    /// have sources that are gone, and where the RUN right before calls apt as well, to join the two may be better.
    /// Nothing is reported where the lists are copied or mounted, where a script in the same RUN may read them, for
    /// `--no-download`, and for files (`./x.deb`).
    ///
    /// ## See also
    /// `split-update`, `apt-lists-kept`
    pub static RULE = {
        name: "install-without-update",
        summary: "`apt-get install` without `apt-get update` in its RUN",
        since: "0.1.0",
        group: Group::Packages,
        safety: Safety::Safe,
        effect: Effect::Image,
        changes: MORE_WORDS,
        default: true,
        ids: &["DS-0017", "CKV_DOCKER_5", "CIS-DI-0007"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for (nth, stage) in ctx.stages() {
        for run in ctx.model.runs_of(nth).iter().filter(|it| ctx.sound(&it.instruction)) {
            findings.extend(install(ctx, stage, run));
        }
    }
}

fn install(ctx: &Context<'_>, stage: &Stage, run: &Run) -> Option<Finding> {
    let mut calls = run.calls_of("apt").filter(|it| !matches!(it.role, Role::Remove | Role::Clean | Role::Other));
    let call = calls.next().filter(|it| matches!(it.role, Role::Install | Role::Upgrade))?;
    let (first, _) = call.words.first()?;
    let command = run.commands().iter().find(|it| it.argv().first().is_some_and(|it| it.0 == *first))?;
    let place = trimmed_range(command.syntax()).start();
    // Files bring most of what is needed along.
    let file = |at: &usize| call.literal(*at).is_some_and(|it| it.contains('/') && it.ends_with(".deb"));
    let files = !call.operands.is_empty() && call.operands.iter().all(file);
    let offline = files
        || call.has_flag(&["--no-download", "-s", "--simulate", "--dry-run", "--print-uris"])
        || run.instruction.flags().any(|it| it.text() == "--network=none");
    if offline || mounts_over(&run.instruction, ctx.escape(), &[APT_LISTS]) || may_update(run, command, call) {
        return None;
    }
    let lists = package_lists(&ctx.model, run, place);
    if lists == PackageLists::Brought || is_behind_update(ctx, stage, run) {
        return None;
    }
    let missing = lists == PackageLists::Missing;
    // Without an index an upgrade finds nothing to do, and does not fail.
    let upgrades = call.role == Role::Upgrade || call.operands.is_empty();
    // To join this with a RUN that removes the index would be no better.
    let joined = || !missing && is_behind_apt(ctx, stage, run);
    let doubtful = lists == PackageLists::Unknown || missing && upgrades || is_told_more(command, call) || joined();
    let safety = if doubtful { Safety::Unsafe } else { Safety::Safe };
    let message = match lists {
        PackageLists::Missing if upgrades => "nothing has read the package index for this, so that it does nothing",
        PackageLists::Missing => "nothing has read the package index for this, so that it fails",
        _ => "the package index is from another layer, and grows old in the cache",
    };
    let title = "Put `apt-get update` before it".to_owned();
    let fix = update_before(ctx, stage, run, command, call);
    let (verb, _) = call.words.get(call.subcommand)?;
    Some(Finding {
        rule: &RULE,
        range: trimmed_range(first.syntax()).cover(trimmed_range(verb.syntax())),
        message: message.to_owned(),
        fix: fix.map(|edits| Fix { title, safety, effect: Effect::Image, edits }),
    })
}

/// Whether something before the install in its RUN may read the index: a script, a program behind another one,
/// `add-apt-repository`, which does since 2018.
fn may_update(run: &Run, install: &Command, call: &Invocation) -> bool {
    let own = trimmed_range(install.syntax()).start();
    let named =
        |text: &str| text.split(|it: char| !(it.is_alphanumeric() || "-_.".contains(it))).any(|it| it == "update");
    let before = commands_before(run, own).any(|it| {
        let text = joined_text(it.syntax());
        named(&text) || text.contains("apt-repository") || programs().may_run_script(it) || programs().reads_anew(it)
    });
    before || call.words.iter().any(|it| named(&it.0.text()))
}

/// The index of what stands before a RUN, metadata left out.
fn before(stage: &Stage, run: &Run) -> Option<usize> {
    (1..run.at).rev().find(|it| stage.instructions.get(*it).is_some_and(|it| !is_metadata(it)))
}

/// Whether the RUN right before does nothing but update: to join the two is another rule's matter.
fn is_behind_update(ctx: &Context<'_>, stage: &Stage, run: &Run) -> bool {
    let joined = || {
        let chain = plain_run(ctx, stage, before(stage, run)?)?;
        let update = |it: &Simple| it.invocation().is_some_and(|it| it.role == Role::Update);
        let own = plain_run(ctx, stage, run.at)?;
        Some(chain.plain()?.iter().all(update) && own.is_and_only())
    };
    joined() == Some(true)
}

/// Whether the RUN right before calls apt too: most would join the two rather than update again.
fn is_behind_apt(ctx: &Context<'_>, stage: &Stage, run: &Run) -> bool {
    let Some(before) = before(stage, run) else { return false };
    let runs = ctx.model.runs_of(run.stage);
    let run = runs.binary_search_by_key(&before, |it| it.at).ok().and_then(|it| runs.get(it));
    run.is_some_and(|it| it.calls_of("apt").next().is_some())
}

fn update_before(ctx: &Context<'_>, stage: &Stage, run: &Run, command: &Command, call: &Invocation) -> Option<EditSet> {
    let chain = plain_run(ctx, stage, run.at)?;
    let (with, pipeline) = chain.join_before(command, stage.shell_at(run.at))?;
    let is_program = |text: &str| text.rsplit('/').next() == Some(call.program.as_str());
    let until = call.words.iter().position(|it| it.1.literal().is_some_and(is_program))?;
    let mut update: Vec<String> = call.words.iter().take(until + 1).map(|it| it.0.text()).collect();
    update.push("update".to_owned());
    let start = trimmed_range(&pipeline).start();
    let (update, operator) = (update.join(" "), if with == Join::And { "&&" } else { ";" });
    let line = ctx.text[..usize::from(start)].rsplit('\n').next().unwrap_or_default();
    let indent: String = line.chars().take_while(|it| matches!(it, ' ' | '\t')).collect();
    let (escape, eol) = (ctx.escape(), ctx.eol);
    // A command that begins a line leaves the line to the update.
    let insert = match (line[indent.len()..].trim_end(), operator) {
        ("", ";") => format!("{update}; {escape}{eol}{indent}"),
        ("", operator) => format!("{update} {operator} {escape}{eol}{indent}"),
        ("&&", "&&") => format!("{update} {escape}{eol}{indent}&& "),
        (_, ";") => format!("{update}; "),
        (_, operator) => format!("{update} {operator} "),
    };
    Some(Edit::insert(start, insert).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, check_unsafe, findings};

    fn after(base: &str, run: &str) -> String {
        format!("FROM {base}\nRUN apt-get update && apt-get install -y a\nCOPY b /b\n{run}\n")
    }

    #[test]
    fn an_update_is_put_before() {
        for (before, result) in [
            ("RUN apt-get install -y c", "RUN apt-get update && apt-get install -y c"),
            ("RUN sudo -E apt-get -y install c", "RUN sudo -E apt-get update && sudo -E apt-get -y install c"),
            ("RUN A; apt-get install c; B", "RUN A; apt-get update && apt-get install c; B"),
            (
                "RUN A && DEBIAN_FRONTEND=x apt-get install c || B",
                "RUN A && apt-get update && DEBIAN_FRONTEND=x apt-get install c || B",
            ),
            (
                "RUN set -ex; \\\n  apt-get install c; \\\n  A",
                "RUN set -ex; \\\n  apt-get update; \\\n  apt-get install c; \\\n  A",
            ),
            ("RUN A \\\n  && apt-get install c", "RUN A \\\n  && apt-get update \\\n  && apt-get install c"),
            (
                "RUN A && \\\n  yes | apt-get install c",
                "RUN A && \\\n  apt-get update && \\\n  yes | apt-get install c",
            ),
            (
                "RUN apt-get install c && apt-get install d",
                "RUN apt-get update && apt-get install c && apt-get install d",
            ),
            ("RUN apt-get clean && apt-get upgrade -y", "RUN apt-get clean && apt-get update && apt-get upgrade -y"),
            ("RUN apt-get -o Dpkg::Use-Pty=0 install c", "RUN apt-get update && apt-get -o Dpkg::Use-Pty=0 install c"),
        ] {
            check(&RULE, &after("a", before), &after("a", result));
        }
        check(&RULE, "FROM debian\nRUN apt-get install c\n", "FROM debian\nRUN apt-get update && apt-get install c\n");
    }

    #[test]
    fn what_may_do_something_else_is_unsafe() {
        let prefixed = |run: &str| run.replace("RUN apt-get", "RUN apt-get update && apt-get");
        for run in [
            "RUN apt-get -o Dpkg::Use-Pty=0 -o Acquire::http::Proxy=c install d",
            "RUN apt-get -o Acquire::http::Proxy=c install d",
            "RUN apt-get -oDir::Cache=c install d",
        ] {
            check_unsafe(&RULE, &after("a", run), &after("a", &prefixed(run)));
        }
        let install = "RUN apt-get install d";
        let first = "FROM debian\nRUN apt-get update && apt-get install c\nLABEL d=e";
        check_unsafe(&RULE, &format!("{first}\n{install}\n"), &format!("{first}\n{}\n", prefixed(install)));
        let first = "FROM debian\nRUN A=b apt-get update";
        check_unsafe(&RULE, &format!("{first}\n{install}\n"), &format!("{first}\n{}\n", prefixed(install)));
        for before in [
            "FROM c",
            "FROM debian\nRUN echo d > /etc/apt/sources.list",
            "FROM ubuntu:14.04",
            "FROM debian\nRUN ./setup.sh",
        ] {
            check_unsafe(&RULE, &format!("{before}\n{install}\n"), &format!("{before}\n{}\n", prefixed(install)));
        }
    }

    #[test]
    fn an_index_that_was_removed_is_missing() {
        let file = |run: &str| {
            let first = "apt-get update && apt-get install -y a && rm -rf /var/lib/apt/lists/*";
            format!("FROM example/base\nRUN {first}\nRUN {run}\n")
        };
        let said = |run: &str| findings(&RULE, &file(run)).remove(0).message;
        let install = "apt-get install -y locales && locale-gen";
        check(&RULE, &file(install), &file(&format!("apt-get update && {install}")));
        assert_eq!(said(install), "nothing has read the package index for this, so that it fails");
        for run in ["apt-get upgrade -y", "apt-get install -yf"] {
            assert_eq!(said(run), "nothing has read the package index for this, so that it does nothing");
            check_unsafe(&RULE, &file(run), &file(&format!("apt-get update && {run}")));
        }
    }

    #[test]
    fn lists_that_come_from_elsewhere_stay() {
        for run in [
            "RUN apt-get update && apt-get install c",
            "RUN curl c | bash - && apt-get install d",
            "RUN curl https://deb.nodesource.com/setup_20.x | bash - && apt-get install d",
            "RUN ./setup && apt-get install d",
            "RUN add-apt-repository c && apt-get install d",
            "RUN $SUDO apt-get update && apt-get install d",
            "RUN eatmydata apt-get update && apt-get install d",
            "RUN --mount=type=cache,target=/var/lib/apt apt-get install d",
            "RUN --network=none apt-get install d",
            "RUN apt-get install --no-download d",
            "RUN apt-get remove d",
            "RUN apt-get install -y ./c.deb",
            "RUN apt-get source d",
            "COPY --from=c /var/lib/apt/lists /var/lib/apt/lists\nRUN apt-get install d",
            "ONBUILD RUN apt-get install d",
            "RUN apt-get update\nRUN apt-get install d",
        ] {
            let text = after("a", run);
            check_same(&RULE, &text);
            assert_eq!(findings(&RULE, &text).len(), 0, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_put_before_is_reported() {
        for run in [
            "RUN c || apt-get install d",
            "RUN if c; then apt-get install d; fi",
            "RUN set -e; c && apt-get install d; e",
            "RUN (apt-get install d)",
        ] {
            let text = after("a", run);
            check_same(&RULE, &text);
            assert_eq!(findings(&RULE, &text).len(), 1, "{text}");
        }
    }
}
