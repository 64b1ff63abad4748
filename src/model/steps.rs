//! The steps that BuildKit would run, and which of two documents' steps share their cache.

use crate::{
    model::Reading,
    syntax::{
        Parse,
        SyntaxKind::{ADD, ARG, COPY, ENV, FROM, RUN, SHELL, USER, WORKDIR},
    },
};

/// How many steps of `after` have another cache key than in `before`: those whose text differs, and those of the same
/// stage that stand on one. A first count: what other stages copy from a changed one is not followed.
pub fn steps_rebuilt(before: &Parse, after: &Parse) -> usize {
    let (old, new) = (stages(before), stages(after));
    let pairs = new.iter().enumerate().map(|(i, stage)| (stage, old.get(i).map_or(&[][..], Vec::as_slice)));
    pairs.map(|(new, old)| rebuilt(new, old)).sum()
}

/// The steps from the first on that differs.
fn rebuilt(new: &[(bool, Reading)], old: &[(bool, Reading)]) -> usize {
    let same = new.iter().zip(old).take_while(|(new, old)| new.1 == old.1).count();
    new.iter().skip(same).filter(|it| it.0).count()
}

/// The instructions of each stage on which cache keys stand, and whether each is a step.
fn stages(parse: &Parse) -> Vec<Vec<(bool, Reading)>> {
    let mut stages = vec![Vec::new()];
    for instruction in parse.file().instructions() {
        let kind = instruction.kind();
        if kind == FROM {
            stages.push(Vec::new());
        }
        if !matches!(kind, FROM | ARG | ENV | RUN | COPY | ADD | WORKDIR | USER | SHELL) {
            continue;
        }
        let mut reading = Reading::of(&instruction, parse.escape());
        reading.keyword.clear();
        if kind == FROM {
            reading.args.truncate(1);
        }
        for arg in reading.args.iter_mut().filter(|_| matches!(kind, ENV)) {
            // The separator of the legacy form is not in the key.
            if arg.is_empty() {
                arg.push('=');
            }
        }
        if let Some(stage) = stages.last_mut() {
            stage.push((matches!(kind, RUN | COPY | ADD | WORKDIR), reading));
        }
    }
    stages
}
