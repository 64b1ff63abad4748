//! Words of shell text as the arguments that a POSIX shell makes of them, as far as that needs no environment and no
//! file system.

use crate::syntax::{
    Child, Green,
    SyntaxKind::*,
    ast::{self, Command, Word},
};

/// What a shell makes of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShellWord {
    /// This one argument, whatever the environment.
    Literal(String),
    /// The files that match this pattern; all else in it stands for itself.
    Pattern(String),
    /// What cannot be known here: expansions, substitutions, braces, a tilde.
    Unknown,
}

impl ShellWord {
    /// What a shell makes of `word`.
    pub fn of(word: &Word) -> ShellWord {
        Green::read(word.syntax(), ShellWord::read)
    }

    /// What it makes of the first word of a command; `None` where there is none.
    pub fn first(command: &Command) -> Option<ShellWord> {
        Green::read(command.syntax(), |it| {
            it.children().find_map(|it| match it {
                Child::Node(node) if node.kind() == WORD => Some(ShellWord::read(node)),
                _ => None,
            })
        })
    }

    /// As [`ShellWord::of`], from the word's node.
    fn read(word: Green<'_>) -> ShellWord {
        let mut text = String::new();
        if push_plain(word, &mut text) { cook(text) } else { ShellWord::Unknown }
    }

    /// The argument, where it is known.
    pub fn literal(&self) -> Option<&str> {
        match self {
            ShellWord::Literal(text) => Some(text),
            ShellWord::Pattern(_) | ShellWord::Unknown => None,
        }
    }

    /// The argument or the pattern, where either is known.
    pub fn path(&self) -> Option<&str> {
        match self {
            ShellWord::Literal(text) | ShellWord::Pattern(text) => Some(text),
            ShellWord::Unknown => None,
        }
    }
}

/// Whether the command in which a word stands reads something else than what the shell reads: it stands behind a pipe
/// or a `<`, alone or in a compound command.
pub fn is_fed(word: &Word) -> bool {
    word.syntax().ancestors().take_while(|it| it.kind() != SCRIPT).any(|node| {
        let piped = node.parent().is_some_and(|it| it.kind() == PIPELINE && it.first_child().as_ref() != Some(&node));
        // Lists have no redirections, and may have many children.
        let is_row = matches!(node.kind(), LIST | AND_OR);
        let redirects = node.children().take_while(|_| !is_row).filter_map(ast::Redirect::cast);
        piped || redirects.into_iter().any(|it| it.operator().contains('<'))
    })
}

/// Appends the joined text of a word without expansions; says whether it has none.
fn push_plain(node: Green<'_>, text: &mut String) -> bool {
    node.children().all(|it| match it {
        Child::Node(node) => matches!(node.kind(), DOUBLE_QUOTED | WORD) && push_plain(node, text),
        Child::Token(DQUOTE | LITERAL | ESCAPED | SINGLE_QUOTED, token) => {
            text.push_str(token);
            true
        }
        Child::Token(kind, _) => kind.is_dropped(),
    })
}

/// Takes quotes and escapes out of a word that has no expansions.
fn cook(text: String) -> ShellWord {
    let special = |it: u8| matches!(it, b'\'' | b'"' | b'\\' | b'$' | b'*' | b'?' | b'[' | b'{' | b'}' | b'~');
    if !text.bytes().any(special) {
        return ShellWord::Literal(text);
    }
    let text = text.as_str();
    let mut out = String::with_capacity(text.len());
    // Whether a character that matches files stands in it, unquoted or quoted.
    let (mut pattern, mut quoted_pattern) = (false, false);
    let mut quote = None;
    let last_bracket = text.rfind(']').unwrap_or_default();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None, '\\') => match chars.next() {
                Some((_, next)) => {
                    quoted_pattern |= matches!(next, '*' | '?' | '[');
                    out.push(next);
                }
                None => return ShellWord::Unknown,
            },
            (Some('"'), '\\') => {
                let escapes = matches!(chars.peek(), Some((_, '$' | '`' | '"' | '\\')));
                out.push(if escapes { chars.next().map_or(c, |it| it.1) } else { c });
            }
            // bash takes a dollar sign before a quote for a part of it, dash for itself.
            (None, '$') if matches!(chars.peek(), Some((_, '"' | '\''))) => return ShellWord::Unknown,
            // bash expands braces, and a tilde where a word or a path of a list begins.
            (None, '{' | '}' | '~') => return ShellWord::Unknown,
            // A bracket that nothing closes is a character.
            (None, '*' | '?' | '[') => {
                pattern |= c != '[' || at < last_bracket;
                out.push(c);
            }
            (_, c) => {
                quoted_pattern |= quote.is_some() && matches!(c, '*' | '?' | '[');
                out.push(c);
            }
        }
    }
    match (pattern, quoted_pattern) {
        (false, _) => ShellWord::Literal(out),
        (true, false) => ShellWord::Pattern(out),
        (true, true) => ShellWord::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_escapes_go() {
        let literal = |text: &str| cook(text.to_owned()).literal().map(str::to_owned);
        assert_eq!(literal(r#"a"b c"'d "e'\ f"#).as_deref(), Some("ab cd \"e f"));
        assert_eq!(literal(r#""a\"b\c\\""#).as_deref(), Some(r#"a"b\c\"#));
        assert_eq!(literal("''").as_deref(), Some(""));
        assert_eq!(literal(r"'a\b'").as_deref(), Some(r"a\b"));
        assert_eq!(literal("'*'").as_deref(), Some("*"));
    }

    #[test]
    fn what_needs_the_system_is_told_apart() {
        assert_eq!(cook("/var/lib/apt/lists/*".to_owned()), ShellWord::Pattern("/var/lib/apt/lists/*".to_owned()));
        assert_eq!(cook(r"a\*b*".to_owned()), ShellWord::Unknown);
        for text in ["~/x", "{a,b}", "a\\", "a$\"b\"", "$'b'"] {
            assert_eq!(cook(text.to_owned()), ShellWord::Unknown, "{text}");
        }
    }
}
