//! Tags that a project offers to its reviewers. Rows may carry others.

use async_trait::async_trait;
use concord_shared::ids::{MemberId, OrganizationId, ProjectId, TagId};
use concord_shared::moment::Moment;

use super::Page;
use crate::domain::store::StoreError;

/// Most tags of one project: more no menu can offer.
pub const MAX_TAGS: usize = 1000;

/// A tag as the API knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectTag {
    /// Its id.
    pub id: TagId,
    /// Whose.
    pub project: ProjectId,
    /// Who made it.
    pub created_by: MemberId,
    /// Unique in the project; what rows carry.
    pub name: String,
    /// When to use it.
    pub description: Option<String>,
    /// In practice a hex colour.
    pub color: Option<String>,
    /// Sorts as text; see [`super::rank`].
    pub position: String,
    /// When it was made.
    pub created: Moment,
}

/// Which tags to list.
#[derive(Debug, Clone)]
pub struct TagFilter {
    /// Of whom.
    pub organization: OrganizationId,
    /// Of that project.
    pub project: Option<ProjectId>,
    /// Of the project of that name.
    pub project_name: Option<String>,
    /// Of that name.
    pub name: Option<String>,
    /// Which part of the list.
    pub page: Page,
}

/// Tags, as a database keeps them. Those of a deleted project are found by nothing here.
#[async_trait]
pub trait TagStore: Send + Sync {
    /// The tag of that name in the project, made after the last if there is none; `true` if it existed. An existing one is given
    /// the new description and colour if `replace`, else left alone.
    async fn register_tag(&self, tag: &ProjectTag, replace: bool) -> Result<(ProjectTag, bool), StoreError>;

    /// A tag of the organization.
    async fn tag(&self, organization: OrganizationId, id: TagId) -> Result<Option<ProjectTag>, StoreError>;

    /// Tags, newest first.
    async fn tags(&self, filter: &TagFilter) -> Result<Vec<ProjectTag>, StoreError>;

    /// Stores everything but identity and origin.
    async fn update_tag(&self, tag: &ProjectTag) -> Result<(), StoreError>;

    /// Deletes the tag. Rows keep what they carry.
    async fn delete_tag(&self, id: TagId) -> Result<(), StoreError>;
}
