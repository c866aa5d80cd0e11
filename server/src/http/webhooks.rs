//! Webhooks of a project, what they were told, and a try to see whether one arrives.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use concord_shared::ids::{DeliveryId, MemberId, ProjectId, WebhookId};
use concord_shared::moment::Moment;
use concord_shared::problem::ProblemCode;
use concord_shared::role::Action;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::{Id, JsonBody, Params};
use super::error::ApiError;
use super::projects::find;
use crate::app::App;
use crate::domain::access::Principal;
use crate::domain::account::check;
use crate::domain::webhook::{Delivery, Event, MOST, State as Progress, Webhook};
use crate::random;
use crate::webhooks::{LEASE, TEST, check_url, sign};

/// Deliveries of a page.
const PAGE: u32 = 50;
const LONGEST_PAGE: u32 = 200;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(change, remove))
        .routes(routes!(log))
        .routes(routes!(test))
}

/// A webhook without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhook)]
struct Answer {
    id: WebhookId,
    project_id: ProjectId,
    name: String,
    url: String,
    events: Vec<Event>,
    active: bool,
    member_id: MemberId,
    created: Moment,
}

/// Webhooks, oldest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhooks)]
struct Webhooks {
    webhooks: Vec<Answer>,
}

fn describe(hook: Webhook) -> Answer {
    let Webhook { id, project, name, url, events, active, created_by, created, .. } = hook;
    Answer { id, project_id: project, name, url, events, active, member_id: created_by, created }
}

/// Webhooks of a project.
#[utoipa::path(get, path = "/api/webhook", tag = "webhooks", params(("project_id" = ProjectId, Query)), responses((status = 200, body = Webhooks)))]
async fn list(State(app): State<App>, caller: Caller, params: Params) -> Result<Json<Webhooks>, ApiError> {
    let principal = caller.permit(Action::Configure)?;
    let missing = || ApiError::new(ProblemCode::Malformed, "project_id: is missing");
    let project = find(&app, principal, params.value("project_id")?.ok_or_else(missing)?).await?;
    let hooks = app.store.webhooks(principal.organization, project.id).await?;
    Ok(Json(Webhooks { webhooks: hooks.into_iter().map(describe).collect() }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CreateWebhook)]
struct Create {
    project_id: ProjectId,
    name: String,
    url: String,
    events: Vec<Event>,
}

/// A webhook that was just made, with its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NewWebhook)]
struct Created {
    #[serde(flatten)]
    webhook: Answer,
    /// Shown this once: the receiver checks `webhook-signature` with it, as Standard Webhooks says.
    secret: String,
}

/// Makes a webhook, whose secret is shown this once.
#[utoipa::path(post, path = "/api/webhook", tag = "webhooks", request_body = Create, responses((status = 200, body = Created)))]
async fn create(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody<Create>,
) -> Result<Json<Created>, ApiError> {
    let principal = caller.permit(Action::Configure)?;
    let created_by = principal.member.ok_or_else(|| ApiError::invalid("a webhook needs a member who made it"))?;
    let project = find(&app, principal, body.project_id).await?;
    if app.store.webhooks(principal.organization, project.id).await?.len() >= MOST {
        return Err(ApiError::invalid(format!("a project has at most {MOST} webhooks; delete one that nobody needs")));
    }
    let webhook = Webhook {
        id: WebhookId::new(),
        organization: principal.organization,
        project: project.id,
        name: check::name("name", &body.name).map_err(ApiError::invalid)?,
        url: check_url(&body.url, app.webhooks.allows_private()).map_err(ApiError::invalid)?,
        events: chosen(body.events)?,
        secret: sign::secret(random::bytes()),
        active: true,
        created_by,
        created: app.clock.now(),
    };
    app.store.add_webhook(&webhook).await?;
    let secret = webhook.secret.clone();
    Ok(Json(Created { webhook: describe(webhook), secret }))
}

fn chosen(mut events: Vec<Event>) -> Result<Vec<Event>, ApiError> {
    events.sort();
    events.dedup();
    match events.is_empty() {
        true => Err(ApiError::invalid("events: name at least one, such as review.completed")),
        false => Ok(events),
    }
}

async fn known(app: &App, principal: &Principal, id: WebhookId) -> Result<Webhook, ApiError> {
    let found = app.store.webhook(principal.organization, id).await?;
    found.ok_or_else(|| ApiError::not_found("webhook", id))
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ChangeWebhook)]
struct Change {
    name: Option<String>,
    url: Option<String>,
    events: Option<Vec<Event>>,
    active: Option<bool>,
}

/// What is absent stays. While one is not active nothing is queued for it, and what waits goes on waiting.
#[utoipa::path(patch, path = "/api/webhook/{id}", tag = "webhooks", params(("id" = WebhookId, Path)), request_body = Change, responses((status = 200, body = Answer)))]
async fn change(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<WebhookId>,
    JsonBody(body): JsonBody<Change>,
) -> Result<Json<Answer>, ApiError> {
    let principal = caller.permit(Action::Configure)?;
    let mut hook = known(&app, principal, id).await?;
    if let Some(name) = body.name {
        hook.name = check::name("name", &name).map_err(ApiError::invalid)?;
    }
    if let Some(url) = body.url {
        hook.url = check_url(&url, app.webhooks.allows_private()).map_err(ApiError::invalid)?;
    }
    if let Some(events) = body.events {
        hook.events = chosen(events)?;
    }
    hook.active = body.active.unwrap_or(hook.active);
    app.store.update_webhook(&hook).await?;
    Ok(Json(describe(hook)))
}

/// Deletes a webhook with the log of what it was told.
#[utoipa::path(delete, path = "/api/webhook/{id}", tag = "webhooks", params(("id" = WebhookId, Path)), responses((status = 204)))]
async fn remove(State(app): State<App>, caller: Caller, Id(id): Id<WebhookId>) -> Result<StatusCode, ApiError> {
    let principal = caller.permit(Action::Configure)?;
    let hook = known(&app, principal, id).await?;
    app.store.delete_webhook(hook.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Something that a webhook was told, or is to be.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
struct Told {
    id: DeliveryId,
    event: String,
    state: Progress,
    attempts: i64,
    created: Moment,
    /// When it is tried again; null once it is delivered or given up.
    #[schema(required)]
    next: Option<Moment>,
    /// HTTP status of the last answer; null: none.
    #[schema(required)]
    answer: Option<i64>,
    /// What went wrong.
    #[schema(required)]
    detail: Option<String>,
    #[schema(required)]
    finished: Option<Moment>,
    /// What it is about.
    data: Value,
}

/// Deliveries, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookLog)]
struct Log {
    deliveries: Vec<Told>,
    /// Asks for the next page; null: this is the last one.
    #[schema(required)]
    cursor: Option<DeliveryId>,
}

fn told(delivery: Delivery) -> Told {
    let Delivery { id, event, data, state, attempts, created, next, answer, detail, finished, .. } = delivery;
    let next = (state == Progress::Waiting).then_some(next);
    Told { id, event, state, attempts, created, next, answer, detail, finished, data }
}

/// What a webhook was told within thirty days, and what waits.
#[utoipa::path(get, path = "/api/webhook/{id}/delivery", tag = "webhooks", params(("id" = WebhookId, Path), ("cursor" = Option<DeliveryId>, Query), ("limit" = Option<u32>, Query)), responses((status = 200, body = Log)))]
async fn log(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<WebhookId>,
    params: Params,
) -> Result<Json<Log>, ApiError> {
    let principal = caller.permit(Action::Configure)?;
    let hook = known(&app, principal, id).await?;
    let limit = params.value("limit")?.unwrap_or(PAGE).clamp(1, LONGEST_PAGE);
    let deliveries = app.store.deliveries(hook.id, params.value("cursor")?, limit).await?;
    let cursor = deliveries.last().filter(|_| deliveries.len() == limit as usize).map(|last| last.id);
    Ok(Json(Log { deliveries: deliveries.into_iter().map(told).collect(), cursor }))
}

/// Sends a webhook something now, once, whether it is active or not, and tells what came of it.
#[utoipa::path(post, path = "/api/webhook/{id}/test", tag = "webhooks", params(("id" = WebhookId, Path)), responses((status = 200, body = Told)))]
async fn test(State(app): State<App>, caller: Caller, Id(id): Id<WebhookId>) -> Result<Json<Told>, ApiError> {
    let principal = caller.permit(Action::Configure)?;
    let hook = known(&app, principal, id).await?;
    let now = app.clock.now();
    let data = json!({"project_id": hook.project, "by": principal.member.map(|member| json!({"id": member}))});
    // In the log before it is sent, and put off so that nobody else sends it meanwhile.
    let queued =
        Delivery { attempts: 1, next: now + LEASE, ..Delivery::new(DeliveryId::new(), hook.id, TEST, data, now) };
    app.store.queue_delivery(&queued).await?;
    let outcome = app.webhooks.deliver(&queued, &hook).await?;
    let finished = Some(outcome.at);
    let (state, answer, detail) = (outcome.state, outcome.answer, outcome.detail);
    Ok(Json(told(Delivery { state, answer, detail, finished, ..queued })))
}
