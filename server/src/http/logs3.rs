//! `POST /logs3`: the one write path of the SDKs. A client drops a whole batch that is refused, so each row stands for itself:
//! what cannot be stored is named in the answer, the rest is stored.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use concord_shared::ids::{ObjectRef, ProjectId};
use concord_shared::role::Action;
use concord_shared::row::{Address, Parsed, Write, parse};
use serde::Serialize;

use super::auth::Caller;
use super::body::RawBody;
use super::error::ApiError;
use super::project_logs::envelope;
use crate::app::App;
use crate::domain::access::Principal;
use crate::ingest::plan::ObjectWrites;
use crate::ingest::{ItemError, carry};

/// The routes of this file.
pub fn routes() -> Router<App> {
    Router::new().route("/logs3", post(write))
}

/// Never an empty body: the TypeScript client takes one for a failure and sends the batch again.
#[derive(Debug, Default, Serialize)]
struct Answer {
    ids: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ItemError>,
}

/// The body is read as JSON whatever its content type: the Python client sends none.
async fn write(
    State(app): State<App>,
    Caller(principal): Caller,
    RawBody(body): RawBody,
) -> Result<Json<Answer>, ApiError> {
    principal.permit(Action::WriteRows)?;
    let mut answer = Answer::default();
    let mut projects = Projects::default();
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
        match projects.of(&app, &principal, &address).await? {
            Ok(project) => {
                let object = ObjectRef::logs(project);
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

/// Projects that the rows of one request name, each looked up once.
#[derive(Default)]
struct Projects(BTreeMap<String, Result<ProjectId, String>>);

impl Projects {
    /// The project whose logs a row goes to, or why it goes nowhere.
    async fn of(
        &mut self,
        app: &App,
        principal: &Principal,
        address: &Address,
    ) -> Result<Result<ProjectId, String>, ApiError> {
        let text = match address {
            Address { experiment_id: Some(_), .. } => return Ok(Err(not_kept("experiments"))),
            Address { dataset_id: Some(_), .. } => return Ok(Err(not_kept("datasets"))),
            Address { prompt_session_id: Some(_), .. } => return Ok(Err(not_kept("playgrounds"))),
            Address { project_id: Some(text), .. } => text,
            _ => {
                return Ok(Err(
                    "project_id: is missing; a row of project logs has project_id and log_id \"g\"".to_owned()
                ));
            }
        };
        if let Some(known) = self.0.get(text) {
            return Ok(known.clone());
        }
        let unknown =
            || format!("project_id: there is no project {:?} here", text.chars().take(64).collect::<String>());
        let found = match text.parse() {
            Ok(id) => {
                app.catalog.project(principal.organization, id).await?.map(|project| project.id).ok_or_else(unknown)
            }
            Err(_) => Err(unknown()),
        };
        self.0.insert(text.clone(), found.clone());
        Ok(found)
    }
}

fn not_kept(what: &str) -> String {
    format!("this version keeps rows of project logs; rows of {what} are not stored")
}
