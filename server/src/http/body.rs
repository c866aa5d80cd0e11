//! Reading requests: bodies whatever their content type, queries with repeated keys, ids in paths.

use std::fmt::Display;
use std::str::FromStr;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use bytes::Bytes;
use concord_shared::problem::ProblemCode;
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::error::ApiError;

/// Largest body, after decompression. Clients split their batches at 6 MiB, but a single row may be larger.
pub const BODY_BYTES: usize = 8 * 1024 * 1024;
/// How much more of a body that is too large is read and thrown away, so that its sender is ready to hear the refusal.
const DRAINED_BYTES: usize = 24 * 1024 * 1024;

/// The bytes of a body within [`BODY_BYTES`].
#[derive(Debug)]
pub struct RawBody(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = ApiError;
    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        read(request.into_body(), BODY_BYTES).await.map(Self)
    }
}

/// The bytes of a body, at most that many.
pub(super) async fn read(body: Body, most: usize) -> Result<Bytes, ApiError> {
    let mut stream = body.into_data_stream();
    let mut first = Bytes::new();
    let mut bytes = Vec::new();
    let mut total = 0_usize;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| {
            ApiError::new(ProblemCode::Malformed, format!("the body ended early or is not valid gzip: {error}"))
        })?;
        total = total.saturating_add(chunk.len());
        if total > most {
            (first, bytes) = (Bytes::new(), Vec::new());
            if total > most + DRAINED_BYTES {
                break;
            }
        } else if first.is_empty() && bytes.is_empty() {
            // Most bodies are one chunk: no copy.
            first = chunk;
        } else {
            if bytes.is_empty() {
                bytes.extend_from_slice(&std::mem::take(&mut first));
            }
            bytes.extend_from_slice(&chunk);
        }
    }
    if total > most {
        let detail = format!("the body is larger than {most} bytes ({} MiB); send it in parts", most >> 20);
        return Err(ApiError::new(ProblemCode::TooLarge, detail));
    }
    Ok(if bytes.is_empty() { first } else { bytes.into() })
}

/// A body of JSON, whatever its content type: Python's logger sends none.
#[derive(Debug)]
pub struct JsonBody<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;
    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let RawBody(bytes) = RawBody::from_request(request, state).await?;
        parse(&bytes).map(Self)
    }
}

/// Parses JSON; an error says where. What is no JSON is malformed (400), JSON of another shape is invalid (422).
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    if bytes.is_empty() {
        return Err(ApiError::new(ProblemCode::Malformed, "the body is empty; send JSON"));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        let code = if error.is_data() { ProblemCode::InvalidValue } else { ProblemCode::Malformed };
        let position = (error.line() > 0).then(|| json!({"line": error.line(), "column": error.column()}));
        ApiError::Refused { code, detail: format!("the body: {error}"), position }
    })
}

/// A query string; keys may repeat, with or without `[]` after them.
#[derive(Debug)]
pub struct Params(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let Query(pairs) = Query::try_from_uri(&parts.uri)
            .map_err(|error| ApiError::new(ProblemCode::Malformed, format!("the query string: {error}")))?;
        Ok(Self(pairs))
    }
}

impl Params {
    /// The first value of a key; an empty one counts as absent.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.texts(key).next()
    }

    /// All values of a key.
    pub fn texts(&self, key: &str) -> impl Iterator<Item = &str> {
        let values = self.0.iter().filter(move |(name, _)| name.strip_suffix("[]").unwrap_or(name) == key);
        values.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The first value of a key, parsed.
    pub fn value<T: FromStr<Err: Display>>(&self, key: &str) -> Result<Option<T>, ApiError> {
        self.text(key).map(|text| parse_param(key, text)).transpose()
    }

    /// All values of a key, parsed; lists separated by commas are read too.
    pub fn values<T: FromStr<Err: Display>>(&self, key: &str) -> Result<Vec<T>, ApiError> {
        self.texts(key).flat_map(|text| text.split(',')).map(|text| parse_param(key, text)).collect()
    }
}

fn parse_param<T: FromStr<Err: Display>>(key: &str, text: &str) -> Result<T, ApiError> {
    text.parse().map_err(|error| ApiError::new(ProblemCode::Malformed, format!("{key}: {error}")))
}

/// The one id of a path.
#[derive(Debug)]
pub struct Id<T>(pub T);

impl<S: Send + Sync, T: FromStr<Err: Into<ApiError>>> FromRequestParts<S> for Id<T> {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|error| ApiError::new(ProblemCode::Malformed, error.body_text()))?;
        text.parse().map(Self).map_err(Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use concord_shared::ids::ProjectId;
    use serde_json::Value;

    #[test]
    fn errors_of_json_say_where() {
        let error = parse::<Value>(b"{\n  \"a\": nope}").expect_err("not JSON");
        let ApiError::Refused { code, position, .. } = error else { panic!("a refusal") };
        assert_eq!((code, position), (ProblemCode::Malformed, Some(json!({"line": 2, "column": 9}))));

        let error = parse::<Vec<u32>>(b"[1, \"two\"]").expect_err("another shape");
        assert!(matches!(error, ApiError::Refused { code: ProblemCode::InvalidValue, .. }));
        assert!(parse::<Value>(b"").is_err());
    }

    #[tokio::test]
    async fn bodies_are_bounded() {
        let chunks = |count: usize| {
            let chunk = Bytes::from(vec![b'x'; 1024 * 1024]);
            Body::from_stream(futures_util::stream::iter(vec![chunk; count]).map(Ok::<_, std::io::Error>))
        };
        assert_eq!(read(chunks(8), BODY_BYTES).await.expect("at the limit").len(), BODY_BYTES);
        let error = read(chunks(9), BODY_BYTES).await.expect_err("above it");
        assert!(matches!(error, ApiError::Refused { code: ProblemCode::TooLarge, .. }));
        assert!(read(Body::empty(), BODY_BYTES).await.expect("nothing is fine here").is_empty());
    }

    #[test]
    fn query_keys_may_repeat() {
        let id = ProjectId::new();
        let params = Params(vec![
            ("ids[]".to_owned(), id.to_string()),
            ("ids".to_owned(), format!("{id},{id}")),
            ("limit".to_owned(), "x".to_owned()),
        ]);
        assert_eq!(params.values::<ProjectId>("ids").expect("ids"), [id, id, id]);
        assert!(params.value::<u32>("limit").is_err());
        assert_eq!(params.value::<u32>("cursor").expect("absent"), None);
    }
}
