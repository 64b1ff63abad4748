//! All stages of a few instructions: what safe fixes make of each is the same image, as an interpreter reads it that
//! shares nothing with the crate, but for what `shell-form-command` says it does.

use dockfix::fix::{self, Job, Safety};

use crate::corpus;

/// The instructions that all stages are made of.
const ALPHABET: &[&str] = &[
    "CMD a b",
    "CMD [\"c\"]",
    "CMD []",
    "CMD d $E",
    "ENTRYPOINT f g",
    "ENTRYPOINT [\"h\", \"i\"]",
    "ENTRYPOINT j && k",
    "HEALTHCHECK CMD l",
    "HEALTHCHECK --retries=2 CMD [\"m\"]",
    "HEALTHCHECK NONE",
    "SHELL [\"/bin/bash\", \"-c\"]",
    "ENV n=o",
    "ENV n p  q",
    "RUN r",
    "RUN [\"s\", \"t\"]",
    "FROM z",
    "FROM base",
];

/// A command as the config of an image holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// The shell that was in force, if one was set, and the text.
    Shell(Option<Vec<String>>, String),
    Exec(Vec<String>),
}

/// What an image is to those who run it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Config {
    cmd: Option<Form>,
    entrypoint: Option<Form>,
    /// The flags, and what is run; nothing for NONE.
    health: Option<(String, Option<Form>)>,
    shell: Option<Vec<String>>,
    env: Vec<(String, String)>,
    /// What was done to the files, with the shell and the environment in which it was.
    steps: Vec<(Form, Vec<(String, String)>)>,
}

/// The configs of all stages of a file, by the rules of BuildKit as far as the alphabet reaches.
fn images(text: &str) -> Vec<Config> {
    let mut stages: Vec<(String, Config)> = Vec::new();
    // Whether the stage itself has set a CMD.
    let mut commanded = false;
    for line in text.lines().filter(|it| !it.is_empty()) {
        let (keyword, rest) = line.split_once(' ').unwrap();
        if keyword == "FROM" {
            let (image, name) = rest.split_once(" AS ").unwrap_or((rest, ""));
            let base = stages.iter().rev().find(|it| it.0 == image).map(|it| it.1.clone());
            stages.push((name.to_owned(), base.unwrap_or_default()));
            commanded = false;
            continue;
        }
        let config = &mut stages.last_mut().unwrap().1;
        let form = |rest: &str, config: &Config| match serde_json::from_str(rest) {
            Ok(array) => Form::Exec(array),
            Err(_) => Form::Shell(config.shell.clone(), rest.to_owned()),
        };
        match keyword {
            "CMD" => {
                config.cmd = Some(form(rest, config));
                commanded = true;
            }
            "ENTRYPOINT" => {
                config.entrypoint = Some(form(rest, config));
                if !commanded {
                    config.cmd = None;
                }
            }
            "HEALTHCHECK" => {
                let (flags, what) = rest.split_at(if rest.starts_with("--") { rest.find(' ').unwrap() + 1 } else { 0 });
                let command = what.strip_prefix("CMD ");
                // The shell is looked up when it runs, so that the one in force here does not count.
                let config_without = Config::default();
                config.health = Some((flags.to_owned(), command.map(|it| form(it, &config_without))));
            }
            "SHELL" => config.shell = Some(serde_json::from_str(rest).unwrap()),
            "ENV" => {
                let (key, value) = rest.split_once(['=', ' ']).unwrap();
                config.env.retain(|it| it.0 != key);
                config.env.push((key.to_owned(), value.trim_matches('"').to_owned()));
            }
            "RUN" => {
                let step = (form(rest, config), config.env.clone());
                config.steps.push(step);
            }
            other => panic!("{other} is not in the alphabet"),
        }
    }
    stages.into_iter().map(|it| it.1).collect()
}

/// What the one command of the alphabet that needs no shell may become.
fn as_array(form: &Form) -> Option<Form> {
    match form {
        Form::Shell(None, text) if matches!(text.as_str(), "a b" | "f g") => {
            Some(Form::Exec(text.split(' ').map(str::to_owned).collect()))
        }
        _ => None,
    }
}

/// Whether a stage may be what the other was: the same, but for commands that became arrays where they may.
fn may_become(old: &Config, new: &Config) -> bool {
    let same = |a: &Option<Form>, b: &Option<Form>| a == b || a.as_ref().and_then(as_array) == *b;
    // A shell hides every CMD from its text; an ENTRYPOINT that becomes an array begins to take one.
    let hidden = old.entrypoint != new.entrypoint && old.cmd.is_some();
    // What an ENTRYPOINT in shell form ignores is not worth a change.
    let ignored = matches!(old.entrypoint, Some(Form::Shell(..))) && old.cmd != new.cmd;
    let rest = |it: &Config| Config { cmd: None, entrypoint: None, ..it.clone() };
    same(&old.cmd, &new.cmd) && same(&old.entrypoint, &new.entrypoint) && !hidden && !ignored && rest(old) == rest(new)
}

/// Fixes a file and holds it against what it was. Says whether anything changed.
fn hold(text: &str, job: &Job, bad: &mut Vec<String>) -> bool {
    let outcome = fix::run(text, job);
    let (old, new) = (images(text), images(&outcome.text));
    let fine = old.len() == new.len() && old.iter().zip(&new).all(|(old, new)| may_become(old, new));
    let fault = !outcome.faults.is_empty();
    if !fine || fault {
        bad.push(format!("{text}became\n{}{:?}", outcome.text, outcome.faults));
    }
    outcome.text != text
}

/// The file that a number stands for.
fn file(mut number: usize, length: u32) -> String {
    let mut text = "FROM y AS base\n".to_owned();
    for _ in 0..length {
        text += ALPHABET[number % ALPHABET.len()];
        text.push('\n');
        number /= ALPHABET.len();
    }
    text
}

/// Holds every file of a length with these numbers; gives how many were tried and how many changed.
fn hold_all(length: u32, numbers: impl Iterator<Item = usize>, bad: &mut Vec<String>) -> (u64, u64) {
    let job = Job { rules: crate::sets::default(), fix: Some(Safety::Safe), ..Job::default() };
    let (mut tried, mut changed) = (0, 0);
    for number in numbers {
        tried += 1;
        changed += u64::from(hold(&file(number, length), &job, bad));
        if bad.len() > 20 {
            break;
        }
    }
    (tried, changed)
}

#[test]
fn safe_fixes_leave_every_small_stage_the_same_image() {
    // All of them where time allows; else of the long ones about a thousand each, at odd distances so that all places
    // vary.
    let all = !cfg!(debug_assertions) && corpus::all();
    let (mut tried, mut changed, mut bad) = (0, 0, Vec::new());
    for length in 0..=5 {
        let count = ALPHABET.len().pow(length);
        let step = if all { 1 } else { count / 2_000 * 2 + 1 };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..2)
                .map(|worker| {
                    scope.spawn(move || {
                        let mut bad = Vec::new();
                        let numbers = (worker * step..count).step_by(2 * step);
                        (hold_all(length, numbers, &mut bad), bad)
                    })
                })
                .collect();
            for worker in workers {
                let (counts, found) = worker.join().unwrap();
                tried += counts.0;
                changed += counts.1;
                bad.extend(found);
            }
        });
    }
    eprintln!("{tried} files, {changed} changed");
    for line in &bad {
        eprintln!("{line}\n");
    }
    assert!(tried >= 3_000 && changed * 3 >= tried);
    assert!(bad.is_empty(), "{} became other images", bad.len());
}
