use crate::{
    fix::{AfterCopy, Change, Context, Effect, Finding, Findings, Fix, Group, Safety, Target, after_copies, rule},
    model::{build::Part, frontend_knows, needs_buildkit},
};

rule! {
    /// ## What it does
    /// Says in a COPY or ADD what a RUN that only calls `chmod` says of its files. Comments right above the RUN go to
    /// the COPY, but stay where they begin a paragraph that goes on behind the RUN: they may be its title.
    ///
    /// ## Why
    /// A changed mode makes a copy of the file: the RUN adds a layer that holds all of it once more.
    ///
    /// ## Example
    /// ```dockerfile
    /// # syntax=docker/dockerfile:1
    /// FROM alpine
    /// COPY entrypoint.sh /entrypoint.sh
    /// RUN chmod 755 /entrypoint.sh
    /// ```
    /// ```dockerfile
    /// # syntax=docker/dockerfile:1
    /// FROM alpine
    /// COPY --chmod=755 entrypoint.sh /entrypoint.sh
    /// ```
    ///
    /// ## Safety and effect
    /// Safe, and the files are the same in the end, where the mode is a number, what is copied surely are files, the
    /// COPY makes no folders on the way that would get the mode as well, and the file says by other means that it is
    /// built by BuildKit, which alone knows the flag.
    ///
    /// Unsafe elsewhere. `chmod +x` becomes `--chmod=755`, which is the same for files of mode 644, as most are in a
    /// repository, but not for others. Older builders refuse the flag.
    ///
    /// Nothing is said where a RUN, VOLUME or a COPY that may bring the same file stands between the two, where the
    /// COPY brings other files too, and of whole folders: `chmod` of a folder is not that of what is in it.
    ///
    /// ## See also
    /// `owner-after-copy`
    pub static RULE = {
        name: "mode-after-copy",
        summary: "RUN `chmod` of what a COPY has just brought",
        since: "0.1.0",
        group: Group::Layers,
        safety: Safety::Safe,
        effect: Effect::Image,
        changes: &[Change::Gone(&["chmod"]), Change::Step(Part::Options)],
        default: true,
        ids: &[],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    if !frontend_knows(ctx.parse, (1, 2)) {
        return;
    }
    for it in after_copies(ctx, "chmod", "--chmod") {
        findings.extend(finding(ctx, &it));
    }
}

fn finding(ctx: &Context<'_>, it: &AfterCopy<'_>) -> Option<Finding> {
    let modes: Vec<Mode> = it.targets.iter().map(|it| Mode::of(&it.argument)).collect::<Option<_>>()?;
    let same = |(target, mode): (&Target<'_>, &Mode)| {
        // Folders on the way have this mode anyway.
        mode.is_exact && target.is_file && (target.has_folder || mode.digits == "755")
    };
    // What may be a folder is not made to hold only what it can't execute.
    if it.targets.iter().zip(&modes).any(|(target, mode)| !target.is_file && mode.digits != "755") {
        return None;
    }
    let exact = it.targets.iter().zip(&modes).all(same);
    let safety = if exact && needs_buildkit(ctx.parse, &ctx.model) { Safety::Safe } else { Safety::Unsafe };
    let effect = if exact { Effect::Rebuild } else { Effect::Image };
    let flags: Vec<String> = modes.iter().map(|it| format!("--chmod={}", it.digits)).collect();
    let message = "this layer holds the file once more, only for its mode";
    Some(it.finding(ctx, &RULE, message, &flags, |title, edits| Fix { title, safety, effect, edits }))
}

struct Mode {
    digits: String,
    /// Whether `chmod` gives it whatever the file had.
    is_exact: bool,
}

impl Mode {
    fn of(argument: &str) -> Option<Mode> {
        if ["+x", "a+x", "+rx", "a+rx", "ugo+x", "a=rx,u+w"].contains(&argument) {
            return Some(Mode { digits: "755".to_owned(), is_exact: false });
        }
        let digits = argument.strip_prefix('0').filter(|it| it.len() == 3).unwrap_or(argument);
        let octal = digits.len() == 3 && digits.bytes().all(|it| (b'0'..b'8').contains(&it));
        octal.then(|| Mode { digits: digits.to_owned(), is_exact: true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, check_unsafe, findings};

    /// Files that need BuildKit.
    fn modern(body: &str) -> String {
        format!("# syntax=docker/dockerfile:1\nFROM a\n{body}\n")
    }

    #[test]
    fn modes_go_to_their_copy() {
        for (before, after) in [
            ("COPY a.sh /a.sh\nRUN chmod 0755 /a.sh", "COPY --chmod=755 a.sh /a.sh"),
            ("COPY a.sh b.py /x/\nRUN chmod 755 /x/a.sh /x/b.py", "COPY --chmod=755 a.sh b.py /x/"),
            ("WORKDIR /x\nCOPY a.sh .\nRUN chmod 600 ./a.sh", "WORKDIR /x\nCOPY --chmod=600 a.sh ."),
            ("COPY a.sh .\nRUN chmod 600 a.sh", "COPY --chmod=600 a.sh ."),
            ("COPY a.sh /x\nRUN [\"chmod\", \"755\", \"/x/a.sh\"]", "COPY --chmod=755 a.sh /x"),
            ("ADD https://x.org/b-1 /b\nRUN chmod 755 /b", "ADD --chmod=755 https://x.org/b-1 /b"),
            (
                "COPY --chown=b a.sh /a.sh\nCOPY b.py c.py /y/\nENV A=b\nRUN chmod 755 /a.sh && chmod 755 /y/b.py /y/c.py",
                "COPY --chown=b --chmod=755 a.sh /a.sh\nCOPY --chmod=755 b.py c.py /y/\nENV A=b",
            ),
            ("COPY <<EOF /a\nb\nEOF\nRUN chmod 755 /a", "COPY --chmod=755 <<EOF /a\nb\nEOF"),
        ] {
            check(&RULE, &modern(before), &modern(after));
        }
    }

    #[test]
    fn what_is_not_certain_is_unsafe() {
        for (before, after) in [
            ("COPY a.sh /a.sh\nRUN chmod 755 /a.sh", "COPY --chmod=755 a.sh /a.sh"),
            ("COPY a.sh /a.sh\n# run it\nRUN chmod +x /a.sh", "# run it\nCOPY --chmod=755 a.sh /a.sh"),
            ("COPY --from=b /x/y /usr/bin/y\nRUN chmod +x /usr/bin/y", "COPY --from=b --chmod=755 /x/y /usr/bin/y"),
        ] {
            check_unsafe(&RULE, &format!("FROM a\n{before}\n\nCMD b\n"), &format!("FROM a\n{after}\n\nCMD b\n"));
        }
        let before = modern("COPY a.sh /x/y/a.sh\nRUN chmod 600 /x/y/a.sh");
        check_unsafe(&RULE, &before, &modern("COPY --chmod=600 a.sh /x/y/a.sh"));
    }

    #[test]
    fn old_frontends_know_no_flag() {
        for version in ["1.0", "1.1-experimental"] {
            check_same(
                &RULE,
                &format!("# syntax=docker/dockerfile:{version}\nFROM a\nCOPY a.sh /a.sh\nRUN chmod 755 /a.sh\n"),
            );
        }
    }

    #[test]
    fn others_stay() {
        for body in [
            "COPY a /b\nRUN chmod 755 /b",
            "COPY run.py /app\nRUN chmod 755 /app",
            "COPY a/ /b/\nRUN chmod -R 755 /b",
            "COPY . /x\nRUN chmod +x /x/a.sh",
            "COPY a.sh b.sh /x/\nRUN chmod +x /x/a.sh",
            "COPY *.sh /x/\nRUN chmod +x /x/*.sh",
            "COPY a.sh /a.sh\nRUN b\nRUN chmod +x /a.sh",
            "COPY a.sh /a.sh\nCOPY . /\nRUN chmod +x /a.sh",
            "COPY a.sh /a.sh\nVOLUME /a\nRUN chmod +x /a.sh",
            "COPY a.sh /a.sh\nRUN chmod +x /a.sh && b",
            "COPY a.sh /a.sh\nRUN chmod u+x /a.sh",
            "COPY a.sh /a.sh\nRUN chmod 4755 /a.sh",
            "COPY a.sh /a.sh\nRUN chmod 755 /a.sh /b",
            "COPY a.sh /a.sh\nRUN chmod 755 /a.sh && chmod 700 /a.sh",
            "COPY --chmod=700 a.sh /a.sh\nRUN chmod 755 /a.sh",
            "COPY a.sh $B\nRUN chmod 755 $B",
            "COPY run.sh /usr/local/bin\nRUN chmod 755 /usr/local/bin",
            "ADD a.tar.gz /a\nRUN chmod 755 /a",
            "COPY a.sh /a.sh\nRUN --mount=type=cache,target=/x chmod 755 /a.sh",
            "WORKDIR /x\nCOPY a.sh .\nWORKDIR /y\nRUN chmod 755 a.sh",
            "COPY a.sh /a.sh\nFROM b\nRUN chmod 755 /a.sh",
            "COPY a.sh /a.sh\nONBUILD RUN chmod 755 /a.sh",
        ] {
            check_same(&RULE, &modern(body));
            assert_eq!(findings(&RULE, &modern(body)).len(), 0, "{body}");
        }
    }
}
