//! What several rules are helped by: rewrites of an instruction or a command, and what has to be found for them.

mod after_copy;
mod comments;
mod exec_form;
mod flags;
mod grouping;
mod joining;
mod leading_cd;
mod leftovers;
mod removal;
mod still_there;
mod words;

pub use after_copy::{AfterCopy, Target, after_copies};
pub use comments::comment_above;
pub use exec_form::{exec_form, is_builtin};
pub use flags::{behind, flag_behind, with_flag};
pub use grouping::{group, groups};
pub(super) use joining::Style;
pub use joining::{
    Joinable, append, chain_text, join, join_all, join_below_comments, plain_run, put_behind, same_flags,
};
pub use leading_cd::{LeadingCd, is_plain_path, leading_cd};
pub use leftovers::{Leftover, MORE_WORDS, after_last_build, leftovers};
pub use removal::{command_removal, removal, removal_with_comments};
pub use words::{Item, items, repeated};
