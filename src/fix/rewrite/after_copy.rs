//! RUNs that only say of files that a COPY has just brought what the COPY could have said itself.

use super::{
    plain_run,
    removal::{comments_above, taken_out},
};
use crate::{
    fix::{Context, Finding, Fix, Rule},
    model::{
        Copied, Simple, Stage, Value,
        build::{Part, Step},
        copied, is_folder, may_write, parent, resolve,
    },
    syntax::{
        SyntaxKind::*,
        ast::{Instruction, tokens, trimmed_range},
        cook_flag,
    },
    text::{Edit, EditSet},
};

/// A RUN that calls one program on nothing but files of one or more COPYs, and on all files of these.
#[derive(Debug)]
pub struct AfterCopy<'a> {
    /// The RUN.
    pub run: &'a Instruction,
    /// The COPYs.
    pub targets: Vec<Target<'a>>,
}

/// A COPY, and what is said of its files.
#[derive(Debug)]
pub struct Target<'a> {
    /// The COPY or ADD.
    pub copy: &'a Instruction,
    /// The first argument of the program.
    pub argument: String,
    /// Whether all that it brings surely are files.
    pub is_file: bool,
    /// Whether it surely makes no folders on the way: a flag would hold for these as well.
    pub has_folder: bool,
}

/// The RUNs of a file that only call `program ARGUMENT FILE…`, and whose files COPYs without `flag` have brought, with
/// nothing between them that may have used or changed the files.
pub fn after_copies<'a>(ctx: &'a Context<'_>, program: &str, flag: &str) -> Vec<AfterCopy<'a>> {
    let mut found = Vec::new();
    for (_, stage) in ctx.stages() {
        for at in 1..stage.instructions.len() {
            found.extend(after_copy(ctx, stage, at, program, flag));
        }
    }
    found
}

fn after_copy<'a>(
    ctx: &'a Context<'_>,
    stage: &'a Stage,
    at: usize,
    program: &str,
    flag: &str,
) -> Option<AfterCopy<'a>> {
    let run = stage.instructions.get(at).filter(|it| it.kind() == RUN && it.flags().next().is_none())?;
    let commands = commands(ctx, stage, at, program)?;
    stage.last(COPY).or(stage.last(ADD))?;
    let folder = ctx.folder_of(run)?;
    // Each file with what is said of it.
    let mut said: Vec<(Value, String)> = Vec::new();
    for words in commands {
        let [_, argument, files @ ..] = words.as_slice() else { return None };
        if argument.starts_with('-') || files.is_empty() || files.iter().any(|it| it.starts_with('-')) {
            return None;
        }
        said.extend(files.iter().map(|it| (resolve(folder, it), argument.clone())));
    }
    let twice = |at: usize| said.iter().skip(at + 1).any(|it| said.get(at).is_some_and(|one| one.0 == it.0));
    if (0..said.len()).any(twice) {
        return None;
    }
    let mut targets: Vec<Target<'_>> = Vec::new();
    while let Some((path, argument)) = said.first().cloned() {
        let (copy, files) = brought_by(ctx, stage, at, &path)?;
        let flags: Vec<String> = copy.flags().map(|it| cook_flag(&it.text(), ctx.escape())).collect();
        let odd = ["--", "--parents", "--exclude", flag];
        let has = |one: &str| flags.iter().any(|it| it.split('=').next() == Some(one));
        // A linked COPY begins with an empty folder, in which nobody has a name.
        let nameless = flag == "--chown" && has("--link") && argument.bytes().any(|it| it.is_ascii_alphabetic());
        if odd.iter().any(|it| has(it)) || nameless || !ctx.sound(copy) {
            return None;
        }
        let (_, before) = ctx.step(copy)?;
        // All files of the COPY, and the same said of each.
        for file in &files {
            let place = said.iter().position(|it| it.0 == file.path && it.1 == argument)?;
            said.remove(place);
        }
        let there = |file: &Copied| match file.path.known() {
            Some(path) => is_folder(before, parent(path)),
            None => resolve(folder, file.path.end().rsplit('/').next().unwrap_or_default()) == file.path,
        };
        targets.push(Target {
            copy,
            argument,
            is_file: files.iter().all(|it| it.is_file),
            has_folder: files.iter().all(there),
        });
    }
    Some(AfterCopy { run, targets })
}

/// The commands of a RUN that is a chain of plain calls of one program, each as its words.
fn commands(ctx: &Context<'_>, stage: &Stage, at: usize, program: &str) -> Option<Vec<Vec<String>>> {
    let run = stage.instructions.get(at).filter(|it| ctx.sound(it))?;
    if let Some(array) = run.json() {
        let strings = array.strings();
        return (strings.first()? == program).then(|| vec![strings]);
    }
    let chain = plain_run(ctx, stage, at)?;
    let commands = chain.plain().filter(|it| it.iter().all(|it| it.program() == Some(program)))?;
    let words = |it: &Simple| it.argv().iter().map(|it| it.1.literal().map(str::to_owned)).collect();
    commands.iter().map(words).collect()
}

/// The COPY or ADD before an instruction that brought a file, with all files that it brings.
fn brought_by<'a>(
    ctx: &'a Context<'_>,
    stage: &'a Stage,
    at: usize,
    path: &Value,
) -> Option<(&'a Instruction, Vec<Copied>)> {
    for instruction in stage.instructions.get(1..at)?.iter().rev() {
        match instruction.kind() {
            COPY | ADD => {
                let (step, before) = ctx.step(instruction)?;
                if let Some(files) = files(step, before, path) {
                    // Who is who is read in these before the COPY, and by the RUN behind it.
                    let users = |it: &Copied| matches!(it.path.known(), Some("/etc/passwd" | "/etc/group"));
                    return (!files.iter().any(users)).then_some((instruction, files));
                }
                let users = step.key.get(Part::Destination).first().is_none_or(|it| it.start().starts_with("/etc"));
                if may_write(step, path) || users {
                    return None;
                }
            }
            RUN | VOLUME | ONBUILD | UNKNOWN => return None,
            _ => {}
        }
    }
    None
}

/// The files that a COPY brings, if `path` is one of them.
fn files(step: &Step, before: &[Step], path: &Value) -> Option<Vec<Copied>> {
    let all = copied(step)?;
    // They lie either all in the destination, or there is one and the destination is it.
    let pick = |which: usize| -> Option<Vec<Copied>> { all.iter().map(|it| it.get(which)?.clone()).collect() };
    let mut both = [pick(0), pick(1)].into_iter().flatten();
    let files = both.find(|it| it.iter().any(|it| it.path == *path))?;
    let folder = |it: &Copied| it.is_destination && it.path.known().is_none_or(|it| is_folder(before, it));
    (!files.iter().any(|it| it.may_be_folder() || folder(it))).then_some(files)
}

impl AfterCopy<'_> {
    /// The finding, with a fix that says it in the COPYs and takes the RUN away, where it can be taken away. `flags`
    /// gives the flag for each; one that is empty need not be said.
    pub fn finding(
        &self,
        ctx: &Context<'_>,
        rule: &'static Rule,
        message: &str,
        flags: &[String],
        fix: impl FnOnce(String, EditSet) -> Fix,
    ) -> Finding {
        let kind = if self.targets.iter().all(|it| it.copy.kind() == ADD) { "ADD" } else { "COPY" };
        let title = match flags.iter().find(|it| !it.is_empty()) {
            Some(flag) => format!("Say `{flag}` in the {kind}"),
            None => "Remove it".to_owned(),
        };
        let fix = self.edits(ctx, flags).map(|edits| fix(title, edits));
        Finding { rule, range: self.run.range(), message: message.to_owned(), fix }
    }

    fn edits(&self, ctx: &Context<'_>, flags: &[String]) -> Option<EditSet> {
        let mut edits = EditSet::default();
        for (target, flag) in self.targets.iter().zip(flags).filter(|it| !it.1.is_empty()) {
            let place = target.copy.flags().last().map(|it| trimmed_range(it.syntax()));
            let place = place.unwrap_or_else(|| target.copy.keyword_range()).end();
            edits.push(Edit::insert(place, format!(" {flag}"))).ok()?;
        }
        self.take_run_away(ctx, &mut edits)?;
        Some(edits)
    }

    /// Removes the RUN. The comments right above it say why, and go to the first COPY,
    /// but where they begin a paragraph that goes on; `None` where a comment stands
    /// within it or speaks to a tool.
    fn take_run_away(&self, ctx: &Context<'_>, edits: &mut EditSet) -> Option<()> {
        let node = self.run.syntax();
        if tokens(node).any(|it| it.kind() == COMMENT_LINE) {
            return None;
        }
        let comments = comments_above(self.run);
        let begins = comments.is_none_or(|it| {
            let above =
                node.siblings_with_tokens(rowan::Direction::Prev).find(|one| one.text_range().end() <= it.start());
            above.is_none_or(|it| it.kind() == EMPTY_LINE)
        });
        // It may be the title of the lines that follow.
        let title = begins && node.next_sibling_or_token().is_some_and(|it| it.kind().is_instruction());
        if let Some(said) = comments.filter(|_| !title) {
            let copy = self.targets.iter().map(|it| it.copy.syntax().text_range().start()).min()?;
            edits.push(Edit::insert(copy, ctx.slice(said))).ok()?;
        }
        edits.push(taken_out(ctx, self.run, !title)?).ok()
    }
}
