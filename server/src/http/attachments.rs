//! Attachments: a client announces a file, sends its bytes to a signed URL, says how that went, and reads it by another signed URL.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use concord_shared::problem::ProblemCode;
use concord_shared::role::Action;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::{JsonBody, Params};
use super::error::ApiError;
use super::files::{room, url};
use super::login::check_organization;
use crate::app::App;
use crate::domain::attachment::{Attachment, UploadStatus};
use crate::files::{Grant, Purpose};

/// Longest key, file name and type, in bytes.
const KEY_BYTES: usize = 256;
const NAME_BYTES: usize = 1024;
const TYPE_BYTES: usize = 256;
/// Longest reason for an upload that was given up.
const ERROR_BYTES: usize = 4096;
/// How long the bytes may take to come.
const UPLOAD: Duration = Duration::from_secs(15 * 60);
/// How long a page may show what it has asked for.
const DOWNLOAD: Duration = Duration::from_secs(5 * 60);

/// Routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show, announce)).routes(routes!(status))
}

/// A file that is about to be sent.
#[derive(Deserialize, ToSchema)]
#[schema(as = AnnounceAttachment)]
struct Announce {
    /// Made by the client; a UUID in practice.
    key: String,
    filename: String,
    content_type: String,
    org_id: Option<String>,
}

/// Where to send something.
#[derive(Serialize, ToSchema)]
#[schema(as = AttachmentUpload)]
struct Upload {
    /// Takes the bytes by PUT, without credentials, for a quarter of an hour.
    #[serde(rename = "signedUrl")]
    signed_url: String,
    /// To be sent along.
    headers: Headers,
}

/// None are needed.
#[derive(Serialize, ToSchema)]
#[schema(as = UploadHeaders)]
pub(super) struct Headers {}

/// Announces a file.
#[utoipa::path(post, path = "/attachment", tag = "attachments", request_body = Announce, responses((status = 200, body = Upload)))]
async fn announce(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody<Announce>,
) -> Result<Json<Upload>, ApiError> {
    let principal = caller.permit(Action::WriteRows)?;
    check_organization(&app, principal, None, body.org_id.as_deref()).await?;
    let lengths = [
        ("key", &body.key, KEY_BYTES),
        ("filename", &body.filename, NAME_BYTES),
        ("content_type", &body.content_type, TYPE_BYTES),
    ];
    for (field, text, most) in lengths {
        if text.is_empty() || text.len() > most || text.chars().any(char::is_control) {
            return Err(ApiError::invalid(format!("{field}: 1 to {most} bytes without control characters")));
        }
    }
    room(&app, principal.organization, None).await?;
    let now = app.clock.now();
    let announced = Attachment {
        organization: principal.organization,
        key: body.key,
        filename: body.filename,
        content_type: body.content_type,
        status: UploadStatus::Uploading,
        error: None,
        size: None,
        created_by: principal.member,
        created: now,
    };
    let stored = app.store.announce_attachment(&announced).await?;
    if stored.status == UploadStatus::Done {
        let detail = "an attachment of that key is complete already; make another key";
        return Err(ApiError::new(ProblemCode::Conflict, detail));
    }
    let grant = Grant {
        purpose: Purpose::Upload,
        organization: principal.organization,
        key: stored.key,
        expires: now + UPLOAD,
    };
    Ok(Json(Upload { signed_url: url(&app, &grant), headers: Headers {} }))
}

/// How an upload went.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = AttachmentStatus)]
struct Status {
    /// uploading, done or error.
    upload_status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
}

/// How the upload of a file went.
#[derive(Deserialize, ToSchema)]
#[schema(as = ReportAttachment)]
struct Report {
    key: String,
    org_id: Option<String>,
    status: Status,
}

/// Tells how an upload went. Once it is done it stays so.
#[utoipa::path(post, path = "/attachment/status", tag = "attachments", request_body = Report, responses((status = 200, body = Status)))]
async fn status(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody<Report>,
) -> Result<Json<Status>, ApiError> {
    let principal = caller.permit(Action::WriteRows)?;
    check_organization(&app, principal, None, body.org_id.as_deref()).await?;
    let status = UploadStatus::parse(&body.status.upload_status);
    let status = status.ok_or_else(|| ApiError::invalid("status.upload_status: uploading, done or error"))?;
    let known = find(&app, principal.organization, &body.key).await?;
    if status == UploadStatus::Done && known.size.is_none() {
        return Err(ApiError::invalid("status.upload_status: nothing was uploaded yet; send the bytes first"));
    }
    let error: Option<String> = body.status.error_message.map(|text| text.chars().take(ERROR_BYTES / 4).collect());
    app.store.set_attachment_status(principal.organization, &body.key, status, error.as_deref()).await?;
    Ok(Json(describe(&find(&app, principal.organization, &body.key).await?)))
}

async fn find(app: &App, organization: concord_shared::ids::OrganizationId, key: &str) -> Result<Attachment, ApiError> {
    let shown: String = key.chars().take(64).collect();
    let found = if key.len() <= KEY_BYTES && !key.contains('\0') {
        app.store.attachment(organization, key).await?
    } else {
        None
    };
    found.ok_or_else(|| ApiError::not_found("attachment", format!("{shown:?}")))
}

fn describe(attachment: &Attachment) -> Status {
    Status { upload_status: attachment.status.as_str().to_owned(), error_message: attachment.error.clone() }
}

/// Where a file is, and whether it is complete.
#[derive(Serialize, ToSchema)]
#[schema(as = AttachmentDownload)]
struct Download {
    /// Gives the bytes by GET, without credentials, for five minutes.
    #[serde(rename = "downloadUrl")]
    download_url: String,
    status: Status,
}

/// Where to read a file.
#[utoipa::path(get, path = "/attachment", tag = "attachments",
    params(
        ("key" = Option<String>, Query, description = "Of a file that was uploaded here"),
        ("url" = Option<String>, Query, description = "Of a file elsewhere, which is given back"),
        ("filename" = Option<String>, Query), ("content_type" = Option<String>, Query), ("org_id" = Option<String>, Query),
    ),
    responses((status = 200, body = Download)))]
async fn show(State(app): State<App>, caller: Caller, params: Params) -> Result<Json<Download>, ApiError> {
    let principal = caller.permit(Action::Read)?;
    check_organization(&app, principal, None, params.text("org_id")).await?;
    if let Some(elsewhere) = params.text("url") {
        if !["https://", "http://"].iter().any(|scheme| elsewhere.starts_with(scheme)) {
            return Err(ApiError::invalid("url: must begin with https:// or http://"));
        }
        let status = Status { upload_status: "done".to_owned(), error_message: None };
        return Ok(Json(Download { download_url: elsewhere.to_owned(), status }));
    }
    let key = params.text("key").ok_or_else(|| ApiError::new(ProblemCode::Malformed, "key: is missing"))?;
    let found = find(&app, principal.organization, key).await?;
    let grant = Grant {
        purpose: Purpose::Download,
        organization: principal.organization,
        key: key.to_owned(),
        expires: app.clock.now() + DOWNLOAD,
    };
    Ok(Json(Download { download_url: url(&app, &grant), status: describe(&found) }))
}
