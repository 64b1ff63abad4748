//! The versions of a document, and what is read of each once for all who ask.

use std::{
    cell::{OnceCell, RefCell},
    collections::HashMap,
    rc::Rc,
};

use super::{Context, Finding, Findings, Job, Rule, suppress::Suppressions};
use crate::{
    model::{Document, build::Build},
    syntax::Reparser,
};

/// A version of a document: its text, and what was read of it.
#[derive(Debug)]
pub struct Version {
    text: String,
    document: Document,
    suppressions: Suppressions,
    /// What rules found that no comment keeps quiet, by the name of the rule.
    found: RefCell<HashMap<&'static str, Vec<Finding>>>,
}

impl Version {
    pub(super) fn new(text: String, document: Document) -> Version {
        let suppressions = Suppressions::new(document.parse());
        Version { text, document, suppressions, found: RefCell::default() }
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What BuildKit makes of it.
    pub fn build(&self) -> &Build {
        self.document.build()
    }

    pub(super) fn document(&self) -> &Document {
        &self.document
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
        let known = self.version.found.borrow().get(rule.name).cloned();
        let mut list = known.unwrap_or_else(|| {
            let Version { text, document, suppressions, .. } = self.version;
            let Job { settings, rules, .. } = self.job;
            let ctx = self.ctx.get_or_init(|| Context::new(text, document, suppressions, settings, rules));
            let mut findings = Findings::default();
            (rule.run)(ctx, &mut findings);
            let mut list = findings.into_sorted();
            list.retain(|it| !suppressions.hold(rule, it.range));
            self.version.found.borrow_mut().insert(rule.name, list.clone());
            list
        });
        for fix in list.iter_mut().filter_map(|it| it.fix.as_mut()) {
            fix.safety = self.job.settings.safety(rule, fix.safety);
        }
        list
    }
}

/// The versions of a document on which several jobs are done, so that no text is read twice.
#[derive(Debug, Default)]
pub struct Versions {
    pub(super) reparser: Reparser,
    known: Vec<Rc<Version>>,
    /// So many bytes of texts may be kept yet.
    room: usize,
    /// What rules find hangs on which of them look and on what they are told; this is the job of the last run.
    job: Option<Job>,
}

/// So many bytes of the versions of a document are kept together: all of those of a file that a person wrote, and few
/// of those of a huge one.
const ROOM: usize = 1 << 20;

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
                self.known.iter().for_each(|it| it.found.borrow_mut().clear());
            }
            self.job = Some(job.clone());
        }
        let version = self.get(text);
        super::driver::run_with(version, job, self)
    }

    /// The version with that text.
    pub fn get(&mut self, text: &str) -> Rc<Version> {
        self.known(text).unwrap_or_else(|| {
            let document = Document::new(self.reparser.parse(text));
            self.keep(text.to_owned(), document)
        })
    }

    fn known(&self, text: &str) -> Option<Rc<Version>> {
        self.known.iter().find(|it| it.text == text).cloned()
    }

    /// The version with that text, which was read already.
    pub(super) fn keep(&mut self, text: String, document: Document) -> Rc<Version> {
        self.known(&text).unwrap_or_else(|| {
            let version = Rc::new(Version::new(text, document));
            if let Some(room) = self.room.checked_sub(version.text.len()) {
                self.room = room;
                self.known.push(Rc::clone(&version));
            }
            version
        })
    }
}
