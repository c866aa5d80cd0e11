//! `POST /v1/insert`: rows and feedback for several objects at once.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use concord_shared::ids::{ObjectRef, ObjectType, ProjectId};
use concord_shared::problem::ProblemCode;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::{RawBody, parse};
use super::error::ApiError;
use super::object::visible;
use super::{events, feedback};
use crate::app::App;

/// Most objects of one request.
const OBJECTS: usize = 100;

/// Routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(insert))
}

/// What is for one object.
#[derive(Deserialize)]
struct Each<'a> {
    #[serde(borrow, default)]
    events: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default)]
    feedback: Option<Vec<&'a RawValue>>,
}

/// Rows and feedback for several objects: `{"project_logs": {"<id>": {"events": […], "feedback": […]}}, "dataset": {…}}`. All
/// objects have to be there, or nothing is stored; then each stands for itself.
#[utoipa::path(post, path = "/v1/insert", tag = "rows", request_body = Object, responses((status = 200, body = Object)))]
async fn insert(
    State(app): State<App>,
    Caller(principal): Caller,
    RawBody(body): RawBody,
) -> Result<Json<Value>, ApiError> {
    principal.permit(concord_shared::role::Action::WriteRows)?;
    let body: BTreeMap<String, BTreeMap<String, Box<RawValue>>> = parse(&body)?;
    if body.values().map(BTreeMap::len).sum::<usize>() > OBJECTS {
        return Err(ApiError::new(ProblemCode::TooLarge, format!("at most {OBJECTS} objects; send them in parts")));
    }
    let mut asked = Vec::new();
    for (kind, objects) in &body {
        let object_type: ObjectType = kind.parse()?;
        for (id, each) in objects {
            let ProjectId(object_id) = id.parse()?;
            let object = ObjectRef { object_type, object_id };
            let each: Each<'_> = serde_json::from_str(each.get())
                .map_err(|error| ApiError::invalid(format!("{kind}: {error} of {object_id}")))?;
            asked.push((kind, id, object, visible(&app, &principal, object).await?, each));
        }
    }
    let mut answer = Map::new();
    for (kind, id, object, project, each) in asked {
        let mut told = json!({});
        if let Some(items) = &each.events {
            told = events::insert_items(&app, &principal, project, object, items).await?;
        }
        if let Some(items) = each.feedback.as_ref().filter(|items| !items.is_empty()) {
            let given = feedback::give_items(&app, &principal, project, object, items).await?;
            if given["status"] != "success" {
                told["feedback"] = given;
            }
        }
        answer.entry(kind.as_str()).or_insert_with(|| json!({}))[id.as_str()] = told;
    }
    Ok(Json(Value::Object(answer)))
}
