//! The change that an automerge client makes when its person gives a number under their own key.

use std::num::NonZeroU64;

use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::{ActorId, Change, ChangeHash, ExpandedChange, ScalarValue};

use crate::bytes::{Hash, put_blob, put_hashes, put_signed, put_unsigned};
use crate::chunk;

/// A place in a map: `/scores/<reviewer>/<name>`.
pub struct Leaf {
    /// The map.
    pub map: OpId,
    /// The key in it.
    pub name: String,
    /// What stands there: the operations that the next value replaces.
    pub current: Vec<OpId>,
}

/// A change that puts a number at a leaf.
pub struct Edit<'a> {
    /// Causes, in any order.
    pub deps: Vec<Hash>,
    /// The writing replica.
    pub actor: &'a ActorId,
    /// Its number among the changes of the replica.
    pub seq: u64,
    /// The counter of its operation.
    pub op: u64,
    /// The number.
    pub value: f64,
    /// Where.
    pub leaf: &'a Leaf,
}

impl Edit<'_> {
    /// Appends the chunk to `out`, with `scratch` for what is between, and answers its hash.
    pub fn write(&mut self, out: &mut Vec<u8>, scratch: &mut Vec<u8>) -> Hash {
        self.deps.sort_unstable();
        match self.leaf.current.as_slice() {
            [OpId(counter, actor)] if actor == self.actor && self.leaf.map.1 != *self.actor => {
                self.contents(scratch, *counter);
                chunk::put_change(out, scratch)
            }
            _ => self.write_by_automerge(out),
        }
    }

    /// Whatever else stands there comes once in a run: automerge knows how to write it.
    fn write_by_automerge(&self, out: &mut Vec<u8>) -> Hash {
        let change = Change::from(ExpandedChange {
            operations: vec![Op {
                action: OpType::Put(ScalarValue::F64(self.value)),
                obj: ObjectId::Id(self.leaf.map.clone()),
                key: Key::from(&self.leaf.name),
                pred: self.leaf.current.clone().into(),
                insert: false,
            }],
            actor_id: self.actor.clone(),
            hash: None,
            seq: self.seq,
            start_op: NonZeroU64::MIN.saturating_add(self.op - 1),
            time: 0,
            message: None,
            deps: self.deps.iter().copied().map(ChangeHash).collect(),
            extra_bytes: Vec::new(),
            author: None,
        });
        out.extend_from_slice(change.raw_bytes());
        change.hash().0
    }

    /// One operation that replaces one of the same replica, in a map that another replica made. Its columns, all but
    /// the value's bytes, are run-length encoded: one single value each.
    fn contents(&self, out: &mut Vec<u8>, replaced: u64) {
        const ONE: u8 = 0x7f;
        /// Type 5 (a double) and its length.
        const DOUBLE: u64 = 8 << 4 | 5;
        let OpId(map, maker) = &self.leaf.map;
        out.clear();
        put_hashes(out, &self.deps);
        put_blob(out, self.actor.to_bytes());
        put_unsigned(out, self.seq);
        put_unsigned(out, self.op);
        // Neither time nor message; one other replica.
        out.extend_from_slice(&[0, 0, 1]);
        put_blob(out, maker.to_bytes());
        let lengths = [
            (0x01, 2),
            (0x02, 1 + unsigned_length(*map)),
            (0x15, 1 + unsigned_length(self.leaf.name.len() as u64) + self.leaf.name.len()),
            (0x34, 1),
            (0x42, 2),
            (0x56, 1 + unsigned_length(DOUBLE)),
            (0x57, size_of::<f64>()),
            (0x70, 2),
            (0x71, 2),
            (0x73, 1 + signed_length(replaced as i64)),
        ];
        put_unsigned(out, lengths.len() as u64);
        for (column, length) in lengths {
            put_unsigned(out, column);
            put_unsigned(out, length as u64);
        }
        // The map's replica and counter.
        out.extend_from_slice(&[ONE, 1, ONE]);
        put_unsigned(out, *map);
        // The key.
        out.push(ONE);
        put_blob(out, self.leaf.name.as_bytes());
        // Once no insertion; once "set".
        out.extend_from_slice(&[1, ONE, 1]);
        out.push(ONE);
        put_unsigned(out, DOUBLE);
        out.extend_from_slice(&self.value.to_le_bytes());
        // One predecessor, its replica and its counter.
        out.extend_from_slice(&[ONE, 1, ONE, 0, ONE]);
        put_signed(out, replaced as i64);
    }
}

fn unsigned_length(value: u64) -> usize {
    (64 - value.leading_zeros()).div_ceil(7).max(1) as usize
}

fn signed_length(value: i64) -> usize {
    (65 - value.leading_zeros()).div_ceil(7) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand_it_is_what_automerge_writes() {
        let (actor, maker) = (ActorId::from([0xab; 16]), ActorId::from([0x11; 16]));
        for counter in [1, 2, 63, 64, 127, 128, 8191, 8192, 20_000, 3_000_000] {
            for name in ["Quality", "", &"long ".repeat(40)] {
                for deps in [vec![[3; 32]], vec![[9; 32], [1; 32], [5; 32]], vec![]] {
                    let leaf = Leaf {
                        map: OpId::new(counter, &maker),
                        name: name.to_owned(),
                        current: vec![OpId::new(counter + 1, &actor)],
                    };
                    let value = counter as f64 / 7.0;
                    let mut edit = Edit { deps, actor: &actor, seq: counter, op: counter + 2, value, leaf: &leaf };
                    let (mut by_hand, mut by_automerge) = (Vec::new(), Vec::new());
                    let hash = edit.write(&mut by_hand, &mut Vec::new());
                    assert_eq!(hash, edit.write_by_automerge(&mut by_automerge));
                    assert_eq!(by_hand, by_automerge, "counter {counter}, key {name:?}");
                }
            }
        }
    }
}
