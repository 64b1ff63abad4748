//! Documents that are left alone: templates of other languages, foreign frontends, files that BuildKit
//! refuses, files that are something else.

use super::{PassedOver, suppress::ignores_file};
use crate::syntax::{
    Child, ErrorKind, Green, Parse,
    SyntaxKind::{COMMENT_LINE, RUN, UNKNOWN},
};

/// Why a document is to be left alone, if it is.
pub(super) fn reason(parse: &Parse, text: &str) -> Option<PassedOver> {
    if let Some(language) = template(parse, text) {
        return Some(PassedOver::Template(language));
    }
    for (name, value) in parse.file().directives().filter_map(|it| it.parts()) {
        let image = value.split_whitespace().next().unwrap_or_default();
        if name == "syntax" && !is_official_frontend(image) {
            return Some(PassedOver::ForeignSyntax(image.to_owned()));
        }
    }
    if parse.errors().iter().any(|it| it.kind == ErrorKind::NoInstructions) {
        return Some(PassedOver::Ignored);
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
    match () {
        () if 2 * unknown > all => Some(PassedOver::Foreign),
        () if bad == all => Some(PassedOver::Ignored),
        () => None,
    }
}

/// Whether a frontend reads the grammar that this program knows.
fn is_official_frontend(image: &str) -> bool {
    let name = image.split(['@', ':']).next().unwrap_or_default();
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    matches!(name, "docker/dockerfile" | "docker/dockerfile-upstream")
}

/// What begins a line, or stands in an instruction that is no shell text, in each language of templates.
const MARKS: &[(&str, &str)] = &[
    ("{%", "Jinja"),
    ("{#", "Jinja"),
    ("{{", "Go or Jinja"),
    ("<%", "ERB"),
    ("%%", "sed"),
    ("@@", "sed"),
    ("m4_", "m4"),
    ("include(", "m4"),
    ("define(", "m4"),
];

/// The language of the template that the document is, if it is one.
fn template(parse: &Parse, text: &str) -> Option<&'static str> {
    // Most texts hold no such mark at all.
    let lines = if text.contains("{%") || text.contains("<%") { text.lines() } else { "".lines() };
    for line in lines {
        let line = line.trim_start();
        let mark = MARKS.iter().find(|(mark, _)| matches!(*mark, "{%" | "<%") && line.starts_with(mark));
        if let Some((_, language)) = mark {
            return Some(language);
        }
    }
    parse.file().instructions().find_map(|it| {
        if it.kind() == RUN {
            return None;
        }
        // A line break may stand between the two of a mark, but one of them there must be.
        let written = &text[it.syntax().text_range()];
        if it.kind() != UNKNOWN && memchr::memchr3(b'{', b'%', b'@', written.as_bytes()).is_none() {
            return None;
        }
        let text = it.text();
        let text = text.trim();
        MARKS.iter().find_map(|(mark, language)| {
            let inside = matches!(*mark, "{{" | "{%" | "<%" | "%%" | "@@") && text.contains(mark);
            (inside || (it.kind() == UNKNOWN && text.starts_with(mark))).then_some(*language)
        })
    })
}
