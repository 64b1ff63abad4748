//! The JSON array that BuildKit takes for exec form: strict JSON, of strings only.

use super::{
    SyntaxKind::{COMMA, JSON_ARRAY, JSON_STRING, L_BRACK, R_BRACK, TEXT, WHITESPACE},
    cursor::Cursor,
};

/// What a text that begins with `[` is to BuildKit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JsonForm {
    /// An array of strings: exec form.
    Strings,
    /// A JSON array with something else in it: an error.
    OtherValues,
    /// Not JSON: shell form, or a list of words.
    None,
}

/// How BuildKit reads `text`, which is trimmed.
pub(crate) fn form(text: &str) -> JsonForm {
    if !text.starts_with('[') {
        return JsonForm::None;
    }
    let mut scan = Scan { bytes: text.as_bytes(), pos: 0 };
    let mut strings = true;
    let valid = scan.array(0, &mut |is_string| strings &= is_string);
    scan.space();
    match (valid && scan.pos == text.len(), strings) {
        (false, _) => JsonForm::None,
        (true, true) => JsonForm::Strings,
        (true, false) => JsonForm::OtherValues,
    }
}

/// Takes an array for which [`form`] said `Strings`.
pub(crate) fn array(cursor: &mut Cursor<'_>) {
    cursor.events.start(JSON_ARRAY);
    let len = cursor.rest().trim_end().len();
    let end = cursor.pos() + len;
    while cursor.pos() < end {
        let rest = cursor.rest();
        match rest.as_bytes().first() {
            Some(b'[') => cursor.take(L_BRACK, 1),
            Some(b']') => cursor.take(R_BRACK, 1),
            Some(b',') => cursor.take(COMMA, 1),
            Some(b'"') => cursor.take(JSON_STRING, string_len(rest).unwrap_or(rest.len())),
            Some(b' ' | b'\t' | b'\r' | b'\n') => {
                cursor.take_while(WHITESPACE, |c| matches!(c, ' ' | '\t' | '\r' | '\n'))
            }
            // The caller has read the array as JSON, so nothing else is left.
            _ => cursor.take(TEXT, end - cursor.pos()),
        }
    }
    cursor.events.finish();
    cursor.space();
}

/// The length of the JSON string at the start of `text`, quotes included.
pub(crate) fn string_len(text: &str) -> Option<usize> {
    let mut scan = Scan { bytes: text.as_bytes(), pos: 0 };
    scan.string().then_some(scan.pos)
}

/// The text that a JSON string stands for; lone surrogates become U+FFFD, as in Go.
pub fn decode(literal: &str) -> String {
    let inner = literal.strip_prefix('"').and_then(|it| it.strip_suffix('"')).unwrap_or(literal);
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('u') => out.push(unicode_escape(&mut chars)),
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

fn unicode_escape(chars: &mut std::str::Chars<'_>) -> char {
    let unit = hex4(chars);
    if let Some(c) = unit.and_then(char::from_u32) {
        return c;
    }
    // A high surrogate takes the low one behind it, if there is one.
    let mut ahead = chars.clone();
    if let Some(high @ 0xd800..=0xdbff) = unit
        && (ahead.next(), ahead.next()) == (Some('\\'), Some('u'))
        && let Some(low @ 0xdc00..=0xdfff) = hex4(&mut ahead)
    {
        *chars = ahead;
        let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
        return char::from_u32(code).unwrap_or('\u{fffd}');
    }
    '\u{fffd}'
}

fn hex4(chars: &mut std::str::Chars<'_>) -> Option<u32> {
    let digits: String = chars.by_ref().take(4).collect();
    u32::from_str_radix(&digits, 16).ok()
}

/// Writes `text` as a JSON string.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Arrays may nest so deep; Go's own limit is 10,000.
const MAX_DEPTH: usize = 200;

/// A strict JSON scanner over bytes that are valid UTF-8.
struct Scan<'a> {
    bytes: &'a [u8],
    pos: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.pos).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.pos += usize::from(found);
        found
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.pos += 1;
        }
    }

    fn array(&mut self, depth: usize, seen: &mut dyn FnMut(bool)) -> bool {
        if depth > MAX_DEPTH || !self.eat(b'[') {
            return false;
        }
        self.space();
        if self.eat(b']') {
            return true;
        }
        loop {
            self.space();
            seen(self.peek() == Some(b'"'));
            if !self.value(depth) {
                return false;
            }
            self.space();
            if self.eat(b']') {
                return true;
            }
            if !self.eat(b',') {
                return false;
            }
        }
    }

    fn object(&mut self, depth: usize) -> bool {
        if depth > MAX_DEPTH || !self.eat(b'{') {
            return false;
        }
        self.space();
        if self.eat(b'}') {
            return true;
        }
        loop {
            self.space();
            if !self.string() {
                return false;
            }
            self.space();
            if !self.eat(b':') {
                return false;
            }
            self.space();
            if !self.value(depth) {
                return false;
            }
            self.space();
            if self.eat(b'}') {
                return true;
            }
            if !self.eat(b',') {
                return false;
            }
        }
    }

    fn value(&mut self, depth: usize) -> bool {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'[') => self.array(depth + 1, &mut |_| {}),
            Some(b'{') => self.object(depth + 1),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => ["true", "false", "null"].iter().any(|it| self.word(it)),
        }
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.bytes.get(self.pos..).is_some_and(|it| it.starts_with(word.as_bytes()));
        if found {
            self.pos += word.len();
        }
        found
    }

    fn digits(&mut self) -> bool {
        let start = self.pos;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.pos += 1;
        }
        self.pos > start
    }

    fn number(&mut self) -> bool {
        self.eat(b'-');
        if !self.eat(b'0') && !self.digits() {
            return false;
        }
        if self.eat(b'.') && !self.digits() {
            return false;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _ = self.eat(b'+') || self.eat(b'-');
            return self.digits();
        }
        true
    }

    fn string(&mut self) -> bool {
        if !self.eat(b'"') {
            return false;
        }
        while let Some(byte) = self.peek() {
            self.pos += 1;
            match byte {
                b'"' => return true,
                b'\\' => match self.peek() {
                    Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.pos += 1,
                    Some(b'u') => {
                        let digits = self.bytes.get(self.pos + 1..self.pos + 5);
                        if !digits.is_some_and(|it| it.iter().all(u8::is_ascii_hexdigit)) {
                            return false;
                        }
                        self.pos += 5;
                    }
                    _ => return false,
                },
                0..=0x1f => return false,
                _ => {}
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_exec_form() {
        for text in ["[]", "[ ]", r#"["a"]"#, r#"[ "a" ,	"\u00e9\n" ]"#] {
            assert_eq!(form(text), JsonForm::Strings, "{text}");
        }
        for text in ["[1]", r#"["a", null]"#, r#"[["a"]]"#, r#"["a", {"b": [1e-3]}]"#] {
            assert_eq!(form(text), JsonForm::OtherValues, "{text}");
        }
        let shell = [r#"["a",]"#, "['a']", "[a]", r#"["\d"]"#, r#"["a"] x"#, r#"["a" "b"]"#, "[", r#"["a"#, "[01]"];
        for text in shell {
            assert_eq!(form(text), JsonForm::None, "{text}");
        }
    }

    #[test]
    fn decodes_what_it_encodes() {
        for text in ["", "a b", "\"\\\n\t\u{1}é", "\u{1f600}"] {
            assert_eq!(decode(&encode(text)), text);
        }
        assert_eq!(decode(r#""\ud83d\ude00\ud83dx\/""#), "\u{1f600}\u{fffd}x/");
    }
}
