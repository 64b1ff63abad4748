//! One file: what becomes of it, and the words about it.

use std::{
    cell::RefCell,
    io::{self, Read},
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
};

use super::{
    args::{OutputFormat, Target},
    run::Mode,
};
use crate::{
    config::{ConfigError, Resolver},
    files,
    fix::{self, Effect, Fault, Outcome},
    report::{self, Style},
    syntax,
    text::{self, LineIndex},
    verify,
};

/// How a file is worked on and spoken of.
pub(super) struct Task<'a> {
    pub(super) mode: Mode,
    /// What comments that are added give for a reason.
    pub(super) reason: Option<&'a str>,
    pub(super) target: &'a Target,
    pub(super) resolver: &'a Resolver,
    /// For what goes to stderr.
    pub(super) words: Style,
    /// For what goes to stdout.
    pub(super) results: Style,
}

/// A file's bytes and what became of them, or why nothing did.
pub(super) struct Done {
    pub(super) path: PathBuf,
    pub(super) old: Vec<u8>,
    pub(super) result: Result<Work, Failure>,
}

/// What became of a file, and the words about it.
pub(super) struct Work {
    /// What is to be known of where the settings come from.
    pub(super) notice: Option<String>,
    pub(super) outcome: Outcome,
    /// The new bytes, where they are others than before.
    pub(super) new: Option<Vec<u8>>,
    /// The diff, where it is asked for.
    pub(super) diff: Vec<u8>,
    /// Why the file was passed over.
    pub(super) passed_over: Option<String>,
    pub(super) problems: String,
    pub(super) findings: Vec<String>,
}

/// Why nothing became of a file.
pub(super) enum Failure {
    /// Its settings are wrong.
    Config(ConfigError),
    /// It can't be read, or dockfix itself failed.
    File(String),
}

impl Task<'_> {
    /// Works on standard input.
    pub(super) fn stdin(&self) -> Done {
        let path = self.target.stdin_filename.clone();
        let mut old = Vec::new();
        let read = io::stdin().lock().take(files::MAX_SIZE + 1).read_to_end(&mut old);
        let name = path.clone().unwrap_or_else(|| PathBuf::from("<stdin>"));
        let result = match read {
            Err(error) => Err(Failure::File(files::reason(&error))),
            Ok(len) if len as u64 > files::MAX_SIZE => Err(Failure::File(files::too_long())),
            Ok(_) => self.work(&name, path.as_deref().unwrap_or(Path::new("Dockerfile")), &old),
        };
        Done { path: name, old, result }
    }

    /// Works on a file.
    pub(super) fn file(&self, path: &Path) -> Done {
        let (old, result) = match files::read(path) {
            Ok(old) => {
                let result = self.work(path, path, &old);
                (old, result)
            }
            Err(why) => (Vec::new(), Err(Failure::File(why))),
        };
        Done { path: path.to_owned(), old, result }
    }

    fn work(&self, name: &Path, path: &Path, old: &[u8]) -> Result<Work, Failure> {
        let settings = self.resolver.settings_for(path).map_err(Failure::Config)?;
        let job = self.mode.job(&settings);
        // The library does not panic; if it does, that is a fault of it, and no reason to leave out other files.
        panic::catch_unwind(AssertUnwindSafe(|| {
            let before = text::decode(old);
            let mut outcome = fix::run(&before, &job);
            if self.mode == Mode::Ignore {
                self.ignore(&before, &mut outcome);
            }
            let work = self.report(name, &before, outcome);
            Work { notice: settings.notice.clone(), ..work }
        }))
        .map_err(|_| Failure::File(format!("fault of dockfix: {}. {}", last_panic(), report::PLEASE_REPORT)))
    }

    /// Adds comments that keep quiet what was found.
    fn ignore(&self, before: &str, outcome: &mut Outcome) {
        let parse = syntax::parse(before);
        let edits = fix::add_ignores(before, &parse, &outcome.findings, self.reason);
        let text = edits.apply(before);
        let after = syntax::parse(&text);
        if let Some(message) = verify::rule_difference(&parse, &after, &edits, Effect::None, &[]) {
            let range = parse.file().syntax().text_range();
            outcome.faults.push(Fault { rule: None, range, message });
            return;
        }
        for finding in outcome.findings.drain(..) {
            match outcome.applied.iter_mut().find(|it| it.0 == finding.rule) {
                Some(known) => known.1 += 1,
                None => outcome.applied.push((finding.rule, 1)),
            }
        }
        outcome.text = text;
        outcome.errors = after.errors().to_vec();
    }

    fn report(&self, name: &Path, before: &str, outcome: Outcome) -> Work {
        let changed = outcome.text != before;
        let diff = match changed && self.target.diff {
            true => text::encode(&self.diff(name, before, &outcome.text)),
            false => Vec::new(),
        };
        let name = name.display().to_string();
        let lines = LineIndex::new(&outcome.text);
        let full = match self.target.output_format {
            Some(format) => format == OutputFormat::Full,
            None => self.mode == Mode::Check,
        };
        let style = if self.mode == Mode::Check { self.results } else { self.words };
        let findings = outcome.findings.iter().map(|it| match full {
            true => report::full(&name, &outcome, &lines, it, style),
            false => report::concise(&name, &outcome, &lines, it),
        });
        Work {
            notice: None,
            findings: findings.collect(),
            new: changed.then(|| text::encode(&outcome.text)),
            diff,
            passed_over: report::passed_over(&name, &outcome),
            problems: report::problems(&name, &outcome, self.words),
            outcome,
        }
    }

    /// The diff, with names as `git apply` and `patch -p1` read them.
    fn diff(&self, name: &Path, before: &str, after: &str) -> String {
        let here = std::env::current_dir().unwrap_or_default();
        let name = name.strip_prefix(here).unwrap_or(name);
        let name = text::decode(name.as_os_str().as_encoded_bytes());
        let name = name.trim_start_matches("./").trim_start_matches('/');
        text::unified(before, after, &format!("a/{name}"), &format!("b/{name}"), self.results.color)
    }
}

thread_local! {
    static LAST_PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps what a panic says, instead of printing it: it is told with the file on which it came.
pub(super) fn catch_panics() {
    panic::set_hook(Box::new(|info| {
        let message = info.to_string().replace('\n', " ");
        LAST_PANIC.with(|it| *it.borrow_mut() = Some(message));
    }));
}

/// What the last panic of this thread said.
pub(super) fn last_panic() -> String {
    LAST_PANIC.with(|it| it.borrow_mut().take()).unwrap_or_else(|| "it panicked".to_owned())
}
