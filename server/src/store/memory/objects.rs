//! Experiments and datasets.

use async_trait::async_trait;
use concord_shared::ids::{ObjectRef, OrganizationId, ProjectId};
use concord_shared::moment::Moment;

use super::{Data, MemoryStore};
use crate::domain::object::{NAME_TAKEN, Object, ObjectFilter, ObjectStore};
use crate::domain::store::StoreError;

#[async_trait]
impl ObjectStore for MemoryStore {
    async fn register_object(&self, object: &Object) -> Result<(Object, bool), StoreError> {
        let mut data = self.data();
        if let Some(known) = data.object_named(object) {
            return Ok((known.clone(), true));
        }
        data.objects.insert(object.object, object.clone());
        Ok((object.clone(), false))
    }

    async fn object(&self, organization: OrganizationId, object: ObjectRef) -> Result<Option<Object>, StoreError> {
        let data = self.data();
        let found = data.objects.get(&object).filter(|found| found.deleted.is_none());
        let stands = |found: &&Object| data.standing(organization).any(|project| project.id == found.project);
        Ok(found.filter(stands).cloned())
    }

    async fn objects(&self, filter: &ObjectFilter) -> Result<Vec<Object>, StoreError> {
        let data = self.data();
        let asked = |object: &&Object| {
            data.standing(filter.organization).any(|project| {
                project.id == object.project && filter.project_name.as_ref().is_none_or(|name| *name == project.name)
            }) && object.object.object_type == filter.object_type
                && object.deleted.is_none()
                && filter.project.is_none_or(|project| project == object.project)
                && filter.name.as_ref().is_none_or(|name| *name == object.name)
        };
        let found = data.objects.values().filter(asked).cloned().collect();
        Ok(filter.page.cut(found, |object: &Object| object.object.object_id))
    }

    async fn objects_of(&self, project: ProjectId) -> Result<Vec<ObjectRef>, StoreError> {
        let data = self.data();
        let mut found: Vec<ObjectRef> =
            data.objects.values().filter(|object| object.project == project).map(|object| object.object).collect();
        found.sort_by_key(|object| object.object_id);
        Ok(found)
    }

    async fn update_object(&self, object: &Object) -> Result<(), StoreError> {
        let mut data = self.data();
        if data.object_named(object).is_some_and(|known| known.object != object.object) {
            return Err(StoreError::Conflict { what: NAME_TAKEN });
        }
        if let Some(known) = data.objects.get_mut(&object.object) {
            known.name.clone_from(&object.name);
            known.description.clone_from(&object.description);
            known.metadata.clone_from(&object.metadata);
            known.details.clone_from(&object.details);
        }
        Ok(())
    }

    async fn delete_object(&self, object: ObjectRef, now: Moment) -> Result<(), StoreError> {
        if let Some(object) = self.data().objects.get_mut(&object) {
            object.deleted = Some(now);
        }
        Ok(())
    }
}

impl Data {
    /// The one that has the name of `object`.
    fn object_named(&self, object: &Object) -> Option<&Object> {
        self.objects.values().find(|known| {
            known.deleted.is_none()
                && known.object.object_type == object.object.object_type
                && (known.project, &known.name) == (object.project, &object.name)
        })
    }
}
