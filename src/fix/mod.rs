//! What a rule is, and how rules are run.

mod after_copy;
mod comments;
pub(crate) mod context;
mod driver;
mod exec_form;
mod finding;
mod flags;
mod grouping;
mod ignoring;
mod joining;
mod layout;
mod leading_cd;
mod leftovers;
mod options;
mod passed_over;
mod removal;
mod rule;
mod suppress;
#[cfg(test)]
pub(crate) mod testing;
mod version;
mod words;

pub use after_copy::{AfterCopy, Target, after_copies};
pub use comments::comment_above;
pub use context::Context;
pub use driver::{Fault, Job, Outcome, PassedOver, is_sound, run, run_parsed, would_format};
pub use exec_form::{ExecForm, exec_form};
pub use finding::{Finding, Findings, Fix};
pub use flags::{behind, flag_behind, with_flag};
pub use grouping::{group, groups};
pub use ignoring::add_ignores;
pub use joining::{Joinable, append, chain_text, join, join_all, plain_run, put_behind, same_flags};
pub use layout::{layout, layout_parsed};
pub use leading_cd::{LeadingCd, leading_cd};
pub use leftovers::{LastBuild, Leftover, MORE_WORDS, after_last_build, leftovers};
pub use options::{RuleOption, RuleSettings, Value, Values};
pub use removal::{command_removal, removal};
pub(crate) use rule::rule;
pub use rule::{Group, Rule, Safety};
pub use suppress::Suppression;
pub use version::{Version, Versions};
pub use words::{Item, Repeated, items, repeated, without};

pub use crate::verify::{Change, Effect};
