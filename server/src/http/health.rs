//! Open to everybody: is the server alive, can it work, what is it.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use concord_shared::problem::ProblemCode;
use serde_json::{Value, json};

use super::error::ApiError;
use crate::app::App;

/// Routes of this file.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/health", get(|| async { Json(json!({"status": "ok"})) }))
        .route("/ready", get(ready))
        .route("/version", get(|| async { Json(json!({"version": env!("CARGO_PKG_VERSION")})) }))
        .route("/v1", get(|| async { "Hello, World!" }))
}

/// Ready means that the database answers and that the server is not about to stop.
async fn ready(State(app): State<App>) -> Result<Json<Value>, ApiError> {
    if *app.closing.borrow() {
        return Err(ApiError::new(ProblemCode::Unavailable, "the server is stopping"));
    }
    app.store.has_organization().await?;
    Ok(Json(json!({"status": "ready"})))
}
