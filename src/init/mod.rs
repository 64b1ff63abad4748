//! The settings that fit a repository: what its files do, and which layout would change the fewest of their lines.
//!
//! Each file has one [`Habit`] a topic and so one vote. Where most votes agree, theirs is the choice; where they don't,
//! and before any option is written down at all, files are laid out in each way that there is, and the lines that
//! change are counted.

mod choice;
mod habits;
mod trial;
mod written;

pub use choice::{Change, Choices, Survey};
pub use habits::{Habit, Topic, habits};
pub use trial::{SAMPLE, Subject, Trial};
pub use written::{Ignored, Written};
