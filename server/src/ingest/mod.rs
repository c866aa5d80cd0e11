//! From requests to row writes and review edits: `POST /logs3`, REST inserts, OTLP, feedback over HTTP and over the socket.
//!
//! A request becomes two things: rows for the committer, and edits of reviews, which take the path of every other change of a review.
//! Edits are made first. A stop between the two is repaired by the client's retry, because both repeat without effect (rule R8).

pub mod carry;
pub mod edits;
pub mod envelope;
pub mod feedback;
pub mod otlp;
pub mod plan;
pub mod table;

use serde::Serialize;

/// Something of a request that was not accepted; the rest was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ItemError {
    /// Place in the request, from 0.
    pub index: usize,
    /// The item's id, if it could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What was wrong and what would be right.
    pub detail: String,
}

impl ItemError {
    /// An item that was not accepted.
    pub fn new(index: usize, id: Option<&str>, detail: impl Into<String>) -> Self {
        Self { index, id: id.map(str::to_owned), detail: detail.into() }
    }
}

/// All errors in one text, for calls that accept all of a request or nothing.
pub fn describe(what: &str, errors: &[ItemError]) -> String {
    /// More would hide the first.
    const SHOWN: usize = 10;
    let lines = errors.iter().take(SHOWN).map(|error| format!("{what}[{}].{}", error.index, error.detail));
    let mut text = lines.collect::<Vec<_>>().join("; ");
    if errors.len() > SHOWN {
        text.push_str(&format!("; and {} more", errors.len() - SHOWN));
    }
    text
}
