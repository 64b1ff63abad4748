use crate::{
    fix::{Context, Effect, Findings, Group, MORE_WORDS, Safety, rule, with_flag},
    model::{Age, Invocation, Role, Run, age, download_cache, mounts_over, removes_without_force},
    syntax::{
        SyntaxKind::*,
        ast::{Instruction, joined_text},
    },
};

rule! {
    /// ## What it does
    /// Adds `--no-cache-dir` to `pip install`.
    ///
    /// ## Why
    /// pip keeps a copy of all that it downloads and builds, which is of no use in the image.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM python:3
    /// RUN pip install -r requirements.txt
    /// ```
    /// ```dockerfile
    /// FROM python:3
    /// RUN pip install --no-cache-dir -r requirements.txt
    /// ```
    ///
    /// ## Safety and effect
    /// Safe: what is installed stays. The image changes on purpose: it loses the cache. Nothing is reported where the
    /// cache is mounted, moved or turned off (`--cache-dir`, `PIP_NO_CACHE_DIR`, `pip config`, `pip.conf`), nor on
    /// images of systems whose pip, older than 6, does not know the flag.
    pub static RULE = {
        name: "pip-cache-kept",
        summary: "`pip install` that keeps its cache",
        since: "0.1.0",
        group: Group::Packages,
        safety: Safety::Safe,
        effect: Effect::Image,
        changes: MORE_WORDS,
        default: true,
        ids: &["DL3042"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    if !ctx.model.calls_manager("pip") {
        return;
    }
    // The flag came with pip 6.0 (December 2014).
    let age = age(&ctx.model);
    if age == Age::Old || download_cache("pip").is_some_and(|it| it.is_decided(ctx.text)) || is_needed(ctx) {
        return;
    }
    let safety = if age == Age::Unknown { Safety::Unsafe } else { Safety::Safe };
    for run in ctx.runs() {
        let mounted = mounts_over(&run.instruction, ctx.escape(), &["/root/.cache/pip"]);
        let calls = run.calls_of("pip").filter(|it| it.role == Role::Install);
        for call in calls.filter(|it| !mounted && !it.has_flag(&["--no-cache-dir", "--no-cache", "--cache-dir"])) {
            let message = match removed_behind(run, call) {
                true => "pip keeps a cache that has to be removed",
                false => "pip keeps its cache in the image",
            };
            findings.extend(with_flag(&RULE, call, "--no-cache-dir", message, safety));
        }
    }
}

/// Whether a later command of a RUN empties the cache that a call fills: `rm -rf ~/.cache`, `pip cache purge`.
fn removed_behind(run: &Run, call: &Invocation) -> bool {
    let Some(place) = call.words.first().map(|it| it.0.syntax().text_range().start()) else { return false };
    run.commands().iter().filter(|it| it.syntax().text_range().start() > place).any(|it| match it.invocation() {
        Some(it) => it.manager.family == "pip" && it.role == Role::Clean,
        None => {
            let text = joined_text(it.syntax());
            let removes = it.literals().take(2).any(|it| it == "rm");
            removes && (text.contains("/.cache") || text.contains("pip cache dir"))
        }
    })
}

/// Whether something takes the cache from where it is, or fails where it isn't.
fn is_needed(ctx: &Context<'_>) -> bool {
    let copies =
        ctx.instructions().filter(|it| it.kind() == COPY && it.flags().any(|it| it.text().starts_with("--from")));
    let takes = |it: &str| it.contains(".cache") || matches!(it, "/root" | "/root/");
    let sources = |it: &Instruction| it.arguments().rsplit_once(' ').is_some_and(|it| it.0.split(' ').any(takes));
    removes_without_force(&ctx.model, ".cache") || copies.into_iter().any(sources)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, check_unsafe, findings};

    #[test]
    fn the_flag_is_added() {
        check(
            &RULE,
            "FROM a\nRUN pip install -U pip && python3 -m pip install b\n",
            "FROM a\nRUN pip install --no-cache-dir -U pip && python3 -m pip install --no-cache-dir b\n",
        );
    }

    #[test]
    fn a_cache_that_is_removed_is_not_said_to_be_in_the_image() {
        let said = |run: &str| findings(&RULE, &format!("FROM a\nRUN {run}\n")).remove(0).message;
        for end in [
            "rm -rf ~/.cache",
            "rm -rf /tmp/* ~/.cache/pip",
            "sudo rm -rf /root/.cache*",
            "rm -rf $HOME/.cache/",
            "rm -rf \"$(pip cache dir)\"",
            "pip cache purge",
        ] {
            let run = format!("pip install b && {end}");
            assert_eq!(said(&run), "pip keeps a cache that has to be removed", "{run}");
            check(
                &RULE,
                &format!("FROM a\nRUN {run}\n"),
                &format!("FROM a\nRUN pip install --no-cache-dir b && {end}\n"),
            );
        }
        for run in
            ["pip install b && rm -rf /tmp/*", "rm -rf ~/.cache && pip install b", "pip install b && ls ~/.cache"]
        {
            assert_eq!(said(run), "pip keeps its cache in the image", "{run}");
        }
    }

    #[test]
    fn variables_that_are_no_flags_are_no_matter() {
        for rest in ["-r $A", "--index-url $B c", "$PACKAGES", "\"$X\""] {
            let file = |flag: &str| format!("FROM a\nCOPY x /root/\nRUN pip install {flag}{rest}\n");
            check(&RULE, &file(""), &file("--no-cache-dir "));
        }
    }

    #[test]
    fn pip_of_an_environment_is_pip() {
        for pip in ["/opt/venv/bin/pip", "$VENV/bin/pip", "\"${VENV}/bin/pip3\""] {
            let file = |flag: &str| format!("FROM a\nRUN {pip} install {flag}b\n");
            check(&RULE, &file(""), &file("--no-cache-dir "));
        }
    }

    #[test]
    fn what_may_be_old_is_unsafe() {
        check_unsafe(
            &RULE,
            "ARG A\nFROM b:$A\nRUN pip install c\n",
            "ARG A\nFROM b:$A\nRUN pip install --no-cache-dir c\n",
        );
    }

    #[test]
    fn what_has_it_or_needs_none_stays() {
        for text in [
            "FROM a\nRUN pip install --no-cache-dir b\n",
            "FROM a\nRUN pip --no-cache-dir install b\n",
            "FROM a\nENV PIP_NO_CACHE_DIR=1\nRUN pip install b\n",
            "FROM a\nRUN printf '[global]\\nno-cache-dir = off\\n' > /c\nRUN pip install b\n",
            "FROM a\nRUN --mount=type=cache,target=/root/.cache/pip pip install b\n",
            "FROM a\nRUN --mount=type=cache,target=/root/.cache pip install b\n",
            "FROM ubuntu:14.04\nRUN pip install b\n",
            "FROM a\nRUN pip list\n",
            "FROM a\nRUN pip install $PIP_ARGS b\n",
            "FROM a\nRUN pip install b && rm -r /root/.cache\n",
            "FROM a AS b\nRUN pip install c\nFROM a\nCOPY --from=b /root/.cache /root/.cache\n",
            "FROM a\nUSER b\nRUN --mount=type=cache,target=/home/b/.cache/pip pip install c\n",
            "FROM a\nRUN --mount=type=cache,target=$HOME/.cache/pip pip install c\n",
            "FROM a\nRUN pip $ARGS install b\n",
            "FROM a\nRUN uv pip install b\n",
            "FROM a\nRUN pipx install b\n",
            "FROM a\nRUN [\"pip\", \"install\", \"b\"]\n",
        ] {
            check_same(&RULE, text);
        }
    }
}
