//! What a file does, where the layout or a preset leaves a choice.

use std::fmt;

use crate::{
    format::{EndOfLine, Indent, Operators},
    syntax::{
        Parse,
        SyntaxKind::{self, *},
        SyntaxToken, ast,
    },
    text::LineEnding,
};

/// What a choice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// One level of indentation.
    Indent,
    /// Where `&&`, `||` and `|` stand at a line break.
    Operators,
    /// Whether a long list of commands is kept on one line.
    LongLists,
    /// Whether a blank line stands before a later FROM.
    StageGap,
    /// Line ends.
    LineEnds,
    /// The case of keywords.
    Keywords,
    /// How ENV and LABEL are written.
    Pairs,
}

impl Topic {
    /// All of them, in the order in which they are told.
    pub const ALL: [Topic; 7] = [
        Topic::Indent,
        Topic::Operators,
        Topic::LongLists,
        Topic::StageGap,
        Topic::LineEnds,
        Topic::Keywords,
        Topic::Pairs,
    ];
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Topic::Indent => "indent",
            Topic::Operators => "operators",
            Topic::LongLists => "line-width",
            Topic::StageGap => "stage-gap",
            Topic::LineEnds => "end-of-line",
            Topic::Keywords => "keywords",
            Topic::Pairs => "pairs",
        })
    }
}

/// What a file does in one respect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// The first line of an instruction that goes on is indented so.
    Indent(Indent),
    /// Operators stand there; never [`Operators::Preserve`].
    Operators(Operators),
    /// Lists of commands longer than the line width are broken, or else kept on one line.
    BreaksLists(bool),
    /// A blank line stands before a later FROM, or else none.
    StageGap(bool),
    /// Lines end so; never [`EndOfLine::Auto`].
    LineEnds(EndOfLine),
    /// Keywords are in upper case, or else in lower case.
    UpperCase(bool),
    /// Pairs are written with an equals sign, or else in the legacy form.
    EqualsSign(bool),
}

impl Habit {
    /// What it is about.
    pub fn topic(self) -> Topic {
        match self {
            Habit::Indent(_) => Topic::Indent,
            Habit::Operators(_) => Topic::Operators,
            Habit::BreaksLists(_) => Topic::LongLists,
            Habit::StageGap(_) => Topic::StageGap,
            Habit::LineEnds(_) => Topic::LineEnds,
            Habit::UpperCase(_) => Topic::Keywords,
            Habit::EqualsSign(_) => Topic::Pairs,
        }
    }
}

impl fmt::Display for Habit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Habit::Indent(Indent::Tab) => f.write_str("a tab"),
            Habit::Indent(Indent::Spaces(1)) => f.write_str("1 blank"),
            Habit::Indent(Indent::Spaces(blanks)) => write!(f, "{blanks} blanks"),
            Habit::Operators(Operators::Trailing) => f.write_str("trailing"),
            Habit::Operators(_) => f.write_str("leading"),
            Habit::BreaksLists(true) => f.write_str("long lists broken"),
            Habit::BreaksLists(false) => f.write_str("long lists on one line"),
            Habit::StageGap(true) => f.write_str("a blank line before FROM"),
            Habit::StageGap(false) => f.write_str("no blank line before FROM"),
            Habit::LineEnds(EndOfLine::CrLf) => f.write_str("crlf"),
            Habit::LineEnds(_) => f.write_str("lf"),
            Habit::UpperCase(true) => f.write_str("upper case"),
            Habit::UpperCase(false) => f.write_str("lower case"),
            Habit::EqualsSign(true) => f.write_str("key=value"),
            Habit::EqualsSign(false) => f.write_str("key value"),
        }
    }
}

/// How often each habit is met.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally(Vec<(Habit, usize)>);

impl Tally {
    pub(super) fn add(&mut self, habit: Habit) {
        match self.0.iter_mut().find(|it| it.0 == habit) {
            Some(known) => known.1 += 1,
            None => self.0.push((habit, 1)),
        }
    }

    /// The habits of a topic with their numbers, the most frequent first; among equals, in the order of their names.
    pub(super) fn of(&self, topic: Topic) -> Vec<(Habit, usize)> {
        let mut all: Vec<_> = self.0.iter().copied().filter(|it| it.0.topic() == topic).collect();
        all.sort_by_key(|(habit, count)| (std::cmp::Reverse(*count), habit.to_string()));
        all
    }
}

/// What a document does: at most one habit a topic, and none where as much speaks for another. `line_width` is the
/// width beyond which a list of commands is long, in columns; 0 is none.
pub fn habits(text: &str, parse: &Parse, line_width: u32) -> Vec<Habit> {
    let mut tally = Tally::default();
    for it in parse.file().instructions().filter(|it| it.kind() != UNKNOWN) {
        let keyword = it.keyword().map(|it| it.text().to_owned()).unwrap_or_default();
        if !keyword.is_empty() {
            tally.add(Habit::UpperCase(!keyword.bytes().any(|it| it.is_ascii_lowercase())));
        }
        if matches!(it.kind(), ENV | LABEL) {
            it.pairs().for_each(|it| tally.add(Habit::EqualsSign(it.has_eq())));
        }
        let tokens: Vec<SyntaxToken> = ast::tokens(it.syntax()).collect();
        // The pairs of ENV, LABEL and ARG stand below each other, wherever that is.
        if !matches!(it.kind(), ENV | LABEL | ARG) {
            first_indent(&tokens).into_iter().for_each(|it| tally.add(Habit::Indent(it)));
        }
        operators(&tokens, &mut tally);
        let is_list = it.kind() == RUN && tokens.iter().any(|it| matches!(it.kind(), AND_IF | OR_IF | SEMI));
        // What the width is held against is one line; with a line break for each blank that is about the same.
        if is_list && line_width > 0 && it.text().trim_end().chars().count() > line_width as usize {
            tally.add(Habit::BreaksLists(tokens.iter().any(|it| it.kind() == CONTINUATION)));
        }
    }
    stage_gaps(parse, &mut tally);
    if text.contains('\n') {
        let ends = LineEnding::of(text).as_str();
        tally.add(Habit::LineEnds(if ends == "\n" { EndOfLine::Lf } else { EndOfLine::CrLf }));
    }
    let votes = Topic::ALL.iter().filter_map(|topic| match tally.of(*topic)[..] {
        [(habit, _)] => Some(habit),
        [(habit, most), (_, next), ..] if most > next => Some(habit),
        _ => None,
    });
    votes.collect()
}

/// How the first line behind the one on which an instruction begins is indented, if that is a way to indent.
fn first_indent(tokens: &[SyntaxToken]) -> Option<Indent> {
    let at = tokens.iter().position(|it| it.kind() == CONTINUATION)?;
    let mut indent = "";
    for token in &tokens[at..] {
        match token.kind() {
            WHITESPACE => indent = token.text(),
            CONTINUATION | COMMENT_LINE | EMPTY_LINE => indent = "",
            HEREDOC_BODY | NEWLINE => return None,
            _ => break,
        }
    }
    match indent.len() {
        0 => None,
        _ if indent.bytes().all(|it| it == b'\t') => Some(Indent::Tab),
        blanks @ 1..=16 if indent.bytes().all(|it| it == b' ') => Some(Indent::Spaces(blanks as u8)),
        _ => None,
    }
}

/// On which side of a line break the operators of an instruction stand.
fn operators(tokens: &[SyntaxToken], tally: &mut Tally) {
    let breaks = |it: &SyntaxToken| matches!(it.kind(), CONTINUATION | COMMENT_LINE | EMPTY_LINE);
    let is_blank = |it: &&SyntaxToken| it.kind() == SyntaxKind::WHITESPACE;
    for (at, _) in tokens.iter().enumerate().filter(|(_, it)| matches!(it.kind(), AND_IF | OR_IF | PIPE)) {
        let before = tokens[..at].iter().rev().find(|it| !is_blank(it)).is_some_and(breaks);
        let after = tokens[at + 1..].iter().find(|it| !is_blank(it)).is_some_and(breaks);
        match (before, after) {
            (true, false) => tally.add(Habit::Operators(Operators::Leading)),
            (false, true) => tally.add(Habit::Operators(Operators::Trailing)),
            _ => {}
        }
    }
}

/// Whether blank lines stand before the FROMs behind the first, where the layout would put one.
fn stage_gaps(parse: &Parse, tally: &mut Tally) {
    let (mut above, mut later) = (None, false);
    for child in parse.file().syntax().children_with_tokens() {
        match child.kind() {
            // Comments right above a FROM belong to it.
            COMMENT_LINE => {}
            FROM => {
                match above {
                    Some(EMPTY_LINE) if later => tally.add(Habit::StageGap(true)),
                    Some(kind) if later && kind != FROM && kind.is_instruction() => tally.add(Habit::StageGap(false)),
                    _ => {}
                }
                (above, later) = (Some(FROM), true);
            }
            kind => {
                later |= kind.is_instruction() && kind != ARG;
                above = Some(kind);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax;

    fn of(text: &str, topic: Topic) -> Option<String> {
        let found = habits(text, &syntax::parse(text), 40);
        found.into_iter().find(|it| it.topic() == topic).map(|it| it.to_string())
    }

    #[test]
    fn indents_are_those_of_first_lines() {
        for (text, expected) in [
            ("FROM a\nRUN b \\\n  c \\\n      d\n", Some("2 blanks")),
            ("FROM a\nRUN b \\\n\t&& c\nRUN b \\\n\t\tc\n", Some("a tab")),
            ("FROM a\nRUN b \\\n# why\n   # why not\n   c\n", Some("3 blanks")),
            ("FROM a\nRUN b \\\n\\\n c\n", Some("1 blank")),
            ("FROM a\nRUN b \\\n  c\nRUN b \\\n    c\n", None),
            ("FROM a\nRUN b \\\nc\n", None),
            ("FROM a\nRUN b \\\n \tc\n", None),
            ("FROM a\nENV b=c \\\n      d=e\n", None),
            ("FROM a\nRUN <<E\n  b\nE\n", None),
        ] {
            assert_eq!(of(text, Topic::Indent).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn operators_have_sides() {
        for (text, expected) in [
            ("FROM a\nRUN b \\\n && c | d || \\\n e \\\n | f\n", Some("leading")),
            ("FROM a\nRUN b && \\\n c && \\\n # why\n d\n", Some("trailing")),
            ("FROM a\nRUN b && c\n", None),
            ("FROM a\nRUN b \\\n && \\\n c\n", None),
            ("FROM a\nRUN b '&&' \\\n c\n", None),
        ] {
            assert_eq!(of(text, Topic::Operators).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn gaps_count_where_the_layout_would_make_one() {
        for (text, expected) in [
            ("FROM a\nRUN b\n\n# next\nFROM c\n", Some("a blank line before FROM")),
            ("FROM a\nRUN b\n# next\nFROM c\n", Some("no blank line before FROM")),
            ("FROM a\nFROM c\n", None),
            ("ARG x\nFROM c\n", None),
            ("# head\n\nFROM c\n", None),
        ] {
            assert_eq!(of(text, Topic::StageGap).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn the_rest_is_counted() {
        let long = "1234567890 1234567890 1234567890 1234567890";
        assert_eq!(of(&format!("FROM a\nRUN b && {long}\n"), Topic::LongLists).unwrap(), "long lists on one line");
        assert_eq!(of(&format!("FROM a\nRUN b && \\\n{long}\n"), Topic::LongLists).unwrap(), "long lists broken");
        assert_eq!(of(&format!("FROM a\nRUN {long}\n"), Topic::LongLists), None);
        assert_eq!(of("from a\nrun b\nCMD c\n", Topic::Keywords).unwrap(), "lower case");
        assert_eq!(of("FROM a\nENV b c\n", Topic::Pairs).unwrap(), "key value");
        assert_eq!(of("FROM a\nENV b=c d=e\nENV f g\n", Topic::Pairs).unwrap(), "key=value");
        assert_eq!(of("FROM a\r\nRUN b\r\n", Topic::LineEnds).unwrap(), "crlf");
        assert_eq!(of("FROM a", Topic::LineEnds), None);
    }
}
