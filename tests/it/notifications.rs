//! What members are told: by assignments, names in comments, answers and resolutions; and that nobody else is.

use automerge::transaction::Transactable as _;
use automerge::{ObjType, ScalarValue};
use concord_tests::client::{Client, text};
use concord_tests::live::Live;
use concord_tests::peer::{Peer, QUIET};
use concord_tests::review::Review;
use serde_json::{Value, json};

async fn told(client: &Client) -> Vec<Value> {
    let list = client.get("/api/notification").await.ok();
    list["items"].as_array().expect("items").clone()
}

async fn unread(client: &Client) -> u64 {
    client.get("/api/notification").await.ok()["unread"].as_u64().expect("a number")
}

fn kinds(told: &[Value]) -> Vec<&str> {
    told.iter().map(|told| text(told, "kind")).collect()
}

/// Says something as a client does, in one change.
async fn say(peer: &mut Peer, author: &str, id: &str, said: &str, parent: Option<&str>) {
    let comments = peer.object(&["comments"]);
    peer.edit(|tx| {
        let comment = tx.put_object(&comments, id, ObjType::Map)?;
        tx.put(&comment, "author", author)?;
        tx.put(&comment, "at", ScalarValue::Timestamp(1_795_509_600_000))?;
        let text = tx.put_object(&comment, "text", ObjType::Text)?;
        tx.splice_text(&text, 0, 0, said)?;
        parent.map_or(Ok(()), |parent| tx.put(&comment, "parent", parent))
    })
    .await;
    peer.settle().await;
}

#[tokio::test]
async fn whoever_is_asked_to_review_is_told_at_once_and_nobody_else() {
    let review = Review::start().await;
    review.log(json!({"id": "row-2", "input": "again"})).await;
    let (noor, mei) = (review.server.member("reviewer").await, review.server.member("reviewer").await);
    let (mut of_noor, mut of_mei) =
        (Live::connect(&review.server, &noor.client).await, Live::connect(&review.server, &mei.client).await);
    let none = json!({"unread": 0, "newest": null});
    assert_eq!(of_noor.follow("i", json!({"kind": "inbox"})).await["data"], none);
    assert_eq!(of_mei.follow("i", json!({"kind": "inbox"})).await["data"], none);

    let body = |rows: Value| json!({"object_type": "project_logs", "object_id": review.project, "row_ids": rows, "assign": [noor.id]});
    review.server.owner().post("/api/review/bulk", body(json!(["row-1", "row-2"]))).await.ok();
    let update = of_noor.until(|update| update["data"]["newest"]["rows"] == 2).await;
    assert_ne!(update["data"]["unread"], 2, "one piece of news: {update}");
    let items = told(&noor.client).await;
    assert_eq!((items.len(), text(&items[0], "kind"), &items[0]["rows"]), (1, "assigned", &json!(2)));
    assert_eq!(items[0]["read"], false);
    assert!(items[0]["row"]["root_span_id"].is_string(), "it leads there: {}", items[0]);
    assert!(told(&mei.client).await.is_empty());
    assert_eq!(of_mei.within(QUIET).await, None);

    // Once more changes nothing, and what oneself takes up is no news.
    review.server.owner().post("/api/review/bulk", body(json!(["row-1"]))).await.ok();
    let own =
        json!({"object_type": "project_logs", "object_id": review.project, "row_ids": ["row-1"], "assign": [mei.id]});
    mei.client.post("/api/review/bulk", own).await.ok();
    assert_eq!(told(&noor.client).await[0]["rows"], 2);
    assert!(told(&mei.client).await.is_empty());
}

#[tokio::test]
async fn whom_a_comment_names_answers_or_settles_is_told() {
    let review = Review::start().await;
    let (noor, mei) = (review.server.member("reviewer").await, review.server.member("reviewer").await);
    let (mut of_noor, mut of_mei) = (review.peer(&noor, "noor").await, review.peer(&mei, "mei").await);
    let (first, answer) = ("0b8e7a54-6a8e-4a6c-9a9f-5d0f3c2b1a00", "0b8e7a54-6a8e-4a6c-9a9f-5d0f3c2b1a01");
    say(&mut of_noor, &noor.id, first, &format!("What do you say, @[Mei Tan]({})?", mei.id), None).await;
    let items = told(&mei.client).await;
    assert_eq!((kinds(&items), text(&items[0], "comment_id")), (vec!["mentioned"], first));
    assert_eq!((text(&items[0]["by"], "id"), text(&items[0], "row_id")), (&*noor.id, "row-1"));
    assert!(text(&items[0], "excerpt").starts_with("What do you say"));
    assert!(told(&noor.client).await.is_empty());

    of_mei
        .receive_until(|document| {
            automerge::ReadDoc::get(document, &automerge::ROOT, "comments")
                .ok()
                .flatten()
                .is_some_and(|(_, comments)| automerge::ReadDoc::length(document, &comments) == 1)
        })
        .await;
    say(&mut of_mei, &mei.id, answer, "Agreed", Some(first)).await;
    assert_eq!(kinds(&told(&noor.client).await), ["replied"]);
    let comment = of_mei.object(&["comments", answer]);
    of_mei.edit(|tx| tx.put(&comment, "resolved", true)).await;
    of_mei.settle().await;
    assert_eq!(kinds(&told(&noor.client).await), ["replied"], "what one says about one's own is no news");
    assert_eq!(kinds(&told(&mei.client).await), ["mentioned"]);

    // An end user, who speaks through a key in a public page, tells nobody anything.
    let said = json!({"feedback": [{"id": "row-1", "comment": format!("@[Mei]({})", mei.id), "source": "external"}]});
    review.server.owner().post(&format!("/v1/project_logs/{}/feedback", review.project), said).await.ok();
    assert_eq!(kinds(&told(&mei.client).await), ["mentioned"]);
}

#[tokio::test]
async fn what_was_read_is_read_everywhere_and_ones_own() {
    let review = Review::start().await;
    let (noor, mei) = (review.server.member("reviewer").await, review.server.member("reviewer").await);
    for member in [&noor, &mei] {
        let said =
            json!({"feedback": [{"id": "row-1", "comment": format!("See @[x]({})", member.id), "source": "app"}]});
        review.server.owner().post(&format!("/v1/project_logs/{}/feedback", review.project), said).await.ok();
    }
    let mut live = Live::connect(&review.server, &noor.client).await;
    assert_eq!(live.follow("i", json!({"kind": "inbox"})).await["data"]["unread"], 1);
    let (of_noor, of_mei) = (told(&noor.client).await, told(&mei.client).await);
    let read = |ids: Value| json!({"ids": ids});
    let answer = noor.client.post("/api/notification/read", read(json!([of_mei[0]["id"]]))).await.ok();
    assert_eq!(answer["unread"], 1, "others' are not touched");
    assert_eq!(unread(&mei.client).await, 1);
    let answer = noor.client.post("/api/notification/read", json!({"up_to": of_noor[0]["id"]})).await.ok();
    assert_eq!(answer["unread"], 0);
    live.until(|message| message["data"]["unread"] == 0).await;
    assert_eq!((unread(&noor.client).await, unread(&mei.client).await), (0, 1));
    assert_eq!(told(&noor.client).await[0]["read"], true);
    for wrong in [json!({}), json!({"ids": ["x"]}), json!({"ids": [], "up_to": "1"})] {
        assert_eq!(noor.client.post("/api/notification/read", wrong).await.problem().0, 400);
    }
}
