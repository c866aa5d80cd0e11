//! What the server itself writes into a document: the maps of a reviewer, feedback over REST, bulk actions.
//!
//! Edits are idempotent: what is there already is not written again, so that a repeated request makes no change.
//! They are checked against [`schema`] only; whether the caller may do this was decided before.

mod apply;
#[cfg(test)]
mod tests;

use automerge::transaction::CommitOptions;
use automerge::{Automerge, AutomergeError, Change};
use serde_json::Value;

use super::json::InvalidJson;
use super::schema::{self, InvalidKey};
use super::state::{Comment, Judgement, ReviewStatus};
use crate::ids::{MemberId, Reviewer};
use crate::moment::Moment;

/// One thing to do to a review.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// Makes the maps that a reviewer's client writes its leaves in. Clients never make them: of two rivals one hides.
    OpenReviewer {
        /// Whose.
        reviewer: Reviewer,
    },
    /// Makes an empty text for each free-form score, for clients to write in.
    OpenFields {
        /// Names of the scores.
        names: Vec<String>,
    },
    /// Judges; opens the reviewer's maps when needed.
    SetScore {
        /// Whose judgement.
        reviewer: Reviewer,
        /// Name of the score.
        score: String,
        /// The value.
        judgement: Judgement,
    },
    /// Says why.
    SetNote {
        /// Whose note.
        reviewer: Reviewer,
        /// Name of the score.
        score: String,
        /// The whole text.
        text: String,
    },
    /// Corrects the whole output; only what differs from the present value is written.
    SetExpected {
        /// Any JSON.
        value: Value,
    },
    /// Corrects one place of the output. Without an expected value it begins with an empty object; what is on the way
    /// and no object is replaced by one.
    MergeExpected {
        /// Keys below the value.
        path: Vec<String>,
        /// Any JSON.
        value: Value,
    },
    /// Back to what was logged.
    UnsetExpected,
    /// The whole text of a free-form score.
    SetField {
        /// Name of the score.
        name: String,
        /// The text; empty clears.
        text: String,
    },
    /// Adds a tag.
    AddTag {
        /// Which.
        tag: String,
    },
    /// Hides a logged tag.
    RemoveTag {
        /// Which.
        tag: String,
    },
    /// Leaves a tag as logged.
    ClearTag {
        /// Which.
        tag: String,
    },
    /// Comments. An id that exists is a repeated request and changes nothing.
    AddComment {
        /// UUID made by the client.
        id: String,
        /// All of it.
        comment: Comment,
    },
    /// Rewrites a comment.
    EditComment {
        /// Which.
        id: String,
        /// The whole new text.
        text: String,
        /// When.
        at: Moment,
    },
    /// Withdraws a comment; its words stay in the history.
    DeleteComment {
        /// Which.
        id: String,
    },
    /// Marks a comment as dealt with, or not.
    ResolveComment {
        /// Which.
        id: String,
        /// Dealt with.
        resolved: bool,
    },
    /// Moves the review. A status that stands already is left with whoever set it.
    SetStatus {
        /// Who.
        by: Reviewer,
        /// When.
        at: Moment,
        /// Where to.
        value: ReviewStatus,
    },
    /// Asks a member to review.
    Assign {
        /// Who is asked.
        member: MemberId,
        /// Who asks.
        by: Reviewer,
        /// When.
        at: Moment,
    },
    /// Asks no longer.
    Unassign {
        /// Whom.
        member: MemberId,
    },
    /// A reviewer has finished.
    Complete {
        /// Who.
        reviewer: Reviewer,
        /// When.
        at: Moment,
    },
    /// A reviewer goes on.
    Uncomplete {
        /// Who.
        reviewer: Reviewer,
    },
}

/// Why edits were refused. Nothing of the slice is written then.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// A name that cannot be a key.
    #[error("{what} {name:?} {reason}")]
    Key {
        /// What the name is of, such as `tag`.
        what: &'static str,
        /// The name, cut to 160 characters.
        name: String,
        /// Why.
        reason: InvalidKey,
    },
    /// A value of `expected` that a document cannot hold.
    #[error("expected value at {0}")]
    Json(#[from] InvalidJson),
    /// The place of a comment that a document cannot hold.
    #[error("anchor of the comment: {0}")]
    Anchor(InvalidJson),
    /// A number outside 0 to 1.
    #[error("score {score:?} takes a number from 0 to 1, not {number}")]
    Range {
        /// Name of the score.
        score: String,
        /// What was given.
        number: f64,
    },
    /// A text above [`schema::TEXT_UNITS`].
    #[error("{what} has {units} characters: at most {max} are kept", max = schema::TEXT_UNITS)]
    Long {
        /// What the text is, such as `comment`.
        what: &'static str,
        /// UTF-16 units.
        units: usize,
    },
    /// More entries than a document holds.
    #[error("this review has {max} {what}, as many as it can hold")]
    Full {
        /// What there are too many of.
        what: &'static str,
        /// The limit.
        max: usize,
    },
    /// A comment without words.
    #[error("a comment needs some text")]
    EmptyComment,
    /// A comment that is not there.
    #[error("no comment {0:?} in this review")]
    UnknownComment(String),
    /// The document is not one of version 1.
    #[error("the document lacks /{0}: it was not made from the seed")]
    NotAReview(&'static str),
    /// A fault of ours.
    #[error(transparent)]
    Automerge(#[from] AutomergeError),
}

/// Makes one change of all `edits`, as the replica that `doc` is set to, at `now`. `None` if nothing needs writing.
pub fn apply(
    doc: &mut Automerge,
    edits: &[Edit],
    now: Moment,
    message: Option<&str>,
) -> Result<Option<Change>, EditError> {
    let mut tx = doc.transaction();
    for edit in edits {
        if let Err(error) = apply::one(&mut tx, edit) {
            tx.rollback();
            return Err(error);
        }
    }
    let mut options = CommitOptions::default().with_time(now.as_seconds());
    options.message = message.map(str::to_owned);
    // The hash is `None` without pending operations: an empty change would be a revision that says nothing.
    let (hash, _) = tx.commit_with(options);
    Ok(hash.and_then(|_| doc.get_last_local_change()))
}
