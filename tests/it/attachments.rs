//! Files beside rows: attachments by signed URLs, and batches of rows that came as files.

use std::time::Duration;

use concord_tests::client::{Client, text};
use concord_tests::server::TestServer;
use reqwest::Method;
use serde_json::{Value, json};

/// The path of a URL of the server.
fn path<'a>(server: &TestServer, url: &'a str) -> &'a str {
    url.strip_prefix(server.url.as_str()).expect("a URL of this server")
}

async fn announce(client: &Client, key: &str) -> Value {
    client.post("/attachment", json!({"key": key, "filename": "a.svg", "content_type": "image/svg+xml"})).await.ok()
}

#[tokio::test]
async fn an_attachment_is_sent_and_read_by_signed_urls_alone() {
    let server = TestServer::start().await;
    let (owner, nobody) = (server.owner(), server.nobody());
    let place = announce(&owner, "k1").await;
    let upload = path(&server, text(&place, "signedUrl")).to_owned();
    let report = |status: &str| json!({"key": "k1", "status": {"upload_status": status}});
    let early = owner.post("/attachment/status", report("done")).await;
    assert!(early.problem().2.contains("send the bytes first"), "{}", early.body);
    assert_eq!(nobody.get(&upload).await.problem().0, 404, "an upload is no download");
    let sent = nobody.send(Method::PUT, &upload, Some(&json!({"any": "bytes"}))).await.ok();
    assert_eq!(sent["size"], 15);
    assert_eq!(owner.post("/attachment/status", report("done")).await.ok(), json!({"upload_status": "done"}));
    assert_eq!(nobody.send(Method::PUT, &upload, Some(&json!({}))).await.problem().0, 409, "done is done");
    let again = owner.post("/attachment", json!({"key": "k1", "filename": "b", "content_type": "c"})).await;
    assert_eq!(again.problem().0, 409);

    let found = server.member("viewer").await.client.get("/attachment?key=k1").await.ok();
    let download = path(&server, text(&found, "downloadUrl")).to_owned();
    let read = nobody.get(&download).await;
    assert_eq!(read.body, json!({"any": "bytes"}));
    assert_eq!(read.text_header("content-type"), "application/octet-stream");
    assert_eq!(read.text_header("content-disposition"), "attachment; filename*=UTF-8''a.svg");
    assert_eq!(read.text_header("content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!(nobody.get(&format!("{download}x")).await.problem().0, 404);
    server.wait(Duration::from_secs(5 * 60));
    assert_eq!(nobody.get(&download).await.problem().0, 404, "the link is over");
    assert_eq!(owner.get("/attachment?key=k2").await.problem().0, 404);
}

#[tokio::test]
async fn a_batch_of_rows_may_come_as_a_file_once() {
    let server = TestServer::start().await;
    let (owner, nobody) = (server.owner(), server.nobody());
    let project = server.project("Bot").await;
    let place =
        owner.post("/logs3/overflow", json!({"content_type": "application/json", "size_bytes": 10, "rows": []}));
    let place = place.await.ok();
    let upload = path(&server, text(&place, "signedUrl")).to_owned();
    let named = json!({"rows": {"type": "logs3_overflow", "key": place["key"], "size_bytes": 10}, "api_version": 2});
    assert!(owner.post("/logs3", named.clone()).await.problem().2.contains("nothing was uploaded"));
    let rows = json!({"rows": [{"id": "big", "project_id": project, "log_id": "g", "input": "x".repeat(10_000)}], "api_version": 2});
    assert_eq!(nobody.send(Method::PUT, &upload, Some(&rows)).await.status, 200);
    assert_eq!(nobody.send(Method::PUT, &upload, Some(&rows)).await.problem().0, 409, "once");
    for _ in 0..2 {
        assert_eq!(
            owner.post("/logs3", named.clone()).await.ok()["ids"],
            json!(["big"]),
            "and again after a lost answer"
        );
    }
    let stranger = json!({"rows": {"type": "logs3_overflow", "key": "guess"}});
    assert_eq!(owner.post("/logs3", stranger).await.problem().0, 422);
    let large = owner.post("/logs3/overflow", json!({"size_bytes": 33 << 20})).await;
    assert_eq!(large.problem().0, 413);
}

#[tokio::test]
async fn attachments_of_an_organization_have_a_quota() {
    let server = TestServer::start().await;
    let (owner, nobody) = (server.owner(), server.nobody());
    let upload = async |key: &str, bytes: usize| {
        let place = announce(&owner, key).await;
        let upload = path(&server, text(&place, "signedUrl")).to_owned();
        nobody.send(Method::PUT, &upload, Some(&json!("x".repeat(bytes)))).await
    };
    // The test servers allow 1 MiB.
    upload("k1", 900 << 10).await.ok();
    let refused = upload("k2", 200 << 10).await;
    let (status, _, detail) = refused.problem();
    assert_eq!(status, 413);
    assert!(detail.contains("1048576 bytes together"), "{detail}");
    upload("k1", 1000 << 10).await.ok();
    upload("k3", (24 << 10) - 4).await.ok();
    let announced = json!({"key": "k4", "filename": "a", "content_type": "image/png"});
    assert_eq!(owner.post("/attachment", announced).await.problem().0, 413, "nothing is left");
}
