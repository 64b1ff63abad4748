//! What a rule may look at.

use std::{cell::OnceCell, collections::HashMap, rc::Rc};

use text_size::{TextRange, TextSize};

use super::{
    Finding, Findings, Rule, RuleSettings,
    rewrite::Style,
    suppress::{Suppression, Suppressions},
    swallowed,
};
use crate::{
    model::{
        Document, Model, Run, Stage, Value,
        build::{self, Part},
    },
    syntax::{
        Parse,
        SyntaxKind::{self, ONBUILD, TEXT},
        ast::Instruction,
    },
    text::LineEnding,
};

/// The stage in which each instruction's step is, and its place there.
type Places = HashMap<TextRange, (usize, usize)>;

/// A document as a rule sees it.
#[derive(Debug)]
pub struct Context<'a> {
    /// The text that was parsed.
    pub text: &'a str,
    /// The tree and its errors.
    pub parse: &'a Parse,
    document: &'a Document,
    /// What BuildKit sees in it.
    pub model: Rc<Model>,
    /// What rules are told.
    pub settings: &'a RuleSettings,
    /// The rules that look at the document.
    pub rules: &'a [&'static Rule],
    /// The line end that new lines get.
    pub eol: &'static str,
    suppressions: Rc<Suppressions>,
    /// Where the instructions begin that seem to have swallowed another, once somebody asked.
    swallowing: OnceCell<Vec<TextSize>>,
    /// Where the step of each instruction is, once somebody asked.
    places: OnceCell<Places>,
    /// How the file's RUNs are written over several lines, once somebody asked.
    pub(super) run_style: OnceCell<Option<Style>>,
}

impl<'a> Context<'a> {
    /// Looks at a parsed document.
    pub fn new(text: &'a str, document: &'a Document, settings: &'a RuleSettings, rules: &'a [&'static Rule]) -> Self {
        let suppressions = Rc::new(Suppressions::new(document.parse()));
        Context::keeping_quiet(text, document, suppressions, settings, rules)
    }

    /// As [`Context::new`], where it is known already what comments keep quiet.
    pub(super) fn keeping_quiet(
        text: &'a str,
        document: &'a Document,
        suppressions: Rc<Suppressions>,
        settings: &'a RuleSettings,
        rules: &'a [&'static Rule],
    ) -> Self {
        let parse = document.parse();
        Context {
            text,
            parse,
            document,
            settings,
            rules,
            model: document.model(),
            eol: LineEnding::of(text).as_str(),
            suppressions,
            swallowing: OnceCell::new(),
            places: OnceCell::new(),
            run_style: OnceCell::new(),
        }
    }

    /// The escape character in force.
    pub fn escape(&self) -> char {
        self.parse.escape()
    }

    /// Whether a rule may touch an instruction: it has no error, and is no trigger.
    pub fn sound(&self, instruction: &Instruction) -> bool {
        let all_is_well = self.parse.errors().is_empty();
        instruction.kind() != ONBUILD
            && (all_is_well || self.parse.errors_in(instruction.syntax().text_range()).is_empty())
    }

    /// All instructions without errors, triggers left out.
    pub fn instructions(&self) -> impl Iterator<Item = &Instruction> {
        self.model.stages.iter().flat_map(|it| &it.instructions).filter(|it| self.sound(it))
    }

    /// Those of some kinds.
    pub fn instructions_of(&self, kinds: &[SyntaxKind]) -> impl Iterator<Item = &Instruction> {
        let stages = if self.model.has_any(kinds) { self.model.stages.as_slice() } else { &[] };
        stages.iter().flat_map(|it| &it.instructions).filter(|it| kinds.contains(&it.kind()) && self.sound(it))
    }

    /// The instructions that seem to have swallowed another one.
    pub fn swallowing(&self) -> impl Iterator<Item = &Instruction> {
        let any = !self.starts_of_swallowing().is_empty();
        let stages = if any { self.model.stages.as_slice() } else { &[] };
        stages.iter().flat_map(|it| &it.instructions).filter(|it| self.swallows(it))
    }

    /// Whether an instruction seems to have swallowed another one. What stands at its end may not be its own then.
    pub fn swallows(&self, instruction: &Instruction) -> bool {
        let starts = self.starts_of_swallowing();
        !starts.is_empty() && starts.binary_search(&instruction.syntax().text_range().start()).is_ok()
    }

    fn starts_of_swallowing(&self) -> &[TextSize] {
        self.swallowing.get_or_init(|| swallowed::swallowing(self.text, &self.model))
    }

    /// The RUNs in shell form that a rule may touch.
    pub fn runs(&self) -> impl Iterator<Item = &Run> {
        self.model.runs().iter().filter(|it| self.sound(&it.instruction))
    }

    /// The stages with their indices, but for what stands before the first FROM.
    pub fn stages(&self) -> impl Iterator<Item = (usize, &Stage)> {
        self.model.stages.iter().enumerate().filter(|it| it.1.has_from())
    }

    /// The comments of this program's own that name rules.
    pub fn suppressions(&self) -> &[Suppression] {
        self.suppressions.own()
    }

    /// Whether a comment keeps a rule quiet at a place. What is found there is handed in all the same.
    pub fn keeps_quiet(&self, rule: &Rule, range: TextRange) -> bool {
        self.suppressions.hold(rule, range)
    }

    /// What a rule finds that no comment keeps quiet.
    pub(super) fn look(&self, rule: &'static Rule) -> Vec<Finding> {
        let mut findings = Findings::default();
        (rule.run)(self, &mut findings);
        let mut list = findings.into_sorted();
        list.retain(|it| !self.keeps_quiet(rule, it.range));
        list
    }

    /// Where the rules that look at the document, but for one, find something, whether a comment keeps it quiet or not.
    pub fn found_by_others(&self, rule: &Rule) -> Vec<(&'static Rule, TextRange)> {
        let mut findings = Findings::default();
        for other in self.rules.iter().filter(|it| **it != rule) {
            (other.run)(self, &mut findings);
        }
        findings.into_sorted().into_iter().map(|it| (it.rule, it.range)).collect()
    }

    /// The build step that an instruction of the file makes, and those of its stage before it.
    pub fn step(&self, instruction: &Instruction) -> Option<(&build::Step, &[build::Step])> {
        let build = self.document.build();
        let places = self.places.get_or_init(|| {
            let stages = build.stages.iter().enumerate();
            let steps = stages.flat_map(|(stage, it)| it.steps.iter().enumerate().map(move |(at, it)| (stage, at, it)));
            steps.map(|(stage, at, it)| (it.range, (stage, at))).collect()
        });
        let (stage, at) = places.get(&instruction.range())?;
        let steps = &build.stages.get(*stage)?.steps;
        let step = steps.get(*at).filter(|it| it.key.kind == instruction.kind())?;
        Some((step, steps.get(..*at)?))
    }

    /// The folder in which a RUN runs.
    pub fn folder_of(&self, run: &Instruction) -> Option<&Value> {
        self.step(run)?.0.key.get(Part::Directory).first()
    }

    /// The text of a range.
    pub fn slice(&self, range: TextRange) -> &'a str {
        &self.text[usize::from(range.start())..usize::from(range.end())]
    }

    /// The keyword of a kind, in the case in which an instruction has its own.
    pub fn keyword_like(&self, instruction: &Instruction, kind: SyntaxKind) -> String {
        let lower = self.slice(instruction.keyword_range()).starts_with(|it: char| it.is_ascii_lowercase());
        if lower { kind.keyword().to_ascii_lowercase() } else { kind.keyword().to_owned() }
    }

    /// Where the text of an instruction that takes all its text as it is stands, and what it is; `None` where quotes,
    /// escapes, variables or a line break have a part in it.
    pub fn plain_text(&self, instruction: &Instruction) -> Option<(TextRange, &'a str)> {
        let pieces = instruction.syntax().children_with_tokens().filter(|it| it.kind() == TEXT);
        let range = pieces.map(|it| it.text_range()).reduce(|all, it| all.cover(it))?;
        let text = self.slice(range);
        let plain = text == instruction.plain_text() && !text.contains(['\'', '"', '$', self.escape()]);
        plain.then_some((range, text))
    }
}
