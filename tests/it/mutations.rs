//! The laws on texts that nobody wrote: fixtures and real files with lines spliced, broken, commented and quoted anew,
//! always the same ones. What once broke a law is kept in `tests/cases/hold`.

use std::panic::{AssertUnwindSafe, catch_unwind};

use dockfix::fix::Safety;

use crate::chance::Chance;
use crate::hold::{self, Held};
use crate::{cases, corpus};

/// All laws on a text; `number` chooses the options.
fn laws(text: &str, number: usize) -> Held {
    let held = catch_unwind(AssertUnwindSafe(|| {
        hold::prints_its_input(&dockfix::text::encode(text))?;
        hold::lays_out(text, hold::options(number))?;
        let safety = if number.is_multiple_of(2) { Safety::Unsafe } else { Safety::Safe };
        if number.is_multiple_of(5) {
            return hold::keeps_the_build(text, safety);
        }
        let format = (!number.is_multiple_of(3)).then(|| hold::options(number / 3));
        hold::fixes(text, safety, format)
    }));
    held.unwrap_or_else(|panic| Err(format!("a panic: {:?}", panic.downcast_ref::<String>())))
}

/// What is left of a text that breaks a law when all is taken away that need not be there.
fn shrunk(text: &str, breaks: impl Fn(&str) -> bool) -> String {
    let mut pieces: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    for in_lines in [true, false] {
        if !in_lines {
            pieces = pieces.concat().chars().map(String::from).collect();
        }
        let mut size = pieces.len().div_ceil(2).max(1);
        loop {
            let mut at = 0;
            while at < pieces.len() {
                let mut fewer = pieces.clone();
                fewer.drain(at..(at + size).min(pieces.len()));
                match breaks(&fewer.concat()) {
                    true => pieces = fewer,
                    false => at += size,
                }
            }
            if size == 1 {
                break;
            }
            size = size.div_ceil(2);
        }
    }
    pieces.concat()
}

/// What is wrong with a text, with the least text of which the same is true.
fn wrong(text: &str, number: usize) -> Option<String> {
    laws(text, number).err()?;
    let least = shrunk(text, |it| laws(it, number).is_err());
    Some(format!("with number {number}, {least:?}: {}", laws(&least, number).unwrap_err()))
}

/// Put between two characters.
const INSERTED: &[&str] = &[
    "\\\n",
    " \\\n    ",
    "\\ \n",
    "\\\r\n",
    "`\n",
    "\\\n# c\n",
    "\\\n\n",
    "\n",
    "\n\n",
    "\r",
    "\r\n",
    " ",
    "\t",
    "    ",
    "\u{a0}",
    "\0",
    "\u{b}",
    "\u{c}",
    "\u{2028}",
    "\u{85}",
    "\u{feff}",
    "\"",
    "'",
    "`",
    "\\",
    "\\\\",
    "$",
    "$(",
    "${",
    ")",
    "}",
    "(",
    "{ ",
    "; }",
    "[",
    "]",
    "<",
    "<<E",
    "<<-'E' ",
    "<<E <<F\n",
    "\nE\n",
    "\n\tE\n",
    " && ",
    " || ",
    " | ",
    ";",
    ";;",
    " & ",
    "&",
    " # c",
    "#",
    "=",
    ",",
    " if a; then ",
    " fi",
    " do ",
    " done",
    " case x in ",
    " esac",
    " ! ",
    "-- ",
    "--from=a ",
    "--mount=type=bind ",
    "$((",
    "))",
    "[[ ",
    " ]]",
    "a=(",
    "!",
    "~",
    "\u{10ff80}",
    "é",
];

/// Put before a line.
const LINES: &[&str] = &[
    "# c\n",
    "  # c\n",
    "#\n",
    "\n",
    " \n",
    "\\\n",
    "  \\\n",
    "FROM a AS b\n",
    "FROM b\n",
    "RUN a && \\\n",
    "CMD a b\n",
    "ENTRYPOINT a\n",
    "HEALTHCHECK CMD a\n",
    "SHELL [\"a\", \"-c\"]\n",
    "ENV a b\n",
    "ENV a=b \\\n",
    "ONBUILD RUN a\n",
    "RUN <<E\n",
    "RUN cat <<-E >a && \\\n",
    "COPY <<E /a\n",
    "E\n",
    "USER a\n",
    "ARG a\n",
    "MAINTAINER a b\n",
    "# dockfix: format off\n",
    "# dockfix: format on\n",
    "# dockfix: ignore[all]\n",
    "# check=skip=all\n",
    "X y\n",
    "RUN rm -rf /var/lib/apt/lists/*\n",
    "RUN apt-get update\n",
    "RUN apt-get install -y a\n",
    "RUN apk del a\n",
    "RUN apt-get update && apt-get install -y a \\\n",
    "RUN yum install -y a\n",
    "RUN yum clean all\n",
    "WORKDIR a\n",
    "CMD ['a', 'b']\n",
    "CMD [\"a\"] # c\n",
    "run a\n",
    "from a as b\n",
    "EXPOSE 80\n",
    "VOLUME [\"/a\"]\n",
];

/// Put at the start of the file.
const STARTS: &[&str] = &[
    "# escape=`\n",
    "# escape=\\\n",
    "# syntax=docker/dockerfile:1\n",
    "# check=skip=all\n",
    " # escape=`\n",
    "#!/a\n",
    "\u{feff}",
    "\n",
    "# c\n",
    "# escape=`\r\n",
    "ARG a=b\n",
];

fn boundary(text: &str, chance: &mut Chance) -> usize {
    let at = chance.below(text.len() + 1);
    (0..=at).rev().find(|it| text.is_char_boundary(*it)).unwrap_or(0)
}

/// Where a line begins.
fn start_of_line(text: &str, chance: &mut Chance) -> usize {
    let at = boundary(text, chance);
    text[..at].rfind('\n').map_or(0, |it| it + 1)
}

fn lines<'a>(text: &'a str, chance: &mut Chance) -> &'a str {
    let (start, end) = (start_of_line(text, chance), start_of_line(text, chance));
    let end = if chance.one_in(4) { start + text[start..].find('\n').map_or(0, |it| it + 1) } else { end };
    &text[start.min(end)..start.max(end)]
}

fn mutate(text: &mut String, other: &str, chance: &mut Chance) {
    match chance.below(16) {
        0..=3 => {
            let at = boundary(text, chance);
            text.insert_str(at, chance.pick::<&str>(INSERTED));
        }
        4 | 5 => {
            let at = start_of_line(text, chance);
            text.insert_str(at, chance.pick::<&str>(LINES));
        }
        6 => text.insert_str(0, chance.pick::<&str>(STARTS)),
        7 | 8 => {
            let at = start_of_line(text, chance);
            text.insert_str(at, lines(other, chance));
        }
        9 => {
            let taken = lines(text, chance).to_owned();
            *text = text.replacen(&taken, lines(other, chance), 1);
        }
        10 => *text = text.replace("\r\n", "\n").replace('\n', "\r\n"),
        11 => {
            // One blank, or all of a line.
            let at = boundary(text, chance);
            let blank = *chance.pick(&["\t", "  ", "", "\u{a0}", "\\\n", " \\\n "]);
            if let Some(found) = text[at..].find(' ') {
                text.replace_range(at + found..at + found + 1, blank);
            }
        }
        12 => *text = if text.contains("\\\n") { text.replace("\\\n", "`\n") } else { text.replace("`\n", "\\\n") },
        13 => {
            let (one, two) = (boundary(text, chance), boundary(text, chance));
            let (one, two) = (one.min(two), one.max(two));
            // Not much at once, or little would be left.
            let two = (one..=two.min(one + 1 + chance.below(30))).rev().find(|it| text.is_char_boundary(*it));
            text.replace_range(one..two.unwrap_or(one), "");
        }
        14 => {
            let at = boundary(text, chance);
            text.truncate(at);
        }
        _ => *text = text.replacen(" && ", chance.pick::<&str>(&[" || ", "; ", " | ", " &&\\\n", " \\\n&& \\\n"]), 3),
    }
}

#[test]
fn mutations_hold_the_laws() {
    let mut sources: Vec<String> = cases::below("").iter().map(|it| cases::read(it)).collect();
    sources.extend(corpus::files().into_iter().map(|it| it.1));
    // Large files say little more and take long.
    sources.retain(|it| it.len() < 3_000);
    let count = if corpus::all() { 20_000 } else { 1_500 };
    let mut chance = Chance::new(23);
    let mut bad = Vec::new();
    for number in 0..count {
        let mut text = chance.pick(&sources).clone();
        for _ in 0..1 + chance.below(4) {
            mutate(&mut text, chance.pick::<String>(&sources).clone().as_str(), &mut chance);
        }
        bad.extend(wrong(&text, number));
        if bad.len() >= 20 {
            break;
        }
    }
    eprintln!("{count} mutations of {} texts, {} break a law", sources.len(), bad.len());
    for line in &bad {
        eprintln!("{line}");
    }
    assert!(sources.len() >= 80 && bad.is_empty());
}

#[test]
fn what_once_broke_a_law_holds_them() {
    let paths = cases::below("hold");
    let mut bad = Vec::new();
    for path in &paths {
        let text = cases::read(path);
        let found = (0..30).filter_map(|number| wrong(&text, number)).next();
        bad.extend(found.map(|it| format!("{}: {it}", path.display())));
    }
    for line in &bad {
        eprintln!("{line}");
    }
    assert!(!paths.is_empty() && bad.is_empty());
}
