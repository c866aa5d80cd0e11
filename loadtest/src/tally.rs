//! Who received what, how often and how late.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

/// What one client of a document sent and received, in order. `T` names an edit; nobody else makes the same one.
#[derive(Debug)]
pub struct Journal<T> {
    /// Its own edits, with the moment just before each was encoded.
    pub sent: Vec<(T, Instant)>,
    /// Everything that it received, repetitions included.
    pub received: Vec<(T, Instant)>,
}

impl<T> Default for Journal<T> {
    fn default() -> Self {
        Self { sent: Vec::new(), received: Vec::new() }
    }
}

/// The sum over documents. An edit of a document with `n` clients is owed `n - 1` deliveries.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Edits made.
    pub edits: usize,
    /// Deliveries that happened exactly once.
    pub delivered: usize,
    /// Deliveries that never happened.
    pub missing: usize,
    /// Receipts beyond the first.
    pub doubled: usize,
    /// Own edits that came back: not wrong, but a waste, since a writer has them.
    pub echoed: usize,
    /// Receipts of changes that no client of the document made.
    pub unknown: usize,
    /// From just before encoding to the (first) receipt.
    pub latencies: Vec<Duration>,
}

impl Tally {
    /// Adds one document.
    pub fn add<T: Eq + Hash>(&mut self, clients: &[Journal<T>]) {
        let sent: HashMap<&T, (usize, Instant)> = clients
            .iter()
            .enumerate()
            .flat_map(|(client, journal)| journal.sent.iter().map(move |(edit, at)| (edit, (client, *at))))
            .collect();
        self.edits += sent.len();
        for (client, journal) in clients.iter().enumerate() {
            let mut first: HashMap<&T, Instant> = HashMap::with_capacity(journal.received.len());
            for (edit, at) in &journal.received {
                match sent.get(edit) {
                    None => self.unknown += 1,
                    Some((writer, _)) if *writer == client => self.echoed += 1,
                    Some(_) if first.contains_key(edit) => self.doubled += 1,
                    Some((_, since)) => {
                        first.insert(edit, *at);
                        self.latencies.push(at.saturating_duration_since(*since));
                    }
                }
            }
            self.delivered += first.len();
            self.missing += sent.len() - journal.sent.len() - first.len();
        }
    }

    /// What is wrong, in words; empty when every edit arrived exactly once at everybody else.
    pub fn faults(&self) -> Vec<String> {
        let counts = [
            (self.missing, "deliveries never happened"),
            (self.doubled, "receipts were repetitions"),
            (self.unknown, "received changes were made by nobody"),
        ];
        counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect()
    }
}

/// The value that `percent` of the values do not exceed (nearest rank): always one that was measured.
pub fn percentile<T: Copy + Ord>(values: &mut [T], percent: f64) -> Option<T> {
    if values.is_empty() {
        return None;
    }
    let rank = (percent / 100.0 * values.len() as f64).ceil() as usize;
    let index = rank.clamp(1, values.len()) - 1;
    Some(*values.select_nth_unstable(index).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let mut hundred: Vec<u32> = (1..=100).rev().collect();
        let at = |values: &mut [u32], percents: [f64; 4]| percents.map(|percent| percentile(values, percent));
        assert_eq!(at(&mut hundred, [50.0, 90.0, 99.0, 100.0]), [Some(50), Some(90), Some(99), Some(100)]);
        assert_eq!(at(&mut [30, 10, 20], [0.0, 33.0, 50.0, 99.0]), [Some(10), Some(10), Some(20), Some(30)]);
        assert_eq!(at(&mut [7], [1.0, 50.0, 99.0, 100.0]), [Some(7); 4]);
        assert_eq!(percentile::<u32>(&mut [], 50.0), None);
    }

    fn journals(now: Instant, receipts: [&[(&'static str, u64)]; 3]) -> [Journal<&'static str>; 3] {
        let mut clients = receipts.map(|received| Journal {
            sent: Vec::new(),
            received: received.iter().map(|(edit, after)| (*edit, now + Duration::from_millis(*after))).collect(),
        });
        clients[0].sent = vec![("a1", now), ("a2", now + Duration::from_millis(10))];
        clients[1].sent = vec![("b1", now)];
        clients
    }

    #[test]
    fn every_edit_is_owed_once_to_everybody_else() {
        let now = Instant::now();
        let mut tally = Tally::default();
        tally.add(&journals(now, [&[("b1", 1)], &[("a1", 2), ("a2", 13)], &[("a1", 4), ("b1", 5), ("a2", 16)]]));
        assert_eq!((tally.edits, tally.delivered, tally.missing, tally.doubled), (3, 6, 0, 0));
        tally.latencies.sort();
        assert_eq!(tally.latencies, [1, 2, 3, 4, 5, 6].map(Duration::from_millis));
        assert!(tally.faults().is_empty());
    }

    #[test]
    fn losses_repetitions_echoes_and_inventions_are_told_apart() {
        let now = Instant::now();
        let mut tally = Tally::default();
        let (echo, twice) = (("a1", 1), ("a2", 5));
        tally.add(&journals(now, [&[("b1", 1), echo], &[("a1", 2)], &[("a1", 4), twice, twice, ("x", 9)]]));
        assert_eq!((tally.delivered, tally.missing), (4, 2));
        assert_eq!((tally.doubled, tally.echoed, tally.unknown), (1, 1, 1));
        assert_eq!(tally.latencies.len(), 4, "a repetition is not measured");
        assert_eq!(tally.faults().len(), 3);
    }

    #[test]
    fn documents_add_up() {
        let now = Instant::now();
        let mut tally = Tally::default();
        for _ in 0..2 {
            tally.add(&journals(now, [&[], &[], &[]]));
        }
        assert_eq!((tally.edits, tally.missing), (6, 12));
    }
}
