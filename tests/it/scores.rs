//! Score configurations.

use concord_tests::client::text;
use concord_tests::server::TestServer;
use serde_json::{Value, json};

fn quality() -> Value {
    json!({"categories": [{"name": "Good", "value": 1}, {"name": "Bad", "value": 0}]})
}

#[tokio::test]
async fn each_offered_kind_is_kept_as_it_was_sent() {
    let server = TestServer::start().await;
    let project = server.project("Bot").await;
    let tone = server.score(&project, "Tone", "slider", json!({"description": "How it sounds"})).await;
    for key in ["id", "project_id", "user_id", "created", "name", "description", "score_type", "position"] {
        assert!(tone[key].is_string(), "{key}");
    }
    assert!(tone["categories"].is_null() && tone["config"].is_null());
    assert_eq!(
        server.score(&project, "Quality", "categorical", quality()).await["categories"],
        quality()["categories"]
    );
    let mut several = quality();
    several["config"] = json!({"destination": "expected", "multi_select": true, "visibility": {"users": []}});
    assert_eq!(server.score(&project, "Why", "categorical", several.clone()).await["config"], several["config"]);
    let notes = json!({"config": {"destination": "metadata.review.\"odd key\""}});
    assert_eq!(server.score(&project, "Notes", "free-form", notes.clone()).await["config"], notes["config"]);

    let list = server.owner().get(&format!("/v1/project_score?project_id={project}")).await.ok();
    let names: Vec<&str> =
        list["objects"].as_array().expect("objects").iter().map(|score| text(score, "name")).collect();
    assert_eq!(names, ["Notes", "Why", "Quality", "Tone"], "newest first");
    let mut by_position = list["objects"].as_array().expect("objects").clone();
    by_position.sort_by(|a, b| text(a, "position").cmp(text(b, "position")));
    let names: Vec<&str> = by_position.iter().map(|score| text(score, "name")).collect();
    assert_eq!(names, ["Tone", "Quality", "Why", "Notes"], "a new one goes last");
}

#[tokio::test]
async fn refusals_say_what_would_be_right() {
    let server = TestServer::start().await;
    let project = server.project("Bot").await;
    let post = |name: &str, kind: &str, more: Value| {
        let mut body = json!({"project_id": project, "name": name, "score_type": kind});
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let owner = server.owner();
        async move { owner.post("/v1/project_score", body).await }
    };
    let twice = json!({"categories": [{"name": "A", "value": 0.5}, {"name": "B", "value": 0.5}]});
    for (name, kind, more, hint) in [
        ("Sum", "weighted", json!({"categories": ["A"]}), "scores and their weights"),
        ("Q", "slider", json!({"config": {"condition": {"behavior": "blink"}}}), "\"hidden\""),
        ("Stars", "stars", json!({}), "slider, categorical, free-form"),
        ("Q", "categorical", json!({}), "\"value\": 1"),
        ("Q", "categorical", twice, "values must differ"),
        ("Q", "slider", json!({"config": {"aggregate": "max"}}), "mean, median, majority or latest"),
        ("Q", "free-form", json!({"config": {"destination": "output"}}), "metadata.reason"),
        ("__proto__", "slider", json!({}), "__proto__"),
        ("", "slider", json!({}), "1 to 128 bytes"),
    ] {
        let answer = post(name, kind, more).await;
        let (status, _, detail) = answer.problem();
        assert!(status == 422 && detail.contains(hint), "{name} {kind}: {status} {detail}");
    }
}

#[tokio::test]
async fn post_keeps_put_replaces_patch_merges_delete_forgets() {
    let server = TestServer::start().await;
    let owner = server.owner();
    let project = server.project("Bot").await;
    let first = server.score(&project, "Quality", "categorical", quality()).await;
    let path = format!("/v1/project_score/{}", text(&first, "id"));

    let other = json!({"project_id": project, "name": "Quality", "score_type": "slider"});
    let kept = owner.post("/v1/project_score", other.clone()).await;
    assert_eq!((kept.text_header("x-bt-found-existing"), &kept.body), ("true", &first));

    let replaced = owner.put("/v1/project_score", other).await.ok();
    assert_eq!((&replaced["id"], &replaced["position"]), (&first["id"], &first["position"]));
    assert_eq!((&replaced["score_type"], &replaced["categories"]), (&json!("slider"), &Value::Null));
    let made = json!({"project_id": project, "name": "Made", "score_type": "slider"});
    assert_eq!(owner.put("/v1/project_score", made).await.ok()["name"], "Made");

    owner.patch(&path, json!({"config": {"aggregate": "median", "visibility": {"users": ["x"]}}})).await.ok();
    let merged = owner.patch(&path, json!({"config": {"aggregate": "latest"}, "description": "New"})).await.ok();
    assert_eq!(merged["config"], json!({"aggregate": "latest", "visibility": {"users": ["x"]}}));
    assert_eq!(
        owner.patch(&path, json!({"description": null})).await.ok()["description"],
        "New",
        "null clears nothing"
    );
    assert_eq!(owner.patch(&path, json!({"name": "Made"})).await.problem().1, "conflict");
    assert_eq!(owner.patch(&path, json!({"score_type": "categorical"})).await.problem().0, 422);
    assert_eq!(owner.patch(&path, json!({"position": "zz"})).await.ok()["position"], "zz");
    let last = server.score(&project, "Last", "slider", json!({})).await;
    assert!(text(&last, "position") > "zz");

    assert_eq!(owner.delete(&path).await.ok()["id"], first["id"]);
    assert_eq!(owner.get(&path).await.problem().1, "not-found");
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let server = TestServer::start().await;
    let owner = server.owner();
    let (bot, other) = (server.project("Bot").await, server.project("Other").await);
    let tone = server.score(&bot, "Tone", "slider", json!({})).await;
    let quality = server.score(&bot, "Quality", "categorical", quality()).await;
    let elsewhere = server.score(&other, "Tone", "slider", json!({})).await;
    let (tone, quality, elsewhere) = (text(&tone, "id"), text(&quality, "id"), text(&elsewhere, "id"));
    let unknown = uuid::Uuid::now_v7().to_string();
    for (query, expected) in [
        (String::new(), vec![elsewhere, quality, tone]),
        (format!("project_id={bot}"), vec![quality, tone]),
        ("project_name=Other".to_owned(), vec![elsewhere]),
        ("project_score_name=Tone".to_owned(), vec![elsewhere, tone]),
        ("score_type=categorical&score_type=free-form".to_owned(), vec![quality]),
        (format!("ids={tone}&ids={quality}"), vec![quality, tone]),
        ("limit=1".to_owned(), vec![elsewhere]),
        (format!("limit=1&starting_after={elsewhere}"), vec![quality]),
        (format!("starting_after={tone}"), vec![]),
        (format!("limit=1&ending_before={tone}"), vec![quality]),
        ("org_name=Rival".to_owned(), vec![]),
    ] {
        let page = owner.get(&format!("/v1/project_score?{query}")).await.ok();
        let ids: Vec<&str> =
            page["objects"].as_array().expect("objects").iter().map(|score| text(score, "id")).collect();
        assert_eq!(ids, expected, "{query}");
    }
    assert_eq!(owner.get(&format!("/v1/project_score?starting_after={unknown}")).await.problem().0, 400);
}
