use std::{cell::LazyCell, collections::HashMap, ops::Range};

use crate::{
    fix::{Context, Effect, Findings, Group, Leftover, MORE_WORDS, Safety, leftovers, plain_run, rule},
    model::{APT_LISTS, Cleanup, Invocation, Role, Run, commands_before, managers, mounts_over, programs},
    syntax::{SyntaxKind::*, ast::Instruction},
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
    /// RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*
    /// CMD ["curl", "--version"]
    /// ```
    ///
    /// ## Safety and effect
    /// The image changes on purpose: it loses the lists. Nothing is said where something needs them: a later RUN or
    /// stage of the file, or a container, that installs without an update of its own. Safe elsewhere, but unsafe where
    /// a RUN in between starts a shell's script that may install, and in a stage on which other files build as this one
    /// says (ONBUILD, a name with `base` in it). It is unsafe as well before a RUN of which that cannot be said, for
    /// then little is gained. An image on which others build though nothing says so loses its lists as well: they are
    /// to update before they install. There is no fix where it is not certain that the RUN comes to its end with lists
    /// that it may remove: the update runs under a condition or by `sudo`, or installs into another folder. Only stages
    /// that are in an image are looked at: the last one, those from which no other takes anything, and those that they
    /// begin with. A mount over the lists, as BuildKit's cache mounts are, keeps the rule quiet.
    pub static RULE = {
        name: "apt-lists-kept",
        summary: "Package lists of apt left in the image",
        since: "0.1.0",
        group: Group::Packages,
        safety: Safety::Safe,
        effect: Effect::Image,
        changes: MORE_WORDS,
        default: true,
        ids: &["DL3009", "DKL-DI-0005"],
        run: run,
    };
}

const COMMAND: &str = "rm -rf /var/lib/apt/lists/*";

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    let relying = |it: usize| {
        ctx.model
            .stages
            .get(it)
            .is_some_and(|stage| any_instruction(ctx, it, 0..stage.instructions.len(), relies_on_lists))
    };
    let relied = LazyCell::new(|| ctx.model.any_descendant(relying));
    // For each stage, how safe it is to remove what its last such RUN leaves: where that stays, little is gained before
    // it.
    let mut ends: HashMap<usize, Safety> = HashMap::new();
    for leftover in leftovers(ctx, "apt", &[Role::Update]).into_iter().rev() {
        // An update alone is another rule's matter.
        if !leftover.calls().any(|it| matches!(it.role, Role::Install | Role::Upgrade)) {
            continue;
        }
        let nth = leftover.run.stage;
        let Some(own) = safety(ctx, &leftover, || relied.get(nth) == Some(&true)) else {
            ends.entry(nth).or_insert(Safety::Unsafe);
            continue;
        };
        let safety = own.min(ends.get(&nth).copied().unwrap_or(own));
        let message = "the package lists that `apt-get update` reads stay in the image";
        let finding = leftover.finding(ctx, &RULE, message, COMMAND, safety);
        ends.entry(nth).or_insert(finding.fix.as_ref().map_or(Safety::Unsafe, |it| it.safety));
        findings.push(finding);
    }
}

/// How safe it is to remove the lists that a RUN leaves; `None` where something behind it needs them. `is_relied_on`
/// says whether a stage that begins with this one does.
fn safety(ctx: &Context<'_>, leftover: &Leftover<'_>, is_relied_on: impl Fn() -> bool) -> Option<Safety> {
    let (nth, at, end) = (leftover.run.stage, leftover.run.at, leftover.stage.instructions.len());
    // Whatever comes behind the next update sees what that one reads.
    let next = ctx.model.runs_of(nth).iter().find(|it| it.at > at && renews_lists(ctx, nth, it)).map(|it| it.at);
    let seen = at + 1..next.map_or(end, |it| it + 1);
    let started = || any_instruction(ctx, nth, 0..end, |it, _| is_started(it) && relies_on_lists(it, None));
    let is_needed = next.is_none() && (is_relied_on() || started());
    if is_needed || any_instruction(ctx, nth, seen.clone(), relies_on_lists) {
        return None;
    }
    let sound = (next.is_some() || !ctx.model.is_base(nth)) && !any_instruction(ctx, nth, seen, starts_script);
    Some(if sound { Safety::Safe } else { Safety::Unsafe })
}

/// Whether one of the instructions of a stage is as `wanted` says; one that is no RUN that can be read is given alone.
fn any_instruction(
    ctx: &Context<'_>,
    nth: usize,
    which: Range<usize>,
    wanted: fn(&Instruction, Option<&Run>) -> bool,
) -> bool {
    let instructions = ctx.model.stages.get(nth).map(|it| it.instructions.as_slice()).unwrap_or_default();
    let runs = ctx.model.runs_of(nth);
    instructions.iter().enumerate().filter(|it| which.contains(&it.0)).any(|(at, it)| {
        let run = runs.binary_search_by_key(&at, |it| it.at).ok().and_then(|it| runs.get(it));
        wanted(it, run)
    })
}

/// Whether a RUN surely reads the lists anew or removes them.
fn renews_lists(ctx: &Context<'_>, nth: usize, run: &Run) -> bool {
    let Some(stage) = ctx.model.stages.get(nth) else { return false };
    let Some(chain) = plain_run(ctx, stage, run.at) else { return false };
    let Some(with) = chain.join(stage.shell_at(run.at)) else { return false };
    if mounts_over(&run.instruction, ctx.escape(), &[APT_LISTS]) || run.text.contains("Dir::") {
        return false;
    }
    run.commands().iter().any(|command| {
        let renews = match Cleanup::of(command) {
            Some(Cleanup::Paths(paths)) => paths.iter().any(|it| it.trim_end_matches(['*', '/']) == APT_LISTS),
            _ => {
                command.invocation().is_some_and(|it| it.manager.family == "apt" && it.role == Role::Update && !it.sudo)
            }
        };
        renews && command.argv().first().is_some_and(|it| chain.surely_runs(&it.0, with))
    })
}

/// Whether an instruction reads the lists before it updates them, or may.
fn relies_on_lists(instruction: &Instruction, run: Option<&Run>) -> bool {
    match (instruction.kind(), run) {
        (RUN, Some(run)) => !run.heredoc().map_or_else(|| updates_first(run), |it| text_updates_first(&it)),
        (RUN | ONBUILD, _) => readers(&instruction.text()) > 0,
        _ => is_started(instruction) && !text_updates_first(&instruction.text()),
    }
}

/// Whether an instruction says what runs in a container.
fn is_started(instruction: &Instruction) -> bool {
    matches!(instruction.kind(), CMD | ENTRYPOINT | HEALTHCHECK)
}

fn updates_first(run: &Run) -> bool {
    let mut reading = run.calls_of("apt").filter(|it| !matches!(it.role, Role::Remove | Role::Clean));
    match reading.next() {
        Some(first) => first.role == Role::Update || reads_anew_before(run, first),
        // What is not seen as a call stands in quotes, behind a variable or behind another program.
        None => readers(&run.text) <= run.calls_of("apt").count(),
    }
}

/// Whether a script that is known reads the lists before a call does.
fn reads_anew_before(run: &Run, call: &Invocation) -> bool {
    let place = call.words.first().map(|it| it.0.syntax().text_range().start());
    place.is_some_and(|it| commands_before(run, it).any(|it| programs().reads_anew(it)))
}

/// Whether the first program in a text that reads the lists is told to update them, or none is there.
fn text_updates_first(text: &str) -> bool {
    let mut words = words(text);
    !words.any(is_reader) || words.find(|it| !it.starts_with('-')) == Some("update")
}

/// How many words of a text name a program that reads the lists.
fn readers(text: &str) -> usize {
    words(text).filter(|it| is_reader(it)).count()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|it: char| it.is_whitespace() || "\"'`;|&()[],=".contains(it)).filter(|it| !it.is_empty())
}

fn is_reader(word: &str) -> bool {
    let program = word.strip_prefix("/usr/bin/").unwrap_or(word);
    managers().iter().find(|it| it.family == "apt").is_some_and(|it| it.reads_lists(program))
}

/// Whether a RUN starts a script, which may do anything.
fn starts_script(instruction: &Instruction, run: Option<&Run>) -> bool {
    let Some(run) = run.filter(|it| it.heredoc().is_none()) else { return instruction.kind() == RUN };
    run.commands().iter().any(|it| programs().may_run_script(it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, check_unsafe, findings};

    const INSTALL: &str = "RUN apt-get update && apt-get install -y a";
    const REMOVED: &str = "RUN apt-get update && apt-get install -y a && rm -rf /var/lib/apt/lists/*";

    #[test]
    fn lists_go_at_the_end() {
        check(&RULE, &format!("FROM a\n{INSTALL}\nCMD [\"b\"]\n"), &format!("FROM a\n{REMOVED}\nCMD [\"b\"]\n"));
        check(
            &RULE,
            "FROM a\nRUN set -e; \\\n\tapt-get update; \\\n\tapt-get install b\nENTRYPOINT [\"c\"]\n",
            "FROM a\nRUN set -e; \\\n\tapt-get update; \\\n\tapt-get install b; \\\n\trm -rf /var/lib/apt/lists/*\nENTRYPOINT [\"c\"]\n",
        );
        let two = |run: &str| format!("FROM a AS b\n{run}\nFROM b\nCMD [\"c\"]\n");
        check(&RULE, &two(INSTALL), &two(REMOVED));
    }

    #[test]
    fn whatever_follows_lists_go() {
        for end in [
            "EXPOSE 80",
            "COPY a b",
            "USER b",
            "RUN make && ./configure\nCMD b",
            "RUN rm -rf /var/lib/apt/lists/*\nCMD b",
        ] {
            check(&RULE, &format!("FROM a\n{INSTALL}\n{end}\n"), &format!("FROM a\n{REMOVED}\n{end}\n"));
        }
        check_same(&RULE, &format!("FROM a\n{INSTALL} && apt-get dist-clean\nCMD b\n"));
        let updating = "CMD apt-get update && apt-get install b";
        check(&RULE, &format!("FROM a\n{INSTALL}\n{updating}\n"), &format!("FROM a\n{REMOVED}\n{updating}\n"));
        for start in [
            "ENTRYPOINT [\"sh\", \"-c\", \"apt-get install -y b\"]",
            "CMD apt-get install b",
            "HEALTHCHECK CMD apt-cache b",
        ] {
            check_same(&RULE, &format!("FROM a\n{INSTALL}\n{start}\n"));
            check_same(&RULE, &format!("FROM a\n{start}\n{INSTALL}\n"));
        }
    }

    #[test]
    fn nothing_is_gained_before_what_stays() {
        let again = "RUN apt-get update && apt-get install -y b";
        let needed = |one: &str| format!("FROM a\n{one}\n{again}\nRUN apt-get install -y c\n");
        check_unsafe(&RULE, &needed(INSTALL), &needed(REMOVED));
        let file = |one: &str, other: &str| format!("FROM a\n{one}\n{again}{other}\nRUN ./c.sh\nCMD d\n");
        check_unsafe(&RULE, &file(INSTALL, ""), &file(REMOVED, " && rm -rf /var/lib/apt/lists/*"));
    }

    #[test]
    fn lists_that_are_read_anew_are_no_matter() {
        for (before, after) in [("RUN apt-get update && b", "RUN c"), ("RUN b\nRUN rm -rf /var/lib/apt/lists/*", "")] {
            let file = |run: &str| format!("FROM a\n{run}\n{before}\n{after}\n");
            check(&RULE, &file(INSTALL), &file(REMOVED));
        }
        for next in [
            "RUN a && apt-get update || b",
            "RUN if a; then apt-get update; fi",
            "RUN --mount=type=cache,target=/var/lib/apt apt-get update",
            "RUN apt-get update -o Dir::Etc::sourcelist=/b",
            "RUN ./a.sh && apt-get update",
        ] {
            let file = |run: &str| format!("FROM a AS base\n{run}\n{next}\n");
            check_unsafe(&RULE, &file(INSTALL), &file(REMOVED));
        }
        let streamed = "RUN curl https://deb.nodesource.com/setup_20.x | bash - && apt-get install -y nodejs\nCMD c";
        check(&RULE, &format!("FROM a\n{INSTALL}\n{streamed}\n"), &format!("FROM a\n{REMOVED}\n{streamed}\n"));
        for text in ["apt-get install -y c", "if b; then\n  apt-get -y install c\nfi", "apt-cache search c"] {
            check_same(&RULE, &format!("FROM a\n{INSTALL}\nRUN <<EOF\n{text}\nEOF\nCMD c\n"));
        }
        for text in ["apt-get -q update\napt-get install -y c", "make"] {
            let file = |run: &str| format!("FROM a\n{run}\nRUN <<EOF\n{text}\nEOF\nCMD c\n");
            check_unsafe(&RULE, &file(INSTALL), &file(REMOVED));
        }
        check_same(&RULE, &format!("FROM a\n{INSTALL}\nRUN apt-get install -y c\nRUN apt-get update && b\nCMD c\n"));
    }

    #[test]
    fn nothing_is_put_behind_what_was_swallowed() {
        for next in ["COPY b /c", "ENV B c", "\nCMD [\"b\"]"] {
            check_same(&RULE, &format!("FROM a\n{INSTALL} \\\n{next}\n"));
        }
    }

    #[test]
    fn what_may_be_a_base_is_unsafe() {
        check_unsafe(&RULE, &format!("FROM a AS base\n{INSTALL}\n"), &format!("FROM a AS base\n{REMOVED}\n"));
        check_unsafe(
            &RULE,
            &format!("FROM a\n{INSTALL}\nCMD [\"b\"]\nONBUILD RUN make\n"),
            &format!("FROM a\n{REMOVED}\nCMD [\"b\"]\nONBUILD RUN make\n"),
        );
        for more in ["./more.sh", "bash -ex install", "a | bash -s -- -y", "make deps"] {
            let script = |run: &str| format!("FROM a\n{run}\nRUN {more}\nCMD [\"b\"]\n");
            check_unsafe(&RULE, &script(INSTALL), &script(REMOVED));
        }
        check(
            &RULE,
            &format!("FROM a\n{INSTALL}\nRUN apt-get clean && b > /etc/apt/x\nCMD [\"b\"]\n"),
            &format!("FROM a\n{REMOVED}\nRUN apt-get clean && b > /etc/apt/x\nCMD [\"b\"]\n"),
        );
    }

    #[test]
    fn lists_that_are_needed_or_gone_stay() {
        for more in [
            "RUN apt-get install -y b",
            "RUN bash -c 'apt-get install -y b'",
            "RUN rosdep install -y --from-paths src",
            "RUN env DEBIAN_FRONTEND=noninteractive apt-get -y install b",
            "RUN xargs apt-get -y install < p",
            "RUN apt-get source foo",
            "RUN apt-cache policy foo",
            "RUN mk-build-deps -r -i -t 'apt-get -y'",
            "ONBUILD RUN apt-get install b",
            "RUN rm -r /var/lib/apt/lists/*",
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
            "RUN sudo apt-get update && sudo apt-get install -y a",
            "RUN if a; then apt-get update; apt-get install -y a; fi",
            "RUN a && apt-get update && apt-get install -y a || b",
            "RUN apt-get -o Dir::State::Lists=/x update && apt-get install -y a",
        ] {
            check_same(&RULE, &format!("FROM a\n{run}\nCMD [\"c\"]\n"));
        }
        assert_eq!(findings(&RULE, "FROM a\nRUN apt-get update\nCMD [\"b\"]\n").len(), 0);
    }
}
