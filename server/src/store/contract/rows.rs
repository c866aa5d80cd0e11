//! Rows: what is written is what is read, whatever came in between.

use std::sync::Arc;

use concord_shared::ids::{ObjectRef, ObjectType, ProjectId, XactId};
use concord_shared::moment::Moment;
use serde_json::{Value, json};
use uuid::Uuid;

use super::fixtures::{NOW, World, row_write};
use crate::domain::rows::FullRow;
use crate::domain::store::{Commit, Committed, RowsCommit};

async fn row(world: &World, id: &str) -> FullRow {
    world.store.row(world.object, id).await.unwrap().unwrap_or_else(|| panic!("no row {id}"))
}

fn xacts(results: &[Result<Committed, crate::domain::store::StoreError>]) -> Vec<XactId> {
    let xact = |result: &_| match result {
        Ok(Committed::Rows(xact)) => *xact,
        other => panic!("{other:?}"),
    };
    results.iter().map(xact).collect()
}

pub(super) async fn any_text_and_any_json_comes_back(mut world: World) {
    let id = "häßlich 'quoted' \"twice\" \\ / % _ 🦀 \u{feff}\u{202e}";
    let logged = json!({
        "id": id,
        "span_id": "Σ", "root_span_id": "ß", "span_parents": ["p\"1", "p,2", "{p3}"],
        "created": "1969-07-20T20:17:40.000001Z",
        "input": {"nul": "\u{0}", "": {"z": 1, "a": [1.0, -0.0, 1e300, 5e-324, u64::MAX, i64::MIN, 0.1]}, "keys\u{0}": null},
        "output": "x".repeat(100_000),
        "scores": {"Tone": 0.333_333_333_333_333_3, "none": null},
        "metadata": {"model": "gpt", "constructor": {"__proto__": []}},
        "tags": ["b", "a"],
    });
    world.write(std::slice::from_ref(&logged)).await;
    let stored = row(&world, id).await.row;
    assert_eq!(stored.id, id);
    assert_eq!((stored.spans.span_id.as_str(), stored.spans.root_span_id.as_str()), ("Σ", "ß"));
    assert_eq!(stored.spans.span_parents, ["p\"1", "p,2", "{p3}"]);
    assert_eq!(stored.created, "1969-07-20T20:17:40.000001Z".parse().unwrap());
    for field in ["input", "output", "scores", "metadata", "tags"] {
        assert_eq!(stored.logged[field].to_string(), logged[field].to_string(), "{field}");
    }
    world.assert_counted().await;
}

pub(super) async fn writes_of_one_batch_meet_in_order(mut world: World) {
    world.write(&[json!({"id": "a", "metadata": {"kept": 1, "over": 1}})]).await;
    let batch = [
        world.rows(&[json!({"id": "a", "_is_merge": true, "metadata": {"over": 2}}), json!({"id": "b", "input": 1})]),
        world.rows(&[json!({"id": "b", "_is_merge": true, "output": 2}), json!({"id": "c"})]),
        world.rows(&[json!({"id": "c", "_object_delete": true}), json!({"id": "never", "_object_delete": true})]),
    ];
    let results = world.commit(&batch).await.results;
    let given = xacts(&results);
    assert!(given.is_sorted_by(|a, b| a < b), "each request has an id of its own");
    let (a, b) = (row(&world, "a").await, row(&world, "b").await);
    assert_eq!((&a.row.logged["metadata"], a.xact), (&json!({"kept": 1, "over": 2}), given[0]));
    assert_eq!((&b.row.logged["input"], &b.row.logged["output"], b.xact), (&json!(1), &json!(2), given[1]));
    let ids = ["a", "b", "c", "never", "unknown"].map(str::to_owned);
    let found = world.store.rows(world.object, &ids).await.unwrap();
    assert_eq!(found.keys().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(world.store.rows(world.object, &[]).await.unwrap().len(), 0);
    assert!(world.store.reviewed(world.object, &ids).await.unwrap().is_empty());
    world.assert_counted().await;
}

pub(super) async fn r8_a_repeated_batch_changes_nothing_but_its_transaction(mut world: World) {
    let rows =
        [json!({"id": "a", "input": 1, "scores": {"x": 1}}), json!({"id": "b", "_is_merge": true, "tags": ["t"]})];
    world.write(&rows).await;
    let before = row(&world, "a").await;
    let again = world.write(&rows).await;
    assert_eq!(again.deltas, [], "nothing moved");
    let after = row(&world, "a").await;
    assert_eq!(before.row, after.row);
    assert!(before.xact < after.xact);
    world.assert_counted().await;
}

pub(super) async fn a_child_finds_its_parent_whichever_batch_it_came_in(mut world: World) {
    world.write(&[json!({"id": "root", "span_id": "s0", "root_span_id": "t0"})]).await;
    world
        .write(&[
            json!({"id": "child", "span_id": "s1", "_parent_id": "root"}),
            json!({"id": "grandchild", "_parent_id": "child"}),
        ])
        .await;
    for (id, parent) in [("child", "s0"), ("grandchild", "s1")] {
        let spans = row(&world, id).await.row.spans;
        assert_eq!((spans.root_span_id.as_str(), spans.span_parents), ("t0", vec![parent.to_owned()]), "{id}");
    }
    world.assert_counted().await;
}

pub(super) async fn deleted_rows_are_hidden_and_come_back_empty(mut world: World) {
    let full = json!({"id": "a", "root_span_id": "t", "input": "secret", "scores": {"Tone": 1}, "error": "broke"});
    world.write(&[full]).await;
    world.write(&[json!({"id": "b", "root_span_id": "t"})]).await;
    world.write(&[json!({"id": "a", "_object_delete": true}), json!({"id": "b", "_object_delete": true})]).await;
    let ids = ["a", "b", "c"].map(str::to_owned);
    let places = world.store.places(world.object, &ids).await.unwrap();
    assert!(places.len() == 2 && places["a"] < places["b"], "places are kept in the order of arrival: {places:?}");
    assert!(world.store.rows(world.object, &ids).await.unwrap().is_empty());
    assert!(world.store.row(world.object, "a").await.unwrap().is_none());
    assert!(world.store.trace(world.object, "t", 10).await.unwrap().is_none());
    assert!(world.store.locate(world.object, "a").await.unwrap().is_none());
    assert!(world.store.fetch(world.object, None, 10).await.unwrap().rows.is_empty());
    assert!(world.store.extremes(world.object).await.unwrap().is_empty());
    world.assert_counted().await;
    world.write(&[json!({"id": "a", "_is_merge": true, "output": "new"})]).await;
    assert_eq!(row(&world, "a").await.row.field("input"), None, "a merge does not bring old values back");
    world.assert_counted().await;
}

pub(super) async fn objects_do_not_see_each_other(mut world: World) {
    world.write(&[json!({"id": "a", "input": "logs", "scores": {"Tone": 1}})]).await;
    let project = ProjectId::new();
    let same_uuid = ObjectRef { object_type: ObjectType::Dataset, ..world.object };
    let other = ObjectRef { object_type: ObjectType::ProjectLogs, object_id: Uuid::now_v7() };
    for object in [same_uuid, other] {
        let writes = vec![row_write(&json!({"id": "a", "input": object.to_string()}))];
        world.commit(&[Commit::Rows(RowsCommit::new(project, object, writes))]).await;
        let found = world.store.row(object, "a").await.unwrap().unwrap();
        assert_eq!(found.row.logged["input"], json!(object.to_string()));
        assert!(world.store.extremes(object).await.unwrap().is_empty());
        assert!(world.store.comment_row(object, "a").await.unwrap().is_none());
    }
    assert_eq!(row(&world, "a").await.row.logged["input"], json!("logs"));
    world.assert_counted().await;
}

/// More than any bulk statement or parameter list takes at once.
pub(super) async fn many_rows_are_written_and_read_at_once(mut world: World) {
    let made = |n: usize, output: &str| json!({"id": format!("row {n}"), "root_span_id": "t", "output": output, "scores": {"a": 1, "b": 0.5}});
    let rows: Vec<Value> = (0..1100).map(|n| made(n, "first")).collect();
    world.write(&rows).await;
    let rows: Vec<Value> = (0..1100).map(|n| made(n, "second")).collect();
    world.write(&rows).await;
    let ids: Vec<String> = (0..1100).map(|n| format!("row {n}")).collect();
    let found = world.store.rows(world.object, &ids).await.unwrap();
    assert_eq!(found.len(), 1100);
    assert!(found.values().all(|full| full.row.logged["output"] == json!("second")));
    let trace = world.store.trace(world.object, "t", 2000).await.unwrap().unwrap();
    assert_eq!((trace.spans.len(), trace.truncated), (1100, false));
    let traces = world.store.fetch(world.object, None, 1).await.unwrap();
    assert_eq!(traces.rows.len(), 1100, "a page ends with a whole trace");
    assert_eq!(traces.last.map(|(_, trace)| trace).as_deref(), Some("t"));
}

pub(super) async fn transaction_ids_grow_whatever_the_clock_says(mut world: World) {
    let mut last = world.store.last_xact().await.unwrap();
    let mut sequence = 0;
    for seconds in [0, 10, -3600, 10, 20] {
        let commit = world.rows(&[json!({"id": "a"})]);
        let now = Moment(NOW.0 + seconds * 1_000_000);
        let batch = world.store.commit(Arc::new([commit.clone(), commit]), now).await.unwrap();
        let given = xacts(&batch.results);
        assert!(last < given[0] && given[0] < given[1]);
        assert!(sequence < batch.sequence, "batches are numbered");
        (last, sequence) = (given[1], batch.sequence);
        assert_eq!(world.store.last_xact().await, Ok(last));
        assert_eq!(last.to_string().len(), 19);
        assert_eq!(world.store.metrics(world.object).await.unwrap().sequence, sequence);
    }
    world.moved = world.recount().await;
    world.assert_counted().await;
}
