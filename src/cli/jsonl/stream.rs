//! Lines in, lines out: many at once, in order, and none waits for the next one to come.

use std::{
    io::{self, BufRead, BufReader, BufWriter, Read, Write},
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        mpsc::{self, Receiver, TryRecvError},
    },
    thread,
};

use rayon::ThreadPool;

use crate::files;

/// The longest line that is read, in bytes without its end.
pub(super) const MAX_LINE: usize = 64 << 20;

/// So many lines are read ahead of the one whose answer is written next.
const MAX_AHEAD: usize = 1024;

/// So many bytes they have together; a longer line is alone.
const MAX_BYTES: usize = 16 << 20;

/// A line without its end, or `None` for one that is too long.
pub(super) type Line = Option<Vec<u8>>;

/// A line that is being worked on: where its answer comes from, and its length.
type Pending = (Receiver<Vec<u8>>, usize);

/// Answers each line of standard input with a line on `out`. What is answered is written at once when there is nothing
/// else to write.
pub(super) fn answer<F>(pool: ThreadPool, answer: F, out: &mut impl Write) -> anyhow::Result<()>
where
    F: Fn(Line) -> Vec<u8> + Send + Sync + 'static,
{
    let (ahead, pending) = mpsc::sync_channel::<io::Result<Pending>>(MAX_AHEAD);
    let budget = Arc::new(Budget::default());
    // Nobody waits for this thread: where the output is gone there is no reason to wait for the rest of the input.
    thread::spawn({
        let budget = Arc::clone(&budget);
        move || {
            let answer = Arc::new(answer);
            let mut input = BufReader::with_capacity(1 << 16, io::stdin().lock());
            loop {
                let next = match read_line(&mut input, MAX_LINE) {
                    Ok(None) => return,
                    Err(error) => Err(error),
                    Ok(Some(line)) => {
                        let len = line.as_ref().map_or(0, Vec::len);
                        budget.take(len);
                        let (give, get) = mpsc::sync_channel(1);
                        let answer = Arc::clone(&answer);
                        // The one who asked has gone only when the program ends.
                        pool.spawn(move || drop(give.send(answer(line))));
                        Ok((get, len))
                    }
                };
                let is_over = next.is_err();
                if ahead.send(next).is_err() || is_over {
                    return;
                }
            }
        }
    });
    let mut out = BufWriter::with_capacity(1 << 16, out);
    while let Some(next) = receive(&pending, &mut out)? {
        let (line, len) = next.map_err(|it| anyhow::anyhow!("<stdin>: {}", files::reason(&it)))?;
        let line = receive(&line, &mut out)?.ok_or_else(|| anyhow::anyhow!("a row was lost"))?;
        out.write_all(&line)?;
        out.write_all(b"\n")?;
        budget.give_back(len);
    }
    out.flush()?;
    Ok(())
}

/// The next thing from a channel; `None` where no more will come. All is flushed before it is waited for.
fn receive<T>(channel: &Receiver<T>, out: &mut impl Write) -> io::Result<Option<T>> {
    match channel.try_recv() {
        Ok(it) => Ok(Some(it)),
        Err(TryRecvError::Disconnected) => Ok(None),
        Err(TryRecvError::Empty) => {
            out.flush()?;
            Ok(channel.recv().ok())
        }
    }
}

/// The next line, of which no more than `max` bytes are kept; `None` at the end. The last one needs no line end.
fn read_line(input: &mut impl BufRead, max: usize) -> io::Result<Option<Line>> {
    let mut line = Vec::new();
    let read = input.by_ref().take(max as u64 + 1).read_until(b'\n', &mut line)?;
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if read > max {
        input.skip_until(b'\n')?;
        return Ok(Some(None));
    }
    Ok((read > 0).then_some(Some(line)))
}

/// How many bytes are being worked on.
#[derive(Default)]
struct Budget {
    taken: Mutex<usize>,
    less: Condvar,
}

impl Budget {
    /// Waits until there is room for so many bytes, or until they are the only ones.
    fn take(&self, bytes: usize) {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |taken: &mut usize| *taken > 0 && *taken + bytes > MAX_BYTES;
        *self.less.wait_while(taken, full).unwrap_or_else(PoisonError::into_inner) += bytes;
    }

    fn give_back(&self, bytes: usize) {
        *self.taken.lock().unwrap_or_else(PoisonError::into_inner) -= bytes;
        self.less.notify_one();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn lines_are_cut_at_their_ends_and_long_ones_are_left_out() {
        let mut input = BufReader::with_capacity(3, &b"one\n\ntwo\r\nlonger\nlonge\nlong"[..]);
        let mut lines = Vec::new();
        while let Some(line) = read_line(&mut input, 4).unwrap() {
            lines.push(line.map(|it| String::from_utf8(it).unwrap()));
        }
        let expected = [Some("one"), Some(""), Some("two\r"), None, None, Some("long")];
        assert_eq!(lines, expected.map(|it| it.map(str::to_owned)));
    }

    #[test]
    fn a_long_line_at_the_end_is_one_too() {
        let mut input = &b"longer"[..];
        assert_eq!(read_line(&mut input, 4).unwrap(), Some(None));
        assert_eq!(read_line(&mut input, 4).unwrap(), None);
    }
}
