//! How long each stage of the work takes, by the kind of file and its size: `cargo bench`, or `cargo bench -- check`
//! for one stage, `cargo bench -- 'runs/.*/10MB'` for one file.
//!
//! `cargo bench --bench stages -- once STAGE KIND SIZE` does it once and says how long it took, `… -- count STAGE KIND
//! SIZE` says nothing, but the length, for callgrind to count (`tests/bench/instructions`), and `… -- write KIND SIZE`
//! prints the file.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod inputs;
mod work;

use std::{fmt, hint::black_box, process::ExitCode, time::Duration};

use divan::{Bencher, counter::BytesCount};
use inputs::{CORPUS, KINDS, Kind};
use work::{File, STAGES, Stage};

/// The sizes of files as people write them.
const SIZES: &[usize] = &[1_000, 10_000, 100_000, 1_000_000, 10_000_000];
/// The sizes of the other files: time for each byte is to be the same at both.
const GROWTH: &[usize] = &[100_000, 10_000_000];

/// A file to be measured.
#[derive(Clone, Copy)]
struct Case {
    kind: &'static Kind,
    size: usize,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.size {
            size if size >= 1_000_000 => write!(f, "{}/{}MB", self.kind.name, size / 1_000_000),
            size => write!(f, "{}/{}kB", self.kind.name, size / 1_000),
        }
    }
}

fn cases() -> Vec<Case> {
    let sizes = |kind: &Kind| if kind.name == CORPUS { SIZES } else { GROWTH };
    KINDS.iter().flat_map(|kind| sizes(kind).iter().map(move |size| Case { kind, size: *size })).collect()
}

fn bench(bencher: Bencher<'_, '_>, name: &str, case: Case) {
    let Some(stage) = stage(name) else { return };
    let file = File::new(case.kind.of_size(case.size));
    (stage.prepare)(&file);
    bencher.counter(BytesCount::new(file.text.len())).bench_local(|| (stage.run)(black_box(&file)));
}

macro_rules! benches {
    ($($name:ident),*) => {$(
        #[divan::bench(args = cases(), max_time = 2, skip_ext_time)]
        fn $name(bencher: Bencher<'_, '_>, case: Case) {
            bench(bencher, stringify!($name), case);
        }
    )*};
}

benches!(tree, parse, model, build, rules, layout, verify, diff, format, check, fix);

fn stage(name: &str) -> Option<&'static Stage> {
    STAGES.iter().find(|it| it.name == name)
}

fn main() -> ExitCode {
    // `cargo bench` adds an argument of its own.
    let args: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let file = |kind: &str, size: &str| Some(inputs::kind(kind)?.of_size(size.parse().ok()?));
    match args[..] {
        ["write", kind, size] => match file(kind, size) {
            Some(text) => print!("{text}"),
            None => return unknown(),
        },
        ["count", name, kind, size] => match stage(name).zip(file(kind, size)) {
            Some((stage, text)) => {
                let file = File::new(text);
                (stage.prepare)(&file);
                counted(stage, &file);
                println!("{}", file.text.len());
            }
            None => return unknown(),
        },
        ["once", name, kind, size] => match stage(name).zip(file(kind, size)) {
            Some((stage, text)) => once(stage, text),
            None => return unknown(),
        },
        _ => divan::main(),
    }
    ExitCode::SUCCESS
}

fn unknown() -> ExitCode {
    let names = |it: &mut dyn Iterator<Item = &'static str>| it.collect::<Vec<_>>().join(", ");
    eprintln!("stages: {}", names(&mut STAGES.iter().map(|it| it.name)));
    eprintln!("kinds: {}", names(&mut KINDS.iter().map(|it| it.name)));
    ExitCode::from(2)
}

fn once(stage: &Stage, text: String) {
    let file = File::new(text);
    (stage.prepare)(&file);
    let start = now();
    counted(stage, &file);
    let time = now() - start;
    println!("{} bytes, {time:.3?}, {:.1} ns a byte", file.text.len(), time.as_nanos() as f64 / file.text.len() as f64);
}

/// How long this thread has been on a processor, which other work on the machine does not lengthen.
#[cfg(target_os = "linux")]
fn now() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap_or_default(), time.tv_nsec.try_into().unwrap_or_default())
}

/// How long this program runs.
#[cfg(not(target_os = "linux"))]
fn now() -> Duration {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}

/// What is counted: a function of its own, so that callgrind knows where to begin and to end.
#[inline(never)]
fn counted(stage: &Stage, file: &File) {
    (stage.run)(black_box(file));
    // Something is left to do, so that the call above is a call and no jump, which would end this function.
    black_box(file);
}
