//! Text without a language: edits, places, bytes, line ends, differences.

mod edit;

pub use edit::{Edit, EditSet};
