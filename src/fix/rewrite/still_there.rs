//! Whether the program of a command that is put behind a RUN is still there.

use super::leftovers::place;
use crate::{
    model::{Cleanup, Role, Run, ShellWord, Simple, behind_sudo, is_within},
    syntax::ast::{Command, Word, joined_text},
};

/// Whether a RUN may remove a program that is to clean what a manager of `family` left: by its name, or with packages
/// of another manager; or have it where no shell finds it.
pub(super) fn may_lose_program(run: &Run, family: &str, program: &str) -> bool {
    let name = file_name(program);
    // What runs before the last call that does not remove leaves it a program.
    let last = run.calls_of(family).filter(|it| it.role != Role::Remove).filter_map(place).last();
    let mut behind = run.commands().iter().filter(|it| Some(it.syntax().text_range().start()) > last);
    behind.any(|command| {
        if takes_program(command, program) {
            return true;
        }
        let literal = |at: usize| command.argv().get(at).and_then(|it| it.1.literal());
        match (command.program(), Cleanup::of(command)) {
            (_, Some(Cleanup::Paths(paths))) => paths.iter().any(|it| may_be_program(it, program)),
            (_, Some(Cleanup::Packages(it))) => {
                let own = it.manager.family == family;
                let takes = |it: &str| it.contains(name) || (is_in_python(name) && is_python(it));
                let named = || it.operands.iter().any(|at| it.literal(*at).is_none_or(takes));
                it.role == Role::Remove && (!own || named())
            }
            // What `rm` removes is not known, or another tool removes packages.
            (Some("rm"), None) => true,
            (Some("pacman"), _) => literal(1).is_none_or(|it| !it.starts_with("-S")),
            (Some("rpm"), _) => literal(1).is_some_and(|it| it.starts_with("-e") || it == "--erase"),
            (Some("dpkg"), _) => literal(1).is_some_and(|it| matches!(it, "-r" | "-P" | "--remove" | "--purge")),
            _ => false,
        }
    })
}

/// Whether a program is found by the same name in a command behind a call: the call gives no path but one that `PATH`
/// has in all images, and no `PATH` of its own.
pub(super) fn is_found(word: &Word, name: &ShellWord, program: &str) -> bool {
    let same = name.literal().is_some_and(|name| {
        let bare = PROGRAM_FOLDERS.iter().find_map(|it| name.strip_prefix(it)).unwrap_or(name);
        name == program || !bare.contains('/')
    });
    let command = word.syntax().parent().and_then(Command::cast);
    same && !command.is_some_and(|it| it.assignments().any(|it| it.name() == "PATH="))
}

/// Folders in which programs lie that are found by their names in all images.
const PROGRAM_FOLDERS: &[&str] = &["/usr/local/bin/", "/usr/bin/", "/bin/"];

/// Whether a command may take a program from where a shell finds it: by `rm`, `mv`, `unlink`, `find` or another `PATH`.
fn takes_program(command: &Simple, program: &str) -> bool {
    let all: Vec<String> =
        command.argv().iter().map(|it| joined_text(it.0.syntax()).replace(['"', '\''], "")).collect();
    let Some((name, words)) = all.split_at_checked(behind_sudo(command.argv()) + 1) else {
        // An assignment alone.
        return command.assignments().any(|it| is_other_path(&joined_text(it.syntax())));
    };
    let own = file_name(program);
    let has = |one: &str| words.iter().any(|it| it == one);
    match name.last().map_or("", String::as_str) {
        "rm" | "mv" | "cp" | "install" | "unlink" | "ln" | "alternatives" | "update-alternatives"
            if is_in_python(own) && words.iter().any(|it| is_python(it) || it.contains("/lib/python")) =>
        {
            true
        }
        "rm" | "unlink" => words.iter().any(|it| may_take_program(it, program)),
        // The last word is where it goes.
        "mv" => words.split_last().is_some_and(|it| it.1.iter().any(|it| may_take_program(it, program))),
        "find" if has("-delete") || has("rm") => {
            let tests = |it: &&[String]| matches!(it, [test, _] if test.ends_with("name") || test.ends_with("path"));
            let mut tests = words.windows(2).filter(tests).filter_map(|it| it.last()).peekable();
            match tests.peek() {
                None => words.iter().any(|it| may_take_program(it, program)),
                Some(_) => tests.any(|it| {
                    let fixed = it.split(['*', '?', '[']).next().unwrap_or_default();
                    let pattern = fixed.len() < it.len() && !fixed.is_empty() && own.starts_with(fixed);
                    pattern || it.contains("node_modules") || it == "*" || names_part(it, own)
                }),
            }
        }
        "export" | "readonly" | "declare" | "typeset" => {
            words.iter().any(|it| is_other_path(it) || (is_in_python(own) && it.starts_with("PYTHON")))
        }
        "corepack" => has("disable") && matches!(own, "pnpm" | "yarn"),
        _ => false,
    }
}

/// Whether a program begins with the path of a Python that others may be put in the place of.
fn is_in_python(program: &str) -> bool {
    matches!(program, "yum" | "dnf")
}

/// Whether a word is an interpreter of Python, by its name or by its path in a folder of programs.
fn is_python(word: &str) -> bool {
    let name = PROGRAM_FOLDERS.iter().find_map(|it| word.strip_prefix(it)).unwrap_or(word);
    let version = name.strip_prefix("python");
    version.is_some_and(|it| it.bytes().all(|it| it.is_ascii_digit() || it == b'.'))
}

/// Whether a word sets `PATH` to something that need not have what it had.
fn is_other_path(word: &str) -> bool {
    word.starts_with("PATH=") && !word.contains("$PATH") && !word.contains("${PATH")
}

/// The name of a program that may be called by its path.
fn file_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

/// Whether a part of a path, or of a command in a word, is the name of a program.
fn names_part(word: &str, program: &str) -> bool {
    word.split(['/', ' ', '(', ')', '`']).any(|it| it == program)
}

/// Whether a path or a pattern may be a program, what it is made of, or a folder in which one of the two lies.
fn may_take_program(path: &str, program: &str) -> bool {
    let fixed = path.split(['*', '?', '[']).next().unwrap_or_default();
    let above = |folder: &&str| match fixed.len() < path.len() {
        true => folder.starts_with(fixed),
        false => is_within(folder, path.trim_end_matches('/')),
    };
    let whole = path.starts_with('/') && PROGRAM_FOLDERS.iter().chain([&program]).any(above);
    whole || names_part(path, file_name(program)) || path.ends_with("/lib/node_modules")
}

/// Whether a path or a pattern may be a program or what it is made of.
fn may_be_program(path: &str, program: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or(path);
    let name = file_name(program);
    let pattern = last.find(['*', '?', '[']).is_some_and(|it| name.starts_with(&last[..it]));
    path.contains(name)
        || (program.starts_with('/') && may_take_program(path, program))
        || (pattern && path.contains("bin/"))
        || (path.contains("node_modules") && path.starts_with('/'))
}
