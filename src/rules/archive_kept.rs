use crate::{
    fix::{Context, Effect, Finding, Findings, Fix, Group, MORE_WORDS, Safety, append, plain_run, put_behind, rule},
    model::{Archive, Leak, Run, kept_archives, mounts_over},
    text::EditSet,
};

rule! {
    /// ## What it does
    /// Removes archives at the end of the RUN that downloads and unpacks them.
    ///
    /// ## Why
    /// The image would hold the same files twice: unpacked, and in the archive that nobody needs any more.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian
    /// RUN curl -fsSLo /tmp/a.tgz https://example.org/a.tgz \
    ///     && tar -xzf /tmp/a.tgz -C /opt
    /// CMD ["/opt/a/run"]
    /// ```
    /// ```dockerfile
    /// FROM debian
    /// RUN curl -fsSLo /tmp/a.tgz https://example.org/a.tgz \
    ///     && tar -xzf /tmp/a.tgz -C /opt \
    ///     && rm /tmp/a.tgz
    /// CMD ["/opt/a/run"]
    /// ```
    ///
    /// ## Safety and effect
    /// The image changes on purpose: it loses the archive. Only what `curl` or `wget` surely wrote and `tar`, `unzip`
    /// or `7z` surely unpacked goes, by the name that both gave it, and only where nothing behind that speaks of it,
    /// by its name or by a pattern, in the file, or checks sums that may be its own. Safe in images that start
    /// something, and in `/tmp`; unsafe in others, because who builds upon them may look for the archive. Only stages
    /// that are in an image are looked at, and a mount over the file keeps the rule quiet.
    pub static RULE = {
        name: "archive-kept",
        summary: "An unpacked archive left in the image",
        since: "0.1.0",
        group: Group::Layers,
        safety: Safety::Safe,
        effect: Effect::Image,
        changes: MORE_WORDS,
        default: true,
        ids: &["tarSomethingRmTheSomething"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    let shipped = ctx.model.shipped();
    let starts = ctx.model.starts_program(shipped.iter().rposition(|it| *it).unwrap_or_default());
    for run in ctx.runs().filter(|it| shipped.get(it.stage) == Some(&true)) {
        findings.extend(kept(ctx, run, starts));
    }
}

fn kept(ctx: &Context<'_>, run: &Run, starts: bool) -> Option<Finding> {
    let stage = ctx.model.stages.get(run.stage)?;
    let chain = plain_run(ctx, stage, run.at)?;
    let with = chain.join(stage.shell_at(run.at))?;
    if chain.leaks().iter().any(|it| matches!(it, Leak::Other(_))) {
        return None;
    }
    let mut archives = kept_archives(&chain, with);
    archives.retain(|archive| {
        let mounted = mounts_over(&run.instruction, ctx.escape(), &[archive.word.trim_matches('"')]);
        !mounted && !ctx.model.speaks_of_archive_behind(run.stage, run.at, archive)
    });
    let first = archives.first()?;
    let safe = starts || archives.iter().all(|it| it.word.starts_with("/tmp/"));
    let words = |them: &[&Archive]| them.iter().map(|it| it.word.as_str()).collect::<Vec<_>>().join(" ");
    let title = format!("Append `rm {}`", words(&archives.iter().collect::<Vec<_>>()));
    let (at_end, at_once): (Vec<&Archive>, Vec<&Archive>) = archives.iter().partition(|it| it.reached_at_end);
    let mut edits = EditSet::default();
    for it in at_once {
        let command = format!("rm {}", it.word);
        edits.push(put_behind(ctx, &run.instruction, it.unpack.syntax(), with, &command)).ok()?;
    }
    if !at_end.is_empty() {
        edits.push(append(ctx, &run.instruction, with, &format!("rm {}", words(&at_end)))).ok()?;
    }
    Some(Finding {
        rule: &RULE,
        range: first.unpack.syntax().text_range(),
        message: "the archive stays in the image beside what is unpacked from it".to_owned(),
        fix: Some(Fix {
            title,
            safety: if safe { Safety::Safe } else { Safety::Unsafe },
            effect: Effect::Image,
            edits,
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, check_unsafe};

    const GET: &str = "wget https://x.org/a.tgz && tar xf a.tgz";

    #[test]
    fn archives_go_when_they_are_unpacked() {
        let file = |run: &str| format!("FROM a\nRUN {run}\nCMD b\n");
        check(&RULE, &file(GET), &file(&format!("{GET} && rm a.tgz")));
        let moved = |rm: &str| file(&format!("{GET}{rm} && cd a && make"));
        check(&RULE, &moved(""), &moved(" && rm a.tgz"));
        let lines = |rm: &str| file(&format!("wget https://x.org/a.tgz && \\\n  tar xf a.tgz && \\\n{rm}  cd a"));
        check(&RULE, &lines(""), &lines("  rm a.tgz && \\\n"));
        let set = |rm: &str| {
            file(&format!(
                "set -e; \\\n\twget https://x.org/a-$V.tgz; \\\n\ttar xf \"a-$V.tgz\"; \\\n{rm}\tcd a; \\\n\tmake"
            ))
        };
        check(&RULE, &set(""), &set("\trm \"a-$V.tgz\"; \\\n"));
        let two = "curl -o /tmp/a.zip x && unzip /tmp/a.zip && curl -o /tmp/b.zip x && unzip /tmp/b.zip";
        check(&RULE, &file(two), &file(&format!("{two} && rm /tmp/a.zip /tmp/b.zip")));
    }

    #[test]
    fn what_may_be_a_base_is_unsafe() {
        check_unsafe(&RULE, &format!("FROM a\nRUN {GET}\n"), &format!("FROM a\nRUN {GET} && rm a.tgz\n"));
        let tmp = "curl -o /tmp/a.zip x && unzip /tmp/a.zip";
        check(&RULE, &format!("FROM a\nRUN {tmp}\n"), &format!("FROM a\nRUN {tmp} && rm /tmp/a.zip\n"));
    }

    #[test]
    fn what_is_spoken_of_or_in_no_image_stays() {
        for more in [
            "RUN rm a.tgz",
            "RUN rm *.tgz",
            "RUN mv /x/*.t* /y",
            "RUN rm a*",
            "ARG N=a\nRUN rm $N.tgz",
            "RUN b\nRUN sha256sum -c SUMS",
            "COPY b a.tgz",
            "CMD tar xf a.tgz",
            "ONBUILD RUN tar xf a.tgz",
            "FROM b",
            "FROM b\nCOPY --from=0 a.tgz /",
        ] {
            check_same(&RULE, &format!("FROM a\nRUN {GET}\n{more}\n"));
        }
        for run in [
            "--mount=type=cache,target=/x wget https://x.org/a.tgz && tar xf a.tgz",
            "wget https://x.org/a.tgz && tar xf a.tgz && exec b",
            "wget https://x.org/a.tgz && tar xf a.tgz # b",
            "if b; then wget https://x.org/a.tgz && tar xf a.tgz; fi",
            "[\"wget\", \"https://x.org/a.tgz\"]",
            "<<EOF\nwget https://x.org/a.tgz\ntar xf a.tgz\nEOF",
        ] {
            check_same(&RULE, &format!("FROM a\nRUN {run}\nCMD b\n"));
        }
        check_same(&RULE, &format!("FROM a\nSHELL [\"pwsh\", \"-c\"]\nRUN {GET}\n"));
    }
}
