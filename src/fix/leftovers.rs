//! What RUNs leave of package managers in the image, and the command that takes it away in the same RUN.

use super::{Change, Context, Effect, Finding, Fix, Rule, Safety, append, plain_run};
use crate::{
    model::{Chain, Cleanup, Invocation, Leak, Role, Stage, invocations, managers, mounts_over, simple_commands},
    syntax::{
        SyntaxKind::RUN,
        ast::{Instruction, joined_text},
    },
    text::EditSet,
};

/// Fixes that append a command are made of more words.
pub const MORE_WORDS: &[Change] = &[Change::MoreWords];

/// A RUN that leaves a package manager's cache in the image.
#[derive(Debug)]
pub struct Leftover<'a> {
    /// The index of its stage.
    pub nth: usize,
    /// Its stage.
    pub stage: &'a Stage,
    /// Its index in the stage.
    pub at: usize,
    /// The RUN.
    pub run: &'a Instruction,
    /// The calls of the package manager in it, in order.
    pub calls: Vec<Invocation>,
    chain: Chain,
}

/// The RUNs of a file in which a package manager of `family` does something of `roles` and that keep what it caches:
/// only in stages that are in the image, not where the caches are mounted or are removed in the same RUN or later.
pub fn leftovers<'a>(ctx: &'a Context<'_>, family: &str, roles: &[Role]) -> Vec<Leftover<'a>> {
    let caches = managers().iter().find(|it| it.family == family).map(|it| it.caches.as_slice()).unwrap_or_default();
    let places: Vec<&str> = caches.iter().map(|it| it.path.as_str()).collect();
    let shipped = ctx.model.shipped();
    let mut found = Vec::new();
    for (nth, stage) in ctx.stages().filter(|it| shipped.get(it.0) == Some(&true)) {
        // From the back, up to a RUN that cleans: merging it with those before it is another rule's matter.
        let mut kept = Vec::new();
        for (at, run) in stage.instructions.iter().enumerate().rev() {
            let Some(script) = run.script().filter(|_| run.kind() == RUN) else { continue };
            let calls: Vec<Invocation> =
                invocations(script.syntax()).filter(|it| it.manager.family == family).collect();
            // Whoever names a cache has thought of it.
            let text = joined_text(script.syntax());
            // `~` is `/root` for most.
            let named = places.iter().any(|it| text.contains(it.trim_start_matches("/root").trim_start_matches('/')));
            if named || calls.iter().any(|it| it.role == Role::Clean) {
                break;
            }
            let fills = calls.iter().any(|it| roles.contains(&it.role));
            if fills
                && !mounts_over(run, ctx.escape(), &places)
                && let Some((_, chain)) = plain_run(ctx, stage, at)
            {
                kept.push(Leftover { nth, stage, at, run, calls, chain });
            }
        }
        found.extend(kept.into_iter().rev());
    }
    found
}

impl Leftover<'_> {
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
            range: self.run.range(),
            message: message.to_owned(),
            fix: self.append(ctx, command).map(|edits| Fix {
                title: format!("Append `{command}`"),
                safety,
                effect: Effect::Image,
                edits,
            }),
        }
    }

    fn append(&self, ctx: &Context<'_>, command: &str) -> Option<EditSet> {
        let program = command.split(' ').next().unwrap_or_default();
        if self.chain.leaks().iter().any(|it| matches!(it, Leak::Other(_))) || self.may_lose(program) {
            return None;
        }
        let with = self.chain.join(self.stage.shell_at(self.at)).ok()?;
        let mut edits = EditSet::default();
        edits.push(append(ctx, self.run, with, command)).ok()?;
        Some(edits)
    }

    /// Whether the RUN may remove the program that is to clean: by its name, or with packages of another manager.
    fn may_lose(&self, program: &str) -> bool {
        let Some(script) = self.run.script() else { return true };
        let family = self.calls.first().map(|it| it.manager.family.as_str());
        simple_commands(script.syntax()).filter_map(|it| Cleanup::of(&it)).any(|it| match it {
            Cleanup::Paths(paths) => paths.iter().any(|it| it.contains(program)),
            Cleanup::Packages(it) => {
                let other = Some(it.manager.family.as_str()) != family;
                let named = || it.operands.iter().any(|at| it.literal(*at).is_none_or(|it| it.contains(program)));
                it.role == Role::Remove && (other || named())
            }
        })
    }
}
