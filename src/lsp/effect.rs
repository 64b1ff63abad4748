//! What an instruction does to the build, in words.

use std::fmt::Write;

use crate::{
    model::build::{Build, Part, Stage, Step},
    report::stage_name,
    syntax::{
        Parse,
        SyntaxKind::{ARG, CMD, ENTRYPOINT, ENV, HEALTHCHECK, SHELL, STOPSIGNAL, USER},
        ast::Instruction,
    },
};

/// What an instruction of a file does to its build, as Markdown; `None` where nothing is known of it.
pub(super) fn of_instruction(parse: &Parse, instruction: &Instruction) -> Option<String> {
    let build = Build::new(parse);
    let range = instruction.range();
    let mut out = format!("**{}**\n\n", instruction.kind().keyword());
    let steps = build
        .stages
        .iter()
        .enumerate()
        .flat_map(|(at, stage)| stage.steps.iter().enumerate().map(move |(nth, step)| (at, nth, step)));
    let mut steps = steps.filter(|(_, _, step)| step.range == range && step.instruction.kind() == instruction.kind());
    if let Some((at, nth, step)) = steps.next() {
        of_step(&mut out, &build, at, nth, step);
        return Some(out);
    }
    of_setting(&mut out, &build, instruction);
    Some(out)
}

/// A stage as people call it.
fn name(stage: &Stage, at: usize) -> String {
    stage_name(stage.name.as_deref(), at)
}

fn of_step(out: &mut String, build: &Build, at: usize, nth: usize, step: &Step) {
    // The step is one of this stage.
    let stage = &build.stages[at];
    // Writing to a string can't fail, here and below.
    let _ = match step.is_work() {
        true => writeln!(out, "Step {nth} of {} in {}; it makes a layer.", stage.steps.len() - 1, name(stage, at)),
        false => writeln!(out, "Begins {} with `{}`.", name(stage, at), stage.image),
    };
    let known = |part: Part| step.key.get(part).first().and_then(|it| it.known()).filter(|it| !it.is_empty());
    let facts = [("In", known(Part::Directory)), ("As user", known(Part::User)), ("To", known(Part::Destination))];
    for (word, fact) in facts {
        if let Some(fact) = fact {
            let _ = writeln!(out, "- {word} `{fact}`");
        }
    }
    let behind = stage.steps.len() - 1 - nth;
    if behind > 0 {
        let _ = writeln!(out, "- Where it changes, the {} behind it {} rebuilt.", steps(behind), are(behind));
    }
    let takes = |it: &Stage| it.steps.iter().any(|it| it.sources.contains(&at));
    let stages = build.stages.iter().enumerate().filter(|it| it.0 != at && takes(it.1));
    let stages: Vec<String> = stages.map(|(at, it)| name(it, at)).collect();
    if !stages.is_empty() {
        let _ = writeln!(out, "- What stands on {} is rebuilt too: {}.", name(stage, at), stages.join(", "));
    }
}

fn of_setting(out: &mut String, build: &Build, instruction: &Instruction) {
    let kind = instruction.kind();
    let mut set = Vec::new();
    for (at, stage) in build.stages.iter().enumerate() {
        let fields = stage.config.iter().filter(|it| it.1.by.as_ref() == Some(instruction));
        set.extend(fields.map(|it| format!("{} of {}", it.0, name(stage, at))));
    }
    if !set.is_empty() {
        let _ = writeln!(out, "Sets in the config of the image: {}.", set.join(", "));
    } else if matches!(kind, CMD | ENTRYPOINT | HEALTHCHECK | STOPSIGNAL | USER | SHELL) {
        let _ = writeln!(out, "Another {} further down takes its place in the image.", kind.keyword());
    }
    let _ = match kind {
        ARG | ENV | SHELL | USER => writeln!(out, "It makes no layer; RUNs behind it are rebuilt where it changes."),
        _ => writeln!(out, "It makes no layer, and nothing is rebuilt where it changes."),
    };
}

fn steps(count: usize) -> String {
    if count == 1 { "step".to_owned() } else { format!("{count} steps") }
}

fn are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::syntax;

    const TEXT: &str = "FROM alpine AS build\nWORKDIR /src\nUSER app\nRUN make\nRUN make test\nCMD a\nCMD b\n\
                        FROM scratch\nCOPY --from=build /src/a /a\nLABEL a=b\n";

    /// What is said of the instruction on a line.
    fn about(line: &str) -> String {
        let parse = syntax::parse(TEXT);
        let mut all = parse.file().instructions();
        of_instruction(&parse, &all.find(|it| it.text().trim() == line).unwrap()).unwrap()
    }

    #[test]
    fn steps_say_what_hangs_on_them() {
        assert_eq!(
            about("RUN make"),
            "**RUN**\n\nStep 2 of 3 in stage `build`; it makes a layer.\n- In `/src`\n- As user `app`\n\
             - Where it changes, the step behind it is rebuilt.\n- What stands on stage `build` is rebuilt too: stage 2.\n"
        );
        assert_eq!(
            about("COPY --from=build /src/a /a"),
            "**COPY**\n\nStep 1 of 1 in stage 2; it makes a layer.\n- To `/a`\n"
        );
        assert!(about("FROM scratch").starts_with("**FROM**\n\nBegins stage 2 with `scratch`.\n"));
    }

    #[test]
    fn settings_say_what_they_set() {
        assert_eq!(
            about("USER app"),
            "**USER**\n\nSets in the config of the image: User of stage `build`.\n\
             It makes no layer; RUNs behind it are rebuilt where it changes.\n"
        );
        assert!(about("CMD a").contains("Another CMD further down takes its place"));
        assert!(about("CMD b").contains("Sets in the config of the image: Cmd of stage `build`."));
        assert!(about("LABEL a=b").ends_with("nothing is rebuilt where it changes.\n"));
    }
}
