//! RUN instructions in shell form, read once for all who ask.

use std::rc::Rc;

use text_size::TextSize;

use super::{Chain, Invocation, Model, Simple};
use crate::syntax::{
    Kinds,
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
    /// Where it begins.
    start: TextSize,
    /// Whether it has heredocs.
    pub has_heredocs: bool,
    /// Its shell text, read.
    pub script: Script,
    /// Its shell text, joined.
    pub text: String,
    /// The calls of package managers in it, in order.
    pub calls: Vec<Rc<Invocation>>,
    /// Its text seen from above.
    chain: Option<Rc<Chain>>,
}

impl Model {
    /// All RUNs in shell form whose text could be read, in order; heredocs are not looked into.
    pub fn runs(&self) -> &[Run] {
        self.runs.get_or_init(|| {
            let all = self.stages.iter().enumerate().flat_map(|(stage, it)| {
                it.instructions.iter().enumerate().map(move |(at, instruction)| (stage, at, instruction))
            });
            let all = all.filter(|it| it.2.kind() == RUN);
            let mut runs = Vec::with_capacity(all.clone().count());
            runs.extend(all.filter_map(|(stage, at, instruction)| Run::of(stage, at, instruction)));
            runs
        })
    }

    /// Whether any of them calls a package manager of a family. Most files call few.
    pub fn calls_manager(&self, family: &str) -> bool {
        self.runs().iter().any(|it| it.calls_of(family).next().is_some())
    }

    /// The one of an instruction.
    pub fn run(&self, instruction: &Instruction) -> Option<&Run> {
        let all = self.runs();
        let at = all.binary_search_by_key(&instruction.syntax().text_range().start(), |it| it.start).ok()?;
        all.get(at)
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
        let script = instruction.script()?;
        let chain = Chain::of(&script).map(Rc::new);
        let commands = chain.as_ref().map_or(&[][..], |it| it.commands());
        Some(Run {
            stage,
            at,
            start: instruction.syntax().text_range().start(),
            instruction: instruction.clone(),
            has_heredocs: instruction.heredocs().next().is_some(),
            text: joined_text(script.syntax()),
            calls: commands.iter().filter_map(|it| it.invocation().cloned()).collect(),
            script,
            chain,
        })
    }

    /// Its text seen from above; `None` where it is only a comment.
    pub fn chain(&self) -> Option<&Rc<Chain>> {
        self.chain.as_ref()
    }

    /// The kinds of what it holds; none where it is only a comment.
    pub fn kinds(&self) -> Kinds {
        self.chain.as_ref().map(|it| it.kinds()).unwrap_or_default()
    }

    /// The simple commands in it, those inside compound commands and substitutions included, in order.
    pub fn commands(&self) -> &[Simple] {
        self.chain.as_ref().map_or(&[], |it| it.commands())
    }

    /// What it runs, where that stands in a heredoc, whose commands are in no [`Chain`].
    pub fn heredoc(&self) -> Option<String> {
        let is_bare = || self.commands().iter().all(|it| it.words().next().is_none());
        let texts = || self.instruction.heredocs().map(|it| it.text()).collect();
        (self.has_heredocs && is_bare()).then(texts)
    }

    /// The calls of the package managers of a family.
    pub fn calls_of(&self, family: &str) -> impl Iterator<Item = &Invocation> {
        self.calls.iter().map(Rc::as_ref).filter(move |it| it.manager.family == family)
    }
}
