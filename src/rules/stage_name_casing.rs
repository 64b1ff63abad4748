use std::collections::{HashMap, HashSet};

use text_size::TextRange;

use crate::{
    fix::{Context, Effect, Finding, Findings, Fix, Group, Safety, rule},
    model::{Reference, references},
    syntax::ast::Instruction,
    text::{Edit, EditSet},
};

rule! {
    /// ## What it does
    /// Writes the name of a stage in lower case, and likewise where COPY, ADD and RUN take from it.
    ///
    /// ## Why
    /// BuildKit keeps the name in lower case, whatever the file says, and warns. A `FROM Builder` doesn't find the
    /// stage.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang AS Builder
    /// RUN go build -o /app .
    /// FROM alpine
    /// COPY --from=Builder /app /app
    /// ```
    /// ```dockerfile
    /// FROM golang AS builder
    /// RUN go build -o /app .
    /// FROM alpine
    /// COPY --from=builder /app /app
    /// ```
    ///
    /// ## Safety and effect
    /// Safe, and nothing is rebuilt; `--target` minds no case. Only reported where a FROM is a variable that may be the
    /// stage, in a file where a FROM names one in upper case, which BuildKit doesn't build today, for a name that has a
    /// meaning of its own (`Scratch`, `Context`), and for one that a line break tears.
    pub static RULE = {
        name: "stage-name-casing",
        summary: "The name of a stage in upper case",
        since: "0.1.0",
        group: Group::Instructions,
        safety: Safety::Safe,
        effect: Effect::None,
        default: true,
        ids: &["StageNameCasing"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    let froms: Vec<&Instruction> = ctx.stages().filter_map(|it| it.1.instructions.first()).collect();
    let images: Vec<&str> = ctx.stages().map(|it| it.1.image.as_str()).collect();
    // No name of a stage holds one of these.
    let variable = images.iter().any(|it| it.contains('$') && !it.contains([':', '/', '@']));
    let upper: Vec<_> = froms.iter().filter(|it| ctx.sound(it)).filter_map(|it| it.words().nth(1)).collect();
    let upper: Vec<(String, TextRange)> = upper.into_iter().map(|it| (it.text(), it.syntax().text_range())).collect();
    if !upper.iter().any(|it| it.0.bytes().any(|it| it.is_ascii_uppercase())) {
        return;
    }
    let lost = |image: &&&str| image.bytes().any(|it| it.is_ascii_uppercase());
    let lost: HashSet<String> = images.iter().filter(lost).map(|it| it.to_ascii_lowercase()).collect();
    // Such a file is not BuildKit's, or it is broken: either way its names are not to be changed halfway.
    let broken = upper.iter().any(|it| lost.contains(&it.0.to_ascii_lowercase()));
    let mut named: HashMap<String, Vec<Reference>> = HashMap::new();
    let mut ended: HashSet<String> = HashSet::new();
    // The names that something takes from before their stage is at its end, which BuildKit refuses.
    let mut early: HashSet<String> = HashSet::new();
    for (_, stage) in ctx.stages() {
        for it in stage.instructions.iter().filter(|it| ctx.sound(it)).flat_map(references) {
            let name = it.name.to_ascii_lowercase();
            if !ended.contains(&name) {
                early.insert(name.clone());
            }
            named.entry(name).or_default().push(it);
        }
        ended.extend(stage.name.clone());
    }
    for (name, range) in upper {
        let lower = name.to_ascii_lowercase();
        if lower == name {
            continue;
        }
        let message = match lost.contains(&lower) {
            true => format!("BuildKit knows this stage as `{lower}`, so that a FROM in this file doesn't find it"),
            false => format!("BuildKit knows this stage as `{lower}`"),
        };
        let reserved = matches!(lower.as_str(), "scratch" | "context");
        let fix = if variable || broken || reserved || early.contains(&lower) {
            None
        } else {
            rename(ctx, range, &name, named.get(&lower))
        };
        findings.push(Finding { rule: &RULE, range, message, fix });
    }
}

/// Writes a name in lower case at its stage and wherever it is named.
fn rename(ctx: &Context<'_>, range: TextRange, name: &str, named: Option<&Vec<Reference>>) -> Option<Fix> {
    let mut edits = EditSet::default();
    let lower = name.to_ascii_lowercase();
    if ctx.slice(range) != name {
        return None;
    }
    edits.push(Edit::replace(range, lower.as_str())).ok()?;
    for it in named.into_iter().flatten().filter(|it| it.name != lower) {
        // Quoted or torn it stays as it is: what minds no case finds the stage by either.
        if let Some(range) = it.range.filter(|range| ctx.slice(*range) == it.name) {
            edits.push(Edit::replace(range, lower.as_str())).ok()?;
        }
    }
    Some(Fix { title: format!("Call it `{lower}`"), safety: Safety::Safe, effect: Effect::None, edits })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, findings};

    #[test]
    fn names_get_lower_case_wherever_they_stand() {
        check(
            &RULE,
            "FROM a:$X as Base\nFROM base AS Two\nCOPY --chown=1 --from=BASE /b /c\nRUN --mount=type=bind,from=Base,target=/x --mount=from=base,target=/Base d Base\nFROM Two.example/x\nCOPY --from=Two / /\nADD Base Two\n",
            "FROM a:$X as base\nFROM base AS two\nCOPY --chown=1 --from=base /b /c\nRUN --mount=type=bind,from=base,target=/x --mount=from=base,target=/Base d Base\nFROM Two.example/x\nCOPY --from=two / /\nADD Base Two\n",
        );
        check(&RULE, "FROM a AS B\nCOPY --from=\"B\" c d\n", "FROM a AS b\nCOPY --from=\"B\" c d\n");
    }

    #[test]
    fn what_may_be_a_stage_is_a_gate() {
        check_same(&RULE, "FROM a AS B\nFROM c AS D\nFROM B\n");
        for text in
            ["FROM a AS Scratch\n", "ARG X\nFROM a AS B\nFROM $X\n", "FROM a AS B\nFROM B\n", "FROM a AS B\\\nC\n"]
        {
            check_same(&RULE, text);
            assert_eq!(findings(&RULE, text).len(), 1, "{text}");
        }
        for text in ["FROM a\n", "FROM a AS b\nCOPY --from=B c d\n", "FROM A\n", "FROM a AS B C\nFROM d\n"] {
            check_same(&RULE, text);
            assert_eq!(findings(&RULE, text).len(), 0, "{text}");
        }
    }
}
