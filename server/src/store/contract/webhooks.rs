//! Webhooks and what they are told.

use std::time::Duration;

use concord_shared::ids::{DeliveryId, OrganizationId, WebhookId};
use concord_shared::review::state::ReviewState;
use serde_json::{Value, json};

use super::fixtures::{NOW, World, change, fact, project, review_commit};
use crate::domain::store::NewChange;
use crate::domain::webhook::{Delivery, Event, OF_ONE, Outcome, State, Webhook};

fn hook(world: &World, name: &str, events: &[Event]) -> Webhook {
    Webhook {
        id: WebhookId::new(),
        organization: world.organization,
        project: world.project,
        name: name.into(),
        url: "https://example.com/hook?a=ü".into(),
        events: events.to_vec(),
        secret: "whsec_AAAA".into(),
        active: true,
        created_by: world.owner,
        created: NOW,
    }
}

async fn add(world: &World, name: &str, events: &[Event]) -> Webhook {
    let hook = hook(world, name, events);
    world.store.add_webhook(&hook).await.unwrap();
    hook
}

async fn waiting(world: &World, hook: &Webhook) -> Vec<Delivery> {
    world.store.deliveries(hook.id, None, 100).await.unwrap()
}

pub(super) async fn webhooks_are_kept_changed_and_deleted_with_their_log(world: World) {
    let store = &world.store;
    let one = add(&world, "one", &[Event::Completed, Event::Mentioned]).await;
    let two = add(&world, "two", &[Event::Feedback]).await;
    assert_eq!(store.webhook(world.organization, one.id).await, Ok(Some(one.clone())));
    assert_eq!(store.webhook(OrganizationId::new(), one.id).await, Ok(None));
    assert_eq!(store.webhooks(world.organization, world.project).await, Ok(vec![one.clone(), two.clone()]));
    assert_eq!(store.webhooks(OrganizationId::new(), world.project).await, Ok(vec![]));
    let changed = Webhook {
        name: "uno".into(),
        url: "https://a.test".into(),
        events: vec![Event::Assigned],
        active: false,
        ..one
    };
    store.update_webhook(&changed).await.unwrap();
    assert_eq!(store.webhook(world.organization, changed.id).await, Ok(Some(changed.clone())));
    let delivery = Delivery::new(DeliveryId::new(), two.id, "webhook.test", json!({"a": "\u{0}"}), NOW);
    store.queue_delivery(&delivery).await.unwrap();
    assert_eq!(waiting(&world, &two).await, [delivery]);
    store.delete_webhook(two.id).await.unwrap();
    assert_eq!(store.webhook(world.organization, two.id).await, Ok(None));
    assert!(waiting(&world, &two).await.is_empty());
    store.delete_project(world.project, NOW).await.unwrap();
    assert_eq!(store.webhook(world.organization, changed.id).await, Ok(None));
}

pub(super) async fn what_happens_is_queued_with_the_change_for_whom_it_concerns(mut world: World) {
    let completed = add(&world, "completed", &[Event::Completed]).await;
    let all = add(&world, "all", &[Event::Completed, Event::Assigned]).await;
    let off = Webhook { active: false, ..hook(&world, "off", &[Event::Completed]) };
    world.store.add_webhook(&off).await.unwrap();
    let elsewhere = project(world.organization, "Elsewhere");
    world.store.register_project(&elsewhere).await.unwrap();
    let other = Webhook { project: elsewhere.id, ..hook(&world, "other", &[Event::Completed]) };
    world.store.add_webhook(&other).await.unwrap();

    let key = world.review("row \"1\"").await;
    let owner = world.owner;
    let told = |seq, facts| NewChange { facts, ..change(1, seq, Some(owner)) };
    let done = fact("/status", Value::Null, json!({"value": "complete"}));
    let assigned = fact(&format!("/assignees/{}", world.owner), Value::Null, json!({"by": world.owner}));
    let changes = vec![told(1, vec![assigned, fact("/tags/x", Value::Null, json!(true))]), told(2, vec![done.clone()])];
    world.commit_one(review_commit(&key, 0, changes, ReviewState::default())).await.unwrap();

    let queued = waiting(&world, &all).await;
    let events: Vec<&str> = queued.iter().rev().map(|delivery| delivery.event.as_str()).collect();
    assert_eq!(events, ["review.assigned", "review.completed"]);
    assert_eq!((queued[0].state, queued[0].attempts, queued[0].next), (State::Waiting, 0, NOW));
    assert_eq!((&queued[0].data["row_id"], &queued[0].data["by"]["id"]), (&json!("row \"1\""), &json!(world.owner)));
    assert_eq!(waiting(&world, &completed).await.len(), 1);
    assert!(waiting(&world, &off).await.is_empty() && waiting(&world, &other).await.is_empty());

    // A commit that is refused is told as nothing.
    let late = vec![told(3, vec![done])];
    world.commit_one(review_commit(&key, 0, late, ReviewState::default())).await.unwrap_err();
    assert_eq!(waiting(&world, &completed).await.len(), 1);
}

pub(super) async fn what_is_due_is_taken_once_and_comes_back_until_it_is_over(world: World) {
    let store = &world.store;
    let slow = add(&world, "slow", &[Event::Completed]).await;
    let quick = add(&world, "quick", &[Event::Completed]).await;
    for _ in 0..OF_ONE + 2 {
        store.queue_delivery(&Delivery::new(DeliveryId::new(), slow.id, "e", json!({}), NOW)).await.unwrap();
    }
    let last = Delivery::new(DeliveryId::new(), quick.id, "e", json!({"n": 1}), NOW + Duration::from_secs(1));
    store.queue_delivery(&last).await.unwrap();
    let lease = NOW + Duration::from_secs(60);
    assert_eq!(store.claim_deliveries(NOW, lease, 0).await.unwrap().len(), 0);
    assert_eq!(store.claim_deliveries(NOW, lease, 100).await.unwrap().len(), OF_ONE as usize, "no more of one at once");
    let now = NOW + Duration::from_secs(1);
    let claimed = store.claim_deliveries(now, lease, 100).await.unwrap();
    assert_eq!(claimed.len(), 3, "the rest, and none of those that are under way");
    let (delivery, of) = claimed.last().unwrap();
    assert_eq!((delivery, of), (&Delivery { attempts: 1, next: lease, ..last.clone() }, &quick));
    assert!(store.claim_deliveries(now, lease, 100).await.unwrap().is_empty());

    let next = lease + Duration::from_secs(5);
    let failed =
        Outcome { state: State::Waiting, next, answer: Some(500), detail: Some("it answered 500".into()), at: now };
    store.finish_delivery(last.id, &failed).await.unwrap();
    let again = store.claim_deliveries(next, next + Duration::from_secs(60), 100).await.unwrap();
    let again: Vec<_> = again.iter().filter(|(delivery, _)| delivery.webhook == quick.id).collect();
    assert_eq!((again[0].0.attempts, again[0].0.answer, again[0].0.finished), (2, Some(500), None));
    assert_eq!(again[0].0.detail.as_deref(), Some("it answered 500"));
    let done = Outcome { state: State::Delivered, next, answer: Some(204), detail: None, at: next };
    store.finish_delivery(last.id, &done).await.unwrap();
    let known = waiting(&world, &quick).await.remove(0);
    assert_eq!((known.state, known.answer, known.finished), (State::Delivered, Some(204), Some(next)));

    store.update_webhook(&Webhook { active: false, ..slow.clone() }).await.unwrap();
    let later = next + Duration::from_secs(3600);
    assert!(store.claim_deliveries(later, later, 100).await.unwrap().is_empty(), "it waits while its webhook is off");
    assert_eq!(store.forget_deliveries(next).await, Ok(0));
    assert_eq!(store.forget_deliveries(later).await, Ok(1));
    let all = waiting(&world, &slow).await;
    assert_eq!(all.len(), OF_ONE as usize + 2, "what waits is kept");
    let page = store.deliveries(slow.id, Some(all[0].id), 2).await.unwrap();
    assert_eq!(page, all[1..3]);
}
