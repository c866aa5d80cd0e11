//! What the domain needs of a database to read rows. Writing goes through the committer.

use std::collections::BTreeMap;

use async_trait::async_trait;
use concord_shared::ids::{DocumentId, MemberId, ObjectRef, OrganizationId, ProjectId, Revision, XactId};
use concord_shared::metric::{Counters, Extremes};
use concord_shared::moment::Moment;
use concord_shared::review::state::ReviewState;
use concord_shared::row::Row;
use serde_json::{Map, Value};

use super::line::{LoggedLine, Overlay};
use super::store::StoreError;

/// A row as lists show it.
#[derive(Debug, Clone)]
pub struct RowLine {
    /// Identity within its object.
    pub id: String,
    /// Place in the trace.
    pub spans: concord_shared::row::Spans,
    /// When it was first written.
    pub created: Moment,
    /// From what was logged.
    pub line: LoggedLine,
    /// From its review.
    pub overlay: Option<Overlay>,
    /// Its review's document.
    pub document: Option<DocumentId>,
}

/// A trace as lists show it: its root, and sums over its spans.
#[derive(Debug, Clone)]
pub struct TraceLine {
    /// The root span.
    pub root: RowLine,
    /// The root's place in the order of creation; breaks ties.
    pub place: i64,
    /// Spans that are not deleted.
    pub spans: i64,
    /// Spans that logged an error.
    pub errors: i64,
    /// Tokens of its model calls.
    pub tokens: Option<i64>,
    /// US dollars of its model calls.
    pub cost: Option<f64>,
    /// A model that it called.
    pub model: Option<String>,
}

/// Where a page of traces begins: after this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceKey {
    /// When the root was made.
    pub created: Moment,
    /// Breaks ties.
    pub place: i64,
}

/// Order of traces by the time their root was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As inboxes have it.
    Newest,
    /// As histories have it.
    Oldest,
}

/// One trace with its spans and its neighbours.
#[derive(Debug, Clone)]
pub struct TraceDetail {
    /// By time of creation.
    pub spans: Vec<RowLine>,
    /// Whether there are more than were asked for.
    pub truncated: bool,
    /// Trace above it, newest first.
    pub previous: Option<String>,
    /// Trace below it.
    pub next: Option<String>,
    /// 1 is the newest; 0 for a trace whose root has not arrived.
    pub position: i64,
}

/// A whole row with its review.
#[derive(Debug, Clone)]
pub struct FullRow {
    /// As logged.
    pub row: Row,
    /// The transaction that last wrote it or its review.
    pub xact: XactId,
    /// Its review, if there is one.
    pub review: Option<RowReview>,
}

/// The review of a row.
#[derive(Debug, Clone)]
pub struct RowReview {
    /// Its document.
    pub document: DocumentId,
    /// Accepted changes.
    pub revision: Revision,
    /// What it says.
    pub state: ReviewState,
}

/// What one trace of an experiment came to, by its root.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcome {
    /// The root's fields as logged; empty unless they were asked for.
    pub logged: Map<String, Value>,
    /// Effective numbers, by name: see [`trace_scores`].
    pub scores: Vec<(String, f64)>,
    /// Seconds.
    pub duration: Option<f64>,
    /// Of the root if it says so, else of the trace's model calls.
    pub tokens: Option<i64>,
    /// US dollars, likewise.
    pub cost: Option<f64>,
}

impl Outcome {
    /// Its scores, from those of its spans: see [`trace_scores`].
    pub fn take_scores(&mut self, scores: impl IntoIterator<Item = (bool, String, f64)>) {
        self.scores = trace_scores(scores);
    }
}

/// The scores of a trace, from those of its spans in any order (whether it is the root, name, number): what its root shows,
/// which is where people judge; where the root shows none, the mean of its spans, since `Eval` scores in spans of their own.
pub fn trace_scores(scores: impl IntoIterator<Item = (bool, String, f64)>) -> Vec<(String, f64)> {
    let mut sums: BTreeMap<String, (bool, f64, f64)> = BTreeMap::new();
    for (is_root, name, value) in scores {
        let (of_root, sum, count) = sums.entry(name).or_default();
        if is_root && !*of_root {
            (*of_root, *sum, *count) = (true, value, 1.0);
        } else if is_root == *of_root {
            (*sum, *count) = (*sum + value, *count + 1.0);
        }
    }
    sums.into_iter().map(|(name, (_, sum, count))| (name, sum / count)).collect()
}

/// Numbers of a project for the overview.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ProjectNumbers {
    /// Roots of traces.
    pub traces: i64,
    /// Among them, those made since the moment that was asked for.
    pub traces_since: i64,
    /// Rows that wait for a review.
    pub awaiting: i64,
    /// Rows that somebody reviews.
    pub in_progress: i64,
    /// Rows that were reviewed.
    pub complete: i64,
    /// When the newest trace was made.
    pub last_activity: Option<Moment>,
}

/// A fetch ends with the trace, or row, that makes it longer than this: what a client and we can hold at once, in bytes of
/// logged JSON.
pub const FETCH_BYTES: usize = 32 << 20;

/// Reading rows, traces and metrics.
#[async_trait]
pub trait RowStore: Send + Sync {
    /// Roots of traces, at most `limit`, after `after`.
    async fn traces(
        &self,
        object: ObjectRef,
        order: Order,
        after: Option<TraceKey>,
        limit: u32,
    ) -> Result<Vec<TraceLine>, StoreError>;

    /// Outcomes of traces, oldest first, at most `limit`, after `after`; with what their roots logged if `whole`.
    async fn outcomes(
        &self,
        object: ObjectRef,
        after: Option<TraceKey>,
        limit: u32,
        whole: bool,
    ) -> Result<Vec<(TraceKey, Outcome)>, StoreError>;

    /// Effective numbers of these traces by name, as [`trace_scores`] says; traces that show none are left out.
    async fn trace_scores(
        &self,
        object: ObjectRef,
        roots: &[String],
    ) -> Result<BTreeMap<String, Vec<(String, f64)>>, StoreError>;

    /// One trace; `None` when no span of it is stored.
    async fn trace(&self, object: ObjectRef, root_span_id: &str, limit: u32)
    -> Result<Option<TraceDetail>, StoreError>;

    /// One row that is not deleted.
    async fn row(&self, object: ObjectRef, id: &str) -> Result<Option<FullRow>, StoreError>;

    /// Stored rows of these ids, for the judgement of later writes; unknown ones are left out.
    async fn rows(&self, object: ObjectRef, ids: &[String]) -> Result<BTreeMap<String, FullRow>, StoreError>;

    /// Those of these rows that have a review; a row may come after its review.
    async fn reviewed(&self, object: ObjectRef, ids: &[String]) -> Result<Vec<String>, StoreError>;

    /// Places of rows of these ids in the order of arrival, deleted ones included; unknown ones are left out.
    async fn places(&self, object: ObjectRef, ids: &[String]) -> Result<BTreeMap<String, i64>, StoreError>;

    /// Finds a row by its id, else by `span_id`, else the root of a trace.
    async fn locate(&self, object: ObjectRef, text: &str) -> Result<Option<RowLine>, StoreError>;

    /// The most recently written traces, whole, at most `limit` of them, strictly before the trace `before`.
    async fn fetch(
        &self,
        object: ObjectRef,
        before: Option<(XactId, String)>,
        limit: u32,
    ) -> Result<Fetched, StoreError>;

    /// All rows of one trace, each with its place, in the order of [`Self::fetch`].
    async fn whole_trace(&self, object: ObjectRef, root_span_id: &str) -> Result<Vec<(i64, FullRow)>, StoreError>;

    /// Traces that have a span of that id.
    async fn traces_of_span(&self, object: ObjectRef, span_id: &str) -> Result<Vec<String>, StoreError>;

    /// Rows of a dataset as they were after the transaction `as_of`, the most recently written first, at most `limit` of them,
    /// strictly before the row `before` of that transaction. Rows come with what their reviews had corrected by then, and
    /// without their reviews.
    async fn versions(
        &self,
        object: ObjectRef,
        as_of: XactId,
        before: Option<(XactId, String)>,
        limit: u32,
    ) -> Result<Fetched, StoreError>;

    /// The row that a comment speaks of.
    async fn comment_row(&self, object: ObjectRef, comment: &str) -> Result<Option<String>, StoreError>;

    /// Counters of an object.
    async fn counters(&self, object: ObjectRef) -> Result<Counters, StoreError>;

    /// Smallest and largest effective number of each score.
    async fn extremes(&self, object: ObjectRef) -> Result<Extremes, StoreError>;

    /// Numbers of one project.
    async fn project_numbers(&self, project: ProjectId, since: Moment) -> Result<ProjectNumbers, StoreError>;

    /// Names of members, removed ones included.
    async fn member_names(&self, organization: OrganizationId) -> Result<BTreeMap<MemberId, String>, StoreError>;
}

/// A page of whole traces.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// All rows of the traces, most recently written trace first.
    pub rows: Vec<FullRow>,
    /// The traces in their order, with the transaction that last touched each; none where versions of rows were asked for.
    pub traces: Vec<(XactId, String)>,
    /// The last trace on the page, when there may be more.
    pub last: Option<(XactId, String)>,
}
