//! From parsed rows of one object to what has to be done: edits of reviews, and rows for the committer. Pure.

use std::collections::{BTreeMap, BTreeSet};

use concord_shared::ids::{MemberId, ObjectRef, ProjectId, Reviewer};
use concord_shared::moment::Moment;
use concord_shared::review::edit::Edit;
use concord_shared::role::Action;
use concord_shared::row::{CommentWrite, Mode, RowFeedback, RowWrite, Write, apply};
use concord_shared::score::Score;
use serde_json::Value;
use uuid::Uuid;

use super::ItemError;
use super::edits::{self, Known, reviewer};
use super::feedback::said;
use crate::domain::access::Principal;
use crate::domain::rows::FullRow;
use crate::domain::store::Source;
use crate::sync::edits::ReviewRequest;

/// Rows of a request that go to one object, with their places in the request.
#[derive(Debug)]
pub struct ObjectWrites {
    /// The project of the object.
    pub project: ProjectId,
    /// The object.
    pub object: ObjectRef,
    /// In their order.
    pub writes: Vec<(usize, Write)>,
}

/// What is stored already and bears on a request.
#[derive(Debug)]
pub struct Stored<'a> {
    /// Scores of the project.
    pub scores: &'a [Score],
    /// Rows that the request speaks of, with their reviews.
    pub rows: &'a BTreeMap<String, FullRow>,
    /// Rows of the comments that the request deletes.
    pub comments: &'a BTreeMap<String, String>,
    /// Members of the organization.
    pub members: &'a BTreeSet<MemberId>,
}

/// What has to be done.
#[derive(Debug, Default)]
pub struct Plan {
    /// First.
    pub reviews: Vec<(usize, ReviewRequest)>,
    /// Then.
    pub rows: Vec<RowWrite>,
    /// What is refused.
    pub errors: Vec<ItemError>,
}

impl ObjectWrites {
    /// Ids whose stored rows decide what the request means; most requests only log and need none.
    pub fn rows_needed(&self) -> Vec<String> {
        let needed = |write: &Write| match write {
            Write::Comment(comment) => Some(comment.row_id.clone()),
            Write::Row(row) => {
                let speaks = row.feedback.is_some() || row.status.is_some() || row.assignees.is_some();
                (speaks || row.mode == Mode::Delete).then(|| row.id.clone())
            }
        };
        self.writes.iter().filter_map(|(_, write)| needed(write)).collect()
    }

    /// Ids of rows whose later writes may edit their reviews: they are needed too if they have one.
    pub fn rows_corrected(&self) -> Vec<String> {
        let corrects = |row: &RowWrite| row.fields.contains_key("expected") || row.fields.contains_key("tags");
        let corrected = |write: &Write| match write {
            Write::Row(row) if corrects(row) => Some(row.id.clone()),
            _ => None,
        };
        self.writes.iter().filter_map(|(_, write)| corrected(write)).collect()
    }

    /// Whether members are named, who have to be known.
    pub fn names_members(&self) -> bool {
        self.writes.iter().any(|(_, write)| matches!(write, Write::Row(row) if row.assignees.is_some()))
    }

    /// Ids that may be comments to be deleted: deletions of what is no row.
    pub fn maybe_comments(&self, rows: &BTreeMap<String, FullRow>) -> Vec<String> {
        let gone = |write: &Write| match write {
            Write::Row(row) if row.mode == Mode::Delete && !rows.contains_key(&row.id) => Some(row.id.clone()),
            _ => None,
        };
        self.writes.iter().filter_map(|(_, write)| gone(write)).collect()
    }

    /// Decides what to do.
    pub fn plan(self, principal: &Principal, stored: &Stored<'_>, now: Moment) -> Plan {
        let mut plan = Plan::default();
        let planner = Planner { principal, project: self.project, object: self.object, stored, now };
        for (index, write) in self.writes {
            let id = match &write {
                Write::Row(row) => row.id.clone(),
                Write::Comment(comment) => comment.id.clone(),
            };
            let outcome = match write {
                Write::Row(row) => planner.row(index, *row, &mut plan),
                Write::Comment(comment) => planner.comment(index, comment, &mut plan),
            };
            if let Err(detail) = outcome {
                plan.errors.push(ItemError::new(index, Some(&id), detail));
            }
        }
        plan
    }
}

struct Planner<'a> {
    principal: &'a Principal,
    project: ProjectId,
    object: ObjectRef,
    stored: &'a Stored<'a>,
    now: Moment,
}

impl Planner<'_> {
    fn known(&self, row_id: &str) -> Known<'_> {
        Known {
            of: self.object.object_type,
            scores: self.stored.scores,
            row: self.stored.rows.get(row_id),
            now: self.now,
        }
    }

    fn request(&self, row_id: &str, on_behalf_of: Option<Reviewer>, source: Source, edits: Vec<Edit>) -> ReviewRequest {
        ReviewRequest {
            organization: self.principal.organization,
            project: self.project,
            object: self.object,
            row_id: row_id.to_owned(),
            document: self.known(row_id).document(),
            on_behalf_of,
            source,
            metadata: None,
            feedback_id: None,
            logged_expected: self.known(row_id).logged_expected(),
            edits,
        }
    }

    fn row(&self, index: usize, write: RowWrite, plan: &mut Plan) -> Result<(), String> {
        if write.mode == Mode::Delete
            && !self.stored.rows.contains_key(&write.id)
            && let Some(row_id) = self.stored.comments.get(&write.id)
        {
            let id = comment_id(&write.id);
            self.check_may_delete(row_id, &id)?;
            let request = self.request(row_id, self.member(), Source::Api, vec![Edit::DeleteComment { id }]);
            plan.reviews.push((index, request));
            return Ok(());
        }
        let mut problem = None;
        if let Some(feedback) = &write.feedback {
            match self.feedback(&write.id, feedback) {
                Ok(Some(request)) => plan.reviews.push((index, request)),
                Ok(None) => {}
                Err(detail) => problem = Some(detail),
            }
        }
        match self.review_edits(&write) {
            Ok(edits) if edits.is_empty() => {}
            Ok(edits) => plan.reviews.push((index, self.request(&write.id, self.member(), Source::Api, edits))),
            Err(detail) => problem = Some(detail),
        }
        if !write.is_only_review() {
            plan.rows.push(write);
        }
        problem.map_or(Ok(()), Err)
    }

    /// A comment is withdrawn by its author, or by those who moderate.
    fn check_may_delete(&self, row_id: &str, id: &str) -> Result<(), String> {
        if self.principal.permit(Action::Moderate).is_ok() {
            return Ok(());
        }
        let comment = self.known(row_id).state().and_then(|state| state.comments.get(id));
        match comment {
            Some(comment) if Some(&comment.author) == self.member().as_ref() => Ok(()),
            _ => Err("a comment is deleted by its author, a lead or an owner".to_owned()),
        }
    }

    /// The member who calls.
    fn member(&self) -> Option<Reviewer> {
        self.principal.member.map(Reviewer::Member)
    }

    /// Feedback that came as a row.
    fn feedback(&self, row_id: &str, feedback: &RowFeedback) -> Result<Option<ReviewRequest>, String> {
        let known = self.known(row_id);
        let (reviewer, source) = reviewer(self.principal, feedback.source, feedback.metadata.as_ref())?;
        let mut asked = edits::judge(known, &reviewer, &feedback.scores)?;
        asked.extend(feedback.expected.as_ref().map(|value| edits::correct(known, value)));
        asked.extend(edits::tag(known, &feedback.tags, &feedback.remove_tags));
        if asked.is_empty() {
            return Ok(None);
        }
        let request = self.request(row_id, Some(reviewer), source, asked);
        Ok(Some(ReviewRequest { metadata: feedback.metadata.clone().map(Value::Object), ..request }))
    }

    /// Status, assignments, and what a later write of `expected` and `tags` means.
    fn review_edits(&self, write: &RowWrite) -> Result<Vec<Edit>, String> {
        let known = self.known(&write.id);
        let mut asked = Vec::new();
        if write.status.is_some() || write.assignees.is_some() {
            let by = self.member().ok_or("only a member's key can flag or assign")?;
            asked.extend(write.status.and_then(|status| edits::flag(known, &by, status)));
            if let Some(members) = &write.assignees {
                if let Some(stranger) = members.iter().find(|member| !self.stored.members.contains(member)) {
                    return Err(format!("metadata.~__bt_assignments: {stranger} is no member of this organization"));
                }
                asked.extend(edits::assign(known, &by, members));
            }
        }
        if let (Some(row), Some(state)) = (known.row, known.state())
            && let Some(after) = apply(Some(row.row.clone()), write, None, self.now).filter(|after| !after.deleted)
        {
            asked.extend(edits::rewrite(state, &row.row, &after));
        }
        Ok(asked)
    }

    fn comment(&self, index: usize, write: CommentWrite, plan: &mut Plan) -> Result<(), String> {
        let (author, source) = reviewer(self.principal, write.source, write.audit_metadata.as_ref())?;
        let comment = said(author.clone(), source, write.created.unwrap_or(self.now), write.text, None)?;
        let known = self.known(&write.row_id);
        let edits = vec![edits::comment(known, &comment_id(&write.id), comment)];
        let request = self.request(&write.row_id, Some(author), source, edits);
        plan.reviews.push((index, ReviewRequest { metadata: write.audit_metadata.map(Value::Object), ..request }));
        Ok(())
    }
}

/// Comments of a review are named by UUIDs. Clients use them; another id becomes one by its hash, the same each time.
pub fn comment_id(id: &str) -> String {
    use sha2::{Digest as _, Sha256};
    let hashed = || {
        let hash: [u8; 32] = Sha256::digest(id.as_bytes()).into();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    };
    Uuid::try_parse(id).unwrap_or_else(|_| hashed()).to_string()
}
