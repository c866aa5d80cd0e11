//! Metrics of an object, once; `GET /live` follows them.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use concord_shared::metric::metrics_data;
use concord_shared::role::Action;
use serde_json::Value;

use super::auth::Caller;
use super::body::Params;
use super::error::ApiError;
use super::object::{object_of, visible};
use crate::app::App;

/// The routes of this file.
pub fn routes() -> Router<App> {
    Router::new().route("/api/metrics", get(read))
}

async fn read(State(app): State<App>, Caller(principal): Caller, params: Params) -> Result<Json<Value>, ApiError> {
    principal.permit(Action::Read)?;
    let object = object_of(&params)?;
    visible(&app, &principal, object).await?;
    let (counters, extremes) = (app.store.counters(object).await?, app.store.extremes(object).await?);
    Ok(Json(metrics_data(&counters, &extremes)))
}
