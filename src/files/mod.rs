//! Files: which are worked on, by how many threads, and how they are read and replaced.

mod find;
mod in_order;
mod names;
mod replace;
mod whole;

use std::{io, path::Path};

pub use find::{Bad, Found, find};
pub use in_order::{in_order, pool};
pub use names::{is_dockerfile, is_surely_dockerfile};
pub use replace::{MAX_SIZE, TEMP_PREFIX, read, remove_leftover, replace, too_long, write};
pub use whole::Whole;

/// An error of the system in words, without its number.
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => {
            let text = error.to_string();
            text.split_once(" (os error").map_or(text.clone(), |it| it.0.to_owned())
        }
    }
}

/// What is said of a file that can't be written.
pub fn unwritable(path: &Path, error: &io::Error) -> anyhow::Error {
    anyhow::anyhow!("{}: cannot be written: {}", path.display(), reason(error))
}
