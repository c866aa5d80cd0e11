//! Reads the head of a change without automerge, and counts what its columns unpack to.
//!
//! automerge unpacks before it looks: a million operations fit in 112 bytes and take a second. Everything that a later
//! step multiplies is therefore bounded here first, in half a microsecond, with checked arithmetic.
//!
//! Layout of a change (all integers LEB128): magic, checksum, kind, length, then `deps` · `actor` · `seq` · `start_op`
//! · `time` · `message` · `other actors` · `columns` (specification and length each) · column data · extra bytes.

use automerge::ChangeHash;
use concord_shared::review::schema::KEY_BYTES;
use sha2::{Digest, Sha256};

use super::reason::Reason;
use super::{CHANGE_BYTES, CHANGE_OPERATIONS};

/// First bytes of every chunk.
const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];

/// The kind of chunk that is a plain change. Others are whole documents, deflated changes and bundles; stock clients
/// send none of them as long as our messages carry no flags.
const CHANGE: u8 = 1;

/// Replica ids are 16 random bytes. automerge makes longer ones for edits at a past state, which nothing here does.
pub(super) const REPLICA_BYTES: usize = 16;

/// Most parents: as many people who edit at the same moment, and then some.
const DEPENDENCIES: u64 = 256;

/// Most replicas whose operations one change refers to.
const OTHER_REPLICAS: u64 = 64;

/// Longest message. Ours are empty or a few words.
const MESSAGE_BYTES: u64 = 1024;

/// Most overwritten operations: twice the operations leaves room for conflicts.
const PREDECESSORS: u64 = 2 * CHANGE_OPERATIONS;

/// Columns as automerge writes them, in order: object (actor, counter), key (actor, counter, text), insert, action,
/// value (kind, bytes), predecessors (count, actor, counter). The columns of marks are left out: no mark is allowed.
const COLUMNS: [u64; 12] = [0x01, 0x02, 0x11, 0x13, 0x15, 0x34, 0x42, 0x56, 0x57, 0x70, 0x71, 0x73];
const KEY_TEXT: u64 = 0x15;
const ACTION: u64 = 0x42;
const PREDECESSOR_COUNT: u64 = 0x70;

/// Bytes that are no change at all. A stock client never sends such; the connection is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Not a chunk.
    #[error("the bytes do not begin as an automerge chunk")]
    Magic,
    /// A chunk of another kind.
    #[error("a chunk of kind {0} was sent, only single changes (1) are read")]
    Kind(u8),
    /// The length field does not match.
    #[error("the chunk's length is not that of its contents, or several chunks stand in one place")]
    Length,
    /// The checksum does not match.
    #[error("the chunk's checksum is wrong")]
    Checksum,
    /// The contents end early or hold an impossible number.
    #[error("the change's contents cannot be read")]
    Contents,
}

/// A change as far as it was read.
#[derive(Debug)]
pub(super) struct Peeked {
    /// SHA-256 of the chunk.
    pub(super) hash: ChangeHash,
    /// Its parents; empty if it is refused.
    pub(super) deps: Vec<ChangeHash>,
    /// Why it is refused without further reading.
    pub(super) flaw: Option<Reason>,
}

/// Reads one list item of a sync message, which must be exactly one change.
pub(super) fn peek(chunk: &[u8]) -> Result<Peeked, Malformed> {
    let rest = chunk.strip_prefix(&MAGIC).ok_or(Malformed::Magic)?;
    let (checksum, rest) = rest.split_at_checked(4).ok_or(Malformed::Length)?;
    let kind = *rest.first().ok_or(Malformed::Length)?;
    if kind != CHANGE {
        return Err(Malformed::Kind(kind));
    }
    let mut reader = Reader(&rest[1..]);
    let length = reader.unsigned().ok_or(Malformed::Length)?;
    if u64::try_from(reader.0.len()) != Ok(length) {
        return Err(Malformed::Length);
    }
    let digest: [u8; 32] = Sha256::digest(rest).into();
    if digest[..4] != *checksum {
        return Err(Malformed::Checksum);
    }
    let hash = ChangeHash(digest);
    if chunk.len() > CHANGE_BYTES {
        return Ok(Peeked { hash, deps: Vec::new(), flaw: Some(Reason::TooLarge(chunk.len())) });
    }
    let mut deps = Vec::new();
    let flaw = contents(&mut reader, &mut deps).ok_or(Malformed::Contents)?.err();
    Ok(Peeked { hash, deps, flaw })
}

/// `None`: not readable. `Err`: readable, but no stock client writes it, or too much of something.
fn contents(reader: &mut Reader<'_>, deps: &mut Vec<ChangeHash>) -> Option<Result<(), Reason>> {
    let count = reader.unsigned()?;
    if count == 0 {
        return Some(Err(Reason::Structure("it has no dependencies")));
    }
    if count > DEPENDENCIES {
        return Some(Err(Reason::Structure("it has too many dependencies")));
    }
    for _ in 0..count {
        deps.push(ChangeHash(reader.take(32)?.try_into().ok()?));
    }
    if reader.blob()?.len() != REPLICA_BYTES {
        return Some(Err(Reason::Structure("its replica id does not have 16 bytes")));
    }
    // seq, start_op and time are judged against the document.
    reader.unsigned()?;
    reader.unsigned()?;
    reader.signed()?;
    let message = reader.unsigned()?;
    if message > MESSAGE_BYTES {
        return Some(Err(Reason::Structure("its message is longer than 1,024 bytes")));
    }
    reader.take(message)?;
    let others = reader.unsigned()?;
    if others > OTHER_REPLICAS {
        return Some(Err(Reason::Structure("it refers to more than 64 replicas")));
    }
    for _ in 0..others {
        if reader.blob()?.len() != REPLICA_BYTES {
            return Some(Err(Reason::Structure("it refers to a replica id that does not have 16 bytes")));
        }
    }
    columns(reader)
}

fn columns(reader: &mut Reader<'_>) -> Option<Result<(), Reason>> {
    let count = reader.unsigned()?;
    if count > COLUMNS.len() as u64 {
        return Some(Err(Reason::Structure("it has columns that reviews do not use")));
    }
    let mut lengths = [0_u64; COLUMNS.len()];
    let mut next = 0;
    for _ in 0..count {
        let specification = reader.unsigned()?;
        let Some(found) = COLUMNS[next..].iter().position(|known| *known == specification) else {
            return Some(Err(Reason::Structure("it has columns that reviews do not use, or out of order")));
        };
        next += found;
        lengths[next] = reader.unsigned()?;
        next += 1;
    }
    let mut operations = 0;
    for (specification, length) in COLUMNS.iter().zip(lengths) {
        let column = Reader(reader.take(length)?);
        match *specification {
            ACTION => {
                operations = column.sum_of_runs(1, |reader| reader.unsigned().map(|_| 1))?;
                if operations > CHANGE_OPERATIONS {
                    return Some(Err(Reason::TooManyOperations(operations)));
                }
            }
            // A long key in a run would be unpacked once for each operation.
            KEY_TEXT => {
                let long = column.sum_of_runs(0, |reader| Some(u64::from(reader.blob()?.len() > KEY_BYTES)))?;
                if long > 0 {
                    return Some(Err(Reason::Structure("a key is longer than any key of a review")));
                }
            }
            PREDECESSOR_COUNT => {
                let overwritten = column.sum_of_runs(0, Reader::unsigned)?;
                if overwritten > PREDECESSORS {
                    return Some(Err(Reason::Structure("it overwrites too many operations")));
                }
            }
            _ => {}
        }
    }
    if operations == 0 {
        return Some(Err(Reason::Structure("it has no operations")));
    }
    Some(Ok(()))
}

/// What is left to read. `None` wherever the bytes end early.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    fn blob(&mut self) -> Option<&'a [u8]> {
        let length = self.unsigned()?;
        self.take(length)
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn unsigned(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            value |= bits.checked_shl(shift).filter(|shifted| shifted >> shift == bits)?;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let mut value = 0_i64;
        for shift in (0..64_u32).step_by(7) {
            let byte = self.byte()?;
            value |= i64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                let unused = 64_u32.saturating_sub(shift + 7);
                // Carries the sign of the last group upwards.
                return Some((value << unused) >> unused);
            }
        }
        None
    }

    /// Sums `each` over a run-length coded column: a signed count, then for a positive one a value that it repeats, for
    /// a negative one as many values, for zero a count of nulls, which weigh `null` each.
    fn sum_of_runs(mut self, null: u64, each: impl Fn(&mut Self) -> Option<u64>) -> Option<u64> {
        let mut sum = 0_u64;
        while !self.0.is_empty() {
            let count = self.signed()?;
            let added = match count {
                0 => self.unsigned()?.checked_mul(null)?,
                1.. => each(&mut self)?.checked_mul(count.unsigned_abs())?,
                _ => {
                    let mut literal = 0_u64;
                    // Each value takes a byte at least, so this ends with the data, whatever the count says.
                    for _ in 0..count.unsigned_abs() {
                        literal = literal.checked_add(each(&mut self)?)?;
                    }
                    literal
                }
            };
            sum = sum.checked_add(added)?;
        }
        Some(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_leb128() {
        let unsigned = |bytes: &[u8]| Reader(bytes).unsigned();
        assert_eq!(unsigned(&[0x7f]), Some(127));
        assert_eq!(unsigned(&[0x80, 0x01]), Some(128));
        assert_eq!(unsigned(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]), Some(u64::MAX));
        assert_eq!(unsigned(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]), None);
        assert_eq!(unsigned(&[0x80]), None);
        let signed = |bytes: &[u8]| Reader(bytes).signed();
        assert_eq!(signed(&[0x3f]), Some(63));
        assert_eq!(signed(&[0x40]), Some(-64));
        assert_eq!(signed(&[0x7f]), Some(-1));
        assert_eq!(signed(&[0x80, 0x01]), Some(128));
        assert_eq!(signed(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f]), Some(i64::MIN));
    }

    #[test]
    fn runs_are_counted_without_being_unpacked() {
        let count = |bytes: &[u8]| Reader(bytes).sum_of_runs(1, |reader| reader.unsigned().map(|_| 1));
        assert_eq!(count(&[0x03, 0x01, 0x7e, 0x01, 0x02, 0x00, 0x05]), Some(3 + 2 + 5));
        // Two to the 62nd repetitions of one value, twice: the sum would not fit.
        let run = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0xc0, 0x00, 0x01];
        assert_eq!(count(&run), Some(1 << 62));
        assert_eq!(count(&run.repeat(4)), None);
        assert_eq!(count(&[0x7e, 0x01]), None, "two values are promised, one is there");
    }
}
