//! The one integration binary.
#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

mod article;
mod cases;
mod corpus;
mod depth;
mod docs;
mod fixes;
mod format;
mod laws;
mod oracle;
mod rewrites;
mod verify;
mod verify_command;
