//! `.git-blame-ignore-revs`: commits that `git blame` looks through.

use std::{io::Write, path::Path};

use crate::{
    files::{Whole, unwritable},
    git,
};

/// The name that GitHub and GitLab know, and that `blame.ignoreRevsFile` is mostly set to.
pub(super) const FILE: &str = ".git-blame-ignore-revs";

/// The message of the commit that changes it.
pub(super) const MESSAGE: &str = "\
Let git blame look through the layout of Dockerfiles

The commits that are listed change nothing but the layout. GitHub and GitLab
read the list; git does so where it is told to:

    git config blame.ignoreRevsFile .git-blame-ignore-revs
";

/// Adds commits, each with what is said of it, to the file at the root; what is there already stays once.
pub(super) fn add(root: &Path, revisions: &[(String, String)]) -> anyhow::Result<()> {
    let path = root.join(FILE);
    let old = git::read_if_there(&path)?.unwrap_or_default();
    let mut new = old.clone();
    if !new.is_empty() && !new.ends_with(b"\n") {
        new.push(b'\n');
    }
    let known = String::from_utf8_lossy(&old).into_owned();
    for (revision, about) in revisions.iter().filter(|it| !known.lines().any(|line| line.trim() == it.0)) {
        new.extend_from_slice(format!("# {}\n{revision}\n", about.replace('\n', " ")).as_bytes());
    }
    if new != old {
        let written = Whole::new(&path).and_then(|mut out| out.write_all(&new).and_then(|()| out.finish()));
        written.map_err(|it| unwritable(&path, &it))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn each_commit_stands_there_once() {
        let folder = tempfile::tempdir().unwrap();
        let read = || std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        std::fs::write(folder.path().join(FILE), "# old\naaa").unwrap();
        let one = [("bbb".to_owned(), "Lay out".to_owned()), ("aaa".to_owned(), "x".to_owned())];
        add(folder.path(), &one).unwrap();
        assert_eq!(read(), "# old\naaa\n# Lay out\nbbb\n");
        add(folder.path(), &one).unwrap();
        assert_eq!(read(), "# old\naaa\n# Lay out\nbbb\n");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
