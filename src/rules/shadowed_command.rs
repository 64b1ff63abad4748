use text_size::TextRange;

use crate::{
    fix::{Context, Effect, Finding, Findings, Fix, Group, Safety, removal, rule},
    syntax::{SyntaxKind::*, ast::Instruction},
    text::{Edit, EditSet},
};

rule! {
    /// ## What it does
    /// Removes a CMD, ENTRYPOINT or HEALTHCHECK that a later one of the same stage replaces, with the comments that
    /// stand right above it.
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
            let Some((_, shadowed)) = all.split_last() else { continue };
            for instruction in shadowed.iter().filter(|it| ctx.sound(it)) {
                report(ctx, instruction, findings);
            }
        }
    }
}

fn report(ctx: &Context<'_>, instruction: &Instruction, findings: &mut Findings) {
    let mut edits = EditSet::default();
    let range: TextRange = removal(ctx, instruction);
    let _ = edits.push(Edit::delete(range));
    let keyword = instruction.kind().keyword();
    findings.push(Finding {
        rule: &RULE,
        range: instruction.range(),
        message: format!("this {keyword} has no effect: a later one in the stage replaces it"),
        fix: Some(Fix { title: format!("Remove the {keyword}"), safety: Safety::Safe, effect: Effect::None, edits }),
    });
}
