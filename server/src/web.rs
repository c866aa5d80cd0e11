//! The built web app, embedded in the binary (read from the folder in debug builds).

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use axum::response::IntoResponse;
use concord_shared::problem::ProblemCode;
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::http::error::ApiError;

#[derive(RustEmbed)]
#[folder = "../web/dist"]
#[allow_missing = true]
struct Files;

/// Scripts, workers and connections of this server only; WASM may be compiled, styles may be set by scripts.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; \
                      form-action 'self'; frame-ancestors 'none'";

/// Shown when the binary was built without the web app.
const NOT_BUILT: &str = "<!doctype html><meta charset=utf-8><title>Concord</title>\
    <p>The API is running; the web app has not been built. Stop this server and say <code>make run</code>.";

/// A file of the web app. Any other address that a browser navigates to gets the app, which routes by itself.
pub fn serve(method: &Method, path: &str, headers: &HeaderMap) -> axum::response::Response {
    if *method != Method::GET && *method != Method::HEAD {
        return ApiError::new(ProblemCode::NotFound, "there is nothing to send this to").into_response();
    }
    let name = path.trim_start_matches('/');
    // Compressed twins are reached by negotiation, never by name.
    if !name.is_empty()
        && !name.ends_with(".br")
        && let Some(file) = Files::get(name)
    {
        return answer(name, file, headers);
    }
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if name.is_empty() || accept.contains("text/html") {
        return match Files::get("index.html") {
            Some(file) => answer("index.html", file, headers),
            None => page(Response::new(Body::from(NOT_BUILT)), "text/html; charset=utf-8", "no-cache"),
        };
    }
    ApiError::new(ProblemCode::NotFound, format!("there is nothing at {}", path.chars().take(200).collect::<String>()))
        .into_response()
}

fn answer(name: &str, plain: EmbeddedFile, headers: &HeaderMap) -> axum::response::Response {
    let takes_brotli =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).is_some_and(takes_brotli);
    let packed = takes_brotli.then(|| Files::get(&format!("{name}.br"))).flatten();
    let is_packed = packed.is_some();
    let file = packed.unwrap_or(plain);
    let tag = format!("\"{}\"", hex(&file.metadata.sha256_hash()[..16]));
    let is_known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let body = if is_known { Body::empty() } else { Body::from(file.data.into_owned()) };
    let mut response = page(Response::new(body), content_type(name), cache_control(name));
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    if is_packed {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    response
}

fn page(mut response: Response<Body>, content_type: &'static str, cache: &'static str) -> Response<Body> {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, cache),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Whether `br` is accepted and not by a weight of zero.
fn takes_brotli(accept_encoding: &str) -> bool {
    accept_encoding.split(',').any(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        parts.next() == Some("br") && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

/// The builder writes a hash of the content into every name below `assets/`.
fn cache_control(name: &str) -> &'static str {
    if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" }
}

/// By hand, since the list is short and `application/wasm` must be right for streaming compilation.
fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn navigation_gets_the_app_and_scripts_get_a_problem() {
        let mut headers = HeaderMap::new();
        let missing = serve(&Method::GET, "/assets/gone-1234.js", &headers);
        assert_eq!(missing.status(), StatusCode::NOT_FOUND);
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/html,application/xhtml+xml"));
        let page = serve(&Method::GET, "/projects/1/logs", &headers);
        assert_eq!(page.status(), StatusCode::OK);
        assert_eq!(page.headers()[header::CONTENT_SECURITY_POLICY], POLICY);
        assert_eq!(serve(&Method::POST, "/", &headers).status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn brotli_needs_to_be_accepted() {
        assert!(takes_brotli("gzip, deflate, br, zstd") && takes_brotli("br;q=0.5"));
        assert!(!takes_brotli("gzip") && !takes_brotli("br;q=0") && !takes_brotli("brotli"));
    }
}
