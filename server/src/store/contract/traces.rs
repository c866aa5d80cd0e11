//! Traces: lists, pages, sums, and finding a row in them.

use std::collections::BTreeMap;

use serde_json::json;

use super::fixtures::World;
use crate::domain::rows::{FullRow, Order, TraceKey, TraceLine};

async fn page(world: &World, order: Order, after: Option<TraceKey>, limit: u32) -> Vec<TraceLine> {
    world.store.traces(world.object, order, after, limit).await.unwrap()
}

fn ids(page: &[TraceLine]) -> Vec<&str> {
    page.iter().map(|trace| trace.root.id.as_str()).collect()
}

fn last(page: &[TraceLine]) -> Option<TraceKey> {
    page.last().map(|trace| TraceKey { created: trace.root.created, place: trace.place })
}

pub(super) async fn traces_are_listed_by_key_and_know_their_neighbours(mut world: World) {
    for minute in 0..5 {
        let created = format!("2026-11-24T09:0{minute}:00Z");
        let root = json!({"id": format!("r{minute}"), "span_id": format!("s{minute}"), "root_span_id": format!("t{minute}"), "created": created});
        let child = json!({"id": format!("c{minute}"), "root_span_id": format!("t{minute}"), "span_parents": [format!("s{minute}")]});
        world.write(&[child, root]).await;
    }
    let first = page(&world, Order::Newest, None, 2).await;
    assert_eq!((ids(&first), first[0].spans), (vec!["r4", "r3"], 2));
    assert_eq!(ids(&page(&world, Order::Newest, last(&first), 2).await), ["r2", "r1"]);
    let first = page(&world, Order::Oldest, None, 2).await;
    assert_eq!(ids(&first), ["r0", "r1"]);
    assert_eq!(ids(&page(&world, Order::Oldest, last(&first), 9).await), ["r2", "r3", "r4"]);

    let trace = world.store.trace(world.object, "t3", 1).await.unwrap().unwrap();
    assert_eq!((trace.position, trace.previous.as_deref(), trace.next.as_deref()), (2, Some("t4"), Some("t2")));
    assert!(trace.truncated && trace.spans[0].id == "r3");
    let newest = world.store.trace(world.object, "t4", 9).await.unwrap().unwrap();
    assert_eq!((newest.position, newest.previous, newest.next.as_deref()), (1, None, Some("t3")));
    assert!(!newest.truncated);
    assert!(world.store.trace(world.object, "unknown", 9).await.unwrap().is_none());

    world.write(&[json!({"id": "lone", "root_span_id": "t9", "span_parents": ["s9"]})]).await;
    let rootless = world.store.trace(world.object, "t9", 9).await.unwrap().unwrap();
    assert_eq!((rootless.position, rootless.previous, rootless.next), (0, None, None));
    assert_eq!(page(&world, Order::Newest, None, 9).await.len(), 5, "a trace is listed by its root");
}

pub(super) async fn a_trace_sums_its_spans(mut world: World) {
    let call = |id: &str, cost: f64| {
        json!({"id": id, "root_span_id": "t", "span_parents": ["r"], "span_attributes": {"type": "llm"},
            "metrics": {"tokens": 100, "estimated_cost": cost}, "metadata": {"model": "small"}})
    };
    let root = json!({"id": "r", "root_span_id": "t", "metrics": {"tokens": 200, "estimated_cost": 0.3}});
    let failed = json!({"id": "e", "root_span_id": "t", "span_parents": ["r"], "error": "broke"});
    world.write(&[root, call("a", 0.1), call("b", 0.2), failed]).await;
    let line = page(&world, Order::Newest, None, 1).await.remove(0);
    assert_eq!((line.spans, line.errors, line.tokens), (4, 1, Some(200)));
    assert_eq!((line.cost, line.model.as_deref()), (Some(0.3), Some("small")), "summed exactly");

    // A span that moves to another trace takes its sums along; a deleted one takes them away.
    let moved =
        json!({"id": "a", "root_span_id": "other", "span_attributes": {"type": "llm"}, "metrics": {"tokens": 7}});
    world.write(&[moved, json!({"id": "e", "_object_delete": true})]).await;
    let lines = page(&world, Order::Oldest, None, 9).await;
    let sums: BTreeMap<_, _> =
        lines.iter().map(|line| (line.root.id.as_str(), (line.spans, line.errors, line.tokens))).collect();
    assert_eq!(sums, BTreeMap::from([("a", (1, 0, Some(7))), ("r", (2, 0, Some(100)))]));
}

pub(super) async fn traces_of_one_moment_are_paged_without_loss(mut world: World) {
    let rows: Vec<_> = (0..7).map(|n| json!({"id": format!("r{n}"), "created": "2026-11-24T09:00:00Z"})).collect();
    world.write(&rows).await;
    for order in [Order::Newest, Order::Oldest] {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = page(&world, order, after, 3).await;
            seen.extend(page.iter().map(|trace| trace.root.id.clone()));
            match last(&page) {
                Some(key) => after = Some(key),
                None => break,
            }
        }
        let mut expected: Vec<_> = (0..7).map(|n| format!("r{n}")).collect();
        if order == Order::Newest {
            expected.reverse();
        }
        assert_eq!(seen, expected, "ties are broken the same way on every page");
    }
}

pub(super) async fn a_whole_trace_is_read_by_its_id_or_by_that_of_a_span(mut world: World) {
    world
        .write(&[
            json!({"id": "same", "span_id": "same", "root_span_id": "t1"}),
            json!({"id": "a", "span_id": "twice", "root_span_id": "t1", "span_parents": ["same"]}),
            json!({"id": "b", "span_id": "twice", "root_span_id": "t2"}),
            json!({"id": "twice", "span_id": "other", "root_span_id": "t3"}),
            json!({"id": "gone", "span_id": "gone", "root_span_id": "t2", "span_parents": ["twice"]}),
        ])
        .await;
    world.write(&[json!({"id": "gone", "_object_delete": true})]).await;
    world.write(&[json!({"id": "a", "_is_merge": true, "output": 1})]).await;
    let whole = async |root: &str| world.store.whole_trace(world.object, root).await.unwrap();
    let ids = |rows: Vec<(i64, FullRow)>| rows.into_iter().map(|(_, row)| row.row.id).collect::<Vec<_>>();
    assert_eq!(ids(whole("t1").await), ["a", "same"], "the most recently written first");
    assert_eq!(ids(whole("t2").await), ["b"]);
    assert!(whole("unknown\0").await.is_empty());
    let fetched = world.store.fetch(world.object, None, 2).await.unwrap();
    assert_eq!(fetched.traces.iter().map(|(_, root)| root.as_str()).collect::<Vec<_>>(), ["t1", "t2"]);
    assert_eq!(fetched.last.as_ref(), fetched.traces.last());
    for (span, roots) in [("twice", vec!["t1", "t2"]), ("same", vec!["t1"]), ("gone", vec![]), ("t1", vec![])] {
        assert_eq!(world.store.traces_of_span(world.object, span).await.unwrap(), roots, "{span}");
    }
}

pub(super) async fn whole_traces_are_fetched_most_recently_written_first(mut world: World) {
    for n in 0..4 {
        let root = json!({"id": format!("r{n}"), "root_span_id": format!("t{n}"), "created": format!("2026-11-24T09:00:0{n}Z")});
        let child = json!({"id": format!("c{n}"), "root_span_id": format!("t{n}"), "span_parents": ["x"], "created": "2026-11-24T09:00:09Z"});
        world.write(&[child, root]).await;
    }
    world.write(&[json!({"id": "c1", "_is_merge": true, "output": "late"})]).await;
    let fetch = async |before, limit| world.store.fetch(world.object, before, limit).await.unwrap();
    let first = fetch(None, 2).await;
    let ids = |rows: &[crate::domain::rows::FullRow]| rows.iter().map(|full| full.row.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&first.rows), ["c1", "r1", "r3", "c3"], "within a trace the same way, then the root");
    assert_eq!(first.last.as_ref().map(|(_, trace)| trace.as_str()), Some("t3"));
    let second = fetch(first.last, 2).await;
    assert_eq!(ids(&second.rows), ["r2", "c2", "r0", "c0"]);
    let third = fetch(second.last, 2).await;
    assert_eq!((third.rows.len(), third.last), (0, None));

    let deleted = ["r2", "c2"].map(|id| json!({"id": id, "_object_delete": true}));
    world.write(&deleted).await;
    let all = world.store.fetch(world.object, None, 9).await.unwrap();
    assert_eq!((all.rows.len(), all.last), (6, None), "a trace without rows is no trace");
}

/// Order and equality are those of bytes, not of a language: cursors and pages rely on it.
pub(super) async fn texts_are_compared_byte_by_byte(mut world: World) {
    let names = ["B", "a", "b", "A", "ä", "a ", "Z", "_", "-", "a\u{308}"];
    let rows = names.map(|name| json!({"id": name, "scores": {name.trim(): 1}}));
    world.write(&rows).await;
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = world.store.fetch(world.object, before, 3).await.unwrap();
        seen.extend(page.rows.iter().map(|full| full.row.id.clone()));
        before = page.last;
        if before.is_none() {
            break;
        }
    }
    let mut expected = names.map(str::to_owned);
    expected.sort();
    expected.reverse();
    assert_eq!(seen, expected);
    let extremes = world.store.extremes(world.object).await.unwrap();
    assert_eq!(extremes.len(), 9, "names that look alike are not the same");
    world.assert_counted().await;
}

pub(super) async fn a_row_is_located_by_id_span_or_trace(mut world: World) {
    world
        .write(&[
            json!({"id": "c1", "span_id": "x", "root_span_id": "t1", "span_parents": ["s1"]}),
            json!({"id": "r1", "span_id": "s1", "root_span_id": "t1"}),
            json!({"id": "x", "root_span_id": "t2", "span_parents": ["y"]}),
        ])
        .await;
    for (text, found) in [("r1", "r1"), ("s1", "r1"), ("t1", "r1"), ("c1", "c1"), ("x", "x"), ("t2", "x")] {
        let row = world.store.locate(world.object, text).await.unwrap();
        assert_eq!(row.map(|row| row.id).as_deref(), Some(found), "{text}");
    }
    assert!(world.store.locate(world.object, "nowhere").await.unwrap().is_none());
    assert!(world.store.locate(world.object, "R1").await.unwrap().is_none());
}
