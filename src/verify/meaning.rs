//! What an instruction means, apart from its layout.

use text_size::TextRange;

use crate::{
    model::{HeredocText, Reading},
    syntax::{
        Child, Green, Parse,
        SyntaxKind::{self, *},
        SyntaxNode,
        ast::Instruction,
        visit_tokens,
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
pub fn comments(parse: &Parse) -> Vec<String> {
    comments_with_ranges(parse).into_iter().map(|it| it.1).collect()
}

pub(super) fn comments_with_ranges(parse: &Parse) -> Vec<(TextRange, String)> {
    let mut all = Vec::new();
    visit_tokens(parse.file().syntax(), |kind, range, text| {
        if kind == COMMENT_LINE {
            all.push((range, text.trim().to_owned()));
        }
        true
    });
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
    if std::ptr::eq(green, other_green) || green == other_green {
        return Likeness::Same;
    }
    if one.kind() != other.kind() {
        return Likeness::Different;
    }
    let (reading, other_reading) = (Reading::of(one, escape), Reading::of(other, escape));
    // What ONBUILD stores and what nobody knows is no part of a reading.
    let is_whole = !matches!(one.kind(), UNKNOWN | ONBUILD);
    if is_whole && reads_alike(&reading, &other_reading) {
        return Likeness::Same;
    }
    match Meaning::new(one, reading) == Meaning::new(other, other_reading) {
        true if one.script().is_some() => Likeness::Spacing,
        true => Likeness::Same,
        false => Likeness::Different,
    }
}

/// Whether two readings are equal but for how the keyword is written.
fn reads_alike(one: &Reading, other: &Reading) -> bool {
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
            let words = shell_words(script.syntax());
            // A script of a comment only has no words.
            arguments.extend(if words.is_empty() { text.into_iter().collect() } else { words });
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

/// The words and operators of a shell text, in order.
pub(super) fn shell_words(node: &SyntaxNode) -> Vec<String> {
    let mut words = Vec::new();
    Green::read(node, |it| collect(it, &mut words));
    words
}

/// A word's text up to each substitution in it, then the words of that, then what follows: a mark says where a text
/// goes on, so that `a$(b)` and `a $(b)` are told apart.
fn word(node: Green<'_>, text: &mut String, words: &mut Vec<String>) {
    for child in node.children() {
        match child {
            Child::Node(child) if matches!(child.kind(), COMMAND_SUBST | PROCESS_SUBST) => {
                words.push(format!("{}\0", std::mem::take(text)));
                collect(child, words);
                text.push('\0');
            }
            Child::Node(child) => word(child, text, words),
            Child::Token(kind, _) if kind.is_dropped() => {}
            Child::Token(_, token) => text.push_str(token),
        }
    }
}

fn collect(node: Green<'_>, words: &mut Vec<String>) {
    for child in node.children() {
        match child {
            Child::Node(child) if matches!(child.kind(), WORD | ASSIGNMENT) => {
                let mut text = String::new();
                word(child, &mut text, words);
                words.push(text);
            }
            Child::Node(child) => collect(child, words),
            Child::Token(kind, _) if kind.is_trivia() => {}
            Child::Token(_, token) => words.push(token.to_owned()),
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
    fn blanks_between_words_of_a_substitution_do_not_count() {
        assert_eq!(arguments("x=\"a $(b   c |d) e\" f"), arguments("x=\"a $( b c | d ) e\"   f"));
        assert_ne!(arguments("x=\"a $(b c) e\""), arguments("x=\"a $(b c)  e\""));
        assert_ne!(arguments("a$(b)c"), arguments("a $(b)c"));
        assert_ne!(arguments("a$(b)c"), arguments("a$(b) c"));
        assert_ne!(arguments("$(b 'c  d')"), arguments("$(b 'c d')"));
    }
}
