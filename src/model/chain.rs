//! The top level of shell text: whether it is a plain chain, and how a command can be put behind it.

use std::cell::OnceCell;

use super::{Leak, Shell, Simple, set_options::SetOptions};
use crate::syntax::{
    Green, Kinds,
    SyntaxKind::*,
    SyntaxNode,
    ast::{Command, Script, Word},
    is_sh,
};

/// How a command is put behind a script so that it runs when the script has succeeded, and only then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// With `&&`.
    And,
    /// With `;`: the script begins with `set -e`.
    Semicolon,
}

/// A script seen from above.
#[derive(Debug)]
pub struct Chain {
    pub(super) script: Script,
    /// The and-or lists, in order.
    items: Vec<SyntaxNode>,
    kinds: Kinds,
    /// The simple commands, those inside compound commands and substitutions included, in order.
    commands: Vec<Simple>,
    /// Those that a plain chain is made of, once somebody asked.
    plain: OnceCell<Option<Vec<Simple>>>,
    /// What it leaves, once somebody asked.
    pub(super) leaks: OnceCell<Vec<Leak>>,
}

impl Chain {
    /// The script that it is made of.
    pub fn script(&self) -> &Script {
        &self.script
    }

    /// Looks at a script. `None` where it is only a comment.
    pub fn of(script: &Script) -> Option<Chain> {
        let list = script.list()?;
        let items = list.items().map(|it| it.syntax().clone()).collect();
        let kinds = Green::read(script.syntax(), |it| it.kinds());
        let (script, commands) = (script.clone(), Simple::all(script.syntax()));
        Some(Chain { script, items, kinds, commands, plain: OnceCell::new(), leaks: OnceCell::new() })
    }

    /// The kinds of what it holds.
    pub fn kinds(&self) -> Kinds {
        self.kinds
    }

    /// The simple commands, those inside compound commands and substitutions included, in order.
    pub fn commands(&self) -> &[Simple] {
        &self.commands
    }

    /// The commands, where all of them are simple ones joined by `&&` and nothing else stands in the script: no pipe,
    /// no redirection, no assignment, no comment.
    pub fn plain(&self) -> Option<&[Simple]> {
        self.plain.get_or_init(|| self.find_plain()).as_deref()
    }

    fn find_plain(&self) -> Option<Vec<Simple>> {
        let [item] = self.items.as_slice() else { return None };
        if self.kinds.has_any(&[SHELL_COMMENT, SEMI, AMP, OR_IF, PIPE, REDIRECT, ASSIGNMENT]) {
            return None;
        }
        let mut commands = Vec::new();
        // Those in substitutions are passed by.
        let mut all = self.commands.iter();
        for pipeline in item.children() {
            let bang = Green::read(&pipeline, |it| it.children().any(|it| it.kind() == RESERVED));
            let command = pipeline.first_child().filter(|it| it.kind() == SIMPLE_COMMAND && !bang)?;
            commands.push(all.find(|it| *it.syntax() == command)?.clone());
        }
        Some(commands)
    }

    /// Whether it is a chain of `&&` alone at its top level, whatever its operands are.
    pub fn is_and_only(&self) -> bool {
        let [item] = self.items.as_slice() else { return false };
        let tokens = |node: &SyntaxNode, kind| Green::read(node, |it| it.children().any(|it| it.kind() == kind));
        !tokens(item, OR_IF) && !item.parent().is_some_and(|it| tokens(&it, AMP) || tokens(&it, SEMI))
    }

    /// How a command is put behind the script; `None` where none can be: behind a comment, a separator or something
    /// that runs in the background, and where `set -e` would not hold any more.
    pub fn join(&self, shell: &Shell) -> Option<Join> {
        let script = self.script.syntax();
        if self.kinds.has(SHELL_COMMENT) || self.kinds.has(AMP) {
            return None;
        }
        let list = self.script.list()?;
        if list.syntax().last_child_or_token().is_some_and(|it| it.kind() == SEMI) {
            return None;
        }
        let errexit = self.sets_errexit();
        // On the left of `&&` the shell forgets about `-e`, also inside loops and groups.
        let has_compound = |node: &SyntaxNode| node.descendants().any(|it| is_compound(it.kind()));
        if let (Some(true), [_, .., last]) = (errexit, self.items.as_slice()) {
            // A list that fails in its middle does not end the shell: behind `;` it would be as if it had not failed.
            let bang = last.descendants_with_tokens().any(|it| it.kind() == RESERVED && it.to_string() == "!");
            let list = last.children().nth(1).is_some() || bang;
            return match list {
                false => Some(Join::Semicolon),
                true => (!has_compound(last)).then_some(Join::And),
            };
        }
        let in_force = errexit == Some(true) || shell_sets_errexit(shell);
        let is_lost = in_force && (self.items.len() > 1 || has_compound(script));
        (!is_lost).then_some(Join::And)
    }

    /// Whether a word's command surely ran where a command that is put behind the script with `join` runs: it is in no
    /// compound command, beside no `||`, and what it says of its success is not lost.
    pub fn surely_runs(&self, word: &Word, join: Join) -> bool {
        let mut above = word.syntax().ancestors().skip(1);
        let (Some(command), Some(pipeline), Some(item)) = (above.next(), above.next(), above.next()) else {
            return false;
        };
        let direct = command.kind() == SIMPLE_COMMAND && pipeline.kind() == PIPELINE && item.kind() == AND_OR;
        let last_of_pipe = pipeline.last_child().as_ref() == Some(&command);
        let either = || Green::read(&item, |it| it.children().any(|it| it.kind() == OR_IF));
        let last = self.items.last() == Some(&item);
        // `set -e` does not see what fails on the left of `&&`.
        let seen = last || (join == Join::Semicolon && item.children().nth(1).is_none());
        direct && last_of_pipe && seen && self.items.contains(&item) && !either()
    }

    /// How a command is put before another one of the script so that this one runs only where that one succeeded, and
    /// the script fails where it fails; `None` where no way is certain. With it comes the pipeline of the command.
    pub fn join_before(&self, command: &Command, shell: &Shell) -> Option<(Join, SyntaxNode)> {
        let pipeline = command.syntax().parent().filter(|it| it.kind() == PIPELINE)?;
        let item = pipeline.parent().filter(|it| self.items.contains(it))?;
        let before = || item.children_with_tokens().take_while(|it| it.as_node() != Some(&pipeline));
        let bang = pipeline.children_with_tokens().any(|it| it.kind() == RESERVED);
        let background = self.kinds.has(AMP);
        let sets = self.leaks().iter().any(|it| matches!(it, Leak::Other(name) if name == "set"));
        if bang || background || sets || before().any(|it| it.kind() == OR_IF) {
            return None;
        }
        let errexit = self.sets_errexit() == Some(true) || shell_sets_errexit(shell);
        match (errexit, self.items.len() > 1) {
            // `set -e` does not see what fails on the left of `&&`.
            (true, true) => {
                (before().next().is_none() && item.children().count() == 1).then_some((Join::Semicolon, pipeline))
            }
            _ => Some((Join::And, pipeline)),
        }
    }

    /// Whether it begins with a `set` of `-e`, or of other options only; `None` where it begins otherwise.
    fn sets_errexit(&self) -> Option<bool> {
        let first = self.commands.first()?;
        self.is_leading(first).then(|| set_options(first)).flatten().map(|it| it.errexit)
    }

    /// Whether a command is the first of the first pipeline.
    pub(super) fn is_leading(&self, command: &Command) -> bool {
        let pipeline = self.items.first().and_then(SyntaxNode::first_child);
        let alone = pipeline.as_ref().is_some_and(|it| it.children().count() == 1);
        alone && pipeline.and_then(|it| it.first_child()).as_ref() == Some(command.syntax())
    }

    /// The words of the `set` with which it begins, if that turns [`SetOptions`] on and does nothing else.
    pub fn leading_set(&self) -> Option<String> {
        let first = self.commands.first().filter(|it| self.is_leading(it))?;
        set_options(first).map(|_| first.text().trim().to_owned())
    }
}

fn is_compound(kind: crate::syntax::SyntaxKind) -> bool {
    matches!(
        kind,
        SUBSHELL | BRACE_GROUP | IF_CLAUSE | FOR_CLAUSE | WHILE_CLAUSE | CASE_CLAUSE | FUNCTION_DEF | COMMAND_SUBST
    )
}

/// The options that a `set` turns on; `None` where a command is no `set`, or one that does anything else.
pub(super) fn set_options(command: &Simple) -> Option<SetOptions> {
    let words = (command.program() == Some("set")).then(|| command.argv())?;
    let words: Option<Vec<&str>> = words.iter().map(|it| it.1.literal()).collect();
    SetOptions::of_set(&words?)
}

/// Whether a shell is `sh -c` or one like it with [`SetOptions`] at most. Where the file sets none, it
/// is the base image's, which almost always is `/bin/sh -c`.
pub fn is_plain_shell(shell: &Shell) -> bool {
    match shell {
        Shell::Unset => true,
        Shell::Set(argv) => plain_options(argv).is_some(),
    }
}

/// Whether a shell fails where any command of a pipe does.
pub fn sets_pipefail(shell: &Shell) -> bool {
    matches!(shell, Shell::Set(argv) if argv.iter().any(|it| it == "pipefail"))
}

fn shell_sets_errexit(shell: &Shell) -> bool {
    match shell {
        Shell::Unset => false,
        Shell::Set(argv) => plain_options(argv).is_none_or(|it| it.errexit),
    }
}

fn plain_options(argv: &[String]) -> Option<SetOptions> {
    let (program, arguments) = argv.split_first()?;
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    SetOptions::of_arguments(&arguments).filter(|it| it.command && is_sh(program))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    fn chain(shell: &str) -> Chain {
        let parse = parse(&format!("FROM a\nRUN {shell}\n"));
        let run = parse.file().instructions().nth(1).unwrap();
        Chain::of(&run.script().unwrap()).unwrap()
    }

    #[test]
    fn joins() {
        let join = |shell: &str| chain(shell).join(&Shell::Unset);
        for shell in ["a", "a && b", "a || b", "a; b", "a | b && (c; d)", "set -ex && a", "for i in a b; do c; done"] {
            assert_eq!(join(shell), Some(Join::And), "{shell}");
        }
        for shell in ["set -eux; a; b", "set -o errexit -o pipefail; if a; then b; fi", "set -e; a && b; c | d"] {
            assert_eq!(join(shell), Some(Join::Semicolon), "{shell}");
        }
        for shell in ["set -e; a; b && c", "set -e; a; b || c", "set -e; a; ! b"] {
            assert_eq!(join(shell), Some(Join::And), "{shell}");
        }
        for shell in ["a & b", "a;", "a # b", "set -ex && for i in a; do b; done", "set -e; a; b && (c; d)"] {
            assert_eq!(join(shell), None, "{shell}");
        }
        let errexit = Shell::Set(["/bin/bash", "-eo", "pipefail", "-c"].map(str::to_owned).to_vec());
        assert_eq!(chain("a && b").join(&errexit), Some(Join::And));
        assert_eq!(chain("a; b").join(&errexit), None);
    }

    #[test]
    fn some_commands_surely_run() {
        let runs = |shell: &str, join| {
            let chain = chain(shell);
            let command = super::super::simple_commands(chain.script.syntax())
                .find(|it| it.words().next().is_some_and(|it| it.text() == "x"));
            chain.surely_runs(&command.unwrap().words().next().unwrap(), join)
        };
        for shell in ["x", "a && x && b", "a; x", "yes | x"] {
            assert!(runs(shell, Join::And), "{shell}");
        }
        assert!(runs("set -e; x; b", Join::Semicolon));
        for shell in ["x || a", "a && x || true", "if a; then x; fi", "x; b", "(x)", "x | tee b", "a $(x)"] {
            assert!(!runs(shell, Join::And), "{shell}");
        }
        assert!(!runs("set -e; a && x; b", Join::Semicolon));
    }

    #[test]
    fn commands_are_put_before_others() {
        let before = |shell: &str| {
            let chain = chain(shell);
            let mut all = super::super::simple_commands(chain.script.syntax());
            let command = all.find(|it| it.words().next().is_some_and(|it| it.text() == "x"));
            chain.join_before(&command.unwrap(), &Shell::Unset).map(|it| it.0)
        };
        for shell in ["x", "a && x && b", "x || a", "a; x; b", "yes | x", "set -e && a && x", "A=1 x"] {
            assert_eq!(before(shell), Some(Join::And), "{shell}");
        }
        assert_eq!(before("set -ex; a && b; x; c"), Some(Join::Semicolon));
        for shell in [
            "a || x",
            "! x",
            "a & x",
            "(x)",
            "if x; then a; fi",
            "set -e; a && x; b",
            "set -e; x && a",
            "a; set -e; x; b",
        ] {
            assert_eq!(before(shell), None, "{shell}");
        }
    }

    #[test]
    fn plain_chains() {
        assert_eq!(chain("a b && c").plain().map(|it| it.len()), Some(2));
        for shell in ["a; b", "a | b", "a || b", "a > b", "A=1 b", "! a", "(a)"] {
            assert!(chain(shell).plain().is_none(), "{shell}");
        }
        assert!(chain("a | b && (c; d)").is_and_only());
        assert!(!chain("a || b").is_and_only() && !chain("a; b").is_and_only());
    }

    #[test]
    fn plain_shells() {
        let set = |argv: &[&str]| Shell::Set(argv.iter().map(|it| (*it).to_owned()).collect());
        assert!(is_plain_shell(&Shell::Unset) && is_plain_shell(&set(&["/bin/bash", "-euxo", "pipefail", "-c"])));
        for argv in [&["/bin/bash", "-lc"][..], &["python"], &["/bin/sh"], &["bash", "-l", "-c"], &["zsh", "-c"]] {
            assert!(!is_plain_shell(&set(argv)), "{argv:?}");
        }
    }
}
