//! What surrounds every request: its id, compression, cross-origin rules, headers that all answers have.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use concord_shared::problem::{Problem, ProblemCode};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{Any, CorsLayer};
use tower_http::decompression::RequestDecompressionLayer;
use uuid::Uuid;

use super::error::ApiError;
use crate::access_log::{AccessLog, Line, agent};
use crate::clock::Clock;

/// Longest text of the framework that is passed on.
const EXPLANATION_BYTES: usize = 4096;

tokio::task_local! {
    static REQUEST: String;
}

/// The id of the request that is being answered, if one is.
pub fn request_id() -> Option<String> {
    REQUEST.try_with(Clone::clone).ok()
}

/// Wraps the finished router.
pub fn surround(router: Router, log: AccessLog, clock: Clock) -> Router {
    let logged = log.is_on();
    let router = router
        .layer(CatchPanicLayer::custom(answer_panic))
        .layer(from_fn(explain))
        .layer(RequestDecompressionLayer::new())
        .layer(from_fn(check_encoding))
        .layer(CompressionLayer::new())
        .layer(cors())
        .layer(from_fn(identify));
    if logged { router.layer(from_fn_with_state((log, clock), note)) } else { router }
}

/// Tells the route of a request to whoever looks at its answer.
pub async fn tell_route(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    if let Some(route) = route {
        response.extensions_mut().insert(route);
    }
    response
}

/// Writes a line of the access log.
async fn note(State((log, clock)): State<(AccessLog, Clock)>, request: Request, next: Next) -> Response {
    let began = clock.now();
    let method = request.method().clone();
    let client = request.headers().get(header::USER_AGENT).map(|name| agent(name.as_bytes()));
    let response = next.run(request).await;
    let at = clock.now();
    log.write(&Line {
        at,
        request: response.headers().get("x-request-id").and_then(|id| id.to_str().ok()),
        method: method.as_str(),
        route: response.extensions().get::<MatchedPath>().map(MatchedPath::as_str),
        status: response.status().as_u16(),
        took: (at.0 - began.0) as f64 / 1000.0,
        agent: client,
    });
    response
}

/// Gives the request an id. Python clients print `x-bt-internal-trace-id` when something fails.
async fn identify(request: Request, next: Next) -> Response {
    let id = Uuid::now_v7().simple().to_string();
    let value = HeaderValue::from_str(&id).ok();
    let mut response = REQUEST.scope(id, next.run(request)).await;
    let headers = response.headers_mut();
    if let Some(value) = value {
        headers.insert(HeaderName::from_static("x-request-id"), value.clone());
        headers.insert(HeaderName::from_static("x-bt-internal-trace-id"), value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Answers depend on who asks; only the web app's files say otherwise.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Refusals of the framework itself (a path that is no UTF-8, a socket's address without an upgrade) come as plain text;
/// this makes problems of them.
async fn explain(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let is_plain =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !is_plain || !(response.status().is_client_error() || response.status().is_server_error()) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let text = to_bytes(body, EXPLANATION_BYTES).await.unwrap_or_default();
    let problem = Problem {
        status: parts.status.as_u16(),
        instance: request_id(),
        ..Problem::new(ProblemCode::Malformed, String::from_utf8_lossy(&text))
    };
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(serde_json::to_vec(&problem).unwrap_or_default()))
}

/// Refuses what [`RequestDecompressionLayer`] cannot read with a problem instead of its empty answer.
async fn check_encoding(request: Request, next: Next) -> Response {
    match request.headers().get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes) {
        None | Some(b"gzip" | b"identity") => next.run(request).await,
        Some(other) => {
            let shown: String = String::from_utf8_lossy(other).chars().take(40).collect();
            let detail = format!("content-encoding {shown:?} is not read here; send gzip, or nothing");
            ApiError::new(ProblemCode::Malformed, detail).into_response()
        }
    }
}

fn answer_panic(panic: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    ApiError::Internal(format!("panic: {}", text.unwrap_or("without a message"))).into_response()
}

/// Any page may call the API with a key. Cookies are not sent across origins, since credentials are not allowed here.
fn cors() -> CorsLayer {
    let methods = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    let headers = [
        "authorization",
        "content-type",
        "x-bt-parent",
        "x-bt-org-name",
        "x-bt-impersonate-user",
        "x-bt-stream-fmt",
        "x-stainless-lang",
        "x-stainless-package-version",
        "x-stainless-os",
        "x-stainless-arch",
        "x-stainless-runtime",
        "x-stainless-runtime-version",
        "x-stainless-async",
        "x-stainless-retry-count",
        "x-stainless-timeout",
    ];
    let exposed = ["x-bt-cursor", "x-bt-found-existing", "x-bt-internal-trace-id", "x-request-id", "retry-after"];
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods(methods)
        .allow_headers(headers.map(HeaderName::from_static))
        .expose_headers(exposed.map(HeaderName::from_static))
        .max_age(std::time::Duration::from_secs(3600))
}
