//! What is known of apt's package lists at a place of a file.

use text_size::TextSize;

use super::{Age, Cleanup, Invocation, Join, Model, Role, Run, Simple, Stage, age, destination, programs};
use crate::syntax::{
    SyntaxKind::*,
    ast::{Command, Instruction, joined_text, trimmed_range},
};

/// The folder in which apt keeps its lists of packages.
pub const APT_LISTS: &str = "/var/lib/apt/lists";

/// What a command finds of apt's package lists, as far as the file tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackageLists {
    /// An earlier RUN read them, and nothing has touched the sources since.
    Read,
    /// There are none: the base image has none, or a RUN removed those that were read.
    Missing,
    /// Something else than an update brings them: they are copied.
    Brought,
    /// Any may be there, and to read them anew may do something else.
    Unknown,
}

/// What the lists are when a RUN reaches a place in its text.
pub fn package_lists(model: &Model, run: &Run, place: TextSize) -> PackageLists {
    let all = model.lists.get_or_init(|| all_lists(model));
    let nth = model.runs().binary_search_by_key(&(run.stage, run.at), |it| (it.stage, it.at));
    let lists = nth.ok().and_then(|it| all.get(it)).copied().unwrap_or(PackageLists::Unknown);
    let touched = commands_before(run, place)
        .any(|it| touches_sources(&joined_text(it.syntax())) || programs().may_run_script(it));
    if touched && lists != PackageLists::Brought { PackageLists::Unknown } else { lists }
}

/// What the lists are before each RUN that could be read.
fn all_lists(model: &Model) -> Vec<PackageLists> {
    // The images of old had some.
    let present = age(model) == Age::Present;
    let (mut before, mut ends) = (Vec::new(), Vec::<PackageLists>::new());
    let mut runs = model.runs().iter().peekable();
    for (nth, stage) in model.stages.iter().enumerate() {
        let missing = present && model.lacks_package_lists(nth);
        let own = if missing { PackageLists::Missing } else { PackageLists::Unknown };
        // A stage begins with an earlier one only.
        let mut lists = stage.parent().and_then(|it| ends.get(it)).copied().unwrap_or(own);
        for (at, instruction) in stage.instructions.iter().enumerate() {
            let run = runs.next_if(|it| (it.stage, it.at) == (nth, at));
            before.extend(run.map(|_| lists));
            lists = behind(lists, instruction, run, stage);
        }
        ends.push(lists);
    }
    before
}

/// The simple commands of a RUN that begin before a place.
pub fn commands_before(run: &Run, place: TextSize) -> impl Iterator<Item = &Simple> {
    run.commands().iter().take_while(move |it| trimmed_range(it.syntax()).start() < place)
}

/// What the lists are behind an instruction.
fn behind(lists: PackageLists, instruction: &Instruction, run: Option<&Run>, stage: &Stage) -> PackageLists {
    let says = |what: &str| instruction.text().contains(what);
    match (instruction.kind(), run) {
        _ if lists == PackageLists::Brought => lists,
        (COPY | ADD, _) if says("/var/lib/apt") => PackageLists::Brought,
        (COPY | ADD, _) if says("/etc/") || writes_anywhere(instruction) => PackageLists::Unknown,
        (RUN, Some(run)) if instruction.heredocs().next().is_none() => behind_run(lists, run, stage),
        // Nothing is known of what this does.
        (RUN, _) => PackageLists::Unknown,
        _ => lists,
    }
}

fn behind_run(mut lists: PackageLists, run: &Run, stage: &Stage) -> PackageLists {
    let chain = run.chain();
    let with = chain.and_then(|it| it.join(stage.shell_at(run.at))).unwrap_or(Join::And);
    let (any, mut seen) = (touches_sources(&run.text), false);
    let updates: Vec<&Invocation> = run.calls_of("apt").filter(|it| it.role == Role::Update).collect();
    for command in run.commands() {
        let range = command.syntax().text_range();
        let update = updates
            .iter()
            .find(|it| it.words.first().is_some_and(|it| range.contains_range(it.0.syntax().text_range())));
        let touches = any && touches_sources(&joined_text(command.syntax()));
        seen |= touches;
        if let Some(update) = update {
            let first = update.words.first();
            let sure = chain.zip(first).is_some_and(|(chain, word)| chain.surely_runs(&word.0, with));
            lists = if sure && !needs_more(run, command, update) { PackageLists::Read } else { PackageLists::Unknown };
        } else if lists == PackageLists::Read && removes_lists(run, command, with) {
            lists = PackageLists::Missing;
        } else if touches || programs().may_run_script(command) {
            lists = PackageLists::Unknown;
        } else if lists == PackageLists::Missing && programs().reads_anew(command) {
            lists = PackageLists::Read;
        }
    }
    // A redirection of more than one command belongs to none of them.
    if any && !seen { PackageLists::Unknown } else { lists }
}

/// Whether a command of a RUN surely removes the lists of the image: `rm -rf /var/lib/apt/lists/*`, `apt-get
/// dist-clean`.
fn removes_lists(run: &Run, command: &Simple, with: Join) -> bool {
    let removes = match Cleanup::of(command) {
        Some(Cleanup::Paths(paths)) => {
            // In quotes a pattern is the name of a file.
            let quoted = command.literals().any(|it| it.contains('*'));
            !quoted && paths.iter().any(|it| it.trim_end_matches(['*', '/']) == APT_LISTS)
        }
        Some(Cleanup::Packages(it)) => it.manager.family == "apt" && !it.sudo && it.cleans_all(),
        None => false,
    };
    // What is mounted over them may be removed instead.
    removes
        && !run.instruction.flags().any(|it| it.text().starts_with("--mount="))
        && run.chain().zip(command.argv().first()).is_some_and(|(chain, it)| chain.surely_runs(&it.0, with))
}

/// Whether an update is told, or given by its RUN, what another one would need as well.
fn needs_more(run: &Run, command: &Simple, update: &Invocation) -> bool {
    let told = update.words.iter().filter_map(|it| it.1.literal()).any(|it| it.starts_with("--allow-"));
    let exports = |it: &Simple| matches!(it.program(), Some("export" | "declare" | "typeset"));
    let exported = || commands_before(run, command.syntax().text_range().start()).any(exports);
    told || is_told_more(command, update)
        || exported()
        || run.instruction.flags().any(|it| it.text().starts_with("--mount=") && !it.text().contains("type=cache"))
}

/// Whether a call of apt is told something of where packages come from, which another call would have to be told as
/// well.
pub fn is_told_more(command: &Command, call: &Invocation) -> bool {
    let harmless = ["Dpkg::", "DPkg::", "APT::Install-", "APT::Get::"];
    let tells = |it: &str| !harmless.iter().any(|one| it.starts_with(one));
    let pairs = call.words.iter().zip(call.words.iter().skip(1));
    let mut options = pairs.filter(|it| matches!(it.0.1.literal(), Some("-o" | "--option" | "-c")));
    let option = options.any(|(_, value)| value.1.literal().is_none_or(tells));
    let glued = call.words.iter().filter_map(|it| it.1.literal()).any(|it| {
        let value = it.strip_prefix("-o").or_else(|| it.strip_prefix("--option=")).filter(|it| !it.is_empty());
        it.starts_with("--config-file") || value.is_some_and(tells)
    });
    option || glued || command.assignments().any(|it| !it.name().starts_with("DEB"))
}

/// Whether the destination of COPY or ADD may be the folder of anything.
fn writes_anywhere(instruction: &Instruction) -> bool {
    destination(instruction).is_none_or(|it| it == "/" || it.contains('$') || it.trim_end_matches('/') == "/etc")
}

/// Whether a text has to do with where packages come from.
fn touches_sources(text: &str) -> bool {
    let words = [
        "/etc/apt",
        "apt-key",
        "apt-repository",
        "sources.list",
        "trusted.gpg",
        "keyrings",
        ".deb",
        "extrepo",
        "--add-architecture",
    ];
    words.iter().any(|it| text.contains(it)) || (text.contains("dpkg") && text.contains("-i"))
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
    fn images_have_lists_or_not() {
        for image in ["debian", "python:3.12-slim", "docker.io/library/ubuntu:24.04@sha256:a"] {
            assert_eq!(lists(&format!("FROM {image}\nRUN apt-get install a\n")), PackageLists::Missing, "{image}");
        }
        for image in ["x/debian", "ubuntu:12.04", "$BASE", "a"] {
            assert_eq!(lists(&format!("FROM {image}\nRUN apt-get install a\n")), PackageLists::Unknown, "{image}");
        }
    }

    #[test]
    fn scripts_that_are_known_read_them() {
        let stream = "RUN curl https://deb.nodesource.com/setup_20.x | bash -\n";
        for base in ["debian", "a\nRUN apt-get update"] {
            assert_eq!(lists(&format!("FROM {base}\n{stream}RUN apt-get install c\n")), PackageLists::Read, "{base}");
        }
        assert_eq!(lists(&format!("FROM a\n{stream}RUN apt-get install c\n")), PackageLists::Unknown);
    }

    #[test]
    fn removals_are_followed() {
        let after = |run: &str| lists(&format!("FROM a AS b\n{run}\nRUN apt-get install c\n"));
        let first = "apt-get update && apt-get install -y d";
        for run in [
            format!("RUN {first} && rm -rf /var/lib/apt/lists/*"),
            format!("RUN {first} && apt-get clean && rm -rf /tmp/* /var/lib/apt/lists/"),
            format!("RUN {first} && apt-get dist-clean"),
            "RUN set -e; apt-get update; apt-get install -y d; rm -r /var/lib/apt/lists; e".to_owned(),
            format!("RUN {first}\nRUN rm -rf /var/lib/apt/lists/*\nCOPY d /d"),
            format!("RUN {first} && rm -rf /var/lib/apt/lists/*\nFROM b"),
        ] {
            assert_eq!(after(&run), PackageLists::Missing, "{run}");
        }
        for (run, expected) in [
            (format!("RUN {first} && apt-get clean"), PackageLists::Read),
            (format!("RUN {first} && (rm -rf /var/lib/apt/lists/* || true)"), PackageLists::Read),
            (format!("RUN {first} && if e; then rm -rf /var/lib/apt/lists/*; fi"), PackageLists::Read),
            (format!("RUN {first} && sudo rm -rf /var/lib/apt/lists/*"), PackageLists::Read),
            (format!("RUN {first} && rm -rf '/var/lib/apt/lists/*'"), PackageLists::Read),
            (format!("RUN {first} && rm -rf /var/lib/apt/lists/partial"), PackageLists::Read),
            (
                format!("RUN --mount=type=cache,target=/var/lib/apt {first} && rm -rf /var/lib/apt/lists/*"),
                PackageLists::Read,
            ),
            (format!("RUN rm -rf /var/lib/apt/lists/* && {first}"), PackageLists::Read),
            (format!("RUN {first} && rm -rf /var/lib/apt/lists/*\nRUN apt-get update"), PackageLists::Read),
            (format!("RUN {first} && rm -rf /var/lib/apt/lists/*\nCOPY d /etc/apt/"), PackageLists::Unknown),
            (format!("RUN {first} && rm -rf /var/lib/apt/lists/* && ./d"), PackageLists::Unknown),
            (format!("RUN {first} && ./d && rm -rf /var/lib/apt/lists/*"), PackageLists::Unknown),
            ("RUN rm -rf /var/lib/apt/lists/*".to_owned(), PackageLists::Unknown),
        ] {
            assert_eq!(after(&run), expected, "{run}");
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
            "RUN apt-get update --allow-insecure-repositories",
            "RUN --mount=type=secret,id=d,target=/etc/apt/auth.conf apt-get update",
            "RUN sudo ./d",
            "RUN $D",
            "RUN dpkg -i d",
            "RUN [\"d\"]",
            "RUN <<D\ne\nD",
            "RUN apt-get update || true",
            "RUN apt-get -o Acquire::Check-Valid-Until=false update",
            "RUN apt-get update -oAcquire::http::Proxy=d",
            "RUN http_proxy=d apt-get update",
            "RUN export http_proxy=d && apt-get update",
            "RUN extrepo enable d",
            "RUN dpkg --add-architecture i386",
        ] {
            assert_eq!(after(between), PackageLists::Unknown, "{between}");
        }
        assert_eq!(after("COPY --from=d /var/lib/apt/lists /var/lib/apt/lists"), PackageLists::Brought);
        assert_eq!(after("RUN --mount=type=cache,target=/d apt-get update"), PackageLists::Read);
        for same in ["-o Dpkg::Use-Pty=0 update", "update -y"] {
            assert_eq!(after(&format!("RUN DEBIAN_FRONTEND=d apt-get {same}")), PackageLists::Read, "{same}");
        }
        assert_eq!(after("RUN add-apt-repository d && apt-get update && e"), PackageLists::Read);
    }
}
