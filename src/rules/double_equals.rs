use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, Safety, rule},
    model::{Sh, Shell, is_plain_shell},
    syntax::{
        SyntaxKind::*,
        ast::{Command, Word},
    },
    text::Edit,
};

rule! {
    /// ## What it does
    /// Writes `[ a = b ]` instead of `[ a == b ]`, and the same for `test`, where the shell is not set to bash.
    ///
    /// ## Why
    /// `==` is bash's and busybox's. The shell of Debian and Ubuntu says "unexpected operator", and goes on as if the
    /// two were different.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine
    /// ARG FLAVOUR
    /// RUN if [ "$FLAVOUR" == "full" ]; then apk add git; fi
    /// ```
    /// ```dockerfile
    /// FROM alpine
    /// ARG FLAVOUR
    /// RUN if [ "$FLAVOUR" = "full" ]; then apk add git; fi
    /// ```
    ///
    /// ## Safety and effect
    /// Safe where the name of the base image says that its `/bin/sh` knows `==` (Alpine and busybox, CentOS and its
    /// kin, SUSE, Arch): the step is rebuilt with the same result. Unsafe elsewhere: the comparison then begins to do
    /// what it says, and the build goes another way than before. `[[ a == b ]]` stays, for whoever writes it wants
    /// bash.
    pub static RULE = {
        name: "double-equals",
        summary: "`==` in `[ ]` or `test`, which not every shell knows",
        since: "0.1.0",
        group: Group::Shell,
        safety: Safety::Safe,
        effect: Effect::Image,
        changes: &[Change::Words(&[("==", "=")])],
        default: true,
        ids: &["SC3014"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for run in ctx.runs().filter(|it| it.text.contains("==")) {
        let shell = ctx.model.stages.get(run.stage).map(|it| it.shell_at(run.at));
        let Some(shell) = shell.filter(|it| is_plain_shell(it) && run.instruction.heredocs().next().is_none()) else {
            continue;
        };
        let knows = match shell {
            Shell::Unset => ctx.model.sh(run.stage) != Sh::Other,
            Shell::Set(argv) => match argv.first().and_then(|it| it.rsplit('/').next()) {
                Some("bash") => continue,
                Some("ash") => true,
                Some("sh") => ctx.model.sh(run.stage) != Sh::Other,
                _ => false,
            },
        };
        for command in run.commands() {
            findings.extend(operators(command).iter().filter_map(|it| judge(it, knows)));
        }
    }
}

/// The words `==` between two operands of `[` or `test`.
fn operators(command: &Command) -> Vec<Word> {
    let words: Vec<Word> = command.words().collect();
    let text: Vec<String> = words.iter().map(Word::text).collect();
    let operands = match text.as_slice() {
        [first, .., last] if first == "[" && last == "]" => 1..text.len() - 1,
        [first, ..] if first == "test" => 1..text.len(),
        _ => return Vec::new(),
    };
    let operator = |it: &str| matches!(it, "=" | "==" | "!=" | "!" | "-a" | "-o" | "(" | "\\(");
    let between = |at: usize| {
        let before = text.get(at - 1).filter(|_| at > operands.start);
        let behind = text.get(at + 1).filter(|_| at + 1 < operands.end);
        before.zip(behind).is_some_and(|(before, behind)| !operator(before) && !operator(behind))
    };
    operands
        .clone()
        .filter(|at| text.get(*at).is_some_and(|it| it == "==") && between(*at))
        .filter_map(|at| words.get(at).cloned())
        .collect()
}

fn judge(word: &Word, knows: bool) -> Option<Finding> {
    let token = word.syntax().first_token().filter(|it| it.kind() == LITERAL && it.text() == "==")?;
    let range = token.text_range();
    let (safety, effect, message) = match knows {
        true => (Safety::Safe, Effect::Rebuild, "`==` is not in every shell's `[`; `=` is the same"),
        false => (Safety::Unsafe, Effect::Image, "`==` is an error in the `[` of Debian's and Ubuntu's shell"),
    };
    let edits = Edit::replace(range, "=").into();
    let fix = Fix { title: "Write `=`".to_owned(), safety, effect, edits };
    Some(Finding { rule: &RULE, range, message: message.to_owned(), fix: Some(fix) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, check_unsafe, findings};

    fn file(image: &str, shell: &str) -> String {
        format!("FROM {image}\nRUN {shell}\n")
    }

    #[test]
    fn one_is_enough() {
        for (before, after) in [
            ("[ a == b ]", "[ a = b ]"),
            ("if test \"$A\" == b; then c; fi", "if test \"$A\" = b; then c; fi"),
            ("[ $A == b -o \"$A\" == c ] || d", "[ $A = b -o \"$A\" = c ] || d"),
            ("for i in *; do [ $i == \\\n  x ] || rm $i; done", "for i in *; do [ $i = \\\n  x ] || rm $i; done"),
            ("A=$([ \"$B\" == c ] && d)", "A=$([ \"$B\" = c ] && d)"),
            ("[ ! a == b ]", "[ ! a = b ]"),
        ] {
            check(&RULE, &file("alpine", before), &file("alpine", after));
            check(&RULE, &file("centos:7", before), &file("centos:7", after));
            check_unsafe(&RULE, &file("ubuntu", before), &file("ubuntu", after));
        }
        let with = |shell: &str, op: &str| format!("FROM debian\nSHELL [\"{shell}\", \"-ec\"]\nRUN [ a {op} b ]\n");
        check(&RULE, &with("/bin/ash", "=="), &with("/bin/ash", "="));
        check_unsafe(&RULE, &with("/bin/sh", "=="), &with("/bin/sh", "="));
    }

    #[test]
    fn what_is_meant_for_bash_or_is_no_operator_stays() {
        for shell in [
            "[[ a == b ]]",
            "[ a = b ]",
            "echo [ a == b",
            "echo a == b",
            "[ == ]",
            "[ a == ]",
            "[ a = == ]",
            "[ == = a ]",
            "[ a '==' b ]",
            "bash -c '[ a == b ]'",
            "(( a == b ))",
            "<<EOF\n[ a == b ]\nEOF",
            "[ -n == -a b ]",
        ] {
            check_same(&RULE, &file("alpine", shell));
            assert_eq!(findings(&RULE, &file("alpine", shell)).len(), 0, "{shell}");
        }
        for text in [
            "FROM a\nSHELL [\"/bin/bash\", \"-c\"]\nRUN [ a == b ]\n",
            "FROM a\nONBUILD RUN [ a == b ]\n",
            "FROM a\nHEALTHCHECK CMD [ a == b ]\n",
        ] {
            check_same(&RULE, text);
        }
    }
}
