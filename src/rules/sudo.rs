use text_size::TextRange;

use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, Safety, rule},
    model::{Call, OwnWord, Role, Simple, User, is_plain_shell},
    text::Edit,
};

rule! {
    /// ## What it does
    /// Takes `sudo` away from commands that root runs anyway.
    ///
    /// ## Why
    /// Steps of a build run as root until USER says otherwise. `sudo` then only drops variables of the environment, and
    /// must be installed for nothing.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian
    /// RUN sudo apt-get update
    /// ```
    /// ```dockerfile
    /// FROM debian
    /// RUN apt-get update
    /// ```
    ///
    /// ## Safety and effect
    /// Unsafe: another user may be in force in the base image, and the command sees the variables and the PATH that
    /// `sudo` kept from it. Where neither USER, nor the name of the base image, nor a package manager that works
    /// without `sudo` in the stage says that it is root, the fix is only shown. Nothing is reported where USER names
    /// another user than root, here or in a stage that this one begins with, nor on images that are known to run as
    /// another one. `sudo -u`, `sudo -i` and their like, and what the shell itself does (`sudo cd`), have no fix.
    pub static RULE = {
        name: "sudo",
        summary: "`sudo` where root is in force",
        since: "0.1.0",
        group: Group::Shell,
        safety: Safety::Unsafe,
        effect: Effect::Image,
        changes: &[Change::FewerWords],
        default: true,
        ids: &["DL3004", "DS-0010", "CKV2_DOCKER_1", "DKL-DI-0001"],
        run: run,
    };
}

/// Flags that change nothing where root is the one who calls.
const PLAIN: &[&str] = &["-E", "-H", "-n", "--preserve-env", "--set-home", "--non-interactive"];

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    // The last stage in which there was a call, and whether root surely is its image's user.
    let mut decided: Option<(usize, bool)> = None;
    for run in ctx.runs().filter(|it| it.text.contains("sudo")) {
        let plain = ctx.model.stages.get(run.stage).is_some_and(|it| is_plain_shell(it.shell_at(run.at)));
        let user = ctx.model.user_at(run.stage, run.at);
        if !plain || user == User::Other {
            continue;
        }
        let mut calls = run.commands().iter().filter_map(sudo).peekable();
        if calls.peek().is_none() {
            continue;
        }
        if decided.is_none_or(|it| it.0 != run.stage) {
            decided = Some((run.stage, ctx.model.known_shell(run.stage).is_some() || works_as_root(ctx, run.stage)));
        }
        let certain = user == User::Root || decided.is_some_and(|it| it.1);
        let safety = if certain { Safety::Unsafe } else { Safety::Suggest };
        findings.extend(calls.map(|it| finding(ctx, &it, safety)));
    }
}

/// Whether a package manager of the system changes something in a stage without `sudo`, before any USER.
fn works_as_root(ctx: &Context<'_>, stage: usize) -> bool {
    let runs = ctx.model.runs_of(stage).iter().filter(|it| ctx.model.user_at(stage, it.at) == User::OfImage);
    runs.flat_map(|it| &it.calls).any(|it| it.manager.system && !it.sudo && it.role != Role::Other)
}

/// A command as a call of `sudo` that is there for root.
fn sudo(command: &Simple) -> Option<Call> {
    let call = Call::read(command.argv().to_vec()).filter(|it| it.program == "sudo")?;
    // Another user than root is what it is for; without a command it does nothing but ask for a password.
    let other = call.has(&["-u", "--user", "-g", "--group"]) || call.operands.is_empty();
    (!other).then_some(call)
}

fn finding(ctx: &Context<'_>, call: &Call, safety: Safety) -> Finding {
    let range = call.word.syntax().text_range();
    let message = "root is in force: it needs no `sudo`".to_owned();
    Finding { rule: &RULE, range, message, fix: fix(ctx, call, safety) }
}

fn fix(ctx: &Context<'_>, call: &Call, safety: Safety) -> Option<Fix> {
    let (word, program) = call.arguments.get(*call.operands.first()?)?;
    let program = program.literal()?;
    // A variable's name and value are no command, and what the shell does itself `sudo` cannot do.
    // What begins with a bracket may be read as an array.
    let odd =
        program.contains('=') || program.starts_with('[') || OwnWord::of(program).is_some_and(OwnWord::is_no_program);
    let plain = call.flags.iter().all(|it| PLAIN.contains(&it.0.as_str()) && it.1.is_none());
    let range = TextRange::new(call.word.syntax().text_range().start(), word.syntax().text_range().start());
    // What stands on other lines may be a comment, and a redirection is the shell's, not that of `sudo`.
    if odd || call.open || !plain || ctx.slice(range).contains(['\n', '<', '>']) {
        return None;
    }
    let edits = Edit::delete(range).into();
    Some(Fix { title: "Take `sudo` away".to_owned(), safety, effect: Effect::Image, edits })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check_same, check_unsafe, findings, suggested};

    #[test]
    fn sudo_goes() {
        check_unsafe(
            &RULE,
            "FROM debian\nRUN sudo -E -H apt-get update && A=b sudo  c | sudo tee d \\\n  && sudo e\n",
            "FROM debian\nRUN apt-get update && A=b c | tee d \\\n  && e\n",
        );
        check_unsafe(
            &RULE,
            "FROM cimg/go\nUSER root\nRUN x && sudo a && x\nUSER b\nRUN sudo c\n",
            "FROM cimg/go\nUSER root\nRUN x && a && x\nUSER b\nRUN sudo c\n",
        );
    }

    #[test]
    fn an_unknown_image_is_root_where_it_works() {
        let text = "FROM me/mine\nRUN sudo a\n";
        check_same(&RULE, text);
        assert_eq!(suggested(&RULE, text), ["FROM me/mine\nRUN a\n"]);
        check_unsafe(&RULE, "FROM me/mine\nRUN sudo a\nRUN apk add b\n", "FROM me/mine\nRUN a\nRUN apk add b\n");
    }

    #[test]
    fn other_users_need_it() {
        for text in [
            "FROM a\nUSER b\nRUN sudo c\n",
            "FROM a AS b\nUSER c\nFROM b\nRUN sudo d\n",
            "FROM a\nUSER $B\nRUN sudo c\n",
            "FROM cimg/go\nRUN sudo a\n",
            "FROM a\nRUN sudo -u b c\n",
            "FROM a\nRUN apt-get install sudo\n",
            "FROM a\nRUN echo sudo a\n",
            "FROM a\nONBUILD RUN sudo b\n",
        ] {
            check_same(&RULE, text);
            assert!(findings(&RULE, text).is_empty(), "{text}");
        }
    }

    #[test]
    fn what_does_more_is_only_reported() {
        for text in [
            "FROM a\nRUN sudo -i b\n",
            "FROM a\nRUN sudo A=b c\n",
            "FROM debian\nRUN sudo [ \"b\" ]\n",
            "FROM a\nRUN sudo cd b\n",
            "FROM a\nRUN sudo $B\n",
            "FROM a\nRUN sudo \\\n  # b\n  c\n",
        ] {
            check_same(&RULE, text);
            assert_eq!(findings(&RULE, text).len(), 1, "{text}");
        }
    }
}
