use text_size::{TextRange, TextSize};

use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, RuleOption, Safety, Values, plain_run, rule},
    model::{Stage, chained, frontend_knows},
    syntax::{SyntaxKind::COMMENT_LINE, ast::Instruction, ast::tokens},
    text::Edit,
};

rule! {
    /// ## What it does
    /// Writes a long chain of `&&` as a heredoc that begins with `set -e`.
    ///
    /// ## Why
    /// A script with a command a line reads as a script does, without `&&` and backslashes.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian
    /// RUN mkdir /a \
    ///     # the settings
    ///     && cp b /a \
    ///     && chmod 600 /a/b
    /// ```
    /// ```dockerfile
    /// FROM debian
    /// RUN <<EOF
    /// set -e
    /// mkdir /a
    /// # the settings
    /// cp b /a
    /// chmod 600 /a/b
    /// EOF
    /// ```
    ///
    /// ## Safety and effect
    /// Unsafe: only BuildKit reads heredocs, from `docker/dockerfile:1.4` on; other builders may not. The commands and
    /// their order stay, and the build stops at the first that fails, as before. Only chains of simple commands are
    /// rewritten: `||`, `;`, compound commands, `. file` and the like mean something else under `set -e`.
    pub static RULE = {
        name: "chained-commands",
        summary: "A long chain of `&&` that a heredoc would hold",
        since: "0.1.0",
        group: Group::Layers,
        safety: Safety::Unsafe,
        effect: Effect::Rebuild,
        changes: &[Change::Sequence],
        default: false,
        options: &[RuleOption {
            name: "min-commands",
            about: "how many commands a chain must have to be rewritten",
            values: Values::Number { range: 2..=100, default: 3 },
        }],
        conflicts: &["heredoc-commands"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    // A carriage return at the end of a heredoc's line is the shell's.
    if ctx.escape() != '\\' || ctx.text.contains('\r') || !frontend_knows(ctx.parse, (1, 4)) {
        return;
    }
    for (_, stage) in ctx.stages() {
        for at in 0..stage.instructions.len() {
            findings.extend(finding(ctx, stage, at));
        }
    }
}

fn finding(ctx: &Context<'_>, stage: &Stage, at: usize) -> Option<Finding> {
    plain_run(ctx, stage, at)?;
    let run = stage.instructions.get(at)?;
    let steps = chained(run)?;
    let least = usize::try_from(ctx.settings.number(&RULE, "min-commands")).unwrap_or(usize::MAX);
    if steps.len() < least {
        return None;
    }
    let mut lines = Vec::new();
    if !steps.first().is_some_and(|it| it.comments.is_empty() && it.errexit) {
        lines.push("set -e");
    }
    for step in &steps {
        lines.extend(step.comments.iter().map(String::as_str));
        lines.push(&step.text);
    }
    let body = lines.join(ctx.eol);
    let end = body.lines().all(|it| it != "EOF").then_some("EOF")?;
    let range = place(ctx, run)?;
    let edits = Edit::replace(range, format!(" <<{end}{eol}{body}{eol}{end}", eol = ctx.eol)).into();
    Some(Finding {
        rule: &RULE,
        range: run.range(),
        message: format!("a heredoc holds {} commands without `&&`", steps.len()),
        fix: Some(Fix {
            title: "Write it as a heredoc".to_owned(),
            safety: Safety::Unsafe,
            effect: Effect::Rebuild,
            edits,
        }),
    })
}

/// From behind the flags to the end of the line, where nothing but the script stands there.
fn place(ctx: &Context<'_>, run: &Instruction) -> Option<TextRange> {
    let flags = run.flags().map(|it| it.syntax().text_range().end()).last();
    let start = flags.unwrap_or_else(|| run.keyword_range().end());
    let script = run.script()?.syntax().text_range();
    let mut comments = tokens(run.syntax()).filter(|it| it.kind() == COMMENT_LINE).map(|it| it.text_range());
    // Comments elsewhere than between the commands would be lost.
    let lost = comments.any(|it| !script.contains_range(it));
    let behind = ctx.slice(TextRange::new(run.range().end(), run.syntax().text_range().end()));
    let blank = behind.trim_end_matches('\n');
    let length = u32::try_from(blank.len()).ok()?;
    (!lost && blank.trim().is_empty() && behind.matches('\n').count() <= 1)
        .then(|| TextRange::new(start, run.range().end() + TextSize::new(length)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::{
        self, Job, RuleSettings, Value,
        testing::{check_same, check_unsafe},
    };

    #[test]
    fn a_chain_becomes_a_heredoc() {
        check_unsafe(
            &RULE,
            "FROM a\nRUN --mount=type=cache,target=/x \\\n    a \\\n        b && \\\n    # c\n    c | d > e && X=1  \nUSER b\n",
            "FROM a\nRUN --mount=type=cache,target=/x <<EOF\nset -e\na \\\n    b\n# c\nc | d > e\nX=1\nEOF\nUSER b\n",
        );
        check_unsafe(&RULE, "FROM a\nRUN set -x && a && b\n", "FROM a\nRUN <<EOF\nset -e\nset -x\na\nb\nEOF\n");
        check_unsafe(&RULE, "FROM a\nRUN set -ex && a && b", "FROM a\nRUN <<EOF\nset -ex\na\nb\nEOF");
    }

    #[test]
    fn what_means_something_else_stays() {
        for text in [
            "FROM a\nRUN a && b\n",
            "FROM a\nRUN a && b && c || d\n",
            "FROM a\nRUN a && b && (c; d)\n",
            "FROM a\nRUN a && . b && c\n",
            "FROM a\nRUN a && b|\\\nc && d\n",
            "FROM a\nRUN a\\\n=b && c && d\n",
            "FROM a\nRUN a && b && c \\\n\n",
            "FROM a\nRUN a \\\n  # b\n  c && d && e\n",
            "FROM a\nRUN \\\n  # a\n  b && c && d\n",
            "FROM a\r\nRUN a && b && c\r\n",
            "# escape=`\nFROM a\nRUN a && b && c\n",
            "# syntax=docker/dockerfile:1.2\nFROM a\nRUN a && b && c\n",
            "FROM a\nSHELL [\"powershell\", \"-Command\"]\nRUN a && b && c\n",
            "FROM a\nONBUILD RUN a && b && c\n",
            "FROM a\nRUN a <<X && b && c\nd\nX\n",
            "FROM a\nRUN a && echo \\\\ && c\n",
            "FROM a\nRUN a && b=\\\\ && c\n",
        ] {
            check_same(&RULE, text);
        }
    }

    #[test]
    fn how_long_is_long_can_be_said() {
        let mut settings = RuleSettings::default();
        settings.set(&RULE, "min-commands", Value::Number(2));
        let job = Job { rules: vec![&RULE], settings, ..Job::default() };
        assert_eq!(fix::run("FROM a\nRUN a && b\n", &job).findings.len(), 1);
    }
}
