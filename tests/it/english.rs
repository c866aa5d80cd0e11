//! Help with filters: fields, parts, names that were meant, English by the grammar and by a language model.

use concord_tests::client::{Client, text};
use concord_tests::double::HttpDouble;
use concord_tests::server::TestServer;
use serde_json::{Value, json};

struct Desk {
    server: TestServer,
    owner: Client,
    project: String,
}

impl Desk {
    async fn start(server: TestServer) -> Self {
        let project = server.project("Desk").await;
        let owner = server.owner();
        server.score(&project, "Preference", "slider", json!({})).await;
        let rows = json!([
            {"id": "a", "scores": {"Factuality": 0.3}, "tags": ["billing"], "metadata": {"env": "prod", "user": {"id": 7}}, "error": "late",
             "metrics": {"start": 1.0, "end": 9.0}, "span_attributes": {"name": "answer", "type": "llm"}},
            {"id": "b", "scores": {"Factuality": 0.9}, "metadata": {"env": "test"}},
        ]);
        owner.post(&format!("/v1/project_logs/{project}/insert"), json!({"events": rows})).await.ok();
        Self { server, owner, project }
    }

    async fn parse(&self, filter: &str) -> concord_tests::client::Answer {
        let body = json!({"object_type": "project_logs", "object_id": self.project, "text": filter});
        self.owner.post("/api/filter/parse", body).await
    }

    async fn english(&self, said: &str) -> concord_tests::client::Answer {
        let body = json!({"object_type": "project_logs", "object_id": self.project, "text": said});
        self.owner.post("/api/filter/english", body).await
    }

    async fn found(&self, filter: &str) -> Value {
        let query = format!("select: id | from: project_logs('{}') | filter: {filter} | sort: id", self.project);
        self.owner.post("/btql", json!({"query": query})).await.ok()["data"].clone()
    }
}

#[tokio::test]
async fn fields_of_an_object_are_told_with_their_values() {
    let desk = Desk::start(TestServer::start().await).await;
    let path = format!("/api/filter/fields?object_type=project_logs&object_id={}", desk.project);
    let fields = desk.owner.get(&path).await.ok()["fields"].clone();
    let field = |path: &str| fields.as_array().and_then(|all| all.iter().find(|field| field["path"] == path)).cloned();
    assert_eq!(
        field("metadata.env"),
        Some(json!({"path": "metadata.env", "label": "env", "kind": "text", "group": "metadata",
            "values": [{"value": "prod", "count": 1}, {"value": "test", "count": 1}]}))
    );
    assert_eq!(field("metadata.user.id").map(|field| field["kind"].clone()), Some(json!("number")));
    for (path, group) in
        [("scores.Preference", "scores"), ("scores.Factuality", "scores"), ("tags", "tags"), ("disagreement", "review")]
    {
        assert_eq!(field(path).map(|field| field["group"].clone()), Some(json!(group)), "{path}");
    }
    assert_eq!(field("tags").map(|field| field["values"].clone()), Some(json!([{"value": "billing", "count": 1}])));
    let members = field("__bt_assignments").map(|field| field["values"].clone()).unwrap_or_default();
    assert_eq!(members.as_array().map(Vec::len), Some(1), "{members}");
    assert!(text(&members[0], "label").len() > 1, "members have names");
}

#[tokio::test]
async fn filters_are_told_in_parts_and_names_that_were_meant() {
    let desk = Desk::start(TestServer::start().await).await;
    let parsed =
        desk.parse("scores.Factuality<0.5 AND tags CONTAINS \"billing\" and (error is null or is_root)").await.ok();
    assert_eq!(
        parsed["expression"],
        "scores.Factuality < 0.5 and tags includes 'billing' and (error is null or is_root)"
    );
    assert_eq!(
        parsed["parts"],
        json!([
            {"text": "scores.Factuality < 0.5", "field": "scores.Factuality", "operator": "<", "value": 0.5},
            {"text": "tags includes 'billing'", "field": "tags", "operator": "includes", "value": "billing"},
            {"text": "(error is null or is_root)"},
        ])
    );
    assert_eq!(desk.parse("  ").await.ok()["parts"], json!([]));

    let wrong = desk.parse("is_root and scores.Preferense > 0.5").await;
    assert_eq!(
        wrong.problem(),
        (400, "malformed", "line 1, column 13: there is no score Preferense here; did you mean Preference?")
    );
    assert_eq!(wrong.body["position"], json!({"offset": 12, "line": 1, "column": 13}));
    let query = format!("select: id | from: project_logs('{}') | filter: scores.Factualty < 0.5", desk.project);
    assert!(desk.owner.post("/btql", json!({"query": query})).await.problem().2.contains("did you mean Factuality?"));
    let fetch = format!("/v1/project_logs/{}/fetch?query=scores.Factualty%20%3C%200.5", desk.project);
    assert!(desk.owner.get(&fetch).await.problem().2.contains("did you mean Factuality?"));
    assert_eq!(
        desk.found("scores.Helpfulness is null").await,
        json!([{"id": "a"}, {"id": "b"}]),
        "new names are legal"
    );

    let told = desk.parse("scores.Preference > 75 and span_attributes.type = 'lmm'").await.ok();
    let codes: Vec<&str> =
        told["warnings"].as_array().expect("warnings").iter().map(|warning| text(warning, "code")).collect();
    assert_eq!(codes, ["never_true", "unknown_kind"]);
    let status = desk.parse("review.status = 'awaitng'").await;
    assert!(status.problem().2.ends_with("did you mean awaiting?"), "{}", status.body);
}

#[tokio::test]
async fn english_becomes_a_filter_that_finds_what_was_meant() {
    let desk = Desk::start(TestServer::start().await).await;
    for (said, expression, rows) in [
        ("low factuality", "scores.Factuality < 0.5", json!([{"id": "a"}])),
        (
            "errors where env is prod, not reviewed",
            "error is not null and metadata.env = 'prod' and len(reviews) = 0",
            json!([{"id": "a"}]),
        ),
        ("untagged", "tags is null or len(tags) = 0", json!([{"id": "b"}])),
        ("llm calls slower than 5 seconds", "span_attributes.type = 'llm' and duration > 5", json!([{"id": "a"}])),
    ] {
        let answer = desk.english(said).await.ok();
        assert_eq!((text(&answer, "expression"), text(&answer, "by")), (expression, "grammar"), "{said}");
        assert_eq!(desk.found(expression).await, rows, "{said}");
    }
    let unknown = desk.english("errors that smell funny").await;
    let (status, _, detail) = unknown.problem();
    assert!(
        status == 422 && detail.starts_with("\"smell funny\" was not understood") && detail.contains("not reviewed"),
        "{detail}"
    );
    assert_eq!(unknown.body["position"]["offset"], 12);
}

#[tokio::test]
async fn a_language_model_is_asked_for_the_rest_and_believed_nothing() {
    let model = HttpDouble::start().await;
    let desk = Desk::start(TestServer::start_with_model(&model.url).await).await;
    assert_eq!(text(&desk.english("errors").await.ok(), "by"), "grammar");
    assert!(model.asked().is_empty(), "the grammar knows it");

    model.will_say("```\nmetadata.env = 'prod' and error is not null\n```");
    let answer = desk.english("production went up in flames").await.ok();
    assert_eq!(
        (text(&answer, "expression"), text(&answer, "by")),
        ("metadata.env = 'prod' and error is not null", "model")
    );
    let (head, body) = model.asked().remove(0);
    assert!(head.contains("authorization: bearer model-key"), "{head}");
    assert!(text(&body["messages"][0], "content").contains("Factuality"), "it is told the names");
    assert_eq!(body["messages"][1], json!({"role": "user", "content": "production went up in flames"}));

    // What is wrong is told once; then it is over.
    model.will_say("scores.Factualty < 0.1; drop table row");
    model.will_say("scores.Factuality < 0.1");
    assert_eq!(desk.english("made up nonsense").await.ok()["expression"], "scores.Factuality < 0.1");
    let (_, retried) = model.asked().remove(2);
    assert!(text(&retried["messages"][3], "content").contains("found drop where"), "{retried}");
    model.will_say("I'd love to help!");
    model.will_say("scores.Factualty < 0.1");
    let refused = desk.english("made up nonsense").await;
    let (status, _, detail) = refused.problem();
    assert!(status == 422 && detail.contains("did you mean Factuality?"), "{detail}");

    for (status, body, words) in [
        (200, "no json".to_owned(), "answered no JSON"),
        (500, "{}".to_owned(), "answered 500"),
        (200, "x".repeat(100_000), "more than 64 KiB"),
        (200, json!({"choices": []}).to_string(), "without a message"),
    ] {
        model.will_answer(status, &body);
        let refused = desk.english("made up nonsense").await;
        assert!(refused.problem().2.contains(words), "{words}: {}", refused.body);
    }
    // Three were counted above and four here: three more are free in this minute.
    for _ in 0..3 {
        model.will_say("NONE");
        assert_eq!(desk.english("made up nonsense").await.problem().0, 422);
    }
    let paced = desk.english("made up nonsense").await;
    assert_eq!((paced.problem().0, paced.text_header("retry-after").is_empty()), (429, false));
    desk.server.owner().get("/health").await.ok();
}
