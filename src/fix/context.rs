//! What a rule may look at.

/// A document as a rule sees it.
pub struct Context<'a> {
    /// The text that was parsed.
    pub text: &'a str,
}
