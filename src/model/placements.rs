//! Programs that a file puts into folders for programs, which may be scripts.

use std::{borrow::Cow, collections::HashMap};

use text_size::TextSize;

use super::{Model, managers, programs};
use crate::syntax::{
    SyntaxKind::{ADD, COPY, RUN, WORKDIR},
    ast::Instruction,
};

/// Whether a program that an instruction starts may be a script without `#!`, which a shell runs and nothing else does:
/// its name says so, it lies in the project, or the file itself puts it where it is.
pub fn may_be_script(model: &Model, instruction: &Instruction, program: &str) -> bool {
    let table = programs();
    let (folder, name) = program.split_at(program.rfind('/').map_or(0, |it| it + 1));
    let ends = |endings: &[String]| endings.iter().any(|it| name.ends_with(it.as_str()));
    if ends(&table.scripts) || ends(&table.other_scripts) {
        return ends(&table.scripts);
    }
    if !folder.is_empty() && !table.folders.iter().any(|it| it == folder) {
        return true;
    }
    // Each word stands in the folders in which its own ends; those of the table all end in a slash.
    let own = instruction.syntax().text_range().start();
    let is_it = |it: &&Placement| it.instruction != own && (folder.is_empty() || it.folder.ends_with(folder));
    let placements = model.placements.get_or_init(|| Placements::new(model));
    if placements.named.get(name).is_some_and(|it| it.iter().any(|it| is_it(&it))) {
        return true;
    }
    // Nobody puts a program of the system there with others of his own, and what comes later or elsewhere is not there.
    let of_system = || managers().iter().any(|it| it.reads_lists(name)) || table.compile_nothing.contains(name);
    let may_be = |it: &&(Placement, Pattern)| {
        let comes = instruction.kind() != RUN || it.0.instruction < own;
        it.1.may_be(name) && is_it(&&it.0) && comes && is_in_image(model, it.0.instruction, own)
    };
    placements.many.iter().any(|it| may_be(&it)) && !of_system()
}

/// Whether what an instruction does is in the image of the stage in which another one stands, or may be, both given by where
/// they start.
fn is_in_image(model: &Model, done: TextSize, seen: TextSize) -> bool {
    let stage_at = |at: TextSize| {
        model
            .stages
            .partition_point(|it| it.instructions.first().is_none_or(|it| it.syntax().text_range().start() <= at))
    };
    let done = stage_at(done);
    let mut stage = stage_at(seen).checked_sub(1);
    while let Some(at) = stage {
        let bases = model.stages.get(at).map_or(&[][..], |it| &it.bases);
        // Arguments of the build choose among these.
        if at + 1 == done || bases.len() > 1 {
            return true;
        }
        stage = bases.first().copied();
    }
    false
}

/// What COPY, ADD and RUN put into folders for programs.
#[derive(Debug, Default)]
pub(super) struct Placements {
    /// By the names of what is put there.
    named: HashMap<String, Vec<Placement>>,
    /// What comes out of a folder or by a pattern.
    many: Vec<(Placement, Pattern)>,
}

#[derive(Debug)]
struct Placement {
    folder: String,
    /// Where the instruction starts.
    instruction: TextSize,
}

/// How the names of many files begin and end.
#[derive(Debug)]
struct Pattern {
    begin: String,
    end: String,
}

impl Pattern {
    fn of(name: &str) -> Pattern {
        let wild = ['*', '?', '['];
        let begin = name.split(wild).next().unwrap_or_default().to_owned();
        Pattern { begin, end: name.rsplit(['*', '?', ']']).next().unwrap_or_default().to_owned() }
    }

    fn may_be(&self, name: &str) -> bool {
        name.starts_with(&self.begin) && name.ends_with(&self.end)
    }
}

impl Placements {
    fn new(model: &Model) -> Placements {
        let mut all = Placements::default();
        for stage in &model.stages {
            let mut here = String::new();
            for it in &stage.instructions {
                match it.kind() {
                    WORKDIR => here = it.arguments(),
                    COPY | ADD => all.add_copied(it, &here),
                    _ => {}
                }
                if matches!(it.kind(), COPY | ADD | RUN) {
                    all.add_words(model, it);
                }
            }
        }
        all
    }

    /// The words of an instruction that lie in folders for programs.
    fn add_words(&mut self, model: &Model, it: &Instruction) {
        let text = match model.run(it) {
            Some(run) => run.heredoc().map_or_else(|| Cow::from(run.text.as_str()), Cow::from),
            None => Cow::from(it.arguments()),
        };
        for word in text.split_whitespace() {
            let (folder, name) = word.split_at(word.rfind('/').map_or(0, |it| it + 1));
            if is_of_programs(folder) {
                self.add(name, folder, it);
            }
        }
    }

    /// What a COPY or ADD puts into a folder for programs that it names, `here` being the last WORKDIR.
    fn add_copied(&mut self, it: &Instruction, here: &str) {
        let words = it.json().map_or_else(|| it.words().map(|it| it.text()).collect(), |it| it.strings());
        let Some((target, sources)) = words.split_last() else { return };
        let target = target.trim_matches(['"', '\'']);
        let target = if matches!(target, "." | "./") { here } else { target };
        let folder = format!("{}/", target.trim_end_matches('/'));
        if !is_of_programs(&folder) {
            return;
        }
        for source in sources {
            let path = source.trim_start_matches("<<").trim_start_matches('-').trim_matches(['"', '\'']);
            let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
            // A folder gives what is in it.
            let is_folder =
                path.ends_with('/') || matches!(name, "" | "." | "..") || is_of_programs(&format!("/{name}/"));
            // Without a slash behind the destination nobody would name a file like its folder.
            let may_be_folder = !target.ends_with('/') && sources.len() == 1 && !name.contains('.');
            let place = || Placement { folder: folder.clone(), instruction: it.syntax().text_range().start() };
            match name {
                _ if is_folder || may_be_folder => self.many.push((place(), Pattern::of("*"))),
                _ if name.contains(['*', '?', '[']) => self.many.push((place(), Pattern::of(name))),
                _ => self.add(name, &folder, it),
            }
        }
    }

    fn add(&mut self, name: &str, folder: &str, it: &Instruction) {
        let placement = Placement { folder: folder.to_owned(), instruction: it.syntax().text_range().start() };
        self.named.entry(name.to_owned()).or_default().push(placement);
    }
}

/// Whether a folder, with a slash at its end, is one for programs.
fn is_of_programs(folder: &str) -> bool {
    programs().folders.iter().any(|it| folder.ends_with(it.as_str()))
}
