use crate::{
    fix::{
        Change, Context, Effect, Finding, Findings, Fix, Group, Joinable, RuleOption, Safety, Values, join_all, rule,
    },
    model::{Cleanup, Join, Role, Shared, Stage, has_startup_file},
    syntax::{
        SyntaxKind::*,
        ast::{Instruction, joined_text},
    },
};

rule! {
    /// ## What it does
    /// Merges RUNs that follow each other into one. By default only RUNs that do nothing but call one and the same
    /// package manager and clean up behind it; with `merge = "all"` any.
    ///
    /// ## Why
    /// Each RUN is a layer: an image of many small ones is slower to pull, and what one layer leaves no other can
    /// remove.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian
    /// RUN apt-get update && apt-get install -y curl
    /// # for the docs
    /// RUN apt-get install -y pandoc
    /// ```
    /// ```dockerfile
    /// FROM debian
    /// RUN apt-get update && apt-get install -y curl \
    ///     # for the docs
    ///     && apt-get install -y pandoc
    /// ```
    ///
    /// ## Safety and effect
    /// Safe: the files are the same in the end. The steps are rebuilt as one, and from then on as one: who changes the
    /// last command of it waits for all of them, which is why the rule is not on by default. RUNs stay apart, and are
    /// reported, where the first would leave the second another shell or container than it had (`cd`, `export`, other
    /// options of `set`, `.`, a service that it starts, a new version of a program that both call, another `/bin/sh`, a
    /// folder of WORKDIR that it removes), where the second is no chain of `&&`, and where they have other flags. A
    /// comment to a tool above the second (`hadolint ignore=…`) keeps it apart, and so does anything but comments and
    /// blank lines between the two.
    ///
    /// ## See also
    /// `split-cleanup`, `split-update`
    pub static RULE = {
        name: "consecutive-runs",
        summary: "RUNs in a row that could be one layer",
        since: "0.1.0",
        group: Group::Layers,
        safety: Safety::Safe,
        effect: Effect::Rebuild,
        changes: &[Change::Joined],
        default: false,
        options: &[RuleOption {
            name: "merge",
            about: "which RUNs are merged: those of one package manager, or all",
            values: Values::Words(&["package-manager", "all"]),
        }],
        ids: &["DL3059", "S7031"],
        run: run,
    };
}

/// A RUN that may be merged with its neighbours.
struct Member<'a> {
    run: Joinable<'a>,
    /// The package manager that alone it calls, where only these are merged.
    family: &'static str,
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    let all = ctx.settings.word(&RULE, "merge") == "all";
    for (_, stage) in ctx.stages().filter(|it| !has_startup_file(&ctx.model, it.0)) {
        let mut group: Vec<(Member<'_>, Join)> = Vec::new();
        let mut shared = Shared::default();
        for at in 1..stage.instructions.len() {
            let Some(member) = member(ctx, stage, at, all) else { continue };
            let neighbour = group.last().is_some_and(|it| it.0.run.at + 1 == at && it.0.family == member.family);
            let last = group.last().filter(|_| neighbour);
            let with = last.and_then(|it| member.run.behind(stage, &it.0.run, &shared));
            if with.is_none() {
                findings.extend(merged(ctx, &group));
                findings.extend(neighbour.then(|| apart(&member)));
                group.clear();
                shared = Shared::default();
            }
            member.run.share(&mut shared);
            group.push((member, with.unwrap_or(Join::And)));
        }
        findings.extend(merged(ctx, &group));
    }
}

fn member<'a>(ctx: &Context<'_>, stage: &'a Stage, at: usize, all: bool) -> Option<Member<'a>> {
    let run = Joinable::of(ctx, stage, at)?;
    let family = if all { "" } else { only_family(&run)? };
    Some(Member { run, family })
}

/// The package manager that a script calls and cleans up behind, if it does nothing else.
fn only_family(run: &Joinable<'_>) -> Option<&'static str> {
    let plain = |kind| matches!(kind, LIST | AND_OR | PIPELINE | SIMPLE_COMMAND | WORD | ASSIGNMENT | SCRIPT);
    let words = |kind| matches!(kind, DOUBLE_QUOTED | SINGLE_QUOTED | PARAMETER);
    if !run.chain.script().syntax().descendants().all(|it| plain(it.kind()) || words(it.kind())) {
        return None;
    }
    let mut family = None;
    for command in run.chain.commands() {
        if let Some(call) = command.invocation() {
            let own = *family.get_or_insert(call.manager.family.as_str());
            let works = matches!(call.role, Role::Update | Role::Install | Role::Upgrade | Role::Remove | Role::Clean);
            if !works || own != call.manager.family {
                return None;
            }
        } else if !Cleanup::of(command).is_some_and(|it| it.is_of_caches()) && !is_set(&joined_text(command.syntax())) {
            return None;
        }
    }
    family
}

fn is_set(command: &str) -> bool {
    command.trim_start().starts_with("set -")
}

fn merged(ctx: &Context<'_>, group: &[(Member<'_>, Join)]) -> Option<Finding> {
    let ((first, _), rest) = group.split_first().filter(|it| !it.1.is_empty())?;
    let rest: Vec<(&Instruction, Join)> = rest.iter().map(|(it, with)| (it.run.run, *with)).collect();
    let title = match rest.len() {
        1 => "Merge the next RUN into it".to_owned(),
        many => format!("Merge the next {many} RUNs into it"),
    };
    let edits = join_all(ctx, first.run.run, &rest);
    Some(Finding {
        rule: &RULE,
        range: first.run.run.range(),
        message: format!("{} layers could be one", rest.len() + 1),
        fix: edits.map(|edits| Fix { title, safety: Safety::Safe, effect: Effect::Rebuild, edits }),
    })
}

fn apart(member: &Member<'_>) -> Finding {
    Finding {
        rule: &RULE,
        range: member.run.run.range(),
        message:
            "another RUN of this kind stands right before this one; merging them by rule is not certain to be right"
                .to_owned(),
        fix: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::{
        Job, RuleSettings, Value, run,
        testing::{check, check_same, findings},
    };

    /// What becomes of RUNs with `merge = "all"`.
    fn all(runs: &[&str]) -> String {
        let mut settings = RuleSettings::default();
        settings.set(&RULE, "merge", Value::Word("all"));
        let text: String = runs.iter().map(|it| format!("RUN {it}\n")).collect();
        let job = Job { rules: vec![&RULE], fix: Some(Safety::Safe), settings, ..Job::default() };
        let outcome = run(&format!("FROM a\n{text}"), &job);
        assert_eq!(outcome.faults, [], "{runs:?}");
        outcome.text.strip_prefix("FROM a\n").unwrap().to_owned()
    }

    #[test]
    fn runs_of_one_package_manager_are_one() {
        check(
            &RULE,
            "FROM a\nRUN apt-get update\n\nRUN apt-get install -y b\n# c\n\nRUN apt-get install -y d && apt-get clean\nRUN make\n",
            "FROM a\nRUN apt-get update \\\n    && apt-get install -y b \\\n    # c\n    && apt-get install -y d && apt-get clean\nRUN make\n",
        );
        check(
            &RULE,
            "FROM a\nRUN pip install a && \\\n  pip install b\nRUN pip install -r c.txt\n",
            "FROM a\nRUN pip install a && \\\n  pip install b && \\\n  pip install -r c.txt\n",
        );
        check(
            &RULE,
            "FROM a\nRUN set -eux; \\\n    apk update; \\\n    apk add b\nRUN set -eux; \\\n    apk add c; \\\n    apk del b\n",
            "FROM a\nRUN set -eux; \\\n    apk update; \\\n    apk add b; \\\n    set -eux; \\\n    apk add c; \\\n    apk del b\n",
        );
    }

    #[test]
    fn others_stay() {
        for second in [
            "RUN make",
            "RUN pip install b",
            "RUN apt-get install -y c && make",
            "RUN apt-get install -y c; apt-get clean",
            "RUN apt-get install -y c || true",
            "RUN yes | apt-get install c",
            "RUN --network=none apt-get install -y c",
            "RUN [\"apt-get\", \"install\", \"c\"]",
            "# hadolint ignore=DL3059\nRUN apt-get install -y c",
            "ARG X\nRUN apt-get install -y c",
            "LABEL x=y\nRUN apt-get install -y c",
            "USER b\nRUN apt-get install -y c",
            "FROM b\nRUN apt-get install -y c",
            "RUN <<EOF\napt-get install -y c\nEOF",
            "RUN cd /x && apt-get install -y c",
        ] {
            check_same(&RULE, &format!("FROM a\nRUN apt-get install -y b\n{second}\n"));
        }
        check_same(&RULE, "FROM a\nENV BASH_ENV=/x\nRUN apt-get update\nRUN apt-get install -y c\n");
        check_same(
            &RULE,
            "FROM a\n# dockfix: ignore[consecutive-runs]\nRUN apt-get update\nRUN apt-get install -y c\n",
        );
        check_same(&RULE, "FROM a\nSHELL [\"bash\", \"-lc\"]\nRUN apt-get update\nRUN apt-get install -y c\n");
        check_same(&RULE, "FROM a\nRUN pip install -U pip\nRUN pip install b\n");
    }

    #[test]
    fn all_runs_are_one_where_that_is_wanted() {
        assert_eq!(all(&["a", "b && c", "d | e"]), "RUN a \\\n    && b && c \\\n    && d | e\n");
        assert_eq!(all(&["cd /x && a", "cd /y && b", "c"]), "RUN cd /x && a \\\n    && cd /y && b\nRUN c\n");
        assert_eq!(all(&["a", "b # c", "d"]), "RUN a \\\n    && b # c\nRUN d\n");
        assert_eq!(all(&["a || b", "c"]), "RUN a || b \\\n    && c\n");
        for runs in [
            &["a", "b; c"][..],
            &["a", "b || c"],
            &["a &", "b"],
            &["export A=b", "c"],
            &["set -e; a; b", "c | d"],
            &["--mount=type=tmpfs,target=/x a", "--mount=type=tmpfs,target=/x b"],
            &["--mount=type=bind,target=/x,rw a", "--mount=type=bind,target=/x,rw b"],
            &["--mount=target=/x,readwrite a", "--mount=target=/x,readwrite b"],
            &["--mount=target=/x,ro=false a", "--mount=target=/x,ro=false b"],
            &["service a start", "b"],
            &["rm /bin/sh && ln -s /bin/bash /bin/sh", "source /x"],
            &["dpkg-reconfigure dash", "b"],
        ] {
            let text: String = runs.iter().map(|it| format!("RUN {it}\n")).collect();
            assert_eq!(all(runs), text);
        }
    }

    #[test]
    fn a_removed_folder_is_made_anew_by_the_next_run() {
        let mut settings = RuleSettings::default();
        settings.set(&RULE, "merge", Value::Word("all"));
        let job = Job { rules: vec![&RULE], fix: Some(Safety::Safe), settings, ..Job::default() };
        let text = "FROM a\nWORKDIR /tmp/build\nRUN make install && rm -rf /tmp/build\nRUN npm -v\n";
        assert_eq!(run(text, &job).text, text);
    }

    #[test]
    fn what_is_kept_apart_is_reported() {
        let text = "FROM a\nRUN pip install -U pip\nRUN pip install b\n";
        assert!(findings(&RULE, text).iter().all(|it| it.fix.is_none()));
        assert_eq!(findings(&RULE, text).len(), 1);
        assert_eq!(findings(&RULE, "FROM a\nRUN pip install b\nRUN make\n").len(), 0);
    }
}
