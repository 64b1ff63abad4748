use text_size::TextSize;

use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Group, Safety, behind, rule},
    model::{Call, Run, Simple, programs, sets_pipefail},
    syntax::{SyntaxKind::*, ast::Command, is_shell},
    text::Edit,
};

rule! {
    /// ## What it does
    /// Adds `-f` to a `curl` that downloads to a file or into a pipe.
    ///
    /// ## Why
    /// Where a server answers "404 Not Found", curl saves that page as if it were the file, and succeeds. The build
    /// fails later, elsewhere, or never.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian
    /// RUN curl -o /usr/local/bin/a https://example.com/a
    /// ```
    /// ```dockerfile
    /// FROM debian
    /// RUN curl -fo /usr/local/bin/a https://example.com/a
    /// ```
    ///
    /// ## Safety and effect
    /// Unsafe: a build that took the page of an error begins to fail. Calls that send something, ask for the head alone
    /// or stand in a condition or a loop are left alone. Where a shell reads the pipe and nothing sets `pipefail` it
    /// is reported without a fix: the shell would read nothing, and succeed.
    ///
    /// ## See also
    /// `missing-pipefail`
    pub static RULE = {
        name: "curl-unfailing",
        summary: "`curl` that takes the page of an error for the file",
        since: "0.1.0",
        group: Group::Shell,
        safety: Safety::Unsafe,
        effect: Effect::Image,
        changes: &[Change::Letter('f')],
        default: true,
        ids: &["curlUseFlagF"],
        run: run,
    };
}

/// Flags that fail already, or by which it is no plain download.
const OTHER: &[&str] = &[
    "-f",
    "--fail",
    "--fail-with-body",
    "-I",
    "--head",
    "-X",
    "--request",
    "-d",
    "--data",
    "--data-binary",
    "--data-raw",
    "--data-urlencode",
    "--json",
    "-F",
    "--form",
    "-T",
    "--upload-file",
    "-K",
    "--config",
    "-V",
    "--version",
    "-h",
    "--help",
    "-w",
    "--write-out",
    "-i",
    "--include",
];

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    if ctx.text.contains("curlrc") {
        return;
    }
    for run in ctx.runs().filter(|it| it.text.contains("curl")) {
        for command in run.commands() {
            findings.extend(finding(ctx, run, command));
        }
    }
}

fn finding(ctx: &Context<'_>, run: &Run, command: &Simple) -> Option<Finding> {
    let call = Call::of_program(command, &["curl"]).filter(|it| !it.open && !it.has(OTHER))?;
    let node = command.syntax();
    let conditional = |kind| matches!(kind, IF_CLAUSE | WHILE_CLAUSE | CASE_CLAUSE | FUNCTION_DEF | FOR_CLAUSE);
    let bang = node.parent().is_some_and(|it| it.children_with_tokens().any(|it| it.kind() == RESERVED));
    if bang || node.ancestors().any(|it| conditional(it.kind())) {
        return None;
    }
    let output = call.flags.iter().find(|it| matches!(it.0.as_str(), "-o" | "--output"));
    let to_null = output.is_some_and(|it| it.1.as_deref().is_some_and(|it| it.starts_with("/dev/")));
    let redirected = command.redirects().filter(|it| matches!(it.operator().as_str(), ">" | ">>" | ">|" | "1>"));
    let targets: Vec<String> = redirected.filter_map(|it| it.target()).map(|it| it.text()).collect();
    let to_file = output.is_some() || call.has(&["-O", "--remote-name", "--remote-name-all"]) || !targets.is_empty();
    let reader = node.next_sibling();
    if to_null || targets.iter().any(|it| it.starts_with("/dev/")) || !(to_file || reader.is_some()) {
        return None;
    }
    let message = "`curl` succeeds where the server answers with an error";
    let mut finding = behind(&RULE, &call.word, "-f", message, Safety::Unsafe)?;
    // Most write it among other letters, of which it may be the first whatever they are.
    let letters = call.arguments.first().map(|(word, _)| (word.text(), word.syntax().text_range()));
    let is_letters =
        |it: &str| it.len() > 1 && it.starts_with('-') && it[1..].bytes().all(|it| it.is_ascii_alphabetic());
    if let (Some((_, range)), Some(fix)) = (letters.filter(|it| is_letters(&it.0)), &mut finding.fix) {
        fix.edits = Edit::insert(range.start() + TextSize::of('-'), "f").into();
    }
    let runs_it = |it: &Command| Call::program_of(it).is_none_or(|it| is_shell(&it) || programs().is_interpreter(&it));
    let run_unseen = reader.and_then(Command::cast).is_some_and(|it| runs_it(&it)) && !to_file;
    let shell = ctx.model.stages.get(run.stage).map(|it| it.shell_at(run.at));
    let pipefail = shell.is_some_and(sets_pipefail) || run.text.contains("pipefail");
    finding.fix = finding.fix.filter(|_| pipefail || !run_unseen);
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check_same, check_unsafe, findings};

    #[test]
    fn downloads_get_it() {
        for (before, after) in [
            ("curl -sSLO a", "curl -fsSLO a"),
            ("curl -L a > b && curl c | tar x", "curl -fL a > b && curl -f c | tar x"),
            ("set -o pipefail; curl a | sh", "set -o pipefail; curl -f a | sh"),
            ("curl a | busybox unzip -", "curl -f a | busybox unzip -"),
            ("(curl -o b a)", "(curl -fo b a)"),
            ("curl -o b $TARGET_URL", "curl -fo b $TARGET_URL"),
            ("curl --location -o b a && curl \"-L\" a > b", "curl -f --location -o b a && curl -f \"-L\" a > b"),
        ] {
            check_unsafe(&RULE, &format!("FROM a\nRUN {before}\n"), &format!("FROM a\nRUN {after}\n"));
        }
    }

    #[test]
    fn what_a_shell_runs_is_only_reported() {
        for shell in
            ["curl a | sh", "curl a | bash -s -- b", "curl a | sudo -E bash -", "curl a | fish", "curl a | $SHELL"]
        {
            let text = format!("FROM a\nRUN {shell}\n");
            check_same(&RULE, &text);
            assert_eq!(findings(&RULE, &text).len(), 1, "{shell}");
        }
    }

    #[test]
    fn what_fails_already_or_is_no_download_stays() {
        for shell in [
            "curl -fsSL a -o b",
            "curl --fail -O a",
            "curl a",
            "curl -I a > b",
            "curl -X POST a > b",
            "curl -d b a | c",
            "curl -s -o /dev/null a",
            "until curl -o b a; do c; done",
            "if curl -o b a; then c; fi",
            "! curl -o b a",
            "curl $CURL_OPTS -o b a",
            "X=$(curl a)",
            "echo curl -o b",
            "curl --version | a",
        ] {
            let text = format!("FROM a\nRUN {shell}\n");
            check_same(&RULE, &text);
            assert!(findings(&RULE, &text).is_empty(), "{shell}");
        }
    }
}
