//! RUN instructions in shell form, read once for all who ask.

use super::{Invocation, Model, invocations};
use crate::syntax::{
    SyntaxKind::RUN,
    ast::{Instruction, Script, joined_text},
};

/// A RUN in shell form whose text could be read.
#[derive(Debug)]
pub struct Run {
    /// The index of its stage.
    pub stage: usize,
    /// Its index in the stage.
    pub at: usize,
    /// The instruction.
    pub instruction: Instruction,
    /// Its shell text, read.
    pub script: Script,
    /// Its shell text, joined.
    pub text: String,
    /// The calls of package managers in it, in order.
    pub calls: Vec<Invocation>,
}

impl Model {
    /// All RUNs in shell form whose text could be read, in order; heredocs are not looked into.
    pub fn runs(&self) -> &[Run] {
        self.runs.get_or_init(|| {
            let all = self.stages.iter().enumerate().flat_map(|(stage, it)| {
                it.instructions.iter().enumerate().map(move |(at, instruction)| (stage, at, instruction))
            });
            all.filter_map(|(stage, at, instruction)| Run::of(stage, at, instruction)).collect()
        })
    }

    /// Those of one stage.
    pub fn runs_of(&self, stage: usize) -> &[Run] {
        let all = self.runs();
        let (start, end) = (all.partition_point(|it| it.stage < stage), all.partition_point(|it| it.stage <= stage));
        // Both are places in `all`, in this order.
        &all[start..end]
    }
}

impl Run {
    fn of(stage: usize, at: usize, instruction: &Instruction) -> Option<Run> {
        let script = (instruction.kind() == RUN).then(|| instruction.script())??;
        Some(Run {
            stage,
            at,
            instruction: instruction.clone(),
            text: joined_text(script.syntax()),
            calls: invocations(script.syntax()).collect(),
            script,
        })
    }

    /// The calls of the package managers of a family.
    pub fn calls_of(&self, family: &str) -> impl Iterator<Item = &Invocation> {
        self.calls.iter().filter(move |it| it.manager.family == family)
    }
}
