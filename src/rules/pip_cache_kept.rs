use crate::{
    fix::{Context, Effect, Findings, Group, MORE_WORDS, Safety, rule, with_flag},
    model::{
        Age, Invocation, Mount, Role, Run, Simple, age, behind_folder, ends_name, is_cache_decided, is_force,
        mounts_over, references,
    },
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
    /// Safe: what is installed stays. The image changes on purpose: it loses the cache. Only stages that are in an
    /// image are looked at. Nothing is reported where the cache is mounted, moved or turned off (`--cache-dir`,
    /// `PIP_NO_CACHE_DIR`, `pip config`, `pip.conf`), where something needs it (a COPY or a mount from it, a command
    /// that names its folder, `pip cache purge`), nor on images of systems whose pip, older than 6, does not know the
    /// flag. Unsafe where the image's name has a variable, or a version that was built on an old system first and on a
    /// newer one later; an image that says nothing of its system is taken for one of today.
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
    if age == Age::Old || installs_old_pip(ctx.text) || is_cache_decided(&ctx.model, ctx.text, "pip") || is_needed(ctx)
    {
        return;
    }
    let safety = if age == Age::Unknown { Safety::Unsafe } else { Safety::Safe };
    let may_purge = ctx.text.contains("cache") && ["purge", "remove"].iter().any(|it| ctx.text.contains(it));
    let purges = |stage: usize| {
        may_purge && ctx.model.stages.get(stage).is_some_and(|it| it.instructions.iter().any(purges_cache))
    };
    let purged_below = ctx.model.any_descendant(purges);
    let shipped = ctx.model.shipped();
    let is_meant =
        |stage: usize| shipped.get(stage) == Some(&true) && !purges(stage) && purged_below.get(stage) != Some(&true);
    for run in ctx.runs().filter(|it| is_meant(it.stage)) {
        let mounted = mounts_over(&run.instruction, ctx.escape(), &["/root/.cache/pip"]);
        let calls = run.calls_of("pip").filter(|it| it.role == Role::Install);
        for call in calls.filter(|it| !mounted && !it.has_flag(&["--no-cache-dir", "--no-cache", "--cache-dir"])) {
            let message = match removed_behind(run, call) {
                true => "pip keeps a cache, which is then removed: `--no-cache-dir` spares both",
                false => "pip keeps its cache in the image",
            };
            findings.extend(with_flag(&RULE, call, "--no-cache-dir", message, safety));
        }
    }
}

/// Whether a file has pip replaced by a version that may be older than the flag, or takes packages of a system whose
/// pip is.
fn installs_old_pip(text: &str) -> bool {
    if [" lucid ", " precise ", " trusty ", " wheezy "].iter().any(|it| text.contains(it)) {
        return true;
    }
    let major = |text: &str| text.split(|it: char| !it.is_ascii_digit()).next().and_then(|it| it.parse::<u32>().ok());
    ["pip==", "pip<", "pip<="].iter().any(|it| text.split(it).skip(1).any(|it| major(it).is_some_and(|it| it <= 6)))
}

/// Whether a RUN calls `pip cache purge` or the like, which fails with pip 20.1 to 21 where the cache is empty.
fn purges_cache(run: &Instruction) -> bool {
    run.kind() == RUN && ["cache purge", "cache remove"].iter().any(|it| run.text().contains(it))
}

/// Whether a later command of a RUN removes the cache that a call fills, as `rm -rf ~/.cache` does.
fn removed_behind(run: &Run, call: &Invocation) -> bool {
    let Some(place) = call.words.first().map(|it| it.0.syntax().text_range().start()) else { return false };
    run.commands().iter().filter(|it| it.syntax().text_range().start() > place).any(|it| {
        let text = joined_text(it.syntax());
        let removes = it.literals().take(2).any(|it| it == "rm");
        removes && (text.contains("/.cache") || text.contains("pip cache dir"))
    })
}

/// Whether something takes the cache from where it is, or may fail where it isn't.
fn is_needed(ctx: &Context<'_>) -> bool {
    // All of the home of root has the cache in it.
    let takes = |it: &str| it.contains(".cache") || it.trim_end_matches('/') == "/root";
    let sources = |it: &Instruction| {
        let plain = |it: &str| takes(it.trim_matches(['[', '"', ',', ']']));
        it.arguments().rsplit_once(' ').is_some_and(|it| it.0.split(' ').any(plain))
    };
    let mounts = |it: &Instruction| Mount::all(it, ctx.escape()).any(|it| it.source_elsewhere().is_some_and(takes));
    let needs = |it: &Instruction| match it.kind() {
        COPY => references(it).next().is_some() && sources(it),
        RUN => mounts(it) || looks_at_cache(ctx, it),
        _ => false,
    };
    ctx.instructions().any(needs)
}

/// Whether a RUN names the cache, or the folder of all caches, in a command that may fail without it.
fn looks_at_cache(ctx: &Context<'_>, run: &Instruction) -> bool {
    if !run.text().contains(".cache") {
        return false;
    }
    let is_harmless = |it: &Simple| {
        let does = |program: &str| it.literals().take(2).any(|it| it == program);
        (does("rm") && it.literals().any(is_force)) || (does("mkdir") && it.literals().any(|it| it == "-p"))
    };
    match ctx.model.run(run).filter(|it| it.heredoc().is_none()) {
        Some(run) => run.commands().iter().any(|it| names_cache(&joined_text(it.syntax())) && !is_harmless(it)),
        None => names_cache(&run.text()),
    }
}

/// Whether a text names the cache or what it lies in, and not only the cache of another program.
fn names_cache(text: &str) -> bool {
    let whole = |it: &str| it.strip_prefix('/').is_none_or(ends_name);
    behind_folder(text, ".cache").any(whole) || behind_folder(text, ".cache/pip").next().is_some()
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
        ] {
            let run = format!("pip install b && {end}");
            assert_eq!(said(&run), "pip keeps a cache, which is then removed: `--no-cache-dir` spares both", "{run}");
            check(
                &RULE,
                &format!("FROM a\nRUN {run}\n"),
                &format!("FROM a\nRUN pip install --no-cache-dir b && {end}\n"),
            );
        }
        for run in ["pip install b && rm -rf /tmp/*", "rm -rf ~/.cache && pip install b"] {
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
        check_unsafe(&RULE, "FROM node:8\nRUN pip install c\n", "FROM node:8\nRUN pip install --no-cache-dir c\n");
    }

    #[test]
    fn a_cache_that_something_needs_stays() {
        let takes = "FROM a AS b\nRUN pip install c\nFROM a\nRUN";
        for mount in [
            "from=b,source=/root/.cache/pip,target=/x",
            "from=0,source=/root/.cache,target=/root/.cache",
            "type=cache,from=b,src=/root/.cache/pip,target=/x",
            "type=bind,from=b,source=/root/,target=/x",
        ] {
            check_same(&RULE, &format!("{takes} --mount={mount} d\n"));
        }
        for command in [
            "chmod -R a+w /root/.cache",
            "chown -R d ~/.cache/pip",
            "find /root/.cache -type f",
            "cp -r /root/.cache/pip /e",
            "ls ~/.cache",
            "du -sh \"$HOME/.cache/\"*",
            "pip cache purge",
            "python -m pip cache remove d",
        ] {
            check_same(&RULE, &format!("FROM a\nRUN pip install c && {command}\n"));
            check_same(&RULE, &format!("FROM a AS b\nRUN pip install c\nFROM b\nRUN {command}\n"));
            check_same(&RULE, &format!("FROM a\nRUN pip install c\nRUN <<EOF\n{command}\nEOF\n"));
        }
        for rest in [
            "RUN mkdir -p ~/.cache && chmod 700 ~/.cache/d ~/.cached",
            "RUN rm -rf ~/.cache/pip",
            "RUN --mount=from=d,source=/e,target=/f g",
            "FROM d\nRUN pip cache purge",
        ] {
            let file = |flag: &str| format!("FROM a AS b\nRUN pip install {flag}c\n{rest}\n");
            check(&RULE, &file(""), &file("--no-cache-dir "));
        }
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
            "FROM node:4.4.2\nRUN apt-get update && apt-get install -y python-pip && pip install b\n",
            "FROM a\nRUN pip list\n",
            "FROM a\nRUN pip install pip==1.5.6 && pip install b\n",
            "FROM ubuntu\nRUN echo 'deb http://b precise main' >> /etc/apt/sources.list\nRUN pip install c\n",
            "FROM a\nRUN pip install 'pip<6'\nRUN pip install b\n",
            "FROM a\nRUN pip install $PIP_ARGS b\n",
            "FROM a\nRUN pip install b && rm -r /root/.cache\n",
            "FROM a AS b\nRUN pip install c\nFROM a\nCOPY --from=b /root/.cache /root/.cache\n",
            "FROM a AS b\nRUN pip install c\nFROM a\nCOPY --from=b [\"/root\", \"/root\"]\n",
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
