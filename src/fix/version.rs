//! The versions of a document, and what is read of each once for all who ask.

use std::{
    borrow::Cow,
    cell::{OnceCell, RefCell},
    collections::{BTreeMap, HashMap},
    ptr,
    rc::Rc,
};

use super::{Context, Effect, Fault, Finding, Job, Rule, layout, suppress::Suppressions};
use crate::{
    format,
    model::Document,
    syntax::Reparser,
    text::EditSet,
    verify::{self, Relaid},
};

/// A version of a document: its text, and what was read of it.
#[derive(Debug)]
pub struct Version {
    /// Which of the versions of the document it is.
    number: usize,
    text: String,
    document: Document,
    suppressions: Rc<Suppressions>,
    found: RefCell<Found>,
    /// What became of it by the layout, where nothing was wrong: another text, or none.
    laid_out: RefCell<Vec<(format::Options, Option<String>)>>,
    /// How it became of others.
    ways: RefCell<Vec<(Way, Option<String>)>>,
    /// What the layout that made it did, by the numbers of the versions before.
    relaid: RefCell<BTreeMap<usize, Relaid>>,
    /// What it is to others, by their numbers.
    rebuilt: RefCell<HashMap<usize, (usize, Option<Effect>)>>,
}

/// What rules found in a version.
#[derive(Debug, Default)]
struct Found {
    /// The rules that looked, by their place in memory.
    looked: Vec<*const Rule>,
    /// What they found that no comment keeps quiet.
    all: Vec<Finding>,
}

impl Found {
    /// What a rule found, if it looked.
    fn of(&self, rule: &Rule) -> Option<Vec<Finding>> {
        let own = || self.all.iter().filter(|it| it.rule == rule).cloned();
        self.looked.contains(&ptr::from_ref(rule)).then(|| own().collect())
    }

    fn keep(&mut self, rule: &Rule, found: &[Finding]) {
        self.looked.push(rule);
        self.all.extend_from_slice(found);
    }
}

/// How a version becomes another: by the edits of a rule.
#[derive(Debug, PartialEq, Eq)]
struct Way {
    /// The number of the version before.
    from: usize,
    rule: &'static str,
    effect: Effect,
    edits: EditSet,
}

impl Version {
    /// One with a number that no other version of the document has; `Versions` counts from 1.
    pub(super) fn new(number: usize, text: String, document: Document) -> Version {
        let suppressions = Rc::new(Suppressions::new(document.parse()));
        let (found, laid_out, ways, relaid, rebuilt) = Default::default();
        Version { number, text, document, suppressions, found, laid_out, ways, relaid, rebuilt }
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many build steps of it have cache keys that another version does not have, and what the difference does to
    /// the build, where the files tell.
    pub fn rebuilt_since(&self, before: &Version) -> (usize, Option<Effect>) {
        let known = self.rebuilt.borrow().get(&before.number).copied();
        known.unwrap_or_else(|| {
            let found = match self.relaid.borrow().get(&before.number) {
                Some(relaid) => relaid.rebuilt(&before.document, &self.document),
                None => verify::rebuilt(&before.document, &self.document),
            };
            self.rebuilt.borrow_mut().insert(before.number, found);
            found
        })
    }

    /// What is wrong with the edits by which a rule made it of another version, or nothing.
    pub(super) fn difference_to(
        &self,
        before: &Version,
        edits: &EditSet,
        effect: Effect,
        rule: &'static Rule,
    ) -> Option<String> {
        let way = Way { from: before.number, rule: rule.name, effect, edits: edits.clone() };
        if let Some((_, known)) = self.ways.borrow().iter().find(|it| it.0 == way) {
            return known.clone();
        }
        let found = verify::rule_difference(&before.document, &self.document, edits, effect, rule.changes);
        self.ways.borrow_mut().push((way, found.clone()));
        found
    }

    /// Lets go of what rules see in it; where one looks again, it is read again.
    pub(super) fn forget_model(&self) {
        self.document.forget_model();
    }

    /// The tree, and what BuildKit makes of it.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Its text alone.
    pub(super) fn into_text(version: Rc<Version>) -> String {
        Rc::try_unwrap(version).map_or_else(|it| it.text.clone(), |it| it.text)
    }

    pub(super) fn suppressions(&self) -> &Suppressions {
        &self.suppressions
    }

    /// Looks at it with the rules of a job.
    pub(super) fn view<'a>(&'a self, job: &'a Job) -> View<'a> {
        View { version: self, job, ctx: OnceCell::new() }
    }
}

/// A version as the rules of a job see it.
pub(super) struct View<'a> {
    version: &'a Version,
    job: &'a Job,
    ctx: OnceCell<Context<'a>>,
}

impl View<'_> {
    /// What a rule finds that no comment keeps quiet.
    pub(super) fn look(&self, rule: &'static Rule) -> Vec<Finding> {
        let known = self.version.found.borrow().of(rule);
        let mut list = known.unwrap_or_else(|| {
            let Version { text, document, suppressions, .. } = self.version;
            let Job { settings, rules, .. } = self.job;
            let ctx = self
                .ctx
                .get_or_init(|| Context::keeping_quiet(text, document, Rc::clone(suppressions), settings, rules));
            let list = ctx.look(rule);
            self.version.found.borrow_mut().keep(rule, &list);
            list
        });
        self.job.settings.grade(rule, &mut list);
        list
    }
}

/// The versions of a document on which several jobs are done, so that no text is read twice.
#[derive(Debug, Default)]
pub struct Versions {
    reparser: Reparser,
    known: Vec<Rc<Version>>,
    /// How many there were, kept or not.
    count: usize,
    /// So many bytes of texts may be kept yet.
    room: usize,
    /// What rules find hangs on which of them look and on what they are told; this is the job of the last run.
    job: Option<Job>,
}

/// So many bytes of the versions of a document are kept together: all of those of a file that a person wrote, and few
/// of those of a huge one.
pub(super) const ROOM: usize = 1 << 20;

impl Versions {
    /// Keeps the versions that there are.
    pub fn kept() -> Versions {
        Versions { room: ROOM, ..Versions::default() }
    }

    /// Does a job to a text, as [`run`](super::run) does.
    pub fn run(&mut self, text: &str, job: &Job) -> super::Outcome {
        // A job without rules looks for nothing.
        if !job.rules.is_empty() {
            if self.job.as_ref().is_some_and(|it| !it.finds_the_same(job)) {
                self.known.iter().for_each(|it| drop(it.found.take()));
            }
            self.job = Some(job.clone());
        }
        let version = self.get(text);
        super::driver::run_with(text, version, job, self)
    }

    /// The version with that text.
    pub fn get<'t>(&mut self, text: impl Into<Cow<'t, str>>) -> Rc<Version> {
        let text = text.into();
        self.known(&text).unwrap_or_else(|| {
            let document = Document::new(self.reparser.parse(&text));
            self.keep(text.into_owned(), document)
        })
    }

    /// Lays a version out; `None` where nothing changes.
    pub(super) fn lay_out(
        &mut self,
        version: &Version,
        options: &format::Options,
        faults: &mut Vec<Fault>,
    ) -> Option<Rc<Version>> {
        if let Some((_, known)) = version.laid_out.borrow().iter().find(|it| it.0 == *options) {
            return known.as_deref().map(|it| self.get(it));
        }
        let faulty = faults.len();
        let layout = layout::lay_out(&version.document, &version.text, options, None, faults, &mut self.reparser);
        // Nobody asks twice about a version that is not kept.
        let is_kept = self.known.iter().any(|it| ptr::eq(it.as_ref(), version));
        if faults.len() == faulty && is_kept {
            version.laid_out.borrow_mut().push((*options, layout.as_ref().map(|it| it.text.clone())));
        }
        layout.map(|it| {
            let after = self.keep(it.text, it.document);
            after.relaid.borrow_mut().insert(version.number, it.relaid);
            after
        })
    }

    fn known(&self, text: &str) -> Option<Rc<Version>> {
        self.known.iter().find(|it| it.text == text).cloned()
    }

    /// The version with that text, which was read already.
    fn keep(&mut self, text: String, document: Document) -> Rc<Version> {
        self.known(&text).unwrap_or_else(|| {
            self.count += 1;
            let version = Rc::new(Version::new(self.count, text, document));
            if let Some(room) = self.room.checked_sub(version.text.len()) {
                self.room = room;
                self.known.push(Rc::clone(&version));
            }
            version
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fix::{Safety, Value, run},
        rules,
    };

    /// Texts in which rules of each effect and the layout have work, a comment keeps something quiet, or nothing is
    /// right.
    const TEXTS: &[&str] = &[
        "from  alpine:3.22 as base\nMAINTAINER me\nRUN apk add   curl\nENV a b\nCMD x\nCMD [\"y\"]\n",
        "FROM a\nENV a b\nCMD x\n# dockfix: ignore[legacy-key-value]\nENV c d\nRUN cd /x && make\nRUN  sudo y\n",
        "FROM alpine:3.22\nRUN set -e\nRUN apk upgrade --no-cache\nRUN cd a; make\n",
        "FROM {{ a }}\n",
        "NO FILE\n",
        "",
    ];

    /// Jobs that share what is found, and some that do not.
    fn jobs() -> Vec<Job> {
        let all = Job {
            rules: rules::ALL.iter().copied().filter(|it| it.default).collect(),
            fix: Some(Safety::Safe),
            format: Some(format::Options::default()),
            ..Job::default()
        };
        let mut jobs = vec![
            all.clone(),
            Job { fix: None, format: None, ..all.clone() },
            Job { format: None, ..all.clone() },
            Job { rules: Vec::new(), fix: None, ..all.clone() },
            Job { max_effect: Effect::None, ..all.clone() },
            Job { fix: Some(Safety::Unsafe), max_effect: Effect::Rebuild, ..all.clone() },
            Job { rules: all.rules.iter().copied().step_by(2).collect(), ..all.clone() },
            Job { format: Some(format::Options { keep_cache: true, ..format::Options::default() }), ..all.clone() },
            all.clone(),
            all,
        ];
        for rule in rules::ALL {
            jobs[8].settings.set(rule, "report", Value::Word("all"));
            jobs[9].settings.set_safety(rule, Safety::Suggest);
        }
        jobs
    }

    #[test]
    fn a_job_does_what_it_does_alone_whatever_others_went_before() {
        for text in TEXTS {
            for mut versions in [Versions::kept(), Versions::default()] {
                let jobs = jobs();
                for job in jobs.iter().chain(jobs.iter().rev()) {
                    assert_eq!(format!("{:?}", versions.run(text, job)), format!("{:?}", run(text, job)), "{job:?}");
                }
            }
        }
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let mut versions = Versions { room: 20, ..Versions::default() };
        for text in ["FROM a\n", "FROM b\n", "FROM c\n", "FROM d\n"] {
            versions.get(text);
        }
        assert_eq!(versions.known.len(), 2);
        assert!(Rc::ptr_eq(&versions.get("FROM a\n"), &versions.get("FROM a\n")));
        assert!(!Rc::ptr_eq(&versions.get("FROM c\n"), &versions.get("FROM c\n")));
    }
}
