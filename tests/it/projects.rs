//! Projects, by both generations of Braintrust's calls.

use concord_tests::client::text;
use concord_tests::server::TestServer;
use serde_json::{Value, json};

#[tokio::test]
async fn login_tells_a_client_where_everything_is() {
    let server = TestServer::start().await;
    let answer = server.owner().send_raw("/api/apikey/login", Vec::new()).await.ok();
    let org = &answer["org_info"][0];
    assert_eq!((text(org, "name"), text(org, "api_url"), text(org, "proxy_url")), ("Acme", &*server.url, &*server.url));
    assert!(org["git_metadata"].is_null() && org["id"].is_string());
    assert_eq!(server.nobody().post("/api/apikey/login", json!({})).await.problem().0, 401);
    let unknown = server.nobody().with_key("sk-wrong").post("/api/apikey/login", json!({})).await;
    assert!(!unknown.body.to_string().contains("sk-wrong"), "keys are never echoed");
}

#[tokio::test]
async fn creating_a_project_twice_returns_the_first() {
    let server = TestServer::start().await;
    let owner = server.owner();
    let body = json!({"name": "Support Bot", "description": "first", "org_name": "Acme"});
    let first = owner.post("/v1/project", body).await;
    assert_eq!(first.text_header("x-bt-found-existing"), "");
    let first = first.ok();
    for key in ["id", "org_id", "name", "description", "created", "deleted_at", "user_id", "settings"] {
        assert!(first.get(key).is_some(), "{key}");
    }
    let again = owner.post("/v1/project", json!({"name": "Support Bot", "description": "second"})).await;
    assert_eq!((again.text_header("x-bt-found-existing"), &again.body), ("true", &first));

    let org_id = text(&first, "org_id");
    let register = json!({"project_name": "Support Bot", "org_id": org_id});
    assert_eq!(
        owner.post("/api/project/register", register).await.ok(),
        json!({"project": first, "found_existing": true})
    );
    let unnamed = owner.post("/api/project/register", json!({"org_id": org_id})).await.ok();
    assert_eq!((&unnamed["project"]["name"], &unnamed["found_existing"]), (&json!("Global"), &json!(false)));
    let elsewhere = json!({"project_name": "Bot", "org_id": uuid::Uuid::now_v7().to_string()});
    assert_eq!(owner.post("/api/project/register", elsewhere).await.problem().0, 403);

    let id = text(&first, "id");
    assert_eq!(owner.get(&format!("/v1/project/{id}")).await.ok(), first);
    let found = owner.get(&format!("/api/project?id={id}")).await.ok();
    assert_eq!(found, json!({"name": "Support Bot", "project": first}));
}

#[tokio::test]
async fn at_once_made_projects_of_one_name_are_one() {
    let server = TestServer::start().await;
    let owner = server.owner();
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let owner = owner.clone();
            tokio::spawn(
                async move { text(&owner.post("/v1/project", json!({"name": "Bot"})).await.ok(), "id").to_owned() },
            )
        })
        .collect();
    let mut ids = Vec::new();
    for task in tasks {
        ids.push(task.await.expect("an answer"));
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
}

#[tokio::test]
async fn lists_page_newest_first_until_a_page_is_empty() {
    let server = TestServer::start().await;
    let mut made = Vec::new();
    for number in 0..5 {
        made.insert(0, server.project(&format!("Project {number}")).await);
    }
    let ids = |page: Value| -> Vec<String> {
        page["objects"].as_array().expect("objects").iter().map(|object| text(object, "id").to_owned()).collect()
    };
    let list = |query: String| {
        let owner = server.owner();
        async move { owner.get(&format!("/v1/project?{query}")).await }
    };
    let (mut seen, mut query) = (Vec::new(), "limit=2".to_owned());
    loop {
        let page = ids(list(query).await.ok());
        let Some(last) = page.last() else { break };
        query = format!("limit=2&starting_after={last}");
        seen.extend(page);
    }
    assert_eq!(seen, made);
    assert_eq!(ids(list(format!("limit=2&ending_before={}", made[3])).await.ok()), made[1..3]);
    assert_eq!(ids(list(format!("ids={}&ids={}", made[4], made[0])).await.ok()), [made[0].clone(), made[4].clone()]);
    assert_eq!(ids(list("project_name=Project%203".to_owned()).await.ok()), made[1..2]);
    assert_eq!(ids(list("org_name=Acme".to_owned()).await.ok()), made);
    assert!(ids(list("org_name=ACME".to_owned()).await.ok()).is_empty());
    let unknown = list(format!("starting_after={}", uuid::Uuid::now_v7())).await;
    assert_eq!(unknown.problem().0, 400, "an unknown cursor is not page one");
}

#[tokio::test]
async fn a_project_is_renamed_and_deleted() {
    let server = TestServer::start().await;
    let owner = server.owner();
    let (id, other) = (server.project("Bot").await, server.project("Other").await);
    let path = format!("/v1/project/{id}");
    let changed = owner.patch(&path, json!({"name": "Renamed", "settings": {"comparison_key": "input"}})).await.ok();
    assert_eq!((&changed["name"], &changed["settings"]), (&json!("Renamed"), &json!({"comparison_key": "input"})));
    assert_eq!(owner.patch(&path, json!({"settings": {"a": 1}})).await.ok()["settings"], json!({"a": 1}));
    assert_eq!(owner.patch(&path, json!({"name": "Other"})).await.problem().1, "conflict");
    assert_eq!(owner.patch(&path, json!({"name": " "})).await.problem().1, "invalid-value");

    assert!(owner.delete(&path).await.ok()["deleted_at"].is_string());
    assert_eq!(owner.get(&path).await.problem().1, "not-found");
    assert_eq!(owner.get("/v1/project").await.ok()["objects"][0]["id"], other);
    assert_ne!(server.project("Renamed").await, id, "its name is free again");
}
