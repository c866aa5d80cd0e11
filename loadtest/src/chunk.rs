//! What stands in the change list of a sync message: single changes, or a whole document.

use automerge::{Automerge, Change};
use sha2::{Digest, Sha256};

use crate::bytes::{Hash, Reader};
use crate::failure::Failure;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];

/// Magic and checksum; what follows is hashed.
const UNHASHED: usize = 8;

/// Column of a change's operations that holds their actions: as many as there are operations.
const ACTIONS: u64 = 0x42;

/// What a client needs to know of a change to count it and to name it among causes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary<'a> {
    /// Its hash, which is the name of exactly these bytes.
    pub hash: Hash,
    /// Its causes.
    pub deps: &'a [Hash],
    /// Its replica.
    pub actor: &'a [u8],
    /// Its number among those of the replica.
    pub seq: u64,
    /// Counter of its last operation.
    pub max_op: u64,
    /// The chunk.
    pub bytes: &'a [u8],
}

/// One chunk.
pub enum Part<'a> {
    /// A plain change.
    Change(Summary<'a>),
    /// A deflated change, or a document as a server sends it to a client that has little.
    Other(Vec<Change>, Kind),
}

/// What changes came out of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One change.
    Change,
    /// A document.
    Document,
}

impl<'a> Summary<'a> {
    /// Reads a plain change as automerge has it.
    pub fn of(change: &'a Change) -> Result<Self, Failure> {
        read(change.raw_bytes()).ok_or_else(|| unreadable("a change of an unknown layout"))
    }
}

/// Takes an item of a message's list apart: version 2 of the protocol joins changes without lengths.
pub fn split(mut item: &[u8], mut each: impl FnMut(Part<'_>) -> Result<(), Failure>) -> Result<(), Failure> {
    while !item.is_empty() {
        let length = chunk_length(item).ok_or_else(|| unreadable("no chunk header"))?;
        let (chunk, rest) = item.split_at_checked(length).ok_or_else(|| unreadable("a chunk is cut off"))?;
        each(match chunk[UNHASHED] {
            0 => Part::Other(Automerge::load(chunk).map_err(unreadable)?.get_changes(&[]), Kind::Document),
            1 => Part::Change(read(chunk).ok_or_else(|| unreadable("a change of an unknown layout"))?),
            2 => Part::Other(vec![Change::from_bytes(chunk.to_vec()).map_err(unreadable)?], Kind::Change),
            kind => return Err(unreadable(format!("a chunk of kind {kind}"))),
        })?;
        item = rest;
    }
    Ok(())
}

/// Magic, checksum, kind and contents; the length of the contents is a number behind the kind.
fn chunk_length(bytes: &[u8]) -> Option<usize> {
    if !bytes.starts_with(&MAGIC) {
        return None;
    }
    let mut reader = Reader(bytes.get(UNHASHED + 1..)?);
    let contents = reader.length()?;
    (bytes.len() - reader.0.len()).checked_add(contents)
}

/// Reads a plain change; `None` if it is none or its checksum is wrong. The operations are only counted.
fn read(chunk: &[u8]) -> Option<Summary<'_>> {
    let hash: Hash = Sha256::digest(chunk.get(UNHASHED..)?).into();
    if chunk[MAGIC.len()..UNHASHED] != hash[..UNHASHED - MAGIC.len()] {
        return None;
    }
    let mut reader = Reader(&chunk[UNHASHED + 1..]);
    reader.length()?;
    let deps = reader.hashes()?;
    let actor = reader.blob()?;
    let (seq, start_op) = (reader.unsigned()?, reader.unsigned()?);
    let _time = reader.signed()?;
    let _message = reader.blob()?;
    for _ in 0..reader.length()? {
        reader.blob()?;
    }
    let operations = operations(reader)?;
    Some(Summary { hash, deps, actor, seq, max_op: (start_op + operations).checked_sub(1)?, bytes: chunk })
}

/// How many operations the columns of a change hold.
fn operations(mut reader: Reader<'_>) -> Option<u64> {
    let (mut before, mut length, mut found) = (0, 0, false);
    for _ in 0..reader.length()? {
        let (column, bytes) = (reader.unsigned()?, reader.length()?);
        if column == ACTIONS {
            (length, found) = (bytes, true);
        } else if !found {
            before += bytes;
        }
    }
    reader.take(before)?;
    let mut actions = Reader(reader.take(length)?);
    let mut count = 0;
    while !actions.0.is_empty() {
        // A run of one value, single values, or nothing so many times.
        count += match actions.signed()? {
            0 => actions.unsigned()?,
            run if run > 0 => {
                actions.unsigned()?;
                run.unsigned_abs()
            }
            singles => {
                for _ in 0..singles.unsigned_abs() {
                    actions.unsigned()?;
                }
                singles.unsigned_abs()
            }
        };
    }
    Some(count)
}

/// Appends a change chunk around `contents`, and answers its hash.
pub fn put_change(out: &mut Vec<u8>, contents: &[u8]) -> Hash {
    let start = out.len();
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&[0; UNHASHED - MAGIC.len()]);
    out.push(1);
    crate::bytes::put_blob(out, contents);
    let hash: Hash = Sha256::digest(&out[start + UNHASHED..]).into();
    out[start + MAGIC.len()..start + UNHASHED].copy_from_slice(&hash[..UNHASHED - MAGIC.len()]);
    hash
}

fn unreadable(what: impl std::fmt::Display) -> Failure {
    Failure::Protocol(format!("the server sent changes that cannot be read: {what}"))
}

#[cfg(test)]
mod tests {
    use automerge::transaction::Transactable;
    use automerge::{ObjType, ROOT};

    use super::*;

    #[test]
    fn a_summary_says_what_automerge_says() {
        let mut document = Automerge::new();
        for round in 0..6_u32 {
            let mut tx = document.transaction();
            let list = tx.put_object(ROOT, format!("key {round}"), ObjType::List).unwrap();
            for item in 0..round * 3 {
                tx.insert(&list, 0, i64::from(item)).unwrap();
            }
            if round > 2 {
                tx.put_object(ROOT, "text", ObjType::Text).unwrap();
                tx.delete(&list, 1).unwrap();
            }
            tx.commit();
        }
        let changes = document.get_changes(&[]);
        assert_eq!(changes.len(), 6);
        for change in changes {
            let summary = Summary::of(&change).unwrap();
            let deps: Vec<Hash> = change.deps().iter().map(|hash| hash.0).collect();
            assert_eq!((summary.hash, summary.deps), (change.hash().0, deps.as_slice()));
            assert_eq!((summary.seq, summary.max_op), (change.seq(), change.max_op()));
            assert_eq!(summary.actor, change.actor_id().to_bytes());
        }
    }

    #[test]
    fn one_wrong_bit_is_noticed() {
        let mut document = Automerge::new();
        let mut tx = document.transaction();
        tx.put(ROOT, "key", 1).unwrap();
        tx.commit();
        let bytes = document.get_changes(&[])[0].raw_bytes().to_vec();
        for bit in 0..bytes.len() * 8 {
            let mut wrong = bytes.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert!(split(&wrong, |_| Ok(())).is_err(), "bit {bit}");
        }
    }
}
