//! Globs that are relative to a folder.

use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// Globs that are relative to the folder of the file that holds them.
///
/// A glob without a slash is a name at any depth. A glob that ends in `/` or `/**` is the folder with all in it.
#[derive(Debug, Clone, Default)]
pub struct Globs {
    root: PathBuf,
    set: GlobSet,
    written: Vec<String>,
}

impl Globs {
    /// Reads globs; an error says which of them is wrong, counted from 0, and how.
    pub(super) fn new<'a>(root: &Path, globs: impl IntoIterator<Item = &'a str>) -> Result<Self, (usize, String)> {
        let (mut set, mut written) = (GlobSetBuilder::new(), Vec::new());
        for (nth, glob) in globs.into_iter().enumerate() {
            if glob.starts_with('!') {
                return Err((nth, "a glob can't be negated".to_owned()));
            }
            if glob.trim_matches(['.', '/']).is_empty() {
                return Err((nth, "the glob matches nothing".to_owned()));
            }
            written.push(glob.to_owned());
            let wrong = |error: globset::Error| (nth, error.kind().to_string());
            let glob = GlobBuilder::new(&pattern(glob)).literal_separator(true).build();
            set.add(glob.map_err(wrong)?);
        }
        let set = set.build().map_err(|error| (0, error.to_string()))?;
        Ok(Globs { root: root.to_owned(), set, written })
    }

    /// The globs as they were written.
    pub fn written(&self) -> &[String] {
        &self.written
    }

    /// Whether an absolute path matches, or a folder below the root that it lies in.
    pub fn is_match(&self, path: &Path) -> bool {
        if self.set.is_empty() {
            return false;
        }
        match path.strip_prefix(&self.root) {
            Ok(path) => path.ancestors().take_while(|it| !it.as_os_str().is_empty()).any(|it| self.set.is_match(it)),
            // Whatever the folders outside are called is nothing that the globs were written for.
            Err(_) => self.set.is_match(path),
        }
    }
}

/// The glob as it is matched against relative paths.
fn pattern(glob: &str) -> String {
    let is_path = glob.trim_end_matches('/').contains('/');
    let glob = glob.trim_start_matches("./").trim_start_matches('/');
    // The folder itself stands for all that is in it.
    let glob = glob.strip_suffix("/**").unwrap_or(glob).trim_end_matches('/');
    if is_path { glob.to_owned() } else { format!("**/{glob}") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn matches(glob: &str, path: &str) -> bool {
        Globs::new(Path::new("/repo"), [glob]).unwrap().is_match(Path::new(path))
    }

    #[test]
    fn relative_to_the_root() {
        assert!(matches("vendor/**", "/repo/vendor/a/Dockerfile"));
        assert!(matches("./vendor/**", "/repo/vendor/a/Dockerfile"));
        assert!(matches("vendor/**", "/repo/vendor"));
        assert!(!matches("vendor/**", "/repo/a/vendor/Dockerfile"));
        assert!(matches("**/vendor/**", "/repo/a/vendor/Dockerfile"));
        assert!(matches("/Dockerfile", "/repo/Dockerfile"));
        assert!(!matches("/Dockerfile", "/repo/a/Dockerfile"));
        assert!(!matches("a/*.df", "/repo/a/b/x.df"));
        assert!(matches("{a,b}/*.df", "/repo/b/x.df"));
        assert!(matches("**", "/repo/b/x.df"));
    }

    #[test]
    fn a_name_matches_at_any_depth() {
        assert!(matches("node_modules", "/repo/a/node_modules/b/Dockerfile"));
        assert!(matches("node_modules/", "/repo/node_modules"));
        assert!(matches("*.df", "/repo/a/b/x.df"));
        assert!(!matches("*.df", "/repo/a/b/x.dfx"));
        assert!(matches("*.df", "/elsewhere/x.df"));
        assert!(!matches("elsewhere", "/elsewhere/x.df"));
    }

    #[test]
    fn errors_name_the_glob() {
        let error = Globs::new(Path::new("/repo"), ["a", "[b"]).unwrap_err();
        assert_eq!(error.0, 1);
        for glob in ["", "./", "!a"] {
            assert!(Globs::new(Path::new("/repo"), [glob]).is_err());
        }
    }
}
