use text_size::TextRange;

use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, Safety, rule},
    model::{
        build::{Field, Part},
        is_word,
    },
    syntax::{
        SyntaxKind::*,
        ast::{KeyValue, tokens},
    },
    text::{Edit, EditSet},
};

rule! {
    /// ## What it does
    /// Writes `ENV key = value` and `LABEL key = value` without the blanks.
    ///
    /// ## Why
    /// With a blank behind the key the rest of the line is the value, and so the value begins with `=`.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine
    /// ENV MODE = production
    /// LABEL vendor ="us and them"
    /// ```
    /// ```dockerfile
    /// FROM alpine
    /// ENV MODE=production
    /// LABEL vendor="us and them"
    /// ```
    ///
    /// ## Safety and effect
    /// Unsafe: the image changes, to what was meant. Where several pairs stand in one such line, or the line is broken,
    /// it is only reported.
    pub static RULE = {
        name: "spaced-pair",
        summary: "Blanks around the `=` of ENV and LABEL, so that the value begins with it",
        since: "0.1.0",
        group: Group::Instructions,
        safety: Safety::Unsafe,
        effect: Effect::Image,
        // A variable is in the environment of all that follows, and in what it is used for.
        changes: &[
            Change::Config(Field::Env),
            Change::Config(Field::Labels),
            Change::Config(Field::User),
            Change::Config(Field::WorkingDir),
            Change::Config(Field::ExposedPorts),
            Change::Config(Field::Volumes),
            Change::Config(Field::StopSignal),
            Change::Step(Part::Environment),
            Change::Step(Part::Directory),
            Change::Step(Part::User),
            Change::Step(Part::Mounts),
            Change::Step(Part::Sources),
            Change::Step(Part::Destination),
            Change::Step(Part::Heredocs),
            Change::Step(Part::Options),
        ],
        default: true,
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for instruction in ctx.instructions_of(&[ENV, LABEL]) {
        for pair in instruction.pairs().filter(|it| !it.has_eq() && it.value().starts_with('=')) {
            let keyword = instruction.kind().keyword();
            let message = format!("the value of `{}` begins with `=`: {keyword} takes no blanks around it", pair.key());
            let fix = rewrite(&pair, ctx.escape()).map(|edits| Fix {
                title: "Remove the blanks".to_owned(),
                safety: Safety::Unsafe,
                effect: Effect::Image,
                edits,
            });
            findings.push(Finding { rule: &RULE, range: instruction.range(), message, fix });
        }
    }
}

fn rewrite(pair: &KeyValue, escape: char) -> Option<EditSet> {
    let all: Vec<_> = tokens(pair.syntax()).collect();
    let [key, gap, value] = all.as_slice() else { return None };
    if (key.kind(), gap.kind(), value.kind()) != (KEY, WHITESPACE, VALUE) {
        return None;
    }
    let text = value.text().strip_prefix('=')?.trim();
    let quoted = ['"', '\''].iter().any(|quote| {
        let inner = text.strip_prefix(*quote).and_then(|it| it.strip_suffix(*quote));
        inner.is_some_and(|it| !it.contains(*quote) && !it.ends_with(escape))
    });
    let text = if text.is_empty() || !is_word(text, escape) {
        return None;
    } else if quoted || !text.contains(char::is_whitespace) {
        text.to_owned()
    } else if text.contains(['"', '\'', '=', escape]) {
        // Quotes and a second `=` are of further pairs.
        return None;
    } else {
        format!("\"{text}\"")
    };
    let range = TextRange::new(gap.text_range().start(), value.text_range().end());
    Some(Edit::replace(range, format!("={text}")).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::{
        Job, run as run_job,
        testing::{check_same, check_unsafe, findings},
    };

    #[test]
    fn blanks_go() {
        for (before, after) in [
            ("ENV A = b", "ENV A=b"),
            ("ENV A =b", "ENV A=b"),
            ("ENV A = b c", "ENV A=\"b c\""),
            ("LABEL a = 'b  c'", "LABEL a='b  c'"),
            ("ENV A = $B/c", "ENV A=$B/c"),
        ] {
            check_unsafe(
                &RULE,
                &format!("FROM x\n{before}\nRUN c\nWORKDIR $A\n"),
                &format!("FROM x\n{after}\nRUN c\nWORKDIR $A\n"),
            );
        }
    }

    #[test]
    fn what_is_not_clear_stays() {
        for text in ["ENV A = b C = d", "ENV A = \"b\" C=\"d\"", "ENV A =", "ENV A = \\\n  b", "ENV A = it's"] {
            let text = format!("FROM x\n{text}\n");
            assert_eq!(findings(&RULE, &text).len(), 1, "{text}");
            check_same(&RULE, &text);
        }
        let both: Vec<_> = crate::rules::ALL.iter().copied().filter(|it| it.default).collect();
        let outcome = run_job("FROM x\nLABEL Description = \"x\"\n", &Job { rules: both, ..Job::default() });
        assert_eq!(outcome.findings.iter().map(|it| it.rule.name).collect::<Vec<_>>(), ["spaced-pair"]);
        for text in ["ENV A=b", "ENV A==b", "ENV A b = c", "ENV A \"= b\"", "ONBUILD ENV A = b", "ARG A = b"] {
            assert_eq!(findings(&RULE, &format!("FROM x\n{text}\n")).len(), 0, "{text}");
        }
    }
}
