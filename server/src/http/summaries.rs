//! Summaries of experiments and datasets, by both generations of Braintrust's calls. Their entries have exactly the keys that the
//! clients' classes take: one more is an error there.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use concord_shared::ids::{ObjectRef, ObjectType};
use concord_shared::metric::CounterKey;
use concord_shared::problem::ProblemCode;
use concord_shared::role::Action;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::Params;
use super::error::ApiError;
use super::experiments::base_of;
use super::login::organization;
use super::object::Container;
use super::objects::known;
use super::projects::find;
use crate::app::App;
use crate::domain::access::Principal;
use crate::domain::object::Object;
use crate::domain::project::Project;
use crate::domain::store::StoreError;
use crate::domain::summary::{Tally, comparison_path};

/// Traces that are read at a time.
const PAGE: u32 = 500;

/// What JavaScript's `encodeURIComponent` leaves as it is: clients make the same links so.
const COMPONENT: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// Routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(experiment))
        .routes(routes!(dataset))
        .routes(routes!(comparison))
        .routes(routes!(records))
}

/// A mean of an experiment, and how it differs from the experiment that it is compared with.
#[derive(ToSchema)]
#[schema(as = SummaryEntry)]
#[expect(dead_code, reason = "describes what `domain::summary` writes")]
struct Entry {
    name: String,
    /// Of scores: 0 to 1.
    #[schema(value_type = f64, required = false)]
    score: Option<f64>,
    /// Of metrics, in `unit`.
    #[schema(value_type = f64, required = false)]
    metric: Option<f64>,
    #[schema(value_type = String, required = false)]
    unit: Option<String>,
    #[schema(value_type = f64, required = false)]
    diff: Option<f64>,
    improvements: u64,
    regressions: u64,
}

/// What an experiment has come to. Scores and metrics are there when they were asked for.
#[derive(ToSchema)]
#[schema(as = ExperimentSummary)]
#[expect(dead_code, reason = "describes what `experiment` writes")]
struct Summary {
    project_name: String,
    experiment_name: String,
    project_url: String,
    experiment_url: String,
    #[schema(required)]
    comparison_experiment_name: Option<String>,
    #[schema(required)]
    scores: Option<BTreeMap<String, Entry>>,
    #[schema(required)]
    metrics: Option<BTreeMap<String, Entry>>,
}

/// Mean scores and metrics of an experiment, compared with another.
#[utoipa::path(get, path = "/v1/experiment/{id}/summarize", tag = "objects", params(("id" = Uuid, Path), ("summarize_scores" = Option<bool>, Query), ("comparison_experiment_id" = Option<Uuid>, Query)), responses((status = 200, body = Summary)))]
async fn experiment(
    State(app): State<App>,
    caller: Caller,
    Container(object): Container,
    params: Params,
) -> Result<Json<Value>, ApiError> {
    let principal = caller.permit(Action::Read)?;
    let experiment = known(&app, principal, object).await?;
    let project = find(&app, principal, experiment.project).await?;
    let project_url = project_url(&app, principal, &project).await?;
    let mut answer = json!({
        "project_name": project.name,
        "experiment_name": experiment.name,
        "project_url": project_url,
        "experiment_url": format!("{project_url}/experiments/{}", component(&experiment.name)),
        "comparison_experiment_name": null,
        "scores": null,
        "metrics": null,
    });
    if params.value("summarize_scores")?.unwrap_or(false) {
        let base = base(&app, principal, &experiment, params.value("comparison_experiment_id")?).await?;
        let (scores, metrics) = compare(&app, &experiment, base.as_ref(), &project).await?;
        answer["comparison_experiment_name"] = json!(base.map(|base| base.name));
        (answer["scores"], answer["metrics"]) = (scores, metrics);
    }
    Ok(Json(answer))
}

/// The same, as the SDK for TypeScript and older ones for Python ask.
#[utoipa::path(get, path = "/experiment-comparison2", tag = "objects", params(("experiment_id" = Uuid, Query), ("base_experiment_id" = Option<Uuid>, Query)), responses((status = 200, body = Object)))]
async fn comparison(State(app): State<App>, caller: Caller, params: Params) -> Result<Json<Value>, ApiError> {
    let principal = caller.permit(Action::Read)?;
    let experiment = known(&app, principal, named(&params, "experiment_id", ObjectType::Experiment)?).await?;
    let project = find(&app, principal, experiment.project).await?;
    let base = base(&app, principal, &experiment, params.value("base_experiment_id")?).await?;
    let (scores, metrics) = compare(&app, &experiment, base.as_ref(), &project).await?;
    Ok(Json(json!({
        "scores": scores,
        "metrics": metrics,
        "comparisonExperimentName": base.as_ref().map(|base| &base.name),
        "comparisonExperimentId": base.as_ref().map(|base| base.object.object_id),
    })))
}

/// How many records a dataset has.
#[utoipa::path(get, path = "/v1/dataset/{id}/summarize", tag = "objects", params(("id" = Uuid, Path), ("summarize_data" = Option<bool>, Query)), responses((status = 200, body = Object)))]
async fn dataset(
    State(app): State<App>,
    caller: Caller,
    Container(object): Container,
) -> Result<Json<Value>, ApiError> {
    let principal = caller.permit(Action::Read)?;
    let dataset = known(&app, principal, object).await?;
    let project = find(&app, principal, dataset.project).await?;
    let project_url = project_url(&app, principal, &project).await?;
    Ok(Json(json!({
        "project_name": project.name,
        "dataset_name": dataset.name,
        "project_url": project_url,
        "dataset_url": format!("{project_url}/datasets/{}", component(&dataset.name)),
        "data_summary": {"total_records": count(&app, object).await?},
    })))
}

/// The same, as the SDK for TypeScript and older ones for Python ask.
#[utoipa::path(get, path = "/dataset-summary", tag = "objects", params(("dataset_id" = Uuid, Query)), responses((status = 200, body = Object)))]
async fn records(State(app): State<App>, caller: Caller, params: Params) -> Result<Json<Value>, ApiError> {
    let principal = caller.permit(Action::Read)?;
    let dataset = known(&app, principal, named(&params, "dataset_id", ObjectType::Dataset)?).await?;
    Ok(Json(json!({"total_records": count(&app, dataset.object).await?})))
}

fn named(params: &Params, key: &str, object_type: ObjectType) -> Result<ObjectRef, ApiError> {
    let missing = || ApiError::new(ProblemCode::Malformed, format!("{key}: is missing"));
    Ok(ObjectRef { object_type, object_id: params.value(key)?.ok_or_else(missing)? })
}

async fn count(app: &App, object: ObjectRef) -> Result<i64, StoreError> {
    Ok(app.store.counters(object).await?.get(&CounterKey::Rows))
}

/// The experiment that the caller names, else the one it is compared with by itself.
async fn base(
    app: &App,
    principal: &Principal,
    experiment: &Object,
    asked: Option<uuid::Uuid>,
) -> Result<Option<Object>, ApiError> {
    match asked {
        Some(object_id) => {
            let object = ObjectRef { object_type: ObjectType::Experiment, object_id };
            known(app, principal, object).await.map(Some)
        }
        None => base_of(app, principal, experiment).await,
    }
}

async fn compare(
    app: &App,
    experiment: &Object,
    base: Option<&Object>,
    project: &Project,
) -> Result<(Value, Value), StoreError> {
    let path = base.is_some().then(|| comparison_path(&project.settings));
    let now = tally(app, experiment.object, path.as_deref()).await?;
    let before = match base {
        Some(base) => Some(tally(app, base.object, path.as_deref()).await?),
        None => None,
    };
    Ok(now.summary(before.as_ref()))
}

async fn tally(app: &App, object: ObjectRef, path: Option<&[String]>) -> Result<Tally, StoreError> {
    let (mut tally, mut after) = (Tally::default(), None);
    loop {
        let page = app.store.outcomes(object, after, PAGE, path.is_some()).await?;
        for (_, outcome) in &page {
            tally.add(outcome, path);
        }
        match page.last() {
            Some((key, _)) if page.len() == PAGE as usize => after = Some(*key),
            _ => return Ok(tally),
        }
    }
}

async fn project_url(app: &App, principal: &Principal, project: &Project) -> Result<String, ApiError> {
    let organization = organization(app, principal).await?;
    Ok(format!("{}/app/{}/p/{}", app.public_url, component(&organization.name), component(&project.name)))
}

fn component(text: &str) -> String {
    utf8_percent_encode(text, &COMPONENT).to_string()
}
