//! One open document as a pure state machine: `handle(now, event) -> effects`. Holds no clock, no random source and no
//! socket; whatever it wants done it returns, so that a simulation can replay it.
//!
//! Changes are judged as they come and applied to a draft; the draft becomes the document only when the commit is
//! durable (rule R1). What arrives meanwhile waits and forms the next commit.

mod event;
mod held;
mod message;
mod news;
mod peer;
#[cfg(test)]
mod tests;
mod work;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use automerge::{ActorId, Automerge, sync};
use concord_shared::ids::{ConnectionId, MemberId, Revision};
use concord_shared::moment::Moment;
use concord_shared::score::{Score, asked};

pub use self::event::{Effect, Event, Reloaded, RequestId, ServerWrite, WriteFailure};
use self::held::Held;
pub use self::message::{InvalidMessage, decode_message};
use self::peer::{Outcome, Peer};
use self::work::Work;
use super::gate::{self, Paths, Run};
use super::store::{ReviewKey, StoreError};

/// Messages and edits that may wait for a running commit. A commit takes about a millisecond, so this many waiting means
/// that the disk has stopped; beyond it connections are closed and API callers told to come back.
const WAITING: usize = 1024;

/// A snapshot is written with the commit that makes it this many changes old, or a quarter of the document. Making and checking one costs as much as a
/// hundred edits; loading 200 changes costs two milliseconds, and only after a crash: whoever closes a room writes one.
const SNAPSHOT_CHANGES: u64 = 200;

/// What a room is opened with.
pub struct Opening {
    /// Which review.
    pub key: ReviewKey,
    /// The document, loaded and with its heads checked.
    pub document: Automerge,
    /// Its revision.
    pub revision: Revision,
    /// The revision of its stored snapshot.
    pub snapshot_revision: Revision,
    /// Owners of the replica ids seen in it; `None`: the server.
    pub replicas: HashMap<Vec<u8>, Option<MemberId>>,
    /// The project's scores; those that the row is not judged by are left out.
    pub scores: Arc<[Score]>,
    /// The replica id under which this process writes.
    pub server_replica: ActorId,
}

/// One open document and its connections.
pub struct Room {
    key: ReviewKey,
    held: Held,
    /// Plain changes in a row, stored or about to be: what they left at the keys that they wrote.
    run: Run,
    revision: Revision,
    snapshot_revision: Revision,
    replicas: HashMap<Vec<u8>, Option<MemberId>>,
    scores: Arc<[Score]>,
    server_replica: ActorId,
    paths: Paths,
    /// Ordered, so that a replayed plan sends in the same order.
    peers: BTreeMap<ConnectionId, Peer>,
    phase: Phase,
    waiting: VecDeque<Inbound>,
    gates: Gates,
}

/// How often the gate was passed, by its paths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Gates {
    /// Without saving and loading the draft.
    pub fast: u64,
    /// With it.
    pub full: u64,
}

enum Phase {
    Idle,
    /// The draft went to the store.
    Committing(Box<Work>),
    /// The draft was refused, because another server had written the document; what is stored is being read.
    CatchingUp(Box<Work>),
}

/// What can wait for a running commit.
enum Inbound {
    Sync { connection: ConnectionId, message: Box<sync::Message> },
    Write(ServerWrite),
}

impl Room {
    /// Opens a room on a loaded document.
    pub fn new(opening: Opening) -> Self {
        Self {
            held: Held::new(opening.document),
            run: Run::default(),
            revision: opening.revision,
            snapshot_revision: opening.snapshot_revision,
            replicas: opening.replicas,
            scores: asked(&opening.scores, opening.key.object.object_type),
            key: opening.key,
            server_replica: opening.server_replica,
            paths: Paths::default(),
            peers: BTreeMap::new(),
            phase: Phase::Idle,
            waiting: VecDeque::new(),
            gates: Gates::default(),
        }
    }

    /// The only way in: something happened at `now`.
    pub fn handle(&mut self, now: Moment, event: Event) -> Vec<Effect> {
        match event {
            Event::Join { connection, writer } => {
                self.peers.insert(connection, Peer::new(writer));
                Vec::new()
            }
            Event::Leave { connection } => {
                self.peers.remove(&connection);
                Vec::new()
            }
            Event::Sync { connection, message } => self.sync(now, connection, message),
            Event::Ephemeral { connection, frame } => self
                .peers
                .keys()
                .filter(|other| **other != connection)
                .map(|other| Effect::Relay { to: *other, frame: frame.clone() })
                .collect(),
            Event::Write(write) => {
                let request = write.request;
                self.enqueue(now, Inbound::Write(write), Effect::Answer { request, result: Err(WriteFailure::Busy) })
            }
            Event::Committed(result) => self.committed(now, result),
            Event::Reloaded(result) => self.reloaded(now, result),
            Event::ScoresChanged(project, scores) => {
                if project == self.key.project {
                    self.scores = asked(&scores, self.key.object.object_type);
                }
                Vec::new()
            }
            Event::Tick => {
                if matches!(self.phase, Phase::Idle) {
                    self.end_run();
                }
                self.peers.iter().filter_map(|(connection, peer)| peer.tick(*connection, now)).collect()
            }
        }
    }

    /// Whether the room may be closed: nobody is in it and nothing is under way.
    pub fn is_idle(&self) -> bool {
        self.peers.is_empty() && self.waiting.is_empty() && matches!(self.phase, Phase::Idle)
    }

    /// How often changes were judged since the room was opened.
    pub fn gates(&self) -> Gates {
        self.gates
    }

    /// Whether somebody stands on a refused change, so that time matters.
    pub fn needs_ticks(&self) -> bool {
        self.peers.values().any(Peer::is_diverged)
    }

    /// A snapshot that holds what the stored one lacks; `None`: nothing, or it cannot be made, and the changes are
    /// loaded instead.
    pub fn fresh_snapshot(&mut self) -> Option<(Revision, Vec<u8>)> {
        if self.revision <= self.snapshot_revision {
            return None;
        }
        match gate::checked_snapshot(self.held.document()) {
            Ok(bytes) => Some((self.revision, bytes)),
            Err(reason) => {
                tracing::warn!(document = %self.key.document, reason, "no snapshot");
                None
            }
        }
    }

    /// A snapshot of this revision is stored.
    pub fn snapshot_saved(&mut self, revision: Revision) {
        self.snapshot_revision = self.snapshot_revision.max(revision);
    }

    /// The document as stored.
    pub fn document(&mut self) -> &Automerge {
        self.held.document()
    }

    /// Which review it is.
    pub fn key(&self) -> &ReviewKey {
        &self.key
    }

    /// How many changes the document has.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    fn sync(&mut self, now: Moment, connection: ConnectionId, message: Box<sync::Message>) -> Vec<Effect> {
        let Some(peer) = self.peers.get_mut(&connection) else { return Vec::new() };
        // An acknowledgement speaks of what is committed: no need to wait, unless it would overtake its own connection.
        if message.changes.is_empty() && peer.waiting == 0 {
            let heads = self.held.heads().to_vec();
            let outcome = Outcome { before: &heads, ..Outcome::default() };
            return peer.answer(connection, now, &mut self.held, *message, outcome);
        }
        peer.waiting += 1;
        let full = Effect::Disconnect { connection, code: 1013, reason: "too much is waiting for this review" };
        self.enqueue(now, Inbound::Sync { connection, message }, full)
    }

    fn enqueue(&mut self, now: Moment, inbound: Inbound, when_full: Effect) -> Vec<Effect> {
        if self.waiting.len() >= WAITING {
            return vec![when_full];
        }
        self.waiting.push_back(inbound);
        match self.phase {
            Phase::Idle => self.work(now),
            Phase::Committing(_) | Phase::CatchingUp(_) => Vec::new(),
        }
    }

    /// Judges everything that waits. Ends with a commit under way, or with nothing left to do.
    fn work(&mut self, now: Moment) -> Vec<Effect> {
        self.go_on(now, Work::new(now))
    }

    /// The same, on top of what has been judged already.
    fn go_on(&mut self, now: Moment, mut work: Work) -> Vec<Effect> {
        while let Some(inbound) = self.waiting.pop_front() {
            match inbound {
                Inbound::Sync { connection, message } => self.judge(&mut work, connection, message),
                Inbound::Write(write) => self.write(&mut work, write),
            }
        }
        let commit = self.commit_of(&mut work);
        let mut effects = std::mem::take(&mut work.effects);
        match commit {
            Ok(Some(commit)) => {
                self.phase = Phase::Committing(Box::new(work));
                effects.push(Effect::Commit(Box::new(commit)));
            }
            Ok(None) => effects.extend(self.settle(now, work)),
            Err(reason) => effects.extend(self.give_up(work, StoreError::Corrupt { what: "draft", detail: reason })),
        }
        effects
    }

    fn committed(&mut self, now: Moment, result: Result<(), StoreError>) -> Vec<Effect> {
        let work = match std::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Committing(work) => work,
            other => {
                self.phase = other;
                return Vec::new();
            }
        };
        let mut effects = match result {
            Ok(()) => self.settle(now, *work),
            Err(StoreError::Stale(revision)) if revision > self.revision => return self.fall_behind(work, revision),
            Err(error @ StoreError::Repeated { .. }) => return self.leave_callers_out(now, work, error),
            Err(error) => self.give_up(*work, error),
        };
        if !self.waiting.is_empty() && !effects.iter().any(|effect| matches!(effect, Effect::Abandon)) {
            effects.extend(self.work(now));
        }
        effects
    }

    /// Applies what is stored and begins a new run.
    fn end_run(&mut self) {
        self.held.document();
        self.run = Run::default();
    }

    /// The commit did not happen. Its senders are closed: automerge never sends a change twice on one connection, so
    /// only a reconnect brings their changes again.
    fn give_up(&mut self, work: Work, error: StoreError) -> Vec<Effect> {
        let mut effects = Vec::new();
        match &error {
            StoreError::ReplicaTaken { replica, owner } => {
                self.replicas.insert(replica.clone(), *owner);
            }
            StoreError::Unavailable(_) | StoreError::Conflict { .. } | StoreError::Repeated { .. } => {}
            // Not what is stored any more, perhaps not, or not storable: start again from what is.
            StoreError::Stale(_) | StoreError::Uncertain(_) | StoreError::Corrupt { .. } => {
                effects.push(Effect::Abandon);
            }
        }
        for answer in work.answers {
            let result = Err(WriteFailure::Store(error.clone()));
            effects.push(Effect::Answer { request: answer.request, result });
        }
        for judged in work.judged {
            self.peers.remove(&judged.connection);
            let reason = "the review could not be stored";
            effects.push(Effect::Disconnect { connection: judged.connection, code: 1013, reason });
        }
        // Both may speak of the discarded draft.
        self.paths = Paths::default();
        self.end_run();
        effects
    }
}
