//! `/file/{grant}`: bytes by signed URL. The URL is the credential, so it lasts for minutes and for one file.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use concord_shared::ids::OrganizationId;
use concord_shared::problem::ProblemCode;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::ApiError;
use crate::app::App;
use crate::domain::attachment::{Attachment, UploadStatus};
use crate::domain::store::StoreError;
use crate::files::{FileError, Grant, Purpose};

/// Largest attachment.
pub const ATTACHMENT_BYTES: usize = 100 << 20;
/// Largest batch of rows that comes as a file.
pub const OVERFLOW_BYTES: usize = 32 << 20;
/// Types that a browser may show by itself: none of them runs anything.
const SHOWN: [&str; 17] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
    "image/bmp",
    "audio/mpeg",
    "audio/mp4",
    "audio/ogg",
    "audio/wav",
    "audio/x-wav",
    "audio/webm",
    "audio/flac",
    "video/mp4",
    "video/webm",
    "video/ogg",
    "video/quicktime",
];

/// Routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(receive, send))
}

/// The URL of a grant.
pub(super) fn url(app: &App, grant: &Grant) -> String {
    format!("{}/file/{}", app.public_url, app.files.sign(grant))
}

/// The same for whatever is wrong with a link: who has no right to it learns nothing.
fn no_link() -> ApiError {
    ApiError::new(ProblemCode::NotFound, "this link is not good, or not any more; ask for another")
}

/// What has arrived.
#[derive(Serialize, ToSchema)]
#[schema(as = ReceivedFile)]
struct Received {
    size: Option<usize>,
}

/// Takes the bytes of an attachment (at most 100 MiB, again until it is done), or of a batch of rows (at most 32 MiB, once).
#[utoipa::path(put, path = "/file/{grant}", tag = "attachments", security(()), params(("grant" = String, Path)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 200, body = Received)))]
async fn receive(
    State(app): State<App>,
    Path(grant): Path<String>,
    request: Request,
) -> Result<Json<Received>, ApiError> {
    let grant = app.files.check(&grant, app.clock.now()).ok_or_else(no_link)?;
    let body = request.into_body().into_data_stream();
    match grant.purpose {
        Purpose::Download => Err(no_link()),
        Purpose::Overflow => {
            app.files.write_once(&grant, body, OVERFLOW_BYTES).await?;
            Ok(Json(Received { size: None }))
        }
        Purpose::Upload => {
            let attachment = app.store.attachment(grant.organization, &grant.key).await?.ok_or_else(no_link)?;
            if attachment.status == UploadStatus::Done {
                return Err(FileError::Exists.into());
            }
            let room = room(&app, grant.organization, attachment.size).await?;
            let size = match app.files.write(&grant, body, ATTACHMENT_BYTES.min(room)).await {
                Err(FileError::TooLarge(limit)) if limit < ATTACHMENT_BYTES => return Err(app.files.full().into()),
                other => other?,
            };
            app.store.attachment_arrived(grant.organization, &grant.key, size as i64).await?;
            Ok(Json(Received { size: Some(size) }))
        }
    }
}

/// Bytes that an organization may still store; `own`: what the file to be written takes already. Uploads that are under way at
/// once do not see each other, so the quota may be exceeded by them.
pub(super) async fn room(app: &App, organization: OrganizationId, own: Option<i64>) -> Result<usize, ApiError> {
    let used = app.store.attachment_bytes(organization).await?.saturating_sub(own.unwrap_or(0));
    Ok(app.files.room(used.unsigned_abs())?)
}

/// Gives the bytes of an attachment.
#[utoipa::path(get, path = "/file/{grant}", tag = "attachments", security(()), params(("grant" = String, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream")))]
async fn send(State(app): State<App>, Path(grant): Path<String>) -> Result<Response, ApiError> {
    let grant = app.files.check(&grant, app.clock.now()).filter(|grant| grant.purpose == Purpose::Download);
    let grant = grant.ok_or_else(no_link)?;
    let attachment = app.store.attachment(grant.organization, &grant.key).await?.ok_or_else(no_link)?;
    let found = app.files.read(&grant).await?;
    let (size, bytes) =
        found.ok_or_else(|| ApiError::not_found("file", "for this link: its bytes have not arrived"))?;
    Ok((StatusCode::OK, headers(&attachment, size), Body::from_stream(bytes)).into_response())
}

/// What a stranger uploaded must not act as a page of ours: it is shown only if it cannot run, and then in a sandbox.
fn headers(attachment: &Attachment, size: u64) -> HeaderMap {
    let kind = attachment.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let shown = SHOWN.iter().find(|known| **known == kind).copied();
    let disposition = if shown.is_some() { "inline" } else { "attachment" };
    let name: String = attachment.filename.bytes().map(encoded).collect();
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(shown.unwrap_or("application/octet-stream")));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    if let Ok(disposition) = HeaderValue::from_str(&format!("{disposition}; filename*=UTF-8''{name}")) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=300"));
    headers
}

/// A byte of a file name as RFC 8187 writes it.
fn encoded(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

impl From<FileError> for ApiError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::TooLarge(_) | FileError::Full(_) => Self::new(ProblemCode::TooLarge, error.to_string()),
            FileError::Exists => Self::new(ProblemCode::Conflict, error.to_string()),
            FileError::Cut(_) => Self::new(ProblemCode::Malformed, error.to_string()),
            FileError::Unavailable(_) => Self::Store(StoreError::Unavailable(error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use concord_shared::moment::Moment;

    use super::*;

    #[test]
    fn what_could_run_is_downloaded_and_what_is_shown_is_sandboxed() {
        let attachment = |content_type: &str| Attachment {
            organization: OrganizationId::new(),
            key: "k".into(),
            filename: "a\"b\u{fc}.svg".into(),
            content_type: content_type.into(),
            status: UploadStatus::Done,
            error: None,
            size: Some(1),
            created_by: None,
            created: Moment(0),
        };
        let text = |content_type: &str, name: header::HeaderName| {
            headers(&attachment(content_type), 1)[name].to_str().expect("text").to_owned()
        };
        assert_eq!(text("Image/PNG; x=1", header::CONTENT_TYPE), "image/png");
        for risky in ["image/svg+xml", "text/html", "application/pdf", "nonsense\r\n"] {
            assert_eq!(text(risky, header::CONTENT_TYPE), "application/octet-stream");
            assert_eq!(text(risky, header::CONTENT_DISPOSITION), "attachment; filename*=UTF-8''a%22b%C3%BC.svg");
        }
        assert!(text("image/png", header::CONTENT_SECURITY_POLICY).contains("sandbox"));
    }
}
