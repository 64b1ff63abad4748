//! What programs do, and what becomes of those that a shell starts without one, by the table `config/programs.toml`.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;
use serde::Deserialize;

use super::{Model, argv, behind_sudo, images::base_image};
use crate::syntax::{
    SyntaxKind::{ENTRYPOINT, ENV, PIPELINE},
    ast::{Command, joined_text},
};

/// What the table says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Programs {
    pub(super) scripts: Vec<String>,
    pub(super) other_scripts: Vec<String>,
    pub(super) folders: Vec<String>,
    entrypoints: Vec<String>,
    runners: Vec<String>,
    builders: Vec<String>,
    readers_anew: Vec<String>,
    without_packages: Vec<String>,
    preparing: Vec<String>,
    /// Those that stop before they have read all.
    pub stop_early: FxHashSet<String>,
    /// Those whose status says something else than failure, or that fail for one of many things that they are given.
    pub answer: FxHashSet<String>,
    /// Those that write what they are told and don't fail.
    pub writers: FxHashSet<String>,
    /// Those that go on in the background by themselves.
    pub daemons: FxHashSet<String>,
    interpreters: FxHashSet<String>,
    launchers: FxHashSet<String>,
    /// Those that serve in the foreground until they are stopped.
    pub servers: FxHashSet<String>,
    /// Those that change what a process of the same user is given at its start.
    pub change_users: FxHashSet<String>,
    /// Those that surely start no compiler.
    pub compile_nothing: FxHashSet<String>,
}

const TABLE: &str = include_str!("../../config/programs.toml");

/// The table.
pub fn programs() -> &'static Programs {
    // A test reads the table, so that it is never the empty one.
    static PROGRAMS: LazyLock<Programs> = LazyLock::new(|| toml::from_str(TABLE).unwrap_or_default());
    &PROGRAMS
}

impl Programs {
    /// Whether a program, without its folder, runs the script that an argument names or holds, or that it reads: as
    /// `python3.12`.
    pub fn is_interpreter(&self, program: &str) -> bool {
        self.interpreters.contains(program.trim_end_matches(|it: char| it.is_ascii_digit() || it == '.'))
    }

    /// Whether a program, without its folder, runs what an argument names: a script or a file of its own format.
    pub fn runs_file(&self, program: &str) -> bool {
        self.is_interpreter(program) || self.launchers.contains(program)
    }

    /// Whether a command may run a script that does to the system's packages what the command does not tell.
    pub fn may_run_script(&self, command: &Command) -> bool {
        let mut words = command.words().map(|it| {
            let mut text = it.text();
            text.retain(|it| it != '"' && it != '\'');
            text
        });
        let first = words.next();
        let program = match first.as_deref() {
            Some(sudo) if ends_path(sudo, "/sudo") => {
                behind_sudo(&argv(command)).checked_sub(1).and_then(|it| words.nth(it))
            }
            _ => first,
        };
        let Some(program) = program else { return false };
        let program = program.as_str();
        let name = program.rsplit('/').next().unwrap_or(program);
        let prepares = |it: &str| self.preparing.iter().any(|word| it.to_lowercase().contains(word));
        let builds = |it: &str| self.builders.iter().any(|end| ends_path(it, end));
        if self.runners.iter().any(|it| it == name) {
            let arguments: Vec<String> = words.collect();
            // A target of make that builds, tests or installs what was built needs no packages.
            let target = |it: &String| it != "install" && !it.starts_with('-') && prepares(it);
            let script = arguments.iter().find(|it| !it.starts_with('-'));
            return match name {
                "make" => arguments.iter().any(target),
                _ => !builds(program) && !script.is_some_and(|it| builds(it)) && !self.is_known_stream(command),
            };
        }
        // What packages bring is a program, and is found in a folder for programs; the like is not so in a project.
        let of_package =
            ["/bin/", "/.bin/", "/sbin/"].iter().any(|it| program.contains(it)) || program.contains("/init.d/");
        let script = name.ends_with(".sh") || (program.contains(['/', '$']) && (!of_package || prepares(name)));
        script && !builds(program)
    }

    /// Whether a shell reads a script from a pipe of which it is known that it reads the package lists anew.
    pub fn reads_anew(&self, command: &Command) -> bool {
        let runs = || command.words().any(|it| self.runners.contains(&it.text()));
        streamed(command).is_some_and(|text| self.readers_anew.iter().any(|it| text.contains(it))) && runs()
    }

    /// Whether a shell reads a script from a pipe that does nothing to packages that the file does not tell.
    fn is_known_stream(&self, command: &Command) -> bool {
        let known = self.readers_anew.iter().chain(&self.without_packages);
        streamed(command).is_some_and(|text| known.into_iter().any(|it| text.contains(it)))
    }
}

/// The text of what begins the pipe from which a command reads.
fn streamed(command: &Command) -> Option<String> {
    let pipe = command.syntax().parent().filter(|it| it.kind() == PIPELINE)?;
    pipe.first_child().filter(|it| it != command.syntax()).map(|it| joined_text(&it))
}

/// Whether a path, with a slash before it, ends in something.
fn ends_path(path: &str, end: &str) -> bool {
    path.ends_with(end) || end.strip_prefix('/') == Some(path)
}

/// Whether the base image of a stage has an ENTRYPOINT that is known to do other things for its own program than for a
/// shell.
pub fn entrypoint_looks_at_command(model: &Model, stage: usize) -> bool {
    let Some(image) = base_image(model, stage) else { return false };
    // A port stands before the last slash, a tag or a digest behind it.
    let name = image.rsplit('/').next().and_then(|it| it.split(['@', ':']).next()).unwrap_or_default();
    programs().entrypoints.iter().any(|it| it == name) && model.in_effect(stage, ENTRYPOINT).is_none()
}

/// Whether PATH has an entry in a stage that is no absolute one, in which only a shell looks for programs.
pub fn has_relative_path(model: &Model, stage: usize) -> bool {
    let relative = |value: String| value.trim_matches(['"', '\'']).split(':').any(|it| !it.starts_with(['/', '$']));
    model.inherited(&model.relative_paths, stage, |it| {
        it.kind() == ENV && it.pairs().any(|it| it.key() == "PATH" && relative(it.value()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpreters_may_have_a_version() {
        for program in ["python", "python2", "python3.12", "node", "php8.3"] {
            assert!(programs().is_interpreter(program) && programs().runs_file(program), "{program}");
        }
        assert!(programs().runs_file("java") && !programs().is_interpreter("java"));
        assert!(!programs().runs_file("pythons") && !programs().runs_file("3"));
    }

    #[test]
    fn the_table_is_read() {
        let table: Programs = toml::from_str(TABLE).unwrap();
        let script = |shell: &str| {
            let parse = crate::syntax::parse(&format!("FROM a\nRUN {shell}\n"));
            crate::model::simple_commands(parse.file().syntax()).any(|it| table.may_run_script(&it))
        };
        for shell in [
            "./a.sh",
            "a.sh",
            "bash a",
            "/bin/bash -ex a",
            "sudo -E bash a",
            "make deps",
            "sh -c 'a'",
            "$A",
            "${A}/b",
            "./a",
            "/opt/install",
            "curl https://x.org/a | sh",
            "/usr/local/bin/setup-a",
            ". ./a",
            "make -C a bootstrap",
        ] {
            assert!(script(shell), "{shell}");
        }
        for shell in [
            "make -j4 && make install",
            "./configure",
            "sh autogen.sh",
            ". venv/bin/activate",
            "/opt/conda/bin/conda a",
            "$A/bin/pip b",
            "node_modules/.bin/grunt",
            "curl -fsSL https://deb.nodesource.com/setup_8.x | sudo -E bash -",
            "bash Miniconda3-latest-Linux-x86_64.sh -b",
            "/etc/init.d/mysql start",
            "a b/c.sh",
            "A=./b",
        ] {
            assert!(!script(shell), "{shell}");
        }
    }
}
