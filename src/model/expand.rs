//! BuildKit's word lexer (`shell/lex.go`): quotes and escapes taken out, variables put in. `syntax::heredoc` has it in
//! another mode, for lines of which no variable is known and whose words keep their quotes.

use std::{cell::RefCell, iter::Peekable, str::Chars};

use super::value::{Symbol, Value, ValueBuilder};
use crate::syntax::{Expansion, Operator, expansion, unknown};

/// What variables stand for.
pub trait Variables {
    /// The value of a variable, or `None` where it is known to be unset.
    fn get(&self, name: &str) -> Option<Value>;
}

/// Expands a word. The error says what BuildKit would refuse.
pub fn expand(word: &str, escape: char, variables: &dyn Variables) -> Result<Value, String> {
    // The escape character is one of two, both of a single byte.
    let is_special = |it: u8| matches!(it, b'\'' | b'"' | b'$') || char::from(it) == escape;
    let is_plain = |text: &str| !text.bytes().any(is_special);
    // Most words are plain, or plain within the quotes around them.
    let quoted = word.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    match quoted.unwrap_or(word) {
        text if is_plain(text) => Ok(Value::plain(text)),
        _ => Lexer::new(word, escape, true, variables).word(),
    }
}

/// Expands the text of a COPY heredoc, in which quotes are nothing special and the escape is always a backslash.
pub fn expand_heredoc(text: &str, variables: &dyn Variables) -> Result<Value, String> {
    if !text.contains(['$', '\\']) {
        return Ok(Value::plain(text));
    }
    Lexer::new(text, '\\', false, variables).word()
}

/// Whether BuildKit can read a word, whatever the variables in it are.
pub fn is_word(word: &str, escape: char) -> bool {
    expand_unknown(word, escape).is_ok()
}

/// Expands a word of whose variables nothing is known: each is a symbol.
pub(super) fn expand_unknown(word: &str, escape: char) -> Result<Value, String> {
    struct Unknown;
    impl Variables for Unknown {
        fn get(&self, name: &str) -> Option<Value> {
            Some(Value::symbol(Symbol::BaseVariable(name.to_owned())))
        }
    }
    expand(word, escape, &Unknown)
}

/// The names of the variables that a word refers to.
pub fn variables(word: &str, escape: char) -> Vec<String> {
    struct Names(RefCell<Vec<String>>);
    impl Variables for Names {
        fn get(&self, name: &str) -> Option<Value> {
            self.0.borrow_mut().push(name.to_owned());
            Some(Value::symbol(Symbol::BaseVariable(name.to_owned())))
        }
    }
    let names = Names(RefCell::default());
    // What can't be read is refused by BuildKit, and refers to nothing.
    let _ = expand(word, escape, &names);
    names.0.into_inner()
}

/// The text of a word in which no variable stands, without its quotes.
pub fn literal(word: &str, escape: char) -> Option<String> {
    expand_unknown(word, escape).ok()?.known().map(str::to_owned)
}

struct Lexer<'a> {
    chars: Peekable<Chars<'a>>,
    escape: char,
    quotes: bool,
    variables: &'a dyn Variables,
    depth: usize,
    /// The bytes that variables have put in so far.
    size: usize,
}

/// Operands may nest so deep, and symbols in what comes of them.
const MAX_DEPTH: usize = 64;

/// So many bytes may variables put into a word.
const MAX_SIZE: usize = 1 << 18;

impl<'a> Lexer<'a> {
    fn new(text: &'a str, escape: char, quotes: bool, variables: &'a dyn Variables) -> Self {
        Lexer { chars: text.chars().peekable(), escape, quotes, variables, depth: 0, size: 0 }
    }

    fn word(mut self) -> Result<Value, String> {
        let value = self.run(None, false)?;
        if value.depth() > MAX_DEPTH {
            return Err("variables nest too deep".to_owned());
        }
        Ok(value)
    }

    /// The value of a variable, or `None` where it is unset.
    fn get(&mut self, name: &str) -> Result<Option<Value>, String> {
        let value = self.variables.get(name);
        self.size += value.as_ref().map_or(0, Value::size);
        if self.size > MAX_SIZE {
            return Err("variables make the text too long".to_owned());
        }
        Ok(value)
    }

    /// Reads up to `stop`, which is taken, or to the end.
    fn run(&mut self, stop: Option<char>, raw_escapes: bool) -> Result<Value, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("variables nest too deep".to_owned());
        }
        let mut out = ValueBuilder::default();
        while let Some(c) = self.chars.next() {
            match c {
                c if Some(c) == stop => {
                    self.depth -= 1;
                    return Ok(out.finish());
                }
                '\'' if self.quotes => self.single_quoted(&mut out)?,
                '"' if self.quotes => self.double_quoted(&mut out)?,
                '$' => out.push(&self.dollar()?),
                c if c == self.escape => {
                    if raw_escapes {
                        out.push_char(c);
                    }
                    // An escape at the end is dropped.
                    if let Some(next) = self.chars.next() {
                        out.push_char(next);
                    }
                }
                c => out.push_char(c),
            }
        }
        self.depth -= 1;
        match stop {
            None => Ok(out.finish()),
            Some(stop) => Err(format!("`{stop}` is missing")),
        }
    }

    fn single_quoted(&mut self, out: &mut ValueBuilder) -> Result<(), String> {
        loop {
            match self.chars.next() {
                Some('\'') => return Ok(()),
                Some(c) => out.push_char(c),
                None => return Err("the quote `'` is not closed".to_owned()),
            }
        }
    }

    fn double_quoted(&mut self, out: &mut ValueBuilder) -> Result<(), String> {
        loop {
            match self.chars.next() {
                Some('"') => return Ok(()),
                Some('$') => out.push(&self.dollar()?),
                Some(c) if c == self.escape => match self.chars.peek().copied() {
                    // Only these can be escaped; before all else the escape stays.
                    Some(next) if next == '"' || next == '$' || next == self.escape => {
                        self.chars.next();
                        out.push_char(next);
                    }
                    Some(_) => out.push_char(c),
                    None => {}
                },
                Some(c) => out.push_char(c),
                None => return Err("the quote `\"` is not closed".to_owned()),
            }
        }
    }

    /// A variable, or a dollar sign that begins none. The dollar sign itself is taken already.
    fn dollar(&mut self) -> Result<Value, String> {
        match expansion(&mut self.chars)? {
            Expansion::Plain(name) if name.is_empty() => Ok("$".into()),
            Expansion::Plain(name) | Expansion::Braced(name, Operator::End) => Ok(self.get(&name)?.unwrap_or_default()),
            Expansion::Braced(name, Operator::Word { colon, operator: operator @ ('-' | '+' | '?') }) => {
                let word = self.run(Some('}'), false)?;
                self.choose(&name, operator, colon, word)
            }
            Expansion::Braced(name, Operator::Word { colon: false, operator: operator @ ('#' | '%') }) => {
                let operator = if operator == '#' { "#" } else { "%" };
                let pattern = self.run(Some('}'), true)?;
                Ok(operation(operator, self.get(&name)?.unwrap_or_default(), vec![pattern]))
            }
            Expansion::Braced(name, Operator::Replace { all }) => {
                let operator = if all { "//" } else { "/" };
                let pattern = self.run(Some('/'), true)?;
                let replacement = self.run(Some('}'), true)?;
                Ok(operation(operator, self.get(&name)?.unwrap_or_default(), vec![pattern, replacement]))
            }
            Expansion::Braced(name, Operator::Word { .. }) => Err(unknown(&name)),
        }
    }

    /// `${name-word}`, `${name+word}`, `${name?word}`, each also with a colon.
    fn choose(&mut self, name: &str, operator: char, unless_empty: bool, word: Value) -> Result<Value, String> {
        let value = self.get(name)?;
        let set = match &value {
            None => false,
            Some(value) => match value.known() {
                Some(text) => !(unless_empty && text.is_empty()),
                None => {
                    let operator = match (operator, unless_empty) {
                        ('-', false) => "-",
                        ('-', true) => ":-",
                        ('+', false) => "+",
                        ('+', true) => ":+",
                        (_, false) => "?",
                        (_, true) => ":?",
                    };
                    return Ok(operation(operator, value.clone(), vec![word]));
                }
            },
        };
        let value = value.unwrap_or_default();
        match (operator, set) {
            ('-', true) | ('?', true) => Ok(value),
            ('-', false) | ('+', true) => Ok(word),
            ('+', false) => Ok(Value::default()),
            _ => Err(format!("`{name}` must be set: {word}")),
        }
    }
}

/// What a pattern makes of a value is not computed: the same operation on the same operands is the same text.
fn operation(operator: &'static str, value: Value, operands: Vec<Value>) -> Value {
    if value == Value::default() && matches!(operator, "#" | "%") {
        return value;
    }
    Value::symbol(Symbol::Operation(operator, value, operands))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Known;

    impl Variables for Known {
        fn get(&self, name: &str) -> Option<Value> {
            match name {
                "x" => Some("one two".into()),
                "e" => Some("".into()),
                "base" => Some(Value::symbol(Symbol::BaseVariable("base".to_owned()))),
                _ => None,
            }
        }
    }

    fn shown(word: &str) -> String {
        expand(word, '\\', &Known).unwrap().to_string()
    }

    #[test]
    fn takes_out_quotes_and_escapes() {
        assert_eq!(shown(r#"a\ "b  c"\ 'd\e$x'"#), r"a b  c d\e$x");
        assert_eq!(shown(r#""a\b\"c\$x""#), r#"a\b"c$x"#);
        assert_eq!(shown(r"a\"), "a");
        assert_eq!(expand("a`$x\\c", '`', &Known).unwrap().to_string(), "a$x\\c");
    }

    #[test]
    fn puts_variables_in() {
        assert_eq!(shown("$x-${x}-$xy-$-$1-a$"), "one two-one two---a$");
        assert_eq!(shown("${x:-a}${y:-b}${e:-c}${e-d}${x:+f}${y+g}${y:-\"h i\"}"), "one twobcfh i");
        assert_eq!(shown("${base:-a}/$base"), "<<base of the base>:-a>/<base of the base>");
        assert_eq!(shown("${x%two}"), "<one two%two>");
        assert_eq!(shown("${y%two}"), "");
    }

    #[test]
    fn names_what_a_word_refers_to() {
        assert_eq!(variables("$a/${b:-$c}'$d'\"${e}\"\\$f", '\\'), ["a", "c", "b", "e"]);
        assert_eq!(variables("plain", '\\'), [""; 0]);
        assert_eq!((literal("'a b'c", '\\').as_deref(), literal("$a", '\\')), (Some("a bc"), None));
    }

    #[test]
    fn refuses_what_buildkit_refuses() {
        for word in ["it's", "\"", "${", "${}", "${x", "${x^^}", "${!x}", "${#x}", "${x:=y}", "${x:0:1}", "${y:?no}"] {
            assert!(expand(word, '\\', &Known).is_err(), "{word}");
        }
        for (word, reads) in [("it's", false), ("${y:?no}\\ 'a'", true), ("${y^^}", false)] {
            assert_eq!(is_word(word, '\\'), reads, "{word}");
        }
    }

    #[test]
    fn heredocs_keep_their_quotes_and_lose_their_backslashes() {
        assert_eq!(expand_heredoc("it's \"$x\" a\\n \\$x $$", &Known).unwrap().to_string(), "it's \"one two\" an $x ");
    }
}
