//! The truth about arguments: what `shell-form-command` writes as an array is what real shells hand on, byte for byte.
//!
//! Shells are asked twice. A function that prints its arguments is put in front of the text: this gives each word. Then
//! the very text is run where no program is found but scripts that print theirs: this shows that the shell starts a
//! program of that name. The second question is not put to busybox, which starts applets of its own without a search.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

use dockfix::fix::{self, Job, Safety};
use dockfix::rules;
use dockfix::syntax::{self, SyntaxKind::*};

use crate::chance::Chance;
use crate::corpus;

/// A command in shell form, and the array that it became.
struct Asked {
    /// The text as a shell gets it.
    text: String,
    array: Vec<String>,
    safe: bool,
}

/// What the rule makes of `CMD written`, if it makes an array of it.
fn array(written: &str, safety: Safety) -> Option<Vec<String>> {
    let rule = rules::ALL.iter().copied().filter(|it| it.name == "shell-form-command").collect();
    let job = Job { rules: rule, fix: Some(safety), ..Job::default() };
    let outcome = fix::run(&format!("FROM a\nCMD {written}\n"), &job);
    assert_eq!(outcome.faults, [], "{written:?}");
    if outcome.applied.is_empty() {
        return None;
    }
    let array = outcome.text.strip_prefix("FROM a\nCMD ").unwrap();
    Some(serde_json::from_str(array).unwrap_or_else(|why| panic!("{written:?} became {array:?}: {why}")))
}

fn asked(written: &str, text: &str) -> Option<Asked> {
    // One backslash at the end of a line would go on in the next.
    if text.ends_with('\\') && !text.ends_with(r"\\") {
        return None;
    }
    let array = array(written, Safety::Unsafe)?;
    Some(Asked { text: text.to_owned(), array, safe: self::array(written, Safety::Safe).is_some() })
}

/// Bare characters; some of them mean something to a shell.
const BARE: &[&str] = &[
    "a", "b", "Z", "0", "9", "_", "@", "%", "+", ":", ",", ".", "/", "=", "-", "^", "]", "é", "中", "🐳", "\u{a0}",
    "\u{3000}", "\u{200b}", "\u{301}", "\u{feff}", "#", "~", "!", "{", "}", "*", "?", "[", "$", "\u{2028}", "\u{85}",
];

/// Characters that quotes take in.
const QUOTED: &[&str] = &[
    "a", "B", "1", " ", "  ", "\t", "*", "?", "[", "]", "{", "}", "~", "#", "!", "&", "|", ";", "<", ">", "(", ")",
    "=", "é", "中", "🐳", "\u{a0}", "\u{301}", ",", "%s", "/", "--", "^", "\\n", "\\t", "\\x", "\\u0041", "\\0",
];

/// A piece of a word.
fn piece(chance: &mut Chance) -> String {
    let times = 1 + chance.below(5);
    match chance.below(12) {
        // Most bare characters are plain, or few words would be accepted.
        0..=5 => {
            let of = |chance: &mut Chance| match chance.one_in(9) {
                true => *chance.pick(BARE),
                false => *chance.pick(&BARE[..21]),
            };
            (0..times).map(|_| of(chance)).collect()
        }
        6 | 7 => {
            let of = |chance: &mut Chance| match chance.below(8) {
                0 => *chance.pick(&["\"", "$", "`", "\\", "$HOME", "\\\\", "$(x)"]),
                _ => *chance.pick(QUOTED),
            };
            format!("'{}'", (0..times).map(|_| of(chance)).collect::<String>())
        }
        8 | 9 => {
            let of = |chance: &mut Chance| match chance.below(6) {
                0 => *chance.pick(&["'", "\\\"", "\\\\", "\\$", "\\`", "\\'", "\\é", "\\ "]),
                1 if chance.one_in(40) => *chance.pick(&["$x", "`x`", "$(x)"]),
                _ => *chance.pick(QUOTED),
            };
            format!("\"{}\"", (0..times).map(|_| of(chance)).collect::<String>())
        }
        10 => {
            (*chance.pick(&["''", "\"\"", "\\'", "\\\"", "\\\\", "\\ ", "\\$", "\\*", "\\é", "\\a", "\\#"])).to_owned()
        }
        _ => match chance.below(12) {
            0 => "$'a\\tb'".to_owned(),
            1 => "$\"a\"".to_owned(),
            2 => (*chance.pick(&[";", "&", "|", ">", "<", "(", ")", "`"])).to_owned(),
            _ => format!("\\{}", chance.pick(BARE)),
        },
    }
}

fn word(chance: &mut Chance) -> String {
    (0..1 + chance.below(3)).map(|_| piece(chance)).collect()
}

/// A command as a shell gets it.
fn command(chance: &mut Chance) -> String {
    let names =
        ["python", "./run", "/usr/bin/node", "nginx", "java", "a.b", "exec gunicorn", "echo", "printf", "start.sh"];
    let mut text = match chance.below(4) {
        0 => word(chance),
        _ => (*chance.pick(&names)).to_owned(),
    };
    for _ in 0..chance.below(5) {
        text += *chance.pick(&[" ", " ", " ", "  ", "\t"]);
        text += &word(chance);
    }
    text
}

/// The command as an author may have written it: broken over lines wherever that joins to the same text.
fn written(text: &str, chance: &mut Chance) -> String {
    let mut out = String::new();
    let mut last = ' ';
    for c in text.chars() {
        if last != '\\' && last != ' ' && c != ' ' && chance.one_in(12) {
            out += "\\";
            out += *chance.pick(&["", " ", "\t "]);
            out += *chance.pick(&["\n", "\r\n"]);
            out += *chance.pick(&["", "", "", "\n", " \n"]);
            // What begins with a number sign would be a comment.
            if c == '#' {
                return text.to_owned();
            }
        }
        out.push(c);
        last = c;
    }
    out
}

/// Made up commands that the rule turns into arrays.
fn generated(count: usize) -> Vec<Asked> {
    let mut chance = Chance::new(7);
    let mut out = Vec::new();
    let mut tried = 0;
    while out.len() < count {
        let text = command(&mut chance);
        let text = text.trim();
        let lines = if chance.one_in(3) { written(text, &mut chance) } else { text.to_owned() };
        out.extend(asked(&lines, text));
        tried += 1;
        assert!(tried < 50 * count, "hardly any command is turned into an array");
    }
    out
}

/// Commands of real files that the rule turns into arrays, each once. A RUN gives all commands of its lists; what is no
/// command by itself the rule refuses.
fn real() -> Vec<Asked> {
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for (_, text) in corpus::files() {
        for it in syntax::parse(&text).file().instructions() {
            if !matches!(it.kind(), RUN | CMD | ENTRYPOINT) || it.json().is_some() || it.heredocs().next().is_some() {
                continue;
            }
            let text = it.arguments();
            let parts = text.split("&&").flat_map(|it| it.split("||")).flat_map(|it| it.split(';'));
            for text in parts.map(str::trim).filter(|it| !it.is_empty()) {
                if (corpus::all() || seen.len() < 2_500) && seen.insert(text.to_owned()) {
                    out.extend(asked(text, text));
                }
            }
        }
    }
    out
}

/// A shell, and the locale it is asked in.
struct Shell(&'static [&'static str], &'static str);

const SHELLS: &[Shell] = &[
    Shell(&["sh"], "C"),
    Shell(&["dash"], "C"),
    Shell(&["bash"], "C"),
    Shell(&["bash", "--posix"], "C.UTF-8"),
    Shell(&["bash"], "C.UTF-8"),
    Shell(&["busybox", "sh"], "C.UTF-8"),
];

fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|it| it.join(name)).find(|it| it.is_file())
}

fn installed() -> Vec<&'static Shell> {
    SHELLS.iter().filter(|it| find(it.0[0]).is_some()).collect()
}

impl Shell {
    /// Runs a script in a folder in which alone programs are found, and gives what it printed.
    fn run(&self, script: &str, folder: &Path) -> Vec<u8> {
        let path = folder.join("script");
        fs::write(&path, script).unwrap();
        let (name, arguments) = self.0.split_first().unwrap();
        let mut command = Command::new(find(name).unwrap());
        let command = command.args(arguments).arg(&path).current_dir(folder).stdin(Stdio::null()).stderr(Stdio::null());
        command.env_clear().env("PATH", folder.join("bin")).env("LC_ALL", self.1).env("HOME", "/nowhere");
        command.output().unwrap().stdout
    }

    /// The arguments that the shell makes of each text: of a function's in front of it.
    fn words(&self, texts: &[&str], folder: &Path) -> Vec<Vec<String>> {
        let mut script = "p() { printf '%s\\0' \"$@\"; }\n".to_owned();
        for text in texts {
            script += &format!("p {text}\nprintf '%s\\0' '<end>'\n");
        }
        split(&self.run(&script, folder))
    }

    /// The arguments of the programs that the shell starts for each text.
    fn programs(&self, texts: &[String], folder: &Path) -> Vec<Vec<String>> {
        let mut script = String::new();
        for text in texts {
            // A shell of its own for each, so that `exec` ends only that.
            script += &format!("(\n{text}\n)\nprintf '%s\\0' '<end>'\n");
        }
        split(&self.run(&script, folder))
    }
}

/// Lists of strings, each of which ends in a zero byte, parted by a word.
fn split(bytes: &[u8]) -> Vec<Vec<String>> {
    let strings = bytes.split(|it| *it == 0).map(|it| String::from_utf8_lossy(it).into_owned());
    let mut strings: Vec<String> = strings.collect();
    strings.pop();
    let mut lists: Vec<Vec<String>> = strings.split(|it| it == "<end>").map(<[String]>::to_vec).collect();
    lists.pop();
    lists
}

/// The text so that its program is one below the folder, and what that program is told its name is. Builtins are left
/// out, and what cannot be a file's name.
fn at_home(asked: &Asked, folder: &Path) -> Option<(String, String)> {
    let name = asked.array.first()?;
    let relative = Path::new(name.trim_start_matches('/'));
    let plain = relative.components().all(|it| matches!(it, Component::Normal(_) | Component::CurDir));
    let builtin = ["echo", "test", "[", "printf", "kill", "true", "false", "pwd"].contains(&name.as_str());
    // The printer is a script: its own shell would take such a name for options.
    let option = name.starts_with('+');
    if builtin || option || !plain || name.ends_with(['/', '.']) || name.len() > 200 || relative.as_os_str().is_empty()
    {
        return None;
    }
    let (file, told, text) = if name.contains('/') {
        // A path from the root becomes one from here: a dot goes before its first character, quoted or not.
        let words = asked.text.strip_prefix("exec").filter(|it| it.starts_with([' ', '\t'])).map(str::trim_start);
        let (exec, words) = words.map_or(("", asked.text.as_str()), |it| ("exec ", it));
        if !exec.is_empty() {
            // bash makes the path of what it executes a full one, and a script is told that.
            return None;
        }
        let dot = if name.starts_with('/') { "." } else { "" };
        let file = folder.join(relative);
        (file, format!("{dot}{name}"), format!("{exec}{dot}{words}"))
    } else {
        let file = folder.join("bin").join(name);
        (file.clone(), file.to_str()?.to_owned(), asked.text.clone())
    };
    if fs::symlink_metadata(&file).is_err() {
        fs::create_dir_all(file.parent()?).ok()?;
        symlink(folder.join("printer"), &file).ok()?;
    }
    file.is_file().then_some((text, told))
}

fn home() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("bin")).unwrap();
    let printer = folder.path().join("printer");
    fs::write(&printer, "#!/bin/sh --\nprintf '%s\\0' \"$0\" \"$@\"\n").unwrap();
    fs::set_permissions(&printer, fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

#[test]
fn arrays_are_what_shells_hand_on() {
    let mut all = generated(2_000);
    let made_up = all.len();
    all.extend(real());
    let folder = home();
    let mut bad = Vec::new();
    let mut counts = BTreeMap::new();
    for shell in installed() {
        let name = format!("{} in {}", shell.0.join(" "), shell.1);
        let texts: Vec<&str> = all.iter().map(|it| it.text.as_str()).collect();
        let words = shell.words(&texts, folder.path());
        assert_eq!(words.len(), all.len(), "{name} gave up");
        for (asked, words) in all.iter().zip(words) {
            // The rule takes a leading `exec` away.
            let exec = words.first().is_some_and(|it| it == "exec");
            if words[usize::from(exec)..] != asked.array {
                bad.push(format!("{name}: {:?} is {words:?}, and became {:?}", asked.text, asked.array));
            }
        }
        counts.insert(name, (all.len(), 0));
    }
    let started: Vec<_> = all.iter().filter_map(|it| Some((it, at_home(it, folder.path())?))).collect();
    // A process each: some are enough where time counts.
    let step = if corpus::all() { 1 } else { 4 };
    let started: Vec<_> = started.iter().step_by(step).collect();
    for shell in installed().into_iter().filter(|it| it.0[0] != "busybox" && it.1 == "C") {
        let name = format!("{} in {}", shell.0.join(" "), shell.1);
        let texts: Vec<String> = started.iter().map(|it| it.1.0.clone()).collect();
        let programs = shell.programs(&texts, folder.path());
        assert_eq!(programs.len(), started.len(), "{name} gave up");
        for ((asked, (text, told)), program) in started.iter().zip(programs) {
            let mut expected = asked.array.clone();
            expected[0].clone_from(told);
            if program != expected {
                bad.push(format!("{name}: {text:?} starts {program:?}, and became {:?}", asked.array));
            }
        }
        counts.entry(name).or_default().1 = started.len();
    }
    let safe = all.iter().filter(|it| it.safe).count();
    eprintln!(
        "{} commands ({made_up} made up, {safe} safe); words asked of, programs started by: {counts:?}",
        all.len()
    );
    for line in bad.iter().take(40) {
        eprintln!("{line}");
    }
    assert!(safe >= 1_000 && !counts.is_empty());
    assert!(bad.is_empty(), "{} mismatches", bad.len());
}

#[test]
fn what_shells_do_themselves_is_never_safe() {
    let folder = home();
    let mut words: BTreeSet<String> = BTreeSet::new();
    for shell in installed() {
        let listed = match shell.0[0] {
            "bash" => String::from_utf8(shell.run("compgen -b; compgen -k", folder.path())).unwrap(),
            _ => String::new(),
        };
        words.extend(listed.lines().map(str::to_owned));
    }
    // Those of dash and busybox, which do not list them.
    words.extend("chdir fc local jobid histload getopts hash let source help ulimit".split(' ').map(str::to_owned));
    // A program that prints its arguments does as the builtin does, where it is given plain text.
    words.remove("echo");
    let safe: Vec<&String> = words.iter().filter(|it| array(it, Safety::Safe).is_some()).collect();
    assert!(safe.is_empty(), "{safe:?} would be started as programs");
}
