//! A group as a patch, which `git apply` and `git am` take.

use std::{
    collections::HashSet,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::anyhow;

use super::{
    Event, digest,
    index::Plan,
    message,
    plan::{Group, Row},
    steps,
    write::relative,
};
use crate::{
    files::{self, Whole, unwritable},
    git::Git,
    text,
};

/// A patch that was written.
#[derive(Debug)]
pub struct Patch {
    /// Its file.
    pub path: PathBuf,
    /// The files that it changes.
    pub files: usize,
    /// Whether a line in it ends with a carriage return, which `git am` takes away unless it is told otherwise.
    pub has_returns: bool,
}

/// The commit that a patch claims to come from: none.
const NO_COMMIT: &str = "0000000000000000000000000000000000000000";

/// Writes the groups of some names, all where none is named, into a folder, a file each. Files that changed since the
/// plan was made are left out with a word. Patches of the folder that no longer belong to a group are taken away.
pub fn patches(
    root: &Path,
    plan: &mut Plan,
    names: &[String],
    folder: &Path,
    tell: &mut dyn FnMut(Event<'_>),
) -> anyhow::Result<Vec<Patch>> {
    let wrong = |it: io::Error| anyhow!("{}: {}", folder.display(), files::reason(&it));
    fs::create_dir_all(folder).map_err(wrong)?;
    let groups: Vec<Group> = plan.select(names)?.into_iter().cloned().collect();
    let total = plan.groups.len();
    let author = author(root);
    let mut out = Vec::new();
    for (nth, group) in plan.groups.clone().iter().enumerate() {
        if !groups.iter().any(|it| it.name == group.name) {
            continue;
        }
        tell(Event::Group { name: &group.name, files: group.files, nth: nth + 1, of: total });
        let width = total.to_string().len().max(4);
        let path = folder.join(format!("{:0width$}-{}.patch", nth + 1, group.name));
        let mut target = Whole::new(&path).map_err(|it| unwritable(&path, &it))?;
        let by = plan.head.asked.group_by;
        // The body stands before the diffs, so that what is left out has to be known first.
        let (ready, left_out) = look(root, plan, group, tell)?;
        let (subject, body) = (message::subject(group, by), message::body(group, ready.len(), left_out));
        let head = format!(
            "From {NO_COMMIT} Mon Sep 17 00:00:00 2001\nFrom: {author}\nSubject: [PATCH {}/{total}] {subject}\n\
             MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n\n\
             {body}\n---\n\n",
            nth + 1
        );
        target.write_all(head.as_bytes())?;
        let mut has_returns = false;
        for place in &ready {
            let row = plan.row(*place)?;
            let Some((old, new)) = texts(root, &row, &group.name).ok() else { continue };
            has_returns |= old.contains("\r\n") || new.contains("\r\n");
            target.write_all(&text::encode(&diff(&row.path, &old, &new)))?;
        }
        write!(target, "-- \ndockfix {}\n\n", env!("CARGO_PKG_VERSION"))?;
        if ready.is_empty() {
            continue;
        }
        target.finish().map_err(|it| unwritable(&path, &it))?;
        out.push(Patch { path, files: ready.len(), has_returns });
    }
    if names.is_empty() {
        let kept: HashSet<&PathBuf> = out.iter().map(|it| &it.path).collect();
        for entry in fs::read_dir(folder).map_err(wrong)?.flatten() {
            let path = entry.path();
            if is_ours(&path) && !kept.contains(&path) {
                fs::remove_file(&path).map_err(|it| anyhow!("{}: {}", path.display(), files::reason(&it)))?;
            }
        }
    }
    Ok(out)
}

/// Whether a file is a patch that this program wrote.
fn is_ours(path: &Path) -> bool {
    let name = path.file_name().and_then(|it| it.to_str()).unwrap_or_default();
    let numbered = name.split('-').next().is_some_and(|it| it.len() >= 4 && it.bytes().all(|it| it.is_ascii_digit()));
    numbered
        && name.ends_with(".patch")
        && fs::read(path).is_ok_and(|it| {
            it.starts_with(format!("From {NO_COMMIT} ").as_bytes())
                && it.windows(12).rev().take(200).any(|it| it == b"\n-- \ndockfix")
        })
}

/// The places of the rows of a group whose files are as the plan found them, and how many others there are.
fn look(
    root: &Path,
    plan: &mut Plan,
    group: &Group,
    tell: &mut dyn FnMut(Event<'_>),
) -> anyhow::Result<(Vec<u64>, usize)> {
    let (mut ready, mut left_out) = (Vec::new(), 0);
    for place in plan.places(&group.name) {
        let row = plan.row(place)?;
        match texts(root, &row, &group.name) {
            Ok(_) => ready.push(place),
            Err(why) => {
                left_out += 1;
                tell(Event::PassedOver { path: &row.path, why: &why });
            }
        }
    }
    Ok((ready, left_out))
}

/// The texts before and after a group's step of a file.
fn texts(root: &Path, row: &Row, group: &str) -> Result<(String, String), String> {
    let path = relative(&row.path).ok_or("the path leads out of the root")?;
    let mut bytes = files::read(&root.join(path))?;
    let found = digest::hex(&bytes);
    let changed = || "it changed since the plan was made".to_owned();
    // Groups before this one may have been applied already.
    let mut begins = match row.steps.iter().position(|it| it.sha256 == found) {
        Some(at) => at + 1,
        None if row.sha256 == found => 0,
        None => return Err(changed()),
    };
    while let Some(step) = row.steps.get(begins) {
        let after = steps::apply(&bytes, &step.edits).filter(|it| digest::hex(it) == step.sha256);
        let after = after.ok_or("the plan's edits do not make what the plan says; plan anew")?;
        if step.group == group {
            return Ok((text::decode(&bytes).into_owned(), text::decode(&after).into_owned()));
        }
        bytes = after;
        begins += 1;
    }
    Err("it is as the plan wants it already".to_owned())
}

/// The difference of a file, as git writes it.
fn diff(path: &str, old: &str, new: &str) -> String {
    let diff = text::unified(old, new, &format!("a/{path}"), &format!("b/{path}"), false);
    let names: Vec<&str> =
        diff.lines().take(2).filter_map(|it| it.get(4..)).map(|it| it.trim_end_matches('\t')).collect();
    match names[..] {
        [old, new] => format!("diff --git {old} {new}\n{diff}"),
        _ => diff,
    }
}

/// Who a patch is from: whom git would name.
fn author(root: &Path) -> String {
    let ident = Git::around(root).ok().and_then(|git| git.ask(&["var", "GIT_AUTHOR_IDENT"]).ok());
    let ident = ident.map(|it| String::from_utf8_lossy(&it).into_owned()).unwrap_or_default();
    match ident.rsplit_once('>') {
        Some((name, _)) => format!("{name}>"),
        None => "dockfix <dockfix@localhost>".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_git() {
        let head = |path: &str| diff(path, "a\n", "b\n").lines().take(3).collect::<Vec<_>>().join("|");
        assert_eq!(head("x/y"), "diff --git a/x/y b/x/y|--- a/x/y|+++ b/x/y");
        assert_eq!(head("x y"), "diff --git a/x y b/x y|--- a/x y\t|+++ b/x y\t");
        assert_eq!(head("x\ny"), r#"diff --git "a/x\ny" "b/x\ny"|--- "a/x\ny"|+++ "b/x\ny""#);
    }
}
