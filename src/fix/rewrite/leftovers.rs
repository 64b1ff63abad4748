//! What RUNs leave of package managers in the image, and the command that takes it away in the same RUN.

use std::rc::Rc;

use text_size::TextSize;

use super::{
    append, plain_run,
    still_there::{is_found, may_lose_program},
};
use crate::{
    fix::{Change, Context, Effect, Finding, Fix, Rule, Safety},
    model::{Chain, Invocation, Leak, Role, Run, Stage, behind_folder, is_force, is_within, managers, mounts_over},
    syntax::ast::joined_text,
    text::EditSet,
};

/// Fixes that append a command are made of more words.
pub const MORE_WORDS: &[Change] = &[Change::MoreWords];

/// A RUN that leaves a package manager's cache in the image.
#[derive(Debug)]
pub struct Leftover<'a> {
    /// Its stage.
    pub stage: &'a Stage,
    /// The RUN.
    pub run: &'a Run,
    family: &'a str,
    chain: Rc<Chain>,
}

/// The RUNs of a file in which a package manager of `family` does something of `roles` and that keep what it caches:
/// only in stages that are in an image, not where the caches are mounted, are removed in the same RUN, or are looked at
/// later.
pub fn leftovers<'a>(ctx: &'a Context<'_>, family: &'a str, roles: &[Role]) -> Vec<Leftover<'a>> {
    if !ctx.model.calls_manager(family) {
        return Vec::new();
    }
    let caches = managers().iter().find(|it| it.family == family).map(|it| it.caches.as_slice()).unwrap_or_default();
    let places: Vec<&str> = caches.iter().map(|it| it.path.as_str()).collect();
    // What no cleaning takes away is what is looked for where there is such a thing.
    let stubborn: Vec<&str> = caches.iter().filter(|it| it.kept_by_clean).map(|it| it.path.as_str()).collect();
    let looked_for = if stubborn.is_empty() { &places } else { &stubborn };
    let shipped = ctx.model.shipped();
    let mut found = Vec::new();
    for (nth, stage) in ctx.stages().filter(|it| shipped.get(it.0) == Some(&true)) {
        let mut kept = Vec::new();
        for run in ctx.model.runs_of(nth).iter().rev() {
            let cleaned = match cleaned_at(run, family, looked_for) {
                Cleaned::Looks => break,
                Cleaned::At(at) => at,
            };
            let fills = |it: &&Invocation| roles.contains(&it.role);
            // What is filled again behind its cleaning stays.
            let filled = run.calls_of(family).filter(fills).filter_map(place).last();
            if filled.is_some()
                && filled > cleaned
                && !mounts_over(&run.instruction, ctx.escape(), &places)
                && let Some(chain) = plain_run(ctx, stage, run.at)
            {
                kept.push(Leftover { stage, run, family, chain });
            }
        }
        found.extend(kept.into_iter().rev());
    }
    found
}

/// What a RUN does with caches that are there.
enum Cleaned {
    /// It looks at them, or fails where they are not there: what leaves them has to go on leaving them.
    Looks,
    /// It cleans them at this place at the latest, or not at all.
    At(Option<TextSize>),
}

fn cleaned_at(run: &Run, family: &str, places: &[&str]) -> Cleaned {
    // `~` is `/root` for most.
    let tails: Vec<&str> =
        places.iter().map(|it| it.strip_prefix("/root/").unwrap_or(it).trim_start_matches('/')).collect();
    let named = |text: &str| tails.iter().map(|it| behind_folder(text, it).count()).sum::<usize>();
    let mut left = run.heredoc().map_or_else(|| named(&run.text), |it| named(&it));
    let mut last = None;
    for command in run.commands() {
        if command.program() != Some("rm") || command.argv().first().is_none_or(|it| it.0.text() != "rm") {
            continue;
        }
        let words: Vec<String> = command.argv().iter().map(|it| it.0.text()).collect();
        let removes = words.iter().any(|it| is_force(it));
        let text = words.join(" ");
        let asks = || {
            let all = joined_text(command.syntax());
            let mut own = managers().iter().filter(|it| it.family == family).flat_map(|it| &it.cache_queries);
            own.any(|it| all.contains(it.as_str()))
        };
        if asks() {
            last = last.max(Some(command.syntax().text_range().start()));
        }
        if removes && (named(&text) > 0 || removes_above(&words, places)) {
            left = left.saturating_sub(named(&text));
            last = last.max(Some(command.syntax().text_range().start()));
        }
    }
    if left > 0 {
        return Cleaned::Looks;
    }
    let stubborn = managers().iter().any(|it| it.family == family && it.caches.iter().any(|it| it.kept_by_clean));
    let cleans = |it: &&Invocation| it.role == Role::Clean && (!stubborn || it.cleans_all());
    Cleaned::At(last.max(run.calls_of(family).filter(cleans).filter_map(place).last()))
}

/// Where a call stands.
pub(super) fn place(call: &Invocation) -> Option<TextSize> {
    call.words.first().map(|it| it.0.syntax().text_range().start())
}

/// The last RUN of each stage that leaves the caches of a build tool behind in an image that starts a program and is
/// no place to build in: nothing behind it, and nothing that the image starts, calls the tool, by its name. Where other
/// RUNs before it left something too, taking it away in this one would make no layer smaller: `alone` is false.
pub fn after_last_build<'a>(ctx: &'a Context<'_>, family: &'a str) -> Vec<LastBuild<'a>> {
    let model = &ctx.model;
    let all = leftovers(ctx, family, &[Role::Install]);
    let ends = model.shipped().iter().rposition(|it| *it).is_some_and(|it| model.starts_program(it));
    let mut builds: Vec<LastBuild<'a>> = Vec::new();
    for leftover in all {
        let Run { stage, at, .. } = *leftover.run;
        let earlier = model.runs_of(stage).iter().take_while(|it| it.at < at);
        let alone = earlier.flat_map(|it| it.calls_of(family)).next().is_none();
        if ends && !model.is_spoken_of_behind(stage, at, family) {
            builds.push(LastBuild { leftover, alone });
        }
    }
    builds
}

/// The last RUN of a stage that leaves the caches of a build tool behind.
#[derive(Debug)]
pub struct LastBuild<'a> {
    leftover: Leftover<'a>,
    alone: bool,
}

impl LastBuild<'_> {
    /// The finding, with a fix that appends `command` where that is sound and of use.
    pub fn finding(&self, ctx: &Context<'_>, rule: &'static Rule, message: &str, command: &str) -> Finding {
        let mut finding = self.leftover.finding(ctx, rule, message, command, Safety::Unsafe);
        finding.fix = finding.fix.filter(|_| self.alone);
        finding
    }
}

impl Leftover<'_> {
    /// The calls of the package manager in the RUN, in order.
    pub fn calls(&self) -> impl Iterator<Item = &Invocation> {
        self.run.calls_of(self.family)
    }

    /// The finding, with a fix that appends `command` where that is sound.
    pub fn finding(
        &self,
        ctx: &Context<'_>,
        rule: &'static Rule,
        message: &str,
        command: &str,
        safety: Safety,
    ) -> Finding {
        Finding {
            rule,
            range: self.run.instruction.range(),
            message: message.to_owned(),
            fix: self.append(ctx, command).map(|edits| Fix {
                title: format!("Append `{command}`"),
                safety,
                effect: Effect::Image,
                edits,
            }),
        }
    }

    /// Whether a command behind the last call is one of some kind, by its joined text.
    pub fn has_behind(&self, is_one: impl Fn(&str) -> bool) -> bool {
        let last = self.calls().filter_map(place).last();
        let behind = self.run.commands().iter().filter(|it| Some(it.syntax().text_range().start()) > last);
        behind.map(|it| joined_text(it.syntax())).any(|it| is_one(&it))
    }

    fn append(&self, ctx: &Context<'_>, command: &str) -> Option<EditSet> {
        let program = command.split(' ').next().unwrap_or_default();
        // Most programs don't start in a folder that is gone; `rm` by its full path does.
        if program != "rm" && self.may_lose_folder(ctx) {
            return None;
        }
        // What runs as another user leaves what this one may not remove; what works elsewhere leaves nothing here.
        let elsewhere = |it: &Invocation| it.sudo || it.has_other_root() || names_folders(it);
        let odd = self.chain.leaks().iter().any(|it| matches!(it, Leak::Other(_)));
        if odd
            || self.calls().any(elsewhere)
            || self.is_told_where()
            || (program != "rm" && may_lose_program(self.run, self.family, program))
        {
            return None;
        }
        let with = self.chain.join(self.stage.shell_at(self.run.at))?;
        // Only a call that surely ran says that there is something to clean, and a program to clean it with.
        let ran = |it: &Invocation| {
            it.words.first().is_some_and(|(word, name)| {
                self.chain.surely_runs(word, with) && (program == "rm" || is_found(word, name, program))
            })
        };
        if !self.calls().any(ran) {
            return None;
        }
        Some(append(ctx, &self.run.instruction, with, command).into())
    }

    /// Whether the RUN may remove the folder in which it ends.
    fn may_lose_folder(&self, ctx: &Context<'_>) -> bool {
        // A folder that a variable or the base image names is hardly one that the RUN removes by a plain path.
        let known = ctx.folder_of(&self.run.instruction).filter(|it| it.is_known()).cloned();
        self.chain.may_remove_own_folder(&known.unwrap_or_else(|| "/".into()))
    }

    /// Whether variables before one of the calls say where its caches are, or are a secret that its settings may name:
    /// another call would not hear of them.
    fn is_told_where(&self) -> bool {
        let telling = ["HOME", "CACHE", "PREFIX", "USERCONFIG", "TOKEN", "AUTH", "SECRET", "PASS"];
        let says = |name: &str| telling.iter().any(|it| name.to_uppercase().contains(it));
        let mut own =
            self.run.commands().iter().filter(|it| it.invocation().is_some_and(|it| it.manager.family == self.family));
        own.any(|it| it.assignments().any(|it| says(&it.name())))
    }
}

/// Whether the words of an `rm` name a folder in which one of the places lies, as `rm -rf ~/.cache` and
/// `rm -rf $GOPATH/pkg` do.
fn removes_above(words: &[String], places: &[&str]) -> bool {
    words.iter().any(|word| {
        let path = word.replace(['"', '\''], "");
        let variables =
            [("~", "/root"), ("$HOME", "/root"), ("${HOME}", "/root"), ("$GOPATH", "/go"), ("${GOPATH}", "/go")];
        let known = variables.iter().find_map(|(name, folder)| Some(format!("{folder}{}", path.strip_prefix(name)?)));
        let path = known.unwrap_or(path);
        let folder = path.trim_end_matches(['*', '/']);
        folder.len() > 1 && places.iter().any(|it| is_within(it, folder))
    })
}

/// Whether a call says where its folders are.
fn names_folders(call: &Invocation) -> bool {
    call.words.iter().filter_map(|it| it.1.path()).any(|it| it.contains("Dir::"))
}
