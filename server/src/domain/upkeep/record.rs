//! Stored things as upkeep reads and writes them: columns, not meanings.

use std::collections::BTreeSet;

use concord_shared::ids::{DocumentId, MemberId, ObjectRef, OrganizationId, ProjectId, Revision, XactId};
use concord_shared::moment::Moment;
use concord_shared::review::state::ReviewStatus;

use crate::domain::line::{LoggedLine, Overlay};
use crate::domain::measure::RowScore;
use crate::domain::store::ReviewKey;

/// How much is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extent {
    /// Audit entries.
    pub entries: u64,
    /// Reviews.
    pub reviews: u64,
    /// Rows.
    pub rows: u64,
}

/// An audit entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRecord {
    /// Whose chain.
    pub project: ProjectId,
    /// Place in the chain.
    pub sequence: i64,
    /// The reviewed document.
    pub document: DocumentId,
    /// The container of the row.
    pub object: ObjectRef,
    /// The row.
    pub row_id: String,
    /// The document's revision that made it.
    pub revision: Revision,
    /// When.
    pub at: Moment,
    /// Who; `None`: the server.
    pub author: Option<MemberId>,
    /// For whom the server wrote.
    pub on_behalf_of: Option<String>,
    /// By which way.
    pub source: String,
    /// JSON Pointer of the fact.
    pub path: String,
    /// Before, as the JSON text that was hashed.
    pub from: String,
    /// After, as the JSON text that was hashed.
    pub to: String,
    /// Hash of the change.
    pub change_hash: Vec<u8>,
    /// What the writer said about it, as the JSON text that was hashed.
    pub metadata: Option<String>,
    /// Hash of the entry.
    pub hash: Vec<u8>,
    /// The change of that document and revision; `None`: there is none.
    pub change: Option<EntryChange>,
}

/// What an entry must have in common with its change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryChange {
    /// Its stored hash.
    pub hash: Vec<u8>,
    /// Its author.
    pub author: Option<MemberId>,
    /// For whom the server wrote.
    pub on_behalf_of: Option<String>,
    /// By which way.
    pub source: String,
    /// When it was stored.
    pub received_at: Moment,
}

/// A review without its changes.
#[derive(Debug, Clone)]
pub struct ReviewRecord {
    /// Its identity.
    pub key: ReviewKey,
    /// The organization of its project; `None`: there is no such project.
    pub project_organization: Option<OrganizationId>,
    /// Accepted changes.
    pub revision: Revision,
    /// Concatenated heads.
    pub heads: Vec<u8>,
    /// Word of its status.
    pub status: String,
    /// JSON text of its state.
    pub state: String,
    /// The document as of `snapshot_revision`.
    pub snapshot: Option<Vec<u8>>,
    /// What the snapshot contains.
    pub snapshot_revision: Revision,
    /// When its last change was stored; without one, when it was made.
    pub updated_at: Moment,
    /// Comments that are stored to speak of its row.
    pub comments: Vec<String>,
}

/// An accepted change.
#[derive(Debug, Clone)]
pub struct ChangeRecord {
    /// Its place in the document.
    pub revision: Revision,
    /// SHA-256, as stored beside the bytes.
    pub hash: Vec<u8>,
    /// Replica id.
    pub replica: Vec<u8>,
    /// Place among the replica's changes of this document.
    pub seq: u64,
    /// Who; `None`: the server.
    pub author: Option<MemberId>,
    /// For whom the server wrote.
    pub on_behalf_of: Option<String>,
    /// By which way.
    pub source: String,
    /// The writer's clock.
    pub client_time: Moment,
    /// Our clock.
    pub received_at: Moment,
    /// The change itself.
    pub bytes: Vec<u8>,
    /// To whom the replica id is bound; `None`: to nobody.
    pub binding: Option<Binding>,
}

/// Whose a replica id is stored to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    /// Its author; `None`: the server.
    pub author: Option<MemberId>,
    /// Whether the document and moment that it names are those of a first change of this replica.
    pub is_grounded: bool,
}

/// A row as logged.
#[derive(Debug, Clone)]
pub struct LoggedRecord {
    /// Identity within its object.
    pub id: String,
    /// Id of the span.
    pub span_id: String,
    /// Id of the trace.
    pub root_span_id: String,
    /// JSON array of the parents; `None`: a root.
    pub span_parents: Option<String>,
    /// When it was first written.
    pub created: Moment,
    /// Whether it is hidden.
    pub deleted: bool,
    /// JSON text of everything else.
    pub logged: String,
}

/// A row with what is stored beside it.
#[derive(Debug, Clone)]
pub struct RowRecord {
    /// Place in the order of pages.
    pub place: i64,
    /// The project of its object.
    pub project: ProjectId,
    /// Its object.
    pub object: ObjectRef,
    /// As logged.
    pub logged: LoggedRecord,
    /// What follows from it and its review, as stored.
    pub derived: DerivedRecord,
    /// Its review, if there is one.
    pub review: Option<RowReviewRecord>,
    /// Of rows whose former states are kept: the last one; `None`: there is none.
    pub version: Option<LoggedRecord>,
}

/// The review of a row.
#[derive(Debug, Clone)]
pub struct RowReviewRecord {
    /// Accepted changes.
    pub revision: Revision,
    /// JSON text of its state.
    pub state: String,
}

/// The derived columns of a row.
#[derive(Debug, Clone, PartialEq)]
pub struct DerivedRecord {
    /// Whether it is the root of its trace.
    pub is_root: bool,
    /// Name of the span.
    pub name: Option<String>,
    /// Kind of the span.
    pub kind: Option<String>,
    /// Model that it called.
    pub model: Option<String>,
    /// Seconds.
    pub duration: Option<f64>,
    /// Tokens.
    pub tokens: Option<i64>,
    /// Billionths of a dollar.
    pub cost: Option<i64>,
    /// Whether it logged an error.
    pub has_error: bool,
    /// Word of the review's status.
    pub status: String,
    /// JSON text of the line.
    pub line: String,
    /// JSON text of the overlay.
    pub overlay: Option<String>,
    /// What it adds to the counters, in the text form of `Counters`; `None`: what its line says.
    pub counted: Option<String>,
    /// Effective numbers with the word of their source, by name.
    pub scores: Vec<(String, f64, String)>,
    /// What is stored to be true of it, in any order; of another object than its own with a mark before it.
    pub labels: Vec<String>,
}

/// A trace: object and `root_span_id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceKey {
    /// The object.
    pub object: ObjectRef,
    /// The trace within it.
    pub root_span_id: String,
}

/// Sums over the spans of a trace that are not deleted; tokens and cost over its model calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TraceSums {
    /// Spans.
    pub spans: i64,
    /// Spans with an error.
    pub errors: i64,
    /// Tokens.
    pub tokens: i64,
    /// Billionths of a dollar.
    pub cost: i64,
}

/// A trace as stored and as its rows say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceRecord {
    /// Which.
    pub key: TraceKey,
    /// As stored, with the last transaction; `None`: not at all.
    pub stored: Option<(TraceSums, XactId)>,
    /// As the rows add up.
    pub counted: TraceSums,
    /// The last transaction that wrote one of its rows; `None`: it has no rows.
    pub last: Option<XactId>,
}

/// One counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterRecord {
    /// Of which object.
    pub object: ObjectRef,
    /// Text of its key.
    pub key: String,
    /// Its value.
    pub value: i64,
}

/// The derived part of a review.
#[derive(Debug, Clone)]
pub struct ReviewMend {
    /// Which review.
    pub key: ReviewKey,
    /// Word of its status.
    pub status: ReviewStatus,
    /// JSON text of its state.
    pub state: String,
    /// A snapshot in place of the stored one, and its revision; `None`: the stored one stays.
    pub snapshot: Option<(Vec<u8>, Revision)>,
    /// Its comments.
    pub comments: Vec<String>,
}

/// The derived part of a row.
#[derive(Debug, Clone)]
pub struct RowMend {
    /// [`RowRecord::place`].
    pub place: i64,
    /// Its object.
    pub object: ObjectRef,
    /// Whether it is the root of its trace.
    pub is_root: bool,
    /// From what was logged.
    pub line: LoggedLine,
    /// From its review.
    pub overlay: Option<Overlay>,
    /// Where the review stands.
    pub status: ReviewStatus,
    /// What it adds to the counters; `None`: what its line says.
    pub counted: Option<String>,
    /// Effective numbers.
    pub scores: Vec<RowScore>,
    /// What is true of it.
    pub labels: BTreeSet<String>,
}

/// Sums of a trace.
#[derive(Debug, Clone)]
pub struct TraceMend {
    /// Which.
    pub key: TraceKey,
    /// Its sums.
    pub sums: TraceSums,
    /// At least the last transaction of its rows.
    pub xact: XactId,
}
