//! Queries: `POST /btql` and filters of fetch, as clients send them.

use concord_tests::client::{Client, text};
use concord_tests::server::TestServer;
use serde_json::{Value, json};

struct Desk {
    server: TestServer,
    owner: Client,
    project: String,
}

impl Desk {
    /// Three traces of two spans each; the newest is written last.
    async fn start() -> Self {
        let server = TestServer::start().await;
        let project = server.project("Desk").await;
        let owner = server.owner();
        let desk = Self { server, owner, project };
        for n in 1..=3 {
            let root = json!({"id": format!("r{n}"), "span_id": format!("s{n}"), "root_span_id": format!("t{n}"),
                "created": format!("2026-11-24T09:0{n}:00Z"), "input": {"question": "Where is it?"}, "tags": [format!("tag{n}")],
                "scores": {"Preference": f64::from(n) / 4.0}, "metadata": {"n": n, "odd key": "x"}, "span_attributes": {"name": "root", "type": "task"}});
            let call = json!({"id": format!("c{n}"), "span_id": format!("sc{n}"), "root_span_id": format!("t{n}"), "span_parents": [format!("s{n}")],
                "created": format!("2026-11-24T09:0{n}:01Z"), "output": "On its way.", "error": (n == 2).then_some("broke"),
                "metrics": {"start": 1.0, "end": 1.0 + f64::from(n)}, "span_attributes": {"name": "call", "type": "llm"}});
            desk.insert(json!([root, call])).await;
        }
        desk
    }

    async fn insert(&self, events: Value) {
        self.owner.post(&format!("/v1/project_logs/{}/insert", self.project), json!({"events": events})).await.ok();
    }

    async fn ask(&self, query: Value) -> Value {
        self.owner.post("/btql", json!({"query": query})).await.ok()
    }

    fn from(&self, clauses: &str) -> Value {
        json!(format!("select: * | from: project_logs('{}') {clauses}", self.project))
    }

    /// Ids that a filter finds.
    async fn found(&self, filter: &str) -> Vec<String> {
        ids(&self.ask(self.from(&format!("| filter: {filter}"))).await["data"])
    }

    async fn fetched(&self, query: &str) -> Vec<String> {
        ids(&self.owner.get(&format!("/v1/project_logs/{}/fetch?{query}", self.project)).await.ok()["events"])
    }
}

fn ids(rows: &Value) -> Vec<String> {
    rows.as_array().expect("rows").iter().map(|row| text(row, "id").to_owned()).collect()
}

#[tokio::test]
async fn filters_find_rows_by_what_was_logged_and_what_was_said() {
    let desk = Desk::start().await;
    let all = ["c3", "r3", "c2", "r2", "c1", "r1"];
    for (filter, right) in [
        ("true", &all[..]),
        ("scores.Preference >= 0.5", &["r3", "r2"]),
        ("is_root and not tags includes 'tag3'", &["r2", "r1"]),
        ("metadata.\"odd key\" = 'x' and metadata.n in (1, 3)", &["r3", "r1"]),
        ("error is not null", &["c2"]),
        ("duration > 1.5", &["c3", "c2"]),
        ("input ilike '%where is%'", &["r3", "r2", "r1"]),
        ("created > '2026-11-24T09:02:00.5Z' and output match 'way'", &["c3", "c2"]),
        ("id in ['r1', 'c3', 'nothing']", &["c3", "r1"]),
        ("span_id = 'sc2'", &["c2"]),
        ("root_span_id = 't2' and is_root", &["r2"]),
        ("any_span(error is not null) and is_root", &["r2"]),
        ("id = 'r2' and any_span(error is not null)", &["r2"]),
        ("id = 'r1' and any_span(error is not null)", &[]),
    ] {
        assert_eq!(desk.found(filter).await, right, "{filter}");
    }

    let item =
        json!({"id": "r1", "scores": {"Tone": 0.9}, "comment": "That is wrong.", "tags": ["odd"], "source": "app"});
    desk.owner.post(&format!("/v1/project_logs/{}/feedback", desk.project), json!({"feedback": [item]})).await.ok();
    for filter in ["scores.Tone > 0.5", "comment ilike '%wrong%'", "comment is not null", "tags includes 'odd'"] {
        assert_eq!(desk.found(filter).await, ["r1"], "{filter}: what people said counts");
    }
}

#[tokio::test]
async fn pages_go_on_where_they_ended_whatever_is_written_meanwhile() {
    let desk = Desk::start().await;
    let mut seen = Vec::new();
    let mut cursor = Value::Null;
    for page in 0.. {
        let query = json!({"select": [{"op": "star"}], "limit": 1, "cursor": cursor,
            "from": {"op": "function", "name": {"op": "ident", "name": ["project_logs"]}, "args": [{"op": "literal", "value": desk.project}]}});
        let answer = desk.ask(query).await;
        seen.extend(ids(&answer["data"]));
        cursor = answer["cursor"].clone();
        if page == 2 {
            // Whatever is written, rows stay where they arrived.
            desk.insert(json!([{"id": "r2", "_is_merge": true, "output": 1}])).await;
        }
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(seen, ["c3", "r3", "c2", "r2", "c1", "r1"]);

    let traces =
        desk.ask(desk.from("traces | filter: span_attributes.type = 'llm' and duration > 1.5 | limit: 1")).await;
    assert_eq!(ids(&traces["data"]), ["r3", "c3"], "every span of a trace, and the limit counts traces");
    let cursor = text(&traces, "cursor");
    let rest = desk
        .ask(desk.from(&format!(
            "traces | filter: span_attributes.type = 'llm' and duration > 1.5 | limit: 5 | cursor: '{cursor}'"
        )))
        .await;
    assert_eq!((ids(&rest["data"]), &rest["cursor"]), (vec!["r2".to_owned(), "c2".to_owned()], &Value::Null));
}

#[tokio::test]
async fn columns_orders_and_formats() {
    let desk = Desk::start().await;
    let sql = format!(
        "SELECT id, scores.Preference AS pref, metrics.end - metrics.start FROM project_logs('{}') WHERE pref > 0.3 ORDER BY pref DESC LIMIT 2",
        desk.project
    );
    let answer = desk.ask(json!(sql)).await;
    let elapsed = "metrics.`end` - metrics.start".replace('`', "");
    assert_eq!(
        answer["data"],
        json!([{"id": "r3", "pref": 0.75, (&elapsed): null}, {"id": "r2", "pref": 0.5, (&elapsed): null}])
    );
    assert_eq!(answer["schema"]["items"]["properties"]["pref"], json!({"type": "number"}));
    let sorted = desk.ask(desk.from("| filter: is_root | sort: metadata.n")).await;
    assert_eq!((ids(&sorted["data"]), &sorted["cursor"]), (vec!["r1".into(), "r2".into(), "r3".into()], &Value::Null));

    let body = json!({"query": desk.from("| filter: is_root | limit: 2"), "fmt": "jsonl"});
    let lines = desk.owner.post("/btql", body).await;
    assert_eq!(lines.text_header("content-type"), "application/x-ndjson");
    assert!(!lines.text_header("x-bt-cursor").is_empty());
    let day = desk
        .owner
        .post(
            "/btql",
            json!({"query": desk.from("| filter: day(created) = '2026-11-23' and is_root"), "tz_offset": 600}),
        )
        .await
        .ok();
    assert_eq!(ids(&day["data"]).len(), 3, "days of the caller");
}

#[tokio::test]
async fn what_cannot_be_answered_is_refused_with_its_place() {
    let desk = Desk::start().await;
    let other = TestServer::start().await.project("Elsewhere").await;
    let project = &desk.project;
    for (query, status, words) in [
        (json!("select: * | filter: a"), 400, "there is no field a"),
        (json!("select: * | filter: true"), 400, "from is missing"),
        (
            json!(format!("select: * | from: project_logs('{project}') | filter: score.Tone > 1")),
            400,
            "line 1, column 82: there is no field score; did you mean scores?",
        ),
        (
            json!({"filter": {"op": "eq", "left": {"op": "ident", "name": ["id"]}}}),
            400,
            "/query/filter: right is missing",
        ),
        (
            json!(format!("measures: count(1) | from: project_logs('{project}') | weighted_scores: a")),
            501,
            "weighted_scores is not offered",
        ),
        (json!(format!("select: * | from: prompt('{project}')")), 501, "there are no rows of prompt here"),
        (json!(format!("select: * | from: project_logs('{other}')")), 404, "there is no project"),
        (json!(format!("select: * | from: experiment('{project}')")), 404, "there is no experiment"),
        (json!(format!("select: * | from: project_logs('{project}') | cursor: 'guess'")), 400, "cursor"),
        (json!("(".repeat(100_000)), 400, "a clause such as"),
        (json!("x".repeat(1 << 20)), 400, "has 1048576 bytes"),
        (json!(7), 400, "is no query"),
    ] {
        let answer = desk.owner.post("/btql", json!({"query": query})).await;
        let (seen, _, detail) = answer.problem();
        assert!(seen == status && detail.contains(words), "{seen} {detail}, not {status} {words}");
    }
    let answer = desk
        .owner
        .post("/btql", json!({"query": format!("select: *\n| from: project_logs('{project}')\n| filter: id =")}))
        .await;
    assert_eq!(answer.body["position"], json!({"offset": 85, "line": 3, "column": 15}));
    let old = desk.owner.post("/btql", json!({"query": desk.from(""), "version": "1000198257225170955"})).await;
    assert_eq!(old.problem().0, 501);
    desk.server.owner().get("/health").await.ok();
}

#[tokio::test]
async fn fetch_takes_filters_in_every_form_that_clients_send() {
    let desk = Desk::start().await;
    let both = ["r3", "c3", "r2", "c2"];
    for query in [
        "query=scores.Preference%20%3E%200.4&limit=5",
        "filter=scores.Preference%20%3E%200.4",
        "query=select:%20*%20%7C%20filter:%20scores.Preference%20%3E%200.4",
        "filters=%5B%7B%22btql%22:%22scores.Preference%20%3E%200.4%22%7D%5D",
    ] {
        assert_eq!(desk.fetched(query).await, both, "{query}: whole traces");
    }
    let path = format!("/v1/project_logs/{}/fetch", desk.project);
    let ident = json!({"op": "ident", "name": ["scores", "Preference"]});
    for body in [
        json!({"query": "scores.Preference > 0.4"}),
        json!({"filters": ["scores.Preference > 0.4", {"btql": "is_root"}]}),
        json!({"filter": {"op": "gt", "left": ident, "right": {"op": "literal", "value": 0.4}}}),
        json!({"query": "is_root", "filters": [{"op": "gt", "left": ident, "right": {"op": "literal", "value": 0.4}}]}),
    ] {
        assert_eq!(ids(&desk.owner.post(&path, body.clone()).await.ok()["events"]), both, "{body}");
    }
    let lookup = json!({"filters": [{"type": "path_lookup", "path": ["scores", "Preference"], "value": 0.25}], "query": null, "filter": ""});
    assert_eq!(ids(&desk.owner.post(&path, lookup).await.ok()["events"]), ["r1", "c1"]);
    let first = desk.owner.post(&path, json!({"query": "is_root", "limit": 2})).await.ok();
    assert_eq!(ids(&first["events"]), both);
    let second = desk.owner.post(&path, json!({"query": "is_root", "limit": 2, "cursor": first["cursor"]})).await.ok();
    assert_eq!((ids(&second["events"]), &second["cursor"]), (vec!["r1".to_owned(), "c1".to_owned()], &Value::Null));

    let wrong = desk.owner.post(&path, json!({"filters": ["scores.Preference >"]})).await;
    assert_eq!(
        wrong.problem(),
        (400, "malformed", "/filters/0: line 1, column 20: found the end where a field, a value or \"(\" should be")
    );
    assert_eq!(wrong.body["position"]["offset"], 19);
}

#[tokio::test]
async fn a_page_that_has_looked_at_enough_says_so_and_its_cursor_goes_on() {
    let desk = Desk::start().await;
    // More than one page looks at, all newer than what is looked for.
    let hay: Vec<Value> = (0..10_500).map(|n| json!({"id": format!("n{n}")})).collect();
    desk.insert(json!(hay)).await;
    let first = desk.ask(desk.from("| filter: error ilike '%rok%'")).await;
    assert_eq!((&first["data"], &first["warnings"][0]["code"]), (&json!([]), &json!("page_cut")));
    let (mut found, mut cursor) = (Vec::new(), first["cursor"].clone());
    while let Some(token) = cursor.as_str() {
        let page = desk.ask(desk.from(&format!("| filter: error ilike '%rok%' | cursor: '{token}'"))).await;
        found.extend(ids(&page["data"]));
        cursor = page["cursor"].clone();
    }
    assert_eq!(found, ["c2"]);
    for filter in
        ["span_id = 'sc2' and error ilike '%rok%'", "error is not null", "error match 'broke' and error ilike '%rok%'"]
    {
        assert_eq!(desk.found(filter).await, ["c2"], "{filter}: an index needs no walk");
    }

    let query = desk.from("| filter: error ilike '%rok%' | sort: created");
    let sorted = desk.owner.post("/btql", json!({"query": query})).await;
    let (status, _, detail) = sorted.problem();
    assert!(status == 501 && detail.contains("more than 10000 rows"), "{status} {detail}");
}

#[tokio::test]
async fn the_audit_log_tells_what_was_decided_about_rows() {
    let desk = Desk::start().await;
    let item = json!({"id": "r1", "scores": {"Tone": 1}, "comment": "kind", "metadata": {"user_id": "u1"}});
    desk.owner.post(&format!("/v1/project_logs/{}/feedback", desk.project), json!({"feedback": [item]})).await.ok();
    let body = json!({"query": desk.from("| filter: id = 'r1'"), "audit_log": true});
    let entries = desk.owner.post("/btql", body).await.ok()["data"].clone();
    let told: Vec<(&str, &Value)> = entries
        .as_array()
        .expect("entries")
        .iter()
        .map(|entry| (text(&entry["audit_data"], "action"), &entry["origin"]["id"]))
        .collect();
    assert!(told.contains(&("merge", &json!("r1"))) && told.contains(&("comment", &json!("r1"))), "{entries}");
    let judged = entries
        .as_array()
        .and_then(|all| all.iter().find(|entry| entry["audit_data"]["to"].as_f64() == Some(1.0)))
        .expect("a judgement");
    assert_eq!(
        (&judged["source"], &judged["metadata"], &judged["actor"]["id"]),
        (&json!("external"), &json!({"user_id": "u1"}), &json!("external:u1"))
    );
    let all = desk.owner.post("/btql", json!({"query": desk.from("| filter: is_root"), "audit_log": true})).await;
    assert!(all.problem().2.contains("needs a filter on ids"));
}

#[tokio::test]
async fn review_state_in_metadata_is_a_decision_on_logs_experiments_and_datasets() {
    let desk = Desk::start().await;
    let reviewer = desk.server.member("reviewer").await;
    let make = async |path: &str| {
        let made = desk.owner.post(path, json!({"project_id": desk.project, "name": "one"})).await.ok();
        text(&made, "id").to_owned()
    };
    let (experiment, dataset) = (make("/v1/experiment").await, make("/v1/dataset").await);
    for (kind, id) in [("project_logs", desk.project.clone()), ("experiment", experiment), ("dataset", dataset)] {
        let path = format!("/v1/{kind}/{id}");
        let insert =
            async |event: Value| desk.owner.post(&format!("{path}/insert"), json!({"events": [event]})).await.ok();
        insert(json!({"id": "row", "input": 1, "metadata": {"a": 1}})).await;
        insert(json!({"id": "row", "_is_merge": true,
            "metadata": {"~__bt_review_lists": {"__bt_default_review_list": {"status": "PENDING"}}, "~__bt_assignments": [reviewer.id]},
            "_merge_paths": [["metadata", "~__bt_review_lists"], ["metadata", "~__bt_assignments"]]}))
        .await;
        let ask = async |filter: &str| {
            let query = format!("select: * | from: {kind}('{id}') | filter: id = 'row' and {filter}");
            desk.ask(json!(query)).await["data"].clone()
        };
        let flagged = "metadata.\"~__bt_review_lists\".__bt_default_review_list.status = 'PENDING'";
        let rows = ask(&format!("{flagged} and __bt_assignments includes '{}'", reviewer.id)).await;
        let row = &rows[0];
        assert_eq!(row["__bt_assignments"], json!([reviewer.id]), "{kind}: {rows}");
        assert_eq!(row["__bt_review_lists"], json!({"__bt_default_review_list": {"status": "PENDING"}}));
        assert_eq!((&row["review"]["status"], &row["metadata"]["a"]), (&json!("awaiting"), &json!(1)));
        assert!(row["review"]["document_id"].is_string(), "{kind}: it is the review's, not the row's");

        // A full write of the row keeps it; an empty list takes it away.
        insert(json!({"id": "row", "input": 2})).await;
        assert_eq!(ask(flagged).await[0]["input"], 2, "{kind}");
        insert(
            json!({"id": "row", "_is_merge": true, "metadata": {"~__bt_review_lists": {}, "~__bt_assignments": []}}),
        )
        .await;
        assert_eq!(ask(flagged).await, json!([]), "{kind}");
        assert_eq!(ask("true").await[0]["__bt_assignments"], Value::Null, "{kind}");
    }
}
