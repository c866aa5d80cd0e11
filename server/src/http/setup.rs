//! Links: setting up the first organization, accepting an invitation.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use concord_shared::ids::{MemberId, OrganizationId};
use concord_shared::problem::ProblemCode;
use concord_shared::role::Role;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::JsonBody;
use super::error::ApiError;
use super::session::{OwnPage, begin};
use crate::app::App;
use crate::domain::access::Revocation;
use crate::domain::account::secret::Secret;
use crate::domain::account::{Credentials, Member, Organization, TokenKind, check};

/// Routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(is_needed, set_up)).routes(routes!(invitation, accept))
}

/// Whether the server waits for its first owner.
#[derive(Serialize, ToSchema)]
#[schema(as = SetUpNeeded)]
struct Needed {
    needed: bool,
}

/// Whose invitation it is.
#[derive(Serialize, ToSchema)]
#[schema(as = Invitation)]
struct Invited {
    email: String,
    name: String,
    #[schema(required)]
    organization: Option<String>,
}

/// Whether the first organization is still to be made.
#[utoipa::path(get, path = "/api/setup", tag = "session", security(()), responses((status = 200, body = Needed)))]
async fn is_needed(State(app): State<App>) -> Result<Json<Needed>, ApiError> {
    Ok(Json(Needed { needed: !app.store.has_organization().await? }))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = SetUp)]
struct SetUp {
    token: String,
    organization: String,
    name: String,
    email: String,
    password: String,
}

/// Makes the first organization and its owner by the printed link.
#[utoipa::path(post, path = "/api/setup", tag = "session", security(()), request_body = SetUp, responses((status = 200, body = super::session::Answer)))]
async fn set_up(State(app): State<App>, _: OwnPage, JsonBody(body): JsonBody<SetUp>) -> Result<Response, ApiError> {
    let organization = check::name("organization", &body.organization).map_err(ApiError::invalid)?;
    let name = check::name("name", &body.name).map_err(ApiError::invalid)?;
    let email = check::email(&body.email).map_err(ApiError::invalid)?;
    check::password(&body.password).map_err(ApiError::invalid)?;
    if app.store.has_organization().await? {
        return Err(ApiError::new(ProblemCode::Conflict, "this server is set up already; sign in"));
    }
    let now = app.clock.now();
    let organization = Organization { id: OrganizationId::new(), name: organization, created: now };
    let owner = Member {
        id: MemberId::new(),
        organization: organization.id,
        email,
        name,
        role: Role::Owner,
        created: now,
        disabled: false,
    };
    let password_hash = Some(app.passwords.hash(body.password).await?);
    let owner = Credentials { member: owner, password_hash };
    let token = Secret::given(body.token).digest();
    if !app.store.set_up(token, &organization, &owner, now).await? {
        let detail = "this set-up link is not known or used up; the server prints another when it starts";
        return Err(ApiError::new(ProblemCode::InvalidCredentials, detail));
    }
    begin(&app, &owner.member).await
}

fn unknown_invitation() -> ApiError {
    ApiError::new(ProblemCode::NotFound, "this invitation is used up or has expired; ask an owner for another")
}

/// Whose invitation this is.
#[utoipa::path(get, path = "/api/invitation/{token}", tag = "session", security(()), params(("token" = String, Path)), responses((status = 200, body = Invited)))]
async fn invitation(State(app): State<App>, Path(token): Path<String>) -> Result<Json<Invited>, ApiError> {
    let token = Secret::given(token).digest();
    let member = app.store.token_member(token, TokenKind::Invitation, app.clock.now()).await?;
    let member = member.ok_or_else(unknown_invitation)?;
    let organization = app.store.organization(member.organization).await?.map(|organization| organization.name);
    Ok(Json(Invited { email: member.email, name: member.name, organization }))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = AcceptInvitation)]
struct Accept {
    password: String,
}

/// Chooses a password and signs in.
#[utoipa::path(post, path = "/api/invitation/{token}", tag = "session", security(()), params(("token" = String, Path)), request_body = Accept, responses((status = 200, body = super::session::Answer)))]
async fn accept(
    State(app): State<App>,
    _: OwnPage,
    Path(token): Path<String>,
    JsonBody(body): JsonBody<Accept>,
) -> Result<Response, ApiError> {
    let (token, now) = (Secret::given(token).digest(), app.clock.now());
    // Asked before the expensive hashing, which is thus done for holders of a link only.
    app.store.token_member(token, TokenKind::Invitation, now).await?.ok_or_else(unknown_invitation)?;
    check::password(&body.password).map_err(ApiError::invalid)?;
    let hash = app.passwords.hash(body.password).await?;
    let member = app.store.accept_invitation(token, &hash, now).await?.ok_or_else(unknown_invitation)?;
    // A new password ends what the old one began.
    app.access.revoke(Revocation::Member(member.id));
    begin(&app, &member).await
}
