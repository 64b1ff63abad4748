//! Calls of programs that are named literally, and their flags, by the table `config/options.toml`.

use std::{collections::HashMap, sync::LazyLock};

use serde::Deserialize;

use super::{Holds, ShellWord, Simple, argv, holds};
use crate::syntax::ast::{Command, Word, joined_text};

/// Which flags of a program take a value.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    letters: String,
    names: Vec<String>,
}

impl Options {
    /// Whether a flag takes the word behind it as its value.
    fn takes_next(&self, flag: &str) -> bool {
        let letters = || flag.strip_prefix('-')?.split_once(|it| self.letters.contains(it));
        match flag.starts_with("--") {
            true => self.names.iter().any(|it| it == flag),
            false => letters().is_some_and(|it| it.1.is_empty()),
        }
    }
}

/// What the table says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Table {
    /// The ends of words in the names of variables that may hold flags.
    pub(super) variables_of_flags: Vec<String>,
    /// The same of variables that hold packages.
    pub(super) variables_of_packages: Vec<String>,
    #[serde(flatten)]
    programs: HashMap<String, Options>,
}

const TABLE: &str = include_str!("../../config/options.toml");

pub(super) fn options() -> &'static Table {
    // A test reads the table, so that it is never the empty one.
    static OPTIONS: LazyLock<Table> = LazyLock::new(|| toml::from_str(TABLE).unwrap_or_default());
    &OPTIONS
}

/// A call of a program that is named literally, perhaps by way of `sudo`.
#[derive(Debug)]
pub struct Call {
    /// The name of the program, without its folder.
    pub program: String,
    /// The word that names it.
    pub word: Word,
    /// The words behind it.
    pub arguments: Vec<(Word, ShellWord)>,
    /// The flags before `--`, those that are put together apart, each as `-f` or `--fail`, with the value where it has
    /// one that is known.
    pub flags: Vec<(String, Option<String>)>,
    /// The indices of the arguments that are neither flags nor values of flags.
    pub operands: Vec<usize>,
    /// Whether an argument is a variable that may hold flags.
    pub open: bool,
}

impl Call {
    /// Reads a command as a call.
    pub fn of(command: &Command) -> Option<Call> {
        let call = Call::read(argv(command))?;
        if call.program != "sudo" || call.open {
            return Some(call);
        }
        Call::read(call.arguments.into_iter().skip(*call.operands.first()?).collect())
    }

    /// The name of the program that a command calls, as [`Call::of`] has it.
    pub fn program_of(command: &Command) -> Option<String> {
        let first = ShellWord::first(command)?;
        match first.literal()?.rsplit('/').next()? {
            "sudo" => Call::of(command).map(|it| it.program),
            program => Some(program.to_owned()),
        }
    }

    /// Reads a command as a call of one of some programs. Others are not taken apart.
    pub fn of_program(command: &Simple, programs: &[&str]) -> Option<Call> {
        let first = command.program()?.rsplit('/').next()?;
        let call = (first == "sudo" || programs.contains(&first)).then(|| Call::of(command))?;
        call.filter(|it| programs.contains(&it.program.as_str()))
    }

    /// As [`Call::of`], but a call of `sudo` stays one.
    pub fn read(words: Vec<(Word, ShellWord)>) -> Option<Call> {
        let mut words = words.into_iter();
        let (word, name) = words.next()?;
        let program = name.literal()?.rsplit('/').next()?.to_owned();
        let arguments: Vec<_> = words.collect();
        let mut call = Call { program, word, arguments, flags: Vec::new(), operands: Vec::new(), open: false };
        call.read_flags();
        Some(call)
    }

    fn read_flags(&mut self) {
        let none = Options::default();
        let options = options().programs.get(&self.program).unwrap_or(&none);
        let mut rest = self.arguments.iter().enumerate();
        while let Some((at, (word, argument))) = rest.next() {
            let text = argument.path().map_or_else(|| joined_text(word.syntax()), str::to_owned);
            self.open |= argument.path().is_none() && holds(&text) == Some(Holds::Flags);
            if text == "--" {
                self.operands.extend(rest.map(|it| it.0));
                return;
            }
            let mut value = || rest.next().and_then(|it| it.1.1.path()).map(str::to_owned);
            if let Some(name) = text.strip_prefix("--") {
                let flag = match name.split_once('=') {
                    Some((name, value)) => (format!("--{name}"), Some(value.to_owned())),
                    None if options.names.contains(&text) => (text.clone(), value()),
                    None => (text.clone(), None),
                };
                self.flags.push(flag);
            } else if let Some(letters) = text.strip_prefix('-').filter(|it| !it.is_empty()) {
                for (at, letter) in letters.char_indices() {
                    let name = format!("-{letter}");
                    if options.letters.contains(letter) {
                        let rest = &letters[at + letter.len_utf8()..];
                        let value = if rest.is_empty() { value() } else { Some(rest.to_owned()) };
                        self.flags.push((name, value));
                        break;
                    }
                    self.flags.push((name, None));
                }
            } else {
                self.operands.push(at);
                // What stands behind the program that sudo starts is that program's.
                if self.program == "sudo" {
                    return;
                }
            }
        }
    }

    /// Whether it has one of these flags.
    pub fn has(&self, names: &[&str]) -> bool {
        self.flags.iter().any(|it| names.contains(&it.0.as_str()))
    }
}

/// The index of the word that names the program which a command starts: where its words begin with `sudo`, the one
/// behind that, its flags and the variables that it sets; else the first. There may be no such word.
pub fn behind_sudo(words: &[(Word, ShellWord)]) -> usize {
    let literal = |at: usize| words.get(at).and_then(|it| it.1.literal());
    let none = Options::default();
    let mut at = 0;
    if literal(at).is_some_and(|it| it.rsplit('/').next() == Some("sudo")) {
        at += 1;
        while let Some(word) = literal(at).filter(|it| it.starts_with('-') || it.contains('=')) {
            at += 1 + usize::from(options().programs.get("sudo").unwrap_or(&none).takes_next(word));
            if word == "--" {
                break;
            }
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::simple_commands, syntax::parse};

    fn call(shell: &str) -> Option<Call> {
        let parse = parse(&format!("FROM a\nRUN {shell}\n"));
        Call::of(&simple_commands(parse.file().syntax()).next().unwrap())
    }

    #[test]
    fn the_table_is_read() {
        let table: Table = toml::from_str(TABLE).unwrap();
        assert!(table.programs.contains_key("wget") && table.programs["curl"].letters.contains('o'));
    }

    #[test]
    fn flags_are_taken_apart() {
        let it = call("sudo -E -u me /usr/bin/curl -fsSLo a --retry 3 --url=b -- -c").unwrap();
        let flags: Vec<String> = it.flags.iter().map(|(name, value)| format!("{name} {value:?}")).collect();
        assert_eq!(it.program, "curl");
        assert_eq!(
            flags,
            ["-f None", "-s None", "-S None", "-L None", "-o Some(\"a\")", "--retry Some(\"3\")", "--url Some(\"b\")"]
        );
        assert_eq!(it.operands, [6]);
        assert!(it.has(&["-f"]) && !it.has(&["-c", "-u"]) && !it.open);
    }

    #[test]
    fn a_program_is_named_without_its_flags() {
        for shell in
            ["curl -f a", "/usr/bin/curl", "A=b curl", "sudo -u me wget a", "sudo", "$X a", "A=b", "(a)", "'a b'"]
        {
            let parse = parse(&format!("FROM a\nRUN {shell}\n"));
            for command in simple_commands(parse.file().syntax()) {
                assert_eq!(Call::program_of(&command), Call::of(&command).map(|it| it.program), "{shell}");
            }
        }
    }

    #[test]
    fn what_sudo_starts_is_found() {
        for (shell, at) in [
            ("rm -r a", 0),
            ("sudo rm -r a", 1),
            ("/usr/bin/sudo -EH rm", 2),
            ("sudo -Eu me -g you -- rm", 6),
            ("sudo --user me A=b C=d rm", 5),
            ("sudo --user=me -- -rm", 3),
            ("sudo $X rm", 1),
            ("sudo -v", 2),
        ] {
            let parse = parse(&format!("FROM a\nRUN {shell}\n"));
            let command = simple_commands(parse.file().syntax()).next().unwrap();
            assert_eq!(behind_sudo(&argv(&command)), at, "{shell}");
        }
    }

    #[test]
    fn what_may_be_flags_is_open() {
        assert!(call("wget $WGET_OPTS a").unwrap().open && call("wget \"$@\"").is_some_and(|it| !it.open));
        assert!(!call("wget $TARGET_URL").unwrap().open && !call("wget $X/opt/a").unwrap().open);
        assert!(!call("wget $URL").unwrap().open && call("$X a").is_none());
    }
}
