//! Lists of traces, one trace, and the numbers of projects, for the web app.

use axum::Json;
use axum::extract::{Path, State};
use concord_shared::ids::{ObjectType, ProjectId};
use concord_shared::metric::CounterKey;
use concord_shared::moment::Moment;
use concord_shared::problem::ProblemCode;
use concord_shared::role::Action;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::Params;
use super::error::ApiError;
use super::object::{object_of, visible};
use crate::app::App;
use crate::domain::project::{Page, ProjectFilter};
use crate::domain::rows::{Order, TraceKey};
use crate::query::cursor;
use crate::query::shape::{ListedTrace, Trace};

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
    traces: Vec<ListedTrace>,
    /// Asks for the next page; null: this is the last one.
    #[schema(required)]
    cursor: Option<String>,
    total: i64,
}

/// Traces, a page at a time.
#[utoipa::path(get, path = "/api/trace", tag = "rows", params(("object_type" = ObjectType, Query), ("object_id" = Uuid, Query), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query), ("order" = Option<String>, Query)), responses((status = 200, body = ListAnswer)))]
async fn list(State(app): State<App>, Caller(principal): Caller, params: Params) -> Result<Json<ListAnswer>, ApiError> {
    principal.permit(Action::Read)?;
    let object = object_of(&params)?;
    let project = visible(&app, &principal, object).await?;
    let limit = params.value("limit")?.unwrap_or(PAGE).clamp(1, LONGEST_PAGE);
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
    let traces = traces.into_iter().map(|trace| ListedTrace::of(trace, &scores)).collect();
    Ok(Json(ListAnswer { traces, cursor, total }))
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
