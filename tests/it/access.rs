//! Who may do what: every route with every kind of caller; origins, tickets, organizations.

use std::time::Duration;

use concord_server::accounts;
use concord_server::config::FirstStart;
use concord_server::domain::account::secret::Secret;
use concord_tests::client::{Client, text};
use concord_tests::server::TestServer;
use reqwest::Method;
use reqwest::header::{HOST, HeaderName, ORIGIN, UPGRADE};
use serde_json::{Value, json};

/// Owner, lead, reviewer, viewer, ingest key, feedback key, nobody.
const CALLERS: [&str; 7] = ["owner", "lead", "reviewer", "viewer", "ingest", "feedback", "nobody"];
const OPEN: &str = "owner lead reviewer viewer ingest feedback nobody";
const MEMBERS: &str = "owner lead reviewer viewer";
const LEADS: &str = "owner lead";

/// Method, path, a body that can be read, who is let through. `{p}` is a project, `{x}` an id of nothing.
fn table() -> Vec<(Method, &'static str, Value, &'static str)> {
    let (get, post, patch, delete) = (Method::GET, Method::POST, Method::PATCH, Method::DELETE);
    let tag = json!({"project_id": "{p}", "name": "late"});
    let view = json!({"object_type": "project", "object_id": "{p}", "name": "Late"});
    let score = json!({"project_id": "{p}", "name": "Tone", "score_type": "slider"});
    vec![
        (get.clone(), "/health", json!(null), OPEN),
        (get.clone(), "/ready", json!(null), OPEN),
        (get.clone(), "/version", json!(null), OPEN),
        (get.clone(), "/v1", json!(null), OPEN),
        (get.clone(), "/metrics", json!(null), LEADS),
        (get.clone(), "/api/setup", json!(null), OPEN),
        (get.clone(), "/api/invitation/guess", json!(null), OPEN),
        (delete.clone(), "/api/session", json!(null), OPEN),
        (get.clone(), "/api/session", json!(null), "owner lead reviewer viewer ingest"),
        (post.clone(), "/api/apikey/login", json!(null), "owner lead reviewer viewer ingest"),
        (post.clone(), "/api/ticket", json!(null), OPEN),
        (get.clone(), "/api/member", json!(null), MEMBERS),
        (post.clone(), "/api/member", json!({"email": "bad", "name": "x", "role": "viewer"}), "owner"),
        (patch.clone(), "/api/member/{x}", json!({"role": "viewer"}), "owner"),
        (delete.clone(), "/api/member/{x}", json!(null), "owner"),
        (post.clone(), "/api/member/{x}/invitation", json!(null), "owner"),
        (get.clone(), "/api/key", json!(null), MEMBERS),
        (post.clone(), "/api/key", json!({"name": "k"}), MEMBERS),
        (delete.clone(), "/api/key/{x}", json!(null), MEMBERS),
        (get.clone(), "/api/feedback-key", json!(null), LEADS),
        (post.clone(), "/api/feedback-key", json!({"project_id": "{x}", "scores": []}), LEADS),
        (delete.clone(), "/api/feedback-key/{x}", json!(null), LEADS),
        (get.clone(), "/v1/project", json!(null), MEMBERS),
        (post.clone(), "/v1/project", json!({"name": "Bot"}), "owner lead reviewer ingest"),
        (post.clone(), "/api/project/register", json!({"project_name": "Bot"}), "owner lead reviewer ingest"),
        (get.clone(), "/v1/project/{p}", json!(null), "owner lead reviewer viewer ingest"),
        (get.clone(), "/api/project?id={p}", json!(null), "owner lead reviewer viewer ingest"),
        (patch.clone(), "/v1/project/{x}", json!({}), LEADS),
        (delete.clone(), "/v1/project/{x}", json!(null), LEADS),
        (post.clone(), "/api/project/get", json!({"name": "Bot"}), "owner lead reviewer viewer ingest"),
        (get.clone(), "/v1/user", json!(null), MEMBERS),
        (get.clone(), "/v1/user/{x}", json!(null), MEMBERS),
        (get.clone(), "/v1/organization", json!(null), MEMBERS),
        (get.clone(), "/v1/organization/{x}", json!(null), MEMBERS),
        (patch.clone(), "/v1/organization/{x}", json!({}), "owner"),
        (get.clone(), "/ping", json!(null), "owner lead reviewer viewer ingest"),
        (get.clone(), "/openapi.json", json!(null), OPEN),
        (
            post.clone(),
            "/attachment",
            json!({"key": "k", "filename": "f", "content_type": "t"}),
            "owner lead reviewer ingest",
        ),
        (get.clone(), "/attachment?key={x}", json!(null), MEMBERS),
        (
            post.clone(),
            "/attachment/status",
            json!({"key": "k", "status": {"upload_status": "error"}}),
            "owner lead reviewer ingest",
        ),
        (get.clone(), "/file/guess", json!(null), OPEN),
        (Method::PUT, "/file/guess", json!({}), OPEN),
        (post.clone(), "/logs3/overflow", json!({}), "owner lead reviewer ingest"),
        (get.clone(), "/api/count?object_type=project_logs&object_id={p}", json!(null), MEMBERS),
        (get.clone(), "/api/facet?object_type=project_logs&object_id={p}&field=tags", json!(null), MEMBERS),
        (get.clone(), "/api/histogram?object_type=project_logs&object_id={p}", json!(null), MEMBERS),
        (
            post.clone(),
            "/api/review/bulk",
            json!({"object_type": "project_logs", "object_id": "{p}", "row_ids": [], "status": "awaiting"}),
            "owner lead reviewer",
        ),
        (
            post.clone(),
            "/api/dataset/{x}/add",
            json!({"object_type": "project_logs", "object_id": "{p}", "row_ids": []}),
            "owner lead reviewer",
        ),
        (post.clone(), "/api/dataset/{x}/import?format=csv", json!({}), "owner lead reviewer ingest"),
        (post.clone(), "/api/dataset/{x}/import/preview?format=csv", json!({}), "owner lead reviewer ingest"),
        (get.clone(), "/api/export?object_type=project_logs&object_id={p}&format=csv", json!(null), MEMBERS),
        (
            post.clone(),
            "/api/export",
            json!({"object_type": "project_logs", "object_id": "{p}", "row_ids": [], "format": "csv"}),
            MEMBERS,
        ),
        (get.clone(), "/api/webhook?project_id={p}", json!(null), LEADS),
        (
            post.clone(),
            "/api/webhook",
            json!({"project_id": "{x}", "name": "n", "url": "https://example.com", "events": ["review.completed"]}),
            LEADS,
        ),
        (patch.clone(), "/api/webhook/{x}", json!({}), LEADS),
        (delete.clone(), "/api/webhook/{x}", json!(null), LEADS),
        (get.clone(), "/api/webhook/{x}/delivery", json!(null), LEADS),
        (post.clone(), "/api/webhook/{x}/test", json!(null), LEADS),
        (get.clone(), "/api/review/queue?project_id={p}&kind=project_logs", json!(null), MEMBERS),
        (get.clone(), "/api/review/counts?project_id={p}", json!(null), MEMBERS),
        (
            post.clone(),
            "/api/review/hold",
            json!({"object_type": "project_logs", "object_id": "{p}", "row_id": "{x}"}),
            "owner lead reviewer",
        ),
        (
            delete.clone(),
            "/api/review/hold",
            json!({"object_type": "project_logs", "object_id": "{p}", "row_id": "{x}"}),
            "owner lead reviewer",
        ),
        (get.clone(), "/api/notification", json!(null), MEMBERS),
        (post.clone(), "/api/notification/read", json!({"up_to": "0"}), MEMBERS),
        (get.clone(), "/v1/project_tag", json!(null), MEMBERS),
        (post.clone(), "/v1/project_tag", tag.clone(), LEADS),
        (Method::PUT, "/v1/project_tag", tag, LEADS),
        (get.clone(), "/v1/project_tag/{x}", json!(null), MEMBERS),
        (patch.clone(), "/v1/project_tag/{x}", json!({}), LEADS),
        (delete.clone(), "/v1/project_tag/{x}", json!(null), LEADS),
        (get.clone(), "/v1/view?object_type=project&object_id={p}", json!(null), MEMBERS),
        (post.clone(), "/v1/view", view.clone(), "owner lead reviewer"),
        // The owner made it; reviewers replace their own.
        (Method::PUT, "/v1/view", view.clone(), LEADS),
        (get.clone(), "/v1/view/{x}?object_type=project&object_id={p}", json!(null), MEMBERS),
        (patch.clone(), "/v1/view/{x}", view.clone(), "owner lead reviewer"),
        (delete.clone(), "/v1/view/{x}", view, "owner lead reviewer"),
        (get.clone(), "/v1/project_score", json!(null), MEMBERS),
        (post, "/v1/project_score", score.clone(), LEADS),
        (Method::PUT, "/v1/project_score", score, LEADS),
        (get.clone(), "/v1/project_score/{x}", json!(null), MEMBERS),
        (patch, "/v1/project_score/{x}", json!({}), LEADS),
        (delete, "/v1/project_score/{x}", json!(null), LEADS),
        (Method::POST, "/v1/insert", json!({}), "owner lead reviewer ingest"),
        (Method::POST, "/logs3", json!({"rows": []}), "owner lead reviewer ingest"),
        (Method::POST, "/btql", json!({"query": "select: * | from: project_logs('{p}')"}), MEMBERS),
        (get.clone(), "/api/filter/fields?object_type=project_logs&object_id={p}", json!(null), MEMBERS),
        (
            Method::POST,
            "/api/filter/parse",
            json!({"object_type": "project_logs", "object_id": "{p}", "text": "true"}),
            MEMBERS,
        ),
        (
            Method::POST,
            "/api/filter/english",
            json!({"object_type": "project_logs", "object_id": "{p}", "text": "errors"}),
            MEMBERS,
        ),
        (Method::POST, "/otel/v1/traces", json!({"resourceSpans": []}), "owner lead reviewer ingest"),
        (Method::POST, "/v1/project_logs/{p}/insert", json!({"events": []}), "owner lead reviewer ingest"),
        (Method::POST, "/v1/project_logs/{p}/feedback", json!({"feedback": []}), "owner lead reviewer ingest feedback"),
        (get.clone(), "/v1/project_logs/{p}/fetch", json!(null), MEMBERS),
        (Method::POST, "/v1/project_logs/{p}/fetch", json!({}), MEMBERS),
        (get.clone(), "/v1/experiment", json!(null), MEMBERS),
        (get.clone(), "/v1/dataset", json!(null), MEMBERS),
        (get.clone(), "/v1/experiment?experiment_name=e", json!(null), "owner lead reviewer viewer ingest"),
        (Method::POST, "/v1/experiment", json!({"project_id": "{p}", "name": "e"}), "owner lead reviewer ingest"),
        (Method::POST, "/v1/dataset", json!({"project_id": "{p}", "name": "d"}), "owner lead reviewer ingest"),
        (Method::POST, "/api/experiment/register", json!({"project_name": "Bot"}), "owner lead reviewer ingest"),
        (Method::POST, "/api/dataset/register", json!({"project_name": "Bot"}), "owner lead reviewer ingest"),
        (Method::POST, "/api/experiment/get", json!({"experiment_name": "e"}), "owner lead reviewer viewer ingest"),
        (Method::POST, "/api/base_experiment/get_id", json!({"id": "{x}"}), "owner lead reviewer viewer ingest"),
        (
            Method::POST,
            "/api/self/get_object_info",
            json!({"object_type": "dataset", "object_ids": []}),
            "owner lead reviewer viewer ingest",
        ),
        (get.clone(), "/v1/experiment/{x}", json!(null), "owner lead reviewer viewer ingest"),
        (get.clone(), "/v1/dataset/{x}", json!(null), "owner lead reviewer viewer ingest"),
        (get.clone(), "/environment-object/dataset/{x}/prod", json!(null), "owner lead reviewer viewer ingest"),
        (get.clone(), "/v1/experiment/{x}/summarize?summarize_scores=true", json!(null), MEMBERS),
        (get.clone(), "/v1/dataset/{x}/summarize", json!(null), MEMBERS),
        (get.clone(), "/experiment-comparison2?experiment_id={x}", json!(null), MEMBERS),
        (get.clone(), "/api/object/overview?object_type=dataset&project_id={p}", json!(null), MEMBERS),
        (get.clone(), "/dataset-summary?dataset_id={x}", json!(null), MEMBERS),
        (Method::PATCH, "/v1/experiment/{x}", json!({}), LEADS),
        (Method::DELETE, "/v1/dataset/{x}", json!(null), LEADS),
        (Method::POST, "/v1/dataset/{x}/insert", json!({"events": []}), "owner lead reviewer ingest"),
        (Method::POST, "/v1/experiment/{x}/feedback", json!({"feedback": []}), "owner lead reviewer ingest feedback"),
        (Method::POST, "/v1/dataset/{x}/fetch", json!({}), MEMBERS),
        (get.clone(), "/api/project/overview", json!(null), MEMBERS),
        (get.clone(), "/api/trace?object_type=project_logs&object_id={p}", json!(null), MEMBERS),
        (get.clone(), "/api/trace/{x}?object_type=project_logs&object_id={p}", json!(null), MEMBERS),
        (get.clone(), "/api/span?object_type=project_logs&object_id={p}&id={x}", json!(null), MEMBERS),
        (get.clone(), "/api/locate?object_type=project_logs&object_id={p}&id={x}", json!(null), MEMBERS),
        (get.clone(), "/api/metrics?object_type=project_logs&object_id={p}", json!(null), MEMBERS),
        (
            Method::POST,
            "/api/review/open",
            json!({"object_type": "project_logs", "object_id": "{p}", "row_id": "{x}"}),
            MEMBERS,
        ),
        (get.clone(), "/api/review/11111111111111114Ki9Gx", json!(null), MEMBERS),
        (get.clone(), "/api/review/11111111111111114Ki9Gx/history", json!(null), MEMBERS),
        (get, "/api/nothing/of/that/name", json!(null), "owner lead reviewer viewer ingest feedback"),
    ]
}

#[tokio::test]
async fn every_route_lets_through_whom_the_table_names_and_nobody_else() {
    let server = TestServer::start().await;
    let project = server.project("Bot").await;
    let clients = callers(&server, &project).await;
    let nothing = uuid::Uuid::now_v7().to_string();
    let fill = |text: &str| text.replace("{p}", &project).replace("{x}", &nothing);
    let mut wrong = Vec::new();
    for (method, path, body, allowed) in table() {
        let body: Value = serde_json::from_str(&fill(&body.to_string())).expect("JSON");
        for (caller, client) in CALLERS.iter().zip(&clients) {
            let answer = client.send(method.clone(), &fill(path), Some(&body).filter(|body| !body.is_null())).await;
            let expected = match (allowed.split(' ').any(|name| name == *caller), *caller) {
                _ if path == "/api/ticket" => {
                    if *caller == "nobody" {
                        "401"
                    } else {
                        "through"
                    }
                }
                (true, _) => "through",
                (false, "nobody") => "401",
                (false, _) => "403",
            };
            let seen = match answer.status.as_u16() {
                401 => "401",
                403 => "403",
                500.. => "failed",
                _ => "through",
            };
            if seen != expected {
                wrong.push(format!(
                    "{method} {path} as {caller}: {expected} expected, {} {}",
                    answer.status, answer.body
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Sockets are asked elsewhere; signing in and setting up have no callers yet.
const ASKED_ELSEWHERE: [&str; 5] =
    ["get /sync", "get /live", "post /api/session", "post /api/setup", "post /api/invitation/{token}"];

/// The kinds of containers share their handlers: what one is asked holds for all.
fn one_kind(path: &str) -> String {
    ["/v1/dataset/{", "/v1/project_logs/{"]
        .iter()
        .fold(path.to_owned(), |path, kind| path.replace(kind, "/v1/experiment/{"))
}

#[tokio::test]
async fn every_described_route_is_in_the_table() {
    let server = TestServer::start().await;
    let document = server.nobody().get("/openapi.json").await.ok();
    let asked: Vec<(String, Vec<String>)> = table()
        .iter()
        .map(|(method, path, _, _)| {
            let path = one_kind(path.split('?').next().unwrap_or_default());
            (method.as_str().to_lowercase(), path.split('/').map(str::to_owned).collect())
        })
        .collect();
    let mut missing = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("a path").keys() {
            let path = one_kind(path);
            let parts: Vec<&str> = path.split('/').collect();
            let alike = |(known, asked): &(String, Vec<String>)| {
                known == method
                    && asked.len() == parts.len()
                    && asked.iter().zip(&parts).all(|(asked, part)| part.starts_with('{') || asked == part)
            };
            let name = format!("{method} {path}");
            if !asked.iter().any(alike) && !ASKED_ELSEWHERE.contains(&name.as_str()) {
                missing.push(name);
            }
        }
    }
    assert!(missing.is_empty(), "add them to the table: {missing:#?}");
}

async fn callers(server: &TestServer, project: &str) -> Vec<Client> {
    let mut clients = vec![server.owner()];
    for role in ["lead", "reviewer", "viewer"] {
        clients.push(server.member(role).await.client);
    }
    let ingest = server.owner().post("/api/key", json!({"name": "sdk", "scope": "ingest"})).await.ok();
    clients.push(server.nobody().with_key(text(&ingest, "key")));
    server.score(project, "Thumbs", "slider", json!({})).await;
    let feedback = json!({"project_id": project, "scores": ["Thumbs"]});
    let feedback = server.owner().post("/api/feedback-key", feedback).await.ok();
    clients.push(server.nobody().with_key(text(&feedback, "key")));
    clients.push(server.nobody());
    clients
}

#[tokio::test]
async fn a_cookie_acts_for_our_own_pages_only() {
    let server = TestServer::start().await;
    let session = server.owner_session().await;
    let make = |client: Client| async move { client.post("/v1/project", json!({"name": "Bot"})).await };
    let host = server.url.trim_start_matches("http://").to_owned();
    assert_eq!(make(session.with_header(ORIGIN, &server.url)).await.status, 200);
    let proxied = session.with_header(HOST, "concord.example.com").with_header(ORIGIN, "https://concord.example.com");
    assert_eq!(make(proxied).await.status, 200);
    for origin in ["https://evil.example", "null", &format!("http://{host}.evil.example")] {
        assert_eq!(make(session.with_header(ORIGIN, origin)).await.problem().1, "forbidden", "{origin}");
    }
    let cross_site = session.with_header(HeaderName::from_static("sec-fetch-site"), "cross-site");
    assert_eq!(make(cross_site).await.status, 403);
    let reading = session.with_header(ORIGIN, "https://evil.example").get("/v1/project").await;
    assert_eq!((reading.status.as_u16(), reading.text_header("access-control-allow-credentials")), (200, ""));
    assert_eq!(make(server.owner().with_header(ORIGIN, "https://any.example")).await.status, 200, "a key may");
    let socket = session.with_header(ORIGIN, "https://evil.example").with_header(UPGRADE, "websocket");
    assert_eq!(socket.get("/api/session").await.status, 403, "sockets are checked although they are GET");
}

#[tokio::test]
async fn a_ticket_opens_one_socket_within_half_a_minute() {
    let server = TestServer::start().await;
    let member = server.member("reviewer").await;
    let socket = server.nobody().with_header(UPGRADE, "websocket");
    let ticket = || async {
        format!("/api/session?ticket={}", text(&member.client.post("/api/ticket", json!({})).await.ok(), "ticket"))
    };
    let path = ticket().await;
    assert_eq!(server.nobody().get(&path).await.status, 401, "for sockets only");
    assert_eq!(socket.get(&path).await.ok()["user"]["id"], member.id);
    assert_eq!(socket.get(&path).await.problem().1, "unauthenticated");
    let late = ticket().await;
    server.wait(Duration::from_secs(30));
    assert_eq!(socket.get(&late).await.status, 401);
    let orphaned = ticket().await;
    server.owner().delete(&format!("/api/member/{}", member.id)).await;
    assert_eq!(socket.get(&orphaned).await.status, 401);
}

#[tokio::test]
async fn sockets_need_credentials_and_an_upgrade() {
    let server = TestServer::start().await;
    for path in ["/sync", "/live"] {
        assert_eq!(server.nobody().get(path).await.problem().0, 401, "{path}");
        let answer = server.owner().get(path).await;
        assert!(answer.problem().2.contains("pgrade"), "{path}: {:?}", answer.problem());
    }
}

#[tokio::test]
async fn revocations_are_announced_to_open_sockets() {
    let server = TestServer::start().await;
    let member = server.member("reviewer").await;
    let mut revocations = server.app().access.subscribe();
    server.owner().delete(&format!("/api/member/{}", member.id)).await;
    let revocation = revocations.recv().await.expect("an announcement");
    assert_eq!(format!("{revocation:?}"), format!("Member(MemberId({}))", member.id));
}

#[tokio::test]
async fn a_feedback_key_is_limited_to_its_pages() {
    let server = TestServer::start().await;
    let project = server.project("Bot").await;
    server.score(&project, "Thumbs", "slider", json!({})).await;
    let body = |scores: Value, origins: Value| json!({"project_id": project, "scores": scores, "origins": origins});
    let post = |body: Value| async { server.owner().post("/api/feedback-key", body).await };
    let misspelt = post(body(json!(["Thumb"]), json!([]))).await;
    assert!(misspelt.problem().2.contains("did you mean \"Thumbs\""), "{:?}", misspelt.problem());
    assert_eq!(post(body(json!(["Thumbs"]), json!(["app.example.com"]))).await.status, 422);
    assert_eq!(post(body(json!([]), json!([]))).await.status, 422);

    let made = post(body(json!(["Thumbs"]), json!(["https://App.example.com/"]))).await.ok();
    assert!(text(&made, "key").starts_with("pk-"));
    let page = server.nobody().with_key(text(&made, "key"));
    assert_eq!(page.with_header(ORIGIN, "https://app.example.com").post("/api/ticket", json!({})).await.status, 200);
    assert_eq!(page.with_header(ORIGIN, "https://evil.example").post("/api/ticket", json!({})).await.status, 403);
    assert_eq!(page.post("/api/ticket", json!({})).await.status, 403);
    let path = format!("/api/feedback-key/{}", text(&made, "id"));
    assert_eq!(server.owner().delete(&path).await.status, 204);
    assert_eq!(page.with_header(ORIGIN, "https://app.example.com").post("/api/ticket", json!({})).await.status, 401);
}

#[tokio::test]
async fn another_organization_sees_nothing() {
    let server = TestServer::start().await;
    let project = server.project("Bot").await;
    let score = server.score(&project, "Tone", "slider", json!({})).await;
    let member = server.member("viewer").await;
    let experiment = json!({"project_id": project, "name": "May"});
    let experiment = server.owner().post("/v1/experiment", experiment).await.ok();
    let experiment = text(&experiment, "id");
    assert_eq!(server.owner().get(&format!("/v1/experiment/{experiment}/fetch")).await.status, 200, "it is known");
    let first = FirstStart {
        organization: "Rival".to_owned(),
        email: "rival@example.com".to_owned(),
        password: None,
        key: Some(Secret::given("sk-rival-key")),
    };
    let dataset = server.owner().post("/v1/dataset", json!({"project_id": project, "name": "golden"})).await.ok();
    let dataset = text(&dataset, "id");
    let hook =
        json!({"project_id": project, "name": "n", "url": "https://example.com", "events": ["review.completed"]});
    let hook = server.owner().post("/api/webhook", hook).await.ok();
    let hook = text(&hook, "id");
    let app = server.app();
    accounts::add_organization(&*app.store, &app.passwords, &first, server.now()).await.expect("another organization");
    let rival = server.nobody().with_key("sk-rival-key");

    let own = server.owner().get(&format!("/v1/project/{project}")).await.ok();
    assert_eq!(own["name"], "Bot");
    let nowhere = rival.get(&format!("/v1/project/{}", uuid::Uuid::now_v7())).await;
    for (method, path) in [
        (Method::GET, format!("/v1/project/{project}")),
        (Method::DELETE, format!("/v1/project/{project}")),
        (Method::GET, format!("/api/project?id={project}")),
        (Method::GET, format!("/v1/project_score/{}", text(&score, "id"))),
        (Method::DELETE, format!("/v1/project_score/{}", text(&score, "id"))),
        (Method::DELETE, format!("/api/member/{}", member.id)),
        (Method::GET, format!("/v1/experiment/{experiment}")),
        (Method::DELETE, format!("/v1/experiment/{experiment}")),
        (Method::GET, format!("/v1/experiment/{experiment}/fetch")),
        (Method::GET, format!("/api/trace?object_type=experiment&object_id={experiment}")),
        (Method::GET, format!("/environment-object/dataset/{experiment}/prod")),
        (Method::POST, format!("/api/member/{}/invitation", member.id)),
        (Method::GET, format!("/api/review/queue?project_id={project}&kind=project_logs")),
        (Method::GET, format!("/api/review/counts?project_id={project}")),
        (Method::GET, format!("/api/export?object_type=dataset&object_id={dataset}&format=csv")),
        (Method::POST, format!("/api/dataset/{dataset}/import?format=csv")),
        (Method::POST, format!("/api/dataset/{dataset}/import/preview?format=csv")),
        (Method::GET, format!("/api/webhook?project_id={project}")),
        (Method::GET, format!("/api/webhook/{hook}/delivery")),
        (Method::POST, format!("/api/webhook/{hook}/test")),
        (Method::DELETE, format!("/api/webhook/{hook}")),
    ] {
        let answer = rival.send(method, &path, None).await;
        assert_eq!(answer.problem().1, nowhere.problem().1, "{path}");
    }
    for path in
        ["/v1/project", "/v1/experiment", "/v1/project_score", &format!("/v1/project_score?project_id={project}")]
    {
        assert_eq!(rival.get(path).await.ok(), json!({"objects": []}), "{path}");
    }
    let all = json!({"object_type": "project_logs", "object_id": project, "filter": "true", "format": "jsonl"});
    assert_eq!(rival.post("/api/export", all.clone()).await.status, 404);
    let own = rival.post("/v1/project", json!({"name": "Own"})).await.ok();
    let own = rival.post("/v1/dataset", json!({"project_id": own["id"], "name": "own"})).await.ok();
    let stolen = rival.post(&format!("/api/dataset/{}/add", text(&own, "id")), all).await;
    assert_eq!(stolen.status, 404, "nothing is taken from elsewhere into one's own");
    let create = json!({"project_id": project, "name": "Mine", "score_type": "slider"});
    assert_eq!(rival.post("/v1/project_score", create).await.status, 404);
    let row = json!({"rows": [{"id": "a", "experiment_id": experiment, "input": 1}]});
    assert_eq!(rival.post("/logs3", row).await.ok()["errors"][0]["id"], "a", "no row gets in");
    let foreign = rival.post("/v1/project", json!({"name": "Bot", "org_name": "Acme"})).await;
    assert_eq!(foreign.problem().2, "Organization Acme not found. Must be one of Rival");
    assert_ne!(rival.post("/v1/project", json!({"name": "Bot"})).await.ok()["id"], project);
}
