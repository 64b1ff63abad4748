//! What BuildKit sees, read from the tree. Nothing here edits.

mod reading;
mod steps;

pub use reading::{HeredocText, Reading};
pub use steps::steps_rebuilt;
