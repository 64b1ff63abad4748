use std::collections::{HashMap, HashSet};

use text_size::TextRange;

use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, Safety, rule},
    model::{
        build::{Field, Part},
        literal, variables,
    },
    syntax::{
        SyntaxKind::*,
        ast::{Instruction, KeyValue, has_comment},
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
    if !ctx.instructions_of(&[ENV]).any(|it| ctx.slice(it.syntax().text_range()).contains('$')) {
        return;
    }
    let escape = ctx.escape();
    // What each stage sets, of which those with which one begins stand before it.
    let mut all: Vec<Names> = ctx.model.stages.iter().map(|_| Names::default()).collect();
    for (nth, stage) in ctx.model.stages.iter().enumerate() {
        for instruction in &stage.instructions {
            let before = |it: &usize| ctx.model.stages.get(*it).and_then(|it| it.parent());
            let known = |name: &str| {
                std::iter::successors(Some(nth), before).filter_map(|it| all.get(it)).any(|it| it.may_hold(name))
            };
            if instruction.kind() == ENV && stage.has_from() && ctx.sound(instruction) {
                findings.extend(finding(ctx, instruction, known));
            }
            if let Some(own) = all.get_mut(nth) {
                own.add(instruction, escape);
            }
        }
    }
}

fn finding(ctx: &Context<'_>, instruction: &Instruction, known: impl Fn(&str) -> bool) -> Option<Finding> {
    let escape = ctx.escape();
    let pairs: Vec<KeyValue> = instruction.pairs().collect();
    // A lone pair has none before it.
    if pairs.len() < 2 {
        return None;
    }
    // The names that the ENV sets up to here, with their places.
    let mut set: HashMap<String, usize> = HashMap::new();
    for (i, pair) in pairs.iter().enumerate() {
        let used = variables(&pair.value(), escape);
        let early = used.iter().filter(|it| set.contains_key(*it) && !known(it));
        if let Some(name) = early.min_by_key(|it| set.get(*it)) {
            let message = format!("`${name}` is not yet set here: an ENV sees the variables as they were before it");
            let fix = split(ctx, instruction, &pairs, i).map(|edits| Fix {
                title: "Split the ENV".to_owned(),
                safety: Safety::Suggest,
                effect: Effect::Image,
                edits,
            });
            return Some(Finding { rule: &RULE, range: pair.syntax().text_range(), message, fix });
        }
        let key = literal(&pair.key(), escape).filter(|it| !INHERITED.contains(&it.as_str()) && !used.contains(it));
        if let Some(key) = key {
            set.entry(key).or_insert(i);
        }
    }
    None
}

/// The variables to which a stage may give values.
#[derive(Default)]
struct Names {
    names: HashSet<String>,
    /// Whether one is among them whose name is not known.
    any: bool,
}

impl Names {
    fn add(&mut self, instruction: &Instruction, escape: char) {
        for pair in instruction.pairs().filter(|_| matches!(instruction.kind(), ENV | ARG)) {
            match literal(&pair.key(), escape) {
                Some(name) => _ = self.names.insert(name),
                None => self.any = true,
            }
        }
    }

    fn may_hold(&self, name: &str) -> bool {
        self.any || self.names.contains(name)
    }
}

/// Begins a new ENV with a pair; `None` where a comment stands before it.
fn split(ctx: &Context<'_>, instruction: &Instruction, pairs: &[KeyValue], at: usize) -> Option<EditSet> {
    let before = pairs.get(at.checked_sub(1)?)?.syntax().text_range().end();
    let gap = TextRange::new(before, pairs.get(at)?.syntax().text_range().start());
    if has_comment(instruction.syntax(), gap) {
        return None;
    }
    let keyword = ctx.slice(instruction.keyword_range());
    Some(Edit::replace(gap, format!("{}{keyword} ", ctx.eol)).into())
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
