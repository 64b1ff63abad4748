//! Words as BuildKit's lexer cooks them (`shell/lex.go`), as far as that can be known without the environment.

/// The value that a word of ENV or LABEL stands for: quotes and escapes taken out, variables as they are written. A
/// dollar sign that begins no variable is marked with a NUL before it. `None` where quotes are not balanced.
pub fn cook(word: &str, escape: char) -> Option<String> {
    let mut out = String::with_capacity(word.len());
    let mut chars = word.chars().peekable();
    let literal = |out: &mut String, c: char| {
        if c == '$' {
            out.push('\0');
        }
        out.push(c);
    };
    let mut double = false;
    while let Some(c) = chars.next() {
        match c {
            '"' => double = !double,
            '\'' if !double => loop {
                match chars.next()? {
                    '\'' => break,
                    c => literal(&mut out, c),
                }
            },
            c if c == escape => match chars.peek().copied() {
                Some(next) if !double || next == '"' || next == '$' || next == escape => {
                    chars.next();
                    literal(&mut out, next);
                }
                // An escape at the end is dropped; in quotes, one before another character stays.
                Some(_) => out.push(c),
                None if double => return None,
                None => {}
            },
            '$' if chars.peek() == Some(&'{') => {
                out.push('$');
                braces(&mut chars, &mut out)?;
            }
            c => out.push(c),
        }
    }
    (!double).then_some(out)
}

/// `{…}` with what it nests, as it is written.
fn braces(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) -> Option<()> {
    let mut depth = 0;
    loop {
        let c = chars.next()?;
        out.push(c);
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cooks_as_buildkit_does() {
        assert_eq!(cook(r#"a\ "b  c"\ d"#, '\\').unwrap(), "a b  c d");
        assert_eq!(cook(r#"'$x'"$y"\$z"#, '\\').unwrap(), "\0$x$y\0$z");
        assert_eq!(cook(r#""a\b\"c""#, '\\').unwrap(), r#"a\b"c"#);
        assert_eq!(cook("${x:-a b}c", '\\').unwrap(), "${x:-a b}c");
        assert_eq!(cook("it's", '\\'), None);
        assert_eq!(cook("a`$b\\c", '`').unwrap(), "a\0$b\\c");
    }
}
