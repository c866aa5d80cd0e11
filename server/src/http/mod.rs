//! The HTTP side: one file per resource, each with its `routes()`. [`frame`] is what surrounds them all.

pub mod attachments;
pub mod auth;
pub mod body;
pub mod btql;
pub mod bulk;
pub mod dataset_add;
pub mod dataset_import;
pub mod datasets;
pub mod error;
pub mod events;
pub mod experiments;
pub mod export;
pub mod feedback;
pub mod files;
pub mod filter;
pub mod find;
pub mod frame;
pub mod gauges;
pub mod health;
pub mod insert;
pub mod keys;
pub mod login;
pub mod logs3;
pub mod meant;
pub mod members;
pub mod metrics;
pub mod notifications;
pub mod object;
pub mod objects;
pub mod openapi;
pub mod organizations;
pub mod otlp;
pub mod overflow;
pub mod paging;
pub mod patch;
pub mod project_scores;
pub mod project_tags;
pub mod projects;
pub mod queue;
pub mod reviews;
pub mod rows;
pub mod session;
pub mod setup;
pub mod summaries;
pub mod traces;
pub mod users;
pub mod views;
pub mod webhooks;

use axum::Router;
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use concord_shared::problem::ProblemCode;
use utoipa_axum::router::OpenApiRouter;

use crate::access_log::AccessLog;
use crate::app::App;
use crate::passwords::PasswordError;
use crate::{accounts, web};
use auth::Caller;
use error::ApiError;

/// First parts of paths that belong to the API; everything else is the web app's.
const API: [&str; 16] = [
    "attachment",
    "file",
    "openapi.json",
    "ping",
    "metrics",
    "api",
    "v1",
    "logs3",
    "btql",
    "otel",
    "version",
    "sync",
    "live",
    "environment-object",
    "experiment-comparison2",
    "dataset-summary",
];

/// The whole server as a service.
pub fn router(app: App, log: AccessLog) -> Router {
    let clock = app.clock.clone();
    let counted = from_fn_with_state(app.gauges.clone(), gauges::count);
    let (routes, _) = routes().split_for_parts();
    // Nobody looks at the route of an answer unless there is a log.
    let routes = if log.is_on() { routes.route_layer(from_fn(frame::tell_route)) } else { routes };
    let routes = routes.method_not_allowed_fallback(method_not_allowed).fallback(elsewhere).with_state(app);
    frame::surround(routes, log, clock).layer(counted)
}

/// Every route with its description.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        // Resources, in alphabetical order. A new file adds its routes here.
        .merge(btql::routes())
        .merge(bulk::routes())
        .merge(attachments::routes())
        .merge(dataset_add::routes())
        .merge(dataset_import::routes())
        .merge(datasets::routes())
        .merge(events::routes())
        .merge(experiments::routes())
        .merge(export::routes())
        .merge(feedback::routes())
        .merge(files::routes())
        .merge(find::routes())
        .merge(filter::routes())
        .merge(gauges::routes())
        .merge(health::routes())
        .merge(insert::routes())
        .merge(keys::routes())
        .merge(login::routes())
        .merge(logs3::routes())
        .merge(members::routes())
        .merge(metrics::routes())
        .merge(notifications::routes())
        .merge(objects::routes())
        .merge(otlp::routes())
        .merge(openapi::routes())
        .merge(organizations::routes())
        .merge(overflow::routes())
        .merge(project_scores::routes())
        .merge(project_tags::routes())
        .merge(projects::routes())
        .merge(queue::routes())
        .merge(reviews::routes())
        .merge(rows::routes())
        .merge(session::routes())
        .merge(setup::routes())
        .merge(summaries::routes())
        .merge(traces::routes())
        .merge(users::routes())
        .merge(views::routes())
        .merge(webhooks::routes())
}

async fn method_not_allowed() -> ApiError {
    ApiError::new(ProblemCode::MethodNotAllowed, "this path exists, but not with this method")
}

/// The web app, or an unknown path of the API: 401 to strangers, who learn nothing about paths, else 404.
async fn elsewhere(State(app): State<App>, request: Request) -> Response {
    let path = request.uri().path();
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    if !API.contains(&first) {
        return web::serve(request.method(), path, request.headers());
    }
    let detail = format!("there is nothing at {}", path.chars().take(200).collect::<String>());
    let (mut parts, _) = request.into_parts();
    match Caller::from_request_parts(&mut parts, &app).await {
        Ok(_) => ApiError::new(ProblemCode::NotFound, detail).into_response(),
        Err(error) => error.into_response(),
    }
}

impl From<accounts::AccountError> for ApiError {
    fn from(error: accounts::AccountError) -> Self {
        match error {
            accounts::AccountError::Store(error) => error.into(),
            accounts::AccountError::Password(error) => error.into(),
        }
    }
}

impl From<PasswordError> for ApiError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::TooMany { wait: std::time::Duration::from_secs(1), detail: error.to_string() },
            PasswordError::Failed(detail) => Self::Internal(detail),
        }
    }
}
