//! A document with what is worked out of it once for all who ask.

use std::cell::OnceCell;

use super::build::Build;
use crate::syntax::Parse;

/// A parsed document, and what BuildKit makes of it, once somebody asked.
#[derive(Debug)]
pub struct Document {
    parse: Parse,
    build: OnceCell<Build>,
}

impl Document {
    /// A document of which nothing is worked out yet.
    pub fn new(parse: Parse) -> Document {
        Document { parse, build: OnceCell::new() }
    }

    /// The tree and its errors.
    pub fn parse(&self) -> &Parse {
        &self.parse
    }

    /// What BuildKit makes of it.
    pub fn build(&self) -> &Build {
        self.build.get_or_init(|| Build::new(&self.parse))
    }
}
