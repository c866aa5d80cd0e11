//! The outer form of a request: a list of items under one key. Items stay raw, so that one that cannot be read costs only itself.

use serde::Deserialize;
use serde_json::value::RawValue;

/// Items of one request. Clients send at most 100; the body limit stands behind this one.
pub const ITEMS: usize = 50_000;

/// Why a request as a whole cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Not JSON, or not an object with the list.
    #[error("the body is not JSON such as {{\"{key}\": […]}}: {detail}")]
    Malformed {
        /// The key of the list.
        key: &'static str,
        /// What the parser says.
        detail: String,
    },
    /// Uploads beside the request are not offered: `/version` names no limit, so no client needs them.
    #[error("rows by reference (logs3_overflow) are not offered; send them in the body")]
    Overflow,
    /// More than [`ITEMS`].
    #[error("{0} items in one request; at most {ITEMS} are taken")]
    TooMany(usize),
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
struct Envelope<T> {
    #[serde(default, alias = "rows", alias = "events", alias = "feedback")]
    items: Option<T>,
}

/// The raw items under `key`, which is one of `rows`, `events`, `feedback`.
pub fn items<'a>(body: &'a [u8], key: &'static str) -> Result<Vec<&'a RawValue>, EnvelopeError> {
    // In one pass if it is what it should be; else once more, to say what it is.
    let items = match serde_json::from_slice::<Envelope<Vec<&'a RawValue>>>(body) {
        Ok(Envelope { items: Some(items) }) => items,
        _ => return Err(wrong(body, key)),
    };
    if items.len() > ITEMS { Err(EnvelopeError::TooMany(items.len())) } else { Ok(items) }
}

fn wrong(body: &[u8], key: &'static str) -> EnvelopeError {
    let malformed = |detail: String| EnvelopeError::Malformed { key, detail };
    match serde_json::from_slice::<Envelope<&RawValue>>(body) {
        Ok(Envelope { items: Some(items) }) if !items.get().starts_with('{') => {
            let detail = serde_json::from_str::<Vec<&RawValue>>(items.get()).err().map(|error| error.to_string());
            malformed(detail.unwrap_or_else(|| format!("\"{key}\" is not read")))
        }
        Ok(Envelope { items: Some(items) }) if items.get().contains("logs3_overflow") => EnvelopeError::Overflow,
        Ok(Envelope { items: Some(_) }) => malformed(format!("\"{key}\" is an object, not an array")),
        Ok(Envelope { items: None }) => malformed(format!("there is no \"{key}\"")),
        Err(error) => malformed(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_stay_raw() {
        let body = br#"{"rows":[{"id":"a"},{"id":"\ud83d"}, 5],"api_version":2}"#;
        let items = items(body, "rows").expect("a list");
        assert_eq!(
            items.iter().map(|item| item.get()).collect::<Vec<_>>(),
            [r#"{"id":"a"}"#, r#"{"id":"\ud83d"}"#, "5"]
        );
    }

    #[test]
    fn errors_say_what_was_expected() {
        let error = |body: &str| items(body.as_bytes(), "rows").expect_err("an error").to_string();
        assert!(error("").contains("{\"rows\": […]}"));
        assert!(error("{}").contains("there is no \"rows\""));
        assert!(error(r#"{"rows":{"type":"logs3_overflow","key":"k"}}"#).contains("not offered"));
        assert!(error(r#"{"rows":{}}"#).contains("not an array"));
    }
}
