//! How it is known that a file did not change, without reading it.

use std::{
    fs::{self, Metadata},
    path::Path,
    time::{Duration, SystemTime},
};

/// What the file system says of a file: another stamp, and it may have changed; the same, and it did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::migrate) struct Stamp {
    words: String,
    /// The last time at which anything of it changed, where that is known.
    changed: Option<SystemTime>,
}

/// The coarsest time that file systems keep: two seconds, on FAT.
const GRAIN: Duration = Duration::from_secs(2);

impl Stamp {
    /// The stamp of the file behind a path, which is to be taken before the file is read.
    pub(in crate::migrate) fn of(path: &Path) -> Option<Stamp> {
        fs::metadata(path).ok().map(|it| Stamp::new(&it))
    }

    #[cfg(unix)]
    fn new(meta: &Metadata) -> Stamp {
        use std::os::unix::fs::MetadataExt;
        // Programs can set the time of the last change of what is in a file, and some do; that of the last change of
        // anything about it they can't.
        let words = format!(
            "{} {}.{:09} {}.{:09} {} {}",
            meta.size(),
            meta.mtime(),
            meta.mtime_nsec(),
            meta.ctime(),
            meta.ctime_nsec(),
            meta.ino(),
            meta.dev()
        );
        let changed = |seconds: i64, nanos: i64| {
            let time = Duration::new(u64::try_from(seconds).ok()?, u32::try_from(nanos).ok()?);
            SystemTime::UNIX_EPOCH.checked_add(time)
        };
        let (content, any) = (changed(meta.mtime(), meta.mtime_nsec()), changed(meta.ctime(), meta.ctime_nsec()));
        Stamp { words, changed: content.zip(any).map(|it| it.0.max(it.1)) }
    }

    #[cfg(not(unix))]
    fn new(meta: &Metadata) -> Stamp {
        let changed = meta.modified().ok();
        let since = changed.and_then(|it| it.duration_since(SystemTime::UNIX_EPOCH).ok()).unwrap_or_default();
        Stamp { words: format!("{} {}.{:09}", meta.len(), since.as_secs(), since.subsec_nanos()), changed }
    }

    /// The stamp as it is kept, for a file that was read after `begin`; `-` where it is not to be trusted, for a change
    /// right after the reading could leave it as it is. git calls such an entry racily clean.
    pub(in crate::migrate) fn kept(&self, begin: SystemTime) -> &str {
        let settled = self.changed.and_then(|it| it.checked_add(GRAIN)).is_some_and(|it| it < begin);
        if settled { &self.words } else { "-" }
    }

    /// Whether it is the one that was kept.
    pub(in crate::migrate) fn is(&self, kept: &str) -> bool {
        self.words == kept
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_changed_just_now_is_not_trusted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "a").unwrap();
        let (stamp, now) = (Stamp::of(&path).unwrap(), SystemTime::now());
        assert_eq!(stamp.kept(now), "-");
        assert!(!stamp.is("-"));
        let kept = stamp.kept(now + 2 * GRAIN);
        assert!(stamp.is(kept) && kept.starts_with("1 "), "{kept}");
        assert_eq!(Stamp::of(&folder.path().join("b")), None);
    }

    #[test]
    fn any_change_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "a").unwrap();
        let before = Stamp::of(&path).unwrap();
        fs::write(&path, "ab").unwrap();
        assert_ne!(Stamp::of(&path).unwrap().words, before.words);
        // Another file in its place, of the same length and with the same time.
        let time = fs::metadata(&path).unwrap().modified().unwrap();
        let (before, other) = (Stamp::of(&path).unwrap(), folder.path().join("other"));
        fs::write(&other, "xy").unwrap();
        fs::File::options().write(true).open(&other).unwrap().set_modified(time).unwrap();
        fs::rename(&other, &path).unwrap();
        #[cfg(unix)]
        assert_ne!(Stamp::of(&path).unwrap().words, before.words);
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), time);
        drop(before);
    }
}
