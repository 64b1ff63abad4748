use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, Safety, exec_form, rule},
    model::{Shell, has_relative_path, is_plain_shell, may_be_script},
    syntax::is_posix_shell,
};

rule! {
    /// ## What it does
    /// Writes a RUN in exec form where the shell has nothing to do but to start one program.
    ///
    /// ## Why
    /// The image needs no shell for it, and nothing in the words can be taken for something else by a shell. Most files
    /// are better off with shell text: it is what people expect of RUN, and what other rules look into.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM python:3
    /// RUN python -m compileall 'my app'
    /// ```
    /// ```dockerfile
    /// FROM python:3
    /// RUN ["python", "-m", "compileall", "my app"]
    /// ```
    ///
    /// ## Safety and effect
    /// Safe where the words need no environment and the program is no builtin of the shell; the step is rebuilt with
    /// the same result. Unsafe for a program that may be a script without `#!`, which only a shell starts, for one that
    /// the shell has built in, and where PATH has a relative entry.
    pub static RULE = {
        name: "shell-form-run",
        summary: "RUN in shell form that starts one program",
        since: "0.1.0",
        group: Group::Commands,
        safety: Safety::Safe,
        effect: Effect::Rebuild,
        changes: &[Change::Form],
        default: false,
        conflicts: &["exec-form-run"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for run in ctx.runs() {
        let shell = ctx.model.stages.get(run.stage).map_or(&Shell::Unset, |it| it.shell_at(run.at));
        // What looks like an array is another rule's matter.
        let odd = run.text.starts_with('[') || run.instruction.heredocs().next().is_some();
        if odd || !is_plain_shell(shell) {
            continue;
        }
        // Whoever starts a shell gains nothing from leaving another one out.
        let form = exec_form(ctx, &run.instruction).filter(|it| !is_posix_shell(it.program()));
        let Some(form) = form else { continue };
        let script = may_be_script(&ctx.model, &run.instruction, form.program());
        let doubtful = form.is_builtin || script || has_relative_path(&ctx.model, run.stage);
        let safety = if doubtful { Safety::Unsafe } else { Safety::Safe };
        findings.push(Finding {
            rule: &RULE,
            range: run.instruction.range(),
            message: "no shell is needed to start one program".to_owned(),
            fix: Some(Fix {
                title: "Write it in exec form".to_owned(),
                safety,
                effect: Effect::Rebuild,
                edits: form.edits,
            }),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, check_unsafe};

    fn file(run: &str) -> String {
        format!("FROM a\nRUN {run}\nCMD b\n")
    }

    #[test]
    fn one_program_becomes_an_array() {
        for (shell, array) in [
            ("apt-get update", r#"["apt-get", "update"]"#),
            ("exec a 'b c'", r#"["a", "b c"]"#),
            ("--mount=type=cache,target=/x a \\\n  b", r#"--mount=type=cache,target=/x ["a", "b"]"#),
        ] {
            check(&RULE, &file(shell), &file(array));
        }
        check(
            &RULE,
            "FROM a\nSHELL [\"/bin/bash\", \"-ec\"]\nRUN a b\n",
            "FROM a\nSHELL [\"/bin/bash\", \"-ec\"]\nRUN [\"a\", \"b\"]\n",
        );
        let folder = "COPY bin /usr/local/bin\n";
        let text = |run: &str, behind: &str| format!("FROM a\n{behind}RUN {run}\n{folder}");
        check(&RULE, &text("start", ""), &text(r#"["start"]"#, ""));
        check(&RULE, &text("mkdir /b", folder), &text(r#"["mkdir", "/b"]"#, folder));
        check_unsafe(&RULE, &text("start", folder), &text(r#"["start"]"#, folder));
        check_unsafe(&RULE, &file("./x.sh a"), &file(r#"["./x.sh", "a"]"#));
        check_unsafe(&RULE, &file("test -f a"), &file(r#"["test", "-f", "a"]"#));
        check_unsafe(&RULE, "FROM a\nENV PATH=b:$PATH\nRUN c d\n", "FROM a\nENV PATH=b:$PATH\nRUN [\"c\", \"d\"]\n");
    }

    #[test]
    fn what_needs_a_shell_stays() {
        for shell in [
            "a && b",
            "a $B",
            "a > b",
            "A=b c",
            "bash -c 'a && b'",
            "/bin/sh x.sh",
            "a *",
            "cd a",
            "a; b",
            "a # b",
            "a \\\n# why\n  b",
            "['a', 'b']",
            "<<EOF\na b\nEOF",
            "a <<EOF\nb\nEOF",
            r#"["a", "b"]"#,
        ] {
            check_same(&RULE, &file(shell));
        }
        for text in [
            "FROM a\nONBUILD RUN a b\n",
            "FROM a\nSHELL [\"bash\", \"-lc\"]\nRUN a b\n",
            "FROM a\nSHELL [\"pwsh\", \"-c\"]\nRUN a b\n",
            "FROM mambaorg/micromamba:2\nRUN python a\n",
            "# escape=`\nFROM mcr.microsoft.com/windows/nanoserver\nRUN a b\n",
        ] {
            check_same(&RULE, text);
        }
    }
}
