//! What `curl` and `wget` write.

use super::{ShellWord, Simple};
use crate::syntax::ast::joined_text;

/// Whether a program fetches what stands at an address.
pub(super) fn is_fetch(program: &str) -> bool {
    matches!(program, "curl" | "wget")
}

/// Takes away what a path may be written with or without.
pub(super) fn bare(text: &str) -> String {
    text.replace(['"', '\'', '{', '}'], "")
}

/// Whether a command is one whose paths [`downloads`] reads.
pub fn is_download(command: &Simple) -> bool {
    match command.first() {
        // What a shell makes of it without taking anything out of it is what stands there.
        Some(ShellWord::Literal(program)) if !program.contains(['"', '\'', '\\', '{', '}']) && !is_fetch(program) => {
            false
        }
        Some(_) => command.words().next().is_some_and(|it| is_fetch(&bare(&it.text()))),
        None => false,
    }
}

/// The paths that `curl` or `wget` writes, without quotes and braces, where they are plain; none of another program.
pub fn downloads(command: &Simple) -> Vec<String> {
    if !is_download(command) {
        return Vec::new();
    }
    let texts: Vec<String> = command.words().map(|it| bare(&joined_text(it.syntax()))).collect();
    let Some((program, arguments)) = texts.split_first() else { return Vec::new() };
    let wget = program == "wget";
    let (letter, long, folder) = if wget {
        ('O', "--output-document", ["-P", "--directory-prefix"])
    } else {
        ('o', "--output", ["--output-dir", "-J"])
    };
    let written = command.redirects().filter(|it| it.operator() == ">").filter_map(|it| it.target());
    let mut paths: Vec<String> = written.map(|it| bare(&joined_text(it.syntax()))).collect();
    let mut by_url = wget;
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        if folder.iter().any(|it| argument.starts_with(it)) {
            return Vec::new();
        }
        let letters = argument.strip_prefix('-').filter(|it| !it.starts_with('-')).unwrap_or_default();
        if argument == long || letters.ends_with(letter) {
            paths.extend(rest.next().cloned());
            by_url = false;
        } else if let Some(path) = argument.strip_prefix(&format!("{long}=")) {
            paths.push(path.to_owned());
            by_url = false;
        } else if let Some(path) = letters.strip_prefix(letter) {
            paths.push(path.to_owned());
            by_url = false;
        } else if !wget && (letters.contains('O') || argument == "--remote-name") {
            by_url = true;
        }
    }
    if by_url {
        paths.extend(
            arguments.iter().filter(|it| it.contains("://")).filter_map(|it| it.rsplit('/').next().map(str::to_owned)),
        );
    }
    let plain = |it: &str| it.chars().all(|it| it.is_ascii_alphanumeric() || "._+-/$~@:".contains(it));
    let variables = |it: &str| {
        it.match_indices('$').all(|(at, _)| it[at + 1..].starts_with(|it: char| it == '_' || it.is_ascii_alphabetic()))
    };
    paths.retain(|it| plain(it) && variables(it) && it.len() > 1 && !it.starts_with('-') && !it.ends_with('/'));
    paths
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    #[test]
    fn what_is_written_is_read() {
        for (shell, paths) in [
            ("curl -fsSLo /tmp/a https://x.org/b", &["/tmp/a"][..]),
            ("curl -o/tmp/a https://x.org/b", &["/tmp/a"]),
            ("curl --output \"$A\" https://x.org/b", &["$A"]),
            ("curl https://x.org/b > /tmp/a", &["/tmp/a"]),
            ("curl -LO https://x.org/a.gz", &["a.gz"]),
            ("wget https://x.org/a.gz https://x.org/b.gz", &["a.gz", "b.gz"]),
            ("wget -O/tmp/a https://x.org/b", &["/tmp/a"]),
            ("wget -q --output-document=/tmp/a https://x.org/b", &["/tmp/a"]),
            ("wget -qO- https://x.org/b", &[]),
            ("wget -P /tmp https://x.org/b", &[]),
            ("curl https://x.org/b", &[]),
            ("curl -o \"$(a)\" https://x.org/b", &[]),
            ("echo -o /tmp/a", &[]),
        ] {
            let parse = parse(&format!("FROM a\nRUN {shell}\n"));
            let command = Simple::all(parse.file().syntax()).remove(0);
            assert_eq!(downloads(&command), paths, "{shell}");
        }
    }
}
