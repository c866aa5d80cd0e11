//! Braintrust's REST call for feedback: judgements, corrections, tags and comments on rows, by members or for end users.

use std::sync::PoisonError;

use axum::Json;
use axum::extract::State;
use concord_shared::ids::{ObjectRef, ProjectId};
use concord_shared::role::Action;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::RawBody;
use super::error::ApiError;
use super::events::envelope;
use super::object::{Container, KINDS, visible};
use super::openapi::for_kinds;
use crate::app::App;
use crate::domain::access::Principal;
use crate::ingest::{carry, describe};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(for_kinds(&KINDS, routes!(give)))
}

/// Each item stands for itself. An answer that accepts none is a problem; one that accepts some names the others.
#[utoipa::path(post, path = "/v1/{kind}/{id}/feedback", tag = "rows", params(("id" = Uuid, Path)), request_body = Object, responses((status = 200, body = Object)))]
async fn give(
    State(app): State<App>,
    Caller(principal): Caller,
    Container(object): Container,
    RawBody(body): RawBody,
) -> Result<Json<Value>, ApiError> {
    principal.permit(Action::GivePublicFeedback)?;
    let project = visible(&app, &principal, object).await?;
    let items = envelope(&body, "feedback")?;
    give_items(&app, &principal, project, object, &items).await.map(Json)
}

/// Counts items against the allowance of a feedback key; members and their keys have none.
pub(crate) fn keep_pace(app: &App, principal: &Principal, items: usize) -> Result<(), ApiError> {
    let Some(key) = principal.key.filter(|_| principal.limits.is_some()) else { return Ok(()) };
    let mut pace = app.pace.lock().unwrap_or_else(PoisonError::into_inner);
    pace.take(app.clock.now(), key, items.max(1)).map_err(|wait| ApiError::TooMany {
        wait,
        detail: "this feedback key gives more than 20 items a second; keep them and send them later".to_owned(),
    })
}

/// Gives feedback on rows of one object.
pub(super) async fn give_items(
    app: &App,
    principal: &Principal,
    project: ProjectId,
    object: ObjectRef,
    items: &[&RawValue],
) -> Result<Value, ApiError> {
    keep_pace(app, principal, items.len())?;
    let items: Vec<&str> = items.iter().map(|item| item.get()).collect();
    let errors = carry::give_feedback(app, principal, project, object, &items).await?;
    if errors.is_empty() {
        return Ok(json!({ "status": "success" }));
    }
    if errors.len() == items.len() {
        return Err(ApiError::invalid(describe("feedback", &errors)));
    }
    Ok(json!({ "status": "partial", "errors": errors }))
}
