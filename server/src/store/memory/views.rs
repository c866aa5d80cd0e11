//! Saved views.

use async_trait::async_trait;
use concord_shared::ids::{OrganizationId, ViewId};

use super::MemoryStore;
use crate::domain::store::StoreError;
use crate::domain::view::{View, ViewFilter, ViewStore};

/// Views that may not have one name.
fn place(view: &View) -> (OrganizationId, &str, uuid::Uuid, Option<&str>, &str) {
    (view.organization, &view.object_type, view.object_id, view.view_type.as_deref(), &view.name)
}

#[async_trait]
impl ViewStore for MemoryStore {
    async fn register_view(&self, view: &View, replace: bool) -> Result<(View, bool), StoreError> {
        let mut data = self.data();
        if let Some(known) = data.views.values_mut().find(|known| place(known) == place(view)) {
            if replace {
                *known = View { id: known.id, created_by: known.created_by, created: known.created, ..view.clone() };
            }
            return Ok((known.clone(), true));
        }
        data.views.insert(view.id, view.clone());
        Ok((view.clone(), false))
    }

    async fn view(&self, organization: OrganizationId, id: ViewId) -> Result<Option<View>, StoreError> {
        Ok(self.data().views.get(&id).filter(|view| view.organization == organization).cloned())
    }

    async fn views(&self, filter: &ViewFilter) -> Result<Vec<View>, StoreError> {
        let data = self.data();
        let asked = |view: &&View| {
            (view.organization, &view.object_type, view.object_id)
                == (filter.organization, &filter.object_type, filter.object_id)
                && filter.name.as_ref().is_none_or(|name| *name == view.name)
                && (filter.view_type.is_none() || filter.view_type == view.view_type)
        };
        let found = data.views.values().filter(asked).cloned().collect();
        Ok(filter.page.cut(found, |view: &View| view.id.0))
    }

    async fn update_view(&self, view: &View) -> Result<(), StoreError> {
        let mut data = self.data();
        if data.views.values().any(|known| known.id != view.id && place(known) == place(view)) {
            return Err(StoreError::Conflict { what: "a view of that name" });
        }
        if data.views.contains_key(&view.id) {
            data.views.insert(view.id, view.clone());
        }
        Ok(())
    }

    async fn delete_view(&self, id: ViewId) -> Result<(), StoreError> {
        self.data().views.remove(&id);
        Ok(())
    }
}
