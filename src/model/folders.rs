//! Paths in a stage, and folders that are surely there.

use super::{
    Chain, Join, OwnWord, Value, argv,
    build::{Part, Step, paths},
    is_within, simple_commands,
    systems::is_everywhere,
};
use crate::syntax::{SyntaxKind::*, is_shell};

/// A path as it is seen from a folder: absolute, without `.` and `..` where it is known.
pub fn resolve(folder: &Value, path: &str) -> Value {
    let mut rest = path;
    while let Some(shorter) = rest.strip_prefix("./") {
        rest = shorter.trim_start_matches('/');
    }
    let whole = match rest {
        "" | "." => folder.clone(),
        rest => paths::change_dir(folder, &rest.into()),
    };
    match whole.known() {
        Some(text) if text.starts_with('/') => paths::clean(text).into(),
        _ => whole,
    }
}

/// The folder in which a path that is known lies.
pub fn parent(path: &str) -> &str {
    match path.rsplit_once('/') {
        None | Some(("", _)) => "/",
        Some((folder, _)) => folder,
    }
}

/// Whether a folder is surely there after some steps of a stage: all images have it, or one of the steps made it and
/// none may have removed it since.
pub fn is_folder(steps: &[Step], path: &str) -> bool {
    if is_everywhere(path) {
        return true;
    }
    steps.iter().fold(false, |there, step| match step.key.kind {
        WORKDIR => there || part(step, Part::Directory).is_some_and(|it| is_within(&it, path)),
        COPY | ADD => {
            let folder = || step.key.get(Part::Destination).first().is_some_and(|it| it.end().ends_with('/'));
            there || (folder() && part(step, Part::Destination).is_some_and(|it| is_within(&it, path)))
        }
        RUN => (there && !may_remove(step, path)) || makes(step, path),
        FROM => there,
        _ => false,
    })
}

fn part(step: &Step, part: Part) -> Option<String> {
    let text = step.key.get(part).first()?.known()?;
    text.starts_with('/').then(|| paths::clean(text))
}

/// Whether a RUN surely makes a folder, and does not remove it again.
fn makes(step: &Step, path: &str) -> bool {
    let Some(script) = step.instruction.script() else { return false };
    let Some(chain) = Chain::of(&script) else { return false };
    let Some(folder) = step.key.get(Part::Directory).first() else { return false };
    let mut made = false;
    let mut here = Some(folder.clone());
    for command in simple_commands(script.syntax()) {
        let words = argv(&command);
        let Some((program, words)) = words.split_first() else { continue };
        match program.1.literal() {
            Some("mkdir") if chain.surely_runs(&program.0, Join::And) => {
                let parents = words.iter().filter_map(|it| it.1.literal()).any(|it| matches!(it, "-p" | "--parents"));
                let all = words.iter().filter_map(|it| it.1.literal()).filter(|it| !it.starts_with('-'));
                let mut all = all.filter_map(|it| Some(resolve(here.as_ref()?, it)));
                made |= all.any(|it| it.known().is_some_and(|it| it == path || (parents && is_within(it, path))));
            }
            // Where it goes matters to paths that are not absolute.
            Some(it) if OwnWord::of(it) == Some(OwnWord::Moves) => here = None,
            it if it.is_none_or(may_remove_folders) => made = false,
            _ => {}
        }
    }
    made
}

/// Whether a program may remove or move folders.
fn may_remove_folders(program: &str) -> bool {
    matches!(program, "rm" | "rmdir" | "mv" | "find" | "eval" | "sudo") || is_shell(program)
}

fn may_remove(step: &Step, path: &str) -> bool {
    let Some(script) = step.instruction.script() else { return true };
    simple_commands(script.syntax()).any(|command| {
        let words = argv(&command);
        let removes = words.first().is_some_and(|it| it.1.literal().is_none_or(may_remove_folders));
        removes
            && words.iter().skip(1).any(|it| match it.1.path() {
                Some(it) if it.starts_with('/') => {
                    let fixed = it.split(['*', '?', '[']).next().unwrap_or_default();
                    path.starts_with(fixed.trim_end_matches('/'))
                }
                Some(it) => !it.starts_with('-'),
                None => true,
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::build::Build, syntax::parse};

    fn there(body: &str, path: &str) -> bool {
        let build = Build::new(&parse(&format!("FROM a\n{body}\n")));
        is_folder(&build.stages[0].steps, path)
    }

    #[test]
    fn folders_are_made() {
        for body in [
            "WORKDIR /x/y",
            "WORKDIR /x\nRUN a",
            "RUN mkdir /x",
            "RUN a && mkdir -p /x/y && b",
            "COPY a /x/",
            "WORKDIR /\nRUN mkdir -p x",
            "RUN mkdir /x && rm -rf /tmp/y",
        ] {
            let removed = body.contains("rm");
            assert_eq!(there(body, "/x"), !removed, "{body}");
        }
        assert!(there("", "/tmp"));
    }

    #[test]
    fn what_is_not_certain_is_not_there() {
        for body in [
            "RUN a",
            "RUN mkdir /x/y",
            "RUN mkdir /x || true",
            "RUN cd /y && mkdir x",
            "RUN mkdir x",
            "COPY a /x",
            "WORKDIR /x\nRUN rm -rf /x",
            "WORKDIR /x\nRUN rm -rf /*",
            "WORKDIR /x\nRUN rm -rf $A",
            "WORKDIR /x\nRUN /bin/ash -c 'rm -rf /x'",
            "WORKDIR /xy",
        ] {
            assert!(!there(body, "/x"), "{body}");
        }
    }

    #[test]
    fn paths_are_resolved() {
        let to = |path: &str| resolve(&"/a/b".into(), path).to_string();
        assert_eq!([to("."), to("./c"), to("../c"), to("/d/../e/")], ["/a/b", "/a/b/c", "/a/c", "/e"]);
        assert_eq!([parent("/a/b"), parent("/a"), parent("/")], ["/a", "/", "/"]);
    }
}
