//! Whether a change comes next: its dependencies, its replica, its place among the replica's changes, its clock.

use std::collections::{HashMap, HashSet, VecDeque};

use automerge::{Automerge, Change, ChangeHash};
use concord_shared::ids::MemberId;
use concord_shared::moment::Moment;

use super::paths::Paths;
use super::peek::Peeked;
use super::reason::Reason;
use super::{Refused, Writer};

/// Refused changes that are remembered for a connection: what a client may still build on. A stock client rolls back
/// within milliseconds.
const BAD_CHANGES: usize = 1024;

/// Changes that may wait for others: an offline batch whose first change a Bloom filter hid, as large as one frame.
const ORPHANS: usize = 10_000;

/// Bytes of changes that wait: one frame.
const ORPHAN_BYTES: usize = 1024 * 1024;

/// How far a client's clock may be ahead, in seconds. Behind is no matter: offline work comes late.
const AHEAD_SECONDS: i64 = 86_400;

/// Operation numbers stay below this. Half of what automerge can count; nobody gets there in good faith.
const MAX_OP: u64 = 1 << 31;

/// The changes of a connection that were refused, newest last.
#[derive(Debug, Default)]
pub struct BadSet {
    hashes: HashSet<ChangeHash>,
    order: VecDeque<Refused>,
}

impl BadSet {
    /// Whether this change was refused.
    pub fn contains(&self, hash: &ChangeHash) -> bool {
        self.hashes.contains(hash)
    }

    /// The refusals, newest first, without the bytes.
    pub fn iter(&self) -> impl Iterator<Item = &Refused> {
        self.order.iter().rev()
    }

    /// Remembers a refusal and forgets the oldest when full.
    pub fn insert(&mut self, refused: &Refused) {
        if !self.hashes.insert(refused.hash) {
            return;
        }
        self.order.push_back(Refused { bytes: Vec::new(), ..refused.clone() });
        if self.order.len() > BAD_CHANGES
            && let Some(oldest) = self.order.pop_front()
        {
            self.hashes.remove(&oldest.hash);
        }
    }
}

/// Changes of a connection whose dependencies have not arrived: a Bloom filter hides one in a hundred.
#[derive(Debug, Default)]
pub struct Pending {
    waiting: Vec<Waiting>,
    bytes: usize,
}

/// A change that has been peeked at.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) hash: ChangeHash,
    pub(super) deps: Vec<ChangeHash>,
    pub(super) bytes: Vec<u8>,
}

impl Waiting {
    pub(super) fn new(peeked: Peeked, bytes: &[u8]) -> Self {
        Self { hash: peeked.hash, deps: peeked.deps, bytes: bytes.to_vec() }
    }
}

impl Pending {
    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes everything that waits.
    pub(super) fn take(&mut self) -> Vec<Waiting> {
        self.bytes = 0;
        std::mem::take(&mut self.waiting)
    }

    /// Lets a change wait; gives it back when full.
    pub(super) fn push(&mut self, change: Waiting) -> Result<(), Waiting> {
        if self.waiting.len() >= ORPHANS || self.bytes + change.bytes.len() > ORPHAN_BYTES {
            return Err(change);
        }
        self.bytes += change.bytes.len();
        self.waiting.push(change);
        Ok(())
    }

    /// Dependencies of what waits that are neither in `doc` nor waiting themselves.
    pub(super) fn missing(&self, doc: &Automerge) -> Vec<ChangeHash> {
        let waiting: HashSet<ChangeHash> = self.waiting.iter().map(|change| change.hash).collect();
        let mut missing: Vec<ChangeHash> = Vec::new();
        let mut seen = HashSet::new();
        for dep in self.waiting.iter().flat_map(|change| &change.deps) {
            if !waiting.contains(dep) && seen.insert(*dep) && !knows(doc, dep) {
                missing.push(*dep);
            }
        }
        missing
    }
}

/// Whether a change is part of `doc`.
pub(super) fn knows(doc: &Automerge, hash: &ChangeHash) -> bool {
    doc.get_change_meta_by_hash(hash).is_some()
}

/// Who owns the replica ids that a document has seen; `None`: the server.
pub type Replicas = HashMap<Vec<u8>, Option<MemberId>>;

/// The largest operation number of a change that depends on `deps` can have seen.
pub(super) fn newest(doc: &Automerge, deps: &[ChangeHash]) -> u64 {
    deps.iter().filter_map(|dep| doc.get_change_meta_by_hash(dep)).map(|meta| meta.max_op).max().unwrap_or(0)
}

/// Whether `change`, whose dependencies are all there and reach up to the operation `newest`, is the next one of a
/// replica of `writer`.
pub(super) fn check(
    paths: &Paths,
    change: &Change,
    writer: &Writer,
    owner: Owner,
    newest: u64,
    now: Moment,
) -> Result<(), Reason> {
    check_replica(paths, change, writer, owner)?;
    let last = paths.last(change.actor_id());
    let next = last.map_or(1, |last| last.seq + 1);
    if change.seq() != next {
        return Err(Reason::OutOfSequence { got: change.seq(), next });
    }
    // automerge always names a replica's own last change, even if others were built on it.
    if last.is_some_and(|last| !change.deps().contains(&last.hash)) {
        return Err(Reason::Structure("it does not depend on its replica's last change"));
    }
    let (got, least, most) = (change.start_op().get(), newest + 1, (paths.max_op() + 1).min(MAX_OP));
    if !(least..=most).contains(&got) {
        return Err(Reason::OutOfClock { got, least, most });
    }
    if !(0..=now.as_seconds() + AHEAD_SECONDS).contains(&change.timestamp()) {
        return Err(Reason::Time(change.timestamp()));
    }
    check_footer(change, writer)
}

/// To whom the replica of a change is bound; `None`: to nobody yet.
pub(super) type Owner = Option<Option<MemberId>>;

/// Rule R7: trust on first use. Nobody has a reason to relay the changes of another: the server is the only hub.
fn check_replica(paths: &Paths, change: &Change, writer: &Writer, owner: Owner) -> Result<(), Reason> {
    match owner {
        Some(Some(owner)) if owner == writer.member => Ok(()),
        Some(Some(_)) => Err(Reason::ReplicaTaken("somebody else")),
        Some(None) => Err(Reason::ReplicaTaken("the server")),
        // Seen in the document but bound to nobody: the seed's, or a server's whose binding is not at hand.
        None if paths.last(change.actor_id()).is_some() => Err(Reason::ReplicaTaken("the server")),
        None => Ok(()),
    }
}

/// Nothing follows the operations, except perhaps the author, who is then the writer.
fn check_footer(change: &Change, writer: &Writer) -> Result<(), Reason> {
    let extra = change.extra_bytes();
    if extra.is_empty() {
        return Ok(());
    }
    let own = writer.member.as_bytes();
    match change.author() {
        Some(author) if author.as_bytes() != own => Err(Reason::WrongAuthor),
        // automerge panics on it.
        Some(_) if change.seq() > 1 => Err(Reason::Structure("it names the author, which only a replica's first does")),
        Some(_) if extra.len() == own.len() + 2 => Ok(()),
        _ => Err(Reason::Structure("bytes follow its operations")),
    }
}
