//! Experiments and datasets: the containers of rows that a project has beside its logs.

use async_trait::async_trait;
use concord_shared::ids::{MemberId, ObjectRef, ObjectType, OrganizationId, ProjectId};
use concord_shared::moment::Moment;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::project::Page;
use super::store::StoreError;

/// What a rename or a new object may clash with.
pub const NAME_TAKEN: &str = "an experiment or dataset of that name";

/// An experiment or a dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// What it is, and its id.
    pub object: ObjectRef,
    /// Whose. Never changes.
    pub project: ProjectId,
    /// Unique among the project's objects of this kind that are not deleted.
    pub name: String,
    /// In its makers' words.
    pub description: Option<String>,
    /// Kept for the API; an object or null.
    pub metadata: Value,
    /// The rest.
    pub details: Details,
    /// Who made it; unknown for those made by the server.
    pub created_by: Option<MemberId>,
    /// When.
    pub created: Moment,
    /// When it was deleted.
    pub deleted: Option<Moment>,
}

/// What nothing is looked up by. All but the tags is for experiments alone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    /// Of the object itself, not of its rows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Kept for the API.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub public: bool,
    /// The experiment that this one is compared with unless another is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<Uuid>,
    /// The dataset that its rows were made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<Uuid>,
    /// A transaction id, as the client said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset_version: Option<String>,
    /// State of the code that ran it; `commit` is read from it.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub repo_info: Value,
    /// Kept for the API.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub internal_metadata: Value,
    /// Kept for the API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<String>,
    /// Kept for the API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters_version: Option<String>,
}

/// Which objects to list.
#[derive(Debug, Clone)]
pub struct ObjectFilter {
    /// Of whom.
    pub organization: OrganizationId,
    /// Of what kind.
    pub object_type: ObjectType,
    /// Of that project.
    pub project: Option<ProjectId>,
    /// Of the project of that name.
    pub project_name: Option<String>,
    /// Of that name.
    pub name: Option<String>,
    /// Which part of the list.
    pub page: Page,
}

/// Experiments and datasets, as a database keeps them. A deleted one, or one of a deleted project, is found by nothing here.
#[async_trait]
pub trait ObjectStore: Send + Sync {
    /// The object of that kind and name in the project, made if there is none; `true` if it existed, which leaves it alone.
    async fn register_object(&self, object: &Object) -> Result<(Object, bool), StoreError>;

    /// An object of the organization.
    async fn object(&self, organization: OrganizationId, object: ObjectRef) -> Result<Option<Object>, StoreError>;

    /// Objects, newest first.
    async fn objects(&self, filter: &ObjectFilter) -> Result<Vec<Object>, StoreError>;

    /// Everything that a project has beside its logs, deleted ones included: what changed scores have to be brought to.
    async fn objects_of(&self, project: ProjectId) -> Result<Vec<ObjectRef>, StoreError>;

    /// Stores name, description, metadata and details.
    async fn update_object(&self, object: &Object) -> Result<(), StoreError>;

    /// Marks an object as deleted; its rows and reviews stay.
    async fn delete_object(&self, object: ObjectRef, now: Moment) -> Result<(), StoreError>;
}
