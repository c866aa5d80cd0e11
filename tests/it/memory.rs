//! Open reviews: which of them stay in memory, and that closing one changes nothing.

use concord_shared::ids::{DocumentId, Revision};
use concord_tests::review::Review;
use concord_tests::server::TestServer;
use serde_json::json;

/// Waits until so many rooms are open; the test's own limit of time is the runner's.
async fn until_open(review: &Review, rooms: usize) {
    while review.server.app().hub.open_rooms() != rooms {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn r3_a_review_that_nobody_uses_is_closed_with_a_snapshot_and_opens_equal() {
    let review = Review::on(TestServer::start_with_memory(1).await).await;
    let eva = review.server.member("reviewer").await;
    let mut peer = review.peer(&eva, "a").await;
    peer.settle().await;
    for value in [0.25, 0.5, 0.75] {
        peer.score(&eva.id, "Tone", value).await;
    }
    peer.settle().await;
    // Too heavy as it is, but somebody is in it.
    until_open(&review, 1).await;
    let (heads, document) = (peer.document.get_heads(), peer.document_id.clone());
    drop(peer);
    until_open(&review, 0).await;

    let id = DocumentId::from_text(&document).expect("a document id");
    let stored = review.server.app().store.load_review(id).await.expect("readable").expect("stored");
    assert!(stored.revision > Revision(0));
    assert_eq!((stored.snapshot_revision, stored.changes.len()), (stored.revision, 0));
    let read = review.read(&id.to_string()).await;
    assert_eq!(read["heads"], json!(heads.iter().map(ToString::to_string).collect::<Vec<String>>()));
    assert_eq!(read["state"]["scores"][&eva.id]["Tone"], json!(0.75));
    until_open(&review, 0).await;
    let mut again = review.peer(&eva, "b").await;
    again.settle().await;
    assert_eq!(again.document.get_heads(), heads);
}

#[tokio::test]
async fn within_the_budget_reviews_stay_open_when_everybody_has_left() {
    let review = Review::start().await;
    let eva = review.server.member("reviewer").await;
    let mut peer = review.peer(&eva, "a").await;
    peer.settle().await;
    drop(peer);
    let app = review.server.app();
    while app.gauges.text(app.depths()).expect("figures").contains("concord_connections{socket=\"sync\"} 1") {
        tokio::task::yield_now().await;
    }
    assert_eq!(app.hub.open_rooms(), 1);
    assert!(app.depths().document_bytes > 0);
}
