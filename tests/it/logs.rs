//! Rows by `POST /logs3` and by REST: what is stored, what is refused, what is read back.

use std::collections::BTreeSet;

use concord_tests::client::{Client, text};
use concord_tests::server::TestServer;
use serde_json::{Value, json};

struct Logs {
    server: TestServer,
    owner: Client,
    project: String,
}

impl Logs {
    async fn start() -> Self {
        let server = TestServer::start().await;
        let project = server.project("Desk").await;
        let owner = server.owner();
        Self { server, owner, project }
    }

    /// Writes rows as an SDK does: without content type.
    async fn log(&self, rows: Value) -> Value {
        let mut rows = rows;
        for row in rows.as_array_mut().into_iter().flatten().filter(|row| row.is_object()) {
            if row.get("project_id").is_none() {
                row["project_id"] = json!(self.project);
                row["log_id"] = json!("g");
            }
        }
        let body = json!({"rows": rows, "api_version": 2}).to_string();
        self.owner.send_raw("/logs3", body.into_bytes()).await.ok()
    }

    async fn span(&self, id: &str) -> Value {
        self.owner.get(&self.path("/api/span", &format!("&id={id}"))).await.ok()
    }

    fn path(&self, path: &str, more: &str) -> String {
        format!("{path}?object_type=project_logs&object_id={}{more}", self.project)
    }

    async fn fetch(&self, query: &str) -> Value {
        self.owner.get(&format!("/v1/project_logs/{}/fetch{query}", self.project)).await.ok()
    }
}

fn ids(items: &Value) -> Vec<&str> {
    items.as_array().expect("a list").iter().map(|item| text(item, "id")).collect()
}

#[tokio::test]
async fn a_bad_row_never_costs_its_batch() {
    let logs = Logs::start().await;
    let answer = logs
        .log(json!([
            {"id": "good", "input": "hi", "scores": {"x": "NaN", "y": 0.5}},
            {"id": 7},
            "no row",
            {"id": "elsewhere", "project_id": "01a20c2e-98be-719d-b5e2-e60e2564b3c1", "log_id": "g"},
            {"id": "exp", "project_id": null, "experiment_id": "01a20c2e-98be-719d-b5e2-e60e2564b3c1"},
            {"id": "lost", "project_id": null},
            {"id": "also good", "span_parents": null, "tags": null, "scores": null, "metadata": null},
        ]))
        .await;
    assert_eq!(answer["ids"], json!(["good", "also good"]));
    let errors: Vec<(u64, &str)> = answer["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| (error["index"].as_u64().expect("an index"), text(error, "detail")))
        .collect();
    assert_eq!(errors.iter().map(|error| error.0).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5]);
    assert_eq!(errors[0].1, "scores.x: \"NaN\" is not a number from 0 to 1; it was left out");
    assert!(errors[3].1.contains("no project") && errors[4].1.contains("no experiment"), "{errors:?}");
    assert_eq!(logs.span("good").await["scores"], json!({"y": 0.5}));
}

#[tokio::test]
async fn what_is_no_request_is_a_problem_that_says_so() {
    let logs = Logs::start().await;
    for (body, status) in
        [("", 400), ("[", 400), ("{\"rows\":{}}", 400), ("{\"rows\":{\"type\":\"logs3_overflow\"}}", 422)]
    {
        let answer = logs.owner.send_raw("/logs3", body.into()).await;
        assert_eq!(answer.problem().0, status, "{body}");
    }
    assert_eq!(logs.log(json!([])).await, json!({"ids": []}), "never an empty body");
    let unknown = logs.owner.get("/v1/project_logs/01a20c2e-98be-719d-b5e2-e60e2564b3c1/fetch").await;
    assert_eq!(unknown.problem().1, "not-found");
}

#[tokio::test]
async fn m_rules_hold_over_the_wire() {
    let logs = Logs::start().await;
    logs.log(json!([{"id": "foo", "span_id": "s", "root_span_id": "r", "created": "2026-11-23T09:09:34.514555+00:00",
        "input": {"a": {"b": 10}, "c": {"d": 20}}, "output": {"a": 20}, "tags": ["one"]}]))
        .await;
    let first = logs.span("foo").await;
    logs.log(json!([{"id": "foo", "_is_merge": true, "_merge_paths": [["input", "a"], ["output"]], "created": "2030-01-01T00:00:00Z",
        "span_id": "other", "input": {"a": {"q": 30}, "c": {"e": 30}, "bar": "baz"}, "output": {"d": 40}, "tags": ["two"]}])).await;
    let second = logs.span("foo").await;
    assert_eq!(second["input"], json!({"a": {"q": 30}, "c": {"d": 20, "e": 30}, "bar": "baz"}));
    assert_eq!((&second["output"], &second["tags"]), (&json!({"d": 40}), &json!(["one", "two"])));
    assert_eq!((&second["span_id"], &second["created"]), (&json!("s"), &json!("2026-11-23T09:09:34.514555Z")));
    assert!(text(&first, "_xact_id") < text(&second, "_xact_id"));
    assert_eq!(text(&second, "_xact_id").len(), 19);

    logs.log(json!([{"id": "foo", "output": "whole"}])).await;
    let replaced = logs.span("foo").await;
    assert_eq!((&replaced["input"], &replaced["output"]), (&json!(null), &json!("whole")));
    logs.log(json!([{"id": "foo", "_object_delete": true}])).await;
    assert_eq!(logs.owner.get(&logs.path("/api/span", "&id=foo")).await.problem().1, "not-found");
    assert_eq!(logs.fetch("").await["events"], json!([]));
}

#[tokio::test]
async fn fetch_pages_through_whole_traces_newest_first() {
    let logs = Logs::start().await;
    for n in 0..5 {
        logs.log(json!([
            {"id": format!("child{n}"), "span_id": format!("c{n}"), "root_span_id": format!("t{n}"), "span_parents": [format!("r{n}")]},
            {"id": format!("root{n}"), "span_id": format!("r{n}"), "root_span_id": format!("t{n}")},
        ])).await;
    }
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = logs.fetch(&format!("?limit=2{cursor}")).await;
        seen.extend(ids(&page["events"]).into_iter().map(str::to_owned));
        match page["cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ["root4", "child4", "root3", "child3", "root2", "child2", "root1", "child1", "root0", "child0"]);
    let page = logs.fetch("?limit=1").await;
    let event = &page["events"][0];
    for key in ["id", "_xact_id", "created", "org_id", "project_id", "log_id", "span_id", "root_span_id"] {
        assert!(event[key].is_string(), "{key} of {event}");
    }
    assert_eq!((&event["is_root"], &event["span_parents"]), (&json!(true), &json!(null)));
    let before = format!("?max_xact_id={}&max_root_span_id={}", text(event, "_xact_id"), text(event, "root_span_id"));
    assert_eq!(ids(&logs.fetch(&before).await["events"])[0], "root3", "strictly before that trace");
    let path = format!("/v1/project_logs/{}/fetch", logs.project);
    assert_eq!(
        ids(&logs.owner.post(&path, json!({"limit": 1, "cursor": null})).await.ok()["events"]),
        ["root4", "child4"]
    );
    let older = logs.owner.post(&path, json!({"version": "1000198257225170955"})).await;
    assert_eq!(older.problem().1, "not-supported");
    assert_eq!(logs.owner.get(&format!("{path}?cursor=nonsense")).await.problem().0, 400);
}

#[tokio::test]
async fn lists_page_by_key_and_know_the_neighbours() {
    let logs = Logs::start().await;
    for n in 0..7 {
        logs.log(json!([{"id": format!("row {n}"), "span_id": format!("s{n}"), "root_span_id": format!("t{n}"),
            "created": format!("2026-11-23T09:0{n}:00Z"), "input": {"question": "Why?"}, "error": if n == 3 { json!("broke") } else { json!(null) },
            "metrics": {"start": 10.0, "end": 12.5, "tokens": 9}, "span_attributes": {"name": "turn", "type": "task"}}])).await;
    }
    let first = logs.owner.get(&logs.path("/api/trace", "&limit=3")).await.ok();
    assert_eq!((ids(&first["traces"]), &first["total"]), (vec!["row 6", "row 5", "row 4"], &json!(7)));
    let second =
        logs.owner.get(&logs.path("/api/trace", &format!("&limit=3&cursor={}", text(&first, "cursor")))).await.ok();
    assert_eq!(ids(&second["traces"]), ["row 3", "row 2", "row 1"]);
    assert_eq!((&second["traces"][0]["errors"], &second["traces"][0]["duration"]), (&json!(1), &json!(2.5)));
    let oldest = logs.owner.get(&logs.path("/api/trace", "&limit=2&order=oldest")).await.ok();
    assert_eq!(ids(&oldest["traces"]), ["row 0", "row 1"]);
    assert_eq!(logs.owner.get(&logs.path("/api/trace", "&cursor=AAAA")).await.problem().0, 400);

    let trace = logs.owner.get(&logs.path("/api/trace/t3", "")).await.ok();
    assert_eq!((&trace["previous"], &trace["next"], &trace["position"]), (&json!("t4"), &json!("t2"), &json!(4)));
    assert_eq!(trace["spans"][0]["input_preview"], "Why?");
    for known in ["row%203", "s3", "t3"] {
        let found = logs.owner.get(&logs.path("/api/locate", &format!("&id={known}"))).await.ok();
        assert_eq!(found, json!({"root_span_id": "t3", "span_id": "s3", "id": "row 3"}));
    }
    let overview = logs.owner.get("/api/project/overview").await.ok();
    assert_eq!((&overview["projects"][0]["traces"], &overview["projects"][0]["name"]), (&json!(7), &json!("Desk")));
}

#[tokio::test]
async fn inserts_answer_with_as_many_ids() {
    let logs = Logs::start().await;
    let path = format!("/v1/project_logs/{}/insert", logs.project);
    let answer =
        logs.owner.post(&path, json!({"events": [{"input": 1}, {"id": "mine", "input": 2}, {"input": 3}]})).await.ok();
    let row_ids: BTreeSet<&str> = answer["row_ids"].as_array().expect("ids").iter().filter_map(Value::as_str).collect();
    assert!(row_ids.len() == 3 && row_ids.contains("mine"));
    let refused = logs.owner.post(&path, json!({"events": [{"id": "fine"}, {"id": ""}]})).await;
    assert_eq!(refused.problem().2, "nothing was stored: events[1].id: has 0 bytes; 1 to 1024 are allowed");
    assert_eq!(logs.owner.get(&logs.path("/api/span", "&id=fine")).await.problem().1, "not-found");
}

#[tokio::test]
async fn nothing_of_another_organization_is_visible() {
    let logs = Logs::start().await;
    logs.log(json!([{"id": "secret"}])).await;
    let viewer = logs.server.member("viewer").await.client;
    assert_eq!(viewer.get(&logs.path("/api/span", "&id=secret")).await.ok()["id"], "secret");
    let denied = viewer.post("/logs3", json!({"rows": []})).await;
    assert_eq!(denied.problem().1, "forbidden");
    let nobody = logs.server.nobody().get(&logs.path("/api/trace", "")).await;
    assert_eq!(nobody.problem().0, 401);
}

#[tokio::test]
async fn rows_and_feedback_for_several_objects_come_at_once() {
    let logs = Logs::start().await;
    let dataset = logs.owner.post("/v1/dataset", json!({"project_id": logs.project, "name": "d"})).await.ok();
    let dataset = text(&dataset, "id");
    let body = json!({
        "project_logs": {&logs.project: {"events": [{"id": "a"}, {"id": "b"}], "feedback": [{"id": "a", "comment": "hi"}]}},
        "dataset": {dataset: {"events": [{"id": "c", "input": 1}]}},
    });
    let answer = logs.owner.post("/v1/insert", body.clone()).await.ok();
    let told =
        json!({"project_logs": {&logs.project: {"row_ids": ["a", "b"]}}, "dataset": {dataset: {"row_ids": ["c"]}}});
    assert_eq!(answer, told);
    assert_eq!(logs.span("a").await["comments"][0]["text"], "hi");
    let mut elsewhere = body;
    elsewhere["experiment"] = json!({dataset: {"events": [{"id": "d"}]}});
    elsewhere["project_logs"] = json!({&logs.project: {"events": [{"id": "e"}]}});
    assert_eq!(logs.owner.post("/v1/insert", elsewhere).await.problem().0, 404);
    assert_eq!(logs.owner.get(&logs.path("/api/span", "&id=e")).await.status, 404, "nothing of it is stored");
}
