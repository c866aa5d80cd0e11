//! Feedback by REST, by rows with `_audit_source`, and by keys in public pages: every judgement keeps its author.

use concord_tests::client::{Client, text};
use concord_tests::server::TestServer;
use serde_json::{Value, json};

struct Desk {
    server: TestServer,
    owner: Client,
    project: String,
}

impl Desk {
    async fn start() -> Self {
        let server = TestServer::start().await;
        let project = server.project("Desk").await;
        let options = json!({"categories": [{"name": "Fail", "value": 0}, {"name": "Pass", "value": 1}]});
        server.score(&project, "Correctness", "categorical", options).await;
        server.score(&project, "Tone", "slider", json!({})).await;
        let failure = json!({"categories": [{"name": "Late", "value": 0}, {"name": "Rude", "value": 1}],
            "config": {"destination": "expected", "multi_select": true}});
        server.score(&project, "Failure", "categorical", failure).await;
        server.score(&project, "Notes", "free-form", json!({})).await;
        let desk = Self { owner: server.owner(), server, project };
        desk.log(json!([{"id": "row", "input": "q", "output": "a", "scores": {"Tone": 0.2}, "tags": ["old"]}])).await;
        desk
    }

    async fn log(&self, mut rows: Value) -> Value {
        for row in rows.as_array_mut().into_iter().flatten() {
            row["project_id"] = json!(self.project);
            row["log_id"] = json!("g");
        }
        self.owner.post("/logs3", json!({"rows": rows})).await.ok()
    }

    async fn give(&self, client: &Client, items: Value) -> concord_tests::client::Answer {
        client.post(&format!("/v1/project_logs/{}/feedback", self.project), json!({"feedback": items})).await
    }

    async fn row(&self, id: &str) -> Value {
        self.owner.get(&format!("/api/span?object_type=project_logs&object_id={}&id={id}", self.project)).await.ok()
    }

    async fn metrics(&self) -> Value {
        self.owner.get(&format!("/api/metrics?object_type=project_logs&object_id={}", self.project)).await.ok()
    }
}

#[tokio::test]
async fn members_overrule_end_users_who_overrule_the_log() {
    let desk = Desk::start().await;
    let reviewer = desk.server.member("reviewer").await;
    let end_user = json!([{"id": "row", "scores": {"Tone": 0.4}, "metadata": {"user_id": "u1"}}]);
    assert_eq!(desk.give(&desk.owner, end_user).await.ok(), json!({"status": "success"}));
    assert_eq!(desk.row("row").await["scores"]["Tone"], 0.4);
    let member = json!([{"id": "row", "scores": {"Tone": 1, "Correctness": 1}, "comment": "well said", "source": "app", "tags": ["new"]}]);
    desk.give(&reviewer.client, member).await.ok();
    let row = desk.row("row").await;
    assert_eq!(row["scores"], json!({"Correctness": 1.0, "Tone": 1.0}));
    assert_eq!(row["logged"]["scores"], json!({"Tone": 0.2}));
    assert_eq!(row["tags"], json!(["old", "new"]));
    assert_eq!(
        (&row["comments"][0]["text"], &row["comments"][0]["author"]["id"]),
        (&json!("well said"), &json!(reviewer.id))
    );
    assert_eq!(row["reviews"]["external:u1"]["scores"], json!({"Tone": 0.4}));
    let tone = desk.metrics().await["scores"]["Tone"].clone();
    assert_eq!(tone["by_source"]["human"], json!({"count": 1, "mean": 1.0}));
    assert_eq!(tone["by_source"]["external"], json!({"count": 1, "mean": 0.4}));
    assert_eq!((&tone["count"], &tone["max"]), (&json!(1), &json!(1.0)));
}

#[tokio::test]
async fn each_item_stands_for_itself() {
    let desk = Desk::start().await;
    let items = json!([
        {"id": "row", "scores": {"Correctness": 0.5}},
        {"id": "row", "scores": {"Failure": ["Lazy"]}},
        {"id": "row", "scores": {"Tone": 7}},
        {"id": "row"},
        {"id": "row", "scores": {"Failure": ["Late", "Rude"], "Notes": "see handbook", "thumbs": true}, "source": "api"},
    ]);
    let answer = desk.give(&desk.owner, items).await.ok();
    assert_eq!(answer["status"], "partial");
    let indexes: Vec<u64> =
        answer["errors"].as_array().expect("errors").iter().filter_map(|error| error["index"].as_u64()).collect();
    assert_eq!(indexes, [0, 1, 2, 3]);
    let row = desk.row("row").await;
    assert_eq!(row["expected"], json!(["Late", "Rude"]));
    assert_eq!((&row["metadata"]["Notes"], &row["scores"]["thumbs"]), (&json!("see handbook"), &json!(1.0)));
    let refused = desk.give(&desk.owner, json!([{"id": "row", "scores": {"Tone": 7}}])).await;
    assert_eq!(refused.problem().0, 422);
    assert!(refused.problem().2.contains("Tone"), "{}", refused.body);
}

#[tokio::test]
async fn r8_feedback_with_an_id_counts_once() {
    let desk = Desk::start().await;
    let item = json!([{"id": "row", "feedback_id": "f1", "comment": "once", "scores": {"Tone": 0.5}}]);
    for _ in 0..3 {
        desk.give(&desk.owner, item.clone()).await.ok();
    }
    assert_eq!(desk.row("row").await["comments"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn rows_of_sdks_carry_feedback_and_comments_before_their_row() {
    let desk = Desk::start().await;
    let comment = "aa2c3167-2b03-4f4a-86c1-022ae351e572";
    for _ in 0..2 {
        let answer = desk.log(json!([
            {"id": comment, "origin": {"id": "early"}, "comment": {"text": "nice"}, "_audit_source": "app", "_audit_metadata": {"user_id": "u9"}},
            {"id": "early", "_is_merge": true, "scores": {"Tone": 1, "thumbs": null}, "expected": "good", "tags": ["t2"], "_audit_source": "external",
             "_audit_metadata": {"user_id": "u9"}},
        ])).await;
        assert_eq!(answer["errors"], json!(null), "{answer}");
    }
    assert_eq!(desk.metrics().await["rows"], 1, "no span until its row arrives");
    desk.log(json!([{"id": "early", "input": "late", "scores": {"Tone": 0}}])).await;
    let row = desk.row("early").await;
    assert_eq!((&row["scores"]["Tone"], &row["expected"], &row["tags"]), (&json!(1.0), &json!("good"), &json!(["t2"])));
    assert_eq!((&row["comments"][0]["text"], &row["comments"][0]["id"]), (&json!("nice"), &json!(comment)));
    let metrics = desk.metrics().await;
    assert_eq!((&metrics["rows"], &metrics["comments"], &metrics["expected"]), (&json!(2), &json!(1), &json!(1)));
    desk.log(json!([{"id": comment, "_object_delete": true}])).await;
    assert_eq!(desk.row("early").await["comments"], json!([]));
}

#[tokio::test]
async fn flags_and_assignments_survive_a_rewrite() {
    let desk = Desk::start().await;
    let reviewer = desk.server.member("reviewer").await;
    let flag = json!({"events": [{"id": "row", "_is_merge": true,
        "metadata": {"~__bt_review_lists": {"__bt_default_review_list": {"status": "PENDING"}}, "~__bt_assignments": [reviewer.id]},
        "_merge_paths": [["metadata", "~__bt_review_lists"], ["metadata", "~__bt_assignments"]]}]});
    desk.owner.post(&format!("/v1/project_logs/{}/insert", desk.project), flag).await.ok();
    desk.log(json!([{"id": "row", "input": "rewritten", "metadata": {"k": 1}}])).await;
    let row = desk.row("row").await;
    let lists = json!({"__bt_default_review_list": {"status": "PENDING"}});
    assert_eq!(row["metadata"], json!({"k": 1, "~__bt_review_lists": lists, "~__bt_assignments": [reviewer.id]}));
    assert_eq!((&row["__bt_review_lists"], &row["__bt_assignments"]), (&lists, &json!([reviewer.id])));
    let review = desk.metrics().await["review"].clone();
    assert_eq!((&review["awaiting"], &review["assigned"][reviewer.id.as_str()]), (&json!(1), &json!(1)));
    let stranger = json!({"events": [{"id": "row", "_is_merge": true, "metadata": {"~__bt_assignments": ["01a20c2e-98be-719d-b5e2-e60e2564b3c1"]}}]});
    let answer = desk.owner.post(&format!("/v1/project_logs/{}/insert", desk.project), stranger).await.ok();
    assert!(text(&answer["errors"][0], "detail").contains("no member"), "{answer}");
}

#[tokio::test]
async fn later_writes_of_a_reviewed_row_are_edits_where_they_differ() {
    let desk = Desk::start().await;
    let first = json!([{"id": "row", "output": "a", "expected": "one", "tags": ["x"]}]);
    desk.log(first.clone()).await;
    desk.give(&desk.owner, json!([{"id": "row", "expected": "by a person", "source": "app"}])).await.ok();
    desk.log(first).await;
    assert_eq!(desk.row("row").await["expected"], "by a person", "a retry changes nothing");
    desk.log(json!([{"id": "row", "_is_merge": true, "expected": "two"}])).await;
    let row = desk.row("row").await;
    assert_eq!((&row["expected"], &row["logged"]["expected"]), (&json!("two"), &json!("two")));
}

#[tokio::test]
async fn a_feedback_key_gives_what_it_lists_and_speaks_for_end_users() {
    let desk = Desk::start().await;
    let key = desk
        .owner
        .post("/api/feedback-key", json!({"project_id": desk.project, "scores": ["Tone"], "origins": []}))
        .await
        .ok();
    let page = desk.server.nobody().with_key(text(&key, "key"));
    desk.give(&page, json!([{"id": "row", "scores": {"Tone": 1}, "comment": "thanks", "source": "app"}])).await.ok();
    let row = desk.row("row").await;
    let author = format!("external:{}", text(&key, "id"));
    assert_eq!((&row["scores"]["Tone"], &row["comments"][0]["author"]["id"]), (&json!(1.0), &json!(author)));
    for refused in [json!({"scores": {"Correctness": 1}}), json!({"expected": "x"}), json!({"tags": ["x"]})] {
        let mut item = refused;
        item["id"] = json!("row");
        assert_eq!(desk.give(&page, json!([item])).await.problem().0, 422);
    }
    assert_eq!(page.post("/logs3", json!({"rows": []})).await.problem().1, "forbidden");
}

#[tokio::test]
async fn r3_rows_follow_a_changed_configuration() {
    let desk = Desk::start().await;
    let reviewer = desk.server.member("reviewer").await;
    for (client, tone) in [(&desk.owner, 0.0), (&reviewer.client, 1.0)] {
        desk.give(client, json!([{"id": "row", "scores": {"Tone": tone, "Correctness": 1}, "source": "app"}]))
            .await
            .ok();
    }
    assert_eq!(desk.row("row").await["scores"]["Tone"], 0.5);
    let path = format!("/v1/project_score?project_id={}", desk.project);
    let scores = desk.owner.get(&path).await.ok()["objects"].clone();
    let id = |name: &str| {
        let score = scores.as_array().into_iter().flatten().find(|score| score["name"] == name);
        text(score.expect("a score"), "id").to_owned()
    };
    desk.owner
        .patch(&format!("/v1/project_score/{}", id("Tone")), json!({"config": {"aggregate": "latest"}}))
        .await
        .ok();
    let options = json!({"categories": [{"name": "No", "value": 0}, {"name": "Yes", "value": 1}]});
    desk.owner.patch(&format!("/v1/project_score/{}", id("Correctness")), options).await.ok();
    let list = format!("/api/trace?object_type=project_logs&object_id={}", desk.project);
    // It happens behind the answer; each look takes a round trip.
    for _ in 0..500 {
        let metrics = desk.metrics().await;
        if metrics["scores"]["Correctness"]["options"] == json!({"Yes": 1}) && metrics["scores"]["Tone"]["mean"] == 1.0
        {
            assert_eq!(desk.owner.get(&list).await.ok()["traces"][0]["scores"]["Tone"], 1.0);
            return;
        }
    }
    panic!("rows stayed as they were: {}", desk.metrics().await);
}

#[tokio::test]
async fn a_feedback_key_gives_much_at_once_and_then_has_to_wait() {
    let desk = Desk::start().await;
    let key = json!({"project_id": desk.project, "scores": ["Tone"]});
    let key = desk.owner.post("/api/feedback-key", key).await.ok();
    let page = desk.server.nobody().with_key(text(&key, "key"));
    let item = json!({"id": "row", "scores": {"Tone": 0.5}, "metadata": {"user_id": "u1"}});
    let items = |count: usize| Value::Array(vec![item.clone(); count]);
    desk.give(&page, items(600)).await.ok();
    let refused = desk.give(&page, items(20)).await;
    assert_eq!((refused.problem().0, refused.text_header("retry-after")), (429, "2"));
    assert_eq!(desk.give(&desk.owner, items(1)).await.status, 200, "members have no such bound");
    desk.server.wait(std::time::Duration::from_secs(1));
    assert_eq!(desk.give(&page, items(20)).await.status, 200);
}
