//! A row as an event of the API: what was logged with its review laid over it, in the shape that Braintrust's clients read.

use std::collections::BTreeMap;

use concord_shared::ids::{DocumentId, MemberId, ObjectRef, ObjectType, OrganizationId, ProjectId, Reviewer};
use concord_shared::moment::Moment;
use concord_shared::review::effective::{Effective, Logged, Source, effective};
use concord_shared::review::state::{Comment, ReviewState, ReviewStatus};
use concord_shared::score::Score;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::domain::line::LoggedLine;
use crate::domain::rows::FullRow;
use crate::domain::store::HistoryActor;

/// Fields that every event has, null when nothing was logged. `scores`, `expected`, `metadata` and `tags` come from the review as well.
const FIELDS: [&str; 3] = ["input", "expected", "origin"];

/// Fields that spans have beside [`FIELDS`]; rows of datasets do not.
const SPAN_FIELDS: [&str; 5] = ["output", "error", "metrics", "context", "span_attributes"];

/// What [`event`] writes, for the description of the API. Rows of datasets have no `output`, `error`, `metrics`, `context` and
/// `span_attributes`, and `scores` only when people gave some. Further fields are those that clients logged.
#[derive(ToSchema)]
#[schema(as = RowEvent)]
#[expect(dead_code, reason = "describes")]
pub struct Described {
    id: String,
    /// The transaction that changed it last: 19 digits.
    #[schema(value_type = String)]
    _xact_id: String,
    created: Moment,
    project_id: ProjectId,
    span_id: String,
    root_span_id: String,
    #[schema(required)]
    span_parents: Option<Vec<String>>,
    is_root: bool,
    input: Value,
    output: Option<Value>,
    expected: Value,
    error: Option<Value>,
    /// Effective.
    scores: Option<BTreeMap<String, Option<f64>>>,
    #[schema(required)]
    metadata: Option<BTreeMap<String, Value>>,
    #[schema(required)]
    tags: Option<Vec<String>>,
    metrics: Option<BTreeMap<String, f64>>,
    context: Option<Value>,
    span_attributes: Option<BTreeMap<String, Value>>,
    origin: Value,
    /// The values without the review.
    logged: DescribedLogged,
    comments: Vec<DescribedComment>,
    /// By reviewer.
    reviews: BTreeMap<String, DescribedReview>,
    review: DescribedPlace,
    #[serde(rename = "__bt_review_lists")]
    #[schema(required)]
    bt_review_lists: Option<Value>,
    /// Members who are asked to review.
    #[serde(rename = "__bt_assignments")]
    #[schema(required)]
    bt_assignments: Option<Vec<String>>,
    /// Scores that are not asked of it, by their conditions; told of one row alone.
    #[schema(value_type = Vec<String>, required = false)]
    unasked: Option<Vec<String>>,
}

#[derive(ToSchema)]
#[schema(as = LoggedValues)]
#[expect(dead_code, reason = "describes")]
struct DescribedLogged {
    scores: BTreeMap<String, Option<f64>>,
    expected: Value,
    metadata: Value,
    tags: Vec<String>,
}

#[derive(ToSchema)]
#[schema(as = RowComment)]
#[expect(dead_code, reason = "describes")]
struct DescribedComment {
    id: String,
    text: String,
    author: HistoryActor,
    at: Moment,
    /// app, api, external or what the client called itself.
    source: String,
    #[schema(value_type = Moment, required = false)]
    edited_at: Option<Moment>,
    #[schema(value_type = bool, required = false)]
    resolved: Option<bool>,
    /// The comment that it answers.
    #[schema(value_type = String, required = false)]
    parent: Option<String>,
    anchor: Option<Value>,
}

#[derive(ToSchema)]
#[schema(as = RowReview)]
#[expect(dead_code, reason = "describes")]
struct DescribedReview {
    scores: BTreeMap<String, Value>,
    notes: BTreeMap<String, String>,
    #[schema(required)]
    completed: Option<Moment>,
}

#[derive(ToSchema)]
#[schema(as = ReviewPlace)]
#[expect(dead_code, reason = "describes")]
struct DescribedPlace {
    #[schema(required)]
    document_id: Option<DocumentId>,
    status: ReviewStatus,
    /// Who said so, and when; absent until somebody does.
    #[schema(value_type = DescribedSigned, required = false)]
    set: Option<DescribedSigned>,
    /// Who is asked to review: by whom, and when; absent where nobody is.
    #[schema(value_type = BTreeMap<String, DescribedSigned>, required = false)]
    assigned: Option<BTreeMap<String, DescribedSigned>>,
}

#[derive(ToSchema)]
#[schema(as = SignedAt)]
#[expect(dead_code, reason = "describes")]
struct DescribedSigned {
    by: String,
    at: Moment,
}

/// What an event needs beside its row.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Whose.
    pub organization: OrganizationId,
    /// The project of the object.
    pub project: ProjectId,
    /// The object.
    pub object: ObjectRef,
    /// Scores of the project.
    pub scores: &'a [Score],
    /// Names of members.
    pub names: &'a BTreeMap<MemberId, String>,
}

/// The event of a row. `with_logged` adds `logged`, the values without the review.
pub fn event(full: &FullRow, context: Context<'_>, with_logged: bool) -> Map<String, Value> {
    let row = &full.row;
    let line = LoggedLine::of(row);
    let state = full.review.as_ref().map(|review| &review.state);
    let (expected, metadata) =
        (row.logged.get("expected").unwrap_or(&Value::Null), row.logged.get("metadata").unwrap_or(&Value::Null));
    let logged = Logged { scores: &line.scores, expected, metadata, tags: &line.tags };
    let shown = effective(logged, state, context.scores);
    let judged = judge_scores(&line, &shown);

    let mut event: Map<String, Value> = row.logged.clone();
    let is_span = context.object.object_type != ObjectType::Dataset;
    for field in FIELDS.iter().chain(SPAN_FIELDS.iter().filter(|_| is_span)) {
        event.entry(*field).or_insert(Value::Null);
    }
    if with_logged {
        let logged = json!({"scores": line.scores, "expected": expected, "metadata": metadata, "tags": line.tags});
        event.insert("logged".into(), logged);
    }
    lay_over(&mut event, row.logged.contains_key("tags"), shown);
    let mut put = |key: &str, value: Value| drop(event.insert(key.into(), value));
    put("id", json!(row.id));
    put("_xact_id", json!(full.xact));
    put("_pagination_key", json!(format!("p{}", full.xact)));
    put("created", json!(row.created));
    put("project_id", json!(context.project));
    match context.object.object_type {
        ObjectType::ProjectLogs => {
            put("org_id", json!(context.organization));
            put("log_id", json!("g"));
        }
        ObjectType::Experiment => put("experiment_id", json!(context.object.object_id)),
        ObjectType::Dataset => put("dataset_id", json!(context.object.object_id)),
    }
    put("span_id", json!(row.spans.span_id));
    put("root_span_id", json!(row.spans.root_span_id));
    put("span_parents", if row.is_root() { Value::Null } else { json!(row.spans.span_parents) });
    put("is_root", json!(row.is_root()));
    let none = ReviewState::default();
    let reviewed = state.unwrap_or(&none);
    if !is_span && event.get("scores").is_some_and(Value::is_null) {
        event.remove("scores");
    }
    let mut put = |key: &str, value: Value| drop(event.insert(key.into(), value));
    put("comments", comments(reviewed, context.names));
    put("reviews", reviews(reviewed));
    if !judged.is_empty() {
        put("judge_scores", Value::Object(judged));
    }
    let lists = reviewed.status.value.list_word();
    put("__bt_review_lists", lists.map_or(Value::Null, |word| json!({"__bt_default_review_list": {"status": word}})));
    let assigned: Vec<_> = reviewed.assignees.keys().collect();
    put("__bt_assignments", if assigned.is_empty() { Value::Null } else { json!(assigned) });
    put("review", review(full, reviewed));
    event
}

/// Effective values in place of the logged ones. The words of review lists stand beside `metadata`, not only in it.
fn lay_over(event: &mut Map<String, Value>, has_tags: bool, shown: Effective<'_>) {
    let scores: Map<String, Value> =
        shown.scores.iter().map(|(name, score)| (name.clone(), json!(score.value))).collect();
    event.insert("scores".into(), if scores.is_empty() { Value::Null } else { Value::Object(scores) });
    event.insert("expected".into(), shown.expected.into_owned());
    event.insert("metadata".into(), shown.metadata.into_owned());
    event.insert("tags".into(), if shown.tags.is_empty() && !has_tags { Value::Null } else { json!(shown.tags) });
}

/// What programs had scored where people decided since: the other side of `scores`, for whoever asks where judge and human differ.
fn judge_scores(line: &LoggedLine, shown: &Effective<'_>) -> Map<String, Value> {
    let decided = |name: &str| shown.scores.get(name).is_some_and(|score| score.source != Source::Logged);
    let judged = line.scores.iter().filter(|(name, value)| value.is_some() && decided(name));
    judged.map(|(name, value)| (name.clone(), json!(value))).collect()
}

fn review(full: &FullRow, state: &ReviewState) -> Value {
    let document = full.review.as_ref().map(|review| review.document);
    let mut review = json!({"document_id": document, "status": state.status.value});
    if let (Some(by), Some(at)) = (&state.status.by, state.status.at) {
        review["set"] = json!({"by": by, "at": at});
    }
    if !state.assignees.is_empty() {
        review["assigned"] = json!(state.assignees);
    }
    review
}

/// Comments that are not deleted, oldest first.
fn comments(state: &ReviewState, names: &BTreeMap<MemberId, String>) -> Value {
    let mut shown: Vec<(&String, &Comment)> = state.comments.iter().filter(|(_, comment)| !comment.deleted).collect();
    shown.sort_by_key(|(id, comment)| (comment.at, *id));
    let comments = shown.into_iter().map(|(id, comment)| {
        let (name, source) = match &comment.author {
            Reviewer::Member(member) => {
                (names.get(member).map_or("removed member", String::as_str), comment.source.as_deref().unwrap_or("app"))
            }
            Reviewer::External(name) => (name.as_str(), "external"),
        };
        let mut item = json!({
            "id": id,
            "text": comment.text,
            "author": {"id": comment.author, "name": name},
            "at": comment.at,
            "source": source,
        });
        if let Some(edited_at) = comment.edited_at {
            item["edited_at"] = json!(edited_at);
        }
        if comment.resolved {
            item["resolved"] = json!(true);
        }
        if let Some(parent) = &comment.parent {
            item["parent"] = json!(parent);
        }
        if let Some(anchor) = &comment.anchor {
            item["anchor"] = anchor.clone();
        }
        item
    });
    comments.collect()
}

/// Each reviewer's values.
fn reviews(state: &ReviewState) -> Value {
    let mut reviewers: Vec<&Reviewer> =
        state.scores.keys().chain(state.notes.keys()).chain(state.completed.keys()).collect();
    reviewers.sort();
    reviewers.dedup();
    let spoken = |reviewer: &&&Reviewer| {
        state.scores.get(**reviewer).is_some_and(|scores| !scores.is_empty())
            || state.notes.get(**reviewer).is_some_and(|notes| !notes.is_empty())
            || state.completed.contains_key(**reviewer)
    };
    let entries = reviewers.iter().filter(spoken).map(|reviewer| {
        let review = json!({
            "scores": state.scores.get(*reviewer).cloned().unwrap_or_default(),
            "notes": state.notes.get(*reviewer).cloned().unwrap_or_default(),
            "completed": state.completed.get(*reviewer),
        });
        (reviewer.to_string(), review)
    });
    Value::Object(entries.collect())
}
