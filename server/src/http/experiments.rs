//! Making and opening experiments, by both generations of Braintrust's calls; the rest is in [`super::objects`].

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use concord_shared::ids::{ObjectRef, ObjectType, ProjectId};
use concord_shared::problem::ProblemCode;
use concord_shared::role::Action;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::auth::Caller;
use super::body::JsonBody;
use super::error::ApiError;
use super::objects::{InProject, Said, blank, known, register};
use super::projects::{self, find, found_existing, permit_lookup};
use crate::app::App;
use crate::domain::access::Principal;
use crate::domain::object::{Object, ObjectFilter};
use crate::domain::project::{Page, Project};

/// How many of the newest experiments are looked through for one whose code an experiment grew from.
const ANCESTORS: u32 = 1000;

/// Routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create))
        .routes(routes!(register_experiment))
        .routes(routes!(open))
        .routes(routes!(base_id))
}

/// An experiment as Braintrust's clients read it.
pub(super) fn describe(experiment: &Object) -> Value {
    let details = &experiment.details;
    json!({
        "id": experiment.object.object_id,
        "project_id": experiment.project,
        "name": experiment.name,
        "public": details.public,
        "description": experiment.description,
        "created": experiment.created,
        "deleted_at": experiment.deleted,
        "user_id": experiment.created_by,
        "repo_info": details.repo_info,
        "commit": details.repo_info.get("commit"),
        "base_exp_id": details.base,
        "dataset_id": details.dataset,
        "dataset_version": details.dataset_version,
        "parameters_id": details.parameters,
        "parameters_version": details.parameters_version,
        "internal_metadata": details.internal_metadata,
        "metadata": experiment.metadata,
        "tags": Some(&details.tags).filter(|tags| !tags.is_empty()),
    })
}

#[derive(Deserialize)]
struct Create {
    project_id: ProjectId,
    #[serde(default)]
    ensure_new: Option<bool>,
    #[serde(default)]
    ancestor_commits: Option<Vec<String>>,
    #[serde(flatten)]
    said: Said,
}

/// The experiment of that name, made if there is none; with `ensure_new` always a new one.
#[utoipa::path(post, path = "/v1/experiment", tag = "objects", request_body = Object, responses((status = 200, body = Object)))]
async fn create(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody<Create>,
) -> Result<(HeaderMap, Json<Value>), ApiError> {
    let principal = caller.permit(Action::RegisterProject)?;
    let project = find(&app, principal, body.project_id).await?;
    let ancestors = body.ancestor_commits.unwrap_or_default();
    let always_new = body.ensure_new == Some(true);
    let (experiment, existed) = make(&app, principal, &project, body.said, &ancestors, always_new).await?;
    Ok((found_existing(existed), Json(describe(&experiment))))
}

#[derive(Deserialize)]
struct Register {
    experiment_name: Option<String>,
    update: Option<bool>,
    base_experiment: Option<String>,
    ancestor_commits: Option<Vec<String>>,
    #[serde(flatten)]
    place: InProject,
    #[serde(flatten)]
    said: Said,
}

/// A new experiment, or with `update` the one of that name.
#[utoipa::path(post, path = "/api/experiment/register", tag = "objects", request_body = Object, responses((status = 200, body = Object)))]
async fn register_experiment(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody<Register>,
) -> Result<Json<Value>, ApiError> {
    let principal = caller.permit(Action::RegisterProject)?;
    let project = body.place.ensure(&app, principal).await?;
    let mut said = Said { name: body.experiment_name, ..body.said };
    if let (None, Some(name)) = (said.base_exp_id, body.base_experiment.filter(|name| !name.is_empty())) {
        let found = of_name(&app, principal, Some(project.id), None, &name).await?;
        // Clients look for these words, and try again without.
        let missing = || {
            let shown: String = name.chars().take(100).collect();
            let detail = format!("there is no base experiment {shown:?} in the project {:?}", project.name);
            ApiError::new(ProblemCode::Malformed, detail)
        };
        said.base_exp_id = Some(found.first().ok_or_else(missing)?.object.object_id);
    }
    let ancestors = body.ancestor_commits.unwrap_or_default();
    let always_new = body.update != Some(true);
    let (experiment, existed) = make(&app, principal, &project, said, &ancestors, always_new).await?;
    Ok(Json(json!({
        "project": projects::describe(&project),
        "experiment": describe(&experiment),
        "found_existing": existed,
    })))
}

async fn make(
    app: &App,
    principal: &Principal,
    project: &Project,
    said: Said,
    ancestors: &[String],
    always_new: bool,
) -> Result<(Object, bool), ApiError> {
    let mut experiment = blank(app, principal, project.id, ObjectType::Experiment);
    let name = said.name.clone().filter(|name| !name.trim().is_empty());
    let named = name.is_some();
    let name = name.unwrap_or_else(|| {
        let branch = said.repo_info.as_ref().and_then(|info| info.get("branch")).and_then(Value::as_str);
        let branch: String = branch.unwrap_or("experiment").chars().filter(|c| !c.is_control()).take(50).collect();
        format!("{branch}-{}", app.clock.now().as_seconds())
    });
    Said { name: Some(name), ..said }.lay_over(app, principal, &mut experiment).await?;
    if experiment.details.base.is_none() {
        experiment.details.base = ancestor(app, principal, project.id, ancestors).await?;
    }
    // An invented name is nobody's: it never means an experiment that is there.
    register(app, experiment, always_new || !named).await
}

/// The experiment whose code is the nearest of these commits, nearest first.
async fn ancestor(
    app: &App,
    principal: &Principal,
    project: ProjectId,
    commits: &[String],
) -> Result<Option<Uuid>, ApiError> {
    if commits.is_empty() {
        return Ok(None);
    }
    let page = Page { limit: ANCESTORS, ..Page::default() };
    let found = app.store.objects(&filter(principal, Some(project), None, None, page)).await?;
    let distance = |experiment: &Object| {
        let commit = experiment.details.repo_info.get("commit").and_then(Value::as_str)?;
        commits.iter().position(|ancestor| ancestor == commit)
    };
    let nearest = found.iter().filter_map(|experiment| Some((distance(experiment)?, experiment.object.object_id)));
    Ok(nearest.min_by_key(|(distance, _)| *distance).map(|(_, id)| id))
}

fn filter(
    principal: &Principal,
    project: Option<ProjectId>,
    project_name: Option<String>,
    name: Option<String>,
    page: Page,
) -> ObjectFilter {
    let (organization, object_type) = (principal.organization, ObjectType::Experiment);
    ObjectFilter { organization, object_type, project, project_name, name, page }
}

async fn of_name(
    app: &App,
    principal: &Principal,
    project: Option<ProjectId>,
    project_name: Option<&str>,
    name: &str,
) -> Result<Vec<Object>, ApiError> {
    let page = Page { limit: 1, ..Page::default() };
    let project_name = project_name.filter(|_| project.is_none()).map(str::to_owned);
    let filter = filter(principal, project, project_name, Some(name.to_owned()), page);
    Ok(app.store.objects(&filter).await?)
}

#[derive(Deserialize)]
struct Open {
    experiment_name: String,
    project_id: Option<ProjectId>,
    project_name: Option<String>,
}

/// Experiments of that name; clients take the first and report an empty list themselves.
#[utoipa::path(post, path = "/api/experiment/get", tag = "objects", request_body = Object, responses((status = 200, body = Object)))]
async fn open(State(app): State<App>, caller: Caller, JsonBody(body): JsonBody<Open>) -> Result<Json<Value>, ApiError> {
    let principal = permit_lookup(&caller)?;
    let project_name = body.project_name.as_deref();
    let found = of_name(&app, principal, body.project_id, project_name, &body.experiment_name).await?;
    Ok(Json(found.iter().map(describe).collect()))
}

/// What an experiment is compared with unless somebody names another: its own base, else its project's baseline, else the one
/// that was made before it.
pub(super) async fn base_of(app: &App, principal: &Principal, experiment: &Object) -> Result<Option<Object>, ApiError> {
    let project = find(app, principal, experiment.project).await?;
    let baseline = project.settings.get("baseline_experiment_id").and_then(Value::as_str);
    let baseline = baseline.and_then(|id| Uuid::try_parse(id).ok());
    for object_id in [experiment.details.base, baseline].into_iter().flatten() {
        let object = ObjectRef { object_type: ObjectType::Experiment, object_id };
        if object_id != experiment.object.object_id
            && let Some(base) = app.store.object(principal.organization, object).await?
        {
            return Ok(Some(base));
        }
    }
    let page = Page { after: Some(experiment.object.object_id), limit: 1, ..Page::default() };
    Ok(app.store.objects(&filter(principal, Some(experiment.project), None, None, page)).await?.pop())
}

#[derive(Deserialize)]
struct BaseId {
    id: Uuid,
}

/// 400 means none: so clients read it.
#[utoipa::path(post, path = "/api/base_experiment/get_id", tag = "objects", request_body = Object, responses((status = 200, body = Object)))]
async fn base_id(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody<BaseId>,
) -> Result<Json<Value>, ApiError> {
    let principal = permit_lookup(&caller)?;
    let object = ObjectRef { object_type: ObjectType::Experiment, object_id: body.id };
    let experiment = known(&app, principal, object).await?;
    let none = || ApiError::new(ProblemCode::Malformed, format!("{:?} has no base experiment", experiment.name));
    let base = base_of(&app, principal, &experiment).await?.ok_or_else(none)?;
    Ok(Json(json!({"base_exp_id": base.object.object_id, "base_exp_name": base.name})))
}
