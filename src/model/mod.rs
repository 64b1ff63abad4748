//! What BuildKit sees, read from the tree. Nothing here edits.

pub mod build;
mod chain;
mod cleanup;
mod commands;
mod expand;
mod images;
mod programs;
mod reading;
mod runs;
mod shell_words;
mod stages;
mod value;

pub use chain::{Chain, Join, Leak, is_plain_shell};
pub use cleanup::{Cleanup, invocations, is_within, mounts_over, removes_without_force};
pub use commands::{Invocation, Manager, Role, argv, managers, simple_commands};
pub use expand::{Variables, expand, is_word};
pub use images::{Age, Sh, age, sh};
pub use programs::{Programs, has_relative_path, is_told_apart, may_be_script, programs};
pub use reading::{HeredocText, Reading};
pub use runs::Run;
pub use shell_words::ShellWord;
pub use stages::{Model, Shell, Stage, is_metadata};
pub use value::{Piece, Symbol, Value};
