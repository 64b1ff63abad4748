use crate::{
    fix::{Context, Effect, Finding, Findings, Fix, Group, Safety, rule},
    model::{Directory, Workdir, change_dir},
    syntax::ast::Instruction,
    text::Edit,
};

rule! {
    /// ## What it does
    /// Writes the path of a WORKDIR from the root, where the file says which directory it starts from.
    ///
    /// ## Why
    /// A relative path goes on from the WORKDIR before it, if need be from that of the base image: where it leads can't
    /// be read in its line, and it changes when a line above it does.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine
    /// WORKDIR /srv
    /// WORKDIR app
    /// ```
    /// ```dockerfile
    /// FROM alpine
    /// WORKDIR /srv
    /// WORKDIR /srv/app
    /// ```
    ///
    /// ## Safety and effect
    /// Safe, and nothing is rebuilt, where an absolute path without variables stands before it, in the stage or in one
    /// that it begins with. What rests on the base image or on a variable is only reported.
    pub static RULE = {
        name: "relative-workdir",
        summary: "WORKDIR with a relative path",
        since: "0.1.0",
        group: Group::Instructions,
        safety: Safety::Safe,
        effect: Effect::None,
        default: true,
        ids: &["WorkdirRelativePath", "DL3000", "CKV_DOCKER_10", "DS-0009", "S7021"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for it in ctx.model.workdirs(ctx.escape()).iter().filter(|it| is_relative(it) && ctx.sound(it.instruction)) {
        let (message, fix) = match &it.before {
            Directory::Known(dir) => (format!("this path goes on from `{dir}`"), rewrite(ctx, dir, it.instruction)),
            Directory::Base => {
                ("this path is relative, and only the base image knows to which folder".to_owned(), None)
            }
            Directory::Unknown => ("this path goes on from another WORKDIR".to_owned(), None),
        };
        findings.push(Finding { rule: &RULE, range: it.instruction.range(), message, fix });
    }
}

/// Whether a path surely begins at no root: neither with a variable nor with a drive of Windows.
fn is_relative(it: &Workdir<'_>) -> bool {
    let start = it.path.as_ref().map_or("", |it| it.start());
    !(start.is_empty() || start.starts_with('/') || start.contains(['\\', ':']))
}

/// Writes the path to which a WORKDIR leads from a directory.
fn rewrite(ctx: &Context<'_>, dir: &str, instruction: &Instruction) -> Option<Fix> {
    let (range, path) = ctx.plain_text(instruction)?;
    let path = change_dir(&dir.into(), &path.into());
    let path = path.known().filter(|it| !it.contains(['\'', '"', '$', '\\', ctx.escape()]))?;
    let edits = Edit::replace(range, path).into();
    Some(Fix { title: format!("Write `{path}`"), safety: Safety::Safe, effect: Effect::None, edits })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, findings};

    #[test]
    fn paths_begin_at_the_root() {
        for (before, after) in [
            ("WORKDIR /a\nWORKDIR b", "WORKDIR /a\nWORKDIR /a/b"),
            ("WORKDIR /a\nWORKDIR b/\nRUN c\nWORKDIR ../d", "WORKDIR /a\nWORKDIR /a/b\nRUN c\nWORKDIR /a/d"),
            ("WORKDIR \"/a\"\nRUN c\nWORKDIR ./b", "WORKDIR \"/a\"\nRUN c\nWORKDIR /a/b"),
            ("WORKDIR /a\nFROM x\nWORKDIR b", "WORKDIR /a\nFROM x\nWORKDIR /a/b"),
            ("WORKDIR /a\nWORKDIR ..", "WORKDIR /a\nWORKDIR /"),
            ("WORKDIR /a\nWORKDIR b c", "WORKDIR /a\nWORKDIR /a/b c"),
        ] {
            check(&RULE, &format!("FROM a AS x\n{before}\n"), &format!("FROM a AS x\n{after}\n"));
        }
        check(&RULE, "FROM scratch\nWORKDIR b\n", "FROM scratch\nWORKDIR /b\n");
    }

    #[test]
    fn what_rests_on_the_base_is_reported() {
        for text in ["FROM a\nWORKDIR app\n", "FROM a\nWORKDIR $HOME\nWORKDIR app\n"] {
            check_same(&RULE, text);
            assert_eq!(findings(&RULE, text).len(), 1, "{text}");
        }
    }

    #[test]
    fn the_rest_stays() {
        for text in [
            "WORKDIR /a",
            "WORKDIR /a\nWORKDIR $B",
            "WORKDIR /a\nWORKDIR \"/b\"",
            "WORKDIR C:\\\\app",
            "WORKDIR /a\nONBUILD WORKDIR b",
            "RUN --mount=type=cache,target=c d",
        ] {
            assert_eq!(findings(&RULE, &format!("FROM a\n{text}\n")).len(), 0, "{text}");
        }
        for text in [
            "WORKDIR /a\nWORKDIR b/$C",
            "WORKDIR /a\nWORKDIR \"b\"",
            "WORKDIR $A\nWORKDIR b",
            "WORKDIR /a\nONBUILD WORKDIR c\nFROM x\nWORKDIR b",
            "WORKDIR /a\nWORKDIR b\\\nc",
        ] {
            check_same(&RULE, &format!("FROM a AS x\n{text}\n"));
        }
    }
}
