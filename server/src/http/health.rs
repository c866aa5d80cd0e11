//! Is the server alive, can it work, what is it; and who is calling, for clients that only want to know whether their key works.

use axum::Json;
use axum::extract::State;
use concord_shared::ids::{MemberId, OrganizationId};
use concord_shared::problem::ProblemCode;
use concord_shared::role::{Action, Role};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::error::ApiError;
use super::login::organization;
use crate::app::App;

/// Routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(health))
        .routes(routes!(ready))
        .routes(routes!(version))
        .routes(routes!(hello))
        .routes(routes!(ping))
}

/// How the server is.
#[derive(Serialize, ToSchema)]
struct Status {
    status: &'static str,
}

/// Alive.
#[utoipa::path(get, path = "/health", tag = "server", security(()), responses((status = 200, body = Status)))]
async fn health() -> Json<Status> {
    Json(Status { status: "ok" })
}

/// Ready means that the database answers and that the server is not about to stop.
#[utoipa::path(get, path = "/ready", tag = "server", security(()), responses((status = 200, body = Status)))]
async fn ready(State(app): State<App>) -> Result<Json<Status>, ApiError> {
    if *app.closing.borrow() {
        return Err(ApiError::new(ProblemCode::Unavailable, "the server is stopping"));
    }
    app.store.has_organization().await?;
    Ok(Json(Status { status: "ready" }))
}

/// Which version runs.
#[derive(Serialize, ToSchema)]
struct Version {
    version: &'static str,
    /// Larger batches go to `/logs3/overflow`.
    logs3_payload_max_bytes: usize,
}

/// What clients send at once if they are told nothing; 8 MiB are taken.
const PAYLOAD_BYTES: usize = 6 << 20;

/// The version, and the largest batch that clients send to `/logs3` itself.
#[utoipa::path(get, path = "/version", tag = "server", security(()), responses((status = 200, body = Version)))]
async fn version() -> Json<Version> {
    Json(Version { version: env!("CARGO_PKG_VERSION"), logs3_payload_max_bytes: PAYLOAD_BYTES })
}

/// What the API says to whoever asks first.
#[utoipa::path(get, path = "/v1", tag = "server", security(()), responses((status = 200, body = String, content_type = "text/plain")))]
async fn hello() -> &'static str {
    "Hello, World!"
}

/// Who is calling.
#[derive(Serialize, ToSchema)]
struct Ping {
    /// The member of the key; null for a key of none.
    id: Option<MemberId>,
    name: String,
    role: Role,
    org_id: OrganizationId,
    org_name: String,
}

/// Who is calling, as the SDKs' `user_info` asks.
#[utoipa::path(get, path = "/ping", tag = "server", responses((status = 200, body = Ping)))]
async fn ping(State(app): State<App>, caller: Caller) -> Result<Json<Ping>, ApiError> {
    let principal = caller.permit(Action::Login)?;
    let organization = organization(&app, principal).await?;
    let name = principal.name.clone();
    let answer =
        Ping { id: principal.member, name, role: principal.role, org_id: organization.id, org_name: organization.name };
    Ok(Json(answer))
}
