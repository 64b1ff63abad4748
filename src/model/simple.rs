//! Simple commands of shell text, each read once for all who ask.

use std::{cell::OnceCell, ops::Deref, rc::Rc};

use super::{Invocation, ShellWord, argv, commands::behind_variable, simple_commands};
use crate::syntax::{
    SyntaxNode,
    ast::{Command, Word},
};

/// The words of a simple command, each with what the shell makes of it.
pub type Words = Rc<[(Word, ShellWord)]>;

/// A simple command and what was read of it. Clones share that.
#[derive(Debug, Clone)]
pub struct Simple(Rc<Read>);

#[derive(Debug)]
struct Read {
    command: Command,
    /// What the shell makes of the first word; `None` where there is none.
    first: Option<ShellWord>,
    /// All words, once somebody asked: nobody is interested in those of most commands.
    words: OnceCell<Words>,
    invocation: OnceCell<Option<Rc<Invocation>>>,
}

impl Simple {
    /// Reads a command.
    pub fn of(command: Command) -> Simple {
        let first = ShellWord::first(&command);
        Simple(Rc::new(Read { command, first, words: OnceCell::new(), invocation: OnceCell::new() }))
    }

    /// The simple commands of a node, those inside compound commands and substitutions included, in order.
    pub fn all(node: &SyntaxNode) -> Vec<Simple> {
        simple_commands(node).map(Simple::of).collect()
    }

    /// Its words.
    pub fn argv(&self) -> &Words {
        self.0.words.get_or_init(|| argv(&self.0.command).into())
    }

    /// What the shell makes of the first word; `None` where there is no word.
    pub fn first(&self) -> Option<&ShellWord> {
        self.0.first.as_ref()
    }

    /// The first word, where it is known.
    pub fn program(&self) -> Option<&str> {
        self.0.first.as_ref()?.literal()
    }

    /// The words that are known, in order.
    pub fn literals(&self) -> impl Iterator<Item = &str> {
        self.argv().iter().filter_map(|it| it.1.literal())
    }

    /// The call of a package manager that it is, if it is one.
    pub fn invocation(&self) -> Option<&Rc<Invocation>> {
        let may_be = || match self.first() {
            Some(ShellWord::Unknown) => self.words().next().is_some_and(|it| behind_variable(&it).is_some()),
            Some(first) => first.literal().is_some_and(Invocation::may_begin_with),
            None => false,
        };
        let read = || Invocation::read(self.argv()).map(Rc::new);
        self.0.invocation.get_or_init(|| if may_be() { read() } else { None }).as_ref()
    }
}

impl Deref for Simple {
    type Target = Command;

    fn deref(&self) -> &Command {
        &self.0.command
    }
}
