//! `POST /logs3/overflow`: rows that are too many for one request come as a file. The client asks for a place, sends the file there,
//! and names it in place of the rows.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use bytes::Bytes;
use concord_shared::moment::Moment;
use concord_shared::role::Action;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::attachments::Headers;
use super::auth::Caller;
use super::body::JsonBody;
use super::error::ApiError;
use super::files::{OVERFLOW_BYTES, url};
use crate::app::App;
use crate::domain::access::Principal;
use crate::files::{Grant, Purpose};

/// How long the file may take to come.
const UPLOAD: Duration = Duration::from_secs(15 * 60);
/// How long a file is kept: clients whose answer got lost name it again.
const KEPT: Duration = Duration::from_secs(60 * 60);
/// Most files of one organization at a time: two gigabytes of rows that nobody has claimed.
const FILES: usize = 64;
/// Longest body that is looked at for a reference to a file.
const REFERENCE_BYTES: usize = 4096;

/// Routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(place))
}

/// A batch that is too large for one request. What else clients say about its rows is not needed.
#[derive(Deserialize, ToSchema)]
#[schema(as = AskOverflow)]
struct Ask {
    #[serde(default)]
    size_bytes: u64,
}

/// Where the batch goes.
#[derive(Serialize, ToSchema)]
#[schema(as = Overflow)]
struct Place {
    /// PUT.
    method: &'static str,
    /// Takes the batch once, without credentials, for a quarter of an hour.
    #[serde(rename = "signedUrl")]
    signed_url: String,
    headers: Headers,
    /// What to send to `/logs3` in place of the rows: `{"rows": {"type": "logs3_overflow", "key": …}}`.
    key: String,
}

/// Asks for a place for a batch.
#[utoipa::path(post, path = "/logs3/overflow", tag = "rows", request_body = Ask, responses((status = 200, body = Place)))]
async fn place(State(app): State<App>, caller: Caller, JsonBody(body): JsonBody<Ask>) -> Result<Json<Place>, ApiError> {
    let principal = caller.permit(Action::WriteRows)?;
    if body.size_bytes > OVERFLOW_BYTES as u64 {
        let detail = format!("size_bytes: at most {OVERFLOW_BYTES} bytes (32 MiB); send the rows in parts");
        return Err(ApiError::new(concord_shared::problem::ProblemCode::TooLarge, detail));
    }
    let now = app.clock.now();
    let grant = grant(principal, Uuid::new_v4().to_string(), now + UPLOAD);
    if app.files.sweep(&grant, Moment(now.0 - KEPT.as_micros() as i64)).await? >= FILES {
        let detail = format!("{FILES} batches wait to be named; send smaller ones to /logs3, or come back in an hour");
        return Err(ApiError::TooMany { wait: KEPT, detail });
    }
    Ok(Json(Place { method: "PUT", signed_url: url(&app, &grant), headers: Headers {}, key: grant.key }))
}

fn grant(principal: &Principal, key: String, expires: Moment) -> Grant {
    Grant { purpose: Purpose::Overflow, organization: principal.organization, key, expires }
}

/// In place of rows.
#[derive(Deserialize)]
struct Referring {
    rows: Reference,
}

#[derive(Deserialize)]
struct Reference {
    r#type: String,
    key: String,
}

/// The batch that a body names, or the body itself when it names none.
pub(super) async fn follow(app: &App, principal: &Principal, body: Bytes) -> Result<Bytes, ApiError> {
    if body.len() > REFERENCE_BYTES {
        return Ok(body);
    }
    let Ok(Referring { rows }) = serde_json::from_slice::<Referring>(&body) else { return Ok(body) };
    if rows.r#type != "logs3_overflow" {
        return Err(ApiError::invalid("rows.type: the one there is is \"logs3_overflow\""));
    }
    let at = grant(principal, rows.key, Moment(0));
    let found = app.files.gather(&at, OVERFLOW_BYTES).await?;
    found.ok_or_else(|| ApiError::invalid("rows.key: nothing was uploaded under it; ask /logs3/overflow for a place"))
}
