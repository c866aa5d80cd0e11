//! Changes of reviews that do not come over the socket: feedback, rows of SDKs, bulk actions. They become edits by the
//! server's own replica, through the room of the document. There is no second way to change a review.

use concord_shared::ids::{DocumentId, ObjectRef, OrganizationId, ProjectId, Reviewer};
use concord_shared::review::edit::Edit;
use concord_shared::review::effective::append_to_expected;
use concord_shared::score::{Score, ScoreKind};
use serde_json::Value;

use super::hub::Hub;
use crate::domain::room::{RequestId, ServerWrite, WriteFailure};
use crate::domain::store::Source;

/// What somebody wants to say about one row.
#[derive(Debug, Clone)]
pub struct ReviewRequest {
    /// Whose data.
    pub organization: OrganizationId,
    /// The project of the object.
    pub project: ProjectId,
    /// The container of the row.
    pub object: ObjectRef,
    /// The row, which need not have arrived yet.
    pub row_id: String,
    /// Its review, where the caller knows it.
    pub document: Option<DocumentId>,
    /// For whom the server writes.
    pub on_behalf_of: Option<Reviewer>,
    /// By which way it came.
    pub source: Source,
    /// What the writer said about it, for the audit trail.
    pub metadata: Option<Value>,
    /// Client-made id; a repeat changes nothing (rule R8).
    pub feedback_id: Option<String>,
    /// `expected` of the row as logged: what a choice that writes to expected is added to.
    pub logged_expected: Value,
    /// What to write.
    pub edits: Vec<Edit>,
}

impl Hub {
    /// Writes to the review of a row, made when there is none. Returns once it is durable; `true` when it changed something.
    pub async fn edit_review(&self, request: ReviewRequest) -> Result<bool, WriteFailure> {
        let document = match request.document {
            Some(document) => document,
            None => {
                let ReviewRequest { organization, project, object, ref row_id, .. } = request;
                self.document(organization, project, object, row_id).await?
            }
        };
        let scores = self.scores(request.project).await?;
        let edits = self.with_appended(document, request.edits, &scores, &request.logged_expected).await?;
        let write = ServerWrite {
            request: RequestId(0),
            edits,
            on_behalf_of: request.on_behalf_of,
            source: request.source,
            metadata: request.metadata,
            feedback_id: request.feedback_id,
        };
        self.write(document, write).await
    }

    /// Adds to each choice that writes to expected the edit of `expected` that goes with it.
    async fn with_appended(
        &self,
        document: DocumentId,
        edits: Vec<Edit>,
        scores: &[Score],
        logged: &Value,
    ) -> Result<Vec<Edit>, WriteFailure> {
        let writes_expected = |edit: &Edit| match edit {
            Edit::SetScore { score, .. } => {
                scores.iter().find(|known| known.name == *score && matches!(known.kind, ScoreKind::Expected { .. }))
            }
            _ => None,
        };
        if edits.iter().all(|edit| writes_expected(edit).is_none()) {
            return Ok(edits);
        }
        let expected = self.read(document).await?.map(|reading| reading.state.expected).unwrap_or_default();
        let mut current = if expected.set { expected.value } else { logged.clone() };
        let mut out = Vec::with_capacity(edits.len() + 1);
        for edit in edits {
            let appended = match (&edit, writes_expected(&edit)) {
                (Edit::SetScore { judgement, .. }, Some(score)) => {
                    append_to_expected(&current, score, judgement, scores)
                }
                _ => None,
            };
            out.push(edit);
            if let Some(Edit::SetExpected { value }) = &appended {
                // What the next choice of the same request is added to.
                current = value.clone();
            }
            out.extend(appended);
        }
        Ok(out)
    }
}
