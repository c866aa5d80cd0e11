//! `GET /metrics`: figures of this process, for Prometheus.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use concord_shared::role::Action;

use super::auth::Caller;
use super::error::ApiError;
use crate::app::App;
use crate::gauges::Gauges;

/// Prometheus' text format.
const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The routes of this file.
pub fn routes() -> Router<App> {
    Router::new().route("/metrics", get(read))
}

async fn read(State(app): State<App>, Caller(principal): Caller) -> Result<Response, ApiError> {
    principal.permit(Action::Observe)?;
    let text = app.gauges.text(app.depths()).map_err(|error| ApiError::Internal(error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, FORMAT)], text).into_response())
}

/// Counts every answer.
pub async fn count(State(gauges): State<Gauges>, request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    let response = next.run(request).await;
    gauges.request(uri.path(), response.status().as_u16());
    response
}
