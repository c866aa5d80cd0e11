//! What dashboards read: always a recount, however it was reached.

use std::collections::BTreeMap;

use concord_shared::ids::{MemberId, ObjectType, ProjectId, Reviewer};
use concord_shared::metric::{CounterKey, Counters, ScoreCount};
use concord_shared::moment::Moment;
use concord_shared::review::state::{Assignment, ReviewState, ReviewStatus};
use serde_json::{Value, json};

use super::dice::Dice;
use super::fixtures::{NOW, World, change, review_commit, row_write};
use super::objects::object;
use super::reviews::judged;
use crate::domain::project::ProjectScore;
use crate::domain::rows::{Order, ProjectNumbers};
use crate::domain::store::{Commit, Committed, NewChange, Rederive, RowsCommit};

fn row(dice: &mut Dice, step: usize) -> Value {
    let id = format!("row {}", dice.roll(12));
    match dice.roll(6) {
        0 => json!({"id": id, "_object_delete": true}),
        1 => json!({"id": id, "_is_merge": true, "scores": {"Tone": null}, "error": null}),
        2 => json!({"id": id, "_is_merge": true, "scores": {"Tone": 0.25 * dice.roll(5) as f64}, "output": step}),
        3 => {
            json!({"id": id, "error": "broke", "root_span_id": format!("trace {}", dice.roll(3)), "span_parents": ["p"]})
        }
        _ => {
            json!({"id": id, "root_span_id": format!("trace {}", dice.roll(3)), "scores": {"Tone": 0.5, "Judge": 1},
                "span_attributes": {"type": "llm"}, "metrics": {"tokens": dice.roll(100), "cost": 0.1}})
        }
    }
}

pub(super) async fn r5_counters_equal_a_recount_under_any_plan(mut world: World) {
    let mut dice = Dice(7);
    for step in 0..60 {
        if dice.roll(4) == 0 {
            let state = judged(&world, 0.1 * dice.roll(11) as f64);
            world.judge(&format!("row {}", dice.roll(14)), state).await;
        } else {
            let rows: Vec<Value> = (0..1 + dice.roll(4)).map(|_| row(&mut dice, step)).collect();
            world.write(&rows).await;
        }
        if step % 10 == 9 {
            world.assert_counted().await;
            assert_traces_are_summed(&world).await;
        }
    }
}

/// Sums of listed traces are those of their spans.
async fn assert_traces_are_summed(world: &World) {
    for line in world.store.traces(world.object, Order::Newest, None, 100).await.unwrap() {
        let trace = world.store.trace(world.object, &line.root.spans.root_span_id, 100).await.unwrap().expect("spans");
        let calls = || trace.spans.iter().filter(|span| span.line.kind.as_deref() == Some("llm"));
        let cost: f64 = calls().filter_map(|span| span.line.cost).sum();
        assert_eq!(line.spans, trace.spans.len() as i64);
        assert_eq!(line.errors, trace.spans.iter().filter(|span| span.line.error.is_some()).count() as i64);
        assert_eq!(line.tokens.unwrap_or(0), calls().filter_map(|span| span.line.tokens).sum::<i64>());
        assert!((line.cost.unwrap_or(0.0) - cost).abs() < 1e-9);
    }
}

async fn rederive(world: &mut World) -> usize {
    let (mut next, mut steps) = (Some(0), 0);
    while let Some(after) = next {
        let step = Rederive { project: world.project, object: world.object, after };
        next = match world.commit_one(Commit::Rederive(step)).await {
            Ok(Committed::Rederived(next)) => next,
            other => panic!("{other:?}"),
        };
        steps += 1;
    }
    steps
}

pub(super) async fn r5_changed_scores_are_derived_again_step_by_step(mut world: World) {
    let option = |name: &str, value: f64| json!({"name": name, "value": value});
    let rows: Vec<Value> =
        (0..620).map(|n| json!({"id": format!("row {n}"), "scores": {"Tone": (n % 2) as f64}})).collect();
    world.write(&rows).await;
    let state = judged(&world, 0.5);
    world.judge("row 3", state).await;
    world.assert_counted().await;

    let tone =
        world.add_score("Tone", "categorical", json!([option("good", 1.0), option("bad", 0.0)]), Value::Null).await;
    assert!(rederive(&mut world).await > 1, "many rows are more than one step");
    world.assert_counted().await;
    let count =
        |world: &World, name: &str| world.moved.get(&CounterKey::Score("Tone".into(), ScoreCount::Option(name.into())));
    assert_eq!((count(&world, "good"), count(&world, "bad")), (309, 310));
    let renamed = ProjectScore { categories: json!([option("fine", 1.0), option("half", 0.5)]), ..tone };
    world.store.update_score(&renamed).await.unwrap();
    rederive(&mut world).await;
    world.assert_counted().await;
    assert_eq!((count(&world, "fine"), count(&world, "half"), count(&world, "bad")), (309, 1, 0));
    assert_eq!(rederive(&mut world).await, rederive(&mut world).await, "once more changes nothing");
    world.assert_counted().await;
}

pub(super) async fn project_numbers_are_those_of_the_logs(mut world: World) {
    let created = |minute: i64| format!("2026-11-24T09:0{minute}:00Z");
    let at = |minute: i64| created(minute).parse::<Moment>().unwrap();
    let empty = world.store.project_numbers(world.project, at(0)).await.unwrap();
    assert_eq!(empty, ProjectNumbers::default());
    for minute in 0..4 {
        let root =
            json!({"id": format!("r{minute}"), "root_span_id": format!("t{minute}"), "created": created(minute)});
        let child = json!({"id": format!("c{minute}"), "root_span_id": format!("t{minute}"), "span_parents": ["x"], "created": created(9)});
        world.write(&[root, child]).await;
    }
    let status = |value| {
        let mut state = ReviewState::default();
        state.status.value = value;
        state
    };
    for (row, value) in [("r0", ReviewStatus::Awaiting), ("c0", ReviewStatus::Complete), ("r1", ReviewStatus::Complete)]
    {
        world.judge(row, status(value)).await;
    }
    world.write(&[json!({"id": "r3", "_object_delete": true})]).await;
    let expected = ProjectNumbers {
        traces: 3,
        traces_since: 2,
        awaiting: 1,
        in_progress: 0,
        complete: 2,
        last_activity: Some(at(2)),
    };
    assert_eq!(world.store.project_numbers(world.project, at(1)).await, Ok(expected));
    assert_eq!(world.store.project_numbers(ProjectId::new(), at(1)).await, Ok(ProjectNumbers::default()));
    world.assert_counted().await;
}

pub(super) async fn reviews_of_a_project_are_counted_by_kind_and_member(mut world: World) {
    let (noor, mei) = (MemberId::new(), MemberId::new());
    let state = |value, assignees: &[MemberId]| {
        let mut state = ReviewState::default();
        state.status.value = value;
        let asked = Assignment { by: Reviewer::Member(noor), at: NOW };
        state.assignees = assignees.iter().map(|member| (*member, asked.clone())).collect();
        state
    };
    world.write(&[json!({"id": "a"}), json!({"id": "b"}), json!({"id": "c"})]).await;
    world.judge("a", state(ReviewStatus::Awaiting, &[noor, mei])).await;
    world.judge("b", state(ReviewStatus::Complete, &[noor])).await;
    world.judge("c", state(ReviewStatus::InProgress, &[mei])).await;
    let dataset = object(world.project, ObjectType::Dataset, "Golden");
    let gone = object(world.project, ObjectType::Dataset, "Old");
    for made in [&dataset, &gone] {
        world.store.register_object(made).await.unwrap();
        let writes = vec![row_write(&json!({"id": "r"}))];
        world.commit(&[Commit::Rows(RowsCommit::new(world.project, made.object, writes))]).await;
        let key = world.store.ensure_review(world.organization, world.project, made.object, "r", NOW).await.unwrap();
        let replica = key.document.as_bytes().to_vec();
        let change = NewChange { replica, ..change(1, 1, Some(world.owner)) };
        world.commit(&[review_commit(&key, 0, vec![change], state(ReviewStatus::None, &[noor]))]).await;
    }
    world.store.delete_object(gone.object, NOW).await.unwrap();

    let counts = world.store.review_counts(world.project).await.unwrap();
    let of = |kind, key| counts.get(&kind).map_or(0, |counters| counters.get(&key));
    let status = |status| of(ObjectType::ProjectLogs, CounterKey::Status(status));
    assert_eq!([ReviewStatus::Awaiting, ReviewStatus::InProgress, ReviewStatus::Complete].map(status), [1, 1, 1]);
    assert_eq!(of(ObjectType::ProjectLogs, CounterKey::Waiting(noor)), 1, "what is complete waits for nobody");
    assert_eq!(of(ObjectType::ProjectLogs, CounterKey::Waiting(mei)), 2);
    assert_eq!(of(ObjectType::Dataset, CounterKey::Waiting(noor)), 1, "without the one that is deleted");
    assert!(counts.values().flat_map(Counters::iter).all(|(key, _)| *key != CounterKey::Rows));
    assert!(world.store.review_counts(ProjectId::new()).await.unwrap().values().all(Counters::is_empty));
    world.assert_counted().await;
}

pub(super) async fn extremes_follow_the_effective_numbers(mut world: World) {
    let row = |id: &str, tone: f64| json!({"id": id, "scores": {"Tone": tone, "judge \"x\"": 0.5}});
    world.write(&[row("a", 0.25), row("b", 0.75), row("c", 0.5)]).await;
    let extremes = async |world: &World| world.store.extremes(world.object).await.unwrap();
    let both = |low, high| BTreeMap::from([("Tone".to_owned(), (low, high)), ("judge \"x\"".to_owned(), (0.5, 0.5))]);
    assert_eq!(extremes(&world).await, both(0.25, 0.75));
    let state = judged(&world, 0.125);
    world.judge("b", state).await;
    assert_eq!(extremes(&world).await, both(0.125, 0.5), "a judgement is laid over what was logged");
    world.write(&[json!({"id": "a", "_object_delete": true}), json!({"id": "b", "_object_delete": true})]).await;
    assert_eq!(extremes(&world).await, both(0.5, 0.5));
    assert_eq!(world.store.metrics(world.object).await.unwrap().extremes, both(0.5, 0.5));
    world.assert_counted().await;
}
