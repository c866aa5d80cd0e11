//! A client's copy of one review, reduced to what sending and acknowledging edits needs.
//!
//! The general sync API costs a quarter of a millisecond an edit and copy; two hundred clients of it would measure
//! themselves. So only the handshake uses it. From there a replica keeps heads, builds each edit and each message by
//! hand as a stock client would have made it, and keeps the bytes of everything it saw. [`Replica::document`] replays
//! them through automerge afterwards: nothing that was counted stays unchecked.

use std::collections::{HashMap, VecDeque};
use std::num::NonZeroU64;

use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::sync::{BloomFilter, ChunkList, Have, Message, MessageFlags, MessageVersion};
use automerge::{ActorId, Automerge, Change, ChangeHash, ExpandedChange, ObjId, ROOT, ReadDoc, ScalarValue};
use concord_shared::review::schema;

use crate::chunk;
use crate::failure::Failure;

/// The score that replicas write: `/scores/<reviewer>/<name>`.
struct Leaf {
    reviewer_map: OpId,
    name: String,
    /// What stands there: the operations that the next value replaces.
    current: Vec<OpId>,
}

/// One client's copy of one document.
pub struct Replica {
    /// As of the handshake.
    base: Automerge,
    /// Every change since, own ones included, in the order in which this client had them.
    log: Vec<Vec<u8>>,
    /// Every change that is here, with the number of the last own edit among its causes: what tells which of the own
    /// edits the server has when all that it says is its heads.
    reach: HashMap<ChangeHash, u64>,
    heads: Vec<ChangeHash>,
    max_op: u64,
    actor: ActorId,
    seq: u64,
    last_own: Option<ChangeHash>,
    leaf: Leaf,
    /// Own edits that the server has not shown to have.
    unconfirmed: VecDeque<(u64, ChangeHash)>,
    /// Changes of others that the server's heads, as far as they are known, do not say it knows to be here.
    unsettled: Vec<ChangeHash>,
    /// Changes that came before their causes.
    orphans: Vec<Change>,
    shared: Vec<ChangeHash>,
    theirs: Vec<ChangeHash>,
    last_sent: Vec<ChangeHash>,
    in_flight: bool,
}

/// What a message brought.
pub struct Received {
    /// Hashes of its changes, those that were here before included: whoever counts sees every repetition.
    pub changes: Vec<ChangeHash>,
    /// How many of them were not here before.
    pub fresh: usize,
    /// What a stock client answers.
    pub reply: Option<Message>,
}

impl Replica {
    /// Takes over from the general API: `document` is level with the server. Edits go to the score `name` of `reviewer`,
    /// whose map must exist (the server makes it when the reviewer opens the review).
    pub fn new(document: Automerge, reviewer: &str, name: &str) -> Result<Self, Failure> {
        let map = |parent: &ObjId, key: &str| {
            let found = document.get(parent, key).ok().flatten().filter(|(value, _)| value.is_object());
            let absent = || Failure::Protocol(format!("the document has no map {key:?}; was the review opened?"));
            found.map(|(_, id)| id).ok_or_else(absent)
        };
        let reviewer_map = map(&map(&ROOT, schema::SCORES)?, reviewer)?;
        let current = document.get_all(&reviewer_map, name).unwrap_or_default();
        let leaf = Leaf {
            name: name.to_owned(),
            current: current.iter().filter_map(|(_, id)| operation(id)).collect(),
            reviewer_map: operation(&reviewer_map).ok_or_else(|| Failure::Protocol("scores is no map".to_owned()))?,
        };
        let changes = document.get_changes(&[]);
        let heads = document.get_heads();
        Ok(Self {
            log: Vec::new(),
            reach: changes.iter().map(|change| (change.hash(), 0)).collect(),
            max_op: changes.iter().map(Change::max_op).max().unwrap_or(0),
            actor: ActorId::from(*uuid::Uuid::new_v4().as_bytes()),
            seq: 0,
            last_own: None,
            leaf,
            unconfirmed: VecDeque::new(),
            unsettled: Vec::new(),
            orphans: Vec::new(),
            shared: heads.clone(),
            theirs: heads.clone(),
            last_sent: heads.clone(),
            in_flight: false,
            heads,
            base: document,
        })
    }

    /// Writes a value under the reviewer's key; answers the change's hash and the message that carries it.
    pub fn edit(&mut self, value: f64) -> (ChangeHash, Message) {
        let start = self.max_op + 1;
        let id = OpId::new(start, &self.actor);
        let previous = std::mem::replace(&mut self.leaf.current, vec![id]);
        self.seq += 1;
        // Automerge names a replica's last change among the causes even where another one has built on it since.
        let mut deps = self.heads.clone();
        deps.extend(self.last_own.filter(|own| !self.heads.contains(own)));
        let change = Change::from(ExpandedChange {
            operations: vec![Op {
                action: OpType::Put(ScalarValue::F64(value)),
                obj: ObjectId::Id(self.leaf.reviewer_map.clone()),
                key: Key::from(&self.leaf.name),
                pred: previous.into(),
                insert: false,
            }],
            actor_id: self.actor.clone(),
            hash: None,
            seq: self.seq,
            start_op: NonZeroU64::MIN.saturating_add(start - 1),
            time: 0,
            message: None,
            deps,
            extra_bytes: Vec::new(),
            author: None,
        });
        let (hash, bytes) = (change.hash(), change.raw_bytes().to_vec());
        self.take(&change);
        self.last_own = Some(hash);
        self.unconfirmed.push_back((self.seq, hash));
        (hash, self.message(vec![bytes]))
    }

    /// Takes a message of the server.
    pub fn receive(&mut self, message: &Message) -> Result<Received, Failure> {
        self.in_flight = false;
        let before = self.heads.clone();
        let (mut received, mut fresh) = (Vec::new(), 0);
        for item in message.changes.iter() {
            for part in chunk::split(item)? {
                let whole = matches!(part, chunk::Part::Document(_));
                for change in part.changes()? {
                    let known = self.reach.contains_key(&change.hash());
                    // A whole document repeats what its receiver has by its nature; a single change has no excuse.
                    if !(whole && known) {
                        received.push(change.hash());
                    }
                    if !known {
                        fresh += 1;
                        self.arrive(change);
                    }
                }
            }
        }
        if message.changes.is_empty() && message.heads == before {
            self.last_sent.clone_from(&message.heads);
        }
        if message.heads.iter().all(|head| self.reach.contains_key(head)) {
            // Whatever came from the server is among the causes of its heads; of the rest only own edits may not be.
            self.shared.clone_from(&message.heads);
            self.unsettled.clear();
            let confirmed = self.shared.iter().filter_map(|head| self.reach.get(head)).max().copied().unwrap_or(0);
            while self.unconfirmed.front().is_some_and(|(number, _)| *number <= confirmed) {
                self.unconfirmed.pop_front();
            }
        }
        self.theirs.clone_from(&message.heads);
        Ok(Received { changes: received, fresh, reply: self.reply(message) })
    }

    /// The rules of automerge's `generate_sync_message` for a replica that has sent all its own edits.
    fn reply(&mut self, message: &Message) -> Option<Message> {
        let last_sync = message.have.first().map(|have| have.last_sync.as_slice()).unwrap_or_default();
        if !last_sync.iter().all(|hash| self.reach.contains_key(hash)) {
            let have = vec![Have::default()];
            return Some(bare(self.heads.clone(), Vec::new(), have, ChunkList::empty()));
        }
        let unchanged = self.last_sent == self.heads;
        if unchanged && (self.theirs == self.heads || self.in_flight) { None } else { Some(self.message(Vec::new())) }
    }

    fn message(&mut self, changes: Vec<Vec<u8>>) -> Message {
        self.last_sent.clone_from(&self.heads);
        self.in_flight = true;
        let need = self.needed();
        let since: Vec<&ChangeHash> = self.unconfirmed.iter().map(|(_, hash)| hash).chain(&self.unsettled).collect();
        // A stock client withholds `have` while it waits for changes that the server did not name among its heads.
        let have = need
            .iter()
            .all(|hash| self.theirs.contains(hash))
            .then(|| Have { last_sync: self.shared.clone(), bloom: BloomFilter::from_hashes(since.into_iter()) });
        bare(self.heads.clone(), need, have.into_iter().collect(), changes.into())
    }

    fn needed(&self) -> Vec<ChangeHash> {
        let causes = self.orphans.iter().flat_map(|change| change.deps());
        let wanted = self.theirs.iter().chain(causes).filter(|hash| !self.reach.contains_key(hash));
        let mut needed: Vec<ChangeHash> =
            wanted.filter(|hash| !self.orphans.iter().any(|orphan| orphan.hash() == **hash)).copied().collect();
        needed.sort_unstable();
        needed.dedup();
        needed
    }

    fn arrive(&mut self, change: Change) {
        self.orphans.push(change);
        while let Some(ready) =
            self.orphans.iter().position(|change| change.deps().iter().all(|dep| self.reach.contains_key(dep)))
        {
            let change = self.orphans.swap_remove(ready);
            self.take(&change);
        }
    }

    fn take(&mut self, change: &Change) {
        let own = if *change.actor_id() == self.actor { change.seq() } else { 0 };
        if own == 0 {
            self.unsettled.push(change.hash());
        }
        let reach = change.deps().iter().filter_map(|dep| self.reach.get(dep)).copied().max().unwrap_or(0);
        self.reach.insert(change.hash(), own.max(reach));
        self.heads.retain(|head| !change.deps().contains(head));
        self.heads.push(change.hash());
        // The protocol wants hashes sorted, and equal heads to be equal lists.
        self.heads.sort_unstable();
        self.max_op = self.max_op.max(change.max_op());
        self.log.push(change.raw_bytes().to_vec());
    }

    /// Whether no change waits for its causes.
    pub fn is_whole(&self) -> bool {
        self.orphans.is_empty()
    }

    /// What this client's automerge document would be: the handshake's, and every change since.
    pub fn document(mut self) -> Result<Automerge, Failure> {
        let wrong = |what: String| Failure::Protocol(format!("replaying what a client received: {what}"));
        // Applied together: one by one each would cost thirteen times as much.
        for batch in self.log.chunks(1024) {
            let changes: Result<Vec<Change>, _> = batch.iter().map(|bytes| Change::from_bytes(bytes.clone())).collect();
            let changes = changes.map_err(|error| wrong(error.to_string()))?;
            self.base.apply_changes(changes).map_err(|error| wrong(error.to_string()))?;
        }
        if self.base.get_heads() != self.heads {
            return Err(wrong("its heads are not the ones that were acknowledged".to_owned()));
        }
        Ok(self.base)
    }
}

fn operation(id: &ObjId) -> Option<OpId> {
    match id {
        ObjId::Root => None,
        ObjId::Id(counter, actor, _) => Some(OpId::new(*counter, actor)),
    }
}

/// With the flags that stock clients end every message with.
fn bare(heads: Vec<ChangeHash>, need: Vec<ChangeHash>, have: Vec<Have>, changes: ChunkList) -> Message {
    let mut flags = MessageFlags::new();
    flags.set(MessageFlags::SUPPORTS_SYNC_RESET);
    Message { heads, need, have, changes, flags: Some(flags), version: MessageVersion::V1 }
}

#[cfg(test)]
mod tests;
