use crate::{
    fix::{Context, Effect, Finding, Findings, Fix, Group, Safety, rule},
    syntax::SyntaxKind::*,
    text::Edit,
};

rule! {
    /// ## What it does
    /// Gives `AS` the case of its `FROM`.
    ///
    /// ## Why
    /// Keywords in two cases on one line are harder to read, and BuildKit warns.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine as base
    /// ```
    /// ```dockerfile
    /// FROM alpine AS base
    /// ```
    ///
    /// ## Safety and effect
    /// Safe, and nothing is rebuilt.
    pub static RULE = {
        name: "as-casing",
        summary: "`AS` in another case than its `FROM`",
        since: "0.1.0",
        group: Group::Instructions,
        safety: Safety::Safe,
        effect: Effect::None,
        default: true,
        ids: &["FromAsCasing"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for instruction in ctx.instructions_of(&[FROM]) {
        let tokens = instruction.syntax().children_with_tokens().filter_map(|it| it.into_token());
        let keywords: Vec<_> = tokens.filter(|it| it.kind() == KEYWORD).collect();
        let [from, keyword] = keywords.as_slice() else { continue };
        // A keyword that runs over a line break is left alone.
        if !from.text().eq_ignore_ascii_case("from") || !keyword.text().eq_ignore_ascii_case("as") {
            continue;
        }
        let lower = from.text().bytes().all(|it| it.is_ascii_lowercase());
        let upper = from.text().bytes().all(|it| it.is_ascii_uppercase());
        let right = if lower { "as" } else { "AS" };
        if keyword.text() == right || !(lower || upper) {
            continue;
        }
        let edits = Edit::replace(keyword.text_range(), right).into();
        findings.push(Finding {
            rule: &RULE,
            range: keyword.text_range(),
            message: format!("`{}` is not in the case of `{}`", keyword.text(), from.text()),
            fix: Some(Fix { title: format!("Write `{right}`"), safety: Safety::Safe, effect: Effect::None, edits }),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same};

    #[test]
    fn follows_from() {
        check(
            &RULE,
            "FROM a as b\nFROM --platform=$BUILDPLATFORM c As d\n",
            "FROM a AS b\nFROM --platform=$BUILDPLATFORM c AS d\n",
        );
        check(&RULE, "from a AS b\n", "from a as b\n");
        check(&RULE, "FROM a \\\n  # c\n  as b\n", "FROM a \\\n  # c\n  AS b\n");
    }

    #[test]
    fn leaves_the_rest() {
        for text in [
            "FROM a AS b\n",
            "from a as b\n",
            "FROM as\n",
            "FROM as AS as\n",
            "From a as b\n",
            "FROM a\nRUN as as as\n",
        ] {
            check_same(&RULE, text);
        }
    }
}
