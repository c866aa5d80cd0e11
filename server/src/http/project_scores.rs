//! Score configurations: Braintrust's `project_score`.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use axum::{Json, Router};
use concord_shared::ids::{ProjectId, ScoreId};
use concord_shared::role::Action;
use serde::Deserialize;
use serde_json::{Value, json};

use super::auth::Caller;
use super::body::{Id, JsonBody, Params};
use super::error::ApiError;
use super::paging;
use super::projects::{check_description, found_existing, is_foreign};
use crate::app::App;
use crate::domain::access::Principal;
use crate::domain::project::{MAX_SCORES, ProjectScore, ScoreFilter, rank};

/// Largest `config` or `categories`, in bytes of JSON.
const CONFIG_BYTES: usize = 64 * 1024;

/// Routes of this file.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/v1/project_score", get(list).post(create).put(replace))
        .route("/v1/project_score/{id}", get(show).patch(change).delete(remove))
}

fn describe(score: &ProjectScore) -> Value {
    json!({
        "id": score.id,
        "project_id": score.project,
        "user_id": score.created_by,
        "created": score.created,
        "name": score.name,
        "description": score.description,
        "score_type": score.score_type,
        "categories": score.categories,
        "config": score.config,
        "position": score.position,
    })
}

async fn list(State(app): State<App>, caller: Caller, params: Params) -> Result<Json<Value>, ApiError> {
    let principal = caller.permit(Action::Read)?;
    if is_foreign(&app, principal, &params).await? {
        return Ok(Json(json!({"objects": []})));
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
    Ok(Json(paging::objects(&app.store.scores(&filter).await?, describe)))
}

#[derive(Deserialize)]
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

async fn create(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody<Create>,
) -> Result<(HeaderMap, Json<Value>), ApiError> {
    register(&app, &caller, body, false).await
}

async fn replace(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody<Create>,
) -> Result<(HeaderMap, Json<Value>), ApiError> {
    register(&app, &caller, body, true).await
}

async fn register(
    app: &App,
    caller: &Caller,
    body: Create,
    replace: bool,
) -> Result<(HeaderMap, Json<Value>), ApiError> {
    let principal = caller.permit(Action::ConfigureScores)?;
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
    for (field, value) in [("categories", &score.categories), ("config", &score.config)] {
        let length = value.to_string().len();
        if length > CONFIG_BYTES {
            return Err(ApiError::invalid(format!("{field}: at most {CONFIG_BYTES} bytes of JSON, not {length}")));
        }
    }
    if let Some(types) = score.config.get("object_types").filter(|types| !types.is_null()) {
        let known = |word: &Value| matches!(word.as_str(), Some("project_logs" | "experiment" | "dataset"));
        if !types.as_array().is_some_and(|types| types.iter().all(known)) {
            return Err(ApiError::invalid("config.object_types: a list of project_logs, experiment and dataset"));
        }
    }
    Ok(())
}

async fn show(State(app): State<App>, caller: Caller, Id(id): Id<ScoreId>) -> Result<Json<Value>, ApiError> {
    let principal = caller.permit(Action::Read)?;
    Ok(Json(describe(&find(&app, principal, id).await?)))
}

async fn find(app: &App, principal: &Principal, id: ScoreId) -> Result<ProjectScore, ApiError> {
    app.store.score(principal.organization, id).await?.ok_or_else(|| ApiError::not_found("score", id))
}

#[derive(Deserialize)]
struct Change {
    name: Option<String>,
    description: Option<String>,
    score_type: Option<String>,
    categories: Option<Value>,
    config: Option<Value>,
    position: Option<String>,
}

/// What is absent or null stays; objects are merged into the stored ones, lists replace them.
async fn change(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ScoreId>,
    JsonBody(body): JsonBody<Change>,
) -> Result<Json<Value>, ApiError> {
    let principal = caller.permit(Action::ConfigureScores)?;
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
        if position.is_empty() || position.len() > rank::RANK_BYTES || position.chars().any(char::is_control) {
            let detail =
                format!("position: 1 to {} bytes of text that sorts where the score belongs", rank::RANK_BYTES);
            return Err(ApiError::invalid(detail));
        }
        score.position = position;
    }
    check(&score)?;
    app.store.update_score(&score).await?;
    app.catalog.changed(score.project);
    Ok(Json(describe(&score)))
}

/// Deep merge of objects; null leaves what is stored.
fn merge(stored: &mut Value, sent: Value) {
    match (stored, sent) {
        (_, Value::Null) => {}
        (Value::Object(stored), Value::Object(sent)) => {
            for (key, value) in sent {
                merge(stored.entry(key).or_insert(Value::Null), value);
            }
        }
        (stored, sent) => *stored = sent,
    }
}

async fn remove(State(app): State<App>, caller: Caller, Id(id): Id<ScoreId>) -> Result<Json<Value>, ApiError> {
    let principal = caller.permit(Action::ConfigureScores)?;
    let score = find(&app, principal, id).await?;
    app.store.delete_score(id).await?;
    app.catalog.changed(score.project);
    Ok(Json(describe(&score)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_merges_objects_and_clears_nothing() {
        let mut stored = json!({"destination": "expected", "online": {"a": 1}});
        merge(&mut stored, json!({"multi_select": true, "destination": null, "online": {"b": [1]}}));
        assert_eq!(stored, json!({"destination": "expected", "multi_select": true, "online": {"a": 1, "b": [1]}}));
        merge(&mut stored, Value::Null);
        assert!(stored.is_object());
    }
}
