use text_size::TextRange;

use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, Safety, rule},
    model::{
        build::{Field, Part},
        literal, variables,
    },
    syntax::{
        SyntaxKind::*,
        ast::{Instruction, KeyValue, tokens},
    },
    text::{Edit, EditSet},
};

rule! {
    /// ## What it does
    /// Reports a variable that an ENV uses right where it sets it, and shows the ENV split in two.
    ///
    /// ## Why
    /// All values of one ENV see the variables as they were before it: in `ENV A=1 B=$A` the value of `B` is empty.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine
    /// ENV HOME_DIR=/opt/app DATA_DIR=$HOME_DIR/data
    /// ```
    ///
    /// ## Safety and effect
    /// Shown only: the image would change. A variable that has a value before the ENV, from the file itself or from the
    /// base image as `PATH` does, is left alone, and so is one whose own new value refers to it.
    pub static RULE = {
        name: "self-referring-env",
        summary: "An ENV that uses a variable which it sets itself",
        since: "0.1.0",
        group: Group::Instructions,
        safety: Safety::Suggest,
        effect: Effect::Image,
        changes: &[Change::Config(Field::Env), Change::Step(Part::Environment)],
        default: true,
        ids: &["DL3044"],
        run: run,
    };
}

/// Variables that images have without a word in the file.
const INHERITED: &[&str] =
    &["PATH", "HOME", "LD_LIBRARY_PATH", "PYTHONPATH", "JAVA_HOME", "GOPATH", "GOROOT", "USER", "LANG"];

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    let escape = ctx.escape();
    for (nth, stage) in ctx.stages() {
        for (at, instruction) in
            stage.instructions.iter().enumerate().filter(|it| it.1.kind() == ENV && ctx.sound(it.1))
        {
            let pairs: Vec<KeyValue> = instruction.pairs().collect();
            let mut set: Vec<String> = Vec::new();
            for (i, pair) in pairs.iter().enumerate() {
                let used = variables(&pair.value(), escape);
                let known = |name: &str| {
                    let own = stage.instructions.iter().take(at);
                    let inherited = ctx.model.ancestry(nth).skip(1).flat_map(|it| &it.instructions);
                    own.chain(inherited).any(|it| sets(it, name, escape))
                };
                if let Some(name) = set.iter().find(|it| used.contains(it) && !known(it)) {
                    let message =
                        format!("`${name}` is not yet set here: an ENV sees the variables as they were before it");
                    let fix = split(ctx, instruction, &pairs, i).map(|edits| Fix {
                        title: "Split the ENV".to_owned(),
                        safety: Safety::Suggest,
                        effect: Effect::Image,
                        edits,
                    });
                    findings.push(Finding { rule: &RULE, range: pair.syntax().text_range(), message, fix });
                    break;
                }
                let key = literal(&pair.key(), escape).filter(|it| !INHERITED.contains(&it.as_str()));
                set.extend(key.filter(|it| !used.contains(it)));
            }
        }
    }
}

/// Whether an instruction may give a variable a value.
fn sets(instruction: &Instruction, name: &str, escape: char) -> bool {
    matches!(instruction.kind(), ENV | ARG)
        && instruction.pairs().any(|it| literal(&it.key(), escape).is_none_or(|it| it == name))
}

/// Begins a new ENV with a pair; `None` where a comment stands before it.
fn split(ctx: &Context<'_>, instruction: &Instruction, pairs: &[KeyValue], at: usize) -> Option<EditSet> {
    let before = pairs.get(at.checked_sub(1)?)?.syntax().text_range().end();
    let gap = TextRange::new(before, pairs.get(at)?.syntax().text_range().start());
    let comment = |it: crate::syntax::SyntaxToken| it.kind() == COMMENT_LINE && gap.contains_range(it.text_range());
    if tokens(instruction.syntax()).any(comment) {
        return None;
    }
    let keyword = ctx.slice(instruction.keyword_range());
    let mut edits = EditSet::default();
    edits.push(Edit::replace(gap, format!("{}{keyword} ", ctx.eol))).ok()?;
    Some(edits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check_same, findings, suggested};

    #[test]
    fn a_split_is_shown() {
        for (before, after) in [
            ("ENV A=1 B=$A", "ENV A=1\nENV B=$A"),
            ("env A=1 \\\n    B=\"${A}/x\" \\\n    C=3", "env A=1\nenv B=\"${A}/x\" \\\n    C=3"),
            ("ENV A=1 B=2 C=${X:-$B}", "ENV A=1 B=2\nENV C=${X:-$B}"),
        ] {
            let text = format!("FROM x\n{before}\n");
            assert_eq!(suggested(&RULE, &text), [format!("FROM x\n{after}\n")]);
            check_same(&RULE, &text);
        }
        assert_eq!(findings(&RULE, "FROM x\nENV A=1 \\\n  # b\n  B=$A\n").len(), 1);
    }

    #[test]
    fn what_is_set_before_stays() {
        for text in [
            "FROM x\nENV A=1\nENV A=2 B=$A\n",
            "FROM x\nARG A\nENV A=2 B=$A\n",
            "FROM x AS y\nENV A=1\nFROM y\nENV A=2 B=$A\n",
            "FROM x\nENV PATH=/x:$PATH B=$PATH\n",
            "FROM x\nENV A=$A:1 B=$A\n",
            "FROM x\nENV B=$A A=1\n",
            "FROM x\nENV A=1 B='$A' C=\\$A\n",
            "FROM x\nENV A $A\n",
            "FROM x\nONBUILD ENV A=1 B=$A\n",
        ] {
            assert_eq!(findings(&RULE, text).len(), 0, "{text}");
        }
    }
}
