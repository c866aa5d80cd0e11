//! Feedback items as REST clients and the socket send them.

use concord_shared::ids::{ObjectRef, ProjectId};
use concord_shared::moment::Moment;
use concord_shared::review::state::Comment;
use concord_shared::row::{AuditSource, limits};
use concord_shared::score::{Score, ScoreKind};
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::edits::{self, Known};
use crate::domain::access::Principal;
use crate::domain::store::Source;
use crate::sync::edits::ReviewRequest;

/// One item of `feedback`. Unknown keys are ignored.
#[derive(Debug, Clone, Deserialize)]
pub struct Feedback {
    /// The row that it speaks of; it need not have arrived.
    pub id: String,
    /// Client-made: a repeat is acknowledged and changes nothing (rule R8).
    #[serde(default)]
    feedback_id: Option<String>,
    #[serde(default)]
    scores: Option<Map<String, Value>>,
    #[serde(default)]
    expected: Option<Value>,
    #[serde(default)]
    comment: Option<String>,
    #[serde(default)]
    anchor: Option<Value>,
    #[serde(default)]
    tags: Option<Vec<String>>,
    #[serde(default)]
    metadata: Option<Map<String, Value>>,
    #[serde(default)]
    source: Option<String>,
}

impl Feedback {
    /// Reads an item; the error says what an item is.
    pub fn read(text: &str) -> Result<Self, String> {
        let item: Self = serde_json::from_str(text).map_err(|error| {
            format!("{error}; an item is {{\"id\", \"scores\"?, \"expected\"?, \"comment\"?, \"tags\"?, \"metadata\"?, \"source\"?}}")
        })?;
        if !(1..=limits::ID_BYTES).contains(&item.id.len()) {
            return Err(format!("id has {} bytes; 1 to {} are allowed", item.id.len(), limits::ID_BYTES));
        }
        if item.id.contains('\0') || item.feedback_id.as_ref().is_some_and(|id| id.contains('\0')) {
            return Err("id or feedback_id contains a null character".to_owned());
        }
        if item.feedback_id.as_ref().is_some_and(|id| id.is_empty() || id.len() > 128) {
            return Err("feedback_id has no 1 to 128 bytes".to_owned());
        }
        Ok(item)
    }

    fn source(&self) -> Result<AuditSource, String> {
        match &self.source {
            None => Ok(AuditSource::External),
            Some(word) => {
                AuditSource::parse(word).ok_or_else(|| format!("source {word:?} is none of app, api, external"))
            }
        }
    }

    /// Whether its edits depend on what the row says. Most feedback is a number and does not.
    pub fn needs_row(&self, scores: &[Score]) -> bool {
        let adds_to_expected = |name: &String| {
            scores.iter().any(|score| score.name == *name && matches!(score.kind, ScoreKind::Expected { .. }))
        };
        let names = |given: &Map<String, Value>| given.keys().any(adds_to_expected);
        self.expected.is_some() || self.tags.is_some() || self.scores.as_ref().is_some_and(names)
    }

    /// The edits that the item asks for.
    pub fn request(
        self,
        principal: &Principal,
        project: ProjectId,
        object: ObjectRef,
        known: Known<'_>,
    ) -> Result<ReviewRequest, String> {
        self.check_limits(principal, project)?;
        let (reviewer, source) = edits::reviewer(principal, self.source()?, self.metadata.as_ref())?;
        let mut asked = edits::judge(known, &reviewer, &self.scores.unwrap_or_default())?;
        asked.extend(self.expected.filter(|expected| !expected.is_null()).map(|value| edits::correct(known, &value)));
        asked.extend(edits::tag(known, self.tags.as_deref().unwrap_or_default(), &[]));
        if let Some(text) = self.comment {
            let comment = said(reviewer.clone(), source, known.now, text, self.anchor)?;
            asked.push(edits::comment(known, &Uuid::new_v4().to_string(), comment));
        } else if asked.is_empty() && self.tags.is_none() {
            return Err("says nothing: give at least one of scores, expected, tags, comment".to_owned());
        }
        Ok(ReviewRequest {
            organization: principal.organization,
            project,
            object,
            row_id: self.id,
            document: known.document(),
            on_behalf_of: Some(reviewer),
            source,
            metadata: self.metadata.map(Value::Object),
            feedback_id: self.feedback_id,
            logged_expected: known.logged_expected(),
            edits: asked,
        })
    }

    /// A key that stands in a public page judges by the listed scores and comments, nothing else.
    fn check_limits(&self, principal: &Principal, project: ProjectId) -> Result<(), String> {
        let Some(limits) = &principal.limits else { return Ok(()) };
        if limits.project != project {
            return Err("this feedback key is for another project".to_owned());
        }
        let mut names = self.scores.iter().flatten().map(|(name, _)| name);
        if let Some(name) = names.find(|name| !limits.scores.contains(name)) {
            return Err(format!(
                "this feedback key may not give the score {name:?}; it may give {}",
                limits.scores.join(", ")
            ));
        }
        if self.expected.as_ref().is_some_and(|expected| !expected.is_null()) || self.tags.is_some() {
            return Err("a feedback key gives scores and comments, not expected or tags".to_owned());
        }
        Ok(())
    }
}

/// A comment with words.
pub fn said(
    author: concord_shared::ids::Reviewer,
    source: Source,
    at: Moment,
    text: String,
    anchor: Option<Value>,
) -> Result<Comment, String> {
    if text.trim().is_empty() {
        return Err("comment is empty".to_owned());
    }
    if text.len() > limits::COMMENT_BYTES {
        return Err(format!("comment has {} bytes; it may have {}", text.len(), limits::COMMENT_BYTES));
    }
    let anchor = anchor.filter(|anchor| !anchor.is_null());
    let source = (source == Source::Api).then(|| source.as_str().to_owned());
    Ok(Comment { author, at, text, edited_at: None, deleted: false, resolved: false, parent: None, anchor, source })
}
