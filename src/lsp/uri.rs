//! Uris of files as paths, and back. The uris of a client are kept as it wrote them.

use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What stands in the path of a uri as it is (RFC 3986, `pchar` and `/`, but for what clients disagree about).
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The path that a `file` uri names.
pub(super) fn path(uri: &str) -> Option<PathBuf> {
    let (scheme, rest) = uri.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("file") {
        return None;
    }
    let path = &rest[rest.find('/')?..];
    let path = path.split(['?', '#']).next()?;
    let bytes: Vec<u8> = percent_decode_str(path).collect();
    decoded(bytes)
}

#[cfg(unix)]
fn decoded(bytes: Vec<u8>) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    (!bytes.contains(&0)).then(|| std::ffi::OsString::from_vec(bytes).into())
}

#[cfg(not(unix))]
fn decoded(bytes: Vec<u8>) -> Option<PathBuf> {
    let path = String::from_utf8(bytes).ok().filter(|it| !it.contains('\0'))?;
    // `/c:/folder` names a drive.
    let drive = path.as_bytes().get(2) == Some(&b':');
    Some(PathBuf::from(if drive { path[1..].to_owned() } else { path }))
}

/// The `file` uri of an absolute path.
pub(super) fn of(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    let slash = if text.starts_with('/') { "" } else { "/" };
    format!("file://{slash}{}", utf8_percent_encode(&text, PATH))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn uris_name_paths() {
        assert_eq!(path("file:///a/b%20c/D%C3%B6"), Some(PathBuf::from("/a/b c/Dö")));
        assert_eq!(path("file://localhost/a#x"), Some(PathBuf::from("/a")));
        assert_eq!(path("FILE:///a"), Some(PathBuf::from("/a")));
        for foreign in ["untitled:Untitled-1", "git://x/y", "file:", "file://", "", "file:///a%00b"] {
            assert_eq!(path(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn paths_come_back() {
        for it in ["/a/b c", "/ö/#?%25/x:y", "/"] {
            assert_eq!(path(&of(Path::new(it))).as_deref(), Some(Path::new(it)));
        }
    }
}
