//! Projects, by both generations of Braintrust's calls.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use concord_shared::ids::{MemberId, OrganizationId, ProjectId};
use concord_shared::moment::Moment;
use concord_shared::problem::ProblemCode;
use concord_shared::role::Action;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::{Id, JsonBody, Params};
use super::error::ApiError;
use super::login::{check_organization, organization};
use super::paging::{self, Objects, Paging, objects};
use crate::app::App;
use crate::domain::access::Principal;
use crate::domain::account::check;
use crate::domain::project::{Page, Project, ProjectFilter};

/// Longest description, in bytes.
pub const DESCRIPTION_BYTES: usize = 16 * 1024;
/// What clients call their project when nobody named one.
pub(super) const UNNAMED: &str = "Global";
/// Most projects that one search answers.
const SEARCH: u32 = 1000;

/// Routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, change, remove))
        .routes(routes!(register))
        .routes(routes!(lookup))
        .routes(routes!(search))
}

/// A project.
#[derive(Serialize, ToSchema)]
#[schema(as = Project)]
pub(super) struct Answer {
    /// Also the id of its logs.
    id: ProjectId,
    org_id: OrganizationId,
    /// Unique in the organization.
    name: String,
    #[schema(required)]
    description: Option<String>,
    created: Moment,
    #[schema(required)]
    deleted_at: Option<Moment>,
    #[schema(required)]
    user_id: Option<MemberId>,
    /// Kept for clients; an object or null.
    settings: Value,
}

pub(super) fn describe(project: &Project) -> Answer {
    let Project { id, organization, name, description, settings, created_by, created, deleted } = project.clone();
    Answer { id, org_id: organization, name, description, created, deleted_at: deleted, user_id: created_by, settings }
}

/// Projects, newest first.
#[utoipa::path(get, path = "/v1/project", tag = "projects",
    params(
        Paging,
        ("project_name" = Option<String>, Query, description = "Of that name"),
        ("org_name" = Option<String>, Query, description = "The key's organization; the list of another one is empty"),
    ),
    responses((status = 200, body = Objects<Answer>)))]

async fn list(State(app): State<App>, caller: Caller, params: Params) -> Result<Json<Objects<Answer>>, ApiError> {
    let principal = caller.permit(Action::Read)?;
    if is_foreign(&app, principal, &params).await? {
        return Ok(objects(&[], describe));
    }
    let page = paging::page(&params)?;
    if let Some(cursor) = page.after.or(page.before)
        && app.store.project(principal.organization, ProjectId(cursor)).await?.is_none()
    {
        return Err(paging::unknown_cursor("project", cursor));
    }
    let name = params.text("project_name").map(str::to_owned);
    let filter = ProjectFilter { organization: principal.organization, name, page };
    Ok(objects(&app.store.projects(&filter).await?, describe))
}

/// Whether a list names another organization; such a list is empty.
pub async fn is_foreign(app: &App, principal: &Principal, params: &Params) -> Result<bool, ApiError> {
    match params.text("org_name") {
        Some(name) => Ok(organization(app, principal).await?.name != name),
        None => Ok(false),
    }
}

/// A project to be made.
#[derive(Deserialize, ToSchema)]
#[schema(as = CreateProject)]
struct Create {
    name: String,
    description: Option<String>,
    org_name: Option<String>,
}

/// The project of that name, made if there is none.
#[utoipa::path(post, path = "/v1/project", tag = "projects", request_body = Create, responses((status = 200, body = Answer)))]
async fn create(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody<Create>,
) -> Result<(HeaderMap, Json<Answer>), ApiError> {
    let principal = caller.permit(Action::RegisterProject)?;
    check_organization(&app, principal, body.org_name.as_deref(), None).await?;
    let (project, existed) = ensure(&app, principal, &body.name, body.description).await?;
    Ok((found_existing(existed), Json(describe(&project))))
}

/// The project that was asked for.
#[derive(Serialize, ToSchema)]
#[schema(as = RegisteredProject)]
struct Registered {
    project: Answer,
    found_existing: bool,
}

/// A project and, for clients that want no more, its name.
#[derive(Serialize, ToSchema)]
#[schema(as = FoundProject)]
struct Found {
    name: String,
    project: Answer,
}

/// A project by name or id.
#[derive(Deserialize, ToSchema)]
#[schema(as = RegisterProject)]
struct Register {
    project_name: Option<String>,
    project_id: Option<ProjectId>,
    org_id: Option<String>,
    org_name: Option<String>,
}

/// The same, as the SDK for TypeScript and older ones for Python ask.
#[utoipa::path(post, path = "/api/project/register", tag = "projects", request_body = Register, responses((status = 200, body = Registered)))]
async fn register(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody<Register>,
) -> Result<Json<Registered>, ApiError> {
    let principal = caller.permit(Action::RegisterProject)?;
    check_organization(&app, principal, body.org_name.as_deref(), body.org_id.as_deref()).await?;
    let (project, existed) = match body.project_id {
        Some(id) => (find(&app, principal, id).await?, true),
        None => ensure(&app, principal, body.project_name.as_deref().unwrap_or(UNNAMED), None).await?,
    };
    Ok(Json(Registered { project: describe(&project), found_existing: existed }))
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
/// One project.
#[utoipa::path(get, path = "/v1/project/{id}", tag = "projects", params(("id" = ProjectId, Path)), responses((status = 200, body = Answer)))]
async fn show(State(app): State<App>, caller: Caller, Id(id): Id<ProjectId>) -> Result<Json<Answer>, ApiError> {
    let principal = permit_lookup(&caller)?;
    Ok(Json(describe(&find(&app, principal, id).await?)))
}

/// A project by id, as the SDK for TypeScript asks.
#[utoipa::path(get, path = "/api/project", tag = "projects", params(("id" = ProjectId, Query)), responses((status = 200, body = Found)))]
async fn lookup(State(app): State<App>, caller: Caller, params: Params) -> Result<Json<Found>, ApiError> {
    let principal = permit_lookup(&caller)?;
    let id = params.value("id")?;
    let id = id.ok_or_else(|| ApiError::new(ProblemCode::Malformed, "name the project: ?id=…"))?;
    let project = find(&app, principal, id).await?;
    Ok(Json(Found { name: project.name.clone(), project: describe(&project) }))
}

/// What [`search`] looks for; of several names the given ones must all fit.
#[derive(Default, Deserialize, ToSchema)]
#[schema(as = SearchProjects)]
#[serde(default)]
struct Search {
    id: Option<ProjectId>,
    project_id: Option<ProjectId>,
    name: Option<String>,
    project_name: Option<String>,
    org_id: Option<String>,
    org_name: Option<String>,
}

/// Projects of that id or name, as the command line of the SDK for TypeScript asks; without either, all.
#[utoipa::path(post, path = "/api/project/get", tag = "projects", request_body = Search, responses((status = 200, body = Vec<Answer>)))]
async fn search(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody<Search>,
) -> Result<Json<Vec<Answer>>, ApiError> {
    let principal = permit_lookup(&caller)?;
    check_organization(&app, principal, body.org_name.as_deref(), body.org_id.as_deref()).await?;
    let wanted = body.id.or(body.project_id);
    // A key that reads nothing may look up what it can name.
    if wanted.is_none() && body.name.is_none() && body.project_name.is_none() {
        caller.permit(Action::Read)?;
    }
    let ids = wanted.map(|id| id.0).into_iter().collect();
    let page = Page { ids, limit: SEARCH, ..Page::default() };
    let filter = ProjectFilter { organization: principal.organization, name: body.name.or(body.project_name), page };
    Ok(Json(app.store.projects(&filter).await?.iter().map(describe).collect()))
}

/// By id or by name: whoever may make a thing may also find it.
pub(super) fn permit_lookup(caller: &Caller) -> Result<&Principal, ApiError> {
    caller.permit(Action::Read).or_else(|_| caller.permit(Action::RegisterProject))
}

/// A project of the caller's organization.
pub(super) async fn find(app: &App, principal: &Principal, id: ProjectId) -> Result<Project, ApiError> {
    app.store.project(principal.organization, id).await?.ok_or_else(|| ApiError::not_found("project", id))
}

/// What is absent or null stays; `settings` is replaced whole.
#[derive(Deserialize, ToSchema)]
#[schema(as = PatchProject)]
struct Change {
    name: Option<String>,
    description: Option<String>,
    settings: Option<Value>,
}

/// Changes a project.
#[utoipa::path(patch, path = "/v1/project/{id}", tag = "projects", params(("id" = ProjectId, Path)), request_body = Change, responses((status = 200, body = Answer)))]
async fn change(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ProjectId>,
    JsonBody(body): JsonBody<Change>,
) -> Result<Json<Answer>, ApiError> {
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

/// Deletes a project; its rows and reviews stay in the database.
#[utoipa::path(delete, path = "/v1/project/{id}", tag = "projects", params(("id" = ProjectId, Path)), responses((status = 200, body = Answer)))]
async fn remove(State(app): State<App>, caller: Caller, Id(id): Id<ProjectId>) -> Result<Json<Answer>, ApiError> {
    let principal = caller.permit(Action::ManageProject)?;
    let mut project = find(&app, principal, id).await?;
    let now = app.clock.now();
    app.store.delete_project(id, now).await?;
    app.catalog.changed(id);
    project.deleted = Some(now);
    Ok(Json(describe(&project)))
}
