use crate::{
    fix::{Context, Effect, Finding, Findings, Fix, Group, Safety, removal_with_comments, rule},
    syntax::{SyntaxKind::*, ast::Instruction},
};

rule! {
    /// ## What it does
    /// Removes a CMD, ENTRYPOINT or HEALTHCHECK that a later one of the same stage replaces, with the comments
    /// within it and right above it.
    ///
    /// ## Why
    /// Only the last of each kind has an effect; an earlier one says something that isn't so.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine
    /// CMD ["one"]
    /// RUN a
    /// CMD ["two"]
    /// ```
    /// ```dockerfile
    /// FROM alpine
    /// RUN a
    /// CMD ["two"]
    /// ```
    ///
    /// ## Safety and effect
    /// Safe, and nothing is rebuilt: the config of the image is the same. Only its history, and with it the image's id,
    /// is another one. Nothing is removed across stages: a parent's CMD counts where the parent is built.
    ///
    /// Where another instruction follows at once, comments above may be the title of both: they stay, with a blank line
    /// below them. One that speaks to a tool, other than to keep this rule quiet, keeps the instruction.
    pub static RULE = {
        name: "shadowed-command",
        summary: "A CMD, ENTRYPOINT or HEALTHCHECK that a later one replaces",
        since: "0.1.0",
        group: Group::Commands,
        safety: Safety::Safe,
        effect: Effect::None,
        default: true,
        ids: &["MultipleInstructionsDisallowed", "DL4003", "DL4004", "DL3012", "DS-0007", "DS-0016", "DS-0023", "S6589"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for stage in ctx.model.stages.iter().filter(|it| !it.image.is_empty()) {
        for kind in [CMD, ENTRYPOINT, HEALTHCHECK] {
            let all: Vec<&Instruction> = stage.instructions.iter().filter(|it| it.kind() == kind).collect();
            // What BuildKit refuses replaces nothing.
            let Some((_, shadowed)) = all.split_last().filter(|it| ctx.sound(it.0)) else { continue };
            for instruction in shadowed.iter().filter(|it| ctx.sound(it)) {
                report(ctx, instruction, findings);
            }
        }
    }
}

fn report(ctx: &Context<'_>, instruction: &Instruction, findings: &mut Findings) {
    let keyword = instruction.kind().keyword();
    findings.push(Finding {
        rule: &RULE,
        range: instruction.range(),
        message: format!("this {keyword} has no effect: a later one in the stage replaces it"),
        fix: removal_with_comments(ctx, instruction).map(|edit| Fix {
            title: format!("Remove the {keyword}"),
            safety: Safety::Safe,
            effect: Effect::None,
            edits: edit.into(),
        }),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, findings};

    #[test]
    fn all_but_the_last_go() {
        check(
            &RULE,
            "FROM a\nCMD a\nENTRYPOINT b\nHEALTHCHECK CMD c\nCMD [\"a\", \\\n  \"b\"]\nRUN d\nHEALTHCHECK NONE\nENTRYPOINT [\"e\"]\nCMD []\n",
            "FROM a\nRUN d\nHEALTHCHECK NONE\nENTRYPOINT [\"e\"]\nCMD []\n",
        );
    }

    #[test]
    fn its_comments_go_and_others_stay() {
        check(
            &RULE,
            "FROM a\n\n# of all\n\n# start\n# it\nCMD a\n\n# b\nRUN b\nCMD c\n",
            "FROM a\n\n# of all\n\n# b\nRUN b\nCMD c\n",
        );
        check(
            &RULE,
            "FROM a\n# the old one\nCMD [\"x\"]\nRUN y\nCMD [\"z\"]\n",
            "FROM a\n# the old one\n\nRUN y\nCMD [\"z\"]\n",
        );
        check(&RULE, "FROM a\nCMD [\"x\", \\\n# b\n\"y\"]\nCMD c\n", "FROM a\nCMD c\n");
        let told = "FROM a\n# check=skip=X\nCMD a\nCMD c\n";
        check_same(&RULE, told);
        assert_eq!(findings(&RULE, told).len(), 1);
    }

    #[test]
    fn other_stages_and_triggers_stay() {
        for text in [
            "FROM a\nCMD a\nFROM b\nCMD c\n",
            "FROM a\nCMD a\nONBUILD CMD b\n",
            "FROM a\nCMD a\nCMD --b\n",
            "FROM a\nCMD a\nENTRYPOINT b\nHEALTHCHECK NONE\n",
            "FROM a\nHEALTHCHECK CMD a\nHEALTHCHECK\n",
        ] {
            check_same(&RULE, text);
        }
    }
}
