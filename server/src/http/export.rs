//! Rows with what reviewers decided, as a file: page after page as it is read, so that its size has no bound.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, Response, header};
use bytes::Bytes;
use concord_shared::ids::{ObjectRef, ObjectType};
use concord_shared::metric::CounterKey;
use concord_shared::problem::ProblemCode;
use concord_shared::role::Action;
use futures_util::stream;
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::sync::Semaphore;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::{JsonBody, Params};
use super::error::ApiError;
use super::find::{page, read_filter};
use super::meant::Meant;
use super::object::{object_of, visible};
use crate::app::App;
use crate::domain::access::Principal;
use crate::query::btql::Plan;
use crate::query::cursor::QueryPlace;
use crate::query::event::{Context, event};
use crate::query::export::Export;

/// Rows of a page.
const PAGE: usize = 200;

/// Pages of files that are read at a time; the others wait. Whoever reads their file slowly holds up nobody.
static PAGES: Semaphore = Semaphore::const_new(4);

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(all, some))
}

/// How the file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = FileFormat)]
enum Format {
    Csv,
    Jsonl,
}

/// The rows that a filter matches; all without one.
#[utoipa::path(get, path = "/api/export", tag = "rows", params(("object_type" = ObjectType, Query), ("object_id" = Uuid, Query), ("filter" = Option<String>, Query), ("format" = String, Query, description = "`csv` or `jsonl`")), responses((status = 200, body = String, content_type = "text/csv")))]
async fn all(State(app): State<App>, Caller(principal): Caller, params: Params) -> Result<Response<Body>, ApiError> {
    principal.permit(Action::Read)?;
    let object = object_of(&params)?;
    let format = match params.text("format") {
        Some("csv") => Format::Csv,
        Some("jsonl") => Format::Jsonl,
        _ => return Err(ApiError::new(ProblemCode::Malformed, "format: is csv or jsonl")),
    };
    let filter = read_filter(params.text("filter"))?;
    let left = Left::Matching { plan: Plan { limit: PAGE, ..Plan::filtered(filter) }, after: None };
    answer(app, principal, object, format, left).await
}

/// Which rows, and how.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ExportRows)]
struct Chosen {
    #[serde(flatten)]
    object: ObjectRef,
    #[serde(flatten)]
    rows: Meant,
    format: Format,
}

/// Some rows, by their ids or by a filter, ten thousand at most.
#[utoipa::path(post, path = "/api/export", tag = "rows", request_body = Chosen, responses((status = 200, body = String, content_type = "text/csv")))]
async fn some(
    State(app): State<App>,
    Caller(principal): Caller,
    JsonBody(body): JsonBody<Chosen>,
) -> Result<Response<Body>, ApiError> {
    principal.permit(Action::Read)?;
    visible(&app, &principal, body.object).await?;
    let ids = body.rows.ids(&app, &principal, body.object).await?;
    answer(app, principal, body.object, body.format, Left::Named(ids)).await
}

/// What is still to be written.
enum Left {
    Matching { plan: Plan, after: Option<QueryPlace> },
    Named(Vec<String>),
    Nothing,
}

/// A file under way.
struct Under {
    app: App,
    principal: Principal,
    object: ObjectRef,
    export: Export,
    left: Left,
}

async fn answer(
    app: App,
    principal: Principal,
    object: ObjectRef,
    format: Format,
    left: Left,
) -> Result<Response<Body>, ApiError> {
    let project = visible(&app, &principal, object).await?;
    let names = app.store.member_names(principal.organization).await?;
    let export = match format {
        Format::Jsonl => Export::jsonl(names),
        Format::Csv => {
            let configured = app.hub.scores(project).await?;
            let mut scores: BTreeSet<String> = configured.iter().map(|score| score.name.clone()).collect();
            let counters = app.store.counters(object).await?;
            scores.extend(counters.iter().filter_map(|(key, _)| match key {
                CounterKey::Score(name, _) => Some(name.clone()),
                _ => None,
            }));
            Export::csv(names, object.object_type, scores)
        }
    };
    let mut under = Under { app, principal, object, export, left };
    // The first page is read before anything is answered, so that a filter that cannot be is a problem like any other.
    let mut first = under.export.head();
    let rows = under.next().await?;
    first.extend(under.export.write(rows.unwrap_or_default()));
    let others = stream::try_unfold(under, async |mut under| match under.next().await {
        Ok(Some(rows)) => Ok(Some((Bytes::from(under.export.write(rows)), under))),
        Ok(None) => Ok(None),
        Err(error) => {
            tracing::error!("an export broke off: {error}");
            Err(error)
        }
    });
    let whole = futures_util::StreamExt::chain(stream::iter([Ok(Bytes::from(first))]), others);
    let mut response = Response::new(Body::from_stream(whole));
    let (kind, name) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "csv"),
        Format::Jsonl => ("application/jsonl; charset=utf-8", "jsonl"),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let file = format!("attachment; filename=\"concord-{}.{name}\"", object.object_type);
    if let Ok(value) = HeaderValue::from_str(&file) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

impl Under {
    /// The next rows; `None` after the last.
    async fn next(&mut self) -> Result<Option<Vec<Map<String, Value>>>, ApiError> {
        // It is never closed.
        let _permit = PAGES.acquire().await;
        match &mut self.left {
            Left::Nothing => Ok(None),
            Left::Matching { plan, after } => {
                let page = page(&self.app, &self.principal, self.object, plan, after.take()).await?;
                match page.next {
                    Some(next) => *after = Some(next),
                    None => self.left = Left::Nothing,
                }
                Ok(Some(page.rows))
            }
            Left::Named(ids) => {
                if ids.is_empty() {
                    return Ok(None);
                }
                let ids: Vec<String> = ids.drain(..ids.len().min(PAGE)).collect();
                self.named(&ids).await.map(Some)
            }
        }
    }

    async fn named(&self, ids: &[String]) -> Result<Vec<Map<String, Value>>, ApiError> {
        let project = visible(&self.app, &self.principal, self.object).await?;
        let scores = self.app.hub.scores(project).await?;
        let names = self.app.store.member_names(self.principal.organization).await?;
        let (organization, object) = (self.principal.organization, self.object);
        let context = Context { organization, project, object, scores: &scores, names: &names };
        let mut rows = self.app.store.rows(object, ids).await?;
        let found = ids.iter().filter_map(|id| rows.remove(id));
        Ok(found.map(|row| event(&row, context, false)).collect())
    }
}
