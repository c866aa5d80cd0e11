//! `GET /metrics`: the names that dashboards rely on, and that the figures move.

use concord_tests::review::Review;
use reqwest::header::AUTHORIZATION;
use serde_json::json;

const NAMES: [&str; 12] = [
    "concord_batch_commits histogram",
    "concord_batch_seconds histogram",
    "concord_connections gauge",
    "concord_document_budget_bytes gauge",
    "concord_document_bytes gauge",
    "concord_gate_seconds histogram",
    "concord_http_requests_total counter",
    "concord_ingest_rows_total counter",
    "concord_queue_depth gauge",
    "concord_refusals_total counter",
    "concord_rooms gauge",
    "concord_store_errors_total counter",
];

/// What Prometheus would read with the owner's key.
async fn scrape(review: &Review) -> String {
    let url = format!("{}/metrics", review.server.url);
    let key = review.server.owner().post("/api/key", json!({"name": "prometheus"})).await.ok();
    let key = key["key"].as_str().expect("a key").to_owned();
    let answer = reqwest::Client::new().get(url).header(AUTHORIZATION, format!("Bearer {key}")).send().await;
    let answer = answer.expect("an answer");
    assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    answer.text().await.expect("text")
}

fn value(text: &str, series: &str) -> f64 {
    let found = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    found.and_then(|value| value.parse().ok()).unwrap_or(0.0)
}

#[tokio::test]
async fn names_are_fixed_and_figures_move() {
    let review = Review::start().await;
    let eva = review.server.member("reviewer").await;
    let mut peer = review.peer(&eva, "a").await;
    peer.settle().await;
    peer.score(&eva.id, "Tone", 0.5).await;
    peer.settle().await;
    peer.score(&eva.id, "Tone", 7.0).await;
    peer.next_notice().await;
    let text = scrape(&review).await;
    let mut types: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")).collect();
    types.sort_unstable();
    // Without a store error there is no series of it.
    assert_eq!(types, NAMES[..NAMES.len() - 1]);
    assert_eq!(value(&text, "concord_rooms"), 1.0);
    assert_eq!(value(&text, "concord_connections{socket=\"sync\"}"), 1.0);
    assert_eq!(value(&text, "concord_ingest_rows_total"), 1.0);
    assert!(value(&text, "concord_document_bytes") > 8000.0);
    assert!(value(&text, "concord_batch_commits_count") >= 2.0);
    assert!(value(&text, "concord_gate_seconds_count{path=\"fast\"}") >= 1.0);
    assert!(text.contains("concord_refusals_total{code=\""));
    assert!(value(&text, "concord_http_requests_total{route=\"v1\",status=\"2xx\"}") >= 2.0);
    drop(peer);
}
