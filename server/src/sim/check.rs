//! The rules, held against the world after every step.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Mutex, PoisonError};

use automerge::sync::Message;
use automerge::{ActorId, Automerge, Change, ChangeHash};
use concord_shared::ids::{ConnectionId, DocumentId, MemberId, ObjectRef};
use concord_shared::metric::Counters;
use concord_shared::review::state::ReviewState;
use concord_shared::review::{self, read, seed};
use concord_shared::wire::notice::Notice;

use super::server::Call;
use super::world::{Checked, World, at_once};
use crate::domain::line::LoggedLine;
use crate::domain::measure::derive;
use crate::domain::room::WriteFailure;
use crate::domain::store::{Batch, NewChange, ReviewKey, ReviewStore, StoreError};
use crate::sync::hub;

/// A document as its stored changes make it, built beside the store.
pub(super) struct Document {
    pub(super) key: ReviewKey,
    pub(super) mirror: Automerge,
    /// What it says.
    pub(super) state: ReviewState,
    /// The changes in it, the seed included.
    hashes: HashSet<ChangeHash>,
    /// Stored changes that are in it.
    seen: usize,
    feedback: HashSet<String>,
    snapshots: u64,
}

impl Document {
    pub(super) fn new(key: ReviewKey) -> Self {
        let mirror = seeded(key.document);
        let hashes = mirror.get_changes(&[]).iter().map(Change::hash).collect();
        Self { key, mirror, state: ReviewState::default(), hashes, seen: 0, feedback: HashSet::new(), snapshots: 0 }
    }
}

/// Codes of refusals that only forgers earn.
const FORGERS: [&str; 8] = [
    "replica-taken",
    "out-of-sequence",
    "out-of-clock",
    "structure",
    "wrong-author",
    "time",
    "too-many-orphans",
    "unstorable",
];

/// What must be known beside the world to judge it.
#[derive(Default)]
pub(super) struct Oracle {
    /// Who is on a connection.
    pub(super) writers: BTreeMap<ConnectionId, MemberId>,
    /// Changes that nobody may ever see.
    pub(super) forbidden: HashSet<ChangeHash>,
    /// Whether the plan is over: from now on nothing fails.
    pub(super) is_well: bool,
    /// Replicas of pages.
    pub(super) pages: HashSet<ActorId>,
    /// Refusals that have been looked at.
    refusals: usize,
    /// Whether an answer of the database was lost: then a caller may be told of a failure that was none.
    pub(super) lost: bool,
    /// The last batch that was counted.
    counted: i64,
    /// The sum of all deltas (rule R5).
    moved: Counters,
    /// Whose a replica is, by what was stored (rule R7).
    pub(super) owners: BTreeMap<Vec<u8>, Option<MemberId>>,
}

impl World {
    /// After a batch: what it stored keeps the rules.
    pub(super) fn check_batch(&mut self, batch: &Batch) -> Checked {
        let object = ObjectRef::logs(self.project);
        // A room alone on its document is never behind it.
        let stale = batch.results.iter().find(|result| matches!(result, Err(StoreError::Stale(_))));
        if let (Some(stale), 1, false) = (stale, self.servers.len(), self.oracle.lost) {
            return Err(format!("R2: {stale:?} without another writer"));
        }
        self.check_refusals()?;
        batch.deltas.iter().filter(|(of, _)| *of == object).for_each(|(_, delta)| self.oracle.moved.merge(delta));
        (0..self.documents.len()).try_for_each(|document| self.check_document(document))
    }

    /// Rule R4: whoever means well is never refused for what only a forger does.
    fn check_refusals(&mut self) -> Checked {
        let store = self.store.clone();
        let data = store.data();
        let seen = std::mem::replace(&mut self.oracle.refusals, data.refusals.len());
        for (_, refusal) in &data.refusals[seen..] {
            let Ok(change) = Change::from_bytes(refusal.bytes.clone()) else { continue };
            let is_honest =
                self.oracle.pages.contains(change.actor_id()) && !self.oracle.forbidden.contains(&change.hash());
            if is_honest && FORGERS.contains(&refusal.code.as_str()) {
                return Err(format!("R4: an honest change is refused: {}", refusal.reason));
            }
        }
        Ok(())
    }

    fn check_document(&mut self, document: usize) -> Checked {
        let id = self.documents[document].key.document;
        let store = self.store.clone();
        let data = store.data();
        let review = data.reviews.get(&id).ok_or("no such review")?;
        if review.changes.len() < self.documents[document].seen {
            return Err("R2: stored changes are gone".into());
        }
        let seen = self.documents[document].seen;
        if review.changes.len() == seen {
            return Ok(());
        }
        for change in &review.changes[seen..] {
            self.check_change(document, change)?;
        }
        let known = &mut self.documents[document];
        known.seen = review.changes.len();
        let heads: BTreeSet<[u8; 32]> = known.mirror.get_heads().iter().map(|head| head.0).collect();
        if heads != review.heads.iter().copied().collect() {
            return Err("R2: the stored heads are not those of the stored changes".into());
        }
        known.state = read::read(&known.mirror);
        if known.state != review.state {
            return Err("R3: the stored state is not what the document says".into());
        }
        if review.snapshot_revision.0 > known.snapshots {
            known.snapshots = review.snapshot_revision.0;
            let loaded = review.snapshot.as_ref().and_then(|bytes| review::load(bytes).ok());
            if review.snapshot_revision == review.revision()
                && loaded.map(|doc| doc.get_heads()) != Some(known.mirror.get_heads())
            {
                return Err("R2: the snapshot is not the document".into());
            }
        }
        Ok(())
    }

    fn check_change(&mut self, document: usize, stored: &NewChange) -> Checked {
        let change = Change::from_bytes(stored.bytes.clone()).map_err(|error| format!("R2: stored bytes: {error}"))?;
        let hash = change.hash();
        let known = &mut self.documents[document];
        if hash.0 != stored.hash || !known.hashes.insert(hash) {
            return Err(format!("R2: {hash} is stored twice or under another hash"));
        }
        if !change.deps().iter().all(|dep| known.hashes.contains(dep)) {
            return Err(format!("R2: {hash} is stored before what it builds on"));
        }
        if self.oracle.forbidden.contains(&hash) {
            return Err(format!("R4: the forged change {hash} is stored"));
        }
        known.mirror.apply_changes([change.clone()]).map_err(|error| format!("R2: {hash}: {error}"))?;
        if let Some(feedback_id) = &stored.feedback_id
            && !known.feedback.insert(feedback_id.clone())
        {
            return Err(format!("R8: {feedback_id} is stored twice"));
        }
        let brought_by = stored.connection.and_then(|connection| self.oracle.writers.get(&connection)).copied();
        if brought_by != stored.author {
            return Err(format!("R7: {hash} of {:?} was brought by {brought_by:?}", stored.author));
        }
        let owner = self.oracle.owners.entry(change.actor_id().to_bytes().to_vec()).or_insert(stored.author);
        if *owner != stored.author {
            return Err(format!("R7: the replica of {hash} has two authors"));
        }
        Ok(())
    }

    /// Rules R3 and R5: rows, counters, and what batches told of them.
    pub(super) fn check_counted(&mut self) -> Checked {
        let store = self.store.clone();
        let data = store.data();
        if std::mem::replace(&mut self.oracle.counted, data.sequence) == data.sequence {
            return Ok(());
        }
        let (mut stored, mut recount) = (Counters::new(), Counters::new());
        let scores = data.book(self.project);
        for known in &self.documents {
            let Some(row) = data.rows.get(&(known.key.object, known.key.row_id.clone())) else { continue };
            let (line, is_root) = (LoggedLine::of(&row.row), row.row.is_root());
            let derived = derive(&line, is_root, row.row.deleted, Some(&known.state), &scores);
            if derived != row.derived {
                return Err(format!("R3: the row of {} is derived from something else", known.key.row_id));
            }
            recount.merge(&derived.counted);
            stored.merge(&row.derived.counted);
        }
        if stored != recount || stored != self.oracle.moved {
            return Err("R5: counters, their recount and the sum of the deltas differ".into());
        }
        Ok(())
    }

    /// Rule R1: what leaves a server is stored.
    pub(super) fn check_sent(&self, document: u8, message: &[u8]) -> Checked {
        let hashes = &self.documents[usize::from(document)].hashes;
        let message = Message::decode(message).map_err(|error| format!("the server's message: {error}"))?;
        let mut told: Vec<ChangeHash> = message.heads.clone();
        for chunk in message.changes.iter() {
            told.extend(changes_of(chunk).ok_or("the server's changes cannot be read")?);
        }
        match told.iter().find(|hash| !hashes.contains(hash)) {
            Some(hash) => Err(format!("R1: {hash} is shown before it is stored")),
            None => Ok(()),
        }
    }

    /// Rules R1 and R4: what clients are told of their changes is so.
    pub(super) fn check_notice(&self, document: u8, notice: &Notice) -> Checked {
        let known = &self.documents[usize::from(document)];
        let parse = |text: &String| text.parse::<ChangeHash>().map_err(|_| format!("{text} is no hash"));
        match notice {
            Notice::Saved(heads) => {
                for head in heads {
                    if !known.hashes.contains(&parse(head)?) {
                        return Err(format!("R1: {head} is called saved before it is stored"));
                    }
                }
            }
            Notice::Rejected(rejected) => {
                let data = self.store.data();
                for change in rejected {
                    let hash = parse(&change.hash)?;
                    let kept = |(of, refusal): &(_, crate::domain::store::NewRefusal)| {
                        *of == known.key.document && refusal.hash == hash.0
                    };
                    if !data.refusals.iter().any(kept) {
                        return Err(format!("R4: no entry of the refusal of {hash}"));
                    }
                    if known.hashes.contains(&hash) {
                        return Err(format!("R4: {hash} is refused ({}: {}) and stored", change.code, change.reason));
                    }
                }
            }
            Notice::Closing(_) => {}
        }
        Ok(())
    }

    /// Rules R1 and R8: what callers are told of their edits is so.
    pub(super) fn check_answer(&self, call: &Call, result: &Result<bool, WriteFailure>) -> Checked {
        let data = self.store.data();
        let review = data.reviews.get(&self.documents[call.document()].key.document).ok_or("no such review")?;
        let own = |change: &&NewChange| change.metadata == call.write.metadata;
        let as_asked = |change: &&NewChange| {
            (&change.feedback_id, &change.on_behalf_of, change.source)
                == (&call.write.feedback_id, &call.write.on_behalf_of, call.write.source)
        };
        if !review.changes.iter().filter(own).all(|change| as_asked(&change)) {
            return Err(format!("R8: request {} is stored without its id or for somebody else", call.name));
        }
        let stored = review.changes.iter().filter(own).count();
        let expected = match result {
            Ok(true) => stored == 1,
            Ok(false) => stored == 0,
            Err(_) if self.oracle.is_well => false,
            Err(_) => stored == 0 || self.oracle.lost,
        };
        if expected {
            Ok(())
        } else {
            Err(format!("R8: request {} was told {result:?}, and {stored} changes of it are stored", call.name))
        }
    }

    /// Rule R6: when nothing moves any more, nobody waits for an answer.
    pub(super) fn check_nobody_waits(&self) -> Checked {
        match self.asked.values().next() {
            Some(call) => Err(format!("R6: request {} is never answered", call.name)),
            None => Ok(()),
        }
    }

    /// A page that does not show what is stored, if there is one.
    pub(super) fn differing(&self) -> Option<String> {
        for (number, client) in self.clients.iter().enumerate() {
            for (document, replica) in &client.replicas {
                let stored = &self.documents[usize::from(*document)];
                if replica.document.get_heads() == stored.mirror.get_heads() {
                    continue;
                }
                let shown: BTreeSet<ChangeHash> = replica.document.get_changes(&[]).iter().map(Change::hash).collect();
                let extra = shown.iter().filter(|hash| !stored.hashes.contains(hash)).count();
                let missing = stored.hashes.iter().filter(|hash| !shown.contains(hash)).count();
                return Some(format!(
                    "R1: page {number} has {extra} changes of document {document} that are not stored, and lacks {missing}"
                ));
            }
        }
        None
    }

    /// Rule R2: what is stored opens a room again.
    pub(super) fn check_stored_again(&self) -> Checked {
        for known in &self.documents {
            let stored = at_once(self.store.load_review(known.key.document)).ok().flatten().ok_or("no such review")?;
            let again = hub::load(&stored).map_err(|error| format!("R2: {error}"))?;
            if again.get_heads() != known.mirror.get_heads() {
                return Err("R2: the stored changes do not make the document".into());
            }
        }
        Ok(())
    }
}

/// The seed of a document. Making one costs as much as the rest of a short plan, and plans share their documents.
fn seeded(document: DocumentId) -> Automerge {
    static SEEDS: Mutex<BTreeMap<DocumentId, Automerge>> = Mutex::new(BTreeMap::new());
    let mut seeds = SEEDS.lock().unwrap_or_else(PoisonError::into_inner);
    seeds.entry(document).or_insert_with(|| seed::seed(document)).clone()
}

/// Hashes of the changes in one list item of a sync message: changes one after the other, or a whole document.
fn changes_of(mut bytes: &[u8]) -> Option<Vec<ChangeHash>> {
    const KIND: usize = 8;
    let mut hashes = Vec::new();
    while !bytes.is_empty() {
        let digits = bytes.get(KIND + 1..)?.iter().position(|byte| byte & 0x80 == 0)? + 1;
        let length = bytes[KIND + 1..][..digits].iter().rev().fold(0, |sum, byte| sum << 7 | usize::from(byte & 0x7f));
        let (chunk, rest) = bytes.split_at_checked(KIND + 1 + digits + length)?;
        match chunk[KIND] {
            0 => hashes.extend(review::load(chunk).ok()?.get_changes(&[]).iter().map(Change::hash)),
            _ => hashes.push(Change::from_bytes(chunk.to_vec()).ok()?.hash()),
        }
        bytes = rest;
    }
    Some(hashes)
}
