use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, Safety, exec_form, rule},
    model::{
        OwnWord, Shell, ShellWord, build::Field, entrypoint_looks_at_command, hands_command_string, has_relative_path,
        is_plain_shell, may_be_script, sets_pipefail, simple_commands,
    },
    syntax::{
        SyntaxKind::*,
        ast::{Command, Instruction, Script, tokens},
    },
    text::Edit,
};

rule! {
    /// ## What it does
    /// Writes CMD and ENTRYPOINT in exec form where the shell has nothing to do but to start one program, with the very
    /// arguments that the shell would hand on. A leading `exec` goes. Where the shell is needed, it shows `exec` in
    /// front of the last command, where that is sound, and says nothing where it stands there.
    ///
    /// ## Why
    /// In shell form `/bin/sh -c` starts the program. The shell of Debian and Ubuntu stays in front of it and does not
    /// pass signals on: `docker stop` waits ten seconds and kills. Bash and Alpine's shell put a single command in
    /// their own place; there the gain is that the image says what it starts, needs no shell for it, and does so under
    /// any shell. Below an ENTRYPOINT in exec form a CMD in shell form becomes the arguments `/bin/sh`, `-c` and its
    /// text, which hardly ever is what was meant.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM python:3
    /// CMD python main.py --name 'a b'
    /// ```
    /// ```dockerfile
    /// FROM python:3
    /// CMD ["python", "main.py", "--name", "a b"]
    /// ```
    /// ```dockerfile
    /// FROM alpine
    /// ENTRYPOINT ["ping"]
    /// CMD localhost
    /// ```
    /// ```dockerfile
    /// FROM alpine
    /// ENTRYPOINT ["ping"]
    /// CMD ["localhost"]
    /// ```
    ///
    /// ## Safety and effect
    /// The image changes on purpose: the program is process 1, an ENTRYPOINT takes the arguments of `docker run`, which
    /// in shell form it ignores, and no step is rebuilt. Safe where the words need no environment and the program is no
    /// builtin of the shell. Unsafe for a program that may be a script without `#!`, which only a shell starts
    /// (`run.sh`, `./start`, a program that the file itself writes or copies into a folder of programs), for one that
    /// the shell has built in (`echo -n`, `test`, `kill`), on images whose ENTRYPOINT acts on its first argument
    /// (`redis`, `mysql`), and where PATH has a relative entry.
    ///
    /// ENTRYPOINT and CMD are judged together. An ENTRYPOINT in shell form ignores every CMD; it stays as it is where a
    /// CMD is in effect, here or in a stage that begins with this one, because the CMD would suddenly become its
    /// arguments. Nothing is reported where SHELL is set, by the file or by an image of which that is known: the form
    /// is its author's choice. A shell that is only told `-o pipefail`, as `missing-pipefail` does it, is set for the
    /// pipes of RUN, and counts as none.
    ///
    /// ## See also
    /// [Shell and exec form](https://docs.docker.com/reference/dockerfile/#shell-and-exec-form)
    pub static RULE = {
        name: "shell-form-command",
        summary: "CMD or ENTRYPOINT in shell form",
        since: "0.1.0",
        group: Group::Commands,
        safety: Safety::Safe,
        effect: Effect::Image,
        changes: &[Change::Config(Field::Cmd), Change::Config(Field::Entrypoint)],
        default: true,
        ids: &["JSONArgsRecommended", "DL3025", "S7019"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    let mut takes_command = None;
    for (stage, it) in ctx.stages() {
        for (at, instruction) in it.instructions.iter().enumerate() {
            let shell_form = matches!(instruction.kind(), CMD | ENTRYPOINT) && instruction.json().is_none();
            let shadowed = it.last(instruction.kind()).is_some_and(|last| last != instruction);
            // What looks like an array is another rule's matter.
            let array = || instruction.arguments().starts_with('[');
            let empty = || instruction.arguments().is_empty();
            if !shell_form || shadowed || array() || empty() || !ctx.sound(instruction) || is_chosen(it.shell_at(at)) {
                continue;
            }
            let triggered = || it.instructions.iter().any(|it| it.nested().is_some_and(|it| it.kind() == CMD));
            let commanded = takes_command.get_or_insert_with(|| {
                ctx.model.any_descendant(|it| ctx.model.stages.get(it).is_some_and(|it| it.last(CMD).is_some()))
            });
            let commanded =
                commanded.get(stage).copied().unwrap_or_default() || (instruction.kind() == ENTRYPOINT && triggered());
            findings.extend(judge(ctx, stage, instruction, commanded));
        }
    }
}

/// Whether a SHELL is set for more than the pipes of RUN: `-o pipefail` says nothing of a command that has none, and is
/// what another rule sets.
fn is_chosen(shell: &Shell) -> bool {
    *shell != Shell::Unset && !(is_plain_shell(shell) && sets_pipefail(shell))
}

/// Judges an instruction in shell form; `commanded` says whether a stage that begins with this one sets a CMD.
fn judge(ctx: &Context<'_>, stage: usize, instruction: &Instruction, commanded: bool) -> Option<Finding> {
    let keyword = instruction.kind().keyword();
    let entrypoint = ctx.model.in_effect(stage, ENTRYPOINT);
    let script = instruction.script();
    let gives_way = script.as_ref().is_some_and(|it| last_command(it).as_ref().is_some_and(starts_with_exec));
    let (message, convertible) = match (instruction.kind(), entrypoint) {
        (CMD, Some(entrypoint)) => match entrypoint.json() {
            // `sh -c` takes one text, and no array can stand for it.
            Some(array) if hands_command_string(&array.strings()) => {
                ("CMD in shell form is handed on as `/bin/sh -c …` to an ENTRYPOINT that is a shell".to_owned(), false)
            }
            Some(_) => {
                ("CMD in shell form hands `/bin/sh`, `-c` and its text as arguments to ENTRYPOINT".to_owned(), true)
            }
            None => return None,
        },
        (ENTRYPOINT, _) if commanded || ctx.model.command_in_effect(stage).is_some() => {
            let signals = if gives_way { "" } else { "; it may also keep signals from its program" };
            (format!("ENTRYPOINT in shell form takes no CMD, and there is one{signals}"), false)
        }
        _ if gives_way => (format!("{keyword} in shell form needs a shell for what an array says"), true),
        _ => (format!("{keyword} in shell form may keep signals from its program"), true),
    };
    let array = || in_exec_form(ctx, stage, instruction).filter(|_| convertible);
    let fix = script.and_then(|it| array().or_else(|| with_exec(&it)));
    // Where the shell is needed and gives way to the program, all is as it can be.
    let is_well = gives_way && convertible && fix.is_none() && entrypoint.is_none_or(|it| it == instruction);
    (!is_well).then(|| Finding { rule: &RULE, range: instruction.range(), message, fix })
}

/// The instruction with a JSON array of what the shell would hand on.
fn in_exec_form(ctx: &Context<'_>, stage: usize, instruction: &Instruction) -> Option<Fix> {
    // A comma shows an array that has lost its brackets: as it is, it starts nothing.
    let form = exec_form(ctx, instruction).filter(|it| !it.program().ends_with(','))?;
    let told = instruction.kind() == CMD && entrypoint_looks_at_command(&ctx.model, stage);
    let script = may_be_script(&ctx.model, instruction, form.program());
    let doubtful = form.is_builtin || told || script || has_relative_path(&ctx.model, stage);
    let safety = if doubtful { Safety::Unsafe } else { Safety::Safe };
    Some(Fix { title: "Write it in exec form".to_owned(), safety, effect: Effect::Image, edits: form.edits })
}

/// The command with which a shell text ends, where that is a simple one that the shell waits for, and takes no other.
fn last_command(script: &Script) -> Option<Command> {
    if tokens(script.syntax()).any(|it| it.kind() == AMP) {
        return None;
    }
    let pipeline = script.list()?.items().last()?.pipelines().last()?;
    let commands: Vec<Command> = pipeline.commands().collect();
    let [command] = commands.as_slice() else { return None };
    let bang = pipeline.syntax().children_with_tokens().any(|it| it.kind() == RESERVED);
    (!bang && command.syntax().kind() == SIMPLE_COMMAND).then(|| command.clone())
}

/// Whether a command puts a program in the place of the shell.
fn starts_with_exec(command: &Command) -> bool {
    let mut words = command.words().map(|it| ShellWord::of(&it));
    words.next().as_ref().and_then(ShellWord::literal) == Some("exec") && words.next().is_some()
}

/// The shell text with `exec` in front of its last command, so that this one takes the place of the shell.
fn with_exec(script: &Script) -> Option<Fix> {
    let command = last_command(script)?;
    let trapped = simple_commands(script.syntax()).any(|it| {
        let first = it.words().next().map(|it| ShellWord::of(&it));
        first.as_ref().and_then(ShellWord::literal).is_some_and(|it| it == "trap")
    });
    let commented = tokens(script.syntax()).any(|it| it.kind() == SHELL_COMMENT);
    if commented || trapped || command.assignments().next().is_some() {
        return None;
    }
    let word = command.words().next()?;
    let first = ShellWord::of(&word);
    let first = first.literal()?;
    if OwnWord::of(first).is_some() || first == "echo" || first.contains('=') {
        return None;
    }
    let edits = Edit::insert(word.syntax().text_range().start(), "exec ").into();
    let title = "Let the last command take the shell's place".to_owned();
    Some(Fix { title, safety: Safety::Suggest, effect: Effect::Image, edits })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, check_unsafe, findings, suggested};

    fn cmd(text: &str) -> String {
        format!("FROM a\nCMD {text}\n")
    }

    #[test]
    fn plain_commands_become_arrays() {
        for (shell, array) in [
            ("python main.py", r#"["python", "main.py"]"#),
            ("exec nginx -g 'daemon off;'", r#"["nginx", "-g", "daemon off;"]"#),
            (r#"a "b c"'d' e\ f """#, r#"["a", "b cd", "e f", ""]"#),
            (r#"a 'say "x"' "it's" C:\\d"#, r#"["a", "say \"x\"", "it's", "C:\\d"]"#),
            ("a '$HOME' '*' --b=c,d:e@f%g+h", r#"["a", "$HOME", "*", "--b=c,d:e@f%g+h"]"#),
            ("a \\\n    b \\\n    c", r#"["a", "b", "c"]"#),
            ("echo hello", r#"["echo", "hello"]"#),
            ("sh -c 'a && b'", r#"["sh", "-c", "a && b"]"#),
        ] {
            check(&RULE, &cmd(shell), &cmd(array));
        }
    }

    #[test]
    fn scripts_and_builtins_are_unsafe() {
        check_unsafe(&RULE, &cmd("./run.sh a"), &cmd(r#"["./run.sh", "a"]"#));
        check_unsafe(&RULE, &cmd("echo -n a"), &cmd(r#"["echo", "-n", "a"]"#));
        check_unsafe(&RULE, &cmd(r"echo 'a\tb'"), &cmd(r#"["echo", "a\\tb"]"#));
        check_unsafe(&RULE, &cmd("true"), &cmd(r#"["true"]"#));
        check_unsafe(&RULE, &cmd("./start"), &cmd(r#"["./start"]"#));
        check_unsafe(&RULE, &cmd("/start -v"), &cmd(r#"["/start", "-v"]"#));
        check(&RULE, &cmd("/usr/bin/tor"), &cmd(r#"["/usr/bin/tor"]"#));
        check(&RULE, &cmd("./main.py"), &cmd(r#"["./main.py"]"#));
        for head in [
            "COPY start /usr/local/bin/start",
            "RUN echo a > /usr/bin/start && chmod +x /usr/bin/start",
            "ENV PATH=./bin:$PATH",
            "COPY start /usr/local/bin/",
            "COPY --from=b /c/start d /usr/local/bin/",
            "COPY [\"start\", \"/bin/\"]",
            "COPY <<start /usr/local/bin/\na\nstart",
            "WORKDIR /usr/local/bin\nCOPY start .",
            "COPY . /usr/local/bin/",
            "COPY scripts/ /usr/local/bin",
            "COPY scripts /usr/local/bin",
            "COPY bin /usr/local/bin/",
            "ADD scripts/* /bin/",
            "ADD scripts/st*t /bin/",
            "RUN cp start /usr/local/bin/",
            "RUN a && install -m755 start /usr/local/bin",
            "RUN cp /x/* /usr/local/bin/ && b",
            "RUN sudo mv b \"start\" '/usr/local/bin/'",
            "RUN cp -t /usr/bin start b",
            "RUN cp -r /x/bin/. /usr/local/bin",
            "RUN ln -s /x/start /usr/bin/.",
            "RUN cp x \"/usr/local/bin/start\"; b",
            "COPY rootfs/ /",
            "COPY rootfs /",
            "COPY . /",
            "COPY [\"x\", \"/usr/bin/start\"]",
            "COPY bin/ /usr/local/",
            "ADD x.tar.gz /usr/local",
            "ADD x.tar.gz /usr/local/bin",
            "COPY start /usr/bin/.",
            "ENV PATH=./bin:$PATH",
        ] {
            let text = |end: &str| format!("FROM a\n{head}\nCMD {end}\n");
            check_unsafe(&RULE, &text("start"), &text(r#"["start"]"#));
        }
        for head in [
            "COPY run.sh x.d stop /usr/local/bin/",
            "COPY *.sh b* /usr/local/bin/",
            "COPY . /app/",
            "RUN cp stop /usr/local/bin/",
            "RUN cp *.conf /usr/local/bin/",
            "RUN cp /usr/local/bin/stop start",
            "COPY x.tar.gz /usr/local",
            "ADD https://x.org/x.tar.gz /usr/local/bin/",
            "COPY x.sh LICENSE /",
            "COPY etc/ /etc",
            "WORKDIR /app\nCOPY . .",
            "COPY docker.conf /usr/local/bin",
            "COPY . /usr/local/bin/\nFROM b",
        ] {
            let text = |end: &str| format!("FROM a\n{head}\nCMD {end}\n");
            check(&RULE, &text("start"), &text(r#"["start"]"#));
        }
        let text = |end: &str| format!("FROM a AS b\nCOPY . /usr/local/bin/\nFROM b\nCMD {end}\n");
        check_unsafe(&RULE, &text("start"), &text(r#"["start"]"#));
        check(&RULE, &text("tar -t"), &text(r#"["tar", "-t"]"#));
        check_unsafe(
            &RULE,
            "ARG I=x:5/nginx:1\nFROM $I\nCMD nginx -t\n",
            "ARG I=x:5/nginx:1\nFROM $I\nCMD [\"nginx\", \"-t\"]\n",
        );
        check_unsafe(&RULE, "FROM redis:7\nCMD redis-server a\n", "FROM redis:7\nCMD [\"redis-server\", \"a\"]\n");
    }

    #[test]
    fn what_needs_the_shell_stays() {
        for shell in [
            "a $B",
            "a && b",
            "a | b",
            "a > b",
            "a; b",
            "a &",
            "A=1 b",
            "a *.py",
            "a ~/b",
            "a {b,c}",
            "a `b`",
            "a $(b)",
            "a # b",
            "cd x",
            "exit 1",
            ". ./x",
            "ulimit -n 1024",
            "exec -a x y",
            "exec",
            "(a)",
            "a [b]",
            "a b=~/c",
            "time a",
            "! a",
            "$A b",
            "if a; then b; fi",
            "a 'b",
            "\"a\", \"b\"",
            "['a', 'b']",
            "a !b",
            "a $\"b\"",
            "history",
            "chdir x",
            "'%a' x",
            r"C:\app\server.exe -v",
        ] {
            check_same(&RULE, &cmd(shell));
        }
        check_same(&RULE, "FROM a\nCMD a \\\n    # why\n    b\n");
        check_same(&RULE, "FROM mambaorg/micromamba:2\nENTRYPOINT python a\n");
    }

    #[test]
    fn entrypoint_and_cmd_are_judged_together() {
        check(&RULE, "FROM a\nENTRYPOINT a b\n", "FROM a\nENTRYPOINT [\"a\", \"b\"]\n");
        check(&RULE, "FROM a\nENTRYPOINT [\"p\"]\nCMD x -v\n", "FROM a\nENTRYPOINT [\"p\"]\nCMD [\"x\", \"-v\"]\n");
        check(
            &RULE,
            "FROM a AS b\nENTRYPOINT [\"p\"]\nFROM b\nCMD x\n",
            "FROM a AS b\nENTRYPOINT [\"p\"]\nFROM b\nCMD [\"x\"]\n",
        );
        for text in [
            // The CMD would suddenly be arguments.
            "FROM a\nENTRYPOINT a\nCMD [\"b\"]\n",
            "FROM a\nCMD [\"b\"]\nENTRYPOINT a\n",
            "FROM a AS b\nENTRYPOINT a\nFROM b\nCMD [\"c\"]\n",
            "FROM a AS B\nENTRYPOINT a\nFROM B\nCMD [\"c\"]\n",
            "FROM a\nENTRYPOINT a\nONBUILD CMD [\"c\"]\n",
            "FROM mcr.microsoft.com/dotnet/framework/aspnet:4.8\nCMD npm start\n",
            // Nobody runs this CMD.
            "FROM a\nENTRYPOINT a\nCMD b\n",
            // A shell takes one text.
            "FROM a\nENTRYPOINT [\"/bin/bash\", \"-lc\"]\nCMD python main.py\n",
        ] {
            check_same(&RULE, text);
        }
        // A CMD that the ENTRYPOINT of this stage makes BuildKit forget is none.
        check(
            &RULE,
            "FROM a AS b\nCMD [\"c\"]\nFROM b\nENTRYPOINT a\n",
            "FROM a AS b\nCMD [\"c\"]\nFROM b\nENTRYPOINT [\"a\"]\n",
        );
    }

    #[test]
    fn other_shells_are_their_authors_choice() {
        for text in [
            "FROM a\nSHELL [\"/bin/bash\", \"-c\"]\nCMD a\n",
            "FROM a\nSHELL [\"/bin/bash\", \"-l\", \"-o\", \"pipefail\", \"-c\"]\nCMD a\n",
            "FROM a\nSHELL [\"/bin/zsh\", \"-o\", \"pipefail\", \"-c\"]\nCMD a\n",
            "FROM mcr.microsoft.com/windows/servercore:ltsc2022\nCMD a\n",
            "# escape=`\nFROM a\nCMD a\n",
            "FROM a\nONBUILD CMD a b\n",
            "FROM a\nHEALTHCHECK CMD a b\n",
            "FROM a\nRUN a b\n",
            "FROM a\nCMD --port 80\n",
        ] {
            check_same(&RULE, text);
        }
    }

    #[test]
    fn a_shell_for_the_pipes_of_run_is_no_choice() {
        for shell in [r#"["/bin/bash", "-o", "pipefail", "-c"]"#, r#"["/bin/ash", "-eo", "pipefail", "-c"]"#] {
            let text = |end: &str| format!("FROM a\nSHELL {shell}\nCMD {end}\n");
            check(&RULE, &text("a b"), &text(r#"["a", "b"]"#));
            assert_eq!(suggested(&RULE, &text("a $B")), [text("exec a $B")]);
            check_same(&RULE, &text("a | b"));
        }
    }

    #[test]
    fn exec_is_suggested_where_it_is_sound() {
        for (shell, better) in
            [("cd x && python $A", "cd x && exec python $A"), ("a $B", "exec a $B"), ("a; b > c", "a; exec b > c")]
        {
            assert_eq!(suggested(&RULE, &cmd(shell)), [cmd(better)], "{shell}");
        }
        for shell in [
            "a | b $C",
            "a & b $C",
            "A=$B c",
            "exit $A",
            "trap x TERM; a $B",
            "$A b",
            "a && (b $C)",
            "exec",
            "exec a $B &",
        ] {
            assert_eq!(suggested(&RULE, &cmd(shell)), [""; 0], "{shell}");
            assert_eq!(findings(&RULE, &cmd(shell)).len(), 1, "{shell}");
        }
    }

    #[test]
    fn what_gives_way_to_its_program_is_well() {
        for text in
            ["CMD exec a $B", "CMD cd /x && exec a", "ENTRYPOINT exec a $B", "ENTRYPOINT a; exec b > c", "ENTRYPOINT"]
        {
            assert!(findings(&RULE, &format!("FROM x\n{text}\n")).is_empty(), "{text}");
        }
        let said = |text: &str| findings(&RULE, text).into_iter().map(|it| it.message).collect::<Vec<_>>();
        assert_eq!(said("FROM x\nCMD exec a\n"), ["CMD in shell form needs a shell for what an array says"]);
        assert_eq!(said("FROM x\nCMD a $B\n"), ["CMD in shell form may keep signals from its program"]);
        assert_eq!(
            said("FROM x\nENTRYPOINT exec a $B\nCMD [\"c\"]\n"),
            ["ENTRYPOINT in shell form takes no CMD, and there is one"]
        );
        assert_eq!(
            said("FROM x\nENTRYPOINT [\"p\"]\nCMD exec a $B\n"),
            ["CMD in shell form hands `/bin/sh`, `-c` and its text as arguments to ENTRYPOINT"]
        );
    }
}
