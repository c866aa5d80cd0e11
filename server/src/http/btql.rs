//! `POST /btql`: queries of the filter language, as text or as the trees that the SDKs send.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use concord_shared::filter::compute::Compute;
use concord_shared::filter::eval::Clock;
use concord_shared::filter::query::Source as From;
use concord_shared::filter::{self, FilterError, Query};
use concord_shared::ids::{ObjectRef, ObjectType, ProjectId, XactId};
use concord_shared::problem::ProblemCode;
use concord_shared::role::Action;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::JsonBody;
use super::error::ApiError;
use super::object::visible;
use crate::app::App;
use crate::domain::access::Principal;
use crate::domain::version;
use crate::query::btql::compute::{ComputeError, Scan};
use crate::query::btql::lookup::row_ids;
use crate::query::btql::select::{Schema, shown};
use crate::query::btql::walk::{LOOKED, PATIENCE, WalkError};
use crate::query::btql::{Plan, Source, Walk};
use crate::query::cursor::{self, QueryPlace};
use crate::query::names::check as check_names;

/// Objects that one query may name.
const OBJECTS: usize = 100;

/// Rows whose audit entries one query may ask for.
const AUDITED: usize = 1000;

/// Audit entries of one answer.
const ENTRIES: usize = 10_000;

/// Audit entries that are read at a time.
const ENTRIES_AT_ONCE: u32 = 1000;

const NO_CURSOR: &str =
    "cursor goes with rows and summaries in no order, or with sort: _pagination_key desc; this query answers at once";

/// Minutes between a zone and UTC.
const OFFSETS: std::ops::RangeInclusive<i64> = -1440..=1440;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(ask))
}

/// Unknown keys are ignored, as clients say much that does not concern us.
#[derive(Debug, Deserialize)]
struct Body {
    query: Value,
    #[serde(default)]
    fmt: Option<String>,
    #[serde(default)]
    tz_offset: Option<f64>,
    #[serde(default)]
    audit_log: Option<bool>,
    #[serde(default)]
    version: Option<Value>,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Lines,
}

/// Answers a query of the filter language, as text or parsed.
#[utoipa::path(post, path = "/btql", tag = "rows", request_body = Object, responses((status = 200, body = Object)))]
async fn ask(State(app): State<App>, caller: Caller, JsonBody(body): JsonBody<Body>) -> Result<Response, ApiError> {
    let principal = caller.permit(Action::Read)?;
    let format = match body.fmt.as_deref() {
        None | Some("json") => Format::Json,
        Some("jsonl") => Format::Lines,
        Some(other) => {
            let shown: String = other.chars().take(40).collect();
            return Err(ApiError::new(
                ProblemCode::NotSupported,
                format!("fmt {shown:?} is not offered; json and jsonl are"),
            ));
        }
    };
    let clock = clock(&app, body.tz_offset)?;
    let query = read(&body.query).map_err(refused)?;
    let compute = Compute::is_needed(&query).then(|| Compute::of(&query)).transpose().map_err(refused)?;
    let plan = if compute.is_some() { None } else { Some(Plan::of(&query).map_err(refused)?) };
    let sources = sources(&app, principal, query.from.as_ref()).await?;
    let as_of = match &body.version {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.parse::<XactId>()?),
        Some(other) => Some(other.to_string().parse::<XactId>()?),
    };
    if as_of.is_some() && sources.iter().any(|source| !version::is_kept(source.object)) {
        let detail = "version: datasets have versions, logs and experiments have none; ask without it";
        return Err(ApiError::new(ProblemCode::NotSupported, detail));
    }
    let after = after(&query)?;
    let filter = compute.as_ref().map(|compute| &compute.filter).or(plan.as_ref().map(|plan| &plan.filter));
    let mut warnings = Vec::new();
    if let Some(filter) = filter {
        let told = check_names(&*app.store, principal.organization, &sources, filter).await?;
        warnings.extend(told.into_iter().map(|warning| json!(warning)));
    }
    let names = app.store.member_names(principal.organization).await?;
    let plan = match (compute, plan) {
        (Some(compute), _) if body.audit_log == Some(true) => {
            let at = if compute.is_paged() { "the shape summary" } else { "groups, samples and unpivot" };
            let detail = format!("audit_log does not go with {at}; select rows by their ids");
            return Err(ApiError::new(ProblemCode::NotSupported, detail));
        }
        (Some(compute), _) => {
            if after.is_some() && !compute.is_paged() {
                return Err(ApiError::new(ProblemCode::Malformed, NO_CURSOR));
            }
            let compute = std::sync::Arc::new(compute);
            let scan = Scan {
                store: &*app.store,
                organization: principal.organization,
                names: names.into(),
                sources: &sources,
                compute: compute.clone(),
                clock,
                as_of,
            };
            let page = scan.answer(after).await?;
            if page.answer.limited && !compute.limit_said {
                let message = format!("these are the first {} rows; say limit for more", compute.limit);
                warnings.push(json!({"code": "limited", "message": message}));
            }
            let rows = page.answer.rows.into_iter().map(Value::Object).collect();
            return answer(format, page.answer.columns, rows, page.next.as_ref().map(cursor::of_query), warnings);
        }
        (None, Some(plan)) => plan,
        (None, None) => return Err(ApiError::new(ProblemCode::Internal, "a query without a plan")),
    };
    if body.audit_log == Some(true) {
        return audit(&app, &plan, &sources, format).await;
    }
    if after.is_some() && !plan.sort.is_empty() {
        return Err(ApiError::new(ProblemCode::Malformed, NO_CURSOR));
    }
    let walk = Walk {
        store: &*app.store,
        organization: principal.organization,
        names: &names,
        sources: &sources,
        plan: &plan,
        clock,
        as_of,
    };
    let page = walk.page(after).await?;
    if page.cut {
        let message = format!("this page ended after a look at {LOOKED} rows or {PATIENCE:?}; the cursor goes on");
        warnings.push(json!({"code": "page_cut", "message": message}));
    }
    let rows: Vec<Value> = page.rows.into_iter().map(|row| shown(&plan, row, clock)).collect();
    let next = page.next.as_ref().map(cursor::of_query);
    answer(format, columns(&plan), rows, next, warnings)
}

/// Where a page begins.
fn after(query: &Query) -> Result<Option<QueryPlace>, ApiError> {
    let Some(text) = query.cursor.as_deref().filter(|cursor| !cursor.is_empty()) else { return Ok(None) };
    cursor::to_query(text).map(Some).map_err(|error| ApiError::new(ProblemCode::Malformed, error.to_string()))
}

/// Names of the columns that were asked for.
fn columns(plan: &Plan) -> Vec<String> {
    plan.select.iter().filter_map(|column| column.alias.clone()).collect()
}

/// What `now()` is, and where days begin.
pub(super) fn clock(app: &App, tz_offset: Option<f64>) -> Result<Clock, ApiError> {
    let offset = tz_offset.unwrap_or(0.0) as i64;
    if !OFFSETS.contains(&offset) {
        return Err(ApiError::invalid("tz_offset: is no number of minutes behind UTC, such as 480"));
    }
    Ok(Clock { now: app.clock.now(), tz_offset: offset as i32 })
}

/// A query as text or as a tree. A bare expression is refused with what is missing.
fn read(query: &Value) -> Result<Query, FilterError> {
    match query {
        Value::String(text) => filter::parser::query(text),
        tree => filter::json::query(tree).map_err(|error| error.under("query")),
    }
}

/// A filter that cannot be read, with its place.
pub(super) fn refused(error: FilterError) -> ApiError {
    let code = if error.not_supported { ProblemCode::NotSupported } else { ProblemCode::Malformed };
    let position = match (&error.position, &error.pointer) {
        (Some(position), _) => Some(json!(position)),
        (None, Some(pointer)) if !pointer.is_empty() => Some(json!(pointer)),
        _ => None,
    };
    ApiError::Refused { code, detail: error.to_string(), position }
}

impl std::convert::From<WalkError> for ApiError {
    fn from(error: WalkError) -> Self {
        match error {
            WalkError::Store(error) => error.into(),
            WalkError::TooManyToSort => Self::new(ProblemCode::NotSupported, error.to_string()),
            WalkError::Filter(error) => refused(error),
        }
    }
}

impl std::convert::From<ComputeError> for ApiError {
    fn from(error: ComputeError) -> Self {
        match error {
            ComputeError::Store(error) => error.into(),
            ComputeError::Stopping => Self::new(ProblemCode::Unavailable, error.to_string()),
            ComputeError::TooLong | ComputeError::TooMuch(_) => Self::new(ProblemCode::TooLarge, error.to_string()),
        }
    }
}

/// One object with its project.
pub(super) async fn source(app: &App, principal: &Principal, object: ObjectRef) -> Result<Source, ApiError> {
    let project = visible(app, principal, object).await?;
    Ok(Source { object, project, scores: app.hub.scores(project).await? })
}

async fn sources(app: &App, principal: &Principal, from: Option<&From>) -> Result<Vec<Source>, ApiError> {
    const RIGHT: &str = "project_logs('…'), experiment('…') or dataset('…')";
    let malformed = |detail: String| ApiError::new(ProblemCode::Malformed, detail);
    let from = from.ok_or_else(|| malformed(format!("from is missing; say {RIGHT}")))?;
    let object_type: ObjectType = from.name.parse().map_err(|_| {
        let shown: String = from.name.chars().take(40).collect();
        ApiError::new(ProblemCode::NotSupported, format!("there are no rows of {shown} here; say {RIGHT}"))
    })?;
    if from.ids.is_empty() || from.ids.len() > OBJECTS {
        return Err(malformed(format!("from names {} ids; 1 to {OBJECTS} are allowed", from.ids.len())));
    }
    let mut sources = Vec::with_capacity(from.ids.len());
    for id in &from.ids {
        // All containers are named alike.
        let ProjectId(object_id) = id.parse()?;
        sources.push(source(app, principal, ObjectRef { object_type, object_id }).await?);
    }
    Ok(sources)
}

fn answer(
    format: Format,
    columns: Vec<String>,
    rows: Vec<Value>,
    next: Option<String>,
    warnings: Vec<Value>,
) -> Result<Response, ApiError> {
    #[derive(serde::Serialize)]
    struct Answer {
        schema: Schema,
        data: Vec<Value>,
        cursor: Option<String>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        warnings: Vec<Value>,
    }
    let mut headers = HeaderMap::new();
    if let Some(cursor) = next.as_deref().and_then(|next| HeaderValue::from_str(next).ok()) {
        headers.insert(HeaderName::from_static("x-bt-cursor"), cursor);
    }
    match format {
        Format::Json => {
            let schema = Schema::of(columns, &rows);
            Ok((headers, Json(Answer { schema, data: rows, cursor: next, warnings })).into_response())
        }
        Format::Lines => {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
            let mut lines = String::new();
            for row in rows {
                lines.push_str(&row.to_string());
                lines.push('\n');
            }
            Ok((headers, lines).into_response())
        }
    }
}

/// What was decided about the rows that the filter names, the newest entry first.
async fn audit(app: &App, plan: &Plan, sources: &[Source], format: Format) -> Result<Response, ApiError> {
    let ids = row_ids(&plan.filter).ok_or_else(|| {
        let detail = "audit_log needs a filter on ids: id = '…' or id in ['…', '…']";
        ApiError::new(ProblemCode::Malformed, detail)
    })?;
    if ids.len() > AUDITED {
        let detail = format!("audit_log is about {} rows; at most {AUDITED} at once", ids.len());
        return Err(ApiError::new(ProblemCode::TooLarge, detail));
    }
    let mut entries = Vec::new();
    for source in sources {
        for (id, row) in app.store.rows(source.object, &ids).await? {
            let Some(review) = row.review else { continue };
            let mut after = 0;
            loop {
                let page = app.store.history(review.document, after, ENTRIES_AT_ONCE).await?;
                let more = page.len() == ENTRIES_AT_ONCE as usize;
                after = page.last().and_then(|entry| entry.id.parse().ok()).unwrap_or(i64::MAX);
                entries.extend(page.into_iter().map(|entry| (id.clone(), row.xact, entry)));
                if entries.len() > ENTRIES {
                    let detail = format!("these rows have more than {ENTRIES} entries; ask for fewer rows");
                    return Err(ApiError::new(ProblemCode::TooLarge, detail));
                }
                if !more {
                    break;
                }
            }
        }
    }
    entries.sort_by(|a, b| {
        b.2.at.cmp(&a.2.at).then_with(|| b.2.id.len().cmp(&a.2.id.len())).then_with(|| b.2.id.cmp(&a.2.id))
    });
    let told = entries.into_iter().take(plan.limit).map(|(id, xact, entry)| {
        let path: Vec<String> =
            entry.path.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~")).collect();
        let action = if path.first().is_some_and(|first| first == "comments") { "comment" } else { "merge" };
        json!({
            "id": entry.id,
            // Entries do not keep the transaction that made them; the row's last one is no earlier.
            "_xact_id": xact,
            "created": entry.at,
            "origin": {"id": id},
            "source": entry.source,
            "metadata": entry.metadata,
            "actor": entry.on_behalf_of.as_ref().unwrap_or(&entry.actor),
            "audit_data": {"action": action, "path": path, "from": entry.from, "to": entry.to},
        })
    });
    answer(format, columns(plan), told.collect(), None, Vec::new())
}
