//! Tags that projects offer.

use async_trait::async_trait;
use concord_shared::ids::{OrganizationId, TagId};

use super::MemoryStore;
use crate::domain::project::rank;
use crate::domain::project::tag::{ProjectTag, TagFilter, TagStore};
use crate::domain::store::StoreError;

#[async_trait]
impl TagStore for MemoryStore {
    async fn register_tag(&self, tag: &ProjectTag, replace: bool) -> Result<(ProjectTag, bool), StoreError> {
        let mut data = self.data();
        let known = data.tags.values_mut().find(|known| (known.project, &known.name) == (tag.project, &tag.name));
        if let Some(known) = known {
            if replace {
                known.description.clone_from(&tag.description);
                known.color.clone_from(&tag.color);
            }
            return Ok((known.clone(), true));
        }
        let others = data.tags.values().filter(|known| known.project == tag.project);
        let position = rank::after(others.map(|known| known.position.as_str()).max());
        let tag = ProjectTag { position, ..tag.clone() };
        data.tags.insert(tag.id, tag.clone());
        Ok((tag, false))
    }

    async fn tag(&self, organization: OrganizationId, id: TagId) -> Result<Option<ProjectTag>, StoreError> {
        let data = self.data();
        let stands = |tag: &&ProjectTag| data.standing(organization).any(|project| project.id == tag.project);
        Ok(data.tags.get(&id).filter(stands).cloned())
    }

    async fn tags(&self, filter: &TagFilter) -> Result<Vec<ProjectTag>, StoreError> {
        let data = self.data();
        let asked = |tag: &&ProjectTag| {
            data.standing(filter.organization).any(|project| {
                project.id == tag.project && filter.project_name.as_ref().is_none_or(|name| *name == project.name)
            }) && filter.project.is_none_or(|project| project == tag.project)
                && filter.name.as_ref().is_none_or(|name| *name == tag.name)
        };
        let found = data.tags.values().filter(asked).cloned().collect();
        Ok(filter.page.cut(found, |tag: &ProjectTag| tag.id.0))
    }

    async fn update_tag(&self, tag: &ProjectTag) -> Result<(), StoreError> {
        let mut data = self.data();
        let mut others = data.tags.values().filter(|known| known.id != tag.id && known.project == tag.project);
        if others.any(|known| known.name == tag.name) {
            return Err(StoreError::Conflict { what: "a tag of that name" });
        }
        if let Some(known) = data.tags.get_mut(&tag.id) {
            let (project, created_by, created) = (known.project, known.created_by, known.created);
            *known = ProjectTag { project, created_by, created, ..tag.clone() };
        }
        Ok(())
    }

    async fn delete_tag(&self, id: TagId) -> Result<(), StoreError> {
        self.data().tags.remove(&id);
        Ok(())
    }
}
