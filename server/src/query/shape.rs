//! Lines of lists as JSON.

use std::collections::BTreeMap;

use concord_shared::ids::{DocumentId, MemberId, ObjectType};
use concord_shared::moment::Moment;
use concord_shared::review::effective::{ASSIGNMENTS, REVIEW_LISTS};
use concord_shared::review::state::ReviewStatus;
use concord_shared::score::Score;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::line::{Judged, LoggedLine, Overlay, PREVIEW_CHARS};
use crate::domain::measure::{self, shown_scores};
use crate::domain::rows::{FullRow, RowLine, TraceDetail, TraceLine};
use crate::domain::{preview, version};

/// A row in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RowLine)]
pub struct Line {
    id: String,
    span_id: String,
    root_span_id: String,
    is_root: bool,
    created: Moment,
    #[schema(required)]
    name: Option<String>,
    #[schema(required)]
    kind: Option<String>,
    #[schema(required)]
    model: Option<String>,
    #[schema(required)]
    input_preview: Option<String>,
    #[schema(required)]
    output_preview: Option<String>,
    /// Seconds.
    #[schema(required)]
    duration: Option<f64>,
    #[schema(required)]
    tokens: Option<i64>,
    /// US dollars.
    #[schema(required)]
    cost: Option<f64>,
    #[schema(required)]
    error: Option<String>,
    /// Effective values.
    scores: BTreeMap<String, Option<f64>>,
    human: Vec<Judged>,
    tags: Vec<String>,
    review: ReviewLine,
}

/// The review of a row in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReviewLine)]
struct ReviewLine {
    #[schema(required)]
    document_id: Option<DocumentId>,
    status: ReviewStatus,
    reviewers: Vec<MemberId>,
    comments: u32,
    assignees: Vec<MemberId>,
}

/// A trace in a list: its root, and sums over its spans.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TraceLine)]
pub struct ListedTrace {
    #[serde(flatten)]
    line: Line,
    spans: i64,
    errors: i64,
}

/// A span of a trace.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SpanLine)]
pub struct Span {
    #[serde(flatten)]
    line: Line,
    span_parents: Vec<String>,
    /// Unix seconds.
    #[schema(required)]
    start: Option<f64>,
    #[schema(required)]
    end: Option<f64>,
    order: i64,
}

/// A trace with its spans.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TraceDetail)]
pub struct Trace {
    root_span_id: String,
    spans: Vec<Span>,
    truncated: bool,
    #[schema(required)]
    previous: Option<String>,
    #[schema(required)]
    next: Option<String>,
    position: i64,
    total: i64,
}

impl Line {
    fn of(row: RowLine, configured: &[Score]) -> Self {
        // Without a review a row shows what it logged, and what follows from it.
        let unreviewed = row.overlay.is_none().then(|| shown_scores(&row.line, configured));
        let LoggedLine {
            name, kind, model, input_preview, output_preview, duration, tokens, cost, error, tags, ..
        } = row.line;
        let overlay = row.overlay.unwrap_or_else(|| Overlay { tags, ..Overlay::default() });
        Self {
            id: row.id,
            is_root: row.spans.span_parents.is_empty(),
            span_id: row.spans.span_id,
            root_span_id: row.spans.root_span_id,
            created: row.created,
            name,
            kind,
            model,
            input_preview,
            output_preview,
            duration,
            tokens,
            cost,
            error,
            scores: unreviewed.unwrap_or(overlay.scores),
            human: overlay.human,
            tags: overlay.tags,
            review: ReviewLine {
                document_id: row.document,
                status: overlay.status,
                reviewers: overlay.reviewers,
                comments: overlay.comments,
                assignees: overlay.assignees,
            },
        }
    }
}

impl ListedTrace {
    /// A root seldom knows what its model calls took; then it shows their sums.
    pub fn of(trace: TraceLine, configured: &[Score]) -> Self {
        let mut line = Line::of(trace.root, configured);
        line.tokens = line.tokens.or(trace.tokens);
        line.cost = line.cost.or(trace.cost);
        line.model = line.model.or(trace.model);
        Self { line, spans: trace.spans, errors: trace.errors }
    }

    /// Its root.
    pub fn id(&self) -> &str {
        &self.line.id
    }

    /// Its trace.
    pub fn root_span_id(&self) -> &str {
        &self.line.root_span_id
    }

    /// Shows the scores of its spans that its root does not show itself.
    pub fn add_scores(&mut self, scores: Vec<(String, f64)>) {
        for (name, value) in scores {
            self.line.scores.entry(name).or_insert(Some(value));
        }
    }
}

impl Span {
    /// Of a whole row.
    pub fn of_row(full: &FullRow, configured: &[Score]) -> Self {
        let line = LoggedLine::of(&full.row);
        let state = full.review.as_ref().map(|review| &review.state);
        let overlay = measure::derive(&line, full.row.is_root(), full.row.deleted, state, configured).overlay;
        let document = full.review.as_ref().map(|review| review.document);
        let (id, spans, created) = (full.row.id.clone(), full.row.spans.clone(), full.row.created);
        Self::of(RowLine { id, spans, created, line, overlay, document }, configured)
    }

    fn of(row: RowLine, configured: &[Score]) -> Self {
        let span_parents = row.spans.span_parents.clone();
        let (start, end, order) = (row.line.start, row.line.end, row.line.order);
        Self { line: Line::of(row, configured), span_parents, start, end, order }
    }
}

impl Trace {
    /// Shapes a trace; `total` is the number of traces of its object.
    pub fn new(root_span_id: String, detail: TraceDetail, total: i64, configured: &[Score]) -> Self {
        Self {
            root_span_id,
            spans: detail.spans.into_iter().map(|row| Span::of(row, configured)).collect(),
            truncated: detail.truncated,
            previous: detail.previous,
            next: detail.next,
            position: detail.position,
            total,
        }
    }
}

/// What a record of a dataset shows in a list beyond what a trace does: nothing of it ran, so what it holds is what matters.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecordLine)]
pub struct RecordLine {
    /// Beginning of what is expected, corrections of reviewers included.
    #[schema(required)]
    expected_preview: Option<String>,
    /// Beginning of its metadata, as JSON.
    #[schema(required)]
    metadata_preview: Option<String>,
    /// The row that it came from.
    #[schema(required)]
    origin: Option<RecordOrigin>,
}

/// Where a record came from.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RecordOrigin {
    object_type: ObjectType,
    object_id: Uuid,
    id: String,
}

impl RecordLine {
    /// Of a whole row.
    pub fn of_row(full: &FullRow, configured: &[Score]) -> Self {
        let state = full.review.as_ref().map(|review| &review.state);
        let shown = version::shown(&full.row, state, configured);
        let metadata = shown.field("metadata").and_then(Value::as_object).map(|metadata| {
            let own = metadata.iter().filter(|(key, _)| *key != REVIEW_LISTS && *key != ASSIGNMENTS);
            own.map(|(key, value)| (key.clone(), value.clone())).collect::<Map<String, Value>>()
        });
        let begin = |value: &Value| match value {
            Value::String(text) => preview::cut(text, PREVIEW_CHARS),
            other => preview::cut(&other.to_string(), PREVIEW_CHARS),
        };
        Self {
            expected_preview: shown.field("expected").map(begin),
            metadata_preview: metadata.filter(|own| !own.is_empty()).map(|own| begin(&Value::Object(own))),
            // Clients may log anything there.
            origin: shown.field("origin").and_then(|origin| RecordOrigin::deserialize(origin).ok()),
        }
    }
}
