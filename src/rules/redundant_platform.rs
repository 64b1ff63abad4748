use text_size::TextRange;

use crate::{
    fix::{Context, Effect, Finding, Findings, Fix, Group, Safety, rule},
    syntax::{
        SyntaxKind::*,
        ast::{Flag, Instruction},
    },
    text::Edit,
};

rule! {
    /// ## What it does
    /// Takes `--platform=$TARGETPLATFORM` out of FROM.
    ///
    /// ## Why
    /// It is the platform that a stage is built for anyway.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM --platform=$TARGETPLATFORM alpine
    /// ```
    /// ```dockerfile
    /// FROM alpine
    /// ```
    ///
    /// ## Safety and effect
    /// Safe, and nothing is rebuilt: the builder sets the variable to the platform that it builds for. Where the file
    /// declares it before the first FROM, somebody may give it another value, and the flag is only reported; with a
    /// default there, it says something, and nothing is. `${TARGETPLATFORM:-linux/amd64}` is reported: a builder that
    /// doesn't set the variable needs it.
    pub static RULE = {
        name: "redundant-platform",
        summary: "FROM with the platform that it has anyway",
        since: "0.1.0",
        group: Group::Instructions,
        safety: Safety::Safe,
        effect: Effect::None,
        default: true,
        ids: &["RedundantTargetPlatform", "DL3065"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    let global = ctx.model.stages.iter().take(1).flat_map(|it| &it.instructions).filter(|it| it.kind() == ARG);
    let declared: Vec<bool> =
        global.flat_map(|it| it.pairs()).filter(|it| it.key() == NAME).map(|it| it.has_eq()).collect();
    if declared.contains(&true) {
        return;
    }
    for instruction in ctx.instructions_of(&[FROM]) {
        for flag in instruction.flags() {
            let text = flag.text();
            let Some(value) = text.strip_prefix("--platform=") else { continue };
            let bare = [format!("${NAME}"), format!("${{{NAME}}}")].iter().any(|it| it == value);
            let with_default = [format!("${{{NAME}:-"), format!("${{{NAME}-")].iter().any(|it| value.starts_with(it));
            if !(bare || with_default) {
                continue;
            }
            let message = match bare {
                true => "a stage is built for this platform anyway",
                false => "a stage is built for this platform anyway, where the builder knows of platforms",
            };
            let fix = if bare && declared.is_empty() { without(instruction, &flag) } else { None };
            let range = flag.syntax().text_range();
            findings.push(Finding { rule: &RULE, range, message: message.to_owned(), fix });
        }
    }
}

const NAME: &str = "TARGETPLATFORM";

/// Takes a flag out, with the gap behind it. Where the gap has a comment the flag stays.
fn without(instruction: &Instruction, flag: &Flag) -> Option<Fix> {
    let mut end = flag.syntax().text_range().end();
    let behind = instruction.syntax().children_with_tokens().skip_while(|it| it.as_node() != Some(flag.syntax()));
    for gap in behind.skip(1) {
        match gap.kind() {
            WHITESPACE | CONTINUATION | EMPTY_LINE => end = gap.text_range().end(),
            COMMENT_LINE => return None,
            _ => break,
        }
    }
    let edits = Edit::delete(TextRange::new(flag.syntax().text_range().start(), end)).into();
    Some(Fix { title: "Take the flag out".to_owned(), safety: Safety::Safe, effect: Effect::None, edits })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, findings};

    #[test]
    fn the_flag_goes() {
        check(&RULE, "FROM --platform=${TARGETPLATFORM} a AS b\nFROM b\n", "FROM a AS b\nFROM b\n");
        check(&RULE, "FROM a AS b\nFROM  --platform=$TARGETPLATFORM \\\n  b\n", "FROM a AS b\nFROM  b\n");
        check(
            &RULE,
            "FROM --platform=$BUILDPLATFORM a\nARG TARGETPLATFORM\nFROM --platform=$TARGETPLATFORM b\n",
            "FROM --platform=$BUILDPLATFORM a\nARG TARGETPLATFORM\nFROM b\n",
        );
    }

    #[test]
    fn other_platforms_stay() {
        for text in [
            "FROM --platform=$BUILDPLATFORM a\n",
            "FROM --platform=linux/$TARGETARCH a\n",
            "FROM --platform=$TARGETPLATFORM/v7 a\n",
            "FROM --platform=linux/amd64 a\n",
            "ARG TARGETPLATFORM=linux/amd64\nFROM --platform=$TARGETPLATFORM a\n",
        ] {
            assert_eq!(findings(&RULE, text).len(), 0, "{text}");
        }
        for text in [
            "ARG TARGETPLATFORM\nFROM --platform=$TARGETPLATFORM a\n",
            "FROM --platform=${TARGETPLATFORM:-linux/amd64} a\n",
            "FROM --platform=$TARGETPLATFORM \\\n# c\n  a\n",
        ] {
            check_same(&RULE, text);
            assert_eq!(findings(&RULE, text).len(), 1, "{text}");
        }
    }
}
