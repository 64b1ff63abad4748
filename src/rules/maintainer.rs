use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, Safety, removal, rule},
    model::build::Field,
    syntax::{
        SyntaxKind::*,
        ast::{Instruction, tokens},
    },
    text::{Edit, EditSet},
};

rule! {
    /// ## What it does
    /// Writes MAINTAINER as the label `org.opencontainers.image.authors`.
    ///
    /// ## Why
    /// MAINTAINER is deprecated; labels are what tools read.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine
    /// MAINTAINER Jane Roe <jane@example.com>
    /// ```
    /// ```dockerfile
    /// FROM alpine
    /// LABEL org.opencontainers.image.authors="Jane Roe <jane@example.com>"
    /// ```
    ///
    /// ## Safety and effect
    /// Safe. The image changes on purpose: it loses its author field and gets the label; no step is rebuilt. A pair of
    /// quotes around the whole text, which MAINTAINER takes as part of the name, goes. Of several in a stage, of which
    /// the last one counts, the label names all. Without a fix are those of a stage that has the label already, or
    /// inherits it.
    pub static RULE = {
        name: "maintainer",
        summary: "MAINTAINER instead of a label",
        since: "0.1.0",
        group: Group::Instructions,
        safety: Safety::Safe,
        effect: Effect::Image,
        changes: &[Change::Config(Field::Author), Change::Config(Field::Labels)],
        default: true,
        ids: &["MaintainerDeprecated", "DL4000", "CKV_DOCKER_6", "DS-0022", "S6586"],
        run: run,
    };
}

const KEY_NAME: &str = "org.opencontainers.image.authors";

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for (nth, stage) in ctx.stages().filter(|it| it.1.last(MAINTAINER).is_some()) {
        let all: Vec<&Instruction> =
            stage.instructions.iter().filter(|it| it.kind() == MAINTAINER && ctx.sound(it)).collect();
        if all.is_empty() {
            continue;
        }
        let labels = ctx.model.ancestry(nth).flat_map(|it| &it.instructions).filter(|it| it.kind() == LABEL);
        let labelled = labels.flat_map(|it| it.pairs()).any(|it| it.key().trim_matches(['"', '\'']) == KEY_NAME);
        for (i, instruction) in all.iter().enumerate() {
            let last = i + 1 == all.len();
            let fix = if last && !labelled { rewrite(ctx, &all) } else { None };
            let message = match last {
                true => "MAINTAINER is deprecated",
                false => "MAINTAINER is deprecated, and a later one takes its place",
            };
            findings.push(Finding { rule: &RULE, range: instruction.range(), message: message.to_owned(), fix });
        }
    }
}

/// Writes all MAINTAINERs of a stage as a label in the place of the last one.
fn rewrite(ctx: &Context<'_>, all: &[&Instruction]) -> Option<Fix> {
    // A text that runs over lines is left to its author.
    if all.iter().any(|it| tokens(it.syntax()).any(|it| it.kind() == CONTINUATION)) {
        return None;
    }
    let (instruction, superseded) = all.split_last()?;
    let mut names: Vec<String> = Vec::new();
    for name in all.iter().map(|it| unquoted(it.arguments())) {
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    let keyword = ctx.keyword_like(instruction, LABEL);
    let value = quoted(&names.join(", "), ctx.escape());
    let mut edits = EditSet::from(Edit::replace(instruction.range(), format!("{keyword} {KEY_NAME}={value}")));
    for instruction in superseded {
        edits.push(removal(ctx, instruction)?).ok()?;
    }
    Some(Fix { title: format!("Write the label `{KEY_NAME}`"), safety: Safety::Safe, effect: Effect::Image, edits })
}

/// A text without the quotes around all of it.
fn unquoted(text: String) -> String {
    let bare = ['"', '\''].iter().find_map(|quote| {
        let inner = text.strip_prefix(*quote)?.strip_suffix(*quote)?;
        (!inner.contains(*quote)).then(|| inner.to_owned())
    });
    bare.unwrap_or(text)
}

/// A text as a value that BuildKit reads back, in single quotes where these spare escapes.
fn quoted(text: &str, escape: char) -> String {
    let is_odd = |it: char| it == '"' || it == '$' || it == escape;
    if text.contains('"') && !text.contains(['\'', escape]) {
        return format!("'{text}'");
    }
    let escaped: String = text.chars().flat_map(|it| is_odd(it).then_some(escape).into_iter().chain([it])).collect();
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same};

    #[test]
    fn it_becomes_a_label() {
        let label = |text: &str| format!("FROM a\nLABEL org.opencontainers.image.authors=\"{text}\"\n");
        check(&RULE, "FROM a\nMAINTAINER J R <j@x>\n", &label("J R <j@x>"));
        check(&RULE, "FROM a\nMAINTAINER \"J R\"\n", &label("J R"));
        check(
            &RULE,
            "FROM a\nMAINTAINER \"J\" <j@x> $5\n",
            "FROM a\nLABEL org.opencontainers.image.authors='\"J\" <j@x> $5'\n",
        );
        check(&RULE, "FROM a\nMAINTAINER \"O'N\" <j@x>\n", &label("\\\"O'N\\\" <j@x>"));
        check(&RULE, "FROM a\nMAINTAINER $5 \\x\n", &label("\\$5 \\\\x"));
        check(
            &RULE,
            "# escape=`\nFROM a\nMAINTAINER a\\b\n",
            "# escape=`\nFROM a\nLABEL org.opencontainers.image.authors=\"a\\b\"\n",
        );
    }

    #[test]
    fn a_label_names_all() {
        check(
            &RULE,
            "FROM a\nMAINTAINER b\nRUN c\nMAINTAINER 'd e'\nMAINTAINER b\nRUN f\n",
            "FROM a\nRUN c\nLABEL org.opencontainers.image.authors=\"b, d e\"\nRUN f\n",
        );
    }

    #[test]
    fn what_is_labelled_or_spread_stays() {
        for text in [
            "FROM a\nMAINTAINER b\nLABEL org.opencontainers.image.authors=c\n",
            "FROM a\nMAINTAINER b \\\n  c\n",
            "FROM a\nRUN MAINTAINER b\n",
        ] {
            check_same(&RULE, text);
        }
    }
}
