//! What BuildKit sees, read from the tree. Nothing here edits.

mod reading;
mod stages;
mod steps;
mod words;

pub use reading::{HeredocText, Reading};
pub use stages::{Model, Shell, Stage};
pub use steps::steps_rebuilt;
pub use words::cook;
