//! Making datasets, by both generations of Braintrust's calls; the rest is in [`super::objects`].

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use concord_shared::ids::{ObjectType, ProjectId};
use concord_shared::role::Action;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::JsonBody;
use super::error::ApiError;
use super::object::Container;
use super::objects::{InProject, Said, blank, known, register};
use super::projects::{self, find, found_existing, permit_lookup};
use crate::app::App;
use crate::domain::object::Object;

/// What clients call their dataset when nobody named it.
const UNNAMED: &str = "logs";

/// Routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(create)).routes(routes!(register_dataset)).routes(routes!(environment))
}

/// A dataset as Braintrust's clients read it.
pub(super) fn describe(dataset: &Object) -> Value {
    json!({
        "id": dataset.object.object_id,
        "project_id": dataset.project,
        "name": dataset.name,
        "url_slug": dataset.name,
        "description": dataset.description,
        "created": dataset.created,
        "deleted_at": dataset.deleted,
        "user_id": dataset.created_by,
        "tags": Some(&dataset.details.tags).filter(|tags| !tags.is_empty()),
        "metadata": dataset.metadata,
    })
}

#[derive(Deserialize)]
struct Create {
    project_id: ProjectId,
    #[serde(flatten)]
    said: Said,
}

/// The dataset of that name, made if there is none.
#[utoipa::path(post, path = "/v1/dataset", tag = "objects", request_body = Object, responses((status = 200, body = Object)))]
async fn create(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody<Create>,
) -> Result<(HeaderMap, Json<Value>), ApiError> {
    let principal = caller.permit(Action::RegisterProject)?;
    let project = find(&app, principal, body.project_id).await?;
    let mut dataset = blank(&app, principal, project.id, ObjectType::Dataset);
    let name = body.said.name.clone().unwrap_or_else(|| UNNAMED.to_owned());
    Said { name: Some(name), ..body.said }.lay_over(&app, principal, &mut dataset).await?;
    let (dataset, existed) = register(&app, dataset, false).await?;
    Ok((found_existing(existed), Json(describe(&dataset))))
}

#[derive(Deserialize)]
struct Register {
    dataset_name: Option<String>,
    #[serde(flatten)]
    place: InProject,
    #[serde(flatten)]
    said: Said,
}

/// The same, as the SDK for TypeScript and older ones for Python ask.
#[utoipa::path(post, path = "/api/dataset/register", tag = "objects", request_body = Object, responses((status = 200, body = Object)))]
async fn register_dataset(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody<Register>,
) -> Result<Json<Value>, ApiError> {
    let principal = caller.permit(Action::RegisterProject)?;
    let project = body.place.ensure(&app, principal).await?;
    let mut dataset = blank(&app, principal, project.id, ObjectType::Dataset);
    let name = body.dataset_name.unwrap_or_else(|| UNNAMED.to_owned());
    Said { name: Some(name), ..body.said }.lay_over(&app, principal, &mut dataset).await?;
    let (dataset, existed) = register(&app, dataset, false).await?;
    Ok(Json(json!({
        "project": projects::describe(&project),
        "dataset": describe(&dataset),
        "found_existing": existed,
    })))
}

/// Environments are names for versions, which this server does not keep: no dataset has any.
#[utoipa::path(get, path = "/environment-object/dataset/{id}/{environment}", tag = "objects", params(("id" = String, Path), ("environment" = String, Path), ("org_name" = Option<String>, Query)), responses((status = 200, body = Object)))]
async fn environment(
    State(app): State<App>,
    caller: Caller,
    axum::extract::Path((_, environment)): axum::extract::Path<(String, String)>,
    Container(dataset): Container,
) -> Result<Json<Value>, ApiError> {
    let principal = permit_lookup(&caller)?;
    let dataset = known(&app, principal, dataset).await?;
    let shown: String = environment.chars().take(100).collect();
    let detail = format!(
        "environment {shown:?} of the dataset {:?} (environments are not offered; name a version instead)",
        dataset.name
    );
    Err(ApiError::not_found("such thing as", detail))
}
