//! Looking after what is stored: holding every stored thing against what it follows from, and making anew what can be
//! thrown away. Rules only; the database is behind [`Inspect`] and [`Mend`].
//!
//! | stored | follows from |
//! | --- | --- |
//! | an audit entry's hash | the entry and the one before it |
//! | an audit entry | its change, replayed |
//! | a review's heads, state, status, snapshot | its seed and its changes |
//! | a row's line, overlay, scores, labels and counted values | what was logged, its review, the project's scores |
//! | the last version of a dataset's row | the row and its review; former ones follow from nothing that is still there |
//! | sums of a trace, counters of an object | its rows |

mod chain;
mod derive;
mod finding;
mod rebuild;
mod record;
mod replay;
mod verify;

use async_trait::async_trait;
use concord_shared::ids::{DocumentId, ObjectRef, ProjectId, Revision};
use concord_shared::metric::Counters;
use concord_shared::score::Score;

pub use self::chain::Tip;
pub use self::finding::{Finding, Flaw, Place, Stop, hex};
pub use self::rebuild::{Rebuilt, Witness, rebuild};
pub use self::record::{
    Binding, ChangeRecord, CounterRecord, DerivedRecord, EntryChange, EntryRecord, Extent, LoggedRecord, ReviewMend,
    ReviewRecord, RowMend, RowRecord, RowReviewRecord, TraceKey, TraceMend, TraceRecord, TraceSums,
};
pub use self::verify::{Summary, verify};
use super::store::StoreError;

/// Everything that is stored, as of one moment, whether or not a server is writing.
///
/// Read in pages of at most `limit`, each after the last item of the page before it, in an order of the store's choice
/// that stays the same: what is held in memory does not grow with the database. Texts and hashes come as they are
/// stored, so that whoever reads them can say what is wrong with them.
#[async_trait]
pub trait Inspect: Send {
    /// What the database itself finds wrong with its files, in words; `None`: nothing, or it cannot tell.
    async fn damage(&mut self) -> Result<Option<String>, StoreError>;

    /// Something stored that belongs to nothing, in words: a score without its row in that object, a change or an entry without its
    /// review, a comment's place or a replica's binding without either, a version without its row. `None`: there is none.
    async fn stray(&mut self) -> Result<Option<String>, StoreError>;

    /// How much there is, for progress.
    async fn extent(&mut self) -> Result<Extent, StoreError>;

    /// Every project, deleted ones included.
    async fn projects(&mut self, after: Option<ProjectId>, limit: u32) -> Result<Vec<ProjectId>, StoreError>;

    /// The scores of a project, as the writers of derived rows read them.
    async fn scores(&mut self, project: ProjectId) -> Result<Vec<Score>, StoreError>;

    /// The audit chain of a project by sequence, each entry with what is stored of its change.
    async fn chain(&mut self, project: ProjectId, after: i64, limit: u32) -> Result<Vec<EntryRecord>, StoreError>;

    /// Reviews by document id.
    async fn reviews(&mut self, after: Option<DocumentId>, limit: u32) -> Result<Vec<ReviewRecord>, StoreError>;

    /// Changes of a document by revision.
    async fn changes(
        &mut self,
        document: DocumentId,
        after: Revision,
        limit: u32,
    ) -> Result<Vec<ChangeRecord>, StoreError>;

    /// Audit entries of a document whose revision is above `after` and at most `last`, by revision, then sequence.
    async fn entries(
        &mut self,
        document: DocumentId,
        after: Revision,
        last: Revision,
    ) -> Result<Vec<EntryRecord>, StoreError>;

    /// The row that a comment is stored to speak of.
    async fn comment_row(&mut self, object: ObjectRef, comment: &str) -> Result<Option<String>, StoreError>;

    /// All rows, deleted ones included, by [`RowRecord::place`], from 0.
    async fn rows(&mut self, after: i64, limit: u32) -> Result<Vec<RowRecord>, StoreError>;

    /// Traces that are stored or that rows speak of, each with its sums as stored and as its rows add up.
    async fn traces(&mut self, after: Option<&TraceKey>, limit: u32) -> Result<Vec<TraceRecord>, StoreError>;

    /// Counters of all objects, those of one object together.
    async fn counters(
        &mut self,
        after: Option<&(ObjectRef, String)>,
        limit: u32,
    ) -> Result<Vec<CounterRecord>, StoreError>;
}

/// Writing anew what is derived. Everything happens in one transaction that nobody else writes beside; it sees what it
/// has written itself. Without [`Mend::finish`] nothing of it is kept, so an interrupted rebuild has changed nothing.
#[async_trait]
pub trait Mend: Inspect {
    /// Writes the derived part of reviews, and remembers of which row their comments speak.
    async fn mend_reviews(&mut self, reviews: &[ReviewMend]) -> Result<(), StoreError>;

    /// Writes the derived part of rows, their scores and labels in place of the stored ones.
    async fn mend_rows(&mut self, rows: &[RowMend]) -> Result<(), StoreError>;

    /// Writes sums of traces.
    async fn mend_traces(&mut self, traces: &[TraceMend]) -> Result<(), StoreError>;

    /// Writes the counters of an object in place of all that are stored of it.
    async fn mend_counters(&mut self, object: ObjectRef, counters: &Counters) -> Result<(), StoreError>;

    /// Deletes derived things that belong to nothing: scores and labels without their row in that object. Returns how many there were.
    async fn sweep(&mut self) -> Result<u64, StoreError>;

    /// Makes everything durable.
    async fn finish(self: Box<Self>) -> Result<(), StoreError>;
}
