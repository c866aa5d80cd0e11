//! API keys, feedback keys, tickets: secrets that are shown once.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use concord_shared::ids::{KeyId, MemberId, ProjectId};
use concord_shared::moment::Moment;
use concord_shared::problem::ProblemCode;
use concord_shared::role::Action;
use concord_shared::score::value;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::{Id, JsonBody};
use super::error::ApiError;
use crate::accounts;
use crate::app::App;
use crate::domain::access::Revocation;
use crate::domain::account::check;
use crate::domain::account::keys::{ApiKey, FeedbackKey};
use crate::domain::account::secret::Secret;
use crate::random;

/// Most pages of one feedback key.
const ORIGINS: usize = 100;

/// Routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(remove))
        .routes(routes!(list_feedback, add_feedback))
        .routes(routes!(remove_feedback))
        .routes(routes!(ticket))
}

/// An API key without its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKey)]
struct Answer {
    id: KeyId,
    name: String,
    member_id: MemberId,
    /// `ingest`: may write rows and nothing else; null: whatever its member may.
    #[schema(required)]
    scope: Option<&'static str>,
    /// First characters of the key, enough to recognise it.
    prefix: String,
    created: Moment,
    #[schema(required)]
    last_used: Option<Moment>,
}

/// API keys.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKeys)]
struct Keys {
    keys: Vec<Answer>,
}

/// A key that was just made, with its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = NewKey)]
struct Added {
    id: KeyId,
    /// Shown this once.
    key: String,
}

/// An owner sees all keys, everybody else their own.
#[utoipa::path(get, path = "/api/key", tag = "keys", responses((status = 200, body = Keys)))]
async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Keys>, ApiError> {
    let principal = caller.permit(Action::ManageOwnKeys)?;
    let sees_all = principal.permit(Action::ManageMembers).is_ok();
    let keys = app.store.keys(principal.organization).await?;
    let keys = keys.into_iter().filter(|key| sees_all || Some(key.member) == principal.member);
    Ok(Json(Keys { keys: keys.map(describe).collect() }))
}

fn describe(key: ApiKey) -> Answer {
    let ApiKey { id, name, member, ingest, prefix, created, last_used, .. } = key;
    Answer { id, name, member_id: member, scope: ingest.then_some("ingest"), prefix, created, last_used }
}

#[derive(Deserialize, ToSchema)]
#[schema(as = CreateKey)]
struct Add {
    name: String,
    member_id: Option<MemberId>,
    scope: Option<String>,
}

/// Makes an API key, which is shown this once.
#[utoipa::path(post, path = "/api/key", tag = "keys", request_body = Add, responses((status = 200, body = Added)))]
async fn add(State(app): State<App>, caller: Caller, JsonBody(body): JsonBody<Add>) -> Result<Json<Added>, ApiError> {
    let principal = caller.permit(Action::ManageOwnKeys)?;
    let name = check::name("name", &body.name).map_err(ApiError::invalid)?;
    let owner = body.member_id.or(principal.member);
    if owner != principal.member {
        principal.permit(Action::ManageMembers)?;
    }
    let member = match owner {
        Some(id) => app.store.member(id).await?,
        None => None,
    };
    let member = member.filter(|member| member.organization == principal.organization && !member.disabled);
    let member = member.ok_or_else(|| match owner {
        Some(id) => ApiError::not_found("member", id),
        None => ApiError::invalid("a key needs a member"),
    })?;
    let ingest = match body.scope.as_deref() {
        None => false,
        Some("ingest") if member.role.may(Action::WriteRows) => true,
        Some("ingest") => {
            let detail = format!("a {} may not write rows, so a key narrowed to that could do nothing", member.role);
            return Err(ApiError::invalid(detail));
        }
        Some(other) => {
            let shown: String = other.chars().take(40).collect();
            return Err(ApiError::invalid(format!("scope {shown:?} is unknown; write \"ingest\" or leave it out")));
        }
    };
    let secret = accounts::key_secret();
    let key = accounts::new_key(&member, &name, ingest, &secret, app.clock.now());
    app.store.add_key(&key, secret.digest()).await?;
    Ok(Json(Added { id: key.id, key: secret.reveal().to_owned() }))
}

/// Deletes an API key; what it opened closes.
#[utoipa::path(delete, path = "/api/key/{id}", tag = "keys", params(("id" = KeyId, Path)), responses((status = 204)))]
async fn remove(State(app): State<App>, caller: Caller, Id(id): Id<KeyId>) -> Result<StatusCode, ApiError> {
    let principal = caller.permit(Action::ManageOwnKeys)?;
    let key = app.store.key(principal.organization, id).await?.ok_or_else(|| ApiError::not_found("key", id))?;
    if Some(key.member) != principal.member {
        principal.permit(Action::ManageMembers)?;
    }
    app.store.remove_key(principal.organization, id).await?;
    app.access.revoke(Revocation::Key(id));
    Ok(StatusCode::NO_CONTENT)
}

/// A feedback key without its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = FeedbackKey)]
struct FeedbackAnswer {
    id: KeyId,
    project_id: ProjectId,
    /// Scores that it may give.
    scores: Vec<String>,
    /// Pages that may use it; empty: any.
    origins: Vec<String>,
    /// First characters of the key, enough to recognise it.
    prefix: String,
    /// Who made it.
    member_id: MemberId,
    created: Moment,
}

/// Feedback keys.
#[derive(Serialize, ToSchema)]
#[schema(as = FeedbackKeys)]
struct FeedbackAnswers {
    keys: Vec<FeedbackAnswer>,
}

/// Feedback keys of all projects.
#[utoipa::path(get, path = "/api/feedback-key", tag = "keys", responses((status = 200, body = FeedbackAnswers)))]
async fn list_feedback(State(app): State<App>, caller: Caller) -> Result<Json<FeedbackAnswers>, ApiError> {
    let principal = caller.permit(Action::ManageFeedbackKeys)?;
    let keys = app.store.feedback_keys(principal.organization).await?.into_iter().map(|key| {
        let FeedbackKey { id, project, scores, origins, prefix, created_by, created, .. } = key;
        FeedbackAnswer { id, project_id: project, scores, origins, prefix, member_id: created_by, created }
    });
    Ok(Json(FeedbackAnswers { keys: keys.collect() }))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = CreateFeedbackKey)]
struct AddFeedback {
    project_id: ProjectId,
    scores: Vec<String>,
    #[serde(default)]
    origins: Vec<String>,
}

/// Makes a feedback key, which is safe in a browser and shown this once.
#[utoipa::path(post, path = "/api/feedback-key", tag = "keys", request_body = AddFeedback, responses((status = 200, body = Added)))]
async fn add_feedback(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody<AddFeedback>,
) -> Result<Json<Added>, ApiError> {
    let principal = caller.permit(Action::ManageFeedbackKeys)?;
    let created_by = principal.member.ok_or_else(|| ApiError::invalid("a key needs a member who made it"))?;
    let project = app.catalog.project(principal.organization, body.project_id).await?;
    let project = project.ok_or_else(|| ApiError::not_found("project", body.project_id))?;
    if body.scores.is_empty() {
        return Err(ApiError::invalid("scores: name at least one score that the key may write"));
    }
    for name in &body.scores {
        value::find(&project.scores, name).map_err(|error| ApiError::invalid(format!("scores: {error}")))?;
    }
    if body.origins.len() > ORIGINS {
        return Err(ApiError::invalid(format!("origins: at most {ORIGINS}, not {}", body.origins.len())));
    }
    let origins = body.origins.iter().map(|origin| check::origin(origin)).collect::<Result<_, _>>();
    let origins = origins.map_err(|error| ApiError::invalid(format!("origins: {error}")))?;
    let secret = Secret::new("pk-", random::bytes());
    let key = FeedbackKey {
        id: KeyId::new(),
        organization: principal.organization,
        project: project.id,
        scores: body.scores,
        origins,
        prefix: secret.prefix(),
        created_by,
        created: app.clock.now(),
    };
    app.store.add_feedback_key(&key, secret.digest()).await?;
    Ok(Json(Added { id: key.id, key: secret.reveal().to_owned() }))
}

/// Deletes a feedback key.
#[utoipa::path(delete, path = "/api/feedback-key/{id}", tag = "keys", params(("id" = KeyId, Path)), responses((status = 204)))]
async fn remove_feedback(State(app): State<App>, caller: Caller, Id(id): Id<KeyId>) -> Result<StatusCode, ApiError> {
    let principal = caller.permit(Action::ManageFeedbackKeys)?;
    if !app.store.remove_feedback_key(principal.organization, id).await? {
        return Err(ApiError::not_found("feedback key", id));
    }
    app.access.revoke(Revocation::Key(id));
    Ok(StatusCode::NO_CONTENT)
}

/// Whoever may open a socket may have a ticket for one: members, and end users' pages for feedback.
#[utoipa::path(post, path = "/api/ticket", tag = "keys", responses((status = 200, body = Object)))]
async fn ticket(State(app): State<App>, caller: Caller) -> Result<Json<Value>, ApiError> {
    let principal = &caller.0;
    if principal.permit(Action::Read).is_err() && principal.permit(Action::GivePublicFeedback).is_err() {
        return Err(ApiError::new(ProblemCode::Forbidden, "there is no socket for this key"));
    }
    let secret = app.access.ticket(principal, random::bytes())?;
    Ok(Json(json!({"ticket": secret.reveal()})))
}
