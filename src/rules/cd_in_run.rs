use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, LeadingCd, Safety, is_plain_path, leading_cd, rule},
    model::{Stage, build::Part, is_metadata, resolve},
    syntax::SyntaxKind::*,
    text::{Edit, EditSet},
};

rule! {
    /// ## What it does
    /// Writes `cd` at the beginning of a RUN as a WORKDIR before it, and goes back behind it where anything else
    /// follows.
    ///
    /// ## Why
    /// A WORKDIR says where things happen, and each RUN stays a command that can be read by itself.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian
    /// WORKDIR /app
    /// RUN cd /src && make
    /// RUN cd /src && make install
    /// COPY . .
    /// ```
    /// ```dockerfile
    /// FROM debian
    /// WORKDIR /app
    /// WORKDIR /src
    /// RUN make
    /// RUN make install
    /// WORKDIR /app
    /// COPY . .
    /// ```
    ///
    /// ## Safety and effect
    /// Unsafe: a WORKDIR makes the folder where it is not there, while `cd` fails, and each is a step of its own. The
    /// image is the same where the build succeeded before. Only absolute paths, and only where it is known which folder
    /// to go back to: an absolute WORKDIR stands before it, or follows at once. Elsewhere it is reported. RUNs in a row
    /// that go to the same folder share a WORKDIR.
    ///
    /// ## See also
    /// `lone-cd`
    pub static RULE = {
        name: "cd-in-run",
        summary: "`cd` where WORKDIR could say it",
        since: "0.1.0",
        group: Group::Layers,
        safety: Safety::Unsafe,
        effect: Effect::Rebuild,
        changes: &[Change::FewerWords, Change::Step(Part::Directory), Change::New(WORKDIR)],
        default: false,
        ids: &["DL3003"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for (_, stage) in ctx.stages() {
        let mut at = 1;
        while at < stage.instructions.len() {
            let block = block(ctx, stage, at);
            at += 1;
            if let Some((end, cds)) = block {
                findings.extend(finding(ctx, stage, end, &cds));
                at = end;
            }
        }
    }
}

/// RUNs in a row that begin with `cd` to an absolute path, nothing but metadata between them, and the place behind
/// them.
fn block<'a>(ctx: &Context<'_>, stage: &'a Stage, at: usize) -> Option<(usize, Vec<LeadingCd<'a>>)> {
    let mut cds = vec![elsewhere(ctx, stage, at)?];
    let mut end = at + 1;
    for next in at + 1..stage.instructions.len() {
        match elsewhere(ctx, stage, next) {
            Some(cd) => {
                cds.push(cd);
                end = next + 1;
            }
            None if stage.instructions.get(next).is_some_and(is_metadata) => {}
            None => break,
        }
    }
    Some((end, cds))
}

/// A RUN that begins with `cd` to another folder by its absolute path.
fn elsewhere<'a>(ctx: &Context<'_>, stage: &'a Stage, at: usize) -> Option<LeadingCd<'a>> {
    let cd = leading_cd(ctx, stage, at).filter(|it| it.path.starts_with('/') && it.chain.is_and_only())?;
    let folder = ctx.folder_of(cd.run)?;
    let other = resolve(folder, &cd.path) != resolve(folder, ".");
    (is_plain_path(&cd.path) && other).then_some(cd)
}

fn finding(ctx: &Context<'_>, stage: &Stage, end: usize, cds: &[LeadingCd<'_>]) -> Option<Finding> {
    let first = cds.first()?;
    Some(Finding {
        rule: &RULE,
        range: first.run.range(),
        message: "WORKDIR says where a RUN works".to_owned(),
        fix: edits(ctx, stage, end, cds).map(|edits| Fix {
            title: "Go there with WORKDIR".to_owned(),
            safety: Safety::Unsafe,
            effect: Effect::Rebuild,
            edits,
        }),
    })
}

fn edits(ctx: &Context<'_>, stage: &Stage, end: usize, cds: &[LeadingCd<'_>]) -> Option<EditSet> {
    let mut edits = EditSet::default();
    let mut here = "";
    for cd in cds {
        let keyword = ctx.keyword_like(cd.run, WORKDIR);
        if cd.path != here {
            edits.push(Edit::insert(cd.run.range().start(), format!("{keyword} {}{}", cd.path, ctx.eol))).ok()?;
            here = &cd.path;
        }
        edits.push(cd.edit(ctx)?).ok()?;
    }
    let last = cds.last()?.run;
    let next = stage.instructions.get(end..)?.iter().find(|it| !is_metadata(it));
    if next.is_some_and(|it| it.kind() == WORKDIR && it.arguments().starts_with('/')) {
        return Some(edits);
    }
    let before = ctx.folder_of(last)?.known().filter(|it| it.starts_with('/'))?;
    let back = format!("{} {before}", ctx.keyword_like(last, WORKDIR));
    let behind = last.syntax().text_range().end();
    let text = if ctx.slice(last.syntax().text_range()).ends_with('\n') {
        format!("{back}{}", ctx.eol)
    } else {
        format!("{}{back}", ctx.eol)
    };
    edits.push(Edit::insert(behind, text)).ok()?;
    Some(edits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check_same, check_unsafe, findings};

    #[test]
    fn folders_become_workdirs() {
        for (before, after) in [
            ("WORKDIR /x\nRUN cd /y && a\nCMD b", "WORKDIR /x\nWORKDIR /y\nRUN a\nWORKDIR /x\nCMD b"),
            ("# b\nRUN cd /y && a && b\nWORKDIR /z", "# b\nWORKDIR /y\nRUN a && b\nWORKDIR /z"),
            (
                "WORKDIR /x\nRUN cd /y && a\nLABEL b=c\nRUN cd /z \\\n  && d",
                "WORKDIR /x\nWORKDIR /y\nRUN a\nLABEL b=c\nWORKDIR /z\nRUN d\nWORKDIR /x",
            ),
        ] {
            check_unsafe(&RULE, &format!("FROM a\n{before}\n"), &format!("FROM a\n{after}\n"));
        }
        check_unsafe(&RULE, "FROM a\nworkdir /x\nrun cd /y && a", "FROM a\nworkdir /x\nworkdir /y\nrun a\nworkdir /x");
    }

    #[test]
    fn others_stay() {
        for (body, found) in [
            ("RUN cd /x && a", 1),
            ("WORKDIR $X\nRUN cd /x && a", 1),
            ("WORKDIR /x\nRUN cd /y && [ a ]", 1),
            ("WORKDIR /x\nRUN cd y && a", 0),
            ("WORKDIR /x\nRUN cd $Y && a", 0),
            ("WORKDIR /x\nRUN cd /x && a", 0),
            ("WORKDIR /x\nRUN cd /y && a; b", 0),
            ("WORKDIR /x\nRUN cd /y; a", 0),
            ("WORKDIR /x\nRUN cd /y && a && cd -", 0),
            ("WORKDIR /x\nRUN a && cd /y && b", 0),
            ("WORKDIR /x\nSHELL [\"powershell\"]\nRUN cd /y && a", 0),
        ] {
            let text = format!("FROM a\n{body}\n");
            check_same(&RULE, &text);
            assert_eq!(findings(&RULE, &text).len(), found, "{body}");
        }
    }
}
