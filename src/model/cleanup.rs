//! Commands that only take away what others left behind.

use std::rc::Rc;

use super::{Chain, Invocation, Leak, Model, Role, Simple, downloads, managers};
use crate::syntax::{SyntaxKind::RUN, ast::joined_text};

/// A command that only removes something.
#[derive(Debug)]
pub enum Cleanup {
    /// `rm` of these paths, which may be patterns.
    Paths(Vec<String>),
    /// A package manager that removes packages or empties its caches.
    Packages(Rc<Invocation>),
}

impl Cleanup {
    /// Reads a command as one that only removes, if it is one.
    pub fn of(command: &Simple) -> Option<Cleanup> {
        if let Some(invocation) = command.invocation() {
            let removes = matches!(invocation.role, Role::Remove | Role::Clean);
            return removes.then(|| Cleanup::Packages(Rc::clone(invocation)));
        }
        if command.program() != Some("rm") {
            return None;
        }
        let mut paths = Vec::new();
        for (_, word) in command.argv().iter().skip(1) {
            match word.path()? {
                "--recursive" | "--force" | "--" => {}
                flag if flag.starts_with('-') && flag.len() > 1 && flag[1..].chars().all(|it| "rRfv".contains(it)) => {}
                flag if flag.starts_with('-') => return None,
                path => paths.push(path.to_owned()),
            }
        }
        (!paths.is_empty()).then_some(Cleanup::Paths(paths))
    }

    /// Whether a script made what this takes away.
    pub fn undoes(&self, script: &Chain) -> bool {
        match self {
            Cleanup::Packages(it) => script.invocations().any(|made| {
                let same = made.manager.family == it.manager.family;
                same && match it.role {
                    Role::Clean => fills(made),
                    _ => installs_any(made, it),
                }
            }),
            Cleanup::Paths(paths) => paths.iter().any(|path| is_cached(script, path) || is_downloaded(script, path)),
        }
    }

    /// Whether it takes away nothing but what package managers keep in their caches, which no other program looks at.
    pub fn is_of_caches(&self) -> bool {
        match self {
            Cleanup::Packages(it) => it.role == Role::Clean,
            Cleanup::Paths(paths) => {
                paths.iter().all(|path| managers().iter().flat_map(|it| &it.caches).any(|it| is_within(path, &it.path)))
            }
        }
    }

    /// The folders that it may change, where they are known: all paths, and the caches of its package manager.
    pub fn places(&self) -> Vec<&str> {
        match self {
            Cleanup::Packages(it) => it.manager.caches.iter().map(|it| it.path.as_str()).collect(),
            Cleanup::Paths(paths) => paths.iter().map(String::as_str).collect(),
        }
    }

    /// Whether it does the same behind a script as in a shell of its own.
    pub fn is_untouched_by(&self, chain: &Chain) -> bool {
        let absolute = match self {
            Cleanup::Packages(_) => true,
            Cleanup::Paths(paths) => paths.iter().all(|it| it.starts_with('/')),
        };
        let expands = match self {
            Cleanup::Packages(it) => it.words.iter().any(|it| it.1.path().is_none()),
            Cleanup::Paths(_) => false,
        };
        let harmless = chain.leaks().iter().all(|leak| match leak {
            Leak::Directory => absolute,
            // Programs that remove things look at few variables, and at none in lower case.
            Leak::Variable(name) => {
                !expands && (name == "DEBIAN_FRONTEND" || name.chars().all(|it| !it.is_ascii_uppercase()))
            }
            Leak::Other(_) => false,
        });
        // A shell remembers where a program was, and would start the old one after a new one was installed.
        let replaced = match self {
            Cleanup::Packages(it) => chain
                .invocations()
                .filter(|it| it.role == Role::Install || it.role == Role::Upgrade)
                .any(|made| made.operands.iter().any(|at| made.literal(*at).is_none_or(|name| name == it.program))),
            Cleanup::Paths(_) => false,
        };
        harmless && !replaced
    }
}

/// Whether a RUN of a file removes something whose path has `tail` in it and fails where it isn't there: `rm` without
/// `-f`.
pub fn removes_without_force(model: &Model, tail: &str) -> bool {
    let mut all = model.stages.iter().flat_map(|it| &it.instructions).filter(|it| it.kind() == RUN);
    all.any(|run| match model.run(run).filter(|it| it.heredoc().is_none()) {
        Some(run) => {
            run.text.contains(tail)
                && run.commands().iter().any(|command| {
                    let rm = command.literals().any(|it| it == "rm");
                    rm && joined_text(command.syntax()).contains(tail) && !command.literals().any(is_force)
                })
        }
        None => run.text().contains(tail),
    })
}

/// Whether a word of `rm` is the flag that lets it pass over what isn't there: `-f`, alone or among others.
pub fn is_force(word: &str) -> bool {
    word == "--force" || (word.starts_with('-') && !word.starts_with("--") && word.contains('f'))
}

impl Chain {
    /// The calls of package managers in it, those in substitutions included.
    pub fn invocations(&self) -> impl Iterator<Item = &Invocation> {
        self.commands().iter().filter_map(|it| it.invocation().map(Rc::as_ref))
    }
}

fn fills(invocation: &Invocation) -> bool {
    matches!(invocation.role, Role::Update | Role::Install | Role::Upgrade) && !invocation.has_flag(&["--no-cache"])
}

/// Whether `made` installs what `undone` removes: one of its packages, or anything where it names none.
fn installs_any(made: &Invocation, undone: &Invocation) -> bool {
    let names: Vec<&str> = undone.operands.iter().filter_map(|it| undone.literal(*it)).collect();
    let installed =
        |name: &&str| made.words.iter().any(|it| it.1.literal().is_some_and(|it| package(it) == package(name)));
    made.role == Role::Install && (names.is_empty() && undone.operands.is_empty() || names.iter().any(installed))
}

/// A package's name without its version.
fn package(text: &str) -> &str {
    let text = text.strip_prefix("--virtual=").unwrap_or(text);
    text.split(['=', '<', '>', '~']).next().unwrap_or(text)
}

fn is_cached(script: &Chain, path: &str) -> bool {
    script.invocations().any(|it| {
        let here = it.manager.caches.iter().filter(|cache| is_within(path, &cache.path));
        here.into_iter().any(|cache| cache.filled_by.contains(&it.role)) && !it.has_flag(&["--no-cache"])
    })
}

/// Whether `curl` or `wget` wrote the path.
fn is_downloaded(script: &Chain, path: &str) -> bool {
    let here = |it: &str| it.trim_start_matches("./") == path.trim_start_matches("./");
    script.commands().iter().flat_map(downloads).any(|it| here(&it))
}

/// Whether a path is a folder or lies within it.
pub fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
