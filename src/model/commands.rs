//! Package managers among the commands of shell text, recognised by the tables in `config/commands`.

use std::{collections::HashMap, sync::LazyLock};

use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::{ShellWord, Words, behind_sudo};
use crate::syntax::{
    Green,
    SyntaxKind::{SIMPLE_COMMAND, WORD},
    SyntaxNode,
    ast::{Command, Word, joined_text},
};

/// What a table says of a package manager.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Manager {
    /// The name by which its programs, which work on the same packages, go together.
    pub family: String,
    /// Whether its packages are what the system is made of, of which it looks at all together.
    #[serde(default)]
    pub system: bool,
    /// The names of its programs.
    programs: Vec<String>,
    /// Other programs that read the lists of packages.
    #[serde(default)]
    list_readers: Vec<String>,
    /// The modules by which `python -m` starts it.
    #[serde(default)]
    modules: Vec<String>,
    /// The flags whose value is the next word.
    pub(super) value_flags: Vec<String>,
    /// The flags by which it works on another system than the one it runs in.
    #[serde(default)]
    pub(super) root_flags: Vec<String>,
    /// The flags by which it does not ask; none where it never does.
    #[serde(default)]
    pub(super) assume_yes: Vec<String>,
    /// The flags by which it installs nothing.
    #[serde(default)]
    pub(super) dry_run: Vec<String>,
    /// The flags by which it takes packages whatever their signature.
    #[serde(default)]
    pub(super) unsigned: Vec<String>,
    /// What it does without a subcommand.
    bare: Option<Role>,
    /// What each subcommand does.
    subcommands: HashMap<String, Role>,
    /// Subcommands that clean only where one of these words follows.
    #[serde(default)]
    clean_operands: HashMap<String, Vec<String>>,
    /// Subcommands that take away also what cleaning leaves.
    #[serde(default)]
    cleans_all: Vec<String>,
    /// Calls that print the folder of its cache.
    #[serde(default)]
    pub cache_queries: Vec<String>,
    /// Where it leaves what the image does not need.
    #[serde(default)]
    pub caches: Vec<Cache>,
}

/// A folder that a package manager fills.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Cache {
    /// The folder's absolute path.
    pub path: String,
    /// What fills it.
    pub filled_by: Vec<Role>,
    /// Whether the package manager's own cleaning leaves it.
    #[serde(default)]
    pub kept_by_clean: bool,
}

/// What a subcommand of a package manager does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Reads the index of packages.
    Update,
    /// Installs packages.
    Install,
    /// Brings packages to newer versions.
    Upgrade,
    /// Removes packages.
    Remove,
    /// Empties caches.
    Clean,
    /// Whatever the next word says.
    Nested,
    /// Something else.
    Other,
}

macro_rules! tables {
    ($($name:literal)+) => {
        &[$(include_str!(concat!("../../config/commands/", $name, ".toml"))),+]
    };
}

const TABLES: &[&str] =
    tables!("apt" "apk" "dnf" "zypper" "pip" "npm" "yarn" "pnpm" "gem" "composer" "conda" "go" "cargo");

static MANAGERS: LazyLock<Vec<Manager>> = LazyLock::new(|| {
    // A test reads every table, so that none is left out here.
    TABLES.iter().filter_map(|it| toml::from_str(it).ok()).collect()
});

/// The package managers that are known.
pub fn managers() -> &'static [Manager] {
    &MANAGERS
}

impl Manager {
    /// Whether a program reads the lists of packages.
    pub fn reads_lists(&self, program: &str) -> bool {
        self.programs.iter().chain(&self.list_readers).any(|it| it == program)
    }

    fn of_program(program: &str) -> Option<&'static Manager> {
        static BY_PROGRAM: LazyLock<FxHashMap<&str, &Manager>> = LazyLock::new(|| {
            managers().iter().flat_map(|it| it.programs.iter().map(move |name| (name.as_str(), it))).collect()
        });
        let base = program.rsplit('/').next()?;
        // `pip3.12` is pip.
        let plain = base.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        BY_PROGRAM.get(if plain == "pip" { plain } else { base }).copied()
    }

    fn of_module(module: &str) -> Option<&'static Manager> {
        managers().iter().find(|it| it.modules.iter().any(|name| name == module))
    }
}

/// The name of pip, where a word is its path in a folder that a variable names: `$VENV/bin/pip`. Programs of other
/// names may be anything there.
pub(super) fn behind_variable(word: &Word) -> Option<String> {
    let text = joined_text(word.syntax());
    let (folder, name) = text.trim_matches('"').rsplit_once("/bin/")?;
    let is_pip = || name.strip_prefix("pip").is_some_and(|it| it.chars().all(|it| it.is_ascii_digit() || it == '.'));
    let plain = folder.starts_with('$') && !folder.contains(['(', '`', '"', '\'', ' ']);
    (plain && is_pip()).then(|| name.to_owned())
}

/// The words of a simple command, each with what the shell makes of it.
pub fn argv(command: &Command) -> Vec<(Word, ShellWord)> {
    command.words().map(|word| (word.clone(), ShellWord::of(&word))).collect()
}

/// The simple commands of a node, those inside compound commands and substitutions included, in order.
pub fn simple_commands(node: &SyntaxNode) -> impl Iterator<Item = Command> {
    let mut nodes = node.preorder();
    std::iter::from_fn(move || {
        loop {
            let rowan::WalkEvent::Enter(node) = nodes.next()? else { continue };
            // Most commands hold no other, and none of their words is looked into.
            if node.kind() != SIMPLE_COMMAND && node.kind() != WORD {
                continue;
            }
            if !Green::read(&node, |it| it.holds(SIMPLE_COMMAND)) {
                nodes.skip_subtree();
            }
            if node.kind() == SIMPLE_COMMAND {
                return Command::cast(node);
            }
        }
    })
}

/// A call of a package manager.
#[derive(Debug)]
pub struct Invocation {
    /// The package manager.
    pub manager: &'static Manager,
    /// The name of the program, without its folder.
    pub program: String,
    /// What the subcommand does.
    pub role: Role,
    /// Whether `sudo` stands before it.
    pub sudo: bool,
    /// All words of the command, `sudo` and the like included.
    pub words: Words,
    /// The index of the subcommand's last word; without one, that of the program.
    pub subcommand: usize,
    /// The indices of the words behind the subcommand that are neither flags nor values of flags.
    pub operands: Vec<usize>,
}

/// Flags of `sudo` that leave it with root.
const SUDO_AS_ROOT: &[&str] = &["-E", "-H", "-n", "-EH", "-HE", "--preserve-env", "--set-home", "--non-interactive"];

impl Invocation {
    /// Reads a command as a call of a package manager, if its program and its subcommand are literal and known.
    pub fn of(command: &Command) -> Option<Invocation> {
        Invocation::read(&argv(command).into())
    }

    /// Whether a command whose first word is `program` may be a call of a package manager.
    pub(super) fn may_begin_with(program: &str) -> bool {
        let python = || program.rsplit('/').next().is_some_and(|it| it.starts_with("python"));
        matches!(program, "sudo" | "php") || Manager::of_program(program).is_some() || python()
    }

    /// As [`Invocation::of`], from the command's words.
    pub fn read(words: &Words) -> Option<Invocation> {
        let literal = |at: usize| words.get(at).and_then(|it| it.1.literal());
        let mut at = behind_sudo(words);
        let sudo = at > 0;
        // What another user than root installs is another thing.
        let sets = |it: &str| !it.starts_with('-') && it.contains('=');
        if !(1..at).filter_map(literal).all(|it| it == "--" || sets(it) || SUDO_AS_ROOT.contains(&it)) {
            return None;
        }
        let (word, known) = words.get(at)?;
        let folder_is_open = known.literal().is_none();
        let program = known.literal().map_or_else(|| behind_variable(word), |it| Some(it.to_owned()))?;
        let is_python = program.rsplit('/').next()?.starts_with("python");
        let manager = match (is_python, literal(at + 1)) {
            (true, Some("-m")) => {
                at += 2;
                Manager::of_module(literal(at)?)?
            }
            // `php composer.phar` is the same program.
            (_, Some(script)) if program == "php" => {
                at += 1;
                Manager::of_program(script).filter(|it| it.family == "composer")?
            }
            _ => Manager::of_program(&program)?,
        };
        let program = if folder_is_open { program } else { literal(at)?.rsplit('/').next()?.to_owned() };
        let (operands, words) = (Vec::new(), Words::clone(words));
        let mut invocation = Invocation { manager, program, role: Role::Other, sudo, subcommand: at, operands, words };
        let mut rest = invocation.plain_words(at + 1).into_iter().peekable();
        let mut name = rest.peek().copied();
        let only_tells = || invocation.has_flag(&["--version", "-v", "--help", "-h"]);
        let mut role = manager.bare.filter(|_| !only_tells()).unwrap_or(Role::Other);
        while let Some(here) = name {
            let word = invocation.literal(here)?.to_owned();
            role = manager.subcommands.get(&word).copied().unwrap_or(Role::Other);
            rest.next();
            invocation.subcommand = here;
            let follows = rest.peek().copied();
            if let Some(needed) = manager.clean_operands.get(&word) {
                let found = follows.and_then(|it| invocation.literal(it));
                role = if found.is_some_and(|it| needed.iter().any(|one| one == it)) { role } else { Role::Other };
            }
            name = follows.filter(|_| role == Role::Nested);
        }
        invocation.role = role;
        invocation.operands = rest.collect();
        Some(invocation)
    }

    /// The word at an index, where it is known.
    pub fn literal(&self, at: usize) -> Option<&str> {
        self.words.get(at)?.1.literal()
    }

    /// The indices of the words from `from` on that are neither flags nor values of flags.
    fn plain_words(&self, from: usize) -> Vec<usize> {
        let mut plain = Vec::new();
        let (mut value, mut flags) = (false, true);
        for (at, word) in self.words.iter().enumerate().skip(from) {
            let text = word.1.path().unwrap_or_default();
            if std::mem::take(&mut value) {
                continue;
            }
            if flags && text == "--" {
                flags = false;
            } else if flags && text.starts_with('-') && text.len() > 1 {
                value = self.manager.value_flags.iter().any(|it| it == text);
            } else {
                plain.push(at);
            }
        }
        plain
    }

    /// Whether it takes away all that its package manager caches.
    pub fn cleans_all(&self) -> bool {
        let word = self.literal(self.subcommand);
        word.is_some_and(|word| self.manager.cleans_all.iter().any(|it| it == word))
    }

    /// The packages that are named, where all of them are known.
    pub fn packages(&self) -> Option<Vec<&str>> {
        self.operands.iter().map(|it| self.literal(*it)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    fn first(shell: &str) -> Option<(String, Role, Vec<String>)> {
        let parse = parse(&format!("FROM a\nRUN {shell}\n"));
        let command = simple_commands(parse.file().syntax()).next().unwrap();
        let it = Invocation::of(&command)?;
        let packages = it.packages().unwrap_or_default().into_iter().map(str::to_owned).collect();
        Some((it.manager.family.clone(), it.role, packages))
    }

    #[test]
    fn every_table_is_read() {
        for table in TABLES {
            toml::from_str::<Manager>(table).unwrap();
        }
        assert_eq!(managers().len(), TABLES.len());
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/config/commands");
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), TABLES.len());
    }

    #[test]
    fn calls_are_recognised() {
        let packages = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let family = |name: &str| name.to_owned();
        let cases = [
            ("apt-get -y -o Dpkg::Use-Pty=0 install -qq curl 'git'", "apt", Role::Install, &["curl", "git"][..]),
            ("sudo -E /usr/bin/apt-get update", "apt", Role::Update, &[]),
            ("apk add --no-cache -t .deps gcc", "apk", Role::Install, &["gcc"]),
            ("python3 -m pip install -r requirements.txt flask", "pip", Role::Install, &["flask"]),
            ("pip3.12 cache purge", "pip", Role::Clean, &["purge"]),
            ("pip cache dir", "pip", Role::Other, &["dir"]),
            ("/opt/venv/bin/pip install a", "pip", Role::Install, &["a"]),
            ("$VENV/bin/pip3.12 install a", "pip", Role::Install, &["a"]),
            ("\"${VENV}/x/bin/pip\" install a", "pip", Role::Install, &["a"]),
            ("sudo $VENV/bin/pip install a", "pip", Role::Install, &["a"]),
            ("php composer.phar install", "composer", Role::Install, &[]),
            ("php /usr/local/bin/composer require a", "composer", Role::Install, &["a"]),
            ("yum group install x", "dnf", Role::Install, &["x"]),
            ("yarn", "yarn", Role::Install, &[]),
            ("yarn global add x", "yarn", Role::Install, &["x"]),
            ("apt-get moo", "apt", Role::Other, &[]),
        ];
        for (shell, name, role, names) in cases {
            assert_eq!(first(shell), Some((family(name), role, packages(names))), "{shell}");
        }
    }

    #[test]
    fn what_is_not_certain_is_no_call() {
        for shell in [
            "$APT install curl",
            "apt-get $ACTION curl",
            "echo apt-get install",
            "X=1",
            "python -m venv x",
            "php a.php install",
            "php -r a",
            "php npm install",
            "$A/bin/npm install",
            "$(a)/bin/pip install b",
            "$A/bin/pipx install b",
            "$PIP install a",
            "$A/pip install b",
        ] {
            assert_eq!(first(shell), None, "{shell}");
        }
    }

    #[test]
    fn flags_are_found() {
        let parse = parse("FROM a\nRUN apt-get install -qy --no-install-recommends --option=a x\n");
        let command = simple_commands(parse.file().syntax()).next().unwrap();
        let it = Invocation::of(&command).unwrap();
        assert!(
            it.has_flag(&["-y", "--yes"]) && it.has_flag(&["--no-install-recommends"]) && it.has_flag(&["--option"])
        );
        assert!(!it.has_flag(&["-f", "--no-install"]));
        assert_eq!(it.words[0].0.text(), "apt-get");
    }
}
