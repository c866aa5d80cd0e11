//! What the calls that change configuration have in common.

use serde_json::Value;

use super::error::ApiError;
use crate::domain::project::rank;

/// Largest piece of configuration that is kept as sent, in bytes of JSON.
pub const JSON_BYTES: usize = 64 * 1024;

/// Deep merge of objects; null leaves what is stored, anything else replaces it.
pub fn merge(stored: &mut Value, sent: Value) {
    match (stored, sent) {
        (_, Value::Null) => {}
        (Value::Object(stored), Value::Object(sent)) => {
            for (key, value) in sent {
                merge(stored.entry(key).or_insert(Value::Null), value);
            }
        }
        (stored, sent) => *stored = sent,
    }
}

/// A place chosen by the caller.
pub fn check_position(position: String) -> Result<String, ApiError> {
    if position.is_empty() || position.len() > rank::RANK_BYTES || position.chars().any(char::is_control) {
        let detail = format!("position: 1 to {} bytes of text that sorts where the item belongs", rank::RANK_BYTES);
        return Err(ApiError::invalid(detail));
    }
    Ok(position)
}

/// JSON that is kept as sent is kept within [`JSON_BYTES`].
pub fn check_size(field: &str, value: &Value) -> Result<(), ApiError> {
    let length = value.to_string().len();
    if length > JSON_BYTES {
        return Err(ApiError::invalid(format!("{field}: at most {JSON_BYTES} bytes of JSON, not {length}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_patch_merges_objects_and_clears_nothing() {
        let mut stored = json!({"destination": "expected", "online": {"a": 1}});
        merge(&mut stored, json!({"multi_select": true, "destination": null, "online": {"b": [1]}}));
        assert_eq!(stored, json!({"destination": "expected", "multi_select": true, "online": {"a": 1, "b": [1]}}));
        merge(&mut stored, Value::Null);
        assert!(stored.is_object());
    }
}
