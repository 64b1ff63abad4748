use text_size::{TextRange, TextSize};

use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, RuleOption, Safety, Values, is_builtin, rule},
    model::{Chain, Shell, hands_command_string, is_plain_shell},
    syntax::{
        SyntaxKind::*,
        SyntaxToken,
        ast::{Instruction, JsonArray, tokens},
        is_posix_shell, parse,
    },
    text::{Edit, EditSet, has_raw},
};

rule! {
    /// ## What it does
    /// Writes a RUN in shell form where its array hands a text to the very shell that would run it anyway. With
    /// `which = "all"` also where the array starts a program with arguments that a shell hands on as they are.
    ///
    /// ## Why
    /// `RUN ["/bin/sh", "-c", "…"]` is what BuildKit makes of `RUN …`, with JSON's backslashes on top. Unlike a
    /// container, a build step gains nothing from doing without the shell, and what stands in an array goes unseen by
    /// tools that look into shell text, package managers' cleanup included.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine
    /// RUN ["/bin/sh", "-c", "echo \"$HOME\" && make"]
    /// ```
    /// ```dockerfile
    /// FROM alpine
    /// RUN echo "$HOME" && make
    /// ```
    ///
    /// ## Safety and effect
    /// Where SHELL says the same as the array, nothing is rebuilt. Where no SHELL is set the step is rebuilt with the
    /// same result; that is unsafe for a text that does more than call programs one after another, because the base
    /// image may have set bash with options of its own. An array with another shell than the one in force is its
    /// author's choice and left alone, and so is a text that BuildKit would read in another way, such as one with a
    /// heredoc. Programs are only taken out of their array below a RUN in shell form, which shows that there is a
    /// shell.
    pub static RULE = {
        name: "exec-form-run",
        summary: "RUN in exec form that does what the shell form does",
        since: "0.1.0",
        group: Group::Commands,
        safety: Safety::Safe,
        effect: Effect::Rebuild,
        changes: &[Change::Form],
        default: true,
        options: &[RuleOption {
            name: "which",
            about: "the arrays that are written in shell form: those that start a shell, or all",
            values: Values::Words(&["shells", "all"]),
        }],
        conflicts: &["shell-form-run"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    let all = ctx.settings.word(&RULE, "which") == "all";
    for (nth, stage) in ctx.stages() {
        for (at, run) in stage.instructions.iter().enumerate().filter(|it| it.1.kind() == RUN && ctx.sound(it.1)) {
            let Some(array) = run.json().filter(|_| ctx.escape() == '\\') else { continue };
            let strings = array.strings();
            let text = command_string(&strings);
            let (message, fix) = match text {
                Some(text) => (
                    "this starts the shell that would run its text anyway",
                    shell_text(base(ctx, nth), stage.shell_at(at), &array, text),
                ),
                None if all && has_shell(ctx, nth, at) => {
                    ("this array could be shell text like the others", words(ctx, stage.shell_at(at), &array, &strings))
                }
                None => continue,
            };
            findings.extend(fix.map(|fix| Finding {
                rule: &RULE,
                range: run.range(),
                message: message.to_owned(),
                fix: Some(fix),
            }));
        }
    }
}

/// The text that an array hands to a shell, where it does nothing else.
fn command_string(strings: &[String]) -> Option<&str> {
    let (text, shell) = strings.split_last()?;
    (is_posix_shell(shell.first()?) && hands_command_string(shell)).then_some(text)
}

/// Whether a RUN in shell form stands before one in its stage, or in one that it begins with.
fn has_shell(ctx: &Context<'_>, stage: usize, at: usize) -> bool {
    let shell_form = |it: &Instruction| it.kind() == RUN && it.script().is_some();
    let own = ctx.model.stages.get(stage).and_then(|it| it.instructions.get(..at)).unwrap_or_default();
    let above = ctx.model.ancestry(stage).skip(1).flat_map(|it| &it.instructions);
    own.iter().chain(above).any(shell_form)
}

/// The text that an array hands to a shell, without the array.
fn shell_text(base: &str, shell: &Shell, array: &JsonArray, text: &str) -> Option<Fix> {
    let strings = array.strings();
    let (_, prefix) = strings.split_last()?;
    let effect = match shell {
        Shell::Set(shell) if shell == prefix => Effect::None,
        Shell::Unset if matches!(prefix, [sh, c] if matches!(sh.as_str(), "sh" | "/bin/sh") && c == "-c") => {
            Effect::Rebuild
        }
        _ => return None,
    };
    // BuildKit would read these in another way, or cut them.
    let odd = text.is_empty()
        || text.trim() != text
        || text.starts_with(['-', '[', '#'])
        || text.ends_with('\\')
        || text.contains("<<")
        || text.chars().any(|it| it.is_control() && it != '\t')
        || has_raw(text);
    if odd {
        return None;
    }
    let safety = if effect == Effect::None || is_calls_only(base, text) { Safety::Safe } else { Safety::Unsafe };
    let all: Vec<SyntaxToken> = tokens(array.syntax()).collect();
    let last_comma = all.iter().rposition(|it| it.kind() == COMMA)?;
    let (head, tail) = all.split_at(last_comma);
    let pieces: Vec<&SyntaxToken> = tail.iter().filter(|it| it.kind() == JSON_STRING).collect();
    let (first, last) = (pieces.first()?.text_range(), pieces.last()?.text_range());
    let quote = TextSize::of('"');
    let gone = [
        TextRange::new(head.first()?.text_range().start(), first.start() + quote),
        TextRange::new(last.end() - quote, all.iter().rfind(|it| it.kind() == R_BRACK)?.text_range().end()),
    ];
    let mut edits = EditSet::default();
    for range in gone {
        if all.iter().any(|it| it.kind() == COMMENT_LINE && range.contains_range(it.text_range())) {
            return None;
        }
        edits.push(Edit::delete(range)).ok()?;
    }
    for piece in &pieces {
        unescape(piece, &mut edits)?;
    }
    Some(Fix { title: "Write it in shell form".to_owned(), safety, effect, edits })
}

/// Takes JSON's backslashes out of a part of a string; `None` where it holds escapes that no shell text can.
fn unescape(piece: &SyntaxToken, edits: &mut EditSet) -> Option<()> {
    let (text, start) = (piece.text(), piece.text_range().start());
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if c == '\\' {
            chars.next().filter(|it| matches!(it.1, '"' | '\\' | '/'))?;
            let at = start + TextSize::of(text.get(..at)?);
            edits.push(Edit::delete(TextRange::at(at, TextSize::of(c)))).ok()?;
        }
    }
    Some(())
}

/// The image on which a stage is built.
fn base<'a>(ctx: &'a Context<'_>, stage: usize) -> &'a str {
    ctx.model.root(stage).and_then(|it| ctx.model.stages.get(it)).map_or("", |it| &it.image)
}

/// Whether a text does nothing but call programs one after another, which every shell of the POSIX
/// family does alike; images of Windows have none.
fn is_calls_only(base: &str, text: &str) -> bool {
    let parse = parse(&format!("FROM {base}\nRUN {text}\n"));
    let run = parse.file().instructions().nth(1);
    let chain = run.and_then(|it| Chain::of(&it.script()?));
    parse.errors().is_empty() && chain.is_some_and(|it| it.plain().is_some())
}

/// The words of an array, each as a shell reads it.
fn words(ctx: &Context<'_>, shell: &Shell, array: &JsonArray, strings: &[String]) -> Option<Fix> {
    let program = strings.first()?;
    let is_builtin = is_builtin(strings)?;
    // What begins with a bracket would be read as an array.
    if !is_plain_shell(shell) || program.starts_with('[') || (is_posix_shell(program) && strings.len() == 1) {
        return None;
    }
    let quoted: Option<Vec<String>> = strings.iter().map(|it| quote(it)).collect();
    let quoted = quoted?;
    let mut edits = EditSet::default();
    let mut words = quoted.into_iter();
    let mut gap: Option<TextRange> = None;
    for token in tokens(array.syntax()) {
        let range = token.text_range();
        match token.kind() {
            L_BRACK | COMMA | R_BRACK | WHITESPACE => gap = Some(gap.map_or(range, |it| it.cover(range))),
            JSON_STRING => {
                close(ctx, gap.take(), &mut edits)?;
                edits.push(Edit::replace(range, words.next()?)).ok()?;
            }
            _ => return None,
        }
    }
    close(ctx, gap, &mut edits)?;
    let safety = if is_builtin { Safety::Unsafe } else { Safety::Safe };
    words.next().is_none().then_some(Fix {
        title: "Write it in shell form".to_owned(),
        safety,
        effect: Effect::Rebuild,
        edits,
    })
}

/// Makes a blank of what stands between two strings of an array, and nothing of its brackets.
fn close(ctx: &Context<'_>, gap: Option<TextRange>, edits: &mut EditSet) -> Option<()> {
    let Some(gap) = gap else { return Some(()) };
    let blank = if ctx.slice(gap).contains(',') { " " } else { "" };
    edits.push(Edit::replace(gap, blank)).ok()
}

/// A word as a shell reads it back, quoted only where it must be.
fn quote(word: &str) -> Option<String> {
    let bare = |it: char| it.is_ascii_alphanumeric() || "_@%+=:,./-".contains(it);
    match word {
        _ if word.contains('\'') || word.contains("<<") || word.chars().any(char::is_control) || has_raw(word) => None,
        _ if !word.is_empty() && word.chars().all(bare) => Some(word.to_owned()),
        _ => Some(format!("'{word}'")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::{
        Job, RuleSettings, Value, run as fix_run,
        testing::{check, check_same, check_unsafe, findings},
    };

    fn file(run: &str) -> String {
        format!("FROM a\nRUN {run}\n")
    }

    #[test]
    fn what_a_shell_runs_anyway_is_shell_text() {
        for (array, text) in [
            (r#"["/bin/sh", "-c", "a b"]"#, "a b"),
            (r#"["sh","-c","a && b c"]"#, "a && b c"),
            (r#"[ "sh" , "-c" , "a \"b\" 'c' \\d" ]"#, r#"a "b" 'c' \d"#),
            ("[\"sh\", \"-c\", \\\n  \"a && \\\n   b\"]", "a && \\\n   b"),
            ("[\"sh\", \"-c\", \"a\\\\ \\\n  b\"]", "a\\ \\\n  b"),
            ("--network=none [\"sh\", \"-c\", \"a\"]", "--network=none a"),
        ] {
            check(&RULE, &file(array), &file(text));
        }
        check_unsafe(&RULE, &file(r#"["sh", "-c", "a | b"]"#), &file("a | b"));
        check_unsafe(&RULE, &file(r#"["sh", "-c", "a; b"]"#), &file("a; b"));
        check_unsafe(&RULE, "FROM example/windows\nRUN [\"sh\", \"-c\", \"a b\"]\n", "FROM example/windows\nRUN a b\n");
        let bash = |run: &str| format!("FROM a\nSHELL [\"/bin/bash\", \"-euo\", \"pipefail\", \"-c\"]\nRUN {run}\n");
        check(&RULE, &bash(r#"["/bin/bash", "-euo", "pipefail", "-c", "a | b $C"]"#), &bash("a | b $C"));
    }

    #[test]
    fn other_arrays_stay() {
        for array in [
            r#"["/bin/bash", "-c", "a"]"#,
            r#"["sh", "-ec", "a"]"#,
            r#"["sh", "-c", "a", "b"]"#,
            r#"["sh", "x.sh"]"#,
            r#"["sh"]"#,
            r#"["apt-get", "update"]"#,
            r#"["sh", "-c", " a"]"#,
            r#"["sh", "-c", ""]"#,
            r#"["sh", "-c", "--mount=x a"]"#,
            r#"["sh", "-c", "[ -f a ]"]"#,
            r#"["sh", "-c", "a <<EOF\nb\nEOF"]"#,
            r#"["sh", "-c", "a\nb"]"#,
            r#"["sh", "-c", "a \\"]"#,
            r#"["sh", "-c", "a \u0041"]"#,
            r##"["sh", "-c", "# a"]"##,
            "[\"sh\", \"-c\", \\\n# why\n  \"a\"]",
        ] {
            check_same(&RULE, &file(array));
        }
        for text in [
            "FROM a\nSHELL [\"/bin/bash\", \"-c\"]\nRUN [\"/bin/sh\", \"-c\", \"a\"]\n",
            "FROM a\nCMD [\"/bin/sh\", \"-c\", \"a\"]\n",
            "FROM a\nONBUILD RUN [\"/bin/sh\", \"-c\", \"a\"]\n",
            "# escape=`\nFROM a\nRUN [\"/bin/sh\", \"-c\", \"a\"]\n",
        ] {
            check_same(&RULE, text);
            assert_eq!(findings(&RULE, text).len(), 0, "{text}");
        }
    }

    fn all(text: &str, safety: Safety) -> String {
        let mut settings = RuleSettings::default();
        settings.set(&RULE, "which", Value::Word("all"));
        let job = Job { rules: vec![&RULE], fix: Some(safety), settings, ..Job::default() };
        let outcome = fix_run(text, &job);
        assert_eq!(outcome.faults, [], "{text}");
        outcome.text
    }

    #[test]
    fn programs_are_shell_text_for_those_who_ask() {
        let file = |run: &str| format!("FROM a\nRUN x\nRUN {run}\n");
        for (array, text) in [
            (r#"["apt-get","install", "-y","git=1:2"]"#, "apt-get install -y git=1:2"),
            (r#"[ "a", "b c", "$D", "", "*" ]"#, "a 'b c' '$D' '' '*'"),
            (r#"["echo", "hello world"]"#, "echo 'hello world'"),
            (r#"["bash", "x.sh"]"#, "bash x.sh"),
        ] {
            assert_eq!(all(&file(array), Safety::Safe), file(text));
        }
        let builtin = file(r#"["test", "-f", "x"]"#);
        assert_eq!(all(&builtin, Safety::Safe), builtin);
        assert_eq!(all(&builtin, Safety::Unsafe), file("test -f x"));
        for array in [
            r#"["/bin/bash"]"#,
            r#"["cd", "x"]"#,
            r#"["A=b", "c"]"#,
            r#"["a", "it's"]"#,
            r#"["a", "b\nc"]"#,
            r#"["/bin/bash", "-c", "a"]"#,
            "[\"a\", \\\n  \"b\"]",
        ] {
            assert_eq!(all(&file(array), Safety::Unsafe), file(array));
        }
        // Nothing shows that there is a shell.
        let alone = "FROM a\nRUN [\"a\", \"b\"]\nRUN c\n";
        assert_eq!(all(alone, Safety::Unsafe), alone);
        let windows = "FROM mcr.microsoft.com/windows/servercore\nRUN powershell x\nRUN [\"a\", \"b\"]\n";
        assert_eq!(all(windows, Safety::Unsafe), windows);
        let set = "FROM a\nRUN x\nSHELL [\"pwsh\", \"-c\"]\nRUN [\"a\", \"b\"]\n";
        assert_eq!(all(set, Safety::Unsafe), set);
    }
}
