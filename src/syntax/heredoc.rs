//! Which words of a line BuildKit takes for heredocs. It finds them with its own word lexer, not by the shell's rules
//! (BuildKit's `parser.go`: `heredocsFromLine`, `shell/lex.go`). That is the lexer of `model::expand` in another mode:
//! it splits words, keeps quotes, and has no variables to put in.

use std::{iter::Peekable, str::Chars};

use super::expansion::{Expansion, Operator, expansion};

/// A heredoc that a line announces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heredoc {
    /// The line that ends it.
    pub name: String,
    /// The number before `<<`, 0 where there is none.
    pub fd: u32,
    /// Whether leading tabs are stripped: `<<-`.
    pub chomp: bool,
    /// Whether BuildKit expands variables in it under COPY and ADD: no part of its name is quoted.
    pub expand: bool,
}

/// The heredocs of a joined line, keyword and flags included.
pub(crate) fn heredocs(line: &str) -> Vec<Heredoc> {
    if !line.contains("<<") {
        return Vec::new();
    }
    let raw = Lexer::new(line, true).words();
    raw.unwrap_or_default().iter().filter_map(|it| heredoc(it)).collect()
}

/// Reads one word as a heredoc mark.
pub fn heredoc(word: &str) -> Option<Heredoc> {
    let at = word.find("<<")?;
    let (fd, rest) = (word.get(..at)?, word.get(at + 2..)?);
    if !fd.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let (chomp, rest) = rest.strip_prefix('-').map_or((false, rest), |it| (true, it));
    let rest = rest.trim_start_matches(['\t', '\n', '\u{c}', '\r', ' ']);
    if rest.is_empty() || rest.contains('<') {
        return None;
    }
    let names = Lexer::new(rest, false).words()?;
    let [name] = names.as_slice() else {
        return None;
    };
    Some(Heredoc { name: name.clone(), fd: fd.parse().unwrap_or(0), chomp, expand: !rest.contains(['\'', '"']) })
}

/// Braces may nest so deep. BuildKit itself knows no limit; where this one is passed, the line counts as one that its
/// lexer cannot read.
const MAX_DEPTH: usize = 100;

/// BuildKit's word lexer with an empty environment in which unset variables stay as they are.
struct Lexer<'a> {
    chars: Peekable<Chars<'a>>,
    /// Whether quotes and escapes stay in the words.
    raw: bool,
    word: String,
    in_word: bool,
    words: Vec<String>,
    /// How many braces are open.
    depth: usize,
}

impl<'a> Lexer<'a> {
    fn new(text: &'a str, raw: bool) -> Self {
        Lexer { chars: text.chars().peekable(), raw, word: String::new(), in_word: false, words: Vec::new(), depth: 0 }
    }

    /// The words, or `None` where BuildKit's lexer fails; the line then has no heredocs at all.
    fn words(mut self) -> Option<Vec<String>> {
        self.run(None, self.raw)?;
        if self.in_word || !self.word.is_empty() {
            self.words.push(std::mem::take(&mut self.word));
        }
        Some(self.words)
    }

    /// Lexes up to `stop`, which is taken, or to the end. Gives back the text that was read.
    fn run(&mut self, stop: Option<char>, raw_escapes: bool) -> Option<String> {
        let mut out = String::new();
        while let Some(&c) = self.chars.peek() {
            if Some(c) == stop {
                self.chars.next();
                return Some(out);
            }
            match c {
                '\'' => {
                    let text = self.single_quoted()?;
                    self.add_raw(&text);
                    out.push_str(&text);
                }
                '"' => {
                    let text = self.double_quoted()?;
                    self.add_raw(&text);
                    out.push_str(&text);
                }
                '$' => {
                    let text = self.dollar()?;
                    text.chars().for_each(|c| self.add(c));
                    out.push_str(&text);
                }
                '\\' => {
                    self.chars.next();
                    if raw_escapes {
                        self.add_raw("\\");
                        out.push('\\');
                    }
                    let Some(next) = self.chars.next() else { break };
                    self.add_raw(next.encode_utf8(&mut [0; 4]));
                    out.push(next);
                }
                _ => {
                    self.chars.next();
                    self.add(c);
                    out.push(c);
                }
            }
        }
        stop.is_none().then_some(out)
    }

    fn add(&mut self, c: char) {
        if c.is_whitespace() {
            if self.opens_heredoc() && matches!(c, '\t' | '\r' | ' ') {
                // Since frontend 1.16 blanks may stand between `<<` and the name.
                self.word.push(c);
            } else if self.in_word {
                self.words.push(std::mem::take(&mut self.word));
                self.in_word = false;
            }
        } else {
            self.word.push(c);
            self.in_word = true;
        }
    }

    fn opens_heredoc(&self) -> bool {
        let word = self.word.trim_end_matches(['\t', '\r', ' ']);
        word.strip_suffix("<<").is_some_and(|fd| fd.bytes().all(|it| it.is_ascii_digit()))
    }

    fn add_raw(&mut self, text: &str) {
        self.word.push_str(text);
        self.in_word = true;
    }

    fn single_quoted(&mut self) -> Option<String> {
        let mut out = String::new();
        self.quote(&mut out);
        loop {
            match self.chars.peek()? {
                '\'' => {
                    self.quote(&mut out);
                    return Some(out);
                }
                _ => out.extend(self.chars.next()),
            }
        }
    }

    fn double_quoted(&mut self) -> Option<String> {
        let mut out = String::new();
        self.quote(&mut out);
        loop {
            match *self.chars.peek()? {
                '"' => {
                    self.quote(&mut out);
                    return Some(out);
                }
                '$' => out.push_str(&self.dollar()?),
                '\\' => {
                    self.chars.next();
                    let escapes = matches!(self.chars.peek(), Some('"' | '$' | '\\'));
                    if self.raw || !escapes {
                        out.push('\\');
                    }
                    if escapes {
                        out.extend(self.chars.next());
                    }
                }
                c => {
                    self.chars.next();
                    out.push(c);
                }
            }
        }
    }

    /// Takes a quote, which stays where quotes stay.
    fn quote(&mut self, out: &mut String) {
        if let Some(quote) = self.chars.next()
            && self.raw
        {
            out.push(quote);
        }
    }

    fn dollar(&mut self) -> Option<String> {
        self.chars.next();
        Some(match expansion(&mut self.chars).ok()? {
            Expansion::Plain(name) => format!("${name}"),
            Expansion::Braced(name, Operator::End) => format!("${{{name}}}"),
            Expansion::Braced(name, Operator::Word { colon, operator }) => {
                let (colon, word) = (if colon { ":" } else { "" }, self.nested('}')?);
                format!("${{{name}{colon}{operator}{word}}}")
            }
            Expansion::Braced(name, Operator::Replace { all }) => {
                self.nested('/')?;
                self.nested('}')?;
                format!("${{{name}{}}}", if all { "//" } else { "/" })
            }
        })
    }

    /// A word inside braces. BuildKit's lexer keeps one buffer for all, so what was read of the outer word is lost.
    fn nested(&mut self, stop: char) -> Option<String> {
        if self.depth >= MAX_DEPTH {
            return None;
        }
        self.word.clear();
        self.depth += 1;
        let out = self.run(Some(stop), true);
        self.depth -= 1;
        self.word.clear();
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(line: &str) -> Vec<String> {
        heredocs(line).into_iter().map(|it| it.name).collect()
    }

    #[test]
    fn finds_what_buildkit_finds() {
        assert_eq!(names("RUN <<EOF"), ["EOF"]);
        assert_eq!(names("RUN << EOF"), ["EOF"]);
        assert_eq!(names("RUN cat <<A 3<<-\"B\" <<'C'"), ["A", "B", "C"]);
        assert_eq!(names("RUN cat <<EOF|grep x"), ["EOF|grep"]);
        assert_eq!(names("RUN echo $(( 1 << 2 ))"), ["2"]);
        assert_eq!(names("RUN cat <<${x}"), ["${x}"]);
        assert_eq!(names("RUN echo a # <<EOF"), ["EOF"]);
    }

    #[test]
    fn finds_nothing_where_buildkit_finds_nothing() {
        for line in [
            "RUN <<- EOF",
            "RUN cat<<EOF",
            "RUN a3<<EOF",
            "RUN cat <<<EOF",
            "RUN cat \"<<EOF\"",
            "RUN cat \\<<EOF",
            "RUN it's <<EOF",
            "RUN ${x^^} <<EOF",
            "RUN ${#x} <<EOF",
            "RUN $((1<<2))",
            "RUN cat <<${x:-E}",
        ] {
            assert_eq!(names(line), Vec::<String>::new(), "{line}");
        }
        assert_eq!(names("RUN ${x:=y} ${x:0:2} ${x%y} <<E"), ["E"]);
    }

    #[test]
    fn knows_expansion() {
        let docs = heredocs("COPY <<A <<'B' <<\\C <<-D /x");
        let expand: Vec<_> = docs.iter().map(|it| (it.name.as_str(), it.expand, it.chomp)).collect();
        assert_eq!(expand, [("A", true, false), ("B", false, false), ("C", true, false), ("D", true, true)]);
    }
}
