//! One row, and where a row is.

use axum::Json;
use axum::extract::State;
use concord_shared::filter::Clock;
use concord_shared::ids::ObjectType;
use concord_shared::problem::ProblemCode;
use concord_shared::role::Action;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::Params;
use super::error::ApiError;
use super::object::{object_of, visible};
use crate::app::App;
use crate::query::conditions;
use crate::query::event::{Context, event};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(read)).routes(routes!(locate))
}

fn id_of(params: &Params) -> Result<&str, ApiError> {
    params.text("id").ok_or_else(|| ApiError::new(ProblemCode::Malformed, "id: is missing"))
}

/// A row with its payload and its review, and the names of the scores whose conditions do not hold for it (`unasked`).
#[utoipa::path(get, path = "/api/span", tag = "rows", params(("object_type" = ObjectType, Query), ("object_id" = Uuid, Query), ("id" = String, Query)), responses((status = 200, body = crate::query::event::Described)))]
async fn read(
    State(app): State<App>,
    Caller(principal): Caller,
    params: Params,
) -> Result<Json<Map<String, Value>>, ApiError> {
    principal.permit(Action::Read)?;
    let (object, id) = (object_of(&params)?, id_of(&params)?);
    let project = visible(&app, &principal, object).await?;
    let row = app.store.row(object, id).await?.ok_or_else(|| ApiError::not_found("row", format!("{id:?}")))?;
    let scores = app.hub.scores(project).await?;
    let names = app.store.member_names(principal.organization).await?;
    let context = Context { organization: principal.organization, project, object, scores: &scores, names: &names };
    let mut event = event(&row, context, true);
    let configured = app.store.scores_of(project).await?;
    let clock = Clock { now: app.clock.now(), tz_offset: 0 };
    let unasked = conditions::unasked(&*app.store, &configured, &row, context, clock).await?;
    event.insert("unasked".into(), unasked.into());
    Ok(Json(event))
}

/// Where a row is.
#[derive(Serialize, ToSchema)]
struct Located {
    root_span_id: String,
    span_id: String,
    id: String,
}

/// Where a row is, by its id, its span id or the id of its trace: links of clients name any of them.
#[utoipa::path(get, path = "/api/locate", tag = "rows", params(("object_type" = ObjectType, Query), ("object_id" = Uuid, Query), ("id" = String, Query)), responses((status = 200, body = Located)))]
async fn locate(State(app): State<App>, Caller(principal): Caller, params: Params) -> Result<Json<Located>, ApiError> {
    principal.permit(Action::Read)?;
    let (object, id) = (object_of(&params)?, id_of(&params)?);
    visible(&app, &principal, object).await?;
    let row = app.store.locate(object, id).await?;
    let row = row.ok_or_else(|| ApiError::not_found("row, span or trace", format!("{id:?}")))?;
    Ok(Json(Located { root_span_id: row.spans.root_span_id, span_id: row.spans.span_id, id: row.id }))
}
