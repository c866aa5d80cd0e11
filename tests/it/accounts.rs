//! First start, sessions, members, invitations, keys.

use std::time::Duration;

use concord_server::accounts;
use concord_server::config::FirstStart;
use concord_tests::client::text;
use concord_tests::server::{OWNER_EMAIL, PASSWORD, TestServer};
use serde_json::json;

const DAY: Duration = Duration::from_secs(24 * 3600);

#[tokio::test]
async fn the_first_start_makes_the_owner_and_later_ones_change_nothing() {
    let mut server = TestServer::start().await;
    assert!(server.notices().is_empty());
    let session = server.owner().get("/api/session").await.ok();
    assert_eq!(session["organization"]["name"], "Acme");
    assert_eq!((&session["role"], &session["user"]["email"]), (&json!("owner"), &json!(OWNER_EMAIL)));
    assert_eq!(session["public_url"], server.url);

    let other = FirstStart { organization: "Other".into(), email: "x@example.com".into(), password: None, key: None };
    server.restart(Some(other)).await;
    assert_eq!(server.owner().get("/api/session").await.ok()["organization"]["name"], "Acme");
    assert_eq!(server.owner().get("/api/member").await.ok()["members"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn without_a_password_the_first_owner_gets_a_link() {
    let first = FirstStart { organization: "Acme".into(), email: "eva@example.com".into(), password: None, key: None };
    let server = TestServer::start_with(Some(first)).await;
    let token = server.notices()[0].rsplit('/').next().expect("a link").to_owned();
    let session = server.nobody().post(&format!("/api/invitation/{token}"), json!({"password": PASSWORD})).await.ok();
    assert_eq!(session["role"], "owner");
}

#[tokio::test]
async fn an_empty_server_is_set_up_by_its_printed_link_once() {
    let mut server = TestServer::start_with(None).await;
    let nobody = server.nobody();
    assert_eq!(nobody.get("/api/setup").await.ok(), json!({"needed": true}));
    let first_link = token(&server.notices()[0]);
    server.restart(None).await;
    let nobody = server.nobody();
    let second_link = token(&server.notices()[0]);
    assert_ne!(first_link, second_link, "every start prints its own");

    let body = |token: &str| json!({"token": token, "organization": "Acme", "name": "Eva", "email": "eva@example.com", "password": PASSWORD});
    assert_eq!(nobody.post("/api/setup", body("guess")).await.problem().1, "invalid-credentials");
    let answer = nobody.post("/api/setup", body(&second_link)).await;
    let session = nobody.with_session(&answer);
    assert_eq!(answer.ok()["user"]["name"], "Eva");
    assert_eq!(session.get("/api/session").await.ok()["role"], "owner");
    assert_eq!(nobody.post("/api/setup", body(&first_link)).await.problem().1, "conflict");
    assert_eq!(nobody.get("/api/setup").await.ok(), json!({"needed": false}));
    server.restart(None).await;
    assert!(server.notices().is_empty());
}

fn token(notice: &str) -> String {
    notice.split("token=").nth(1).expect("a link with a token").to_owned()
}

#[tokio::test]
async fn signing_out_ends_the_session_at_once() {
    let server = TestServer::start().await;
    let answer =
        server.nobody().post("/api/session", json!({"email": " Owner@Example.com", "password": PASSWORD})).await;
    let cookie = answer.text_header("set-cookie");
    for part in ["concord_session=", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let session = server.nobody().with_session(&answer);
    assert_eq!(session.get("/api/session").await.ok(), answer.ok());
    assert_eq!(session.delete("/api/session").await.status, 204);
    assert_eq!(session.get("/api/session").await.problem().1, "unauthenticated");
    assert_eq!(server.nobody().delete("/api/session").await.status, 204);
}

#[tokio::test]
async fn sessions_live_thirty_days_unused_and_half_a_year_at_most() {
    let server = TestServer::start().await;
    let unused = server.owner_session().await;
    let used = server.owner_session().await;
    for _ in 0..7 {
        server.wait(25 * DAY);
        assert_eq!(used.get("/api/session").await.status, 200);
    }
    assert_eq!(unused.get("/api/session").await.status, 401);
    server.wait(6 * DAY);
    assert_eq!(used.get("/api/session").await.status, 401, "180 days are over");
}

#[tokio::test]
async fn only_the_newest_twenty_sessions_of_a_member_live() {
    let server = TestServer::start().await;
    let oldest = server.owner_session().await;
    for _ in 0..20 {
        server.wait(Duration::from_secs(1));
        server.owner_session().await;
    }
    server.wait(Duration::from_secs(5));
    assert_eq!(oldest.get("/api/session").await.status, 401);
}

#[tokio::test]
async fn five_wrong_passwords_pause_that_address_and_that_email() {
    let server = TestServer::start().await;
    let nobody = server.nobody();
    let sign_in = |email: &'static str, password: &'static str| {
        let nobody = nobody.clone();
        async move { nobody.post("/api/session", json!({"email": email, "password": password})).await }
    };
    let wrong = sign_in(OWNER_EMAIL, "wrong").await;
    let unknown = sign_in("nobody@example.com", "wrong").await;
    assert_eq!(wrong.problem(), unknown.problem(), "who exists is not told");
    assert_eq!(wrong.problem().1, "invalid-credentials");
    for _ in 0..4 {
        assert_eq!(sign_in(OWNER_EMAIL, "wrong").await.status, 401);
    }
    let paused = sign_in(OWNER_EMAIL, PASSWORD).await;
    assert_eq!(paused.problem().1, "too-many-attempts");
    assert!(paused.text_header("retry-after").parse::<u64>().is_ok_and(|seconds| (30..=31).contains(&seconds)));
    server.wait(Duration::from_secs(31));
    assert_eq!(sign_in(OWNER_EMAIL, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn an_invitation_lets_a_member_choose_a_password_once() {
    let server = TestServer::start().await;
    let body = json!({"email": "Noor@example.com", "name": "Noor Khan", "role": "lead"});
    let member = server.owner().post("/api/member", body.clone()).await.ok();
    assert_eq!(member["email"], "noor@example.com");
    assert_eq!(server.owner().post("/api/member", body).await.problem().1, "conflict");
    let url = text(&member, "invite_url");
    assert!(url.starts_with(&server.url));
    let path = format!("/api/invitation/{}", url.rsplit('/').next().expect("a token"));

    let shown = server.nobody().get(&path).await.ok();
    assert_eq!(shown, json!({"email": "noor@example.com", "name": "Noor Khan", "organization": "Acme"}));
    let short = server.nobody().post(&path, json!({"password": "short"})).await;
    assert!(short.problem().2.contains("at least 8"), "{:?}", short.problem());
    let session = server.nobody().post(&path, json!({"password": PASSWORD})).await;
    assert_eq!(server.nobody().with_session(&session).get("/api/session").await.ok()["role"], "lead");
    assert_eq!(server.nobody().post(&path, json!({"password": PASSWORD})).await.problem().1, "not-found");
    server.sign_in("noor@example.com").await;
}

#[tokio::test]
async fn a_sign_in_link_of_a_demo_works_again_and_again() {
    let server = TestServer::start().await;
    let member = server.member("reviewer").await;
    let app = server.app();
    let id = member.id.parse().expect("a member id");
    let url = accounts::sign_in_url(&*app.store, &server.url, id, server.now()).await.expect("a link");
    assert!(url.starts_with(&format!("{}/sign-in?token=", server.url)));
    for _ in 0..2 {
        let answer = server.nobody().post("/api/session", json!({"token": token(&url)})).await;
        assert_eq!(server.nobody().with_session(&answer).get("/api/session").await.ok()["user"]["id"], member.id);
    }
    let guess = server.nobody().post("/api/session", json!({"token": "guess"})).await;
    assert_eq!(guess.problem().1, "invalid-credentials");
    server.wait(8 * DAY);
    assert_eq!(server.nobody().post("/api/session", json!({"token": token(&url)})).await.status, 401);
}

#[tokio::test]
async fn a_removed_member_loses_access_at_once_and_comes_back_as_the_same_person() {
    let server = TestServer::start().await;
    let member = server.member("reviewer").await;
    let session = server.sign_in(&member.email).await;
    assert_eq!(session.get("/v1/project").await.status, 200);
    assert_eq!(member.client.get("/v1/project").await.status, 200);

    assert_eq!(server.owner().delete(&format!("/api/member/{}", member.id)).await.status, 204);
    assert_eq!(session.get("/v1/project").await.status, 401);
    assert_eq!(member.client.get("/v1/project").await.status, 401);
    let members = server.owner().get("/api/member").await.ok();
    assert_eq!(members["members"][1]["disabled"], true, "the name on past judgements stays");

    let body = json!({"email": member.email, "name": "Back", "role": "viewer", "password": PASSWORD});
    assert_eq!(server.owner().post("/api/member", body).await.ok()["id"], member.id);
    assert_eq!(member.client.get("/v1/project").await.status, 401, "old keys stay dead");
}

#[tokio::test]
async fn a_changed_role_counts_at_once() {
    let server = TestServer::start().await;
    let member = server.member("lead").await;
    let project = server.project("Bot").await;
    let rename = |name: &str| json!({"name": name});
    let path = format!("/v1/project/{project}");
    assert_eq!(member.client.patch(&path, rename("A")).await.status, 200);
    let changed = server.owner().patch(&format!("/api/member/{}", member.id), json!({"role": "viewer"})).await.ok();
    assert_eq!(changed["role"], "viewer");
    assert_eq!(member.client.patch(&path, rename("B")).await.problem().1, "forbidden");
}

#[tokio::test]
async fn the_last_owner_stays() {
    let server = TestServer::start().await;
    let owner = server.owner().get("/api/session").await.ok();
    let path = format!("/api/member/{}", text(&owner["user"], "id"));
    assert_eq!(server.owner().delete(&path).await.problem().1, "conflict");
    assert_eq!(server.owner().patch(&path, json!({"role": "lead"})).await.problem().1, "conflict");
    let second = server.member("owner").await;
    assert_eq!(second.client.delete(&path).await.status, 204);
    assert_eq!(server.owner().get("/api/session").await.status, 401);
}

#[tokio::test]
async fn a_deleted_key_is_dead_at_once_and_its_secret_is_shown_once() {
    let server = TestServer::start().await;
    let made = server.owner().post("/api/key", json!({"name": "ci"})).await.ok();
    let (id, secret) = (text(&made, "id"), text(&made, "key"));
    assert!(secret.starts_with("sk-"));
    let client = server.nobody().with_key(secret);
    assert_eq!(client.get("/api/session").await.status, 200);

    let listed = server.owner().get("/api/key").await.ok();
    let key = listed["keys"].as_array().expect("keys").iter().find(|key| key["id"] == id).expect("the new key").clone();
    assert_eq!((&key["name"], &key["scope"]), (&json!("ci"), &json!(null)));
    assert!(secret.starts_with(text(&key, "prefix")) && key["last_used"].is_string());
    assert!(!listed.to_string().contains(secret));

    assert_eq!(server.owner().delete(&format!("/api/key/{id}")).await.status, 204);
    assert_eq!(client.get("/api/session").await.problem().1, "unauthenticated");
    assert_eq!(server.owner().delete(&format!("/api/key/{id}")).await.status, 404);
}

#[tokio::test]
async fn keys_of_others_are_an_owners_business() {
    let server = TestServer::start().await;
    let (lead, viewer) = (server.member("lead").await, server.member("viewer").await);
    let for_other = json!({"name": "x", "member_id": viewer.id});
    assert_eq!(lead.client.post("/api/key", for_other).await.problem().1, "forbidden");
    assert_eq!(lead.client.get("/api/key").await.ok()["keys"].as_array().map(Vec::len), Some(1));
    assert_eq!(server.owner().get("/api/key").await.ok()["keys"].as_array().map(Vec::len), Some(3));
    let own = text(&viewer.client.post("/api/key", json!({"name": "mine"})).await.ok(), "id").to_owned();
    assert_eq!(lead.client.delete(&format!("/api/key/{own}")).await.problem().1, "forbidden");
    assert_eq!(viewer.client.delete(&format!("/api/key/{own}")).await.status, 204);
    let useless = viewer.client.post("/api/key", json!({"name": "x", "scope": "ingest"})).await;
    assert_eq!(useless.problem().1, "invalid-value");
}

#[tokio::test]
async fn a_member_gets_another_link_where_the_first_was_lost() {
    let server = TestServer::start().await;
    let body = json!({"email": "mei@example.com", "name": "Mei", "role": "reviewer"});
    let mei = server.owner().post("/api/member", body).await.ok();
    let again = format!("/api/member/{}/invitation", text(&mei, "id"));
    let link = server.owner().post(&again, json!({})).await.ok();
    let path = format!("/api/invitation/{}", text(&link, "invite_url").rsplit('/').next().expect("a token"));
    let session = server.nobody().post(&path, json!({"password": PASSWORD})).await.ok();
    assert_eq!((&session["role"], &session["user"]["id"]), (&json!("reviewer"), &mei["id"]));
    assert_ne!(server.nobody().post(&path, json!({"password": PASSWORD})).await.status, 200, "it works once");
    server.sign_in("mei@example.com").await;
    assert_eq!(server.owner().delete(&format!("/api/member/{}", text(&mei, "id"))).await.status, 204);
    assert_eq!(server.owner().post(&again, json!({})).await.problem().0, 404, "removed members have none");
}
