use crate::{
    fix::{Context, Effect, Finding, Findings, Fix, Group, Safety, group, groups, rule},
    syntax::SyntaxKind::LABEL,
};

rule! {
    /// ## What it does
    /// Makes one LABEL of several that stand right below each other, with each pair on a line of its own.
    ///
    /// ## Why
    /// Labels in one place are easier to read and to compare, and the history of the image is shorter.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine
    /// LABEL version=1.0
    /// LABEL description="a thing" vendor=us
    /// ```
    /// ```dockerfile
    /// FROM alpine
    /// LABEL version=1.0 \
    ///     description="a thing" \
    ///     vendor=us
    /// ```
    ///
    /// ## Safety and effect
    /// Safe, and nothing is rebuilt: the labels are the same. One that sets a label again begins a new group, and so
    /// does one behind a blank line or behind a comment that speaks to a tool. Comments between move into the group.
    pub static RULE = {
        name: "ungrouped-labels",
        summary: "LABELs below each other that can be one",
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
        for row in groups(ctx, stage, LABEL, |_, _| true) {
            let Some(first) = row.first() else { continue };
            let fix = group(ctx, &row).map(|edits| Fix {
                title: "Make one LABEL of them".to_owned(),
                safety: Safety::Safe,
                effect: Effect::None,
                edits,
            });
            let message = format!("{} LABELs below each other can be one", row.len());
            findings.push(Finding { rule: &RULE, range: first.range(), message, fix });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, findings};

    #[test]
    fn those_below_each_other_are_one() {
        for (before, after) in [
            ("LABEL a=1\nLABEL b=$C\nLABEL d='e f'", "LABEL a=1 \\\n    b=$C \\\n    d='e f'"),
            ("LABEL a=1 \\\n      b=2\n# c\nLABEL c=3", "LABEL a=1 \\\n      b=2 \\\n      # c\n      c=3"),
            ("LABEL a=1\nLABEL b=2\nLABEL a=3\nLABEL c=4", "LABEL a=1 \\\n    b=2\nLABEL a=3 \\\n    c=4"),
        ] {
            check(&RULE, &format!("FROM x\n{before}\n"), &format!("FROM x\n{after}\n"));
        }
    }

    #[test]
    fn others_stay() {
        for text in [
            "LABEL a=1\nLABEL a=2",
            "LABEL a=1\nLABEL $B=2",
            "LABEL a 1\nLABEL b 2",
            "LABEL a=1\n\nLABEL b=2",
            "LABEL a=1\nRUN c\nLABEL b=2",
            "LABEL a=1\n# dockfix: ignore[x]\nLABEL b=2",
            "ENV A=1\nENV B=2",
        ] {
            assert_eq!(findings(&RULE, &format!("FROM x\n{text}\n")).len(), 0, "{text}");
        }
    }
}
