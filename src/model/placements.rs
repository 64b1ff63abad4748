//! Programs that a file puts into folders for programs, which may be scripts.

use std::{borrow::Cow, collections::HashMap};

use text_size::TextSize;

use super::{
    Model, managers, programs,
    sources::{is_named_as_archive, is_named_as_file},
};
use crate::syntax::{
    SyntaxKind::{ADD, COPY, RUN, WORKDIR},
    ast::Instruction,
};

/// What may stand around a path in a shell text or an array.
const AROUND: [char; 8] = ['"', '\'', '[', ']', '(', ')', ',', ';'];

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
    let own = start(instruction);
    let is_it = |it: &&Placement| it.instruction != own && (folder.is_empty() || it.folder.ends_with(folder));
    let placements = model.placements.get_or_init(|| Placements::new(model));
    if placements.named.get(name).is_some_and(|it| it.iter().any(|it| is_it(&it))) {
        return true;
    }
    // Nobody puts a program of the system there with others of his own.
    if managers().iter().any(|it| it.reads_lists(name)) || table.compile_nothing.contains(name) {
        return false;
    }
    let stage = model.stages.partition_point(|it| it.instructions.first().is_none_or(|it| start(it) <= own));
    placements.may_bring(model, stage.saturating_sub(1), |(it, pattern)| {
        // What a RUN starts is there before it.
        let comes = instruction.kind() != RUN || it.instruction < own;
        comes && pattern.may_be(name) && is_it(&it)
    })
}

/// Where an instruction starts.
fn start(instruction: &Instruction) -> TextSize {
    instruction.syntax().text_range().start()
}

/// What COPY, ADD and RUN put into folders for programs.
#[derive(Debug, Default)]
pub(super) struct Placements {
    /// By the names of what is put there.
    named: HashMap<String, Vec<Placement>>,
    /// For each stage, what comes out of a folder or by a pattern.
    many: Vec<Vec<(Placement, Pattern)>>,
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
            all.many.push(Vec::new());
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
            let word = word.trim_matches(AROUND);
            let (folder, name) = word.split_at(word.rfind('/').map_or(0, |it| it + 1));
            if is_of_programs(folder) {
                self.add(name, folder, it);
            }
        }
        if it.kind() == RUN {
            text.split([';', '&', '|', '\n']).for_each(|command| self.add_moved(command, it));
        }
    }

    /// What a command that copies or moves files puts into a folder for programs that it names last.
    fn add_moved(&mut self, command: &str, it: &Instruction) {
        let mut words = command.split_whitespace().map(|it| it.trim_matches(AROUND)).filter(|it| !it.is_empty());
        if !words.any(|it| matches!(it, "cp" | "mv" | "install" | "ln")) {
            return;
        }
        let words: Vec<&str> = words.collect();
        let by_flag = words.iter().position(|it| *it == "-t").and_then(|it| words.get(it + 1));
        let Some(target) = by_flag.or(words.last()) else { return };
        let folder = as_folder(target);
        if is_of_programs(&folder) {
            for source in words.iter().filter(|it| *it != target && !it.starts_with('-')) {
                self.add_source(source, &folder, it, false);
            }
        }
    }

    /// What a COPY or ADD puts into a folder for programs that it names, `here` being the last WORKDIR.
    fn add_copied(&mut self, it: &Instruction, here: &str) {
        let words = it.json().map_or_else(|| it.words().map(|it| it.text()).collect(), |it| it.strings());
        let Some((target, sources)) = words.split_last() else { return };
        let target = target.trim_matches(['"', '\'']);
        let target = if matches!(target, "." | "./") { here } else { target };
        if target.is_empty() {
            return;
        }
        let folder = as_folder(target);
        // Without a slash behind the destination nobody would name a file like its folder.
        let lone = !target.ends_with(['/', '.']) && sources.len() == 1;
        let unpacks = |source: &str| it.kind() == ADD && !source.contains("://") && is_named_as_archive(source);
        if is_of_programs(&folder) {
            for source in sources {
                self.add_source(source, &folder, it, lone || unpacks(source));
            }
        } else if sources
            .iter()
            .any(|it| is_folder(it) || unpacks(it) || !(it.starts_with("<<") || is_named_as_file(it)))
        {
            // What is in a folder comes into those for programs that lie in the destination.
            for below in programs().folders.iter().filter(|it| folder.starts_with('/') && it.starts_with(&folder)) {
                self.add_many("*", below, it);
            }
        }
    }

    /// One source of what comes into a folder; `may_hold` says whether one that is named as a folder may be one.
    fn add_source(&mut self, source: &str, folder: &str, it: &Instruction, may_hold: bool) {
        let path = source.trim_start_matches("<<").trim_start_matches('-').trim_matches(['"', '\'']);
        let name = last_name(path);
        // A folder gives what is in it.
        let is_folder = is_folder(path) || is_of_programs(&format!("/{name}/"));
        match name {
            _ if is_folder || may_hold && (!is_named_as_file(name) || is_named_as_archive(name)) => {
                self.add_many("*", folder, it);
            }
            _ if name.contains(['*', '?', '[']) => self.add_many(name, folder, it),
            _ => self.add(name, folder, it),
        }
    }

    fn add_many(&mut self, pattern: &str, folder: &str, it: &Instruction) {
        let placement = Placement { folder: folder.to_owned(), instruction: start(it) };
        if let Some(all) = self.many.last_mut() {
            all.push((placement, Pattern::of(pattern)));
        }
    }

    /// Whether something as `wanted` out of a folder or by a pattern is in the image of a stage, or may be.
    fn may_bring(&self, model: &Model, stage: usize, wanted: impl Fn(&(Placement, Pattern)) -> bool) -> bool {
        let mut stage = Some(stage);
        while let Some(at) = stage {
            if self.many.get(at).is_some_and(|it| it.iter().any(&wanted)) {
                return true;
            }
            let bases = model.stages.get(at).map_or(&[][..], |it| &it.bases);
            if bases.len() > 1 {
                // Arguments of the build choose among these.
                return self.many.iter().take(at).flatten().any(wanted);
            }
            stage = bases.first().copied();
        }
        false
    }

    fn add(&mut self, name: &str, folder: &str, it: &Instruction) {
        let placement = Placement { folder: folder.to_owned(), instruction: start(it) };
        self.named.entry(name.to_owned()).or_default().push(placement);
    }
}

/// A destination as a folder, with one slash at its end.
fn as_folder(target: &str) -> String {
    format!("{}/", target.trim_end_matches("/.").trim_end_matches('/'))
}

/// The last name in a path.
fn last_name(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// Whether a source surely is a folder, by how it is written.
fn is_folder(path: &str) -> bool {
    path.ends_with('/') || matches!(last_name(path), "" | "." | "..")
}

/// Whether a folder, with a slash at its end, is one for programs.
fn is_of_programs(folder: &str) -> bool {
    programs().folders.iter().any(|it| folder.ends_with(it.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    fn may_be(text: &str, program: &str) -> bool {
        let model = Model::new(&parse(text));
        let last = model.stages.last().and_then(|it| it.instructions.last());
        may_be_script(&model, last.unwrap(), program)
    }

    #[test]
    fn folders_bring_what_is_in_them_where_they_are() {
        for text in [
            "FROM a\nCOPY . /usr/local/bin\nRUN b\n",
            "FROM a AS x\nADD b* /bin/\nFROM x\nRUN b\n",
            "ARG V=y\nFROM a AS x-y\nFROM a AS x-z\nCOPY bin /bin/\nFROM x-$V\nRUN b\n",
            "FROM a\nWORKDIR /usr/bin\nCOPY . ./\nRUN b\n",
        ] {
            assert!(may_be(text, "b"), "{text}");
            assert!(!may_be(text, "apt-get") && !may_be(text, "/opt/x.py"), "{text}");
        }
        for text in [
            "FROM a\nCOPY . /usr/local/share\nRUN b\n",
            "FROM a\nADD c* *c *.b /bin/\nRUN b\n",
            "FROM a AS x\nCOPY . /bin\nFROM a\nRUN b\n",
            "FROM a\nCOPY . .\nRUN b\n",
        ] {
            assert!(!may_be(text, "b"), "{text}");
        }
        assert!(!may_be("FROM a\nCOPY . /usr/local/bin/\nRUN b\n", "/usr/bin/b"));
    }
}
