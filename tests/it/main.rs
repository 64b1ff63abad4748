//! The one integration binary.
#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

mod cases;
mod corpus;
mod fixes;
mod format;
mod laws;
mod oracle;
