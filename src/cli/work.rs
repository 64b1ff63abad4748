//! One file: what becomes of it, and the words about it.

use std::{
    cell::RefCell,
    mem,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
};

use text_size::TextRange;

use super::{
    args::Target,
    baseline::Seen,
    input,
    run::Mode,
    sieve::{Narrowing, Sieve},
};
use crate::{
    config::{ConfigError, Resolver, Settings},
    files,
    fix::{self, Effect, Fault, Job, Outcome, PassedOver, Versions},
    model::Document,
    report::{self, File, Format, Kind, Name, Piece, Reporter, Style, Told},
    syntax,
    text::{self, Edit},
    verify,
};

/// How a file is worked on and spoken of.
#[derive(Clone)]
pub(super) struct Task<'a> {
    pub(super) mode: Mode,
    /// What comments that are added give for a reason.
    pub(super) reason: Option<&'a str>,
    pub(super) target: &'a Target,
    pub(super) resolver: &'a Resolver,
    /// Whether files are written, rather than told what would become of them.
    pub(super) writes: bool,
    /// What puts files into words for the report, if there is one.
    pub(super) reporter: Option<&'a dyn Reporter>,
    /// What of all that is found is told.
    pub(super) narrowing: Narrowing<'a>,
    /// The folder from which names are counted.
    pub(super) here: &'a Path,
    /// For what goes to stderr.
    pub(super) words: Style,
    /// For what goes to stdout.
    pub(super) results: Style,
}

/// A file's bytes and what became of them, or why nothing did.
pub(super) struct Done {
    pub(super) path: PathBuf,
    pub(super) name: Name,
    pub(super) old: Vec<u8>,
    pub(super) result: Result<Work, Failure>,
}

/// What became of a file, and the words about it.
pub(super) struct Work {
    /// What is to be known of the settings and where they come from.
    pub(super) notices: Vec<String>,
    pub(super) outcome: Outcome,
    /// Whether the file is to become another.
    pub(super) changed: bool,
    /// The new bytes, where they are others than before and not only asked about.
    pub(super) new: Option<Vec<u8>>,
    /// The diff, where it is asked for.
    pub(super) diff: Vec<u8>,
    /// Why the file was passed over.
    pub(super) passed_over: Option<String>,
    pub(super) problems: String,
    /// What the report says of the file, if there is one.
    pub(super) piece: Option<Piece>,
    /// All that was found, for the baseline, if there is one.
    pub(super) seen: Option<Seen>,
}

/// Why nothing became of a file.
pub(super) enum Failure {
    /// Its settings are wrong.
    Config(ConfigError),
    /// It is excluded, and that counts also where it is named.
    Excluded,
    /// It can't be read, or dockfix itself failed.
    File(String),
}

impl Task<'_> {
    /// Works on standard input.
    pub(super) fn stdin(&self) -> Done {
        let path = self.target.stdin_filename.clone();
        let mut old = Vec::new();
        let read = input::read_stdin(&mut old);
        let name = path.clone().unwrap_or_else(|| PathBuf::from("<stdin>"));
        let result = match read {
            // What was read of it in part is not handed back.
            Err(why) => {
                old.clear();
                Err(Failure::File(why))
            }
            Ok(()) if path.as_deref().is_some_and(|it| self.resolver.is_force_excluded(it) == Ok(true)) => {
                Err(Failure::Excluded)
            }
            Ok(()) => self.work(&name, path.as_deref().unwrap_or(Path::new("Dockerfile")), &old, true),
        };
        Done { name: Name::new(&name, self.here), path: name, old, result }
    }

    /// Works on a file.
    pub(super) fn file(&self, path: &Path) -> Done {
        let (old, result) = match files::read(path) {
            Ok(old) => {
                let result = self.work(path, path, &old, false);
                (old, result)
            }
            Err(why) => (Vec::new(), Err(Failure::File(why))),
        };
        Done { name: Name::new(path, self.here), path: path.to_owned(), old, result }
    }

    fn work(&self, name: &Path, path: &Path, old: &[u8], is_stdin: bool) -> Result<Work, Failure> {
        if let Some(encoding) = text::foreign_encoding(old) {
            return Err(Failure::File(format!("it is {encoding}, which BuildKit refuses; save it as UTF-8")));
        }
        let settings = self.resolver.settings_for(path).map_err(Failure::Config)?;
        // Behind standard input no summary follows, and so nobody asks how much is rebuilt.
        let job = Job { weigh: !is_stdin, ..self.mode.job(&settings) };
        let sieve = self.narrowing.of(path).map_err(Failure::File)?;
        // The library does not panic; if it does, that is a fault of it, and no reason to leave out other files.
        panic::catch_unwind(AssertUnwindSafe(|| {
            let before = text::decode(old);
            // Where fixes and layout are only shown, the report tells of the file as it is.
            let shows = self.reporter.is_some() && !self.writes && self.mode != Mode::Check;
            let mut versions = shows.then(Versions::kept);
            let mut outcome = match (&mut versions, &job.format) {
                (Some(versions), _) => versions.run(&before, &job),
                (None, Some(options)) if self.only_asks() => fix::would_format(&before, options),
                (None, _) => fix::run(&before, &job),
            };
            if self.mode == Mode::Ignore {
                self.ignore(&before, &mut outcome);
            }
            let mut preview = versions.map(|mut it| preview(&mut it, &before, &job));
            if self.has_nothing_to_mend(path, is_stdin, &outcome) {
                outcome.errors.clear();
                preview.iter_mut().for_each(|it| it.found.errors.clear());
            }
            let work = self.report(name, &before, outcome, preview, &job, &sieve);
            Work { notices: notices(&settings), ..work }
        }))
        .map_err(|_| Failure::File(format!("fault of dockfix: {}. {}", last_panic(), report::PLEASE_REPORT)))
    }

    /// Whether what is wrong with a file is no error of it. What was found in a folder by a doubtful name and is
    /// something else is nobody's mistake, unless it was named; and where there is no instruction there is none to lay
    /// out.
    fn has_nothing_to_mend(&self, path: &Path, is_stdin: bool, outcome: &Outcome) -> bool {
        match outcome.passed_over {
            Some(PassedOver::Foreign) => {
                let is_named = is_stdin || self.target.paths.iter().any(|it| it == path);
                !is_named && !files::is_surely_dockerfile(path)
            }
            Some(PassedOver::NoInstructions) => self.mode == Mode::Format,
            _ => false,
        }
    }

    /// Whether all that is told of a file is whether the layout would change it.
    fn only_asks(&self) -> bool {
        let told = self.target.diff || self.reporter.is_some() || self.words.verbose;
        self.mode == Mode::Format && self.target.check && !told
    }

    /// Adds comments that keep quiet what was found.
    fn ignore(&self, before: &str, outcome: &mut Outcome) {
        let old = Document::new(syntax::parse(before));
        let parse = old.parse();
        let edits = fix::add_ignores(before, parse, &outcome.findings, self.reason);
        let text = edits.apply(before);
        let after = Document::new(syntax::parse(&text));
        if let Some(message) = verify::rule_difference(&old, &after, &edits, Effect::None, &[]) {
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
        outcome.errors = after.parse().errors().to_vec();
    }

    /// What is said of a file that became `outcome` by `job`.
    fn report(
        &self,
        path: &Path,
        before: &str,
        mut outcome: Outcome,
        mut preview: Option<Preview>,
        job: &Job,
        sieve: &Sieve<'_>,
    ) -> Work {
        let mut changed = if self.only_asks() { outcome.formatted } else { outcome.text != before };
        let name = Name::new(path, self.here);
        // Where an error is told, that is what is to be known of the file.
        let is_told = report::errors(&outcome).iter().any(|it| !it.kind.is_shell());
        let passed_over = outcome.passed_over.as_ref().filter(|_| !is_told).and_then(report::passed_over_because);
        let color = self.results.color && self.reporter.is_none();
        let diff = match changed && self.target.diff && !sieve.has_lines() {
            true => self.diff(path, before, &outcome.text, color),
            false => String::new(),
        };
        let piece = self.reporter.map(|reporter| {
            let (seen, layout, layout_effect) = match &preview {
                Some(it) => (&it.found, &it.layout[..], it.layout_effect),
                None => (&outcome, &[][..], None),
            };
            let told = Told {
                findings: &seen.findings,
                layout,
                layout_effect,
                errors: report::errors(seen),
                verbose: self.words.verbose,
                faults: &outcome.faults,
                unusable: None,
            };
            let mut file = File::new(&name, &seen.text, &told);
            (file.diff, file.passed_over) = (&diff, passed_over.as_deref());
            sieve.entries(&mut file);
            let piece = Piece::new(reporter, &file);
            if self.mode == Mode::Ci {
                // What counts is what is told: places that are not laid out, and findings in the file as it is.
                changed = file.entries.iter().any(|it| it.kind == Kind::Layout);
                outcome.findings = preview.as_mut().map(|it| mem::take(&mut it.found.findings)).unwrap_or_default();
            }
            piece
        });
        let new = (changed && !self.only_asks()).then(|| text::encode(&outcome.text));
        if !outcome.errors.is_empty() {
            self.put_back(before, &mut outcome);
        }
        let seen = match outcome.passed_over {
            Some(_) => None,
            None => sieve.findings(before, &mut outcome.findings, &job.rules),
        };
        Work {
            notices: Vec::new(),
            changed,
            new,
            diff: if piece.is_some() { Vec::new() } else { text::encode(&diff) },
            passed_over: passed_over.as_ref().map(|it| format!("{}: passed over: {it}\n", name.shown)),
            problems: report::problems(&name.shown, &outcome, self.words),
            piece,
            seen,
            outcome,
        }
    }

    /// What is left of a file with those bytes, so many findings at most, for those who run `fix`.
    pub(super) fn left(&self, name: &Name, old: &[u8], outcome: &mut Outcome, room: usize) -> Vec<String> {
        let full = self.target.report.output_format == Some(Format::Full);
        outcome.findings.truncate(room);
        // Behind a diff the source of a finding is shown as it will be.
        if !full && !outcome.findings.is_empty() {
            self.put_back(&text::decode(old), outcome);
        }
        let told = Told { findings: &outcome.findings, ..Told::default() };
        let file = File::new(name, &outcome.text, &told);
        let words = file.entries.iter().map(|it| match full {
            true => report::full(&file, it, self.words),
            false => report::concise(&file, it),
        });
        words.collect()
    }

    /// Where a file is not written, whatever is said of it begins where it does in the file as it is.
    fn put_back(&self, before: &str, outcome: &mut Outcome) {
        if self.writes || outcome.text == before {
            return;
        }
        let back = text::difference(&outcome.text, before);
        // Both are sorted by their beginnings.
        let (mut finding, mut error) = (back.map_offsets(), back.map_offsets());
        outcome.findings.iter_mut().for_each(|it| it.range = TextRange::empty(finding(it.range.start())));
        outcome.errors.iter_mut().for_each(|it| it.range = TextRange::empty(error(it.range.start())));
        before.clone_into(&mut outcome.text);
    }

    /// What the report says of a file that can't be worked on.
    pub(super) fn unusable(&self, name: &Name, why: &str) -> Option<Piece> {
        let told = Told { unusable: Some(why), ..Told::default() };
        self.reporter.map(|it| Piece::new(it, &File::new(name, "", &told)))
    }

    /// The diff, with names as `git apply` and `patch -p1` read them.
    fn diff(&self, path: &Path, before: &str, after: &str, color: bool) -> String {
        let name = path.strip_prefix(self.here).unwrap_or(path);
        let name = text::decode(name.as_os_str().as_encoded_bytes());
        let name = name.trim_start_matches("./").trim_start_matches('/');
        text::unified(before, after, &format!("a/{name}"), &format!("b/{name}"), color)
    }
}

/// What is to be known of settings and where they come from.
fn notices(settings: &Settings) -> Vec<String> {
    let unanswered = (!settings.unanswered.is_empty()).then(|| {
        let ids = settings.unanswered.join(", ");
        format!("warning: dockfix has no rule for {ids} of hadolint, and so nothing is there to ignore")
    });
    settings.notice.iter().cloned().chain(unanswered).collect()
}

/// What rules find and what the layout changes in a file as it is, where fixes and layout are only shown.
struct Preview {
    found: Outcome,
    layout: Vec<Edit>,
    layout_effect: Option<Effect>,
}

fn preview(versions: &mut Versions, before: &str, job: &Job) -> Preview {
    let found = versions.run(before, &Job { fix: None, format: None, ..job.clone() });
    let laid_out = versions.run(before, &Job { rules: Vec::new(), fix: None, ..job.clone() }).text;
    let (old, new) = (versions.get(before), versions.get(&laid_out));
    let rebuilds = verify::layout_difference(old.document(), new.document(), Effect::None).is_some();
    Preview {
        found,
        layout: text::line_edits(before, &laid_out),
        layout_effect: Some(if rebuilds { Effect::Rebuild } else { Effect::None }),
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
