//! Reading and writing files: whole or not at all.

use std::{
    fs,
    io::{self, Read, Write},
    path::Path,
};

use super::files::reason;

/// The largest file that is read, in bytes.
const MAX_SIZE: u64 = 256 << 20;

/// The bytes of a regular file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, String> {
    let meta = fs::metadata(path).map_err(|it| reason(&it))?;
    if !meta.is_file() {
        return Err("not a regular file".to_owned());
    }
    if meta.len() > MAX_SIZE {
        return Err(format!("{} bytes long; files over {MAX_SIZE} bytes are not read", meta.len()));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or_default());
    let mut file = fs::File::open(path).map_err(|it| reason(&it))?.take(MAX_SIZE);
    file.read_to_end(&mut bytes).map_err(|it| reason(&it))?;
    Ok(bytes)
}

/// Replaces a file's bytes at once, keeping its mode; a link is followed and stays. The file is left alone if it is no
/// longer what was read.
pub(super) fn write(path: &Path, old: &[u8], new: &[u8]) -> Result<(), String> {
    replace(path, old, new).map_err(|it| format!("cannot be written: {}", reason(&it)))
}

fn replace(path: &Path, old: &[u8], new: &[u8]) -> io::Result<()> {
    let target = fs::canonicalize(path)?;
    let folder = target.parent().ok_or_else(|| io::Error::other("it has no folder"))?;
    let mut temp = tempfile::Builder::new().prefix(".dockfix-").tempfile_in(folder)?;
    temp.write_all(new)?;
    temp.as_file().set_permissions(fs::metadata(&target)?.permissions())?;
    temp.as_file().sync_data()?;
    if fs::read(&target)? != old {
        return Err(io::Error::other("it was changed by another program meanwhile"));
    }
    temp.persist(&target).map_err(|it| it.error)?;
    Ok(())
}
