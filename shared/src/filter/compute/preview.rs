//! Large fields cut to their beginning (`preview_length`).

use std::borrow::Cow;

use serde_json::{Map, Value};

/// Characters of a preview in summaries, unless asked otherwise.
pub const LENGTH: usize = 124;

/// Fields that may be large.
const LARGE: [&str; 5] = ["input", "output", "expected", "error", "metadata"];

/// What `preview_length` says; `None`: nothing is cut.
pub fn length(said: Option<i64>, unsaid: Option<usize>) -> Option<usize> {
    match said {
        None => unsaid,
        Some(length) => usize::try_from(length).ok(),
    }
}

/// Cuts the large fields of a row. What is short enough stays as it is; what is not becomes the beginning of its text.
pub fn cut(row: &mut Map<String, Value>, length: usize) {
    for field in LARGE {
        if let Some(value) = row.get_mut(field) {
            cut_value(value, length);
        }
    }
}

fn cut_value(value: &mut Value, length: usize) {
    let text = match &*value {
        Value::Null | Value::Bool(_) | Value::Number(_) => return,
        Value::String(text) => Cow::Borrowed(text.as_str()),
        structure => Cow::Owned(structure.to_string()),
    };
    let beginning = text.char_indices().nth(length).map(|(end, _)| format!("{}…", &text[..end]));
    if let Some(beginning) = beginning {
        *value = beginning.into();
    }
}
