//! `GET /metrics`: figures of this process, for Prometheus.

use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use concord_shared::role::Action;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::error::ApiError;
use crate::app::App;
use crate::gauges::{Depths, Gauges};

/// Prometheus' text format.
const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(read))
}

/// Figures of the process, in Prometheus' text format.
#[utoipa::path(get, path = "/metrics", tag = "server", responses((status = 200, body = String, content_type = "text/plain")))]
async fn read(State(app): State<App>, Caller(principal): Caller) -> Result<Response, ApiError> {
    principal.permit(Action::Observe)?;
    let behind = app.store.full_text_behind().await?;
    let depths = Depths { full_text: usize::try_from(behind).unwrap_or(0), ..app.depths() };
    let text = app.gauges.text(depths).map_err(|error| ApiError::Internal(error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, FORMAT)], text).into_response())
}

/// Counts every answer.
pub async fn count(State(gauges): State<Gauges>, request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    let response = next.run(request).await;
    gauges.request(uri.path(), response.status().as_u16());
    response
}
