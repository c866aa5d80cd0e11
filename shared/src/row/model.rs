//! What a row is, and what a write to one says.

use serde_json::{Map, Value};

use crate::ids::MemberId;
use crate::moment::Moment;
use crate::review::state::ReviewStatus;

/// One span or record as logged. Its identity is its object and `id`; whoever holds a row knows the object.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Any text, chosen by the client.
    pub id: String,
    /// Place in the trace.
    pub spans: Spans,
    /// When it was first written, by the client's clock if it said so.
    pub created: Moment,
    /// Everything else as logged: `input`, `output`, `expected`, `scores`, `metadata` and keys unknown to us.
    pub logged: Map<String, Value>,
    /// Hidden from every reading; kept for the record.
    pub deleted: bool,
}

/// A row's place in its trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spans {
    /// Id of this span; not the row's id in newer clients.
    pub span_id: String,
    /// Id of the trace. Newer clients give the root span another `span_id`, so equality of ids says nothing about being root.
    pub root_span_id: String,
    /// Empty for a root.
    pub span_parents: Vec<String>,
}

impl Row {
    /// Whether it is the root of its trace: it has no parents (rule M12).
    pub fn is_root(&self) -> bool {
        self.spans.span_parents.is_empty()
    }

    /// A logged field; `None` when it is absent or null.
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.logged.get(name).filter(|value| !value.is_null())
    }

    /// The logged tags.
    pub fn tags(&self) -> Vec<&str> {
        let tags = self.field("tags").and_then(Value::as_array);
        tags.into_iter().flatten().filter_map(Value::as_str).collect()
    }
}

/// A request to write: one JSON object of `rows` or `events`.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// To a row.
    Row(Box<RowWrite>),
    /// A comment on a row, which clients send as a row of its own.
    Comment(CommentWrite),
}

/// One write to one row, checked, its control keys split off (rule M10).
#[derive(Debug, Clone, PartialEq)]
pub struct RowWrite {
    /// Which row.
    pub id: String,
    /// How the fields meet what is stored.
    pub mode: Mode,
    /// When the row was made, by the client's clock.
    pub created: Option<Moment>,
    /// Place in the trace, as far as it was said.
    pub span_id: Option<String>,
    /// Id of the trace, if it was said.
    pub root_span_id: Option<String>,
    /// Parents, if they were said.
    pub span_parents: Option<Vec<String>>,
    /// Deprecated: the `id` of the row that this one is a child of (rule M13).
    pub parent_id: Option<String>,
    /// What is logged.
    pub fields: Map<String, Value>,
    /// What somebody said about the row: lives in the review, not in the row.
    pub feedback: Option<Box<RowFeedback>>,
    /// Status from `metadata."~__bt_review_lists"`: lives in the review, not in the row.
    pub status: Option<ReviewStatus>,
    /// Members from `metadata."~__bt_assignments"`: live in the review, not in the row.
    pub assignees: Option<Vec<MemberId>>,
}

/// Feedback that came as a row with `_audit_source`.
#[derive(Debug, Clone, PartialEq)]
pub struct RowFeedback {
    /// Who speaks.
    pub source: AuditSource,
    /// Free-form remarks for the audit entry, such as `user_id`.
    pub metadata: Option<Map<String, Value>>,
    /// By name, unchecked: what a value may be depends on the configuration.
    pub scores: Map<String, Value>,
    /// The corrected output.
    pub expected: Option<Value>,
    /// Tags to add.
    pub tags: Vec<String>,
    /// Tags to take away.
    pub remove_tags: Vec<String>,
}

impl RowWrite {
    /// Whether it only speaks of the review: then no row is made of it, and none is touched.
    pub fn is_only_review(&self) -> bool {
        let speaks = self.feedback.is_some() || self.status.is_some() || self.assignees.is_some();
        speaks && self.fields.is_empty() && matches!(self.mode, Mode::Merge { .. })
    }
}

/// How a write meets the stored row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// The stored row goes, whole (rule M1).
    Replace,
    /// Deep merge (rules M2 to M8).
    Merge {
        /// Below these paths nothing is merged: the value there is replaced whole (rule M5).
        paths: Vec<Vec<String>>,
        /// Values to take out of arrays before merging (rule M8).
        array_delete: Vec<ArrayDelete>,
    },
    /// The row is hidden (rule M9).
    Delete,
}

/// Values to take out of one array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrayDelete {
    /// Keys from the top of the row.
    pub path: Vec<String>,
    /// Values, compared as JSON.
    pub delete: Vec<Value>,
}

/// Whose words a piece of feedback is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuditSource {
    /// A member, in an application.
    App,
    /// A member, through the API.
    Api,
    /// An end user; also when nobody is named.
    External,
}

impl AuditSource {
    /// The word in JSON and SQL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Api => "api",
            Self::External => "external",
        }
    }

    /// Reads the word that [`Self::as_str`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::App, Self::Api, Self::External].into_iter().find(|source| source.as_str() == text)
    }
}

/// A comment on a row.
#[derive(Debug, Clone, PartialEq)]
pub struct CommentWrite {
    /// Client-made, so that a repeated batch repeats no comment (rule R8).
    pub id: String,
    /// The row that it speaks of; it may arrive later than the comment.
    pub row_id: String,
    /// When it was written, by the client's clock.
    pub created: Option<Moment>,
    /// Markdown.
    pub text: String,
    /// Who speaks.
    pub source: AuditSource,
    /// Free-form remarks for the audit entry.
    pub audit_metadata: Option<Map<String, Value>>,
}
