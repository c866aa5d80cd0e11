//! What the domain needs of a database. Coarse methods, no transaction in any signature; an implementation is SQL and
//! nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use concord_shared::ids::{
    ConnectionId, DocumentId, MemberId, ObjectRef, ObjectType, OrganizationId, ProjectId, Reviewer, Revision, XactId,
};
use concord_shared::metric::{Counters, Extremes};
use concord_shared::moment::Moment;
use concord_shared::review::state::ReviewState;
use concord_shared::row::RowWrite;
use serde::Serialize;
use serde_json::Value;

use super::account::AccountStore;
use super::account::keys::KeyStore;
use super::attachment::AttachmentStore;
use super::logged_row::LoggedRow;
use super::notice::NotificationStore;
use super::object::ObjectStore;
use super::project::ProjectStore;
use super::project::tag::TagStore;
use super::rows::RowStore;
use super::search::SearchStore;
use super::view::ViewStore;
use super::webhook::WebhookStore;

/// Why the database did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Clashes with what is stored; names the thing in words, such as "a project of that name".
    #[error("{what} exists already")]
    Conflict {
        /// The thing that exists.
        what: &'static str,
    },
    /// The review has moved on since it was read: read what is new, judge again, retry.
    #[error("the review is at revision {0:?}")]
    Stale(Revision),
    /// A replica id belongs to somebody else.
    #[error("the replica id belongs to another author")]
    ReplicaTaken {
        /// The replica id.
        replica: Vec<u8>,
        /// Its author; `None`: the server.
        owner: Option<MemberId>,
    },
    /// Feedback of this id is stored in the review already (rule R8).
    #[error("feedback {feedback_id:?} is stored already")]
    Repeated {
        /// The client-made id.
        feedback_id: String,
    },
    /// Cannot read or write now: disk full, read-only, locked, gone. Nothing was stored.
    #[error("storage is not available: {0}")]
    Unavailable(String),
    /// The answer to a commit was lost, such as with the connection to the database: it may be stored or not. Whoever must
    /// know reads what is stored.
    #[error("storage did not say whether it has stored this: {0}")]
    Uncertain(String),
    /// What is stored makes no sense.
    #[error("stored {what} is damaged: {detail}")]
    Corrupt {
        /// What was read.
        what: &'static str,
        /// What is wrong with it.
        detail: String,
    },
}

/// By which way a judgement came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A member in the app or another automerge client.
    App,
    /// The API, with a member's key.
    Api,
    /// An end user, through feedback.
    External,
    /// The server itself: the maps it prepares for a reviewer.
    Server,
}

impl Source {
    /// The word in JSON and SQL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Api => "api",
            Self::External => "external",
            Self::Server => "server",
        }
    }
}

/// The identity of a review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewKey {
    /// Primary key and document id.
    pub document: DocumentId,
    /// Whose.
    pub organization: OrganizationId,
    /// The project whose scores are asked and whose audit chain records it.
    pub project: ProjectId,
    /// The container of the reviewed row.
    pub object: ObjectRef,
    /// The reviewed row.
    pub row_id: String,
}

/// A review as stored: what a room needs to open it.
#[derive(Debug, Clone)]
pub struct StoredReview {
    /// Which.
    pub key: ReviewKey,
    /// How many changes were accepted.
    pub revision: Revision,
    /// Heads of the document at that revision; empty at revision 0, where the seed is all there is.
    pub heads: Vec<[u8; 32]>,
    /// The document as of `snapshot_revision`; absent: the seed.
    pub snapshot: Option<Vec<u8>>,
    /// What the snapshot contains.
    pub snapshot_revision: Revision,
    /// Accepted changes after the snapshot, in order.
    pub changes: Vec<Vec<u8>>,
    /// Who owns the replica ids seen in this document; `None`: the server.
    pub replicas: Vec<(Vec<u8>, Option<MemberId>)>,
}

/// One accepted change, ready to be stored.
#[derive(Debug, Clone)]
pub struct NewChange {
    /// SHA-256 of the change.
    pub hash: [u8; 32],
    /// Replica id.
    pub replica: Vec<u8>,
    /// Its place among the replica's changes of this document.
    pub seq: u64,
    /// To whom the replica is bound; `None`: the server.
    pub author: Option<MemberId>,
    /// For whom the server wrote.
    pub on_behalf_of: Option<Reviewer>,
    /// By which way it came.
    pub source: Source,
    /// The connection that brought it.
    pub connection: Option<ConnectionId>,
    /// The writer's clock.
    pub client_time: Moment,
    /// Our clock.
    pub received_at: Moment,
    /// The change itself.
    pub bytes: Vec<u8>,
    /// What it made visible.
    pub facts: Vec<NewFact>,
    /// What the writer said about it (feedback metadata).
    pub metadata: Option<Value>,
    /// The client-made id of the feedback that this change carries; a second one of the same id changes nothing (rule R8).
    pub feedback_id: Option<String>,
}

/// One visible fact of a change.
#[derive(Debug, Clone, PartialEq)]
pub struct NewFact {
    /// JSON pointer into the review state.
    pub path: String,
    /// Before; null when there was nothing.
    pub from: Value,
    /// After; null when there is nothing.
    pub to: Value,
}

/// A refused change, kept as evidence.
#[derive(Debug, Clone)]
pub struct NewRefusal {
    /// SHA-256 of the change.
    pub hash: [u8; 32],
    /// Whose connection brought it.
    pub member: Option<MemberId>,
    /// The connection.
    pub connection: Option<ConnectionId>,
    /// For machines.
    pub code: String,
    /// For people.
    pub reason: String,
    /// The change, cut to 64 KiB.
    pub bytes: Vec<u8>,
    /// When.
    pub at: Moment,
}

/// Changes of one document that become durable together, with everything that follows from them (rules R2, R3, R4, R5).
#[derive(Debug, Clone)]
pub struct ReviewCommit {
    /// Which review.
    pub key: ReviewKey,
    /// The revision that the changes were judged against; a newer stored one makes the commit [`StoreError::Stale`].
    pub base: Revision,
    /// Accepted changes in order; the first becomes revision `base + 1`.
    pub changes: Vec<NewChange>,
    /// Refused ones.
    pub refusals: Vec<NewRefusal>,
    /// Heads after the last change.
    pub heads: Vec<[u8; 32]>,
    /// The document after the last change, read.
    pub state: Box<ReviewState>,
    /// The whole document, when it is time for a snapshot.
    pub snapshot: Option<Vec<u8>>,
    /// Our clock.
    pub at: Moment,
}

/// An entry of a review's history.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct HistoryEntry {
    /// Place in the project's audit chain.
    pub id: String,
    /// The document's revision that made it.
    pub revision: u64,
    /// When the server stored it.
    pub at: Moment,
    /// Who is answerable: the author of the change.
    pub actor: HistoryActor,
    /// For whom the server wrote, when it was not the author.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = HistoryActor, required = false)]
    pub on_behalf_of: Option<HistoryActor>,
    /// By which way.
    pub source: String,
    /// JSON pointer into the review state.
    pub path: String,
    /// Before.
    pub from: Value,
    /// After.
    pub to: Value,
    /// Hash of the change, in hex.
    pub hash: String,
    /// What the writer said about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
}

/// A person, an end user or the server, by key and shown name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct HistoryActor {
    /// Reviewer key, or `server`.
    pub id: String,
    /// Shown name.
    pub name: String,
}

/// Rows of one request.
#[derive(Debug, Clone)]
pub struct RowsCommit {
    /// The project of the container: its scores decide what is derived.
    pub project: ProjectId,
    /// The container.
    pub object: ObjectRef,
    /// What to write, in order.
    pub writes: Vec<RowWrite>,
    /// One for each of them. Only [`Self::new`] makes it, so that none can be missing.
    logged: Vec<Option<LoggedRow>>,
}

impl RowsCommit {
    /// Prepares the rows; takes some microseconds for each.
    pub fn new(project: ProjectId, object: ObjectRef, writes: Vec<RowWrite>) -> Self {
        Self { project, object, logged: writes.iter().map(LoggedRow::of_write).collect(), writes }
    }

    /// The writes in order, each with its row in the form in which it is stored, where that does not depend on what is stored.
    pub fn prepared(&self) -> impl Iterator<Item = (&RowWrite, Option<&LoggedRow>)> {
        self.writes.iter().zip(self.logged.iter().map(Option::as_ref))
    }
}

/// Rows whose derived values may depend on the configuration of scores, from one place on.
#[derive(Debug, Clone, Copy)]
pub struct Rederive {
    /// The project whose scores have changed.
    pub project: ProjectId,
    /// The container.
    pub object: ObjectRef,
    /// Where the step before ended; 0 begins.
    pub after: i64,
}

/// One thing that becomes durable as a whole.
#[derive(Debug, Clone)]
pub enum Commit {
    /// Changes of one review.
    Review(Box<ReviewCommit>),
    /// Rows of one request.
    Rows(RowsCommit),
    /// A step in bringing the rows of an object in line with changed scores.
    Rederive(Rederive),
}

/// What a commit led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Committed {
    /// The changes of a review are stored.
    Review,
    /// The rows are stored under this transaction id.
    Rows(XactId),
    /// The step is done; the next one begins after this row. `None`: all rows are in line.
    Rederived(Option<i64>),
}

/// The outcome of a batch that is durable.
#[derive(Debug)]
pub struct Batch {
    /// One for each commit, in order. A refused commit has left no trace; the others are stored.
    pub results: Vec<Result<Committed, StoreError>>,
    /// How the counters of each object have moved (rule R5).
    pub deltas: Vec<(ObjectRef, Counters)>,
    /// Grows by one with every batch: tells whether a snapshot of the counters contains these deltas.
    pub sequence: i64,
}

/// The one way in which rows and reviews are written.
#[async_trait]
pub trait CommitStore: Send + Sync {
    /// Stores a batch in one transaction with one sync. `Err`: nothing of it is stored. Shared, so that a store may hand it to
    /// a thread of its own while the caller keeps it for another try.
    async fn commit(&self, batch: Arc<[Commit]>, now: Moment) -> Result<Batch, StoreError>;

    /// The last transaction id given out: everything acknowledged so far is in it or before it.
    async fn last_xact(&self) -> Result<XactId, StoreError>;
}

/// Review documents and their derived state.
#[async_trait]
pub trait ReviewStore: Send + Sync {
    /// The review of a row; made when there is none yet.
    async fn ensure_review(
        &self,
        organization: OrganizationId,
        project: ProjectId,
        object: ObjectRef,
        row_id: &str,
        now: Moment,
    ) -> Result<ReviewKey, StoreError>;

    /// Which review a document is, or `None`.
    async fn find_review(&self, document: DocumentId) -> Result<Option<ReviewKey>, StoreError>;

    /// Everything that a room needs, or `None` if the document was never made.
    async fn load_review(&self, document: DocumentId) -> Result<Option<StoredReview>, StoreError>;

    /// How many changes of a document are stored, or `None` if it was never made. Asked only where [`Store::is_shared`].
    async fn revision(&self, document: DocumentId) -> Result<Option<Revision>, StoreError> {
        Ok(self.load_review(document).await?.map(|review| review.revision))
    }

    /// Whether this feedback has been stored already.
    async fn feedback_seen(&self, document: DocumentId, feedback_id: &str) -> Result<bool, StoreError>;

    /// Facts of a document, oldest first, after the entry `after`.
    async fn history(&self, document: DocumentId, after: i64, limit: u32) -> Result<Vec<HistoryEntry>, StoreError>;

    /// Stores a snapshot unless a newer one is stored; deletes nothing.
    async fn save_snapshot(&self, document: DocumentId, revision: Revision, bytes: Vec<u8>) -> Result<(), StoreError>;
}

/// Counters of an object as of a batch.
#[derive(Debug, Clone)]
pub struct MetricSnapshot {
    /// Exact counts and sums.
    pub counters: Counters,
    /// Smallest and largest effective number of each score.
    pub extremes: Extremes,
    /// The last batch that is in them.
    pub sequence: i64,
}

/// Numbers of rows by where their review stands, and of those that wait for each member, by kind of object.
pub type ReviewCounts = BTreeMap<ObjectType, Counters>;

/// What dashboards read.
#[async_trait]
pub trait MetricStore: Send + Sync {
    /// Everything about an object, of one moment.
    async fn metrics(&self, object: ObjectRef) -> Result<MetricSnapshot, StoreError>;

    /// How far reviews of a project have come, by kind of object; deleted experiments and datasets do not count.
    async fn review_counts(&self, project: ProjectId) -> Result<ReviewCounts, StoreError>;
}

/// Everything that the server needs of a database.
#[async_trait]
pub trait Store:
    AccountStore
    + KeyStore
    + ProjectStore
    + ObjectStore
    + TagStore
    + AttachmentStore
    + ViewStore
    + WebhookStore
    + RowStore
    + SearchStore
    + ReviewStore
    + CommitStore
    + MetricStore
    + NotificationStore
    + 'static
{
    /// Whether other servers may write to the same database, so that what is in memory may be older than what is stored.
    fn is_shared(&self) -> bool {
        false
    }

    /// Ends its connections and gives the database free for the next server. Everything durable is so already.
    async fn close(&self);
}
