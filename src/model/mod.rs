//! What BuildKit sees, read from the tree. Nothing here edits.

mod reading;

pub use reading::{HeredocText, Reading};
