//! How BuildKit splits the words of ENV, LABEL and ARG (`line_parsers.go`: `parseWords`), and its flags
//! (`split_command.go`: `extractBuilderFlags`).

use super::SyntaxKind::{self, COND_COMMAND};

/// The length of the first word of `text`, which does not begin with white space. A quote protects white space; an
/// unterminated one runs to the end.
pub(crate) fn pair_word_len(text: &str, escape: char) -> usize {
    // Most bytes neither end a word nor say how others are read.
    let is_plain = |it: u8| it.is_ascii_graphic() && !matches!(it, b'\'' | b'"' | b'\\' | b'`');
    let mut quote = None;
    let mut chars = text.chars();
    loop {
        let rest = chars.as_str();
        chars = rest[rest.bytes().position(|it| !is_plain(it)).unwrap_or(rest.len())..].chars();
        let at = text.len() - chars.as_str().len();
        let Some(c) = chars.next() else { return at };
        match quote {
            None if c.is_whitespace() => return at,
            None if c == '\'' || c == '"' => quote = Some(c),
            None if c == escape => _ = chars.next(),
            Some(open) if c == open => quote = None,
            Some('"') if c == escape => _ = chars.next(),
            _ => {}
        }
    }
}

/// The length of the flag at the start of `text`, or `None` where there is none or where `--` ends the flags.
pub(crate) fn flag_len(text: &str, escape: char) -> Option<usize> {
    if !text.starts_with("--") {
        return None;
    }
    let mut quote = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match quote {
            None if c.is_whitespace() => return Some(at),
            None if c == '\'' || c == '"' => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ if c == escape => _ = chars.next(),
            _ => {}
        }
    }
    Some(text.len())
}

/// A flag as BuildKit hands it on: quotes and escapes taken out.
pub fn cook_flag(text: &str, escape: char) -> String {
    let mut out = String::with_capacity(text.len());
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match quote {
            _ if c == escape => out.extend(chars.next()),
            None if c == '\'' || c == '"' => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ => out.push(c),
        }
    }
    out
}

/// Follows the words of a command from the first on, for blanks that count: those in the parentheses of a regular
/// expression of `[[ ]]`, and in a subscript of an array that it assigns to, as in bash's `m[a b]=c`.
#[derive(Debug)]
pub(crate) struct BlanksThatCount {
    is_condition: bool,
    regex: bool,
    /// Whether the command's name has been read, behind which no word assigns.
    named: bool,
    subscript: bool,
}

impl BlanksThatCount {
    /// Before the first word of a command of that kind.
    pub(crate) fn of(command: SyntaxKind) -> BlanksThatCount {
        BlanksThatCount { is_condition: command == COND_COMMAND, regex: false, named: false, subscript: false }
    }

    /// Takes the next word or assignment. Whether the blanks behind it count.
    pub(crate) fn behind(&mut self, word: &str, is_assignment: bool) -> bool {
        self.regex |= self.is_condition && word == "=~";
        if self.subscript {
            self.subscript = !word.contains(']');
        } else if !self.named {
            self.subscript = opens_subscript(word);
            self.named = !self.subscript && !is_assignment;
        }
        self.regex || self.subscript
    }
}

/// Whether a word is a name, a bracket, and text without the closing one.
fn opens_subscript(word: &str) -> bool {
    word.split_once('[').is_some_and(|(name, key)| {
        let is_name = name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
        is_name && !name.is_empty() && !name.starts_with(|it: char| it.is_ascii_digit()) && !key.contains(']')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_pairs() {
        assert_eq!(pair_word_len(r#"a="b c" d"#, '\\'), 7);
        assert_eq!(pair_word_len(r"a=b\ c d", '\\'), 6);
        assert_eq!(pair_word_len("it's b=c's d", '\\'), 10);
        assert_eq!(pair_word_len(r#"a="x\" y" d"#, '\\'), 9);
        assert_eq!(pair_word_len("a='x", '\\'), 4);
    }

    #[test]
    fn splits_flags() {
        let text = r#"--mount="type=x,target=/a b" c"#;
        assert_eq!(flag_len(text, '\\'), Some(28));
        assert_eq!(cook_flag(&text[..28], '\\'), "--mount=type=x,target=/a b");
        assert_eq!(cook_flag(r"--m=/a\ b", '\\'), "--m=/a b");
        assert_eq!(flag_len("-x", '\\'), None);
    }
}
