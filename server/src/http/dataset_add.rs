//! Rows of logs, experiments and other datasets become records of a dataset.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use concord_shared::ids::ObjectRef;
use concord_shared::review::effective::{ASSIGNMENTS, REVIEW_LISTS};
use concord_shared::role::Action;
use concord_shared::row::parse_object;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::JsonBody;
use super::error::ApiError;
use super::meant::Meant;
use super::object::{Container, visible};
use crate::app::App;
use crate::domain::rows::FullRow;
use crate::ingest::carry;
use crate::ingest::plan::ObjectWrites;
use crate::query::event::{Context, event};

/// Rows that are read and written at a time: each may have megabytes.
const CHUNK: usize = 100;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(add))
}

/// What becomes the expected value of a record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Becomes {
    /// What the row shows as expected: corrected by reviewers, else as logged.
    #[default]
    Expected,
    /// What came out.
    Output,
    /// Nothing; somebody writes it later.
    None,
}

/// Which rows of which object.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = AddToDataset)]
struct Add {
    #[serde(flatten)]
    object: ObjectRef,
    #[serde(flatten)]
    rows: Meant,
    #[serde(default)]
    expected: Becomes,
}

/// What was added.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = AddedToDataset)]
struct Added {
    /// New records.
    added: usize,
    /// Rows that became none.
    skipped: Vec<Skipped>,
}

/// A row that became no record.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SkippedRow)]
struct Skipped {
    id: String,
    why: String,
}

/// Adds rows to a dataset as they show, corrections of reviewers included. Each record keeps its `origin`; a row that the dataset has
/// already is left as it is there, so that a repeat adds nothing.
#[utoipa::path(post, path = "/api/dataset/{id}/add", tag = "objects", params(("id" = Uuid, Path)), request_body = Add, responses((status = 200, body = Added)))]
async fn add(
    State(app): State<App>,
    Caller(principal): Caller,
    Container(dataset): Container,
    JsonBody(body): JsonBody<Add>,
) -> Result<Json<Added>, ApiError> {
    principal.permit(Action::Read)?;
    principal.permit(Action::WriteRows)?;
    let into = visible(&app, &principal, dataset).await?;
    let from = visible(&app, &principal, body.object).await?;
    let ids = body.rows.ids(&app, &principal, body.object).await?;
    let scores = app.hub.scores(from).await?;
    let names = app.store.member_names(principal.organization).await?;
    let (organization, object) = (principal.organization, body.object);
    let context = Context { organization, project: from, object, scores: &scores, names: &names };
    let mut answer = Added::default();
    for ids in ids.chunks(CHUNK) {
        let rows = app.store.rows(object, ids).await?;
        let records: BTreeMap<&String, String> = ids.iter().map(|id| (id, record_id(object, id))).collect();
        let known = app.store.rows(dataset, &records.values().cloned().collect::<Vec<_>>()).await?;
        let mut skip = |id: &String, why: &str| answer.skipped.push(Skipped { id: id.clone(), why: why.to_owned() });
        let mut writes = ObjectWrites { project: into, object: dataset, writes: Vec::new() };
        let mut wanted = Vec::new();
        for (id, record_id) in records {
            match rows.get(id) {
                None => skip(id, "there is no row of that id"),
                Some(_) if known.contains_key(&record_id) => skip(id, "the dataset has it already"),
                Some(row) => {
                    let record = record(row, context, &record_id, body.expected);
                    match parse_object(record, &mut || record_id.clone()) {
                        Ok(parsed) => {
                            writes.writes.push((wanted.len(), parsed.write));
                            wanted.push(id);
                        }
                        Err(refusal) => skip(id, &refusal.to_string()),
                    }
                }
            }
        }
        let refused = carry::write_rows(&app, &principal, writes).await?;
        for error in &refused {
            if let Some(id) = wanted.get(error.index) {
                skip(id, &error.detail);
            }
        }
        answer.added += wanted.len() - refused.len();
    }
    Ok(Json(answer))
}

/// The id of the record that a row becomes: the same each time, so that nothing is added twice.
fn record_id(object: ObjectRef, row: &str) -> String {
    named(&[object.object_type.as_str(), &object.object_id.to_string(), row])
}

/// A UUID that follows from texts.
pub(super) fn named(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    let hash: [u8; 32] = hash.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

/// A row as a record.
fn record(row: &FullRow, context: Context<'_>, id: &str, expected: Becomes) -> Map<String, Value> {
    let mut shown = event(row, context, false);
    let mut record = Map::new();
    record.insert("id".into(), json!(id));
    let becomes = match expected {
        Becomes::Expected => shown.remove("expected"),
        Becomes::Output => shown.remove("output"),
        Becomes::None => None,
    };
    let mut take = |key: &str, value: Option<Value>| {
        if let Some(value) = value.filter(|value| !value.is_null()) {
            record.insert(key.into(), value);
        }
    };
    take("input", shown.remove("input"));
    take("expected", becomes);
    take("tags", shown.remove("tags"));
    if let Some(Value::Object(mut metadata)) = shown.remove("metadata") {
        // Where the row stands in its own review says nothing about the record.
        metadata.retain(|key, _| key != REVIEW_LISTS && key != ASSIGNMENTS);
        take("metadata", (!metadata.is_empty()).then_some(Value::Object(metadata)));
    }
    let ObjectRef { object_type, object_id } = context.object;
    record.insert(
        "origin".into(),
        json!({"object_type": object_type, "object_id": object_id, "id": row.row.id, "_xact_id": row.xact, "created": row.row.created}),
    );
    record
}
