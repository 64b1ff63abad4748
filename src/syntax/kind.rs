//! The kinds of tokens and nodes, and the one place that wraps rowan's types.

macro_rules! kinds {
    ($($(#[$attr:meta])* $kind:ident,)*) => {
        /// What a token or a node of the tree is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        #[allow(non_camel_case_types, reason = "the field's convention for syntax kinds")]
        pub enum SyntaxKind {
            $($(#[$attr])* $kind,)*
        }
        const KINDS: &[SyntaxKind] = &[$(SyntaxKind::$kind,)*];
    };
}

/// A set of kinds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kinds(u128);

// Each kind has a bit of its own.
const _: () = assert!(KINDS.len() <= u128::BITS as usize);

impl Kinds {
    /// Adds a kind.
    pub fn insert(&mut self, kind: SyntaxKind) {
        self.0 |= 1 << kind as u16;
    }

    /// Whether a kind is among them.
    pub fn has(self, kind: SyntaxKind) -> bool {
        self.0 & (1 << kind as u16) != 0
    }

    /// Whether any of some kinds is among them.
    pub fn has_any(self, kinds: &[SyntaxKind]) -> bool {
        kinds.iter().any(|it| self.has(*it))
    }
}

kinds! {
    // Tokens that BuildKit drops before it reads an instruction.
    /// A UTF-8 byte order mark at the start of the file.
    BOM,
    /// The escape character at the end of a line, the blanks behind it, and the line break.
    CONTINUATION,
    /// A whole line that is a comment, with its indentation and its line break.
    COMMENT_LINE,
    /// A whole line of white space, with its line break.
    EMPTY_LINE,
    /// The line break that ends an instruction, a directive or a heredoc.
    NEWLINE,
    // Tokens of the Dockerfile grammar.
    /// White space between words.
    WHITESPACE,
    /// The keyword of an instruction, also `CMD` and `NONE` of HEALTHCHECK and `AS` of FROM.
    KEYWORD,
    /// The text of a flag, `--` included.
    FLAG_TEXT,
    /// Text that the grammar takes as it is.
    TEXT,
    /// The name in a key-value pair.
    KEY,
    /// `=`.
    EQ,
    /// The value in a key-value pair, quotes included.
    VALUE,
    /// `[` of a JSON array.
    L_BRACK,
    /// `]` of a JSON array.
    R_BRACK,
    /// `,` of a JSON array.
    COMMA,
    /// A JSON string, quotes included.
    JSON_STRING,
    /// The lines of a heredoc before its end.
    HEREDOC_BODY,
    /// The line that ends a heredoc, without its line break.
    HEREDOC_END,
    // Tokens of the shell grammar.
    /// A run of unquoted characters.
    LITERAL,
    /// A backslash and the character that it quotes.
    ESCAPED,
    /// `'…'`.
    SINGLE_QUOTED,
    /// `$'…'`.
    ANSI_QUOTED,
    /// `"`.
    DQUOTE,
    /// `$x`, `${x}` and their like.
    PARAMETER,
    /// `$(( … ))`.
    ARITHMETIC,
    /// `` `…` ``.
    BACKTICKS,
    /// `@(…)` and its like.
    EXTGLOB,
    /// `$(`.
    DOLLAR_PAREN,
    /// `(`, also `<(` and `>(` where a process substitution begins.
    L_PAREN,
    /// `)`.
    R_PAREN,
    /// A word of the shell's grammar: `if`, `{`, `!`, `[[`, …
    RESERVED,
    /// `&&`.
    AND_IF,
    /// `||`.
    OR_IF,
    /// `|` or `|&`.
    PIPE,
    /// `;`.
    SEMI,
    /// `&`.
    AMP,
    /// `;;`, `;&` or `;;&`.
    CASE_END,
    /// `<`, `>>`, `2>&`, `<<-`, …, with the number before it.
    REDIRECT_OP,
    /// The name before `=` or `+=` in an assignment, with those.
    ASSIGN_NAME,
    /// The name of a function, or of the variable of a `for`.
    NAME,
    /// `(( … ))` as a command.
    ARITH_COMMAND,
    /// From `#` to the end of the line.
    SHELL_COMMENT,
    // Nodes of the Dockerfile grammar.
    /// The whole file.
    FILE,
    /// `# syntax=…`, `# escape=…` or `# check=…` where BuildKit reads it as such.
    DIRECTIVE,
    /// FROM.
    FROM,
    /// ARG.
    ARG,
    /// ENV.
    ENV,
    /// LABEL.
    LABEL,
    /// RUN.
    RUN,
    /// CMD.
    CMD,
    /// ENTRYPOINT.
    ENTRYPOINT,
    /// HEALTHCHECK.
    HEALTHCHECK,
    /// SHELL.
    SHELL,
    /// COPY.
    COPY,
    /// ADD.
    ADD,
    /// WORKDIR.
    WORKDIR,
    /// USER.
    USER,
    /// EXPOSE.
    EXPOSE,
    /// VOLUME.
    VOLUME,
    /// STOPSIGNAL.
    STOPSIGNAL,
    /// MAINTAINER.
    MAINTAINER,
    /// ONBUILD.
    ONBUILD,
    /// A line that begins with no keyword that BuildKit knows.
    UNKNOWN,
    /// `--name=value`.
    FLAG,
    /// `["a", "b"]`.
    JSON_ARRAY,
    /// A pair of ENV, LABEL or ARG.
    KEY_VALUE,
    /// A word of a list.
    WORD,
    /// A heredoc's body and end.
    HEREDOC,
    /// What the grammar could not read.
    ERROR,
    // Nodes of the shell grammar.
    /// Shell text that was parsed.
    SCRIPT,
    /// Text for a shell that is not POSIX.
    FOREIGN_SCRIPT,
    /// Commands separated by `;` and `&`.
    LIST,
    /// Pipelines joined by `&&` and `||`.
    AND_OR,
    /// Commands joined by `|`.
    PIPELINE,
    /// A command: assignments, words, redirections.
    SIMPLE_COMMAND,
    /// `( … )`.
    SUBSHELL,
    /// `{ …; }`.
    BRACE_GROUP,
    /// `if … fi`.
    IF_CLAUSE,
    /// `for … done` and `select … done`.
    FOR_CLAUSE,
    /// `while … done` and `until … done`.
    WHILE_CLAUSE,
    /// `case … esac`.
    CASE_CLAUSE,
    /// `a | b) … ;;`.
    CASE_ITEM,
    /// `f() …` and `function f …`.
    FUNCTION_DEF,
    /// `[[ … ]]`.
    COND_COMMAND,
    /// `(( … ))`.
    ARITH_CLAUSE,
    /// `> file`.
    REDIRECT,
    /// `name=value`.
    ASSIGNMENT,
    /// `( … )` in an assignment.
    ARRAY,
    /// `"…"`.
    DOUBLE_QUOTED,
    /// `$( … )`.
    COMMAND_SUBST,
    /// `<( … )` and `>( … )`.
    PROCESS_SUBST,
}

use SyntaxKind::*;

impl SyntaxKind {
    /// Whether BuildKit drops the token when it joins the lines of an instruction.
    pub fn is_dropped(self) -> bool {
        matches!(self, BOM | CONTINUATION | COMMENT_LINE | EMPTY_LINE | NEWLINE)
    }

    /// Whether the token may stand between two significant ones.
    pub fn is_trivia(self) -> bool {
        self == WHITESPACE || self.is_dropped()
    }

    /// Whether it is an instruction's node.
    pub fn is_instruction(self) -> bool {
        (FROM..=UNKNOWN).contains(&self)
    }

    /// The node of the instruction with this keyword, whose case does not matter.
    pub fn from_keyword(keyword: &str) -> SyntaxKind {
        SyntaxKind::instructions().find(|it| it.keyword().eq_ignore_ascii_case(keyword)).unwrap_or(UNKNOWN)
    }

    /// The nodes of all instructions that are known.
    pub fn instructions() -> impl Iterator<Item = SyntaxKind> {
        let all = (FROM as u16)..(UNKNOWN as u16);
        // The range holds discriminants of kinds only.
        all.filter_map(|it| KINDS.get(usize::from(it)).copied())
    }

    /// The keyword of an instruction's node; empty for all other kinds.
    pub fn keyword(self) -> &'static str {
        match self {
            FROM => "FROM",
            ARG => "ARG",
            ENV => "ENV",
            LABEL => "LABEL",
            RUN => "RUN",
            CMD => "CMD",
            ENTRYPOINT => "ENTRYPOINT",
            HEALTHCHECK => "HEALTHCHECK",
            SHELL => "SHELL",
            COPY => "COPY",
            ADD => "ADD",
            WORKDIR => "WORKDIR",
            USER => "USER",
            EXPOSE => "EXPOSE",
            VOLUME => "VOLUME",
            STOPSIGNAL => "STOPSIGNAL",
            MAINTAINER => "MAINTAINER",
            ONBUILD => "ONBUILD",
            _ => "",
        }
    }
}

/// The language marker for rowan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dockerfile {}

impl rowan::Language for Dockerfile {
    type Kind = SyntaxKind;

    fn kind_from_raw(raw: rowan::SyntaxKind) -> SyntaxKind {
        KINDS.get(usize::from(raw.0)).copied().unwrap_or(ERROR)
    }

    fn kind_to_raw(kind: SyntaxKind) -> rowan::SyntaxKind {
        rowan::SyntaxKind(kind as u16)
    }
}

/// A node of the tree.
pub type SyntaxNode = rowan::SyntaxNode<Dockerfile>;
/// A token of the tree.
pub type SyntaxToken = rowan::SyntaxToken<Dockerfile>;
/// A node or a token.
pub type SyntaxElement = rowan::SyntaxElement<Dockerfile>;
