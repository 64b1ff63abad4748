//! The few choices that layout leaves open.

/// What the layout may be told. `Default` is the canonical style.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// What one level of indentation is.
    pub indent: Indent,
    /// A list that its author kept on one line is broken when the line passes so many columns; 0 means never.
    pub line_width: u32,
    /// On which side of a line break `&&`, `||` and `|` stand.
    pub operators: Operators,
    /// Whether a blank line is put before every FROM but the first, and those right below another FROM.
    pub stage_gap: bool,
    /// Which line ends are written.
    pub end_of_line: EndOfLine,
    /// Whether everything that a build step's cache key or the image's config holds stays byte for byte, so that
    /// nothing is rebuilt: shell text keeps its line breaks, over which white space may only be moved.
    pub keep_cache: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            indent: Indent::Spaces(4),
            line_width: 120,
            operators: Operators::Leading,
            stage_gap: true,
            end_of_line: EndOfLine::Auto,
            keep_cache: false,
        }
    }
}

/// One level of indentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Indent {
    /// So many blanks, 1 to 16.
    Spaces(u8),
    /// One tab.
    Tab,
}

/// The side of a line break on which `&&`, `||` and `|` stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operators {
    /// The operator begins the next line.
    Leading,
    /// The operator ends the line.
    Trailing,
    /// The operator stays on the side where its author put it.
    Preserve,
}

/// Which line ends are written outside heredoc bodies, whose bytes are content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndOfLine {
    /// Each line keeps its own; new lines take the kind that most lines of the file have.
    Auto,
    /// `\n` everywhere.
    Lf,
    /// `\r\n` everywhere.
    CrLf,
}
