use text_size::TextRange;

use crate::{
    fix::{Context, Effect, Finding, Findings, Fix, Group, Safety, removal, rule},
    model::{Stage, literal},
    syntax::{
        SyntaxKind::*,
        ast::{Instruction, KeyValue, tokens},
    },
    text::Edit,
};

rule! {
    /// ## What it does
    /// Removes a label that the same stage sets again later.
    ///
    /// ## Why
    /// The last value counts; an earlier one says something that isn't so.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine
    /// LABEL version=1.0 description="a thing"
    /// LABEL vendor=us
    /// RUN a
    /// LABEL version=1.1 vendor="us and them"
    /// ```
    /// ```dockerfile
    /// FROM alpine
    /// LABEL description="a thing"
    /// RUN a
    /// LABEL version=1.1 vendor="us and them"
    /// ```
    ///
    /// ## Safety and effect
    /// Safe, and nothing is rebuilt: the labels of the image are the same; only its history is another one. Unsafe for
    /// maintainers and authors with other names, who may all be meant to be named. A pair that stands beside a comment
    /// within its instruction is only reported, and so are all where the instruction would go, but a comment stands
    /// among them, or one right above it speaks to a tool. Other comments above an instruction that goes stay, with a
    /// blank line below them. Nothing is removed across stages, and a key with a variable in it is left alone.
    pub static RULE = {
        name: "duplicate-label",
        summary: "A label that the same stage sets again",
        since: "0.1.0",
        group: Group::Instructions,
        safety: Safety::Safe,
        effect: Effect::None,
        default: true,
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for (_, stage) in ctx.stages() {
        in_stage(ctx, stage, findings);
    }
}

fn in_stage(ctx: &Context<'_>, stage: &Stage, findings: &mut Findings) {
    let mut later: Vec<(String, String)> = Vec::new();
    for instruction in stage.instructions.iter().rev().filter(|it| it.kind() == LABEL && ctx.sound(it)) {
        let pairs: Vec<KeyValue> = instruction.pairs().collect();
        let mut gone = vec![None; pairs.len()];
        for (pair, gone) in pairs.iter().zip(&mut gone).rev() {
            let Some(key) = literal(&pair.key(), ctx.escape()) else {
                // A key with a variable in it may be any of those before.
                later.clear();
                continue;
            };
            let last = later.iter().find(|it| it.0 == key);
            *gone =
                last.map(|last| if is_person(&key) && last.1 != pair.value() { Safety::Unsafe } else { Safety::Safe });
            if last.is_none() {
                later.push((key, pair.value()));
            }
        }
        // Where all pairs go, the instruction does, as safely as the least safe of them.
        let all = gone.iter().copied().min().flatten();
        for (at, (pair, safety)) in pairs.iter().zip(&gone).enumerate() {
            let Some(safety) = all.or(*safety) else { continue };
            let edit = match all {
                Some(_) => removal(ctx, instruction),
                None => alone(instruction, &pairs, at).map(Edit::delete),
            };
            let fix = edit.map(|it| Fix {
                title: "Remove the label".to_owned(),
                safety,
                effect: Effect::None,
                edits: it.into(),
            });
            let message = format!("the label `{}` has no effect: the stage sets it again", pair.key());
            findings.push(Finding { rule: &RULE, range: pair.syntax().text_range(), message, fix });
        }
    }
}

/// Whether a label names people, of whom there may be several: who sets it again may have meant to add one.
fn is_person(key: &str) -> bool {
    let key = key.to_lowercase();
    key.contains("maintainer") || key.contains("author")
}

/// A pair with the gap behind it, or before it where it is the last; `None` where a comment stands beside it.
fn alone(instruction: &Instruction, pairs: &[KeyValue], at: usize) -> Option<TextRange> {
    let range = |at: Option<usize>| pairs.get(at?).map(|it| it.syntax().text_range());
    let (own, before, behind) = (range(Some(at))?, range(at.checked_sub(1)), range(Some(at + 1)));
    let around = TextRange::new(
        before.map_or(instruction.keyword_range().end(), TextRange::end),
        behind.map_or(own.end(), TextRange::start),
    );
    let comment = |it: &crate::syntax::SyntaxToken| {
        matches!(it.kind(), COMMENT_LINE | EMPTY_LINE) && around.contains_range(it.text_range())
    };
    if tokens(instruction.syntax()).any(|it| comment(&it)) {
        return None;
    }
    match (before, behind) {
        (_, Some(behind)) => Some(TextRange::new(own.start(), behind.start())),
        (Some(before), None) => Some(TextRange::new(before.end(), own.end())),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, check_unsafe, findings};

    #[test]
    fn all_but_the_last_go() {
        for (before, after) in [
            ("LABEL a=1\nLABEL a=2\n", "LABEL a=2\n"),
            ("LABEL a 1\nRUN x\nLABEL \"a\"=2\n", "RUN x\nLABEL \"a\"=2\n"),
            ("LABEL a=1 b=2 a=3\n", "LABEL b=2 a=3\n"),
            ("LABEL a=1 b=2 c=3\nLABEL b=4 c=5\n", "LABEL a=1\nLABEL b=4 c=5\n"),
            ("LABEL a=1 \\\n      b=2 \\\n      c=3\nLABEL b=4\n", "LABEL a=1 \\\n      c=3\nLABEL b=4\n"),
            ("LABEL a=1 \\\n      b=2\nLABEL b=4\n", "LABEL a=1\nLABEL b=4\n"),
            ("LABEL a=1 \\\n      b=2\nLABEL a=3 b=4\n", "LABEL a=3 b=4\n"),
            ("# of a\nLABEL a=1\n\nRUN x\nLABEL a=2\n", "# of a\n\nRUN x\nLABEL a=2\n"),
            ("# of a\nLABEL a=1\nLABEL a=2\n", "# of a\nLABEL a=2\n"),
            ("# of a\nLABEL a=1\nRUN x\nLABEL a=2\n", "# of a\n\nRUN x\nLABEL a=2\n"),
            ("LABEL a=1\nLABEL a=1\nLABEL a=1\n", "LABEL a=1\n"),
        ] {
            check(&RULE, &format!("FROM x\nARG y\n\n{before}"), &format!("FROM x\nARG y\n\n{after}"));
        }
    }

    #[test]
    fn a_name_may_be_one_of_several() {
        check_unsafe(&RULE, "FROM x\nLABEL maintainer=a\nLABEL maintainer=b\n", "FROM x\nLABEL maintainer=b\n");
        check(&RULE, "FROM x\nLABEL maintainer=a\nLABEL maintainer=a\n", "FROM x\nLABEL maintainer=a\n");
        check_unsafe(&RULE, "FROM x\nLABEL a=1 author=b\nLABEL a=2 author=c\n", "FROM x\nLABEL a=2 author=c\n");
    }

    #[test]
    fn others_stay() {
        for text in [
            "FROM x\nLABEL a=1\nFROM y\nLABEL a=2\n",
            "FROM x\nLABEL a=1 A=2\n",
            "FROM x\nLABEL $a=1\nLABEL $a=2\n",
            "FROM x\nLABEL a=1 $b=2 a=3\n",
            "FROM x\nLABEL a=1\nONBUILD LABEL a=2\n",
            "FROM x\nENV a=1\nENV a=2\n",
        ] {
            assert_eq!(findings(&RULE, text).len(), 0, "{text}");
        }
        let commented = "FROM x\nLABEL a=1 \\\n      # of b\n      b=2 \\\n      c=3\nLABEL b=4\n";
        assert_eq!(findings(&RULE, commented).len(), 1);
        check_same(&RULE, commented);
        let why = "FROM x\nLABEL a=1 \\\n  # why\n  b=2\nLABEL a=3 b=4\n";
        assert_eq!(findings(&RULE, why).len(), 2);
        check_same(&RULE, why);
    }
}
