//! `POST /logs3`: the one write path of the SDKs. A client drops a whole batch that is refused, so each row stands for itself:
//! what cannot be stored is named in the answer, the rest is stored.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use concord_shared::ids::{ObjectRef, ObjectType, ProjectId};
use concord_shared::role::Action;
use concord_shared::row::{Address, Parsed, Write, parse};
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::RawBody;
use super::error::ApiError;
use super::events::envelope;
use super::object::noun;
use super::overflow::follow;
use crate::app::App;
use crate::domain::access::Principal;
use crate::ingest::plan::ObjectWrites;
use crate::ingest::{ItemError, carry};

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(write))
}

/// Never an empty body: the TypeScript client takes one for a failure and sends the batch again.
#[derive(Debug, Default, Serialize)]
struct Answer {
    ids: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ItemError>,
}

/// The body is read as JSON whatever its content type: the Python client sends none.
#[utoipa::path(post, path = "/logs3", tag = "rows", request_body = Object, responses((status = 200, body = Object)))]
async fn write(
    State(app): State<App>,
    Caller(principal): Caller,
    RawBody(body): RawBody,
) -> Result<Json<Answer>, ApiError> {
    principal.permit(Action::WriteRows)?;
    let body = follow(&app, &principal, body).await?;
    let mut answer = Answer::default();
    let mut containers = Containers::default();
    let mut objects: BTreeMap<ObjectRef, ObjectWrites> = BTreeMap::new();
    for (index, item) in envelope(&body, "rows")?.into_iter().enumerate() {
        let parsed = match parse(item.get(), &mut || uuid::Uuid::new_v4().to_string()) {
            Ok(parsed) => parsed,
            Err(refusal) => {
                answer.errors.push(ItemError::new(index, None, refusal.to_string()));
                continue;
            }
        };
        let Parsed { write, address, left_out } = parsed;
        let id = match &write {
            Write::Row(row) => row.id.clone(),
            Write::Comment(comment) => comment.id.clone(),
        };
        match containers.of(&app, &principal, &address).await? {
            Ok((project, object)) => {
                let writes =
                    objects.entry(object).or_insert_with(|| ObjectWrites { project, object, writes: Vec::new() });
                writes.writes.push((index, write));
                answer.errors.extend(left_out.iter().map(|left| ItemError::new(index, Some(&id), left.to_string())));
                answer.ids.push(id);
            }
            Err(detail) => answer.errors.push(ItemError::new(index, Some(&id), detail)),
        }
    }
    for writes in objects.into_values() {
        answer.errors.extend(carry::write_rows(&app, &principal, writes).await?);
    }
    answer.errors.sort_by_key(|error| error.index);
    if !answer.errors.is_empty() {
        tracing::warn!(errors = answer.errors.len(), first = %answer.errors[0].detail, "rows were refused or cut");
    }
    Ok(Json(answer))
}

/// Containers that the rows of one request name, each looked up once.
#[derive(Default)]
struct Containers(BTreeMap<(ObjectType, String), Result<(ProjectId, ObjectRef), String>>);

impl Containers {
    /// The container that a row goes to and its project, or why the row goes nowhere.
    async fn of(
        &mut self,
        app: &App,
        principal: &Principal,
        address: &Address,
    ) -> Result<Result<(ProjectId, ObjectRef), String>, ApiError> {
        let (object_type, text) = match address {
            Address { experiment_id: Some(text), .. } => (ObjectType::Experiment, text),
            Address { dataset_id: Some(text), .. } => (ObjectType::Dataset, text),
            Address { prompt_session_id: Some(_), .. } => {
                return Ok(Err("rows of playgrounds are not stored".to_owned()));
            }
            Address { project_id: Some(text), .. } => (ObjectType::ProjectLogs, text),
            _ => {
                return Ok(Err(
                    "project_id: is missing; a row has experiment_id, dataset_id, or project_id and log_id \
                    \"g\""
                        .to_owned(),
                ));
            }
        };
        let key = (object_type, text.clone());
        if let Some(known) = self.0.get(&key) {
            return Ok(known.clone());
        }
        let found = match text.parse() {
            Ok(ProjectId(object_id)) => {
                let object = ObjectRef { object_type, object_id };
                app.catalog.object(principal.organization, object).await?.map(|project| (project.id, object))
            }
            Err(_) => None,
        };
        let what = noun(object_type);
        let unknown = || format!("{what}_id: there is no {what} {:?} here", text.chars().take(64).collect::<String>());
        let found = found.ok_or_else(unknown);
        self.0.insert(key, found.clone());
        Ok(found)
    }
}
