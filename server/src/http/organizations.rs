//! The caller's organization as Braintrust's `organization`. A key sees its own only.

use axum::Json;
use axum::extract::State;
use concord_shared::ids::OrganizationId;
use concord_shared::moment::Moment;
use concord_shared::role::Action;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::{Id, JsonBody, Params};
use super::error::ApiError;
use super::login::organization;
use super::paging::{self, Objects, Paging, objects};
use crate::app::App;
use crate::domain::access::Principal;
use crate::domain::account::{Organization, check};

/// Routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show, change))
}

/// An organization.
#[derive(Serialize, ToSchema)]
#[schema(as = Organization)]
struct Answer {
    id: OrganizationId,
    /// What clients call `org_name`.
    name: String,
    /// Where its API is.
    api_url: String,
    proxy_url: String,
    realtime_url: Option<String>,
    is_universal_api: bool,
    created: Moment,
}

fn describe(app: &App, organization: Organization) -> Answer {
    let url = app.public_url.to_string();
    Answer {
        id: organization.id,
        name: organization.name,
        api_url: url.clone(),
        proxy_url: url,
        realtime_url: None,
        is_universal_api: true,
        created: organization.created,
    }
}

/// The organization of the key.
#[utoipa::path(get, path = "/v1/organization", tag = "members",
    params(Paging, ("org_name" = Option<String>, Query, description = "Of that name")),
    responses((status = 200, body = Objects<Answer>)))]
async fn list(State(app): State<App>, caller: Caller, params: Params) -> Result<Json<Objects<Answer>>, ApiError> {
    let principal = caller.permit(Action::Read)?;
    let own = organization(&app, principal).await?;
    let page = paging::page(&params)?;
    if let Some(cursor) = page.after.or(page.before).filter(|cursor| *cursor != own.id.0) {
        return Err(paging::unknown_cursor("organization", cursor));
    }
    let named = params.text("org_name").is_none_or(|name| name == own.name);
    let found = if named { vec![own] } else { Vec::new() };
    let found = page.cut(found, |organization: &Organization| organization.id.0);
    Ok(objects(&found, |organization| describe(&app, organization.clone())))
}

async fn own(app: &App, principal: &Principal, id: OrganizationId) -> Result<Organization, ApiError> {
    if id != principal.organization {
        return Err(ApiError::not_found("organization", id));
    }
    organization(app, principal).await
}

/// The organization of the key.
#[utoipa::path(get, path = "/v1/organization/{id}", tag = "members", params(("id" = OrganizationId, Path)), responses((status = 200, body = Answer)))]
async fn show(State(app): State<App>, caller: Caller, Id(id): Id<OrganizationId>) -> Result<Json<Answer>, ApiError> {
    let principal = caller.permit(Action::Read)?;
    let own = own(&app, principal, id).await?;
    Ok(Json(describe(&app, own)))
}

/// What is absent or null stays. Addresses follow from the server's configuration.
#[derive(Deserialize, ToSchema)]
#[schema(as = PatchOrganization)]
struct Change {
    name: Option<String>,
    api_url: Option<String>,
    proxy_url: Option<String>,
    realtime_url: Option<String>,
}

/// Renames the organization. Clients that name it by `org_name` have to be told.
#[utoipa::path(patch, path = "/v1/organization/{id}", tag = "members", params(("id" = OrganizationId, Path)), request_body = Change, responses((status = 200, body = Answer)))]
async fn change(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<OrganizationId>,
    JsonBody(body): JsonBody<Change>,
) -> Result<Json<Answer>, ApiError> {
    let principal = caller.permit(Action::ManageOrganization)?;
    let mut own = own(&app, principal, id).await?;
    let urls = [("api_url", body.api_url), ("proxy_url", body.proxy_url), ("realtime_url", body.realtime_url)];
    if let Some((field, _)) = urls.iter().find(|(_, url)| url.as_ref().is_some_and(|url| **url != *app.public_url)) {
        let detail = format!("{field}: addresses follow from --public-url of the server; leave it out");
        return Err(ApiError::invalid(detail));
    }
    if let Some(name) = body.name {
        own.name = check::name("name", &name).map_err(ApiError::invalid)?;
        app.store.rename_organization(id, &own.name).await?;
    }
    Ok(Json(describe(&app, own)))
}
