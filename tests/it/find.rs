//! Finding: lists with filters and orders, counts of values, histograms, and one thing done to everything that is found.

use concord_tests::client::{Client, text};
use concord_tests::server::TestServer;
use serde_json::{Value, json};

struct Desk {
    server: TestServer,
    owner: Client,
    project: String,
}

impl Desk {
    /// Thirty traces, one a minute: a task and a model call under it; every third is tagged, every fifth failed.
    async fn start() -> Self {
        let server = TestServer::start().await;
        let project = server.project("Desk").await;
        let owner = server.owner();
        let mut events = Vec::new();
        for n in 0..30 {
            let created = format!("2026-11-24T09:{n:02}:00Z");
            events.push(json!({"id": format!("r{n}"), "span_id": format!("r{n}"), "root_span_id": format!("t{n}"), "created": created,
                "input": format!("Question {n} about a refund"), "tags": if n % 3 == 0 { json!(["billing"]) } else { Value::Null },
                "scores": {"Quality": f64::from(n) / 30.0}, "metadata": {"env": if n < 10 { "prod" } else { "test" }},
                "metrics": {"start": 0.0, "end": f64::from((n * 7) % 30)},
                "error": (n % 5 == 0).then_some("broke"), "span_attributes": {"name": "answer", "type": "task"}}));
            events.push(json!({"id": format!("c{n}"), "span_id": format!("c{n}"), "root_span_id": format!("t{n}"), "created": created,
                "span_parents": [format!("r{n}")], "output": format!("word{n}"), "span_attributes": {"name": "call", "type": "llm"}}));
        }
        owner.post(&format!("/v1/project_logs/{project}/insert"), json!({"events": events})).await.ok();
        Self { server, owner, project }
    }

    fn path(&self, call: &str, query: &[(&str, &str)]) -> String {
        let mut path = format!("{call}?object_type=project_logs&object_id={}", self.project);
        for (key, value) in query {
            let value: String = value.bytes().map(|byte| format!("%{byte:02x}")).collect();
            path += &format!("&{key}={value}");
        }
        path
    }

    async fn get(&self, call: &str, query: &[(&str, &str)]) -> Value {
        self.owner.get(&self.path(call, query)).await.ok()
    }

    /// Traces of a list, all pages of it.
    async fn list(&self, query: &[(&str, &str)]) -> Vec<String> {
        let mut cursor = String::new();
        let mut roots = Vec::new();
        loop {
            let mut query = query.to_vec();
            if !cursor.is_empty() {
                query.push(("cursor", &cursor));
            }
            let page = self.get("/api/trace", &query).await;
            let traces = page["traces"].as_array().expect("traces");
            roots.extend(traces.iter().map(|trace| text(trace, "root_span_id").to_owned()));
            match page["cursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => return roots,
            }
        }
    }
}

fn roots(numbers: impl IntoIterator<Item = u32>) -> Vec<String> {
    numbers.into_iter().map(|n| format!("t{n}")).collect()
}

#[tokio::test]
async fn a_list_shows_traces_of_which_a_span_matches() {
    let desk = Desk::start().await;
    let tagged = desk.list(&[("filter", "tags includes 'billing'"), ("limit", "4")]).await;
    assert_eq!(tagged, roots((0..30).rev().filter(|n| n % 3 == 0)));
    let page = desk.get("/api/trace", &[("filter", "output match 'WORD7'")]).await;
    assert_eq!((page["total"].as_u64(), text(&page, "total_is")), (Some(1), "exact"));
    assert_eq!(page["traces"][0]["matched"], json!(["c7"]), "{page}");
    let both = "any_span(tags includes 'billing') and any_span(output match 'word9')";
    assert_eq!(desk.list(&[("filter", both)]).await, ["t9"]);
    let page = desk.get("/api/trace", &[("filter", "is_root"), ("limit", "10")]).await;
    assert_eq!((page["total"].as_u64(), text(&page, "total_is")), (Some(10), "at_least"));
    let wrong = desk.owner.get(&desk.path("/api/trace", &[("filter", "scores.Quality >")])).await;
    assert_eq!(wrong.problem().0, 400);
    assert!(wrong.body["position"]["offset"].is_u64(), "{}", wrong.body);
}

#[tokio::test]
async fn a_list_is_ordered_by_a_field_and_paged_by_key() {
    let desk = Desk::start().await;
    let by = |key: fn(u32) -> u32, reverse: bool| {
        let mut numbers: Vec<u32> = (0..30).collect();
        numbers.sort_by_key(|n| key(*n));
        if reverse {
            numbers.reverse();
        }
        roots(numbers)
    };
    let spent = |n: u32| (n * 7) % 30;
    assert_eq!(desk.list(&[("sort", "duration"), ("limit", "7")]).await, by(spent, false));
    assert_eq!(desk.list(&[("sort", "-duration"), ("limit", "7")]).await, by(spent, true));
    let prod = desk.list(&[("sort", "-scores.Quality"), ("filter", "metadata.env = 'prod'"), ("limit", "3")]).await;
    assert_eq!(prod, roots((0..10).rev()));
    assert_eq!(desk.owner.get(&desk.path("/api/trace", &[("sort", "colour")])).await.problem().0, 400);
}

#[tokio::test]
async fn values_and_times_are_counted() {
    let desk = Desk::start().await;
    let all = desk.get("/api/facet", &[("field", "tags"), ("field", "type"), ("field", "status")]).await;
    assert_eq!(text(&all, "counts"), "exact");
    assert_eq!(all["facets"][0]["values"], json!([{"value": "billing", "count": 10}]));
    assert_eq!(all["facets"][1]["values"], json!([{"value": "llm", "count": 30}, {"value": "task", "count": 30}]));
    assert_eq!(all["facets"][2]["values"], json!([]));
    let prod =
        desk.get("/api/facet", &[("filter", "metadata.env = 'prod'"), ("field", "tags"), ("field", "error")]).await;
    assert_eq!(prod["facets"][0]["values"], json!([{"value": "billing", "count": 4}]));
    assert_eq!(prod["facets"][1]["values"], json!([{"value": false, "count": 8}, {"value": true, "count": 2}]));
    assert_eq!(desk.owner.get(&desk.path("/api/facet", &[("field", "input")])).await.problem().0, 422);

    let counted = desk.get("/api/count", &[("filter", "error is not null")]).await;
    assert_eq!(counted, json!({"rows": 6, "traces": 6, "rows_are": "exact"}));
    let histogram = desk.get("/api/histogram", &[("buckets", "3")]).await;
    let rows: Vec<i64> =
        histogram["buckets"].as_array().expect("stretches").iter().map(|at| at["rows"].as_i64().unwrap_or(0)).collect();
    assert_eq!((rows.iter().sum::<i64>(), text(&histogram, "counts")), (30, "exact"), "{histogram}");
    let filter =
        [("filter", "tags includes 'billing'"), ("from", "2026-11-24T09:00:00Z"), ("to", "2026-11-24T09:09:00Z")];
    let histogram = desk.get("/api/histogram", &filter).await;
    let sum = |field: &str| {
        histogram["buckets"]
            .as_array()
            .expect("stretches")
            .iter()
            .map(|at| at[field].as_i64().unwrap_or(0))
            .sum::<i64>()
    };
    assert_eq!((sum("rows"), sum("errors")), (4, 1), "{histogram}");
}

#[tokio::test]
async fn r8_everything_that_is_found_is_flagged_once() {
    let desk = Desk::start().await;
    let members = desk.owner.get("/api/member").await.ok();
    let me = text(&members["members"][0], "id").to_owned();
    let body = json!({"object_type": "project_logs", "object_id": desk.project, "filter": "tags includes 'billing'",
        "status": "awaiting", "assign": [me], "tags": {"add": ["queue"], "remove": ["billing"]}});
    let done = desk.owner.post("/api/review/bulk", body).await.ok();
    assert_eq!(done, json!({"changed": 10, "rows": 10}));
    assert_eq!(desk.list(&[("filter", "review.status = 'awaiting'")]).await.len(), 10);
    assert_eq!(desk.list(&[("filter", "tags includes 'billing'")]).await.len(), 0);
    let mine = format!("__bt_assignments includes '{me}' and tags includes 'queue'");
    assert_eq!(desk.list(&[("filter", &mine)]).await.len(), 10);
    let again = json!({"object_type": "project_logs", "object_id": desk.project, "filter": "tags includes 'queue'",
        "status": "awaiting", "assign": [me]});
    assert_eq!(desk.owner.post("/api/review/bulk", again).await.ok(), json!({"changed": 0, "rows": 10}));
    let one = |ids: Value| json!({"object_type": "project_logs", "object_id": desk.project, "row_ids": ids, "status": "complete"});
    assert_eq!(
        desk.owner.post("/api/review/bulk", one(json!(["r1", "r1"]))).await.ok(),
        json!({"changed": 1, "rows": 1})
    );
    assert_eq!(desk.owner.post("/api/review/bulk", one(json!(["nobody"]))).await.problem().0, 404);
    let nothing = json!({"object_type": "project_logs", "object_id": desk.project, "row_ids": ["r1"]});
    assert_eq!(desk.owner.post("/api/review/bulk", nothing).await.problem().0, 422);
    let _ = &desk.server;
}
