//! An instruction as BuildKit's parser hands it on.

use crate::syntax::{
    Child, Green,
    SyntaxKind::{self, *},
    ast::{self, Instruction},
    cook_flag,
};

/// An instruction as BuildKit's parser hands it on: joined, split, but with its quotes and variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Which instruction it is; `UNKNOWN` for those that BuildKit does not know.
    pub kind: SyntaxKind,
    /// The keyword as written.
    pub keyword: String,
    /// The flags, quotes and escapes taken out.
    pub flags: Vec<String>,
    /// Whether the arguments are a JSON array.
    pub json: bool,
    /// The arguments: words, decoded JSON strings, or one text; for ENV and LABEL key, value and separator in turn.
    pub args: Vec<String>,
    /// The heredocs.
    pub heredocs: Vec<HeredocText>,
    /// The instruction inside ONBUILD.
    pub sub: Option<Box<Reading>>,
}

/// A heredoc's body and the line that ends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeredocText {
    /// The lines before the end, byte for byte.
    pub body: String,
    /// The name: the end line without the tabs before it.
    pub name: String,
}

impl Reading {
    /// Reads an instruction.
    pub fn of(instruction: &Instruction, escape: char) -> Reading {
        let kind = instruction.kind();
        let mut reading = Reading {
            kind,
            keyword: keyword(instruction),
            flags: flags(instruction, escape),
            json: false,
            args: Vec::new(),
            heredocs: Reading::heredocs(instruction),
            sub: None,
        };
        match kind {
            UNKNOWN => {}
            ONBUILD => {
                // A trigger is always read with a backslash.
                reading.sub = instruction.nested().map(|it| Box::new(Reading::of(&it, '\\')));
            }
            HEALTHCHECK => reading.healthcheck(instruction),
            _ => match instruction.json() {
                Some(array) => {
                    reading.json = true;
                    reading.args = array.strings();
                }
                None => reading.args = shell_or_list_args(instruction),
            },
        }
        reading
    }

    /// A flag as BuildKit's parser hands it on.
    pub fn flag(flag: &ast::Flag, escape: char) -> String {
        cook_flag(&flag.text(), escape)
    }

    /// The heredocs of an instruction.
    pub fn heredocs(instruction: &Instruction) -> Vec<HeredocText> {
        instruction.heredocs().map(|it| heredoc(&it)).collect()
    }

    fn healthcheck(&mut self, instruction: &Instruction) {
        let text = instruction.arguments();
        let cut = text.find(['\t', '\u{b}', '\u{c}', '\r', ' ']).unwrap_or(text.len());
        let (kind, rest) = text.split_at(cut);
        self.args.extend((!kind.is_empty()).then(|| kind.to_owned()));
        match instruction.json() {
            Some(array) => {
                self.json = true;
                self.args.extend(array.strings());
            }
            None => {
                let rest = rest.trim();
                self.args.extend((!rest.is_empty()).then(|| rest.to_owned()));
            }
        }
    }
}

fn keyword(instruction: &Instruction) -> String {
    if instruction.kind() == UNKNOWN {
        let text = instruction.text();
        let text = text.trim();
        let cut = text.find(['\t', '\u{b}', '\u{c}', '\r', ' ']).unwrap_or(text.len());
        return text[..cut].to_owned();
    }
    Green::read(instruction.syntax(), |it| {
        let tokens = it.children().filter(|it| matches!(it, Child::Token(..)));
        let pieces = tokens.skip_while(|it| it.kind() != KEYWORD);
        let pieces = pieces.take_while(|it| it.kind() == KEYWORD || it.kind().is_dropped());
        pieces.filter_map(|it| it.text_of(KEYWORD)).collect()
    })
}

fn flags(instruction: &Instruction, escape: char) -> Vec<String> {
    instruction.flags().map(|it| Reading::flag(&it, escape)).filter(|it| it != "--").collect()
}

fn heredoc(node: &ast::HeredocNode) -> HeredocText {
    let end = node.end().map(|it| it.text().trim_start_matches('\t').to_owned());
    HeredocText { body: node.body(), name: end.unwrap_or_default() }
}

fn shell_or_list_args(instruction: &Instruction) -> Vec<String> {
    let nodes = |wanted: SyntaxKind| {
        Green::of(instruction.syntax()).children().filter_map(move |it| match it {
            Child::Node(node) if node.kind() == wanted => Some(node),
            _ => None,
        })
    };
    match instruction.kind() {
        ENV | LABEL => nodes(KEY_VALUE).flat_map(pair).collect(),
        ARG => nodes(KEY_VALUE).map(Green::joined_text).collect(),
        COPY | ADD | EXPOSE | VOLUME => nodes(WORD).map(Green::joined_text).collect(),
        FROM => {
            // Only these blanks separate; others are part of a word.
            let text = instruction.arguments();
            let words = text.split(['\t', '\u{b}', '\u{c}', '\r', ' ']).filter(|it| !it.is_empty());
            words.map(str::to_owned).collect()
        }
        _ => {
            let text = instruction.arguments();
            if text.is_empty() { Vec::new() } else { vec![text] }
        }
    }
}

/// The key of a pair, its value and what stands between them.
fn pair(pair: Green<'_>) -> [String; 3] {
    let text = |kind: SyntaxKind| pair.children().filter_map(|it| it.text_of(kind)).collect();
    let separator = pair.children().any(|it| it.kind() == EQ);
    [text(KEY), text(VALUE), if separator { "=".to_owned() } else { String::new() }]
}
