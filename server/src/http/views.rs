//! Saved views: Braintrust's `view`.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use concord_shared::ids::{MemberId, ObjectRef, ObjectType, ProjectId, ViewId};
use concord_shared::moment::Moment;
use concord_shared::problem::ProblemCode;
use concord_shared::role::Action;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::auth::Caller;
use super::body::{Id, JsonBody, Params};
use super::error::ApiError;
use super::object::visible;
use super::paging::{self, Objects, Paging, objects};
use super::patch::{check_size, merge};
use super::projects::{check_description, found_existing};
use crate::app::App;
use crate::domain::access::Principal;
use crate::domain::account::check;
use crate::domain::project::Page;
use crate::domain::view::{MAX_VIEWS, View, ViewFilter};

/// What views may look at.
const OBJECT_TYPES: &str = "project, project_log, experiment, dataset, organization, org_project or org_member";
/// The tables of the API; `None` is allowed as well.
const VIEW_TYPES: [&str; 17] = [
    "projects",
    "experiments",
    "experiment",
    "playgrounds",
    "playground",
    "datasets",
    "dataset",
    "prompts",
    "parameters",
    "tools",
    "scorers",
    "classifiers",
    "logs",
    "monitor",
    "for_review_project_log",
    "for_review_experiments",
    "for_review_datasets",
];

/// Routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create, replace)).routes(routes!(show, change, remove))
}

/// A saved view.
#[derive(Serialize, ToSchema)]
#[schema(as = View)]
struct Answer {
    id: ViewId,
    /// project, project_log, experiment, dataset, organization, org_project or org_member.
    object_type: String,
    object_id: Uuid,
    /// Which table of the object.
    #[schema(required)]
    view_type: Option<String>,
    /// Unique among the views of that table.
    name: String,
    #[schema(required)]
    description: Option<String>,
    created: Moment,
    updated_at: Moment,
    /// Filters and sorts, as they were sent.
    view_data: Value,
    /// Columns and layout, as they were sent.
    options: Value,
    #[schema(required)]
    user_id: Option<MemberId>,
    #[schema(required)]
    deleted_at: Option<Moment>,
}

fn describe(view: &View) -> Answer {
    let view = view.clone();
    Answer {
        id: view.id,
        object_type: view.object_type,
        object_id: view.object_id,
        view_type: view.view_type,
        name: view.name,
        description: view.description,
        created: view.created,
        updated_at: view.updated,
        view_data: view.view_data,
        options: view.options,
        user_id: view.created_by,
        deleted_at: None,
    }
}

/// The thing that views look at, if the caller may know of it.
async fn check_object(app: &App, principal: &Principal, object_type: &str, id: Uuid) -> Result<(), ApiError> {
    let object_type = match object_type {
        "project" | "project_log" => {
            let found = app.catalog.project(principal.organization, ProjectId(id)).await?;
            return found.map(drop).ok_or_else(|| ApiError::not_found("project", id));
        }
        "organization" | "org_project" | "org_member" if id == principal.organization.0 => return Ok(()),
        "organization" | "org_project" | "org_member" => return Err(ApiError::not_found("organization", id)),
        "experiment" => ObjectType::Experiment,
        "dataset" => ObjectType::Dataset,
        other => {
            let shown: String = other.chars().take(40).collect();
            return Err(ApiError::invalid(format!("object_type: {shown:?} has no views here; send {OBJECT_TYPES}")));
        }
    };
    visible(app, principal, ObjectRef { object_type, object_id: id }).await.map(drop)
}

fn object_of(params: &Params) -> Result<(&str, Uuid), ApiError> {
    let missing = |key: &str| ApiError::new(ProblemCode::Malformed, format!("{key}: is missing"));
    let object_type = params.text("object_type").ok_or_else(|| missing("object_type"))?;
    Ok((object_type, params.value("object_id")?.ok_or_else(|| missing("object_id"))?))
}

/// Views of an object, newest first.
#[utoipa::path(get, path = "/v1/view", tag = "views",
    params(
        Paging,
        ("object_type" = String, Query, description = "What the views look at"),
        ("object_id" = Uuid, Query, description = "Which"),
        ("view_name" = Option<String>, Query, description = "Of that name"),
        ("view_type" = Option<String>, Query, description = "Of that table"),
    ),
    responses((status = 200, body = Objects<Answer>)))]
async fn list(State(app): State<App>, caller: Caller, params: Params) -> Result<Json<Objects<Answer>>, ApiError> {
    let principal = caller.permit(Action::Read)?;
    let (object_type, object_id) = object_of(&params)?;
    check_object(&app, principal, object_type, object_id).await?;
    let page = paging::page(&params)?;
    if let Some(cursor) = page.after.or(page.before)
        && app.store.view(principal.organization, ViewId(cursor)).await?.is_none()
    {
        return Err(paging::unknown_cursor("view", cursor));
    }
    let filter = ViewFilter {
        organization: principal.organization,
        object_type: object_type.to_owned(),
        object_id,
        name: params.text("view_name").map(str::to_owned),
        view_type: params.text("view_type").map(str::to_owned),
        page,
    };
    // All are read, so that those that the caller may not know of shorten no page.
    let (limit, backwards) = (filter.page.limit as usize, filter.page.before.is_some());
    let filter = ViewFilter { page: Page { limit: MAX_VIEWS as u32, ..filter.page }, ..filter };
    let mut views = app.store.views(&filter).await?;
    views.retain(|view| view.is_visible_to(principal));
    let left_out = views.len().saturating_sub(limit);
    let page = if backwards { &views[left_out..] } else { &views[..views.len() - left_out] };
    Ok(objects(page, describe))
}

/// A view to be made.
#[derive(Deserialize, ToSchema)]
#[schema(as = CreateView)]
struct Create {
    object_type: String,
    object_id: Uuid,
    view_type: Option<String>,
    name: String,
    description: Option<String>,
    #[serde(default)]
    view_data: Value,
    /// `personal: true`: nobody but its maker sees it.
    #[serde(default)]
    options: Value,
}

/// Makes a view; one of that name is returned as it is.
#[utoipa::path(post, path = "/v1/view", tag = "views", request_body = Create, responses((status = 200, body = Answer)))]
async fn create(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody<Create>,
) -> Result<(HeaderMap, Json<Answer>), ApiError> {
    register(&app, &caller, body, false).await
}

/// Makes a view, or replaces the one of that name.
#[utoipa::path(put, path = "/v1/view", tag = "views", request_body = Create, responses((status = 200, body = Answer)))]
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
    let principal = caller.permit(Action::SaveViews)?;
    check_object(app, principal, &body.object_type, body.object_id).await?;
    let now = app.clock.now();
    let view = View {
        id: ViewId::new(),
        organization: principal.organization,
        object_type: body.object_type,
        object_id: body.object_id,
        view_type: body.view_type,
        name: check::name("name", &body.name).map_err(ApiError::invalid)?,
        description: check_description(body.description)?,
        view_data: body.view_data,
        options: body.options,
        created_by: principal.member,
        created: now,
        updated: now,
    };
    check(&view)?;
    let all = ViewFilter {
        organization: view.organization,
        object_type: view.object_type.clone(),
        object_id: view.object_id,
        name: None,
        view_type: None,
        page: Page { limit: MAX_VIEWS as u32, ..Page::default() },
    };
    let known = app.store.views(&all).await?;
    let there = known.iter().find(|known| (&known.view_type, &known.name) == (&view.view_type, &view.name));
    match there {
        Some(there) if !there.is_visible_to(principal) => {
            let detail = format!("name: {:?} is the name of somebody's personal view; choose another", view.name);
            return Err(ApiError::new(ProblemCode::Conflict, detail));
        }
        Some(there) if replace => there.permit_change(principal)?,
        _ => {}
    }
    if known.len() >= MAX_VIEWS && there.is_none() {
        return Err(ApiError::invalid(format!("an object has at most {MAX_VIEWS} views; delete one first")));
    }
    let (view, existed) = app.store.register_view(&view, replace).await?;
    Ok((found_existing(existed), Json(describe(&view))))
}

fn check(view: &View) -> Result<(), ApiError> {
    if let Some(view_type) = view.view_type.as_deref().filter(|view_type| !VIEW_TYPES.contains(view_type)) {
        let shown: String = view_type.chars().take(40).collect();
        return Err(ApiError::invalid(format!("view_type: {shown:?} is unknown; choose of {}", VIEW_TYPES.join(", "))));
    }
    for (field, value) in [("view_data", &view.view_data), ("options", &view.options)] {
        if !matches!(value, Value::Null | Value::Object(_)) {
            return Err(ApiError::invalid(format!("{field}: must be an object or null")));
        }
        check_size(field, value)?;
    }
    Ok(())
}

async fn find(
    app: &App,
    principal: &Principal,
    id: ViewId,
    object_type: &str,
    object_id: Uuid,
) -> Result<View, ApiError> {
    let view = app.store.view(principal.organization, id).await?;
    let view = view.filter(|view| view.object_type == object_type && view.object_id == object_id);
    let view = view.filter(|view| view.is_visible_to(principal));
    view.ok_or_else(|| ApiError::not_found(&format!("view of the {object_type} {object_id} with the id"), id))
}

/// One view of an object.
#[utoipa::path(get, path = "/v1/view/{id}", tag = "views",
    params(("id" = ViewId, Path), ("object_type" = String, Query), ("object_id" = Uuid, Query)),
    responses((status = 200, body = Answer)))]
async fn show(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ViewId>,
    params: Params,
) -> Result<Json<Answer>, ApiError> {
    let principal = caller.permit(Action::Read)?;
    let (object_type, object_id) = object_of(&params)?;
    Ok(Json(describe(&find(&app, principal, id, object_type, object_id).await?)))
}

/// The object has to be named again; what else is absent or null stays, objects are merged into the stored ones.
#[derive(Deserialize, ToSchema)]
#[schema(as = PatchView)]
struct Change {
    object_type: String,
    object_id: Uuid,
    view_type: Option<String>,
    name: Option<String>,
    description: Option<String>,
    #[serde(default)]
    view_data: Value,
    #[serde(default)]
    options: Value,
}

/// Changes a view.
#[utoipa::path(patch, path = "/v1/view/{id}", tag = "views", params(("id" = ViewId, Path)), request_body = Change, responses((status = 200, body = Answer)))]
async fn change(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ViewId>,
    JsonBody(body): JsonBody<Change>,
) -> Result<Json<Answer>, ApiError> {
    let principal = caller.permit(Action::SaveViews)?;
    let mut view = find(&app, principal, id, &body.object_type, body.object_id).await?;
    view.permit_change(principal)?;
    if let Some(name) = body.name {
        view.name = check::name("name", &name).map_err(ApiError::invalid)?;
    }
    if body.description.is_some() {
        view.description = check_description(body.description)?;
    }
    if body.view_type.is_some() {
        view.view_type = body.view_type;
    }
    merge(&mut view.view_data, body.view_data);
    merge(&mut view.options, body.options);
    check(&view)?;
    view.updated = app.clock.now();
    app.store.update_view(&view).await?;
    Ok(Json(describe(&view)))
}

/// Names the object of a view.
#[derive(Deserialize, ToSchema)]
#[schema(as = DeleteView)]
struct Remove {
    object_type: String,
    object_id: Uuid,
}

/// Deletes a view. The object is named in a body, as clients do.
#[utoipa::path(delete, path = "/v1/view/{id}", tag = "views", params(("id" = ViewId, Path)), request_body = Remove, responses((status = 200, body = Answer)))]
async fn remove(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ViewId>,
    JsonBody(body): JsonBody<Remove>,
) -> Result<Json<Answer>, ApiError> {
    let principal = caller.permit(Action::SaveViews)?;
    let view = find(&app, principal, id, &body.object_type, body.object_id).await?;
    view.permit_change(principal)?;
    app.store.delete_view(id).await?;
    Ok(Json(Answer { deleted_at: Some(app.clock.now()), ..describe(&view) }))
}
