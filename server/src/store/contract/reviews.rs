//! Reviews: made, loaded, laid over their rows.

use std::collections::{BTreeMap, BTreeSet};

use concord_shared::ids::{DocumentId, Reviewer, Revision};
use concord_shared::metric::CounterKey;
use concord_shared::moment::Moment;
use concord_shared::review::state::{Comment, Judgement, ReviewState, ReviewStatus};
use serde_json::json;

use super::fixtures::{NOW, World, change, review_commit};
use crate::domain::rows::Order;
use crate::domain::store::Commit;

pub(super) fn judged(world: &World, number: f64) -> ReviewState {
    let mut state = ReviewState::default();
    let judgements = BTreeMap::from([("Tone".to_owned(), Judgement::Number(number))]);
    state.scores.insert(Reviewer::Member(world.owner), judgements);
    state.status.value = ReviewStatus::InProgress;
    state
}

fn commented(world: &World, id: &str, deleted: bool) -> ReviewState {
    let comment = Comment {
        author: Reviewer::Member(world.owner),
        at: NOW,
        text: "Too late".into(),
        edited_at: None,
        deleted,
        resolved: false,
        parent: None,
        anchor: Some(json!({"from": 1})),
        source: None,
    };
    ReviewState { comments: [(id.to_owned(), comment)].into(), ..ReviewState::default() }
}

pub(super) async fn a_review_is_made_once_for_a_row(world: World) {
    let store = &world.store;
    let calls =
        (0..8).map(|n| store.ensure_review(world.organization, world.project, world.object, "row", Moment(NOW.0 + n)));
    let keys = futures_util::future::join_all(calls).await;
    let first = keys[0].as_ref().unwrap();
    assert!(keys.iter().all(|key| key.as_ref() == Ok(first)), "whoever asks first, all get the same");
    assert_eq!((first.organization, first.project), (world.organization, world.project));
    assert_eq!((first.object, first.row_id.as_str()), (world.object, "row"));
    assert_eq!(store.find_review(first.document).await, Ok(Some(first.clone())));
    assert_eq!(store.find_review(DocumentId::new()).await, Ok(None));
    assert!(store.load_review(DocumentId::new()).await.unwrap().is_none());
    assert_ne!(world.review("Row").await.document, first.document);
    let ids = ["row", "other", "Row"].map(str::to_owned);
    let reviewed = store.reviewed(world.object, &ids).await.unwrap();
    assert_eq!(reviewed.into_iter().collect::<BTreeSet<_>>(), BTreeSet::from(["Row".to_owned(), "row".to_owned()]));

    let stored = store.load_review(first.document).await.unwrap().unwrap();
    assert_eq!((&stored.key, stored.revision, stored.snapshot_revision), (first, Revision(0), Revision(0)));
    assert!(stored.heads.is_empty() && stored.snapshot.is_none());
    assert!(stored.changes.is_empty() && stored.replicas.is_empty());
}

pub(super) async fn what_is_stored_opens_a_room(mut world: World) {
    let key = world.review("row").await;
    let changes = vec![change(1, 1, Some(world.owner)), change(1, 2, Some(world.owner)), change(2, 1, None)];
    world.commit_one(review_commit(&key, 0, changes.clone(), ReviewState::default())).await.unwrap();
    let stored = world.store.load_review(key.document).await.unwrap().unwrap();
    assert_eq!((stored.key, stored.revision, stored.heads), (key.clone(), Revision(3), vec![changes[2].hash]));
    let bytes: Vec<_> = changes.iter().map(|change| change.bytes.clone()).collect();
    assert_eq!(stored.changes, bytes, "in the order of their revisions");
    let replicas: BTreeMap<_, _> = stored.replicas.into_iter().collect();
    assert_eq!(replicas, BTreeMap::from([(vec![1; 16], Some(world.owner)), (vec![2; 16], None)]));

    let Commit::Review(mut commit) = review_commit(&key, 3, vec![change(2, 2, None)], ReviewState::default()) else {
        unreachable!()
    };
    commit.heads = vec![[1; 32], [2; 32]];
    commit.snapshot = Some(b"all of it".to_vec());
    world.commit_one(Commit::Review(commit)).await.unwrap();
    let stored = world.store.load_review(key.document).await.unwrap().unwrap();
    assert_eq!((stored.revision, stored.snapshot_revision), (Revision(4), Revision(4)));
    assert_eq!(stored.heads, [[1; 32], [2; 32]]);
    assert_eq!((stored.snapshot.as_deref(), stored.changes.len()), (Some(&b"all of it"[..]), 0));
    assert_eq!(stored.replicas.len(), 2, "owners are known whatever the snapshot contains");
}

pub(super) async fn snapshots_only_grow(mut world: World) {
    let key = world.review("row").await;
    let changes = vec![change(1, 1, None), change(1, 2, None), change(1, 3, None)];
    world.commit_one(review_commit(&key, 0, changes, ReviewState::default())).await.unwrap();
    let store = &world.store;
    store.save_snapshot(key.document, Revision(2), b"two".to_vec()).await.unwrap();
    store.save_snapshot(key.document, Revision(1), b"one".to_vec()).await.unwrap();
    let stored = store.load_review(key.document).await.unwrap().unwrap();
    assert_eq!((stored.snapshot.as_deref(), stored.snapshot_revision), (Some(&b"two"[..]), Revision(2)));
    assert_eq!(stored.changes, [b"change 3 of replica 1"], "changes after the snapshot");
    assert_eq!(stored.revision, Revision(3));
}

pub(super) async fn a_review_may_come_before_its_row(mut world: World) {
    world.judge("early", judged(&world, 1.0)).await;
    assert!(world.moved.is_empty(), "no row, nothing to count");
    assert!(world.store.traces(world.object, Order::Newest, None, 10).await.unwrap().is_empty());
    world.write(&[json!({"id": "early", "input": "hello", "scores": {"Tone": 0.0}})]).await;
    assert_eq!(world.moved.get(&CounterKey::Status(ReviewStatus::InProgress)), 1);
    let traces = world.store.traces(world.object, Order::Newest, None, 10).await.unwrap();
    let overlay = traces[0].root.overlay.as_ref().expect("a review");
    assert_eq!(overlay.scores, BTreeMap::from([("Tone".to_owned(), Some(1.0))]));
    let key = world.review("early").await;
    assert_eq!(traces[0].root.document, Some(key.document));
    let full = world.store.row(world.object, "early").await.unwrap().unwrap();
    let review = full.review.expect("a review");
    assert_eq!((review.document, review.revision, review.state), (key.document, Revision(1), judged(&world, 1.0)));
    world.assert_counted().await;

    // An edit of the review counts as a write of its row and of its trace.
    world.write(&[json!({"id": "later"})]).await;
    world.judge("early", judged(&world, 0.5)).await;
    let fetched = world.store.fetch(world.object, None, 10).await.unwrap();
    assert_eq!(fetched.rows[0].row.id, "early");
    assert!(fetched.rows[0].xact > fetched.rows[1].xact);
    world.assert_counted().await;
}

pub(super) async fn a_comment_finds_its_row(mut world: World) {
    let id = "0b8e7a54-6a8e-4a6c-9a9f-5d0f3c2b1a00";
    world.judge("early", commented(&world, id, false)).await;
    assert_eq!(world.store.comment_row(world.object, id).await, Ok(Some("early".into())), "before its row has come");
    assert_eq!(world.store.comment_row(world.object, "unknown").await, Ok(None));
    world.write(&[json!({"id": "early"})]).await;
    assert_eq!(world.moved.get(&CounterKey::Comments), 1);
    world.judge("early", commented(&world, id, true)).await;
    assert_eq!(world.moved.get(&CounterKey::Comments), 0);
    assert_eq!(world.store.comment_row(world.object, id).await, Ok(Some("early".into())), "also after it was deleted");
    world.assert_counted().await;
}
