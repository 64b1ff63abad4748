//! What a build has in common with that of the version before. Most instructions of two versions are the very same
//! nodes, and what one does depends on itself and on the instructions before it that change how it is understood; where
//! these are the same, so is its step, which the two builds then share.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::{Build, Part, Step, stages::Builder};
use crate::{
    model::Reading,
    syntax::{Green, Parse, SyntaxKind::*, ast::Instruction},
};

/// The number of a state: of all that an instruction may look at but for the names of stages further down. Where two
/// builds of which one was made after the other have the same number, they have the same state.
type Number = u32;

/// Under which circumstances a step is the same again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    /// The state before it.
    state: Number,
    /// How many bytes were copied for it alone.
    spent: usize,
}

/// An instruction that changes the state.
#[derive(Debug, Clone, Copy)]
struct Change {
    before: Number,
    after: Number,
}

/// What the build of the next version may take from a build.
#[derive(Debug)]
pub(super) struct Trace {
    escape: char,
    /// The instructions that change the state. FROMs are by themselves, for they are read anew in each version.
    changes: Vec<(Instruction, Change)>,
    froms: Vec<(Instruction, Change)>,
    /// The state that the builder is in, and the first number that no state has.
    state: Number,
    next: Number,
}

impl Trace {
    pub(super) fn new(before: Option<&Build>, parse: &Parse) -> Trace {
        let next = before.map_or(1, |it| it.trace.next);
        let (changes, froms) = (Vec::new(), Vec::new());
        Trace { escape: parse.escape(), changes, froms, state: 0, next }
    }
}

/// What a build may take from the one before.
#[derive(Default)]
pub(super) struct Before<'b> {
    steps: FxHashMap<*const (), (&'b Step, Seen)>,
    changes: FxHashMap<*const (), Change>,
    froms: &'b [(Instruction, Change)],
}

impl<'b> Before<'b> {
    pub(super) fn new(build: Option<&'b Build>, parse: &Parse) -> Self {
        let Some(build) = build.filter(|it| it.trace.escape == parse.escape()) else { return Before::default() };
        let steps = build.stages.iter().flat_map(|it| &it.steps);
        Before {
            steps: steps.filter_map(|it| Some((address(&it.instruction), (it, it.seen?)))).collect(),
            changes: build.trace.changes.iter().map(|it| (address(&it.0), it.1)).collect(),
            froms: &build.trace.froms,
        }
    }
}

fn address(instruction: &Instruction) -> *const () {
    Green::of(instruction.syntax()).address()
}

impl Builder<'_> {
    /// Does an instruction, or takes its step from the build before.
    pub(super) fn do_once(&mut self, instruction: &Instruction) {
        match instruction.kind() {
            RUN | COPY | ADD if self.take(instruction) => {}
            RUN | COPY | ADD => {
                let (problems, needs) = (self.problems.len(), self.needs.len());
                let left = self.budget - self.shared_cost(instruction).min(self.budget);
                self.looked_up = false;
                self.read_and_do(instruction);
                let steps = self.stages.last_mut().map(|it| &mut it.steps);
                // Where there is nothing left to spend, what an instruction does depends on that.
                let alone = !self.looked_up && self.budget > 0;
                if let Some(step) = steps.and_then(|it| it.last_mut()).filter(|it| it.key.kind == instruction.kind())
                    && alone
                    && (problems, needs) == (self.problems.len(), self.needs.len())
                {
                    step.seen = Some(Seen { state: self.trace.state, spent: left - self.budget });
                }
            }
            ARG | ENV | WORKDIR | USER | SHELL | ONBUILD => {
                self.read_and_do(instruction);
                self.note_change(instruction);
            }
            _ => self.read_and_do(instruction),
        }
    }

    fn read_and_do(&mut self, instruction: &Instruction) {
        let reading = Reading::of(instruction, self.escape);
        self.dispatch(instruction, &reading, instruction.range());
    }

    /// How many bytes the environment costs an instruction, which it shares with those behind it.
    fn shared_cost(&self, instruction: &Instruction) -> usize {
        if instruction.kind() == RUN { self.state.environment.cost() } else { 0 }
    }

    /// Takes an instruction's step from the build before; says whether it could.
    fn take(&mut self, instruction: &Instruction) -> bool {
        let Some((step, seen)) = self.before.steps.get(&address(instruction)).copied() else { return false };
        let cost = seen.spent + self.shared_cost(instruction);
        if seen.state != self.trace.state || self.budget <= cost {
            return false;
        }
        self.budget -= cost;
        if instruction.kind() == RUN {
            // One without a word is left out.
            let words = step.key.parts.iter().find(|it| it.0 == Part::Environment);
            self.state.environment.share(words.map_or(&Rc::default(), |it| &it.1));
        }
        if let Some(stage) = self.stages.last_mut() {
            stage.steps.push(Step {
                instruction: instruction.clone(),
                range: instruction.range(),
                key: Rc::clone(&step.key),
                sources: Vec::new(),
                seen: Some(seen),
            });
        }
        true
    }

    /// Gives a number to the state after an instruction that changes it.
    pub(super) fn note_change(&mut self, instruction: &Instruction) {
        let before = self.trace.state;
        let known = match instruction.kind() {
            FROM => {
                let same = |it: &&(Instruction, Change)| it.0.syntax().green() == instruction.syntax().green();
                self.before.froms.get(self.trace.froms.len()).filter(same).map(|it| it.1)
            }
            _ => self.before.changes.get(&address(instruction)).copied(),
        };
        let known = known.filter(|it| it.before == before && self.budget > 0);
        let change = known.unwrap_or_else(|| {
            self.trace.next += 1;
            Change { before, after: self.trace.next - 1 }
        });
        self.trace.state = change.after;
        if self.budget == 0 {
            return;
        }
        let list = if instruction.kind() == FROM { &mut self.trace.froms } else { &mut self.trace.changes };
        list.push((instruction.clone(), change));
    }
}
