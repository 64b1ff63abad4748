use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, Safety, rule},
    model::is_plain_shell,
    syntax::{
        SyntaxKind::*,
        SyntaxToken,
        ast::{Script, tokens},
    },
    text::Edit,
};

rule! {
    /// ## What it does
    /// Removes the semicolon at the end of a RUN.
    ///
    /// ## Why
    /// It separates the last command from nothing, looks as if something were missing, and makes a RUN that somebody
    /// later continues with `&&` a syntax error.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine
    /// RUN apk add git;
    /// ```
    /// ```dockerfile
    /// FROM alpine
    /// RUN apk add git
    /// ```
    ///
    /// ## Safety and effect
    /// Safe; the step is rebuilt with the same result. The `\;` of `find` is no semicolon to the shell, and stays. So
    /// do heredocs, shells that are not POSIX, and a RUN in which other lines end with a semicolon too: there it is the
    /// author's style.
    pub static RULE = {
        name: "useless-semicolon",
        summary: "A semicolon at the end of a RUN",
        since: "0.1.0",
        group: Group::Shell,
        safety: Safety::Safe,
        effect: Effect::Rebuild,
        changes: &[Change::Words(&[(";", "")])],
        default: true,
        ids: &[],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for run in ctx.runs() {
        let plain = ctx.model.stages.get(run.stage).is_some_and(|it| is_plain_shell(it.shell_at(run.at)));
        if plain && !run.has_heredocs && run.kinds().has(SEMI) {
            findings.extend(judge(&run.script));
        }
    }
}

fn judge(script: &Script) -> Option<Finding> {
    let list = script.list()?;
    let own: Vec<SyntaxToken> = list.syntax().children_with_tokens().filter_map(|it| it.into_token()).collect();
    let semicolon = own.iter().rfind(|it| it.kind() == SEMI)?;
    // Whoever ends lines with semicolons ends the last one so that a line put behind it changes no other.
    let ends_lines =
        own.windows(3).any(|it| it[0].kind() == SEMI && it[1..].iter().any(|it| it.kind() == CONTINUATION));
    if ends_lines {
        return None;
    }
    let range = semicolon.text_range();
    // A comment behind it would begin right at the last word, or be the reason for it.
    let end = script.syntax().text_range().end();
    let behind = std::iter::successors(semicolon.next_token(), SyntaxToken::next_token);
    let mut behind = behind.take_while(|it| it.text_range().end() <= end);
    if !behind.all(|it| it.kind().is_trivia() && it.kind() != COMMENT_LINE) {
        return None;
    }
    // The blanks in front of it go with it. One on a line of its own closes the list of lines above it.
    let before: Vec<SyntaxToken> =
        tokens(script.syntax()).take_while(|it| it.text_range().end() <= range.start()).collect();
    let loose = before.iter().rev().take_while(|it| it.kind() == WHITESPACE);
    let range = loose.fold(range, |range, it| range.cover(it.text_range()));
    let left = before.iter().rev().find(|it| it.text_range().end() <= range.start())?;
    // A quoted blank at the end of a line would continue it.
    if left.kind().is_trivia() || left.kind() == ESCAPED && left.text().ends_with([' ', '\t']) {
        return None;
    }
    let edits = Edit::delete(range).into();
    let title = "Remove the semicolon".to_owned();
    Some(Finding {
        rule: &RULE,
        range: semicolon.text_range(),
        message: "nothing follows this semicolon".to_owned(),
        fix: Some(Fix { title, safety: Safety::Safe, effect: Effect::Rebuild, edits }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same};

    fn file(shell: &str) -> String {
        format!("FROM a\nRUN {shell}\nCMD b\n")
    }

    #[test]
    fn the_last_semicolon_goes() {
        for (before, after) in [
            ("a;", "a"),
            ("a && b ;", "a && b"),
            ("a; b;", "a; b"),
            ("for i in a; do b; done;", "for i in a; do b; done"),
            ("{ a; };", "{ a; }"),
            ("a 'b;';  ", "a 'b;'  "),
            (r"find . -exec a {} \;;", r"find . -exec a {} \;"),
        ] {
            check(&RULE, &file(before), &file(after));
        }
        check(&RULE, "FROM a\r\nRUN a;\r\n", "FROM a\r\nRUN a\r\n");
        check(&RULE, "FROM a\nRUN a; \\\n", "FROM a\nRUN a \\\n");
        check(&RULE, "FROM a\nRUN a;", "FROM a\nRUN a");
    }

    #[test]
    fn others_stay() {
        for shell in [
            "a",
            "a; b",
            "a &",
            r"find . -exec a {} \;",
            "find . -exec a {} ';'",
            "{ a; }",
            "(a;)",
            "for i in a; do b; done",
            "case a in b) c;; esac",
            "case a in b) c;; esac; d",
            "a; # why",
            r"a \ ;",
            "a \\\n    ;",
            "a \\\n# why\n  ;",
            "set -eux; \\\n    a; \\\n    b;",
            "a <<EOF ;\nb\nEOF",
            "<<EOF\na;\nEOF",
        ] {
            check_same(&RULE, &file(shell));
        }
        check_same(&RULE, "FROM a\nSHELL [\"pwsh\", \"-c\"]\nRUN a;\n");
        check_same(&RULE, "FROM a\nONBUILD RUN a;\n");
        check_same(&RULE, "FROM a\nCMD a;\n");
    }
}
