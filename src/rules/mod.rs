//! The rules, one a file. To add one: write its file, and name it here twice.

use crate::fix::Rule;

/// Every rule, in the order in which they run.
pub static ALL: &[&Rule] = &[];
