//! Text without a language: edits, places, bytes, line ends, differences.

mod bytes;
mod closest;
mod diff;
mod difference;
mod edit;
mod eol;
mod lines;

pub use bytes::{decode, encode, foreign_encoding, has_raw, is_raw};
pub use closest::closest;
pub use diff::{Change, changes, line_edits, stat, unified};
pub use difference::difference;
pub use edit::{Edit, EditSet};
pub use eol::LineEnding;
pub use lines::{LineCol, LineIndex, offset};
