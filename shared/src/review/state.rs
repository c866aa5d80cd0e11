//! What a review document says, as plain values. Its JSON is the `state` of `GET /api/review/{id}`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::{MemberId, Reviewer};
use crate::moment::Moment;

/// Everything that people decided about one row.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReviewState {
    /// Judgements: reviewer, then score name.
    pub scores: BTreeMap<Reviewer, BTreeMap<String, Judgement>>,
    /// Who judged last, for scores that several members gave a number: what the combining rule `latest` needs.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub latest: BTreeMap<String, Reviewer>,
    /// Why, optional: reviewer, then score name. Empty texts are left out.
    pub notes: BTreeMap<Reviewer, BTreeMap<String, String>>,
    /// The corrected output.
    pub expected: Expected,
    /// Free-form scores by name. Empty texts are left out.
    pub fields: BTreeMap<String, String>,
    /// Tags added (true) or removed (false) against the logged ones.
    pub tags: BTreeMap<String, bool>,
    /// Comments by their client-made UUID, deleted ones included.
    pub comments: BTreeMap<String, Comment>,
    /// Where the review stands.
    pub status: StatusEntry,
    /// Who is asked to review.
    pub assignees: BTreeMap<MemberId, Assignment>,
    /// Who has finished, and when.
    pub completed: BTreeMap<Reviewer, Moment>,
}

/// One reviewer's value for one score. In JSON: number, null, text, or an array of option names in name order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Judgement {
    /// A slider's value, or the number of a categorical option; 0 to 1.
    Number(f64),
    /// An option of a score that writes to expected.
    Option(String),
    /// Options of a multiple choice that writes to expected.
    Options(BTreeSet<String>),
    /// Withdrawn.
    Withdrawn,
}

/// The corrected output of a row.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Expected {
    /// False: as logged, and `value` means nothing.
    pub set: bool,
    /// Any JSON.
    pub value: Value,
}

/// One remark.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comment {
    /// Reviewer key of the writer.
    pub author: Reviewer,
    /// When it was written, by the writer's clock.
    pub at: Moment,
    /// Markdown.
    pub text: String,
    /// When its text last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Moment>,
    /// Withdrawn; kept for the record, shown to nobody.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// Dealt with.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub resolved: bool,
    /// The comment that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The place that it speaks of, as the client wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<Value>,
    /// `api` when a member's key wrote it. Only the server writes this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// Where a review stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReviewStatus {
    /// Nobody asked for a review.
    #[default]
    None,
    /// Flagged.
    Awaiting,
    /// Somebody is on it.
    InProgress,
    /// Done.
    Complete,
}

impl ReviewStatus {
    /// All, in the order of a review's life.
    pub const ALL: [Self; 4] = [Self::None, Self::Awaiting, Self::InProgress, Self::Complete];

    /// The word in documents, JSON and SQL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Awaiting => "awaiting",
            Self::InProgress => "in_progress",
            Self::Complete => "complete",
        }
    }

    /// Reads the word that [`Self::as_str`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// The word under `~__bt_review_lists` in a row's metadata; `None` when the row is on no list.
    pub fn list_word(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Awaiting => Some("PENDING"),
            Self::InProgress => Some("IN_PROGRESS"),
            Self::Complete => Some("COMPLETE"),
        }
    }

    /// Reads a word of `~__bt_review_lists`, whatever its case.
    pub fn from_list_word(word: &str) -> Option<Self> {
        match word.to_ascii_uppercase().as_str() {
            "PENDING" | "BACKLOG" => Some(Self::Awaiting),
            "IN_PROGRESS" => Some(Self::InProgress),
            "COMPLETE" => Some(Self::Complete),
            _ => None,
        }
    }
}

/// A status with who set it and when.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StatusEntry {
    /// Where the review stands.
    pub value: ReviewStatus,
    /// Who said so; absent until somebody does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Reviewer>,
    /// When, by their clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
}

/// A request to review.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    /// Who asked.
    pub by: Reviewer,
    /// When, by their clock.
    pub at: Moment,
}
