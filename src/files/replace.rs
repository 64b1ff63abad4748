//! Reading and writing files: whole or not at all.

use std::{
    fs,
    io::{self, Read, Write},
    path::Path,
};

use super::{reason, whole::locked};

/// The largest file that is read, in bytes.
pub const MAX_SIZE: u64 = 256 << 20;

/// What is wrong with a file that is larger.
pub fn too_long() -> String {
    format!("longer than {} MiB, which is the most that is read", MAX_SIZE >> 20)
}

/// How the names of files begin that are there only while another one is written. Six letters or digits follow.
pub const TEMP_PREFIX: &str = ".dockfix-tmp-";

/// Removes a file that has such a name and that nobody is writing, and says whether it did: whoever writes one holds it
/// locked meanwhile.
pub fn remove_leftover(path: &Path) -> bool {
    let name = path.file_name().and_then(|it| it.to_str());
    let random = name.and_then(|it| it.strip_prefix(TEMP_PREFIX));
    random.is_some_and(|it| it.len() == 6 && it.bytes().all(|it| it.is_ascii_alphanumeric()))
        && path.symlink_metadata().is_ok_and(|it| it.is_file())
        // It may have got the mode already of a file that nobody may write. The lock is held until the file is gone:
        // whoever has just made it waits for the lock, and then sees that.
        && fs::File::open(path).is_ok_and(|it| fs4::FileExt::try_lock(&it).is_ok() && fs::remove_file(path).is_ok())
}

/// The bytes of a regular file.
pub fn read(path: &Path) -> Result<Vec<u8>, String> {
    let wrong = |it: io::Error| reason(&it);
    let meta = fs::metadata(path).map_err(wrong)?;
    if !meta.is_file() {
        return Err("not a regular file".to_owned());
    }
    if meta.len() > MAX_SIZE {
        return Err(too_long());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or_default());
    let file = fs::File::open(path).map_err(wrong)?;
    // The length may be a lie, or be another by now.
    if file.take(MAX_SIZE + 1).read_to_end(&mut bytes).map_err(wrong)? as u64 > MAX_SIZE {
        return Err(too_long());
    }
    Ok(bytes)
}

/// Replaces a file's bytes at once, keeping its mode; a link is followed and stays. The file is left alone if it is no
/// longer what was read.
pub fn write(path: &Path, old: &[u8], new: &[u8]) -> Result<(), String> {
    replace(path, old, new).map_err(|it| format!("cannot be written: {}; the file was left as it was", reason(&it)))
}

/// As [`write()`], with the system's error.
pub fn replace(path: &Path, old: &[u8], new: &[u8]) -> io::Result<()> {
    let target = fs::canonicalize(path)?;
    let meta = fs::metadata(&target)?;
    if meta.permissions().readonly() {
        // The folder would allow to put another file in its place, but somebody meant it to stay.
        return Err(io::Error::other("it is read-only"));
    }
    let folder = target.parent().ok_or_else(|| io::Error::other("it has no folder"))?;
    let mut temp = locked(tempfile::Builder::new().prefix(TEMP_PREFIX), folder)?;
    temp.write_all(new)?;
    keep_owner(temp.as_file(), &meta);
    temp.as_file().set_permissions(meta.permissions())?;
    temp.as_file().sync_data()?;
    if fs::read(&target)? != old {
        return Err(io::Error::other("it was changed by another program meanwhile"));
    }
    temp.persist(&target).map_err(|it| it.error)?;
    Ok(())
}

/// Gives the new file to the owner of the old one, as far as this user may.
#[cfg(unix)]
fn keep_owner(file: &fs::File, old: &fs::Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};
    if file.metadata().is_ok_and(|it| (it.uid(), it.gid()) != (old.uid(), old.gid())) {
        // The group alone may be allowed where the owner is not.
        let _ = fchown(file, Some(old.uid()), Some(old.gid())).or_else(|_| fchown(file, None, Some(old.gid())));
    }
}

#[cfg(not(unix))]
fn keep_owner(_: &fs::File, _: &fs::Metadata) {}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_file_that_vanished_is_not_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Dockerfile");
        assert_eq!(read(&path).unwrap_err(), "no such file or folder");
        let why = write(&path, b"a", b"b").unwrap_err();
        assert_eq!(why, "cannot be written: no such file or folder; the file was left as it was");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_file_that_changed_meanwhile_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Dockerfile");
        fs::write(&path, "other").unwrap();
        assert!(write(&path, b"old", b"new").unwrap_err().contains("changed by another program"));
        assert_eq!(fs::read(&path).unwrap(), b"other");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        write(&path, b"other", b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }
}
