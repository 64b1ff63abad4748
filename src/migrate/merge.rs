//! Joins the parts of a plan that several machines have made.

use std::{
    collections::{BTreeMap, HashMap},
    io::Write,
    path::PathBuf,
};

use anyhow::{anyhow, bail};

use super::{
    group::{Groups, Shard},
    plan::{Asked, Group, Head, Row, Totals},
    stream::{Reader, Writer},
};

/// A part that is being read.
struct Part {
    path: PathBuf,
    reader: Reader,
    shard: Option<Shard>,
    /// The key of each of its groups.
    keys: HashMap<String, String>,
    next: Option<Row>,
}

/// Writes the plan of which some files hold the parts, each once. Parts of plans that do not belong together are
/// refused.
pub fn merge<W: Write>(paths: &[PathBuf], out: W) -> anyhow::Result<(W, Vec<Group>, Totals)> {
    let mut parts = Vec::new();
    let mut heads: Vec<(PathBuf, Head)> = Vec::new();
    for path in paths {
        let reader = Reader::open(path)?;
        heads.push((path.clone(), reader.head().clone()));
        let (groups, _) = reader.finish()?;
        let keys = groups.into_iter().map(|it| (it.name, it.key)).collect();
        let reader = Reader::open(path)?;
        let shard = reader.head().asked.shard;
        parts.push(Part { path: path.clone(), reader, shard, keys, next: None });
    }
    let head = belong_together(&heads)?;
    let asked = &head.asked;
    let mut groups = Groups::new(asked.group_by, asked.max_files_per_group);
    let mut totals = Totals::default();
    let mut writer = Writer::new(out, &head)?;
    for part in &mut parts {
        part.advance()?;
    }
    // The rows of each part are in order, so the least of the next ones is the next of all.
    loop {
        let next = parts.iter_mut().filter(|it| it.next.is_some());
        let least = next.min_by(|one, other| one.path_of_next().cmp(other.path_of_next()));
        let Some(part) = least else { break };
        let Some(mut row) = part.next.take() else { break };
        if let Some(shard) = part.shard.filter(|it| !it.has(&row.path)) {
            bail!("{}: {} is no file of part {shard}", part.path.display(), row.path);
        }
        for step in &mut row.steps {
            let key = part.keys.get(&step.group);
            step.group = key
                .cloned()
                .ok_or_else(|| anyhow!("{}: {}: there is no group `{}`", part.path.display(), row.path, step.group))?;
        }
        part.advance()?;
        groups.add(&mut row);
        totals.add(&row);
        writer.row(&row)?;
    }
    let groups = groups.finish();
    let out = writer.finish(&groups, &totals)?;
    Ok((out, groups, totals))
}

impl Part {
    fn advance(&mut self) -> anyhow::Result<()> {
        self.next = self.reader.row()?.map(|it| it.1);
        Ok(())
    }

    fn path_of_next(&self) -> &str {
        self.next.as_ref().map_or("", |it| &it.path)
    }
}

/// What stands before the files of the whole plan, if these are its parts.
fn belong_together(heads: &[(PathBuf, Head)]) -> anyhow::Result<Head> {
    let Some((first_path, first)) = heads.first() else { bail!("there are no parts to merge") };
    let Some(shard) = first.asked.shard else {
        bail!("{}: it is no part: it was made without --shard", first_path.display());
    };
    let (_, of) = shard.place();
    let mut seen: BTreeMap<u32, &PathBuf> = BTreeMap::new();
    for (path, head) in heads {
        let differs = [
            ("version of dockfix", head.dockfix != first.dockfix),
            ("commit", head.commit != first.commit),
            ("settings", head.settings != first.settings || head.asked.settings != first.asked.settings),
            ("paths", head.asked.paths != first.asked.paths),
            ("groups", without_shard(&head.asked) != without_shard(&first.asked)),
            ("number of parts", head.asked.shard.map(|it| it.place().1) != Some(of)),
        ];
        if let Some((what, _)) = differs.iter().find(|it| it.1) {
            bail!("{} and {}: they are parts of two plans: the {what} differ", first_path.display(), path.display());
        }
        let nth = head.asked.shard.map_or(0, |it| it.place().0);
        if let Some(other) = seen.insert(nth, path) {
            bail!("{} and {}: both are part {nth} of {of}", other.display(), path.display());
        }
    }
    let missing: Vec<String> =
        (1..=of).filter(|it| !seen.contains_key(it)).take(20).map(|it| format!("{it}/{of}")).collect();
    if !missing.is_empty() {
        bail!("parts are missing: {}", missing.join(", "));
    }
    Ok(Head { asked: without_shard(&first.asked), ..first.clone() })
}

fn without_shard(asked: &Asked) -> Asked {
    Asked { shard: None, ..asked.clone() }
}
