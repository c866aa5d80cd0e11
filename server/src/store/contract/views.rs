//! Saved views.

use concord_shared::ids::{OrganizationId, ViewId};
use concord_shared::moment::Moment;
use serde_json::{Value, json};

use super::fixtures::{NOW, World};
use crate::domain::project::Page;
use crate::domain::store::StoreError;
use crate::domain::view::{View, ViewFilter};

fn view(world: &World, name: &str) -> View {
    View {
        id: ViewId::new(),
        organization: world.organization,
        object_type: "project".into(),
        object_id: world.project.0,
        view_type: Some("logs".into()),
        name: name.into(),
        description: None,
        view_data: json!({"search": {"filter": ["tags includes 'late'"], "sort": null}, "new": [1.0, "\u{0}"]}),
        options: json!({"rowHeight": "tall"}),
        created_by: Some(world.owner),
        created: NOW,
        updated: NOW,
    }
}

pub(super) async fn a_view_has_one_name_in_its_table(world: World) {
    let store = &world.store;
    let made = view(&world, "Late");
    assert_eq!(store.register_view(&made, false).await, Ok((made.clone(), false)));
    let later = Moment(NOW.0 + 1);
    let again = View {
        view_data: Value::Null,
        description: Some("new".into()),
        created_by: None,
        updated: later,
        ..view(&world, "Late")
    };
    assert_eq!(store.register_view(&again, false).await, Ok((made.clone(), true)), "the one that stands is left alone");
    let replaced = View { id: made.id, created_by: made.created_by, ..again.clone() };
    assert_eq!(store.register_view(&again, true).await, Ok((replaced.clone(), true)));
    assert_eq!(store.view(world.organization, made.id).await, Ok(Some(replaced.clone())));
    assert_eq!(store.view(OrganizationId::new(), made.id).await, Ok(None));

    let elsewhere = View { view_type: None, ..view(&world, "Late") };
    assert!(!store.register_view(&elsewhere, false).await.unwrap().1, "another table");
    let clash = store.update_view(&View { view_type: Some("logs".into()), ..elsewhere.clone() }).await;
    assert_eq!(clash, Err(StoreError::Conflict { what: "a view of that name" }));
    let renamed = View { name: "Slow".into(), options: Value::Null, ..elsewhere };
    store.update_view(&renamed).await.unwrap();
    assert_eq!(store.view(world.organization, renamed.id).await, Ok(Some(renamed)));
    store.delete_view(made.id).await.unwrap();
    assert_eq!(store.view(world.organization, made.id).await, Ok(None));
}

pub(super) async fn views_are_filtered_and_paged(world: World) {
    let store = &world.store;
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        ids.insert(0, store.register_view(&view(&world, name), false).await.unwrap().0.id);
    }
    let all = ViewFilter {
        organization: world.organization,
        object_type: "project".into(),
        object_id: world.project.0,
        name: None,
        view_type: None,
        page: Page { limit: 10, ..Page::default() },
    };
    let list = async |filter: ViewFilter| {
        let found = store.views(&filter).await.unwrap();
        found.into_iter().map(|view| view.id).collect::<Vec<_>>()
    };
    assert_eq!(list(all.clone()).await, ids);
    assert_eq!(list(ViewFilter { name: Some("b".into()), ..all.clone() }).await, ids[1..2]);
    assert_eq!(list(ViewFilter { view_type: Some("logs".into()), ..all.clone() }).await, ids);
    assert!(list(ViewFilter { view_type: Some("datasets".into()), ..all.clone() }).await.is_empty());
    assert!(list(ViewFilter { object_type: "experiment".into(), ..all.clone() }).await.is_empty());
    assert!(list(ViewFilter { organization: OrganizationId::new(), ..all.clone() }).await.is_empty());
    let page = |page| ViewFilter { page, ..all.clone() };
    assert_eq!(list(page(Page { after: Some(ids[0].0), limit: 1, ..Page::default() })).await, ids[1..2]);
    assert_eq!(list(page(Page { before: Some(ids[2].0), limit: 1, ..Page::default() })).await, ids[1..2]);
    assert_eq!(list(page(Page { ids: vec![ids[2].0], limit: 9, ..Page::default() })).await, ids[2..]);
}
