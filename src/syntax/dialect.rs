//! Which language the shell-form text of an instruction is in: POSIX shell, or another that is not parsed.

use std::collections::HashMap;

/// The language of shell-form text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// sh, dash, ash, bash, ksh, zsh.
    Posix,
    /// PowerShell, cmd, Python, anything else.
    Foreign,
}

/// Words of an image's name or tag that say Windows.
const WINDOWS_WORDS: &[&str] =
    &["windowsservercore", "nanoserver", "servercore", "windows", "ltsc2016", "ltsc2019", "ltsc2022"];

/// Parts of the names of images that are Windows without saying so.
const WINDOWS_IMAGES: &[&str] =
    &["dotnet/framework", "dotnet-framework", "microsoft/iis", "microsoft/aspnet:", "microsoft/wcf"];

/// Shells that images have as `/bin/sh`, by this name or their own.
const SH: &[&str] = &["sh", "bash", "ash", "dash"];

/// Shells whose grammar is the one that is parsed here.
const POSIX_SHELLS: &[&str] = &["sh", "bash", "ash", "dash", "ksh", "mksh", "zsh"];

/// Shells with a grammar of their own.
const OTHER_SHELLS: &[&str] = &["fish", "csh", "tcsh", "pwsh", "powershell"];

/// Follows the dialect through the stages of a file.
pub(crate) struct Dialects {
    /// What a stage on an image begins with, where the image says nothing else.
    fallback: Dialect,
    current: Dialect,
    /// What the stages seen so far ended with, by their names.
    stages: HashMap<String, Dialect>,
    name: Option<String>,
    /// The arguments whose defaults say Windows.
    windows_arguments: Vec<String>,
}

impl Dialects {
    /// A backtick as the escape character says Windows, and so does a line that only Windows understands.
    pub(crate) fn new(text: &str, escape: char) -> Self {
        let (mut windows, mut windows_arguments) = (escape == '`', Vec::new());
        for line in lines(text) {
            let line = line.trim_ascii_start();
            // Most lines are told by their first letters.
            if let [one, two, three, ..] = line.as_bytes()
                && matches!(&[one | 0x20, two | 0x20, three | 0x20], b"run" | b"wor" | b"cop" | b"add" | b"arg")
            {
                windows |= is_of_windows(line);
                windows_arguments.extend(arguments_of_windows(line).map(str::to_owned));
            }
        }
        let fallback = if windows { Dialect::Foreign } else { Dialect::Posix };
        Dialects { fallback, current: fallback, stages: HashMap::new(), name: None, windows_arguments }
    }

    pub(crate) fn current(&self) -> Dialect {
        self.current
    }

    /// A stage begins. `words` are FROM's arguments, `platform` the value of its flag.
    pub(crate) fn from(&mut self, words: &[&str], platform: Option<&str>) {
        if let Some(name) = self.name.take() {
            self.stages.insert(name, self.current);
        }
        let image = words.first().copied().unwrap_or_default().to_lowercase();
        let may_say = image.contains('$') && self.windows_arguments.iter().any(|it| names(&image, it));
        let windows =
            may_say || says_windows(&image) || platform.is_some_and(|it| it.to_lowercase().starts_with("windows"));
        self.current = match self.stages.get(&image) {
            Some(parent) => *parent,
            None if windows => Dialect::Foreign,
            None => self.fallback,
        };
        if let [_, _, name] = words {
            self.name = Some(name.to_lowercase());
        }
    }

    /// SHELL sets another shell.
    pub(crate) fn shell(&mut self, argv: &[String]) {
        let posix = argv.iter().any(|it| is_posix_shell(it));
        self.current = if posix { Dialect::Posix } else { Dialect::Foreign };
    }
}

/// Programs that only Windows has.
const WINDOWS_PROGRAMS: &[&str] = &["powershell", "powershell.exe", "cmd", "cmd.exe", "msiexec", "msiexec.exe", "setx"];

/// The lines of a text.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut start = 0;
    memchr::memchr_iter(b'\n', text.as_bytes()).chain([text.len()]).map(move |end| {
        let line = &text[start..end];
        start = (end + 1).min(text.len());
        line
    })
}

/// Whether a line is a RUN that begins with a program of Windows, or names a folder by the letter of its drive.
fn is_of_windows(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    let keyword = words.next().unwrap_or_default();
    let is = |one: &str| keyword.eq_ignore_ascii_case(one);
    if is("run") {
        // An operator ends a word, with a blank before it or without one.
        let program = words.next().and_then(|it| it.split(['&', '|', ';', '<', '>', '(', ')']).next());
        program.is_some_and(|it| WINDOWS_PROGRAMS.iter().any(|known| known.eq_ignore_ascii_case(it)))
    } else if is("workdir") || is("copy") || is("add") {
        memchr::memchr(b':', line.as_bytes()).is_some() && words.any(has_drive)
    } else {
        false
    }
}

/// Whether a path begins with the letter of a drive.
fn has_drive(path: &str) -> bool {
    let path = path.trim_start_matches(['"', '\'', '[', ',']).as_bytes();
    matches!(path, [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic())
}

/// The arguments that a line gives defaults that say Windows.
fn arguments_of_windows(line: &str) -> impl Iterator<Item = &str> {
    let is_arg = line.get(..3).is_some_and(|it| it.eq_ignore_ascii_case("arg"));
    let pairs = if is_arg { line.get(3..).unwrap_or_default() } else { "" }.split_ascii_whitespace();
    let pairs = pairs.filter_map(|it| it.split_once('='));
    pairs.filter(|it| says_windows(&it.1.trim_matches(['"', '\'']).to_lowercase())).map(|it| it.0)
}

/// Whether a text in lower case has the variable of a name in it.
fn names(text: &str, variable: &str) -> bool {
    let variable = variable.to_lowercase();
    text.split('$').skip(1).any(|it| {
        let rest = it.trim_start_matches('{').strip_prefix(&variable);
        rest.is_some_and(|it| !it.starts_with(|it: char| it.is_alphanumeric() || it == '_'))
    })
}

/// Whether an image's text names Windows.
fn says_windows(image: &str) -> bool {
    image.split(['/', ':', '-', '_', '.', '@']).any(|word| WINDOWS_WORDS.contains(&word))
        || WINDOWS_IMAGES.iter().any(|it| image.contains(it))
}

/// Whether a program, given with or without its folder, is a shell that may be `/bin/sh`: all of these split words,
/// and know `-c` and `-e`, as POSIX says, which zsh does not.
pub fn is_sh(program: &str) -> bool {
    SH.contains(&base(program))
}

/// Whether a program, given with or without its folder, is a shell of the POSIX family, whose text is read here, or may
/// be one by its first argument, as busybox.
pub fn is_posix_shell(program: &str) -> bool {
    POSIX_SHELLS.contains(&base(program)) || base(program) == "busybox"
}

/// Whether a program, given with or without its folder, is a shell of any kind, whatever its arguments are.
pub fn is_shell(program: &str) -> bool {
    POSIX_SHELLS.contains(&base(program)) || OTHER_SHELLS.contains(&base(program))
}

fn base(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_is_seen_in_arguments_and_drives() {
        let is_read = |head: &str| {
            let file = crate::syntax::parse(&format!("{head}\nRUN c d\n")).file();
            file.instructions().last().unwrap().script().is_some()
        };
        for head in [
            "ARG BASE=mcr.microsoft.com/windows/servercore:ltsc2022\nFROM ${BASE}",
            "ARG A=b TAG=\"8.0-nanoserver-ltsc2022\"\nFROM a:$TAG",
            "arg T=windows\nFROM a/$T/b",
            "FROM a\nWORKDIR C:/b",
            "FROM a\nCOPY [\"b\", \"c:\\\\d\\\\\"]",
            "FROM a\nADD b C:\\c\\",
        ] {
            assert!(!is_read(head), "{head}");
        }
        for head in ["ARG BASE=windows\nFROM ${BASES}", "FROM a\nWORKDIR /C:/b", "FROM a\nADD http://b:1/c /d"] {
            assert!(is_read(head), "{head}");
        }
    }

    #[test]
    fn shells_are_told_by_their_names() {
        let kinds = |it: &str| [is_sh(it), is_posix_shell(it), is_shell(it)];
        for (name, expected) in [
            ("/bin/dash", [true, true, true]),
            ("zsh", [false, true, true]),
            ("/usr/bin/fish", [false, false, true]),
            ("busybox", [false, true, false]),
            ("python", [false, false, false]),
            ("/sh/a", [false, false, false]),
        ] {
            assert_eq!(kinds(name), expected, "{name}");
        }
    }
}
