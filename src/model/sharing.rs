//! Whether a script does the same behind another one, in its shell and its container, as in a RUN of its own.

use std::collections::HashSet;

use super::{Chain, Leak, Model, Role, Simple, Value, behind_sudo, programs};
use crate::syntax::{SyntaxKind::*, ast::joined_text};

/// What ends with a RUN and not with its shell text: files that the engine mounts, and what processes are given at
/// their start.
const ENDS_WITH_RUN: &[&str] = &["/etc/hosts", "/etc/resolv.conf", "/etc/hostname", "/dev/shm", "/proc/", "/sys/"];

/// What scripts that run one behind another leave to one that runs behind them all.
#[derive(Debug, Default)]
pub struct Shared {
    /// Whether they leave something that ends with their RUN, or that is not known.
    closed: bool,
    /// Whether they leave another folder.
    moved: bool,
    /// The variables that they leave.
    variables: HashSet<String>,
    /// The programs that they start and may bring anew: a shell remembers where the old one was.
    renewed: HashSet<String>,
    /// What each of them sets at its beginning.
    sets: HashSet<String>,
}

impl Shared {
    /// Adds a script behind those before it, which on its own begins in `folder`.
    pub fn add(&mut self, chain: &Chain, folder: Option<&Value>) {
        self.closed |= chain.may_take_from_next(folder);
        self.closed |= may_keep_running(chain) || leaves_in_container(chain);
        for leak in chain.leaks() {
            match leak {
                Leak::Directory => self.moved = true,
                // What programs look at is in upper case, but for proxies.
                Leak::Variable(name) if name.contains(|it: char| it.is_ascii_uppercase()) => self.closed = true,
                Leak::Variable(name) if name.ends_with("_proxy") => self.closed = true,
                Leak::Variable(name) => _ = self.variables.insert(name.clone()),
                Leak::Other(_) => self.closed = true,
            }
        }
        self.renewed.extend(renewed(chain));
        self.sets.extend(chain.leading_set());
    }

    /// Whether a script does the same behind them as in a RUN of its own. Which operator can stand before it is another
    /// question: [`Chain::join`].
    pub fn suits(&self, chain: &Chain) -> bool {
        let started = || chain.commands().iter().filter_map(Simple::program);
        if self.closed || (!self.renewed.is_empty() && started().any(|it| self.renewed.contains(it))) {
            return false;
        }
        if self.moved && !begins_in_folder(chain) {
            return false;
        }
        if !self.variables.is_empty() {
            let text = joined_text(chain.script().syntax());
            if self.variables.iter().any(|it| text.contains(it.as_str())) {
                return false;
            }
        }
        let set = chain.leading_set();
        self.sets.iter().all(|it| Some(it) == set.as_ref()) || is_untouched_by_set(chain)
    }
}

/// Whether a script may start something that runs on after its end: it would stop with the RUN.
pub fn may_keep_running(chain: &Chain) -> bool {
    chain.commands().iter().any(|command| {
        let words = command.argv();
        let literal = |at: usize| words.get(at).and_then(|it| it.1.literal());
        let skip = if matches!(literal(0), Some("nohup" | "exec")) { 1 } else { behind_sudo(words) };
        let starts = (1..words.len()).filter_map(literal).any(|it| it.ends_with("start"));
        let program = literal(skip).map(|it| it.rsplit('/').next().unwrap_or(it));
        literal(skip).is_some_and(|it| it.contains("/init.d/"))
            || program.is_some_and(|it| {
                (starts && (it == "service" || it.ends_with("ctl"))) || programs().daemons.contains(it)
            })
            || words.iter().filter_map(|it| it.1.path()).any(|it| it.contains("daemon"))
    })
}

/// Whether programs that bash starts read a file each time, which an earlier RUN may have changed.
pub fn has_startup_file(model: &Model, stage: usize) -> bool {
    let set = |key: &str| matches!(key, "BASH_ENV" | "ENV");
    model.inherited(&model.startup_files, stage, |it| {
        matches!(it.kind(), ENV | ARG) && it.pairs().any(|it| set(&it.key()))
    })
}

fn leaves_in_container(chain: &Chain) -> bool {
    let text = joined_text(chain.script().syntax());
    let changes = |it: &Simple| it.literals().any(|it| programs().change_users.contains(it));
    ENDS_WITH_RUN.iter().any(|it| text.contains(it)) || chain.commands().iter().any(changes)
}

/// The programs that a script starts and may bring anew.
fn renewed(chain: &Chain) -> Vec<String> {
    let installs = |it: &&super::Invocation| matches!(it.role, Role::Install | Role::Upgrade);
    let mut made = chain.invocations().filter(installs).peekable();
    if made.peek().is_none() {
        return Vec::new();
    }
    let started: HashSet<&str> = chain.commands().iter().filter_map(Simple::program).collect();
    let mut renewed = Vec::new();
    for made in made {
        let names = made.operands.iter().filter_map(|at| match made.literal(*at) {
            Some(name) => name.split(['=', '<', '>', '~', '@', '[']).next(),
            None => Some(made.program.as_str()),
        });
        renewed.extend(names.filter(|it| started.contains(it)).map(str::to_owned));
    }
    renewed
}

/// Whether a script begins by going to a folder that is the same from everywhere.
fn begins_in_folder(chain: &Chain) -> bool {
    let Some(first) = chain.commands().first().filter(|_| chain.is_and_only()) else { return false };
    match &first.argv()[..] {
        [(_, program), (_, folder)] => {
            let pipeline = || chain.script.syntax().descendants().find(|it| it.kind() == PIPELINE);
            let direct = || pipeline().and_then(|it| it.first_child()).is_some_and(|it| it.kind() == SIMPLE_COMMAND);
            program.literal() == Some("cd") && folder.literal().is_some_and(|it| it.starts_with('/')) && direct()
        }
        _ => false,
    }
}

/// Whether a script has nothing that `-e`, `-u`, `-x` or `pipefail` would change.
fn is_untouched_by_set(chain: &Chain) -> bool {
    chain.plain().is_some_and(|it| it.iter().all(|it| it.argv().iter().all(|it| it.1.path().is_some())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    fn shared(first: &str, second: &str) -> bool {
        let parse = parse(&format!("FROM a\nRUN {first}\nRUN {second}\n"));
        let scripts = parse.file().instructions().filter_map(|it| it.script());
        let chains: Vec<Chain> = scripts.map(|it| Chain::of(&it).unwrap()).collect();
        let mut shared = Shared::default();
        shared.add(&chains[0], Some(&"/".into()));
        shared.suits(&chains[1])
    }

    #[test]
    fn what_leaves_nothing_is_shared() {
        for (first, second) in [
            ("a", "b; c"),
            ("cd /x && a", "cd /y && b"),
            ("for i in a; do b; done", "c"),
            ("set -ex && a", "b && c 'd'"),
            ("set -ex && a", "set -ex && $b"),
            ("pip install flask", "pip install django"),
            ("apt-get install -y curl", "curl x"),
        ] {
            assert!(shared(first, second), "{first} / {second}");
        }
    }

    #[test]
    fn what_leaves_something_is_not() {
        for (first, second) in [
            ("cd /x && a", "b"),
            ("cd /x && a", "cd y && b"),
            ("cd /x && a", "(cd /y && b) && c"),
            ("export A=b", "c"),
            ("a=b; c", "d $a"),
            ("set -ex && a", "b | c"),
            ("set -u && a", "set -e && b $c"),
            ("set -u; a", "b $c"),
            (". ./a", "b"),
            ("pip install -U pip", "pip install b"),
            ("pip install -U 'pip>1'", "pip install b"),
            ("pip install $X", "pip install b"),
            ("echo a >> /etc/hosts", "b"),
            ("service mysql start", "b"),
            ("/etc/init.d/x start", "b"),
            ("mysqld_safe --x", "b"),
            ("a --daemonize", "b"),
            ("usermod -aG a b", "c"),
            ("ln -sf /bin/bash /bin/sh", "b"),
        ] {
            assert!(!shared(first, second), "{first} / {second}");
        }
    }
}
