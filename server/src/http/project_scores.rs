//! Score configurations: Braintrust's `project_score`.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use concord_shared::ids::{MemberId, ProjectId, ScoreId};
use concord_shared::moment::Moment;
use concord_shared::role::Action;
use concord_shared::score::shape;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::{Id, JsonBody, Params};
use super::error::ApiError;
use super::paging::{self, Objects, Paging, objects};
use super::patch::{check_position, check_size, merge};
use super::projects::{check_description, found_existing, is_foreign};
use crate::app::App;
use crate::domain::access::Principal;
use crate::domain::project::{MAX_SCORES, ProjectScore, ScoreFilter};

/// Routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create, replace)).routes(routes!(show, change, remove))
}

/// A score that a project wants judged.
#[derive(Serialize, ToSchema)]
#[schema(as = ProjectScore)]
struct Answer {
    id: ScoreId,
    project_id: ProjectId,
    user_id: MemberId,
    created: Moment,
    /// Unique in the project; the key under `scores`.
    name: String,
    #[schema(required)]
    description: Option<String>,
    /// slider, categorical, free-form, weighted, minimum, maximum or online.
    score_type: String,
    /// Options with their numbers, weights of other scores, names of other scores, or null.
    categories: Value,
    /// Where the value goes, who sees the score, when it is asked; unknown keys are kept.
    config: Value,
    /// Sorts as text.
    position: String,
}

fn describe(score: &ProjectScore) -> Answer {
    let ProjectScore { id, project, created_by, name, description, score_type, categories, config, position, created } =
        score.clone();
    Answer {
        id,
        project_id: project,
        user_id: created_by,
        created,
        name,
        description,
        score_type,
        categories,
        config,
        position,
    }
}

/// Scores, newest first.
#[utoipa::path(get, path = "/v1/project_score", tag = "scores",
    params(
        Paging,
        ("project_id" = Option<ProjectId>, Query, description = "Of that project"),
        ("project_name" = Option<String>, Query, description = "Of the project of that name"),
        ("org_name" = Option<String>, Query, description = "The key's organization; the list of another one is empty"),
        ("project_score_name" = Option<String>, Query, description = "Of that name"),
        ("score_type" = Option<Vec<String>>, Query, description = "Of these kinds; may be repeated"),
    ),
    responses((status = 200, body = Objects<Answer>)))]
async fn list(State(app): State<App>, caller: Caller, params: Params) -> Result<Json<Objects<Answer>>, ApiError> {
    let principal = caller.permit(Action::Read)?;
    if is_foreign(&app, principal, &params).await? {
        return Ok(objects(&[], describe));
    }
    let page = paging::page(&params)?;
    if let Some(cursor) = page.after.or(page.before)
        && app.store.score(principal.organization, ScoreId(cursor)).await?.is_none()
    {
        return Err(paging::unknown_cursor("score", cursor));
    }
    let filter = ScoreFilter {
        organization: principal.organization,
        project: params.value("project_id")?,
        project_name: params.text("project_name").map(str::to_owned),
        name: params.text("project_score_name").map(str::to_owned),
        score_types: params.values("score_type")?,
        page,
    };
    Ok(objects(&app.store.scores(&filter).await?, describe))
}

/// A score to be made.
#[derive(Deserialize, ToSchema)]
#[schema(as = CreateProjectScore)]
struct Create {
    project_id: ProjectId,
    name: String,
    score_type: String,
    description: Option<String>,
    #[serde(default)]
    categories: Value,
    #[serde(default)]
    config: Value,
}

/// Makes a score; one of that name is returned as it is.
#[utoipa::path(post, path = "/v1/project_score", tag = "scores", request_body = Create, responses((status = 200, body = Answer)))]
async fn create(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody<Create>,
) -> Result<(HeaderMap, Json<Answer>), ApiError> {
    register(&app, &caller, body, false).await
}

/// Makes a score, or gives the one of that name this configuration.
#[utoipa::path(put, path = "/v1/project_score", tag = "scores", request_body = Create, responses((status = 200, body = Answer)))]
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
    let score = ProjectScore {
        id: ScoreId::new(),
        project: project.id,
        created_by: principal.member.ok_or_else(|| ApiError::invalid("a score needs a member who made it"))?,
        name: body.name.trim().to_owned(),
        description: check_description(body.description)?,
        score_type: body.score_type,
        categories: body.categories,
        config: body.config,
        position: String::new(),
        created: app.clock.now(),
    };
    let is_known = project.scores.iter().any(|known| known.name == score.name);
    // An existing score is returned as it is, so what was sent for it need not be valid.
    if replace || !is_known {
        check(&score)?;
    }
    if !is_known && project.scores.len() >= MAX_SCORES {
        return Err(ApiError::invalid(format!("a project has at most {MAX_SCORES} scores; delete one first")));
    }
    let (score, existed) = app.store.register_score(&score, replace).await?;
    if replace || !existed {
        app.catalog.changed(project.id);
    }
    Ok((found_existing(existed), Json(describe(&score))))
}

fn check(score: &ProjectScore) -> Result<(), ApiError> {
    score.to_score()?;
    shape::check(&score.config)?;
    check_size("categories", &score.categories)?;
    check_size("config", &score.config)
}

/// One score.
#[utoipa::path(get, path = "/v1/project_score/{id}", tag = "scores", params(("id" = ScoreId, Path)), responses((status = 200, body = Answer)))]
async fn show(State(app): State<App>, caller: Caller, Id(id): Id<ScoreId>) -> Result<Json<Answer>, ApiError> {
    let principal = caller.permit(Action::Read)?;
    Ok(Json(describe(&find(&app, principal, id).await?)))
}

async fn find(app: &App, principal: &Principal, id: ScoreId) -> Result<ProjectScore, ApiError> {
    app.store.score(principal.organization, id).await?.ok_or_else(|| ApiError::not_found("score", id))
}

/// What is absent or null stays; objects are merged into the stored ones, lists replace them.
#[derive(Deserialize, ToSchema)]
#[schema(as = PatchProjectScore)]
struct Change {
    name: Option<String>,
    description: Option<String>,
    score_type: Option<String>,
    categories: Option<Value>,
    config: Option<Value>,
    position: Option<String>,
}

/// Changes a score.
#[utoipa::path(patch, path = "/v1/project_score/{id}", tag = "scores", params(("id" = ScoreId, Path)), request_body = Change, responses((status = 200, body = Answer)))]
async fn change(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ScoreId>,
    JsonBody(body): JsonBody<Change>,
) -> Result<Json<Answer>, ApiError> {
    let principal = caller.permit(Action::Configure)?;
    let mut score = find(&app, principal, id).await?;
    if let Some(name) = body.name {
        score.name = name.trim().to_owned();
    }
    if body.description.is_some() {
        score.description = check_description(body.description)?;
    }
    if let Some(score_type) = body.score_type {
        score.score_type = score_type;
    }
    merge(&mut score.categories, body.categories.unwrap_or_default());
    merge(&mut score.config, body.config.unwrap_or_default());
    if let Some(position) = body.position {
        score.position = check_position(position)?;
    }
    check(&score)?;
    app.store.update_score(&score).await?;
    app.catalog.changed(score.project);
    Ok(Json(describe(&score)))
}

/// Deletes a score; what was judged by it stays.
#[utoipa::path(delete, path = "/v1/project_score/{id}", tag = "scores", params(("id" = ScoreId, Path)), responses((status = 200, body = Answer)))]
async fn remove(State(app): State<App>, caller: Caller, Id(id): Id<ScoreId>) -> Result<Json<Answer>, ApiError> {
    let principal = caller.permit(Action::Configure)?;
    let score = find(&app, principal, id).await?;
    app.store.delete_score(id).await?;
    app.catalog.changed(score.project);
    Ok(Json(describe(&score)))
}
