//! What a report tells of a file: findings, errors and faults, all in one form.

use std::{borrow::Cow, cell::OnceCell};

use text_size::{TextRange, TextSize};

use super::{Fingerprints, Name, style::shown};
use crate::{
    fix::{Effect, Fault, Finding, Fix, Rule, Safety},
    syntax::SyntaxError,
    text::{Edit, LineIndex, encode, has_raw},
};

/// What kind of thing is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A rule found something.
    Rule(&'static Rule),
    /// The layout of some lines is not what `format` would make.
    Layout,
    /// BuildKit would refuse it; or, as a note, it is shell text that can't be read.
    Syntax,
    /// dockfix itself was wrong, and took its work back.
    Fault,
    /// The file can't be worked on: it can't be read, or its settings are wrong.
    Unusable,
}

impl Kind {
    /// The name that stands where a rule's name does. No rule bears one of these.
    pub fn id(self) -> &'static str {
        match self {
            Kind::Rule(rule) => rule.name,
            Kind::Layout => "unformatted",
            Kind::Syntax => "syntax-error",
            Kind::Fault => "fault",
            Kind::Unusable => "unusable-file",
        }
    }

    /// In one line, without a full stop.
    pub fn summary(self) -> &'static str {
        match self {
            Kind::Rule(rule) => rule.summary,
            Kind::Layout => "The layout is not what `dockfix format` makes",
            Kind::Syntax => "BuildKit refuses the file or one of its instructions",
            Kind::Fault => "dockfix was wrong about the file, and took its work back",
            Kind::Unusable => "The file can't be worked on",
        }
    }
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// To be known.
    Note,
    /// To be mended.
    Warning,
    /// It keeps a build or dockfix from going on.
    Error,
}

impl Level {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Note => "note",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}

/// One thing that is told.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// What kind of thing it is.
    pub kind: Kind,
    /// How bad it is.
    pub level: Level,
    /// Where, in the text of the file; nowhere where it is about the file as such.
    pub range: Option<TextRange>,
    /// What is wrong, without a full stop. Holds nothing that could drive a terminal, and no bare byte.
    pub message: String,
    /// What to do about it, where there is more to say than the message does.
    pub help: Option<&'static str>,
    /// What would mend it, with places in the text of the file.
    pub fix: Option<Cow<'a, Fix>>,
    /// Its place among all that is told of the file, by which it has its fingerprint.
    nth: usize,
}

impl<'a> Entry<'a> {
    fn new(kind: Kind, level: Level, range: Option<TextRange>, message: &str) -> Entry<'a> {
        let message = shown(message);
        Entry { kind, level, range, message, help: None, fix: None, nth: 0 }
    }

    /// The fix, where it can be written as Unicode: formats that are JSON can't say a bare byte, and a fix with another
    /// text in its place would spoil the file.
    pub fn sayable_fix(&self) -> Option<&Fix> {
        self.fix.as_deref().filter(|it| !it.edits.iter().any(|it| has_raw(&it.insert)))
    }
}

/// What there is to tell of a file. All places are in its text.
#[derive(Debug, Clone, Copy, Default)]
pub struct Told<'a> {
    /// What rules found.
    pub findings: &'a [Finding],
    /// The edits of the layout, each of which replaces whole lines.
    pub layout: &'a [Edit],
    /// The most that all of them together do to the build; none where that is nothing.
    pub layout_effect: Option<Effect>,
    /// What BuildKit would refuse.
    pub errors: &'a [SyntaxError],
    /// Whether shell text that can't be read is told as well.
    pub verbose: bool,
    /// What dockfix did wrong.
    pub faults: &'a [Fault],
    /// Why the file can't be worked on.
    pub unusable: Option<&'a str>,
}

/// A file, and what there is to tell of it.
#[derive(Debug)]
pub struct File<'a> {
    /// Its name.
    pub name: &'a Name,
    /// The text in which the places are.
    pub text: &'a str,
    /// The lines of the text.
    pub lines: LineIndex,
    /// What is told, in the order of the text.
    pub entries: Vec<Entry<'a>>,
    /// What would become of it as a unified diff, where that is asked for.
    pub diff: &'a str,
    /// Why it was passed over, in a clause.
    pub passed_over: Option<&'a str>,
    /// Whether its text has other lengths than the bytes that it stands for.
    has_raw: bool,
    /// What was told before some of it was left out, and where.
    all: Vec<(&'static str, Option<TextRange>)>,
    /// The fingerprints of these, once somebody asked.
    prints: OnceCell<Vec<String>>,
}

impl<'a> File<'a> {
    /// A file of that name and text.
    pub fn new(name: &'a Name, text: &'a str, told: &Told<'a>) -> File<'a> {
        let lines = LineIndex::new(text);
        let mut entries: Vec<Entry<'a>> = told.findings.iter().map(finding).collect();
        entries.extend(told.layout.iter().map(|it| layout(it, told.layout_effect)));
        let errors = told.errors.iter().filter(|it| told.verbose || !it.kind.is_shell());
        entries.extend(errors.map(error));
        let end = TextSize::of(text);
        for fault in told.faults {
            // The place is one in the text before, which may have been another.
            let range = TextRange::new(fault.range.start().min(end), fault.range.end().min(end));
            let message = format!("in {}: {}", fault.rule.unwrap_or("layout"), fault.message);
            let help = Some(super::PLEASE_REPORT);
            entries.push(Entry { help, ..Entry::new(Kind::Fault, Level::Error, Some(range), &message) });
        }
        entries.sort_by_key(|it| it.range.map(|it| (it.start(), it.end())));
        entries.extend(told.unusable.map(|why| Entry::new(Kind::Unusable, Level::Error, None, why)));
        entries.iter_mut().enumerate().for_each(|(nth, it)| it.nth = nth);
        let all = entries.iter().map(|it| (it.kind.id(), it.range)).collect();
        File {
            name,
            text,
            lines,
            entries,
            diff: "",
            passed_over: None,
            has_raw: has_raw(text),
            all,
            prints: OnceCell::new(),
        }
    }

    /// The fingerprint of an entry, for which all that was ever told of the file counts. See [`Fingerprints`].
    pub fn fingerprint(&self, entry: &Entry<'_>) -> &str {
        // Only some formats ask, and the text has to be read once more for it.
        let prints = self.prints.get_or_init(|| {
            let mut prints = Fingerprints::new(self.text);
            self.all.iter().map(|(id, range)| prints.next(id, *range)).collect()
        });
        prints.get(entry.nth).map_or("", String::as_str)
    }

    /// A place in the text, as people and machines count.
    pub fn place(&self, offset: TextSize) -> Place {
        let (line, column) = self.lines.display(offset, self.text);
        let end = usize::from(offset).min(self.text.len());
        let start = end - self.lines.line_col(offset).col as usize;
        let bytes = |from: usize| match self.has_raw {
            true => self.text.get(from..end).map_or(end - from, |it| encode(it).len()),
            false => end - from,
        };
        Place { line, column, byte_column: bytes(start) + 1, offset: bytes(0) }
    }

    /// Where an entry begins and where it ends; the end is behind its last character.
    pub fn places(&self, entry: &Entry<'_>) -> Option<(Place, Place)> {
        entry.range.map(|it| (self.place(it.start()), self.place(it.end())))
    }

    /// The first and the last line of an entry; the first line of the file for one that has no place.
    pub fn line_span(&self, entry: &Entry<'_>) -> (usize, usize) {
        let Some((start, end)) = self.places(entry) else { return (1, 1) };
        let last = if end.column == 1 { end.line - 1 } else { end.line };
        (start.line, last.max(start.line))
    }
}

/// A place in a file. All are counted from 1 but the offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
    /// The column, in bytes of the file.
    pub byte_column: usize,
    /// The bytes of the file before it.
    pub offset: usize,
}

fn finding(it: &Finding) -> Entry<'_> {
    let fix = it.fix.as_ref().map(Cow::Borrowed);
    Entry { fix, ..Entry::new(Kind::Rule(it.rule), Level::Warning, Some(it.range), &it.message) }
}

fn layout<'a>(edit: &Edit, effect: Option<Effect>) -> Entry<'a> {
    let edits = edit.clone().into();
    let effect = effect.unwrap_or(Effect::None);
    let fix = Fix { title: "Lay out as `dockfix format` does".to_owned(), safety: Safety::Safe, effect, edits };
    let message = "not laid out as `dockfix format` does";
    Entry { fix: Some(Cow::Owned(fix)), ..Entry::new(Kind::Layout, Level::Warning, Some(edit.range), message) }
}

fn error<'a>(it: &SyntaxError) -> Entry<'a> {
    let level = if it.kind.is_shell() { Level::Note } else { Level::Error };
    Entry { help: it.kind.help(), ..Entry::new(Kind::Syntax, level, Some(it.range), &it.kind.to_string()) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::path::Path;

    use super::*;
    use crate::{rules::ALL, text::decode};

    #[test]
    fn no_rule_bears_the_name_of_another_kind() {
        for kind in [Kind::Layout, Kind::Syntax, Kind::Fault, Kind::Unusable] {
            assert!(!ALL.iter().any(|it| it.answers_to(kind.id())), "{}", kind.id());
        }
    }

    #[test]
    fn places_count_bytes_of_the_file() {
        let text = decode(b"FROM a\n# \xc3\xa4\xff x\n");
        let name = Name::new(Path::new("Dockerfile"), Path::new(""));
        let file = File::new(&name, &text, &Told::default());
        let place = file.place((text.find('x').unwrap() as u32).into());
        assert_eq!(place, Place { line: 2, column: 6, byte_column: 7, offset: 13 });
        assert_eq!(file.place(TextSize::of(&*text)), Place { line: 3, column: 1, byte_column: 1, offset: 15 });
    }
}
