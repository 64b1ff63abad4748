//! dockfix takes Dockerfiles apart into a lossless tree, fixes what is wrong with them, lays them out, and hands
//! back the file or a diff.
//!
//! As a library it does four things to a text. None of them panics, reads or writes anything, or remembers anything; a
//! file of any bytes becomes a text, and a text its bytes again, by [`text::decode`] and [`text::encode`]. The features
//! `cli` and `lsp`, on by default, are the program: a library wants `default-features = false`.
//!
//! # Parse
//!
//! [`syntax::parse`] never fails. What BuildKit would refuse is among the errors, and the tree gives back the text,
//! byte for byte.
//!
//! ```
//! use dockfix::syntax::{self, SyntaxKind};
//!
//! let text = "FROM alpine:3.22 AS base\nRUN apk add   curl\n";
//! let parse = syntax::parse(text);
//! assert!(parse.errors().is_empty());
//!
//! let kinds: Vec<SyntaxKind> = parse.file().instructions().map(|it| it.kind()).collect();
//! assert_eq!(kinds, [SyntaxKind::FROM, SyntaxKind::RUN]);
//! assert_eq!(parse.file().syntax().to_string(), text);
//! ```
//!
//! # Format
//!
//! [`fix::run`] does a [`Job`](fix::Job). One with [`format::Options`] and no rules lays the text out. The result has
//! been held against the original; where the two did not agree, the original stays and
//! [`Outcome::faults`](fix::Outcome::faults) says so.
//!
//! ```
//! use dockfix::{fix::{self, Job}, format::{Indent, Options}};
//!
//! let options = Options { indent: Indent::Spaces(2), ..Options::default() };
//! let job = Job { format: Some(options), ..Job::default() };
//! let outcome = fix::run("FROM alpine\nRUN   apk update &&\\\n apk upgrade\n", &job);
//! assert_eq!(outcome.text, "FROM alpine\nRUN apk update \\\n  && apk upgrade\n");
//! assert!(outcome.formatted);
//! // The white space of a RUN is part of its cache key.
//! assert_eq!(outcome.steps_rebuilt, 1);
//! ```
//!
//! # Fix
//!
//! A job with rules reports what they find, and with a [`Safety`](fix::Safety) it applies the fixes that are at least
//! so safe and do no more to the build than [`Job::max_effect`](fix::Job::max_effect).
//!
//! ```
//! use dockfix::{fix::{self, Effect, Job, Safety}, rules};
//!
//! let rules = rules::ALL.iter().copied().filter(|it| it.default).collect();
//! let job = Job { rules, fix: Some(Safety::Safe), max_effect: Effect::None, ..Job::default() };
//! let outcome = fix::run("from alpine as base\nCMD [\"one\"]\nCMD [\"two\"]\nRUN sudo id\n", &job);
//! assert_eq!(outcome.text, "FROM alpine AS base\nCMD [\"two\"]\nRUN sudo id\n");
//! assert_eq!(outcome.steps_rebuilt, 0);
//!
//! // What is left, with places in the new text.
//! let left: Vec<(&str, &str)> =
//!     outcome.findings.iter().map(|it| (it.rule.name, &outcome.text[it.range])).collect();
//! assert_eq!(left, [("sudo", "sudo")]);
//! ```
//!
//! # Verify
//!
//! [`verify::Comparison`] holds two builds against each other: which steps keep their cache keys, and what differs in
//! the others.
//!
//! ```
//! use dockfix::{model::build::Build, syntax, verify::{Comparison, Verdict}};
//!
//! let build = |text: &str| Build::new(&syntax::parse(text));
//! let old = build("FROM alpine\nENV A 1\nRUN echo   hello\nCOPY a /b/\n");
//! let verdict = |text| {
//!     let new = build(text);
//!     // What makes a build fail, or can't be told of it.
//!     let problems: Vec<_> = old.problems.iter().chain(&new.problems).collect();
//!     Comparison::new(&old, &new).verdict(&problems)
//! };
//! assert_eq!(verdict("FROM alpine\nENV A=1\nRUN echo   hello\nCOPY [\"a\", \"/b/\"]\n"), Verdict::Same);
//! assert_eq!(verdict("FROM alpine\nENV A=1\nRUN echo hello\nCOPY a /b/\n"), Verdict::Rebuild);
//! assert_eq!(verdict("FROM alpine\nENV A=1\nRUN echo bye\nCOPY a /b/\n"), Verdict::Image);
//! ```
//!
//! # How it is built
//!
//! Data flows one way: text, tree, model, findings, edits, text.
//!
//! * [`text`] knows no language: edits, line index, bytes and text, unified diff.
//! * [`syntax`] is the lossless tree of Dockerfile and shell. Parsing never fails; concatenating the tokens of the
//!   tree gives the input back, byte for byte.
//! * [`model`] is what BuildKit sees, read from the tree: directives, stages, instructions in effect, cooked words.
//! * [`fix`] says what a rule is and runs rules to a fixpoint; [`rules`] holds them, one a file.
//! * [`mod@format`] is layout only: it edits the gaps between significant tokens and nothing else.
//! * [`verify`] holds two documents against each other: is this still the same build?
//!
//! None of these reads or writes a file; that is for the modules of the program, which come with the feature `cli`:
//! [`config`] finds settings, [`files`] finds, reads and replaces files, and `git`, `migrate`, `lsp` and `cli` work
//! with these.

pub mod fix;
pub mod format;
pub mod model;
pub mod rules;
pub mod syntax;
pub mod text;
pub mod verify;

#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cli")]
pub mod config;
#[cfg(feature = "cli")]
pub mod files;
#[cfg(feature = "cli")]
pub mod git;
#[cfg(feature = "cli")]
pub mod init;
#[cfg(feature = "lsp")]
pub mod lsp;
#[cfg(feature = "cli")]
pub mod migrate;
#[cfg(feature = "cli")]
pub mod report;
