use crate::{
    fix::{
        Change, Context, Effect, Finding, Findings, Fix, Group, Safety, is_plain_path, leading_cd, plain_run, removal,
        rule,
    },
    model::{Stage, User, Value, is_folder, resolve},
    syntax::{SyntaxKind::WORKDIR, ast::Instruction},
    text::Edit,
};

rule! {
    /// ## What it does
    /// Removes a RUN that does nothing but `cd`, and a `cd` at the beginning of a RUN to the folder that WORKDIR has
    /// set anyway.
    ///
    /// ## Why
    /// Each RUN has a shell of its own, which begins in the folder of WORKDIR: where a `cd` has gone is forgotten with
    /// the RUN.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node
    /// WORKDIR /app
    /// RUN cd /app
    /// RUN cd /app && npm ci
    /// ```
    /// ```dockerfile
    /// FROM node
    /// WORKDIR /app
    /// RUN npm ci
    /// ```
    ///
    /// ## Safety and effect
    /// Safe where the folder surely is there, so that the `cd` can't fail: WORKDIR, `mkdir` or COPY made it, or all
    /// images have it. Behind a USER other than root only the latter count, and not `/root`: the others may be closed
    /// to that user. The steps behind are rebuilt, with the same result. Comments above the RUN stay, with a blank
    /// line below them where no other RUN follows; one that speaks to a tool keeps the RUN, and so does one within it.
    ///
    /// Where a RUN that only goes to another folder may fail, it is reported, and a WORKDIR is shown, which most likely
    /// was meant: everything behind it would run in that folder.
    ///
    /// ## See also
    /// `cd-in-run`
    pub static RULE = {
        name: "lone-cd",
        summary: "`cd` without effect",
        since: "0.1.0",
        group: Group::Layers,
        safety: Safety::Safe,
        effect: Effect::Rebuild,
        changes: &[Change::Gone(&["cd"]), Change::FewerWords],
        default: true,
        ids: &["DL3003"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for (nth, stage) in ctx.stages() {
        for at in 1..stage.instructions.len() {
            let user = || ctx.model.user_at(nth, at);
            findings.extend(alone(ctx, stage, at, user).or_else(|| to_the_same(ctx, stage, at, user)));
        }
    }
}

/// A RUN of nothing but `cd`.
fn alone(ctx: &Context<'_>, stage: &Stage, at: usize, user: impl Fn() -> User) -> Option<Finding> {
    let chain = plain_run(ctx, stage, at)?;
    let run = stage.instructions.get(at)?;
    let mut paths = Vec::new();
    for command in chain.plain()? {
        command.program().filter(|it| *it == "cd")?;
        match &command.argv()[..] {
            [_, path] => paths.push(path.1.literal().map(str::to_owned)),
            _ => return None,
        }
    }
    let fix = paths.iter().cloned().collect::<Option<Vec<String>>>().and_then(|it| alone_fix(ctx, run, &it, user()));
    Some(Finding {
        rule: &RULE,
        range: run.range(),
        message: "the folder is forgotten with the RUN: it does nothing".to_owned(),
        fix,
    })
}

fn alone_fix(ctx: &Context<'_>, run: &Instruction, paths: &[String], user: User) -> Option<Fix> {
    let (_, before) = ctx.step(run)?;
    let mut folder = ctx.folder_of(run)?.clone();
    let mut there = run.flags().next().is_none();
    for path in paths {
        // A dash goes back, and what begins with one is an option.
        let next = resolve(&folder, path);
        let exists = next == folder || next.known().is_some_and(|it| is_folder(before, it));
        there &= !path.starts_with('-') && exists && is_open(&next, user);
        folder = next;
    }
    if there {
        let edits = removal(ctx, run)?.into();
        let title = "Remove it".to_owned();
        return Some(Fix { title, safety: Safety::Safe, effect: Effect::Rebuild, edits });
    }
    let [path] = paths else { return None };
    if run.flags().next().is_some() || !is_plain_path(path) {
        return None;
    }
    let keyword = ctx.keyword_like(run, WORKDIR);
    let edits = Edit::replace(run.range(), format!("{keyword} {path}")).into();
    let title = "Go there with WORKDIR".to_owned();
    Some(Fix { title, safety: Safety::Suggest, effect: Effect::Image, edits })
}

/// Whether a user surely may enter a folder that is there. Of a folder that the file makes, or the image, nobody knows
/// whom it is closed to; the home of root is in many images.
fn is_open(folder: &Value, user: User) -> bool {
    let open = |it: &str| it != "/root" && is_folder(&[], it);
    user != User::Other || folder.known().is_some_and(open)
}

/// A `cd` at the beginning of a RUN to the folder in which it is.
fn to_the_same(ctx: &Context<'_>, stage: &Stage, at: usize, user: impl Fn() -> User) -> Option<Finding> {
    let cd = leading_cd(ctx, stage, at)?;
    let folder: &Value = ctx.folder_of(cd.run).filter(|_| cd.run.flags().next().is_none())?;
    // Only where WORKDIR said so is it surely there.
    if !folder.known().is_some_and(|it| it.starts_with('/')) || resolve(folder, &cd.path) != resolve(folder, ".") {
        return None;
    }
    Some(Finding {
        rule: &RULE,
        range: cd.command,
        message: "the RUN begins in this folder anyway".to_owned(),
        // The RUN begins there before it has its user, whom the `cd` may fail for.
        fix: cd.edit(ctx).filter(|_| is_open(folder, user())).map(|edit| Fix {
            title: "Remove it".to_owned(),
            safety: Safety::Safe,
            effect: Effect::Rebuild,
            edits: edit.into(),
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, findings, suggested};

    #[test]
    fn what_does_nothing_goes() {
        for (before, after) in [
            ("WORKDIR /x\n\n# go\nRUN cd /x\n\nRUN a", "WORKDIR /x\n\n# go\n\nRUN a"),
            ("WORKDIR /x\n# go\nRUN cd /x\nRUN a", "WORKDIR /x\n# go\nRUN a"),
            ("RUN mkdir -p /x/y\nRUN cd /x && cd y\nRUN a", "RUN mkdir -p /x/y\nRUN a"),
            ("RUN cd /tmp\nRUN a", "RUN a"),
            ("RUN cd .\nRUN a", "RUN a"),
            ("WORKDIR /x\nRUN cd /x && a || b", "WORKDIR /x\nRUN a || b"),
            ("WORKDIR /x\nRUN cd /x/ \\\n    && a \\\n    && b", "WORKDIR /x\nRUN a \\\n    && b"),
            ("WORKDIR /x\nRUN cd . && a; b", "WORKDIR /x\nRUN a; b"),
            ("USER b\nRUN cd /tmp\nRUN a", "USER b\nRUN a"),
            ("USER b\nWORKDIR /opt\nRUN cd /opt && a", "USER b\nWORKDIR /opt\nRUN a"),
            ("USER b\nUSER root\nRUN cd /root\nRUN a", "USER b\nUSER root\nRUN a"),
            ("ENV X=/x\nWORKDIR $X/y\nRUN cd /x/y && a", "ENV X=/x\nWORKDIR $X/y\nRUN a"),
        ] {
            check(&RULE, &format!("FROM a\n{before}\n"), &format!("FROM a\n{after}\n"));
        }
    }

    #[test]
    fn what_may_fail_is_only_shown() {
        for (before, after) in [("RUN cd /x", "WORKDIR /x"), ("WORKDIR /y\nRUN cd x", "WORKDIR /y\nWORKDIR x")] {
            let text = format!("FROM a\n{before}\nRUN b\n");
            check_same(&RULE, &text);
            assert_eq!(suggested(&RULE, &text), [format!("FROM a\n{after}\nRUN b\n")]);
        }
        for text in ["RUN cd $X", "RUN cd -", "RUN cd '/x y'", "RUN --network=none cd /x"] {
            check_same(&RULE, &format!("FROM a\n{text}\n"));
            assert_eq!(findings(&RULE, &format!("FROM a\n{text}\n")).len(), 1, "{text}");
        }
    }

    #[test]
    fn folders_may_be_closed_to_users() {
        for body in [
            "USER b\nRUN cd /root\nRUN a",
            "RUN mkdir /x\nUSER b\nRUN cd /x\nRUN a",
            "RUN mkdir -p /x && sh -c \"rm -rf /x\"\nRUN cd /x\nRUN a",
            "WORKDIR /root/x\nUSER $B\nRUN cd /root/x && a",
            "WORKDIR /root/x\nUSER b\nRUN cd .",
        ] {
            let text = format!("FROM a\n{body}\n");
            check_same(&RULE, &text);
            assert_eq!(findings(&RULE, &text).len(), 1, "{body}");
        }
    }

    #[test]
    fn others_stay() {
        for body in [
            "RUN cd /x && a",
            "WORKDIR /x\nRUN cd /y && a",
            "WORKDIR /x\nRUN cd /x || a",
            "WORKDIR /x\nRUN cd /x && a && cd -",
            "WORKDIR /x\nRUN cd /x && [ a ]",
            "WORKDIR /x\nRUN a && cd /x && b",
            "WORKDIR /x\nUSER b\nRUN (cd /x && a)",
            "WORKDIR $X\nRUN cd /x && a",
            "RUN cd . && a",
            "WORKDIR /x\nRUN cd /x | a",
            "WORKDIR /x\nONBUILD RUN cd /x",
            "WORKDIR /x\nRUN --mount=type=bind,target=/x cd /x && a",
            "WORKDIR /x\nRUN cd",
            "WORKDIR /x\nRUN cd . \\\n  # b\n  && cd .",
            "WORKDIR /x\n# hadolint ignore=SC1\nRUN cd /x",
        ] {
            check_same(&RULE, &format!("FROM a\n{body}\n"));
        }
    }
}
