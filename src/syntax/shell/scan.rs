//! Looking ahead in shell text without taking anything.

use super::MAX_DEPTH;

/// The words that the shell's grammar knows where a command may begin.
const RESERVED: &[&str] = &[
    "if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done", "case", "esac", "in", "select",
    "function", "{", "}", "!", "[[",
];

/// Whether a byte ends a word. No other byte of a character is one of these.
pub(super) fn ends_word(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')
}

/// Whether a byte ends a run of unquoted characters in a word.
pub(super) fn ends_piece(byte: u8) -> bool {
    ends_word(byte) || matches!(byte, b'\'' | b'"' | b'\\' | b'$' | b'`')
}

/// The length of what stands before the first byte of a text for which `ends` holds, of which none may be in a longer
/// character.
pub(super) fn len_before(text: &str, ends: impl Fn(u8) -> bool) -> usize {
    text.bytes().position(ends).unwrap_or(text.len())
}

/// The length of the blanks at the start of a text.
pub(super) fn blanks_len(text: &str) -> usize {
    len_before(text, |it| it != b' ' && it != b'\t')
}

/// The length of the blanks and line breaks at the start of a text.
pub(super) fn space_len(text: &str) -> usize {
    len_before(text, |it| !matches!(it, b' ' | b'\t' | b'\n'))
}

/// Whether a process substitution begins here.
pub(super) fn is_substitution(text: &str) -> bool {
    matches!(text.as_bytes(), [b'<' | b'>', b'(', ..])
}

/// The reserved word at the start of `text`, if a whole word there is one.
pub(super) fn reserved(text: &str) -> Option<&'static str> {
    let word = text.get(..len_before(text, ends_word))?;
    RESERVED.iter().copied().find(|it| *it == word)
}

/// The length of the name at the start of `text`: letters, digits and underscores, no digit first.
pub(super) fn name_len(text: &str) -> usize {
    match text.as_bytes() {
        [b'0'..=b'9', ..] => 0,
        _ => len_before(text, |it| !it.is_ascii_alphanumeric() && it != b'_'),
    }
}

/// The length of an assignment's name with its `=` or `+=`, subscripts included; 0 where no assignment begins.
pub(super) fn assign_len(text: &str) -> usize {
    let mut len = name_len(text);
    if len == 0 {
        return 0;
    }
    let mut rest = &text[len..];
    if rest.starts_with('[') {
        // What ends the word before the bracket is closed ends the search too.
        let stop = rest.find([']', ' ', '\t', '\'', '"', ';', '&', '|']);
        let Some(close) = stop.filter(|it| rest[*it..].starts_with(']')) else {
            return 0;
        };
        len += close + 1;
        rest = &rest[close + 1..];
    }
    match rest.as_bytes() {
        [b'+', b'=', ..] => len + 2,
        [b'=', ..] => len + 1,
        _ => 0,
    }
}

/// Whether a redirection begins here; `<(` is a word.
pub(super) fn begins_redirect(text: &str) -> bool {
    redirect_len(text) > 0 && !is_substitution(text)
}

/// The length of a redirection's operator with the number before it; 0 where none begins.
pub(super) fn redirect_len(text: &str) -> usize {
    // This is asked before each word, of which hardly any is one.
    if !matches!(text.as_bytes(), [b'0'..=b'9' | b'<' | b'>' | b'&' | b'{', ..]) {
        return 0;
    }
    let mut number = len_before(text, |it| !it.is_ascii_digit());
    if number == 0
        && let Some(name) = text.strip_prefix('{')
    {
        // `{fd}>file` of bash.
        let len = name_len(name);
        if len > 0 && name[len..].starts_with('}') && name[len + 1..].starts_with(['<', '>']) {
            number = len + 2;
        }
    }
    let rest = &text[number..];
    const OPERATORS: &[&str] = &["<<<", "<<-", "<<", "<>", "<&", "<", ">>", ">|", ">&", ">"];
    let operator = OPERATORS.iter().find(|it| rest.starts_with(**it)).map_or(0, |it| it.len());
    if operator > 0 {
        return number + operator;
    }
    match number {
        0 if rest.starts_with("&>>") => 3,
        0 if rest.starts_with("&>") => 2,
        _ => 0,
    }
}

/// The length of a quoted piece that begins with `open` bytes and ends at the next `close`, which a backslash may
/// protect.
pub(super) fn quoted_len(text: &str, open: usize, close: char, escapes: bool) -> Option<usize> {
    let mut chars = text.get(open..)?.char_indices();
    while let Some((at, c)) = chars.next() {
        if c == close {
            return Some(open + at + 1);
        }
        if c == '\\' && escapes {
            chars.next();
        }
    }
    None
}

/// The length of `$(( … ))`, `(( … ))` or `@( … )` at the start of `text`, whose bracket `open` bytes in is the first
/// of those that `close` balances. Quotes and nested substitutions are stepped over.
pub(super) fn balanced_len(text: &str, open: usize, brackets: (char, char)) -> Option<usize> {
    Nest::OUTERMOST.balanced_len(text, open, brackets)
}

/// The length of `${…}` at the start of `text`. Inside, single quotes quote only behind `#`, `%` and `/`, which
/// take patterns; elsewhere an apostrophe is a character if no other one follows.
pub(super) fn parameter_len(text: &str) -> Option<usize> {
    Nest::OUTERMOST.parameter_len(text)
}

/// How many substitutions may still begin inside each other. Where there are more, the outermost one counts as not
/// closed: a stack has an end.
#[derive(Clone, Copy)]
struct Nest(usize);

impl Nest {
    const OUTERMOST: Nest = Nest(MAX_DEPTH);

    fn deeper(self) -> Option<Nest> {
        self.0.checked_sub(1).map(Nest)
    }

    fn balanced_len(self, text: &str, open: usize, brackets: (char, char)) -> Option<usize> {
        let mut depth = 0usize;
        let mut at = open;
        while let Some(c) = text.get(at..)?.chars().next() {
            let rest = &text[at..];
            at += match c {
                '\'' => quoted_len(rest, 1, '\'', false)?,
                '"' => self.deeper()?.double_quoted_len(rest)?,
                _ => match self.substitution_len(rest)? {
                    0 => c.len_utf8(),
                    len => len,
                },
            };
            if c == brackets.0 {
                depth += 1;
            } else if c == brackets.1 {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
        }
        None
    }

    /// The length of `"…"` at the start of `text`.
    fn double_quoted_len(self, text: &str) -> Option<usize> {
        let mut at = 1;
        while let Some(c) = text.get(at..)?.chars().next() {
            if c == '"' {
                return Some(at + 1);
            }
            at += match self.substitution_len(&text[at..])? {
                0 => c.len_utf8(),
                len => len,
            };
        }
        None
    }

    fn parameter_len(self, text: &str) -> Option<usize> {
        let mut at = 2;
        // `${#x}` and `${!x}` begin with what would elsewhere be an operator.
        if text.get(at..)?.starts_with(['#', '!']) {
            at += 1;
        }
        while let Some(c) = text.get(at..)?.chars().next() {
            let rest = &text[at..];
            at += match c {
                '}' => return Some(at + 1),
                '\'' => quoted_len(rest, 1, '\'', false).unwrap_or(1),
                '"' => self.deeper()?.double_quoted_len(rest)?,
                _ => match self.substitution_len(rest)? {
                    0 => c.len_utf8(),
                    len => len,
                },
            };
        }
        None
    }

    /// The length of what means the same inside and outside double quotes: an escape, backticks, `$( … )`, `${ … }`;
    /// 0 where none of them begins, `None` where one is not closed.
    fn substitution_len(self, text: &str) -> Option<usize> {
        match text.chars().next() {
            Some('\\') => Some(1 + text[1..].chars().next().map_or(0, char::len_utf8)),
            Some('`') => quoted_len(text, 1, '`', true),
            Some('$') if text.starts_with("$(") => self.deeper()?.balanced_len(text, 1, ('(', ')')),
            Some('$') if text.starts_with("${") => self.deeper()?.parameter_len(text),
            _ => Some(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_over_what_is_nested() {
        assert_eq!(balanced_len("(a '(' \"$(b ')')\" `)` \\) ${x:-)}) c", 0, ('(', ')')), Some(33));
        assert_eq!(parameter_len("${x:-\"}\"$(echo })${y}'}'} z"), Some(25));
        assert_eq!(parameter_len("${x:-it's}"), Some(10));
        assert_eq!(parameter_len("${x:-$(a}"), None);
        assert_eq!(assign_len("a[1 + 2]=b"), 0);
        assert_eq!(assign_len("a[$i]+=b"), 7);
    }

    #[test]
    fn depth_has_a_limit() {
        for (open, close) in [("${x:-", "}"), ("$(", ")")] {
            let nested = |depth: usize| format!("${{x:-{}{}}}", open.repeat(depth), close.repeat(depth));
            let text = nested(MAX_DEPTH);
            assert_eq!(parameter_len(&text), Some(text.len()), "{open}");
            assert_eq!(parameter_len(&nested(MAX_DEPTH + 1)), None, "{open}");
            assert_eq!(parameter_len(&nested(100_000)), None, "{open}");
        }
    }
}
