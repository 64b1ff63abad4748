use std::collections::HashSet;

use crate::{
    fix::{Context, Effect, Finding, Findings, Fix, Group, Safety, group, groups, rule},
    model::variables,
    syntax::{SyntaxKind::ENV, ast::Instruction},
};

rule! {
    /// ## What it does
    /// Makes one ENV of several that stand right below each other, with each pair on a line of its own.
    ///
    /// ## Why
    /// What belongs together stands together, and the history of the image is shorter.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine
    /// ENV A=1
    /// # where it lies
    /// ENV B=/opt C="d e"
    /// ENV D=$B/bin
    /// ```
    /// ```dockerfile
    /// FROM alpine
    /// ENV A=1 \
    ///     # where it lies
    ///     B=/opt \
    ///     C="d e"
    /// ENV D=$B/bin
    /// ```
    ///
    /// ## Safety and effect
    /// Safe, and nothing is rebuilt: the variables are the same, in the same order. An ENV that uses a variable set
    /// just above it begins a new group, because values of one ENV don't see each other. So does one that sets a
    /// variable again, one behind a blank line, and one behind a comment that speaks to a tool. Comments between move
    /// into the group.
    pub static RULE = {
        name: "ungrouped-env",
        summary: "ENVs below each other that can be one",
        since: "0.1.0",
        group: Group::Instructions,
        safety: Safety::Safe,
        effect: Effect::None,
        default: false,
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for (_, stage) in ctx.stages() {
        for row in groups(ctx, stage, ENV, |keys, next| is_apart(keys, next, ctx.escape())) {
            let Some(first) = row.first() else { continue };
            let fix = group(ctx, &row).map(|edits| Fix {
                title: "Make one ENV of them".to_owned(),
                safety: Safety::Safe,
                effect: Effect::None,
                edits,
            });
            let message = format!("{} ENVs below each other can be one", row.len());
            findings.push(Finding { rule: &RULE, range: first.range(), message, fix });
        }
    }
}

/// Whether nothing in an ENV refers to a variable that those before it set: within one ENV it would not see them.
fn is_apart(keys: &HashSet<String>, next: &Instruction, escape: char) -> bool {
    // On Windows the case of a variable's name does not count.
    let mut used = next.pairs().flat_map(|it| variables(&it.value(), escape)).map(|it| it.to_lowercase());
    !used.any(|it| keys.contains(&it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, findings};

    #[test]
    fn those_below_each_other_are_one() {
        for (before, after) in [
            ("ENV A=1\nENV B=2\nenv C=3", "ENV A=1 \\\n    B=2 \\\n    C=3"),
            ("ENV A=1 \\\n  # b\n  B=2\nENV C=3 D=4", "ENV A=1 \\\n  # b\n  B=2 \\\n  C=3 \\\n  D=4"),
            ("ENV A=1\nENV B=$A\nENV C=$D", "ENV A=1\nENV B=$A \\\n    C=$D"),
            ("ENV A=1\n\nENV B=2\nENV C=$PATH:/x", "ENV A=1\n\nENV B=2 \\\n    C=$PATH:/x"),
        ] {
            check(&RULE, &format!("FROM x\n{before}\nRUN y\n"), &format!("FROM x\n{after}\nRUN y\n"));
        }
        check(
            &RULE,
            "# escape=`\r\nFROM x\r\nENV A=1\r\nENV B=2\r\n",
            "# escape=`\r\nFROM x\r\nENV A=1 `\r\n    B=2\r\n",
        );
    }

    #[test]
    fn lines_are_indented_as_elsewhere_in_the_file() {
        let legacy = "FROM x\nENV D \\\n\t\ta \\\n\t\tb\n";
        let run = "RUN a \\\n\t&& b\n";
        check(&RULE, &format!("{legacy}{run}ENV A=1\nENV B=2\n"), &format!("{legacy}{run}ENV A=1 \\\n\tB=2\n"));
        let own = "FROM x\nENV D=1 \\\n  E=2\nRUN a\n";
        check(&RULE, &format!("{own}ENV A=1\nENV B=2\n"), &format!("{own}ENV A=1 \\\n  B=2\n"));
    }

    #[test]
    fn others_stay() {
        for text in [
            "ENV A=1\nENV B=${a:-2}",
            "ENV A=1\nENV A=2",
            "ENV A=1\nENV $A=2",
            "ENV A 1\nENV B 2",
            "ENV A=1\n\nENV B=2",
            "ENV A=1\nARG C\nENV B=2",
            "ENV A=1\n# hadolint ignore=DL3044\nENV B=2",
            "ENV A=1\nONBUILD ENV B=2",
            "ENV A=1\nFROM y\nENV B=2",
            "LABEL A=1\nLABEL B=2",
        ] {
            assert_eq!(findings(&RULE, &format!("FROM x\n{text}\nRUN y\n")).len(), 0, "{text}");
        }
    }
}
