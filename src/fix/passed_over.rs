//! Documents that are left alone: templates of other languages, foreign frontends, files that BuildKit
//! refuses, files that are something else.

use super::{PassedOver, suppress::ignores_file};
use crate::{
    model::foreign_frontend,
    syntax::{
        Child, ErrorKind, Green, Parse,
        SyntaxKind::{ANSI_QUOTED, COMMENT_LINE, DOUBLE_QUOTED, HEREDOC_BODY, RUN, SINGLE_QUOTED, UNKNOWN},
    },
};

/// Why a document is to be left alone, if it is.
pub(super) fn reason(parse: &Parse, text: &str) -> Option<PassedOver> {
    if let Some(language) = template(parse, text) {
        return Some(PassedOver::Template(language));
    }
    if let Some(image) = foreign_frontend(parse) {
        return Some(PassedOver::ForeignSyntax(image));
    }
    if parse.errors().iter().any(|it| it.kind == ErrorKind::NoInstructions) {
        return Some(PassedOver::NoInstructions);
    }
    if parse.is_refused() {
        return Some(PassedOver::Unparsable);
    }
    let ignores = |it: Child<'_>| it.text_of(COMMENT_LINE).is_some_and(ignores_file);
    if Green::read(parse.file().syntax(), |it| it.children().any(ignores)) {
        return Some(PassedOver::Ignored);
    }
    let (mut all, mut unknown, mut bad) = (0, 0, 0);
    for instruction in parse.file().instructions() {
        all += 1;
        unknown += usize::from(instruction.kind() == UNKNOWN);
        let errors = parse.errors_in(instruction.syntax().text_range());
        bad += usize::from(errors.iter().any(|it| !it.kind.is_shell() && !matches!(it.kind, ErrorKind::NoStage(_))));
    }
    if 2 * unknown > all {
        Some(PassedOver::Foreign)
    } else if bad == all {
        Some(PassedOver::Unsound)
    } else {
        None
    }
}

/// What stands in an instruction in each language of templates: where it begins, and where it ends.
const MARKS: &[(&str, &str, &str)] = &[
    ("{%", "%}", "Jinja"),
    ("{{", "}}", "Go or Jinja"),
    ("<%", "%>", "ERB"),
    ("%%", "%%", "sed"),
    ("@@", "@@", "sed"),
];

/// What begins a line that is no instruction, beside those.
const STATEMENTS: &[(&str, &str)] = &[("{#", "Jinja"), ("m4_", "m4"), ("include(", "m4"), ("define(", "m4")];

/// What begins a line wherever it stands.
const LINES: &[(&str, &str)] = &[("{%", "Jinja"), ("<%", "ERB")];

/// The language of the template that the document is, if it is one.
fn template(parse: &Parse, text: &str) -> Option<&'static str> {
    let begins = |line: &str, marks: &[(&str, &'static str)]| {
        marks.iter().find(|(mark, _)| line.starts_with(mark)).map(|(_, language)| *language)
    };
    // Most texts hold no such mark at all.
    if LINES.iter().any(|(mark, _)| text.contains(mark))
        && let Some(language) = text.lines().find_map(|it| begins(it.trim_start(), LINES))
    {
        return Some(language);
    }
    parse.file().instructions().find_map(|it| {
        // A line break may stand between the two of a mark, but one of them there must be.
        let written = || text[it.syntax().text_range()].as_bytes();
        match it.kind() {
            RUN => return None,
            UNKNOWN => {}
            _ if memchr::memchr3(b'{', b'%', b'@', written()).is_none() => return None,
            _ => {}
        }
        let mut text = String::new();
        Green::read(it.syntax(), |it| push_bare(it, &mut text));
        let text = text.trim();
        if it.kind() == UNKNOWN
            && let Some(language) = begins(text, STATEMENTS)
        {
            return Some(language);
        }
        let is_unknown = it.kind() == UNKNOWN;
        let mark = MARKS.iter().find(|(begin, end, _)| {
            (is_unknown && text.starts_with(begin)) || text.match_indices(begin).any(|(at, _)| is_mark(text, at, end))
        });
        mark.map(|(_, _, language)| *language)
    })
}

/// Appends what a template would have to fill: not what RUN runs, nor the text of a heredoc or of a command's quotes,
/// where other languages have the same marks.
fn push_bare(node: Green<'_>, out: &mut String) {
    for child in node.children() {
        match child {
            Child::Node(node) if matches!(node.kind(), RUN | DOUBLE_QUOTED) => {}
            Child::Node(node) => push_bare(node, out),
            Child::Token(SINGLE_QUOTED | ANSI_QUOTED | HEREDOC_BODY, _) => {}
            Child::Token(kind, _) if kind.is_dropped() => {}
            Child::Token(_, text) => out.push_str(text),
        }
    }
}

/// Whether what begins there ends, and has a name in it where both look the same: two percent signs may be an escape.
fn is_mark(text: &str, at: usize, end: &str) -> bool {
    let Some((inside, _)) = text.get(at + end.len()..).and_then(|it| it.split_once(end)) else { return false };
    let is_name = |it: char| it.is_alphanumeric() || matches!(it, '_' | '-' | '.');
    !text[at..].starts_with(end) || (!inside.is_empty() && inside.chars().all(is_name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax;

    #[test]
    fn what_is_left_alone_is_told_apart() {
        for (text, expected) in [
            ("# a\n", PassedOver::NoInstructions),
            ("FROM a b\n", PassedOver::Unsound),
            ("FROM a\nRUN <<E\n", PassedOver::Unparsable),
            ("# dockfix: ignore-file\nFROM a\n", PassedOver::Ignored),
            ("# dockfix: ignore-file\nFROM a\nCOPY b\nRUN if\n", PassedOver::Ignored),
        ] {
            assert_eq!(reason(&syntax::parse(text), text), Some(expected), "{text}");
        }
        let text = "FROM a\nCOPY b\n";
        assert_eq!(reason(&syntax::parse(text), text), None);
    }

    #[test]
    fn templates_are_known_by_what_has_to_be_filled() {
        let language = |line: &str| {
            let text = format!("FROM a\n{line}\n");
            template(&syntax::parse(&text), &text)
        };
        for (line, expected) in [
            ("ENV A={{ a }}", "Go or Jinja"),
            ("ENV A={{\\\n a }}", "Go or Jinja"),
            ("CMD run {{ a }}", "Go or Jinja"),
            ("CMD [\"{{ a }}\"]", "Go or Jinja"),
            ("{{ a }}", "Go or Jinja"),
            ("{{- define \"a\"", "Go or Jinja"),
            ("{# a #}", "Jinja"),
            ("RUN a \\\n{% if b %}\n c", "Jinja"),
            ("ENV A=<%= a %>", "ERB"),
            ("EXPOSE %%PORT%%", "sed"),
            ("ENV A=50%% B=%%b-c%%", "sed"),
            ("LABEL a=@@A.B@@", "sed"),
            ("m4_define(a)", "m4"),
        ] {
            assert_eq!(language(line), Some(expected), "{line}");
        }
        for line in [
            "RUN docker inspect -f {{.State}} a",
            "ONBUILD RUN docker inspect -f {{.State}} a",
            "HEALTHCHECK CMD docker inspect -f \"{{.State}}\" a",
            "HEALTHCHECK CMD docker inspect -f '{{.State}}' a",
            "CMD curl -w \"%%{http_code}\" a",
            "COPY <<EOF /a.html\n{{ name }}\nEOF",
            "ENV A=100%%",
            "ENV A=100%% B=20%%",
            "LABEL mail=a@@b",
            "ENV A={{",
        ] {
            assert_eq!(language(line), None, "{line}");
        }
    }
}
