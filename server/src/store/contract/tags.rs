//! Tags that projects offer.

use concord_shared::ids::{OrganizationId, ProjectId, TagId};

use super::fixtures::{NOW, World};
use crate::domain::project::Page;
use crate::domain::project::tag::{ProjectTag, TagFilter};
use crate::domain::store::StoreError;

fn tag(world: &World, name: &str) -> ProjectTag {
    ProjectTag {
        id: TagId::new(),
        project: world.project,
        created_by: world.owner,
        name: name.into(),
        description: Some("When in doubt".into()),
        color: Some("#ff0000".into()),
        position: String::new(),
        created: NOW,
    }
}

pub(super) async fn tags_keep_their_order_and_are_replaced_only_when_asked(world: World) {
    let store = &world.store;
    let (first, _) = store.register_tag(&tag(&world, "late"), false).await.unwrap();
    let (second, _) = store.register_tag(&tag(&world, "rude"), false).await.unwrap();
    assert!(first.position < second.position);
    let plain = ProjectTag { description: None, color: None, ..tag(&world, "late") };
    assert_eq!(store.register_tag(&plain, false).await, Ok((first.clone(), true)));
    let replaced = ProjectTag { description: None, color: None, ..first.clone() };
    assert_eq!(store.register_tag(&plain, true).await, Ok((replaced, true)), "identity and place stay");

    let clash = store.update_tag(&ProjectTag { name: "rude".into(), ..first.clone() }).await;
    assert_eq!(clash, Err(StoreError::Conflict { what: "a tag of that name" }));
    let moved = ProjectTag { name: "slow".into(), position: "zz".into(), ..first.clone() };
    store.update_tag(&moved).await.unwrap();
    assert_eq!(store.tag(world.organization, first.id).await, Ok(Some(moved.clone())));
    let (last, _) = store.register_tag(&tag(&world, "late"), false).await.unwrap();
    assert!(last.position > moved.position, "after the last, wherever that is");
    assert_eq!(store.tag(OrganizationId::new(), first.id).await, Ok(None));
    store.delete_tag(first.id).await.unwrap();
    assert_eq!(store.tag(world.organization, first.id).await, Ok(None));
    store.delete_project(world.project, NOW).await.unwrap();
    assert_eq!(store.tag(world.organization, second.id).await, Ok(None));
}

pub(super) async fn tags_are_filtered_and_paged(world: World) {
    let store = &world.store;
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        ids.insert(0, store.register_tag(&tag(&world, name), false).await.unwrap().0.id);
    }
    let page = Page { limit: 10, ..Page::default() };
    let all = TagFilter { organization: world.organization, project: None, project_name: None, name: None, page };
    let list = async |filter: TagFilter| {
        let found = store.tags(&filter).await.unwrap();
        found.into_iter().map(|tag| tag.id).collect::<Vec<_>>()
    };
    assert_eq!(list(all.clone()).await, ids);
    assert_eq!(list(TagFilter { project: Some(world.project), ..all.clone() }).await, ids);
    assert!(list(TagFilter { project: Some(ProjectId::new()), ..all.clone() }).await.is_empty());
    assert_eq!(list(TagFilter { project_name: Some("Support".into()), ..all.clone() }).await, ids);
    assert_eq!(list(TagFilter { name: Some("b".into()), ..all.clone() }).await, ids[1..2]);
    let page = |page| TagFilter { page, ..all.clone() };
    assert_eq!(list(page(Page { after: Some(ids[0].0), limit: 1, ..Page::default() })).await, ids[1..2]);
    assert_eq!(list(page(Page { before: Some(ids[2].0), limit: 1, ..Page::default() })).await, ids[1..2]);
    assert_eq!(list(page(Page { ids: vec![ids[2].0], limit: 9, ..Page::default() })).await, ids[2..]);
    assert!(list(TagFilter { organization: OrganizationId::new(), ..all.clone() }).await.is_empty());
}
