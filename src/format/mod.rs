//! Layout only, as edits on the gaps between significant tokens.

mod options;

pub use options::{EndOfLine, Indent, Operators, Options};
