//! Braintrust's REST call for feedback: judgements, corrections, tags and comments on rows, by members or for end users.

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use concord_shared::role::Action;
use serde_json::{Value, json};

use super::auth::Caller;
use super::body::RawBody;
use super::error::ApiError;
use super::events::envelope;
use super::object::{Container, KINDS, visible};
use crate::app::App;
use crate::ingest::{carry, describe};

/// The routes of this file.
pub fn routes() -> Router<App> {
    KINDS
        .into_iter()
        .fold(Router::new(), |router, kind| router.route(&format!("/v1/{kind}/{{id}}/feedback"), post(give)))
}

/// Each item stands for itself. An answer that accepts none is a problem; one that accepts some names the others.
async fn give(
    State(app): State<App>,
    Caller(principal): Caller,
    Container(object): Container,
    RawBody(body): RawBody,
) -> Result<Json<Value>, ApiError> {
    principal.permit(Action::GivePublicFeedback)?;
    let project = visible(&app, &principal, object).await?;
    let items: Vec<&str> = envelope(&body, "feedback")?.into_iter().map(|item| item.get()).collect();
    let errors = carry::give_feedback(&app, &principal, project, object, &items).await?;
    if errors.is_empty() {
        return Ok(Json(json!({ "status": "success" })));
    }
    if errors.len() == items.len() {
        return Err(ApiError::invalid(describe("feedback", &errors)));
    }
    Ok(Json(json!({ "status": "partial", "errors": errors })))
}
