//! Containers of rows as requests name them, and whether the caller may know of them.

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
    let missing = || ApiError::not_found("object", object);
    match object.object_type {
        ObjectType::ProjectLogs => {
            let project = app.catalog.project(principal.organization, ProjectId(object.object_id)).await?;
            project.map(|project| project.id).ok_or_else(missing)
        }
        ObjectType::Experiment | ObjectType::Dataset => Err(missing()),
    }
}

/// The logs of a project, if the caller may know of it.
pub(super) async fn logs(app: &App, principal: &Principal, project: ProjectId) -> Result<ObjectRef, ApiError> {
    let found = app.catalog.project(principal.organization, project).await?;
    found.map(|project| ObjectRef::logs(project.id)).ok_or_else(|| ApiError::not_found("project", project))
}
