use crate::{
    fix::{Context, Effect, Finding, Findings, Group, Safety, rule},
    syntax::{SyntaxKind::*, ast::JsonArray, is_shell},
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
    /// There is no fix: whether the text or its value was meant, only the author knows. An array that starts a shell, or
    /// another program that is known to expand its arguments, is left alone.
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

/// Programs beside shells that read their arguments as a script, a template or a pattern, in which a dollar sign has a meaning.
const READERS: &[&str] = &[
    "busybox",
    "powershell.exe",
    "pwsh.exe",
    "awk",
    "gawk",
    "perl",
    "sed",
    "envsubst",
    "python",
    "python3",
    "ruby",
    "node",
    "php",
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
    for instruction in ctx.instructions_of(&[RUN, CMD, ENTRYPOINT]) {
        let Some(variable) = instruction.json().as_ref().and_then(unexpanded) else { continue };
        findings.push(Finding {
            rule: &RULE,
            range: instruction.range(),
            message: format!("`{variable}` stays as it is: exec form expands no variables"),
            fix: None,
        });
    }
}

/// The first variable in an array that no program of it expands.
fn unexpanded(array: &JsonArray) -> Option<String> {
    let strings = array.strings();
    let reads = |it: &String| it.rsplit(['/', '\\']).next().is_some_and(|it| is_shell(it) || READERS.contains(&it));
    // A wrapper like `tini --` may start a shell further on.
    if strings.iter().any(reads) {
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
    fn what_is_expanded_or_is_no_variable_is_not() {
        for text in [
            "RUN [\"sh\", \"-c\", \"echo $HOME\"]",
            "CMD [\"tini\", \"--\", \"/bin/bash\", \"-c\", \"a $B\"]",
            "CMD [\"/bin/mksh\", \"-c\", \"a $B\"]",
            "CMD [\"awk\", \"{print $1}\"]",
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
