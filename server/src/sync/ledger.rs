//! What open documents weigh, and which of them go when they weigh too much: those that nobody is in and nothing happens
//! to, least recently used first. Knows neither rooms nor tasks.

use std::collections::{BTreeMap, HashMap};

use concord_shared::ids::DocumentId;

/// A room with its task and queue, around a document without content (measured: 6.6 KiB, rounded up).
const ROOM_BYTES: usize = 8 * 1024;

/// Of the document's change graph and clocks, for each change (measured: 212 KB with 1,012 changes, 22 KB with 12).
const CHANGE_BYTES: usize = 190;

/// Of the document's columns, for each operation (measured: 22 KB with 12 changes of 1,448 operations).
const OPERATION_BYTES: usize = 8;

/// What a document weighs in memory, estimated: automerge does not tell. `saved` are the bytes of its snapshot and the
/// changes since, which stand for long texts.
pub(super) fn weight(saved: usize, changes: usize, operations: usize) -> usize {
    ROOM_BYTES + saved + changes * CHANGE_BYTES + operations * OPERATION_BYTES
}

/// What each open document weighs.
#[derive(Debug)]
pub(super) struct Ledger {
    /// Bytes of all documents that are not to be exceeded while one of them rests.
    budget: usize,
    total: usize,
    rooms: HashMap<DocumentId, Entry>,
    /// Documents at rest by when they were last used.
    resting: BTreeMap<u64, DocumentId>,
    uses: u64,
}

#[derive(Debug)]
struct Entry {
    bytes: usize,
    /// Its place among those that rest.
    rests: Option<u64>,
}

impl Ledger {
    /// Nothing is open.
    pub(super) fn new(budget: usize) -> Self {
        Self { budget, total: 0, rooms: HashMap::new(), resting: BTreeMap::new(), uses: 0 }
    }

    /// A document was used just now: it weighs so much, and rests from here on or does not. Answers those that are to
    /// close. They count as closed from here on; one that was used meanwhile is noted again.
    pub(super) fn note(&mut self, document: DocumentId, bytes: usize, rests: bool) -> Vec<DocumentId> {
        self.forget(document);
        let place = rests.then(|| {
            self.uses += 1;
            self.resting.insert(self.uses, document);
            self.uses
        });
        self.rooms.insert(document, Entry { bytes, rests: place });
        self.total += bytes;
        let mut closing = Vec::new();
        while self.total > self.budget
            && let Some((_, oldest)) = self.resting.first_key_value()
        {
            let oldest = *oldest;
            self.forget(oldest);
            closing.push(oldest);
        }
        closing
    }

    /// A document is not open any more.
    pub(super) fn forget(&mut self, document: DocumentId) {
        if let Some(entry) = self.rooms.remove(&document) {
            self.total -= entry.bytes;
            if let Some(place) = entry.rests {
                self.resting.remove(&place);
            }
        }
    }

    /// Bytes of all open documents.
    pub(super) fn total(&self) -> usize {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents<const N: usize>() -> [DocumentId; N] {
        std::array::from_fn(|_| DocumentId::new())
    }

    #[test]
    fn the_least_recently_used_go_first_and_only_as_many_as_must() {
        let [a, b, c, d] = documents();
        let mut ledger = Ledger::new(100);
        for document in [a, b, c] {
            assert_eq!(ledger.note(document, 30, true), []);
        }
        // Used again, it is the youngest.
        assert_eq!(ledger.note(a, 30, true), []);
        assert_eq!(ledger.note(d, 30, true), [b]);
        assert_eq!(ledger.total(), 90);
        assert_eq!(ledger.note(d, 80, true), [c, a]);
        assert_eq!(ledger.total(), 80);
    }

    #[test]
    fn what_is_in_use_stays_whatever_it_weighs() {
        let [a, b, c] = documents();
        let mut ledger = Ledger::new(100);
        assert_eq!(ledger.note(a, 90, false), []);
        assert_eq!(ledger.note(b, 90, false), []);
        assert_eq!(ledger.note(c, 5, true), [c]);
        assert_eq!(ledger.total(), 180);
        assert_eq!(ledger.note(b, 90, true), [b]);
        assert_eq!(ledger.note(a, 90, true), []);
    }

    #[test]
    fn what_is_closed_weighs_nothing() {
        let [a, b] = documents();
        let mut ledger = Ledger::new(100);
        ledger.note(a, 60, true);
        ledger.forget(a);
        ledger.forget(a);
        assert_eq!(ledger.note(b, 60, true), []);
        assert_eq!(ledger.total(), 60);
    }
}
