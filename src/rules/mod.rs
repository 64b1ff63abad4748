//! The rules, one a file. To add one: write its file, and name it here twice.

mod as_casing;
mod empty_continuation;
mod inconsistent_casing;
mod legacy_key_value;
mod maintainer;
mod shadowed_command;

use crate::fix::Rule;

/// Every rule, in the order in which they run.
pub static ALL: &[&Rule] = &[
    &empty_continuation::RULE,
    &inconsistent_casing::RULE,
    &as_casing::RULE,
    &legacy_key_value::RULE,
    &maintainer::RULE,
    &shadowed_command::RULE,
];
