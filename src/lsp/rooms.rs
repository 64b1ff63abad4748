//! Which thread works on which document, so that a large one keeps none of the others waiting.

use std::{collections::HashSet, sync::Arc};

use super::worker::Worker;

/// A document of more bytes has its requests and its diagnostics each in a room of their own. What is asked about one
/// of this size is answered in the time in which a person types a character.
const LARGE: usize = 1 << 20;

/// The threads that do what takes time.
pub(super) struct Rooms {
    /// For all documents that never were large, and for what is about none.
    pub(super) worker: Arc<Worker>,
    /// For requests about the others, and for their diagnostics; started with the first of them.
    large: Option<[Arc<Worker>; 2]>,
    /// The documents that are or were large. Each keeps its rooms, so that what is sent of it comes in order.
    uris: HashSet<String>,
}

impl Rooms {
    /// Starts the room for documents as people write them.
    pub(super) fn start() -> Rooms {
        Rooms { worker: Worker::start(), large: None, uris: HashSet::new() }
    }

    /// Notes how many bytes a document has.
    pub(super) fn note(&mut self, uri: &str, len: usize) {
        if len > LARGE && self.uris.insert(uri.to_owned()) {
            self.large.get_or_insert_with(|| [Worker::start(), Worker::start()]);
        }
    }

    /// Where requests about a document are answered.
    pub(super) fn requests(&self, uri: &str) -> &Worker {
        self.of(uri, 0)
    }

    /// Where the diagnostics of a document are worked out: those of a large one hold up no request.
    pub(super) fn diagnostics(&self, uri: &str) -> &Worker {
        self.of(uri, 1)
    }

    fn of(&self, uri: &str, room: usize) -> &Worker {
        let large = self.large.as_ref().filter(|_| self.uris.contains(uri));
        large.and_then(|it| it.get(room)).unwrap_or(&self.worker)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_keeps_the_rooms_of_its_largest_version() {
        let mut rooms = Rooms::start();
        rooms.note("a", LARGE);
        rooms.note("b", LARGE + 1);
        rooms.note("b", 1);
        let same = |one: &Worker, other: &Worker| std::ptr::eq(one, other);
        assert!(same(rooms.requests("a"), &rooms.worker) && same(rooms.diagnostics("a"), &rooms.worker));
        assert!(!same(rooms.requests("b"), &rooms.worker) && !same(rooms.diagnostics("b"), &rooms.worker));
        assert!(!same(rooms.requests("b"), rooms.diagnostics("b")));
    }
}
