//! `POST /api/apikey/login`: the first call of every Braintrust client.

use axum::Json;
use axum::extract::State;
use concord_shared::problem::ProblemCode;
use concord_shared::role::Action;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::error::ApiError;
use crate::app::App;
use crate::domain::access::Principal;
use crate::domain::account::Organization;

/// Routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(login))
}

/// Where the API is and whose the key is: the first call of every client.
#[utoipa::path(post, path = "/api/apikey/login", tag = "session", responses((status = 200, body = Object)))]
async fn login(State(app): State<App>, caller: Caller) -> Result<Json<Value>, ApiError> {
    let principal = caller.permit(Action::Login)?;
    let organization = organization(&app, principal).await?;
    Ok(Json(json!({"org_info": [{
        "id": organization.id,
        "name": organization.name,
        "api_url": &*app.public_url,
        "proxy_url": &*app.public_url,
        "realtime_url": null,
        "is_universal_api": true,
        "git_metadata": null,
    }]})))
}

/// The caller's organization.
pub async fn organization(app: &App, principal: &Principal) -> Result<Organization, ApiError> {
    let organization = app.store.organization(principal.organization).await?;
    organization.ok_or_else(|| ApiError::Internal("a principal without organization".to_owned()))
}

/// Refuses a request that names another organization than its key's, in the words that clients know.
pub async fn check_organization(
    app: &App,
    principal: &Principal,
    name: Option<&str>,
    id: Option<&str>,
) -> Result<(), ApiError> {
    let (name, id) = (name.filter(|name| !name.is_empty()), id.filter(|id| !id.is_empty()));
    if name.is_none() && id.is_none() {
        return Ok(());
    }
    let own = organization(app, principal).await?;
    if name.is_none_or(|name| name == own.name) && id.is_none_or(|id| id.eq_ignore_ascii_case(&own.id.to_string())) {
        return Ok(());
    }
    let wanted: String = name.or(id).unwrap_or_default().chars().take(100).collect();
    let detail = format!("Organization {wanted} not found. Must be one of {}", own.name);
    Err(ApiError::new(ProblemCode::Forbidden, detail))
}
