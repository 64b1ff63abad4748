//! What an instruction means, apart from its layout.

use crate::{
    model::{HeredocText, Reading},
    syntax::{
        BlanksThatCount, Child, Green, Parse,
        SyntaxKind::{self, *},
        SyntaxNode,
        ast::Instruction,
    },
};

/// What layout may not change in an instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// Which instruction it is.
    pub kind: SyntaxKind,
    /// The flags, in order, as BuildKit hands them on.
    pub flags: Vec<String>,
    /// Whether the arguments are a JSON array.
    pub json: bool,
    /// The arguments. Shell text is a row of its words and operators, in which blanks between them do not count.
    pub arguments: Vec<String>,
    /// The heredocs, byte for byte.
    pub heredocs: Vec<HeredocText>,
    /// The text that ONBUILD stores.
    pub trigger: Option<String>,
}

/// The meanings of all instructions, in order.
pub fn meanings(parse: &Parse) -> Vec<Meaning> {
    parse.file().instructions().map(|it| Meaning::of(&it, parse.escape())).collect()
}

/// The directives that BuildKit reads, byte for byte, in order.
pub fn directives(parse: &Parse) -> Vec<String> {
    parse.file().directives().map(|it| it.text()).collect()
}

/// The comments, without the blanks around them, in order.
pub fn comments(parse: &Parse) -> Vec<&str> {
    comments_of(parse.green())
}

/// The comments of a node, without the blanks around them, in order.
pub(super) fn comments_of(node: Green<'_>) -> Vec<&str> {
    let mut all = Vec::new();
    node.each_token(COMMENT_LINE, &mut |text: &str| all.push(text.trim()));
    all
}

/// What two instructions are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Likeness {
    /// BuildKit reads the same out of both.
    Same,
    /// Shell text, in which nothing but blanks between words differs.
    Spacing,
    /// They mean different things.
    Different,
}

/// Holds two instructions of files with the same escape character against each other. Most are written alike, and then
/// nobody has to ask what they mean.
pub(super) fn likeness(one: &Instruction, other: &Instruction, escape: char) -> Likeness {
    let (green, other_green) = (one.syntax().green(), other.syntax().green());
    if Green::of(one.syntax()).is(Green::of(other.syntax())) || green == other_green {
        return Likeness::Same;
    }
    if one.kind() != other.kind() {
        return Likeness::Different;
    }
    let (reading, other_reading) = (Reading::of(one, escape), Reading::of(other, escape));
    // What ONBUILD stores and what nobody knows is no part of a reading.
    let is_whole = !matches!(one.kind(), UNKNOWN | ONBUILD);
    if is_whole && same_reading(&reading, &other_reading) {
        return Likeness::Same;
    }
    match (one.script(), other.script()) {
        (Some(script), Some(other_script)) if is_whole => {
            let words = ShellWords::of(script.syntax());
            let same = !words.is_empty() && words == ShellWords::of(other_script.syntax());
            let (mut reading, mut other_reading) = (reading, other_reading);
            for it in [&mut reading, &mut other_reading] {
                it.args.pop();
                // Of a health check.
                it.args.iter_mut().for_each(|it| it.make_ascii_uppercase());
            }
            match same && same_reading(&reading, &other_reading) {
                true => Likeness::Spacing,
                false => Likeness::Different,
            }
        }
        _ if Meaning::new(one, reading) == Meaning::new(other, other_reading) => Likeness::Same,
        _ => Likeness::Different,
    }
}

/// Whether two readings are equal but for how the keyword is written.
fn same_reading(one: &Reading, other: &Reading) -> bool {
    one.kind == other.kind
        && one.json == other.json
        && one.args == other.args
        && one.flags == other.flags
        && one.heredocs == other.heredocs
}

impl Meaning {
    /// The meaning of an instruction.
    pub fn of(instruction: &Instruction, escape: char) -> Meaning {
        Meaning::new(instruction, Reading::of(instruction, escape))
    }

    fn new(instruction: &Instruction, reading: Reading) -> Meaning {
        let mut arguments = reading.args;
        match instruction.kind() {
            UNKNOWN => arguments = vec![instruction.text()],
            FROM => {
                if let Some(word) = arguments.get_mut(1) {
                    word.make_ascii_uppercase();
                }
            }
            HEALTHCHECK => {
                if let Some(word) = arguments.first_mut() {
                    word.make_ascii_uppercase();
                }
            }
            _ => {}
        }
        if let Some(script) = instruction.script() {
            let text = arguments.pop();
            let words = ShellWords::of(script.syntax());
            // A script of a comment only has no words.
            match words.is_empty() {
                true => arguments.extend(text),
                false => arguments.extend(words.iter().map(str::to_owned)),
            }
        }
        Meaning {
            kind: instruction.kind(),
            flags: reading.flags,
            json: reading.json,
            arguments,
            heredocs: reading.heredocs,
            trigger: instruction.nested().map(|it| it.text()),
        }
    }
}

/// The words and operators of a shell text, in order, one behind the other.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ShellWords {
    text: String,
    /// Where each ends in the text.
    ends: Vec<usize>,
}

impl ShellWords {
    /// Those of a script.
    pub(super) fn of(script: &SyntaxNode) -> ShellWords {
        // A word takes some bytes with what stands before it.
        let len = usize::from(script.text_range().len());
        let mut words = ShellWords { text: String::with_capacity(len), ends: Vec::with_capacity(len / 4) };
        Green::read(script, |it| words.collect(it));
        words
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Each by itself.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            // Words are made from the start to the end, each behind the one before it.
            let word = &self.text[start..*end];
            start = *end;
            word
        })
    }

    fn end(&mut self) {
        self.ends.push(self.text.len());
    }

    fn collect(&mut self, node: Green<'_>) {
        // What the token before was, where nothing but a line break stands behind it: one of the same kind is the rest
        // of it, as `>` behind the `2` of `2\` at the end of a line.
        let mut torn = None;
        let (mut blanks_count, mut blanks) = (false, BlanksThatCount::of(node.kind()));
        for child in node.children() {
            let before = std::mem::take(&mut torn);
            match child {
                Child::Node(child) if matches!(child.kind(), WORD | ASSIGNMENT) => {
                    let start = self.text.len();
                    self.word(child);
                    let word = self.text.get(start..).unwrap_or_default();
                    blanks_count = blanks.behind(word, child.kind() == ASSIGNMENT);
                    self.end();
                }
                Child::Node(child) => self.collect(child),
                Child::Token(kind, _) if kind.is_dropped() => torn = before.map(|it: (SyntaxKind, bool)| (it.0, true)),
                Child::Token(kind, trivia) if kind.is_trivia() => {
                    if blanks_count {
                        self.text.push_str(trivia);
                        self.end();
                    }
                }
                Child::Token(kind, token) => {
                    if before == Some((kind, true)) && matches!(kind, REDIRECT_OP | NAME) {
                        self.ends.pop();
                    }
                    self.text.push_str(token);
                    self.end();
                    torn = Some((kind, false));
                }
            }
        }
    }

    /// A word's text up to each substitution in it, then the words of that, then what follows: a mark says where a text
    /// goes on, so that `a$(b)` and `a $(b)` are told apart.
    fn word(&mut self, node: Green<'_>) {
        for child in node.children() {
            match child {
                Child::Node(child) if matches!(child.kind(), COMMAND_SUBST | PROCESS_SUBST) => {
                    self.text.push('\0');
                    self.end();
                    self.collect(child);
                    self.text.push('\0');
                }
                Child::Node(child) => self.word(child),
                Child::Token(kind, _) if kind.is_dropped() => {}
                Child::Token(_, token) => self.text.push_str(token),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax;

    fn arguments(run: &str) -> Vec<String> {
        meanings(&syntax::parse(&format!("FROM a\nRUN {run}\n"))).pop().map(|it| it.arguments).unwrap_or_default()
    }

    #[test]
    fn what_a_line_break_tears_is_one() {
        assert_ne!(arguments("a 1 \\\n  >b"), arguments("a 1\\\n>b"));
        assert_eq!(arguments("a 1>b"), arguments("a 1\\\n>b"));
        assert_eq!(arguments("a 1 \\\n >b"), arguments("a 1 >b"));
        assert_ne!(arguments("for i\\\nin; do c; done"), arguments("for i in; do c; done"));
    }

    #[test]
    fn blanks_of_a_regular_expression_count() {
        assert_ne!(arguments("[[ $a =~ ^(b  c)$ ]]"), arguments("[[ $a =~ ^(b c)$ ]]"));
        assert_ne!(arguments("[[ $a =\\\n~ ^(b  c)$ ]]"), arguments("[[ $a =~ ^(b c)$ ]]"));
        assert_ne!(arguments("m[a  b]=c"), arguments("m[a b]=c"));
        assert_ne!(arguments("a=b m[a b]=c n[d  e]=f"), arguments("a=b m[a b]=c n[d e]=f"));
        assert_eq!(arguments("m[a b]=c   d e[f  g]"), arguments("m[a b]=c d e[f g]"));
        assert_eq!(arguments("[[  $a  == b ]]  &&  c"), arguments("[[ $a == b ]] && c"));
    }

    #[test]
    fn blanks_between_words_of_a_substitution_do_not_count() {
        assert_eq!(arguments("x=\"a $(b   c |d) e\" f"), arguments("x=\"a $( b c | d ) e\"   f"));
        assert_ne!(arguments("x=\"a $(b c) e\""), arguments("x=\"a $(b c)  e\""));
        assert_ne!(arguments("a$(b)c"), arguments("a $(b)c"));
        assert_ne!(arguments("a$(b)c"), arguments("a$(b) c"));
        assert_ne!(arguments("$(b 'c  d')"), arguments("$(b 'c d')"));
    }
}
