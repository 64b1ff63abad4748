use std::collections::HashSet;

use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Group, Safety, flag_behind, rule},
    model::{Invocation, Role, Run},
};

rule! {
    /// ## What it does
    /// Adds `--no-install-recommends` to `apt-get install`.
    ///
    /// ## Why
    /// apt installs not only what a package needs but also what goes well with it, which often is the larger part of
    /// the layer.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian
    /// RUN apt-get update && apt-get install -y curl
    /// ```
    /// ```dockerfile
    /// FROM debian
    /// RUN apt-get update && apt-get install -y --no-install-recommends curl
    /// ```
    ///
    /// ## Safety and effect
    /// Unsafe: the image loses packages, and some of them may be needed. `ca-certificates` for `curl` and `git`, and
    /// compilers for `build-essential`'s like, are what is missed most often; on Debian and Ubuntu the fix names
    /// `ca-certificates` where the install brings `curl`, `wget` or `git` and the file fetches from `https://`. Where
    /// the file says elsewhere what apt installs (`APT::Install-Recommends`), or a comment in the RUN speaks of it,
    /// nothing is reported.
    pub static RULE = {
        name: "recommended-packages",
        summary: "`apt-get install` with the packages that others recommend",
        since: "0.1.0",
        group: Group::Packages,
        safety: Safety::Unsafe,
        effect: Effect::Image,
        changes: &[Change::MoreWords],
        default: true,
        ids: &["DL3015", "DS-0029"],
        run: run,
    };
}

/// What is written where certificates would else be missing.
const WITH_CERTIFICATES: &str = "--no-install-recommends ca-certificates";

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    if !ctx.model.calls_manager("apt") || ctx.text.contains("nstall-Recommends") {
        return;
    }
    // Stages in which a call before brings certificates by its fix.
    let mut supplied = HashSet::new();
    for run in ctx.runs() {
        // A comment that speaks of it is a decision.
        let speaks = |line: &str| line.trim_start().starts_with('#') && line.to_lowercase().contains("recommend");
        if ctx.slice(run.instruction.range()).lines().any(speaks) {
            continue;
        }
        for call in &run.calls {
            if call.manager.family != "apt"
                || call.role != Role::Install
                || call.program == "aptitude"
                || call.operands.is_empty()
            {
                continue;
            }
            if call.has_flag(&["--no-install-recommends", "--install-recommends", "--fix-broken", "-f"]) {
                continue;
            }
            let message = "recommended packages are installed too";
            // Most write it behind `-y`.
            let at = call.subcommand + usize::from(call.is_yes(call.subcommand + 1));
            let brings = !supplied.contains(&run.stage) && needs_certificates(ctx, run, call);
            let flag = if brings { WITH_CERTIFICATES } else { "--no-install-recommends" };
            let finding = flag_behind(&RULE, call, at, flag, message, Safety::Unsafe);
            if brings && finding.as_ref().is_some_and(|it| it.fix.is_some()) {
                supplied.insert(run.stage);
            }
            let range = call.words.get(call.subcommand).map(|it| it.0.syntax().text_range());
            findings.extend(finding.zip(range).map(|(finding, range)| Finding { range, ..finding }));
        }
    }
}

/// Whether a call brings what fetches from https to an image without certificates, which it only recommends, and the
/// file seems to fetch so.
fn needs_certificates(ctx: &Context<'_>, run: &Run, call: &Invocation) -> bool {
    let fetches = |it: &usize| call.literal(*it).is_some_and(|it| matches!(it, "curl" | "wget" | "git"));
    call.operands.iter().any(fetches)
        && ctx.text.contains("https://")
        && !ctx.text.contains("ca-certificates")
        && ["debian", "ubuntu"].iter().any(|it| ctx.model.is_official(run.stage, it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check_same, check_unsafe, findings};

    #[test]
    fn the_flag_is_added() {
        check_unsafe(
            &RULE,
            "FROM a\nRUN apt-get update && apt-get -y install \\\n    b && (apt install c)\n",
            "FROM a\nRUN apt-get update && apt-get -y install --no-install-recommends \\\n    b && (apt install --no-install-recommends c)\n",
        );
        check_unsafe(
            &RULE,
            "FROM a\nRUN apt-get install -y b && apt-get install -t c -y d\n",
            "FROM a\nRUN apt-get install -y --no-install-recommends b \
             && apt-get install --no-install-recommends -t c -y d\n",
        );
    }

    #[test]
    fn it_goes_behind_yes() {
        let file = |install: &str| format!("FROM a\nRUN apt-get {install} b\n");
        for yes in ["-y", "-yqq", "--yes"] {
            let after = file(&format!("install {yes} --no-install-recommends"));
            check_unsafe(&RULE, &file(&format!("install {yes}")), &after);
        }
        check_unsafe(&RULE, &file("install -t c -y"), &file("install --no-install-recommends -t c -y"));
    }

    #[test]
    fn certificates_are_not_left_out() {
        let file = |image: &str, packages: &str| {
            format!("FROM {image}\nRUN apt-get install -y {packages}\nRUN wget https://b.org/c\n")
        };
        let fixed = |packages: &str| format!("--no-install-recommends {packages}");
        for (image, packages, result) in [
            ("ubuntu:22.04", "x wget", fixed("ca-certificates x wget")),
            ("ubuntu", "wget ca-certificates", fixed("wget ca-certificates")),
            ("node", "wget", fixed("wget")),
            ("debian", "x", fixed("x")),
            (
                "debian",
                "git && apt-get install -y curl",
                fixed("ca-certificates git && apt-get install -y ") + &fixed("curl"),
            ),
        ] {
            check_unsafe(&RULE, &file(image, packages), &file(image, &result));
        }
    }

    #[test]
    fn what_is_said_elsewhere_stays() {
        for run in [
            "apt-get install --no-install-recommends a",
            "apt-get install -y --no-install-recommends a",
            "apt-get --install-recommends install a",
            "apt-get upgrade -y",
            "apt-get update",
            "apt-get install -f",
            "echo apt-get install a",
            "apk add a",
            "apt-get install $FLAGS a",
        ] {
            check_same(&RULE, &format!("FROM a\nRUN {run}\n"));
        }
        let comment = "FROM a\nRUN apt-get update; \\\n    # we DO want Recommends\n    apt-get install -y b\n";
        assert_eq!(findings(&RULE, comment).len(), 0);
        let set =
            "FROM a\nRUN echo 'APT::Install-Recommends \"0\";' > /etc/apt/apt.conf.d/x\nRUN apt-get install -y b\n";
        assert_eq!(findings(&RULE, set).len(), 0);
    }
}
