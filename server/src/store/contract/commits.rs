//! The one way to write: what is refused leaves no trace, and costs nobody else of its batch.

use concord_shared::ids::Revision;
use concord_shared::review::state::ReviewState;
use serde_json::json;

use super::fixtures::{NOW, World, change, credentials, review_commit};
use super::reviews::judged;
use crate::domain::store::{Commit, Committed, NewChange, NewRefusal, ReviewKey, StoreError};
use concord_shared::role::Role;

async fn history_length(world: &World, key: &ReviewKey) -> usize {
    world.store.history(key.document, 0, 100).await.unwrap().len()
}

fn refusal(seed: u8) -> NewRefusal {
    NewRefusal {
        hash: [seed; 32],
        member: None,
        connection: None,
        code: "not-yours".into(),
        reason: "/scores/x belongs to x: write under your own name".into(),
        bytes: vec![seed; 1000],
        at: NOW,
    }
}

pub(super) async fn r2_a_stale_commit_leaves_no_trace_and_costs_no_other(mut world: World) {
    world.write(&[json!({"id": "a"}), json!({"id": "b"}), json!({"id": "c"})]).await;
    let (a, b, c) = (world.review("a").await, world.review("b").await, world.review("c").await);
    world.commit_one(review_commit(&a, 0, vec![change(1, 1, None)], judged(&world, 0.25))).await.unwrap();
    for base in [0, 2, 7] {
        let mut late = review_commit(&a, base, vec![change(2, 1, None)], judged(&world, 1.0));
        if let Commit::Review(commit) = &mut late {
            commit.refusals.push(refusal(1));
            commit.snapshot = Some(b"never stored".to_vec());
        }
        let fine = |key, replica| review_commit(key, 0, vec![change(replica, 1, None)], judged(&world, 0.5));
        let row = world.rows(&[json!({"id": "d", "scores": {"Tone": 0.75}})]);
        let batch = if base == 0 { vec![fine(&b, 3), late, row, fine(&c, 4)] } else { vec![late] };
        let results = world.commit(&batch).await.results;
        let late = results.iter().position(Result::is_err).expect("a refused commit");
        assert_eq!(results[late], Err(StoreError::Stale(Revision(1))), "base {base}");
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), batch.len() - 1);
        assert_eq!((world.revision(&a).await, history_length(&world, &a).await), (1, 1));
    }
    let stored = world.store.load_review(a.document).await.unwrap().unwrap();
    assert_eq!((stored.changes.len(), stored.replicas.len(), stored.snapshot), (1, 1, None));
    assert_eq!((world.revision(&b).await, world.revision(&c).await), (1, 1));
    let row = world.store.row(world.object, "a").await.unwrap().unwrap();
    assert_eq!(row.review.unwrap().state, judged(&world, 0.25));
    world.assert_counted().await;
}

pub(super) async fn r7_a_replica_belongs_to_whoever_used_it_first(mut world: World) {
    let eva = credentials(world.organization, "eva@acme.test", Role::Reviewer);
    let eva = world.store.add_member(&eva, None).await.unwrap();
    let (a, b) = (world.review("a").await, world.review("b").await);
    let owner = Some(world.owner);
    world.commit_one(review_commit(&a, 0, vec![change(1, 1, owner)], judged(&world, 0.25))).await.unwrap();
    for author in [Some(eva), None] {
        // The thief's own change before it is not stored either.
        let stolen = vec![change(8, 1, author), change(1, 1, author)];
        let batch = [
            review_commit(&b, 0, stolen, judged(&world, 1.0)),
            review_commit(
                &a,
                world.revision(&a).await,
                vec![change(9, world.revision(&a).await, None)],
                judged(&world, 0.5),
            ),
        ];
        let results = world.commit(&batch).await.results;
        let taken = StoreError::ReplicaTaken { replica: vec![1; 16], owner };
        assert_eq!(results, [Err(taken), Ok(Committed::Review)]);
        let stored = world.store.load_review(b.document).await.unwrap().unwrap();
        assert_eq!((stored.revision, stored.changes.len(), stored.replicas.len()), (Revision(0), 0, 0));
        assert_eq!(history_length(&world, &b).await, 0);
    }
    let own = review_commit(&b, 0, vec![change(1, 1, owner)], judged(&world, 1.0));
    assert_eq!(world.commit_one(own).await, Ok(Committed::Review), "its own author may use it in another review");
    // Within one batch the first to come is the first.
    let (c, d) = (world.review("c").await, world.review("d").await);
    let batch = [
        review_commit(&c, 0, vec![change(5, 1, Some(eva))], judged(&world, 1.0)),
        review_commit(&d, 0, vec![change(5, 1, owner)], judged(&world, 1.0)),
    ];
    let taken = StoreError::ReplicaTaken { replica: vec![5; 16], owner: Some(eva) };
    assert_eq!(world.commit(&batch).await.results, [Ok(Committed::Review), Err(taken)]);
}

pub(super) async fn r2_one_batch_may_build_on_itself(mut world: World) {
    world.write(&[json!({"id": "a"})]).await;
    let a = world.review("a").await;
    let batch = [
        review_commit(&a, 0, vec![change(1, 1, None)], judged(&world, 0.25)),
        review_commit(&a, 1, vec![change(1, 2, None), change(2, 1, None)], judged(&world, 0.5)),
        review_commit(&a, 1, vec![change(3, 1, None)], judged(&world, 1.0)),
    ];
    let results = world.commit(&batch).await.results;
    assert_eq!(results, [Ok(Committed::Review), Ok(Committed::Review), Err(StoreError::Stale(Revision(3)))]);
    let stored = world.store.load_review(a.document).await.unwrap().unwrap();
    assert_eq!((stored.revision, stored.changes.len(), stored.heads), (Revision(3), 3, vec![change(2, 1, None).hash]));
    let row = world.store.row(world.object, "a").await.unwrap().unwrap();
    assert_eq!(row.review.unwrap().state, judged(&world, 0.5));
    let revisions = world.store.history(a.document, 0, 100).await.unwrap();
    assert_eq!(revisions.iter().map(|entry| entry.revision).collect::<Vec<_>>(), [1, 2, 3]);
    world.assert_counted().await;
}

pub(super) async fn r4_refusals_alone_change_nothing_that_is_seen(mut world: World) {
    world.write(&[json!({"id": "a", "scores": {"Tone": 0.5}})]).await;
    let a = world.review("a").await;
    let before = world.store.row(world.object, "a").await.unwrap().unwrap();
    let mut commit = review_commit(&a, 0, vec![], ReviewState::default());
    if let Commit::Review(commit) = &mut commit {
        commit.refusals = vec![refusal(1), refusal(2)];
    }
    let batch = world.commit(std::slice::from_ref(&commit)).await;
    assert_eq!((batch.results, batch.deltas), (vec![Ok(Committed::Review)], vec![]));
    assert_eq!(world.commit_one(commit).await, Ok(Committed::Review), "the same refusal may be recorded again");
    assert_eq!((world.revision(&a).await, history_length(&world, &a).await), (0, 0));
    let after = world.store.row(world.object, "a").await.unwrap().unwrap();
    assert_eq!((before.row, before.xact), (after.row, after.xact));
    world.assert_counted().await;
}

pub(super) async fn r8_a_feedback_id_is_stored_once(mut world: World) {
    let (a, b) = (world.review("a").await, world.review("b").await);
    let given = |replica, seq| NewChange { feedback_id: Some("f-1".into()), ..change(replica, seq, None) };
    assert_eq!(world.store.feedback_seen(a.document, "f-1").await, Ok(false));
    world.commit_one(review_commit(&a, 0, vec![given(1, 1)], judged(&world, 0.5))).await.unwrap();
    assert_eq!(world.store.feedback_seen(a.document, "f-1").await, Ok(true));
    assert_eq!(world.store.feedback_seen(a.document, "f-2").await, Ok(false));
    assert_eq!(world.store.feedback_seen(b.document, "f-1").await, Ok(false), "an id is of one review");

    let again = review_commit(&a, 1, vec![change(2, 1, None), given(1, 2)], judged(&world, 1.0));
    let other = review_commit(&b, 0, vec![given(3, 1)], judged(&world, 0.5));
    let results = world.commit(&[again, other]).await.results;
    let repeated = StoreError::Repeated { feedback_id: "f-1".into() };
    assert_eq!(results, [Err(repeated.clone()), Ok(Committed::Review)]);
    let twice_at_once = review_commit(&a, 1, vec![given(2, 1), given(2, 2)], judged(&world, 1.0));
    assert_eq!(world.commit_one(twice_at_once).await, Err(repeated));
    assert_eq!((world.revision(&a).await, history_length(&world, &a).await), (1, 1), "nothing of it is stored");
}

pub(super) async fn a_batch_tells_what_it_did(mut world: World) {
    let nothing = world.commit(&[]).await;
    assert_eq!((nothing.results.len(), nothing.deltas), (0, vec![]));
    let a = world.review("a").await;
    let rows = world.rows(&[json!({"id": "a"})]);
    let review = review_commit(&a, 0, vec![change(1, 1, None)], judged(&world, 0.5));
    let batch = world.commit(&[rows, review]).await;
    assert!(matches!(batch.results[..], [Ok(Committed::Rows(_)), Ok(Committed::Review)]));
    assert_eq!(batch.deltas.len(), 1);
    assert_eq!(batch.deltas[0].0, world.object);
    assert!(batch.sequence > nothing.sequence);
    assert_eq!(world.store.metrics(world.object).await.unwrap().sequence, batch.sequence);
    world.assert_counted().await;
}
