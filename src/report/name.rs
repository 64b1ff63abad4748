//! A file's name, in the ways in which reports write names.

use std::path::{Component, Path};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use super::style::visible;

/// A file's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// As it was given, without what could drive a terminal or break a line.
    pub shown: String,
    /// As machines want it: relative to the folder in which the program runs if it lies below it, with `/` between
    /// its parts. JSON and XML know no other text than Unicode: what is none became a replacement character.
    pub slashed: String,
    /// As a URI, relative like `slashed`, or a `file` URI. Every byte of the name can be had back from it.
    pub uri: String,
}

impl Name {
    /// The name of a file that was given as `path` to a program that runs in the folder `here`.
    pub fn new(path: &Path, here: &Path) -> Name {
        let shown = path.to_string_lossy();
        // An empty `here`, where it is not known, would be a prefix of everything.
        let below = path.strip_prefix(here).ok().filter(|it| !here.as_os_str().is_empty() && *it != Path::new(""));
        let bytes = slashed(below.unwrap_or(path));
        let scheme = if bytes.starts_with(b"/") { "file://" } else { "" };
        Name {
            shown: shown.chars().map(|it| if it == '\n' { '?' } else { visible(it) }).collect(),
            slashed: String::from_utf8_lossy(&bytes).into_owned(),
            uri: format!("{scheme}{}", percent_encode(&bytes, RESERVED)),
        }
    }
}

/// The URI of a folder.
pub(super) fn folder_uri(folder: &Path) -> String {
    let path = percent_encode(&slashed(folder), RESERVED).to_string();
    format!("file://{}/", path.trim_end_matches('/'))
}

/// A path's bytes with `/` between its parts, without those that stay where they are.
fn slashed(path: &Path) -> Vec<u8> {
    let mut out = Vec::new();
    for part in path.components().filter(|it| !matches!(it, Component::CurDir)) {
        let root = matches!(part, Component::RootDir | Component::Prefix(_));
        if root || (!out.is_empty() && !out.ends_with(b"/")) {
            out.push(b'/');
        }
        if !matches!(part, Component::RootDir) {
            out.extend_from_slice(part.as_os_str().as_encoded_bytes());
        }
    }
    out
}

/// What is written as `%` and two digits in the path of a URI: all but unreserved characters (RFC 3986, 2.3) and `/`.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

#[cfg(test)]
mod tests {
    use super::*;

    fn name(path: &str) -> Name {
        Name::new(Path::new(path), Path::new("/work/project"))
    }

    #[test]
    fn names_are_relative_where_they_can_be() {
        for (path, slashed, uri) in [
            ("Dockerfile", "Dockerfile", "Dockerfile"),
            ("./a/./Dockerfile", "a/Dockerfile", "a/Dockerfile"),
            ("../Dockerfile", "../Dockerfile", "../Dockerfile"),
            ("/work/project/a/Dockerfile", "a/Dockerfile", "a/Dockerfile"),
            ("/work/other/Dockerfile", "/work/other/Dockerfile", "file:///work/other/Dockerfile"),
            ("a b/C:ä%#?", "a b/C:ä%#?", "a%20b/C%3A%C3%A4%25%23%3F"),
            ("<stdin>", "<stdin>", "%3Cstdin%3E"),
        ] {
            let name = name(path);
            assert_eq!((name.slashed.as_str(), name.uri.as_str()), (slashed, uri));
        }
        assert_eq!(Name::new(Path::new("/a/b"), Path::new("")).uri, "file:///a/b");
        assert_eq!(folder_uri(Path::new("/work/my project")), "file:///work/my%20project/");
        assert_eq!(folder_uri(Path::new("/")), "file:///");
    }

    #[test]
    fn names_that_could_break_lines_are_shown_in_one() {
        let name = name("a\nb\u{1b}[31m");
        assert_eq!(name.shown, "a?b?[31m");
        assert_eq!((name.slashed.as_str(), name.uri.as_str()), ("a\nb\u{1b}[31m", "a%0Ab%1B%5B31m"));
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_no_text_stay_in_the_uri() {
        use std::os::unix::ffi::OsStrExt;
        let name = Name::new(Path::new(std::ffi::OsStr::from_bytes(b"caf\xe9")), Path::new(""));
        assert_eq!((name.shown.as_str(), name.slashed.as_str()), ("caf\u{fffd}", "caf\u{fffd}"));
        assert_eq!(name.uri, "caf%E9");
    }
}
