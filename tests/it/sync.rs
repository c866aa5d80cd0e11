//! The socket of `/sync`: two people in one review, refusals, hostile input, the wrong person.

use automerge::{ChangeHash, ScalarValue, transaction::Transactable};
use concord_shared::wire::notice::claim;
use concord_shared::wire::sync::{FRAME_BYTES, Frame};
use concord_tests::peer::{Incoming, PATIENCE, Peer, QUIET};
use concord_tests::review::Review;
use concord_tests::server::TestServer;
use serde_json::{Value, json};

fn shows(peer: &Peer, reviewer: &str, score: &str) -> Value {
    let state = concord_shared::review::read::read(&peer.document);
    serde_json::to_value(state).expect("JSON")["scores"][reviewer][score].clone()
}

#[tokio::test]
async fn r1_r3_two_members_see_each_other_and_the_projection_equals_the_document() {
    let review = Review::start().await;
    let (eva, noor) = (review.server.member("reviewer").await, review.server.member("lead").await);
    let (mut a, mut b) = (review.peer(&eva, "a").await, review.peer(&noor, "b").await);
    a.settle().await;
    a.score(&eva.id, "Tone", 0.25).await;
    b.receive_until(|document| {
        concord_shared::review::read::read(document).scores.values().any(|own| own.contains_key("Tone"))
    })
    .await;
    b.score(&noor.id, "Correctness", 1).await;
    a.settle().await;
    b.settle().await;
    assert_eq!(a.document.get_heads(), b.document.get_heads());
    let document = review.open(&eva).await;
    let stored = review.read(&document).await;
    let heads: Vec<String> = a.document.get_heads().iter().map(ChangeHash::to_string).collect();
    assert_eq!(stored["heads"], json!(heads));
    assert_eq!(stored["state"]["scores"][&eva.id]["Tone"], json!(0.25));
    assert_eq!(stored["effective"]["scores"]["Correctness"], json!(1.0));
    let metrics = review.metrics().await;
    assert_eq!(metrics["scores"]["Tone"]["mean"], json!(0.25));
    assert_eq!(metrics["scores"]["Tone"]["by_source"]["human"]["count"], json!(1));
    let history = review.history(&document).await;
    let facts: Vec<(&str, &Value, &Value)> = history
        .iter()
        .map(|entry| (entry["path"].as_str().expect("a path"), &entry["actor"]["id"], &entry["to"]))
        .filter(|(path, _, _)| path.starts_with("/scores/"))
        .collect();
    let (mine, theirs) = (format!("/scores/{}/Tone", eva.id), format!("/scores/{}/Correctness", noor.id));
    assert_eq!(facts, [(mine.as_str(), &json!(eva.id), &json!(0.25)), (theirs.as_str(), &json!(noor.id), &json!(1.0))]);
}

#[tokio::test]
async fn r4_what_may_not_be_written_is_refused_and_named() {
    let review = Review::start().await;
    let (eva, noor) = (review.server.member("reviewer").await, review.server.member("reviewer").await);
    let mut other = review.peer(&noor, "b").await;
    let forbidden: Vec<(String, &str, ScalarValue)> = vec![
        (eva.id.clone(), "Tone", 1.5.into()),
        (eva.id.clone(), "Tone", f64::NAN.into()),
        (eva.id.clone(), "Tone", "good".into()),
        (eva.id.clone(), "Tone", true.into()),
        (eva.id.clone(), "Correctness", 0.5.into()),
        (eva.id.clone(), "Tune", 0.5.into()),
        (noor.id.clone(), "Tone", 0.5.into()),
    ];
    for (reviewer, score, value) in forbidden {
        let mut peer = review.peer(&eva, "a").await;
        peer.score(&reviewer, score, value.clone()).await;
        let notice = peer.next_notice().await;
        assert_eq!(claim(&notice).kind.as_deref(), Some("review-rejected"), "{score} = {value:?}");
    }
    other.settle().await;
    assert_eq!(shows(&other, &eva.id, "Tone"), Value::Null);
    let document = review.open(&eva).await;
    assert_eq!(review.read(&document).await["state"]["scores"].get(&eva.id), None);
    other.score(&noor.id, "Tone", 0.5).await;
    other.settle().await;
    assert_eq!(review.read(&document).await["state"]["scores"][&noor.id]["Tone"], json!(0.5), "others go on");
}

#[tokio::test]
async fn r4_the_valid_part_of_an_offline_batch_is_kept() {
    let review = Review::start().await;
    let eva = review.server.member("reviewer").await;
    let mut peer = review.peer(&eva, "a").await;
    peer.settle().await;
    let map = peer.object(&["scores", &eva.id]);
    for value in [0.1, 0.2, 7.0, 0.4] {
        peer.edit_locally(|tx| tx.put(&map, "Tone", value));
    }
    peer.flush().await;
    let notice = peer.next_notice().await;
    assert_eq!(claim(&notice).kind.as_deref(), Some("saved"), "the first two");
    let notice = peer.next_notice().await;
    assert_eq!(claim(&notice).kind.as_deref(), Some("review-rejected"), "and what builds on the third");
    let document = review.open(&eva).await;
    assert_eq!(review.read(&document).await["state"]["scores"][&eva.id]["Tone"], json!(0.2));
}

#[tokio::test]
async fn the_wrong_person_gets_nothing() {
    let review = Review::start().await;
    let eva = review.server.member("reviewer").await;
    let document = review.open(&eva).await;
    let strangers = TestServer::start().await;
    let stranger = strangers.member("reviewer").await;
    let answer = stranger.client.get(&format!("/api/review/{document}")).await;
    assert_eq!(answer.status, 404);
    for path in ["/sync", "/live"] {
        let answer = review.server.nobody().get(path).await;
        assert_eq!(answer.status, 401, "{path}");
    }
    let url = format!("{}/sync?ticket=guess", review.server.url.replacen("http", "ws", 1));
    assert!(tokio_tungstenite::connect_async(url).await.is_err(), "a made-up ticket opens nothing");
    let mut unknown = review.joined(&eva, "a").await;
    unknown.document_id = concord_shared::ids::DocumentId::new().to_text();
    unknown.send_sync(true, vec![0x42, 0, 0, 1, 0, 0, 0, 2, 2, 0x84]).await;
    assert!(matches!(unknown.next(PATIENCE).await, Incoming::Frame(Frame::Unavailable { .. })));
}

#[tokio::test]
async fn a_viewer_reads_and_writes_nothing() {
    let review = Review::start().await;
    let (eva, guest) = (review.server.member("reviewer").await, review.server.member("viewer").await);
    let mut writer = review.peer(&eva, "a").await;
    let mut viewer = review.peer(&guest, "v").await;
    writer.score(&eva.id, "Tone", 0.5).await;
    viewer.receive_until(|document| !document.get_heads().is_empty()).await;
    viewer.settle().await;
    assert_eq!(shows(&viewer, &eva.id, "Tone"), json!(0.5));
    viewer.score(&eva.id, "Tone", 0.9).await;
    viewer.settle().await;
    let document = review.open(&eva).await;
    assert_eq!(review.read(&document).await["state"]["scores"][&eva.id]["Tone"], json!(0.5));
}

#[tokio::test]
async fn removing_a_member_ends_their_socket() {
    let review = Review::start().await;
    let eva = review.server.member("reviewer").await;
    let mut peer = review.peer(&eva, "a").await;
    review.server.owner().delete(&format!("/api/member/{}", eva.id)).await.ok();
    assert_eq!(peer.closing_code().await, 4401);
}

#[tokio::test]
async fn malformed_frames_close_one_connection_and_no_other() {
    let review = Review::start().await;
    let (eva, noor) = (review.server.member("reviewer").await, review.server.member("reviewer").await);
    let mut bystander = review.peer(&noor, "b").await;
    bystander.settle().await;
    let sync = |data: Vec<u8>| Frame::Sync {
        sender: "a".into(),
        target: "concord".into(),
        document: bystander.document_id.clone(),
        request: false,
        data,
    };
    let frames = [
        (4400, b"not cbor".to_vec()),
        (4400, vec![0xbf, 0xbf, 0xbf]),
        (4400, vec![0x9a, 0xff, 0xff, 0xff, 0xff]),
        (4400, Frame::Peer { sender: "a".into(), target: "b".into() }.encode()),
        (4400, sync(vec![0x99]).encode()),
        (4400, sync(vec![0x42, 0, 0, 1, 0, 3, 1, 0, 7, 0]).encode()),
        (4400, sync(vec![0x42, 0xff, 0xff, 0xff, 0xff, 0x0f]).encode()),
    ];
    for (code, bytes) in frames {
        let mut peer = review.peer(&eva, "a").await;
        peer.send_bytes(bytes.clone()).await;
        assert_eq!(peer.closing_code().await, code, "{bytes:02x?}");
    }
    let mut huge = review.peer(&eva, "a").await;
    huge.send_bytes(vec![0; FRAME_BYTES + 1]).await;
    assert!(matches!(huge.closing_code().await, 1006 | 1009 | 1001));
    let mut impostor = review.peer(&eva, "a").await;
    impostor.id = "b".into();
    impostor.send_sync(false, vec![0x42, 0, 0, 0, 0]).await;
    assert_eq!(impostor.closing_code().await, 4400);
    let mut silent = Peer::connect(&review.socket_url(&eva).await, "s").await;
    silent.send(&Frame::Other("leave".into())).await;
    assert_eq!(silent.closing_code().await, 4400, "a join comes first");
    bystander.score(&noor.id, "Tone", 0.5).await;
    let notice = bystander.next_notice().await;
    assert_eq!(claim(&notice).kind.as_deref(), Some("saved"), "the bystander goes on");
}

#[tokio::test]
async fn r7_a_replica_of_somebody_else_is_refused() {
    let review = Review::start().await;
    let (eva, noor) = (review.server.member("reviewer").await, review.server.member("reviewer").await);
    let mut a = review.peer(&eva, "a").await;
    a.score(&eva.id, "Tone", 0.5).await;
    a.settle().await;
    let mut thief = review.peer(&noor, "b").await;
    thief.settle().await;
    let stolen = a.document.get_actor().clone();
    thief.document = thief.document.fork().with_actor(stolen);
    thief.score(&noor.id, "Tone", 0.9).await;
    let notice = thief.next_notice().await;
    assert_eq!(claim(&notice).kind.as_deref(), Some("review-rejected"));
    let document = review.open(&eva).await;
    assert_eq!(review.read(&document).await["state"]["scores"].get(&noor.id), None);
}

#[tokio::test]
async fn presence_reaches_the_others_once_and_cannot_be_forged() {
    let review = Review::start().await;
    let (eva, noor) = (review.server.member("reviewer").await, review.server.member("viewer").await);
    let (mut a, mut b) = (review.peer(&eva, "a").await, review.peer(&noor, "b").await);
    a.settle().await;
    b.settle().await;
    let presence = |user: &str| {
        let mut value = vec![0xa2, 0x64];
        value.extend(b"type\x68presence\x64user\xa1\x62id\x78");
        value.push(user.len() as u8);
        value.extend(user.as_bytes());
        value
    };
    let frame = |data: Vec<u8>, count| Frame::Ephemeral {
        sender: "a".into(),
        target: "concord".into(),
        document: a.document_id.clone(),
        count,
        session: "s".into(),
        data,
    };
    let (forged, own) = (frame(presence(&noor.id), 1), frame(presence(&eva.id), 2));
    a.send(&forged).await;
    a.send(&own).await;
    let Incoming::Frame(Frame::Ephemeral { sender, count, data, .. }) = b.next(PATIENCE).await else {
        panic!("presence did not come");
    };
    assert_eq!((sender.as_str(), count, claim(&data).user.as_deref()), ("a", 2, Some(eva.id.as_str())));
    b.send(&own).await;
    assert!(matches!(a.next(QUIET).await, Incoming::Silence), "an echo is not passed on");
}

#[tokio::test]
async fn r2_what_was_saved_is_there_after_a_restart() {
    let mut review = Review::start().await;
    let eva = review.server.member("reviewer").await;
    let mut peer = review.peer(&eva, "a").await;
    for step in 1..=60 {
        peer.score(&eva.id, "Tone", f64::from(step) / 64.0).await;
    }
    peer.settle().await;
    let document = review.open(&eva).await;
    let before = review.read(&document).await;
    review.server.restart(None).await;
    let after = review.read(&document).await;
    assert_eq!(before, after);
    assert_eq!(after["state"]["scores"][&eva.id]["Tone"], json!(60.0 / 64.0));
    assert_eq!(after["revision"], json!(review.history(&document).await.len() as u64 + 1), "the maps are one more");
}

#[tokio::test]
async fn a_stopping_server_says_that_it_comes_back() {
    let mut review = Review::start().await;
    let eva = review.server.member("reviewer").await;
    let mut peer = review.peer(&eva, "a").await;
    peer.settle().await;
    let closing = tokio::spawn(async move { peer.closing_code().await });
    review.server.stop().await;
    assert_eq!(closing.await.expect("the peer waits"), 1012);
}
