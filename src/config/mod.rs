//! Settings: where they are written, and which hold for a file.
//!
//! A [`Resolver`] finds the `dockfix.toml` and the `.editorconfig` files that speak for a path and makes [`Settings`]
//! of them and of what the command line said. It reads these files itself, and none of those that are worked on.

mod discover;
mod editorconfig;
mod error;
mod file;
mod globs;
mod hadolint;
mod layer;
mod preset;
mod resolver;
mod selector;
mod settings;
mod shown;
mod suggest;
mod tables;

pub use discover::own_files;
pub use error::ConfigError;
pub use globs::Globs;
pub use hadolint::hadolint_ignores;
pub use preset::{PRESETS, Preset};
pub use resolver::{Overrides, Resolver};
pub use selector::resolve;
pub use settings::Settings;

/// The names of files that speak for their folder and those below.
pub const FILE_NAMES: [&str; 5] =
    [discover::NAMES[0], discover::NAMES[1], editorconfig::NAME, hadolint::NAMES[0], hadolint::NAMES[1]];

/// A `dockfix.toml` with every option at its default; its comments are the docs of the options.
pub const DEFAULT: &str = include_str!("../../config/default.toml");
