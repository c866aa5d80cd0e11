//! Saved views: a filter, a sort and a layout of a table under a name.

use async_trait::async_trait;
use concord_shared::ids::{MemberId, OrganizationId, ViewId};
use concord_shared::moment::Moment;
use concord_shared::role::Action;
use serde_json::Value;
use uuid::Uuid;

use super::access::{Denied, Principal};
use super::project::Page;
use super::store::StoreError;

/// Most views of one object.
pub const MAX_VIEWS: usize = 1000;

/// A view as the API knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// Its id.
    pub id: ViewId,
    /// Whose.
    pub organization: OrganizationId,
    /// What kind of thing it looks at, in the API's word.
    pub object_type: String,
    /// That thing.
    pub object_id: Uuid,
    /// Which of its tables.
    pub view_type: Option<String>,
    /// Unique among the views of that table.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Filters and sorts, as the API wrote them; an object or null.
    pub view_data: Value,
    /// Columns and layout, as the API wrote them; an object or null.
    pub options: Value,
    /// Who made it; unknown for those made by the server.
    pub created_by: Option<MemberId>,
    /// When.
    pub created: Moment,
    /// When it was last changed.
    pub updated: Moment,
}

impl View {
    /// Whether it is its maker's alone, as its options say (`personal: true`).
    pub fn is_personal(&self) -> bool {
        self.options.get("personal").and_then(Value::as_bool).unwrap_or(false)
    }

    fn is_of(&self, principal: &Principal) -> bool {
        self.created_by.is_some() && self.created_by == principal.member
    }

    /// Whether a principal may know of it: others' personal views are nobody's business.
    pub fn is_visible_to(&self, principal: &Principal) -> bool {
        !self.is_personal() || self.is_of(principal)
    }

    /// Whether a principal may change or delete it: its maker, and for those that everybody sees whoever configures.
    pub fn permit_change(&self, principal: &Principal) -> Result<(), Denied> {
        principal.permit(if self.is_of(principal) { Action::SaveViews } else { Action::Configure })
    }
}

/// Which views to list.
#[derive(Debug, Clone)]
pub struct ViewFilter {
    /// Of whom.
    pub organization: OrganizationId,
    /// Of what kind of thing.
    pub object_type: String,
    /// Of which.
    pub object_id: Uuid,
    /// Of that name.
    pub name: Option<String>,
    /// Of that table.
    pub view_type: Option<String>,
    /// Which part of the list.
    pub page: Page,
}

/// Views, as a database keeps them.
#[async_trait]
pub trait ViewStore: Send + Sync {
    /// The view of that name of that table, made if there is none; `true` if it existed. An existing one is given what is new if
    /// `replace`, else left alone.
    async fn register_view(&self, view: &View, replace: bool) -> Result<(View, bool), StoreError>;

    /// A view of the organization.
    async fn view(&self, organization: OrganizationId, id: ViewId) -> Result<Option<View>, StoreError>;

    /// Views, newest first.
    async fn views(&self, filter: &ViewFilter) -> Result<Vec<View>, StoreError>;

    /// Stores everything but identity, object and origin.
    async fn update_view(&self, view: &View) -> Result<(), StoreError>;

    /// Deletes a view.
    async fn delete_view(&self, id: ViewId) -> Result<(), StoreError>;
}
