//! How far a long run has come: a bar where a terminal listens, a line now and then elsewhere.

use std::{
    env, fmt,
    io::{self, IsTerminal},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::output::say;

/// What is done sooner needs no bar.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Where no terminal listens, a line comes so often, and with `--verbose` so often.
const PAUSES: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(1)];

/// What a bar looks like. Its own words are those of a line, but for the colours of a terminal.
const TEMPLATE: &str = "{prefix} {bar:24.cyan/blue.dim} {pos} of {len} files{rate} {wide_msg:.dim}";
const ENDLESS: &str = "{prefix} {spinner} {pos} files{rate} {wide_msg:.dim}";

/// Where a run tells how far it has come, always on standard error.
#[derive(Debug)]
pub(super) struct Progress {
    way: Way,
    what: &'static str,
    total: Option<u64>,
    begun: Instant,
}

#[derive(Debug)]
enum Way {
    Nothing,
    /// A bar, and whether it is seen by now.
    Bar(ProgressBar, AtomicBool),
    Lines {
        done: AtomicU64,
        pause: Duration,
        last: Mutex<Instant>,
    },
}

/// Who listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Listener {
    /// Nothing but results and errors is wanted.
    pub(super) quiet: bool,
    /// More words are wanted.
    pub(super) verbose: bool,
    /// Whether lines are told where no terminal is; otherwise nothing is.
    pub(super) lines: bool,
}

impl Progress {
    /// A run that does so many files, if that is known. `what` is what is done to them: "planning".
    pub(super) fn new(what: &'static str, total: Option<u64>, listener: Listener) -> Progress {
        let is_dumb = env::var_os("TERM").is_some_and(|it| it == "dumb");
        let way = if listener.quiet {
            Way::Nothing
        } else if io::stderr().is_terminal() && !is_dumb {
            bar(what, total)
        } else if listener.lines {
            let pause = PAUSES[usize::from(listener.verbose)];
            Way::Lines { done: AtomicU64::new(0), pause, last: Mutex::new(Instant::now()) }
        } else {
            Way::Nothing
        };
        Progress { way, what, total, begun: Instant::now() }
    }

    /// A file was done; `group` is what is being worked on. Any thread may say so.
    pub(super) fn step(&self, group: &str) {
        match &self.way {
            Way::Nothing => {}
            Way::Bar(bar, seen) => {
                bar.inc(1);
                if bar.message() != group {
                    bar.set_message(group.to_owned());
                }
                if self.begun.elapsed() > PATIENCE && !seen.swap(true, Ordering::Relaxed) {
                    bar.set_draw_target(ProgressDrawTarget::stderr());
                }
            }
            Way::Lines { done, pause, last } => {
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                // What a thread that panicked left behind is a time like any other.
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                if last.elapsed() >= *pause {
                    *last = Instant::now();
                    let line = line(self.what, done, self.total, self.begun.elapsed(), group);
                    say(&format!("{line}\n"));
                }
            }
        }
    }

    /// Does something that may write to the terminal, with the bar out of its way.
    pub(super) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.way {
            Way::Bar(bar, seen) if seen.load(Ordering::Relaxed) => bar.suspend(write),
            _ => write(),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        // However the run ended, nothing of a bar stays.
        if let Way::Bar(bar, _) = &self.way {
            bar.finish_and_clear();
        }
    }
}

fn bar(what: &'static str, total: Option<u64>) -> Way {
    let bar = total.map_or_else(ProgressBar::no_length, ProgressBar::new);
    // It is not drawn before it is known that the run is a long one.
    bar.set_draw_target(ProgressDrawTarget::hidden());
    let template = if total.is_some() { TEMPLATE } else { ENDLESS };
    // The templates are constants that a test reads.
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let rate = |state: &ProgressState, out: &mut dyn fmt::Write| {
        let _ = out.write_str(&rate(state.pos(), state.len(), state.elapsed()));
    };
    bar.set_style(style.progress_chars("━╸─").with_key("rate", rate));
    bar.set_prefix(what);
    Way::Bar(bar, AtomicBool::new(false))
}

/// A line, such as `planning: 1204 of 10835 files, 950 a second, 10 s left: team-a`.
fn line(what: &str, done: u64, total: Option<u64>, elapsed: Duration, group: &str) -> String {
    let of = total.map_or(String::new(), |it| format!(" of {it}"));
    let group = if group.is_empty() { String::new() } else { format!(": {group}") };
    format!("{what}: {done}{of} files{}{group}", rate(done, total, elapsed))
}

/// How fast it goes, and how long it will take if it goes on so.
fn rate(done: u64, total: Option<u64>, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    if done == 0 || seconds < 0.1 {
        return String::new();
    }
    let rate = done as f64 / seconds;
    let mut words = if rate < 10.0 { format!(", {rate:.1} a second") } else { format!(", {rate:.0} a second") };
    if let Some(left) = total.and_then(|it| it.checked_sub(done)) {
        let left = (left as f64 / rate).ceil() as u64;
        words.push_str(&match left {
            0..120 => format!(", {left} s left"),
            120..7200 => format!(", {} min left", left.div_ceil(60)),
            _ => format!(", {} h left", left.div_ceil(3600)),
        });
    }
    words
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn lines_say_how_far_and_how_long() {
        let second = Duration::from_secs(1);
        for (done, total, elapsed, expected) in [
            (1204, Some(10_835), second, "planning: 1204 of 10835 files, 1204 a second, 8 s left: a"),
            (10, Some(4_000), 4 * second, "planning: 10 of 4000 files, 2.5 a second, 27 min left: a"),
            (10, Some(40_000), 4 * second, "planning: 10 of 40000 files, 2.5 a second, 5 h left: a"),
            (10, None, second, "planning: 10 files, 10 a second: a"),
            // More files came than there were at the beginning.
            (12, Some(10), second, "planning: 12 of 10 files, 12 a second: a"),
            (0, Some(10), second, "planning: 0 of 10 files: a"),
        ] {
            assert_eq!(line("planning", done, total, elapsed, "a"), expected);
        }
        assert_eq!(line("planning", 1, Some(1), Duration::ZERO, ""), "planning: 1 of 1 files");
    }

    #[test]
    fn templates_are_read() {
        for template in [TEMPLATE, ENDLESS] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }

    #[test]
    fn who_is_quiet_is_told_nothing() {
        let listener = Listener { quiet: true, verbose: true, lines: true };
        assert!(matches!(Progress::new("planning", None, listener).way, Way::Nothing));
    }
}
