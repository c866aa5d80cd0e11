//! What queries can ask beyond rows: groups, summaries, unpivoted rows, samples; and what is told of mistakes.

use concord_tests::client::{Client, text};
use concord_tests::server::TestServer;
use serde_json::{Value, json};

struct Desk {
    server: TestServer,
    owner: Client,
    project: String,
}

impl Desk {
    /// Two traces; the older has a model call.
    async fn start() -> Self {
        let server = TestServer::start().await;
        let project = server.project("Desk").await;
        let owner = server.owner();
        let desk = Self { server, owner, project };
        let call = json!({"id": "c1", "span_id": "sc1", "root_span_id": "t1", "span_parents": ["s1"], "created": "2026-11-24T09:00:01Z",
            "scores": {"Tone": 0.2}, "metrics": {"start": 1.0, "end": 3.0, "tokens": 12}, "span_attributes": {"name": "call", "type": "llm"}});
        desk.insert(json!([root(1, "large", 0.5), call])).await;
        desk.insert(json!([root(2, "small", 1.0)])).await;
        desk
    }

    async fn insert(&self, events: Value) {
        self.owner.post(&format!("/v1/project_logs/{}/insert", self.project), json!({"events": events})).await.ok();
    }

    /// The answer to clauses about this project's logs in a shape.
    async fn ask(&self, shape: &str, clauses: &str) -> Value {
        let query = format!("from: project_logs('{}') {shape} | {clauses}", self.project);
        self.owner.post("/btql", json!({"query": query})).await.ok()
    }
}

fn root(n: u32, model: &str, tone: f64) -> Value {
    json!({"id": format!("r{n}"), "span_id": format!("s{n}"), "root_span_id": format!("t{n}"), "created": format!("2026-11-2{}T09:00:00Z", n + 3),
        "input": "Where is it?", "tags": ["a", format!("tag{n}")], "scores": {"Tone": tone}, "metadata": {"model": model, "env": "prod"},
        "span_attributes": {"name": "answer", "type": "task"}})
}

#[tokio::test]
async fn groups_are_measured_with_what_people_decided() {
    let desk = Desk::start().await;
    let item = json!({"id": "r1", "scores": {"Tone": 1}, "source": "app"});
    desk.owner.post(&format!("/v1/project_logs/{}/feedback", desk.project), json!({"feedback": [item]})).await.ok();
    let groups = desk.ask("", "dimensions: day(created) as d | measures: count(1) as n, avg(scores.Tone) as tone, max(disagreement) as apart | sort: d desc").await;
    assert_eq!(
        groups["data"],
        json!([{"d": "2026-11-25T00:00:00.000000Z", "n": 1, "tone": 1.0, "apart": null}, {"d": "2026-11-24T00:00:00.000000Z", "n": 2, "tone": 0.6, "apart": 0.5}])
    );
    assert_eq!(
        (&groups["cursor"], &groups["schema"]["items"]["properties"]["n"]),
        (&Value::Null, &json!({"type": "number"}))
    );
    let sql = format!(
        "SELECT tag, count(1) AS n FROM project_logs('{}') UNPIVOT (tag FOR _ IN (tags)) GROUP BY tag HAVING n > 1 ORDER BY n DESC",
        desk.project
    );
    assert_eq!(desk.owner.post("/btql", json!({"query": sql})).await.ok()["data"], json!([{"tag": "a", "n": 2}]));
    let differ = desk.ask("", "select: id, judge_scores.Tone as judge | filter: disagreement > 0.4").await;
    assert_eq!(differ["data"], json!([{"id": "r1", "judge": 0.5}]), "judge and human differ");
    let looked_up = desk.ask("", "measures: count(1) as n | filter: root_span_id = 't1'").await;
    assert_eq!(looked_up["data"], json!([{"n": 2}]));
}

#[tokio::test]
async fn summaries_come_in_pages_and_can_be_grouped() {
    let desk = Desk::start().await;
    let clauses = "select: id, scores, metrics.total_tokens as tokens | sort: _pagination_key desc | limit: 1";
    let first = desk.ask("summary", clauses).await;
    assert_eq!(first["data"], json!([{"id": "r2", "scores": {"Tone": 1}, "tokens": null}]));
    let second = desk.ask("summary", &format!("{clauses} | cursor: '{}'", text(&first, "cursor"))).await;
    assert_eq!(second["data"], json!([{"id": "r1", "scores": {"Tone": 0.35}, "tokens": 12}]), "of all its spans");
    let last = desk.ask("summary", &format!("{clauses} | cursor: '{}'", text(&second, "cursor"))).await;
    assert_eq!((&last["data"], &last["cursor"]), (&json!([]), &Value::Null));
    let grouped =
        desk.ask("summary", "dimensions: metadata.model | measures: avg(scores.Tone) as tone | pivot: tone").await;
    assert_eq!(grouped["data"], json!([{"large_tone": 0.35, "small_tone": 1.0}]));

    let sampled = desk.ask("", "select: id | sample: 2 seed 9").await;
    assert_eq!(sampled["data"], desk.ask("", "select: id | sample: 2 seed 9").await["data"]);
    assert_eq!(sampled["data"].as_array().map(Vec::len), Some(2));
    let query =
        format!("from: project_logs('{}') | measures: count(1) | cursor: '{}'", desk.project, text(&first, "cursor"));
    let wrong = desk.owner.post("/btql", json!({"query": query})).await;
    assert!(wrong.problem().2.contains("this query answers at once"));
    desk.server.owner().get("/health").await.ok();
}

#[tokio::test]
async fn hostile_filters_are_refused_or_answered_and_nothing_else_happens() {
    let desk = Desk::start().await;
    let nested = |open: &str, close: &str| format!("{}true{}", open.repeat(20_000), close.repeat(20_000));
    let refused = [
        "'; drop table row; --".to_owned(),
        "id = 'a'; delete from review".to_owned(),
        "id = 'a\" or 1=1".to_owned(),
        "1 union select * from member".to_owned(),
        "id in (select id from api_key)".to_owned(),
        nested("(", ")"),
        nested("not ", ""),
        nested("any_span(", ")"),
        nested("lower(", ")"),
        "[".repeat(50_000),
        "x".repeat(1 << 20),
        format!("input = '{}'", "x".repeat(1 << 20)),
        vec!["input like '%a%'"; 3000].join(" or "),
        "\u{0}".to_owned(),
        "𝕬 = '\u{202e}'".to_owned(),
    ];
    for filter in &refused {
        let shown: String = filter.chars().take(40).collect();
        let query = format!("select: id | from: project_logs('{}') | filter: {filter}", desk.project);
        let body = json!({"object_type": "project_logs", "object_id": desk.project, "text": filter});
        let fetch = format!("/v1/project_logs/{}/fetch", desk.project);
        for answer in [
            desk.owner.post("/btql", json!({"query": query})).await,
            desk.owner.post("/api/filter/parse", body).await,
            desk.owner.post(&fetch, json!({"query": filter})).await,
        ] {
            let (status, _, detail) = answer.problem();
            assert!(status == 400 && !detail.is_empty() && detail.len() < 1000, "{shown}: {status} {detail}");
        }
    }
    // Legal, and no more than they say.
    let bomb = format!("input like '{}b%'", "%a".repeat(5000));
    for filter in
        [bomb.as_str(), "id = '\\'; drop table row; --'", "metadata.\"'; drop table row\" = 1", "input ilike '%\\%%'"]
    {
        assert_eq!(desk.ask("", &format!("select: id | filter: {filter}")).await["data"], json!([]), "{filter:.40}");
    }
    let counted = desk.ask("", "measures: count(1) as n").await;
    assert_eq!(counted["data"], json!([{"n": 3}]), "all is still there");
    for said in [
        "'; drop table row; --".repeat(40),
        "not ".repeat(200),
        "errors and ".repeat(80),
        "\"".repeat(900),
        "x".repeat(1 << 20),
    ] {
        let body = json!({"object_type": "project_logs", "object_id": desk.project, "text": said});
        let status = desk.owner.post("/api/filter/english", body).await.status.as_u16();
        assert!(status == 200 || status == 422, "{said:.40}: {status}");
    }
}
