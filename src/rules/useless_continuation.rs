use text_size::TextRange;

use crate::{
    fix::{Context, Effect, Finding, Findings, Fix, Group, Safety, rule},
    syntax::{
        SyntaxKind::*,
        SyntaxToken,
        ast::{Instruction, tokens, trimmed_range},
    },
    text::{Edit, EditSet},
};

rule! {
    /// ## What it does
    /// Removes the escape character at the end of the last instruction of the file.
    ///
    /// ## Why
    /// It goes on into nothing. The instruction that somebody later puts below becomes a part of this one, without a
    /// word from the builder.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine
    /// RUN apk add git \
    /// ```
    /// ```dockerfile
    /// FROM alpine
    /// RUN apk add git
    /// ```
    ///
    /// ## Safety and effect
    /// Safe, and nothing is rebuilt: BuildKit drops it. A path that ends with it, like `C:\`, is reported only. Lines
    /// with nothing but an escape character within an instruction part what belongs together, and are left alone.
    ///
    /// ## See also
    /// `swallowed-instruction` for one that goes on into the next instruction.
    pub static RULE = {
        name: "useless-continuation",
        summary: "An escape character that goes on into nothing",
        since: "0.1.0",
        group: Group::Instructions,
        safety: Safety::Safe,
        effect: Effect::None,
        default: true,
        ids: &[],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    // What is read on ends with the file alone.
    let last = ctx.model.stages.last().and_then(|it| it.instructions.last());
    findings.extend(last.filter(|it| ctx.sound(it)).and_then(|it| judge(ctx, it)));
}

fn judge(ctx: &Context<'_>, instruction: &Instruction) -> Option<Finding> {
    let end = trimmed_range(instruction.syntax()).end();
    if !ctx.slice(TextRange::new(end, instruction.syntax().text_range().end())).contains(ctx.escape()) {
        return None;
    }
    let all: Vec<SyntaxToken> = tokens(instruction.syntax()).collect();
    let behind = all.iter().rposition(|it| !it.kind().is_trivia())? + 1;
    let tail = all.get(behind..)?;
    let first = tail.iter().find(|it| it.kind() == CONTINUATION)?;
    let mut edits = EditSet::default();
    let mut blank: Option<TextRange> = None;
    for token in tail {
        let range = token.text_range();
        match token.kind() {
            // A line of nothing else goes as a whole, and the first one as far as its line break.
            CONTINUATION => {
                let gone = if token == first { mark(token) } else { range };
                edits.push(Edit::delete(blank.take().map_or(gone, |it| it.cover(gone)))).ok()?;
            }
            WHITESPACE => blank = Some(range),
            _ => blank = None,
        }
    }
    let before = ctx.slice(TextRange::new(instruction.range().start(), first.text_range().start()));
    // Nor may the line end in another one, which would take its place.
    let path = before.ends_with([':', '\\', '/']) || before.trim_end().ends_with(ctx.escape());
    let title = "Remove the escape character".to_owned();
    Some(Finding {
        rule: &RULE,
        range: mark(first),
        message: format!("nothing follows this `{}`", ctx.escape()),
        fix: (!path).then_some(Fix { title, safety: Safety::Safe, effect: Effect::None, edits }),
    })
}

/// A continuation without its line break.
fn mark(token: &SyntaxToken) -> TextRange {
    let text = token.text();
    // What is trimmed is no longer than the token.
    let len = u32::try_from(text.trim_end_matches(['\r', '\n']).len()).unwrap_or_default();
    TextRange::at(token.text_range().start(), len.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, findings};

    #[test]
    fn what_goes_on_into_nothing_ends() {
        for (before, after) in [
            ("FROM a\nRUN b \\\n", "FROM a\nRUN b\n"),
            ("FROM a\nRUN b \\", "FROM a\nRUN b"),
            ("FROM a\nRUN b\\  \n\n# c\n", "FROM a\nRUN b\n\n# c\n"),
            ("FROM a\r\nRUN b \\\r\n\r\n", "FROM a\r\nRUN b\r\n\r\n"),
            ("FROM a\nRUN b \\\n  c \\\n  \\\n# d\n", "FROM a\nRUN b \\\n  c\n# d\n"),
            ("FROM a\nCMD [\"b\"] \\\n\n", "FROM a\nCMD [\"b\"]\n\n"),
            ("# escape=`\nFROM a\nCMD b `\n", "# escape=`\nFROM a\nCMD b\n"),
            ("FROM a \\\n", "FROM a\n"),
        ] {
            check(&RULE, before, after);
        }
    }

    #[test]
    fn others_stay() {
        for text in [
            "FROM a\nRUN b \\\n  c\n",
            "FROM a\nRUN b \\\n  \\\n  c\n",
            "FROM a\nRUN b \\\n\nCMD c\n",
            "FROM a\nRUN b \\\\\n",
            "FROM a\nRUN 'b \\\n'\n",
            "FROM a\nRUN <<EOF\nb \\\nEOF\n",
            "FROM a\nONBUILD RUN b \\\n",
            "FROM a\nRUN b && \\\n",
        ] {
            check_same(&RULE, text);
            assert_eq!(findings(&RULE, text).len(), 0, "{text}");
        }
        for text in ["FROM a\nWORKDIR C:\\\n", "FROM a\nRUN b \\ \\"] {
            check_same(&RULE, text);
            assert_eq!(findings(&RULE, text).len(), 1);
        }
    }
}
