//! What BuildKit, or a shell, would refuse.

use text_size::TextRange;

/// An error in a document, with the place where it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The bytes that are wrong.
    pub range: TextRange,
    /// What is wrong with them; `Display` is the message.
    pub kind: ErrorKind,
}

/// The kinds of errors.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ErrorKind {
    /// A line is longer than BuildKit reads.
    #[error("line longer than 65,535 bytes, which is the most that BuildKit reads")]
    LineTooLong,
}

impl ErrorKind {
    /// Whether BuildKit's parser refuses the whole file for it, rather than a single instruction.
    pub fn is_fatal(&self) -> bool {
        matches!(self, ErrorKind::LineTooLong)
    }

    /// Whether it is only a shell text that this program's shell grammar cannot read; BuildKit does not mind.
    pub fn is_shell(&self) -> bool {
        false
    }
}
