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
struct Envelope<'a> {
    #[serde(borrow, default, alias = "rows", alias = "events", alias = "feedback")]
    items: Option<&'a RawValue>,
}

/// The raw items under `key`, which is one of `rows`, `events`, `feedback`.
pub fn items<'a>(body: &'a [u8], key: &'static str) -> Result<Vec<&'a RawValue>, EnvelopeError> {
    let malformed = |detail: String| EnvelopeError::Malformed { key, detail };
    let envelope: Envelope<'a> = serde_json::from_slice(body).map_err(|error| malformed(error.to_string()))?;
    let list = envelope.items.ok_or_else(|| malformed(format!("there is no \"{key}\"")))?;
    if list.get().starts_with('{') {
        return Err(if list.get().contains("logs3_overflow") {
            EnvelopeError::Overflow
        } else {
            malformed(format!("\"{key}\" is an object, not an array"))
        });
    }
    let items: Vec<&RawValue> = serde_json::from_str(list.get()).map_err(|error| malformed(error.to_string()))?;
    if items.len() > ITEMS { Err(EnvelopeError::TooMany(items.len())) } else { Ok(items) }
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
