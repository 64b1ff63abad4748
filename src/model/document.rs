//! A document with what is worked out of it once for all who ask.

use std::{
    cell::{OnceCell, RefCell},
    rc::Rc,
};

use super::{Model, build::Build};
use crate::syntax::{Parse, ast::Instruction};

/// A parsed document, and what BuildKit sees in it and makes of it, once somebody asked.
#[derive(Debug)]
pub struct Document {
    parse: Parse,
    instructions: OnceCell<Vec<Instruction>>,
    model: RefCell<Option<Rc<Model>>>,
    build: OnceCell<Build>,
}

impl Document {
    /// A document of which nothing is worked out yet.
    pub fn new(parse: Parse) -> Document {
        Document { parse, instructions: OnceCell::new(), model: RefCell::default(), build: OnceCell::new() }
    }

    /// The tree and its errors.
    pub fn parse(&self) -> &Parse {
        &self.parse
    }

    /// Its instructions, made once.
    pub fn instructions(&self) -> &[Instruction] {
        self.instructions.get_or_init(|| self.parse.file().instructions().collect())
    }

    /// What BuildKit sees in it.
    pub fn model(&self) -> Rc<Model> {
        Rc::clone(self.model.borrow_mut().get_or_insert_with(|| Rc::new(Model::of(self.instructions()))))
    }

    /// Lets go of what BuildKit sees in it, which takes more room than all else.
    pub fn forget_model(&self) {
        self.model.take();
    }

    /// What BuildKit makes of it.
    pub fn build(&self) -> &Build {
        self.build.get_or_init(|| Build::of(&self.parse, self.instructions(), None))
    }

    /// What BuildKit makes of it, which is worked out with the help of what it makes of another version.
    pub fn build_after(&self, before: &Document) -> &Build {
        self.build.get_or_init(|| Build::of(&self.parse, self.instructions(), Some(before.build())))
    }
}
