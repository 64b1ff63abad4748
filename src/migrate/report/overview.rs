//! What is to be known of a plan before its files are told.

use std::{cmp::Reverse, collections::BTreeMap, path::Path};

use serde::Deserialize;

use crate::{
    git,
    migrate::{By, Group, Head, Reader, State, Totals},
};

/// So many of the files of which the most is rebuilt are told first.
const MOST: usize = 10;

/// A plan without its files.
#[derive(Debug)]
pub struct Overview {
    /// What was asked.
    pub head: Head,
    /// The groups, in their order.
    pub groups: Vec<Group>,
    /// The counts.
    pub totals: Totals,
    /// The files of which the most build steps are rebuilt, with their number.
    pub most_rebuilt: Vec<(String, usize)>,
    /// How many files that change have so many steps rebuilt.
    pub rebuilt: BTreeMap<usize, usize>,
}

/// As much of a row as is looked at.
#[derive(Deserialize)]
struct Rebuilt {
    path: String,
    state: State,
    #[serde(default)]
    steps_rebuilt: usize,
}

impl Overview {
    /// Reads a plan to its end.
    pub fn read(plan: &Path) -> anyhow::Result<Overview> {
        let mut reader = Reader::open(plan)?;
        let head = reader.head().clone();
        let (mut most_rebuilt, mut rebuilt) = (Vec::new(), BTreeMap::new());
        while let Some((_, row)) = reader.next_as::<Rebuilt>()? {
            if row.state != State::Changes {
                continue;
            }
            *rebuilt.entry(row.steps_rebuilt).or_default() += 1;
            let least = most_rebuilt.last().map_or(0, |it: &(String, usize)| it.1);
            if row.steps_rebuilt > least || (row.steps_rebuilt > 0 && most_rebuilt.len() < MOST) {
                most_rebuilt.push((row.path, row.steps_rebuilt));
                most_rebuilt.sort_by_key(|it| Reverse(it.1));
                most_rebuilt.truncate(MOST);
            }
        }
        let (groups, totals) = reader.finish()?;
        Ok(Overview { head, groups, totals, most_rebuilt, rebuilt })
    }

    /// How many files are to become that.
    pub(super) fn state(&self, state: State) -> usize {
        self.totals.states.get(&state).copied().unwrap_or_default()
    }

    /// How many findings there are now, and how many are left.
    pub(super) fn findings(&self) -> (usize, usize) {
        self.totals.rules.values().fold((0, 0), |(before, left), it| (before + it.before, left + it.left))
    }

    /// What was looked at, in a line.
    pub(super) fn about(&self) -> String {
        let asked = &self.head.asked;
        let by = match asked.group_by {
            By::Owner => "owner",
            By::Directory => "folder",
            By::Effect => "effect",
            By::Rule => "rule",
        };
        let mut parts = vec![format!("Planned by dockfix {}", self.head.dockfix), format!("in groups by {by}")];
        if let Some(commit) = &self.head.commit {
            parts.push(format!("at commit {}", git::short(commit)));
        }
        if asked.paths.iter().any(|it| it != ".") {
            parts.push(format!("in {}", asked.paths.join(", ")));
        }
        if !asked.settings.is_empty() {
            parts.push(format!("with {}", asked.settings.join(" ")));
        }
        if let Some(shard) = asked.shard {
            parts.push(format!("part {shard}"));
        }
        parts.join(", ")
    }
}
