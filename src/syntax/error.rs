//! What BuildKit, or a shell, would refuse.

use text_size::TextRange;

/// An error in a document, with the place where it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The bytes that are wrong.
    pub range: TextRange,
    /// What is wrong with them; `Display` is the message.
    pub kind: ErrorKind,
}

/// The kinds of errors.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ErrorKind {
    /// A line is longer than BuildKit reads.
    #[error("line longer than 65,535 bytes, which is the most that BuildKit reads")]
    LineTooLong,
    /// There is no instruction in the file.
    #[error("no instruction in the file")]
    NoInstructions,
    /// A directive stands twice.
    #[error("`{0}` is given twice; only one such directive is allowed")]
    DuplicateDirective(String),
    /// `# escape` names another character than the two that are allowed.
    #[error("the escape character must be a backslash or a backtick")]
    BadEscape,
    /// A heredoc's end is missing.
    #[error("heredoc without its end: no line `{0}` follows")]
    UnterminatedHeredoc(String),
    /// A JSON array with something else than strings.
    #[error("a JSON array may hold nothing but strings")]
    NonStringArray,
    /// A word of ENV or LABEL has no `=`, though the first has.
    #[error("`{0}` has no `=`, though the first pair has")]
    MissingEquals(String),
    /// ENV or LABEL with a name and no value.
    #[error("{0} needs a name and a value")]
    MissingValue(&'static str),
    /// No such instruction.
    #[error("unknown instruction `{name}`{}", .hint.map(|it| format!(" (did you mean {it}?)")).unwrap_or_default())]
    UnknownInstruction {
        /// What stands in the keyword's place.
        name: String,
        /// The keyword that looks most like it, if any looks like it.
        hint: Option<&'static str>,
    },
    /// A flag that the instruction does not have.
    #[error("{instruction} has no flag `{flag}`")]
    UnknownFlag {
        /// The instruction's keyword.
        instruction: &'static str,
        /// The flag's name with `--`.
        flag: String,
    },
    /// A flag that stands twice, though it may stand once.
    #[error("flag `{0}` is given twice")]
    DuplicateFlag(String),
    /// A flag that needs a value and has none.
    #[error("flag `{0}` needs a value: `{0}=…`")]
    MissingFlagValue(String),
    /// A flag that is on or off and is given something else.
    #[error("flag `{0}` takes `true` or `false`")]
    NotBoolean(String),
    /// A flag with bytes that BuildKit, which reads flags byte by byte, cuts apart.
    #[error("a flag with characters outside ASCII, which BuildKit reads byte by byte")]
    NonAsciiFlag,
    /// The name before a `=` is empty.
    #[error("{0} needs a name before `=`")]
    MissingName(&'static str),
    /// The number of arguments is wrong.
    #[error("{0}")]
    Arguments(&'static str),
    /// An instruction stands before the first FROM.
    #[error("{0} before the first FROM")]
    NoStage(&'static str),
    /// The shell text cannot be read by this program's shell grammar.
    #[error("shell text that cannot be read: {0}")]
    Shell(&'static str),
}

impl ErrorKind {
    /// Whether BuildKit's parser refuses the whole file for it, rather than a single instruction.
    pub fn is_fatal(&self) -> bool {
        use ErrorKind::*;
        matches!(
            self,
            LineTooLong
                | NoInstructions
                | DuplicateDirective(_)
                | BadEscape
                | UnterminatedHeredoc(_)
                | NonStringArray
                | MissingEquals(_)
                | MissingValue(_)
        )
    }

    /// What to do about it, in a sentence without a full stop, where there is more to say than the message does.
    pub fn help(&self) -> Option<&'static str> {
        use ErrorKind::*;
        Some(match self {
            LineTooLong => "break the line with the escape character, or move the text to a file",
            NoInstructions => "a Dockerfile begins with `FROM image`",
            DuplicateDirective(_) => "remove one of the two lines",
            UnterminatedHeredoc(_) => "the end stands on a line of its own, without blanks around it",
            NonStringArray => "put each element in double quotes",
            MissingEquals(_) => "write `key=value`, and quotes around a value with blanks in it",
            NoStage(_) => "begin the file with `FROM image`; only ARG may stand before it",
            _ => return None,
        })
    }

    /// Whether it is only a shell text that this program's shell grammar cannot read; BuildKit does not mind.
    pub fn is_shell(&self) -> bool {
        matches!(self, ErrorKind::Shell(_))
    }
}
