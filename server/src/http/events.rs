//! Braintrust's REST calls on the rows of project logs, experiments and datasets: insert and fetch.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use concord_shared::ids::{ObjectRef, XactId};
use concord_shared::problem::ProblemCode;
use concord_shared::role::Action;
use concord_shared::row::{Parsed, Write, parse};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use uuid::Uuid;

use super::auth::Caller;
use super::body::{Params, RawBody, parse as parse_json};
use super::error::ApiError;
use super::object::{Container, KINDS, visible};
use crate::app::App;
use crate::domain::access::Principal;
use crate::ingest::envelope::{EnvelopeError, items};
use crate::ingest::plan::ObjectWrites;
use crate::ingest::{ItemError, carry, describe};
use crate::query::cursor;
use crate::query::event::{Context, event};

/// Traces of a page of fetch unless asked otherwise.
const FETCH: u32 = 100;

/// Most traces of a page of fetch.
const LONGEST_FETCH: u32 = 1000;

/// What fetch takes elsewhere.
const NOT_OFFERED: [&str; 4] = ["query", "filter", "filters", "version"];

/// The routes of this file.
pub fn routes() -> Router<App> {
    KINDS.into_iter().fold(Router::new(), |router, kind| {
        router
            .route(&format!("/v1/{kind}/{{id}}/insert"), post(insert))
            .route(&format!("/v1/{kind}/{{id}}/fetch"), get(fetch_get).post(fetch_post))
    })
}

/// The items of a body.
pub(super) fn envelope<'a>(body: &'a [u8], key: &'static str) -> Result<Vec<&'a RawValue>, ApiError> {
    items(body, key).map_err(|error| {
        let code = match error {
            EnvelopeError::Malformed { .. } => ProblemCode::Malformed,
            EnvelopeError::Overflow => ProblemCode::NotSupported,
            EnvelopeError::TooMany(_) => ProblemCode::TooLarge,
        };
        ApiError::new(code, error.to_string())
    })
}

/// Stores all events, or none when one is no row at all. Parts of the wrong shape are left out and named.
async fn insert(
    State(app): State<App>,
    Caller(principal): Caller,
    Container(object): Container,
    RawBody(body): RawBody,
) -> Result<Json<Value>, ApiError> {
    principal.permit(Action::WriteRows)?;
    let project = visible(&app, &principal, object).await?;
    let (mut row_ids, mut refused, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    let mut writes = ObjectWrites { project, object, writes: Vec::new() };
    for (index, item) in envelope(&body, "events")?.into_iter().enumerate() {
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
    errors.extend(carry::write_rows(&app, &principal, writes).await?);
    let mut answer = json!({ "row_ids": row_ids });
    if !errors.is_empty() {
        answer["errors"] = json!(errors);
    }
    Ok(Json(answer))
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
    #[serde(flatten)]
    other: BTreeMap<String, Value>,
}

async fn fetch_get(
    State(app): State<App>,
    Caller(principal): Caller,
    Container(object): Container,
    params: Params,
) -> Result<Json<Value>, ApiError> {
    fetch_traces(&app, &principal, object, Fetch::of_query(&params)).await
}

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
    fetch.check_offered()?;
    let limit = fetch.limit()?;
    let before = fetch.before()?;
    let page = app.store.fetch(object, before, limit).await?;
    let scores = app.hub.scores(project).await?;
    let names = app.store.member_names(principal.organization).await?;
    let context = Context { organization: principal.organization, project, object, scores: &scores, names: &names };
    let events: Vec<Value> = page.rows.iter().map(|row| event(row, context, false)).collect();
    let cursor = page.last.map(|(xact, root)| cursor::of_fetch(xact, &root));
    Ok(Json(json!({ "events": events, "cursor": cursor })))
}

impl Fetch {
    fn of_query(params: &Params) -> Self {
        let value = |key: &str| params.text(key).map(Value::from);
        Self {
            limit: value("limit"),
            cursor: params.text("cursor").map(str::to_owned),
            max_xact_id: value("max_xact_id"),
            max_root_span_id: params.text("max_root_span_id").map(str::to_owned),
            other: NOT_OFFERED.iter().filter_map(|key| Some(((*key).to_owned(), value(key)?))).collect(),
        }
    }

    /// A filter that is ignored would pass for an answer, so what is not offered is refused.
    fn check_offered(&self) -> Result<(), ApiError> {
        let given = |value: &Value| !matches!(value, Value::Null) && value != "" && *value != json!([]);
        let asked = NOT_OFFERED.iter().find(|key| self.other.get(**key).is_some_and(given));
        match asked {
            Some(key) => {
                let detail = format!(
                    "{key} is not offered by this version; fetch takes limit, cursor, max_xact_id and max_root_span_id"
                );
                Err(ApiError::new(ProblemCode::NotSupported, detail))
            }
            None => Ok(()),
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
        let xact = match &self.max_xact_id {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        let xact = xact.parse().map_err(|error| malformed(format!("max_xact_id: {error}")))?;
        Ok(Some((xact, self.max_root_span_id.clone().unwrap_or_default())))
    }
}
