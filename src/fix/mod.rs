//! What a rule is, how rules are run, and what several of them are helped by (`rewrite`).

pub(crate) mod context;
mod driver;
mod finding;
mod ignoring;
mod layout;
mod misread;
mod options;
mod passed_over;
mod rewrite;
mod rule;
mod suppress;
mod swallowed;
#[cfg(test)]
pub(crate) mod testing;
mod version;

pub use context::Context;
pub use driver::{Fault, Job, Outcome, PassedOver, is_sound, run, run_parsed, would_format};
pub use finding::{Finding, Findings, Fix};
pub use ignoring::add_ignores;
pub use layout::{layout, layout_parsed};
pub use misread::why_misread;
pub use options::{RuleOption, RuleSettings, Value, Values};
pub(crate) use rewrite::{
    AfterCopy, Item, Joinable, LeadingCd, Leftover, MORE_WORDS, Target, after_copies, after_last_build, append, behind,
    chain_text, command_removal, comment_above, exec_form, flag_behind, group, groups, is_builtin, is_plain_path,
    items, join, join_all, join_below_comments, leading_cd, leftovers, plain_run, put_behind, removal,
    removal_with_comments, repeated, same_flags, with_flag,
};
pub(crate) use rule::rule;
pub use rule::{Group, Rule, Safety};
pub use suppress::Suppression;
#[cfg(test)]
pub(crate) use suppress::looks_like_a_name;
pub use swallowed::begins_instruction;
pub use version::{Version, Versions};

pub use crate::verify::{Change, Effect};
