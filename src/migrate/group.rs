//! Groups: what is reviewed and landed together, what they are called, and the order in which they are applied.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    str::FromStr,
};

use serde::{Deserialize, Serialize};

use super::{
    digest,
    plan::{Group, Row},
};
use crate::{fix::Effect, rules};

/// By what files are grouped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// By their owners: a file is changed once.
    Owner,
    /// By the folders that they are in: a file is changed once.
    #[default]
    Directory,
    /// By what is done to the build: a file is changed up to three times, the least first.
    Effect,
    /// By rule: a file is changed once for each rule, and then laid out.
    Rule,
}

/// A part of all files, which the hash of a file's path decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    nth: u32,
    of: u32,
}

impl Shard {
    /// Which part it is, counted from 1, and of how many.
    pub fn place(self) -> (u32, u32) {
        (self.nth, self.of)
    }

    /// Whether the file with a path relative to the root belongs to this part.
    pub fn has(self, path: &str) -> bool {
        let digest = digest::bytes(path.as_bytes());
        let (first, _) = digest.split_at(8);
        let number = first.iter().fold(0u64, |number, byte| (number << 8) | u64::from(*byte));
        number % u64::from(self.of) == u64::from(self.nth - 1)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.nth, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let wrong = || format!("`{text}` is no part: write `2/8` for the second of eight");
        let (nth, of) = text.split_once('/').ok_or_else(wrong)?;
        let shard = Shard { nth: nth.parse().map_err(|_| wrong())?, of: of.parse().map_err(|_| wrong())? };
        if (1..=shard.of).contains(&shard.nth) { Ok(shard) } else { Err(wrong()) }
    }
}

impl Serialize for Shard {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Shard {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Shard, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What the layout is called among groups.
pub(super) const LAYOUT: &str = "layout";

/// The key of the layout of what another key names.
pub(super) fn layout_of(key: &str) -> String {
    format!("{key}, {LAYOUT}")
}

/// The key of the folder in which a file is: so many parts of its path, or `.` for the root.
pub(super) fn folder(path: &str, depth: usize) -> String {
    let folder = path.rsplit_once('/').map_or("", |it| it.0);
    let parts: Vec<&str> = folder.split('/').filter(|it| !it.is_empty()).take(depth.max(1)).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// Names groups as files come, and counts what is in them.
#[derive(Debug)]
pub(super) struct Groups {
    by: By,
    max_files: Option<usize>,
    /// By key, the number of files that it has.
    keys: HashMap<String, usize>,
    /// By key and part.
    groups: BTreeMap<(usize, String, usize), Entry>,
    /// The names that are taken, in lower case.
    names: BTreeSet<String>,
}

#[derive(Debug)]
struct Entry {
    group: Group,
    owners: BTreeSet<String>,
}

impl Groups {
    pub(super) fn new(by: By, max_files: Option<usize>) -> Groups {
        Groups { by, max_files, keys: HashMap::new(), groups: BTreeMap::new(), names: BTreeSet::new() }
    }

    /// Puts the steps of a file, which have the keys of their groups for names, into groups.
    pub(super) fn add(&mut self, row: &mut Row) {
        for step in &mut row.steps {
            let key = std::mem::take(&mut step.group);
            let files = self.keys.entry(key.clone()).or_default();
            *files += 1;
            let part = self.max_files.map_or(1, |max| (*files - 1) / max.max(1) + 1);
            let place = (self.rank(&key), key, part);
            if !self.groups.contains_key(&place) {
                let group = self.found(&place.1, part);
                self.groups.insert(place.clone(), Entry { group, owners: BTreeSet::new() });
            }
            let Some(Entry { group, owners }) = self.groups.get_mut(&place) else { continue };
            step.group.clone_from(&group.name);
            group.files += 1;
            group.layout_only &= step.rules.is_empty() && step.layout;
            group.laid_out += usize::from(step.layout);
            for (rule, count) in &step.rules {
                *group.rules.entry(rule.clone()).or_default() += count;
            }
            *group.effects.entry(step.effect).or_default() += 1;
            group.steps_rebuilt += step.steps_rebuilt;
            group.removed += step.removed;
            group.added += step.added;
            owners.extend(row.owners.iter().cloned());
        }
    }

    /// The groups, in the order in which they are applied.
    pub(super) fn finish(self) -> Vec<Group> {
        let owners = |it: Entry| Group { owners: it.owners.into_iter().collect(), ..it.group };
        self.groups.into_values().map(owners).collect()
    }

    /// The place of a key in the order, as far as it is not that of the alphabet. Steps of one file stand in this
    /// order, for each begins where the one before ended.
    fn rank(&self, key: &str) -> usize {
        match self.by {
            By::Owner | By::Directory => 0,
            By::Effect => Effect::ALL.iter().position(|it| it.as_str() == key).unwrap_or(usize::MAX),
            By::Rule => rules::ALL.iter().position(|it| it.name == key).unwrap_or(usize::MAX),
        }
    }

    /// A group without files.
    fn found(&mut self, key: &str, part: usize) -> Group {
        let name = self.name(key, part);
        self.names.insert(name.to_lowercase());
        Group {
            name,
            key: key.to_owned(),
            part,
            layout_only: true,
            files: 0,
            owners: Vec::new(),
            rules: BTreeMap::new(),
            laid_out: 0,
            effects: BTreeMap::new(),
            steps_rebuilt: 0,
            removed: 0,
            added: 0,
        }
    }

    /// A name for a part of a key, unlike all names that there are. What tells two keys of the same name apart is made
    /// of the key, so that it does not change with what else there is.
    fn name(&self, key: &str, part: usize) -> String {
        let number = if part == 1 { String::new() } else { format!("-{part}") };
        let slug = slug(key);
        let digest = digest::hex(key.as_bytes());
        let plain = std::iter::once(format!("{slug}{number}"));
        let longer = [8, 64].map(|len| format!("{slug}-{}{number}", digest.get(..len).unwrap_or(&digest)));
        let free = plain.chain(longer).find(|it| !self.names.contains(&it.to_lowercase()));
        free.unwrap_or_else(|| format!("{slug}-{digest}-part{number}"))
    }
}

/// The longest name that is made of a key.
const MAX_NAME: usize = 80;

/// A key as a name that any file system and any shell takes.
fn slug(key: &str) -> String {
    let mut out = String::new();
    for c in key.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '.' => out.push(c),
            _ if out.ends_with('-') => {}
            _ => out.push('-'),
        }
    }
    let mut out = out.trim_matches(['-', '.']).to_owned();
    if out.len() > MAX_NAME {
        // All characters are ASCII.
        out.truncate(MAX_NAME);
    }
    match key {
        "." => "root".to_owned(),
        _ if out.is_empty() => "group".to_owned(),
        _ => out,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn parts_are_read_and_written() {
        let shard: Shard = "2/8".parse().unwrap();
        assert_eq!((shard.to_string().as_str(), shard.place()), ("2/8", (2, 8)));
        for wrong in ["", "2", "0/2", "3/2", "a/2", "1/0", "-1/2", "1/2/3"] {
            assert!(wrong.parse::<Shard>().unwrap_err().contains("2/8"), "{wrong}");
        }
    }

    #[test]
    fn every_file_is_in_one_part() {
        for of in [1, 2, 7] {
            let parts: Vec<Shard> = (1..=of).map(|nth| Shard { nth, of }).collect();
            let mut sizes = vec![0; of as usize];
            for nth in 0..700 {
                let path = format!("a/{nth}/Dockerfile");
                let having: Vec<usize> = (0..parts.len()).filter(|&it| parts[it].has(&path)).collect();
                assert_eq!(having.len(), 1, "{path}");
                sizes[having[0]] += 1;
            }
            assert!(sizes.iter().all(|it| *it > 60), "{sizes:?}");
        }
    }

    #[test]
    fn folders_are_named_by_their_first_parts() {
        let keys = |depth| ["Dockerfile", "a/Dockerfile", "a/b/c/Dockerfile"].map(|it| folder(it, depth));
        assert_eq!(keys(1), [".", "a", "a"]);
        assert_eq!(keys(2), [".", "a", "a/b"]);
        assert_eq!(keys(0), keys(1));
    }

    #[test]
    fn names_are_safe_and_differ() {
        assert_eq!(slug("@org/team @me"), "org-team-me");
        assert_eq!(slug("../a b/ä\n"), "a-b");
        assert_eq!((slug("."), slug("ä"), slug("..")), ("root".to_owned(), "group".to_owned(), "group".to_owned()));
        assert_eq!(slug(&"a".repeat(500)).len(), MAX_NAME);
        let mut groups = Groups::new(By::Directory, None);
        let names: Vec<String> = ["a/b", "a-b", "A-B", "a-b, layout"].map(|it| groups.found(it, 1).name).into();
        assert_eq!(names[0], "a-b");
        assert!(names[1].starts_with("a-b-") && names[2].starts_with("A-B-"), "{names:?}");
        assert_eq!(names[3], "a-b-layout");
        assert_eq!(groups.found("c", 2).name, "c-2");
    }
}
