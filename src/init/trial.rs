//! Layouts, tried on real files.

use rayon::prelude::*;

use crate::{fix, format::Options, text};

/// So many files are laid out to try a layout; of more files, so many are taken at even distances.
pub const SAMPLE: usize = 400;

/// A file that layouts are tried on.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Its text.
    pub text: String,
    /// The layout that holds for it where nothing is written down: the default, and what an `.editorconfig` says.
    pub options: Options,
}

impl Subject {
    /// How many lines go and come, as `git diff --numstat` counts them, when it is laid out as `with` makes its
    /// options.
    fn changed(&self, with: &impl Fn(&mut Options)) -> usize {
        let mut options = self.options;
        with(&mut options);
        let edits = fix::layout(&self.text, &options, None).map(|it| it.0).unwrap_or_default();
        let (removed, added) = text::stat(&self.text, &edits.apply(&self.text));
        removed + added
    }
}

/// The files that layouts are tried on.
#[derive(Debug)]
pub struct Trial<'a> {
    sample: Vec<&'a Subject>,
}

impl<'a> Trial<'a> {
    /// A trial on at most `most` of the files.
    pub fn new(files: &'a [Subject], most: usize) -> Self {
        let step = files.len().div_ceil(most.max(1)).max(1);
        Trial { sample: files.iter().step_by(step).collect() }
    }

    /// How many files are laid out.
    pub fn len(&self) -> usize {
        self.sample.len()
    }

    /// Whether there is no file.
    pub fn is_empty(&self) -> bool {
        self.sample.is_empty()
    }

    /// How many lines go and come in all files, with the options as `with` makes them of those that hold anyway.
    pub fn changed(&self, with: impl Fn(&mut Options) + Sync) -> usize {
        self.sample.par_iter().map(|it| it.changed(&with)).sum()
    }
}
