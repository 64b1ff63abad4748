//! What changed, by the word of git: files, and lines in them.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::bail;

use super::args;
use crate::git::{self, Git};

/// The files that changed.
#[derive(Debug)]
pub(super) struct Changed {
    git: Git,
    /// How they are asked for, for messages.
    pub(super) option: String,
    /// What they are compared with, as `git diff` is told.
    base: String,
    files: HashMap<PathBuf, Change>,
    /// Those that differ from what is staged, where that is asked for.
    unstaged: HashSet<PathBuf>,
    /// Those that are staged and gone from the work tree.
    gone: BTreeSet<PathBuf>,
}

/// How a file changed.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Change {
    /// All of it is new.
    New,
    /// Its lines are to be compared; with those of the file that it was, where it bore another name.
    Lines { was: Option<PathBuf> },
}

/// The lines of a file that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lines {
    All,
    /// The first and the last of each row of lines, counted from 1. Where lines were only taken away, the last is one
    /// less than the first: the line before the gap.
    Rows(Vec<(usize, usize)>),
}

/// What `git diff` is told whatever the user's settings are.
const DIFF: &[&str] = &["diff", "--no-color", "--no-ext-diff", "--no-textconv", "--no-relative", "-M"];

impl Changed {
    /// Asks git, in the folder in which the program runs, of what is to stand below `paths`. Nothing where nothing is
    /// asked for.
    ///
    /// # Errors
    /// git refuses, or knows nothing of a path, for it is in no repository or in another one.
    pub(super) fn ask(args: &args::Changed, paths: &[PathBuf], here: &Path) -> anyhow::Result<Option<Changed>> {
        let option = match &args.since {
            Some(name) => format!("--since {name}"),
            None if args.staged => "--staged".to_owned(),
            None => return Ok(None),
        };
        let ask = || -> anyhow::Result<Changed> {
            let git = Git::around(here)?;
            if let Some(path) = paths.iter().find(|it| is_foreign(it, &git.root)) {
                bail!("{}: it is not in the repository of this folder", path.display());
            }
            match &args.since {
                Some(name) => Changed::since(git, name, option.clone()),
                None => Changed::staged(git, option.clone()),
            }
        };
        ask().map(Some).map_err(|it| anyhow::anyhow!("{option}: {it}"))
    }

    fn since(git: Git, name: &str, option: String) -> anyhow::Result<Changed> {
        let base = base(&git, name)?;
        let mut files = changes(&git, &[&base])?;
        let unknown = git.ask(&["ls-files", "--others", "--exclude-standard", "-z"])?;
        for name in unknown.split(|it| *it == 0).filter(|it| !it.is_empty()) {
            files.insert(git.root.join(git::path(name)), Change::New);
        }
        Ok(Changed { git, option, base, files, unstaged: HashSet::new(), gone: BTreeSet::new() })
    }

    fn staged(git: Git, option: String) -> anyhow::Result<Changed> {
        let files = changes(&git, &["--cached"])?;
        let unstaged = changes(&git, &[])?.into_keys().collect();
        // A link that leads nowhere is there all the same.
        let gone = files.keys().filter(|it| it.symlink_metadata().is_err()).cloned().collect();
        Ok(Changed { git, option, base: "--cached".to_owned(), files, unstaged, gone })
    }

    /// Whether a file is among those that changed.
    pub(super) fn has(&self, path: &Path) -> bool {
        self.find(path).is_some()
    }

    /// The files that are staged and that nobody finds, for they are gone from the work tree.
    pub(super) fn gone(&self) -> impl Iterator<Item = &Path> {
        self.gone.iter().map(PathBuf::as_path)
    }

    /// Whether a file differs from what is staged of it.
    pub(super) fn is_unstaged(&self, path: &Path) -> bool {
        self.find(path).is_some_and(|it| self.unstaged.contains(it.0))
    }

    /// The lines of a file that changed, or why git can't tell.
    pub(super) fn lines(&self, path: &Path) -> Result<Lines, String> {
        let (path, was) = match self.find(path) {
            None => return Ok(Lines::Rows(Vec::new())),
            Some((_, Change::New)) => return Ok(Lines::All),
            Some((path, Change::Lines { was })) => (path, was),
        };
        // What is worked on is the file in the work tree, and its lines are those that count.
        let base = if self.unstaged.contains(path) { "HEAD" } else { &self.base };
        let words = [DIFF, &["-U0", "--inter-hunk-context=0", "--text", base, "--"]].concat();
        let diff = self.git.ask(&git::args(&words, was.iter().chain([path]).map(PathBuf::as_path)));
        diff.map(|it| rows(&String::from_utf8_lossy(&it))).map_err(|it| format!("{}: {it}", self.option))
    }

    /// A file under the name that git has for it. A link is one thing, and what it leads to is another.
    fn find(&self, path: &Path) -> Option<(&PathBuf, &Change)> {
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = fs::canonicalize(folder).ok()?.join(path.file_name()?);
        let real = || self.files.get_key_value(&fs::canonicalize(path).ok()?);
        self.files.get_key_value(&name).or_else(real)
    }
}

/// Whether a path is surely in no repository or in another one than that in a folder.
fn is_foreign(path: &Path, root: &Path) -> bool {
    // What is not there is told elsewhere.
    let Ok(path) = fs::canonicalize(path) else { return false };
    let root = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
    let Ok(below) = path.strip_prefix(&root) else { return true };
    below.ancestors().filter(|it| !it.as_os_str().is_empty()).any(|it| root.join(it).join(".git").exists())
}

/// Where the branch left a commit. A shallow clone may lack that; what is fetched then is both branches, for what they
/// have in common is missing from either.
fn base(git: &Git, name: &str) -> anyhow::Result<String> {
    let commit = git.commit(name)?;
    let fetched = fetched(name);
    if let Some(commit) = &commit
        && let Some(base) = git.merge_base(commit, "HEAD")?
    {
        return Ok(base);
    }
    if git.is_shallow()? {
        let head = match git.branch()? {
            None => git.commit("HEAD")?,
            branch => branch,
        };
        let (what, fetch) = match commit {
            None => ("no commit of that name", fetched.map(to)),
            Some(_) => {
                ("where HEAD left it is not", fetched.map(|it| it.strip_prefix("origin/").unwrap_or(it).to_owned()))
            }
        };
        let words: String = fetch.into_iter().chain(head).map(|it| format!(" {it}")).collect();
        bail!("{what} in this shallow clone; `git fetch --deepen=100 origin{words}` brings it");
    }
    match commit {
        None => bail!("no commit of that name; `git fetch` may bring it"),
        Some(_) => bail!("it has no commit in common with HEAD"),
    }
}

/// What can be fetched by its name, for a name that may lead on from there, as `main~2` and `main@{1}` do; nothing
/// where it leads on from HEAD, or is a hash that was cut short.
fn fetched(name: &str) -> Option<&str> {
    let end = [name.find(['~', '^', ':']), name.find("@{")].into_iter().flatten().min().unwrap_or(name.len());
    let name = name.get(..end).unwrap_or(name);
    let is_hex = name.len() >= 4 && name.chars().all(|it| it.is_ascii_hexdigit());
    let is_short_hash = is_hex && name.len() < 40 && name.contains(|it: char| it.is_ascii_digit());
    (!matches!(name, "" | "@" | "HEAD") && !is_short_hash).then_some(name)
}

/// What to fetch so that a name is known: a shallow clone follows its one branch alone.
fn to(name: &str) -> String {
    let is_hash = name.len() >= 40 && name.chars().all(|it| it.is_ascii_hexdigit());
    match name.strip_prefix("origin/") {
        Some(branch) => format!("{branch}:refs/remotes/{name}"),
        None if is_hash => name.to_owned(),
        None => format!("{name}:{name}"),
    }
}

/// The files that differ, by the names that they have now.
fn changes(git: &Git, what: &[&str]) -> anyhow::Result<HashMap<PathBuf, Change>> {
    let answer = git.ask(&[DIFF, &["--name-status", "-z"], what, &["--"]].concat())?;
    let parsed = parse(&answer).into_iter();
    Ok(parsed.map(|(path, change)| (git.root.join(path), change)).collect())
}

/// What `git diff --name-status -z` says: a letter, perhaps with a number, then one name, or two where it was moved.
fn parse(answer: &[u8]) -> Vec<(PathBuf, Change)> {
    let mut parts = answer.split(|it| *it == 0);
    let mut out = Vec::new();
    while let (Some(status), Some(name)) = (parts.next(), parts.next()) {
        let name = git::path(name);
        match status.first() {
            Some(b'D') => {}
            Some(b'M') => out.push((name, Change::Lines { was: None })),
            Some(b'R') => out.extend(parts.next().map(|new| (git::path(new), Change::Lines { was: Some(name) }))),
            Some(b'C') => out.extend(parts.next().map(|new| (git::path(new), Change::New))),
            // Added, of another type, or with a conflict.
            _ => out.push((name, Change::New)),
        }
    }
    out
}

/// The rows of lines on the new side of a diff without context: the heads of its hunks are its only lines that begin
/// with `@@`.
fn rows(diff: &str) -> Lines {
    let row = |line: &str| {
        let new = line.strip_prefix("@@ -")?.split_once(" +")?.1.split_once(" @@")?.0;
        let (start, count) = new.split_once(',').unwrap_or((new, "1"));
        let (start, count) = (start.parse::<usize>().ok()?, count.parse::<usize>().ok()?);
        // Without lines on the new side, the number is that of the line before.
        Some(if count == 0 { (start + 1, start) } else { (start, start + count - 1) })
    };
    Lines::Rows(diff.lines().filter_map(row).collect())
}

impl Lines {
    /// Whether what stands in these lines changed: one of them did, or there are fewer between them than before.
    pub(super) fn touch(&self, (first, last): (usize, usize)) -> bool {
        match self {
            Lines::All => true,
            Lines::Rows(rows) => rows.iter().any(|(start, end)| *start <= last && first <= *end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_that_git_writes_are_read() {
        let parsed = parse(b"M\0a b\0D\0gone\0R087\0old\0new\0A\0x\ny\0C100\0x\0z\0T\0t\0");
        let lines = |was: Option<&str>| Change::Lines { was: was.map(PathBuf::from) };
        let expected = [
            ("a b", lines(None)),
            ("new", lines(Some("old"))),
            ("x\ny", Change::New),
            ("z", Change::New),
            ("t", Change::New),
        ];
        assert_eq!(parsed, expected.map(|(name, change)| (PathBuf::from(name), change)));
        assert_eq!(parse(b""), []);
    }

    #[test]
    fn hunks_are_rows_of_lines() {
        let diff = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@ FROM a\n-a\n+@@ -9 +9 @@\n@@ -3,0 +4,2 @@\n+a\n+b\n@@ -9,2 +11,0 @@\n-c\n";
        let lines = rows(diff);
        assert_eq!(lines, Lines::Rows(vec![(1, 1), (4, 5), (12, 11)]));
        for (span, touched) in
            [((1, 1), true), ((2, 3), false), ((3, 4), true), ((11, 11), false), ((12, 12), false), ((11, 12), true)]
        {
            assert_eq!(lines.touch(span), touched, "{span:?}");
        }
    }

    #[test]
    fn what_is_fetched_gets_the_name_that_was_asked_for() {
        let hash = "0123456789abcdef0123456789abcdef01234567";
        for (name, expected) in [
            ("main", Some("main:main")),
            ("origin/main", Some("main:refs/remotes/origin/main")),
            ("origin/a/b~1^2", Some("a/b:refs/remotes/origin/a/b")),
            ("main^{commit}", Some("main:main")),
            ("main@{1}", Some("main:main")),
            ("v@1", Some("v@1:v@1")),
            (hash, Some(hash)),
            ("0123abc", None),
            ("HEAD~3", None),
            ("HEAD", None),
            ("@^", None),
            ("@{upstream}", None),
            (":/fix", None),
        ] {
            assert_eq!(fetched(name).map(to).as_deref(), expected, "{name}");
        }
    }
}
