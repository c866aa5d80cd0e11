//! Tags, views, users, the organization: what clients configure and look up.

use concord_tests::client::{Client, text};
use concord_tests::server::TestServer;
use serde_json::{Value, json};

fn names(list: &Value) -> Vec<&str> {
    list["objects"].as_array().expect("objects").iter().map(|object| text(object, "name")).collect()
}

#[tokio::test]
async fn tags_are_made_replaced_changed_listed_and_deleted() {
    let server = TestServer::start().await;
    let owner = server.owner();
    let project = server.project("Bot").await;
    let body = |name: &str, color: &str| json!({"project_id": project, "name": name, "color": color});
    let late = owner.post("/v1/project_tag", body("late", "#ff0000")).await.ok();
    for key in ["id", "project_id", "user_id", "created", "name", "color", "position"] {
        assert!(late[key].is_string(), "{key}");
    }
    let rude = owner.post("/v1/project_tag", body("rude", "red")).await.ok();
    assert!(text(&late, "position") < text(&rude, "position"));
    let again = owner.post("/v1/project_tag", body("late", "blue")).await;
    assert_eq!((again.text_header("x-bt-found-existing"), &again.body), ("true", &late));
    assert_eq!(owner.put("/v1/project_tag", body("late", "blue")).await.ok()["color"], "blue");

    let path = format!("/v1/project_tag/{}", text(&late, "id"));
    let changed = owner.patch(&path, json!({"description": "Too slow", "position": "zz"})).await.ok();
    assert_eq!((&changed["color"], &changed["description"]), (&json!("blue"), &json!("Too slow")));
    assert_eq!(owner.patch(&path, json!({"name": "rude"})).await.problem().1, "conflict");
    let long = "x".repeat(65);
    assert!(owner.patch(&path, json!({"color": long})).await.problem().2.contains("64 bytes"));

    let list = async |query: &str| owner.get(&format!("/v1/project_tag?{query}")).await.ok();
    assert_eq!(names(&list("project_name=Bot").await), ["rude", "late"], "newest first");
    assert_eq!(names(&list("project_tag_name=late&limit=1").await), ["late"]);
    assert_eq!(names(&list(&format!("starting_after={}", text(&late, "id"))).await), [""; 0], "the list ends");
    assert_eq!(owner.delete(&path).await.ok()["id"], late["id"]);
    assert_eq!(owner.get(&path).await.problem().0, 404);
}

#[tokio::test]
async fn scores_are_asked_where_their_conditions_hold() {
    let server = TestServer::start().await;
    let owner = server.owner();
    let project = server.project("Bot").await;
    let condition = |when: Value| json!({"condition": {"when": when, "behavior": "hidden"}});
    for (name, config) in [
        ("Always", Value::Null),
        ("Of calls", condition(json!({"clauses": ["span_attributes.type = 'llm'", {"btql": "error is null"}]}))),
        ("Above tools", condition(json!({"subspan_clauses": ["span_attributes.type = 'tool'"]}))),
        ("Of broken traces", condition(json!({"trace_clauses": ["error is not null"]}))),
        ("Unreadable", condition(json!({"clauses": ["scores.Tone >"]}))),
    ] {
        let score = json!({"project_id": project, "name": name, "score_type": "slider", "config": config});
        owner.post("/v1/project_score", score).await.ok();
    }
    let span = |id: &str, parents: Value, kind: &str, error: Value| {
        json!({"id": id, "span_id": id, "root_span_id": "r",
        "span_parents": parents, "span_attributes": {"type": kind}, "error": error})
    };
    let rows = json!({"events": [
        span("r", Value::Null, "task", Value::Null),
        span("call", json!(["r"]), "llm", Value::Null),
        span("tool", json!(["call"]), "tool", json!("broke")),
        {"id": "alone", "span_attributes": {"type": "llm"}},
    ]});
    owner.post(&format!("/v1/project_logs/{project}/insert"), rows).await.ok();
    for (id, unasked) in [
        ("r", json!(["Of calls"])),
        ("call", json!([])),
        ("tool", json!(["Of calls", "Above tools"])),
        ("alone", json!(["Above tools", "Of broken traces"])),
    ] {
        let path = format!("/api/span?object_type=project_logs&object_id={project}&id={id}");
        let mut told = owner.get(&path).await.ok()["unasked"].as_array().expect("names").clone();
        told.sort_by_key(|name| ["Of calls", "Above tools", "Of broken traces"].iter().position(|known| known == name));
        assert_eq!(Value::from(told), unasked, "{id}");
    }
}

#[tokio::test]
async fn views_keep_what_was_sent_and_belong_to_an_object() {
    let server = TestServer::start().await;
    let owner = server.owner();
    let project = server.project("Bot").await;
    let data = json!({"search": {"filter": ["tags includes 'late'", {"btql": "x"}], "sort": [{"expr": {"btql": "created"}}]}, "odd": 1});
    let options = json!({"columnVisibility": {"input": false}, "layout": "kanban", "unknown": {"kept": [1.5, null]}});
    let body = json!({"object_type": "project", "object_id": project, "view_type": "for_review_project_log",
        "name": "Late", "view_data": data, "options": options});
    let made = owner.post("/v1/view", body.clone()).await.ok();
    assert_eq!((&made["view_data"], &made["options"]), (&data, &options));
    let other =
        json!({"object_type": "project", "object_id": project, "view_type": "for_review_project_log", "name": "Late"});
    assert_eq!(owner.post("/v1/view", other.clone()).await.ok(), made);
    let query = format!("object_type=project&object_id={project}");
    let path = format!("/v1/view/{}", text(&made, "id"));
    let merged =
        json!({"object_type": "project", "object_id": project, "options": {"layout": "list", "rowHeight": "tall"}});
    let merged = owner.patch(&path, merged).await.ok();
    assert_eq!((&merged["options"]["layout"], &merged["options"]["unknown"]), (&json!("list"), &options["unknown"]));
    assert_eq!(names(&owner.get(&format!("/v1/view?{query}&view_name=Late")).await.ok()), ["Late"]);
    assert_eq!(names(&owner.get(&format!("/v1/view?{query}&view_type=logs")).await.ok()), [""; 0]);
    assert_eq!(owner.get(&format!("{path}?{query}")).await.ok()["id"], made["id"]);
    assert_eq!(owner.put("/v1/view", other).await.ok()["view_data"], Value::Null, "replaced");

    let elsewhere = json!({"object_type": "project", "object_id": uuid::Uuid::now_v7(), "name": "x"});
    assert_eq!(owner.post("/v1/view", elsewhere.clone()).await.problem().0, 404);
    assert_eq!(owner.send(reqwest::Method::DELETE, &path, Some(&elsewhere)).await.problem().0, 404);
    assert_eq!(owner.get(&format!("{path}?object_type=organization&object_id={project}")).await.problem().0, 404);
    for (field, value, hint) in [
        ("object_type", json!("prompt"), "project_log"),
        ("view_type", json!("board"), "for_review_datasets"),
        ("options", json!([1]), "an object or null"),
        ("view_data", json!({"x": "x".repeat(70_000)}), "65536 bytes"),
    ] {
        let mut wrong = body.clone();
        wrong[field] = value;
        let answer = owner.post("/v1/view", wrong).await;
        let (status, _, detail) = answer.problem();
        assert!(status == 422 && detail.contains(hint), "{field}: {detail}");
    }
    let named = json!({"object_type": "project", "object_id": project});
    let deleted = owner.send(reqwest::Method::DELETE, &path, Some(&named)).await.ok();
    assert!(deleted["deleted_at"].is_string());
    assert_eq!(owner.get(&format!("{path}?{query}")).await.problem().0, 404);
}

#[tokio::test]
async fn personal_views_are_their_makers_and_shared_ones_are_changed_by_leads_or_their_maker() {
    let server = TestServer::start().await;
    let project = server.project("Bot").await;
    let [lead, eva, noor] =
        [server.member("lead").await, server.member("reviewer").await, server.member("reviewer").await];
    let query = format!("object_type=project_log&object_id={project}");
    let view = |name: &str, personal: bool| {
        json!({"object_type": "project_log", "object_id": project, "view_type": "logs", "name": name,
            "options": {"personal": personal, "viewType": "table"}})
    };
    let shared = eva.client.post("/v1/view", view("Late", false)).await.ok();
    let own = eva.client.post("/v1/view", view("My own", true)).await.ok();
    let list = async |client: &Client| client.get(&format!("/v1/view?{query}&limit=1")).await.ok();
    assert_eq!(names(&list(&eva.client).await), ["My own"]);
    for other in [&noor.client, &lead.client, &server.owner()] {
        assert_eq!(names(&list(other).await), ["Late"], "what is left out shortens no page");
        let path = format!("/v1/view/{}", text(&own, "id"));
        assert_eq!(other.get(&format!("{path}?{query}")).await.problem().0, 404);
        assert_eq!(other.patch(&path, view("Taken", true)).await.problem().0, 404);
        let taken = other.post("/v1/view", view("My own", false)).await;
        let (status, _, detail) = taken.problem();
        assert!(status == 409 && detail.contains("somebody's personal view"), "{detail}");
    }
    let path = format!("/v1/view/{}", text(&shared, "id"));
    assert_eq!(noor.client.patch(&path, view("Slow", false)).await.problem().0, 403);
    assert_eq!(noor.client.put("/v1/view", view("Late", false)).await.problem().0, 403);
    assert_eq!(eva.client.patch(&path, view("Slow", false)).await.ok()["name"], "Slow");
    assert_eq!(lead.client.patch(&path, view("Slower", false)).await.ok()["name"], "Slower");
    assert_eq!(server.member("viewer").await.client.post("/v1/view", view("x", true)).await.problem().0, 403);
}

#[tokio::test]
async fn users_are_found_by_parts_of_their_names() {
    let server = TestServer::start().await;
    let owner = server.owner();
    for (name, email) in [("Mei Ling Tan", "mei@example.com"), ("Noor Khan", "noor@example.com")] {
        owner.post("/api/member", json!({"name": name, "email": email, "role": "reviewer"})).await.ok();
    }
    let list = async |query: &str| owner.get(&format!("/v1/user?{query}")).await.ok();
    let mails = |list: &Value| -> Vec<String> {
        list["objects"].as_array().expect("objects").iter().map(|user| text(user, "email").to_owned()).collect()
    };
    let all = list("").await;
    assert_eq!(mails(&all), ["noor@example.com", "mei@example.com", "owner@example.com"]);
    let mei = &all["objects"][1];
    assert_eq!((&mei["given_name"], &mei["family_name"]), (&json!("Mei Ling"), &json!("Tan")));
    assert_eq!(mails(&list("family_name=Khan&family_name=Tan").await).len(), 2);
    assert_eq!(mails(&list("given_name=mei%20ling").await), ["mei@example.com"]);
    assert_eq!(mails(&list("email=noor@example.com&email=x@example.com").await), ["noor@example.com"]);
    assert!(mails(&list("org_name=Other").await).is_empty());
    let after = format!("limit=1&starting_after={}", text(&all["objects"][0], "id"));
    assert_eq!(mails(&list(&after).await), ["mei@example.com"]);
    assert_eq!(owner.get(&format!("/v1/user?starting_after={}", uuid::Uuid::now_v7())).await.problem().0, 400);
    let id = text(mei, "id");
    owner.delete(&format!("/api/member/{id}")).await;
    assert_eq!(mails(&list("").await).len(), 2);
    assert_eq!(mails(&list(&format!("ids={id}")).await), ["mei@example.com"], "authors of judgements stay known");
    assert_eq!(&owner.get(&format!("/v1/user/{id}")).await.ok(), mei);
}

#[tokio::test]
async fn an_organization_is_found_and_renamed_by_its_own() {
    let server = TestServer::start().await;
    let owner = server.owner();
    let list = owner.get("/v1/organization?org_name=Acme").await.ok();
    let own = &list["objects"][0];
    assert_eq!((text(own, "name"), text(own, "api_url")), ("Acme", server.url.as_str()));
    assert_eq!(names(&owner.get("/v1/organization?org_name=Other").await.ok()), [""; 0]);
    assert_eq!(names(&owner.get(&format!("/v1/organization?starting_after={}", text(own, "id"))).await.ok()), [""; 0]);
    let path = format!("/v1/organization/{}", text(own, "id"));
    assert_eq!(owner.patch(&path, json!({"name": "Acme Ltd"})).await.ok()["name"], "Acme Ltd");
    assert_eq!(owner.get("/ping").await.ok()["org_name"], "Acme Ltd");
    assert!(owner.patch(&path, json!({"api_url": "http://elsewhere"})).await.problem().2.contains("--public-url"));
    assert_eq!(owner.get(&format!("/v1/organization/{}", uuid::Uuid::now_v7())).await.problem().0, 404);
}

#[tokio::test]
async fn computed_scores_show_wherever_a_score_does() {
    let server = TestServer::start().await;
    let owner = server.owner();
    let project = server.project("Bot").await;
    let row = |id: &str, scores: Value| json!({"id": id, "project_id": project, "log_id": "g", "scores": scores});
    let rows =
        [row("before", json!({"A": 1, "B": 0.5, "Sum": 0})), row("half", json!({"B": 0.5})), row("none", json!({}))];
    owner.post("/logs3", json!({"rows": rows, "api_version": 2})).await.ok();
    server.score(&project, "Sum", "weighted", json!({"categories": {"A": 3, "B": 1}})).await;
    server.score(&project, "Low", "minimum", json!({"categories": ["A", "B"]})).await;
    owner.post("/logs3", json!({"rows": [row("after", json!({"A": 0, "B": 0.5}))], "api_version": 2})).await.ok();
    let feedback = json!({"feedback": [{"id": "half", "scores": {"A": 0.1}, "source": "app"}]});
    owner.post(&format!("/v1/project_logs/{project}/feedback"), feedback).await.ok();
    let typed = json!({"feedback": [{"id": "half", "scores": {"Low": 1}, "source": "app"}]});
    let refused = owner.post(&format!("/v1/project_logs/{project}/feedback"), typed).await;
    assert!(refused.problem().2.contains("computed from \"A\", \"B\""), "{}", refused.body);

    let object = format!("object_type=project_logs&object_id={project}");
    let shown = |row: &Value| [row["scores"]["Sum"].clone(), row["scores"]["Low"].clone()];
    let expected = [
        ("before", [json!(0.875), json!(0.5)]),
        ("half", [json!(0.2), json!(0.1)]),
        ("none", [json!(null), json!(null)]),
        ("after", [json!(0.125), json!(0.0)]),
    ];
    let fetched = owner.get(&format!("/v1/project_logs/{project}/fetch")).await.ok();
    let listed = owner.get(&format!("/api/trace?{object}")).await.ok();
    for (id, numbers) in &expected {
        for (place, rows) in [("fetch", &fetched["events"]), ("list", &listed["traces"])] {
            let row = rows.as_array().expect("rows").iter().find(|row| row["id"] == *id).expect("the row");
            assert_eq!(shown(row), *numbers, "{id} in {place}");
        }
    }
    let metrics = owner.get(&format!("/api/metrics?{object}")).await.ok();
    let sum = &metrics["scores"]["Sum"];
    assert_eq!((&sum["count"], &sum["mean"]), (&json!(3), &json!(0.4)), "{metrics}");
    let review = json!({"object_type": "project_logs", "object_id": project, "row_id": "half"});
    let review = owner.post("/api/review/open", review).await.ok();
    let review = owner.get(&format!("/api/review/{}", text(&review, "document_id"))).await.ok();
    assert_eq!(shown(&review["effective"]), expected[1].1);
}
