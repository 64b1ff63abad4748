use crate::{
    fix::{Context, Effect, Finding, Findings, Fix, Group, Safety, plain_run, rule},
    model::{Stage, programs},
    syntax::{SyntaxKind::*, json},
    text::Edit,
};

rule! {
    /// ## What it does
    /// Reports a file whose last instruction is a RUN that starts the program, where nothing says what the container is
    /// to start, and shows the CMD that was most likely meant.
    ///
    /// ## Why
    /// RUN runs while the image is built: the build hangs or fails, and the container starts something else.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM python:3
    /// COPY . .
    /// RUN python main.py
    /// ```
    ///
    /// ## Safety and effect
    /// Only shown, because a program may be meant to run while the image is built. The image would change on purpose:
    /// it would get a CMD and lose a layer.
    pub static RULE = {
        name: "run-starts-program",
        summary: "The last RUN starts the program that CMD should",
        since: "0.1.0",
        group: Group::Commands,
        safety: Safety::Suggest,
        effect: Effect::Image,
        default: true,
        ids: &[],
        run: run,
    };
}

/// Names that people give to the script with which a program begins.
const MAIN: &[&str] = &[
    "main",
    "app",
    "server",
    "index",
    "run",
    "start",
    "bot",
    "wsgi",
    "asgi",
    "api",
    "web",
    "serve",
    "daemon",
    "worker",
    "client",
    "application",
];

/// Programs with the words that make them serve.
const STARTS: &[(&str, &[&str])] = &[
    ("npm", &["start", "serve", "dev"]),
    ("yarn", &["start", "serve", "dev"]),
    ("pnpm", &["start", "dev"]),
    ("flask", &["run"]),
    ("rails", &["server", "s"]),
];

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    // The last stage is the image.
    let Some((nth, stage)) = ctx.stages().last() else { return };
    let started = ctx.model.command_in_effect(nth).or_else(|| ctx.model.in_effect(nth, ENTRYPOINT));
    if started.is_none() {
        findings.extend(last_run(ctx, stage));
    }
}

fn last_run(ctx: &Context<'_>, stage: &Stage) -> Option<Finding> {
    let at = stage.instructions.len().checked_sub(1)?;
    let chain = plain_run(ctx, stage, at)?;
    let [command] = chain.plain()? else { return None };
    let words: Option<Vec<String>> = command.argv().iter().map(|it| it.1.literal().map(str::to_owned)).collect();
    let words = words?;
    let run = stage.instructions.get(at)?;
    if !starts(&words) || run.flags().next().is_some() {
        return None;
    }
    let strings: Vec<String> = words.iter().map(|it| json::encode(it)).collect();
    let keyword = ctx.keyword_like(run, CMD);
    let edits = Edit::replace(run.range(), format!("{keyword} [{}]", strings.join(", "))).into();
    let title = "Let the container start it".to_owned();
    Some(Finding {
        rule: &RULE,
        range: run.range(),
        message: "this starts the program while the image is built, and nothing says what the container starts"
            .to_owned(),
        fix: Some(Fix { title, safety: Safety::Suggest, effect: Effect::Image, edits }),
    })
}

/// Whether a command starts a program that goes on until it is stopped.
fn starts(words: &[String]) -> bool {
    let Some((program, rest)) = words.split_first() else { return false };
    let program = program.rsplit('/').next().unwrap_or(program);
    let first = rest.iter().find(|it| !it.starts_with('-')).map(String::as_str).unwrap_or_default();
    let main = || {
        let file = first.rsplit('/').next().unwrap_or(first);
        let (stem, extension) = file.rsplit_once('.').unwrap_or((file, ""));
        // A jar, and a library of .NET, are programs whatever their names.
        matches!(extension, "jar" | "dll") || (MAIN.contains(&stem) && rest.len() <= 2)
    };
    let manage = first.ends_with("manage.py") && rest.iter().any(|it| it == "runserver");
    (programs().runs_file(program) && (main() || manage))
        || programs().servers.contains(program)
            && !rest.iter().any(|it| matches!(it.as_str(), "-t" | "--version" | "-v" | "--help"))
        || STARTS.iter().any(|(name, words)| *name == program && words.contains(&first) && rest.len() == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check_same, findings, suggested};

    #[test]
    fn programs_are_recognised() {
        for (shell, array) in [
            ("python main.py", r#"["python", "main.py"]"#),
            ("node ./src/server.js", r#"["node", "./src/server.js"]"#),
            ("java -jar app.jar", r#"["java", "-jar", "app.jar"]"#),
            ("npm start", r#"["npm", "start"]"#),
            ("python3 manage.py runserver 0.0.0.0:80", r#"["python3", "manage.py", "runserver", "0.0.0.0:80"]"#),
            ("gunicorn 'app:app'", r#"["gunicorn", "app:app"]"#),
        ] {
            let text = format!("FROM a\nCOPY . .\nRUN {shell}\n");
            assert_eq!(suggested(&RULE, &text), [format!("FROM a\nCOPY . .\nCMD {array}\n")]);
            check_same(&RULE, &text);
        }
    }

    #[test]
    fn what_builds_or_is_started_otherwise_is_not() {
        for text in [
            "RUN python setup.py install",
            "RUN python manage.py collectstatic",
            "RUN npm run build",
            "RUN npm install",
            "RUN nginx -t",
            "RUN node build.js",
            "RUN python main.py && a",
            "RUN python main.py\nCMD [\"a\"]",
            "ENTRYPOINT [\"b\"]\nRUN python main.py",
            "RUN python main.py\nCOPY a b",
            "RUN python main.py\nFROM c",
            "RUN python main.py $A",
        ] {
            assert_eq!(findings(&RULE, &format!("FROM a\n{text}\n")).len(), 0, "{text}");
        }
    }
}
