use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, RuleOption, Safety, Values, exec_form, rule},
    model::{build::Field, has_no_shell, has_relative_path, may_be_script},
    syntax::{
        SyntaxKind::{HEALTHCHECK, SHELL},
        ast::Instruction,
    },
};

rule! {
    /// ## What it does
    /// Writes the command of a HEALTHCHECK in exec form where the image has no shell and one program is all that the
    /// shell would start. Reports a HEALTHCHECK that needs the shell there. On other images a health check in shell
    /// form works as well as any; `images = "all"` writes the plain ones in exec form there too.
    ///
    /// ## Why
    /// Distroless images have no `/bin/sh`: a check in shell form fails each time, and the container never is healthy.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM gcr.io/distroless/static
    /// COPY server /
    /// HEALTHCHECK --interval=30s CMD /server --health
    /// ```
    /// ```dockerfile
    /// FROM gcr.io/distroless/static
    /// COPY server /
    /// HEALTHCHECK --interval=30s CMD ["/server", "--health"]
    /// ```
    ///
    /// ## Safety and effect
    /// The image changes on purpose: its check can run. No step is rebuilt. On images with a shell it is unsafe for a
    /// program that may be a script without `#!` or that shells have built in. Images with `debug` in their name have a
    /// shell, and so has a stage that copies one; nothing is reported in a file with SHELL, which the check would use.
    pub static RULE = {
        name: "shell-form-healthcheck",
        summary: "HEALTHCHECK in shell form on an image without a shell",
        since: "0.1.0",
        group: Group::Commands,
        safety: Safety::Safe,
        effect: Effect::Image,
        changes: &[Change::Config(Field::Healthcheck)],
        default: true,
        options: &[RuleOption {
            name: "images",
            about: "on which images a check is written in exec form",
            values: Values::Words(&["without-shell", "all"]),
        }],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    if ctx.model.stages.iter().flat_map(|it| &it.instructions).any(|it| it.kind() == SHELL) {
        return;
    }
    let all = ctx.settings.word(&RULE, "images") == "all";
    for (nth, stage) in ctx.stages() {
        let Some(instruction) = stage.last(HEALTHCHECK).filter(|it| ctx.sound(it) && it.script().is_some()) else {
            continue;
        };
        let lacks = has_no_shell(&ctx.model, nth);
        let fix = if lacks || all { in_exec_form(ctx, nth, instruction, lacks) } else { None };
        let message = match lacks {
            true => "this check runs in a shell, and the image has none",
            false => "this check needs no shell",
        };
        if lacks || fix.is_some() {
            findings.push(Finding { rule: &RULE, range: instruction.range(), message: message.to_owned(), fix });
        }
    }
}

fn in_exec_form(ctx: &Context<'_>, stage: usize, instruction: &Instruction, lacks: bool) -> Option<Fix> {
    let form = exec_form(ctx, instruction)?;
    let script = may_be_script(&ctx.model, instruction, form.program());
    // Without a shell the check fails as it is, whatever it starts.
    let doubtful = !lacks && (form.is_builtin || script || has_relative_path(&ctx.model, stage));
    let safety = if doubtful { Safety::Unsafe } else { Safety::Safe };
    Some(Fix { title: "Write it in exec form".to_owned(), safety, effect: Effect::Image, edits: form.edits })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::{
        Job, RuleSettings, Value, run,
        testing::{check, check_same, findings},
    };

    const BASE: &str = "FROM gcr.io/distroless/base\n";

    #[test]
    fn plain_checks_become_arrays() {
        for (before, after) in [
            ("CMD curl -f 'http://localhost/'", r#"CMD ["curl", "-f", "http://localhost/"]"#),
            (
                "--retries=3 \\\n  cmd wget \\\n  -q localhost",
                "--retries=3 \\\n  cmd [\"wget\", \"-q\", \"localhost\"]",
            ),
        ] {
            check(&RULE, &format!("{BASE}HEALTHCHECK {before}\n"), &format!("{BASE}HEALTHCHECK {after}\n"));
        }
    }

    #[test]
    fn what_needs_the_shell_is_reported() {
        for text in ["curl -f localhost || exit 1", "curl $HOST", "exit 0"] {
            let text = format!("{BASE}HEALTHCHECK CMD {text}\n");
            check_same(&RULE, &text);
            assert_eq!(findings(&RULE, &text).len(), 1, "{text}");
        }
    }

    #[test]
    fn other_images_and_forms_stay() {
        for text in [
            "FROM alpine\nHEALTHCHECK CMD curl localhost\n",
            "FROM scratch\nHEALTHCHECK CMD curl localhost\n",
            "FROM gcr.io/distroless/base:debug\nHEALTHCHECK CMD curl localhost\n",
            "FROM gcr.io/distroless/base\nHEALTHCHECK CMD [\"curl\"]\n",
            "FROM gcr.io/distroless/base\nHEALTHCHECK NONE\n",
            "FROM gcr.io/distroless/base\nSHELL [\"/x\"]\nHEALTHCHECK CMD a\n",
            "FROM gcr.io/distroless/base\nHEALTHCHECK CMD a\nHEALTHCHECK NONE\n",
            "FROM gcr.io/distroless/base\nONBUILD HEALTHCHECK CMD a\n",
        ] {
            assert_eq!(findings(&RULE, text).len(), 0, "{text}");
        }
    }

    #[test]
    fn all_images_where_told() {
        let mut settings = RuleSettings::default();
        settings.set(&RULE, "images", Value::Word("all"));
        let job = Job { rules: vec![&RULE], fix: Some(Safety::Safe), settings, ..Job::default() };
        let fixed = |text: &str| run(text, &job).text;
        assert_eq!(fixed("FROM a\nHEALTHCHECK CMD curl b\n"), "FROM a\nHEALTHCHECK CMD [\"curl\", \"b\"]\n");
        assert_eq!(fixed("FROM a\nHEALTHCHECK CMD ./b.sh\n"), "FROM a\nHEALTHCHECK CMD ./b.sh\n");
        assert_eq!(fixed("FROM a\nHEALTHCHECK CMD curl b || exit 1\n"), "FROM a\nHEALTHCHECK CMD curl b || exit 1\n");
    }
}
