//! Who owns a file, by CODEOWNERS as GitHub and GitLab read it.
//!
//! GitHub: docs.github.com, "About code owners". GitLab: docs.gitlab.com, "Code Owners" and "Code Owners syntax and
//! error handling". On GitHub a pattern with a slash in its midst begins at the root, as in `.gitignore`; on GitLab one
//! that does not begin with a slash may begin anywhere. GitLab has sections, each of which says on its own who owns a
//! file.

use std::{collections::BTreeMap, fs, io, path::Path};

use anyhow::anyhow;
use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

use crate::{files, text};

/// Who owns files.
#[derive(Debug, Default)]
pub struct Owners {
    is_known: bool,
    set: GlobSet,
    /// The entry of each glob of the set.
    entry_of: Vec<usize>,
    entries: Vec<Entry>,
}

/// A line that names owners.
#[derive(Debug, Clone)]
struct Entry {
    /// The section in which it stands.
    section: usize,
    owners: Vec<String>,
    /// It takes files out of its section.
    excludes: bool,
}

/// Where a CODEOWNERS file may be: the first that is there counts. GitLab looks at the root before `docs` as GitHub
/// does.
const PLACES: &[&str] = &[".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"];

/// Who reads the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Host {
    GitHub,
    GitLab,
}

impl Owners {
    /// Reads the CODEOWNERS below a root, if there is one. Also gives back what is wrong in it, a line each: the rest
    /// of it still counts.
    pub fn read(root: &Path) -> anyhow::Result<(Owners, Vec<String>)> {
        for place in PLACES {
            let path = root.join(place);
            // A pipe is none: nobody may ever write to it.
            let is_readable = |it: fs::Metadata| it.is_file() || it.is_dir();
            let bytes = match fs::metadata(&path).map(is_readable).and_then(|it| match it {
                true => fs::read(&path),
                false => Err(io::Error::other("not a regular file")),
            }) {
                Ok(bytes) => bytes,
                // A folder of that name may hold anything.
                Err(error) if is_none(error.kind()) => continue,
                Err(error) => return Err(anyhow!("{place}: {}", files::reason(&error))),
            };
            let text = text::decode(&bytes);
            let is_gitlab = place.starts_with(".gitlab/")
                || (!place.starts_with(".github/")
                    && (text.lines().any(|it| heading(it.trim()).is_some())
                        || (root.join(".gitlab-ci.yml").exists() && !root.join(".github").exists())));
            let (owners, wrong) = parse(&text, if is_gitlab { Host::GitLab } else { Host::GitHub });
            return Ok((owners, wrong.into_iter().map(|(line, it)| format!("{place}:{line}: {it}")).collect()));
        }
        Ok((Owners::default(), Vec::new()))
    }

    /// Whether there is a CODEOWNERS.
    pub fn is_known(&self) -> bool {
        self.is_known
    }

    /// The owners of the file with a path relative to the root, in the order in which they are named; none where nobody
    /// owns it.
    pub fn of(&self, path: &str) -> Vec<String> {
        // By section, the last entry that matches; an exclusion keeps the file out of its section for good.
        let mut last: BTreeMap<usize, &Entry> = BTreeMap::new();
        let mut matching: Vec<usize> =
            self.set.matches(path).into_iter().filter_map(|it| self.entry_of.get(it).copied()).collect();
        matching.sort_unstable();
        for entry in matching.into_iter().filter_map(|it| self.entries.get(it)) {
            let known = last.entry(entry.section).or_insert(entry);
            if !known.excludes {
                *known = entry;
            }
        }
        let mut owners: Vec<String> = Vec::new();
        for owner in last.values().flat_map(|it| &it.owners) {
            if !owners.contains(owner) {
                owners.push(owner.clone());
            }
        }
        owners
    }
}

/// Whether an error of reading says that there is no such file.
fn is_none(error: io::ErrorKind) -> bool {
    use io::ErrorKind::{IsADirectory, NotADirectory, NotFound};
    matches!(error, NotFound | NotADirectory | IsADirectory)
}

/// What is wrong in a file: lines, counted from 1, and messages.
type Wrong = Vec<(usize, String)>;

fn parse(text: &str, host: Host) -> (Owners, Wrong) {
    let mut owners = Owners { is_known: true, ..Owners::default() };
    let (mut set, mut wrong) = (GlobSetBuilder::new(), Vec::new());
    // Sections by their names, in lower case; what stands before the first heading is in one of its own.
    let mut sections: Vec<String> = vec![String::new()];
    let (mut section, mut default): (usize, Vec<String>) = (0, Vec::new());
    // Some programs begin a file with a byte order mark.
    let text = text.trim_start_matches('\u{FEFF}');
    for (line, text) in text.lines().enumerate().map(|(nth, it)| (nth + 1, it.trim())) {
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        if host == Host::GitLab
            && let Some((name, rest)) = heading(text)
        {
            let name = name.to_lowercase();
            section = sections.iter().position(|it| *it == name).unwrap_or_else(|| {
                sections.push(name);
                sections.len() - 1
            });
            default = names(rest).0;
            continue;
        }
        let (pattern, rest) = split(text);
        let (named, strange) = names(rest);
        wrong.extend(strange.map(|it| (line, format!("`{it}` is no owner"))));
        let (pattern, excludes) = match pattern.strip_prefix('!') {
            Some(rest) if host == Host::GitLab => (rest, true),
            Some(_) => {
                wrong.push((line, "a pattern can't be negated".to_owned()));
                continue;
            }
            None => (pattern, false),
        };
        if host == Host::GitHub
            && let Some(why) = unheard(pattern)
        {
            wrong.push((line, why.to_owned()));
            continue;
        }
        let nobody = named.is_empty() || excludes;
        let entry = Entry {
            section,
            owners: match nobody {
                true if excludes => Vec::new(),
                true => default.clone(),
                false => named,
            },
            excludes,
        };
        let globs = match host {
            Host::GitHub => github(pattern),
            Host::GitLab => vec![gitlab(pattern)],
        };
        let globs: Result<Vec<Glob>, _> = globs
            .iter()
            .map(|it| GlobBuilder::new(it).literal_separator(true).backslash_escape(true).build())
            .collect();
        match globs {
            Ok(globs) => {
                for glob in globs {
                    set.add(glob);
                    owners.entry_of.push(owners.entries.len());
                }
                owners.entries.push(entry);
            }
            Err(error) => wrong.push((line, error.kind().to_string())),
        }
    }
    match set.build() {
        Ok(set) => owners.set = set,
        Err(error) => wrong.push((1, error.to_string())),
    }
    (owners, wrong)
}

/// The name of the section that a line begins, and what stands behind it: `[Name]`, `^[Name]`, `[Name][2] @owner`.
fn heading(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.strip_prefix('^').unwrap_or(line).strip_prefix('[')?.split_once(']')?;
    let approvals = rest.strip_prefix('[').and_then(|it| it.split_once(']'));
    let rest = match approvals {
        Some((number, rest)) if !number.is_empty() && number.bytes().all(|it| it.is_ascii_digit()) => rest,
        Some(_) => return None,
        None => rest,
    };
    // A pattern may begin with a set of characters: `[ab].txt @owner`.
    let is_heading = rest.is_empty() || rest.starts_with([' ', '\t', '#']);
    (is_heading && !name.trim().is_empty()).then_some((name.trim(), rest))
}

/// A line's pattern, which ends at a blank that nothing escapes, and the rest.
fn split(line: &str) -> (&str, &str) {
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        match c {
            ' ' | '\t' if !escaped => return line.split_at(at),
            _ => escaped = c == '\\' && !escaped,
        }
    }
    (line, "")
}

/// The owners among words, and the first word that is none. A comment ends them.
fn names(words: &str) -> (Vec<String>, Option<String>) {
    let words = words.split_whitespace().take_while(|it| !it.starts_with('#'));
    let (owners, strange): (Vec<&str>, Vec<&str>) =
        words.partition(|it| it.strip_prefix('@').map_or(it.contains('@'), |name| !name.trim_matches('@').is_empty()));
    (owners.into_iter().map(str::to_owned).collect(), strange.first().map(|it| (*it).to_owned()))
}

/// Why GitHub passes over a pattern that `.gitignore` would take. See "Syntax exceptions" of its page.
fn unheard(pattern: &str) -> Option<&'static str> {
    if pattern.starts_with("\\#") {
        return Some("a pattern can't begin with an escaped `#`");
    }
    pattern.contains(['[', ']']).then_some("a pattern can't have a range of characters")
}

/// What GitHub matches, as globs.
fn github(pattern: &str) -> Vec<String> {
    let literal: String = pattern.chars().fold(String::new(), |mut out, c| {
        if matches!(c, '{' | '}') {
            out.push('\\');
        }
        out.push(c);
        out
    });
    let begins = literal.trim_end_matches('/').contains('/');
    let path = literal.trim_start_matches('/');
    let path = if begins { path.to_owned() } else { format!("**/{path}") };
    match path.strip_suffix('/') {
        Some(folder) => vec![format!("{folder}/**")],
        // `docs/*` is what lies in a folder, and not what lies deeper.
        None if begins && path.ends_with("/*") => vec![path],
        None if path.ends_with("**") => vec![path],
        // A name is that of a file, or of a folder with all that is in it.
        None => vec![format!("{path}/**"), path],
    }
}

/// What GitLab matches, as a glob.
fn gitlab(pattern: &str) -> String {
    let path = match pattern.strip_prefix('/') {
        Some(path) => path.to_owned(),
        None => format!("**/{pattern}"),
    };
    // Ruby knows no alternatives here.
    let path = path.replace('{', "\\{").replace('}', "\\}");
    if path.ends_with('/') || path.is_empty() { format!("{path}**/*") } else { path }
}

#[cfg(test)]
mod tests;
