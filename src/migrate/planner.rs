//! Makes a plan: looks at each file, and works out in memory what is to become of it.

use std::{
    borrow::Cow,
    cell::RefCell,
    collections::BTreeMap,
    fs,
    io::Write,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
};

use anyhow::anyhow;
use rayon::{ThreadPool, prelude::*};
use text_size::TextRange;

use super::{
    cache::{Cache, Keys, Line, Put, Stamp},
    digest,
    group::{By, Groups, folder, layout_of},
    owners::Owners,
    plan::{Asked, Class, Head, Left, Problem, Row, State, Totals, VERSION, Why},
    steps,
    stream::Writer,
};
use crate::{
    config::{Resolver, Settings},
    files,
    fix::{Finding, Job, Outcome, PassedOver, Safety, Versions},
    git::Git,
    report,
    text::{self, LineIndex},
};

/// All that is to be known to look at a file.
#[derive(Debug)]
pub struct Planner<'a> {
    /// The folder from which paths are counted, without links.
    pub root: &'a Path,
    /// What finds the settings of a file.
    pub resolver: &'a Resolver,
    /// Who owns files.
    pub owners: &'a Owners,
    /// What is asked for.
    pub asked: Asked,
}

/// A file that was found, or a path that cannot be worked on. There may be millions, so that it is small.
struct Found {
    /// Its name in the plan.
    name: Box<str>,
    /// What there is to say beside.
    more: Option<Box<More>>,
}

#[derive(Default)]
struct More {
    /// Its path, where that is not the name below the root.
    path: Option<PathBuf>,
    /// Why it cannot be worked on.
    bad: Option<String>,
}

/// What holds wherever no file of settings speaks up below the root, as a digest: two plans of one commit with the same
/// digest were made by the same rules.
fn settings_digest(settings: &Settings, said: &[String]) -> String {
    digest::hex(format!("{}\n{}", self::said(settings), said.join("\n")).as_bytes())
}

/// What settings say, wherever they are from: that folder may have another name elsewhere.
pub(super) fn said(settings: &Settings) -> String {
    let shown = settings.to_string();
    shown.split_once('\n').map_or(String::new(), |it| it.1.to_owned())
}

impl Planner<'_> {
    /// What stands before the files of a plan.
    pub fn head(&self) -> anyhow::Result<Head> {
        let settings = self.resolver.settings_for(&self.root.join("Dockerfile")).map_err(|it| anyhow!("{it}"))?;
        let commit = Git::around(self.root).ok().and_then(|it| it.commit("HEAD").ok().flatten());
        Ok(Head {
            version: VERSION,
            dockfix: env!("CARGO_PKG_VERSION").to_owned(),
            settings: settings_digest(&settings, &self.asked.settings),
            commit,
            asked: self.asked.clone(),
        })
    }

    /// Writes the plan for files, which the threads of the pool work out, and gives back the totals. `each` is told of
    /// every row as it is written. What is in the cache is not worked out again. Beside the names of the files nothing
    /// is kept that grows with their number.
    pub fn write<W: Write>(
        &self,
        files: Vec<PathBuf>,
        bad: Vec<files::Bad>,
        cache: &mut Cache,
        pool: &ThreadPool,
        out: W,
        mut each: impl FnMut(&Row),
    ) -> anyhow::Result<(W, Vec<super::Group>, Totals)> {
        let mut writer = Writer::new(out, &self.head()?)?;
        let mut groups = Groups::new(self.asked.group_by, self.asked.max_files_per_group);
        let mut totals = Totals::default();
        let found = pool.install(|| self.found(files, bad));
        let keys = cache.keys();
        // What is known of a file is looked up, and what becomes of it is put down, in the order of the files.
        let cache = RefCell::new(cache);
        let asked = found.iter().map(|it| (it, cache.borrow_mut().find(&it.name)));
        let work = |(found, known): (&Found, Option<Line>)| self.row(found, known.as_ref(), keys.as_deref());
        files::in_order(pool, asked, work, |rows| {
            for (mut row, put) in rows {
                cache.borrow_mut().put(&row.path, put);
                groups.add(&mut row);
                totals.add(&row);
                each(&row);
                writer.row(&row)?;
            }
            Ok::<_, anyhow::Error>(())
        })?;
        let groups = groups.finish();
        let out = writer.finish(&groups, &totals)?;
        Ok((out, groups, totals))
    }

    /// What was found of the part that is asked for, in the order of the names as they stand in the plan, so that parts
    /// can be merged.
    fn found(&self, files: Vec<PathBuf>, bad: Vec<files::Bad>) -> Vec<Found> {
        let mut found: Vec<Found> = files.into_par_iter().map(|it| self.find(it, None)).collect();
        found.extend(bad.into_iter().map(|(path, why)| self.find(path, Some(why))));
        if let Some(shard) = self.asked.shard {
            found.retain(|it| shard.has(&it.name));
            found.shrink_to_fit();
        }
        found.par_sort_by(|one, other| one.name.cmp(&other.name));
        found
    }

    fn find(&self, path: PathBuf, bad: Option<String>) -> Found {
        let name = match fs::canonicalize(&path) {
            Ok(real) => self.name(&real),
            Err(_) => self.name(&path),
        };
        let is_told = std::path::absolute(&path).is_ok_and(|it| it == self.root.join(&name));
        let path = (!is_told).then_some(path);
        let more = (path.is_some() || bad.is_some()).then(|| Box::new(More { path, bad }));
        Found { name: name.into(), more }
    }

    /// A path without links as plans have it: relative to the root where it lies below it.
    fn name(&self, real: &Path) -> String {
        let below = real.strip_prefix(self.root).unwrap_or(real);
        let bytes = below.as_os_str().as_encoded_bytes();
        let name = text::decode(bytes).into_owned();
        if std::path::MAIN_SEPARATOR == '/' { name } else { name.replace(std::path::MAIN_SEPARATOR, "/") }
    }

    /// The row of a file, and what becomes of its line in the cache. The steps have the keys of their groups for names.
    fn row(&self, found: &Found, known: Option<&Line>, keys: Option<&Keys>) -> (Row, Put) {
        let (name, more) = (&*found.name, found.more.as_deref());
        let unusable = |class, why| (passed_over(name.to_owned(), String::new(), class, why), Put::Nothing);
        if let Some(why) = more.and_then(|it| it.bad.as_ref()) {
            return unusable(Class::Unreadable, why.clone());
        }
        let path = &*more.and_then(|it| it.path.as_deref()).map_or_else(|| self.root.join(name).into(), Cow::Borrowed);
        // A path below the root is relative to it in the plan.
        if name.starts_with('/') {
            let why = files::read(path).err();
            let outside = || unusable(Class::Outside, "it lies outside the root".to_owned());
            return why.map_or_else(outside, |why| unusable(Class::Unreadable, why));
        }
        let settings = self.resolver.settings_for(path);
        let key = settings.as_ref().ok().zip(keys).map(|(settings, keys)| keys.of(settings));
        let entry = known.and_then(Line::read).filter(|it| Some(&it.key) == key.as_ref());
        let stamp = Stamp::of(path);
        if let (Some(entry), Some(stamp)) = (&entry, &stamp)
            && stamp.is(&entry.stamp)
        {
            return (self.named(name, entry.row.clone()), Put::Unread);
        }
        let bytes = match files::read(path) {
            Ok(bytes) => bytes,
            Err(why) => return unusable(Class::Unreadable, why),
        };
        let sha256 = digest::hex(&bytes);
        let settings = match settings {
            Ok(settings) => settings,
            Err(error) => {
                return (passed_over(name.to_owned(), sha256, Class::Settings, error.to_string()), Put::Nothing);
            }
        };
        let entry = entry.filter(|it| it.row.sha256 == sha256);
        let is_known = entry.is_some();
        let row = match entry {
            Some(entry) => entry.row,
            None => self.plan_or_fault(sha256, &bytes, &settings),
        };
        let stamp = keys.zip(stamp.as_ref()).map_or("-", |(keys, stamp)| stamp.kept(keys.begin));
        // What is dockfix's own fault is looked at again, in case that it was something passing.
        let line = key.filter(|_| row.faults.is_empty()).and_then(|key| Line::new(name, &key, stamp, &row));
        let put = match line {
            Some(line) if Some(&line) == known => Put::Same,
            Some(line) if is_known => Put::Stamped(line),
            Some(line) => Put::New(line),
            None => Put::Nothing,
        };
        (self.named(name, row), put)
    }

    /// A row with what follows from the file's name: owners, and the keys of groups that don't depend on what is done.
    fn named(&self, name: &str, row: Row) -> Row {
        let mut row = Row { path: name.to_owned(), owners: self.owners.of(name), ..row };
        let key = match self.asked.group_by {
            By::Owner => row.owner(),
            By::Directory => folder(name, self.asked.depth),
            By::Effect | By::Rule => return row,
        };
        for step in &mut row.steps {
            step.group = if step.group.is_empty() { key.clone() } else { layout_of(&key) };
        }
        row
    }

    /// The row of a file with these bytes, without what follows from its name.
    fn plan_or_fault(&self, sha256: String, bytes: &[u8], settings: &Settings) -> Row {
        let safety = if settings.unsafe_fixes { Safety::Unsafe } else { Safety::Safe };
        let job = settings.fix_job(safety, true);
        let row = Row { sha256, ..Row::default() };
        // The library does not panic; if it does, that is a fault of it, and no reason to leave out other files.
        let planned = panic::catch_unwind(AssertUnwindSafe(|| self.plan(row.clone(), &text::decode(bytes), &job)));
        planned.unwrap_or_else(|cause| {
            let message = report::panic_message(&*cause).to_owned();
            Row { state: State::Fault, faults: vec![Problem { line: 1, message }], ..row }
        })
    }

    fn plan(&self, row: Row, before: &str, job: &Job) -> Row {
        let mut versions = Versions::kept();
        let outcome = versions.run(before, job);
        if let Some(why) = why(&outcome) {
            return Row { state: State::PassedOver, why: Some(why), errors: errors(&outcome), ..row };
        }
        let now = versions.run(before, &Job { fix: None, format: None, ..job.clone() });
        let by = (self.asked.group_by, self.asked.separate_layout);
        let steps = steps::steps(before, job, &outcome, &mut versions, by, "");
        let lines = LineIndex::new(&outcome.text);
        let line = |range: TextRange| lines.display(range.start(), &outcome.text).0;
        let left = |it: &Finding| Left {
            rule: it.rule.name.to_owned(),
            line: line(it.range),
            message: it.message.clone(),
            fix: it.fix.as_ref().map(|it| it.safety),
        };
        let faults: Vec<Problem> = outcome
            .faults
            .iter()
            .map(|it| Problem {
                line: LineIndex::new(before).display(it.range.start(), before).0,
                message: format!("fault of dockfix in {}: {}", it.rule.unwrap_or("layout"), it.message),
            })
            .collect();
        let state = if !steps.is_empty() {
            State::Changes
        } else if !faults.is_empty() {
            State::Fault
        } else {
            State::Clean
        };
        Row {
            state,
            before: count(&now.findings),
            findings: outcome.findings.iter().map(left).collect(),
            errors: errors(&outcome),
            faults,
            steps_rebuilt: outcome.steps_rebuilt,
            steps,
            ..row
        }
    }
}

fn passed_over(path: String, sha256: String, class: Class, message: String) -> Row {
    Row { state: State::PassedOver, why: Some(Why { class, message }), path, sha256, ..Row::default() }
}

/// Why a file is left alone, if it is. What BuildKit refuses because of one instruction is left alone as well: where
/// there is no build, nobody can say what a step does to it.
fn why(outcome: &Outcome) -> Option<Why> {
    let refused = || report::errors(outcome).iter().find(|it| !it.kind.is_shell()).map(|it| it.kind.to_string());
    let Some(reason) = &outcome.passed_over else {
        return refused().map(|message| Why { class: Class::Refused, message });
    };
    let (class, other) = match reason {
        PassedOver::Template(_) => (Class::Template, String::new()),
        PassedOver::ForeignSyntax(_) => (Class::ForeignSyntax, String::new()),
        PassedOver::Foreign => (Class::NotADockerfile, String::new()),
        PassedOver::Unparsable | PassedOver::NoInstructions | PassedOver::Unsound => {
            (Class::Refused, refused().unwrap_or_default())
        }
        PassedOver::Ignored => (Class::Suppressed, "`# dockfix: ignore-file`".to_owned()),
    };
    Some(Why { class, message: report::passed_over_because(reason).unwrap_or(other) })
}

/// What BuildKit would refuse, in places of the text after.
fn errors(outcome: &Outcome) -> Vec<Problem> {
    let lines = LineIndex::new(&outcome.text);
    let errors = report::errors(outcome).iter().filter(|it| !it.kind.is_shell());
    let problem = |it: &crate::syntax::SyntaxError| Problem {
        line: lines.display(it.range.start(), &outcome.text).0,
        message: it.kind.to_string(),
    };
    errors.map(problem).collect()
}

fn count(findings: &[Finding]) -> BTreeMap<String, usize> {
    let mut out = BTreeMap::new();
    for finding in findings {
        *out.entry(finding.rule.name.to_owned()).or_default() += 1;
    }
    out
}
