//! Members of the caller's organization.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use concord_shared::ids::MemberId;
use concord_shared::moment::Moment;
use concord_shared::problem::ProblemCode;
use concord_shared::role::{Action, Role};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::{Id, JsonBody};
use super::error::ApiError;
use crate::accounts;
use crate::app::App;
use crate::domain::access::Revocation;
use crate::domain::account::{Member, MemberChange, check};

/// Routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(change, remove)).routes(routes!(invite))
}

/// A member of the organization.
#[derive(Serialize, ToSchema)]
#[schema(as = Member)]
struct Answer {
    id: MemberId,
    email: String,
    name: String,
    role: Role,
    created: Moment,
    /// Removed: keeps their name on what they judged.
    disabled: bool,
}

/// All members.
#[derive(Serialize, ToSchema)]
#[schema(as = Members)]
struct Members {
    members: Vec<Answer>,
}

/// A member who was just added.
#[derive(Serialize, ToSchema)]
#[schema(as = NewMember)]
struct Added {
    id: MemberId,
    email: String,
    name: String,
    role: Role,
    /// Where they choose a password; missing when they were given one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    invite_url: Option<String>,
}

/// Members, removed ones included.
#[utoipa::path(get, path = "/api/member", tag = "members", responses((status = 200, body = Members)))]
async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Members>, ApiError> {
    let principal = caller.permit(Action::Read)?;
    let members = app.store.members(principal.organization).await?;
    Ok(Json(Members { members: members.into_iter().map(describe).collect() }))
}

fn describe(member: Member) -> Answer {
    let Member { id, email, name, role, created, disabled, .. } = member;
    Answer { id, email, name, role, created, disabled }
}

#[derive(Deserialize, ToSchema)]
#[schema(as = CreateMember)]
struct Add {
    email: String,
    name: String,
    role: String,
    password: Option<String>,
}

/// Adds a member, with a password or an invitation.
#[utoipa::path(post, path = "/api/member", tag = "members", request_body = Add, responses((status = 200, body = Added)))]
async fn add(State(app): State<App>, caller: Caller, JsonBody(body): JsonBody<Add>) -> Result<Json<Added>, ApiError> {
    let principal = caller.permit(Action::ManageMembers)?;
    let email = check::email(&body.email).map_err(ApiError::invalid)?;
    let name = check::name("name", &body.name).map_err(ApiError::invalid)?;
    let role = member_role(&body.role)?;
    let password = body.password.filter(|password| !password.is_empty());
    if let Some(password) = &password {
        check::password(password).map_err(ApiError::invalid)?;
    }
    let new = accounts::NewMember { organization: principal.organization, email, name, role, password };
    let (member, link) = accounts::add_member(&*app.store, &app.passwords, new, app.clock.now()).await?;
    let invite_url = link.map(|secret| accounts::invitation_url(&app.public_url, &secret));
    let Member { id, email, name, role, .. } = member;
    Ok(Json(Added { id, email, name, role, invite_url }))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = PatchMember)]
struct Change {
    role: String,
}

/// Changes a member's role.
#[utoipa::path(patch, path = "/api/member/{id}", tag = "members", params(("id" = MemberId, Path)), request_body = Change, responses((status = 200, body = Answer)))]
async fn change(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<MemberId>,
    JsonBody(body): JsonBody<Change>,
) -> Result<Json<Answer>, ApiError> {
    let principal = caller.permit(Action::ManageMembers)?;
    let role = member_role(&body.role)?;
    answer(app.store.set_role(principal.organization, id, role).await?, id)?;
    // Whatever the member opened with the old role closes, and comes back with the new one.
    app.access.revoke(Revocation::Member(id));
    let member = app.store.member(id).await?.ok_or_else(|| ApiError::not_found("member", id))?;
    Ok(Json(describe(member)))
}

/// Removes a member, who keeps their name on what they judged.
#[utoipa::path(delete, path = "/api/member/{id}", tag = "members", params(("id" = MemberId, Path)), responses((status = 204)))]
async fn remove(State(app): State<App>, caller: Caller, Id(id): Id<MemberId>) -> Result<StatusCode, ApiError> {
    let principal = caller.permit(Action::ManageMembers)?;
    answer(app.store.remove_member(principal.organization, id, app.clock.now()).await?, id)?;
    app.access.revoke(Revocation::Member(id));
    Ok(StatusCode::NO_CONTENT)
}

/// Where a member chooses a password.
#[derive(Serialize, ToSchema)]
#[schema(as = Invitation)]
struct Invited {
    invite_url: String,
}

/// Another link by which a member chooses a password: where the first was lost, or the password. It works once.
#[utoipa::path(post, path = "/api/member/{id}/invitation", tag = "members", params(("id" = MemberId, Path)), responses((status = 200, body = Invited)))]
async fn invite(State(app): State<App>, caller: Caller, Id(id): Id<MemberId>) -> Result<Json<Invited>, ApiError> {
    let principal = caller.permit(Action::ManageMembers)?;
    let member = app.store.member(id).await?;
    let member = member.filter(|member| member.organization == principal.organization && !member.disabled);
    let member = member.ok_or_else(|| ApiError::not_found("member", id))?;
    let secret = accounts::invite(&*app.store, member.id, app.clock.now()).await?;
    Ok(Json(Invited { invite_url: accounts::invitation_url(&app.public_url, &secret) }))
}

fn answer(change: MemberChange, id: MemberId) -> Result<(), ApiError> {
    match change {
        MemberChange::Done => Ok(()),
        MemberChange::Unknown => Err(ApiError::not_found("member", id)),
        MemberChange::LastOwner => {
            let detail = "this is the last owner of the organization; make somebody else an owner first";
            Err(ApiError::new(ProblemCode::Conflict, detail))
        }
    }
}

fn member_role(text: &str) -> Result<Role, ApiError> {
    let role = text.parse::<Role>().ok().filter(|role| role.is_for_members());
    role.ok_or_else(|| {
        let shown: String = text.chars().take(40).collect();
        ApiError::invalid(format!("role {shown:?} is unknown; choose owner, lead, reviewer or viewer"))
    })
}
