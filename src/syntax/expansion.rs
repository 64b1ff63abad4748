//! Where variables begin in BuildKit's words (`shell/lex.go`): names and operators. Two lexers go on from there:
//! `syntax::heredoc` splits a line into words, as BuildKit does before it knows any variable, and `model::expand` makes
//! of one word the value that it has in a stage.

use std::{iter::Peekable, str::Chars};

/// The beginning of an expansion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expansion {
    /// `$name`, or a dollar sign alone, where the name is empty.
    Plain(String),
    /// `${name` with what follows the name.
    Braced(String, Operator),
}

/// What follows a name in braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    /// The brace that closes.
    End,
    /// One character before a word that goes to the closing brace: one of `-+?#%`, or any but `#` and `%` behind a
    /// colon.
    Word { colon: bool, operator: char },
    /// `/` or, for all places, `//` before a pattern and what it is replaced by.
    Replace { all: bool },
}

/// Reads the beginning of an expansion behind its dollar sign. The error says what BuildKit would refuse.
pub(crate) fn expansion(chars: &mut Peekable<Chars<'_>>) -> Result<Expansion, String> {
    if chars.next_if_eq(&'{').is_none() {
        return Ok(Expansion::Plain(name(chars)));
    }
    if matches!(chars.peek(), None | Some('{' | '}' | ':')) {
        return Err("`${` begins no variable".to_owned());
    }
    let name = name(chars);
    let operator = operator(chars).ok_or_else(|| unknown(&name))?;
    Ok(Expansion::Braced(name, operator))
}

/// The error for an operator that BuildKit does not know.
pub(crate) fn unknown(name: &str) -> String {
    format!("`${{{name}…}}` is no substitution that BuildKit knows")
}

fn operator(chars: &mut Peekable<Chars<'_>>) -> Option<Operator> {
    match chars.next()? {
        '}' => Some(Operator::End),
        ':' => {
            let operator = chars.next().filter(|it| !matches!(it, '#' | '%'))?;
            Some(Operator::Word { colon: true, operator })
        }
        operator @ ('-' | '+' | '?' | '#' | '%') => Some(Operator::Word { colon: false, operator }),
        '/' => Some(Operator::Replace { all: chars.next_if_eq(&'/').is_some() }),
        _ => None,
    }
}

fn name(chars: &mut Peekable<Chars<'_>>) -> String {
    let mut name = String::new();
    match chars.peek() {
        Some(c) if c.is_ascii_digit() => {
            while let Some(c) = chars.next_if(char::is_ascii_digit) {
                name.push(c);
            }
        }
        Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => name.extend(chars.next()),
        _ => {
            while let Some(c) = chars.next_if(|it| it.is_alphanumeric() || *it == '_') {
                name.push(c);
            }
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_are_read() {
        let read = |text: &str| {
            let mut chars = text.chars().peekable();
            expansion(&mut chars).map(|it| (it, chars.collect::<String>()))
        };
        let plain = |name: &str, rest: &str| Ok((Expansion::Plain(name.to_owned()), rest.to_owned()));
        let braced = |operator, rest: &str| Ok((Expansion::Braced("x".to_owned(), operator), rest.to_owned()));
        assert_eq!(read("x1-a"), plain("x1", "-a"));
        assert_eq!(read("12a"), plain("12", "a"));
        assert_eq!(read("$a"), plain("$", "a"));
        assert_eq!(read(" a"), plain("", " a"));
        assert_eq!(read("{x}a"), braced(Operator::End, "a"));
        assert_eq!(read("{x:-a}"), braced(Operator::Word { colon: true, operator: '-' }, "a}"));
        assert_eq!(read("{x%a}"), braced(Operator::Word { colon: false, operator: '%' }, "a}"));
        assert_eq!(read("{x//a/b}"), braced(Operator::Replace { all: true }, "a/b}"));
        for text in ["{", "{}", "{:x}", "{x", "{x:", "{x:#a}", "{x^^}"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
