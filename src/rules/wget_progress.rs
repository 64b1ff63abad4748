use std::rc::Rc;

use crate::{
    fix::{Context, Effect, Finding, Findings, Group, MORE_WORDS, Safety, behind, rule},
    model::{Call, Invocation, KnownShell, Role, Run, Simple},
};

rule! {
    /// ## What it does
    /// Adds `--progress=dot:giga` to a `wget` that would draw its whole progress into the log.
    ///
    /// ## Why
    /// Without a terminal wget writes a line for every 50 kB: a large download fills the log of the build.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian
    /// RUN apt-get update && apt-get install -y wget && wget https://example.com/a.tar.gz
    /// ```
    /// ```dockerfile
    /// FROM debian
    /// RUN apt-get update && apt-get install -y wget && wget --progress=dot:giga https://example.com/a.tar.gz
    /// ```
    ///
    /// ## Safety and effect
    /// Safe where GNU wget is installed in the file, by apt or apk: busybox's does not know the flag and would fail,
    /// and where the wget is not known it is reported without a fix. Unsafe where dnf or zypper installs it, as newer
    /// Fedoras call another program wget. The step is rebuilt, with the same files. Nothing is reported where wget
    /// is quiet, or writes its log elsewhere.
    pub static RULE = {
        name: "wget-progress",
        summary: "`wget` that fills the log with its progress",
        since: "0.1.0",
        group: Group::Shell,
        safety: Safety::Safe,
        effect: Effect::Rebuild,
        changes: MORE_WORDS,
        default: false,
        ids: &["DL3047"],
        run: run,
    };
}

/// Flags by which wget writes less, or elsewhere.
const SILENT: &[&str] = &[
    "-q",
    "--quiet",
    "--no-verbose",
    "-o",
    "--output-file",
    "-a",
    "--append-output",
    "--progress",
    "-b",
    "--background",
    "-V",
    "--version",
    "-h",
    "--help",
    "--spider",
    "--no-show-progress",
    "--show-progress",
];

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    if ctx.text.contains("wgetrc") {
        return;
    }
    for run in ctx.runs() {
        for command in run.commands() {
            findings.extend(finding(ctx, run, command));
        }
    }
}

fn finding(ctx: &Context<'_>, run: &Run, command: &Simple) -> Option<Finding> {
    let call = Call::of_program(command, &["wget"]).filter(|it| !it.open)?;
    let short = call.arguments.iter().filter_map(|it| it.1.literal()).any(|it| it.starts_with("-nv"));
    let silent = short || call.has(SILENT) || call.operands.is_empty();
    let elsewhere = command.redirects().any(|it| it.operator().starts_with("2>") || it.operator().starts_with("&>"));
    if silent || elsewhere {
        return None;
    }
    let message = "`wget` fills the log with its progress";
    let installed = installed_by(ctx, run, &call);
    let busybox = installed.is_none() && ctx.model.known_shell(run.stage) == Some(KnownShell::Ash);
    let safety = if matches!(installed, Some("apt" | "apk")) { Safety::Safe } else { Safety::Unsafe };
    let mut finding = behind(&RULE, &call.word, "--progress=dot:giga", message, safety)?;
    finding.fix = finding.fix.filter(|_| installed.is_some());
    (!busybox).then_some(finding)
}

/// The package manager that surely installed wget before a call of it.
fn installed_by(ctx: &Context<'_>, run: &Run, call: &Call) -> Option<&'static str> {
    let here = call.word.syntax().text_range().start();
    let before = |it: &&Invocation| it.words.first().is_some_and(|it| it.0.syntax().text_range().start() < here);
    let lineage = std::iter::successors(Some(run.stage), |it| ctx.model.stages.get(*it)?.parent());
    let calls: Vec<&Invocation> = lineage
        .flat_map(|it| ctx.model.runs_of(it))
        .flat_map(|it| it.calls.iter().map(Rc::as_ref))
        .filter(before)
        .collect();
    let is_wget = |it: &str| it == "wget" || it.starts_with("wget=");
    let installs =
        |it: &&Invocation| it.role == Role::Install && it.operands.iter().filter_map(|at| it.literal(*at)).any(is_wget);
    let manager = calls.iter().copied().find(installs)?.manager;
    let family = manager.family.as_str();
    // What busybox has under the same name is there again once the package is gone.
    let removed = || calls.iter().any(|it| it.role == Role::Remove && it.manager.family == family);
    (manager.system && !(family == "apk" && removed())).then_some(family)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, check_unsafe, findings};

    #[test]
    fn the_flag_is_added_behind_an_install() {
        check(
            &RULE,
            "FROM a AS b\nRUN apt-get install -y curl wget=1\nFROM b\nRUN wget -O - c | d\n",
            "FROM a AS b\nRUN apt-get install -y curl wget=1\nFROM b\nRUN wget --progress=dot:giga -O - c | d\n",
        );
        check(
            &RULE,
            "FROM alpine\nRUN apk add wget && wget a\n",
            "FROM alpine\nRUN apk add wget && wget --progress=dot:giga a\n",
        );
        check_unsafe(
            &RULE,
            "FROM a\nRUN yum install -y wget && wget a\n",
            "FROM a\nRUN yum install -y wget && wget --progress=dot:giga a\n",
        );
    }

    #[test]
    fn an_unknown_wget_stays() {
        for (text, count) in [
            ("FROM debian\nRUN wget a\n", 1),
            ("FROM alpine\nRUN wget a\n", 0),
            ("FROM alpine\nRUN apk add -t .b wget && apk del .b\nRUN wget a\n", 0),
            ("FROM a\nRUN wget a && apt-get install -y wget\n", 1),
            ("FROM a AS b\nRUN apt-get install -y wget\nFROM a\nRUN wget a\n", 1),
        ] {
            check_same(&RULE, text);
            assert_eq!(findings(&RULE, text).len(), count, "{text}");
        }
    }

    #[test]
    fn a_quiet_one_stays() {
        for shell in [
            "wget -q a",
            "wget -nv a",
            "wget -qO- a",
            "wget -nv -O b a",
            "wget --no-verbose a",
            "wget -o log a",
            "wget --progress=bar a",
            "wget a 2> b",
            "wget $WGET_OPTS a",
            "wget --version",
            "which wget",
        ] {
            let text = format!("FROM a\nRUN apt-get install -y wget && {shell}\n");
            check_same(&RULE, &text);
            assert!(findings(&RULE, &text).is_empty(), "{text}");
        }
    }
}
