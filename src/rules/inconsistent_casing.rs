use text_size::TextRange;

use crate::{
    fix::{Context, Effect, Finding, Findings, Fix, Group, Safety, rule},
    syntax::{ErrorKind, Pragma, SyntaxKind::COMMENT_LINE, ast::Instruction, visit_tokens},
    text::Edit,
};

rule! {
    /// ## What it does
    /// Writes the keywords of a file in upper case where they have more than one.
    ///
    /// ## Why
    /// One case makes instructions easy to see, and BuildKit warns about a mixture. Upper case is what the layout
    /// writes; a file whose keywords all are in lower case is its matter alone, unless a part of the file is kept from
    /// it.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine
    /// Run a
    /// copy b c
    /// CMD ["d"]
    /// ```
    /// ```dockerfile
    /// FROM alpine
    /// RUN a
    /// COPY b c
    /// CMD ["d"]
    /// ```
    ///
    /// ## Safety and effect
    /// Safe, and nothing is rebuilt. What ONBUILD stores is left as it is.
    pub static RULE = {
        name: "inconsistent-casing",
        summary: "A keyword in another case than the others",
        since: "0.1.0",
        group: Group::Instructions,
        safety: Safety::Safe,
        effect: Effect::None,
        default: true,
        ids: &["ConsistentInstructionCasing", "S6476"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    // Layout writes upper case, but leaves alone what has an error: so must this, or the two would not settle.
    let errors = |it: &Instruction| ctx.parse.errors_in(it.syntax().text_range());
    let readable = |it: &Instruction| errors(it).iter().all(|it| matches!(it.kind, ErrorKind::NoStage(_)));
    let all = ctx.model.stages.iter().flat_map(|it| &it.instructions).filter(|it| readable(it));
    let all: Vec<(&Instruction, TextRange)> = all.map(|it| (it, it.keyword_range())).collect();
    let mut keywords = all.iter().flat_map(|it| ctx.slice(it.1).bytes());
    // Layout would turn lower case into upper everywhere but in a region that is kept from it.
    let mut region = false;
    if ["dockfix", "dockerfmt", "dprint"].iter().any(|it| ctx.text.contains(it)) {
        visit_tokens(ctx.parse.file().syntax(), |kind, _, text| {
            region |= kind == COMMENT_LINE && keeps_layout_away(text);
            !region
        });
    }
    if !region && !keywords.any(|it| it.is_ascii_uppercase()) {
        return;
    }
    for (instruction, range) in all {
        let keyword = ctx.slice(range);
        // A keyword that runs over a line break is left alone.
        if !keyword.bytes().any(|it| it.is_ascii_lowercase())
            || !keyword.bytes().all(|it| it.is_ascii_alphabetic())
            || instruction.keyword().is_none()
        {
            continue;
        }
        let right = keyword.to_ascii_uppercase();
        let edits = Edit::replace(range, right.as_str()).into();
        findings.push(Finding {
            rule: &RULE,
            range,
            message: format!("`{keyword}` is not in upper case, as other keywords are"),
            fix: Some(Fix { title: format!("Write `{right}`"), safety: Safety::Safe, effect: Effect::None, edits }),
        });
    }
}

/// Whether a comment keeps the layout from a part of the file.
fn keeps_layout_away(comment: &str) -> bool {
    match Pragma::of(comment) {
        Some(Pragma::Own { word: "format", rest }) => rest.split_ascii_whitespace().next() == Some("off"),
        pragma => pragma == Some(Pragma::KeepLayout),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same};

    #[test]
    fn a_mixture_becomes_upper_case() {
        check(&RULE, "from a\nrun b\nCOPY c d\n", "FROM a\nRUN b\nCOPY c d\n");
        check(&RULE, "from a\nRUN b\n", "FROM a\nRUN b\n");
        check(&RULE, "FROM a\nHealthcheck none\n", "FROM a\nHEALTHCHECK none\n");
        check(&RULE, "FROM a\ncopy x y\ncopy z w\nCOPY p q\nrun b\n", "FROM a\nCOPY x y\nCOPY z w\nCOPY p q\nRUN b\n");
    }

    #[test]
    fn leaves_what_is_stored_or_torn() {
        for text in [
            "FROM a\nONBUILD run b\n",
            "FROM a\nRUN B\nr\\\nun c\n",
            "from a\nrun B\n",
            "FROM a\nfoo b\nRUN c\nRUN d\n",
        ] {
            check_same(&RULE, text);
        }
    }
}
