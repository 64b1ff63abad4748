//! Reading what an argument names: a file, or standard input for `-`.

use std::{
    io::{self, Read},
    path::Path,
};

use crate::files;

/// Whether an argument stands for standard input.
pub(super) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// How people are told of what an argument names.
pub(super) fn name(path: &Path) -> String {
    if is_stdin(path) { "<stdin>".to_owned() } else { path.display().to_string() }
}

/// The bytes of what an argument names, of which there are `files::MAX_SIZE` at most; the error has its name.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let result = match is_stdin(path) {
        true => read_stdin(&mut bytes),
        false => files::read(path).map(|it| bytes = it),
    };
    result.map(|()| bytes).map_err(|it| anyhow::anyhow!("{}: {it}", name(path)))
}

/// Adds standard input to some bytes, of which there are then `files::MAX_SIZE` at most, or it says why not.
pub(super) fn read_stdin(bytes: &mut Vec<u8>) -> Result<(), String> {
    let read = io::stdin().lock().take(files::MAX_SIZE + 1).read_to_end(bytes);
    match read {
        Err(error) => Err(files::reason(&error)),
        Ok(len) if len as u64 > files::MAX_SIZE => Err(files::too_long()),
        Ok(_) => Ok(()),
    }
}
