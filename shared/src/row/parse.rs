//! From the JSON of one row to a checked write.
//!
//! A client cannot repair a refused row and drops the batch it came in, so as little as possible is refused: a field of the wrong
//! shape is left out and named, the rest of the row is kept. Only a row whose identity or size is wrong is refused whole.

use serde_json::{Map, Value};

use super::limits;
use super::model::{ArrayDelete, AuditSource, CommentWrite, Mode, RowWrite, Write};
use crate::ids::MemberId;
use crate::moment::Moment;
use crate::review::state::ReviewStatus;

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

/// Keys that are never data: control keys (rule M10), addresses, and what only the server says.
const NOT_DATA: [&str; 11] = [
    "log_id",
    "org_id",
    "org_name",
    "is_root",
    "_xact_id",
    "_pagination_key",
    "comments",
    "audit_data",
    "reviews",
    "__bt_review_lists",
    "__bt_assignments",
];

/// Reads one row. `fresh_id` makes the id of a row that has none.
pub fn parse(text: &str, fresh_id: &mut dyn FnMut() -> String) -> Result<Parsed, Refusal> {
    if text.len() > limits::ROW_BYTES {
        let detail = format!("is {} bytes; a row may have {}", text.len(), limits::ROW_BYTES);
        return Err(Refusal::new("row", detail));
    }
    let mut row = object(text)?;
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

fn checked_id(field: &str, value: Value) -> Result<String, Refusal> {
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
fn text_key(row: &mut Map<String, Value>, key: &str) -> Result<Option<String>, Refusal> {
    match row.remove(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => checked_id(key, value).map(Some),
    }
}

/// The row that a comment row speaks of.
fn comment_target(row: &Map<String, Value>) -> Option<String> {
    row.get("comment").filter(|comment| comment.is_object())?;
    row.get("origin")?.get("id")?.as_str().filter(|id| (1..=limits::ID_BYTES).contains(&id.len())).map(str::to_owned)
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

/// Reads fields and remembers what it had to leave out.
struct Reader {
    left_out: Vec<Refusal>,
}

impl Reader {
    fn leave_out(&mut self, field: impl Into<String>, detail: impl Into<String>) {
        self.left_out.push(Refusal::new(field, detail.into() + "; it was left out"));
    }

    fn row(
        &mut self,
        mut row: Map<String, Value>,
        id: String,
        deletes: bool,
        created: Option<Moment>,
        source: Option<AuditSource>,
        audit_metadata: Option<Map<String, Value>>,
    ) -> Result<RowWrite, Refusal> {
        let merges = self.flag("_is_merge", row.remove("_is_merge"));
        let paths = self.paths(row.remove("_merge_paths"));
        let array_delete = self.array_delete(row.remove("_array_delete"));
        let mode = match (deletes, merges) {
            (true, _) => Mode::Delete,
            (false, true) => Mode::Merge { paths, array_delete },
            (false, false) => Mode::Replace,
        };
        let span_id = text_key(&mut row, "span_id")?;
        let root_span_id = text_key(&mut row, "root_span_id")?;
        let parent_id = text_key(&mut row, "_parent_id")?;
        let span_parents = span_parents(row.remove("span_parents"))?;
        for key in NOT_DATA {
            row.remove(key);
        }
        self.scores(&mut row);
        self.tags(&mut row);
        for key in ["metadata", "metrics", "span_attributes"] {
            self.keep_object(&mut row, key);
        }
        let (status, assignees) = self.review_keys(&mut row);
        let fields = if deletes { Map::new() } else { row };
        Ok(RowWrite {
            id,
            mode,
            created,
            span_id,
            root_span_id,
            span_parents,
            parent_id,
            fields,
            source,
            audit_metadata,
            status,
            assignees,
        })
    }

    fn flag(&mut self, field: &str, value: Option<Value>) -> bool {
        match value {
            None | Some(Value::Null) => false,
            Some(Value::Bool(flag)) => flag,
            Some(other) => {
                self.leave_out(field, format!("is {}, not true or false", kind(&other)));
                false
            }
        }
    }

    fn object(&mut self, field: &str, value: Option<Value>) -> Option<Map<String, Value>> {
        match value {
            None | Some(Value::Null) => None,
            Some(Value::Object(map)) => Some(map),
            Some(other) => {
                self.leave_out(field, format!("is {}, not an object", kind(&other)));
                None
            }
        }
    }

    fn moment(&mut self, field: &str, value: Option<Value>) -> Option<Moment> {
        match value {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => match text.parse() {
                Ok(moment) => Some(moment),
                Err(error) => {
                    self.leave_out(field, error.to_string());
                    None
                }
            },
            Some(other) => {
                self.leave_out(field, format!("is {}, not a date and time such as 2026-11-24T09:30:00Z", kind(&other)));
                None
            }
        }
    }

    fn source(&mut self, value: Option<Value>) -> Option<AuditSource> {
        match value {
            None | Some(Value::Null) => None,
            Some(value) => match value.as_str().and_then(AuditSource::parse) {
                Some(source) => Some(source),
                None => {
                    self.leave_out("_audit_source", "is none of app, api, external; external was assumed");
                    Some(AuditSource::External)
                }
            },
        }
    }

    fn keep_object(&mut self, row: &mut Map<String, Value>, key: &str) {
        if let Some(value) = row.get(key).filter(|value| !value.is_null() && !value.is_object()) {
            self.leave_out(key, format!("is {}, not an object", kind(value)));
            row.remove(key);
        }
    }

    /// Keeps numbers from 0 to 1, nulls, and booleans as 1 and 0; the rest goes, each alone.
    fn scores(&mut self, row: &mut Map<String, Value>) {
        self.keep_scores_shape(row);
        let Some(Value::Object(scores)) = row.get_mut("scores") else { return };
        let mut refused = Vec::new();
        scores.retain(|name, value| {
            if let Value::Bool(flag) = value {
                *value = Value::from(u8::from(*flag));
            }
            let problem = score_name_problem(name).or_else(|| score_problem(value));
            let keep = problem.is_none();
            refused.extend(problem.map(|detail| Refusal::new(format!("scores.{}", cut(name)), detail)));
            keep
        });
        for refusal in refused {
            self.leave_out(refusal.field, refusal.detail);
        }
    }

    fn keep_scores_shape(&mut self, row: &mut Map<String, Value>) {
        self.keep_object(row, "scores");
        if row.get("scores").and_then(Value::as_object).is_some_and(|scores| scores.len() > limits::SCORES) {
            self.leave_out("scores", format!("has more than {} scores", limits::SCORES));
            row.remove("scores");
        }
    }

    /// Keeps texts, each once.
    fn tags(&mut self, row: &mut Map<String, Value>) {
        let problem = match row.get_mut("tags") {
            None | Some(Value::Null) => None,
            Some(Value::Array(tags)) if tags.len() > limits::TAGS => {
                Some(format!("has {} tags, more than {}", tags.len(), limits::TAGS))
            }
            Some(Value::Array(tags)) => match tags.iter().find(|tag| !is_tag(tag)) {
                Some(tag) => Some(format!("holds {}, not a text of 1 to {} bytes", kind(tag), limits::TAG_BYTES)),
                None => {
                    let mut seen = std::collections::BTreeSet::new();
                    tags.retain(|tag| seen.insert(tag.as_str().unwrap_or_default().to_owned()));
                    None
                }
            },
            Some(other) => Some(format!("is {}, not an array of texts", kind(other))),
        };
        if let Some(detail) = problem {
            self.leave_out("tags", detail);
            row.remove("tags");
        }
    }

    fn paths(&mut self, value: Option<Value>) -> Vec<Vec<String>> {
        let paths = match value {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::Array(paths)) if paths.len() <= limits::PATHS => paths.into_iter().map(path).collect(),
            Some(_) => None,
        };
        paths.unwrap_or_else(|| {
            self.leave_out("_merge_paths", "is not an array of arrays of keys, such as [[\"metadata\",\"a\"]]");
            Vec::new()
        })
    }

    fn array_delete(&mut self, value: Option<Value>) -> Vec<ArrayDelete> {
        let read = |mut item: Value| -> Option<ArrayDelete> {
            let path = path(item.get_mut("path")?.take())?;
            match item.get_mut("delete")?.take() {
                Value::Array(delete) => Some(ArrayDelete { path, delete }),
                _ => None,
            }
        };
        let removals = match value {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::Array(items)) if items.len() <= limits::PATHS => items.into_iter().map(read).collect(),
            Some(_) => None,
        };
        removals.unwrap_or_else(|| {
            self.leave_out("_array_delete", "is not an array of {\"path\": [keys], \"delete\": [values]}");
            Vec::new()
        })
    }

    /// Takes the review keys out of `metadata`: they are edits of the review.
    fn review_keys(&mut self, row: &mut Map<String, Value>) -> (Option<ReviewStatus>, Option<Vec<MemberId>>) {
        let Some(Value::Object(metadata)) = row.get_mut("metadata") else { return (None, None) };
        let lists = metadata.remove("~__bt_review_lists");
        let assignments = metadata.remove("~__bt_assignments");
        if metadata.is_empty() && (lists.is_some() || assignments.is_some()) {
            row.remove("metadata");
        }
        (lists.and_then(|lists| self.status(&lists)), assignments.and_then(|value| self.assignees(&value)))
    }

    fn status(&mut self, lists: &Value) -> Option<ReviewStatus> {
        let empty = lists.is_null() || lists.as_object().is_some_and(Map::is_empty);
        let word = lists.get("__bt_default_review_list").map(|list| list.get("status").unwrap_or(list));
        let status = match word {
            None if empty => Some(ReviewStatus::None),
            Some(Value::Null) => Some(ReviewStatus::None),
            other => other.and_then(Value::as_str).and_then(ReviewStatus::from_list_word),
        };
        if status.is_none() {
            let right = "is not {\"__bt_default_review_list\": {\"status\": \"PENDING\" | \"IN_PROGRESS\" | \"COMPLETE\"}} or {}";
            self.leave_out("metadata.~__bt_review_lists", right);
        }
        status
    }

    fn assignees(&mut self, value: &Value) -> Option<Vec<MemberId>> {
        let members = match value {
            Value::Null => Some(Vec::new()),
            Value::Array(ids) => ids.iter().map(|id| id.as_str()?.parse().ok()).collect(),
            _ => None,
        };
        if members.is_none() {
            self.leave_out("metadata.~__bt_assignments", "is not an array of member ids");
        }
        members
    }
}

fn span_parents(value: Option<Value>) -> Result<Option<Vec<String>>, Refusal> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(parents)) if parents.len() <= limits::SPAN_PARENTS => {
            parents.into_iter().map(|parent| checked_id("span_parents", parent)).collect::<Result<_, _>>().map(Some)
        }
        Some(Value::Array(parents)) => {
            let detail = format!("has {} parents; {} are allowed", parents.len(), limits::SPAN_PARENTS);
            Err(Refusal::new("span_parents", detail))
        }
        Some(other) => {
            Err(Refusal::new("span_parents", format!("is {}; it is null or an array of span ids", kind(&other))))
        }
    }
}

fn path(value: Value) -> Option<Vec<String>> {
    let Value::Array(keys) = value else { return None };
    let keys: Option<Vec<String>> = keys
        .into_iter()
        .map(|key| match key {
            Value::String(key) => Some(key),
            _ => None,
        })
        .collect();
    keys.filter(|keys| !keys.is_empty())
}

fn is_tag(tag: &Value) -> bool {
    tag.as_str().is_some_and(|tag| (1..=limits::TAG_BYTES).contains(&tag.len()))
}

/// Why a text cannot name a score, if so.
pub fn score_name_problem(name: &str) -> Option<String> {
    let fits = (1..=limits::SCORE_NAME_BYTES).contains(&name.len()) && !name.chars().any(char::is_control);
    (!fits || name == "__proto__")
        .then(|| format!("is no name for a score (1 to {} bytes, no control characters)", limits::SCORE_NAME_BYTES))
}

/// Why a value cannot be a logged score, if so.
fn score_problem(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Number(number) => match number.as_f64() {
            Some(number) if (0.0..=1.0).contains(&number) => None,
            _ => Some(format!("{number} is not from 0 to 1")),
        },
        Value::String(text) => Some(format!("{:?} is not a number from 0 to 1", cut(text))),
        other => Some(format!("is {}, not a number from 0 to 1", kind(other))),
    }
}

/// At most 64 characters, for messages.
fn cut(text: &str) -> String {
    text.chars().take(64).collect()
}

/// What kind of JSON, in words.
fn kind(value: &Value) -> &'static str {
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
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: Value) -> Result<Parsed, Refusal> {
        parse(&value.to_string(), &mut || "made".into())
    }

    fn row(value: Value) -> (RowWrite, Vec<String>) {
        let parsed = read(value).expect("a row");
        let left_out = parsed.left_out.iter().map(ToString::to_string).collect();
        match parsed.write {
            Write::Row(write) => (*write, left_out),
            Write::Comment(_) => panic!("a comment"),
        }
    }

    #[test]
    fn m10_control_keys_are_no_data() {
        let (write, left_out) = row(json!({
            "id": "0494", "_is_merge": true, "project_id": "p", "log_id": "g", "scores": {"correctness": 1, "thumbs": null},
            "_audit_source": "app", "_audit_metadata": {"user_id": "u9"}, "tags": null, "facets": {"x": 1}}));
        assert_eq!(
            Value::Object(write.fields),
            json!({"scores": {"correctness": 1, "thumbs": null}, "tags": null, "facets": {"x": 1}})
        );
        assert_eq!(write.source, Some(AuditSource::App));
        assert!(left_out.is_empty());
    }

    #[test]
    fn a_bad_score_costs_only_itself() {
        let (write, left_out) =
            row(json!({"id": "a", "scores": {"a": "NaN", "b": 0.5, "c": true, "d": 1.5, "e": {}, "\u{7}": 1}}));
        assert_eq!(write.fields["scores"], json!({"b": 0.5, "c": 1}));
        assert_eq!(left_out.len(), 4);
        assert!(
            left_out.contains(&"scores.a: \"NaN\" is not a number from 0 to 1; it was left out".to_owned()),
            "{left_out:?}"
        );
    }

    #[test]
    fn wrong_shapes_are_left_out_and_named() {
        let (write, left_out) = row(json!({"id": "a", "metadata": 4, "tags": "x", "created": "soon", "input": 1}));
        assert_eq!(Value::Object(write.fields), json!({"input": 1}));
        assert_eq!(left_out.len(), 3);
    }

    #[test]
    fn a_wrong_identity_costs_the_row() {
        for wrong in
            [json!({"id": 5}), json!({"id": ""}), json!({"id": "a", "span_parents": "b"}), json!([1]), json!("x")]
        {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
        assert!(read(json!({"id": "x".repeat(1025)})).is_err());
        let deep = format!("{{\"id\":\"a\",\"input\":{}{}}}", "[".repeat(110), "]".repeat(110));
        assert_eq!(
            parse(&deep, &mut String::new).expect_err("too deep").to_string(),
            "row: is nested deeper than 100 levels"
        );
    }

    #[test]
    fn comments_are_rows_that_speak_of_rows() {
        let comment = json!({"id": "c", "created": "2026-11-23T09:09:51.135929+00:00", "project_id": "p", "log_id": "g",
            "origin": {"id": "0494"}, "comment": {"text": "nice"}, "_audit_source": "app", "_audit_metadata": {"user_id": "u9"}});
        match read(comment).expect("a comment").write {
            Write::Comment(comment) => assert_eq!((comment.row_id.as_str(), comment.text.as_str()), ("0494", "nice")),
            Write::Row(_) => panic!("a row"),
        }
        assert!(read(json!({"id": "c", "origin": {"id": "a"}, "comment": {"text": " "}})).is_err());
    }

    #[test]
    fn review_keys_leave_the_metadata() {
        let member = MemberId::new();
        let (write, left_out) = row(json!({"id": "a", "_is_merge": true, "metadata": {
            "~__bt_review_lists": {"__bt_default_review_list": {"status": "pending"}}, "~__bt_assignments": [member.to_string()]}}));
        assert!(write.fields.is_empty() && left_out.is_empty());
        assert_eq!((write.status, write.assignees), (Some(ReviewStatus::Awaiting), Some(vec![member])));
        let (write, _) = row(json!({"id": "a", "metadata": {"~__bt_review_lists": {}, "k": 1}}));
        assert_eq!((write.status, write.assignees), (Some(ReviewStatus::None), None));
        let (write, left_out) = row(
            json!({"id": "a", "metadata": {"~__bt_review_lists": {"__bt_default_review_list": {"status": "later"}}}}),
        );
        assert_eq!((write.status, left_out.len()), (None, 1));
    }

    #[test]
    fn halves_of_characters_cost_nothing() {
        let half = r#"{"id":"a","input":"cut \ud83d","output":"\ud83d\ude00 \\ud83d","x":"\udc00\ud83d\ud83d\ude00"}"#;
        let parsed = parse(half, &mut String::new).expect("a row");
        let Write::Row(write) = parsed.write else { panic!("a comment") };
        assert_eq!(write.fields["input"], "cut \u{fffd}");
        assert_eq!(write.fields["output"], "\u{1f600} \\ud83d");
        assert_eq!(write.fields["x"], "\u{fffd}\u{fffd}\u{1f600}");
    }
}
