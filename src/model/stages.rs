//! Stages, what they inherit from each other, and the shell in force.

use std::{cell::OnceCell, collections::HashMap, rc::Rc};

use super::{
    Age, PackageLists, Run, User,
    bases::{Bases, Defaults},
    mentions::Texts,
    placements::Placements,
    systems::sets_shell,
};
use crate::syntax::{
    Kinds, Parse,
    SyntaxKind::{self, *},
    ast::Instruction,
    is_shell,
};

/// What BuildKit sees in a file.
#[derive(Debug)]
pub struct Model {
    /// The stages in order; instructions before the first FROM are in one that has no FROM.
    pub stages: Vec<Stage>,
    kinds: Kinds,
    pub(super) runs: OnceCell<Vec<Run>>,
    /// The image on which each stage is built, filled.
    pub(super) images: OnceCell<Vec<Option<String>>>,
    /// How old these are.
    pub(super) age: OnceCell<Age>,
    /// What is known of the package lists before each of `runs`.
    pub(super) lists: OnceCell<Vec<PackageLists>>,
    /// The words that instructions with files or commands speak of programs with.
    pub(super) placements: OnceCell<Placements>,
    /// For each stage, whether PATH has a relative entry in it.
    pub(super) relative_paths: OnceCell<Vec<bool>>,
    /// For each stage, whether a file is named in it that shells read when they start.
    pub(super) startup_files: OnceCell<Vec<bool>>,
    /// The texts of all instructions.
    pub(super) texts: OnceCell<Texts>,
    shipped: OnceCell<Vec<bool>>,
}

/// A stage: a FROM and what follows it.
#[derive(Debug)]
pub struct Stage {
    /// Its name in lower case, if it has one.
    pub name: Option<String>,
    /// The image that it begins with, as written; empty without a FROM.
    pub image: String,
    /// The earlier stages that it may begin with: one where the image names it, more where arguments of the build
    /// choose, that of their default values first.
    pub bases: Vec<usize>,
    /// The stage at the end of the row of parents, perhaps itself, as where that is not sure.
    root: usize,
    /// All its instructions, FROM first.
    pub instructions: Vec<Instruction>,
    /// The shells, each with the place of the first instruction at which it is in force; the first one is so from the
    /// beginning.
    shells: Vec<(usize, Rc<Shell>)>,
    /// Where the last instruction of each kind stands.
    last: Vec<(SyntaxKind, usize)>,
    /// Where USERs stand, with what they say.
    pub(super) users: Vec<(usize, User)>,
    /// What the last USER of the stages that it begins with says, if they have one.
    pub(super) inherited_user: Option<User>,
}

/// The shell that runs shell forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shell {
    /// None is set in the file: `/bin/sh -c`, or what the base image says.
    Unset,
    /// SHELL set this one, here or in a stage that this one begins with; empty where one is set of which nothing is
    /// known, as base images do.
    Set(Vec<String>),
}

impl Stage {
    /// The stage at a place among `stages`, which are those before it.
    fn new(name: Option<String>, image: String, bases: Vec<usize>, stages: &[Stage]) -> Stage {
        let parent = bases.first().copied();
        let below = parent.and_then(|it| stages.get(it));
        let root_of = |it: &usize| stages.get(*it).map_or(*it, |it| it.root);
        let image_of = |it: &usize| stages.get(root_of(it)).map(|it| it.image.as_str());
        // Where it may stand on several images, it is as on one of which nothing is known.
        let is_sure = bases.iter().all(|it| image_of(it) == bases.first().and_then(image_of));
        let root = bases.first().filter(|_| is_sure).map_or(stages.len(), root_of);
        let mut shells = bases.iter().filter_map(|it| stages.get(*it)?.shells.last()).map(|it| &it.1);
        let mut shell = shells.next().cloned();
        if shells.any(|it| Some(it) != shell.as_ref()) {
            // Nothing is known of the one that is in force.
            shell = Some(Rc::new(Shell::Set(Vec::new())));
        }
        if parent.is_none() && sets_shell(&image, || Defaults::of(stages.first()).fill(&image)) {
            shell = Some(Rc::new(Shell::Set(Vec::new())));
        }
        Stage {
            name,
            image,
            bases,
            root,
            instructions: Vec::new(),
            shells: vec![(0, shell.unwrap_or_else(|| Rc::new(Shell::Unset)))],
            last: Vec::new(),
            users: Vec::new(),
            inherited_user: below.and_then(|it| it.users.last().map(|it| it.1).or(it.inherited_user)),
        }
    }

    /// The earlier stage that the image names, if it names one; where arguments of the build choose among several, that
    /// of their default values, or the first.
    pub fn parent(&self) -> Option<usize> {
        self.bases.first().copied()
    }

    /// Whether it begins with a FROM; only what stands before the first one does not.
    pub fn has_from(&self) -> bool {
        self.instructions.first().is_some_and(|it| it.kind() == FROM)
    }

    /// The shell in force at an instruction, by its index; past the last one, the shell at the end of the stage.
    pub fn shell_at(&self, instruction: usize) -> &Shell {
        // The first shell is there at any place.
        &self.shells[self.shells.partition_point(|it| it.0 <= instruction) - 1].1
    }

    fn push(&mut self, instruction: Instruction) {
        let place = self.instructions.len();
        if let (SHELL, Some(array)) = (instruction.kind(), instruction.json()) {
            self.shells.push((place + 1, Rc::new(Shell::Set(array.strings()))));
        }
        if instruction.kind() == USER {
            self.users.push((place, User::of(&instruction)));
        }
        match self.last.iter_mut().find(|it| it.0 == instruction.kind()) {
            Some(last) => last.1 = place,
            None => self.last.push((instruction.kind(), place)),
        }
        self.instructions.push(instruction);
    }

    /// The last instruction of a kind in the stage itself.
    pub fn last(&self, kind: SyntaxKind) -> Option<&Instruction> {
        self.instructions.get(self.last.iter().find(|it| it.0 == kind)?.1)
    }
}

/// Whether the words of an ENTRYPOINT end in the `-c` behind which a shell takes the CMD for its text, as
/// `["sh", "-c"]`, `["bash", "-lc"]` and `["dumb-init", "--", "sh", "-c"]` do.
pub fn hands_command_string(entrypoint: &[String]) -> bool {
    entrypoint.last().and_then(|it| it.strip_prefix('-')).is_some_and(|it| !it.starts_with('-') && it.ends_with('c'))
}

/// Whether an instruction only says something in the image's config: no build step sees it. A variable
/// without a value is in no step's environment, unless the build gives it one.
pub fn is_metadata(instruction: &Instruction) -> bool {
    match instruction.kind() {
        LABEL | EXPOSE | CMD | ENTRYPOINT | HEALTHCHECK | STOPSIGNAL | MAINTAINER => true,
        ARG => instruction.pairs().all(|it| !it.has_eq()),
        _ => false,
    }
}

impl Model {
    /// Reads a file.
    pub fn new(parse: &Parse) -> Model {
        Model::of(&parse.file().instructions().collect::<Vec<_>>())
    }

    /// Reads the instructions of a file.
    pub(super) fn of(instructions: &[Instruction]) -> Model {
        let froms = instructions.iter().filter(|it| it.kind() == FROM).count();
        let mut stages = Vec::with_capacity(froms + 1);
        stages.push(Stage::new(None, String::new(), Vec::new(), &[]));
        let mut bases = Bases::default();
        let mut kinds = Kinds::default();
        for instruction in instructions {
            kinds.insert(instruction.kind());
            if instruction.kind() == FROM {
                let words: Vec<String> = instruction.words().map(|it| it.text()).collect();
                let image = words.first().cloned().unwrap_or_default();
                let name = words.get(1).map(|it| it.to_lowercase());
                let own = bases.of(&image, stages.first());
                if let Some(name) = &name {
                    bases.name(name, stages.len());
                }
                // Of a file of many stages it is much that their lists have to spare.
                stages.last_mut().into_iter().for_each(|it: &mut Stage| it.instructions.shrink_to_fit());
                stages.push(Stage::new(name, image, own, &stages));
            }
            // There is always a stage: one is put in before the first FROM.
            if let Some(stage) = stages.last_mut() {
                stage.push(instruction.clone());
            }
        }
        Model {
            stages,
            kinds,
            runs: OnceCell::new(),
            images: OnceCell::new(),
            age: OnceCell::new(),
            lists: OnceCell::new(),
            placements: OnceCell::new(),
            relative_paths: OnceCell::new(),
            startup_files: OnceCell::new(),
            texts: OnceCell::new(),
            shipped: OnceCell::new(),
        }
    }

    /// Whether an instruction of one of some kinds stands in the file, triggers left out.
    pub fn has_any(&self, kinds: &[SyntaxKind]) -> bool {
        self.kinds.has_any(kinds)
    }

    /// For each stage, whether any stage that begins with it, or may do so, directly or by way of others, is as
    /// `wanted`, which is given its index, says.
    pub fn any_descendant(&self, wanted: impl Fn(usize) -> bool) -> Vec<bool> {
        let mut found = vec![false; self.stages.len()];
        // A stage begins with an earlier one only, so that from the back each child is done before its parent.
        for (at, stage) in self.stages.iter().enumerate().rev() {
            let below = found.get(at).copied().unwrap_or_default();
            for base in &stage.bases {
                if let Some(base) = found.get_mut(*base) {
                    *base |= below || wanted(at);
                }
            }
        }
        found
    }

    /// For each stage, whether an image is made of it or of one that begins with it: of the last one, and of those from
    /// which no other stage takes anything, which are built by their names. What other stages leave behind is in no
    /// image.
    pub fn shipped(&self) -> &[bool] {
        self.shipped.get_or_init(|| self.find_shipped())
    }

    fn find_shipped(&self) -> Vec<bool> {
        let mut named: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, stage) in self.stages.iter().enumerate() {
            named.entry(stage.name.as_deref().unwrap_or_default()).or_default().push(at);
        }
        let mut shipped: Vec<bool> = self.stages.iter().map(|it| it.has_from() && it.name.is_some()).collect();
        let flags = self.stages.iter().flat_map(|it| &it.instructions).flat_map(|it| it.flags());
        for flag in flags.map(|it| it.text().to_lowercase()) {
            // In doubt a stage is taken from.
            for from in
                flag.split("from=").skip(1).filter_map(|it| it.split([',', '"', '\'', '\\']).find(|it| !it.is_empty()))
            {
                if from.contains('$') {
                    // Any may be meant.
                    shipped.fill(false);
                    continue;
                }
                let number = from.parse().ok().and_then(|it: usize| it.checked_add(1));
                // Once is enough.
                for nth in named.remove(from).unwrap_or_default().into_iter().chain(number) {
                    if let Some(it) = shipped.get_mut(nth) {
                        *it = false;
                    }
                }
            }
        }
        for base in self.stages.iter().flat_map(|it| &it.bases) {
            if let Some(it) = shipped.get_mut(*base) {
                *it = false;
            }
        }
        if let Some(last) = shipped.last_mut() {
            *last = true;
        }
        // A stage begins with an earlier one only, so that from the back each child is done before its parent.
        for (at, stage) in self.stages.iter().enumerate().rev() {
            let is_shipped = shipped.get(at) == Some(&true);
            if let Some(parent) = stage.parent().and_then(|it| shipped.get_mut(it)) {
                *parent |= is_shipped;
            }
        }
        shipped
    }

    /// Whether an instruction of a stage, or of those that it begins with, is as `wanted` says; what all stages are is
    /// remembered in `known`.
    pub(super) fn inherited(
        &self,
        known: &OnceCell<Vec<bool>>,
        stage: usize,
        wanted: impl Fn(&Instruction) -> bool,
    ) -> bool {
        let all = known.get_or_init(|| {
            let mut all: Vec<bool> = Vec::new();
            for stage in &self.stages {
                // A stage begins with an earlier one only.
                let inherited = stage.bases.iter().any(|it| all.get(*it) == Some(&true));
                all.push(inherited || stage.instructions.iter().any(&wanted));
            }
            all
        });
        all.get(stage).copied().unwrap_or_default()
    }

    /// The stage on whose image a stage is built, by way of others perhaps.
    pub fn root(&self, stage: usize) -> Option<usize> {
        self.stages.get(stage).map(|it| it.root)
    }

    /// A stage, and then the stages that it begins with.
    pub fn ancestry(&self, stage: usize) -> impl Iterator<Item = &Stage> {
        std::iter::successors(self.stages.get(stage), |it| self.stages.get(it.parent()?))
    }

    /// The ENTRYPOINT or HEALTHCHECK in effect at the end of a stage: its last one, or that of the stage it begins
    /// with.
    pub fn in_effect(&self, stage: usize, kind: SyntaxKind) -> Option<&Instruction> {
        self.ancestry(stage).find_map(|it| it.last(kind))
    }

    /// The CMD in effect at the end of a stage. An ENTRYPOINT makes BuildKit forget the CMD that the stage inherits,
    /// but not one that the stage sets itself.
    pub fn command_in_effect(&self, stage: usize) -> Option<&Instruction> {
        let decisive = self.ancestry(stage).find(|it| it.last(CMD).or(it.last(ENTRYPOINT)).is_some());
        decisive.and_then(|it| it.last(CMD))
    }

    /// Whether the file says that other files build on an image of a stage: by a trigger, or by the stage's name.
    pub fn is_base(&self, stage: usize) -> bool {
        let named = self.stages.get(stage).and_then(|it| it.name.as_deref()).is_some_and(|it| it.contains("base"));
        named || self.ancestry(stage).any(|it| it.last(ONBUILD).is_some())
    }

    /// Whether the file says what a container of a stage starts, and that it is no shell for somebody to work in.
    pub fn starts_program(&self, stage: usize) -> bool {
        let (command, entrypoint) = (self.command_in_effect(stage), self.in_effect(stage, ENTRYPOINT));
        let Some(first) = entrypoint.or(command) else { return false };
        let words = match first.json() {
            Some(array) => array.strings(),
            None => first.arguments().split_whitespace().map(str::to_owned).collect(),
        };
        let Some((program, rest)) = words.split_first() else { return false };
        !(is_shell(program) && rest.iter().all(|it| it.starts_with('-') && !it.contains('c')))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    fn model(text: &str) -> Model {
        Model::new(&parse(text))
    }

    #[test]
    fn shells_are_inherited() {
        let model = model("FROM a AS b\nRUN x\nSHELL [\"s\"]\nRUN y\nFROM b\nRUN z\nFROM c\nRUN z\n");
        let set = Shell::Set(vec!["s".to_owned()]);
        assert_eq!((model.stages[1].shell_at(1), model.stages[1].shell_at(3)), (&Shell::Unset, &set));
        assert_eq!((model.stages[2].shell_at(0), model.stages[3].shell_at(9)), (&set, &Shell::Unset));
    }

    #[test]
    fn some_images_set_a_shell() {
        let shell = |text: &str| model(text).stages.last().unwrap().shell_at(9).clone();
        for text in [
            "FROM mambaorg/micromamba\n",
            "FROM docker.io/mambaorg/micromamba:2-debian12@sha256:1 AS b\nFROM b\n",
            "FROM ghcr.io/mamba-org/micromamba:$V\n",
            "FROM mambaorg/micromamba:${V:-2}\n",
            "ARG B=mambaorg/micromamba:2\nFROM $B\n",
        ] {
            assert_eq!(shell(text), Shell::Set(Vec::new()), "{text}");
        }
        for text in ["FROM me/micromamba\n", "FROM $B\n", "ARG B=debian\nFROM $B\n", "FROM mambaorg/micromamba-git\n"] {
            assert_eq!(shell(text), Shell::Unset, "{text}");
        }
        let plain = Shell::Set(vec!["sh".to_owned(), "-c".to_owned()]);
        assert_eq!(shell("FROM mambaorg/micromamba\nSHELL [\"sh\", \"-c\"]\n"), plain);
    }

    #[test]
    fn an_entrypoint_forgets_the_inherited_cmd() {
        let model = model("FROM a AS b\nCMD x\nFROM b AS c\nENTRYPOINT y\nFROM b\nCMD z\nENTRYPOINT y\nFROM c\n");
        let text = |stage| model.command_in_effect(stage).map(Instruction::arguments);
        assert_eq!([text(1), text(2), text(3), text(4)].map(|it| it.unwrap_or_default()), ["x", "", "z", ""]);
        assert_eq!(model.any_descendant(|it| model.stages[it].last(CMD).is_some()), [false, true, false, false, false]);
        assert_eq!(model.in_effect(4, ENTRYPOINT).map(Instruction::arguments).as_deref(), Some("y"));
    }

    #[test]
    fn stages_that_nothing_takes_from_are_shipped() {
        let shipped = |text: &str| model(text).shipped().to_vec();
        assert_eq!(shipped("FROM a AS b\nFROM c AS d\nFROM e\n"), [false, true, true, true]);
        assert_eq!(shipped("FROM a AS b\nFROM c AS d\nFROM e\nCOPY --from=B x y\n"), [false, false, true, true]);
        assert_eq!(shipped("FROM a\nFROM c AS d\nFROM e\nCOPY --from=1 x y\n"), [false, false, false, true]);
        assert_eq!(
            shipped("FROM a AS b\nFROM b AS c\nFROM d AS e\nFROM x\nRUN --mount=type=bind,from=e,target=/y z\n"),
            [false, true, true, false, true]
        );
        assert_eq!(shipped("FROM a AS b-c\nFROM c\nCOPY --from=b-c x y\n"), [false, false, true]);
        assert_eq!(shipped("FROM a AS b\nFROM c\nRUN --mount=\"type=bind,from=b\" y\n"), [false, false, true]);
        assert_eq!(shipped("FROM a AS b\nFROM c\nCOPY --from=$X x y\n"), [false, false, true]);
        assert_eq!(shipped("FROM a AS b\nFROM c\nCOPY --from=${X:-b} x y\n"), [false, false, true]);
    }

    #[test]
    fn bases_are_told_from_products() {
        let base = |text: &str| model(&format!("FROM a\nFROM b {text}\n")).is_base(2);
        assert!(base("AS go-base") && base("\nONBUILD RUN b") && !base("") && !base("\nCMD a"));
    }

    #[test]
    fn a_shell_is_no_program() {
        let starts = |text: &str| model(&format!("FROM a\n{text}\n")).starts_program(1);
        for text in
            ["CMD [\"a\"]", "CMD a", "ENTRYPOINT [\"b\"]\nCMD [\"bash\"]", "CMD [\"bash\", \"-c\", \"a\"]", "CMD sh a"]
        {
            assert!(starts(text), "{text}");
        }
        for text in ["", "CMD [\"/bin/bash\"]", "CMD bash -l", "ENTRYPOINT [\"sh\"]", "CMD []"] {
            assert!(!starts(text), "{text}");
        }
    }
}
