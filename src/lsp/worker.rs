//! The thread that does what takes time, one task after the other.

use std::{
    collections::{HashMap, VecDeque},
    panic::{self, AssertUnwindSafe},
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use lsp_server::RequestId;

type Work = Box<dyn FnOnce() + Send>;

/// A queue of tasks and the thread that does them.
#[derive(Default)]
pub(super) struct Worker {
    queue: Mutex<Queue>,
    ready: Condvar,
}

#[derive(Default)]
struct Queue {
    tasks: VecDeque<(Option<String>, Work)>,
    /// What is done when there is no other task, by its key.
    idle: HashMap<String, Work>,
}

impl Worker {
    /// Starts the thread, which lives as long as the process.
    pub(super) fn start() -> Arc<Worker> {
        let worker = Arc::new(Worker::default());
        let own = Arc::clone(&worker);
        thread::spawn(move || {
            loop {
                let work = own.next();
                // Whoever wants to know of a panic catches it; the tasks behind it are done all the same.
                let _ = panic::catch_unwind(AssertUnwindSafe(work));
            }
        });
        worker
    }

    /// Adds a task behind all others.
    pub(super) fn push(&self, work: impl FnOnce() + Send + 'static) {
        self.add(None, Box::new(work));
    }

    /// Adds a task behind all others, in the place of one with the same key that has not begun.
    pub(super) fn replace(&self, key: &str, work: impl FnOnce() + Send + 'static) {
        self.add(Some(key.to_owned()), Box::new(work));
    }

    fn add(&self, key: Option<String>, work: Work) {
        // What a thread that panicked left behind is whole, because a task is added in one step.
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if key.is_some() {
            queue.tasks.retain(|it| it.0 != key);
        }
        queue.tasks.push_back((key, work));
        self.ready.notify_one();
    }

    /// Adds a task that is done when there is no other, in the place of one with the same key that has not begun.
    pub(super) fn when_idle(&self, key: &str, work: impl FnOnce() + Send + 'static) {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.idle.insert(key.to_owned(), Box::new(work));
        self.ready.notify_one();
    }

    fn next(&self) -> Work {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some((_, work)) = queue.tasks.pop_front() {
                return work;
            }
            let key = queue.idle.keys().next().cloned();
            if let Some(work) = key.and_then(|it| queue.idle.remove(&it)) {
                return work;
            }
            queue = self.ready.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Whether somebody still waits for the answer to a request.
#[derive(Debug, Clone, Default)]
pub(super) struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Whether the client took the request back.
    pub(super) fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The requests that are not answered yet.
#[derive(Debug, Default)]
pub(super) struct Requests(Mutex<HashMap<RequestId, Cancel>>);

impl Requests {
    /// Notes a request.
    pub(super) fn begin(&self, id: RequestId) -> Cancel {
        let cancel = Cancel::default();
        self.add(id, cancel.clone());
        cancel
    }

    /// Notes a request that is known by another name already.
    pub(super) fn add(&self, id: RequestId, cancel: Cancel) {
        self.all(|it| it.insert(id, cancel));
    }

    /// Notes that a request is answered.
    pub(super) fn end(&self, id: &RequestId) {
        self.all(|it| it.remove(id));
    }

    /// Takes a request back, if it is not answered yet.
    pub(super) fn cancel(&self, id: &RequestId) {
        self.all(|it| it.get(id).map(Cancel::cancel));
    }

    /// Takes all requests back.
    pub(super) fn cancel_all(&self) {
        self.all(|it| it.values().for_each(Cancel::cancel));
    }

    fn all<T>(&self, act: impl FnOnce(&mut HashMap<RequestId, Cancel>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::mpsc;

    use super::*;

    #[test]
    fn tasks_are_done_in_order_and_the_latest_of_a_key_alone() {
        let worker = Worker::start();
        let (done, results) = mpsc::channel();
        let (open, door) = mpsc::channel::<()>();
        // Until the door opens, all others wait in the queue.
        worker.push(move || door.recv().unwrap());
        for nth in 0..5 {
            let done = done.clone();
            worker.replace("a", move || done.send(nth).unwrap());
        }
        worker.push(|| panic!("this task fails"));
        let sender = done.clone();
        worker.replace("b", move || sender.send(7).unwrap());
        worker.push(move || done.send(8).unwrap());
        open.send(()).unwrap();
        assert_eq!(results.iter().collect::<Vec<_>>(), [4, 7, 8]);
    }
}
