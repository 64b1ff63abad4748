use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, Safety, join, plain_run, rule, same_flags},
    model::{Chain, Cleanup, Stage, destination, is_metadata, is_within, may_keep_running, mounts_over},
    syntax::{SyntaxKind::*, ast::Instruction},
};

rule! {
    /// ## What it does
    /// Merges a RUN that only cleans up into the RUN before it that made what it removes: package lists and caches (`rm
    /// -rf /var/lib/apt/lists/*`, `apt-get clean`, `apk del`, `yum clean all`, `pip cache purge`, …), packages that
    /// were installed for a while (`apt-get purge`), downloaded files.
    ///
    /// ## Why
    /// Each RUN is a layer. What one layer holds stays in the image, whatever a later one removes: the cleanup saves
    /// nothing, and adds a layer.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian
    /// RUN apt-get update && apt-get install -y curl
    /// # clean up
    /// RUN rm -rf /var/lib/apt/lists/*
    /// ```
    /// ```dockerfile
    /// FROM debian
    /// RUN apt-get update && apt-get install -y curl \
    ///     # clean up
    ///     && rm -rf /var/lib/apt/lists/*
    /// ```
    ///
    /// ## Safety and effect
    /// Safe. Both steps are rebuilt as one, with the same files in the end. Only LABEL, EXPOSE and their like may stand
    /// between the two, and beside them, where nothing but caches of package managers is removed, COPY, ENV and WORKDIR
    /// that don't touch them. The first RUN may not leave the second another shell than it had: `cd` before a relative
    /// path, exported variables, `trap`, `exec`, background jobs, `set -e` with loops are gates, and so are other
    /// flags, heredocs, another USER, SHELL or ARG between them, and a mount over what is removed.
    ///
    /// ## See also
    /// `split-update`
    pub static RULE = {
        name: "split-cleanup",
        summary: "Cleanup in another RUN than what it cleans up",
        since: "0.1.0",
        group: Group::Layers,
        safety: Safety::Safe,
        effect: Effect::Rebuild,
        changes: &[Change::Joined],
        default: true,
        ids: &["DL3059", "S7031"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for (_, stage) in ctx.stages() {
        for at in 1..stage.instructions.len() {
            findings.extend(cleanup(ctx, stage, at));
        }
    }
}

fn cleanup(ctx: &Context<'_>, stage: &Stage, at: usize) -> Option<Finding> {
    let chain = plain_run(ctx, stage, at)?;
    let steps: Vec<Cleanup> = chain.plain()?.iter().map(Cleanup::of).collect::<Option<_>>()?;
    let before = (1..at).rev().find(|it| stage.instructions.get(*it).is_some_and(|it| !is_passed(it, &steps)))?;
    let first_chain = plain_run(ctx, stage, before)?;
    let (first, second) = (stage.instructions.get(before)?, stage.instructions.get(at)?);
    let undoes = |it: &Cleanup| it.undoes(&first_chain);
    let near = (before + 1..at).all(|it| stage.instructions.get(it).is_some_and(is_metadata));
    let made = if near { steps.iter().any(undoes) } else { steps.iter().all(|it| it.is_of_caches() && undoes(it)) };
    if !made {
        return None;
    }
    let places: Vec<&str> = steps.iter().flat_map(Cleanup::places).collect();
    let sound = same_flags(first, second)
        && (steps.iter().all(Cleanup::is_of_caches) || !may_keep_running(&first_chain))
        && !mounts_over(first, ctx.escape(), &places)
        && !first_chain.may_take_from_next(ctx.folder_of(first))
        && steps.iter().all(|it| it.is_untouched_by(&first_chain));
    let fix = sound.then(|| merge(ctx, stage, before, at, &first_chain)).flatten();
    Some(Finding {
        rule: &RULE,
        range: second.range(),
        message: "this RUN removes what an earlier layer keeps: the image gets no smaller".to_owned(),
        fix,
    })
}

fn merge(ctx: &Context<'_>, stage: &Stage, before: usize, at: usize, chain: &Chain) -> Option<Fix> {
    let with = chain.join(stage.shell_at(before))?;
    let edits = join(ctx, stage.instructions.get(before)?, stage.instructions.get(at)?, with)?;
    let title = "Merge it into the RUN that left this behind".to_owned();
    Some(Fix { title, safety: Safety::Safe, effect: Effect::Rebuild, edits })
}

/// Whether a cleanup may go up over an instruction.
fn is_passed(instruction: &Instruction, steps: &[Cleanup]) -> bool {
    let caches = || steps.iter().all(Cleanup::is_of_caches);
    match instruction.kind() {
        _ if is_metadata(instruction) => true,
        ENV => caches() && instruction.pairs().all(|it| !is_looked_at(&it.key())),
        WORKDIR => caches() && is_elsewhere(&instruction.arguments(), steps),
        COPY | ADD => caches() && destination(instruction).is_some_and(|it| is_elsewhere(&it, steps)),
        _ => false,
    }
}

/// Whether programs that clean up may look at a variable.
fn is_looked_at(name: &str) -> bool {
    let known = ["PATH", "HOME", "APT", "LD_", "PIP", "NPM", "CONDA", "YARN", "XDG", "npm", "TMP", "$", "\"", "'"];
    known.iter().any(|it| name.starts_with(it))
}

/// Whether what is copied to a path surely lies outside of all that is removed.
fn is_elsewhere(destination: &str, steps: &[Cleanup]) -> bool {
    let folder = destination.trim_end_matches(['/', '.']);
    let plain =
        destination.starts_with('/') && !folder.is_empty() && !destination.contains(['$', '*', '"', '\'', '\\']);
    let up = destination.contains("..");
    // Settings of package managers lie in these, and may change what cleaning does.
    let settings = ["/etc", "/root", "/usr", "/home"].iter().any(|it| is_within(destination, it));
    let apart = |place: &str| !is_within(place, folder) && !is_within(folder, place.trim_end_matches(['*', '/']));
    plain && !up && !settings && steps.iter().flat_map(Cleanup::places).all(apart)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, findings};

    const INSTALL: &str = "RUN apt-get update && apt-get install -y curl";
    const CLEAN: &str = "RUN rm -rf /var/lib/apt/lists/*";

    fn merged(first: &str, second: &str) -> String {
        format!("FROM a\n{first} \\\n    && {second}\n")
    }

    #[test]
    fn cleanups_go_where_the_weight_is_made() {
        for (first, second) in [
            (INSTALL, "rm -rf /var/lib/apt/lists/*"),
            (INSTALL, "apt-get clean && rm -rf /var/lib/apt/lists/* /tmp/* /var/tmp/*"),
            (INSTALL, "apt-get purge -y curl"),
            (INSTALL, "apt-get -y autoremove"),
            ("RUN apt-get update; apt-get install -y curl", "apt-get clean"),
            ("RUN apk add --virtual .deps gcc", "apk del .deps"),
            ("RUN apk add gcc", "rm -rf /var/cache/apk/*"),
            ("RUN yum install -y a", "yum clean all && rm -rf /var/cache/yum"),
            ("RUN dnf -y install a", "dnf clean all"),
            ("RUN pip install flask", "pip cache purge"),
            ("RUN npm ci", "npm cache clean --force"),
            ("RUN curl -fsSLo /tmp/a.tgz https://x.org/a.tgz && tar -xf /tmp/a.tgz", "rm /tmp/a.tgz"),
            ("RUN wget https://x.org/a.tgz && tar -xf a.tgz", "rm -f a.tgz"),
            ("RUN wget --output-document=/tmp/a.tgz https://x.org/b && tar -xf /tmp/a.tgz", "rm /tmp/a.tgz"),
            ("RUN curl -f https://x.org/b > /tmp/a.tgz && tar -xf /tmp/a.tgz", "rm /tmp/a.tgz"),
            ("RUN cd /x && apt-get update", "rm -rf /var/lib/apt/lists/*"),
            ("RUN --mount=type=secret,id=a apt-get update", "rm -rf /var/lib/apt/lists/*"),
        ] {
            let flags =
                first.split(' ').filter(|it| it.starts_with("--mount")).map(|it| format!("{it} ")).collect::<String>();
            check(&RULE, &format!("FROM a\n{first}\nRUN {flags}{second}\n"), &merged(first, second));
        }
    }

    #[test]
    fn the_style_of_the_file_is_kept() {
        check(
            &RULE,
            "FROM a\nRUN apt-get update && \\\n\tapt-get install -y curl\n\n# why\n\n# b\nRUN apt-get clean && \\\n\trm -rf /var/lib/apt/lists/*\n\nCMD [\"a\"]\n",
            "FROM a\nRUN apt-get update && \\\n\tapt-get install -y curl && \\\n\t# why\n\t# b\n\tapt-get clean && \\\n\trm -rf /var/lib/apt/lists/*\n\nCMD [\"a\"]\n",
        );
        check(
            &RULE,
            "FROM a\nRUN set -eux; \\\n  apt-get update; \\\n  apt-get install -y curl\nRUN rm -rf /var/lib/apt/lists/*\n",
            "FROM a\nRUN set -eux; \\\n  apt-get update; \\\n  apt-get install -y curl; \\\n  rm -rf /var/lib/apt/lists/*\n",
        );
        check(
            &RULE,
            "FROM a\r\nRUN apk add b\r\nRUN apk del b\r\n",
            "FROM a\r\nRUN apk add b \\\r\n    && apk del b\r\n",
        );
    }

    #[test]
    fn what_stands_between() {
        for between in
            ["LABEL a=b", "EXPOSE 80", "ARG X", "COPY a /app/", "ENV A=b", "WORKDIR /app", "ADD [\"a\", \"/opt/b\"]"]
        {
            let before = format!("FROM a\n{INSTALL}\n\n{between}\n\n# c\n{CLEAN}\n\nUSER b\n");
            let after =
                format!("FROM a\n{INSTALL} \\\n    # c\n    && rm -rf /var/lib/apt/lists/*\n\n{between}\n\nUSER b\n");
            check(&RULE, &before, &after);
        }
        for between in [
            "USER b",
            "ARG X=1",
            "SHELL [\"/bin/bash\", \"-c\"]",
            "RUN make",
            "FROM b",
            "COPY . .",
            "COPY a /",
            "COPY a $B",
            "COPY a /var/",
            "ENV PATH=/x",
            "WORKDIR x",
            "VOLUME /a",
            "RUN apt-get install -y b",
            "ONBUILD RUN a",
            "COPY a /x/../var/lib",
        ] {
            check_same(&RULE, &format!("FROM a\n{INSTALL}\n{between}\n{CLEAN}\n"));
        }
        for gone in ["sudo -E rm -rf /app", "sudo -u root -- rm -rf /app"] {
            check_same(&RULE, &format!("FROM a\nWORKDIR /app\nRUN apt-get update && {gone}\n{CLEAN}\n"));
        }
        // Packages and downloads may be used by what stands between.
        check_same(&RULE, "FROM a\nRUN apk add gcc\nCOPY a /b\nRUN apk del gcc\n");
    }

    #[test]
    fn state_is_a_gate() {
        for first in [
            "apt-get update & wait",
            "apt-get update; exit 0",
            "export PATH=/x && apt-get update",
            "apt-get update && . /x",
            "apt-get update && trap a EXIT",
            "apt-get update # done",
            "apt-get update;",
            "set -e && for i in a; do apt-get update; done",
            "cd /x && wget https://x.org/a.tgz",
            "pip install -U pip",
            "deps=gcc && apt-get install -y gcc",
            "service a start && apt-get install -y gcc",
            "ln -sf bash /bin/sh && apt-get update",
        ] {
            let second = match first {
                it if it.contains("wget") => "rm a.tgz",
                it if it.contains("pip") => "pip cache purge",
                it if it.contains("deps") => "apt-get purge -y gcc $deps",
                it if it.contains("service") => "apt-get purge -y gcc",
                _ => "rm -rf /var/lib/apt/lists/*",
            };
            let text = format!("FROM a\nRUN {first}\nRUN {second}\n");
            check_same(&RULE, &text);
            assert_eq!(findings(&RULE, &text).len(), 1, "{text}");
        }
    }

    #[test]
    fn what_is_not_certain_stays() {
        for text in [
            "FROM a\nRUN make\nRUN rm -rf /var/lib/apt/lists/*\n",
            "FROM a\nRUN apt-get update\nRUN rm -rf /var/lib/apt/lists/* && useradd a\n",
            "FROM a\nRUN apt-get update\nRUN rm -rf $X /var/lib/apt/lists/*\n",
            "FROM a\nRUN apt-get update\nRUN rm -rf /var/lib/apt/lists/*; a\n",
            "FROM a\nRUN apt-get update\nRUN rm -rf /var/lib/apt/lists/* || true\n",
            "FROM a\nRUN [\"apt-get\", \"update\"]\nRUN rm -rf /var/lib/apt/lists/*\n",
            "FROM a\nRUN apt-get update\nRUN [\"rm\", \"-rf\", \"/var/lib/apt/lists\"]\n",
            "FROM a\nRUN <<EOF\napt-get update\nEOF\nRUN rm -rf /var/lib/apt/lists/*\n",
            "FROM a\nRUN --mount=type=cache,target=/var/lib/apt apt-get update\nRUN rm -rf /var/lib/apt/lists/*\n",
            "FROM a\nRUN --mount=type=cache,target=/var/lib/apt apt-get update\nRUN --mount=type=cache,target=/var/lib/apt rm -rf /var/lib/apt/lists/*\n",
            "FROM a\nSHELL [\"/bin/bash\", \"-lc\"]\nRUN apt-get update\nRUN rm -rf /var/lib/apt/lists/*\n",
            "FROM a\nRUN apk add --no-cache b\nRUN rm -rf /var/cache/apk/*\n",
            "FROM a\nRUN apt-get install -y b\nRUN apt-get purge -y c\n",
            "FROM a\nRUN apt-get update\n# hadolint ignore=DL3059\nRUN rm -rf /var/lib/apt/lists/*\n",
            "FROM a\nRUN apt-get update\nONBUILD RUN rm -rf /var/lib/apt/lists/*\n",
            "FROM a AS b\nRUN apt-get update\nFROM b\nRUN rm -rf /var/lib/apt/lists/*\n",
        ] {
            check_same(&RULE, text);
        }
    }
}
