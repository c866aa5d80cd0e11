//! The review queue of a project: what is to be reviewed across its objects, how far that has come, and who is on what.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use concord_shared::ids::{MemberId, ObjectRef, ObjectType, ProjectId};
use concord_shared::metric::{CounterKey, Counters};
use concord_shared::moment::Moment;
use concord_shared::problem::ProblemCode;
use concord_shared::review::state::{Assignment, ReviewStatus};
use concord_shared::role::Action;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::auth::Caller;
use super::body::{JsonBody, Params};
use super::btql;
use super::error::ApiError;
use super::find::read_filter;
use super::object::visible;
use crate::app::App;
use crate::domain::access::Principal;
use crate::domain::hold::{Hold, Place};
use crate::domain::line::LoggedLine;
use crate::domain::object::ObjectFilter;
use crate::domain::project::Page as ObjectPage;
use crate::query::btql::walk::{LOOKED, PATIENCE};
use crate::query::btql::{Plan, Source, Walk};
use crate::query::cursor::{self, QueryPlace};
use crate::query::names::check as check_names;

/// Items of a page unless asked otherwise, and at most.
const PAGE: usize = 50;
const LONGEST_PAGE: usize = 500;

/// Experiments or datasets that one queue looks through, the newest.
const OBJECTS: u32 = 1000;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(queue)).routes(routes!(counts)).routes(routes!(hold, give_back))
}

/// A page of a queue.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReviewQueue)]
struct Queue {
    items: Vec<Item>,
    /// Asks for the next page; null: this is the last one.
    #[schema(required)]
    cursor: Option<String>,
    /// The page ended because it had looked at enough; its cursor goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    warning: Option<String>,
}

/// A row that may be reviewed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QueueItem)]
struct Item {
    #[serde(flatten)]
    object: ObjectRef,
    object_name: String,
    row_id: String,
    span_id: String,
    root_span_id: String,
    is_root: bool,
    #[schema(required)]
    name: Option<String>,
    /// `llm`, `task`, `tool` or whatever else the client says.
    #[schema(required)]
    kind: Option<String>,
    created: Moment,
    /// Beginning of the input.
    preview: String,
    status: ReviewStatus,
    /// Who set the status, and when.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = SetBy, required = false)]
    set: Option<SetBy>,
    assignees: Vec<MemberId>,
    /// By whom each was asked, and when.
    #[schema(value_type = BTreeMap<String, SetBy>)]
    assigned: BTreeMap<MemberId, SetBy>,
    /// Names of the scores that the caller has answered.
    answered: Vec<String>,
    comments: usize,
    /// Who is on it now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Holder, required = false)]
    holder: Option<Holder>,
}

/// Who said something, and when.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = SetBy)]
struct SetBy {
    by: String,
    at: Moment,
}

/// Who is on a row.
#[derive(Debug, Serialize, ToSchema)]
struct Holder {
    id: MemberId,
    name: String,
    /// When it ends unless it is renewed.
    until: Moment,
}

impl From<&Hold> for Holder {
    fn from(hold: &Hold) -> Self {
        Self { id: hold.member, name: hold.name.clone(), until: hold.until }
    }
}

/// Rows of a project that a filter matches, over all its objects of one kind: the newest object first, and of each the most recently
/// arrived row first. Every row without a filter.
#[utoipa::path(get, path = "/api/review/queue", tag = "reviews", params(("project_id" = Uuid, Query), ("kind" = ObjectType, Query), ("object_id" = Option<Uuid>, Query), ("filter" = Option<String>, Query), ("limit" = Option<usize>, Query), ("cursor" = Option<String>, Query)), responses((status = 200, body = Queue)))]
async fn queue(State(app): State<App>, Caller(principal): Caller, params: Params) -> Result<Json<Queue>, ApiError> {
    principal.permit(Action::Read)?;
    let project = project_of(&app, &principal, &params).await?;
    let kind: ObjectType = params.value("kind")?.ok_or_else(|| {
        ApiError::new(ProblemCode::Malformed, "kind: is missing; say project_logs, experiment or dataset")
    })?;
    let limit = params.value("limit")?.unwrap_or(PAGE).clamp(1, LONGEST_PAGE);
    let plan = Plan { limit, ..Plan::filtered(read_filter(params.text("filter"))?) };
    let (first, after) = match params.text("cursor") {
        Some(text) => begin(text).map(|(object, after)| (Some(object), Some(after)))?,
        None => (None, None),
    };
    let objects = objects(&app, &principal, project, kind, params.value("object_id")?).await?;
    // An object that a cursor names may be deleted meanwhile: the queue goes on with the next older one.
    let objects: Vec<(ObjectRef, String)> =
        objects.into_iter().skip_while(|(object, _)| first.is_some_and(|first| object.object_id > first)).collect();
    let after = after.filter(|_| objects.first().map(|(object, _)| object.object_id) == first);
    let scores = app.hub.scores(project).await?;
    let source = |(object, _): &(ObjectRef, String)| Source { object: *object, project, scores: scores.clone() };
    let sources: Vec<Source> = objects.iter().map(source).collect();
    check_names(&*app.store, principal.organization, &sources, &plan.filter).await?;
    let names = app.store.member_names(principal.organization).await?;
    let walk = Walk {
        store: &*app.store,
        organization: principal.organization,
        names: &names,
        sources: &sources,
        plan: &plan,
        clock: btql::clock(&app, None)?,
        as_of: None,
    };
    let page = walk.page(after).await?;
    let held = app.bulletins.held(project);
    let names: BTreeMap<Uuid, &str> = objects.iter().map(|(object, name)| (object.object_id, name.as_str())).collect();
    let items = page.rows.into_iter().map(|row| {
        let object_id = object_id(kind, &row);
        let object = ObjectRef { object_type: kind, object_id };
        item(object, names.get(&object_id).copied().unwrap_or_default(), row, &principal, &held)
    });
    let warning =
        page.cut.then(|| format!("this page ended after a look at {LOOKED} rows or {PATIENCE:?}; the cursor goes on"));
    Ok(Json(Queue {
        items: items.collect(),
        cursor: page.next.and_then(|next| Some(go_on(objects.get(next.object)?.0.object_id, next))),
        warning,
    }))
}

/// The project of a query, if the caller may know of it.
async fn project_of(app: &App, principal: &Principal, params: &Params) -> Result<ProjectId, ApiError> {
    let project: ProjectId =
        params.value("project_id")?.ok_or_else(|| ApiError::new(ProblemCode::Malformed, "project_id: is missing"))?;
    visible(app, principal, ObjectRef::logs(project)).await
}

/// The objects that a queue looks through, the newest first, with their names.
async fn objects(
    app: &App,
    principal: &Principal,
    project: ProjectId,
    kind: ObjectType,
    one: Option<Uuid>,
) -> Result<Vec<(ObjectRef, String)>, ApiError> {
    if kind == ObjectType::ProjectLogs {
        let found = app.store.project(principal.organization, project).await?;
        let name = found.map(|project| project.name).unwrap_or_default();
        return Ok(vec![(ObjectRef::logs(project), name)]);
    }
    let page = ObjectPage { ids: one.into_iter().collect(), limit: OBJECTS, ..ObjectPage::default() };
    let filter = ObjectFilter {
        organization: principal.organization,
        object_type: kind,
        project: Some(project),
        project_name: None,
        name: None,
        page,
    };
    let found = app.store.objects(&filter).await?;
    if let (Some(id), true) = (one, found.is_empty()) {
        return Err(ApiError::not_found(super::object::noun(kind), id));
    }
    Ok(found.into_iter().map(|object| (object.object, object.name)).collect())
}

/// A cursor of this call: the object, and where in it.
fn go_on(object: Uuid, next: QueryPlace) -> String {
    format!("{}.{}", object.simple(), cursor::of_query(&QueryPlace { object: 0, ..next }))
}

/// Reads what [`go_on`] writes.
fn begin(text: &str) -> Result<(Uuid, QueryPlace), ApiError> {
    let wrong = || ApiError::new(ProblemCode::Malformed, cursor::InvalidCursor.to_string());
    let (object, place) = text.split_once('.').ok_or_else(wrong)?;
    let place = cursor::to_query(place).ok().filter(|place| place.object == 0).ok_or_else(wrong)?;
    Ok((Uuid::try_parse(object).map_err(|_| wrong())?, place))
}

/// The container that an event names.
fn object_id(kind: ObjectType, row: &Map<String, Value>) -> Uuid {
    let field = match kind {
        ObjectType::ProjectLogs => "project_id",
        ObjectType::Experiment => "experiment_id",
        ObjectType::Dataset => "dataset_id",
    };
    row.get(field).and_then(Value::as_str).and_then(|id| Uuid::try_parse(id).ok()).unwrap_or_default()
}

fn item(
    object: ObjectRef,
    object_name: &str,
    mut row: Map<String, Value>,
    principal: &Principal,
    held: &BTreeMap<Place, Hold>,
) -> Item {
    let line = LoggedLine::of_fields(&row);
    let text =
        |row: &Map<String, Value>, field: &str| row.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let answered = principal.reviewer().map(|reviewer| answered(&row, &reviewer.to_string())).unwrap_or_default();
    let comments = row.get("comments").and_then(Value::as_array).map_or(0, Vec::len);
    let mut review = match row.remove("review") {
        Some(Value::Object(review)) => review,
        _ => Map::new(),
    };
    let assigned: BTreeMap<MemberId, Assignment> = review.remove("assigned").and_then(read).unwrap_or_default();
    let place = Place { object, row_id: text(&row, "id") };
    Item {
        object,
        object_name: object_name.to_owned(),
        span_id: text(&row, "span_id"),
        root_span_id: text(&row, "root_span_id"),
        is_root: row.get("is_root").and_then(Value::as_bool).unwrap_or_default(),
        name: line.name,
        kind: line.kind,
        created: row.remove("created").and_then(read).unwrap_or_default(),
        preview: line.input_preview.unwrap_or_default(),
        status: review.remove("status").and_then(read).unwrap_or_default(),
        set: review.remove("set").and_then(read),
        assignees: assigned.keys().copied().collect(),
        assigned: assigned
            .into_iter()
            .map(|(member, asked)| (member, SetBy { by: asked.by.to_string(), at: asked.at }))
            .collect(),
        answered,
        comments,
        holder: held.get(&place).map(Holder::from),
        row_id: place.row_id,
    }
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> Option<T> {
    serde_json::from_value(value).ok()
}

/// Scores to which a reviewer has given a value.
fn answered(row: &Map<String, Value>, reviewer: &str) -> Vec<String> {
    let own = row.get("reviews").and_then(|reviews| reviews.get(reviewer)?.get("scores")?.as_object());
    own.into_iter().flatten().filter(|(_, value)| !value.is_null()).map(|(name, _)| name.clone()).collect()
}

/// How far the reviews of a project have come, by kind of object.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReviewCounts)]
struct Counts {
    project_logs: Progress,
    experiment: Progress,
    dataset: Progress,
}

/// Rows by where their review stands.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = ReviewProgress)]
struct Progress {
    awaiting: i64,
    in_progress: i64,
    complete: i64,
    /// Assigned to the caller and not complete.
    mine: i64,
}

/// How many rows of a project await a review, are in progress and complete, and how many wait for the caller; topic `reviews` of
/// `/live` follows them.
#[utoipa::path(get, path = "/api/review/counts", tag = "reviews", params(("project_id" = Uuid, Query)), responses((status = 200, body = Counts)))]
async fn counts(State(app): State<App>, Caller(principal): Caller, params: Params) -> Result<Json<Counts>, ApiError> {
    principal.permit(Action::Read)?;
    let project = project_of(&app, &principal, &params).await?;
    let counts = app.store.review_counts(project).await?;
    let progress = |kind| {
        let counters = counts.get(&kind);
        let of = |key| counters.map_or(0, |counters: &Counters| counters.get(&key));
        Progress {
            awaiting: of(CounterKey::Status(ReviewStatus::Awaiting)),
            in_progress: of(CounterKey::Status(ReviewStatus::InProgress)),
            complete: of(CounterKey::Status(ReviewStatus::Complete)),
            mine: principal.member.map_or(0, |member| of(CounterKey::Waiting(member))),
        }
    };
    Ok(Json(Counts {
        project_logs: progress(ObjectType::ProjectLogs),
        experiment: progress(ObjectType::Experiment),
        dataset: progress(ObjectType::Dataset),
    }))
}

/// A row that somebody is on.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = HoldRow)]
struct HoldBody {
    #[serde(flatten)]
    object: ObjectRef,
    row_id: String,
}

/// Who is on the row now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HeldRow)]
struct Held {
    /// Null: nobody, for as many rows are held as can be.
    #[schema(required)]
    holder: Option<Holder>,
    /// Whether that is the caller.
    yours: bool,
}

/// Says that the caller is on a row, for a quarter of an hour or until they finish, leave or give it back. Others see it and are not
/// kept from anything. Repeated, it lasts longer; where somebody else was first, their name is the answer.
#[utoipa::path(post, path = "/api/review/hold", tag = "reviews", request_body = HoldBody, responses((status = 200, body = Held)))]
async fn hold(
    State(app): State<App>,
    Caller(principal): Caller,
    JsonBody(body): JsonBody<HoldBody>,
) -> Result<Json<Held>, ApiError> {
    let (project, member) = holding(&app, &principal, &body).await?;
    if app.store.locate(body.object, &body.row_id).await?.is_none_or(|line| line.id != body.row_id) {
        return Err(ApiError::not_found("row", &body.row_id));
    }
    let place = Place { object: body.object, row_id: body.row_id };
    let hold = app.bulletins.hold(project, place, member, &principal.name);
    let yours = hold.as_ref().is_some_and(|hold| hold.member == member);
    Ok(Json(Held { holder: hold.as_ref().map(Holder::from), yours }))
}

/// Gives a row back. Nothing happens where the caller is not on it.
#[utoipa::path(delete, path = "/api/review/hold", tag = "reviews", request_body = HoldBody, responses((status = 200, body = Held)))]
async fn give_back(
    State(app): State<App>,
    Caller(principal): Caller,
    JsonBody(body): JsonBody<HoldBody>,
) -> Result<Json<Held>, ApiError> {
    let (project, member) = holding(&app, &principal, &body).await?;
    let place = Place { object: body.object, row_id: body.row_id };
    app.bulletins.give_back(project, &place, member);
    Ok(Json(Held { holder: app.bulletins.held(project).get(&place).map(Holder::from), yours: false }))
}

async fn holding(app: &App, principal: &Principal, body: &HoldBody) -> Result<(ProjectId, MemberId), ApiError> {
    principal.permit(Action::Review)?;
    let project = visible(app, principal, body.object).await?;
    let member = principal
        .member
        .ok_or_else(|| ApiError::new(ProblemCode::Forbidden, "only members hold rows; this key belongs to none"))?;
    Ok((project, member))
}
