//! Whether a request with a cookie comes from our own pages.

use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use concord_shared::problem::ProblemCode;

use crate::http::error::ApiError;

/// Refuses what another site's page may have sent with the reader's cookie: an `Origin` that is neither the public URL
/// nor the host that was asked. Browsers send `Origin` with every unsafe method and every socket; a program that sends
/// none is not a browser, unless `Sec-Fetch-Site` says it is.
pub fn check(parts: &Parts, public_url: &str) -> Result<(), ApiError> {
    let header = |name| parts.headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or("(not text)"));
    let host = header(header::HOST).or_else(|| parts.uri.authority().map(|authority| authority.as_str()));
    let own = match header(header::ORIGIN) {
        Some(origin) => {
            let authority = origin.split_once("://").map(|(_, authority)| authority);
            origin == public_url || (authority.is_some() && authority == host)
        }
        None => {
            parts.headers.get("sec-fetch-site").is_none_or(|site| matches!(site.as_bytes(), b"same-origin" | b"none"))
        }
    };
    if own {
        return Ok(());
    }
    let origin: String = header(header::ORIGIN).unwrap_or("another site").chars().take(100).collect();
    let detail = format!("a page of {origin} may not act with this browser's sign-in; this server is {public_url}");
    Err(ApiError::new(ProblemCode::Forbidden, detail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn allowed(headers: &[(&str, &str)]) -> bool {
        let mut request = Request::builder().uri("/sync");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        check(&parts, "https://concord.example.com").is_ok()
    }

    #[test]
    fn only_our_own_pages_act_with_a_cookie() {
        let host = ("host", "localhost:8484");
        assert!(allowed(&[host, ("origin", "http://localhost:8484")]));
        assert!(allowed(&[host, ("origin", "https://concord.example.com")]), "behind a proxy");
        assert!(allowed(&[host]), "not a browser");
        assert!(allowed(&[host, ("sec-fetch-site", "same-origin")]));
        for origin in ["https://evil.example", "null", "http://localhost:8485", "http://localhost", "localhost:8484"] {
            assert!(!allowed(&[host, ("origin", origin)]), "{origin}");
        }
        assert!(!allowed(&[host, ("sec-fetch-site", "cross-site")]));
    }
}
