//! Datasets from reviews: rows added with their origin, files in and out.

use concord_tests::client::{Answer, Client, text};
use concord_tests::server::TestServer;
use reqwest::Method;
use serde_json::{Value, json};

struct Bench {
    server: TestServer,
    owner: Client,
    project: String,
    dataset: String,
}

impl Bench {
    async fn new() -> Self {
        let server = TestServer::start().await;
        let (owner, project) = (server.owner(), server.project("Bot").await);
        let dataset = owner.post("/v1/dataset", json!({"project_id": project, "name": "golden"})).await.ok();
        Self { dataset: text(&dataset, "id").to_owned(), server, owner, project }
    }

    async fn log(&self, rows: Value) {
        let answer =
            self.owner.post(&format!("/v1/project_logs/{}/insert", self.project), json!({"events": rows})).await.ok();
        assert_eq!(answer.get("errors"), None, "{answer}");
    }

    async fn add(&self, more: Value) -> Answer {
        let mut body = json!({"object_type": "project_logs", "object_id": self.project});
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        self.owner.post(&format!("/api/dataset/{}/add", self.dataset), body).await
    }

    /// Records in the order of their ids.
    async fn records(&self) -> Vec<Value> {
        let answer = self.owner.get(&format!("/v1/dataset/{}/fetch", self.dataset)).await.ok();
        let mut events = answer["events"].as_array().expect("events").clone();
        events.sort_by_key(|event| event["input"].to_string());
        events
    }

    async fn import(&self, query: &str, file: &str) -> Answer {
        self.owner.send_raw(&format!("/api/dataset/{}/import{query}", self.dataset), file.as_bytes().to_vec()).await
    }

    async fn export(&self, client: &Client, query: &str) -> String {
        let path = format!("/api/export?object_type=project_logs&object_id={}{query}", self.project);
        client.get_text(&path).await
    }
}

#[tokio::test]
async fn rows_are_added_as_reviewers_corrected_them_with_their_origin_and_never_twice() {
    let bench = Bench::new().await;
    bench
        .log(json!([
            {"id": "a", "input": "q1", "output": "wrong", "metadata": {"lang": "en"}, "tags": ["refund"]},
            {"id": "b", "input": "q2", "output": "right"},
            {"id": "c", "input": "q3", "output": "skip me"},
        ]))
        .await;
    let correct = json!({"feedback": [{"id": "a", "expected": "corrected", "source": "app", "tags": ["hard"]}]});
    bench.owner.post(&format!("/v1/project_logs/{}/feedback", bench.project), correct).await.ok();
    let flag =
        json!({"object_type": "project_logs", "object_id": bench.project, "row_ids": ["a"], "status": "awaiting"});
    bench.owner.post("/api/review/bulk", flag).await.ok();

    let added = bench.add(json!({"row_ids": ["a", "gone"], "expected": "expected"})).await.ok();
    assert_eq!(added, json!({"added": 1, "skipped": [{"id": "gone", "why": "there is no row of that id"}]}));
    let added = bench.add(json!({"filter": "output != 'skip me'", "expected": "output"})).await.ok();
    assert_eq!(added, json!({"added": 1, "skipped": [{"id": "a", "why": "the dataset has it already"}]}));

    let records = bench.records().await;
    assert_eq!(records.len(), 2);
    let [one, two] = [&records[0], &records[1]];
    assert_eq!((&one["input"], &one["expected"]), (&json!("q1"), &json!("corrected")));
    assert_eq!((&one["metadata"], &one["tags"]), (&json!({"lang": "en"}), &json!(["refund", "hard"])));
    assert_eq!(one["review"]["status"], "none", "a flag is of the row, not of the record");
    assert_eq!((&two["input"], &two["expected"]), (&json!("q2"), &json!("right")));
    let origin = &one["origin"];
    assert_eq!(
        (&origin["object_type"], &origin["object_id"], &origin["id"]),
        (&json!("project_logs"), &json!(bench.project), &json!("a"))
    );
    assert!(origin["_xact_id"].is_string() && origin["created"].is_string(), "{origin}");

    let none = bench.add(json!({"row_ids": ["c"], "expected": "none"})).await.ok();
    assert_eq!(none["added"], 1);
    assert_eq!(bench.records().await[2]["expected"], Value::Null);
}

#[tokio::test]
async fn records_are_added_by_those_who_may_and_from_what_they_may_see() {
    let bench = Bench::new().await;
    bench.log(json!([{"id": "a", "input": 1}])).await;
    assert_eq!(bench.add(json!({})).await.problem().1, "malformed");
    let unknown = bench.add(json!({"row_ids": ["a"], "object_id": bench.dataset})).await;
    assert_eq!(unknown.problem().1, "not-found");
    let wrong = bench.add(json!({"filter": "input =", "expected": "output"})).await;
    assert!(wrong.body["position"].is_object(), "{}", wrong.body);
    let body = json!({"object_type": "project_logs", "object_id": bench.project, "row_ids": ["a"]});
    let path = format!("/api/dataset/{}/add", bench.dataset);
    let viewer = bench.server.member("viewer").await;
    assert_eq!(viewer.client.post(&path, body.clone()).await.problem().1, "forbidden");
    let reviewer = bench.server.member("reviewer").await;
    assert_eq!(reviewer.client.post(&path, body).await.ok()["added"], 1);
}

#[tokio::test]
async fn files_are_imported_with_a_report_of_what_was_rejected_and_a_repeat_doubles_nothing() {
    let bench = Bench::new().await;
    let file = "question,answer,lang\nq1,a1,en\nbroken\nq2,\"{\"\"a\"\": 1}\",de\n,,\n";
    let seen = bench.import("/preview?format=csv", file).await.ok();
    assert_eq!(seen["map"], json!({"question": "input", "answer": "expected", "lang": "metadata.lang"}));
    assert_eq!(seen["records"][0]["cells"]["question"], "q1");
    assert_eq!(seen["records"][1]["why"], "has 1 cell; the first line names 3 columns");
    assert!(bench.records().await.is_empty(), "a look stores nothing");

    let map = "%7B%22question%22:%22input%22,%22answer%22:%22expected%22,%22lang%22:%22tags%22%7D";
    for _ in 0..2 {
        let told = bench.import(&format!("?format=csv&import=one&map={map}"), file).await.ok();
        assert_eq!((&told["stored"], &told["rejected_count"]), (&json!(2), &json!(2)));
        let rejected = &told["rejected"][0];
        assert_eq!(rejected["line"], 3);
        let place = |key: &str| usize::try_from(rejected[key].as_u64().expect("a place")).expect("a place");
        assert_eq!(file[place("from")..place("to")].trim(), "broken");
    }
    let records = bench.records().await;
    assert_eq!(records.len(), 2);
    assert_eq!((&records[0]["tags"], &records[1]["expected"]), (&json!(["en"]), &json!({"a": 1})));

    let lines = "{\"id\": \"own\", \"input\": [1], \"tags\": 3}\n{\"id\": \"own\", \"input\": [1]}\n";
    let told = bench.import("?format=jsonl", lines).await.ok();
    assert_eq!((&told["stored"], &told["rejected_count"]), (&json!(1), &json!(1)));
    assert!(text(&told["rejected"][0], "why").starts_with("tags: "), "{told}");

    assert_eq!(bench.import("?format=xlsx", file).await.problem().1, "malformed");
    let twice = bench.import("?format=csv&map=%7B%22question%22:%22scores%22%7D", file).await;
    assert!(twice.problem().2.contains("is no place for it"), "{}", twice.body);
    let large = "x".repeat((32 << 20) + 1);
    assert_eq!(bench.import("?format=csv", &large).await.problem().1, "too-large");
    let viewer = bench.server.member("viewer").await;
    let path = format!("/api/dataset/{}/import?format=csv", bench.dataset);
    assert_eq!(viewer.client.send_raw(&path, file.into()).await.problem().1, "forbidden");
}

#[tokio::test]
async fn what_is_exported_says_who_decided_what_and_comes_back_as_it_was() {
    let bench = Bench::new().await;
    bench.server.score(&bench.project, "Tone", "slider", json!({})).await;
    let rows = (0..450).map(|n| json!({"id": format!("r{n:03}"), "input": format!("=q{n}"), "output": {"n": n}}));
    bench.log(rows.collect()).await;
    let reviewer = bench.server.member("reviewer").await;
    let said = json!({"feedback": [{"id": "r007", "scores": {"Tone": 0.25}, "expected": "yes", "comment": "no", "source": "app"}]});
    reviewer.client.post(&format!("/v1/project_logs/{}/feedback", bench.project), said).await.ok();

    let table = bench.export(&bench.owner, "&format=csv").await;
    assert_eq!(table.lines().count(), 451, "every row on a line, page after page");
    assert!(table.contains(",'=q7,"), "no cell is a formula");
    let one = bench.export(&bench.owner, "&format=csv&filter=scores.Tone%20%3C%200.5").await;
    let line = one.lines().nth(1).expect("a row");
    assert!(one.lines().count() == 2 && line.starts_with("r007,"), "{one}");
    for part in [",0.25,", ",yes,", ",reviewer,", "reviewer ("] {
        assert!(line.contains(part), "{part} in {line}");
    }
    let lines = bench.export(&bench.owner, "&format=jsonl&filter=id%20%3D%20'r007'").await;
    let row: Value = serde_json::from_str(&lines).expect("a line");
    assert_eq!(row["reviews"][&reviewer.id]["name"], "reviewer");
    assert_eq!(row["comments"][0]["text"], "no");

    let body = json!({"object_type": "project_logs", "object_id": bench.project, "row_ids": ["r001", "gone"], "format": "jsonl"});
    let some = bench.owner.send_text(Method::POST, "/api/export", Some(&body)).await;
    assert!(some.lines().count() == 1 && some.contains("\"r001\""), "{some}");

    let told = bench.import("?format=csv", &table).await.ok();
    assert_eq!((&told["stored"], &told["rejected_count"]), (&json!(450), &json!(0)));
    let back =
        bench.owner.get(&format!("/api/span?object_type=dataset&object_id={}&id=r007", bench.dataset)).await.ok();
    assert_eq!((&back["input"], &back["expected"]), (&json!("=q7"), &json!("yes")));

    let feedback =
        format!("/api/export?object_type=project_logs&object_id={}&format=csv&filter=scores.Tone%20%3C", bench.project);
    assert_eq!(bench.owner.get(&feedback).await.status, 400, "a filter that cannot be is a problem, not half a file");
}
