//! What a rule is, and how rules are run.

pub(crate) mod context;
mod driver;
mod finding;
mod passed_over;
mod removal;
mod rule;
mod suppress;

pub use context::Context;
pub use driver::{Fault, Job, Outcome, PassedOver, run};
pub use finding::{Finding, Findings, Fix};
pub use removal::removal;
pub(crate) use rule::rule;
pub use rule::{Effect, Group, Rule, Safety};
