//! Text without a language: edits, places, bytes, line ends, differences.

pub mod bytes;
mod edit;

pub use edit::{Edit, EditSet};
