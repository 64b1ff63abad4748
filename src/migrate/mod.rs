//! A monorepo, changed in parts that people can review.
//!
//! A plan is made first, and everything else follows it: what would change in each file and what that does to builds,
//! in groups, each of which is a patch or a commit. Files are known by their digests, so that nothing is done to one
//! that changed since. What is done is written down before it is done: see `journal`.

mod digest;
mod group;
mod owners;
mod plan;
mod planner;
mod steps;
mod store;
mod stream;
mod totals;

pub use group::{By, Shard};
pub use owners::Owners;
pub use plan::{
    Asked, Class, Edit, Group, Head, Left, OwnerTotals, Problem, Row, RuleTotals, State, Step, Totals, VERSION,
    Verdict, Why,
};
pub use planner::Planner;
pub use store::{FOLDER, Store, Whole};
pub use stream::{Reader, Writer};
