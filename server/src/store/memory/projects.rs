//! Projects and their scores.

use async_trait::async_trait;
use concord_shared::ids::{OrganizationId, ProjectId, ScoreId};
use concord_shared::moment::Moment;
use concord_shared::score::Score;

use super::{Data, MemoryStore};
use crate::domain::project::{Project, ProjectFilter, ProjectScore, ProjectStore, ScoreFilter, rank};
use crate::domain::store::StoreError;

#[async_trait]
impl ProjectStore for MemoryStore {
    async fn register_project(&self, project: &Project) -> Result<(Project, bool), StoreError> {
        let mut data = self.data();
        if let Some(known) = data.named(project.organization, &project.name) {
            return Ok((known.clone(), true));
        }
        data.projects.insert(project.id, project.clone());
        Ok((project.clone(), false))
    }

    async fn project(&self, organization: OrganizationId, id: ProjectId) -> Result<Option<Project>, StoreError> {
        let data = self.data();
        Ok(data.standing(organization).find(|project| project.id == id).cloned())
    }

    async fn projects(&self, filter: &ProjectFilter) -> Result<Vec<Project>, StoreError> {
        let data = self.data();
        let found = data.standing(filter.organization);
        let found = found.filter(|project| filter.name.as_ref().is_none_or(|name| *name == project.name));
        Ok(filter.page.cut(found.cloned().collect(), |project| project.id.0))
    }

    async fn update_project(&self, project: &Project) -> Result<(), StoreError> {
        let mut data = self.data();
        if data.named(project.organization, &project.name).is_some_and(|known| known.id != project.id) {
            return Err(StoreError::Conflict { what: "a project of that name" });
        }
        if let Some(known) = data.projects.get_mut(&project.id) {
            known.name.clone_from(&project.name);
            known.description.clone_from(&project.description);
            known.settings.clone_from(&project.settings);
        }
        Ok(())
    }

    async fn delete_project(&self, id: ProjectId, now: Moment) -> Result<(), StoreError> {
        if let Some(project) = self.data().projects.get_mut(&id) {
            project.deleted = Some(now);
        }
        Ok(())
    }

    async fn register_score(&self, score: &ProjectScore, replace: bool) -> Result<(ProjectScore, bool), StoreError> {
        let mut data = self.data();
        let known = data.scores.values_mut().find(|known| (known.project, &known.name) == (score.project, &score.name));
        if let Some(known) = known {
            if replace {
                known.description.clone_from(&score.description);
                known.score_type.clone_from(&score.score_type);
                known.categories.clone_from(&score.categories);
                known.config.clone_from(&score.config);
            }
            return Ok((known.clone(), true));
        }
        let last = data.scores_of(score.project).last().map(|last| last.position.clone());
        let score = ProjectScore { position: rank::after(last.as_deref()), ..score.clone() };
        data.scores.insert(score.id, score.clone());
        Ok((score, false))
    }

    async fn score(&self, organization: OrganizationId, id: ScoreId) -> Result<Option<ProjectScore>, StoreError> {
        let data = self.data();
        let score = data.scores.get(&id);
        let stands = |score: &&ProjectScore| data.standing(organization).any(|project| project.id == score.project);
        Ok(score.filter(stands).cloned())
    }

    async fn scores_of(&self, project: ProjectId) -> Result<Vec<ProjectScore>, StoreError> {
        Ok(self.data().scores_of(project))
    }

    async fn scores(&self, filter: &ScoreFilter) -> Result<Vec<ProjectScore>, StoreError> {
        let data = self.data();
        let asked = |score: &&ProjectScore| {
            data.standing(filter.organization).any(|project| {
                project.id == score.project && filter.project_name.as_ref().is_none_or(|name| *name == project.name)
            }) && filter.project.is_none_or(|project| project == score.project)
                && filter.name.as_ref().is_none_or(|name| *name == score.name)
                && (filter.score_types.is_empty() || filter.score_types.contains(&score.score_type))
        };
        let found = data.scores.values().filter(asked).cloned().collect();
        Ok(filter.page.cut(found, |score: &ProjectScore| score.id.0))
    }

    async fn update_score(&self, score: &ProjectScore) -> Result<(), StoreError> {
        let mut data = self.data();
        let mut others = data.scores.values().filter(|known| known.id != score.id && known.project == score.project);
        if others.any(|known| known.name == score.name) {
            return Err(StoreError::Conflict { what: "a score of that name" });
        }
        if let Some(known) = data.scores.get_mut(&score.id) {
            let (project, created_by, created) = (known.project, known.created_by, known.created);
            *known = ProjectScore { project, created_by, created, ..score.clone() };
        }
        Ok(())
    }

    async fn delete_score(&self, id: ScoreId) -> Result<(), StoreError> {
        self.data().scores.remove(&id);
        Ok(())
    }
}

impl Data {
    /// Projects that are not deleted.
    pub(super) fn standing(&self, organization: OrganizationId) -> impl Iterator<Item = &Project> {
        let own = move |project: &&Project| project.organization == organization && project.deleted.is_none();
        self.projects.values().filter(own)
    }

    fn named(&self, organization: OrganizationId, name: &str) -> Option<&Project> {
        self.standing(organization).find(|project| project.name == name)
    }

    /// A project's scores in their order.
    pub(super) fn scores_of(&self, project: ProjectId) -> Vec<ProjectScore> {
        let mut scores: Vec<ProjectScore> =
            self.scores.values().filter(|score| score.project == project).cloned().collect();
        scores.sort_by(|a, b| (&a.position, a.id).cmp(&(&b.position, b.id)));
        scores
    }

    /// What the scores of a project say about values.
    pub(crate) fn book(&self, project: ProjectId) -> Vec<Score> {
        self.scores_of(project).iter().filter_map(|score| score.to_score().ok()).collect()
    }
}
