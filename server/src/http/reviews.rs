//! Reviews: opening one, reading it, its history, and the socket on which it is edited.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use concord_shared::ids::{DocumentId, ObjectRef, Reviewer};
use concord_shared::problem::ProblemCode;
use concord_shared::review::edit::Edit;
use concord_shared::review::effective::{Logged, effective};
use concord_shared::role::Action;
use concord_shared::score::ScoreKind;
use concord_shared::wire::sync::FRAME_BYTES;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::JsonBody;
use super::error::ApiError;
use super::object::visible as visible_object;
use crate::app::App;
use crate::domain::access::Principal;
use crate::domain::line::LoggedLine;
use crate::domain::store::{HistoryEntry, ReviewKey, Source};
use crate::socket::BUFFER_BYTES;
use crate::sync::edits::ReviewRequest;
use crate::{live, sync};

/// Entries of a page of history.
const HISTORY_PAGE: u32 = 200;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(open))
        .routes(routes!(read))
        .routes(routes!(history))
        .routes(routes!(sync_socket))
        .routes(routes!(live_socket))
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = OpenReview)]
struct OpenBody {
    #[serde(flatten)]
    object: ObjectRef,
    row_id: String,
}

/// Where a review is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenedReview)]
struct Opened {
    document_id: DocumentId,
    /// `automerge:…`
    url: String,
    /// The caller's key under `/scores`; null: nobody who judges.
    #[schema(required, value_type = Option<String>)]
    reviewer: Option<Reviewer>,
}

/// Makes the review of a row, its document and the caller's maps, and says where it is.
#[utoipa::path(post, path = "/api/review/open", tag = "reviews", request_body = OpenBody, responses((status = 200, body = Opened)))]
async fn open(
    State(app): State<App>,
    Caller(principal): Caller,
    JsonBody(body): JsonBody<OpenBody>,
) -> Result<Json<Opened>, ApiError> {
    principal.permit(Action::Read)?;
    let project = visible_object(&app, &principal, body.object).await?;
    if app.store.row(body.object, &body.row_id).await?.is_none() {
        return Err(ApiError::not_found("row", &body.row_id));
    }
    let now = app.clock.now();
    let key = app.store.ensure_review(principal.organization, project, body.object, &body.row_id, now).await?;
    let reviewer = principal.reviewer();
    if let Some(reviewer) = &reviewer {
        let scores = app.hub.scores(project).await?;
        let free_form = scores.iter().filter(|score| matches!(score.kind, ScoreKind::FreeForm { .. }));
        let request = ReviewRequest {
            organization: principal.organization,
            project,
            object: body.object,
            row_id: body.row_id,
            document: Some(key.document),
            on_behalf_of: Some(reviewer.clone()),
            source: Source::Server,
            metadata: None,
            feedback_id: None,
            logged_expected: Value::Null,
            edits: vec![
                Edit::OpenReviewer { reviewer: reviewer.clone() },
                Edit::OpenFields { names: free_form.map(|score| score.name.clone()).collect() },
            ],
        };
        app.hub.edit_review(request).await?;
    }
    Ok(Json(Opened { document_id: key.document, url: key.document.to_url(), reviewer }))
}

/// The review of a document, if the caller may see it.
async fn visible(app: &App, principal: &Principal, document: &str) -> Result<ReviewKey, ApiError> {
    principal.permit(Action::Read)?;
    let missing = || ApiError::not_found("review", document);
    let id: DocumentId = document.parse().or_else(|_| DocumentId::from_text(document)).map_err(|_| missing())?;
    let key = app.store.find_review(id).await?.ok_or_else(missing)?;
    if key.organization == principal.organization { Ok(key) } else { Err(missing()) }
}

/// A review: everything people decided, and what the row shows.
#[utoipa::path(get, path = "/api/review/{document}", tag = "reviews", params(("document" = String, Path)), responses((status = 200, body = Object)))]
async fn read(
    State(app): State<App>,
    Caller(principal): Caller,
    Path(document): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let key = visible(&app, &principal, &document).await?;
    let missing = || ApiError::not_found("review", document);
    let reading = app.hub.read(key.document).await?.ok_or_else(missing)?;
    let scores = app.hub.scores(key.project).await?;
    let row = app.store.row(key.object, &key.row_id).await?;
    let line = row.as_ref().map(|row| LoggedLine::of(&row.row)).unwrap_or_default();
    let field = |name| row.as_ref().and_then(|row| row.row.field(name)).unwrap_or(&Value::Null);
    let logged =
        Logged { scores: &line.scores, expected: field("expected"), metadata: field("metadata"), tags: &line.tags };
    let effective = effective(logged, Some(&reading.state), &scores);
    let scores: BTreeMap<_, _> = effective.scores.iter().map(|(name, score)| (name, score.value)).collect();
    Ok(Json(json!({
        "document_id": key.document,
        "object_type": key.object.object_type,
        "object_id": key.object.object_id,
        "row_id": key.row_id,
        "revision": reading.revision,
        "heads": reading.heads,
        "state": reading.state,
        "effective": {
            "scores": scores,
            "expected": effective.expected,
            "metadata": effective.metadata,
            "tags": effective.tags,
        },
        "conflicts": reading.conflicts,
    })))
}

#[derive(Debug, Deserialize)]
struct HistoryQuery {
    cursor: Option<String>,
    limit: Option<u32>,
}

/// A page of a review's history.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HistoryPage)]
struct History {
    entries: Vec<HistoryEntry>,
    /// Asks for the next page; null: this is the last one.
    #[schema(required)]
    cursor: Option<String>,
}

/// Facts of a review, oldest first.
#[utoipa::path(get, path = "/api/review/{document}/history", tag = "reviews", params(("document" = String, Path), ("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query)), responses((status = 200, body = History)))]
async fn history(
    State(app): State<App>,
    Caller(principal): Caller,
    Path(document): Path<String>,
    Query(query): Query<HistoryQuery>,
) -> Result<Json<History>, ApiError> {
    let key = visible(&app, &principal, &document).await?;
    let limit = query.limit.unwrap_or(HISTORY_PAGE).clamp(1, HISTORY_PAGE);
    let after = match query.cursor.as_deref() {
        None | Some("") => 0,
        Some(cursor) => cursor
            .parse()
            .map_err(|_| ApiError::new(ProblemCode::Malformed, "cursor is not one that this call has given out"))?,
    };
    let entries = app.store.history(key.document, after, limit).await?;
    let cursor = entries.last().filter(|_| entries.len() == limit as usize).map(|entry| entry.id.clone());
    Ok(Json(History { entries, cursor }))
}

/// automerge-repo's protocol.
#[utoipa::path(get, path = "/sync", tag = "sockets", params(("ticket" = Option<String>, Query)), responses((status = 101)))]
async fn sync_socket(
    State(app): State<App>,
    Caller(principal): Caller,
    upgrade: WebSocketUpgrade,
) -> Result<Response, ApiError> {
    principal.permit(Action::Read)?;
    let ended = Box::pin(app.ended(&principal));
    Ok(sized(upgrade).on_upgrade(move |socket| {
        let counted = app.sockets.count();
        let serving = sync::socket::serve(app.hub, principal, socket, ended);
        async move {
            serving.await;
            drop(counted);
        }
    }))
}

/// Metrics and feedback.
#[utoipa::path(get, path = "/live", tag = "sockets", params(("ticket" = Option<String>, Query)), responses((status = 101)))]
async fn live_socket(
    State(app): State<App>,
    Caller(principal): Caller,
    upgrade: WebSocketUpgrade,
) -> Result<Response, ApiError> {
    principal.permit(Action::GivePublicFeedback).or_else(|_| principal.permit(Action::Read))?;
    let ended = app.ended(&principal);
    Ok(sized(upgrade).on_upgrade(async move |socket| {
        let _counted = app.sockets.count();
        live::socket::serve(app, principal, socket, ended).await;
    }))
}

fn sized(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(2 * FRAME_BYTES)
        .max_message_size(FRAME_BYTES)
        .max_frame_size(FRAME_BYTES)
}
