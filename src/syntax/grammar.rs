//! The instructions, each read as BuildKit reads it (`line_parsers.go`, `split_command.go`).

use super::{
    ErrorKind, SyntaxKind,
    SyntaxKind::*,
    check,
    cursor::{Cursor, is_list_space},
    dialect::{Dialect, Dialects},
    events::Events,
    heredoc::{self, Heredoc},
    json::{self, JsonForm},
    shell,
    words::{cook_flag, flag_len, pair_word_len},
};

/// An error and its place in the joined text.
pub(crate) type LocalError = (usize, usize, ErrorKind);

/// What was read of an instruction beside its events.
#[derive(Debug)]
pub(crate) struct Instruction {
    pub(crate) kind: SyntaxKind,
    pub(crate) heredocs: Vec<Heredoc>,
    pub(crate) errors: Vec<LocalError>,
}

/// Reads an instruction. Its node is left open, for its heredocs.
pub(crate) fn instruction(joined: &str, escape: char, dialects: &mut Dialects, events: &mut Events) -> Instruction {
    let mut reader = Reader {
        cursor: Cursor::new(joined, events),
        joined,
        escape,
        dialects,
        errors: Vec::new(),
        takes_heredocs: false,
    };
    let kind = reader.read(false);
    let (takes_heredocs, errors) = (reader.takes_heredocs, reader.errors);
    let heredocs = if takes_heredocs { heredoc::heredocs(joined) } else { Vec::new() };
    Instruction { kind, heredocs, errors }
}

struct Reader<'a, 'd> {
    cursor: Cursor<'a>,
    joined: &'a str,
    escape: char,
    dialects: &'d mut Dialects,
    errors: Vec<LocalError>,
    takes_heredocs: bool,
}

impl<'a> Reader<'a, '_> {
    fn error(&mut self, start: usize, kind: ErrorKind) {
        self.errors.push((start, self.joined.trim_end().len().max(start), kind));
    }

    /// Reads an instruction, also the one inside ONBUILD (`nested`), whose flags and arguments BuildKit looks at only
    /// in the child's build. Opens its node and does not close it.
    fn read(&mut self, nested: bool) -> SyntaxKind {
        let joined = self.cursor.rest();
        let trimmed = joined.trim_start();
        let keyword_len = trimmed.find(is_list_space).unwrap_or_else(|| trimmed.trim_end().len());
        let keyword = &trimmed[..keyword_len];
        let kind = SyntaxKind::from_keyword(keyword);
        self.cursor.events.start(kind);
        self.cursor.space();
        let start = self.cursor.pos();
        if kind == UNKNOWN {
            if !nested {
                let hint = check::keyword_hint(keyword);
                self.error(start, ErrorKind::UnknownInstruction { name: keyword.to_owned(), hint });
            }
            self.cursor.rest_as(TEXT);
            return kind;
        }
        self.cursor.take(KEYWORD, keyword_len);
        self.cursor.take_while(WHITESPACE, is_list_space);
        let flags = self.flags();
        self.cursor.space();
        let args = self.cursor.rest().trim_end();
        if !nested {
            for error in check::flags(kind, &flags, args) {
                self.error(start, error);
            }
        }
        let bad = if nested { check::trigger(kind) } else { check::arguments(kind, args) };
        if let Some(message) = bad {
            self.error(start, ErrorKind::Arguments(message));
        }
        self.arguments(kind, args, &flags, nested);
        kind
    }

    /// Takes the flags and gives them back as BuildKit hands them on.
    fn flags(&mut self) -> Vec<String> {
        let mut flags = Vec::new();
        loop {
            self.cursor.space();
            let rest = self.cursor.rest();
            let Some(len) = flag_len(rest, self.escape) else {
                return flags;
            };
            let text = &rest[..len];
            self.cursor.events.start(FLAG);
            self.cursor.take(FLAG_TEXT, len);
            self.cursor.events.finish();
            let flag = cook_flag(text, self.escape);
            if flag == "--" {
                return flags;
            }
            if !text.is_ascii() {
                let at = self.cursor.pos() - len;
                self.error(at, ErrorKind::NonAsciiFlag);
            }
            flags.push(flag);
        }
    }

    fn arguments(&mut self, kind: SyntaxKind, args: &'a str, flags: &[String], nested: bool) {
        match kind {
            FROM => self.from(flags),
            ENV | LABEL => self.pairs(kind, nested),
            ARG => self.arg(nested),
            RUN | CMD | ENTRYPOINT => {
                let json = self.json_or_shell(args);
                self.takes_heredocs = kind == RUN && !json;
            }
            SHELL => {
                if self.json(args) {
                    self.dialects.shell(&check::json_strings(args));
                } else {
                    self.cursor.rest_as_node(ERROR, TEXT);
                }
            }
            HEALTHCHECK => self.healthcheck(),
            COPY | ADD | VOLUME => {
                let json = self.json(args);
                if !json {
                    self.list();
                }
                self.takes_heredocs = kind != VOLUME && !json;
            }
            EXPOSE => self.list(),
            ONBUILD if nested => self.cursor.rest_as(TEXT),
            ONBUILD if !args.is_empty() => {
                // The trigger is read again in the child's build, always with a backslash.
                let escape = std::mem::replace(&mut self.escape, '\\');
                self.read(true);
                self.cursor.events.finish();
                self.escape = escape;
            }
            _ => self.cursor.rest_as(TEXT),
        }
        self.cursor.space();
    }

    fn from(&mut self, flags: &[String]) {
        let words: Vec<&str> = self.cursor.rest().split(is_list_space).filter(|it| !it.is_empty()).collect();
        let platform = flags.iter().find_map(|it| it.strip_prefix("--platform="));
        self.dialects.from(&words, platform);
        let named = words.len() == 3 && words.get(1).is_some_and(|it| it.eq_ignore_ascii_case("as"));
        for (i, word) in words.iter().enumerate() {
            if named && i == 1 {
                self.cursor.take(KEYWORD, word.len());
            } else {
                self.word(word.len());
            }
            self.cursor.take_while(WHITESPACE, is_list_space);
        }
    }

    fn word(&mut self, len: usize) {
        self.cursor.events.start(WORD);
        self.cursor.take(TEXT, len);
        self.cursor.events.finish();
    }

    /// Words split at blanks, which quotes do not protect.
    fn list(&mut self) {
        loop {
            self.cursor.take_while(WHITESPACE, is_list_space);
            let rest = self.cursor.rest();
            let len = rest.find(is_list_space).unwrap_or_else(|| rest.trim_end().len());
            if len == 0 {
                break;
            }
            self.word(len);
        }
    }

    /// ENV and LABEL: `key=value …`, or in the legacy form `key value`.
    fn pairs(&mut self, kind: SyntaxKind, nested: bool) {
        let rest = self.cursor.rest().trim_end();
        if rest.is_empty() {
            return;
        }
        let first = &rest[..pair_word_len(rest, self.escape)];
        if first.contains('=') {
            while !self.cursor.rest().trim_end().is_empty() {
                self.pair(kind, nested);
                self.cursor.space();
            }
            return;
        }
        let Some(key_len) = rest.find(is_list_space) else {
            let keyword = kind.keyword();
            let at = self.cursor.pos();
            self.error(at, ErrorKind::MissingValue(keyword));
            self.cursor.rest_as_node(ERROR, TEXT);
            return;
        };
        self.cursor.events.start(KEY_VALUE);
        self.cursor.take(KEY, key_len);
        self.cursor.take_while(WHITESPACE, is_list_space);
        let len = self.cursor.rest().trim_end().len();
        self.cursor.take(VALUE, len);
        self.cursor.events.finish();
    }

    fn pair(&mut self, kind: SyntaxKind, nested: bool) {
        let rest = self.cursor.rest();
        let rest = &rest[..rest.trim_end().len()];
        let word = &rest[..pair_word_len(rest, self.escape)];
        let Some(eq) = word.find('=') else {
            let at = self.cursor.pos();
            self.errors.push((at, at + word.len(), ErrorKind::MissingEquals(word.to_owned())));
            self.cursor.events.start(ERROR);
            self.cursor.take(TEXT, word.len());
            self.cursor.events.finish();
            return;
        };
        self.named(kind, eq, nested);
        self.cursor.events.start(KEY_VALUE);
        self.cursor.take(KEY, eq);
        self.cursor.take(EQ, 1);
        self.cursor.take(VALUE, word.len() - eq - 1);
        self.cursor.events.finish();
    }

    fn arg(&mut self, nested: bool) {
        while !self.cursor.rest().trim_end().is_empty() {
            let rest = self.cursor.rest().trim_end();
            let word = &rest[..pair_word_len(rest, self.escape)];
            let key_len = word.find('=').unwrap_or(word.len());
            self.named(ARG, key_len, nested);
            self.cursor.events.start(KEY_VALUE);
            self.cursor.take(KEY, key_len);
            if key_len < word.len() {
                self.cursor.take(EQ, 1);
                self.cursor.take(VALUE, word.len() - key_len - 1);
            }
            self.cursor.events.finish();
            self.cursor.space();
        }
    }

    /// Notes where a name of no characters follows.
    fn named(&mut self, kind: SyntaxKind, len: usize, nested: bool) {
        if len == 0 && !nested {
            let at = self.cursor.pos();
            self.errors.push((at, at + 1, ErrorKind::MissingName(kind.keyword())));
        }
    }

    /// Takes a JSON array if the arguments are one, and says whether they are.
    fn json(&mut self, args: &str) -> bool {
        match json::form(args) {
            JsonForm::Strings => {
                json::array(&mut self.cursor);
                true
            }
            JsonForm::OtherValues => {
                let at = self.cursor.pos();
                self.error(at, ErrorKind::NonStringArray);
                self.cursor.rest_as_node(ERROR, TEXT);
                true
            }
            JsonForm::None => false,
        }
    }

    /// Takes exec form or shell form; says whether it was exec form.
    fn json_or_shell(&mut self, args: &str) -> bool {
        if self.json(args) {
            return true;
        }
        if self.dialects.current() == Dialect::Foreign {
            self.cursor.rest_as_node(FOREIGN_SCRIPT, TEXT);
            return false;
        }
        let at = self.cursor.pos();
        if let Err(error) = shell::script(&mut self.cursor, args) {
            self.errors.push((at + error.at, at + error.at, ErrorKind::Shell(error.message)));
        }
        self.cursor.space();
        false
    }

    fn healthcheck(&mut self) {
        let rest = self.cursor.rest().trim_end();
        let len = rest.find(is_list_space).unwrap_or(rest.len());
        let kind = &rest[..len];
        if kind.eq_ignore_ascii_case("none") || kind.eq_ignore_ascii_case("cmd") {
            self.cursor.take(KEYWORD, len);
            self.cursor.space();
            let args = self.cursor.rest().trim_end();
            if kind.eq_ignore_ascii_case("cmd") && !args.is_empty() {
                self.json_or_shell(args);
            }
        }
        self.cursor.rest_as(TEXT);
    }
}
