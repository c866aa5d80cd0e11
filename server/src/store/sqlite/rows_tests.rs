//! The writer's part of rows against a real file: what is stored equals what the pure functions say (rules R3, R5, R8).

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_shared::ids::{MemberId, ObjectRef, OrganizationId, ProjectId, Reviewer, XactId};
use concord_shared::metric::{CounterKey, Counters};
use concord_shared::moment::Moment;
use concord_shared::review::state::{Judgement, ReviewState, ReviewStatus};
use concord_shared::row::{RowWrite, Write, parse};
use serde_json::{Value, json};

use super::SqliteStore;
use super::rederive::rederive;
use super::rows::{ScoreBook, store_rows};
use crate::domain::line::LoggedLine;
use crate::domain::measure::derive;
use crate::domain::rows::{Order, RowStore, TraceKey};
use crate::domain::store::{Commit, CommitStore, ReviewStore, RowsCommit, StoreError};

struct World {
    store: SqliteStore,
    object: ObjectRef,
    project: ProjectId,
    xact: i64,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = SqliteStore::open(&folder.path().join("concord.db")).await.expect("a store");
        let project = ProjectId::new();
        Self { store, object: ObjectRef::logs(project), project, xact: 0, _folder: folder }
    }

    async fn write(&mut self, rows: &[Value]) -> Counters {
        self.xact += 1;
        let writes = rows.iter().map(write).collect();
        let commit = RowsCommit { project: self.project, object: self.object, writes };
        let mut connection = self.store.writer.acquire().await.expect("the writer");
        let batch = [(XactId(self.xact), &commit)];
        let scores = ScoreBook::from([(self.object, Arc::from([]))]);
        let deltas = store_rows(&mut connection, &batch, &scores, Moment(self.xact)).await;
        deltas.expect("stored").remove(&self.object).unwrap_or_default()
    }

    async fn review(&mut self, row_id: &str, state: &ReviewState) -> Counters {
        self.xact += 1;
        let key = self.store.ensure_review(OrganizationId::new(), self.project, self.object, row_id, Moment(0));
        let key = key.await.expect("a review");
        let mut connection = self.store.writer.acquire().await.expect("the writer");
        sqlx::query("update review set state = $1 where document_id = $2")
            .bind(serde_json::to_string(state).expect("JSON"))
            .bind(key.document.as_bytes())
            .execute(&mut *connection)
            .await
            .expect("stored");
        rederive(&mut connection, self.object, row_id, state, &[], XactId(self.xact)).await.expect("derived")
    }

    /// What the counters should be: every row that is stored, derived anew.
    async fn recount(&self) -> Counters {
        let mut total = Counters::new();
        let fetched = self.store.fetch(self.object, None, 1000).await.expect("rows");
        for full in fetched.rows {
            let state = full.review.as_ref().map(|review| &review.state);
            total.merge(&derive(&LoggedLine::of(&full.row), full.row.is_root(), false, state, &[]).counted);
        }
        total
    }

    async fn counters(&self) -> Counters {
        let counters = self.store.counters(self.object).await.expect("counters");
        counters.iter().map(|(key, n)| (key.clone(), *n)).collect()
    }
}

fn write(row: &Value) -> RowWrite {
    match parse(&row.to_string(), &mut || "made".into()).expect("a row").write {
        Write::Row(write) => *write,
        Write::Comment(_) => panic!("a comment"),
    }
}

fn judged(number: f64) -> ReviewState {
    let mut state = ReviewState::default();
    let judgements = BTreeMap::from([("Tone".to_owned(), Judgement::Number(number))]);
    state.scores.insert(Reviewer::Member(MemberId(uuid::Uuid::nil())), judgements);
    state.status.value = ReviewStatus::InProgress;
    state
}

/// A small generator, so that the plan is the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

#[tokio::test]
async fn r5_counters_equal_a_recount_under_any_plan() {
    let mut world = World::new().await;
    let mut dice = Dice(7);
    let mut sum = Counters::new();
    for step in 0..120 {
        let row = |dice: &mut Dice| {
            let id = format!("row {}", dice.roll(12));
            match dice.roll(6) {
                0 => json!({"id": id, "_object_delete": true}),
                1 => json!({"id": id, "_is_merge": true, "scores": {"Tone": null}, "error": null}),
                2 => {
                    json!({"id": id, "_is_merge": true, "scores": {"Tone": 0.25 * dice.roll(5) as f64}, "output": step})
                }
                3 => {
                    json!({"id": id, "error": "broke", "root_span_id": format!("trace {}", dice.roll(3)), "span_parents": ["p"]})
                }
                _ => {
                    json!({"id": id, "root_span_id": format!("trace {}", dice.roll(3)), "scores": {"Tone": 0.5, "Judge": 1},
                    "span_attributes": {"type": "llm"}, "metrics": {"tokens": dice.roll(100), "cost": 0.1}})
                }
            }
        };
        let delta = if dice.roll(4) == 0 {
            world.review(&format!("row {}", dice.roll(14)), &judged(0.1 * dice.roll(11) as f64)).await
        } else {
            let rows: Vec<Value> = (0..1 + dice.roll(4)).map(|_| row(&mut dice)).collect();
            world.write(&rows).await
        };
        sum.merge(&delta);
    }
    assert_eq!(world.counters().await, world.recount().await);
    assert_eq!(sum, world.counters().await, "the differences add up");

    let traces: Vec<_> = sqlx::query_as::<_, (String, i64, i64, i64, i64)>(
        "select root_span_id, spans, errors, tokens, cost from trace where spans > 0 order by root_span_id",
    )
    .fetch_all(&world.store.readers)
    .await
    .expect("traces");
    let recounted: Vec<_> = sqlx::query_as::<_, (String, i64, i64, i64, i64)>(
        "select root_span_id, count(*), sum(has_error), sum(iif(kind = 'llm', coalesce(tokens, 0), 0)), \
         sum(iif(kind = 'llm', coalesce(cost, 0), 0)) from row where deleted = 0 group by root_span_id order by root_span_id",
    )
    .fetch_all(&world.store.readers)
    .await
    .expect("rows");
    assert_eq!(traces, recounted);
}

#[tokio::test]
async fn r8_a_repeated_batch_changes_nothing_but_its_transaction() {
    let mut world = World::new().await;
    let batch =
        [json!({"id": "a", "input": 1, "scores": {"x": 1}}), json!({"id": "b", "_is_merge": true, "tags": ["t"]})];
    world.write(&batch).await;
    let before = world.store.row(world.object, "a").await.expect("read").expect("a row");
    assert!(world.write(&batch).await.is_empty());
    let after = world.store.row(world.object, "a").await.expect("read").expect("a row");
    assert_eq!(before.row, after.row);
    assert!(before.xact < after.xact);
}

#[tokio::test]
async fn a_review_may_come_before_its_row() {
    let mut world = World::new().await;
    assert!(world.review("early", &judged(1.0)).await.is_empty(), "no row, nothing to count");
    assert!(world.store.traces(world.object, Order::Newest, None, 10).await.expect("read").is_empty());
    let delta = world.write(&[json!({"id": "early", "input": "hello", "scores": {"Tone": 0.0}})]).await;
    assert_eq!(delta.get(&CounterKey::Status(ReviewStatus::InProgress)), 1);
    let traces = world.store.traces(world.object, Order::Newest, None, 10).await.expect("read");
    let overlay = traces[0].root.overlay.as_ref().expect("a review");
    assert_eq!(overlay.scores, BTreeMap::from([("Tone".to_owned(), Some(1.0))]));
    assert_eq!(
        world.store.extremes(world.object).await.expect("read"),
        BTreeMap::from([("Tone".to_owned(), (1.0, 1.0))])
    );
}

#[tokio::test]
async fn traces_are_listed_by_key_and_know_their_neighbours() {
    let mut world = World::new().await;
    for minute in 0..5 {
        let created = format!("2026-11-24T09:0{minute}:00Z");
        let root = json!({"id": format!("r{minute}"), "span_id": format!("s{minute}"), "root_span_id": format!("t{minute}"), "created": created});
        let child = json!({"id": format!("c{minute}"), "root_span_id": format!("t{minute}"), "span_parents": [format!("s{minute}")]});
        world.write(&[child, root]).await;
    }
    let page = world.store.traces(world.object, Order::Newest, None, 2).await.expect("read");
    let ids =
        |page: &[crate::domain::rows::TraceLine]| page.iter().map(|trace| trace.root.id.clone()).collect::<Vec<_>>();
    assert_eq!((ids(&page), page[0].spans), (vec!["r4".to_owned(), "r3".to_owned()], 2));
    let last = page.last().map(|trace| TraceKey { created: trace.root.created, place: trace.place });
    assert_eq!(ids(&world.store.traces(world.object, Order::Newest, last, 2).await.expect("read")), ["r2", "r1"]);
    assert_eq!(ids(&world.store.traces(world.object, Order::Oldest, None, 2).await.expect("read")), ["r0", "r1"]);

    let trace = world.store.trace(world.object, "t3", 1).await.expect("read").expect("a trace");
    assert_eq!((trace.position, trace.previous.as_deref(), trace.next.as_deref()), (2, Some("t4"), Some("t2")));
    assert!(trace.truncated && trace.spans[0].id == "r3");
    for (text, found) in [("r3", "r3"), ("s3", "r3"), ("t3", "r3"), ("c1", "c1")] {
        let row = world.store.locate(world.object, text).await.expect("read");
        assert_eq!(row.map(|row| row.id).as_deref(), Some(found), "{text}");
    }
    assert!(world.store.locate(world.object, "nowhere").await.expect("read").is_none());

    let first = world.store.fetch(world.object, None, 2).await.expect("read");
    assert_eq!(first.rows.iter().map(|row| row.row.id.as_str()).collect::<Vec<_>>(), ["r4", "c4", "r3", "c3"]);
    let second = world.store.fetch(world.object, first.last, 10).await.expect("read");
    assert_eq!((second.rows.len(), second.last), (6, None));
}

/// SQLite rolls a transaction back by itself when the disk is full. The one writing connection must not be lost to that.
#[tokio::test]
async fn writing_goes_on_once_a_full_disk_has_room_again() {
    let mut world = World::new().await;
    world.write(&[json!({"id": "before"})]).await;
    let pages: i64 = sqlx::query_scalar("pragma page_count").fetch_one(&world.store.writer).await.expect("a count");
    let bound = format!("pragma max_page_count = {}", pages + 2);
    sqlx::query(sqlx::AssertSqlSafe(bound)).execute(&world.store.writer).await.expect("a disk of that size");
    let commit = |id: &str, input: &str| {
        let writes = vec![write(&json!({"id": id, "input": input}))];
        Commit::Rows(RowsCommit { project: world.project, object: world.object, writes })
    };
    let large = commit("large", &"x".repeat(1 << 20));
    let refused = world.store.commit(Arc::new([large]), Moment(1)).await.expect_err("no room for it");
    assert!(matches!(&refused, StoreError::Unavailable(text) if text.contains("full")), "{refused}");
    // The bound was the connection's own: its successor has room.
    let small = commit("small", "y");
    world.store.commit(Arc::new([small]), Moment(2)).await.expect("writing goes on");
    let ids = ["before".to_owned(), "large".to_owned(), "small".to_owned()];
    let stored = world.store.rows(world.object, &ids).await.expect("rows");
    assert_eq!(stored.keys().collect::<Vec<_>>(), ["before", "small"]);
}
