//! Webhooks: told in the form of Standard Webhooks, again until they arrive, and only what may be told where it may be told.

use std::time::Duration;

use concord_server::webhooks::sign::signature;
use concord_tests::client::{Client, text};
use concord_tests::double::HttpDouble;
use concord_tests::server::TestServer;
use serde_json::{Value, json};

struct Bench {
    server: TestServer,
    owner: Client,
    project: String,
    receiver: HttpDouble,
}

impl Bench {
    async fn new() -> Self {
        let server = TestServer::start().await;
        let (owner, project) = (server.owner(), server.project("Bot").await);
        let rows = json!({"events": [{"id": "a", "input": 1}, {"id": "b", "input": 2}]});
        owner.post(&format!("/v1/project_logs/{project}/insert"), rows).await.ok();
        Self { server, owner, project, receiver: HttpDouble::start().await }
    }

    async fn hook(&self, events: &[&str]) -> Value {
        let body = json!({"project_id": self.project, "name": "hook", "url": self.receiver.url, "events": events});
        self.owner.post("/api/webhook", body).await.ok()
    }

    async fn review(&self, client: &Client, more: Value) {
        let mut body = json!({"object_type": "project_logs", "object_id": self.project, "row_ids": ["a"]});
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        client.post("/api/review/bulk", body).await.ok();
    }

    /// Everything that was told, once there are that many.
    async fn told(&self, count: usize) -> Vec<(String, Value)> {
        for _ in 0..200 {
            let asked = self.receiver.asked();
            if asked.len() >= count {
                return asked;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{} of {count} were told", self.receiver.asked().len());
    }

    async fn log(&self, hook: &Value) -> Vec<Value> {
        let log = self.owner.get(&format!("/api/webhook/{}/delivery", text(hook, "id"))).await.ok();
        log["deliveries"].as_array().expect("deliveries").clone()
    }

    /// The newest delivery, once it is in that state.
    async fn settled(&self, hook: &Value, state: &str) -> Value {
        self.newest(hook, |newest| newest["state"] == state && newest["attempts"] != 0).await
    }

    /// The newest delivery, once it is such. An attempt is counted when it begins and has an answer when it ends.
    async fn newest(&self, hook: &Value, is_such: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..200 {
            let newest = self.log(hook).await.into_iter().next().unwrap_or_default();
            if is_such(&newest) {
                return newest;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("never such: {:?}", self.log(hook).await);
    }
}

fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let line = head.lines().find_map(|line| line.split_once(": ").filter(|(key, _)| *key == name));
    line.map_or("", |(_, value)| value)
}

#[tokio::test]
async fn what_happens_is_told_signed_with_names_and_a_link() {
    let bench = Bench::new().await;
    let hook = bench.hook(&["review.completed", "review.assigned", "comment.mentioned", "feedback.received"]).await;
    assert!(text(&hook, "secret").starts_with("whsec_"));
    let listed = bench.owner.get(&format!("/api/webhook?project_id={}", bench.project)).await.ok();
    assert_eq!((&listed["webhooks"][0]["id"], listed["webhooks"][0].get("secret")), (&hook["id"], None));

    let mei = bench.server.member("reviewer").await;
    for _ in 0..4 {
        bench.receiver.will_answer(204, "");
    }
    bench.review(&mei.client, json!({"assign": [mei.id]})).await;
    bench.review(&mei.client, json!({"status": "complete"})).await;
    // A repeat changes nothing, so it is told as nothing.
    bench.review(&mei.client, json!({"status": "complete"})).await;
    let said = json!({"feedback": [
        {"id": "b", "comment": format!("@[Mei]({}) look", mei.id), "source": "app"},
    ]});
    mei.client.post(&format!("/v1/project_logs/{}/feedback", bench.project), said).await.ok();
    let said = json!({"feedback": [
        {"id": "b", "scores": {"Thumbs": 1}, "source": "external", "metadata": {"user_id": "u-1"}},
    ]});
    bench.owner.post(&format!("/v1/project_logs/{}/feedback", bench.project), said).await.ok();

    let mut told = bench.told(4).await;
    told.sort_by_key(|(_, body)| body["type"].to_string());
    let types: Vec<&str> = told.iter().map(|(_, body)| text(body, "type")).collect();
    assert_eq!(types, ["comment.mentioned", "feedback.received", "review.assigned", "review.completed"]);
    let data = |index: usize| &told[index].1["data"];
    assert_eq!(data(0)["mentioned"], json!([{"id": mei.id, "name": "reviewer"}]));
    assert_eq!(data(1)["by"], json!({"id": "external:u-1", "name": "u-1"}));
    assert_eq!(data(1)["given"], json!([{"path": "/scores/external:u-1/Thumbs", "value": 1.0}]));
    assert_eq!(data(2)["assignee"], json!({"id": mei.id, "name": "reviewer"}));
    assert_eq!((&data(3)["row_id"], &data(3)["by"]["name"]), (&json!("a"), &json!("reviewer")));
    let url = text(data(3), "url");
    assert!(url.starts_with(&bench.server.url) && url.contains("/app/Acme/object?object_type=project_logs&"), "{url}");

    let (head, _) = &told[0];
    let (id, time) = (header(head, "webhook-id"), header(head, "webhook-timestamp"));
    assert!(id.starts_with("msg_") && time.parse::<i64>().is_ok(), "{head}");
    assert_eq!(bench.settled(&hook, "delivered").await["answer"], 204);
}

#[tokio::test]
async fn the_signature_is_over_what_is_sent() {
    let bench = Bench::new().await;
    let hook = bench.hook(&["review.completed"]).await;
    bench.receiver.will_answer(200, "ok");
    let tested = bench.owner.post(&format!("/api/webhook/{}/test", text(&hook, "id")), json!({})).await.ok();
    assert_eq!(
        (&tested["state"], &tested["answer"], &tested["event"]),
        (&json!("delivered"), &json!(200), &json!("webhook.test"))
    );
    let (head, body) = bench.told(1).await.remove(0);
    let time = header(&head, "webhook-timestamp").parse().expect("seconds");
    let expected = signature(text(&hook, "secret"), header(&head, "webhook-id"), time, &body.to_string());
    assert_eq!(header(&head, "webhook-signature"), expected.to_lowercase(), "heads of the double are in small letters");
}

#[tokio::test]
async fn what_does_not_arrive_is_told_again_under_the_same_id() {
    let bench = Bench::new().await;
    let hook = bench.hook(&["review.completed"]).await;
    bench.receiver.will_answer(503, "");
    bench.review(&bench.owner, json!({"status": "complete"})).await;
    let first = bench.newest(&hook, |newest| newest["state"] == "waiting" && !newest["answer"].is_null()).await;
    assert_eq!((&first["attempts"], &first["answer"]), (&json!(1), &json!(503)));
    assert_eq!(first["detail"], "the address answered 503, not 2xx");
    bench.receiver.will_answer(200, "");
    bench.server.wait(Duration::from_secs(5));
    let second = bench.settled(&hook, "delivered").await;
    assert_eq!((&second["attempts"], &second["id"]), (&json!(2), &first["id"]));
    let told = bench.told(2).await;
    assert_eq!(header(&told[0].0, "webhook-id"), header(&told[1].0, "webhook-id"));
    assert_ne!(header(&told[0].0, "webhook-timestamp"), header(&told[1].0, "webhook-timestamp"));
    assert_eq!(told[0].1, told[1].1);
}

#[tokio::test]
async fn what_waits_survives_a_restart() {
    let mut bench = Bench::new().await;
    let hook = bench.hook(&["review.completed"]).await;
    bench.review(&bench.owner, json!({"status": "complete"})).await;
    bench.settled(&hook, "waiting").await;
    bench.server.restart(Some(TestServer::acme())).await;
    bench.owner = bench.server.owner();
    bench.receiver.will_answer(200, "");
    bench.server.wait(Duration::from_secs(90));
    bench.settled(&hook, "delivered").await;
}

#[tokio::test]
async fn webhooks_are_changed_by_those_who_configure_and_say_what_is_wrong() {
    let bench = Bench::new().await;
    let hook = bench.hook(&["review.completed"]).await;
    let path = format!("/api/webhook/{}", text(&hook, "id"));
    let changed = bench.owner.patch(&path, json!({"active": false, "events": ["review.assigned"]})).await.ok();
    assert_eq!((&changed["active"], &changed["events"]), (&json!(false), &json!(["review.assigned"])));
    for (wrong, hint) in [
        (json!({"url": "nowhere"}), "is no URL"),
        (json!({"url": "https://a:b@example.com"}), "a password"),
        (json!({"events": []}), "at least one"),
        (json!({"events": ["row.arrived"]}), "review.completed"),
        (json!({"name": ""}), "name"),
    ] {
        let answer = bench.owner.patch(&path, wrong).await;
        assert!(answer.status == 422 && answer.problem().2.contains(hint), "{}", answer.body);
    }
    let reviewer = bench.server.member("reviewer").await;
    assert_eq!(reviewer.client.get(&format!("{path}/delivery")).await.problem().0, 403);
    assert_eq!(bench.owner.delete(&path).await.status, 204);
    assert_eq!(bench.owner.patch(&path, json!({})).await.problem().0, 404);
    assert_eq!(bench.owner.post(&format!("{path}/test"), json!({})).await.problem().0, 404);
}
