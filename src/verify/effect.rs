//! What an edit may do to a build: how much, and what of it. A rule declares it, and the check before writing holds it.

use serde::{Deserialize, Serialize};

use crate::{
    model::build::{Field, Part},
    syntax::SyntaxKind,
};

/// What a change does to the build. Ordered by how much it costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Every build step keeps its cache key and the image config is the same: nothing is rebuilt.
    None,
    /// A step's cache key changes; what the step produces does not.
    Rebuild,
    /// The image or its behaviour at run time changes, on purpose.
    Image,
}

/// What the fixes of a rule change in a build, beside white space between the words of shell texts. A fix that is
/// found to change anything else is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A field of the image's config.
    Config(Field),
    /// A part of what a step does.
    Step(Part),
    /// Which RUN a command stands in: all commands of the stage stay, as often as they are.
    Joined,
    /// A RUN's command gets more words; those that it has stay, in their order.
    MoreWords,
    /// A RUN's command gets the flag of this letter, by itself or first among the letters of another flag.
    Letter(char),
    /// An ADD is a COPY: all else of it stays, but for `--unpack=false`.
    Unpacking,
    /// The signs by which a RUN's shell text marks command substitutions, and backslashes.
    Substitutions,
    /// A RUN's command loses words; those that stay are in their order.
    FewerWords,
    /// A RUN is gone that did nothing but call these programs.
    Gone(&'static [&'static str]),
    /// There is a step more, of this kind.
    New(SyntaxKind),
    /// Words and operators of a RUN's command become others: those on the left become those on the right, or go where
    /// that is empty.
    Words(&'static [(&'static str, &'static str)]),
    /// A RUN's command loses words that still stand in it, and `&&`; those that are left stay in their order.
    RepeatedWords,
    /// The words behind the first one of a command in a RUN change places.
    OrderOfWords,
    /// Whether a RUN is a chain of `&&` or a heredoc with `set -e`; its commands stay.
    Sequence,
    /// Which shell runs commands, and the image's config says it; the commands stay.
    Shell,
    /// A RUN starts the same program with the same arguments in the other form, shell or exec.
    Form,
}

impl Effect {
    /// All of them, what costs least first.
    pub const ALL: [Effect; 3] = [Effect::None, Effect::Rebuild, Effect::Image];

    /// The word for it, as settings and reports write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Effect::None => "none",
            Effect::Rebuild => "rebuild",
            Effect::Image => "image",
        }
    }
}

impl std::fmt::Display for Effect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
