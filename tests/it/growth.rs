//! Time grows with a file as its length does: in each rule, in the layout, in the model, in `verify`.
//!
//! The same lines, few and sixteen times as many. What looks at the whole file for each of its lines takes 256 times as
//! long, or 16 for each byte; a third of that is let pass. What is counted is the thread's own time on a processor, so
//! that other work on the machine does not matter.

use std::{fmt::Write, hint::black_box, time::Duration};

use dockfix::{
    fix::{Context, Effect, Findings, RuleSettings},
    format,
    model::{Document, build::Build},
    rules, syntax, verify,
};

/// How often lines are repeated in the small file.
const FEW: usize = 40;
/// How much longer the other file is.
const FACTOR: u32 = 16;
/// How much longer each byte may take in it.
const ALLOWED: u32 = 5;
/// What takes no longer is not weighed: such times are chance.
const FLOOR: Duration = Duration::from_millis(25);

/// What a file begins with, its lines by their numbers, and its end.
type Kind = (&'static str, fn(&mut String, usize) -> std::fmt::Result, &'static str);

const KINDS: &[Kind] = &[
    ("FROM debian\n", |it, _| writeln!(it, "RUN a"), ""),
    ("FROM debian\n", |it, at| writeln!(it, "COPY a{at} /b{at}/\nRUN chmod +x /b{at}/a\nRUN sudo rm /b{at}/a"), ""),
    ("FROM debian\n", |it, at| writeln!(it, "# hadolint ignore=DL3008\nRUN apt-get update\nRUN apt install b{at}"), ""),
    ("FROM debian\n", |it, at| writeln!(it, "RUN apt-get install -y b{at}"), ""),
    ("FROM debian\n", |it, at| writeln!(it, "RUN wget http://c/b{at}.tgz && tar xf b{at}.tgz"), "CMD d\n"),
    ("FROM debian\n", |it, at| writeln!(it, "RUN curl -o /tmp/b{at} http://c\nRUN rm /tmp/b{at}"), ""),
    ("FROM debian\n", |it, at| writeln!(it, "ENV a{at}=b"), ""),
    ("FROM debian\nRUN a", |it, at| write!(it, " && \\\n  apt-get install b{at}"), "\n"),
    ("FROM debian\nRUN apt-get install", |it, at| write!(it, " \\\n  # a\n  b{}", at * 7919 % 1000), "\n"),
    ("FROM debian\nENV", |it, at| write!(it, " \\\n  a{at}=b{at}"), "\n"),
    ("FROM debian\n", |it, at| writeln!(it, "ENV a{at}=b\nLABEL c{at}=d\nWORKDIR /e"), ""),
    ("FROM debian\n", |it, at| writeln!(it, "FROM golang AS s{at}\nMAINTAINER a\nRUN go build"), ""),
    (
        "FROM debian AS s0\n",
        |it, at| writeln!(it, "FROM s{at} AS s{}\nUSER b\nRUN pip install c\nCOPY --from=s{at} d e", at + 1),
        "",
    ),
];

fn text((head, line, end): &Kind, count: usize) -> String {
    let mut text = (*head).to_owned();
    (0..count).for_each(|at| line(&mut text, at).unwrap());
    text + end
}

/// How long this thread has been on a processor.
fn now() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

/// How long each part takes on a text.
fn times(text: &str) -> Vec<(&'static str, Duration)> {
    let mut times = Vec::new();
    let mut since = now();
    let mut done = |name| {
        times.push((name, now() - since));
        since = now();
    };
    let parse = syntax::parse(text);
    done("parse");
    let settings = RuleSettings::default();
    let document = Document::new(parse.clone());
    let ctx = Context::new(text, &document, &settings, rules::ALL);
    done("the model");
    black_box(format::format(&parse, text, &format::Options::default()));
    done("the layout");
    let build = Build::new(&parse);
    done("the build");
    black_box(verify::Comparison::new(&build, &build));
    done("the comparison");
    black_box(verify::meanings(&parse));
    let other = Document::new(syntax::parse(text));
    assert_eq!(verify::layout_difference(&document, &other, Effect::None), None);
    done("verify");
    // One rule asks all others.
    for rule in rules::ALL.iter().filter(|it| it.name != "unused-suppression") {
        (rule.run)(&ctx, &mut Findings::default());
        done(rule.name);
    }
    times
}

/// The parts that take too long on the longer text, for all that is seen.
fn slow(small: &[(&'static str, Duration)], large: &[(&'static str, Duration)]) -> Vec<String> {
    let pairs = small.iter().zip(large).filter(|(small, large)| {
        // The least of times is near to nothing.
        large.1 > FLOOR && large.1 > small.1.max(FLOOR / (FACTOR * ALLOWED)) * FACTOR * ALLOWED
    });
    pairs.map(|(small, large)| format!("{}: {:?}, then {:?}", small.0, small.1, large.1)).collect()
}

/// The least of two measurements of each part.
fn least(one: &mut [(&'static str, Duration)], other: &[(&'static str, Duration)]) {
    one.iter_mut().zip(other).for_each(|(one, other)| one.1 = one.1.min(other.1));
}

#[test]
fn time_grows_with_length() {
    for kind in KINDS {
        let (few, many) = (text(kind, FEW), text(kind, FEW * FACTOR as usize));
        let (small, mut large) = (times(&few), times(&many));
        // What was interrupted once is not so again and again.
        for _ in 0..3 {
            if slow(&small, &large).is_empty() {
                break;
            }
            least(&mut large, &times(&many));
        }
        assert_eq!(slow(&small, &large), Vec::<String>::new(), "{}", &few[..60]);
    }
}
