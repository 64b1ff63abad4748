//! What is known of apt's package lists at a place of a file.

use std::sync::LazyLock;

use serde::Deserialize;
use text_size::TextSize;

use super::{Age, Chain, Join, Model, Role, Run, Stage, age, argv, simple_commands};
use crate::syntax::{
    SyntaxKind::*,
    ast::{Command, Instruction, joined_text, trimmed_range},
};

/// What a command finds of apt's package lists, as far as the file tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackageLists {
    /// An earlier RUN read them, and nothing has touched the sources since.
    Read,
    /// There are none.
    Missing,
    /// Something else than an update brings them: they are copied.
    Brought,
    /// Any may be there, and to read them anew may do something else.
    Unknown,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Images {
    without_package_lists: Vec<String>,
}

const TABLE: &str = include_str!("../../config/images.toml");

// A test reads the table, so that it is never the empty one.
static IMAGES: LazyLock<Images> = LazyLock::new(|| toml::from_str(TABLE).unwrap_or_default());

/// What the lists are when a RUN reaches a place in its text.
pub fn package_lists(model: &Model, run: &Run, place: TextSize) -> PackageLists {
    let parent = |it: &usize| model.stages.get(*it).and_then(|it| it.parent);
    let mut stages: Vec<usize> = std::iter::successors(Some(run.stage), parent).collect();
    stages.reverse();
    let base = stages.first().and_then(|it| model.stages.get(*it));
    let missing = base.is_some_and(|it| lacks_lists(model, &it.image));
    let mut lists = if missing { PackageLists::Missing } else { PackageLists::Unknown };
    for nth in stages {
        let Some(stage) = model.stages.get(nth) else { continue };
        let count = if nth == run.stage { run.at } else { stage.instructions.len() };
        let mut runs = model.runs_of(nth).iter().peekable();
        for (at, instruction) in stage.instructions.iter().enumerate().take(count) {
            let run = runs.next_if(|it| it.at == at);
            lists = behind(lists, instruction, run, stage);
        }
    }
    let touched = commands_before(run, place).any(|it| touches_sources(&joined_text(it.syntax())) || runs_script(&it));
    if touched && lists != PackageLists::Brought { PackageLists::Unknown } else { lists }
}

/// The simple commands of a RUN that begin before a place.
pub fn commands_before(run: &Run, place: TextSize) -> impl Iterator<Item = Command> {
    simple_commands(run.script.syntax()).take_while(move |it| trimmed_range(it.syntax()).start() < place)
}

/// Whether the image is one of Docker's library that has no lists.
fn lacks_lists(model: &Model, image: &str) -> bool {
    let name = image.split(['@', ':']).next().unwrap_or_default();
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    let name = name.strip_prefix("library/").unwrap_or(name);
    // Those of old had some.
    age(model) == Age::Present && IMAGES.without_package_lists.iter().any(|it| it == name)
}

/// What the lists are behind an instruction.
fn behind(lists: PackageLists, instruction: &Instruction, run: Option<&Run>, stage: &Stage) -> PackageLists {
    let text = instruction.text();
    match (instruction.kind(), run) {
        _ if lists == PackageLists::Brought => lists,
        (COPY | ADD, _) if text.contains("/var/lib/apt") => PackageLists::Brought,
        (COPY | ADD, _) if text.contains("/etc/") || writes_anywhere(instruction) => PackageLists::Unknown,
        (RUN, Some(run)) if instruction.heredocs().next().is_none() => behind_run(lists, run, stage),
        // Nothing is known of what this does.
        (RUN, _) => PackageLists::Unknown,
        _ => lists,
    }
}

fn behind_run(mut lists: PackageLists, run: &Run, stage: &Stage) -> PackageLists {
    let chain = Chain::of(&run.script);
    let with = chain.as_ref().and_then(|it| it.join(stage.shell_at(run.at)).ok()).unwrap_or(Join::And);
    let mut seen = false;
    for command in simple_commands(run.script.syntax()) {
        let range = command.syntax().text_range();
        let update = run.calls_of("apt").find(|it| {
            it.role == Role::Update
                && it.words.first().is_some_and(|it| range.contains_range(it.0.syntax().text_range()))
        });
        let touches = touches_sources(&joined_text(command.syntax()));
        seen |= touches;
        if let Some(update) = update {
            let first = update.words.first();
            let sure = chain.as_ref().zip(first).is_some_and(|(chain, word)| chain.surely_runs(&word.0, with));
            lists = if sure { PackageLists::Read } else { PackageLists::Unknown };
        } else if touches || runs_script(&command) {
            lists = PackageLists::Unknown;
        }
    }
    // A redirection of more than one command belongs to none of them.
    if !seen && touches_sources(&run.text) { PackageLists::Unknown } else { lists }
}

/// Whether the destination of COPY or ADD may be the folder of anything.
fn writes_anywhere(instruction: &Instruction) -> bool {
    let destination = match instruction.json() {
        Some(array) => array.strings().pop(),
        None => instruction.words().last().map(|it| it.text()),
    };
    destination.is_none_or(|it| it == "/" || it.contains('$') || it.trim_end_matches('/') == "/etc")
}

/// Whether a text has to do with where packages come from.
fn touches_sources(text: &str) -> bool {
    let words = ["/etc/apt", "apt-key", "apt-repository", "sources.list", "trusted.gpg", "keyrings", ".deb"];
    words.iter().any(|it| text.contains(it)) || (text.contains("dpkg") && text.contains("-i"))
}

/// Programs that run what a file says.
const RUNNERS: &[&str] = &[
    "sh",
    "bash",
    "ash",
    "dash",
    "zsh",
    ".",
    "source",
    "eval",
    "env",
    "xargs",
    "chroot",
    "su",
    "ansible-playbook",
    "puppet",
    "chef-solo",
];

/// Whether a command runs a script or something else that may do anything. What builds a program is none.
pub fn runs_script(command: &Command) -> bool {
    let words = argv(command);
    let mut words = words.iter().map(|it| it.1.literal());
    let first = match words.next() {
        Some(Some("sudo")) => words.find(|it| it.is_none_or(|it| !it.starts_with('-'))),
        first => first,
    };
    match first {
        Some(Some(program)) => {
            let name = program.rsplit('/').next().unwrap_or(program);
            let system = ["/bin/", "/usr/bin/", "/usr/sbin/", "/sbin/"].iter().any(|it| program.starts_with(it));
            let own = program.contains('/') && !system && !matches!(name, "configure" | "pip" | "pip3");
            RUNNERS.contains(&name) || program.ends_with(".sh") || own
        }
        Some(None) => true,
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    /// The lists before the last call of apt.
    fn lists(text: &str) -> PackageLists {
        let model = Model::new(&parse(text));
        let run = model.runs().last().unwrap();
        let call = run.calls_of("apt").last().unwrap();
        package_lists(&model, run, call.words[0].0.syntax().text_range().start())
    }

    #[test]
    fn the_table_is_read() {
        let table: Images = toml::from_str(TABLE).unwrap();
        assert!(table.without_package_lists.contains(&"debian".to_owned()));
    }

    #[test]
    fn images_have_lists_or_not() {
        for image in ["debian", "python:3.12-slim", "docker.io/library/ubuntu:24.04@sha256:a"] {
            assert_eq!(lists(&format!("FROM {image}\nRUN apt-get install a\n")), PackageLists::Missing, "{image}");
        }
        for image in ["x/debian", "ubuntu:12.04", "$BASE", "a"] {
            assert_eq!(lists(&format!("FROM {image}\nRUN apt-get install a\n")), PackageLists::Unknown, "{image}");
        }
    }

    #[test]
    fn updates_are_followed() {
        let after =
            |between: &str| lists(&format!("FROM a AS b\nRUN apt-get update\n{between}\nRUN apt-get install c\n"));
        for between in ["", "FROM b", "COPY d /d", "RUN ./configure && make", "USER d", "RUN apt-get install e && rm f"]
        {
            assert_eq!(after(between), PackageLists::Read, "{between}");
        }
        for between in [
            "FROM d",
            "COPY d /",
            "COPY d /etc/apt/sources.list.d/",
            "ADD d $D",
            "RUN echo d > /etc/apt/sources.list",
            "RUN { echo d; echo e; } > /etc/apt/sources.list",
            "RUN apt-key add d",
            "RUN curl d | bash",
            "RUN sudo ./d",
            "RUN $D",
            "RUN dpkg -i d",
            "RUN [\"d\"]",
            "RUN <<D\ne\nD",
            "RUN apt-get update || true",
        ] {
            assert_eq!(after(between), PackageLists::Unknown, "{between}");
        }
        assert_eq!(after("COPY --from=d /var/lib/apt/lists /var/lib/apt/lists"), PackageLists::Brought);
        assert_eq!(after("RUN add-apt-repository d && apt-get update && e"), PackageLists::Read);
    }
}
