//! Archives that a script downloads, unpacks and keeps.

use text_size::TextSize;

use super::{
    Chain, Join, Leak, OwnWord, ShellWord, Simple, downloads,
    fetches::{bare, is_download},
    is_within, managers,
    patterns::may_be,
    sums::checks_unnamed,
};
use crate::syntax::ast::{Command, full_text, joined_text, trimmed_range};

/// An archive that is of no use once it is unpacked.
#[derive(Debug)]
pub struct Archive {
    /// Its path, as the command that unpacks it writes it.
    pub word: String,
    /// The last part of its path, without quotes and braces.
    pub name: String,
    /// The command that unpacks it.
    pub unpack: Command,
    /// Whether its path means the same file at the end of the script.
    pub reached_at_end: bool,
}

/// Patterns by which archives are found without their name.
const PATTERNS: &[&str] = &["*.t", "*.zip", "*.gz", "*.bz2", "*.xz", "*.7z", "*.z"];

/// Whether a text speaks of an archive by its bare name, or by a pattern.
fn speaks_of_archive(text: &str, name: &str) -> bool {
    bare(text).contains(name) || PATTERNS.iter().any(|it| text.contains(it))
}

/// The archives that a script surely downloads and surely unpacks, where nothing in it speaks of them afterwards.
pub fn kept_archives(chain: &Chain, with: Join) -> Vec<Archive> {
    if !chain.commands().iter().any(is_download) {
        return Vec::new();
    }
    let script = chain.script().syntax();
    let (text, start) = (full_text(script), script.text_range().start());
    let view = View { chain, with, text, start };
    let mut found: Vec<Archive> = Vec::new();
    for (at, download) in chain.commands().iter().enumerate() {
        for path in downloads(download).iter().filter(|_| view.surely_runs(download)) {
            let archive = view.kept(at, path).filter(|it| found.iter().all(|known| known.name != it.name));
            found.extend(archive);
        }
    }
    found
}

/// A script with its text, in which archives are looked for.
struct View<'a> {
    chain: &'a Chain,
    with: Join,
    text: String,
    /// Where the text begins in the file.
    start: TextSize,
}

impl View<'_> {
    /// The archive that the command at a place downloads to a path, if a later one surely unpacks it and nothing needs
    /// it then.
    fn kept(&self, at: usize, path: &str) -> Option<Archive> {
        let (download, behind) = self.chain.commands().get(at..)?.split_first()?;
        let unpacks = |it: &Simple| unpacked(it, path).filter(|_| self.surely_runs(it));
        let (nth, word) = behind.iter().enumerate().find_map(|(nth, it)| Some((nth, unpacks(it)?)))?;
        let (between, rest) = behind.split_at(nth);
        let (unpack, rest) = rest.split_first()?;
        let moves = |them: &[Simple]| !path.starts_with('/') && them.iter().any(goes_elsewhere);
        let name = path.rsplit('/').next().unwrap_or(path).to_owned();
        let left = || rest.iter().all(|it| leaves(it, path, moves(rest)) && !takes_along(it, path));
        // What goes at the end of the script is there for all that it checks.
        let checked = || moves(rest) && checks_unnamed(self.text_behind(unpack));
        let kept = !speaks_of_archive(self.text_behind(unpack), &name)
            && !checked()
            && left()
            && self.is_steady(path, download)
            && !moves(between);
        kept.then(|| Archive { word, name, unpack: Command::clone(unpack), reached_at_end: !moves(rest) })
    }

    fn surely_runs(&self, command: &Simple) -> bool {
        command.argv().first().is_some_and(|it| self.chain.surely_runs(&it.0, self.with))
    }

    /// Whether what a path says stays the same: one variable of it is set before the download, or none is set at all.
    fn is_steady(&self, path: &str, download: &Command) -> bool {
        let set = self.chain.leaks().iter().filter_map(|it| match it {
            Leak::Variable(name) if path.contains(&format!("${name}")) => Some(name),
            _ => None,
        });
        match set.collect::<Vec<_>>()[..] {
            [] => true,
            [name] => self.text_before(download).contains(&format!("{name}=")),
            _ => false,
        }
    }

    // A command lies in the script, at the ends of tokens, so that both of these are parts of its text.

    fn text_before(&self, command: &Command) -> &str {
        &self.text[..usize::from(trimmed_range(command.syntax()).start() - self.start)]
    }

    fn text_behind(&self, command: &Command) -> &str {
        &self.text[usize::from(trimmed_range(command.syntax()).end() - self.start)..]
    }
}

/// The word by which a command unpacks an archive.
fn unpacked(command: &Command, path: &str) -> Option<String> {
    let texts: Vec<String> = command.words().map(|it| joined_text(it.syntax())).collect();
    let (program, arguments) = texts.split_first()?;
    let first = arguments.first()?;
    let unpacks = match program.as_str() {
        "tar" | "bsdtar" => {
            let letters = first.trim_start_matches('-');
            let bundle =
                !first.starts_with("--") && letters.contains('x') && letters.chars().all(|it| it.is_ascii_alphabetic());
            bundle
                || arguments
                    .iter()
                    .any(|it| matches!(it.as_str(), "-x" | "--extract" | "--get" | "-xf" | "-xzf" | "-xvf" | "-xvzf"))
        }
        "unzip" => !arguments.iter().any(|it| matches!(it.as_str(), "-l" | "-t" | "-p" | "-Z" | "-v")),
        "7z" | "7za" | "7zr" => first == "x" || first == "e",
        _ => false,
    };
    arguments.iter().find(|it| unpacks && bare(it) == path).cloned()
}

/// Whether a command goes to another folder.
fn goes_elsewhere(command: &Simple) -> bool {
    command.program().and_then(OwnWord::of) == Some(OwnWord::Moves)
}

/// Whether a command neither takes a file away nor may look at it by a pattern; `moved` says that the folder may be
/// another one than the file's.
fn leaves(command: &Simple, path: &str, moved: bool) -> bool {
    let words: Vec<&ShellWord> = command.argv().iter().map(|it| &it.1).collect();
    let literal = |them: &[&str]| command.literals().any(|it| them.contains(&it));
    let folder = path.rfind('/').and_then(|it| path.get(..=it)).unwrap_or_default();
    match command.program() {
        Some("rm" | "rmdir" | "unlink") => words
            .iter()
            .skip(1)
            .all(|it| it.path().is_some_and(|target| target.starts_with('-') || spares(target, path, moved))),
        Some("find") => !literal(&["-delete", "-exec", "-execdir"]),
        Some("git") => !literal(&["clean"]),
        _ => words.iter().all(|it| match it {
            ShellWord::Pattern(it) => it.starts_with('/') && path.starts_with('/') && !it.starts_with(folder),
            _ => true,
        }),
    }
}

/// Whether a command may move a folder in which the file at `path` lies.
fn takes_along(command: &Command, path: &str) -> bool {
    let words: Vec<String> = command.words().map(|it| bare(&joined_text(it.syntax()))).collect();
    let [program, sources @ .., _] = words.as_slice() else { return false };
    program == "mv" && sources.iter().any(|it| may_hold(it, path))
}

/// Whether a path, which may have variables in it, may be a folder above the file at `path`. What a plain name finds is
/// found in the current folder wherever that has gone.
fn may_hold(source: &str, path: &str) -> bool {
    let Some(folder) = path.rfind('/').and_then(|it| path.get(..=it)) else { return false };
    let source = source.trim_start_matches("./").trim_end_matches('/');
    if source.starts_with('-') || source.starts_with(folder) {
        return false;
    }
    if source.is_empty() || source.starts_with(['.', '~', '$']) || source.contains("..") || folder.contains('$') {
        return true;
    }
    let start = source.split_once('$').map_or_else(|| format!("{source}/"), |it| it.0.to_owned());
    if start.starts_with('/') {
        folder.starts_with(&start)
    } else {
        format!("/{folder}").contains(&format!("/{start}"))
    }
}

/// Whether removing `target` surely leaves the file at `path`.
fn spares(target: &str, path: &str, moved: bool) -> bool {
    if managers().iter().flat_map(|it| &it.caches).any(|it| is_within(target, &it.path)) {
        return true;
    }
    if target.contains(['*', '?', '[']) && may_be(target, path) {
        return false;
    }
    let folder = target.trim_end_matches(['*', '/']);
    let plain =
        !folder.is_empty() && !folder.contains(['*', '?', '[']) && !target.contains("..") && !path.contains('$');
    let apart = !is_within(path, folder);
    match (path.starts_with('/'), target.starts_with('/')) {
        (true, true) => plain && apart,
        (false, false) => plain && apart && !moved && !target.starts_with('.') && !target.ends_with('*'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::Shell,
        syntax::{ast::Instruction, parse},
    };

    fn kept(shell: &str) -> Vec<(String, bool)> {
        let file = parse(&format!("FROM a\nRUN {shell}\n")).file();
        let run: Instruction = file.instructions().nth(1).unwrap();
        let script = run.script().unwrap();
        let chain = Chain::of(&script).unwrap();
        let with = chain.join(&Shell::Unset).unwrap();
        kept_archives(&chain, with).into_iter().map(|it| (it.word, it.reached_at_end)).collect()
    }

    #[test]
    fn archives_are_found() {
        for (shell, word) in [
            ("wget https://x.org/a.tgz && tar xzf a.tgz", "a.tgz"),
            ("wget -q https://x.org/a-${V}.tgz && tar -xzf a-$V.tgz -C /b", "a-$V.tgz"),
            ("V=1 && curl -fsSLO https://x.org/a-$V.zip && unzip -q \"a-$V.zip\" > /dev/null", "\"a-$V.zip\""),
            (
                "curl -sSLo /tmp/a.tar.gz https://x.org/b && tar --strip 1 -xf /tmp/a.tar.gz && rm -rf /var/lib/apt/lists/*",
                "/tmp/a.tar.gz",
            ),
            ("curl https://x.org/b > a.tgz && tar xf a.tgz && mkdir b", "a.tgz"),
            ("curl -o/tmp/a.tgz https://x.org/b && tar xf /tmp/a.tgz", "/tmp/a.tgz"),
            ("wget -O/tmp/a.zip https://x.org/b && cd /b && unzip /tmp/a.zip && cd c && make", "/tmp/a.zip"),
            ("wget https://x.org/a.tgz && tar xf a.tgz && mv a-$V /opt/a", "a.tgz"),
            ("wget https://x.org/a.tgz && tar xf a.tgz && sha256sum -c SUMS", "a.tgz"),
            ("wget -O /tmp/a.tgz https://x.org && tar xf /tmp/a.tgz && mv -f /opt/a-$V b /opt/c", "/tmp/a.tgz"),
            ("wget -O /tmp/a.tgz https://x.org && tar xf /tmp/a.tgz && mv /tmp/a /opt/c", "/tmp/a.tgz"),
            ("cd /b && wget https://x.org/a.7z --output-document=c.7z && 7z x c.7z && rm -r d", "c.7z"),
        ] {
            assert_eq!(kept(shell), [(word.to_owned(), true)], "{shell}");
        }
        assert_eq!(kept("wget https://x.org/a.tgz && tar xf a.tgz && cd a && make"), [("a.tgz".to_owned(), false)]);
        assert_eq!(kept("curl -O https://x/a.zip -O https://x/b.zip && unzip a.zip && unzip b.zip").len(), 2);
    }

    #[test]
    fn what_is_used_or_gone_or_unknown_is_none() {
        for shell in [
            "wget https://x.org/a.tgz && tar xf a.tgz && rm a.tgz",
            "wget https://x.org/a.tgz && tar xf a.tgz && rm *.tgz",
            "wget https://x.org/a.tgz && tar xf a.tgz && rm -rf /tmp/*",
            "wget https://x.org/a.tgz && tar xf a.tgz && rm -rf $DIR",
            "wget https://x.org/a.tgz && tar xf a.tgz && cd .. && rm -rf b",
            "wget https://x.org/a.tgz && tar xf a.tgz && mv *.t* b",
            "cd /b && curl -fO https://x.org/a.tgz && tar xzf a.tgz && sha256sum -c SUMS && cd a && make",
            "curl -o /b/c/a.tgz https://x.org && tar xf /b/c/a.tgz && mv /b/c/ /d",
            "curl -o /b/c/a.tgz https://x.org && tar xf /b/c/a.tgz && mv \"/b/$C\" /d",
            "curl -o /b/c/a.tgz https://x.org && tar xf /b/c/a.tgz && cd /b && mv c d",
            "curl -o b/a.tgz https://x.org && tar xf b/a.tgz && mv b d",
            "curl -o /b/a.tgz https://x.org && tar xf /b/a.tgz && mv $B d",
            "wget https://x.org/a.tgz && tar xf a.tgz && find . -name '*.x' -delete",
            "wget https://x.org/a.tgz && tar xf a.tgz && for i in *; do rm $i; done",
            "curl -o /tmp/a/b.tgz https://x.org && tar xf /tmp/a/b.tgz && rm -rf /tmp/a",
            "curl -o /tmp/abc.tgz https://x.org && tar xf /tmp/abc.tgz && rm -rf /tmp/abc*",
            "curl -o /tmp/abc.tgz https://x.org && tar xf /tmp/abc.tgz && rm -r /tmp/a.* /tmp/ab*",
            "wget https://x.org/${F}.tgz && tar xf $F.tgz && rm $F*",
            "wget https://x.org/$F && tar xf $F && rm ${F}",
            "wget https://x.org/a-$V.tgz && tar xf a-$V.tgz && V=2",
            "wget https://x.org/a.tgz && cd b && tar xf a.tgz",
            "wget https://x.org/a.tgz && chdir b && tar xf a.tgz",
            "wget https://x.org/a.tgz || tar xf a.tgz",
            "wget https://x.org/a.tgz; tar xf a.tgz; b",
            "wget -P /tmp https://x.org/a.tgz && tar xf a.tgz",
            "wget https://x.org/a.tgz?b && tar xf a.tgz",
            "wget -qO- https://x.org/a.tgz | tar xz",
            "curl https://x.org/a.tgz && tar xf a.tgz",
            "curl -o a.tgz https://x.org && tar tf a.tgz",
            "tar xf a.tgz && wget https://x.org/a.tgz",
            "wget https://x.org/$(b).tgz && tar xf $(b).tgz",
            "wget https://x.org/a.gz && gunzip a.gz",
        ] {
            assert_eq!(kept(shell), [], "{shell}");
        }
    }
}
