//! A plan that was read, with the place of each row.

use std::{
    collections::HashMap,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use super::{
    digest::Hasher,
    plan::{Edit, Group, Head, Row, Totals},
    stream::Reader,
};
use crate::{files, text::closest};
use anyhow::{anyhow, bail};

/// A plan, without its rows: these are read when they are wanted.
#[derive(Debug)]
pub struct Plan {
    /// The file that holds it.
    pub path: PathBuf,
    /// What was asked.
    pub head: Head,
    /// The groups, in the order in which they are applied.
    pub groups: Vec<Group>,
    /// The counts.
    pub totals: Totals,
    /// The digest of the file.
    pub(super) digest: String,
    /// Where the rows of each group are, in the order of their paths.
    places: HashMap<String, Vec<u64>>,
    reader: Reader,
}

/// What a group does to a file.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub(super) path: String,
    /// The digest of what it has to be for that.
    pub(super) before: String,
    /// The digest of what it is afterwards.
    pub(super) after: String,
    pub(super) edits: Vec<Edit>,
    /// What it is before earlier groups, and after later ones.
    pub(super) earlier: Vec<String>,
    pub(super) later: Vec<String>,
}

impl Plan {
    /// Reads a plan through once.
    pub fn read(path: &Path) -> anyhow::Result<Plan> {
        let mut reader = Reader::open(path)?;
        let mut places: HashMap<String, Vec<u64>> = HashMap::new();
        // Each row is read whole, so that a plan that is no plan is refused before anything is done.
        while let Some((offset, row)) = reader.row()? {
            for step in row.steps {
                places.entry(step.group).or_default().push(offset);
            }
        }
        let head = reader.head().clone();
        let (groups, totals) = reader.finish()?;
        for group in &groups {
            let name = &group.name;
            let is_safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            if name.is_empty() || name.starts_with('.') || !name.chars().all(is_safe) {
                bail!("{}: `{name}` is no name of a group", path.display());
            }
        }
        let wrong = |it: std::io::Error| anyhow!("{}: {}", path.display(), files::reason(&it));
        let (mut hasher, mut file) = (Hasher::default(), File::open(path).map_err(wrong)?);
        let mut buffer = vec![0; 1 << 16];
        loop {
            match file.read(&mut buffer).map_err(wrong)? {
                0 => break,
                read => hasher.update(buffer.get(..read).unwrap_or_default()),
            }
        }
        let reader = Reader::open(path)?;
        Ok(Plan { path: path.to_owned(), head, groups, totals, digest: hasher.hex(), places, reader })
    }

    /// The groups of some names, in the order of the plan; all where none is named.
    pub fn select(&self, names: &[String]) -> anyhow::Result<Vec<&Group>> {
        for name in names {
            if !self.groups.iter().any(|it| it.name == *name) {
                let near = closest(name, self.groups.iter().map(|it| it.name.as_str()));
                let help = near.map(|it| format!("; did you mean `{it}`?")).unwrap_or_default();
                bail!("{}: there is no group `{name}`{help}", self.path.display());
            }
        }
        Ok(self.groups.iter().filter(|it| names.is_empty() || names.contains(&it.name)).collect())
    }

    /// Where the rows of a group are.
    pub(super) fn places(&self, group: &str) -> Vec<u64> {
        self.places.get(group).cloned().unwrap_or_default()
    }

    /// A row.
    pub(super) fn row(&mut self, place: u64) -> anyhow::Result<Row> {
        self.reader.row_at(place)
    }

    /// What a group does to the file of a row.
    pub(super) fn change(&mut self, place: u64, group: &str) -> anyhow::Result<Option<Change>> {
        let row = self.row(place)?;
        let Some(at) = row.steps.iter().position(|it| it.group == group) else { return Ok(None) };
        let mut digests = vec![row.sha256];
        digests.extend(row.steps.iter().map(|it| it.sha256.clone()));
        let later = digests.split_off(at + 1);
        let (Some(before), Some((after, later))) = (digests.pop(), later.split_first()) else { return Ok(None) };
        let (after, later) = (after.clone(), later.to_vec());
        let edits = row.steps.into_iter().nth(at).map(|it| it.edits).unwrap_or_default();
        Ok(Some(Change { path: row.path, before, after, edits, earlier: digests, later }))
    }
}
