//! What stands in the change list of a sync message: single changes, or a whole document.

use automerge::{Automerge, Change};

use crate::failure::Failure;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];

/// Magic, checksum, kind.
const HEADER: usize = 9;

/// One chunk.
pub enum Part<'a> {
    /// One change, plain or deflated.
    Change(&'a [u8]),
    /// A document, as a server sends it to a client that has little.
    Document(&'a [u8]),
}

impl Part<'_> {
    /// Its changes.
    pub fn changes(&self) -> Result<Vec<Change>, Failure> {
        match self {
            Self::Change(bytes) => Ok(vec![Change::from_bytes(bytes.to_vec()).map_err(unreadable)?]),
            Self::Document(bytes) => Ok(Automerge::load(bytes).map_err(unreadable)?.get_changes(&[])),
        }
    }
}

/// Takes an item of a message's list apart: version 2 of the protocol joins changes without lengths.
pub fn split(mut item: &[u8]) -> Result<Vec<Part<'_>>, Failure> {
    let mut parts = Vec::new();
    while !item.is_empty() {
        let length = chunk_length(item).ok_or_else(|| unreadable("no chunk header"))?;
        let (chunk, rest) = item.split_at_checked(length).ok_or_else(|| unreadable("a chunk is cut off"))?;
        parts.push(match chunk[HEADER - 1] {
            0 => Part::Document(chunk),
            1 | 2 => Part::Change(chunk),
            kind => return Err(unreadable(format!("a chunk of kind {kind}"))),
        });
        item = rest;
    }
    Ok(parts)
}

/// Header and contents; the length of the contents is a uLEB128 behind the header.
fn chunk_length(bytes: &[u8]) -> Option<usize> {
    if !bytes.starts_with(&MAGIC) {
        return None;
    }
    let mut contents = 0_usize;
    for (index, byte) in bytes.get(HEADER..)?.iter().take(5).enumerate() {
        contents |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some(HEADER + index + 1 + contents);
        }
    }
    None
}

fn unreadable(what: impl std::fmt::Display) -> Failure {
    Failure::Protocol(format!("the server sent changes that cannot be read: {what}"))
}
