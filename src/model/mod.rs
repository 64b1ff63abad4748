//! What BuildKit sees, read from the tree. Nothing here edits.

pub mod build;
mod chain;
mod cleanup;
mod commands;
mod copied;
mod expand;
mod folders;
mod frontend;
mod images;
mod programs;
mod reading;
mod runs;
mod sharing;
mod shell_words;
mod stages;
mod value;

pub use chain::{Chain, Join, Leak, is_plain_shell};
pub use cleanup::{Cleanup, invocations, is_within, mounts_over, removes_without_force};
pub use commands::{Invocation, Manager, Role, argv, managers, simple_commands};
pub use copied::{Copied, copied, may_write};
pub use expand::{Variables, expand, is_word};
pub use folders::{is_folder, parent, resolve};
pub use frontend::needs_buildkit;
pub use images::{Age, age};
pub use programs::{Programs, has_relative_path, is_told_apart, may_be_script, programs};
pub use reading::{HeredocText, Reading};
pub use runs::Run;
pub use sharing::{can_share, has_startup_file, may_keep_running};
pub use shell_words::ShellWord;
pub use stages::{Model, Shell, Stage, is_metadata};
pub use value::{Piece, Symbol, Value};
