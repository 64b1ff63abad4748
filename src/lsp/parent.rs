//! The process that started the server: where it dies without a word, the server leaves too.

use std::{sync::mpsc::Sender, thread, time::Duration};

use super::message::Event;

/// How often it is looked after.
const PAUSE: Duration = Duration::from_secs(2);

/// Tells when the process is gone. Most clients close standard input as they die, but not where a child of theirs
/// inherited it.
#[cfg(unix)]
pub(super) fn watch(id: i32, events: Sender<Event>) {
    use rustix::{
        io::Errno,
        process::{Pid, test_kill_process},
    };
    let Some(id) = Pid::from_raw(id).filter(|_| id > 0) else { return };
    thread::spawn(move || {
        // A process of another user, or of a container's outer side that this one may not ask about, is no dead one.
        while test_kill_process(id) != Err(Errno::SRCH) {
            thread::sleep(PAUSE);
        }
        let _ = events.send(Event::Gone);
    });
}

/// Elsewhere the end of standard input has to do.
#[cfg(not(unix))]
pub(super) fn watch(_: i32, _: Sender<Event>) {}
