//! What happened, as people read it.

use concord_shared::ids::{MemberId, Reviewer};
use concord_shared::moment::Moment;
use concord_shared::review::state::ReviewState;
use concord_shared::role::Role;
use serde_json::{Value, json};

use super::fixtures::{NOW, World, change, credentials, fact, review_commit};
use crate::domain::store::{HistoryActor, HistoryEntry, NewChange, ReviewKey, Source};

async fn history(world: &World, key: &ReviewKey, after: i64, limit: u32) -> Vec<HistoryEntry> {
    world.store.history(key.document, after, limit).await.unwrap()
}

pub(super) async fn history_tells_facts_in_order_and_by_page(mut world: World) {
    let key = world.review("row").await;
    let value = json!({"text": "a\u{0}b", "list": [1.0, null, "ü"], "n": 0.1});
    let first = NewChange {
        facts: vec![fact("/scores/x/Tone", Value::Null, json!(0.5)), fact("/expected", json!("before"), value.clone())],
        received_at: Moment(NOW.0 + 5),
        metadata: Some(json!({"user_id": "u-1"})),
        source: Source::Api,
        ..change(1, 1, Some(world.owner))
    };
    let silent = NewChange { facts: vec![], ..change(1, 2, Some(world.owner)) };
    let changes = vec![first.clone(), silent, change(1, 3, Some(world.owner))];
    world.commit_one(review_commit(&key, 0, changes, ReviewState::default())).await.unwrap();
    let entries = history(&world, &key, 0, 100).await;
    let told: Vec<_> = entries.iter().map(|entry| (entry.revision, entry.path.as_str())).collect();
    assert_eq!(told, [(1, "/scores/x/Tone"), (1, "/expected"), (3, "/status/value")]);
    let second = &entries[1];
    assert_eq!((&second.from, &second.to), (&json!("before"), &value));
    assert_eq!((second.at, second.source.as_str()), (Moment(NOW.0 + 5), "api"));
    assert_eq!(second.metadata, Some(json!({"user_id": "u-1"})));
    assert_eq!(second.hash, first.hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    assert_eq!(entries[2].metadata, None);

    let ids: Vec<i64> = entries.iter().map(|entry| entry.id.parse().unwrap()).collect();
    assert!(ids.is_sorted_by(|a, b| a < b));
    let page = history(&world, &key, ids[0], 1).await;
    assert_eq!(page.iter().map(|entry| entry.path.as_str()).collect::<Vec<_>>(), ["/expected"]);
    assert!(history(&world, &key, ids[2], 10).await.is_empty());
    let other = world.review("other").await;
    assert!(history(&world, &other, 0, 10).await.is_empty());
}

pub(super) async fn history_names_people(mut world: World) {
    let eva = credentials(world.organization, "eva@acme.test", Role::Reviewer);
    let eva = world.store.add_member(&eva, None).await.unwrap();
    let key = world.review("row").await;
    let of = |seq, author, on_behalf_of| NewChange { on_behalf_of, ..change(1, seq, author) };
    let stranger = MemberId::new();
    let changes = vec![
        of(1, Some(world.owner), None),
        of(2, None, Some(Reviewer::Member(eva))),
        of(3, None, Some(Reviewer::External("user 7: \"x\"".into()))),
        of(4, None, None),
        of(5, Some(stranger), None),
        of(6, None, Some(Reviewer::Member(stranger))),
    ];
    world.commit_one(review_commit(&key, 0, changes, ReviewState::default())).await.unwrap();
    world.store.remove_member(world.organization, eva, NOW).await.unwrap();
    let actor = |id: String, name: &str| HistoryActor { id, name: name.into() };
    let server = || actor("server".into(), "Concord");
    let expected = [
        (actor(world.owner.to_string(), "ann"), None),
        (server(), Some(actor(eva.to_string(), "eva"))),
        (server(), Some(actor("external:user 7: \"x\"".into(), "user 7: \"x\""))),
        (server(), None),
        (actor(stranger.to_string(), "removed member"), None),
        (server(), Some(actor(stranger.to_string(), "removed member"))),
    ];
    let entries = history(&world, &key, 0, 100).await;
    let told: Vec<_> = entries.into_iter().map(|entry| (entry.actor, entry.on_behalf_of)).collect();
    assert_eq!(told, expected);
}

pub(super) async fn a_project_has_one_chain_for_all_its_reviews(mut world: World) {
    let (a, b) = (world.review("a").await, world.review("b").await);
    for round in 0..3 {
        let batch = [
            review_commit(&a, round, vec![change(1, round + 1, None)], ReviewState::default()),
            review_commit(&b, round, vec![change(2, round + 1, None)], ReviewState::default()),
        ];
        world.commit(&batch).await;
    }
    let ids = async |key| {
        let entries = history(&world, key, 0, 100).await;
        entries.iter().map(|entry| entry.id.parse::<i64>().unwrap()).collect::<Vec<_>>()
    };
    let (a, b) = (ids(&a).await, ids(&b).await);
    let mut order: Vec<i64> = a.iter().zip(&b).flat_map(|(a, b)| [*a, *b]).collect();
    assert!(order.is_sorted_by(|a, b| a < b), "entries of both in the order of the commits: {order:?}");
    order.dedup();
    assert_eq!(order.len(), 6);
}
