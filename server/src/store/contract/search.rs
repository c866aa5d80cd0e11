//! Searching: whatever a filter asks, a store finds the rows of which it holds and no others, each once, whichever table leads.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use concord_shared::filter::eval::{Clock, Scope, settle};
use concord_shared::filter::{Aliases, Expr, Place, check, matches, parser};
use concord_shared::ids::{MemberId, Reviewer};
use concord_shared::review::state::{Assignment, Comment, Expected, Judgement, ReviewState, ReviewStatus, StatusEntry};
use serde_json::{Map, Value, json};

use super::dice::Dice;
use super::fixtures::{NOW, World};
use crate::domain::search::Sieve;
use crate::query::btql::{Plan, Source, Walk, Wish};
use crate::query::event::{Context, event};

/// Conditions of all kinds; what stands between braces is chosen by lot.
const CONDITIONS: [&str; 44] = [
    "scores.A > 0.5",
    "scores.A <= 0.25",
    "scores.B = 1",
    "scores.A != 0.5",
    "scores.A is null",
    "scores.B is not null",
    "0.5 < scores.A",
    "scores.A > scores.B",
    "scores.Human >= 0.5",
    "tags includes 'red'",
    "tags not includes 'blue'",
    "tags in ('blue', 'green')",
    "'red' in tags",
    "len(tags) > 1",
    "tags is null",
    "metadata.model = 'large'",
    "metadata.model != 'large'",
    "metadata.model in ['small', 'large']",
    "metadata.n = 3",
    "metadata.n > 3",
    "metadata.deep.list[0].x = true",
    "metadata.note = 'seen'",
    "input match 'refund'",
    "input match 'Überweisung'",
    "not input match 'refund policy'",
    "output ilike '%the Refund is%'",
    "input like 'Please refund%'",
    "input ilike '%fund%'",
    "expected = 'right'",
    "expected match 'right'",
    "error is null",
    "error match 'timeout'",
    "comment is not null",
    "comment match 'wrong answer'",
    "comment ilike '%wrong%'",
    "review.status = 'awaiting'",
    "review.status in ('complete', 'in_progress')",
    "review.status = 'none'",
    "metadata.\"~__bt_review_lists\".__bt_default_review_list.status = 'PENDING'",
    "__bt_assignments includes '{member}'",
    "created > '2026-11-24T08:10:00Z'",
    "created <= '2026-11-24T08:05:00Z'",
    "span_attributes.type = 'llm'",
    "is_root",
];

/// One of several.
fn pick<T: Copy>(dice: &mut Dice, of: &[T]) -> T {
    of[dice.roll(of.len() as u64) as usize]
}

fn expression(dice: &mut Dice, member: MemberId, depth: u32) -> String {
    match dice.roll(if depth == 0 { 1 } else { 7 }) {
        0..=2 => pick(dice, &CONDITIONS).replace("{member}", &member.to_string()),
        3 | 4 => {
            let (left, right) = (expression(dice, member, depth - 1), expression(dice, member, depth - 1));
            format!("({left} and {right})")
        }
        5 => {
            let (left, right) = (expression(dice, member, depth - 1), expression(dice, member, depth - 1));
            format!("({left} or {right})")
        }
        _ => format!("not ({})", expression(dice, member, depth - 1)),
    }
}

fn random_row(dice: &mut Dice, number: usize) -> Value {
    let texts =
        ["Please refund me", "The refund is late, says our refund policy", "nothing\nrefund", "Überweisung", ""];
    let id = format!("r{number}");
    let root = format!("t{}", number / 3);
    let mut row = json!({"id": id, "span_id": id, "root_span_id": root,
        "created": format!("2026-11-24T08:{:02}:00Z", dice.roll(20)),
        "input": if dice.roll(2) == 0 { json!(pick(dice, &texts)) } else { json!([{"role": "user", "content": pick(dice, &texts)}]) },
        "output": pick(dice, &texts), "expected": pick(dice, &["right", "wrong"]),
        "metadata": {"model": pick(dice, &["small", "large", "other"]), "n": dice.roll(5), "deep": {"list": [{"x": dice.roll(2) == 0}]}},
        "span_attributes": {"type": pick(dice, &["llm", "tool"])}});
    if !number.is_multiple_of(3) {
        row["span_parents"] = json!([format!("r{}", number / 3 * 3)]);
    }
    for (score, one_of) in [("A", 3), ("B", 4)] {
        if dice.roll(one_of) != 0 {
            row["scores"][score] = json!(f64::from(dice.roll(5) as u32) / 4.0);
        }
    }
    let tags: Vec<&str> = ["red", "green", "blue"].into_iter().filter(|_| dice.roll(3) == 0).collect();
    if !tags.is_empty() {
        row["tags"] = json!(tags);
    }
    if dice.roll(6) == 0 {
        row["error"] = json!({"message": "timeout of the tool"});
    }
    row
}

fn random_review(dice: &mut Dice, member: MemberId) -> ReviewState {
    let by = Reviewer::Member(member);
    let mut state = ReviewState::default();
    if dice.roll(2) == 0 {
        let number = f64::from(dice.roll(5) as u32) / 4.0;
        let name = if dice.roll(2) == 0 { "Human" } else { "A" };
        state.scores.entry(by.clone()).or_default().insert(name.into(), Judgement::Number(number));
    }
    let status = ReviewStatus::ALL[dice.roll(4) as usize];
    state.status = StatusEntry { value: status, by: Some(by.clone()), at: Some(NOW) };
    if dice.roll(2) == 0 {
        state.assignees.insert(member, Assignment { by: by.clone(), at: NOW });
    }
    if dice.roll(2) == 0 {
        state.tags.insert("red".into(), dice.roll(2) == 0);
    }
    if dice.roll(3) == 0 {
        state.expected = Expected { set: true, value: json!("right") };
    }
    if dice.roll(2) == 0 {
        let text = pick(dice, &["a wrong answer", "fine", "WRONG!"]).to_string();
        let comment = Comment {
            author: by,
            at: NOW,
            text,
            edited_at: None,
            deleted: dice.roll(4) == 0,
            resolved: false,
            parent: None,
            anchor: None,
            source: None,
        };
        state.comments.insert("c1".into(), comment);
    }
    state
}

/// Every row with its trace, as the API tells it.
async fn everything(world: &World) -> Vec<(String, String, Map<String, Value>)> {
    let fetched = world.store.fetch(world.object, None, 1000).await.unwrap();
    let scores = world.store.scores_of(world.project).await.unwrap();
    let scores: Vec<_> = scores.iter().map(|score| score.to_score().unwrap()).collect();
    let context = Context {
        organization: world.organization,
        project: world.project,
        object: world.object,
        scores: &scores,
        names: &BTreeMap::new(),
    };
    let told = |row: &crate::domain::rows::FullRow| event(row, context, false);
    fetched.rows.iter().map(|row| (row.row.id.clone(), row.row.spans.root_span_id.clone(), told(row))).collect()
}

/// What a query finds, page by page; each once.
async fn found(world: &World, filter: &Expr, wish: Wish, limit: usize) -> BTreeSet<String> {
    let scores = world.store.scores_of(world.project).await.unwrap();
    let scores: Vec<_> = scores.iter().map(|score| score.to_score().unwrap()).collect();
    let plan = Plan { wish, limit, ..Plan::filtered(filter.clone()) };
    let sources = [Source { object: world.object, project: world.project, scores: scores.into() }];
    let walk = Walk {
        store: &*world.store,
        organization: world.organization,
        names: &BTreeMap::new(),
        sources: &sources,
        plan: &plan,
        clock: Clock { now: NOW, tz_offset: 0 },
        as_of: None,
    };
    let (mut all, mut after) = (BTreeSet::new(), None);
    loop {
        let page = walk.page(after).await.unwrap();
        for row in &page.rows {
            let id = row["id"].as_str().unwrap().to_owned();
            assert!(wish == Wish::Traces || all.insert(id), "{filter} finds {row:?} twice");
        }
        for (root, _) in page.traces {
            assert!(all.insert(root), "{filter} finds a trace twice");
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return all,
        }
    }
}

async fn compare(world: &World, dice: &mut Dice, rounds: usize) {
    let rows = everything(world).await;
    let clock = Clock { now: NOW, tz_offset: 0 };
    for round in 0..rounds {
        let mut text = expression(dice, world.owner, 3);
        if round % 4 == 0 {
            text = format!("any_span({text}) and {}", expression(dice, world.owner, 1));
        }
        let filter = check(&parser::expression(&text).unwrap(), Place::Row, &Aliases::default()).unwrap();
        let mut settled: BTreeMap<&str, Expr> = BTreeMap::new();
        for (_, root, _) in &rows {
            let trace = rows.iter().filter(|(_, of, _)| of == root).map(|(.., event)| event);
            settled.entry(root).or_insert_with(|| settle(&filter, trace, clock).unwrap());
        }
        let holds =
            |(_, root, row): &&(String, String, Map<String, Value>)| matches(&settled[&root[..]], Scope { row, clock });
        let right: BTreeSet<String> = rows.iter().filter(holds).map(|(id, ..)| id.clone()).collect();
        assert_eq!(found(world, &filter, Wish::Spans, 7).await, right, "{text}");
        let roots: BTreeSet<String> = rows.iter().filter(holds).map(|(_, root, _)| root.clone()).collect();
        assert_eq!(found(world, &filter, Wish::Listed, 5).await, roots, "traces with {text}");
    }
}

pub(super) async fn filters_find_what_they_match_and_nothing_else(mut world: World) {
    let mut dice = Dice(0xC0FFEE);
    let rows: Vec<Value> = (0..90).map(|number| random_row(&mut dice, number)).collect();
    for part in rows.chunks(30) {
        world.write(part).await;
    }
    for number in (0..90).step_by(2) {
        let state = random_review(&mut dice, world.owner);
        world.judge(&format!("r{number}"), state).await;
    }
    compare(&world, &mut dice, 120).await;
    // Rewritten rows, deleted rows, other reviews.
    let again: Vec<Value> = (0..90).step_by(5).map(|number| random_row(&mut dice, number)).collect();
    world.write(&again).await;
    world.write(&[json!({"id": "r7", "_object_delete": true}), json!({"id": "r8", "_object_delete": true})]).await;
    for number in (0..90).step_by(7).filter(|number| ![7, 8].contains(number)) {
        let state = random_review(&mut dice, world.owner);
        world.judge(&format!("r{number}"), state).await;
    }
    compare(&world, &mut dice, 80).await;
}

pub(super) async fn what_is_written_again_before_full_text_has_it_is_found_by_its_last_words(mut world: World) {
    let row = |number: usize, word: &str| json!({"id": format!("r{number}"), "input": word});
    let (mut again, mut commented) = (BTreeSet::new(), BTreeSet::new());
    // Full text comes every 100 ms: some of these it takes in between, some only when they are as they stay.
    for round in 0..6 {
        let numbers = round * 40..(round + 1) * 40;
        world.write(&numbers.clone().map(|number| row(number, "draft")).collect::<Vec<_>>()).await;
        let later: Vec<Value> =
            numbers.clone().filter(|number| number % 3 == 0).map(|number| row(number, "final")).collect();
        again.extend(numbers.clone().filter(|number| number % 3 == 0).map(|number| format!("r{number}")));
        world.write(&later).await;
        for number in numbers.step_by(20) {
            let comment = Comment {
                author: Reviewer::Member(world.owner),
                at: NOW,
                text: "seen".into(),
                edited_at: None,
                deleted: false,
                resolved: false,
                parent: None,
                anchor: None,
                source: None,
            };
            let comments = BTreeMap::from([(format!("{number}"), comment)]);
            world.judge(&format!("r{number}"), ReviewState { comments, ..ReviewState::default() }).await;
            commented.insert(format!("r{number}"));
        }
    }
    while world.store.full_text_behind().await.unwrap() > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for (text, right) in [("input match 'final'", &again), ("comment match 'seen'", &commented)] {
        let filter = check(&parser::expression(text).unwrap(), Place::Row, &Aliases::default()).unwrap();
        assert_eq!(&found(&world, &filter, Wish::Spans, 50).await, right, "{text}");
    }
}

pub(super) async fn labels_and_volumes_are_counted(mut world: World) {
    let row = |id: &str, minute: u32, tags: Value, error: Value| json!({"id": id, "created": format!("2026-11-24T08:{minute:02}:00Z"), "tags": tags, "error": error});
    world
        .write(&[
            row("a", 0, json!(["x", "y"]), Value::Null),
            row("b", 5, json!(["x"]), json!("broken")),
            row("c", 9, Value::Null, Value::Null),
        ])
        .await;
    let labels = world.store.labels(world.object, "t:", 10, 100).await.unwrap();
    assert_eq!(labels, [("t:x".to_owned(), 2), ("t:y".to_owned(), 1)]);
    let counted = world.store.labels(world.object, "*", 10, 2).await.unwrap();
    assert_eq!(counted, [("*".to_owned(), 2)], "counted to two");
    let (first, last) = world.store.span_of_time(world.object).await.unwrap().unwrap();
    assert_eq!(last - first, 9 * 60_000_000);
    let volumes = world.store.volume(world.object, first, 5 * 60_000_000, 2).await.unwrap();
    let counts: Vec<_> = volumes.iter().map(|volume| (volume.rows, volume.errors)).collect();
    assert_eq!(counts, [(1, 0), (2, 1)]);
    let roots = ["c".to_owned(), "nobody".to_owned(), "a".to_owned()];
    let lines = world.store.trace_lines(world.object, &roots).await.unwrap();
    assert_eq!(lines.iter().map(|line| line.root.id.as_str()).collect::<Vec<_>>(), ["c", "a"]);
    let sifted = world.store.sift(world.object, &Sieve::All, i64::MAX, 2, Instant::now() + Duration::from_secs(60));
    let sifted = sifted.await.unwrap();
    assert_eq!(sifted.rows.iter().map(|(_, row)| row.row.id.as_str()).collect::<Vec<_>>(), ["c", "b"]);
}
