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
}

impl Dialects {
    /// A backtick as the escape character says Windows, and so does a RUN that starts a program of Windows.
    pub(crate) fn new(text: &str, escape: char) -> Self {
        let windows = escape == '`' || lines(text).any(starts_windows_program);
        let fallback = if windows { Dialect::Foreign } else { Dialect::Posix };
        Dialects { fallback, current: fallback, stages: HashMap::new(), name: None }
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
        let windows = says_windows(&image) || platform.is_some_and(|it| it.to_lowercase().starts_with("windows"));
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

/// Whether a line is a RUN that begins with a program of Windows.
fn starts_windows_program(line: &str) -> bool {
    let line = line.trim_ascii_start();
    // Most lines are told by their first byte.
    if !line.starts_with(['r', 'R']) {
        return false;
    }
    let mut words = line.split_ascii_whitespace();
    words.next().is_some_and(|it| it.eq_ignore_ascii_case("run"))
        && words.next().is_some_and(|it| WINDOWS_PROGRAMS.iter().any(|known| known.eq_ignore_ascii_case(it)))
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

/// Whether a program, given with or without its folder, is a shell of the POSIX family, whose text is read here, or may be
/// one by its first argument, as busybox.
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
