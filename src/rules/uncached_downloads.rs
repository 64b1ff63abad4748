use std::collections::HashSet;

use text_size::TextRange;

use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, Safety, plain_run, rule},
    model::{DownloadCache, Run, User, Value, download_caches, frontend_knows, mounts_over, programs},
    syntax::{
        SyntaxKind::*,
        ast::{Command, Instruction, joined_text},
    },
    text::{Edit, EditSet},
};

rule! {
    /// ## What it does
    /// Mounts a cache for what pip, npm, yarn, go and cargo download, and takes away what would keep it empty.
    ///
    /// ## Why
    /// When a step is built again, all that it installs is downloaded again. A cache mount keeps it from one build to
    /// the next, and out of the image.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM python:3
    /// RUN pip install --no-cache-dir -r requirements.txt
    /// ```
    /// ```dockerfile
    /// FROM python:3
    /// RUN --mount=type=cache,target=/root/.cache/pip \
    ///     pip install -r requirements.txt
    /// ```
    ///
    /// ## Safety and effect
    /// Unsafe: only BuildKit knows mounts, from `docker/dockerfile:1.2` on, and what is in a cache is no part of a
    /// build that can be repeated. Only where root is in force, whose caches these are. For go and cargo the base must
    /// be the official image, and every step behind a download must be one that gets the mount, as it finds nothing
    /// without. A file that says where a cache is, or takes something from it, is left alone, and so is a RUN that may
    /// remove or move a folder in which a cache lies. apt is left out: its images empty the cache themselves.
    ///
    /// ## See also
    /// `pip-cache-kept`, `npm-cache-kept`, `yarn-cache-kept`
    pub static RULE = {
        name: "uncached-downloads",
        summary: "Downloads that no cache mount keeps for the next build",
        since: "0.1.0",
        group: Group::Layers,
        safety: Safety::Unsafe,
        effect: Effect::Image,
        changes: &[Change::Step(crate::model::build::Part::Mounts), Change::FewerWords],
        default: false,
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    if !frontend_knows(ctx.parse, (1, 2)) {
        return;
    }
    // Another home has other caches.
    let is_home = |it: &Instruction| matches!(it.kind(), ENV | ARG) && it.pairs().any(|it| it.key() == "HOME");
    if ctx.stages().flat_map(|it| &it.1.instructions).any(is_home) {
        return;
    }
    let undecided: Vec<&DownloadCache> =
        download_caches().iter().filter(|it| !it.is_to_stay_unmounted(&ctx.model, ctx.text)).collect();
    let parents: HashSet<usize> = ctx.model.stages.iter().filter_map(|it| it.parent()).collect();
    for (nth, stage) in ctx.stages() {
        let alone = stage.parent().is_none() && !parents.contains(&nth);
        let free = |it: &&DownloadCache| is_free(ctx, nth, it, alone);
        let caches: Vec<&DownloadCache> = undecided.iter().copied().filter(free).collect();
        for run in ctx.model.runs_of(nth).iter().filter(|it| ctx.sound(&it.instruction)) {
            findings.extend(finding(ctx, run, &caches));
        }
    }
}

/// Whether nothing speaks against a mount for a cache in a stage; `alone` says that it begins with no other stage, and
/// no other with it.
fn is_free(ctx: &Context<'_>, nth: usize, cache: &DownloadCache, alone: bool) -> bool {
    if !cache.image.as_ref().is_none_or(|it| ctx.model.is_official(nth, it)) {
        return false;
    }
    if !cache.needed_later {
        return true;
    }
    // From the first that fills it on, every other RUN of the stage must be sure not to need it.
    let fills = |it: &Run| it.commands().iter().any(|it| cache.is_filled_by(it));
    let runs = ctx.model.runs_of(nth);
    let instructions = ctx.model.stages.get(nth).map(|it| it.instructions.as_slice()).unwrap_or_default();
    let count = |kind| instructions.iter().filter(|it| it.kind() == kind).count();
    // `runs` are those that could be read.
    let readable = count(RUN) == runs.len() && count(ONBUILD) == 0;
    let first = runs.iter().position(fills).unwrap_or(runs.len());
    let rest = runs.get(first..).unwrap_or_default();
    alone && readable && rest.iter().all(|it| fills(it) || it.commands().iter().all(|it| is_harmless(it)))
}

/// Whether a command surely starts no compiler.
fn is_harmless(command: &Command) -> bool {
    command.words().next().is_some_and(|it| programs().compile_nothing.contains(&it.text()))
}

fn finding(ctx: &Context<'_>, run: &Run, caches: &[&DownloadCache]) -> Option<Finding> {
    let stage = ctx.model.stages.get(run.stage)?;
    let root = ctx.model.user_at(run.stage, run.at) != User::Other;
    let chain = plain_run(ctx, stage, run.at).filter(|_| root)?;
    let commands = run.commands();
    let filled: Vec<&DownloadCache> =
        caches.iter().copied().filter(|it| commands.iter().any(|one| it.is_filled_by(one))).collect();
    let targets: Vec<&str> = filled.iter().flat_map(|it| &it.targets).map(String::as_str).collect();
    // A home has many names, and what lies in it the same.
    let named =
        |it: &&str| run.text.contains(it.strip_prefix("/root/").map_or(*it, |it| it.split('/').next().unwrap_or(it)));
    // What a mount stands on cannot be removed, nor what holds it.
    let folder = ctx.folder_of(&run.instruction)?;
    let removed = |it: &&str| chain.may_remove_folder(&Value::from(*it), folder);
    let taken =
        mounts_over(&run.instruction, ctx.escape(), &targets) || targets.iter().any(|it| named(it) || removed(it));
    // Another home has other caches.
    let elsewhere = ["HOME=", "su ", "gosu", "runuser", "sudo"].iter().any(|it| run.text.contains(it));
    if filled.is_empty() || taken || elsewhere {
        return None;
    }
    let mut edits = EditSet::default();
    let flags: Vec<String> = targets.iter().map(|it| format!("--mount=type=cache,target={it}")).collect();
    let line = format!(" {}{}    ", ctx.escape(), ctx.eol);
    let keyword = run.instruction.keyword_range().end();
    // What stands between the keyword and what follows it goes, so that no blank is left over.
    let behind = run.instruction.range().end();
    let rest = ctx.slice(TextRange::new(keyword, behind));
    let blanks = u32::try_from(rest.len() - rest.trim_start_matches([' ', '\t']).len()).ok()?;
    // A command that begins on the next line needs no other line break.
    let tail = if rest.trim_start_matches([' ', '\t']).starts_with(ctx.escape()) { " " } else { &line };
    let text = format!(" {}{tail}", flags.join(&line));
    edits.push(Edit::replace(TextRange::at(keyword, blanks.into()), text)).ok()?;
    for cache in &filled {
        for command in commands {
            if let Some(flag) = cache.flag.as_ref().filter(|_| cache.is_filled_by(command)) {
                for range in flag_ranges(ctx, command, flag)? {
                    edits.push(Edit::delete(range)).ok()?;
                }
            }
        }
        if let Some(clean) = &cache.clean {
            for command in commands.iter().filter(|it| joined_text(it.syntax()).starts_with(clean.as_str())) {
                let and_only = chain.is_and_only();
                edits.push(Edit::delete(clean_range(ctx, command).filter(|_| and_only)?)).ok()?;
            }
        }
    }
    let title = "Mount a cache".to_owned();
    Some(Finding {
        rule: &RULE,
        range: run.instruction.keyword_range(),
        message: "what this downloads is downloaded again whenever the step is built".to_owned(),
        fix: Some(Fix { title, safety: Safety::Unsafe, effect: Effect::Image, edits }),
    })
}

/// The ranges of a flag in a command, each with the blanks behind it, or before it where it is the last word; `None`
/// where more than blanks stands there.
fn flag_ranges(ctx: &Context<'_>, command: &Command, flag: &str) -> Option<Vec<TextRange>> {
    let words: Vec<_> = command.words().collect();
    let range = |at: usize| words.get(at).map(|it| it.syntax().text_range());
    let mut found = Vec::new();
    for at in (1..words.len()).filter(|it| words.get(*it).is_some_and(|it| it.text() == flag)) {
        let own = range(at)?;
        let before = range(at - 1)?;
        let broken = |from: TextRange, to: TextRange| ctx.slice(TextRange::new(from.end(), to.start())).contains('\n');
        // The last word of a line goes with the blanks before it, so that the line break stays.
        let last = |next: TextRange| broken(own, next) && !broken(before, own);
        let (gone, blanks) = match range(at + 1).filter(|it| !last(*it)) {
            Some(next) => (TextRange::new(own.start(), next.start()), TextRange::new(own.end(), next.start())),
            None => (TextRange::new(before.end(), own.end()), TextRange::new(before.end(), own.start())),
        };
        is_blank(ctx, blanks).then(|| found.push(gone))?;
    }
    Some(found)
}

/// The range of a command behind `&&`, with that.
fn clean_range(ctx: &Context<'_>, command: &Command) -> Option<TextRange> {
    let pipeline = command.syntax().parent().filter(|it| it.kind() == PIPELINE && it.children().count() == 1)?;
    let before = pipeline.prev_sibling()?.text_range().end();
    let range = TextRange::new(before, pipeline.text_range().end());
    let between = TextRange::new(before, pipeline.text_range().start());
    let text = ctx.slice(between).replacen("&&", "", 1);
    text.chars().all(|it| it.is_whitespace() || it == ctx.escape()).then_some(range)
}

fn is_blank(ctx: &Context<'_>, range: TextRange) -> bool {
    ctx.slice(range).chars().all(|it| it.is_whitespace() || it == ctx.escape())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check_same, check_unsafe};

    #[test]
    fn a_mount_comes_and_the_cleanup_goes() {
        check_unsafe(
            &RULE,
            "FROM a\nRUN pip install -U pip --no-cache-dir && \\\n    pip install \\\n    --no-cache-dir \\\n    b\n",
            "FROM a\nRUN --mount=type=cache,target=/root/.cache/pip \\\n    pip install -U pip && \\\n    pip install \\\n    b\n",
        );
        check_unsafe(
            &RULE,
            "FROM a\nRUN  \\\n  pip install --no-cache-dir \\\n    b\n",
            "FROM a\nRUN --mount=type=cache,target=/root/.cache/pip \\\n  pip install \\\n    b\n",
        );
        check_unsafe(
            &RULE,
            "FROM a\nRUN --network=host npm ci \\\n    && npm cache clean --force && b\n",
            "FROM a\nRUN --mount=type=cache,target=/root/.npm \\\n    --network=host npm ci && b\n",
        );
        check_unsafe(
            &RULE,
            "FROM a\nRUN npm ci && rm -rf /root/.cache /tmp/* a && mv out / && rm $B\n",
            "FROM a\nRUN --mount=type=cache,target=/root/.npm \\\n    npm ci && rm -rf /root/.cache /tmp/* a && mv out / && rm $B\n",
        );
        check_unsafe(
            &RULE,
            "FROM golang:1\nRUN go mod download\nCOPY . .\nRUN go build\n",
            "FROM golang:1\nRUN --mount=type=cache,target=/go/pkg/mod \\\n    --mount=type=cache,target=/root/.cache/go-build \\\n    \
             go mod download\nCOPY . .\nRUN --mount=type=cache,target=/go/pkg/mod \\\n    \
             --mount=type=cache,target=/root/.cache/go-build \\\n    go build\n",
        );
    }

    #[test]
    fn what_is_mounted_or_decided_stays() {
        for text in [
            "FROM a\nRUN --mount=type=cache,target=/root/.cache pip install b\n",
            "FROM a\nENV PIP_NO_CACHE_DIR=1\nRUN pip install b\n",
            "FROM a\nRUN pip install b && rm -rf /root/.cache/pip\n",
            "FROM a\nUSER root\nRUN pip install b && rm -rf /root/.cache\n",
            "FROM a\nRUN pip install b && rm -rf /root/.cache/*\n",
            "FROM a\nRUN pip install b && rm -rf ~/.cache\n",
            "FROM a\nRUN pip install b && rm -rf \"$HOME/.cache\"\n",
            "FROM a\nRUN pip install b && mv /root/.cache /x\n",
            "FROM a\nRUN pip install b && bash -c 'rm -rf ~/.cache'\n",
            "FROM a\nRUN cd && pip install b && rm -rf .cach*\n",
            "FROM a\nRUN npm ci && rm -rf /root/.n*\n",
            "FROM a\nRUN npm ci && rm -rf .n*\n",
            "FROM a\nRUN yarn install && rm -rf \"$(yarn cache dir)\"\n",
            "FROM a\nRUN npm ci && find /root -mindepth 1 -delete\n",
            "FROM a\nRUN yarn install && rm -rf /usr/local/share/.cache\n",
            "FROM golang\nRUN go mod download && rm -rf /go/*\n",
            "FROM a\nUSER b\nRUN pip install c\n",
            "FROM a\nENV A=1 HOME=/b\nRUN pip install c\n",
            "FROM a\nRUN sudo npm ci\n",
            "FROM a\nRUN npm ci; npm cache clean --force\n",
            "FROM a\nRUN pip install \\\n  --no-cache-dir \\\n  # b\n  c\n",
            "FROM a\nRUN go build\n",
            "FROM golang\nRUN go mod download\nRUN make\n",
            "FROM golang AS a\nRUN go mod download\nFROM a\nRUN go build\n",
            "# syntax=docker/dockerfile:1.0\nFROM a\nRUN npm ci\n",
            "FROM a\nONBUILD RUN npm ci\n",
            "FROM a\nRUN [\"npm\", \"ci\"]\n",
        ] {
            check_same(&RULE, text);
        }
    }
}
