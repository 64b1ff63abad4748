//! Comments that keep rules from reporting.

use text_size::TextRange;

use super::Rule;
use crate::syntax::{Parse, SyntaxKind::*};

/// What the comments of a file keep quiet.
#[derive(Debug, Default)]
pub(super) struct Suppressions {
    /// Rules that are quiet in the whole file.
    file: Vec<Names>,
    /// Rules that are quiet in a range.
    ranges: Vec<(TextRange, Names)>,
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
            Names::Some(names) => names
                .iter()
                .any(|it| it.eq_ignore_ascii_case(rule.name) || rule.ids.iter().any(|id| id.eq_ignore_ascii_case(it))),
        }
    }
}

/// A comment that says something to this program or to another that people use for the same.
enum Pragma {
    File(Names),
    Next(Names),
}

/// Whether a comment keeps the whole file from rules and from layout: `dockfix: ignore-file` without a list of rules.
pub(super) fn ignores_file(comment: &str) -> bool {
    let text = comment.trim().trim_start_matches('#').trim().strip_prefix("dockfix:");
    let rest = text.and_then(|it| it.trim_start().strip_prefix("ignore-file"));
    rest.is_some_and(|it| it.is_empty() || it.starts_with(char::is_whitespace))
}

/// Reads a comment: `dockfix: ignore[…]`, `dockfix: ignore-file[…]`, `hadolint ignore=…`, `hadolint global ignore=…`,
/// `check=skip=…`.
fn pragma(comment: &str) -> Option<Pragma> {
    let text = comment.trim().trim_start_matches('#').trim();
    if let Some(rest) = text.strip_prefix("dockfix:") {
        let rest = rest.trim_start();
        let names = |rest: &str| match rest.strip_prefix('[').and_then(|it| it.split_once(']')) {
            Some((names, _)) => Names::list(names),
            None => Names::All,
        };
        if let Some(rest) = rest.strip_prefix("ignore-file") {
            return Some(Pragma::File(names(rest)));
        }
        return rest.strip_prefix("ignore").map(|rest| Pragma::Next(names(rest)));
    }
    if let Some(rest) = text.strip_prefix("hadolint") {
        let rest = rest.trim_start();
        if let Some(names) = rest.strip_prefix("global").and_then(|it| it.trim_start().strip_prefix("ignore=")) {
            return Some(Pragma::File(Names::list(names)));
        }
        return rest.strip_prefix("ignore=").map(|names| Pragma::Next(Names::list(names)));
    }
    check_skip(text).map(Pragma::Next)
}

/// Whether a comment says something to a tool about the instruction below it.
pub(super) fn is_pragma(comment: &str) -> bool {
    let text = comment.trim().trim_start_matches('#').trim_start();
    ["check=", "dockfix:", "hadolint "].iter().any(|it| text.starts_with(it))
}

/// The rules of `check=skip=A,B;error=true`.
fn check_skip(text: &str) -> Option<Names> {
    let value = text.strip_prefix("check")?.trim_start().strip_prefix('=')?;
    value.split(';').find_map(|it| it.trim().strip_prefix("skip=")).map(Names::list)
}

impl Suppressions {
    pub(super) fn new(parse: &Parse) -> Self {
        let mut out = Suppressions::default();
        for (name, value) in parse.file().directives().filter_map(|it| it.parts()) {
            if name == "check" {
                out.file.extend(check_skip(&format!("check={value}")));
            }
        }
        let mut next = Vec::new();
        for child in parse.file().syntax().children_with_tokens() {
            match child {
                rowan::NodeOrToken::Token(token) if token.kind() == COMMENT_LINE => match pragma(token.text()) {
                    Some(Pragma::File(names)) => out.file.push(names),
                    Some(Pragma::Next(names)) => next.push(names),
                    None => {}
                },
                rowan::NodeOrToken::Node(node) if node.kind().is_instruction() => {
                    out.ranges.extend(next.drain(..).map(|names| (node.text_range(), names)));
                }
                _ => {}
            }
        }
        out
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
