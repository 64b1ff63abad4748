use std::rc::Rc;

use text_size::TextRange;

use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Group, Safety, flag_behind, rule},
    model::{Invocation, Join, Role, Run},
    syntax::ast::joined_text,
    text::Edit,
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

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    if !ctx.model.calls_manager("apt") || ctx.text.contains("nstall-Recommends") {
        return;
    }
    // Whether each stage has certificates, also by the fix of a call before; of none where nothing is fetched by https.
    let mut certified = if ctx.text.contains("https://") { stages_with_certificates(ctx) } else { Vec::new() };
    for run in ctx.runs() {
        let parent = ctx.model.stages.get(run.stage).and_then(|it| it.parent());
        if parent.is_some_and(|it| certified.get(it) == Some(&true))
            && let Some(own) = certified.get_mut(run.stage)
        {
            *own = true;
        }
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
            let mut finding = flag_behind(&RULE, call, at, "--no-install-recommends", message, Safety::Unsafe);
            if let Some(fix) = finding.as_mut().and_then(|it| it.fix.as_mut())
                && let Some(certified) = certified.get_mut(run.stage).filter(|it| !**it)
                && needs_certificates(ctx, run, call)
                && with_certificates(ctx, call).is_some_and(|it| fix.edits.push(it).is_ok())
            {
                fix.title = "Add `--no-install-recommends`, and `ca-certificates`, which it would leave out".to_owned();
                *certified =
                    call.words.first().zip(run.chain()).is_some_and(|(word, it)| it.surely_runs(&word.0, Join::And));
            }
            let range = call.words.get(call.subcommand).map(|it| it.0.syntax().text_range());
            findings.extend(finding.zip(range).map(|(finding, range)| Finding { range, ..finding }));
        }
    }
}

/// Whether each stage installs certificates.
fn stages_with_certificates(ctx: &Context<'_>) -> Vec<bool> {
    let brings = |call: &Rc<Invocation>| call.operands.iter().any(|at| package(call, *at) == "ca-certificates");
    let stages = 0..ctx.model.stages.len();
    stages.map(|nth| ctx.model.runs_of(nth).iter().flat_map(|it| &it.calls).any(brings)).collect()
}

/// Whether a call brings what fetches from https to an image without certificates, which it only recommends.
fn needs_certificates(ctx: &Context<'_>, run: &Run, call: &Invocation) -> bool {
    let fetches = |at: &usize| matches!(package(call, *at).as_str(), "curl" | "wget" | "git");
    ["debian", "ubuntu"].iter().any(|it| ctx.model.is_official(run.stage, it)) && call.operands.iter().any(fetches)
}

/// The name of a package, behind which a version, a release or an architecture may stand.
fn package(call: &Invocation, at: usize) -> String {
    let text = call.words.get(at).map(|it| joined_text(it.0.syntax())).unwrap_or_default();
    text.trim_start_matches(['"', '\'']).split(['=', '/', ':', '+', '"', '\'']).next().unwrap_or_default().to_owned()
}

/// Puts certificates before the packages of a call, on a line of their own where the first package stands on one.
fn with_certificates(ctx: &Context<'_>, call: &Invocation) -> Option<Edit> {
    let at = *call.operands.first()?;
    let start = |at: usize| call.words.get(at).map(|it| it.0.syntax().text_range());
    let (before, own) = (start(at.checked_sub(1)?)?, start(at)?);
    let gap = ctx.slice(TextRange::new(before.end(), own.start()));
    let behind = gap.rsplit_once('\n').map_or(" ".to_owned(), |it| format!(" {}{}{}", ctx.escape(), ctx.eol, it.1));
    Some(Edit::insert(own.start(), format!("ca-certificates{behind}")))
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
            ("debian", "curl=7.* x", fixed("ca-certificates curl=7.* x")),
            ("debian", "\\\n    x \\\n    git", fixed("\\\n    ca-certificates \\\n    x \\\n    git")),
            (
                "debian AS y\nRUN apt-get install -y --no-install-recommends ca-certificates\nFROM y",
                "git",
                fixed("git"),
            ),
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
