//! The lossless tree of a Dockerfile and the shell inside it.

mod error;

pub use error::{ErrorKind, SyntaxError};
