//! Metrics of an object, once; `GET /live` follows them.

use axum::Json;
use axum::extract::State;
use concord_shared::ids::ObjectType;
use concord_shared::metric::metrics_data;
use concord_shared::role::Action;
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::Params;
use super::error::ApiError;
use super::object::{object_of, visible};
use crate::app::App;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(read))
}

/// Counts, means and histograms of an object.
#[utoipa::path(get, path = "/api/metrics", tag = "metrics", params(("object_type" = ObjectType, Query), ("object_id" = Uuid, Query)), responses((status = 200, body = Object)))]
async fn read(State(app): State<App>, Caller(principal): Caller, params: Params) -> Result<Json<Value>, ApiError> {
    principal.permit(Action::Read)?;
    let object = object_of(&params)?;
    visible(&app, &principal, object).await?;
    let (counters, extremes) = (app.store.counters(object).await?, app.store.extremes(object).await?);
    Ok(Json(metrics_data(&counters, &extremes)))
}
