//! Tags that a project offers: Braintrust's `project_tag`.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use concord_shared::ids::{MemberId, ProjectId, TagId};
use concord_shared::moment::Moment;
use concord_shared::role::Action;
use concord_shared::score::config::check_name;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::{Id, JsonBody, Params};
use super::error::ApiError;
use super::paging::{self, Objects, Paging, objects};
use super::patch::check_position;
use super::projects::{check_description, found_existing, is_foreign};
use crate::app::App;
use crate::domain::access::Principal;
use crate::domain::project::Page;
use crate::domain::project::tag::{MAX_TAGS, ProjectTag, TagFilter};

/// Longest colour, in bytes: any CSS colour fits.
const COLOR_BYTES: usize = 64;

/// Routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create, replace)).routes(routes!(show, change, remove))
}

/// A tag that a project offers.
#[derive(Serialize, ToSchema)]
#[schema(as = ProjectTag)]
struct Answer {
    id: TagId,
    project_id: ProjectId,
    user_id: MemberId,
    created: Moment,
    /// Unique in the project; what rows carry.
    name: String,
    description: Option<String>,
    /// In practice a hex colour.
    color: Option<String>,
    /// Sorts as text.
    position: String,
}

fn describe(tag: &ProjectTag) -> Answer {
    let ProjectTag { id, project, created_by, name, description, color, position, created } = tag.clone();
    Answer { id, project_id: project, user_id: created_by, created, name, description, color, position }
}

/// Tags, newest first.
#[utoipa::path(get, path = "/v1/project_tag", tag = "tags",
    params(
        Paging,
        ("project_id" = Option<ProjectId>, Query, description = "Of that project"),
        ("project_name" = Option<String>, Query, description = "Of the project of that name"),
        ("org_name" = Option<String>, Query, description = "The key's organization; the list of another one is empty"),
        ("project_tag_name" = Option<String>, Query, description = "Of that name"),
    ),
    responses((status = 200, body = Objects<Answer>)))]
async fn list(State(app): State<App>, caller: Caller, params: Params) -> Result<Json<Objects<Answer>>, ApiError> {
    let principal = caller.permit(Action::Read)?;
    if is_foreign(&app, principal, &params).await? {
        return Ok(objects(&[], describe));
    }
    let page = paging::page(&params)?;
    if let Some(cursor) = page.after.or(page.before)
        && app.store.tag(principal.organization, TagId(cursor)).await?.is_none()
    {
        return Err(paging::unknown_cursor("tag", cursor));
    }
    let filter = TagFilter {
        organization: principal.organization,
        project: params.value("project_id")?,
        project_name: params.text("project_name").map(str::to_owned),
        name: params.text("project_tag_name").map(str::to_owned),
        page,
    };
    Ok(objects(&app.store.tags(&filter).await?, describe))
}

/// A tag to be made.
#[derive(Deserialize, ToSchema)]
#[schema(as = CreateProjectTag)]
struct Create {
    project_id: ProjectId,
    name: String,
    description: Option<String>,
    color: Option<String>,
}

/// Makes a tag; one of that name is returned as it is.
#[utoipa::path(post, path = "/v1/project_tag", tag = "tags", request_body = Create, responses((status = 200, body = Answer)))]
async fn create(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody<Create>,
) -> Result<(HeaderMap, Json<Answer>), ApiError> {
    register(&app, &caller, body, false).await
}

/// Makes a tag, or gives the one of that name this description and colour.
#[utoipa::path(put, path = "/v1/project_tag", tag = "tags", request_body = Create, responses((status = 200, body = Answer)))]
async fn replace(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody<Create>,
) -> Result<(HeaderMap, Json<Answer>), ApiError> {
    register(&app, &caller, body, true).await
}

async fn register(
    app: &App,
    caller: &Caller,
    body: Create,
    replace: bool,
) -> Result<(HeaderMap, Json<Answer>), ApiError> {
    let principal = caller.permit(Action::Configure)?;
    let project = app.catalog.project(principal.organization, body.project_id).await?;
    let project = project.ok_or_else(|| ApiError::not_found("project", body.project_id))?;
    let tag = ProjectTag {
        id: TagId::new(),
        project: project.id,
        created_by: principal.member.ok_or_else(|| ApiError::invalid("a tag needs a member who made it"))?,
        name: tag_name(&body.name)?,
        description: check_description(body.description)?,
        color: color(body.color)?,
        position: String::new(),
        created: app.clock.now(),
    };
    let page = Page { limit: MAX_TAGS as u32, ..Page::default() };
    let all = TagFilter {
        organization: principal.organization,
        project: Some(project.id),
        project_name: None,
        name: None,
        page,
    };
    let known = app.store.tags(&all).await?;
    if known.len() >= MAX_TAGS && known.iter().all(|known| known.name != tag.name) {
        return Err(ApiError::invalid(format!("a project has at most {MAX_TAGS} tags; delete one first")));
    }
    let (tag, existed) = app.store.register_tag(&tag, replace).await?;
    Ok((found_existing(existed), Json(describe(&tag))))
}

fn tag_name(name: &str) -> Result<String, ApiError> {
    check_name("name", "a tag's name", name.trim())?;
    Ok(name.trim().to_owned())
}

fn color(color: Option<String>) -> Result<Option<String>, ApiError> {
    match color.filter(|color| !color.is_empty()) {
        Some(color) if color.len() > COLOR_BYTES || color.chars().any(char::is_control) => {
            Err(ApiError::invalid(format!("color: at most {COLOR_BYTES} bytes of text such as #e5484d")))
        }
        color => Ok(color),
    }
}

/// One tag.
#[utoipa::path(get, path = "/v1/project_tag/{id}", tag = "tags", params(("id" = TagId, Path)), responses((status = 200, body = Answer)))]
async fn show(State(app): State<App>, caller: Caller, Id(id): Id<TagId>) -> Result<Json<Answer>, ApiError> {
    let principal = caller.permit(Action::Read)?;
    Ok(Json(describe(&find(&app, principal, id).await?)))
}

async fn find(app: &App, principal: &Principal, id: TagId) -> Result<ProjectTag, ApiError> {
    app.store.tag(principal.organization, id).await?.ok_or_else(|| ApiError::not_found("tag", id))
}

/// What is absent or null stays.
#[derive(Deserialize, ToSchema)]
#[schema(as = PatchProjectTag)]
struct Change {
    name: Option<String>,
    description: Option<String>,
    color: Option<String>,
    position: Option<String>,
}

/// Changes a tag. Rows keep the name that they carry.
#[utoipa::path(patch, path = "/v1/project_tag/{id}", tag = "tags", params(("id" = TagId, Path)), request_body = Change, responses((status = 200, body = Answer)))]
async fn change(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<TagId>,
    JsonBody(body): JsonBody<Change>,
) -> Result<Json<Answer>, ApiError> {
    let principal = caller.permit(Action::Configure)?;
    let mut tag = find(&app, principal, id).await?;
    if let Some(name) = body.name {
        tag.name = tag_name(&name)?;
    }
    if body.description.is_some() {
        tag.description = check_description(body.description)?;
    }
    if body.color.is_some() {
        tag.color = color(body.color)?;
    }
    if let Some(position) = body.position {
        tag.position = check_position(position)?;
    }
    app.store.update_tag(&tag).await?;
    Ok(Json(describe(&tag)))
}

/// Deletes a tag; rows keep what they carry.
#[utoipa::path(delete, path = "/v1/project_tag/{id}", tag = "tags", params(("id" = TagId, Path)), responses((status = 200, body = Answer)))]
async fn remove(State(app): State<App>, caller: Caller, Id(id): Id<TagId>) -> Result<Json<Answer>, ApiError> {
    let principal = caller.permit(Action::Configure)?;
    let tag = find(&app, principal, id).await?;
    app.store.delete_tag(id).await?;
    Ok(Json(describe(&tag)))
}
