use text_size::TextRange;

use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, Safety, chain_text, rule},
    model::{Stage, in_heredoc, is_plain_shell},
    syntax::{SyntaxKind::*, ast::tokens},
    text::Edit,
};

rule! {
    /// ## What it does
    /// Writes a heredoc that begins with `set -e` as a chain of `&&`.
    ///
    /// ## Why
    /// Older builders and those that are not BuildKit don't read heredocs, and Docker's library of official images
    /// does not take them.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian
    /// RUN <<EOF
    /// set -e
    /// mkdir /a
    /// # the settings
    /// cp b /a
    /// EOF
    /// ```
    /// ```dockerfile
    /// FROM debian
    /// RUN mkdir /a \
    ///     # the settings
    ///     && cp b /a
    /// ```
    ///
    /// ## Safety and effect
    /// Unsafe, as a matter of style that no build asks for. The commands and their order stay, and the build stops at
    /// the first that fails, as before. Heredocs without `set -e`, which go on, and those with more than one simple
    /// command or pipe a line are left alone.
    pub static RULE = {
        name: "heredoc-commands",
        summary: "A heredoc that a chain of `&&` would do for",
        since: "0.1.0",
        group: Group::Layers,
        safety: Safety::Unsafe,
        effect: Effect::Rebuild,
        changes: &[Change::Sequence],
        default: false,
        conflicts: &["chained-commands"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    if ctx.escape() != '\\' {
        return;
    }
    for (_, stage) in ctx.stages() {
        for at in 0..stage.instructions.len() {
            findings.extend(finding(ctx, stage, at));
        }
    }
}

fn finding(ctx: &Context<'_>, stage: &Stage, at: usize) -> Option<Finding> {
    let run = stage.instructions.get(at).filter(|it| it.kind() == RUN && ctx.sound(it))?;
    if !is_plain_shell(stage.shell_at(at)) {
        return None;
    }
    let mut steps = in_heredoc(run)?;
    let comments = match steps.first() {
        Some(it) if it.plain == "set -e" => std::mem::take(&mut steps.remove(0).comments),
        _ => Vec::new(),
    };
    steps.first_mut()?.comments.splice(0..0, comments);
    let text = chain_text(ctx, run, steps.iter().map(|it| (it.comments.as_slice(), it.text.as_str())));
    let mut all = tokens(run.syntax()).skip_while(|it| it.kind() != REDIRECT_OP);
    let start = all.next()?.text_range().start();
    let end = all.filter(|it| it.kind() == HEREDOC_END).last()?.text_range().end();
    let edits = Edit::replace(TextRange::new(start, end), text).into();
    Some(Finding {
        rule: &RULE,
        range: run.range(),
        message: "a chain of `&&` does what this heredoc does".to_owned(),
        fix: Some(Fix {
            title: "Write it as a chain of `&&`".to_owned(),
            safety: Safety::Unsafe,
            effect: Effect::Rebuild,
            edits,
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check_same, check_unsafe};

    #[test]
    fn a_heredoc_becomes_a_chain() {
        check_unsafe(
            &RULE,
            "FROM a\nRUN --network=none <<EOF\nset -ex\na \\\n  b\n\n# c\nc | d\nEOF\nUSER b\n",
            "FROM a\nRUN --network=none \\\n    set -ex \\\n    && a \\\n        b \\\n    # c\n    && c | d\nUSER b\n",
        );
        check_unsafe(&RULE, "FROM a\nRUN <<'X'\nset -e\na $B\nX", "FROM a\nRUN a $B");
        check_unsafe(&RULE, "FROM a\nRUN <<X\n# b\nset -e\na\nX\n", "FROM a\nRUN \\\n    # b\n    a\n");
    }

    #[test]
    fn what_means_something_else_stays() {
        for body in [
            "a\nb",
            "set -e",
            "set -e\na && b",
            "set -e\na; b",
            "set -e\nif a; then\nb\nfi",
            "set -e\na # b",
            "set +e\na",
        ] {
            check_same(&RULE, &format!("FROM a\nRUN <<EOF\n{body}\nEOF\n"));
        }
        for text in [
            "FROM a\nRUN <<EOF cat > b\nset -e\na\nEOF\n",
            "FROM a\nCOPY <<EOF /b\nset -e\na\nEOF\n",
            "FROM a\nRUN <<EOF\n#!/usr/bin/env python\nset -e\na\nEOF\n",
            "FROM a\nSHELL [\"python\", \"-c\"]\nRUN <<EOF\nset -e\na\nEOF\n",
            "# escape=`\nFROM a\nRUN <<EOF\nset -e\na\nEOF\n",
        ] {
            check_same(&RULE, text);
        }
    }
}
