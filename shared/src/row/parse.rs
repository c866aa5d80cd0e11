//! From the JSON of one row to a checked write.
//!
//! A client cannot repair a refused row and drops the batch it came in, so as little as possible is refused: a field of the wrong
//! shape is left out and named, the rest of the row is kept. Only a row whose identity or size is wrong is refused whole.

use serde_json::{Map, Value};

use super::fields::Reader;
use super::limits;
use super::model::{AuditSource, CommentWrite, Write};

/// A row, or a part of one, that was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {detail}")]
pub struct Refusal {
    /// Where: a path such as `scores.Tone`, or `row`.
    pub field: String,
    /// What was wrong and what would be right.
    pub detail: String,
}

impl Refusal {
    /// A refusal of one field.
    pub fn new(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: field.into(), detail: detail.into() }
    }
}

/// One row, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// What to write.
    pub write: Write,
    /// The container keys as sent.
    pub address: Address,
    /// Fields that were left out because of their shape.
    pub left_out: Vec<Refusal>,
}

/// The keys that say which container a row belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Address {
    /// With `log_id: "g"`: the logs of a project.
    pub project_id: Option<String>,
    /// An experiment.
    pub experiment_id: Option<String>,
    /// A dataset.
    pub dataset_id: Option<String>,
    /// A playground.
    pub prompt_session_id: Option<String>,
}

/// Reads one row. `fresh_id` makes the id of a row that has none.
pub fn parse(text: &str, fresh_id: &mut dyn FnMut() -> String) -> Result<Parsed, Refusal> {
    if text.len() > limits::ROW_BYTES {
        let detail = format!("is {} bytes; a row may have {}", text.len(), limits::ROW_BYTES);
        return Err(Refusal::new("row", detail));
    }
    parse_object(object(text)?, fresh_id)
}

/// Reads one row that did not come as text; whoever made it bounds its size.
pub fn parse_object(mut row: Map<String, Value>, fresh_id: &mut dyn FnMut() -> String) -> Result<Parsed, Refusal> {
    if depth_of_map(&row) > limits::ROW_DEPTH {
        return Err(Refusal::new("row", format!("is nested deeper than {} levels", limits::ROW_DEPTH)));
    }
    let mut reader = Reader { left_out: Vec::new() };
    let id = match row.remove("id") {
        None | Some(Value::Null) => fresh_id(),
        Some(id) => checked_id("id", id)?,
    };
    let address = Address {
        project_id: text_key(&mut row, "project_id")?,
        experiment_id: text_key(&mut row, "experiment_id")?,
        dataset_id: text_key(&mut row, "dataset_id")?,
        prompt_session_id: text_key(&mut row, "prompt_session_id")?,
    };
    let source = reader.source(row.remove("_audit_source"));
    let audit_metadata = reader.object("_audit_metadata", row.remove("_audit_metadata"));
    let created = reader.moment("created", row.remove("created"));
    let deletes = reader.flag("_object_delete", row.remove("_object_delete"));
    let write = match comment_target(&row) {
        Some(row_id) if !deletes => {
            let text = comment_text(&row)?;
            let source = source.unwrap_or(AuditSource::External);
            Write::Comment(CommentWrite { id, row_id, created, text, source, audit_metadata })
        }
        _ => Write::Row(Box::new(reader.row(row, id, deletes, created, source, audit_metadata)?)),
    };
    Ok(Parsed { write, address, left_out: reader.left_out })
}

/// The row as an object. JavaScript clients cut texts in the middle of a character and write the half as an escape that is no
/// Unicode; such halves become the replacement character rather than costing the row.
fn object(text: &str) -> Result<Map<String, Value>, Refusal> {
    let parsed = serde_json::from_str(text).or_else(|error| match mend_surrogates(text) {
        Some(mended) => serde_json::from_str(&mended),
        None => Err(error),
    });
    match parsed {
        Ok(Value::Object(map)) => Ok(map),
        Ok(other) => Err(Refusal::new("row", format!("is {}; a row is an object", kind(&other)))),
        Err(error) => Err(Refusal::new("row", error.to_string())),
    }
}

/// Replaces escapes of lone surrogates. `None` when there are none.
fn mend_surrogates(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let escape = |at: usize| -> Option<u16> {
        let hex = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(hex, 16).ok()
    };
    let mut mended = String::new();
    let (mut copied, mut at) = (0, 0);
    while let Some(found) = bytes[at..].iter().position(|byte| *byte == b'\\') {
        at += found;
        let high = escape(at).filter(|unit| (0xD800..0xDC00).contains(unit));
        if high.is_some() && escape(at + 6).is_some_and(|unit| (0xDC00..0xE000).contains(&unit)) {
            at += 12;
        } else if escape(at).is_some_and(|unit| (0xD800..0xE000).contains(&unit)) {
            mended.push_str(&text[copied..at]);
            mended.push_str("\\ufffd");
            at += 6;
            copied = at;
        } else {
            at = (at + 2).min(bytes.len());
        }
    }
    (copied > 0).then(|| mended + &text[copied..])
}

pub(super) fn checked_id(field: &str, value: Value) -> Result<String, Refusal> {
    match value {
        Value::String(id) if id.contains('\0') => Err(Refusal::new(field, "contains a null character")),
        Value::String(id) if (1..=limits::ID_BYTES).contains(&id.len()) => Ok(id),
        Value::String(id) => {
            Err(Refusal::new(field, format!("has {} bytes; 1 to {} are allowed", id.len(), limits::ID_BYTES)))
        }
        other => Err(Refusal::new(field, format!("is {}; an id is a text", kind(&other)))),
    }
}

/// A text at the top of a row that decides where it belongs, so it must be right.
pub(super) fn text_key(row: &mut Map<String, Value>, key: &str) -> Result<Option<String>, Refusal> {
    match row.remove(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => checked_id(key, value).map(Some),
    }
}

/// The row that a comment row speaks of.
fn comment_target(row: &Map<String, Value>) -> Option<String> {
    row.get("comment").filter(|comment| comment.is_object())?;
    row.get("origin")?
        .get("id")?
        .as_str()
        .filter(|id| (1..=limits::ID_BYTES).contains(&id.len()) && !id.contains('\0'))
        .map(str::to_owned)
}

fn comment_text(row: &Map<String, Value>) -> Result<String, Refusal> {
    match row.get("comment").and_then(|comment| comment.get("text")) {
        Some(Value::String(text)) if text.trim().is_empty() => Err(Refusal::new("comment.text", "is empty")),
        Some(Value::String(text)) if text.len() <= limits::COMMENT_BYTES => Ok(text.clone()),
        Some(Value::String(text)) => {
            let detail = format!("has {} bytes; a comment may have {}", text.len(), limits::COMMENT_BYTES);
            Err(Refusal::new("comment.text", detail))
        }
        _ => Err(Refusal::new("comment.text", "is missing; a comment is {\"text\": \"…\"}")),
    }
}

/// What kind of JSON, in words.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn depth_of_map(map: &Map<String, Value>) -> usize {
    1 + map.values().map(depth).max().unwrap_or(0)
}

/// Nesting of a value; a scalar has none. Recursion is safe: the parser stops at 128 levels.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(map) => depth_of_map(map),
        _ => 0,
    }
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
