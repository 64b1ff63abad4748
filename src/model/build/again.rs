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
    /// How many bytes were copied for it alone, which are fewer than may be copied at all.
    spent: u32,
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
        let mut steps = FxHashMap::default();
        steps.reserve(build.steps());
        let all = build.stages.iter().flat_map(|it| &it.steps);
        steps.extend(all.filter_map(|it| Some((address(&it.instruction), (it, it.seen?)))));
        Before {
            steps,
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
                    let spent = u32::try_from(left - self.budget);
                    step.seen = spent.ok().map(|spent| Seen { state: self.trace.state, spent });
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
        let cost = seen.spent as usize + self.shared_cost(instruction);
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::syntax::Reparser;

    /// Instructions that change what others mean, and those others.
    const LINES: &[&str] = &[
        "ARG a=1",
        "FROM a AS b",
        "FROM a AS c",
        "FROM b",
        "FROM $a",
        "FROM c AS b",
        "ARG a",
        "ARG b=$a",
        "ENV a=x",
        "ENV a=y b=$a",
        "ENV c $b",
        "WORKDIR w",
        "WORKDIR /$a",
        "USER $b",
        "SHELL [\"s\", \"-c\"]",
        "ONBUILD ENV a=z",
        "ONBUILD RUN t",
        "RUN r",
        "RUN --mount=type=cache,target=/$a r",
        "RUN --mount=from=b,target=/x r",
        "RUN [\"r\"]",
        "RUN --mount=target=${ r",
        "COPY a b",
        "COPY --chown=$b $a b/",
        "COPY --from=b x y",
        "COPY --from=c x y",
        "ADD ${a:-z} /b",
        "LABEL l=$a",
        "CMD c",
        "ENTRYPOINT e",
        "EXPOSE $a",
        "nothing",
        "# escape=`",
    ];

    fn after(parse: &Parse, before: &Build) -> Build {
        Build::of(parse, &parse.file().instructions().collect::<Vec<_>>(), Some(before))
    }

    /// All that a build says, in words.
    fn said(build: &Build) -> String {
        let step = |it: &Step| format!("{:?} {:?} {:?} {}", it.range, it.key, it.sources, it.instruction.text());
        let by = |it: Option<&Instruction>| it.map(|it| it.syntax().text_range());
        let mut out = format!("{:?} {:?}\n", build.problems, build.needs);
        for stage in &build.stages {
            let config = stage.config.iter().map(|(field, it)| (field, &it.value, by(it.by.as_ref())));
            let steps: Vec<String> = stage.steps.iter().map(step).collect();
            out += &format!("{:?} {} {steps:#?} {:?}\n", stage.name, stage.image, config.collect::<Vec<_>>());
        }
        out
    }

    proptest! {
        #[test]
        fn a_build_is_what_it_is_on_its_own(
            lines in prop::collection::vec(0..LINES.len(), 1..14),
            edits in prop::collection::vec((0..14usize, 0..LINES.len(), 0..3), 1..6),
        ) {
            let mut reparser = Reparser::default();
            let mut lines: Vec<&str> = lines.into_iter().map(|it| LINES[it]).collect();
            let mut before: Option<Build> = None;
            for (at, line, what) in edits {
                let text: String = lines.iter().map(|it| format!("{it}\n")).collect();
                let parse = reparser.parse(&text);
                let build = before.map_or_else(|| Build::new(&parse), |it| after(&parse, &it));
                prop_assert_eq!(said(&build), said(&Build::new(&parse)));
                before = Some(build);
                let at = at.min(lines.len());
                match what {
                    0 => lines.insert(at, LINES[line]),
                    1 if at < lines.len() => lines[at] = LINES[line],
                    _ if at < lines.len() => _ = lines.remove(at),
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn what_stays_is_shared_and_what_sees_a_change_is_not() {
        let mut reparser = Reparser::default();
        let mut build = |body: &str| reparser.parse(&format!("FROM a\n{body}"));
        let before = Build::new(&build("RUN r\nENV a=x\nRUN s\nCOPY $a b\n"));
        let shared = |parse: Parse| {
            let after = after(&parse, &before);
            let steps = before.stages[0].steps.iter().zip(&after.stages[0].steps);
            steps.map(|(one, other)| Rc::ptr_eq(&one.key, &other.key)).collect::<Vec<_>>()
        };
        assert_eq!(shared(build("# c\nRUN r\nENV a=x\nRUN s\nCOPY $a b\n")), [false, true, true, true]);
        assert_eq!(shared(build("RUN r\nENV a=y\nRUN s\nCOPY $a b\n")), [false, true, false, false]);
    }
}
