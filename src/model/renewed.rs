//! What a RUN begins with anew, and a command that is put behind another script does not: its folder, which the engine
//! makes where it is missing, and the program that is its shell.

use super::{Chain, OwnWord, Piece, Simple, Symbol, Value, behind_sudo, is_within, managers, resolve};
use crate::syntax::{ast::joined_text, is_shell};

impl Chain {
    /// Whether the script, which begins in `folder`, may take that folder away, or put another program in the place of
    /// a shell.
    pub fn may_take_from_next(&self, folder: Option<&Value>) -> bool {
        self.commands().iter().any(replaces_shell) || folder.is_none_or(|it| self.may_remove_folder(it, it))
    }

    /// Whether the script, which begins in `begin`, may remove or move a folder, or one that it lies in.
    pub fn may_remove_folder(&self, folder: &Value, begin: &Value) -> bool {
        self.folders(begin).any(|(command, here)| removed(command).any(|it| takes(&it, folder, here.as_ref())))
    }

    /// Whether the script, which begins in `begin`, may remove or move the folder in which it ends.
    pub fn may_remove_own_folder(&self, begin: &Value) -> bool {
        match self.folders(begin).last().map_or(Some(begin.clone()), |it| it.1) {
            Some(end) => self.may_remove_folder(&end, begin),
            None => self.commands().iter().flat_map(removed).any(|it| takes_unknown(&it)),
        }
    }

    /// The commands of the script, which begins in `begin`, each with the folder in force behind it, where that is
    /// known.
    fn folders(&self, begin: &Value) -> impl Iterator<Item = (&Simple, Option<Value>)> {
        self.commands().iter().scan(Some(begin.clone()), |here, command| {
            if command.program().and_then(OwnWord::of) == Some(OwnWord::Moves) {
                let words = command.argv();
                let to = words.get(1).map_or(Some("/root"), |it| it.1.literal());
                *here = to.filter(|it| !it.starts_with('-')).and_then(|to| match here {
                    Some(from) => Some(resolve(from, to)),
                    None => to.starts_with('/').then(|| to.into()),
                });
            }
            Some((command, here.clone()))
        })
    }
}

/// The paths and patterns that a command may remove or move away, variables as they are written.
fn removed(command: &Simple) -> impl Iterator<Item = String> {
    let words = command.argv();
    let skip = behind_sudo(words);
    let all = || {
        words
            .iter()
            .skip(skip + 1)
            .map(|(word, it)| it.path().map_or_else(|| joined_text(word.syntax()), str::to_owned))
    };
    let operands = || all().filter(|it| !it.starts_with('-'));
    let has = |one: &str| all().any(|it| it == one);
    let paths: Vec<String> = match words.get(skip).and_then(|it| it.1.literal()) {
        // Without a flag `rm` removes no folder.
        Some("rm") if all().any(|it| is_recursive(&it)) => operands().collect(),
        Some("rmdir") => operands().collect(),
        // The last word is where it goes.
        Some("mv") => operands().take(operands().count().saturating_sub(1)).collect(),
        // Files are no folders, and one that is a starting point and named by `.` stays.
        Some("find") if (has("-delete") || has("rm") || has("rmdir")) && !has("f") => {
            all().take_while(|it| !it.starts_with('-')).map(|it| format!("{it}/*")).collect()
        }
        _ => Vec::new(),
    };
    paths.into_iter()
}

/// Whether a word of `rm` is the flag by which it removes folders, alone or among others.
fn is_recursive(word: &str) -> bool {
    word == "--recursive" || (word.starts_with('-') && !word.starts_with("--") && word.contains(['r', 'R']))
}

/// Whether a path or a pattern, seen from `here`, may hold a folder or one above it.
fn takes(path: &str, folder: &Value, here: Option<&Value>) -> bool {
    let path = path.replace(['"', '\''], "");
    let home = ["~", "$HOME", "${HOME}"].iter().find_map(|it| path.strip_prefix(it));
    let path = home.map_or(path.clone(), |it| format!("/root{it}"));
    let Some(known) = folder.known() else {
        // A folder of the base image is hardly one that a file removes by a name of its own.
        let of_base = matches!(folder.pieces(), [Piece::Symbol(it), ..] if matches!(**it, Symbol::Base(_)));
        return path.split('/').any(|it| it == "..") || (!of_base && path.contains('$'));
    };
    if known == "/" {
        return false;
    }
    let fixed = path.split(['*', '?', '[', '$', '`']).next().unwrap_or_default();
    let (above, begin) = fixed.rsplit_once('/').map_or(("", fixed), |it| (&fixed[..=it.0.len()], it.1));
    let whole = fixed.len() == path.len();
    let here = here.or(fixed.starts_with('/').then_some(folder));
    let from_here = |path: &str| here.and_then(|it| resolve(it, path).known().map(str::to_owned));
    match (whole, from_here(if whole { fixed } else { above })) {
        // `rm` refuses to remove `.`.
        (true, Some(target)) => path.trim_end_matches('/') != "." && is_within(known, target.trim_end_matches('/')),
        (false, Some(_)) if fixed.is_empty() && path.starts_with(['$', '`']) => true,
        (false, Some(at)) => known.starts_with(&format!("{}/{begin}", at.trim_end_matches('/'))),
        // Seen from a folder that is not known, what has the name of one above may be that.
        (true, None) => {
            known.split('/').any(|it| !it.is_empty() && fixed.trim_end_matches('/').rsplit('/').next() == Some(it))
        }
        (false, None) => {
            path.starts_with(['$', '`']) || !begin.is_empty() && known.split('/').any(|it| it.starts_with(begin))
        }
    }
}

/// Whether a path or a pattern may hold a folder of which nothing is known but that somebody went there.
fn takes_unknown(path: &str) -> bool {
    if path.starts_with(['/', '~', '$']) {
        return !managers().iter().flat_map(|it| &it.caches).any(|it| is_within(path, &it.path));
    }
    // A folder in the current one is not the current one.
    path.split('/').any(|it| it == "..")
}

/// Whether a command may put another program where a shell is.
fn replaces_shell(command: &Simple) -> bool {
    let words = command.argv();
    let skip = behind_sudo(words);
    let Some(program) = words.get(skip).and_then(|it| it.1.literal()) else { return false };
    let mut arguments = words.iter().skip(skip + 1).filter_map(|it| it.1.path());
    match program.rsplit('/').next().unwrap_or(program) {
        "ln"
        | "cp"
        | "mv"
        | "rm"
        | "unlink"
        | "install"
        | "tee"
        | "dpkg-reconfigure"
        | "dpkg-divert"
        | "update-alternatives"
        | "alternatives" => arguments.any(is_shell),
        "busybox" => arguments.any(|it| it == "--install"),
        _ => command.invocation().is_some() && arguments.any(|it| it.contains("binsh")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    fn takes_from_next(shell: &str, folder: &str) -> bool {
        let parse = parse(&format!("FROM a\nRUN {shell}\n"));
        let run = parse.file().instructions().nth(1).unwrap();
        Chain::of(&run.script().unwrap()).unwrap().may_take_from_next(Some(&folder.into()))
    }

    #[test]
    fn a_shell_may_be_replaced() {
        for shell in [
            "rm /bin/sh && ln -s /bin/bash /bin/sh",
            "ln -sf /bin/bash /bin/sh",
            "ln -snf bash /bin/sh",
            "cd /bin && sudo ln -sf bash sh",
            "cp /bin/bash /bin/sh",
            "dpkg-reconfigure dash",
            "update-alternatives --install /bin/sh sh /bin/bash 1",
            "dpkg-divert --add /bin/sh",
            "/bin/busybox --install -s",
            "apk add dash-binsh",
        ] {
            assert!(takes_from_next(shell, "/"), "{shell}");
        }
        for shell in [
            "useradd -s /bin/sh a",
            "rm install.sh",
            "apt-get install -y bash",
            "update-alternatives --install /usr/bin/a a /usr/bin/b 1",
            "ln -s /a/sh.x /b",
            "/bin/sh a",
        ] {
            assert!(!takes_from_next(shell, "/"), "{shell}");
        }
    }

    #[test]
    fn a_folder_may_be_removed() {
        for shell in [
            "make install && rm -rf /tmp/build",
            "rm -rf /tmp/",
            "rm -rf /tmp/*",
            "rm -rf /tmp/b*",
            "rm -rf ../build",
            "rm -rf ../*",
            "(cd .. && rm -rf build)",
            "cd /tmp && rm -rf build",
            "cd $A && rm -rf build",
            "rm -rf $A",
            "mv /tmp/build /x",
            "sudo rm -rf /tmp/build",
            "rmdir /tmp/build",
            "find /tmp -name b -exec rm -rf {} +",
            "find /tmp -delete",
        ] {
            assert!(takes_from_next(shell, "/tmp/build"), "{shell}");
        }
        for shell in [
            "rm -rf *",
            "rm -rf ./* build .",
            "rm -rf /tmp/build/x /tmp/c*",
            "rm -rf ~/.cache $HOME/.npm /var/lib/apt/lists/* /tmp/buildx",
            "mv a /tmp/",
            "cd /x && rm -rf build",
            "cd $A && rm -rf x",
            "find /tmp -type f -delete",
            "find . -name b -delete",
            "rm -f $A /tmp/build",
        ] {
            assert!(!takes_from_next(shell, "/tmp/build"), "{shell}");
        }
        assert!(takes_from_next("rm -rf $HOME/x", "/root/x") && takes_from_next("rm -rf ~/*", "/root/x"));
        assert!(!takes_from_next("rm -rf /* $A", "/"));
    }
}
