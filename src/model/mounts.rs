//! What RUNs mount, by the words of their flags.

use super::is_within;
use crate::syntax::{ast::Instruction, cook_flag};

/// A mount of a RUN: what its flag says, with the names of the fields in lower case.
#[derive(Debug)]
pub struct Mount {
    fields: Vec<(String, String)>,
}

impl Mount {
    /// The mounts of a RUN.
    pub fn all(run: &Instruction, escape: char) -> impl Iterator<Item = Mount> {
        run.flags().filter_map(move |it| Mount::of(&cook_flag(&it.text(), escape)))
    }

    fn of(flag: &str) -> Option<Mount> {
        let fields = flag.strip_prefix("--mount=")?.split(',').map(|it| {
            let (name, value) = it.split_once('=').unwrap_or((it, ""));
            (name.to_ascii_lowercase(), value.to_owned())
        });
        Some(Mount { fields: fields.collect() })
    }

    /// The value of the first field that has one of some names.
    fn field(&self, names: &[&str]) -> Option<&str> {
        self.fields.iter().find(|it| names.contains(&it.0.as_str())).map(|it| it.1.as_str())
    }

    fn is_of_type(&self, kind: &str) -> bool {
        self.field(&["type"]).is_some_and(|it| it.eq_ignore_ascii_case(kind))
    }

    /// What of a stage or an image it shows, where it is of one; nothing where that is all of it.
    pub fn source_elsewhere(&self) -> Option<&str> {
        self.field(&["source", "src"]).filter(|_| self.field(&["from"]).is_some())
    }

    /// Whether a field says, or may say, that it can be written to.
    fn is_writable(&self) -> bool {
        self.fields.iter().any(|(name, value)| match name.as_str() {
            "rw" | "readwrite" => !matches!(value.as_str(), "false" | "0"),
            "ro" | "readonly" => !matches!(value.as_str(), "" | "true" | "1"),
            _ => false,
        })
    }

    /// Where it is put.
    fn target(&self) -> Option<&str> {
        self.field(&["target", "dst", "destination"]).map(|it| it.trim_end_matches('/'))
    }
}

/// Whether what a RUN writes to one of its mounts may be gone with the RUN: the mount is in memory, or shows files that
/// may be changed, and the changes are dropped.
pub fn forgets_writes(run: &Instruction, escape: char) -> bool {
    Mount::all(run, escape).any(|mount| match mount.field(&["type"]) {
        None => mount.is_writable(),
        Some(kind) if kind.eq_ignore_ascii_case("bind") => mount.is_writable(),
        Some(kind) => kind.eq_ignore_ascii_case("tmpfs") || kind.contains('$'),
    })
}

/// Whether a RUN mounts something at, above or below one of the places.
pub fn mounts_over(run: &Instruction, escape: char, places: &[&str]) -> bool {
    Mount::all(run, escape).any(|mount| match mount.target() {
        Some(target) => {
            // The home of another user, or a folder that is not known, may be where the cache is.
            let unknown = mount.is_of_type("cache") && (!target.starts_with('/') || target.contains('$'));
            let home = |place: &str| {
                let tail = place.strip_prefix("/root").unwrap_or(place);
                target.ends_with(tail) || (tail.starts_with("/.cache") && target.ends_with("/.cache"))
            };
            let near = |it: &&str| is_within(it, target) || is_within(target, it) || home(it);
            unknown || places.iter().any(|it| near(it) || !it.starts_with('/'))
        }
        // Secrets and sockets go to folders of their own.
        None => !mount.is_of_type("secret") && !mount.is_of_type("ssh"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    #[test]
    fn what_is_written_is_kept_or_not() {
        let forgets = |mount: &str| {
            let file = parse(&format!("FROM a\nRUN --mount={mount} b\n")).file();
            forgets_writes(&file.instructions().nth(1).unwrap(), '\\')
        };
        for mount in ["type=tmpfs,target=/x", "type=bind,target=/x,rw", "target=/x,readwrite=true", "dst=/x,ro=false"] {
            assert!(forgets(mount), "{mount}");
        }
        for mount in ["type=cache,target=/x", "target=/x", "type=bind,target=/x,ro", "target=/x,rw=false", "type=ssh"] {
            assert!(!forgets(mount), "{mount}");
        }
    }
}
