//! What a rule is, and how rules are run.

mod comments;
pub(crate) mod context;
mod driver;
mod finding;
mod flags;
mod grouping;
mod joining;
mod leftovers;
mod options;
mod passed_over;
mod removal;
mod rule;
mod suppress;
#[cfg(test)]
pub(crate) mod testing;

pub use comments::comment_above;
pub use context::Context;
pub use driver::{Fault, Job, Outcome, PassedOver, run};
pub use finding::{Finding, Findings, Fix};
pub use flags::with_flag;
pub use grouping::{group, groups};
pub use joining::{append, join, plain_run, same_flags};
pub use leftovers::{Leftover, MORE_WORDS, leftovers};
pub use options::{RuleOption, RuleSettings, Value, Values};
pub use removal::{command_removal, removal};
pub(crate) use rule::rule;
pub use rule::{Change, Effect, Group, Rule, Safety};
