use std::collections::HashMap;

use crate::{
    fix::{Context, Effect, Finding, Findings, Fix, Group, Safety, rule},
    model::references,
    text::Edit,
};

rule! {
    /// ## What it does
    /// Names the stage that `COPY --from` takes from, where it gives its number and the stage has a name.
    ///
    /// ## Why
    /// A number has to be counted out, and is another stage's as soon as one is added above.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang AS build
    /// RUN go build -o /app .
    /// FROM alpine
    /// COPY --from=0 /app /app
    /// ```
    /// ```dockerfile
    /// FROM golang AS build
    /// RUN go build -o /app .
    /// FROM alpine
    /// COPY --from=build /app /app
    /// ```
    ///
    /// ## Safety and effect
    /// Safe, and nothing is rebuilt. A stage without a name gets none, and one whose name another stage has as well is
    /// left alone.
    pub static RULE = {
        name: "numeric-from",
        summary: "`COPY --from` with the number of a stage that has a name",
        since: "0.1.0",
        group: Group::Instructions,
        safety: Safety::Safe,
        effect: Effect::None,
        default: true,
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    let stages: Vec<_> = ctx.stages().map(|it| it.1).collect();
    // A FROM that BuildKit can't read has no name, and makes no number certain.
    if !stages.iter().all(|it| it.instructions.first().is_some_and(|it| ctx.sound(it))) {
        return;
    }
    let names: Vec<Option<&str>> = stages.iter().map(|it| it.name.as_deref()).collect();
    if names.iter().all(Option::is_none) {
        return;
    }
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for name in names.iter().flatten() {
        *counts.entry(name).or_default() += 1;
    }
    for (current, stage) in stages.iter().enumerate() {
        for instruction in stage.instructions.iter().filter(|it| ctx.sound(it)) {
            for it in references(instruction).filter(|it| it.by_index) {
                let number = it.name.parse::<usize>().ok().filter(|number| *number < current);
                let Some(range) = it.range.filter(|range| ctx.slice(*range) == it.name) else { continue };
                let Some(name) = number.and_then(|it| *names.get(it)?) else { continue };
                // What these say elsewhere is no stage.
                let reserved = matches!(name, "scratch" | "context");
                // A name in odd blanks would be others in a flag.
                let plain = name.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.".contains(&it));
                if reserved || !plain || counts.get(name) != Some(&1) {
                    continue;
                }
                let edits = Edit::replace(range, name).into();
                let title = format!("Write `{name}`");
                findings.push(Finding {
                    rule: &RULE,
                    range,
                    message: format!("the stage number {} has a name: `{name}`", it.name),
                    fix: Some(Fix { title, safety: Safety::Safe, effect: Effect::None, edits }),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same};

    #[test]
    fn numbers_become_names() {
        check(
            &RULE,
            "ARG X\nFROM a AS b\nFROM c AS d-e\nCOPY --from=0 f g\nFROM h\nCOPY --from=1 --chown=1 i j\nADD k l\n",
            "ARG X\nFROM a AS b\nFROM c AS d-e\nCOPY --from=b f g\nFROM h\nCOPY --from=d-e --chown=1 i j\nADD k l\n",
        );
    }

    #[test]
    fn what_has_no_name_of_its_own_stays() {
        for text in [
            "FROM a\nFROM b\nCOPY --from=0 c d\n",
            "FROM a AS b\nFROM c AS B\nFROM d\nCOPY --from=0 e f\n",
            "FROM a AS b\nCOPY --from=0 c d\n",
            "FROM a AS b\nFROM c\nCOPY --from=2 c d\n",
            "FROM a AS b\nFROM c\nCOPY --from=\"0\" c d\n",
            "FROM a AS b\nFROM c\nCOPY --from=alpine c d\n",
            "FROM a AS b\nFROM c\nRUN --mount=from=0,target=/d e\n",
            "FROM a \u{a0}\nFROM c\nCOPY --from=0 c d\n",
            "FROM a AS b\nFROM c d\nFROM e\nCOPY --from=0 c d\n",
            "FROM a AS scratch\nFROM c\nCOPY --from=0 c d\n",
            "FROM a AS b\nFROM c\nONBUILD COPY --from=0 c d\n",
        ] {
            check_same(&RULE, text);
        }
    }
}
