//! Reading a client's sync message within bounds that automerge itself does not keep.

use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::sync::{BloomFilter, Message};

/// Heads or needed hashes in one message. A document of many concurrent writers has tens of heads.
const HASHES: usize = 1024;

/// Filters in one message; clients send one.
const FILTERS: usize = 4;

/// Changes in one message: what a day offline makes, and still well under a frame.
const CHANGES: usize = 8192;

/// Why a sync message is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMessage {
    /// Not a sync message.
    #[error("not a sync message")]
    Unreadable,
    /// A list of it is too long.
    #[error("a sync message may name {limit} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
    /// Its Bloom filter has other parameters than every automerge has. Automerge takes them from the message: a filter
    /// without bits divides by zero, and one with 2^32 probes allocates 16 GiB.
    #[error("the Bloom filter of a sync message must have {BITS} bits an entry and {PROBES} probes")]
    Filter,
}

/// Bits an entry of automerge's Bloom filters.
const BITS: u64 = 10;

/// Probes of automerge's Bloom filters.
const PROBES: u64 = 7;

/// Decodes a sync message and holds it against the bounds above.
pub fn decode_message(bytes: &[u8]) -> Result<Message, InvalidMessage> {
    let decoded = catch_unwind(AssertUnwindSafe(|| Message::decode(bytes)));
    let Ok(Ok(mut message)) = decoded else { return Err(InvalidMessage::Unreadable) };
    let bounds = [
        ("heads", message.heads.len(), HASHES),
        ("needed changes", message.need.len(), HASHES),
        ("Bloom filters", message.have.len(), FILTERS),
        ("changes", message.changes.len(), CHANGES),
    ];
    if let Some((what, _, limit)) = bounds.into_iter().find(|(_, length, limit)| length > limit) {
        return Err(InvalidMessage::TooMany { what, limit });
    }
    for have in &message.have {
        if have.last_sync.len() > HASHES {
            return Err(InvalidMessage::TooMany { what: "synced heads", limit: HASHES });
        }
        check_filter(&have.bloom)?;
    }
    // Every automerge writes hashes in order, and promises so of those that it takes over into an answer; it does not look.
    message.heads.sort_unstable();
    message.need.sort_unstable();
    message.have.iter_mut().for_each(|have| have.last_sync.sort_unstable());
    Ok(message)
}

/// The parameters are private, but stand first in the filter's own bytes: entries, bits an entry, probes.
fn check_filter(filter: &BloomFilter) -> Result<(), InvalidMessage> {
    let bytes = filter.to_bytes();
    if bytes.is_empty() {
        return Ok(());
    }
    let mut rest = bytes.as_slice();
    let mut next = || uleb(&mut rest);
    match (next(), next(), next()) {
        (Some(_), Some(BITS), Some(PROBES)) => Ok(()),
        _ => Err(InvalidMessage::Filter),
    }
}

fn uleb(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..35).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No heads, no need, one `have` with this filter, no changes.
    fn message_with_filter(filter: &[u8]) -> Vec<u8> {
        [&[0x42, 0, 0, 1, 0, filter.len() as u8][..], filter, &[0]].concat()
    }

    #[test]
    fn hashes_come_in_order_whatever_was_sent() {
        let sent = [&[0x42, 2][..], &[9; 32], &[3; 32], &[0, 0, 0]].concat();
        let heads = decode_message(&sent).expect("a message").heads;
        assert_eq!(heads.iter().map(|head| head.0[0]).collect::<Vec<_>>(), [3, 9]);
    }

    #[test]
    fn filters_that_would_stop_the_server_are_refused() {
        assert!(decode_message(&message_with_filter(&[])).is_ok());
        assert!(decode_message(&message_with_filter(&[1, 10, 7, 0, 0])).is_ok());
        let without_bits = message_with_filter(&[1, 0, 7]);
        assert_eq!(decode_message(&without_bits), Err(InvalidMessage::Filter));
        let four_billion_probes = message_with_filter(&[1, 10, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0]);
        assert_eq!(decode_message(&four_billion_probes), Err(InvalidMessage::Filter));
        assert_eq!(decode_message(&[]), Err(InvalidMessage::Unreadable));
        assert_eq!(decode_message(b"B\xff\xff\xff\xff\xff\xff"), Err(InvalidMessage::Unreadable));
    }
}
