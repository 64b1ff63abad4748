//! What a file or a source of ADD is, by its name and the table `config/sources.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{expand::expand_unknown, value::Value};

/// What the table says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Table {
    archives: Vec<String>,
    files: Vec<String>,
    names: Vec<String>,
    vague_names: Vec<String>,
    folders: Vec<String>,
    places: Vec<String>,
}

const TABLE: &str = include_str!("../../config/sources.toml");

/// The table.
fn table() -> &'static Table {
    // A test reads the table, so that it is never the empty one.
    static SOURCES: LazyLock<Table> = LazyLock::new(|| toml::from_str(TABLE).unwrap_or_default());
    &SOURCES
}

/// What a source of ADD is. Ordered by how much ADD may do with it that COPY doesn't.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A folder, or a file that is no archive.
    Plain,
    /// A file or a folder whose name says nothing, and as which no archive is named.
    Unmarked,
    /// A pattern, or a name with a variable in it, that fits archives as well.
    Open,
    /// An archive, by its name.
    Archive,
    /// From elsewhere than the build context, or it may be.
    Remote,
}

impl Source {
    /// What a word of ADD is.
    pub fn of(word: &str, escape: char) -> Source {
        let Ok(path) = expand_unknown(word, escape) else { return Source::Remote };
        // A repository is `user@host:path`, or a URL; what a variable begins may be either.
        let start = path.start();
        let first = start.split('/').next().unwrap_or_default();
        let open = !path.is_known() && !start.contains('/');
        if open || start.contains("://") || first.contains('@') && (first.contains(':') || !path.is_known()) {
            return Source::Remote;
        }
        named(&name(&path).to_lowercase())
    }
}

/// Whether a destination names a file in a folder of files, in which nobody unpacks an archive.
pub fn is_place_of_file(word: &str, escape: char) -> bool {
    let mut parts = word.trim_matches('"').rsplit('/');
    let (name, folder) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let plain = !matches!(name, "" | "." | "..") && !name.contains(['$', escape]);
    plain && table().places.iter().any(|it| it == folder)
}

/// Whether a path is named as files are and folders are not: `a.sh`, `LICENSE`, but not `conf.d`, `.git` or `v1.2`. Any
/// other may be either.
pub fn is_named_as_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default().to_lowercase();
    let table = table();
    let head = name.split(['*', '?', '[']).next().unwrap_or_default();
    let ending = name.rsplit_once('.').filter(|it| !it.0.is_empty()).map(|it| it.1);
    // A `d` at the end stands for directory more often than for a language.
    let of_files = |ending: &str| {
        let archive = || table.archives.iter().any(|it| it.strip_prefix('.') == Some(ending));
        ending != "d" && (table.files.iter().any(|it| it == ending) || archive())
    };
    table.names.iter().any(|it| it == head) || ending.is_some_and(of_files)
}

/// The last part of a path; what is not known in it is `*`.
fn name(path: &Value) -> String {
    let end = path.end();
    match end.rfind(['/', '\\']) {
        Some(at) => end[at + 1..].to_owned(),
        None if path.is_known() => end.to_owned(),
        None => format!("*{end}"),
    }
}

/// Whether a name is one that archives have, which ADD unpacks.
pub(super) fn is_named_as_archive(name: &str) -> bool {
    named(&name.to_lowercase()) == Source::Archive
}

fn named(name: &str) -> Source {
    let table = table();
    // What ends in a slash, and what names a folder by its place.
    if matches!(name, "" | "." | "..") {
        return Source::Plain;
    }
    let is = |list: &[String], text: &str| list.iter().any(|it| it == text);
    let pattern = name.rfind(['*', '?', ']']).map(|at| &name[at + 1..]);
    let tail = pattern.unwrap_or(name);
    let head = name.split(['*', '?', '[']).next().unwrap_or_default();
    if is(&table.names, head) || is(&table.vague_names, head) || (pattern.is_none() && is(&table.folders, name)) {
        return Source::Plain;
    }
    if table.archives.iter().any(|it| tail.ends_with(it.as_str())) || name.contains(".tar") {
        return Source::Archive;
    }
    // A name that is all but its ending, as `.bashrc`, is a file of settings.
    let ending = tail.rsplit_once('.').map(|it| it.1);
    match ending {
        Some(ending) if is(&table.files, ending) => Source::Plain,
        Some(_) if tail.rfind('.') == Some(0) && pattern.is_none() => Source::Plain,
        Some(_) => Source::Unmarked,
        None if pattern.is_some() && table.archives.iter().any(|it| it.ends_with(tail)) => Source::Open,
        None => Source::Unmarked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_and_says_one_thing() {
        let table: Table = toml::from_str(TABLE).unwrap();
        let archives: Vec<&str> = table.archives.iter().map(|it| it.trim_start_matches('.')).collect();
        let both = table.files.iter().filter(|it| archives.contains(&it.as_str())).count();
        assert_eq!(both, 0);
        let lists = [&table.files, &table.names, &table.vague_names, &table.folders, &table.places];
        assert!(lists.iter().all(|it| it.iter().all(|it| *it == it.to_lowercase())));
    }

    #[test]
    fn destinations_tell() {
        for (word, place, file) in [
            ("/usr/local/bin/app", true, false),
            ("/etc/init.d/app", true, false),
            ("/usr/local/bin/", false, false),
            ("/usr/local/bin/$X", false, false),
            ("/app", false, false),
            ("/app/x.json", false, true),
            ("/app/LICENSE", false, true),
            ("/app/Gemfile*", false, true),
            ("/app/main.c", false, true),
            ("/app/a.tar.gz", false, true),
            ("/app/requirements", false, false),
            ("/app/src", false, false),
            ("/app/.git", false, false),
            ("/app/v1.2", false, false),
            ("/app/*", false, false),
            ("/etc/conf.d", false, false),
            ("/a.d/.env", false, false),
        ] {
            assert_eq!((is_place_of_file(word, '\\'), is_named_as_file(word)), (place, file), "{word}");
        }
    }

    #[test]
    fn names_tell() {
        use Source::*;
        for (word, source) in [
            (".", Plain),
            ("..", Plain),
            ("dir/", Plain),
            ("/", Plain),
            ("a/b/.", Plain),
            ("./run.sh", Plain),
            ("RUN.SH", Plain),
            ("target/*.jar", Plain),
            ("conf/$ENV.json", Plain),
            ("a/${B:-c}/x.py", Plain),
            ("Gemfile*", Plain),
            ("package*.json", Plain),
            (".bashrc", Plain),
            ("\"a b.txt\"", Plain),
            ("c:\\x.ps1", Plain),
            ("src", Plain),
            ("Makefile", Plain),
            ("server", Plain),
            ("app-1.2", Unmarked),
            ("myapp", Unmarked),
            ("x.foo", Unmarked),
            ("*xml", Unmarked),
            ("*.foo", Unmarked),
            ("*", Open),
            ("app*", Open),
            ("a/$B", Open),
            ("app-*gz", Open),
            ("a.tar.gz", Archive),
            ("A.TGZ", Archive),
            ("a.tar.gz.part", Archive),
            ("rootfs.tar.*", Archive),
            ("*.xz", Archive),
            ("db.sql.gz", Archive),
            ("x/$V.tgz", Archive),
            ("http://a/b.txt", Remote),
            ("https://a/b", Remote),
            ("git@a.b:c/d.git", Remote),
            ("me@host:repo", Remote),
            ("ssh://a/b", Remote),
            ("$URL", Remote),
            ("$DIR/run.sh", Remote),
            ("${X", Remote),
        ] {
            assert_eq!(Source::of(word, '`'), source, "{word}");
        }
    }
}
