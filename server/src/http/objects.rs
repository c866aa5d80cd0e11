//! What experiments and datasets have in common over HTTP: making one under a name, lists, one, changes, deletion, lookup.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use concord_shared::ids::{MemberId, ObjectRef, ObjectType, ProjectId};
use concord_shared::metric::{CounterKey, Counters, ScoreCount};
use concord_shared::moment::Moment;
use concord_shared::problem::ProblemCode;
use concord_shared::review::state::ReviewStatus;
use concord_shared::role::Action;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::auth::Caller;
use super::body::{JsonBody, Params};
use super::error::ApiError;
use super::login::check_organization;
use super::object::{Container, noun};
use super::openapi::for_kinds;
use super::paging::Objects;
use super::projects::{UNNAMED, check_description, ensure, find, is_foreign, permit_lookup};
use super::{datasets, experiments, paging};
use crate::app::App;
use crate::domain::access::Principal;
use crate::domain::account::check;
use crate::domain::object::{Details, Object, ObjectFilter};
use crate::domain::project::{Page, Project};
use crate::random;

/// Largest metadata, and largest details such as a diff of uncommitted code, as JSON: they are read with every list.
const JSON_BYTES: usize = 256 * 1024;
/// Most tags of one object, and longest tag in bytes.
const TAGS: (usize, usize) = (100, 256);
/// How often another suffix is tried; with 32 random bits the first one is free.
const SUFFIXES: usize = 5;
/// Most ids that are looked up, and most objects that are listed with their figures, at once.
const LOOKUP: usize = 1000;

/// Routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    let made = [ObjectType::Experiment, ObjectType::Dataset];
    OpenApiRouter::new()
        .routes(routes!(info))
        .routes(routes!(overview))
        .routes(for_kinds(&made, routes!(list)))
        .routes(for_kinds(&made, routes!(show, change, remove)))
}

/// The kind that a path such as `/v1/dataset` names.
struct Kind(ObjectType);

impl<S: Send + Sync> FromRequestParts<S> for Kind {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(Self(parts.uri.path().trim_matches('/').rsplit('/').next().unwrap_or_default().parse()?))
    }
}

/// An object as its own call answers it.
pub(super) fn describe(object: &Object) -> Value {
    match object.object.object_type {
        ObjectType::Dataset => datasets::describe(object),
        ObjectType::Experiment | ObjectType::ProjectLogs => experiments::describe(object),
    }
}

/// What a client may say about an object that it makes or changes; for datasets most of it means nothing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Said {
    pub name: Option<String>,
    pub description: Option<String>,
    pub metadata: Option<Map<String, Value>>,
    pub tags: Option<Vec<String>>,
    pub public: Option<bool>,
    pub base_exp_id: Option<Uuid>,
    pub dataset_id: Option<Uuid>,
    pub dataset_version: Option<Value>,
    pub repo_info: Option<Map<String, Value>>,
    pub internal_metadata: Option<Map<String, Value>>,
    pub parameters_id: Option<String>,
    pub parameters_version: Option<Value>,
}

impl Said {
    /// Lays over `object` what was said: what is absent stays, JSON objects are merged.
    pub(super) async fn lay_over(self, app: &App, principal: &Principal, object: &mut Object) -> Result<(), ApiError> {
        if let Some(name) = self.name {
            object.name = check::name("name", &name).map_err(ApiError::invalid)?;
        }
        if self.description.is_some() {
            object.description = check_description(self.description)?;
        }
        merge(&mut object.metadata, self.metadata);
        let details = &mut object.details;
        if let Some(tags) = self.tags {
            if tags.len() > TAGS.0 || tags.iter().any(|tag| tag.is_empty() || tag.len() > TAGS.1) {
                let (most, longest) = TAGS;
                return Err(ApiError::invalid(format!("tags: at most {most}, each of 1 to {longest} bytes")));
            }
            details.tags = tags;
        }
        details.public = self.public.unwrap_or(details.public);
        if let Some(id) = self.base_exp_id {
            let base = ObjectRef { object_type: ObjectType::Experiment, object_id: id };
            if app.catalog.object(principal.organization, base).await?.is_none() {
                return Err(ApiError::invalid(format!("base_exp_id: there is no base experiment {id}")));
            }
            details.base = Some(id);
        }
        if let Some(id) = self.dataset_id {
            let dataset = ObjectRef { object_type: ObjectType::Dataset, object_id: id };
            if app.catalog.object(principal.organization, dataset).await?.is_none() {
                return Err(ApiError::invalid(format!("dataset_id: there is no dataset {id}")));
            }
            details.dataset = Some(id);
        }
        details.dataset_version = said_text(self.dataset_version).or(details.dataset_version.take());
        details.parameters = self.parameters_id.or(details.parameters.take());
        details.parameters_version = said_text(self.parameters_version).or(details.parameters_version.take());
        merge(&mut details.repo_info, self.repo_info);
        merge(&mut details.internal_metadata, self.internal_metadata);
        let size = object.metadata.to_string().len().max(json!(details).to_string().len());
        if size > JSON_BYTES {
            return Err(ApiError::invalid(format!(
                "metadata, repo_info and the like have {size} bytes of JSON; at most {JSON_BYTES} are kept"
            )));
        }
        Ok(())
    }
}

fn merge(into: &mut Value, said: Option<Map<String, Value>>) {
    match (into, said) {
        (_, None) => {}
        (Value::Object(into), Some(said)) => {
            for (key, value) in said {
                match (into.get_mut(&key), value) {
                    (Some(old @ Value::Object(_)), Value::Object(value)) => merge(old, Some(value)),
                    (_, value) => drop(into.insert(key, value)),
                }
            }
        }
        (into, Some(said)) => *into = Value::Object(said),
    }
}

/// Versions are numbers that some clients write as texts.
fn said_text(value: Option<Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

/// A new object of nobody's making yet.
pub(super) fn blank(app: &App, principal: &Principal, project: ProjectId, object_type: ObjectType) -> Object {
    Object {
        object: ObjectRef { object_type, object_id: Uuid::now_v7() },
        project,
        name: String::new(),
        description: None,
        metadata: Value::Null,
        details: Details::default(),
        created_by: principal.member,
        created: app.clock.now(),
        deleted: None,
    }
}

/// Stores an object under its name. If that is taken the one that has it is the answer (`true`), or with `always_new` the name is
/// given a suffix of eight hex digits.
pub(super) async fn register(app: &App, mut object: Object, always_new: bool) -> Result<(Object, bool), ApiError> {
    let (stored, existed) = app.store.register_object(&object).await?;
    if !existed || !always_new {
        return Ok((stored, existed));
    }
    let name = object.name.clone();
    for _ in 0..SUFFIXES {
        object.name = format!("{name}-{:08x}", u32::from_be_bytes(random::bytes()));
        let (stored, existed) = app.store.register_object(&object).await?;
        if !existed {
            return Ok((stored, false));
        }
    }
    Err(ApiError::Internal(format!("no free name for {name:?}")))
}

/// The project that the older calls name, made if there is none.
#[derive(Debug, Deserialize)]
pub(super) struct InProject {
    pub project_id: Option<ProjectId>,
    pub project_name: Option<String>,
    org_id: Option<String>,
    org_name: Option<String>,
}

impl InProject {
    pub(super) async fn ensure(&self, app: &App, principal: &Principal) -> Result<Project, ApiError> {
        check_organization(app, principal, self.org_name.as_deref(), self.org_id.as_deref()).await?;
        match self.project_id {
            Some(id) => find(app, principal, id).await,
            None => {
                let name = self.project_name.as_deref().unwrap_or(UNNAMED);
                Ok(ensure(app, principal, name, None).await?.0)
            }
        }
    }
}

/// Newest first. A key that only writes may ask for one by name: clients open experiments so.
#[utoipa::path(get, path = "/v1/{kind}", tag = "objects", params(super::paging::Paging, ("project_id" = Option<Uuid>, Query), ("project_name" = Option<String>, Query), ("org_name" = Option<String>, Query), ("experiment_name" = Option<String>, Query), ("dataset_name" = Option<String>, Query)), responses((status = 200, body = Objects<Described>)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Kind(object_type): Kind,
    params: Params,
) -> Result<Json<Objects<Value>>, ApiError> {
    let name = params.text(&format!("{object_type}_name")).map(str::to_owned);
    let principal = if name.is_some() { permit_lookup(&caller)? } else { caller.permit(Action::Read)? };
    if is_foreign(&app, principal, &params).await? {
        return Ok(paging::objects(&[], describe));
    }
    let page = paging::page(&params)?;
    if let Some(object_id) = page.after.or(page.before)
        && app.store.object(principal.organization, ObjectRef { object_type, object_id }).await?.is_none()
    {
        return Err(paging::unknown_cursor(noun(object_type), object_id));
    }
    let filter = ObjectFilter {
        organization: principal.organization,
        object_type,
        project: params.value("project_id")?,
        project_name: params.text("project_name").map(str::to_owned),
        name,
        page,
    };
    Ok(paging::objects(&app.store.objects(&filter).await?, describe))
}

/// One object of the caller's organization.
pub(super) async fn known(app: &App, principal: &Principal, object: ObjectRef) -> Result<Object, ApiError> {
    let found = app.store.object(principal.organization, object).await?;
    found.ok_or_else(|| ApiError::not_found(noun(object.object_type), object.object_id))
}

/// One experiment or dataset.
#[utoipa::path(get, path = "/v1/{kind}/{id}", tag = "objects", params(("id" = Uuid, Path)), responses((status = 200, body = Described)))]
async fn show(State(app): State<App>, caller: Caller, Container(object): Container) -> Result<Json<Value>, ApiError> {
    let principal = permit_lookup(&caller)?;
    Ok(Json(describe(&known(&app, principal, object).await?)))
}

/// What is absent or null stays; JSON objects are merged.
#[utoipa::path(patch, path = "/v1/{kind}/{id}", tag = "objects", params(("id" = Uuid, Path)), request_body = Object, responses((status = 200, body = Described)))]
async fn change(
    State(app): State<App>,
    caller: Caller,
    Container(object): Container,
    JsonBody(said): JsonBody<Said>,
) -> Result<Json<Value>, ApiError> {
    let principal = caller.permit(Action::ManageProject)?;
    let mut object = known(&app, principal, object).await?;
    said.lay_over(&app, principal, &mut object).await?;
    app.store.update_object(&object).await?;
    Ok(Json(describe(&object)))
}

/// Its rows and reviews stay in the database and are found by nothing.
#[utoipa::path(delete, path = "/v1/{kind}/{id}", tag = "objects", params(("id" = Uuid, Path)), responses((status = 200, body = Described)))]
async fn remove(State(app): State<App>, caller: Caller, Container(object): Container) -> Result<Json<Value>, ApiError> {
    let principal = caller.permit(Action::ManageProject)?;
    let mut object = known(&app, principal, object).await?;
    let now = app.clock.now();
    app.store.delete_object(object.object, now).await?;
    app.catalog.object_deleted(object.object);
    object.deleted = Some(now);
    Ok(Json(describe(&object)))
}

/// An experiment or a dataset in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ObjectOverview)]
struct Overview {
    id: Uuid,
    name: String,
    #[schema(required)]
    description: Option<String>,
    created: Moment,
    traces: i64,
    awaiting: i64,
    in_progress: i64,
    complete: i64,
    /// By name, over the rows that show one.
    scores: BTreeMap<String, MeanScore>,
}

/// A score of an experiment or a dataset.
#[derive(Debug, Serialize, ToSchema)]
struct MeanScore {
    mean: f64,
    /// Rows that show a number.
    count: i64,
}

/// Experiments or datasets of a project.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ObjectOverviews)]
struct Overviews {
    objects: Vec<Overview>,
}

/// An experiment or a dataset. What follows `tags` only experiments have.
#[derive(ToSchema)]
#[schema(as = ObjectInfo)]
#[expect(dead_code, reason = "describes what `describe` of experiments and datasets writes")]
struct Described {
    id: Uuid,
    project_id: ProjectId,
    name: String,
    #[schema(required)]
    description: Option<String>,
    created: Moment,
    #[schema(required)]
    deleted_at: Option<Moment>,
    #[schema(required)]
    user_id: Option<MemberId>,
    /// An object or null.
    metadata: Value,
    #[schema(required)]
    tags: Option<Vec<String>>,
    base_exp_id: Option<Uuid>,
    dataset_id: Option<Uuid>,
    dataset_version: Option<String>,
}

/// Everything that the lists of the web app show, in one call: experiments or datasets of a project, newest first.
#[utoipa::path(get, path = "/api/object/overview", tag = "objects", params(("object_type" = ObjectType, Query), ("project_id" = ProjectId, Query)), responses((status = 200, body = Overviews)))]
async fn overview(State(app): State<App>, caller: Caller, params: Params) -> Result<Json<Overviews>, ApiError> {
    let principal = caller.permit(Action::Read)?;
    let missing = |key: &str| ApiError::new(ProblemCode::Malformed, format!("{key}: is missing"));
    let object_type = params.value("object_type")?.ok_or_else(|| missing("object_type"))?;
    let project = params.value("project_id")?.ok_or_else(|| missing("project_id"))?;
    let project = find(&app, principal, project).await?;
    let filter = ObjectFilter {
        organization: principal.organization,
        object_type,
        project: Some(project.id),
        project_name: None,
        name: None,
        page: Page { limit: LOOKUP as u32, ..Page::default() },
    };
    let mut objects = Vec::new();
    for object in app.store.objects(&filter).await? {
        let counters = app.store.counters(object.object).await?;
        let in_review = |status| counters.get(&CounterKey::Status(status));
        objects.push(Overview {
            id: object.object.object_id,
            traces: counters.get(&CounterKey::Traces),
            awaiting: in_review(ReviewStatus::Awaiting),
            in_progress: in_review(ReviewStatus::InProgress),
            complete: in_review(ReviewStatus::Complete),
            scores: means(&counters),
            name: object.name,
            description: object.description,
            created: object.created,
        });
    }
    Ok(Json(Overviews { objects }))
}

/// Mean and number of each score over the rows that show one.
fn means(counters: &Counters) -> BTreeMap<String, MeanScore> {
    let numbers = counters.iter().filter_map(|(key, count)| match key {
        CounterKey::Score(name, ScoreCount::Numbers) if *count > 0 => Some((name, *count)),
        _ => None,
    });
    let means = numbers.map(|(name, count)| {
        let sum = counters.get(&CounterKey::Score(name.clone(), ScoreCount::Sum));
        (name.clone(), MeanScore { mean: sum as f64 / 1e9 / count as f64, count })
    });
    means.collect()
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ObjectIds)]
struct Info {
    object_type: ObjectType,
    object_ids: Vec<Uuid>,
}

/// Names of objects and of their projects; ids that name nothing are left out.
#[utoipa::path(post, path = "/api/self/get_object_info", tag = "objects", request_body = Info, responses((status = 200, body = Object)))]
async fn info(State(app): State<App>, caller: Caller, JsonBody(body): JsonBody<Info>) -> Result<Json<Value>, ApiError> {
    let principal = permit_lookup(&caller)?;
    if body.object_ids.len() > LOOKUP {
        let detail = format!("object_ids: at most {LOOKUP}, not {}", body.object_ids.len());
        return Err(ApiError::new(ProblemCode::TooLarge, detail));
    }
    let mut found = Vec::new();
    for object_id in body.object_ids {
        let object = ObjectRef { object_type: body.object_type, object_id };
        let Some(project) = app.catalog.object(principal.organization, object).await? else { continue };
        let Some(project) = app.store.project(principal.organization, project.id).await? else { continue };
        let name = match body.object_type {
            ObjectType::ProjectLogs => project.name.clone(),
            ObjectType::Experiment | ObjectType::Dataset => {
                match app.store.object(principal.organization, object).await? {
                    Some(object) => object.name,
                    None => continue,
                }
            }
        };
        found.push(json!({
            "object_id": object_id,
            "object_name": name,
            "parent_cols": {"project": {"id": project.id, "name": project.name}},
        }));
    }
    Ok(Json(Value::Array(found)))
}
