//! A client's copy of one review, reduced to what sending and acknowledging edits needs.
//!
//! The general sync API costs a quarter of a millisecond an edit and copy; two hundred clients of it would measure
//! themselves. So only the handshake uses it. From there a replica keeps heads, builds each edit and each message by
//! hand as a stock client would have made it, and keeps the bytes of everything it saw. [`Replica::document`] replays
//! them through automerge afterwards: nothing that was counted stays unchecked.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};

use automerge::legacy::OpId;
use automerge::{ActorId, Automerge, Change, ObjId, ROOT, ReadDoc};
use concord_shared::review::schema;

use crate::bytes::{Hash, Reader, put_blob};
use crate::chunk::{self, Kind, Part, Summary};
use crate::edit::{Edit, Leaf};
use crate::failure::Failure;
use crate::message::{Heard, Said};

/// One client's copy of one document.
pub struct Replica {
    /// As of the handshake.
    base: Automerge,
    /// Every change since, own ones included, each behind its length, in the order in which this client had them.
    log: Vec<u8>,
    /// Every change that is here, with the number of the last own edit among its causes: what tells which of the own
    /// edits the server has when all that it says is its heads.
    reach: HashMap<Hash, u64, BuildHasherDefault<AsIs>>,
    heads: Vec<Hash>,
    max_op: u64,
    actor: ActorId,
    seq: u64,
    last_own: Option<Hash>,
    leaf: Leaf,
    /// Own edits that the server has not shown to have.
    unconfirmed: VecDeque<(u64, Hash)>,
    /// Changes of others that the server's heads, as far as they are known, do not say it knows to be here.
    unsettled: Vec<Hash>,
    /// Changes that came before their causes.
    orphans: Vec<Orphan>,
    shared: Vec<Hash>,
    theirs: Vec<Hash>,
    last_sent: Vec<Hash>,
    in_flight: bool,
    /// Between a change's parts and its chunk; between what is known and a message.
    scratch: Vec<u8>,
    chunk: Vec<u8>,
    since: Vec<Hash>,
}

/// What a message brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    /// Changes that were not here before.
    pub fresh: usize,
    /// Whether a stock client answers; the answer is written.
    pub reply: bool,
}

/// A change without its causes.
struct Orphan {
    hash: Hash,
    deps: Vec<Hash>,
    bytes: Vec<u8>,
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
            map: operation(&reviewer_map).ok_or_else(|| Failure::Protocol("scores is no map".to_owned()))?,
        };
        let changes = document.get_changes(&[]);
        let heads: Vec<Hash> = document.get_heads().iter().map(|head| head.0).collect();
        Ok(Self {
            log: Vec::new(),
            reach: changes.iter().map(|change| (change.hash().0, 0)).collect(),
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
            scratch: Vec::new(),
            chunk: Vec::new(),
            since: Vec::new(),
        })
    }

    /// Writes a value under the reviewer's key; answers the change's hash, and in `out` the message that carries it.
    pub fn edit(&mut self, value: f64, out: &mut Vec<u8>) -> Result<Hash, Failure> {
        let op = self.max_op + 1;
        self.seq += 1;
        // Automerge names a replica's last change among the causes even where another one has built on it since.
        let mut deps = self.heads.clone();
        deps.extend(self.last_own.filter(|own| !self.heads.contains(own)));
        let mut edit = Edit { deps, actor: &self.actor, seq: self.seq, op, value, leaf: &self.leaf };
        let mut chunk = std::mem::take(&mut self.chunk);
        chunk.clear();
        let hash = edit.write(&mut chunk, &mut self.scratch);
        let deps = edit.deps;
        self.leaf.current.clear();
        self.leaf.current.push(OpId::new(op, &self.actor));
        self.insert(hash, &deps, Some(self.seq), op, &chunk);
        self.last_own = Some(hash);
        self.unconfirmed.push_back((self.seq, hash));
        self.write(Some(&chunk), out);
        self.chunk = chunk;
        Ok(hash)
    }

    /// Takes a message of the server. `each` is told the hash of every change in it, those that were here before
    /// included: whoever counts sees every repetition. The answer, if there is one, is in `out`.
    pub fn receive(
        &mut self,
        message: &Heard<'_>,
        mut each: impl FnMut(Hash),
        out: &mut Vec<u8>,
    ) -> Result<Received, Failure> {
        self.in_flight = false;
        let was_level = message.heads == self.heads;
        let mut fresh = 0;
        for item in message.changes() {
            let item = item.ok_or_else(|| Failure::Protocol("a sync message is cut off".to_owned()))?;
            chunk::split(item, |part| {
                match part {
                    Part::Change(change) => fresh += self.take(change, Kind::Change, &mut each),
                    Part::Other(changes, kind) => {
                        for change in &changes {
                            fresh += self.take(Summary::of(change)?, kind, &mut each);
                        }
                    }
                }
                Ok(())
            })?;
        }
        if message.items == 0 && was_level {
            self.last_sent.clone_from(&self.heads);
        }
        if self.has_all(message.heads) {
            // Whatever came from the server is among the causes of its heads; of the rest only own edits may not be.
            self.shared.clear();
            self.shared.extend_from_slice(message.heads);
            self.unsettled.clear();
            let confirmed = self.shared.iter().filter_map(|head| self.reach.get(head)).max().copied().unwrap_or(0);
            while self.unconfirmed.front().is_some_and(|(number, _)| *number <= confirmed) {
                self.unconfirmed.pop_front();
            }
        }
        self.theirs.clear();
        self.theirs.extend_from_slice(message.heads);
        Ok(Received { fresh, reply: self.reply(message, out) })
    }

    /// Takes a change; answers how many that were not here before (one or none).
    fn take(&mut self, change: Summary<'_>, kind: Kind, each: &mut impl FnMut(Hash)) -> usize {
        let known = self.reach.contains_key(&change.hash) || self.orphans.iter().any(|other| other.hash == change.hash);
        // A whole document repeats what its receiver has by its nature; a single change has no excuse.
        if !(known && kind == Kind::Document) {
            each(change.hash);
        }
        if known {
            return 0;
        }
        if self.has_all(change.deps) {
            self.adopt(&change);
            self.adopt_orphans();
        } else {
            let (deps, bytes) = (change.deps.to_vec(), change.bytes.to_vec());
            self.orphans.push(Orphan { hash: change.hash, deps, bytes });
        }
        1
    }

    fn adopt(&mut self, change: &Summary<'_>) {
        let own = (change.actor == self.actor.to_bytes()).then_some(change.seq);
        if own.is_none() {
            self.unsettled.push(change.hash);
        }
        self.insert(change.hash, change.deps, own, change.max_op, change.bytes);
    }

    fn adopt_orphans(&mut self) {
        while let Some(ready) = self.orphans.iter().position(|orphan| self.has_all(&orphan.deps)) {
            let orphan = self.orphans.swap_remove(ready);
            // It was read once, so it can be read again.
            let again = chunk::split(&orphan.bytes, |part| {
                if let Part::Change(change) = part {
                    self.adopt(&change);
                }
                Ok(())
            });
            debug_assert!(again.is_ok(), "an orphan stays readable");
        }
    }

    fn insert(&mut self, hash: Hash, deps: &[Hash], own: Option<u64>, max_op: u64, bytes: &[u8]) {
        let reach = deps.iter().filter_map(|dep| self.reach.get(dep)).copied().max().unwrap_or(0);
        self.reach.insert(hash, own.unwrap_or(0).max(reach));
        self.heads.retain(|head| !deps.contains(head));
        // The protocol wants hashes sorted, and equal heads to be equal lists.
        let place = self.heads.partition_point(|head| *head < hash);
        self.heads.insert(place, hash);
        self.max_op = self.max_op.max(max_op);
        put_blob(&mut self.log, bytes);
    }

    fn has_all(&self, hashes: &[Hash]) -> bool {
        hashes.iter().all(|hash| self.reach.contains_key(hash))
    }

    /// The rules of automerge's `generate_sync_message` for a replica that has sent all its own edits.
    fn reply(&mut self, message: &Heard<'_>, out: &mut Vec<u8>) -> bool {
        if !self.has_all(message.last_sync) {
            Said { heads: &self.heads, need: &[], have: Some((&[], &[])), change: None }.write(out);
            return true;
        }
        let unchanged = self.last_sent == self.heads;
        let silent = unchanged && (self.theirs == self.heads || self.in_flight);
        if !silent {
            self.write(None, out);
        }
        !silent
    }

    fn write(&mut self, change: Option<&[u8]>, out: &mut Vec<u8>) {
        self.last_sent.clone_from(&self.heads);
        self.in_flight = true;
        let need = self.needed();
        self.since.clear();
        self.since.extend(self.unconfirmed.iter().map(|(_, hash)| *hash).chain(self.unsettled.iter().copied()));
        // A stock client withholds `have` while it waits for changes that the server did not name among its heads.
        let has_heads = need.iter().all(|hash| self.theirs.contains(hash));
        let have = has_heads.then_some((self.shared.as_slice(), self.since.as_slice()));
        Said { heads: &self.heads, need: &need, have, change }.write(out);
    }

    fn needed(&self) -> Vec<Hash> {
        let causes = self.orphans.iter().flat_map(|orphan| &orphan.deps);
        let wanted = self.theirs.iter().chain(causes).filter(|hash| !self.reach.contains_key(*hash));
        let mut needed: Vec<Hash> =
            wanted.filter(|hash| !self.orphans.iter().any(|orphan| orphan.hash == **hash)).copied().collect();
        needed.sort_unstable();
        needed.dedup();
        needed
    }

    /// Whether no change waits for its causes.
    pub fn is_whole(&self) -> bool {
        self.orphans.is_empty()
    }

    /// What this client's automerge document would be: the handshake's, and every change since.
    pub fn document(mut self) -> Result<Automerge, Failure> {
        let wrong = |what: String| Failure::Protocol(format!("replaying what a client received: {what}"));
        let mut log = Reader(&self.log);
        while !log.0.is_empty() {
            // Applied together: one by one each would cost thirteen times as much.
            let mut changes = Vec::with_capacity(1024);
            while changes.len() < 1024 && !log.0.is_empty() {
                let bytes = log.blob().ok_or_else(|| wrong("its log is cut off".to_owned()))?;
                changes.push(Change::from_bytes(bytes.to_vec()).map_err(|error| wrong(error.to_string()))?);
            }
            self.base.apply_changes(changes).map_err(|error| wrong(error.to_string()))?;
        }
        if !self.base.get_heads().iter().map(|head| &head.0).eq(&self.heads) {
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

/// Hashes are as good as random already.
#[derive(Default)]
pub struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(word) = bytes.first_chunk() {
            self.0 = u64::from_le_bytes(*word);
        }
    }
}

#[cfg(test)]
mod tests;
