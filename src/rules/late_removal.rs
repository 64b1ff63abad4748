use std::{
    cell::{LazyCell, OnceCell},
    ops::Deref,
};

use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, Joinable, Safety, join_all, plain_run, rule},
    model::{
        Chain, Cleanup, Copied, Join, OwnWord, Shared, ShellWord, Simple, Stage, Value, build::Part, copied, downloads,
        is_download, is_within, mounts_over, resolve,
    },
    syntax::{
        SyntaxKind::*,
        ast::{Instruction, Word},
    },
};

rule! {
    /// ## What it does
    /// Reports a RUN that removes what an earlier layer of the image brought: files of a COPY or ADD, and, where the
    /// RUN only removes, what the RUNs right before it made. These are merged up to it.
    ///
    /// ## Why
    /// What one layer holds stays in the image, whatever a later one removes: it is not seen any more, but pulled and
    /// stored all the same, and whoever has the image can read it.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian
    /// RUN git clone https://example.org/tool.git /tool
    /// RUN make -C /tool install
    /// RUN rm -rf /tool
    /// ```
    /// ```dockerfile
    /// FROM debian
    /// RUN git clone https://example.org/tool.git /tool \
    ///     && make -C /tool install \
    ///     && rm -rf /tool
    /// ```
    ///
    /// ## Safety and effect
    /// Unsafe: the RUNs are one step from then on, and programs that they start may still be at work when it comes to
    /// the removal. The files are the same in the end. At most five RUNs in a row, where each does the same in the
    /// shell of those before it as in its own, and only if nothing before them names what is removed, because else its
    /// layer would keep it still. Elsewhere it is reported.
    ///
    /// What a COPY brought can't be taken out of its layer: a RUN can mount it for its own time instead (`RUN
    /// --mount=type=bind,source=a.tar,target=/tmp/a.tar …`), or another stage can use it. What an ADD downloads is in
    /// no build context that could be mounted: the RUN can download it itself, or another stage can. This is only
    /// reported. Nothing is said of stages that are not in the image.
    ///
    /// ## See also
    /// `split-cleanup`, `consecutive-runs`
    pub static RULE = {
        name: "late-removal",
        summary: "Files removed that an earlier layer keeps",
        since: "0.1.0",
        group: Group::Layers,
        safety: Safety::Unsafe,
        effect: Effect::Rebuild,
        changes: &[Change::Joined],
        default: true,
        ids: &[],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    let shipped = ctx.model.shipped();
    for (_, stage) in ctx.stages().filter(|it| shipped.get(it.0) == Some(&true)) {
        let mut copies: Vec<Brought<'_>> = Vec::new();
        let said = LazyCell::new(|| Said::of(stage));
        for (at, instruction) in stage.instructions.iter().enumerate().skip(1) {
            findings.extend(of_copy(ctx, stage, at, &copies).or_else(|| of_run(ctx, stage, at, &said)));
            copies.extend(matches!(instruction.kind(), COPY | ADD).then(|| Brought::new(instruction)));
        }
    }
}

/// A RUN that removes what one of the COPYs and ADDs before it brought.
fn of_copy(ctx: &Context<'_>, stage: &Stage, at: usize, copies: &[Brought<'_>]) -> Option<Finding> {
    let chain = plain_run(ctx, stage, at)?;
    if copies.is_empty() || !chain.commands().iter().any(|it| it.program() == Some("rm")) {
        return None;
    }
    let run = stage.instructions.get(at)?;
    let folder = ctx.folder_of(run)?;
    let mut here = Some(folder.clone());
    for command in chain.commands() {
        match command.program() {
            Some(it) if OwnWord::of(it) == Some(OwnWord::Moves) => here = None,
            Some("rm") => {
                let paths = match Cleanup::of(command) {
                    Some(Cleanup::Paths(paths)) => paths,
                    _ => continue,
                };
                let sure = command.argv().first().is_some_and(|it| chain.surely_runs(&it.0, Join::And));
                for path in paths.iter().filter(|_| sure) {
                    let known = here
                        .as_ref()
                        .filter(|_| !path.contains(['?', '[']))
                        .or(path.starts_with('/').then_some(folder));
                    let Some(from) = known else { continue };
                    let path = resolve(from, path.trim_end_matches("/*"));
                    if let Some(it) = copies.iter().rev().find(|it| it.brings(ctx, &path)) {
                        let kind = it.instruction.kind().keyword();
                        let advice = match it.downloads() {
                            true => "download it in the RUN that uses it, or in another stage",
                            false => "`RUN --mount=type=bind` needs no copy",
                        };
                        let message = format!("the layer of {kind} keeps what this removes; {advice}");
                        return Some(Finding { rule: &RULE, range: run.range(), message, fix: None });
                    }
                }
            }
            _ => {}
        }
    }
    None
}

/// A COPY or ADD, and what it brings, once somebody asked.
struct Brought<'a> {
    instruction: &'a Instruction,
    files: OnceCell<Option<(Value, Vec<Copied>)>>,
}

impl<'a> Brought<'a> {
    fn new(instruction: &'a Instruction) -> Self {
        Brought { instruction, files: OnceCell::new() }
    }

    /// Whether all that it brings is from elsewhere than the build context and other stages.
    fn downloads(&self) -> bool {
        let words = match self.instruction.json() {
            Some(array) => array.strings(),
            None => self.instruction.words().map(|it| it.text()).collect(),
        };
        let remote = |it: &String| it.contains("://") || it.starts_with("git@");
        self.instruction.kind() == ADD && words.split_last().is_some_and(|it| it.1.iter().all(remote))
    }

    /// Whether it brings what is at a path.
    fn brings(&self, ctx: &Context<'_>, path: &Value) -> bool {
        let files = self.files.get_or_init(|| {
            let (step, _) = ctx.step(self.instruction)?;
            let target = step.key.get(Part::Destination).first()?.clone();
            Some((target, copied(step).unwrap_or_default().into_iter().flatten().flatten().collect()))
        });
        let Some((target, files)) = files.as_ref() else { return false };
        let file = files.iter().any(|it| it.path == *path && !it.may_be_folder());
        // What lies in a folder that is removed as a whole.
        let whole = match (target.known(), path.known()) {
            (Some(target), Some(path)) => path != "/" && is_within(target.trim_end_matches('/'), path),
            _ => false,
        };
        file || whole
    }
}

/// What the instructions of a stage say, one behind another.
struct Said {
    text: String,
    /// Where each of them begins.
    starts: Vec<usize>,
}

impl Said {
    fn of(stage: &Stage) -> Self {
        let mut said = Said { text: String::new(), starts: Vec::new() };
        for instruction in &stage.instructions {
            said.starts.push(said.text.len());
            said.text.push_str(&instruction.arguments());
            said.text.push('\n');
        }
        said
    }

    /// Whether a name stands in an instruction behind the FROM and before a place.
    fn names_before(&self, at: usize, name: &str) -> bool {
        let start = |at: usize| self.starts.get(at).copied().unwrap_or(self.text.len());
        // Starts come in order, and each is that of a text.
        let before = &self.text[start(1)..start(at.max(1))];
        memchr::memmem::find(before.as_bytes(), name.as_bytes()).is_some()
    }
}

/// A RUN that only removes what RUNs right before it made or used. What the file says is read only where that is asked.
fn of_run(ctx: &Context<'_>, stage: &Stage, at: usize, said: &impl Deref<Target = Said>) -> Option<Finding> {
    let chain = plain_run(ctx, stage, at)?;
    let steps: Vec<Cleanup> = chain.plain()?.iter().map(Cleanup::of).collect::<Option<_>>()?;
    let mut removed = Vec::new();
    for step in &steps {
        match step {
            // What package managers leave is for other rules.
            Cleanup::Packages(_) => return None,
            it if it.is_of_caches() => return None,
            Cleanup::Paths(paths) => removed.extend(paths.iter().filter_map(|it| plain(it))),
        }
    }
    let row = row(ctx, stage, at);
    let before = row.get(row.len().checked_sub(2)?)?;
    // What a download leaves is for another rule, where the two stand side by side.
    if steps.iter().any(|it| it.undoes(&before.chain)) {
        return None;
    }
    let first = row.iter().position(|it| it.at != at && removed.iter().any(|path| names(&it.chain, path)))?;
    // What came earlier can't be reached.
    let reached = row.get(first)?.at;
    let last = |path: &&'_ str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let earlier = removed.iter().any(|path| said.names_before(reached, &last(path)));
    let paths: Vec<&str> = steps.iter().flat_map(Cleanup::places).collect();
    let mounted = || row.iter().any(|it| mounts_over(it.run, ctx.escape(), &paths));
    let fix = if earlier || mounted() { None } else { merge(ctx, stage, row.get(first..)?) };
    Some(Finding {
        rule: &RULE,
        range: stage.instructions.get(at)?.range(),
        message: "an earlier layer keeps what this removes".to_owned(),
        fix,
    })
}

/// So many RUNs are merged at most.
const MOST: usize = 5;

/// The RUNs in a row up to one, it included.
fn row<'a>(ctx: &Context<'_>, stage: &'a Stage, at: usize) -> Vec<Joinable<'a>> {
    let mut row: Vec<Joinable<'a>> = (1..=at).rev().map_while(|it| Joinable::of(ctx, stage, it)).take(MOST).collect();
    row.reverse();
    row
}

fn merge(ctx: &Context<'_>, stage: &Stage, row: &[Joinable<'_>]) -> Option<Fix> {
    let (mut rest, mut shared) = (Vec::new(), Shared::default());
    for (last, it) in row.iter().zip(row.iter().skip(1)) {
        last.share(&mut shared);
        rest.push((it.run, it.behind(stage, last, &shared)?));
    }
    let edits = join_all(ctx, row.first()?.run, &rest)?;
    let title = "Merge the RUNs up to it".to_owned();
    Some(Fix { title, safety: Safety::Unsafe, effect: Effect::Rebuild, edits })
}

/// A path without what stands at its ends; nothing where it is a pattern.
fn plain(path: &str) -> Option<&str> {
    let path = path.trim_start_matches("./").trim_end_matches("/*").trim_end_matches('/');
    (!path.is_empty() && !path.contains(['*', '?', '[']) && !matches!(path, "/tmp" | "/var/tmp")).then_some(path)
}

/// Whether a script has a word that is the path or lies within it, or a command that makes it of an address.
fn names(chain: &Chain, path: &str) -> bool {
    let is = |it: &str| is_within(it.trim_start_matches("./"), path);
    let mut words = chain.script().syntax().descendants().filter_map(Word::cast).map(|it| ShellWord::of(&it));
    let last = |it: &str| it.contains("://") && it.trim_end_matches(".git").rsplit('/').next() == Some(path);
    let made = |it: &Simple| match is_download(it) {
        true => downloads(it).iter().any(|it| is(it)),
        false => it.argv().iter().filter_map(|it| it.1.path()).any(last),
    };
    words.any(|it| it.path().is_some_and(is)) || chain.commands().iter().any(made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check_same, check_unsafe, findings};

    #[test]
    fn runs_are_merged_up_to_the_removal() {
        for (first, second) in
            [("git clone https://x.org/tool /tool && make -C /tool", "rm -rf /tool"), ("unzip a.zip", "rm a.zip")]
        {
            let before = format!("FROM a\nRUN {first}\n# b\nRUN {second}\nCMD c\n");
            check_unsafe(&RULE, &before, &format!("FROM a\nRUN {first} \\\n    # b\n    && {second}\nCMD c\n"));
        }
        check_unsafe(
            &RULE,
            "FROM a\nRUN b\nRUN wget https://x.org/a.tgz\nRUN tar -xf a.tgz\nRUN c\nRUN rm a.tgz\n",
            "FROM a\nRUN b\nRUN wget https://x.org/a.tgz \\\n    && tar -xf a.tgz \\\n    && c \\\n    && rm a.tgz\n",
        );
    }

    #[test]
    fn a_download_is_known_by_where_it_is_written() {
        let text = "FROM a\nRUN wget --output-document=/tmp/b https://x.org/a\nRUN c\nRUN rm /tmp/b\n";
        assert_eq!(findings(&RULE, text).len(), 1);
    }

    #[test]
    fn what_is_copied_stays_in_its_layer() {
        for body in [
            "COPY a.tar /tmp/a.tar\nRUN tar -xf /tmp/a.tar && rm /tmp/a.tar",
            "COPY a.tar /tmp/\nRUN b\nRUN tar -xf /tmp/a.tar && rm -f /tmp/a.tar",
            "WORKDIR /x\nCOPY a.tar .\nRUN rm a.tar",
            "COPY src /tmp/src\nRUN make -C /tmp/src && rm -rf /tmp/src",
            "ADD https://x.org/a.zip /tmp/a.zip\nRUN unzip /tmp/a.zip && rm /tmp/a.zip",
        ] {
            let text = format!("FROM a\n{body}\n");
            check_same(&RULE, &text);
            assert_eq!(findings(&RULE, &text).len(), 1, "{body}");
        }
    }

    #[test]
    fn what_is_downloaded_can_not_be_mounted() {
        let said = |body: &str| findings(&RULE, &format!("FROM a\n{body}\n")).remove(0).message;
        for add in ["ADD https://x.org/a.zip /tmp/a.zip", "ADD --chmod=600 [\"https://x.org/a.zip\", \"/tmp/\"]"] {
            let message = said(&format!("{add}\nRUN unzip /tmp/a.zip && rm /tmp/a.zip"));
            assert!(message.ends_with("download it in the RUN that uses it, or in another stage"), "{message}");
        }
        for add in ["ADD a.zip /tmp/a.zip", "COPY a.zip /tmp/", "ADD a.zip https://x.org/b /tmp/"] {
            let message = said(&format!("{add}\nRUN unzip /tmp/a.zip && rm /tmp/a.zip"));
            assert!(message.ends_with("`RUN --mount=type=bind` needs no copy"), "{message}");
        }
    }

    #[test]
    fn others_stay() {
        for (body, found) in [
            ("RUN git clone a /tool && cd /tool && export C=d && make\nRUN rm -rf /tool", 1),
            ("RUN service x start && y /tool\nRUN rm -rf /tool", 1),
            ("RUN --mount=type=cache,target=/tool a /tool\nRUN --mount=type=cache,target=/tool rm -rf /tool", 1),
            ("RUN wget x.org/a.tgz\nENV A=b\nRUN tar -xf a.tgz\nRUN rm a.tgz", 1),
            ("COPY . /app\nRUN a\nRUN rm -rf /app", 1),
            ("RUN make\nRUN rm -rf /tool", 0),
            ("RUN wget https://x.org/a.ini\nRUN rm /etc/b/a.ini", 0),
            ("RUN sed -i 's|a|/var/www/b|' c\nRUN rm -rf /var/www/", 0),
            ("RUN rm /a/down\nRUN rm /b/down", 0),
            ("RUN apt-get update\nRUN rm -rf /var/lib/apt/lists/*", 0),
            ("RUN make\nRUN rm -rf /b", 0),
            ("RUN a /b\nCOPY c d\nRUN rm -rf /b", 0),
            ("RUN a /b\nRUN rm -rf /b && c", 0),
            ("RUN a /b\nRUN rm -rf /*", 0),
            ("RUN a /b\nFROM c\nRUN rm -rf /b", 0),
            ("COPY . /app\nRUN rm -rf /app/node_modules", 0),
            ("COPY . /\nRUN rm -rf /", 0),
            ("COPY a.tar /tmp/a.tar\nRUN rm /tmp/a.tar || true", 0),
            ("COPY a.tar /a.tar\nRUN cd /tmp && rm a.tar", 0),
            ("COPY a.tar /a.tar\nRUN pushd /tmp && rm a.tar", 0),
            ("RUN wget -O b https://x.org/a\nRUN c\nRUN rm a", 0),
            ("COPY a.tar /a.tar\nRUN rm /a.tar\nFROM b", 0),
        ] {
            let text = format!("FROM a\n{body}\n");
            check_same(&RULE, &text);
            assert_eq!(findings(&RULE, &text).len(), found, "{body}");
        }
    }
}
