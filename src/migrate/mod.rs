//! A monorepo, changed in parts that people can review.
//!
//! A plan is made first, and everything else follows it: what would change in each file and what that does to builds,
//! in groups, each of which is a patch or a commit. Files are known by their digests, so that nothing is done to one
//! that changed since. What is done is written down before it is done: see `journal`.

mod apply;
mod blame;
mod cache;
mod digest;
mod group;
mod index;
mod journal;
mod merge;
mod message;
mod owners;
mod past;
mod patch;
mod plan;
mod planner;
pub mod report;
mod status;
mod steps;
mod store;
mod stream;
mod totals;
mod undo;
mod write;

pub use apply::{Done, Options, apply, is_unfinished, resume};
pub use cache::Cache;
pub use group::{By, Shard};
pub use index::Plan;
pub use merge::merge;
pub use message::shown;
pub use owners::Owners;
pub use patch::{Patch, patches};
pub use plan::{
    Asked, Class, Edit, Group, Head, Left, OwnerTotals, Problem, Row, RuleTotals, State, Step, Totals, VERSION,
    Verdict, Why,
};
pub use planner::Planner;
pub use status::{GroupState, GroupStatus, Interrupted, Status, status};
pub use store::{FOLDER, Store};
pub use stream::{Reader, Writer};
pub use undo::undo;

/// Something that whoever waits may want to know.
#[derive(Debug)]
pub enum Event<'a> {
    /// A group is begun.
    Group {
        /// Its name.
        name: &'a str,
        /// How many files the plan has for it.
        files: usize,
        /// Which group it is, counted from 1.
        nth: usize,
        /// Of how many.
        of: usize,
    },
    /// A file was written.
    Written {
        /// The file, relative to the root.
        path: &'a str,
    },
    /// A file was passed over.
    PassedOver {
        /// The file, relative to the root.
        path: &'a str,
        /// Why, in a clause.
        why: &'a str,
    },
    /// A group was committed.
    Committed {
        /// The group.
        group: &'a str,
        /// The commit.
        commit: &'a str,
    },
    /// What an interrupted run had left half-written was taken away.
    Swept {
        /// So many files.
        files: usize,
    },
}
