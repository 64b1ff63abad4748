//! The file: directives, comments, blank lines, instructions, heredocs.

use text_size::TextRange;

use super::{
    ErrorKind, Parse, SyntaxError, SyntaxKind,
    SyntaxKind::*,
    dialect::Dialects,
    directive,
    events::{Doc, Events, TreeBuilder},
    grammar::{self, Instruction},
    heredoc::Heredoc,
    interner::Interner,
    lines::{Line, LogicalLine},
    reparser::{self, Reparser},
};
use crate::text::offset;

/// Parses a file. Never fails: what cannot be read is in the tree all the same, with an error beside it.
///
/// A text of 4 GiB or more, which rowan's offsets do not reach, gives the tree of an empty one; callers refuse such
/// files before.
pub fn parse(text: &str) -> Parse {
    parse_with(text, None)
}

/// Parses a file, and takes instructions from `known` where it has them.
pub(super) fn parse_with(text: &str, known: Option<&mut Reparser>) -> Parse {
    let text = match u32::try_from(text.len()) {
        Ok(_) => text,
        Err(_) => "",
    };
    let mut parser = Parser {
        text,
        tree: TreeBuilder::new(text, FILE, Interner::of_thread(text.len())),
        errors: Vec::new(),
        events: Events::with_room(),
        line: LogicalLine::default(),
        known,
        escape: '\\',
        seen: Vec::new(),
        has_stage: false,
        has_instruction: false,
    };
    parser.directives();
    parser.body();
    if !parser.has_instruction {
        parser.error(0, text.len(), ErrorKind::NoInstructions);
    }
    let (tree, interner) = parser.tree.build();
    interner.give_back();
    Parse::new(tree, parser.errors, parser.escape)
}

struct Parser<'t, 'k> {
    text: &'t str,
    tree: TreeBuilder<'t>,
    errors: Vec<SyntaxError>,
    events: Events,
    line: LogicalLine<'t>,
    known: Option<&'k mut Reparser>,
    escape: char,
    /// The directives read so far, in lower case.
    seen: Vec<String>,
    has_stage: bool,
    has_instruction: bool,
}

impl Parser<'_, '_> {
    fn error(&mut self, start: usize, end: usize, kind: ErrorKind) {
        self.errors.push(SyntaxError { range: range(start, end), kind });
    }

    /// The zone in which directives count: from the first line to the first that is none.
    fn directives(&mut self) {
        if self.text.starts_with('\u{feff}') {
            self.tree.token(BOM, '\u{feff}'.len_utf8());
        }
        while let Some(line) = Line::at(self.text, self.tree.pos()) {
            let Some(parts) = directive::known(line.text(self.text)) else {
                break;
            };
            let name = parts.name.to_ascii_lowercase();
            if self.seen.contains(&name) {
                self.error(line.start, line.text_end, ErrorKind::DuplicateDirective(name.clone()));
            }
            if name == "escape" {
                match parts.value {
                    "\\" => self.escape = '\\',
                    "`" => self.escape = '`',
                    _ => self.error(line.start, line.text_end, ErrorKind::BadEscape),
                }
            }
            self.seen.push(name);
            self.check_length(line);
            self.tree.directive(line);
        }
    }

    fn body(&mut self) {
        let mut dialects = Dialects::new(self.text, self.escape);
        while let Some(line) = Line::at(self.text, self.tree.pos()) {
            let content = line.text(self.text).trim_start();
            if content.is_empty() {
                self.check_length(line);
                self.tree.token(EMPTY_LINE, line.end);
            } else if content.starts_with('#') {
                self.check_length(line);
                self.tree.token(COMMENT_LINE, line.end);
            } else {
                self.instruction(line, &mut dialects);
            }
        }
    }

    fn check_length(&mut self, line: Line) {
        if line.too_long(self.text) {
            self.error(line.start, line.end, ErrorKind::LineTooLong);
        }
    }

    fn instruction(&mut self, first: Line, dialects: &mut Dialects) {
        let mut line = std::mem::take(&mut self.line);
        line.read(self.text, first, self.escape);
        self.logical_line(&line, dialects);
        self.line = line;
    }

    fn logical_line(&mut self, line: &LogicalLine<'_>, dialects: &mut Dialects) {
        if let Some(long) = line.too_long {
            self.check_length(long);
        }
        self.has_instruction = true;
        let state = (self.escape, dialects.current());
        let own = &self.text[line.start..line.end];
        let key = if self.known.is_some() { reparser::key(own) } else { 0 };
        if let Some((kind, node)) = self.known.as_deref_mut().and_then(|it| it.get(key, own, state)) {
            self.tree.again(node, line.end);
            self.check_stage(line, kind);
            return;
        }
        let mut events = std::mem::take(&mut self.events);
        events.clear();
        let read = grammar::instruction(line.joined(), self.escape, dialects, &mut events);
        self.report(line, &read);
        self.check_stage(line, read.kind);
        let mut at = line.end;
        let docs: Vec<Doc> = read.heredocs.iter().map(|it| self.heredoc(it, line, &mut at)).collect();
        let node = self.tree.instruction(&events, line, &docs);
        self.events = events;
        // Those that change how others are read, and those whose text is not all, are read each time.
        let alone = !matches!(read.kind, FROM | SHELL | ONBUILD) && docs.is_empty() && read.errors.is_empty();
        if let (Some(known), Some(node)) = (self.known.as_deref_mut().filter(|_| alone), node) {
            known.put(key, state, read.kind, node);
        }
    }

    /// Adds the errors of an instruction, whose places are offsets in its joined text.
    fn report(&mut self, line: &LogicalLine<'_>, read: &Instruction) {
        if read.errors.is_empty() {
            return;
        }
        let offsets = Offsets::new(line);
        for (start, end, kind) in &read.errors {
            let (start, end) = (offsets.in_file(*start), offsets.in_file(*end));
            self.error(start, end.max(start), kind.clone());
        }
    }

    /// Only ARG may stand before the first FROM.
    fn check_stage(&mut self, line: &LogicalLine<'_>, kind: SyntaxKind) {
        if kind == FROM {
            self.has_stage = true;
        } else if !self.has_stage && !matches!(kind, ARG | UNKNOWN) {
            self.error(line.start, line.start, ErrorKind::NoStage(kind.keyword()));
            // One such message is enough.
            self.has_stage = true;
        }
    }

    /// Finds the lines of a heredoc that begins at `at`, which goes to its end.
    fn heredoc(&mut self, doc: &Heredoc, line: &LogicalLine<'_>, at: &mut usize) -> Doc {
        let mut end = None;
        while let Some(next) = Line::at(self.text, *at) {
            let content = next.text(self.text);
            let content = if doc.chomp { content.trim_start_matches('\t') } else { content };
            if content == doc.name {
                end = Some(next);
                break;
            }
            self.check_length(next);
            *at = next.end;
        }
        let body_end = *at;
        match end {
            Some(end) => *at = end.end,
            None => self.error(line.start, line.end, ErrorKind::UnterminatedHeredoc(doc.name.clone())),
        }
        Doc { body_end, end }
    }
}

/// Where the bytes of a joined text stand in the file.
struct Offsets<'l, 't> {
    line: &'l LogicalLine<'t>,
    /// How much was dropped before each piece of trivia, and before the end.
    dropped: Vec<usize>,
}

impl<'l, 't> Offsets<'l, 't> {
    fn new(line: &'l LogicalLine<'t>) -> Self {
        let mut dropped = vec![0];
        let mut sum = 0;
        dropped.extend(line.trivia.iter().map(|it| {
            sum += it.end - it.start;
            sum
        }));
        Offsets { line, dropped }
    }

    fn in_file(&self, offset: usize) -> usize {
        let LogicalLine { trivia, start, .. } = self.line;
        let joined = self.line.joined();
        // At the end of the text, the trivia that ends the line is left out.
        let before = match offset < joined.len() {
            true => trivia.partition_point(|it| it.at <= offset),
            false => trivia.partition_point(|it| it.at < offset),
        };
        // `dropped` has one entry more than there is trivia.
        start + offset.min(joined.len()) + self.dropped[before]
    }
}

fn range(start: usize, end: usize) -> TextRange {
    TextRange::new(offset(start), offset(end))
}
