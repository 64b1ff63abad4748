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

/// The length of `( … )` or `@( … )` at the start of `text`, whose bracket `open` bytes in is the first of those that
/// the last one balances. Quotes and nested substitutions are stepped over.
pub(super) fn balanced_len(text: &str, open: usize) -> Option<usize> {
    Nest::OUTERMOST.balanced_len(text, open)
}

/// The length of `$(( … ))` or `(( … ))` at the start of `text`, whose first bracket stands `open` bytes in; `None`
/// where the two at the beginning do not end together, as in a substitution that begins with a subshell.
pub(super) fn arithmetic_len(text: &str, open: usize) -> Option<usize> {
    // Without a `))` it is not worth looking for the one that closes.
    if !text.get(open..)?.starts_with("((") || !text.contains("))") {
        return None;
    }
    let len = balanced_len(text, open)?;
    (balanced_len(text, open + 1) == Some(len - 1)).then_some(len)
}

/// The length of `${…}` at the start of `text`, which stands in double quotes or not. `None` where it is not closed,
/// and where shells do not agree about where it is: in double quotes two apostrophes quote for bash, and for dash only
/// in patterns.
pub(super) fn parameter_len(text: &str, quoted: bool) -> Option<usize> {
    Nest::OUTERMOST.parameter_len(text, quoted)
}

/// Whether a `${…}` holds a pattern to take off, to replace or to change the case of.
fn has_pattern(text: &str) -> bool {
    let rest = text.trim_start_matches(['$', '{', '!']);
    let name = match name_len(rest) {
        0 => rest.chars().next().map_or(0, char::len_utf8),
        len => len,
    };
    let rest = &rest[name..];
    let rest = rest.strip_prefix('[').and_then(|it| it.split_once(']')).map_or(rest, |it| it.1);
    rest.starts_with(['#', '%', '/', '^', ','])
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

    fn balanced_len(self, text: &str, open: usize) -> Option<usize> {
        let mut depth = 0usize;
        let mut at = open;
        while let Some(c) = text.get(at..)?.chars().next() {
            let rest = &text[at..];
            at += match c {
                '\'' => quoted_len(rest, 1, '\'', false)?,
                '"' => self.deeper()?.double_quoted_len(rest)?,
                _ => match self.substitution_len(rest, false)? {
                    0 => c.len_utf8(),
                    len => len,
                },
            };
            if c == '(' {
                depth += 1;
            } else if c == ')' {
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
            at += match self.substitution_len(&text[at..], true)? {
                0 => c.len_utf8(),
                len => len,
            };
        }
        None
    }

    fn parameter_len(self, text: &str, quoted: bool) -> Option<usize> {
        let quoted = quoted && !has_pattern(text);
        let mut at = 2;
        // `${#x}` and `${!x}` begin with what would elsewhere be an operator.
        if text.get(at..)?.starts_with(['#', '!']) {
            at += 1;
        }
        while let Some(c) = text.get(at..)?.chars().next() {
            let rest = &text[at..];
            at += match c {
                '}' => return Some(at + 1),
                '\'' if quoted => match quoted_len(rest, 1, '\'', false) {
                    Some(len) if rest[..len].contains(['}', '"', '\\', '$', '`']) => return None,
                    Some(len) => len,
                    None => 1,
                },
                '\'' => quoted_len(rest, 1, '\'', false)?,
                '"' => self.deeper()?.double_quoted_len(rest)?,
                _ => match self.substitution_len(rest, quoted)? {
                    0 => c.len_utf8(),
                    len => len,
                },
            };
        }
        None
    }

    /// The length of what begins inside double quotes as well as outside: an escape, backticks, `$( … )`, `${ … }`; 0
    /// where none of them begins, `None` where one is not closed.
    fn substitution_len(self, text: &str, quoted: bool) -> Option<usize> {
        match text.chars().next() {
            Some('\\') => Some(1 + text[1..].chars().next().map_or(0, char::len_utf8)),
            Some('`') => quoted_len(text, 1, '`', true),
            Some('$') if text.starts_with("$(") => self.deeper()?.balanced_len(text, 1),
            Some('$') if text.starts_with("${") => self.deeper()?.parameter_len(text, quoted),
            _ => Some(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_over_what_is_nested() {
        assert_eq!(balanced_len("(a '(' \"$(b ')')\" `)` \\) ${x:-)}) c", 0), Some(33));
        assert_eq!(parameter_len("${x:-\"}\"$(echo })${y}'}'} z", false), Some(25));
        assert_eq!(parameter_len("${x:-$(a}", false), None);
        assert_eq!(assign_len("a[1 + 2]=b"), 0);
        assert_eq!(assign_len("a[$i]+=b"), 7);
    }

    #[test]
    fn apostrophes_quote_where_all_shells_say_so() {
        for (text, plain, quoted) in [
            ("${x:-'a b'}", Some(11), Some(11)),
            ("${x:-it's}", None, Some(10)),
            ("${x:-it's}\" '", None, None),
            ("${x:-it's} ${y:-it's}", Some(21), None),
            ("${x:-'}'}", Some(9), None),
            ("${x:-${y:-it's}}", None, Some(16)),
            ("${x:-$(a '}')}", Some(14), Some(14)),
            ("${x#'}'}", Some(8), Some(8)),
            ("${x[1]//'}'/b}", Some(14), Some(14)),
            ("${#x}", Some(5), Some(5)),
            ("${##'}", None, None),
        ] {
            assert_eq!(parameter_len(text, false), plain, "{text}");
            assert_eq!(parameter_len(text, true), quoted, "\"{text}\"");
        }
    }

    #[test]
    fn arithmetic_ends_as_it_begins() {
        assert_eq!(arithmetic_len("$((1 + (2) * 3)) a", 1), Some(16));
        assert_eq!(arithmetic_len("((a)) b", 0), Some(5));
        assert_eq!(arithmetic_len("$((a); (b))", 1), None);
        assert_eq!(arithmetic_len("$((a) )", 1), None);
        assert_eq!(arithmetic_len("$(a)", 1), None);
    }

    #[test]
    fn depth_has_a_limit() {
        for (open, close) in [("${x:-", "}"), ("$(", ")")] {
            let nested = |depth: usize| format!("${{x:-{}{}}}", open.repeat(depth), close.repeat(depth));
            let text = nested(MAX_DEPTH);
            assert_eq!(parameter_len(&text, false), Some(text.len()), "{open}");
            assert_eq!(parameter_len(&nested(MAX_DEPTH + 1), false), None, "{open}");
            assert_eq!(parameter_len(&nested(100_000), false), None, "{open}");
        }
    }
}
