//! dockfix takes Dockerfiles apart into a lossless tree, fixes what is wrong with them, lays them out, and hands
//! back the file or a diff.
//!
//! Data flows one way: text, tree, model, findings, edits, text.
//!
//! * [`text`] knows no language: edits, line index, bytes and text, unified diff.
//! * [`syntax`] is the lossless tree of Dockerfile and shell. Parsing never fails; concatenating the tokens of the
//!   tree gives the input back, byte for byte.
//! * [`model`] is what BuildKit sees, read from the tree: directives, stages, instructions in effect, cooked words.
//! * [`fix`] says what a rule is and runs rules to a fixpoint; [`rules`] holds them, one a file.
//! * [`format`] is layout only: it edits the gaps between significant tokens and nothing else.
//! * [`verify`] holds two documents against each other: is this still the same build?
//!
//! Nothing in the library reads or writes a file, except [`config`]'s discovery and [`files`], which only the program
//! uses.

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
#[cfg(feature = "lsp")]
pub mod lsp;
#[cfg(feature = "cli")]
pub mod report;
