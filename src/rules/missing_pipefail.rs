use std::ptr;

use text_size::TextSize;

use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, Safety, rule},
    model::{KnownShell, Run, Shell, Stage, depends_on_sh, is_plain_shell, pipes, sets_pipefail, stops_early},
    syntax::{
        SyntaxKind::*,
        ast::{Instruction, elements_above, tokens, trimmed_range},
    },
    text::Edit,
};

rule! {
    /// ## What it does
    /// Sets a SHELL with `-o pipefail` before the first RUN of a stage that has a pipe.
    ///
    /// ## Why
    /// A pipe is as successful as its last command. Where `curl … | tar x` gets half of a file, or `a | tee log` logs
    /// that `a` failed, the build goes on.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian
    /// RUN curl https://example.com/a.tar.gz | tar -xz
    /// ```
    /// ```dockerfile
    /// FROM debian
    /// SHELL ["/bin/bash", "-o", "pipefail", "-c"]
    /// RUN curl https://example.com/a.tar.gz | tar -xz
    /// ```
    ///
    /// ## Safety and effect
    /// Unsafe: what failed unseen fails the build, all RUNs behind it run with bash, and the image's config says so to
    /// the shell forms of CMD and to images built on it. The fix is applied where the base image is known to have bash
    /// or, as Alpine, busybox's ash, or where SHELL says so; elsewhere it is only shown. There is none where a RUN
    /// behind it has a pipe whose reader stops early (`head`, `grep -q`), which would fail the build for nothing, or
    /// words that bash reads otherwise (`echo "a\n"`). Pipes that only `echo` feeds, or a group that ends in `|| true`,
    /// are no matter, nor are those before `|| true`, and those in substitutions among the words of a command
    /// (`b "$(c | d)"`), whose status is lost either way. Builders that write images in the OCI format ignore SHELL.
    pub static RULE = {
        name: "missing-pipefail",
        summary: "A pipe that hides that a command failed",
        since: "0.1.0",
        group: Group::Shell,
        safety: Safety::Unsafe,
        effect: Effect::Image,
        changes: &[Change::Shell],
        default: true,
        ids: &["DL4006"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    // For each stage, the shells that are in force where it has pipes, and how they get the option.
    let mut mended: Vec<Vec<(&Shell, Option<Fix>)>> = vec![Vec::new(); ctx.model.stages.len()];
    for (nth, stage) in ctx.stages() {
        // What comes of a stage is inherited by those that begin with it.
        let mut fixes = stage.parent().and_then(|it| mended.get(it)).cloned().unwrap_or_default();
        for run in ctx.model.runs_of(nth).iter().filter(|it| it.kinds().has(PIPE) && ctx.sound(&it.instruction)) {
            let shell = stage.shell_at(run.at);
            if !is_plain_shell(shell) || sets_pipefail(shell) || run.text.contains("pipefail") {
                continue;
            }
            let Some(pipe) = pipes(&run.script).find(|it| it.may_hide() && it.is_asked()) else { continue };
            let range = trimmed_range(pipe.syntax());
            let known = fixes.iter().find(|it| ptr::eq(it.0, shell)).map(|it| it.1.clone());
            let fix = known.unwrap_or_else(|| {
                let fix = fix(ctx, nth, stage, run);
                // Where a comment keeps it quiet, the option is set below it.
                if !ctx.keeps_quiet(&RULE, range) {
                    fixes.push((shell, fix.clone()));
                }
                fix
            });
            let message = "where a command before the pipe fails, the build goes on".to_owned();
            findings.push(Finding { rule: &RULE, range, message, fix });
        }
        if let Some(it) = mended.get_mut(nth) {
            *it = fixes;
        }
    }
}

fn fix(ctx: &Context<'_>, nth: usize, stage: &Stage, run: &Run) -> Option<Fix> {
    let (edit, from, safety) = match stage.shell_at(run.at) {
        Shell::Set(argv) => {
            let bash = argv.first().is_some_and(|it| matches!(it.rsplit('/').next(), Some("bash" | "ash")));
            let at = stage.instructions.get(..run.at)?.iter().rposition(|it| it.kind() == SHELL)?;
            let shell = stage.instructions.get(at).filter(|it| bash && ctx.sound(it))?;
            let last = tokens(shell.syntax()).filter(|it| it.kind() == JSON_STRING).last()?;
            (Edit::insert(last.text_range().start(), "\"-o\", \"pipefail\", "), at, Safety::Unsafe)
        }
        Shell::Unset => {
            let known = ctx.model.known_shell(nth);
            let program = if known == Some(KnownShell::Ash) { "/bin/ash" } else { "/bin/bash" };
            let text = format!("SHELL [\"{program}\", \"-o\", \"pipefail\", \"-c\"]{}", ctx.eol);
            let safety = if known.is_some() { Safety::Unsafe } else { Safety::Suggest };
            (Edit::insert(above_comments(&run.instruction), text), run.at, safety)
        }
    };
    let becomes_bash = stage.shell_at(run.at) == &Shell::Unset && ctx.model.known_shell(nth) != Some(KnownShell::Ash);
    let here = stage.instructions.get(from..)?.iter();
    let below = ctx.model.stages.iter().enumerate().skip(nth + 1).filter(|it| {
        std::iter::successors(it.1.parent(), |at| ctx.model.stages.get(*at)?.parent()).any(|at| at == nth)
    });
    let mut affected = here.chain(below.flat_map(|it| &it.1.instructions));
    if affected.any(|it| is_hurt(it, becomes_bash)) {
        return None;
    }
    let edits = edit.into();
    Some(Fix { title: "Set `pipefail`".to_owned(), safety, effect: Effect::Image, edits })
}

/// Where an instruction begins, with the comments right above it.
fn above_comments(instruction: &Instruction) -> TextSize {
    let comments = elements_above(instruction.syntax()).take_while(|it| it.kind() == COMMENT_LINE);
    let own = instruction.syntax().text_range().start();
    comments.last().map_or(own, |it| it.text_range().start())
}

/// Whether the shell text of an instruction may fail under the new shell, or do something else.
fn is_hurt(instruction: &Instruction, becomes_bash: bool) -> bool {
    let nested = instruction.nested();
    let instruction = nested.as_ref().unwrap_or(instruction);
    let docs = || instruction.heredocs().filter(|_| instruction.kind() == RUN);
    let script = instruction.script();
    docs().any(|it| it.body().contains(['|', '\\', '{']))
        || script.is_some_and(|it| stops_early(&it) || (becomes_bash && depends_on_sh(&it)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check_same, check_unsafe, findings, suggested};

    #[test]
    fn a_shell_is_set_once_a_stage() {
        check_unsafe(
            &RULE,
            "FROM debian AS a\nRUN b\n\n# c\nRUN d | e\nRUN f | g\nFROM a\nRUN h | i\nFROM alpine\nRUN j | k\n",
            "FROM debian AS a\nRUN b\n\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\n# c\nRUN d | e\nRUN f | g\n\
             FROM a\nRUN h | i\nFROM alpine\nSHELL [\"/bin/ash\", \"-o\", \"pipefail\", \"-c\"]\nRUN j | k\n",
        );
        check_unsafe(
            &RULE,
            "FROM a\nSHELL [\"/bin/bash\", \"-ec\"]\nRUN a | b\n",
            "FROM a\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-ec\"]\nRUN a | b\n",
        );
    }

    #[test]
    fn each_pipe_has_the_fix_of_its_shell() {
        let text = "FROM me/mine AS a\nRUN a | b\nRUN c | d\nFROM a\nRUN e | f\n";
        let after = text.replacen("RUN", "SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN", 1);
        assert_eq!(suggested(&RULE, text), vec![after; 3]);
        check_unsafe(
            &RULE,
            "FROM debian\n# dockfix: ignore[missing-pipefail]\nRUN a | b\nRUN c | d\n",
            "FROM debian\n# dockfix: ignore[missing-pipefail]\nRUN a | b\n\
             SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN c | d\n",
        );
    }

    #[test]
    fn an_unknown_image_is_only_shown() {
        let text = "FROM me/mine\nRUN a | b\n";
        check_same(&RULE, text);
        let after = "FROM me/mine\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN a | b\n";
        assert_eq!(suggested(&RULE, text), [after]);
    }

    #[test]
    fn a_substitution_whose_status_counts_is_told() {
        for run in [
            "(a; b || true) | c",
            "(a || b) | c",
            "a | b || c",
            "a && b | c",
            "A=$(b | c)",
            "A=\"x$(b | c)\" && d",
            "A=$(b $(c) | d)",
            "a $(b | c) | d",
        ] {
            assert_eq!(findings(&RULE, &format!("FROM debian\nRUN {run}\n")).len(), 1, "{run}");
        }
    }

    #[test]
    fn what_would_be_hurt_has_no_fix() {
        for text in [
            "FROM debian\nRUN a | b\nRUN c | head -1\n",
            "FROM debian\nRUN a | b\nHEALTHCHECK CMD a | grep -q b\n",
            "FROM debian\nRUN a | b\nRUN echo 'a\\nb' > c\n",
            "FROM debian AS a\nRUN a | b\nFROM a\nRUN yes | c\n",
            "FROM debian\nRUN a | b\nONBUILD RUN a | head\n",
            "FROM debian\nRUN a | b\nRUN <<EOF\na | b\nEOF\n",
            "FROM debian\nSHELL [\"/bin/sh\", \"-c\"]\nRUN a | b\n",
        ] {
            check_same(&RULE, text);
            assert!(!findings(&RULE, text).is_empty() && suggested(&RULE, text).is_empty(), "{text}");
        }
    }

    #[test]
    fn what_has_it_or_needs_none_is_no_matter() {
        for text in [
            "FROM debian\nSHELL [\"/bin/bash\", \"-eo\", \"pipefail\", \"-c\"]\nRUN a | b\n",
            "FROM debian\nRUN set -o pipefail && a | b\n",
            "FROM debian\nRUN echo a | b\n",
            "FROM debian\nRUN a || b\n",
            "FROM debian\nRUN (a -v 2>&1 || true) | b\n",
            "FROM debian\nRUN A=$( (a && b || :) | c)\n",
            "FROM debian\nRUN a | b || true\n",
            "FROM debian\nRUN a | b || echo c && d\n",
            "FROM debian\nRUN A=$(b \"$(c | d)\")\n",
            "FROM debian\nRUN export A=$(c | d) && B=$(c | d) e $(f | g)\n",
            "FROM debian\nRUN for a in $(b | c); do d; done\n",
            "FROM debian\nRUN a <(b | c)\n",
            "FROM debian\nRUN [\"a\", \"|\", \"b\"]\n",
            "FROM debian\nONBUILD RUN a | b\n",
            "FROM debian\nSHELL [\"powershell\", \"-Command\"]\nRUN a | b\n",
            "FROM debian\nCMD a | b\n",
        ] {
            assert!(findings(&RULE, text).is_empty(), "{text}");
        }
    }
}
