//! Lists of traces, one trace, and the numbers of projects, for the web app.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use concord_shared::filter::eval;
use concord_shared::ids::{ObjectRef, ObjectType, ProjectId};
use concord_shared::metric::CounterKey;
use concord_shared::moment::Moment;
use concord_shared::problem::ProblemCode;
use concord_shared::role::Action;
use concord_shared::score::Score;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::Params;
use super::error::ApiError;
use super::find::{Counts, page, read_filter};
use super::object::{object_of, visible};
use crate::app::App;
use crate::domain::access::Principal;
use crate::domain::project::{Page, ProjectFilter};
use crate::domain::rows::{Order, TraceKey};
use crate::query::btql::{Plan, Wish};
use crate::query::cursor;
use crate::query::shape::{ListedTrace, RecordLine, Trace};

/// Traces of a page unless asked otherwise.
const PAGE: u32 = 100;

/// Longest page.
const LONGEST_PAGE: u32 = 1000;

/// Spans of one trace that are sent; more than any screen shows, and about two megabytes.
const SPANS: u32 = 5000;

/// Projects in the overview.
const PROJECTS: u32 = 1000;

/// One day in microseconds.
const DAY: i64 = 86_400_000_000;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(read)).routes(routes!(overview))
}

/// A page of traces.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TracePage)]
struct ListAnswer {
    traces: Vec<Listed>,
    /// Asks for the next page; null: this is the last one.
    #[schema(required)]
    cursor: Option<String>,
    /// Traces in all; with a filter, those that match.
    total: i64,
    total_is: Counts,
    /// The page ended because it had looked at enough; its cursor goes on.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    cut: bool,
}

/// A trace, and with a filter the ids of its first rows that match.
#[derive(Debug, Serialize, ToSchema)]
struct Listed {
    #[serde(flatten)]
    trace: ListedTrace,
    #[serde(skip_serializing_if = "Option::is_none")]
    matched: Option<Vec<String>>,
    /// Of a dataset.
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<RecordLine>,
}

/// Traces, a page at a time: by the time they were made, or, with a filter, those of which a row matches, by arrival. `sort` is a
/// field such as `-duration`, the largest first, and orders the newest two thousand.
#[utoipa::path(get, path = "/api/trace", tag = "rows", params(("object_type" = ObjectType, Query), ("object_id" = Uuid, Query), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query), ("order" = Option<String>, Query), ("filter" = Option<String>, Query), ("sort" = Option<String>, Query)), responses((status = 200, body = ListAnswer)))]
async fn list(State(app): State<App>, Caller(principal): Caller, params: Params) -> Result<Json<ListAnswer>, ApiError> {
    principal.permit(Action::Read)?;
    let object = object_of(&params)?;
    let project = visible(&app, &principal, object).await?;
    let limit = params.value("limit")?.unwrap_or(PAGE).clamp(1, LONGEST_PAGE);
    let sort = params.text("sort").filter(|sort| *sort != "-created").map(SortKey::read).transpose()?;
    if params.text("filter").is_some() || sort.is_some() {
        return found(&app, &principal, object, &params, sort, limit).await.map(Json);
    }
    let malformed = |detail: String| ApiError::new(ProblemCode::Malformed, detail);
    let after =
        params.text("cursor").map(cursor::to_trace).transpose().map_err(|error| malformed(error.to_string()))?;
    let order = match params.text("order") {
        None | Some("newest") => Order::Newest,
        Some("oldest") => Order::Oldest,
        Some(other) => return Err(malformed(format!("order: {other:?} is neither newest nor oldest"))),
    };
    let traces = app.store.traces(object, order, after, limit).await?;
    let last = traces.last().filter(|_| traces.len() == limit as usize);
    let cursor = last.map(|trace| cursor::of_trace(TraceKey { created: trace.root.created, place: trace.place }));
    let total = app.store.counters(object).await?.get(&CounterKey::Traces);
    let scores = app.catalog.scores(project).await?;
    let listed = |trace| Listed { trace: ListedTrace::of(trace, &scores), matched: None, record: None };
    let mut traces: Vec<Listed> = traces.into_iter().map(listed).collect();
    add_records(&app, object, &scores, traces.iter_mut().collect()).await?;
    add_span_scores(&app, object, traces.iter_mut().map(|listed| &mut listed.trace).collect()).await?;
    Ok(Json(ListAnswer { traces, cursor, total, total_is: Counts::Exact, cut: false }))
}

/// Traces that are put in order at once.
const SORTED: usize = 2_000;

/// Matching rows of a trace that are named.
const MATCHED: usize = 10;

/// By what a list is ordered.
struct SortKey {
    field: String,
    descending: bool,
}

impl SortKey {
    fn read(text: &str) -> Result<Self, ApiError> {
        let (field, descending) = text.strip_prefix('-').map_or((text, false), |field| (field, true));
        if ["created", "duration", "tokens", "cost", "name"].contains(&field) || field.starts_with("scores.") {
            return Ok(Self { field: field.to_owned(), descending });
        }
        let shown: String = field.chars().take(60).collect();
        let detail = format!("sort: {shown:?} is none of created, duration, tokens, cost, name and scores.…");
        Err(ApiError::new(ProblemCode::Malformed, detail))
    }

    fn value(&self, trace: &Value) -> Value {
        let value = match self.field.strip_prefix("scores.") {
            Some(score) => trace.get("scores").and_then(|scores| scores.get(score)),
            None => trace.get(&self.field),
        };
        value.cloned().unwrap_or_default()
    }

    /// Nothing is last, whichever way it goes.
    fn order(&self, a: &Value, b: &Value) -> Ordering {
        let (a, b) = (self.value(a), self.value(b));
        let ordering = eval::order(&a, &b);
        if self.descending && !a.is_null() && !b.is_null() { ordering.reverse() } else { ordering }
    }
}

/// Traces of which a row matches, by arrival or by a field.
async fn found(
    app: &App,
    principal: &Principal,
    object: ObjectRef,
    params: &Params,
    sort: Option<SortKey>,
    limit: u32,
) -> Result<ListAnswer, ApiError> {
    let malformed = |error: cursor::InvalidCursor| ApiError::new(ProblemCode::Malformed, error.to_string());
    let filter = read_filter(params.text("filter"))?;
    let size = if sort.is_some() { SORTED } else { limit as usize };
    let plan = Plan { wish: Wish::Listed, limit: size, ..Plan::filtered(filter) };
    let project = visible(app, principal, object).await?;
    let after =
        params.text("cursor").filter(|_| sort.is_none()).map(cursor::to_query).transpose().map_err(malformed)?;
    let first = after.is_none();
    let page = page(app, principal, object, &plan, after).await?;
    let (roots, mut matched): (Vec<String>, BTreeMap<String, Vec<String>>) =
        (page.traces.iter().map(|(root, _)| root.clone()).collect(), page.traces.into_iter().collect());
    let scores = app.catalog.scores(project).await?;
    let lines = app.store.trace_lines(object, &roots).await?;
    let mut traces: Vec<(Listed, String)> = lines
        .into_iter()
        .map(|line| {
            let root = line.root.spans.root_span_id.clone();
            let matched = matched.remove(&root).map(|mut ids| {
                ids.truncate(MATCHED);
                ids
            });
            (Listed { trace: ListedTrace::of(line, &scores), matched, record: None }, root)
        })
        .collect();
    add_records(app, object, &scores, traces.iter_mut().map(|(listed, _)| listed).collect()).await?;
    add_span_scores(app, object, traces.iter_mut().map(|(listed, _)| &mut listed.trace).collect()).await?;
    let whole = page.next.is_none();
    let total = if whole && first { traces.len() as i64 } else { roots.len() as i64 };
    let total_is = if whole && first { Counts::Exact } else { Counts::AtLeast };
    let Some(sort) = sort else {
        let cursor = page.next.as_ref().map(cursor::of_query);
        let traces = traces.into_iter().map(|(trace, _)| trace).collect();
        return Ok(ListAnswer { traces, cursor, total, total_is, cut: page.cut });
    };
    let mut keyed: Vec<(Value, Listed, String)> = traces
        .drain(..)
        .map(|(trace, root)| (serde_json::to_value(&trace.trace).unwrap_or_default(), trace, root))
        .collect();
    keyed.sort_by(|a, b| sort.order(&a.0, &b.0).then_with(|| a.2.cmp(&b.2)));
    if let Some(text) = params.text("cursor") {
        let (value, root) = cursor::to_sorted(text).map_err(malformed)?;
        let last = match sort.field.strip_prefix("scores.") {
            Some(score) => json!({"scores": {score: value}}),
            None => json!({&sort.field: value}),
        };
        keyed.retain(|(key, _, at)| sort.order(key, &last).then_with(|| at.cmp(&root)) == Ordering::Greater);
    }
    let more = keyed.len() > limit as usize;
    keyed.truncate(limit as usize);
    let cursor = keyed.last().filter(|_| more).map(|(key, _, root)| cursor::of_sorted(&sort.value(key), root));
    let traces = keyed.into_iter().map(|(_, trace, _)| trace).collect();
    Ok(ListAnswer { traces, cursor, total, total_is, cut: !whole })
}

/// In experiments a trace shows the scores that its spans were given as well: `Eval` scores in spans of their own.
async fn add_span_scores(app: &App, object: ObjectRef, traces: Vec<&mut ListedTrace>) -> Result<(), ApiError> {
    if object.object_type != ObjectType::Experiment {
        return Ok(());
    }
    let roots: Vec<String> = traces.iter().map(|trace| trace.root_span_id().to_owned()).collect();
    let mut scores = app.store.trace_scores(object, &roots).await?;
    for trace in traces {
        let own = scores.remove(trace.root_span_id());
        trace.add_scores(own.unwrap_or_default());
    }
    Ok(())
}

/// Records of datasets show what they hold.
async fn add_records(app: &App, object: ObjectRef, scores: &[Score], listed: Vec<&mut Listed>) -> Result<(), ApiError> {
    if object.object_type != ObjectType::Dataset {
        return Ok(());
    }
    let ids: Vec<String> = listed.iter().map(|listed| listed.trace.id().to_owned()).collect();
    let rows = app.store.rows(object, &ids).await?;
    for listed in listed {
        listed.record = rows.get(listed.trace.id()).map(|row| RecordLine::of_row(row, scores));
    }
    Ok(())
}

/// A trace with its spans, and its neighbours.
#[utoipa::path(get, path = "/api/trace/{root_span_id}", tag = "rows", params(("root_span_id" = String, Path), ("object_type" = ObjectType, Query), ("object_id" = Uuid, Query)), responses((status = 200, body = Trace)))]
async fn read(
    State(app): State<App>,
    Caller(principal): Caller,
    Path(root_span_id): Path<String>,
    params: Params,
) -> Result<Json<Trace>, ApiError> {
    principal.permit(Action::Read)?;
    let object = object_of(&params)?;
    let project = visible(&app, &principal, object).await?;
    let detail = app.store.trace(object, &root_span_id, SPANS).await?;
    let detail = detail.ok_or_else(|| ApiError::not_found("trace", format!("{root_span_id:?}")))?;
    let total = app.store.counters(object).await?.get(&CounterKey::Traces);
    Ok(Json(Trace::new(root_span_id, detail, total, &app.catalog.scores(project).await?)))
}

/// A project with its figures.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProjectOverview)]
struct Overview {
    id: ProjectId,
    name: String,
    created: Moment,
    traces: i64,
    /// Since midnight UTC.
    traces_today: i64,
    awaiting: i64,
    in_progress: i64,
    complete: i64,
    #[schema(required)]
    last_activity: Option<Moment>,
}

/// Projects with their figures.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProjectOverviews)]
struct Overviews {
    projects: Vec<Overview>,
}

/// Everything that the page of projects shows, in one call.
#[utoipa::path(get, path = "/api/project/overview", tag = "projects", responses((status = 200, body = Overviews)))]
async fn overview(State(app): State<App>, Caller(principal): Caller) -> Result<Json<Overviews>, ApiError> {
    principal.permit(Action::Read)?;
    let page = Page { limit: PROJECTS, ..Page::default() };
    let filter = ProjectFilter { organization: principal.organization, name: None, page };
    let today = Moment(app.clock.now().0.div_euclid(DAY) * DAY);
    let mut projects = Vec::new();
    for project in app.store.projects(&filter).await? {
        let numbers = app.store.project_numbers(project.id, today).await?;
        projects.push(Overview {
            id: project.id,
            name: project.name,
            created: project.created,
            traces: numbers.traces,
            traces_today: numbers.traces_since,
            awaiting: numbers.awaiting,
            in_progress: numbers.in_progress,
            complete: numbers.complete,
            last_activity: numbers.last_activity,
        });
    }
    Ok(Json(Overviews { projects }))
}
