use text_size::TextRange;

use crate::{
    fix::{Context, Effect, Finding, Findings, Fix, Group, Safety, rule},
    syntax::{
        SyntaxKind::*,
        ast::{self, Instruction},
    },
    text::{Edit, EditSet},
};

rule! {
    /// ## What it does
    /// Removes empty lines inside an instruction that goes on over several lines.
    ///
    /// ## Why
    /// BuildKit still reads on over such a line, with a warning, and will refuse it one day.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine
    /// RUN a && \
    ///
    ///     b
    /// ```
    /// ```dockerfile
    /// FROM alpine
    /// RUN a && \
    ///     b
    /// ```
    ///
    /// ## Safety and effect
    /// Safe, and nothing is rebuilt: BuildKit drops the line before it reads the instruction. Where an instruction
    /// seems to have been swallowed the line is only reported: what was meant is the matter of `swallowed-instruction`.
    pub static RULE = {
        name: "empty-continuation",
        summary: "An empty line inside an instruction",
        since: "0.1.0",
        group: Group::Instructions,
        safety: Safety::Safe,
        effect: Effect::None,
        default: true,
        ids: &["NoEmptyContinuation"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    let may_hold = |it: &&Instruction| ctx.slice(it.syntax().text_range()).lines().any(|it| it.trim_start().is_empty());
    for instruction in ctx.instructions().filter(may_hold) {
        // What stands behind the last word ends the file, not the instruction.
        let end = instruction.range().end();
        let empty: Vec<TextRange> = ast::tokens(instruction.syntax())
            .filter(|it| it.kind() == EMPTY_LINE && it.text_range().end() <= end)
            .map(|it| it.text_range())
            .collect();
        let Some(first) = empty.first() else { continue };
        let mut edits = EditSet::default();
        for range in &empty {
            // Tokens are disjoint.
            let _ = edits.push(Edit::delete(*range));
        }
        findings.push(Finding {
            rule: &RULE,
            range: *first,
            message: "an empty line inside an instruction will be an error".to_owned(),
            // Above an instruction that was swallowed the empty line is all that shows what was meant.
            fix: (!ctx.swallows(instruction)).then_some(Fix {
                title: "Remove the empty lines".to_owned(),
                safety: Safety::Safe,
                effect: Effect::None,
                edits,
            }),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same};

    #[test]
    fn empty_lines_go_and_comments_stay() {
        check(&RULE, "FROM a\nRUN b \\\n\n  \t\n  # c\n\n  d\n", "FROM a\nRUN b \\\n  # c\n  d\n");
        check(&RULE, "FROM a\r\nENV A=b \\\r\n\r\n  C=d\r\n", "FROM a\r\nENV A=b \\\r\n  C=d\r\n");
    }

    #[test]
    fn other_empty_lines_stay() {
        for text in [
            "FROM a\n\nRUN b\n\n",
            "FROM a\nRUN <<EOF\nb\n\nEOF\n",
            "FROM a\nRUN b \\\n  \\\n  c\n",
            // What stands behind the last word ends the file.
            "FROM a\nRUN b \\\n\n",
            "FROM a\nRUN 'b \\\n c'\n",
        ] {
            check_same(&RULE, text);
        }
        check_same(&RULE, "FROM a\nRUN b \\\n\nENV C d\n");
    }
}
