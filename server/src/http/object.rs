//! Containers of rows as requests name them, and whether the caller may know of them.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use concord_shared::ids::{ObjectRef, ObjectType, ProjectId};
use concord_shared::problem::ProblemCode;

use super::body::Params;
use super::error::ApiError;
use crate::app::App;
use crate::domain::access::Principal;

/// `object_type` and `object_id` of a query.
pub(super) fn object_of(params: &Params) -> Result<ObjectRef, ApiError> {
    let missing = |key: &str| ApiError::new(ProblemCode::Malformed, format!("{key}: is missing"));
    Ok(ObjectRef {
        object_type: params.value("object_type")?.ok_or_else(|| missing("object_type"))?,
        object_id: params.value("object_id")?.ok_or_else(|| missing("object_id"))?,
    })
}

/// The project of an object, if the caller may know of it.
pub(crate) async fn visible(app: &App, principal: &Principal, object: ObjectRef) -> Result<ProjectId, ApiError> {
    let found = app.catalog.object(principal.organization, object).await?;
    found.map(|project| project.id).ok_or_else(|| ApiError::not_found(noun(object.object_type), object.object_id))
}

/// What a kind of container is called in sentences.
pub(super) fn noun(object_type: ObjectType) -> &'static str {
    match object_type {
        ObjectType::ProjectLogs => "project",
        ObjectType::Experiment => "experiment",
        ObjectType::Dataset => "dataset",
    }
}

/// All kinds of containers: calls on `/v1/{kind}/{id}/…` exist for each.
pub(super) const KINDS: [ObjectType; 3] = [ObjectType::ProjectLogs, ObjectType::Experiment, ObjectType::Dataset];

/// The container that a path such as `/v1/dataset/{id}/fetch` names.
#[derive(Debug)]
pub(super) struct Container(pub ObjectRef);

impl<S: Send + Sync> FromRequestParts<S> for Container {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let mut path = parts.uri.path().trim_start_matches('/').split('/').skip(1);
        let object_type = path.next().unwrap_or_default().parse()?;
        // A container's id has the same form as a project's.
        let ProjectId(object_id) = path.next().unwrap_or_default().parse()?;
        Ok(Self(ObjectRef { object_type, object_id }))
    }
}
