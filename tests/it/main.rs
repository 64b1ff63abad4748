//! The one integration binary.
#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

mod corpus;
mod depth;
mod laws;
mod oracle;
mod rewrites;
mod verify;
