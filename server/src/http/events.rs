//! Braintrust's REST calls on the rows of project logs, experiments and datasets: insert and fetch.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use concord_shared::filter::{self, Aliases, Expr, FilterError, Place, Position, Query, check};
use concord_shared::ids::{ObjectRef, ProjectId, XactId};
use concord_shared::problem::ProblemCode;
use concord_shared::role::Action;
use concord_shared::row::{Parsed, Write, parse};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::auth::Caller;
use super::body::{Params, RawBody, parse as parse_json};
use super::btql;
use super::error::ApiError;
use super::object::{Container, KINDS, visible};
use super::openapi::for_kinds;
use crate::app::App;
use crate::domain::access::Principal;
use crate::domain::version;
use crate::ingest::envelope::{EnvelopeError, items};
use crate::ingest::plan::ObjectWrites;
use crate::ingest::{ItemError, carry, describe};
use crate::query::btql::{Plan, Walk, Wish};
use crate::query::cursor;
use crate::query::event::{Context, event};
use crate::query::names::check as check_names;

/// Traces of a page of fetch unless asked otherwise.
const FETCH: u32 = 100;

/// Most traces of a page of fetch.
const LONGEST_FETCH: u32 = 1000;

/// Conditions, in the forms that clients of several years send (compat 4.7). All of them must hold.
const CONDITIONS: [&str; 3] = ["query", "filter", "filters"];

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(for_kinds(&KINDS, routes!(insert)))
        .routes(for_kinds(&KINDS, routes!(fetch_get, fetch_post)))
}

/// The items of a body.
pub(super) fn envelope<'a>(body: &'a [u8], key: &'static str) -> Result<Vec<&'a RawValue>, ApiError> {
    items(body, key).map_err(|error| {
        let code = match error {
            EnvelopeError::Malformed { .. } => ProblemCode::Malformed,
            EnvelopeError::Overflow => ProblemCode::InvalidValue,
            EnvelopeError::TooMany(_) => ProblemCode::TooLarge,
        };
        ApiError::new(code, error.to_string())
    })
}

/// Stores all events, or none when one is no row at all. Parts of the wrong shape are left out and named.
#[utoipa::path(post, path = "/v1/{kind}/{id}/insert", tag = "rows", params(("id" = Uuid, Path)), request_body = Object, responses((status = 200, body = Object)))]
async fn insert(
    State(app): State<App>,
    Caller(principal): Caller,
    Container(object): Container,
    RawBody(body): RawBody,
) -> Result<Json<Value>, ApiError> {
    principal.permit(Action::WriteRows)?;
    let project = visible(&app, &principal, object).await?;
    let items = envelope(&body, "events")?;
    insert_items(&app, &principal, project, object, &items).await.map(Json)
}

/// Writes rows of one object; nothing if one of them cannot be read.
pub(super) async fn insert_items(
    app: &App,
    principal: &Principal,
    project: ProjectId,
    object: ObjectRef,
    items: &[&RawValue],
) -> Result<Value, ApiError> {
    let (mut row_ids, mut refused, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    let mut writes = ObjectWrites { project, object, writes: Vec::new() };
    for (index, item) in items.iter().enumerate() {
        match parse(item.get(), &mut || Uuid::new_v4().to_string()) {
            Ok(Parsed { write, left_out, .. }) => {
                let id = match &write {
                    Write::Row(row) => row.id.clone(),
                    Write::Comment(comment) => comment.id.clone(),
                };
                errors.extend(left_out.iter().map(|left| ItemError::new(index, Some(&id), left.to_string())));
                row_ids.push(id);
                writes.writes.push((index, write));
            }
            Err(refusal) => refused.push(ItemError::new(index, None, refusal.to_string())),
        }
    }
    if !refused.is_empty() {
        let detail = format!("nothing was stored: {}", describe("events", &refused));
        return Err(ApiError::new(ProblemCode::InvalidValue, detail));
    }
    errors.extend(carry::write_rows(app, principal, writes).await?);
    let mut answer = json!({ "row_ids": row_ids });
    if !errors.is_empty() {
        answer["errors"] = json!(errors);
    }
    Ok(answer)
}

/// What fetch takes, in the query or in the body. Numbers may come as texts.
#[derive(Debug, Default, Deserialize)]
struct Fetch {
    #[serde(default)]
    limit: Option<Value>,
    #[serde(default)]
    cursor: Option<String>,
    #[serde(default)]
    max_xact_id: Option<Value>,
    #[serde(default)]
    max_root_span_id: Option<String>,
    #[serde(default)]
    version: Option<Value>,
    #[serde(flatten)]
    other: BTreeMap<String, Value>,
}

/// Whole traces, the most recently written first.
#[utoipa::path(get, path = "/v1/{kind}/{id}/fetch", tag = "rows", params(("id" = Uuid, Path), ("limit" = Option<u32>, Query, description = "Traces"), ("cursor" = Option<String>, Query), ("max_xact_id" = Option<String>, Query), ("max_root_span_id" = Option<String>, Query), ("query" = Option<String>, Query, description = "An expression: traces with a row of which it holds"), ("version" = Option<String>, Query)), responses((status = 200, body = Object)))]
async fn fetch_get(
    State(app): State<App>,
    Caller(principal): Caller,
    Container(object): Container,
    params: Params,
) -> Result<Json<Value>, ApiError> {
    fetch_traces(&app, &principal, object, Fetch::of_query(&params)).await
}

/// Whole traces, the most recently written first.
#[utoipa::path(post, path = "/v1/{kind}/{id}/fetch", tag = "rows", params(("id" = Uuid, Path)), request_body = Object, responses((status = 200, body = Object)))]
async fn fetch_post(
    State(app): State<App>,
    Caller(principal): Caller,
    Container(object): Container,
    RawBody(body): RawBody,
) -> Result<Json<Value>, ApiError> {
    let fetch = if body.is_empty() { Fetch::default() } else { parse_json(&body)? };
    fetch_traces(&app, &principal, object, fetch).await
}

/// Whole traces, the most recently written first.
async fn fetch_traces(
    app: &App,
    principal: &Principal,
    object: ObjectRef,
    fetch: Fetch,
) -> Result<Json<Value>, ApiError> {
    principal.permit(Action::Read)?;
    let project = visible(app, principal, object).await?;
    let limit = fetch.limit()?;
    let version = fetch.version()?;
    if version.is_some() && !version::is_kept(object) {
        let detail = "version: datasets have versions, logs and experiments have none; fetch without it";
        return Err(ApiError::new(ProblemCode::NotSupported, detail));
    }
    if let Some(filter) = conditions(&fetch.other)? {
        return fetch_matching(app, principal, object, filter, version, &fetch, limit).await;
    }
    let before = fetch.before()?;
    let page = match version {
        None => app.store.fetch(object, before, limit).await?,
        Some(as_of) => app.store.versions(object, as_of, before, limit).await?,
    };
    let scores = app.hub.scores(project).await?;
    let names = app.store.member_names(principal.organization).await?;
    let context = Context { organization: principal.organization, project, object, scores: &scores, names: &names };
    let events: Vec<_> = page.rows.iter().map(|row| event(row, context, false)).collect();
    let cursor = page.last.map(|(xact, root)| cursor::of_fetch(xact, &root));
    Ok(Json(json!({ "events": events, "cursor": cursor })))
}

/// Whole traces of which a row matches, or the versions that match.
async fn fetch_matching(
    app: &App,
    principal: &Principal,
    object: ObjectRef,
    filter: Expr,
    version: Option<XactId>,
    fetch: &Fetch,
    limit: u32,
) -> Result<Json<Value>, ApiError> {
    let malformed = |detail: String| ApiError::new(ProblemCode::Malformed, detail);
    if xact_of("max_xact_id", fetch.max_xact_id.as_ref())?.is_some() {
        let detail = "max_xact_id goes with no filter; go on with the cursor of the page before";
        return Err(malformed(detail.into()));
    }
    let after = fetch.cursor.as_deref().filter(|text| !text.is_empty()).map(cursor::to_query).transpose();
    let after = after.map_err(|error| malformed(error.to_string()))?;
    let plan = Plan { wish: Wish::Traces, limit: limit as usize, ..Plan::filtered(filter) };
    let sources = [btql::source(app, principal, object).await?];
    check_names(&*app.store, principal.organization, &sources, &plan.filter).await?;
    let names = app.store.member_names(principal.organization).await?;
    let walk = Walk {
        store: &*app.store,
        organization: principal.organization,
        names: &names,
        sources: &sources,
        plan: &plan,
        clock: btql::clock(app, None)?,
        as_of: version,
    };
    let page = walk.page(after).await?;
    let cursor = page.next.map(|place| cursor::of_query(&place));
    Ok(Json(json!({ "events": page.rows, "cursor": cursor })))
}

/// All conditions of a request as one; `None` when there are none.
fn conditions(said: &BTreeMap<String, Value>) -> Result<Option<Expr>, ApiError> {
    let mut parts = Vec::new();
    for key in CONDITIONS {
        if let Some(value) = said.get(key).filter(|value| is_given(value)) {
            parts.push(condition(value).map_err(|error| match error.pointer {
                Some(_) => error.under(key),
                None => error,
            })?);
        }
    }
    if parts.is_empty() {
        return Ok(None);
    }
    let all = Expr::and(parts, Position::START)?;
    Ok(Some(check(&all, Place::Row, &Aliases::default())?))
}

/// An expression as text or tree, a whole query whose filter is meant, the old form of an equality, or several of these.
fn condition(value: &Value) -> Result<Expr, FilterError> {
    match value {
        // In a query string, trees come as text.
        Value::String(text) if text.trim_start().starts_with(['{', '[']) => match serde_json::from_str(text) {
            Ok(tree @ (Value::Object(_) | Value::Array(_))) => condition(&tree),
            _ => filter::parser::expression(text),
        },
        Value::String(text) if filter::parser::is_query(text) => filter_of(filter::parser::query(text)?),
        Value::String(text) => filter::parser::expression(text),
        Value::Array(items) => {
            let parts = items.iter().enumerate().map(|(i, item)| condition(item).map_err(|error| error.under(i)));
            Expr::and(parts.collect::<Result<_, _>>()?, Position::START)
        }
        Value::Object(map) if map.get("type").is_some_and(|kind| kind == "path_lookup") => {
            let wrong = || FilterError::in_json("is not {\"type\": \"path_lookup\", \"path\": [keys], \"value\": …}");
            let path = map.get("path").cloned().ok_or_else(wrong)?;
            let value = map.get("value").cloned().ok_or_else(wrong)?;
            filter::json::expression(&json!({
                "op": "eq",
                "left": {"op": "ident", "name": path},
                "right": {"op": "literal", "value": value},
            }))
        }
        Value::Object(map) if !map.contains_key("op") && !map.contains_key("btql") => {
            filter_of(filter::json::query(value)?)
        }
        tree => filter::json::expression(tree),
    }
}

fn filter_of(query: Query) -> Result<Expr, FilterError> {
    query.filter.map_or_else(|| Expr::value(true.into(), Position::START), Ok)
}

/// Nothing, empty and null say nothing.
fn is_given(value: &Value) -> bool {
    !matches!(value, Value::Null) && value != "" && *value != json!([])
}

impl From<FilterError> for ApiError {
    fn from(error: FilterError) -> Self {
        btql::refused(error)
    }
}

impl Fetch {
    fn of_query(params: &Params) -> Self {
        let value = |key: &str| params.text(key).map(Value::from);
        Self {
            limit: value("limit"),
            cursor: params.text("cursor").map(str::to_owned),
            max_xact_id: value("max_xact_id"),
            max_root_span_id: params.text("max_root_span_id").map(str::to_owned),
            version: value("version"),
            other: CONDITIONS.iter().filter_map(|key| Some(((*key).to_owned(), value(key)?))).collect(),
        }
    }

    fn limit(&self) -> Result<u32, ApiError> {
        let number = match &self.limit {
            None | Some(Value::Null) => return Ok(FETCH),
            Some(Value::String(text)) => text.parse().ok(),
            Some(other) => other.as_u64(),
        };
        match number {
            Some(number) => Ok(number.clamp(1, u64::from(LONGEST_FETCH)) as u32),
            None => Err(ApiError::new(ProblemCode::Malformed, "limit is not a whole number of traces")),
        }
    }

    fn before(&self) -> Result<Option<(XactId, String)>, ApiError> {
        let malformed = |detail: String| ApiError::new(ProblemCode::Malformed, detail);
        if let Some(text) = self.cursor.as_deref().filter(|text| !text.is_empty()) {
            return cursor::to_fetch(text).map(Some).map_err(|error| malformed(error.to_string()));
        }
        let xact = xact_of("max_xact_id", self.max_xact_id.as_ref())?;
        Ok(xact.map(|xact| (xact, self.max_root_span_id.clone().unwrap_or_default())))
    }

    /// As of which transaction.
    fn version(&self) -> Result<Option<XactId>, ApiError> {
        xact_of("version", self.version.as_ref())
    }
}

/// A transaction id, which clients write as text or number; empty means none.
fn xact_of(key: &str, value: Option<&Value>) -> Result<Option<XactId>, ApiError> {
    let text = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.is_empty() => return Ok(None),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let malformed = |error| ApiError::new(ProblemCode::Malformed, format!("{key}: {error}"));
    text.parse().map(Some).map_err(malformed)
}
