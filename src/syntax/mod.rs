//! The lossless tree of a Dockerfile and the shell inside it.
//!
//! Physical lines are joined as BuildKit joins them; the grammar functions see the joined text of an instruction,
//! exactly what BuildKit or the shell would see, and emit events; weaving puts continuations, comments and empty
//! lines back where they stood. One green tree a file; offsets are file offsets.

pub mod ast;
mod check;
mod cursor;
mod dialect;
mod directive;
mod dump;
mod error;
mod events;
mod expansion;
mod grammar;
mod green;
mod heredoc;
mod interner;
pub mod json;
mod kind;
mod lines;
mod parser;
mod placed;
mod pragma;
mod reparser;
mod shell;
mod words;

use rowan::GreenNode;
use text_size::TextRange;

pub use check::is_of_buildkit;
pub use dialect::{is_posix_shell, is_sh, is_shell};
pub use dump::dump;
pub use error::{ErrorKind, SyntaxError};
pub(crate) use expansion::{Expansion, Operator, expansion, unknown};
pub use green::{Child, Green, visit_tokens};
pub use heredoc::{Heredoc, heredoc as heredoc_word};
pub use kind::{Dockerfile, Kinds, SyntaxElement, SyntaxKind, SyntaxNode, SyntaxToken};
pub use parser::parse;
pub use placed::{Part, Placed, Token};
pub use pragma::Pragma;
pub use reparser::Reparser;
pub(crate) use words::BlanksThatCount;
pub use words::cook_flag;

/// A parsed file.
#[derive(Debug, Clone)]
pub struct Parse {
    green: GreenNode,
    errors: Vec<SyntaxError>,
    escape: char,
}

impl Parse {
    pub(crate) fn new(green: GreenNode, mut errors: Vec<SyntaxError>, escape: char) -> Self {
        errors.sort_by_key(|it| it.range.start());
        Parse { green, errors, escape }
    }

    /// The tree.
    pub fn file(&self) -> ast::File {
        ast::File::new(SyntaxNode::new_root(self.green.clone()))
    }

    /// The tree without places and parents.
    pub fn green(&self) -> Green<'_> {
        Green::root(&self.green)
    }

    /// The tree with places and without parents.
    pub fn placed(&self) -> Placed<'_> {
        Placed::root(self.green())
    }

    /// What BuildKit or a shell would refuse, in the order of the text.
    pub fn errors(&self) -> &[SyntaxError] {
        &self.errors
    }

    /// The errors that begin inside a range.
    pub fn errors_in(&self, range: TextRange) -> &[SyntaxError] {
        if self.errors.is_empty() {
            return &[];
        }
        let from = self.errors.partition_point(|it| it.range.start() < range.start());
        let to = self.errors.partition_point(|it| it.range.start() < range.end());
        // Errors are in order, so that the second place is not before the first.
        &self.errors[from..to.max(from)]
    }

    /// Whether BuildKit's parser refuses the whole file.
    pub fn is_refused(&self) -> bool {
        self.errors.iter().any(|it| it.kind.is_fatal())
    }

    /// The escape character in force.
    pub fn escape(&self) -> char {
        self.escape
    }
}
