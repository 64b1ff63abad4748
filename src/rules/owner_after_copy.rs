use crate::{
    fix::{AfterCopy, Change, Context, Effect, Finding, Findings, Fix, Group, Safety, Target, after_copies, rule},
    model::build::Part,
    syntax::cook_flag,
};

rule! {
    /// ## What it does
    /// Says in a COPY or ADD what a RUN that only calls `chown` says of its files. Comments right above the RUN go to
    /// the COPY, but stay where they begin a paragraph that goes on behind the RUN: they may be its title.
    ///
    /// ## Why
    /// A changed owner makes a copy of the file: the RUN adds a layer that holds all of it once more.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node
    /// COPY app.json /etc/app.json
    /// RUN chown node:node /etc/app.json
    /// ```
    /// ```dockerfile
    /// FROM node
    /// COPY --chown=node:node app.json /etc/app.json
    /// ```
    ///
    /// ## Safety and effect
    /// Safe, and the files are the same in the end. An owner alone keeps the group, which is 0 for what is copied, and
    /// so becomes `--chown=owner:0`: the flag would take the owner's number for both. What goes to root is root's
    /// already. What comes from a stage or an image (`--from`) has the owner and the group that it has there, and so
    /// nothing is said of an owner alone. The owner is known to the COPY if he is to the RUN, because no RUN may stand
    /// between the two. Only with `--link` no name is known, and a RUN that gives one stays.
    ///
    /// Unsafe where the COPY may make folders on the way, which would get the owner too, and where what is copied may
    /// be a folder. Nothing is said of `chown -R`, which means the folder itself and what was in it before, where the
    /// COPY brings other files too, and where its `--chmod` sets the user or group on starting (`4755`): `chown` takes
    /// that away again.
    ///
    /// ## See also
    /// `mode-after-copy`
    pub static RULE = {
        name: "owner-after-copy",
        summary: "RUN `chown` of what a COPY has just brought",
        since: "0.1.0",
        group: Group::Layers,
        safety: Safety::Safe,
        effect: Effect::Image,
        changes: &[Change::Gone(&["chown"]), Change::Step(Part::Options)],
        default: true,
        ids: &[],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for it in after_copies(ctx, "chown", "--chown") {
        findings.extend(finding(ctx, &it));
    }
}

fn finding(ctx: &Context<'_>, it: &AfterCopy<'_>) -> Option<Finding> {
    if it.targets.iter().any(|it| lends_rights(ctx, it)) {
        return None;
    }
    let flags: Vec<String> = it.targets.iter().map(|it| flag(ctx, it)).collect::<Option<_>>()?;
    let same = |(target, flag): (&Target<'_>, &String)| target.is_file && (target.has_folder || flag.is_empty());
    let exact = it.targets.iter().zip(&flags).all(same);
    let (safety, effect) = if exact { (Safety::Safe, Effect::Rebuild) } else { (Safety::Unsafe, Effect::Image) };
    let message = "this layer holds the file once more, only for its owner";
    Some(it.finding(ctx, &RULE, message, &flags, |title, edits| Fix { title, safety, effect, edits }))
}

/// Whether a COPY's `--chmod` may let whoever starts its files do so as their owner or group. `chown` takes this away,
/// and a COPY with both flags does not.
fn lends_rights(ctx: &Context<'_>, target: &Target<'_>) -> bool {
    let flags = target.copy.flags().map(|it| cook_flag(&it.text(), ctx.escape()));
    flags.into_iter().any(|flag| {
        flag.strip_prefix("--chmod=").is_some_and(|mode| match u32::from_str_radix(mode, 8) {
            Ok(mode) => mode & 0o6000 != 0,
            Err(_) => mode.contains(['s', '$']),
        })
    })
}

/// The flag that says of a COPY's files what the first argument of `chown` says; empty where COPY does so by itself.
/// What comes from a stage or an image keeps its owner, and its group where none is said, which no flag can say.
fn flag(ctx: &Context<'_>, target: &Target<'_>) -> Option<String> {
    let argument = target.argument.as_str();
    let name = |it: &str| {
        let plain = it.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '_' | '-'));
        !it.is_empty() && plain
    };
    let keeps_owner = target.copy.flags().any(|it| cook_flag(&it.text(), ctx.escape()).starts_with("--from"));
    match argument.split_once(':') {
        Some(("root" | "0", "root" | "0")) if !keeps_owner => Some(String::new()),
        Some((owner, group)) => (name(owner) && name(group)).then(|| format!("--chown={owner}:{group}")),
        None if keeps_owner => None,
        None if matches!(argument, "root" | "0") => Some(String::new()),
        None => name(argument).then(|| format!("--chown={argument}:0")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, check_unsafe, findings};

    #[test]
    fn owners_go_to_their_copy() {
        for (before, after) in [
            ("COPY a.conf /a.conf\nRUN chown b:c /a.conf", "COPY --chown=b:c a.conf /a.conf"),
            ("COPY a.conf /etc/\nUSER root\nRUN chown 1000 /etc/a.conf", "COPY --chown=1000:0 a.conf /etc/\nUSER root"),
            ("WORKDIR /x\nCOPY a.sh .\nRUN chown b:c a.sh", "WORKDIR /x\nCOPY --chown=b:c a.sh ."),
            ("COPY --from=x a.sh /a.sh\nRUN chown root:root /a.sh", "COPY --from=x --chown=root:root a.sh /a.sh"),
            ("COPY --from=x a.sh /a.sh\nRUN chown root:c /a.sh", "COPY --from=x --chown=root:c a.sh /a.sh"),
            ("COPY a.sh /a.sh\nRUN chown root:root /a.sh", "COPY a.sh /a.sh"),
            ("COPY --chmod=1755 a.sh /a.sh\nRUN chown b:c /a.sh", "COPY --chmod=1755 --chown=b:c a.sh /a.sh"),
            ("COPY --link a.sh /a.sh\nRUN chown 5:6 /a.sh", "COPY --link --chown=5:6 a.sh /a.sh"),
            (
                "COPY a.sh /a.sh\n# so d can read it\nRUN chown b:c /a.sh",
                "# so d can read it\nCOPY --chown=b:c a.sh /a.sh",
            ),
            (
                "# a\nCOPY a.sh /a.sh\n\n# b\n# c\nRUN chown b:c /a.sh\n\nCMD c",
                "# a\n# b\n# c\nCOPY --chown=b:c a.sh /a.sh\n\nCMD c",
            ),
            ("COPY a.sh /a.sh\n\n# b\nRUN chown b:c /a.sh\nRUN d", "COPY --chown=b:c a.sh /a.sh\n\n# b\nRUN d"),
            (
                "RUN mkdir -p /x/y\nCOPY a.sh /x/y/\nRUN chown b:c /x/y/a.sh",
                "RUN mkdir -p /x/y\nCOPY --chown=b:c a.sh /x/y/",
            ),
        ] {
            check(&RULE, &format!("FROM a\n{before}\n"), &format!("FROM a\n{after}\n"));
        }
    }

    #[test]
    fn folders_on_the_way_make_it_unsafe() {
        for (before, after) in [
            ("COPY a.sh /x/y/a.sh\nRUN chown b:c /x/y/a.sh", "COPY --chown=b:c a.sh /x/y/a.sh"),
            ("COPY a /usr/bin/a\nRUN chown b:c /usr/bin/a", "COPY --chown=b:c a /usr/bin/a"),
        ] {
            check_unsafe(&RULE, &format!("FROM a\n{before}\n"), &format!("FROM a\n{after}\n"));
        }
    }

    #[test]
    fn others_stay() {
        for body in [
            "COPY . /app\nRUN chown -R a:b /app",
            "COPY a.sh /a.sh\nRUN useradd c && chown c:c /a.sh",
            "COPY a.sh /a.sh\nRUN useradd c\nRUN chown c:c /a.sh",
            "COPY a.sh /a.sh\nCOPY passwd /etc/passwd\nRUN chown c:c /a.sh",
            "COPY a.sh /a.sh\nRUN chown :c /a.sh",
            "COPY --from=x a.sh /a.sh\nRUN chown root /a.sh",
            "COPY --from=x a.sh /a.sh\nRUN chown c /a.sh",
            "COPY a.sh /a.sh\nRUN chown c: /a.sh",
            "COPY a.sh /a.sh\nRUN chown $C /a.sh",
            "COPY --chown=d a.sh /a.sh\nRUN chown c:c /a.sh",
            "COPY a /a\nRUN chown c:c /a",
            "RUN git clone https://x.org/app /app\nCOPY run.py /app\nRUN chown 1000 /app",
            "COPY --link a.sh /a.sh\nRUN chown c:c /a.sh",
            "COPY --link a.sh /a.sh\nRUN chown c /a.sh",
            "COPY --chmod=4755 a.sh /a.sh\nRUN chown b:c /a.sh",
            "COPY --chmod=02755 a.sh /a.sh\nRUN chown root:root /a.sh",
            "COPY --chmod=u+xs a.sh /a.sh\nRUN chown b:c /a.sh",
            "COPY --chmod=$M a.sh /a.sh\nRUN chown b:c /a.sh",
            "COPY passwd.txt /etc/passwd\nRUN chown c:c /etc/passwd",
        ] {
            check_same(&RULE, &format!("FROM a\n{body}\n"));
            assert_eq!(findings(&RULE, &format!("FROM a\n{body}\n")).len(), 0, "{body}");
        }
    }
    #[test]
    fn what_has_comments_of_its_own_is_only_reported() {
        for run in ["# hadolint ignore=DL3002\nRUN chown c:c /a.sh", "RUN chown c:c \\\n# b\n/a.sh"] {
            let text = format!("FROM a\nCOPY a.sh /a.sh\n{run}\n");
            check_same(&RULE, &text);
            assert_eq!(findings(&RULE, &text).len(), 1, "{run}");
        }
    }
}
