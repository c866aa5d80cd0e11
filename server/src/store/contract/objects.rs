//! Experiments and datasets.

use concord_shared::ids::{ObjectRef, ObjectType, OrganizationId, ProjectId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::fixtures::{NOW, World, project, row_write};
use crate::domain::object::{Details, NAME_TAKEN, Object, ObjectFilter};
use crate::domain::project::Page;
use crate::domain::store::{Commit, RowsCommit, StoreError};

pub(super) fn object(project: ProjectId, object_type: ObjectType, name: &str) -> Object {
    Object {
        object: ObjectRef { object_type, object_id: Uuid::now_v7() },
        project,
        name: name.into(),
        description: Some("Answers of May".into()),
        metadata: json!({"model": "small"}),
        details: Details { tags: vec!["may".into()], public: true, base: Some(Uuid::nil()), ..Details::default() },
        created_by: None,
        created: NOW,
        deleted: None,
    }
}

pub(super) async fn an_object_is_registered_once_by_kind_and_name(world: World) {
    let store = &world.store;
    let made = Object { created_by: Some(world.owner), ..object(world.project, ObjectType::Experiment, "May") };
    assert_eq!(store.register_object(&made).await, Ok((made.clone(), false)));
    let again = object(world.project, ObjectType::Experiment, "May");
    assert_eq!(store.register_object(&again).await, Ok((made.clone(), true)), "the one that stands is left alone");
    let dataset = object(world.project, ObjectType::Dataset, "May");
    assert_eq!(store.register_object(&dataset).await, Ok((dataset.clone(), false)), "kinds have names of their own");

    assert_eq!(store.object(world.organization, made.object).await, Ok(Some(made.clone())));
    assert_eq!(store.object(OrganizationId::new(), made.object).await, Ok(None));
    let as_dataset = ObjectRef { object_type: ObjectType::Dataset, ..made.object };
    assert_eq!(store.object(world.organization, as_dataset).await, Ok(None), "an id alone is no address");
    assert_eq!(store.objects_of(world.project).await, Ok(vec![made.object, dataset.object]));

    let (metadata, details) = (Value::Null, Details::default());
    let changed = Object { name: "June".into(), description: None, metadata, details, ..made };
    store.update_object(&changed).await.unwrap();
    assert_eq!(store.object(world.organization, changed.object).await, Ok(Some(changed.clone())));
    store.register_object(&object(world.project, ObjectType::Experiment, "May")).await.unwrap();
    let clash = store.update_object(&Object { name: "May".into(), ..changed }).await;
    assert_eq!(clash, Err(StoreError::Conflict { what: NAME_TAKEN }));
}

pub(super) async fn a_deleted_object_is_found_by_nothing_and_frees_its_name(world: World) {
    let store = &world.store;
    let made = object(world.project, ObjectType::Experiment, "May");
    store.register_object(&made).await.unwrap();
    store.delete_object(made.object, NOW).await.unwrap();
    assert_eq!(store.object(world.organization, made.object).await, Ok(None));
    assert_eq!(store.objects(&filter(&world, Page { limit: 10, ..Page::default() })).await, Ok(vec![]));
    assert_eq!(store.objects_of(world.project).await, Ok(vec![made.object]), "its rows are still kept in line");
    let successor = object(world.project, ObjectType::Experiment, "May");
    assert_eq!(store.register_object(&successor).await, Ok((successor.clone(), false)));
    store.delete_project(world.project, NOW).await.unwrap();
    assert_eq!(store.object(world.organization, successor.object).await, Ok(None), "it goes with its project");
}

fn filter(world: &World, page: Page) -> ObjectFilter {
    let (project, project_name, name) = (None, None, None);
    let (organization, object_type) = (world.organization, ObjectType::Experiment);
    ObjectFilter { organization, object_type, project, project_name, name, page }
}

pub(super) async fn objects_are_filtered_and_paged(world: World) {
    let store = &world.store;
    let other = project(world.organization, "Returns");
    store.register_project(&other).await.unwrap();
    let mut made = Vec::new();
    for (project, name) in [(world.project, "a"), (world.project, "b"), (other.id, "a"), (other.id, "c")] {
        made.push(store.register_object(&object(project, ObjectType::Experiment, name)).await.unwrap().0);
    }
    store.register_object(&object(world.project, ObjectType::Dataset, "a")).await.unwrap();
    let list = async |filter: ObjectFilter| {
        let found = store.objects(&filter).await.unwrap();
        found.iter().map(|found| made.iter().position(|made| made == found).unwrap()).collect::<Vec<_>>()
    };
    let page = |limit| Page { limit, ..Page::default() };
    let all = || filter(&world, page(10));
    assert_eq!(list(all()).await, [3, 2, 1, 0]);
    assert_eq!(list(ObjectFilter { project: Some(other.id), ..all() }).await, [3, 2]);
    assert_eq!(list(ObjectFilter { project_name: Some("Support".into()), ..all() }).await, [1, 0]);
    assert_eq!(list(ObjectFilter { name: Some("a".into()), ..all() }).await, [2, 0]);
    let id = |index: usize| made[index].object.object_id;
    assert_eq!(list(filter(&world, Page { after: Some(id(2)), ..page(1) })).await, [1]);
    assert_eq!(list(filter(&world, Page { before: Some(id(0)), ..page(2) })).await, [2, 1]);
    assert_eq!(list(filter(&world, Page { ids: vec![id(0), id(3)], ..page(10) })).await, [3, 0]);
    let strangers = ObjectFilter { organization: OrganizationId::new(), ..all() };
    assert_eq!(list(strangers).await, [0; 0]);
}

/// Writes rows of one request to an object that has been registered.
pub(super) fn rows_of(object: &Object, rows: &[Value]) -> Commit {
    let writes = rows.iter().map(row_write).collect();
    Commit::Rows(RowsCommit::new(object.project, object.object, writes))
}

pub(super) async fn r5_rows_of_objects_are_counted_for_themselves(mut world: World) {
    let experiment = object(world.project, ObjectType::Experiment, "May");
    world.store.register_object(&experiment).await.unwrap();
    world.commit(&[rows_of(&experiment, &[json!({"id": "a", "input": "q", "scores": {"Tone": 0.5}})])]).await;
    world.write(&[json!({"id": "a", "input": "elsewhere"})]).await;
    let full = world.store.row(experiment.object, "a").await.unwrap().unwrap();
    assert_eq!(full.row.logged["input"], "q");
    let metrics = world.store.metrics(experiment.object).await.unwrap();
    assert_eq!(metrics.extremes.get("Tone"), Some(&(0.5, 0.5)));
    world.assert_counted().await;
}
