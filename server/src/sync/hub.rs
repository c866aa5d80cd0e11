//! Document id -> the task that runs its room. A room is opened by the first message for it, once, and closes when idle.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use automerge::{ActorId, Automerge, ChangeHash, ReadDoc};
use axum::extract::ws::Message;
use concord_shared::ids::{ConnectionId, DocumentId, ObjectRef, OrganizationId, ProjectId, Revision};
use concord_shared::review;
use concord_shared::review::read::Conflict;
use concord_shared::review::state::ReviewState;
use concord_shared::score::Score;
use concord_shared::wire::notice::Notice;
use concord_shared::wire::sync::Frame;
use dashmap::DashMap;
use futures_util::FutureExt;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{broadcast, mpsc, oneshot};

use super::committer::Committer;
use super::ledger::{Ledger, weight};
use super::room_task;
use crate::catalog::Catalog;
use crate::clock::Clock;
use crate::domain::gate::Writer;
use crate::domain::room::{Event, Opening, Reloaded, RequestId, Room, ServerWrite, WriteFailure};
use crate::domain::store::{ReviewKey, Store, StoreError, StoredReview};
use crate::gauges::{Depths, Gauges};
use crate::socket::Outbox;

/// The peer id under which every process of the server speaks.
pub const SERVER_PEER: &str = "concord";

/// Messages that may wait for one room's task. A full room slows the sockets that write to it, and no others.
const ROOM_QUEUE: usize = 256;

/// How often a caller's edits are judged anew because another server was faster. Each time that one has got on, so many in a
/// row mean that this one is too slow to be of use.
const ATTEMPTS: u32 = 20;

/// Documents of reviews that are remembered by row, of about 150 bytes each; beyond it all are asked for again.
const DOCUMENTS: usize = 65_536;

/// Everything that a room's task can be told.
#[derive(Debug)]
pub(super) enum RoomMessage {
    /// A connection opens the document.
    Join {
        connection: ConnectionId,
        /// As whom it writes; `None`: it only reads.
        writer: Option<Writer>,
        address: Address,
    },
    /// Something for the state machine.
    Event(Event),
    /// A caller's edits.
    Write { write: Box<ServerWrite>, done: oneshot::Sender<Result<bool, WriteFailure>> },
    /// Close if nobody is in the room and nothing is under way.
    Close,
    /// A caller wants to read the document.
    Read(oneshot::Sender<Result<Reading, StoreError>>),
}

/// Where to send what a connection is owed.
#[derive(Debug, Clone)]
pub(super) struct Address {
    /// The client's peer id.
    pub peer: String,
    pub outbox: Outbox,
}

impl Address {
    pub(super) fn send(&self, frame: &Frame) {
        self.outbox.send(Message::Binary(frame.encode().into()));
    }
}

/// A document as stored, read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Which review.
    pub key: ReviewKey,
    /// How many changes.
    pub revision: Revision,
    /// In hex.
    pub heads: Vec<String>,
    /// What it says.
    pub state: ReviewState,
    /// Shared leaves with more than one value.
    pub conflicts: Vec<Conflict>,
}

/// What a hub is made of.
pub struct Parts {
    /// The database.
    pub store: Arc<dyn Store>,
    /// Scores of projects.
    pub catalog: Arc<Catalog>,
    /// The one way into the database.
    pub committer: Committer,
    /// The time.
    pub clock: Clock,
    /// Figures for Prometheus.
    pub gauges: Gauges,
    /// Bytes that open documents may weigh before those that nobody uses are closed.
    pub document_memory: usize,
}

/// All open rooms of this process.
#[derive(Clone)]
pub struct Hub(pub(super) Arc<Shared>);

pub(crate) struct Shared {
    pub store: Arc<dyn Store>,
    pub committer: Committer,
    pub clock: Clock,
    pub gauges: Gauges,
    ledger: Mutex<Ledger>,
    rooms: DashMap<DocumentId, mpsc::Sender<RoomMessage>>,
    /// Documents of reviews by row, which never change. Spares feedback a read.
    documents: DashMap<(ObjectRef, String), DocumentId>,
    catalog: Arc<Catalog>,
    /// New for every process, so that two never continue each other's sequence of changes.
    server_replica: ActorId,
    /// New for every process: clients drop ephemeral messages whose count does not grow within a session. Together with
    /// the document it names the session of a room, since two rooms may put their frames into one connection in another
    /// order than they counted.
    session: String,
    ephemerals: AtomicU64,
    connections: AtomicU64,
    requests: AtomicU64,
}

impl Hub {
    /// A hub without rooms.
    pub fn new(parts: Parts) -> Self {
        let Parts { store, catalog, committer, clock, gauges, document_memory } = parts;
        let random = || uuid::Uuid::new_v4();
        let mut changes = catalog.subscribe();
        let hub = Self(Arc::new(Shared {
            store,
            committer,
            clock,
            gauges,
            ledger: Mutex::new(Ledger::new(document_memory)),
            rooms: DashMap::new(),
            documents: DashMap::new(),
            catalog,
            server_replica: ActorId::from(random().into_bytes()),
            session: random().to_string(),
            ephemerals: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            requests: AtomicU64::new(0),
        }));
        let follower = hub.clone();
        tokio::spawn(async move {
            loop {
                match changes.recv().await {
                    Ok(project) => follower.scores_changed(project).await,
                    // Rooms that missed a change judge by the old scores until the next one; say so.
                    Err(broadcast::error::RecvError::Lagged(missed)) => {
                        tracing::warn!(missed, "too many changes of scores at once");
                    }
                    Err(broadcast::error::RecvError::Closed) => return,
                }
            }
        });
        hub
    }

    /// A number for a new connection.
    pub fn next_connection(&self) -> ConnectionId {
        ConnectionId(self.0.connections.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// How many rooms are open.
    pub fn open_rooms(&self) -> usize {
        self.0.rooms.len()
    }

    /// How full things are right now.
    pub fn depths(&self) -> Depths {
        let waiting = |room: &mpsc::Sender<RoomMessage>| room.max_capacity() - room.capacity();
        Depths {
            rooms: self.open_rooms(),
            document_bytes: self.ledger().total(),
            inboxes: self.0.rooms.iter().map(|room| waiting(room.value())).sum(),
            committer: 0,
            full_text: 0,
        }
    }

    /// Holds together through every panic: each of its methods leaves it consistent at every step.
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.0.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of what a room weighs and whether it rests; tells those to close that must make room.
    pub(super) fn note(&self, document: DocumentId, bytes: usize, rests: bool) {
        let closing = self.ledger().note(document, bytes, rests);
        for document in closing {
            if let Some(room) = self.0.rooms.get(&document) {
                // A room with a full queue does not rest, and says so when it does again.
                let _ = room.try_send(RoomMessage::Close);
            }
        }
    }

    /// The document as stored; `None` if there is no such review.
    pub async fn read(&self, document: DocumentId) -> Result<Option<Reading>, StoreError> {
        if self.0.store.find_review(document).await?.is_none() {
            return Ok(None);
        }
        let (done, outcome) = oneshot::channel();
        self.send(document, RoomMessage::Read(done)).await;
        outcome.await.map_err(|_| closing())?.map(Some)
    }

    /// The document of a row's review, made when there is none.
    pub(super) async fn document(
        &self,
        organization: OrganizationId,
        project: ProjectId,
        object: ObjectRef,
        row_id: &str,
    ) -> Result<DocumentId, StoreError> {
        let (shared, row) = (&self.0, (object, row_id.to_owned()));
        if let Some(document) = shared.documents.get(&row) {
            return Ok(*document);
        }
        let key = shared.store.ensure_review(organization, project, object, row_id, shared.clock.now()).await?;
        if shared.documents.len() >= DOCUMENTS {
            shared.documents.clear();
        }
        shared.documents.insert(row, key.document);
        Ok(key.document)
    }

    /// Makes edits by the server's own replica; `true` when they changed something. Returns once they are durable.
    pub async fn write(&self, document: DocumentId, mut write: ServerWrite) -> Result<bool, WriteFailure> {
        let mut attempts = ATTEMPTS;
        loop {
            // Also after another server was faster: it may have brought the same.
            if let Some(feedback_id) = &write.feedback_id
                && self.0.store.feedback_seen(document, feedback_id).await?
            {
                return Ok(false);
            }
            write.request = RequestId(self.0.requests.fetch_add(1, Ordering::Relaxed));
            let (done, outcome) = oneshot::channel();
            self.send(document, RoomMessage::Write { write: Box::new(write.clone()), done }).await;
            let result = outcome.await.map_err(|_| WriteFailure::Store(closing()))?;
            attempts -= 1;
            match result {
                Err(WriteFailure::Store(StoreError::Repeated { feedback_id }))
                    if write.feedback_id.as_ref() == Some(&feedback_id) =>
                {
                    return Ok(false);
                }
                // Somebody else's replica or feedback, or another node, was in the way; the edits are judged anew on
                // what is stored.
                Err(WriteFailure::Store(
                    StoreError::Stale(_) | StoreError::ReplicaTaken { .. } | StoreError::Repeated { .. },
                )) if attempts > 0 => {}
                other => return other,
            }
        }
    }

    /// Hands a message to the room of a document, opening it if need be. Waits when the room's queue is full.
    pub(super) async fn send(&self, document: DocumentId, message: RoomMessage) {
        let open = self.0.rooms.get(&document).map(|room| room.clone());
        let sent = match open {
            Some(room) => room.try_send(message).map_err(TrySendError::into_inner),
            None => Err(message),
        };
        // Boxed, since every idle connection has room for this future in its own.
        if let Err(message) = sent {
            Box::pin(self.send_patiently(document, message)).await;
        }
    }

    async fn send_patiently(&self, document: DocumentId, mut message: RoomMessage) {
        loop {
            let room = self.0.rooms.entry(document).or_insert_with(|| self.start(document, Vec::new())).clone();
            match room.send(message).await {
                Ok(()) => return,
                // The room is closing; its task takes it off the map or puts a new one in its place at once.
                Err(mpsc::error::SendError(returned)) => message = returned,
            }
            tokio::task::yield_now().await;
        }
    }

    /// Tells the room of a document that a connection has left it, if it is open.
    pub(super) async fn leave(&self, document: DocumentId, connection: ConnectionId) {
        while let Some(room) = self.0.rooms.get(&document).map(|room| room.clone()) {
            if room.send(RoomMessage::Event(Event::Leave { connection })).await.is_ok() {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Starts the task of a room with `first` in its queue.
    fn start(&self, document: DocumentId, first: Vec<RoomMessage>) -> mpsc::Sender<RoomMessage> {
        let (sender, receiver) = mpsc::channel(ROOM_QUEUE.max(first.len()));
        for message in first {
            let queued = sender.try_send(message);
            debug_assert!(queued.is_ok(), "the queue is as long as what is put into it");
        }
        let hub = self.clone();
        tokio::spawn(async move {
            let ended = AssertUnwindSafe(room_task::run(hub.clone(), document, receiver)).catch_unwind().await;
            hub.ledger().forget(document);
            match ended {
                // Order within a connection must hold, so what came late goes first into the next room.
                Ok(rest) if !rest.is_empty() => {
                    let next = hub.start(document, rest);
                    hub.0.rooms.insert(document, next);
                }
                Ok(_) => hub.retire(document),
                Err(_) => {
                    tracing::error!(%document, "a room panicked; it is opened again on demand");
                    hub.retire(document);
                }
            }
        });
        sender
    }

    fn retire(&self, document: DocumentId) {
        self.0.rooms.remove_if(&document, |_, room| room.is_closed());
    }

    /// Tells every open room that the scores of a project have changed.
    async fn scores_changed(&self, project: ProjectId) {
        let Ok(scores) = self.scores(project).await else { return };
        let rooms: Vec<_> = self.0.rooms.iter().map(|room| room.value().clone()).collect();
        for room in rooms {
            // A room of another project ignores it; one that is closing will read them when it opens again.
            let _ = room.send(RoomMessage::Event(Event::ScoresChanged(project, scores.clone()))).await;
        }
    }

    /// The scores of a project.
    pub async fn scores(&self, project: ProjectId) -> Result<Arc<[Score]>, StoreError> {
        self.0.catalog.scores(project).await
    }

    /// Loads a document and opens its room; answers what it weighs as well.
    pub(super) async fn open(&self, document: DocumentId) -> Result<(Room, usize), StoreError> {
        let stored = self.stored(document).await?;
        let scores = self.scores(stored.key.project).await?;
        let automerge = load(&stored)?;
        let saved = stored.snapshot.as_ref().map_or(0, Vec::len) + stored.changes.iter().map(Vec::len).sum::<usize>();
        let stats = automerge.stats();
        let bytes = weight(saved, stats.num_changes as usize, stats.num_ops as usize);
        let room = Room::new(Opening {
            revision: stored.revision,
            snapshot_revision: stored.snapshot_revision,
            replicas: stored.replicas.into_iter().collect::<HashMap<_, _>>(),
            key: stored.key,
            document: automerge,
            scores,
            server_replica: self.0.server_replica.clone(),
        });
        Ok((room, bytes))
    }

    /// Loads a document again for a room that another server has overtaken.
    pub(super) async fn reload(&self, document: DocumentId) -> Result<Box<Reloaded>, StoreError> {
        let stored = self.stored(document).await?;
        Ok(Box::new(Reloaded {
            document: load(&stored)?,
            revision: stored.revision,
            snapshot_revision: stored.snapshot_revision,
            replicas: stored.replicas.into_iter().collect(),
        }))
    }

    async fn stored(&self, document: DocumentId) -> Result<StoredReview, StoreError> {
        let missing = || StoreError::Corrupt { what: "review", detail: format!("{document} does not exist") };
        self.0.store.load_review(document).await?.ok_or_else(missing)
    }

    /// The frame that carries a notice of the server's.
    pub(super) fn notice_frame(&self, target: &str, document: &str, notice: &Notice) -> Frame {
        Frame::Ephemeral {
            sender: SERVER_PEER.to_owned(),
            target: target.to_owned(),
            document: document.to_owned(),
            count: self.0.ephemerals.fetch_add(1, Ordering::Relaxed) + 1,
            session: format!("{}-{document}", self.0.session),
            data: notice.encode(),
        }
    }
}

fn closing() -> StoreError {
    StoreError::Unavailable("the review is being closed".into())
}

/// Builds the document from its snapshot and the changes after it, and holds its heads against the stored ones.
pub(crate) fn load(stored: &StoredReview) -> Result<Automerge, StoreError> {
    let document = stored.key.document;
    let damaged = |detail: String| StoreError::Corrupt { what: "review", detail: format!("{document}: {detail}") };
    let mut automerge = match &stored.snapshot {
        Some(snapshot) => review::load(snapshot).map_err(|error| damaged(error.to_string()))?,
        None => review::seed::seed(document),
    };
    if !stored.changes.is_empty() {
        automerge.load_incremental(&stored.changes.concat()).map_err(|error| damaged(error.to_string()))?;
    }
    let mut expected: Vec<ChangeHash> = stored.heads.iter().map(|head| ChangeHash(*head)).collect();
    expected.sort();
    let mut heads = automerge.get_heads();
    heads.sort();
    if stored.revision.0 > 0 && heads != expected {
        return Err(damaged("its heads are not the stored ones".into()));
    }
    Ok(automerge)
}
