use crate::{
    fix::{Context, Effect, Finding, Findings, Group, Safety, rule},
    model::{hands_command_string, programs},
    syntax::{
        SyntaxKind::*,
        ast::{Instruction, JsonArray},
        is_shell,
    },
};

rule! {
    /// ## What it does
    /// Reports variables in an exec form, which no shell expands.
    ///
    /// ## Why
    /// `RUN ["echo", "$HOME"]` prints the five characters `$HOME`. Neither BuildKit nor the container's runtime expands
    /// anything in an exec form.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine
    /// RUN ["echo", "$HOME"]
    /// ```
    ///
    /// ## Safety and effect
    /// There is no fix: whether the text or its value was meant, only the author knows. An array that starts a shell,
    /// or another program that is known to expand its arguments, is left alone, and so is a CMD below an ENTRYPOINT
    /// that does (`ENTRYPOINT ["sh", "-c"]`). An ENTRYPOINT of the base image may too: of a CMD without one in the
    /// file, the message only says that its variables may stay.
    pub static RULE = {
        name: "exec-form-variable",
        summary: "A variable in exec form, which expands nothing",
        since: "0.1.0",
        group: Group::Commands,
        safety: Safety::Suggest,
        effect: Effect::Image,
        default: true,
        ids: &[],
        run: run,
    };
}

/// Programs beside shells and interpreters that read their arguments as a script, a template or a pattern, in which a
/// dollar sign has a meaning.
const READERS: &[&str] = &[
    "busybox",
    "powershell.exe",
    "pwsh.exe",
    "awk",
    "gawk",
    "sed",
    "envsubst",
    "grep",
    "egrep",
    "expect",
    "nginx",
    "xargs",
    "su",
    "gosu",
    "env",
    "find",
    "make",
    "jq",
];

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    if !ctx.model.has_any(&[RUN, CMD, ENTRYPOINT]) {
        return;
    }
    for (nth, stage) in ctx.stages() {
        let wanted = |it: &&Instruction| matches!(it.kind(), RUN | CMD | ENTRYPOINT) && ctx.sound(it);
        for instruction in stage.instructions.iter().filter(wanted) {
            let Some(variable) = instruction.json().as_ref().and_then(unexpanded) else { continue };
            let mut message = format!("`{variable}` stays as it is: exec form expands no variables");
            if instruction.kind() == CMD {
                match ctx.model.in_effect(nth, ENTRYPOINT).map(|it| it.json().map(|it| it.strings())) {
                    Some(Some(words)) if hands_command_string(&words) || words.iter().any(|it| reads(it)) => continue,
                    Some(_) => {}
                    None => {
                        message = format!("`{variable}` may stay as it is: exec form expands no variables by itself");
                    }
                }
            }
            findings.push(Finding { rule: &RULE, range: instruction.range(), message, fix: None });
        }
    }
}

/// Whether a word names a shell, or another program that expands its arguments.
fn reads(word: &str) -> bool {
    word.rsplit(['/', '\\'])
        .next()
        .is_some_and(|it| is_shell(it) || programs().is_interpreter(it) || READERS.contains(&it))
}

/// The first variable in an array that no program of it expands.
fn unexpanded(array: &JsonArray) -> Option<String> {
    let strings = array.strings();
    // A wrapper like `tini --` may start a shell further on.
    if strings.iter().any(|it| reads(it)) {
        return None;
    }
    strings.iter().find_map(|it| variable(it))
}

/// The first `$NAME` or `${NAME}` of a text.
fn variable(text: &str) -> Option<String> {
    let from = &text[text.find('$')?..];
    let (open, close) = if from.starts_with("${") { (2, "}") } else { (1, "") };
    let name = &from[open..];
    let len = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
    if len == 0 || name.starts_with(|c: char| c.is_ascii_digit()) {
        return variable(&from[1..]);
    }
    name[len..].starts_with(close).then(|| from[..open + len + close.len()].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check_same, findings};

    #[test]
    fn variables_are_reported() {
        for text in
            ["RUN [\"echo\", \"$HOME\"]", "CMD [\"a\", \"--port=${PORT}\"]", "ENTRYPOINT [\"$JAVA_HOME/bin/java\"]"]
        {
            let text = format!("FROM a\n{text}\n");
            assert_eq!(findings(&RULE, &text).len(), 1, "{text}");
            check_same(&RULE, &text);
        }
    }

    #[test]
    fn an_entrypoint_may_expand_them() {
        let said = |text: &str| findings(&RULE, text).into_iter().map(|it| it.message).collect::<Vec<_>>();
        for entrypoint in [
            "[\"sh\", \"-c\"]",
            "[\"/bin/bash\", \"-lc\"]",
            "[\"dumb-init\", \"--\", \"sh\", \"-c\"]",
            "[\"/custom/shell\", \"-c\"]",
        ] {
            for text in [
                format!("FROM a\nENTRYPOINT {entrypoint}\nCMD [\"java -jar ${{B}}\"]\n"),
                format!("FROM a\nCMD [\"java -jar ${{B}}\"]\nENTRYPOINT {entrypoint}\n"),
                format!("FROM a AS b\nENTRYPOINT {entrypoint}\nFROM b\nCMD [\"java -jar $B\"]\n"),
            ] {
                assert_eq!(said(&text), [""; 0], "{text}");
            }
        }
        let stays = ["`$B` stays as it is: exec form expands no variables"];
        for text in [
            "FROM a\nENTRYPOINT [\"java\"]\nCMD [\"-jar\", \"$B\"]\n",
            "FROM a\nENTRYPOINT [\"sh\", \"-c\"]\nRUN [\"x\", \"$B\"]\n",
        ] {
            assert_eq!(said(text), stays, "{text}");
        }
        let may = ["`$B` may stay as it is: exec form expands no variables by itself"];
        assert_eq!(said("FROM a\nCMD [\"x\", \"$B\"]\n"), may);
    }

    #[test]
    fn what_is_expanded_or_is_no_variable_is_not() {
        for text in [
            "RUN [\"sh\", \"-c\", \"echo $HOME\"]",
            "CMD [\"tini\", \"--\", \"/bin/bash\", \"-c\", \"a $B\"]",
            "CMD [\"/bin/mksh\", \"-c\", \"a $B\"]",
            "CMD [\"awk\", \"{print $1}\"]",
            "CMD [\"python2\", \"-c\", \"print($HOME)\"]",
            "CMD [\"/usr/bin/python3.12\", \"-c\", \"print($HOME)\"]",
            "CMD [\"a\", \"costs $5\", \"a$\", \"$(b)\"]",
            "RUN echo $HOME",
            "COPY [\"$A\", \"/b\"]",
            "ENV A=$B",
        ] {
            let text = format!("FROM a\n{text}\n");
            assert_eq!(findings(&RULE, &text).len(), 0, "{text}");
        }
    }
}
