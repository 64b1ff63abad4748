//! What is wrong with settings, where, and what to do about it.

use std::{
    fmt,
    ops::Range,
    path::{Path, PathBuf},
};

use text_size::TextSize;

use crate::text::LineIndex;

/// Settings that can't be used. Displays as `path:line:col: message`, with help on lines of its own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{origin}: {message}{}", .help.as_ref().map(|it| format!("\nhelp: {it}")).unwrap_or_default())]
pub struct ConfigError {
    origin: Origin,
    message: String,
    help: Option<String>,
}

impl ConfigError {
    /// An error in a file.
    pub(super) fn file(path: &Path, message: impl Into<String>) -> Self {
        ConfigError::new(Origin::File(path.to_owned(), None), message)
    }

    pub(super) fn new(origin: Origin, message: impl Into<String>) -> Self {
        ConfigError { origin, message: message.into(), help: None }
    }

    pub(super) fn with_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// The same error, with its file named from a folder where it lies below that.
    pub(super) fn relative_to(mut self, folder: &Path) -> Self {
        if let Origin::File(path, _) = &mut self.origin
            && let Ok(relative) = path.strip_prefix(folder)
            && relative != Path::new("")
        {
            *path = relative.to_owned();
        }
        self
    }

    /// What is wrong, in a sentence without a full stop.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// The file that is to be mended, unless the command line is.
    pub fn path(&self) -> Option<&Path> {
        match &self.origin {
            Origin::File(path, _) => Some(path),
            Origin::Argument(_) => None,
        }
    }
}

/// Where a setting comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// A file, and the line and column in it where they are known, both counted from 1.
    File(PathBuf, Option<(usize, usize)>),
    /// An argument of the command line, as it was written.
    Argument(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::File(path, None) => write!(f, "{}", path.display()),
            Origin::File(path, Some((line, col))) => write!(f, "{}:{line}:{col}", path.display()),
            Origin::Argument(argument) => f.write_str(argument),
        }
    }
}

/// A text of settings, for errors about its parts.
pub(super) struct Source<'a> {
    pub(super) origin: Origin,
    pub(super) text: &'a str,
}

impl Source<'_> {
    /// An error about a part of the text.
    pub(super) fn error(&self, span: Option<Range<usize>>, message: impl Into<String>) -> ConfigError {
        let origin = match (&self.origin, span.map(|it| u32::try_from(it.start))) {
            (Origin::File(path, _), Some(Ok(at))) => {
                let place = LineIndex::new(self.text).display(TextSize::new(at), self.text);
                Origin::File(path.clone(), Some(place))
            }
            (origin, _) => origin.clone(),
        };
        ConfigError::new(origin, message)
    }
}
