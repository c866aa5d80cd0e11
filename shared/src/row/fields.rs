//! The fields of a row, each read by its own rule: what has the wrong shape is left out and named.

use serde_json::{Map, Value};

use super::limits;
use super::model::{ArrayDelete, AuditSource, Mode, RowFeedback, RowWrite};
use super::parse::{Refusal, checked_id, kind, text_key};
use crate::ids::MemberId;
use crate::moment::Moment;
use crate::review::state::ReviewStatus;

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

/// Reads fields and remembers what it had to leave out.
pub(super) struct Reader {
    pub(super) left_out: Vec<Refusal>,
}

impl Reader {
    fn leave_out(&mut self, field: impl Into<String>, detail: impl Into<String>) {
        self.left_out.push(Refusal::new(field, detail.into() + "; it was left out"));
    }

    pub(super) fn row(
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
        self.tags(&mut row);
        let feedback = self.feedback(&mut row, &mode, source, audit_metadata);
        self.scores(&mut row);
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
            feedback: feedback.map(Box::new),
            status,
            assignees,
        })
    }

    /// What of a row is said by somebody about it: edits of the review. A merge carries nothing else in these fields. A client
    /// that folded feedback into the first write of a row sends both as one: its scores are logged and count as feedback.
    fn feedback(
        &mut self,
        row: &mut Map<String, Value>,
        mode: &Mode,
        source: Option<AuditSource>,
        metadata: Option<Map<String, Value>>,
    ) -> Option<RowFeedback> {
        let source = source?;
        let empty = RowFeedback {
            source,
            metadata,
            scores: Map::new(),
            expected: None,
            tags: Vec::new(),
            remove_tags: Vec::new(),
        };
        self.keep_scores_shape(row);
        let scores = match mode {
            Mode::Delete => return None,
            Mode::Replace => row.get("scores").cloned(),
            Mode::Merge { .. } => row.remove("scores"),
        };
        let scores = match scores {
            Some(Value::Object(scores)) => scores,
            _ => Map::new(),
        };
        let Mode::Merge { array_delete, .. } = mode else { return Some(RowFeedback { scores, ..empty }) };
        let removed =
            array_delete.iter().filter(|removal| removal.path == ["tags"]).flat_map(|removal| &removal.delete);
        Some(RowFeedback {
            scores,
            expected: row.remove("expected").filter(|expected| !expected.is_null()),
            tags: texts(&row.remove("tags").unwrap_or_default()),
            remove_tags: removed.filter_map(Value::as_str).map(str::to_owned).collect(),
            ..empty
        })
    }

    pub(super) fn flag(&mut self, field: &str, value: Option<Value>) -> bool {
        match value {
            None | Some(Value::Null) => false,
            Some(Value::Bool(flag)) => flag,
            Some(other) => {
                self.leave_out(field, format!("is {}, not true or false", kind(&other)));
                false
            }
        }
    }

    pub(super) fn object(&mut self, field: &str, value: Option<Value>) -> Option<Map<String, Value>> {
        match value {
            None | Some(Value::Null) => None,
            Some(Value::Object(map)) => Some(map),
            Some(other) => {
                self.leave_out(field, format!("is {}, not an object", kind(&other)));
                None
            }
        }
    }

    pub(super) fn moment(&mut self, field: &str, value: Option<Value>) -> Option<Moment> {
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

    pub(super) fn source(&mut self, value: Option<Value>) -> Option<AuditSource> {
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

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
