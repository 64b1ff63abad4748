use text_size::TextRange;

use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, Safety, rule},
    model::{Reading, Source, is_place_of_file},
    syntax::{SyntaxKind::*, ast::Instruction, heredoc_word},
    text::{Edit, EditSet},
};

rule! {
    /// ## What it does
    /// Writes COPY for an ADD of files and folders of the build context that are no archives.
    ///
    /// ## Why
    /// ADD fetches URLs and repositories, and unpacks archives by what is in them, whatever they are called. COPY only
    /// copies, and says so.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM python:3
    /// ADD requirements.txt setup.py /app/
    /// ADD --chown=www-data . /app
    /// ADD rootfs.tar.xz /
    /// ADD --unpack=false data.tar.gz /data/
    /// ```
    /// ```dockerfile
    /// FROM python:3
    /// COPY requirements.txt setup.py /app/
    /// COPY --chown=www-data . /app
    /// ADD rootfs.tar.xz /
    /// COPY data.tar.gz /data/
    /// ```
    ///
    /// ## Safety and effect
    /// Safe for folders, for files whose name says that they are no archive (`config/sources.toml` has the list; a zip
    /// file or a jar is none for ADD), for what is put into a folder of programs or settings under a name, as
    /// `/usr/bin/myapp`, for heredocs, and with `--unpack=false`. The step is rebuilt and makes the same layer. Unsafe
    /// where the name says nothing, as `myapp`, which may be an archive all the same. Shown only for a pattern that
    /// fits archives, as `*`. What is named like an archive stays, and so does all that may come from elsewhere: URLs,
    /// repositories, and words that begin with a variable.
    ///
    /// ## See also
    /// [ADD or COPY](https://docs.docker.com/build/building/best-practices/#add-or-copy)
    pub static RULE = {
        name: "add-instead-of-copy",
        summary: "ADD where COPY does the same",
        since: "0.1.0",
        group: Group::Instructions,
        safety: Safety::Safe,
        effect: Effect::Rebuild,
        changes: &[Change::Unpacking],
        default: true,
        ids: &["DL3020", "DS-0005", "CKV_DOCKER_4", "CIS-DI-0009", "S7029"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for instruction in ctx.instructions_of(&[ADD]) {
        let Some(safety) = safety(instruction, ctx.escape()) else { continue };
        let fix = rewrite(ctx, instruction).map(|edits| Fix {
            title: "Write COPY".to_owned(),
            safety,
            effect: Effect::Rebuild,
            edits,
        });
        let message = match safety {
            Safety::Safe => "COPY does the same as this ADD: nothing is fetched or unpacked",
            Safety::Unsafe => "COPY does the same as this ADD, unless a source is an archive",
            Safety::Suggest => "ADD unpacks archives, which this pattern may find; COPY doesn't",
        };
        findings.push(Finding { rule: &RULE, range: instruction.range(), message: message.to_owned(), fix });
    }
}

/// How safe it is to copy instead; `None` where something is to be fetched or unpacked.
fn safety(instruction: &Instruction, escape: char) -> Option<Safety> {
    let reading = Reading::of(instruction, escape);
    let names = |flag: &str| reading.flags.iter().any(|it| it.split('=').next() == Some(flag));
    let unpacks = !reading.flags.iter().any(|it| is_no_unpack(it));
    if names("--checksum") || names("--keep-git-dir") || (unpacks && names("--unpack")) {
        return None;
    }
    let (destination, sources) = reading.args.split_last()?;
    let source = |word: &String| match heredoc_word(word) {
        Some(_) if !reading.json => Source::Plain,
        _ => Source::of(word, escape),
    };
    match sources.iter().map(source).max()? {
        Source::Remote => None,
        _ if !unpacks => Some(Safety::Safe),
        Source::Plain => Some(Safety::Safe),
        Source::Unmarked if is_place_of_file(destination, escape) => Some(Safety::Safe),
        Source::Unmarked => Some(Safety::Unsafe),
        Source::Open => Some(Safety::Suggest),
        Source::Archive => None,
    }
}

fn is_no_unpack(flag: &str) -> bool {
    flag.strip_prefix("--unpack=").is_some_and(|it| it.eq_ignore_ascii_case("false"))
}

fn rewrite(ctx: &Context<'_>, instruction: &Instruction) -> Option<EditSet> {
    let keyword = instruction.keyword_range();
    let copy = match ctx.slice(keyword) {
        "ADD" => "COPY",
        "add" => "copy",
        "Add" => "Copy",
        // A line break runs through it, or its letters are of all sizes.
        _ => return None,
    };
    let mut edits = EditSet::from(Edit::replace(keyword, copy));
    for flag in instruction.flags().filter(|it| is_no_unpack(&Reading::flag(it, ctx.escape()))) {
        let gap = flag.syntax().next_sibling_or_token().filter(|it| it.kind() == WHITESPACE)?;
        edits.push(Edit::delete(TextRange::new(flag.syntax().text_range().start(), gap.text_range().end()))).ok()?;
    }
    Some(edits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, check_unsafe, findings, suggested};

    fn add(text: &str) -> String {
        format!("FROM a\nADD {text}\nRUN b\n")
    }

    fn copy(text: &str) -> String {
        format!("FROM a\nCOPY {text}\nRUN b\n")
    }

    #[test]
    fn what_is_no_archive_is_copied() {
        for text in [
            ". /app",
            "--chown=a:b --link conf/ run.sh /app/",
            "[\"a b.txt\", \"/x\"]",
            "a.txt \\\n  # c\n  b.json \\\n  /x/",
            "<<EOF /x.conf\ntext\nEOF",
            "conf/$STAGE.yml /x",
            "myapp /usr/local/bin/myapp",
        ] {
            check(&RULE, &add(text), &copy(text));
        }
        check(&RULE, "from a\nadd a.sh /\n", "from a\ncopy a.sh /\n");
        check(&RULE, &add("--unpack=False --chmod=755 a.tgz /x"), &copy("--chmod=755 a.tgz /x"));
        check(
            &RULE,
            "FROM a\nADD b.sh /\nADD c.tgz /\nADD d.py /\n",
            "FROM a\nCOPY b.sh /\nADD c.tgz /\nCOPY d.py /\n",
        );
    }

    #[test]
    fn a_bare_name_is_unsafe() {
        check_unsafe(&RULE, &add("myapp /app"), &copy("myapp /app"));
        check_unsafe(&RULE, &add("run.sh myapp /app/"), &copy("run.sh myapp /app/"));
    }

    #[test]
    fn a_pattern_is_shown() {
        check_same(&RULE, &add("* /app/"));
        assert_eq!(suggested(&RULE, &add("* /app/")), [copy("* /app/")]);
    }

    #[test]
    fn archives_and_what_is_elsewhere_stay() {
        for text in [
            "a.tar.gz /",
            "run.sh a.tgz /x/",
            "https://x.org/run.sh /x",
            "run.sh https://x.org/a /x/",
            "git@x.org:a/b.git /x",
            "$SOURCE /x",
            "${DIR}/run.sh /x",
            "--checksum=sha256:1 a.txt /x",
            "--unpack=true a.txt /x",
            "--unpack a.txt /x",
            "--unpack=false https://x.org/a.txt /x",
        ] {
            assert_eq!(findings(&RULE, &add(text)).len(), 0, "{text}");
        }
        for text in [
            "FROM a\nONBUILD ADD . /app\n",
            "FROM a\nADD x\n",
            "FROM a\nADD --from=b x.txt /\n",
            "FROM a\nCOPY b.txt /\n",
        ] {
            assert_eq!(findings(&RULE, text).len(), 0, "{text}");
        }
        check_same(&RULE, "FROM a\nAD\\\nD a.txt /\n");
        check_same(&RULE, "FROM a\n# dockfix: ignore[DL3020] why\nADD a.txt /\n");
    }
}
