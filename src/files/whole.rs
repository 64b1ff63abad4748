//! Files that are written bit by bit, and are there whole or not at all.

use std::{
    fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use fs4::FileExt;
use tempfile::NamedTempFile;

use super::TEMP_PREFIX;

/// A file that is there whole or not at all: until it is finished, what is written stands in a locked file beside it,
/// which goes again where it never is.
#[derive(Debug)]
pub struct Whole {
    out: BufWriter<NamedTempFile>,
    target: PathBuf,
}

impl Whole {
    /// Begins a file beside the one that it is to replace; a link is replaced as well.
    ///
    /// # Errors
    /// There can be no file in the folder.
    pub fn new(target: &Path) -> io::Result<Whole> {
        let folder = target.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(TEMP_PREFIX);
        #[cfg(unix)]
        let builder = {
            use std::os::unix::fs::PermissionsExt;
            // As for any new file, the system takes from it what the user's mask says.
            builder.permissions(fs::Permissions::from_mode(0o666))
        };
        let temp = locked(builder, folder)?;
        Ok(Whole { out: BufWriter::with_capacity(1 << 16, temp), target: target.to_owned() })
    }

    /// Gives the file the mode of another one.
    ///
    /// # Errors
    /// The system refuses.
    pub fn set_permissions(&self, permissions: fs::Permissions) -> io::Result<()> {
        self.out.get_ref().as_file().set_permissions(permissions)
    }

    /// Puts the file in its place, once it is on the disk.
    ///
    /// # Errors
    /// It can't be written to its end, or can't take the other's place.
    pub fn finish(self) -> io::Result<()> {
        let Whole { out, target } = self;
        let temp = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        temp.as_file().sync_data()?;
        temp.persist(target).map(drop).map_err(|it| it.error)
    }
}

/// A file to be written in a folder, locked so that nobody takes it for a leftover meanwhile.
pub(super) fn locked(builder: &tempfile::Builder<'_, '_>, folder: &Path) -> io::Result<NamedTempFile> {
    loop {
        let temp = builder.tempfile_in(folder)?;
        // Where nothing can be locked, nothing is taken for a leftover either.
        let _ = FileExt::lock(temp.as_file());
        // Before it was locked it may have been taken for one.
        if temp.path().exists() {
            return Ok(temp);
        }
    }
}

impl Write for Whole {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{super::remove_leftover, *};

    #[test]
    fn what_is_being_written_is_no_leftover() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("report");
        let mut whole = Whole::new(&target).unwrap();
        whole.write_all(b"a").unwrap();
        let temp = whole.out.get_ref().path().to_owned();
        assert!(!remove_leftover(&temp) && temp.exists() && !target.exists());
        whole.finish().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"a");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_not_finished_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("report");
        fs::write(&target, "old").unwrap();
        let mut whole = Whole::new(&target).unwrap();
        whole.write_all(b"new").unwrap();
        drop(whole);
        assert_eq!(fs::read(&target).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
