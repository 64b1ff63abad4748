use crate::{
    fix::{Context, Effect, Finding, Findings, Fix, Group, Safety, removal_with_comments, rule},
    syntax::{
        SyntaxKind::*,
        ast::{Instruction, elements_above},
    },
};

rule! {
    /// ## What it does
    /// Removes a USER that another one of the stage replaces before any RUN or WORKDIR, with the comments within
    /// it and right above it.
    ///
    /// ## Why
    /// RUN and WORKDIR work as the USER before them, and the container starts as the last one. Nothing else asks: COPY
    /// and ADD give what they copy to root, or to whom `--chown` names.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM jenkins/jenkins
    /// USER root
    /// EXPOSE 8080
    /// USER jenkins
    /// ```
    /// ```dockerfile
    /// FROM jenkins/jenkins
    /// EXPOSE 8080
    /// USER jenkins
    /// ```
    ///
    /// ## Safety and effect
    /// Safe, and nothing is rebuilt; only the history of the image says less. Unsafe where COPY or ADD stands between
    /// the two, whose author may have meant `--chown`, or a comment, which may say what is to be put there.
    ///
    /// Where another instruction follows at once, comments above may be the title of both: they stay, with a blank line
    /// below them. One that speaks to a tool keeps the USER.
    pub static RULE = {
        name: "shadowed-user",
        summary: "A USER that a later one replaces before anything asks for it",
        since: "0.1.0",
        group: Group::Instructions,
        safety: Safety::Safe,
        effect: Effect::None,
        default: true,
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for (_, stage) in ctx.stages().filter(|it| it.1.last(USER).is_some()) {
        let mut waiting: Option<&Instruction> = None;
        let (mut copied, mut commented) = (false, false);
        for instruction in &stage.instructions {
            commented |= has_comment_above(instruction);
            match instruction.kind() {
                _ if !ctx.sound(instruction) => waiting = None,
                USER => {
                    findings.extend(waiting.map(|it| report(ctx, it, copied, commented)));
                    waiting = Some(instruction);
                    (copied, commented) = (false, false);
                }
                COPY | ADD => copied = true,
                ENV | ARG | LABEL | EXPOSE | VOLUME | CMD | ENTRYPOINT | HEALTHCHECK | STOPSIGNAL | SHELL
                | MAINTAINER => {}
                _ => waiting = None,
            }
        }
    }
}

/// Whether a comment stands between an instruction and the one before it.
fn has_comment_above(instruction: &Instruction) -> bool {
    elements_above(instruction.syntax())
        .take_while(|it| !it.kind().is_instruction())
        .any(|it| it.kind() == COMMENT_LINE)
}

fn report(ctx: &Context<'_>, instruction: &Instruction, copied: bool, commented: bool) -> Finding {
    let safety = if copied || commented { Safety::Unsafe } else { Safety::Safe };
    let message = match copied {
        true => "this USER has no effect: COPY and ADD don't ask for it, and a later one replaces it",
        false => "this USER has no effect: a later one replaces it before anything asks for it",
    };
    let fix = removal_with_comments(ctx, instruction).map(|edit| Fix {
        title: "Remove the USER".to_owned(),
        safety,
        effect: Effect::None,
        edits: edit.into(),
    });
    Finding { rule: &RULE, range: instruction.range(), message: message.to_owned(), fix }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, check_unsafe};

    #[test]
    fn what_nobody_asks_for_goes() {
        check(&RULE, "FROM a\nUSER b\nUSER c\nRUN d\n", "FROM a\nUSER c\nRUN d\n");
        check(&RULE, "FROM a\nUSER b\nUSER c\nENV d=e\nUSER $d\n", "FROM a\nENV d=e\nUSER $d\n");
        check(
            &RULE,
            "FROM a\nUSER root\nRUN b\n\n# done\nUSER b\n\nLABEL c=d\nCMD e\nUSER c\n",
            "FROM a\nUSER root\nRUN b\n\nLABEL c=d\nCMD e\nUSER c\n",
        );
        check_unsafe(
            &RULE,
            "FROM a\nUSER root\n# RUN here what root is to do\nUSER b\n",
            "FROM a\n# RUN here what root is to do\nUSER b\n",
        );
        check(
            &RULE,
            "FROM a\n# the old one\nUSER b\nEXPOSE 1\nUSER c\n",
            "FROM a\n# the old one\n\nEXPOSE 1\nUSER c\n",
        );
        check_unsafe(&RULE, "FROM a\nUSER b\nCOPY c /\nUSER d\n", "FROM a\nCOPY c /\nUSER d\n");
    }

    #[test]
    fn what_somebody_asks_for_stays() {
        for text in [
            "USER b\nRUN c\nUSER d",
            "USER b\nWORKDIR /c\nUSER d",
            "USER b\nONBUILD RUN c\nUSER d",
            "USER b\nFROM c\nUSER d",
            "USER b\nNONSENSE\nUSER d",
            "USER b\nUSER --c",
            "USER b\nONBUILD USER c",
            "USER b",
        ] {
            check_same(&RULE, &format!("FROM a\n{text}\n"));
        }
    }
}
