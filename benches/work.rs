//! What is measured: the stages of the work on a file, each by itself, and the whole.

use std::{cell::OnceCell, hint::black_box};

use dockfix::{
    fix::{self, Context, Effect, Findings, Job, RuleSettings, Safety},
    format,
    model::{Document, Model, build::Build},
    rules,
    syntax::{self, Parse, SyntaxKind, SyntaxNode},
    text, verify,
};
use rowan::{GreenNodeBuilder, NodeOrToken, WalkEvent};

/// A stage of the work.
pub struct Stage {
    /// Its name.
    pub name: &'static str,
    /// Makes what comes before it.
    pub prepare: fn(&File),
    /// Does it.
    pub run: fn(&File),
}

/// The stages that take as long as a file is, in the order of the work.
pub const STAGES: &[Stage] = &[
    Stage { name: "tree", prepare: |it| _ = it.steps(), run: |it| drop(black_box(build_tree(it.steps()))) },
    Stage { name: "parse", prepare: |_| {}, run: |it| drop(black_box(syntax::parse(&it.text))) },
    Stage { name: "model", prepare: |it| _ = it.parse(), run: |it| drop(black_box(Model::new(it.parse()))) },
    Stage { name: "build", prepare: |it| _ = it.parse(), run: |it| drop(black_box(Build::new(it.parse()))) },
    Stage { name: "rules", prepare: |it| _ = it.parse(), run: look },
    Stage {
        name: "layout",
        prepare: |it| _ = it.parse(),
        run: |it| drop(black_box(format::format(it.parse(), &it.text, &format::Options::default()))),
    },
    Stage {
        name: "verify",
        prepare: |it| _ = (it.parse(), it.laid_out()),
        run: |it| {
            let [old, new] = [it.parse(), &it.laid_out().1].map(|it| Document::new(it.clone()));
            black_box(verify::layout_difference(&old, &new, Effect::Rebuild));
        },
    },
    Stage {
        name: "diff",
        prepare: |it| _ = it.laid_out(),
        run: |it| drop(black_box(text::unified(&it.text, &it.laid_out().0, "a", "b", false))),
    },
    Stage {
        name: "format",
        prepare: |_| {},
        run: |it| drop(black_box(fix::layout(&it.text, &format::Options::default(), None))),
    },
    Stage { name: "check", prepare: |_| {}, run: |it| drop(black_box(fix::run(&it.text, &job(None)))) },
    Stage { name: "fix", prepare: |_| {}, run: |it| drop(black_box(fix::run(&it.text, &job(Some(Safety::Safe))))) },
];

/// A file, and what stages make of it, once one wants it.
pub struct File {
    /// Its text.
    pub text: String,
    steps: OnceCell<Vec<Step>>,
    parse: OnceCell<Parse>,
    laid_out: OnceCell<(String, Parse)>,
}

impl File {
    /// A file of which nothing is made yet.
    pub fn new(text: String) -> File {
        File { text, steps: OnceCell::new(), parse: OnceCell::new(), laid_out: OnceCell::new() }
    }

    fn parse(&self) -> &Parse {
        self.parse.get_or_init(|| syntax::parse(&self.text))
    }

    /// The text with its layout, and that parsed.
    fn laid_out(&self) -> &(String, Parse) {
        self.laid_out.get_or_init(|| {
            let edits = fix::layout(&self.text, &format::Options::default(), None);
            let text = edits.map_or_else(|_| self.text.clone(), |it| it.0.apply(&self.text));
            let parse = syntax::parse(&text);
            (text, parse)
        })
    }

    /// What a builder has to be told to build the tree.
    fn steps(&self) -> &[Step] {
        self.steps.get_or_init(|| {
            let root: SyntaxNode = self.parse().file().syntax().clone();
            let steps = root.preorder_with_tokens().filter_map(|it| match it {
                WalkEvent::Enter(NodeOrToken::Node(it)) => Some(Step::Start(it.kind())),
                WalkEvent::Enter(NodeOrToken::Token(it)) => Some(Step::Token(it.kind(), it.text().to_owned())),
                WalkEvent::Leave(NodeOrToken::Node(_)) => Some(Step::Finish),
                WalkEvent::Leave(NodeOrToken::Token(_)) => None,
            });
            steps.collect()
        })
    }
}

enum Step {
    Start(SyntaxKind),
    Token(SyntaxKind, String),
    Finish,
}

/// Merely builds a tree, which nothing that parses is faster than.
fn build_tree(steps: &[Step]) -> rowan::GreenNode {
    let raw = |kind: SyntaxKind| rowan::SyntaxKind(kind as u16);
    let mut builder = GreenNodeBuilder::new();
    for step in steps {
        match step {
            Step::Start(kind) => builder.start_node(raw(*kind)),
            Step::Token(kind, text) => builder.token(raw(*kind), text),
            Step::Finish => builder.finish_node(),
        }
    }
    builder.finish()
}

/// All rules that run by default look once at a file.
fn look(file: &File) {
    let settings = RuleSettings::default();
    let rules: Vec<_> = rules::ALL.iter().copied().filter(|it| it.default).collect();
    let document = Document::new(file.parse().clone());
    let ctx = Context::new(&file.text, &document, &settings, &rules);
    for rule in &rules {
        let mut findings = Findings::default();
        (rule.run)(&ctx, &mut findings);
        black_box(&findings);
    }
}

/// What `dockfix check` and `dockfix fix` do by default.
pub fn job(fix: Option<Safety>) -> Job {
    let rules = rules::ALL.iter().copied().filter(|it| it.default).collect();
    let format = fix.map(|_| format::Options::default());
    Job { rules, fix, format, ..Job::default() }
}
