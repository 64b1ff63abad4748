//! Work on many files that threads share, and whose results come in order.

use std::{collections::VecDeque, sync::mpsc};

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

/// So many threads are started at most: each more that is asked for costs, and no machine has work for them.
const MAX_THREADS: usize = 256;

/// So many items are done by a thread in one go, but fewer towards the end, so that no thread is left with all that is
/// left.
const SHARE: usize = 32;

/// So many shares for each thread are begun before what comes of the first of them is taken.
const AHEAD: usize = 4;

/// Threads for so many items: `jobs` of them, or one for each core where that is 0, but no more than there are items.
///
/// # Errors
/// The system starts no more threads.
pub fn pool(jobs: usize, items: usize) -> Result<ThreadPool, ThreadPoolBuildError> {
    ThreadPoolBuilder::new().num_threads(jobs.min(items.clamp(1, MAX_THREADS))).build()
}

/// Does `work` to each item on the threads of the pool, to which the caller does not belong. What comes of them is
/// handed to `take` on the thread of the caller, in the order of the items, some at a time, while others are worked on.
/// How much is kept does not grow with the number of items.
///
/// # Errors
/// The first that `take` gives; no more is begun then.
pub fn in_order<T: Send, R: Send, E>(
    pool: &ThreadPool,
    mut items: impl ExactSizeIterator<Item = T>,
    work: impl Fn(T) -> R + Sync,
    mut take: impl FnMut(Vec<R>) -> Result<(), E>,
) -> Result<(), E> {
    let threads = pool.current_num_threads();
    let work = &work;
    pool.in_place_scope(|scope| {
        let mut begun = VecDeque::with_capacity(threads * AHEAD);
        loop {
            while begun.len() < threads * AHEAD && items.len() > 0 {
                let size = (items.len() / (2 * threads)).clamp(1, SHARE);
                let share: Vec<T> = items.by_ref().take(size).collect();
                let (give, get) = mpsc::sync_channel(1);
                // Where `take` failed, nobody waits for it any more.
                scope.spawn(move |_| drop(give.send(share.into_iter().map(work).collect())));
                begun.push_back(get);
            }
            // Where nothing is sent there was a panic, which the scope hands on at its end.
            let Some(Ok(done)) = begun.pop_front().map(|it| it.recv()) else { return Ok(()) };
            take(done)?;
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::{
        convert::Infallible,
        panic::{self, AssertUnwindSafe},
        sync::atomic::{AtomicUsize, Ordering},
        thread,
        time::Duration,
    };

    use super::*;

    fn pool(threads: usize) -> ThreadPool {
        super::pool(threads, usize::MAX).unwrap()
    }

    #[test]
    fn no_more_threads_are_started_than_are_of_use() {
        for (jobs, items, threads) in [(2, 7, 2), (20_000, 3, 3), (20_000, usize::MAX, MAX_THREADS), (4, 0, 1)] {
            let pool = super::super::pool(jobs, items).unwrap();
            assert_eq!(pool.current_num_threads(), threads, "{jobs} for {items}");
        }
    }

    #[test]
    fn each_item_is_worked_on_once_and_taken_in_order() {
        for (threads, len) in [(1, 0), (1, 1), (1, 1000), (3, 2), (3, 7), (3, 5000)] {
            let mut taken = Vec::new();
            let take = |done: Vec<usize>| -> Result<(), Infallible> {
                taken.extend(done);
                Ok(())
            };
            // The first of them is the last to be done.
            let work = |it: usize| {
                thread::sleep(Duration::from_millis(if it == 0 { 20 } else { 0 }));
                it * 2
            };
            in_order(&pool(threads), 0..len, work, take).unwrap();
            assert_eq!(taken, (0..len).map(|it| it * 2).collect::<Vec<_>>(), "{threads} threads");
        }
    }

    #[test]
    fn no_more_is_begun_than_is_soon_taken() {
        let (begun, mut taken, most) = (AtomicUsize::new(0), 0, 2 * AHEAD * SHARE);
        let work = |_| begun.fetch_add(1, Ordering::Relaxed);
        let take = |done: Vec<usize>| -> Result<(), Infallible> {
            thread::sleep(Duration::from_millis(1));
            assert!(begun.load(Ordering::Relaxed) <= taken + most);
            taken += done.len();
            Ok(())
        };
        in_order(&pool(2), 0..3000, work, take).unwrap();
        assert_eq!(taken, 3000);
    }

    #[test]
    fn an_error_ends_the_work() {
        let worked = AtomicUsize::new(0);
        let work = |_| worked.fetch_add(1, Ordering::Relaxed);
        assert_eq!(in_order(&pool(2), 0..100_000, work, |_| Err("no")), Err("no"));
        assert!(worked.load(Ordering::Relaxed) <= 2 * AHEAD * SHARE);
    }

    #[test]
    fn a_panic_is_handed_on() {
        let work = |it: usize| assert!(it != 500, "a test");
        let run = || in_order(&pool(2), 0..1000, work, |_| Ok::<_, Infallible>(()));
        assert!(panic::catch_unwind(AssertUnwindSafe(run)).is_err());
    }
}
