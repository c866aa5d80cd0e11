//! Projects.

use concord_shared::ids::{OrganizationId, ProjectId};
use serde_json::{Value, json};

use super::fixtures::{NOW, World, project};
use crate::domain::project::{Page, Project, ProjectFilter};
use crate::domain::store::StoreError;

pub(super) async fn a_project_is_registered_once_by_name(world: World) {
    let store = &world.store;
    let made = Project { created_by: Some(world.owner), ..project(world.organization, "Returns") };
    assert_eq!(store.register_project(&made).await, Ok((made.clone(), false)));
    let again = Project { description: None, settings: Value::Null, ..project(world.organization, "Returns") };
    assert_eq!(store.register_project(&again).await, Ok((made.clone(), true)), "the one that stands is left alone");
    let elsewhere = project(OrganizationId::new(), "Returns");
    assert_eq!(store.project(elsewhere.organization, made.id).await, Ok(None));
    assert_eq!(store.project(world.organization, made.id).await, Ok(Some(made.clone())));

    let changed = Project { name: "Refunds".into(), description: None, settings: json!({"a": [1, null]}), ..made };
    store.update_project(&changed).await.unwrap();
    assert_eq!(store.project(world.organization, changed.id).await, Ok(Some(changed.clone())));
    let clash = store.update_project(&Project { name: "Support".into(), ..changed }).await;
    assert_eq!(clash, Err(StoreError::Conflict { what: "a project of that name" }));
}

pub(super) async fn a_deleted_project_is_found_by_nothing_and_frees_its_name(world: World) {
    let store = &world.store;
    let score = world.add_score("Tone", "slider", Value::Null, Value::Null).await;
    store.delete_project(world.project, NOW).await.unwrap();
    assert_eq!(store.project(world.organization, world.project).await, Ok(None));
    assert_eq!(store.projects(&filter(&world, Page { limit: 10, ..Page::default() })).await, Ok(vec![]));
    assert_eq!(store.score(world.organization, score.id).await, Ok(None));
    let (successor, existed) = store.register_project(&project(world.organization, "Support")).await.unwrap();
    assert!(!existed);
    assert_ne!(successor.id, world.project);
}

fn filter(world: &World, page: Page) -> ProjectFilter {
    ProjectFilter { organization: world.organization, name: None, page }
}

pub(super) async fn projects_are_listed_newest_first_and_paged_by_id(world: World) {
    let store = &world.store;
    let mut ids = vec![world.project];
    for name in ["one", "two", "three", "four"] {
        ids.push(store.register_project(&project(world.organization, name)).await.unwrap().0.id);
    }
    ids.reverse();
    let list = async |page| {
        let found = store.projects(&filter(&world, page)).await.unwrap();
        found.into_iter().map(|project| project.id).collect::<Vec<ProjectId>>()
    };
    let page = Page { limit: 2, ..Page::default() };
    assert_eq!(list(page.clone()).await, ids[..2]);
    assert_eq!(list(Page { after: Some(ids[1].0), ..page.clone() }).await, ids[2..4]);
    assert_eq!(
        list(Page { before: Some(ids[3].0), ..page.clone() }).await,
        ids[1..3],
        "the nearest ones, newest first"
    );
    assert_eq!(list(Page { before: Some(ids[1].0), ..page.clone() }).await, ids[..1]);
    let picked = Page { ids: vec![ids[4].0, ids[0].0], limit: 10, ..Page::default() };
    assert_eq!(list(picked).await, [ids[0], ids[4]]);
    let named = ProjectFilter { name: Some("two".into()), ..filter(&world, page) };
    assert_eq!(store.projects(&named).await.unwrap()[0].id, ids[2]);
}
