//! Writing comments that keep quiet what was found.

use text_size::TextRange;

use super::{
    Finding,
    suppress::{Suppressions, is_pragma},
};
use crate::{
    syntax::{
        Parse,
        SyntaxKind::{BOM, COMMENT_LINE},
        ast::{Instruction, elements_above},
    },
    text::{Edit, EditSet, LineEnding},
};

/// The edits that name each finding's rule in a comment of this program's own above its instruction, or at the top of
/// the file where it is in none. A comment that stands there already gets more names, a new one the reason.
pub fn add_ignores(text: &str, parse: &Parse, findings: &[Finding], reason: Option<&str>) -> EditSet {
    let mut edits = EditSet::default();
    let writer = Writer { text, suppressions: Suppressions::new(parse), reason: reason.unwrap_or_default() };
    let instructions: Vec<Instruction> = parse.file().instructions().collect();
    let mut named: Vec<Vec<&str>> = vec![Vec::new(); instructions.len()];
    let mut in_file: Vec<&str> = Vec::new();
    for finding in findings {
        let around = |it: &Instruction| it.syntax().text_range().contains_range(finding.range);
        let at = instructions.partition_point(|it| it.syntax().text_range().end() <= finding.range.start());
        let place = instructions.get(at).filter(|it| around(it)).and_then(|_| named.get_mut(at));
        let names = place.unwrap_or(&mut in_file);
        if !names.contains(&finding.rule.name) {
            names.push(finding.rule.name);
        }
    }
    // They come in the order of the text, each at a place of its own.
    let mut push = |edit: Option<Edit>| edit.map(|it| edits.push(it));
    if !in_file.is_empty() {
        push(writer.in_file(parse, &in_file));
    }
    for (instruction, names) in instructions.iter().zip(&named).filter(|it| !it.1.is_empty()) {
        push(writer.above(instruction, names));
    }
    edits
}

struct Writer<'a> {
    text: &'a str,
    suppressions: Suppressions,
    reason: &'a str,
}

impl Writer<'_> {
    fn in_file(&self, parse: &Parse, names: &[&str]) -> Option<Edit> {
        if let Some(edit) = self.more(|around| around.is_none(), names) {
            return edit;
        }
        let root = parse.file().syntax().clone();
        let mark = root.first_token().filter(|it| it.kind() == BOM).map(|it| it.text_range().end());
        let directives = parse.file().directives().last().map(|it| it.syntax().text_range().end());
        let at = directives.or(mark).unwrap_or_default();
        Some(Edit::insert(at, self.comment("ignore-file", names, "")))
    }

    fn above(&self, instruction: &Instruction, names: &[&str]) -> Option<Edit> {
        let node = instruction.syntax();
        if let Some(edit) = self.more(|around| around == Some(node.text_range()), names) {
            return edit;
        }
        // What speaks to other tools must stand right above the instruction.
        let pragmas = elements_above(node).take_while(|it| it.kind() == COMMENT_LINE && is_pragma(&it.to_string()));
        let at = pragmas.last().map_or(node.text_range().start(), |it| it.text_range().start());
        let line: &str = &self.text[node.text_range().start().into()..];
        let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        Some(Edit::insert(at, self.comment("ignore", names, indent)))
    }

    /// More names for the comment that is there already, if one is; within, nothing where it can't be told how.
    fn more(&self, wanted: impl Fn(Option<TextRange>) -> bool, names: &[&str]) -> Option<Option<Edit>> {
        let known = self.suppressions.own().iter().rev().find(|it| wanted(it.around) && it.loose.is_none())?;
        let all: Vec<&str> = known.names.iter().map(String::as_str).chain(names.iter().copied()).collect();
        Some(known.naming(self.text, &all))
    }

    fn comment(&self, word: &str, names: &[&str], indent: &str) -> String {
        // A line break would end the comment.
        let reason: String = self.reason.chars().map(|it| if it.is_control() { ' ' } else { it }).collect();
        let line = format!("{indent}# dockfix: {word}[{}] {}", names.join(", "), reason.trim());
        format!("{}{}", line.trim_end(), LineEnding::of(self.text).as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fix::{Job, run},
        rules, syntax,
    };

    /// What becomes of a text, with all rules of a name; a second look finds nothing.
    #[track_caller]
    fn written(text: &str, reason: Option<&str>) -> String {
        let names = ["maintainer", "legacy-key-value", "as-casing", "unused-suppression"];
        let all = rules::ALL.iter().copied().filter(|it| names.contains(&it.name)).collect();
        let job = Job { rules: all, ..Job::default() };
        let outcome = run(text, &job);
        let after = add_ignores(text, &syntax::parse(text), &outcome.findings, reason).apply(text);
        let left: Vec<String> = run(&after, &job).findings.into_iter().map(|it| it.message).collect();
        assert_eq!(left, [""; 0], "{after}");
        after
    }

    #[test]
    fn comments_stand_above_what_was_found() {
        for (before, after) in [
            (
                "FROM a as b\n\n  ENV A b\nMAINTAINER c\nENV A=b\n",
                "# dockfix: ignore[as-casing]\nFROM a as b\n\n  # dockfix: ignore[legacy-key-value]\n  ENV A b\n\
                 # dockfix: ignore[maintainer]\nMAINTAINER c\nENV A=b\n",
            ),
            (
                "# syntax=docker/dockerfile:1\nFROM a\r\n# hadolint ignore=DL9\r\nENV A b\r\n",
                "# syntax=docker/dockerfile:1\nFROM a\r\n# dockfix: ignore[legacy-key-value]\r\n\
                 # hadolint ignore=DL9\r\nENV A b\r\n",
            ),
            (
                "FROM a\n# dockfix: ignore[maintainer] why\n\n# x\nMAINTAINER a\nENV A b\n\
                 # dockfix: ignore-file[maintainer]\n",
                "FROM a\n# dockfix: ignore[maintainer] why\n\n# x\nMAINTAINER a\n\
                 # dockfix: ignore[legacy-key-value]\nENV A b\n# dockfix: ignore-file[maintainer]\n",
            ),
            (
                "FROM a as b\n# dockfix: ignore[as-casing] why\nFROM A as c\nENV A b\n",
                "# dockfix: ignore[as-casing]\nFROM a as b\n# dockfix: ignore[as-casing] why\nFROM A as c\n\
                 # dockfix: ignore[legacy-key-value]\nENV A b\n",
            ),
            ("FROM a\nENV A=b\n", "FROM a\nENV A=b\n"),
        ] {
            assert_eq!(written(before, None), after);
        }
        assert_eq!(
            written("FROM a\nENV A b", Some(" not\nnow ")),
            "FROM a\n# dockfix: ignore[legacy-key-value] not now\nENV A b"
        );
    }

    #[test]
    fn what_is_in_no_instruction_is_named_at_the_top() {
        for (head, comment) in [
            ("# syntax=docker/dockerfile:1\n", "# dockfix: ignore-file[unused-suppression]\n"),
            ("\u{feff}", "# dockfix: ignore-file[unused-suppression]\n"),
        ] {
            let rest = "FROM a\n# dockfix: ignore[nobody]\nENV A=b\n";
            assert_eq!(written(&format!("{head}{rest}"), None), format!("{head}{comment}{rest}"));
        }
    }
}
