//! Comments that keep rules from reporting.

use text_size::{TextRange, TextSize};

use super::Rule;
use crate::{
    syntax::{Child, Green, Parse, Pragma, SyntaxKind::*},
    text::Edit,
};

/// What the comments of a file keep quiet.
#[derive(Debug, Default)]
pub(super) struct Suppressions {
    /// Rules that are quiet in the whole file.
    file: Vec<Names>,
    /// Rules that are quiet in a range.
    ranges: Vec<(TextRange, Names)>,
    /// The comments of this program's own that name rules.
    own: Vec<Suppression>,
}

/// A comment of this program's own that names rules.
#[derive(Debug, Clone)]
pub struct Suppression {
    /// Its line, with the line break.
    pub range: TextRange,
    /// What it names, as written.
    pub names: Vec<String>,
    /// The instruction in which it keeps rules quiet; an empty range where none follows. `None` for the whole file.
    pub around: Option<TextRange>,
    /// Where its names stand, with the marks around them, if these are no brackets.
    pub loose: Option<TextRange>,
}

impl Suppression {
    /// The comment without some of its names, or nothing in its place where none is left.
    pub fn without(&self, text: &str, gone: &[&str]) -> Option<Edit> {
        let left: Vec<&str> = self.names.iter().map(String::as_str).filter(|it| !gone.contains(it)).collect();
        if left.is_empty() {
            return Some(Edit::delete(self.range));
        }
        self.naming(text, &left)
    }

    /// The comment with its names in brackets, where they stand in none.
    pub fn in_brackets(&self, text: &str) -> Option<Edit> {
        let mut line = text.get(self.range.start().into()..self.range.end().into())?.to_owned();
        let list = self.loose? - self.range.start();
        let (start, end) = (usize::from(list.start()), usize::from(list.end()));
        line.replace_range(start..end, &format!("[{}]", self.names.join(", ")));
        Some(Edit::replace(self.range, line))
    }

    /// The comment with other names.
    pub(super) fn naming(&self, text: &str, names: &[&str]) -> Option<Edit> {
        let line = &text[self.range.start().into()..self.range.end().into()];
        let (head, rest) = line.split_once('[')?;
        let (_, tail) = rest.split_once(']')?;
        Some(Edit::replace(self.range, format!("{head}[{}]{tail}", names.join(", "))))
    }
}

/// Which rules a comment names.
#[derive(Debug, Clone)]
enum Names {
    All,
    Some(Vec<String>),
}

impl Names {
    fn list(text: &str) -> Names {
        let names: Vec<String> =
            text.split([',', ' ']).map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()).collect();
        if names.iter().any(|it| it == "all") { Names::All } else { Names::Some(names) }
    }

    fn holds(&self, rule: &Rule) -> bool {
        match self {
            Names::All => true,
            Names::Some(names) => names.iter().any(|it| rule.answers_to(it)),
        }
    }
}

/// Whether a comment keeps the whole file from rules and from layout: `dockfix: ignore-file` without a list of rules.
pub(super) fn ignores_file(comment: &str) -> bool {
    matches!(Pragma::of(comment), Some(Pragma::Own { word: "ignore-file", rest }) if List::of(rest).is_none())
}

/// Whether a comment says something to a tool about the instruction below it.
pub(super) fn is_pragma(comment: &str) -> bool {
    Pragma::of(comment).is_some()
}

/// What a comment of this program's own names.
struct List<'t> {
    /// The names, apart by commas or blanks.
    names: &'t str,
    /// Whether they stand in brackets, as they should.
    brackets: bool,
    /// How long it is, from the word before it on.
    len: usize,
}

impl<'t> List<'t> {
    /// Reads what stands behind `ignore` or `ignore-file`; `None` where that is a reason or nothing.
    fn of(rest: &'t str) -> Option<List<'t>> {
        let text = rest.trim_start();
        let end = |tail: &str| rest.len() - tail.len();
        if let Some(inner) = text.strip_prefix('[') {
            let names = inner.split(']').next().unwrap_or_default();
            return Some(List { names, brackets: true, len: end(&inner[names.len()..]) });
        }
        // Other tools have a mark before the names; nobody begins a reason with one.
        let inner = text.trim_start_matches(['=', ':', '(', '[', '"', ' ', '\t']);
        let marked = text.starts_with(['=', ':', '(']);
        let (names, tail) = bare_names(inner);
        let named = || rest.len() != text.len() && names.split(',').next().is_some_and(looks_like_a_name);
        if !(marked || named()) {
            return None;
        }
        let tail = if inner.len() < text.len() { tail.trim_start_matches([']', ')', '"']) } else { tail };
        Some(List { names, brackets: false, len: end(tail) })
    }
}

/// The names with which a text begins, each but the last with a comma behind it, and what follows them.
fn bare_names(text: &str) -> (&str, &str) {
    let mut end = 0;
    loop {
        let rest = &text[end..];
        let start = end + rest.len() - rest.trim_start_matches([',', ' ', '\t']).len();
        let len = text[start..].find(|it: char| !it.is_alphanumeric() && !matches!(it, '-' | '_'));
        let (gap, word) = (&text[end..start], &text[start..start + len.unwrap_or(text.len() - start)]);
        // Behind a comma with a blank a reason may begin.
        let goes_on = gap.contains(',') && (!gap.contains([' ', '\t']) || looks_like_a_name(word));
        if word.is_empty() || (end > 0 && !goes_on) {
            return text.split_at(end);
        }
        end = start + word.len();
    }
}

/// Whether a word is one of those that rules are named by, and not one of a sentence: `maintainer`, `as-casing`,
/// `DL3025`, `FromAsCasing`.
pub(crate) fn looks_like_a_name(word: &str) -> bool {
    let inner = word.trim().get(1..).unwrap_or_default();
    let other = |it: char| it == '-' || it.is_ascii_digit() || it.is_ascii_uppercase();
    ONE_WORD.iter().any(|it| it.eq_ignore_ascii_case(word.trim())) || inner.contains(other)
}

/// The names of rules that look like any other word. A test beside the rules holds this.
const ONE_WORD: [&str; 3] = ["backticks", "maintainer", "sudo"];

/// The rules that a comment names, and whether they are quiet in the whole file.
fn named(pragma: Pragma<'_>) -> Option<(Names, bool)> {
    match pragma {
        Pragma::Own { word: word @ ("ignore" | "ignore-file"), rest } => {
            Some((List::of(rest).map_or(Names::All, |it| Names::list(it.names)), word == "ignore-file"))
        }
        Pragma::Ignore { names, global } => {
            // Behind the names may stand a reason.
            let names = names.split([';', '#']).next().unwrap_or_default();
            // `hadolint/DL3006` says whose name it is.
            let names: Vec<&str> = names.split(',').filter_map(|it| it.rsplit('/').next()).collect();
            Some((Names::list(&names.join(",")), global))
        }
        Pragma::Directive { name, value } if name.eq_ignore_ascii_case("check") => Some((skipped(value)?, false)),
        _ => None,
    }
}

/// The rules of the value of `check=skip=A,B;error=true`.
fn skipped(value: &str) -> Option<Names> {
    value.split(';').find_map(|it| it.trim().strip_prefix("skip=")).map(Names::list)
}

impl Suppressions {
    pub(super) fn new(parse: &Parse) -> Self {
        let mut out = Suppressions::default();
        for (name, value) in parse.file().directives().filter_map(|it| it.parts()) {
            if name == "check" {
                out.file.extend(skipped(&value));
            }
        }
        Green::read(parse.file().syntax(), |root| out.read(root));
        out
    }

    fn read(&mut self, root: Green<'_>) {
        let mut next: Vec<((&str, TextRange), Names)> = Vec::new();
        let mut end = TextSize::from(0);
        for child in root.children() {
            let range = TextRange::at(end, child.len());
            end = range.end();
            match child {
                Child::Token(COMMENT_LINE, text) => {
                    let Some(pragma) = Pragma::of(text) else { continue };
                    match named(pragma) {
                        Some((names, true)) => {
                            self.keep_own((text, range), &names, None);
                            self.file.push(names);
                        }
                        Some((names, false)) => next.push(((text, range), names)),
                        None => {}
                    }
                }
                Child::Node(node) if node.kind().is_instruction() => {
                    for (comment, names) in next.drain(..) {
                        self.keep_own(comment, &names, Some(range));
                        self.ranges.push((range, names));
                    }
                }
                _ => {}
            }
        }
        for (comment, names) in next {
            self.keep_own(comment, &names, Some(TextRange::empty(end)));
        }
    }

    fn keep_own(&mut self, (text, range): (&str, TextRange), names: &Names, around: Option<TextRange>) {
        if let (Some(Pragma::Own { rest, .. }), Names::Some(names)) = (Pragma::of(text), names) {
            // What is behind the word reaches to the end of the line but for blanks.
            let from = range.start() + TextSize::of(text.trim_end()) - TextSize::of(rest);
            let list = List::of(rest).filter(|it| !it.brackets);
            let loose = list.map(|it| TextRange::at(from, TextSize::of(&rest[..it.len])));
            self.own.push(Suppression { range, names: names.clone(), around, loose });
        }
    }

    /// The comments of this program's own that name rules, in the order of what they speak of.
    pub(super) fn own(&self) -> &[Suppression] {
        &self.own
    }

    /// Whether a finding of `rule` in `range` is to be kept quiet.
    pub(super) fn hold(&self, rule: &Rule, range: TextRange) -> bool {
        // The ranges are those of instructions, in order; an instruction may have several.
        let before = self.ranges.partition_point(|(around, _)| around.start() <= range.start());
        let mut here = self.ranges[..before].iter().rev().take_while(|(around, _)| around.contains_range(range));
        here.any(|(_, names)| names.holds(rule)) || self.file.iter().any(|it| it.holds(rule))
    }

    /// Whether the whole file is to be left alone by all rules.
    pub(super) fn everything(&self) -> bool {
        self.file.iter().any(|it| matches!(it, Names::All))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax;

    static RULE: Rule = Rule { name: "a-rule", ids: &["DL1234", "Casing"], ..Rule::PLAIN };

    /// Whether a comment above an instruction keeps the rule quiet in it, and in the one below.
    fn held(comment: &str) -> (bool, bool) {
        let text = format!("FROM a\n{comment}\nRUN b\nRUN c\n");
        let suppressions = Suppressions::new(&syntax::parse(&text));
        let at = |word: &str| TextRange::at((text.rfind(word).unwrap() as u32).into(), 1.into());
        (suppressions.hold(&RULE, at("b")), suppressions.hold(&RULE, at("c")))
    }

    #[test]
    fn comments_of_several_tools_are_read() {
        for comment in [
            "# dockfix: ignore[a-rule] reason",
            "#dockfix:ignore[x, DL1234]",
            "# dockfix: ignore",
            "# dockfix: ignore, for it is all right [in a way",
            "# dockfix: ignore [a-rule]",
            "# dockfix: ignore[a-rule",
            // Not as it should be written, and told so by a rule.
            "# dockfix: ignore=a-rule",
            "# dockfix: ignore = x, a-rule why",
            "# dockfix: ignore: a-rule",
            "# dockfix: ignore(a-rule)",
            "# dockfix: ignore a-rule, for it is all right",
            "# dockfix: ignore DL1234",
            // A reason alone.
            "# dockfix: ignore the old DL9",
            "# dockfix: ignore - sudo is needed",
            "# hadolint ignore=DL1234",
            "# hadolint ignore=DL1,DL1234 # reason",
            "# tally ignore=hadolint/DL1234",
            "# tally ignore=max-lines,buildkit/Casing;reason=it is all right",
            "# tally ignore=all",
            "# check=skip=Casing;error=true",
            "# hadolint ignore = DL1234",
        ] {
            assert_eq!(held(comment), (true, false), "{comment}");
        }
        for comment in [
            "# dockfix: ignore-file[a-rule]",
            "# dockfix: ignore-file [a-rule]",
            "# hadolint global ignore=DL1234",
            "# tally global ignore=max-lines,hadolint/DL1234",
        ] {
            assert_eq!(held(comment), (true, true), "{comment}");
        }
        for comment in [
            "# dockfix: ignore[b-rule]",
            "# dockfix: ignore [b-rule]",
            "# dockfix: ignore=b-rule",
            "# dockfix: ignore sudo",
            "# dockfix: ignore b-rule a-rule",
            "# dockfix: ignore=",
            "# dockfix: ignore[]",
            "# dockfix: ignore-file=b-rule",
            "# dockfix: ignore-file DL9",
            "# dockfix: ignored upstream",
            "# dockfix: ignore-files with care",
            "# hadolint ignore=DL9 # not all of them, DL1234 neither",
            "# tally ignore=x;reason=all",
            "# tally is DL1234",
            "# hadolint shell=/bin/bash",
        ] {
            assert_eq!(held(comment), (false, false), "{comment}");
        }
    }

    #[test]
    fn a_file_is_left_alone_where_no_rule_is_named() {
        for (comment, alone) in [
            ("# dockfix: ignore-file", true),
            ("# dockfix: ignore-file, it is made by hand", true),
            ("# dockfix: ignore-file sudo", false),
            ("# dockfix: ignore-file=sudo", false),
            ("# dockfix: ignore-file: DL3004", false),
            ("# dockfix: ignore-file[sudo]", false),
        ] {
            assert_eq!(ignores_file(comment), alone, "{comment}");
        }
    }
}
