//! What BuildKit sees, read from the tree. Nothing here edits.

pub mod build;
mod chain;
mod cleanup;
mod commands;
mod expand;
mod images;
mod package_lists;
mod programs;
mod reading;
mod runs;
mod shell_words;
mod sources;
mod stages;
mod value;

pub use chain::{Chain, Join, Leak, is_plain_shell};
pub use cleanup::{Cleanup, invocations, is_within, mounts_over, removes_without_force};
pub use commands::{Invocation, Manager, Role, argv, managers, simple_commands};
pub use expand::{Variables, expand, is_word, literal, references};
pub use images::{Age, age};
pub use package_lists::{PackageLists, commands_before, package_lists, runs_script};
pub use programs::{Programs, has_relative_path, is_told_apart, may_be_script, programs};
pub use reading::{HeredocText, Reading};
pub use runs::Run;
pub use shell_words::ShellWord;
pub use sources::{Source, is_named_as_file, is_place_of_file};
pub use stages::{Model, Shell, Stage, is_metadata};
pub use value::{Piece, Symbol, Value};
