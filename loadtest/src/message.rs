//! Sync messages, read in place and written into a buffer that is used again.

use crate::bytes::{Hash, Reader, put_blob, put_hashes, put_unsigned};

/// First bytes of both versions of a message: single changes, or chunks joined without lengths.
const VERSIONS: [u8; 2] = [0x42, 0x43];

/// The flags that stock clients end every message with: "I read version 2", "I understand a reset".
const FLAGS: [u8; 3] = [2, 0x02, 0x84];

/// What an entry of automerge's Bloom filter costs, and how often each is looked up.
const BITS_PER_ENTRY: usize = 10;
const PROBES: u32 = 7;

/// A message of the server.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    /// Where the server is.
    pub heads: &'a [Hash],
    /// What the server remembers to have in common with this client.
    pub last_sync: &'a [Hash],
    /// How many items the change list has.
    pub items: usize,
    list: Reader<'a>,
}

impl<'a> Heard<'a> {
    /// Reads a message; `None` if it is none.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        if !VERSIONS.contains(&reader.byte()?) {
            return None;
        }
        let heads = reader.hashes()?;
        let _need = reader.hashes()?;
        let mut last_sync: &[Hash] = &[];
        for number in 0..reader.length()? {
            let hashes = reader.hashes()?;
            let _bloom = reader.blob()?;
            if number == 0 {
                last_sync = hashes;
            }
        }
        Some(Self { heads, last_sync, items: reader.length()?, list: reader })
    }

    /// The items of the change list; `None` for one that is cut off.
    pub fn changes(&self) -> impl Iterator<Item = Option<&'a [u8]>> + use<'a> {
        let mut list = self.list;
        (0..self.items).map(move |_| list.blob())
    }
}

/// A message to the server.
pub struct Said<'a> {
    /// Where this client is; sorted, like every list of hashes.
    pub heads: &'a [Hash],
    /// What it misses.
    pub need: &'a [Hash],
    /// What both sides have, and everything since that is here; `None`: withheld.
    pub have: Option<(&'a [Hash], &'a [Hash])>,
    /// An own change.
    pub change: Option<&'a [u8]>,
}

impl Said<'_> {
    /// Replaces what `out` holds.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.clear();
        out.push(VERSIONS[0]);
        put_hashes(out, self.heads);
        put_hashes(out, self.need);
        put_unsigned(out, u64::from(self.have.is_some()));
        if let Some((last_sync, since)) = self.have {
            put_hashes(out, last_sync);
            put_bloom(out, since);
        }
        put_unsigned(out, u64::from(self.change.is_some()));
        if let Some(change) = self.change {
            put_blob(out, change);
        }
        out.extend_from_slice(&FLAGS);
    }
}

/// Appends a Bloom filter behind its length. An empty one has no bytes.
fn put_bloom(out: &mut Vec<u8>, hashes: &[Hash]) {
    if hashes.is_empty() {
        return put_unsigned(out, 0);
    }
    let bytes = (hashes.len() * BITS_PER_ENTRY).div_ceil(8);
    let count_length = if hashes.len() < 0x80 { 1 } else { 1 + hashes.len().ilog2() as usize / 7 };
    put_unsigned(out, (count_length + 2 + bytes) as u64);
    put_unsigned(out, hashes.len() as u64);
    out.extend_from_slice(&[BITS_PER_ENTRY as u8, PROBES as u8]);
    let start = out.len();
    out.resize(start + bytes, 0);
    let bits = &mut out[start..];
    let modulo = 8 * bytes as u32;
    for hash in hashes {
        let word = |at: usize| u32::from_le_bytes([hash[at], hash[at + 1], hash[at + 2], hash[at + 3]]) % modulo;
        let (mut x, mut y, z) = (word(0), word(4), word(8));
        for _ in 0..PROBES {
            bits[x as usize / 8] |= 1 << (x % 8);
            x = (x + y) % modulo;
            y = (y + z) % modulo;
        }
    }
}

#[cfg(test)]
mod tests {
    use automerge::ChangeHash;
    use automerge::sync::{BloomFilter, Have, Message, MessageFlags, MessageVersion};

    use super::*;

    fn hash(number: usize) -> Hash {
        let mut hash = [number as u8; 32];
        for (index, byte) in hash.iter_mut().enumerate() {
            *byte = byte.wrapping_mul(37).wrapping_add((index * index) as u8 ^ (number >> 3) as u8);
        }
        hash
    }

    #[test]
    fn by_hand_it_is_what_automerge_writes() {
        for since in [0, 1, 2, 5, 127, 128, 300] {
            for withheld in [false, true] {
                let (heads, since) = ([[1; 32], [2; 32]], (0..since).map(hash).collect::<Vec<Hash>>());
                let mut flags = MessageFlags::new();
                flags.set(MessageFlags::SUPPORTS_SYNC_RESET);
                let bloom = BloomFilter::from_hashes(since.iter().copied().map(ChangeHash));
                let have = Have { last_sync: vec![ChangeHash([7; 32])], bloom };
                let theirs = Message {
                    heads: heads.map(ChangeHash).to_vec(),
                    need: vec![ChangeHash([5; 32])],
                    have: if withheld { vec![] } else { vec![have] },
                    changes: if withheld { vec![] } else { vec![b"a change".to_vec()] }.into(),
                    flags: Some(flags),
                    version: MessageVersion::V1,
                };
                let ours = Said {
                    heads: &heads,
                    need: &[[5; 32]],
                    have: (!withheld).then_some((&[[7; 32]], &since)),
                    change: (!withheld).then_some(b"a change"),
                };
                let mut out = vec![9; 3];
                ours.write(&mut out);
                assert_eq!(out, theirs.encode());
                let heard = Heard::read(&out).expect("a message");
                assert_eq!((heard.heads, heard.items), (&heads[..], usize::from(!withheld)));
                assert_eq!(heard.last_sync.len(), usize::from(!withheld));
                assert_eq!(heard.changes().next(), (!withheld).then_some(Some(&b"a change"[..])));
            }
        }
    }

    #[test]
    fn what_is_no_message_is_not_read() {
        for bytes in [&b""[..], b"\x41\0\0\0\0", b"\x42\x01", b"\x42\0\0\x01\0\x05"] {
            assert!(Heard::read(bytes).is_none());
        }
    }
}
