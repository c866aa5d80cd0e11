//! Spans of OpenTelemetry exporters: where they go, what is refused, what a repeat changes.

use concord_tests::client::{Answer, Client, text};
use concord_tests::server::TestServer;
use reqwest::header::HeaderName;
use serde_json::{Value, json};

const TRACE: &str = "0102030405060708090a0b0c0d0e0f10";

fn span(id: &str, attributes: Value) -> Value {
    let attributes: Vec<Value> = attributes
        .as_object()
        .expect("attributes")
        .iter()
        .map(|(key, value)| json!({"key": key, "value": {"stringValue": value}}))
        .collect();
    json!({
        "traceId": TRACE, "spanId": id, "name": format!("span {id}"), "attributes": attributes,
        "startTimeUnixNano": "1795424974514554000", "endTimeUnixNano": "1795424974516554000",
    })
}

async fn export(client: &Client, parent: Option<&str>, spans: Value) -> Answer {
    let client = match parent {
        Some(parent) => client.with_header(HeaderName::from_static("x-bt-parent"), parent),
        None => client.clone(),
    };
    client.post("/otel/v1/traces", json!({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})).await
}

async fn events(client: &Client, project: &str) -> Vec<Value> {
    let fetched = client.get(&format!("/v1/project_logs/{project}/fetch")).await.ok();
    fetched["events"].as_array().expect("events").clone()
}

async fn project_named(client: &Client, name: &str) -> String {
    let found = client.get(&format!("/v1/project?project_name={name}")).await.ok();
    text(&found["objects"][0], "id").to_owned()
}

#[tokio::test]
async fn spans_go_where_the_header_or_they_themselves_say() {
    let server = TestServer::start().await;
    let owner = server.owner();
    let desk = server.project("Desk").await;

    assert_eq!(export(&owner, None, json!([span("00000000000000a1", json!({}))])).await.ok(), json!({}));
    export(&owner, Some("project_name:Shop"), json!([span("00000000000000a2", json!({}))])).await.ok();
    let spans = json!([
        span("00000000000000a3", json!({"braintrust.input": "hi"})),
        span("00000000000000a4", json!({"braintrust.parent": "project_name:Shop"})),
    ]);
    export(&owner, Some(&format!("project_id:{desk}")), spans).await.ok();

    let mut seen = Vec::new();
    for project in [project_named(&owner, "default-otel-project").await, project_named(&owner, "Shop").await, desk] {
        let mut ids: Vec<String> =
            events(&owner, &project).await.iter().map(|event| text(event, "id")[14..].to_owned()).collect();
        ids.sort();
        seen.push(ids);
    }
    assert_eq!(seen, [vec!["a1"], vec!["a2", "a4"], vec!["a3"]]);
}

#[tokio::test]
async fn r8_a_span_that_is_sent_twice_is_one_row_and_keeps_its_review() {
    let server = TestServer::start().await;
    let owner = server.owner();
    let desk = server.project("Desk").await;
    let parent = format!("project_id:{desk}");
    let spans = json!([span("00000000000000a1", json!({"braintrust.output": "On its way."}))]);
    export(&owner, Some(&parent), spans.clone()).await.ok();
    let item = json!({"id": "00000000000000a1", "scores": {"Tone": 0.5}, "comment": "kind", "source": "app"});
    owner.post(&format!("/v1/project_logs/{desk}/feedback"), json!({"feedback": [item]})).await.ok();
    export(&owner, Some(&parent), spans).await.ok();

    let events = events(&owner, &desk).await;
    assert_eq!(events.len(), 1);
    let row = &events[0];
    assert_eq!(row["root_span_id"], TRACE);
    assert_eq!(
        (&row["output"], &row["scores"], &row["is_root"]),
        (&json!("On its way."), &json!({"Tone": 0.5}), &json!(true))
    );
    assert_eq!(row["comments"].as_array().map(Vec::len), Some(1));
    assert_eq!(row["created"], "2026-11-23T09:09:34.514554Z");
}

#[tokio::test]
async fn what_is_refused_is_told_and_costs_nothing_else() {
    let server = TestServer::start().await;
    let owner = server.owner();
    let desk = server.project("Desk").await;
    let parent = format!("project_id:{desk}");
    let mut odd = span("00000000000000a2", json!({}));
    odd["traceId"] = json!("01");
    let spans = json!([span("00000000000000a1", json!({"braintrust.scores": "{\"Tone\": 7}"})), odd]);
    let answer = export(&owner, Some(&parent), spans).await.ok();
    assert_eq!(answer["partialSuccess"]["rejectedSpans"], 1);
    let told = text(&answer["partialSuccess"], "errorMessage");
    assert!(told.contains("spans[1]: traceId: has 1 bytes; 16 are right") && told.contains("scores.Tone"), "{told}");
    assert_eq!(events(&owner, &desk).await.len(), 1);

    // Exporters do not print a partial success, so nothing stored at all is a problem.
    let nowhere = export(
        &owner,
        Some("project_id:01a20c2e-98be-719d-b5e2-e60e2564b3c1"),
        json!([span("00000000000000a1", json!({}))]),
    )
    .await;
    assert_eq!((nowhere.problem().0, nowhere.problem().2.contains("there is no project")), (400, true));
    assert_eq!(owner.send_raw("/otel/v1/traces", vec![0xff; 9]).await.problem().0, 400);
    assert_eq!(owner.send_raw("/otel/v1/traces", b"{".to_vec()).await.problem().0, 400);
    assert!(
        owner.send_raw("/otel/v1/traces", Vec::new()).await.status.is_success(),
        "an empty export is one in protobuf"
    );
}
