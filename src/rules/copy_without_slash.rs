use text_size::TextSize;

use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, Safety, rule},
    model::{Reading, build::Part, is_named_as_file, variables},
    syntax::{
        SyntaxKind::*,
        ast::{Instruction, tokens, trimmed_range},
    },
    text::{Edit, EditSet},
};

rule! {
    /// ## What it does
    /// Puts a slash behind the destination of a COPY or ADD of several sources.
    ///
    /// ## Why
    /// The slash says that the destination is a folder. Without it Docker's classic builder refuses the file, and
    /// BuildKit writes one source over the other where there is no such folder yet.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node
    /// COPY package.json package-lock.json /app
    /// COPY ["a file", "b", "/data"]
    /// ```
    /// ```dockerfile
    /// FROM node
    /// COPY package.json package-lock.json /app/
    /// COPY ["a file", "b", "/data/"]
    /// ```
    ///
    /// ## Safety and effect
    /// Safe: where the folder is there already, or all sources are folders, the result is the same; else files that
    /// were lost are now in it. The step is rebuilt. Unsafe where the destination ends in a variable, which may hold a
    /// slash or nothing. A destination named like a file, as `/app/x.json`, is only reported. One source that is a
    /// pattern is left alone: it may find one file.
    pub static RULE = {
        name: "copy-without-slash",
        summary: "Several sources and a destination without a slash at its end",
        since: "0.1.0",
        group: Group::Instructions,
        safety: Safety::Safe,
        effect: Effect::Image,
        changes: &[Change::Step(Part::Destination)],
        default: true,
        ids: &["DL3021", "DS-0011"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    let escape = ctx.escape();
    for instruction in ctx.instructions_of(&[COPY, ADD]) {
        let reading = Reading::of(instruction, escape);
        let Some((destination, sources)) = reading.args.split_last() else { continue };
        let bare = destination.trim_end_matches(['"', '\'']);
        // A backslash may be the slash of Windows; a bracket is one of an array that is none; a hash begins a comment;
        // and with a slash behind it `<<` would begin a heredoc.
        let other = |it: &String| it.starts_with(['[', '#']);
        if sources.len() < 2
            || bare.is_empty()
            || bare.ends_with('/')
            || bare.ends_with("/.")
            || bare.contains(['\\', '`', ']'])
            || bare.contains("<<")
            || reading.args.iter().any(other)
        {
            continue;
        }
        let open =
            bare.ends_with('}') || variables(destination, escape).iter().any(|it| bare.ends_with(&format!("${it}")));
        let fix = if is_named_as_file(bare) { None } else { append(instruction) };
        let fix = fix.map(|edits| Fix {
            title: "Append a slash".to_owned(),
            safety: if open { Safety::Unsafe } else { Safety::Safe },
            effect: Effect::Image,
            edits,
        });
        let message = format!(
            "{} of several sources to `{bare}`: without a slash at its end this need not be a folder",
            instruction.kind().keyword()
        );
        findings.push(Finding { rule: &RULE, range: instruction.range(), message, fix });
    }
}

/// Puts a slash at the end of the destination, inside its quotes.
fn append(instruction: &Instruction) -> Option<EditSet> {
    let quote = TextSize::of('"');
    let at = match instruction.json() {
        Some(array) => tokens(array.syntax()).filter(|it| it.kind() == JSON_STRING).last()?.text_range().end() - quote,
        None => {
            let word = instruction.words().last()?;
            let end = trimmed_range(word.syntax()).end();
            if word.text().ends_with(['"', '\'']) { end - quote } else { end }
        }
    };
    Some(Edit::insert(at, "/").into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, check_unsafe, findings};

    #[test]
    fn a_slash_is_put_behind() {
        for (before, after) in [
            ("COPY a b /x", "COPY a b /x/"),
            ("ADD --chown=u a b x", "ADD --chown=u a b x/"),
            ("COPY a b .", "COPY a b ./"),
            ("COPY *.json b /conf.d", "COPY *.json b /conf.d/"),
            ("COPY a b \"/x\"", "COPY a b \"/x/\""),
            ("COPY a b $HOME/x", "COPY a b $HOME/x/"),
            ("COPY a \\\n  b \\\n  # c\n  /x", "COPY a \\\n  b \\\n  # c\n  /x/"),
            ("COPY --from=z [\"a\", \"b\", \"/x y\"]", "COPY --from=z [\"a\", \"b\", \"/x y/\"]"),
            ("COPY <<A <<B /x\n1\nA\n2\nB", "COPY <<A <<B /x/\n1\nA\n2\nB"),
        ] {
            check(&RULE, &format!("FROM a\n{before}\n"), &format!("FROM a\n{after}\n"));
        }
        for (before, after) in [("$APP", "$APP/"), ("${APP}", "${APP}/"), ("/x/\"$APP\"", "/x/\"$APP/\"")] {
            check_unsafe(&RULE, &format!("FROM a\nCOPY a b {before}\n"), &format!("FROM a\nCOPY a b {after}\n"));
        }
    }

    #[test]
    fn others_stay() {
        for text in [
            "COPY a /x",
            "COPY *.json /x",
            "COPY a b /x/",
            "COPY a b \"$X/\"",
            "COPY a b /x/.",
            "COPY [\"a b\", \"/x\"]",
            "COPY [--chown=a] . /x",
            "COPY a b # c",
            "COPY a b c:\\x",
            "COPY a b <<",
            "ONBUILD COPY a b /x",
        ] {
            assert_eq!(findings(&RULE, &format!("FROM a\n{text}\n")).len(), 0, "{text}");
        }
        let file = "FROM a\nCOPY default.json a.json* /x/a.json\n";
        assert_eq!(findings(&RULE, file).len(), 1);
        check_same(&RULE, file);
    }
}
