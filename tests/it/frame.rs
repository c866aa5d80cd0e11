//! What surrounds every request: problems, bodies, compression, cross-origin rules, the web app's files.

use concord_tests::server::TestServer;
use reqwest::Method;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, HeaderName, ORIGIN};
use serde_json::json;

/// `{"name": "Zipped"}` after gzip.
const ZIPPED: [u8; 38] = [
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 171, 86, 202, 75, 204, 77, 85, 178, 82, 80, 138, 202, 44, 40, 72, 77, 81, 170, 5,
    0, 30, 34, 75, 92, 18, 0, 0, 0,
];

#[tokio::test]
async fn bodies_are_json_whatever_their_type() {
    let server = TestServer::start().await;
    let owner = server.owner();
    assert_eq!(owner.send_raw("/v1/project", b"{\"name\": \"Untyped\"}".to_vec()).await.ok()["name"], "Untyped");
    let zipped = owner.with_header(CONTENT_ENCODING, "gzip");
    assert_eq!(zipped.send_raw("/v1/project", ZIPPED.to_vec()).await.ok()["name"], "Zipped");

    let broken = owner.send_raw("/v1/project", b"{\n \"name\": }".to_vec()).await;
    assert_eq!((broken.problem().0, &broken.body["position"]), (400, &json!({"line": 2, "column": 10})));
    let shapeless = owner.send_raw("/v1/project", b"{\"nam\": 1}".to_vec()).await;
    assert!(shapeless.problem().2.contains("missing field `name`"), "{:?}", shapeless.problem());
    assert_eq!(owner.send_raw("/v1/project", Vec::new()).await.problem().0, 400);
    assert_eq!(zipped.send_raw("/v1/project", b"not gzip".to_vec()).await.problem().0, 400);
    let brotli = owner.with_header(CONTENT_ENCODING, "br").send_raw("/v1/project", vec![1]).await;
    assert!(brotli.problem().2.contains("gzip"));
}

#[tokio::test]
async fn a_body_above_eight_mebibytes_is_refused_with_its_limit() {
    let server = TestServer::start().await;
    let body = format!("{{\"name\": \"Bot\", \"padding\": \"{}\"}}", "x".repeat(9 * 1024 * 1024));
    let answer = server.owner().send_raw("/v1/project", body.into_bytes()).await;
    assert_eq!(answer.problem().1, "too-large");
    assert!(answer.problem().2.contains("8 MiB"));
}

#[tokio::test]
async fn answers_are_compressed_and_carry_their_id() {
    let server = TestServer::start().await;
    for number in 0..5 {
        server.project(&format!("Project {number}")).await;
    }
    let answer = server.owner().with_header(ACCEPT_ENCODING, "gzip").get("/v1/project").await;
    assert_eq!(answer.text_header("content-encoding"), "gzip");
    assert!(answer.text_header("vary").contains("accept-encoding"));
    assert_eq!(answer.text_header("cache-control"), "no-store");
    assert_eq!(answer.text_header("x-content-type-options"), "nosniff");
    assert_eq!(answer.text_header("x-request-id"), answer.text_header("x-bt-internal-trace-id"));
    assert!(!answer.text_header("x-request-id").is_empty());
}

#[tokio::test]
async fn pages_of_any_origin_may_call_the_api_with_a_key() {
    let server = TestServer::start().await;
    let page = server.nobody().with_header(ORIGIN, "https://app.example.com");
    let asking = page
        .with_header(HeaderName::from_static("access-control-request-method"), "POST")
        .with_header(HeaderName::from_static("access-control-request-headers"), "authorization,x-bt-parent");
    let preflight = asking.send(Method::OPTIONS, "/logs3", None).await;
    assert!(preflight.status.is_success());
    assert_eq!(preflight.text_header("access-control-allow-origin"), "*");
    for (header, words) in [
        ("access-control-allow-methods", &["GET", "POST", "PUT", "PATCH", "DELETE"][..]),
        ("access-control-allow-headers", &["authorization", "content-type", "x-bt-parent", "x-stainless-retry-count"]),
    ] {
        for word in words {
            assert!(preflight.text_header(header).contains(word), "{header}: {word}");
        }
    }
    let refused = page.get("/v1/project").await;
    assert_eq!(refused.problem().0, 401);
    assert_eq!(refused.text_header("access-control-allow-origin"), "*", "a page can read why");
    assert!(refused.text_header("access-control-expose-headers").contains("x-bt-internal-trace-id"));
    assert_eq!(refused.text_header("www-authenticate"), "Bearer");
}

#[tokio::test]
async fn unknown_paths_methods_and_ids_are_problems() {
    let server = TestServer::start().await;
    let owner = server.owner();
    assert_eq!(owner.get("/api/nothing").await.problem().1, "not-found");
    assert_eq!(owner.put("/v1/project", json!({})).await.problem().1, "method-not-allowed");
    assert_eq!(owner.get("/v1/project/not-an-id").await.problem().1, "malformed");
    assert_eq!(owner.get("/v1/project?limit=many").await.problem().1, "malformed");
}

#[tokio::test]
async fn a_stopped_server_is_started_again_with_its_data() {
    let mut server = TestServer::start().await;
    let project = server.project("Bot").await;
    server.stop().await;
    if let Some(file) = server.database().file() {
        assert!(!file.with_extension("db-wal").exists(), "a stopped server leaves one file to copy");
    }
    server.restart(None).await;
    assert_eq!(server.owner().get(&format!("/v1/project/{project}")).await.ok()["name"], "Bot");
}

#[tokio::test]
async fn browsers_get_the_app_at_every_address() {
    let server = TestServer::start().await;
    let browser = server.nobody().with_header(ACCEPT, "text/html,*/*;q=0.8");
    for path in ["/", "/projects/1/logs", "/sign-in?token=x"] {
        let page = browser.get(path).await;
        assert_eq!(
            (page.status.as_u16(), page.text_header("content-type")),
            (200, "text/html; charset=utf-8"),
            "{path}"
        );
        assert!(page.text_header("content-security-policy").contains("frame-ancestors 'none'"));
        assert_eq!(page.text_header("cache-control"), "no-cache");
    }
    assert_eq!(browser.get("/api/nothing").await.problem().0, 401, "the API is never the app");
    assert_eq!(server.nobody().get("/assets/gone-12345678.js").await.problem().0, 404);
}
