//! The files that COPY and ADD bring, as far as the text tells.

use super::{
    Value,
    build::{Part, Step, paths},
    is_within, parent,
    sources::{is_named_as_archive, is_named_as_file},
};
use crate::syntax::{SyntaxKind::ADD, ast::Instruction};

/// A file that a COPY or ADD brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Its path in the image.
    pub path: Value,
    /// Whether it surely is a file, by its name or by where it comes from; a folder is unlikely in any case.
    pub is_file: bool,
    /// Whether it is the destination itself, rather than something in the destination.
    pub is_destination: bool,
    /// Whether it is a destination that is called neither as files are nor as the source is, and so may as well be a
    /// folder that is there already.
    has_folder_name: bool,
}

/// Where a COPY or ADD writes to, as it stands there: the last string of an array, or the last word.
pub fn destination(instruction: &Instruction) -> Option<String> {
    match instruction.json() {
        Some(array) => array.strings().pop(),
        None => instruction.words().last().map(|it| it.text()),
    }
}

/// The files that the sources of a COPY or ADD become: each source as what it is called in the destination, and a lone
/// one also as the destination itself. `None` where a source is not known, or is unpacked.
pub fn copied(step: &Step) -> Option<Vec<[Option<Copied>; 2]>> {
    let target = step.key.get(Part::Destination).first()?;
    let (files, docs) = (step.key.get(Part::Sources), step.key.get(Part::Heredocs));
    let is_folder = target.end().ends_with('/') || target.end().ends_with("/.");
    let lone = files.len() + docs.len() == 1;
    let mut all = Vec::new();
    for (source, is_doc) in files.iter().map(|it| (it, false)).chain(docs.iter().map(|it| (it, true))) {
        // A heredoc's value begins with its name; its text need not be known.
        let text = if is_doc { source.start().split('\n').next()? } else { source.known()? };
        let url = text.contains("://");
        let name = text.trim_end_matches('/').rsplit('/').next()?;
        let archive = step.key.kind == ADD && !url && is_named_as_archive(name);
        let git = step.key.kind == ADD && (text.starts_with("git@") || text.contains(".git"));
        let odd = name.is_empty() || matches!(name, "." | "..") || text.contains(['*', '?', '[', '#']);
        if odd || archive || git || text.ends_with('/') {
            return None;
        }
        let surely = is_doc || url || is_named_as_file(name);
        let slash = if target.end().ends_with('/') { "" } else { "/" };
        let inside = target.followed_by(&format!("{slash}{name}"));
        let inside = Copied { path: cleaned(inside), is_file: surely, is_destination: false, has_folder_name: false };
        let path = cleaned(target.clone());
        // What a heredoc is called seldom is the name of a file.
        let has_folder_name = (!is_doc || is_named_as_file(name)) && is_named_otherwise(path.end(), name, url);
        let itself = Copied { path, is_file: surely, is_destination: true, has_folder_name };
        all.push([Some(inside), (lone && !is_folder).then_some(itself)]);
    }
    Some(all)
}

/// Whether a COPY or ADD may write to a path.
pub fn may_write(step: &Step, path: &Value) -> bool {
    let Some(target) = step.key.get(Part::Destination).first() else { return true };
    let named = copied(step).map(|it| it.into_iter().flatten().flatten().collect::<Vec<_>>());
    if let Some(files) = named.filter(|it| it.iter().all(|it| it.is_file)) {
        return files.iter().any(|it| it.path == *path) || !same_root(target, path);
    }
    match (target.known(), path.known()) {
        (Some(target), Some(path)) => {
            let target = target.trim_end_matches(['/', '.']);
            !target.starts_with('/') || is_within(path, target)
        }
        _ => true,
    }
}

/// Whether a destination is called neither as files are nor as its source, which is called `source`, and so may be a
/// folder. A program that is downloaded often has its version or its machine behind its name.
fn is_named_otherwise(path: &str, source: &str, url: bool) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let longer = source.strip_prefix(name).is_some_and(|it| it.starts_with(['-', '_']));
    // Supervisors start a file of such a name in a folder for each service.
    let well_known = folder.ends_with(".d") || matches!(name, "run" | "finish" | "authorized_keys");
    let as_file = is_named_as_file(name) || name == source || (url && longer);
    !as_file && !well_known
}

/// Whether two paths begin in the same folder, so that different texts are different paths.
fn same_root(one: &Value, other: &Value) -> bool {
    one.is_known() == other.is_known()
}

fn cleaned(path: Value) -> Value {
    match path.known() {
        Some(text) if text.starts_with('/') => paths::clean(text).into(),
        _ => path,
    }
}

impl Copied {
    /// Whether it may well be a folder: nothing says that it is a file, or a file of another name may go into it.
    pub fn may_be_folder(&self) -> bool {
        let text = self.path.end();
        let name = text.rsplit('/').next().unwrap_or(text).to_ascii_lowercase();
        let program = parent(text).ends_with("bin") || name.contains("entrypoint");
        (!self.is_file || self.has_folder_name) && self.is_destination && !program
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::build::Build, syntax::parse};

    fn step(body: &str) -> Step {
        let mut build = Build::new(&parse(&format!("FROM a\nWORKDIR /w\n{body}\n")));
        build.stages[0].steps.pop().unwrap()
    }

    fn paths(body: &str) -> Vec<String> {
        let all = copied(&step(body)).unwrap_or_default();
        all.into_iter().flatten().flatten().map(|it| it.path.to_string()).collect()
    }

    #[test]
    fn files_are_named() {
        assert_eq!(paths("COPY a/b.sh /x"), ["/x/b.sh", "/x"]);
        assert_eq!(paths("COPY a/b.sh ."), ["/w/b.sh"]);
        assert_eq!(paths("COPY a b c/"), ["/w/c/a", "/w/c/b"]);
        assert_eq!(paths("ADD https://x.org/a.tar /y/"), ["/y/a.tar"]);
        assert_eq!(paths("COPY <<EOF /x.sh\na\nEOF"), ["/x.sh/EOF", "/x.sh"]);
        for body in ["COPY . /x", "COPY *.sh /x", "COPY $A /x", "ADD a.tar.gz /x", "COPY a/ /x"] {
            assert_eq!(paths(body).len(), 0, "{body}");
        }
    }

    #[test]
    fn destinations_may_be_folders() {
        let may_be = |body: &str| {
            let all = copied(&step(body)).unwrap_or_default();
            all.into_iter().flatten().flatten().any(|it| it.may_be_folder())
        };
        for body in ["COPY run.py /app", "COPY b.py app", "COPY app.jar /app", "ADD https://x.org/a /b", "COPY a /b"] {
            assert!(may_be(body), "{body}");
        }
        for body in [
            "COPY run.py /app/",
            "COPY run.py /app/main.py",
            "COPY run.py /usr/bin/run",
            "COPY start.sh /entrypoint",
            "COPY jobs.txt /etc/cron.d/jobs",
            "ADD x.sh /etc/service/x/run",
            "COPY id.pub /root/.ssh/authorized_keys",
            "ADD https://x.org/tini-static-amd64 /tini",
            "ADD https://x.org/tini /tini",
            "COPY <<EOF /a\nb\nEOF",
        ] {
            assert!(!may_be(body), "{body}");
        }
    }

    #[test]
    fn what_may_write() {
        let writes = |body: &str| may_write(&step(body), &"/x/y".into());
        for body in ["COPY a /x", "COPY . /", "COPY a.sh /x/y", "COPY a /x/y/", "COPY a $B"] {
            assert!(writes(body), "{body}");
        }
        for body in ["COPY a /z", "COPY a.sh c.py /x/", "COPY . ."] {
            assert!(!writes(body), "{body}");
        }
    }
}
