//! Projects, by both generations of Braintrust's calls.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::routing::{get, post};
use axum::{Json, Router};
use concord_shared::ids::ProjectId;
use concord_shared::problem::ProblemCode;
use concord_shared::role::Action;
use serde::Deserialize;
use serde_json::{Value, json};

use super::auth::Caller;
use super::body::{Id, JsonBody, Params};
use super::error::ApiError;
use super::login::{check_organization, organization};
use super::paging;
use crate::app::App;
use crate::domain::access::Principal;
use crate::domain::account::check;
use crate::domain::project::{Project, ProjectFilter};

/// Longest description, in bytes.
pub const DESCRIPTION_BYTES: usize = 16 * 1024;
/// What clients call their project when nobody named one.
pub(super) const UNNAMED: &str = "Global";

/// Routes of this file.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/v1/project", get(list).post(create))
        .route("/v1/project/{id}", get(show).patch(change).delete(remove))
        .route("/api/project/register", post(register))
        .route("/api/project", get(lookup))
}

/// A project as Braintrust's clients read it.
pub(super) fn describe(project: &Project) -> Value {
    json!({
        "id": project.id,
        "org_id": project.organization,
        "name": project.name,
        "description": project.description,
        "created": project.created,
        "deleted_at": project.deleted,
        "user_id": project.created_by,
        "settings": project.settings,
    })
}

async fn list(State(app): State<App>, caller: Caller, params: Params) -> Result<Json<Value>, ApiError> {
    let principal = caller.permit(Action::Read)?;
    if is_foreign(&app, principal, &params).await? {
        return Ok(Json(json!({"objects": []})));
    }
    let page = paging::page(&params)?;
    if let Some(cursor) = page.after.or(page.before)
        && app.store.project(principal.organization, ProjectId(cursor)).await?.is_none()
    {
        return Err(paging::unknown_cursor("project", cursor));
    }
    let name = params.text("project_name").map(str::to_owned);
    let filter = ProjectFilter { organization: principal.organization, name, page };
    Ok(Json(paging::objects(&app.store.projects(&filter).await?, describe)))
}

/// Whether a list names another organization; such a list is empty.
pub async fn is_foreign(app: &App, principal: &Principal, params: &Params) -> Result<bool, ApiError> {
    match params.text("org_name") {
        Some(name) => Ok(organization(app, principal).await?.name != name),
        None => Ok(false),
    }
}

#[derive(Deserialize)]
struct Create {
    name: String,
    description: Option<String>,
    org_name: Option<String>,
}

async fn create(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody<Create>,
) -> Result<(HeaderMap, Json<Value>), ApiError> {
    let principal = caller.permit(Action::RegisterProject)?;
    check_organization(&app, principal, body.org_name.as_deref(), None).await?;
    let (project, existed) = ensure(&app, principal, &body.name, body.description).await?;
    Ok((found_existing(existed), Json(describe(&project))))
}

#[derive(Deserialize)]
struct Register {
    project_name: Option<String>,
    project_id: Option<ProjectId>,
    org_id: Option<String>,
    org_name: Option<String>,
}

async fn register(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody<Register>,
) -> Result<Json<Value>, ApiError> {
    let principal = caller.permit(Action::RegisterProject)?;
    check_organization(&app, principal, body.org_name.as_deref(), body.org_id.as_deref()).await?;
    let (project, existed) = match body.project_id {
        Some(id) => (find(&app, principal, id).await?, true),
        None => ensure(&app, principal, body.project_name.as_deref().unwrap_or(UNNAMED), None).await?,
    };
    Ok(Json(json!({"project": describe(&project), "found_existing": existed})))
}

/// The project of that name, made if there is none.
pub(super) async fn ensure(
    app: &App,
    principal: &Principal,
    name: &str,
    description: Option<String>,
) -> Result<(Project, bool), ApiError> {
    let project = Project {
        id: ProjectId::new(),
        organization: principal.organization,
        name: check::name("name", name).map_err(ApiError::invalid)?,
        description: check_description(description)?,
        settings: Value::Null,
        created_by: principal.member,
        created: app.clock.now(),
        deleted: None,
    };
    Ok(app.store.register_project(&project).await?)
}

/// Tells create-or-return calls apart without changing their answer's shape.
pub fn found_existing(existed: bool) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if existed {
        headers.insert(HeaderName::from_static("x-bt-found-existing"), HeaderValue::from_static("true"));
    }
    headers
}

/// Empty text means none.
pub fn check_description(description: Option<String>) -> Result<Option<String>, ApiError> {
    match description {
        Some(text) if text.len() > DESCRIPTION_BYTES => {
            Err(ApiError::invalid(format!("description: at most {DESCRIPTION_BYTES} bytes, not {}", text.len())))
        }
        other => Ok(other.filter(|text| !text.is_empty())),
    }
}

/// By id. Ingest keys may ask too: current Python clients do so before their first row.
async fn show(State(app): State<App>, caller: Caller, Id(id): Id<ProjectId>) -> Result<Json<Value>, ApiError> {
    let principal = permit_lookup(&caller)?;
    Ok(Json(describe(&find(&app, principal, id).await?)))
}

async fn lookup(State(app): State<App>, caller: Caller, params: Params) -> Result<Json<Value>, ApiError> {
    let principal = permit_lookup(&caller)?;
    let id = params.value("id")?;
    let id = id.ok_or_else(|| ApiError::new(ProblemCode::Malformed, "name the project: ?id=…"))?;
    let project = find(&app, principal, id).await?;
    Ok(Json(json!({"name": project.name, "project": describe(&project)})))
}

/// By id or by name: whoever may make a thing may also find it.
pub(super) fn permit_lookup(caller: &Caller) -> Result<&Principal, ApiError> {
    caller.permit(Action::Read).or_else(|_| caller.permit(Action::RegisterProject))
}

/// A project of the caller's organization.
pub(super) async fn find(app: &App, principal: &Principal, id: ProjectId) -> Result<Project, ApiError> {
    app.store.project(principal.organization, id).await?.ok_or_else(|| ApiError::not_found("project", id))
}

#[derive(Deserialize)]
struct Change {
    name: Option<String>,
    description: Option<String>,
    settings: Option<Value>,
}

/// What is absent or null stays; `settings` is replaced whole.
async fn change(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ProjectId>,
    JsonBody(body): JsonBody<Change>,
) -> Result<Json<Value>, ApiError> {
    let principal = caller.permit(Action::ManageProject)?;
    let mut project = find(&app, principal, id).await?;
    if let Some(name) = body.name {
        project.name = check::name("name", &name).map_err(ApiError::invalid)?;
    }
    if body.description.is_some() {
        project.description = check_description(body.description)?;
    }
    if let Some(settings) = body.settings.filter(|settings| !settings.is_null()) {
        if !settings.is_object() {
            return Err(ApiError::invalid("settings must be an object"));
        }
        project.settings = settings;
    }
    app.store.update_project(&project).await?;
    Ok(Json(describe(&project)))
}

async fn remove(State(app): State<App>, caller: Caller, Id(id): Id<ProjectId>) -> Result<Json<Value>, ApiError> {
    let principal = caller.permit(Action::ManageProject)?;
    let mut project = find(&app, principal, id).await?;
    let now = app.clock.now();
    app.store.delete_project(id, now).await?;
    app.catalog.changed(id);
    project.deleted = Some(now);
    Ok(Json(describe(&project)))
}
