//! Projects and the scores that they want judged.

pub mod rank;
pub mod tag;

use async_trait::async_trait;
use concord_shared::ids::{MemberId, OrganizationId, ProjectId, ScoreId};
use concord_shared::moment::Moment;
use concord_shared::score::Score;
use concord_shared::score::config::{self, InvalidConfig};
use serde_json::Value;
use uuid::Uuid;

use super::store::StoreError;

/// Most scores of one project: each is a control on every reviewed row.
pub const MAX_SCORES: usize = 200;

/// A project.
#[derive(Debug, Clone, PartialEq)]
pub struct Project {
    /// Also the id of its logs.
    pub id: ProjectId,
    /// Whose.
    pub organization: OrganizationId,
    /// Unique among the organization's projects that are not deleted.
    pub name: String,
    /// In its makers' words.
    pub description: Option<String>,
    /// Kept for the API; an object or null.
    pub settings: Value,
    /// Who made it; unknown for those made by the server.
    pub created_by: Option<MemberId>,
    /// When.
    pub created: Moment,
    /// When it was deleted.
    pub deleted: Option<Moment>,
}

/// A score as the API knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectScore {
    /// Its id.
    pub id: ScoreId,
    /// Whose.
    pub project: ProjectId,
    /// Who configured it.
    pub created_by: MemberId,
    /// Unique in the project; the key under `scores`.
    pub name: String,
    /// Markdown: how to judge.
    pub description: Option<String>,
    /// In the API's word; [`config::KINDS`] lists them.
    pub score_type: String,
    /// As the API wrote it.
    pub categories: Value,
    /// As the API wrote it.
    pub config: Value,
    /// Sorts as text; see [`rank`].
    pub position: String,
    /// When it was made.
    pub created: Moment,
}

impl ProjectScore {
    /// The parts that decide about values, or what is wrong with them. Stored ones have passed this.
    pub fn to_score(&self) -> Result<Score, InvalidConfig> {
        config::parse(&self.name, &self.score_type, &self.categories, &self.config)
    }
}

/// A page of a list that is ordered newest first, which is by id downwards.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Only these, if not empty.
    pub ids: Vec<Uuid>,
    /// Items after this one in the list's order.
    pub after: Option<Uuid>,
    /// Items before this one, the nearest ones.
    pub before: Option<Uuid>,
    /// At most this many.
    pub limit: u32,
}

impl Page {
    /// The page's part of a list in memory.
    pub fn cut<T>(&self, mut all: Vec<T>, id: impl Fn(&T) -> Uuid) -> Vec<T> {
        all.retain(|item| {
            (self.ids.is_empty() || self.ids.contains(&id(item)))
                && self.after.is_none_or(|after| id(item) < after)
                && self.before.is_none_or(|before| id(item) > before)
        });
        all.sort_by_key(&id);
        if self.before.is_some() {
            all.truncate(self.limit as usize);
            all.reverse();
        } else {
            all.reverse();
            all.truncate(self.limit as usize);
        }
        all
    }
}

/// Which projects to list.
#[derive(Debug, Clone)]
pub struct ProjectFilter {
    /// Of whom.
    pub organization: OrganizationId,
    /// Of that name.
    pub name: Option<String>,
    /// Which part of the list.
    pub page: Page,
}

/// Which scores to list.
#[derive(Debug, Clone)]
pub struct ScoreFilter {
    /// Of whom.
    pub organization: OrganizationId,
    /// Of that project.
    pub project: Option<ProjectId>,
    /// Of the project of that name.
    pub project_name: Option<String>,
    /// Of that name.
    pub name: Option<String>,
    /// Of these kinds, if not empty.
    pub score_types: Vec<String>,
    /// Which part of the list.
    pub page: Page,
}

/// Projects and scores, as a database keeps them. A deleted project is found by nothing here.
#[async_trait]
pub trait ProjectStore: Send + Sync {
    /// The project of that name, made if there is none; `true` if it existed.
    async fn register_project(&self, project: &Project) -> Result<(Project, bool), StoreError>;

    /// A project of the organization.
    async fn project(&self, organization: OrganizationId, id: ProjectId) -> Result<Option<Project>, StoreError>;

    /// Projects, newest first.
    async fn projects(&self, filter: &ProjectFilter) -> Result<Vec<Project>, StoreError>;

    /// Stores name, description and settings.
    async fn update_project(&self, project: &Project) -> Result<(), StoreError>;

    /// Marks a project as deleted; its rows and reviews stay.
    async fn delete_project(&self, id: ProjectId, now: Moment) -> Result<(), StoreError>;

    /// The score of that name in the project, made after the last if there is none; `true` if it existed. An existing one
    /// is given the new description, kind, categories and configuration if `replace`, else left alone.
    async fn register_score(&self, score: &ProjectScore, replace: bool) -> Result<(ProjectScore, bool), StoreError>;

    /// A score of the organization.
    async fn score(&self, organization: OrganizationId, id: ScoreId) -> Result<Option<ProjectScore>, StoreError>;

    /// All scores of a project in their order.
    async fn scores_of(&self, project: ProjectId) -> Result<Vec<ProjectScore>, StoreError>;

    /// Scores, newest first.
    async fn scores(&self, filter: &ScoreFilter) -> Result<Vec<ProjectScore>, StoreError>;

    /// Stores everything but identity and origin.
    async fn update_score(&self, score: &ProjectScore) -> Result<(), StoreError>;

    /// Deletes the configuration. Values given for it stay in rows and reviews.
    async fn delete_score(&self, id: ScoreId) -> Result<(), StoreError>;
}
