//! Simple commands of shell text, each read once for all who ask.

use std::{cell::OnceCell, ops::Deref, rc::Rc};

use super::{Invocation, ShellWord, argv, simple_commands};
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
    words: Words,
    invocation: OnceCell<Option<Rc<Invocation>>>,
}

impl Simple {
    /// Reads a command.
    pub fn of(command: Command) -> Simple {
        let words = argv(&command).into();
        Simple(Rc::new(Read { command, words, invocation: OnceCell::new() }))
    }

    /// The simple commands of a node, those inside compound commands and substitutions included, in order.
    pub fn all(node: &SyntaxNode) -> Vec<Simple> {
        simple_commands(node).map(Simple::of).collect()
    }

    /// Its words.
    pub fn argv(&self) -> &Words {
        &self.0.words
    }

    /// The first word, where it is known.
    pub fn program(&self) -> Option<&str> {
        self.0.words.first()?.1.literal()
    }

    /// The words that are known, in order.
    pub fn literals(&self) -> impl Iterator<Item = &str> {
        self.0.words.iter().filter_map(|it| it.1.literal())
    }

    /// The call of a package manager that it is, if it is one.
    pub fn invocation(&self) -> Option<&Rc<Invocation>> {
        self.0.invocation.get_or_init(|| Invocation::read(&self.0.words).map(Rc::new)).as_ref()
    }
}

impl Deref for Simple {
    type Target = Command;

    fn deref(&self) -> &Command {
        &self.0.command
    }
}
