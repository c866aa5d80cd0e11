//! The review queue of a project, its counts, and who is on what.

use std::time::Duration;

use concord_tests::client::{Client, text};
use concord_tests::live::Live;
use concord_tests::peer::QUIET;
use concord_tests::server::{TestMember, TestServer};
use serde_json::{Value, json};

struct Desk {
    server: TestServer,
    owner: Client,
    noor: TestMember,
    project: String,
}

impl Desk {
    /// Ten spans of five traces, and two experiments of two rows each.
    async fn start() -> Self {
        let server = TestServer::start().await;
        let (project, owner) = (server.project("Desk").await, server.owner());
        server.score(&project, "Tone", "slider", json!({})).await;
        let noor = server.member("reviewer").await;
        let desk = Self { server, owner, noor, project };
        let span = |n: usize| {
            json!({"id": format!("s{n}"), "root_span_id": format!("t{}", n / 2), "input": format!("Question {n}"),
            "span_attributes": {"name": "answer", "type": "llm"}, "span_parents": (n % 2 == 1).then(|| vec![format!("s{}", n - 1)])})
        };
        desk.insert("project_logs", &desk.project, (0..10).map(span).collect()).await;
        for name in ["first", "second"] {
            let experiment =
                desk.owner.post("/v1/experiment", json!({"project_id": desk.project, "name": name})).await.ok();
            let rows = (0..2).map(|n| json!({"id": format!("{name} {n}"), "input": n})).collect();
            desk.insert("experiment", text(&experiment, "id"), rows).await;
        }
        desk
    }

    async fn insert(&self, kind: &str, object: &str, events: Vec<Value>) {
        self.owner.post(&format!("/v1/{kind}/{object}/insert"), json!({"events": events})).await.ok();
    }

    async fn bulk(&self, rows: &[&str], more: Value) {
        let mut body = json!({"object_type": "project_logs", "object_id": self.project, "row_ids": rows});
        body.as_object_mut().expect("a body").extend(more.as_object().expect("more").clone());
        self.owner.post("/api/review/bulk", body).await.ok();
    }

    fn path(&self, kind: &str, query: &[(&str, &str)]) -> String {
        let mut path = format!("/api/review/queue?project_id={}&kind={kind}", self.project);
        for (key, value) in query {
            let value: String = value.bytes().map(|byte| format!("%{byte:02x}")).collect();
            path += &format!("&{key}={value}");
        }
        path
    }

    /// All pages of a queue.
    async fn queue(&self, kind: &str, query: &[(&str, &str)]) -> Vec<Value> {
        let (mut cursor, mut items) = (String::new(), Vec::new());
        loop {
            let mut query = query.to_vec();
            query.push(("cursor", &cursor));
            let page = self.noor.client.get(&self.path(kind, &query)).await.ok();
            items.extend(page["items"].as_array().expect("items").iter().cloned());
            match page["cursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => return items,
            }
        }
    }

    async fn counts(&self, client: &Client) -> Value {
        client.get(&format!("/api/review/counts?project_id={}", self.project)).await.ok()
    }

    fn row(&self, row: &str) -> Value {
        json!({"object_type": "project_logs", "object_id": self.project, "row_id": row})
    }

    async fn hold(&self, client: &Client, row: &str) -> Value {
        client.post("/api/review/hold", self.row(row)).await.ok()
    }
}

fn ids(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| text(item, "row_id")).collect()
}

#[tokio::test]
async fn a_queue_goes_over_all_objects_of_a_kind_page_by_page() {
    let desk = Desk::start().await;
    let all = desk.queue("project_logs", &[("limit", "3")]).await;
    assert_eq!(ids(&all), (0..10).rev().map(|n| format!("s{n}")).collect::<Vec<_>>());
    assert_eq!((text(&all[0], "object_name"), text(&all[0], "name"), text(&all[0], "kind")), ("Desk", "answer", "llm"));
    assert_eq!((text(&all[0], "root_span_id"), text(&all[0], "preview")), ("t4", "Question 9"));

    for limit in ["1", "3", "50"] {
        let items = desk.queue("experiment", &[("limit", limit)]).await;
        assert_eq!(ids(&items), ["second 1", "second 0", "first 1", "first 0"], "{limit} a page");
        assert_eq!((text(&items[0], "object_name"), text(&items[3], "object_name")), ("second", "first"));
    }
    let first = desk.queue("experiment", &[]).await[3]["object_id"].as_str().expect("an id").to_owned();
    assert_eq!(ids(&desk.queue("experiment", &[("object_id", &first)]).await), ["first 1", "first 0"]);
    assert!(desk.queue("dataset", &[]).await.is_empty());

    // What a page goes on from may be gone meanwhile.
    let page = desk.owner.get(&desk.path("experiment", &[("limit", "1")])).await.ok();
    let cursor = text(&page, "cursor").to_owned();
    desk.owner.delete(&format!("/v1/experiment/{}", text(&page["items"][0], "object_id"))).await.ok();
    assert_eq!(ids(&desk.queue("experiment", &[]).await), ["first 1", "first 0"]);
    let rest = desk.owner.get(&desk.path("experiment", &[("cursor", &cursor)])).await.ok();
    assert_eq!(ids(rest["items"].as_array().expect("items")), ["first 1", "first 0"]);
}

#[tokio::test]
async fn an_item_says_why_it_is_there_and_what_the_caller_has_answered() {
    let desk = Desk::start().await;
    desk.bulk(&["s1", "s4"], json!({"status": "awaiting", "assign": [desk.noor.id]})).await;
    desk.bulk(&["s2"], json!({"status": "complete"})).await;
    let answer = json!({"feedback": [{"id": "s4", "scores": {"Tone": 0.5}, "source": "app"}]});
    desk.noor.client.post(&format!("/v1/project_logs/{}/feedback", desk.project), answer).await.ok();
    let waiting = desk.queue("project_logs", &[("filter", "review.status = 'awaiting'")]).await;
    assert_eq!(ids(&waiting), ["s4", "s1"]);
    let item = &waiting[0];
    assert_eq!((text(item, "status"), &item["answered"]), ("awaiting", &json!(["Tone"])));
    assert_eq!(item["assignees"], json!([desk.noor.id]));
    let owner = text(&desk.owner.get("/api/session").await.ok()["user"], "id").to_owned();
    assert_eq!((text(&item["set"], "by"), text(&item["assigned"][&desk.noor.id], "by")), (&*owner, &*owner));
    let mine = format!("__bt_assignments includes '{}' and review.status != 'complete'", desk.noor.id);
    assert_eq!(ids(&desk.queue("project_logs", &[("filter", &mine)]).await), ["s4", "s1"]);
    let of_owner = desk.owner.get(&desk.path("project_logs", &[("filter", "review.status = 'awaiting'")])).await.ok();
    assert_eq!(of_owner["items"][0]["answered"], json!([]), "what others have answered is theirs");
}

#[tokio::test]
async fn wrong_questions_are_told_what_would_be_right() {
    let desk = Desk::start().await;
    let ask = async |path: &str| desk.owner.get(path).await.problem().0;
    assert_eq!(ask("/api/review/queue?kind=experiment").await, 400);
    assert_eq!(ask(&desk.path("logs", &[])).await, 400);
    assert_eq!(ask(&desk.path("project_logs", &[("cursor", "guess")])).await, 400);
    assert_eq!(ask(&desk.path("project_logs", &[("filter", "review.status =")])).await, 400);
    let nothing = uuid::Uuid::now_v7().to_string();
    assert_eq!(ask(&desk.path("experiment", &[("object_id", &nothing)])).await, 404);
    assert_eq!(ask(&format!("/api/review/queue?kind=experiment&project_id={nothing}")).await, 404);
    assert_eq!(ask(&format!("/api/review/counts?project_id={nothing}")).await, 404);
    let hold = |body: Value| async { desk.owner.post("/api/review/hold", body).await.problem().0 };
    assert_eq!(hold(desk.row("nobody")).await, 404);
    let elsewhere = json!({"object_type": "project_logs", "object_id": nothing, "row_id": "s1"});
    assert_eq!(hold(elsewhere).await, 404);
}

#[tokio::test]
async fn r5_counts_are_of_the_moment_and_live() {
    let desk = Desk::start().await;
    let mut live = Live::connect(&desk.server, &desk.noor.client).await;
    let snapshot = live.follow("c", json!({"kind": "reviews", "project_id": desk.project})).await;
    assert_eq!(
        snapshot["data"]["project_logs"],
        json!({"awaiting": 0, "in_progress": 0, "complete": 0, "waiting": {}})
    );
    desk.bulk(&["s1", "s2", "s3"], json!({"status": "awaiting", "assign": [desk.noor.id]})).await;
    let now = json!({"awaiting": 3, "in_progress": 0, "complete": 0, "waiting": {&desk.noor.id: 3}});
    let update = live.until(|message| message["data"]["project_logs"] == now).await;
    assert!(update["data"].get("experiment").is_none(), "only what changed: {update}");
    desk.bulk(&["s1"], json!({"status": "complete"})).await;
    let now = json!({"awaiting": 2, "in_progress": 0, "complete": 1, "waiting": {&desk.noor.id: 2}});
    live.until(|message| message["data"]["project_logs"] == now).await;

    let counts = desk.counts(&desk.noor.client).await;
    assert_eq!(counts["project_logs"], json!({"awaiting": 2, "in_progress": 0, "complete": 1, "mine": 2}));
    assert_eq!(desk.counts(&desk.owner).await["project_logs"]["mine"], 0);
    assert_eq!(counts["experiment"], json!({"awaiting": 0, "in_progress": 0, "complete": 0, "mine": 0}));
    // Rows that only arrive change nothing that is counted here.
    desk.insert("project_logs", &desk.project, vec![json!({"id": "more"})]).await;
    assert_eq!(live.within(QUIET).await, None);
}

#[tokio::test]
async fn a_hold_is_seen_by_others_and_ends_with_the_work() {
    let desk = Desk::start().await;
    let mei = desk.server.member("reviewer").await;
    let mut live = Live::connect(&desk.server, &mei.client).await;
    let topic = json!({"kind": "holds", "project_id": desk.project});
    assert_eq!(live.follow("h", topic).await["data"], json!({"holds": []}));
    let held = desk.hold(&desk.noor.client, "s1").await;
    assert_eq!((text(&held["holder"], "id"), &held["yours"]), (&*desk.noor.id, &json!(true)));
    let update = live.next().await;
    assert_eq!(
        (text(&update["data"]["set"][0], "row_id"), &update["data"]["set"][0]["holder"]),
        ("s1", &held["holder"])
    );
    let seen = desk.hold(&mei.client, "s1").await;
    assert_eq!((text(&seen["holder"], "id"), &seen["yours"]), (&*desk.noor.id, &json!(false)));
    let items = desk.queue("project_logs", &[("filter", "id = 's1'")]).await;
    assert_eq!(items[0]["holder"], held["holder"]);
    let kept = desk.owner.send(reqwest::Method::DELETE, "/api/review/hold", Some(&desk.row("s1"))).await.ok();
    assert_eq!(text(&kept["holder"], "id"), desk.noor.id, "nobody gives back what others hold");
    desk.noor.client.send(reqwest::Method::DELETE, "/api/review/hold", Some(&desk.row("s1"))).await.ok();
    assert_eq!(live.next().await["data"], json!({"gone": [desk.row("s1")]}));

    desk.hold(&desk.noor.client, "s2").await;
    live.next().await;
    desk.bulk(&["s2"], json!({"status": "complete"})).await;
    assert_eq!(live.next().await["data"], json!({"gone": [desk.row("s2")]}), "whoever completes it");
    desk.hold(&desk.noor.client, "s3").await;
    live.next().await;
    desk.server.wait(Duration::from_secs(15 * 60));
    assert_eq!(live.next().await["data"], json!({"gone": [desk.row("s3")]}), "without being renewed");
}

#[tokio::test]
async fn topics_of_a_project_are_for_those_who_may_read_it() {
    let desk = Desk::start().await;
    let made = json!({"name": "ingest", "scope": "ingest"});
    let key = desk.owner.post("/api/key", made).await.ok();
    let ingest = desk.server.nobody().with_key(text(&key, "key"));
    let mut live = Live::connect(&desk.server, &ingest).await;
    for kind in ["reviews", "holds"] {
        let answer = live.follow("t", json!({"kind": kind, "project_id": desk.project})).await;
        assert_eq!(answer["problem"]["status"], 403, "{kind}: {answer}");
    }
    assert_eq!(live.follow("i", json!({"kind": "inbox"})).await["problem"]["status"], 403);
    let mut live = Live::connect(&desk.server, &desk.noor.client).await;
    let elsewhere = uuid::Uuid::now_v7().to_string();
    for kind in ["reviews", "holds"] {
        let answer = live.follow("t", json!({"kind": kind, "project_id": elsewhere})).await;
        assert_eq!(answer["problem"]["status"], 404, "{kind}: {answer}");
    }
}
