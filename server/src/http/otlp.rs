//! `POST /otel/v1/traces`: spans of OpenTelemetry exporters, Braintrust's among them.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use concord_shared::ids::{ObjectRef, ProjectId};
use concord_shared::problem::ProblemCode;
use concord_shared::role::Action;
use concord_shared::row::{Parsed, parse_object};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::RawBody;
use super::error::ApiError;
use super::object::visible;
use super::projects;
use crate::app::App;
use crate::domain::access::Principal;
use crate::ingest::carry;
use crate::ingest::otlp::decode::{Encoding, Rejections, ScopedSpan, Unreadable};
use crate::ingest::otlp::parent::{Container, DEFAULT, Parent, SpanRef};
use crate::ingest::otlp::span;
use crate::ingest::plan::ObjectWrites;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(export))
}

/// Containers that one export may name; each may be a project to be made.
const PARENTS: usize = 100;

/// Takes an export. What cannot be stored is counted and told in `partialSuccess`; exporters read it no further than that, so an export
/// of which nothing can be stored is a problem, which they print.
#[utoipa::path(post, path = "/otel/v1/traces", tag = "rows", request_body(content((serde_json::Value = "application/json"), (Vec<u8> = "application/x-protobuf"))), responses((status = 200, body = Vec<u8>, content_type = "application/x-protobuf")))]
async fn export(
    State(app): State<App>,
    Caller(principal): Caller,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Response, ApiError> {
    principal.permit(Action::WriteRows)?;
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).filter(|value| !value.is_empty());
    let encoding = Encoding::of(text(header::CONTENT_TYPE.as_str()), &body);
    let mut rejections = Rejections::default();
    let spans = encoding.read(&body, &mut rejections).map_err(|error| {
        let code = match error {
            Unreadable::Malformed(_) => ProblemCode::Malformed,
            Unreadable::TooMany => ProblemCode::TooLarge,
        };
        ApiError::new(code, error.to_string())
    })?;
    let mut places = Places { default: text("x-bt-parent").unwrap_or(DEFAULT).to_owned(), known: BTreeMap::new() };
    let mut objects: BTreeMap<ObjectRef, ObjectWrites> = BTreeMap::new();
    let mut taken = 0;
    for scoped in &spans {
        match places.write(&app, &principal, scoped, &mut objects, &mut rejections).await? {
            Ok(()) => taken += 1,
            Err(reason) => rejections.reject(format!("{}: {reason}", scoped.place)),
        }
    }
    for writes in objects.into_values() {
        for error in carry::write_rows(&app, &principal, writes).await? {
            rejections.warn(error.detail);
        }
    }
    if let Some(reason) = rejections.told() {
        tracing::warn!(rejected = rejections.rejected(), "spans were refused or cut: {reason}");
        if taken == 0 && rejections.rejected() > 0 {
            return Err(ApiError::new(ProblemCode::Malformed, reason));
        }
    }
    Ok(([(header::CONTENT_TYPE, encoding.content_type())], encoding.answer(&rejections)).into_response())
}

/// A container that was found, and the span under which traces hang in it.
type Place = (ProjectId, ObjectRef, Option<SpanRef>);

/// Containers that the spans of one export name, each looked up once.
struct Places {
    default: String,
    known: BTreeMap<String, Result<Place, String>>,
}

impl Places {
    /// Adds the row of a span to what will be written, or says why it is none.
    async fn write(
        &mut self,
        app: &App,
        principal: &Principal,
        scoped: &ScopedSpan,
        objects: &mut BTreeMap<ObjectRef, ObjectWrites>,
        rejections: &mut Rejections,
    ) -> Result<Result<(), String>, ApiError> {
        let parent = span::own_parent(scoped).unwrap_or_else(|| self.default.clone());
        let (project, object, above) = match self.of(app, principal, &parent).await? {
            Ok(place) => place,
            Err(reason) => return Ok(Err(reason)),
        };
        let made = match span::row(scoped, above.as_ref()) {
            Ok(made) => made,
            Err(reason) => return Ok(Err(reason)),
        };
        let Parsed { write, left_out, .. } = match parse_object(made.row, &mut || uuid::Uuid::new_v4().to_string()) {
            Ok(parsed) => parsed,
            Err(refusal) => return Ok(Err(refusal.to_string())),
        };
        for reason in made.left_out.into_iter().chain(left_out.iter().map(ToString::to_string)) {
            rejections.warn(format!("{}: {reason}", scoped.place));
        }
        let writes = objects.entry(object).or_insert_with(|| ObjectWrites { project, object, writes: Vec::new() });
        let index = writes.writes.len();
        writes.writes.push((index, write));
        Ok(Ok(()))
    }

    async fn of(&mut self, app: &App, principal: &Principal, text: &str) -> Result<Result<Place, String>, ApiError> {
        if let Some(known) = self.known.get(text) {
            return Ok(known.clone());
        }
        if self.known.len() >= PARENTS {
            return Ok(Err(format!("one export names more than {PARENTS} parents; send them in parts")));
        }
        let found = match Parent::read(text) {
            Ok(Parent { container, span }) => match container {
                Container::ProjectNamed(name) => {
                    principal.permit(Action::RegisterProject)?;
                    let (project, _) = projects::ensure(app, principal, &name, None).await?;
                    Ok((project.id, ObjectRef::logs(project.id), span))
                }
                Container::Object(object) => match visible(app, principal, object).await {
                    Ok(project) => Ok((project, object, span)),
                    Err(error @ ApiError::Refused { code: ProblemCode::NotFound, .. }) => Err(error.to_string()),
                    Err(error) => return Err(error),
                },
            },
            Err(reason) => Err(reason),
        };
        self.known.insert(text.to_owned(), found.clone());
        Ok(found)
    }
}
