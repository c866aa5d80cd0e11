//! Experiments and datasets.

use concord_shared::ids::{ObjectRef, ObjectType, OrganizationId, ProjectId, XactId};
use concord_shared::review::state::{Expected, ReviewState};
use serde_json::{Value, json};
use uuid::Uuid;

use super::fixtures::{NOW, World, change, project, review_commit, row_write};
use crate::domain::object::{Details, NAME_TAKEN, Object, ObjectFilter};
use crate::domain::project::Page;
use crate::domain::rows::{FullRow, Outcome};
use crate::domain::store::{Commit, Committed, RowsCommit, StoreError};

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

pub(super) async fn a_dataset_is_read_as_of_any_transaction(mut world: World) {
    let dataset = object(world.project, ObjectType::Dataset, "Cases");
    world.store.register_object(&dataset).await.unwrap();
    let mut xacts = Vec::new();
    for rows in [
        vec![json!({"id": "a", "input": 1, "expected": "x"}), json!({"id": "b", "input": 2})],
        vec![json!({"id": "a", "_is_merge": true, "expected": "y"})],
        vec![json!({"id": "b", "_object_delete": true})],
    ] {
        let Ok(Committed::Rows(xact)) = world.commit_one(rows_of(&dataset, &rows)).await else { panic!("rows") };
        xacts.push(xact);
    }
    let key = world.store.ensure_review(world.organization, world.project, dataset.object, "a", NOW).await.unwrap();
    let expected = Expected { set: true, value: json!("reviewed") };
    let review = review_commit(
        &key,
        0,
        vec![change(7, 1, Some(world.owner))],
        ReviewState { expected, ..ReviewState::default() },
    );
    world.commit_one(review).await.unwrap();
    xacts.push(world.store.last_xact().await.unwrap());
    // One batch whose requests write the same row: each is a version.
    let batch = ["p", "q"].map(|text| rows_of(&dataset, &[json!({"id": "c", "input": text})]));
    let results = world.commit(&batch).await.results;
    xacts.extend(results.into_iter().map(|result| match result {
        Ok(Committed::Rows(xact)) => xact,
        other => panic!("{other:?}"),
    }));

    let as_of = async |xact| {
        let found = world.store.versions(dataset.object, xact, None, 10).await.unwrap();
        assert_eq!(found.last, None);
        let shown = |full: &FullRow| {
            assert!(full.review.is_none());
            let logged = &full.row.logged;
            format!("{} {}", full.row.id, logged.get("expected").or_else(|| logged.get("input")).unwrap())
        };
        found.rows.iter().map(shown).collect::<Vec<_>>()
    };
    assert_eq!(as_of(XactId(xacts[0].0 - 1)).await, [""; 0]);
    assert_eq!(as_of(xacts[0]).await, ["b 2", "a \"x\""]);
    assert_eq!(as_of(xacts[1]).await, ["a \"y\"", "b 2"], "the most recently written first");
    assert_eq!(as_of(xacts[2]).await, ["a \"y\""]);
    assert_eq!(as_of(xacts[3]).await, ["a \"reviewed\""]);
    assert_eq!(as_of(xacts[4]).await, ["c \"p\"", "a \"reviewed\""]);
    assert_eq!(as_of(xacts[5]).await, ["c \"q\"", "a \"reviewed\""]);
    let first = world.store.versions(dataset.object, xacts[1], None, 1).await.unwrap();
    assert_eq!(first.last, Some((xacts[1], "a".into())));
    let second = world.store.versions(dataset.object, xacts[1], first.last, 1).await.unwrap();
    assert_eq!(second.rows[0].row.id, "b");
    let end = world.store.versions(dataset.object, xacts[1], second.last, 1).await.unwrap();
    assert!(end.rows.is_empty() && end.last.is_none());
}

pub(super) async fn outcomes_are_of_roots_with_their_traces_sums(mut world: World) {
    let experiment = object(world.project, ObjectType::Experiment, "May");
    world.store.register_object(&experiment).await.unwrap();
    let root = |id: &str, at: u32, more: Value| {
        let mut row =
            json!({"id": id, "span_id": id, "root_span_id": id, "created": format!("2026-11-24T08:00:0{at}Z")});
        row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        row
    };
    let call = json!({"id": "call", "span_id": "call", "root_span_id": "one", "span_parents": ["one"],
        "span_attributes": {"type": "llm"}, "metrics": {"tokens": 7, "estimated_cost": 0.5}, "scores": {"Tone": 0.1, "Exact": 0.25}});
    let scorer = json!({"id": "scorer", "span_id": "scorer", "root_span_id": "one", "span_parents": ["one"], "scores": {"Exact": 0.75}});
    let rows = [
        root(
            "one",
            1,
            json!({"input": "q", "scores": {"Tone": 0.5, "Fit": null}, "metrics": {"start": 1.0, "end": 3.5}}),
        ),
        call,
        scorer,
        root("two", 2, json!({"input": "r", "metrics": {"tokens": 2}})),
        root("gone", 3, json!({})),
    ];
    world.commit(&[rows_of(&experiment, &rows)]).await;
    world.commit(&[rows_of(&experiment, &[json!({"id": "gone", "_object_delete": true})])]).await;
    let page = world.store.outcomes(experiment.object, None, 1, true).await.unwrap();
    let [(key, one)] = &page[..] else { panic!("{page:?}") };
    assert_eq!(one.logged["input"], "q");
    // What the root shows; where it shows none, the mean of its spans.
    let scores = vec![("Exact".to_owned(), 0.5), ("Tone".to_owned(), 0.5)];
    let expected =
        Outcome { logged: one.logged.clone(), scores, duration: Some(2.5), tokens: Some(7), cost: Some(0.5) };
    assert_eq!(*one, expected);
    let asked = ["one", "two", "elsewhere"].map(str::to_owned);
    let listed = world.store.trace_scores(experiment.object, &asked).await.unwrap();
    assert_eq!(listed.into_iter().collect::<Vec<_>>(), [("one".to_owned(), expected.scores)]);
    let rest = world.store.outcomes(experiment.object, Some(*key), 10, false).await.unwrap();
    assert_eq!(
        rest.iter().map(|(_, outcome)| outcome.clone()).collect::<Vec<_>>(),
        [Outcome { tokens: Some(2), ..Outcome::default() }]
    );
}
